//! The stages of the chain, one module each, named as in the plan.
//!
//! A stage is a pure step from artifacts to the next artifact: it never stores, retries, reads a clock or
//! names a provider. What it may use is in its [`Context`].

pub mod contract;

pub use contract::{Context, DynStage, Outcome, OutputFile, Stage, StageError};
