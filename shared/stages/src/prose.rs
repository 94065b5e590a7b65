//! The embedded writer: composes prose from facts without a language model.
//!
//! A [`plan::Plan`] is a sentence with braces (see [`template`]); [`bound::Bound`] fills the braces with facts and
//! names; [`composer::Composer`] chooses among the plans that fit, by seed, so that nothing begins the same way
//! again while another beginning is left. No number and no name can enter a sentence but as a citation.

pub mod bound;
pub mod check;
pub mod composer;
pub mod even;
pub mod grammar;
pub mod holes;
pub mod names;
pub mod plan;
// The method path is not general enough in the lifetime of `Bound` for a table's function pointer.
#[allow(clippy::redundant_closure_for_method_calls)]
pub mod plans;
pub mod story;
pub mod template;

#[cfg(test)]
pub(crate) mod tests;

pub use bound::{Bound, Evidence};
pub use composer::{Composed, Composer, Wish};
pub use plan::{Plan, Slot};
pub use story::Story;
