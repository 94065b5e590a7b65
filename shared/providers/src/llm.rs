//! Language models behind OpenAI-compatible addresses.
//!
//! [`Model`] asks one provider: it looks which models there are, takes the one the operator likes best, asks for JSON in the
//! ways the provider knows and reads what comes, however it is wrapped. [`Providers`] goes from provider to provider within the
//! episode's budget. [`Narrator`] is the outside writer made of it, [`PageReader`] marks sentences of a page.
//!
//! Architecture invariant: a model has no tools, is told no secret, and what it answers is data.

mod answer;
mod budget;
mod choice;
mod client;
mod narrator;
mod providers;
mod reader;
pub mod repair;

pub use answer::{Told, told_of};
pub use budget::Budget;
pub use choice::ranked;
pub use client::{Asking, Model, ModelError, Reply};
pub use narrator::Narrator;
pub use providers::Providers;
pub use reader::{Label, PageReader, Quote};

#[cfg(test)]
mod fake;
