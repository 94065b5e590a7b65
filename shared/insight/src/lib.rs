//! How a channel does: KPIs, baselines, service levels, costs, phases and reports, as pure functions over records.
//!
//! Architecture invariant: nothing here reads a store, a clock or a file; every draw has a seed from the policy. What must be
//! true stands in `specs/REPORTING.md`.

pub mod alarm;
pub mod baseline;
pub mod budget;
pub mod cost;
pub mod experiment;
pub mod figures;
pub mod forecast;
pub mod notice;
pub mod phase;
pub mod report;
pub mod simulate;
pub mod sli;
pub mod slots;
pub mod sparkline;
pub mod stats;
pub mod studio;
pub mod totals;
pub mod trigger;
pub mod watchdog;
