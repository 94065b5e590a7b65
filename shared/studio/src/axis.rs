//! Axes: human steps, and where a value or a date lies.

mod calendar;
mod value;

pub use calendar::{DateAxis, DateTick};
pub use value::{ValueAxis, ValueTick, unit_note};

#[cfg(test)]
mod properties;
