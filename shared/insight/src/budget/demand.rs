//! What the busiest minutes ask of the table's capacity. No allowance tells it: free is what is provisioned, whatever is used of it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Basis;
use super::month::Fit;
use super::schedule::DAY;

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
    /// Read units a second that it gives for so long when it rested before. Amazon does not promise them.
    pub read_rested: f64,
    /// The same for writing.
    pub write_rested: f64,
}

impl Demand {
    /// The larger share of what the table has: up to 1 it carries all, whatever came before.
    pub fn share(&self) -> f64 {
        (self.read / self.read_units).max(self.write / self.write_units)
    }

    /// The larger share of what a table gives that rested: beyond 1 it refuses some, and the clients ask again.
    pub fn share_rested(&self) -> f64 {
        (self.read / self.read_rested).max(self.write / self.write_rested)
    }
}

impl Basis<'_> {
    /// The demand of the busiest of the moments at which the clock calls somebody. At each of them somebody also decides about a film.
    pub(super) fn demand(&self, channels: f64, fits: &[Fit]) -> Option<Demand> {
        let (template, burst) = (self.template, self.law.burst);
        let mut moments: BTreeSet<u32> = template.functions.iter().flat_map(|function| function.at.clone()).collect();
        if moments.is_empty() {
            moments.insert(0);
        }
        let busy = self.batch_minutes(channels, fits);
        let (mut read, mut write) = (0.0_f64, 0.0_f64);
        for minute in moments {
            let units = self.asked(minute, channels, busy, fits)?;
            read = read.max(units[0] / burst.seconds);
            write = write.max(units[1] / burst.seconds);
        }
        let rested = 1.0 + burst.kept / burst.seconds;
        Some(Demand {
            read,
            write,
            read_units: template.read_units,
            write_units: template.write_units,
            read_rested: template.read_units * rested,
            write_rested: template.write_units * rested,
        })
    }

    /// Units to read and to write that are asked from a minute of the day on. A batch that is not done has all its channels in the stages,
    /// at other hours one film may be there that somebody sent back. A stage takes no more calls than its trigger lets through; what the clock
    /// calls goes through all channels, and was measured with one.
    fn asked(&self, minute: u32, channels: f64, busy: f64, fits: &[Fit]) -> Option<[f64; 2]> {
        let (window, template) = (self.law.burst.seconds, self.template);
        let under_way = template.starts_at.iter().any(|start| f64::from((minute + DAY - start) % DAY) <= busy);
        let runs = if under_way { channels } else { channels.min(1.0) };
        let mut units = [0.0; 2];
        for function in &template.functions {
            let measured = self.measured.function.iter().find(|measured| measured.name == function.name)?;
            let seconds = fits.iter().find(|fit| fit.name == function.name)?.seconds;
            let called = function.any_time || function.at.iter().any(|other| 60.0 * apart(*other, minute) < window);
            let calls = match function.trigger {
                Some(trigger) => (measured.calls * runs).min(trigger.concurrency * (window / seconds).ceil()),
                None if function.has_address => self.law.assumed.console_calls,
                None if called => channels,
                None => 0.0,
            };
            units[0] += calls * measured.read_units?;
            units[1] += calls * measured.write_units?;
        }
        Some(units)
    }
}

/// Minutes between two minutes of the day, the shorter way round.
fn apart(one: u32, other: u32) -> f64 {
    let between = one.abs_diff(other) % DAY;
    f64::from(between.min(DAY - between))
}
