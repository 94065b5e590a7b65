//! All ports over one in-memory world.

mod faults;
mod ports;
mod world;

pub use faults::{Fault, Moment};
pub use ports::Memory;
pub use world::{Message, World};
