//! Clients of outside services, each built to its published contract; they ask the [`proofreel_ports::Outside`] port and never the network.
#![cfg_attr(test, allow(clippy::unwrap_used))] // a test may

pub mod demand;
pub mod llm;
pub mod outlook;
pub mod pictures;
pub mod prompt;
pub mod source;
pub mod speech;
pub mod text;
pub mod youtube;
pub mod youtube_analytics;
