//! The ports made real. [`local`] is one machine: SQLite and a directory.
//!
//! Architecture invariant: an adapter knows its device and nothing else; it holds no rule of the product.

pub mod local;
