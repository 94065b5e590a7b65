//! A YouTube that follows its contract and fails wherever it may.
//!
//! [`contract`] judges requests by Google's discovery document, [`server`] is what stands behind them, [`mod@line`] the way there
//! with its faults, [`stage`] a channel that publishes in it and is killed at any await, [`doubles`] the planted bugs that the
//! drill must catch.

pub mod contract;
pub mod doubles;
#[path = "../../../shared/publishing/tests/support/finished.rs"]
mod finished;
pub mod line;
pub mod server;
pub mod stage;
