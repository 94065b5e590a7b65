//! What the busiest minutes ask of the table's capacity. No allowance tells it: free is what is provisioned, whatever is used of it.

use serde::Serialize;

use super::Basis;
use super::month::Fit;

/// Units a second, as a mean over the busiest `allowances.burst.seconds`, beside what the table has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Demand {
    /// Read units a second.
    pub read: f64,
    /// Write units a second.
    pub write: f64,
    /// Read units that the table has.
    pub read_units: f64,
    /// Write units that the table has.
    pub write_units: f64,
}

impl Demand {
    /// The larger share of what the table has: beyond 1 it refuses some, and the clients ask again.
    pub fn share(&self) -> f64 {
        (self.read / self.read_units).max(self.write / self.write_units)
    }
}

impl Basis<'_> {
    /// The demand of the minutes in which a batch begins, somebody decides about a film, and whatever the clock calls is called. A
    /// stage takes no more calls than its trigger lets through; what the clock calls goes through all channels, and was measured with one.
    pub(super) fn demand(&self, channels: f64, fits: &[Fit]) -> Option<Demand> {
        let (window, template) = (self.law.burst.seconds, self.template);
        let (mut read, mut write) = (0.0, 0.0);
        for function in &template.functions {
            let measured = self.measured.function.iter().find(|measured| measured.name == function.name)?;
            let seconds = fits.iter().find(|fit| fit.name == function.name)?.seconds;
            let calls = match function.trigger {
                Some(trigger) => (measured.calls * channels).min(trigger.concurrency * (window / seconds).ceil()),
                None if function.has_address => self.law.assumed.console_calls,
                None => channels,
            };
            read += calls * measured.read_units?;
            write += calls * measured.write_units?;
        }
        let (read_units, write_units) = (template.read_units, template.write_units);
        Some(Demand { read: read / window, write: write / window, read_units, write_units })
    }
}
