//! Keys of the one table and prefixes of blobs. Nothing else in the project spells them (the weekly
//! batch has a partition of its own, `batch`).

use std::fmt;

use jiff::Timestamp;
use proofreel_model::envelope::{Envelope, Share};
use proofreel_model::ids::RunId;
use proofreel_model::stage::StageName;

/// Partition that lists all runs.
pub(crate) const RUNS: &str = "runs";
/// Partition of messages that are decided but perhaps not sent.
pub(crate) const OUTBOX: &str = "outbox";
/// Partition of runs that wait for a stage or are at one.
pub(crate) const ACTIVE: &str = "active";
/// Partition of what a person should know of.
pub(crate) const INCIDENTS: &str = "incidents";
/// Sort key of a run's head.
pub(crate) const HEAD: &str = "head";
/// Sort-key prefix of a run's log.
pub(crate) const LOG: &str = "log#";

/// Blob prefix of orders.
pub(crate) const ORDERS: &str = "order";
/// Blob prefix of artifacts.
pub(crate) const ARTIFACTS: &str = "artifact";
/// Blob prefix of output files.
pub(crate) const FILES: &str = "file";
/// Blob prefix of data-package files.
pub(crate) const DATA: &str = "data";
/// Blob prefix of kept stock pictures.
pub(crate) const PICTURES: &str = "pictures";

/// Partition of a run.
pub(crate) fn run(run: &RunId) -> String {
    format!("run#{run}")
}

/// What a worker claims: a visit, or one part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub stage: StageName,
    pub visit: u32,
    pub part: Option<u32>,
}

impl Slot {
    /// What a message is about.
    pub fn of(message: &Envelope) -> Self {
        Self { stage: message.stage, visit: message.visit, part: message.share.part() }
    }
}

impl fmt::Display for Slot {
    /// `render#001`, or `render#001#p03`. Zero-padded, so that rows of a stage come in order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{:03}", self.stage, self.visit)?;
        self.part.map_or(Ok(()), |part| write!(f, "#p{part:02}"))
    }
}

/// Sort key of one attempt's row.
pub(crate) fn log(slot: Slot, attempt: u32) -> String {
    format!("{LOG}{slot}#{attempt:03}")
}

/// Sort key of a claim.
pub(crate) fn claim(slot: Slot) -> String {
    format!("claim#{slot}")
}

/// Sort key of a completion.
pub(crate) fn done(slot: Slot) -> String {
    format!("done#{slot}")
}

/// Sort key of the row that counts the open parts of a divided visit.
pub(crate) fn gathering(slot: Slot) -> String {
    format!("gather#{}", Slot { part: None, ..slot })
}

/// Sort key of a message in the outbox. The message that gathers has a key of its own: whoever is late in removing the
/// visit's first message must not remove this one.
pub(crate) fn outbox(message: &Envelope) -> String {
    let gather = if message.share == Share::Gather { "#gather" } else { "" };
    format!("{}{}{gather}", outbox_of(&message.run), Slot::of(message))
}

/// Prefix of a run's messages in the outbox.
pub(crate) fn outbox_of(run: &RunId) -> String {
    format!("{run}#")
}

/// Sort key of a run in the list: nine decimals always, so that text order is time order.
pub(crate) fn listed(created_at: Timestamp, run: &RunId) -> String {
    format!("{created_at:.9}#{run}")
}

/// Sort key of an incident, in time order as [`listed`].
pub(crate) fn incident(at: Timestamp, run: &RunId, stage: StageName) -> String {
    format!("{}#{stage}", listed(at, run))
}

/// Sort key of the incident that a dropped letter leaves.
pub(crate) fn dropped(at: Timestamp, letter: &str) -> String {
    format!("{at:.9}#letter#{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_time_order_whatever_the_fraction() {
        let run = RunId::from("r");
        let times =
            ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.51Z", "2026-01-01T00:00:01Z"];
        let keys: Vec<_> = times.iter().map(|time| listed(time.parse().unwrap(), &run)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }
}
