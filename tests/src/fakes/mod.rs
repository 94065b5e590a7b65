//! All ports over one in-memory world.

mod faults;
mod memory;
mod ports;
mod triggers;
mod world;

pub use faults::{Bug, Dice, Fault, Moment};
pub use memory::Memory;
pub use triggers::FakeTriggers;
pub use world::{Message, World};
