//! The ports made real. [`local`] is one machine: SQLite and a directory; [`aws`] is Amazon's services, behind the
//! feature `aws`.
//!
//! Architecture invariant: an adapter knows its device and nothing else; it holds no rule of the product.

pub mod aws;
pub mod local;
mod speech;
mod voices;

pub use voices::voice;
