//! The function that wakes the others: `start` begins the week's runs, `sweep` puts right what stands wrong.
//!
//! A queue with a trigger is polled for ever, whether or not anything is in it, so triggers are off unless there is work.
//! Both verbs may be repeated at any time and broken off at any point:
//! - a run is named by channel, ISO week and slot, so that a second start of it does nothing;
//! - a `start` leaves a note first and takes it away last; a sweep that finds the note does it again;
//! - triggers follow what the stores say now, not what happened: a crash between any two steps is put right by the next
//!   sweep, in either direction.

mod channels;
#[cfg(feature = "rounds")]
mod current;
mod live;
mod mirror;
mod start;
mod sweep;
pub(crate) mod triggers;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::policy::Policy;
use proofreel_pipeline::{Driver, DriverError};
use proofreel_ports::{PortError, Stamps, Triggers};
use proofreel_publishing::PublishError;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::metrics::Metrics;
use crate::stage::{Place, silent_driver};
#[cfg(feature = "rounds")]
pub use current::{BucketPackages, CurrentPackages};
pub use live::SourceDesks;
use mirror::Mirror;

/// What the schedules send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum BatchEvent {
    /// Begin a run for every active channel.
    Start {
        /// When the schedule fired (`<aws.scheduler.scheduled-time>`), so that a late repetition means the same week.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Which of the week's runs: a channel with two a week has two schedules.
        #[serde(default = "first_slot")]
        slot: u32,
    },
    /// Send what was left, and let triggers follow the work.
    Sweep,
}

fn first_slot() -> u32 {
    1
}

/// One start of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub at: Timestamp,
    pub slot: u32,
}

impl Slot {
    /// `2026w48-1`.
    pub fn name(&self) -> String {
        let week = self.at.to_zoned(TimeZone::UTC).date().iso_week_date();
        format!("{}w{:02}-{}", week.year(), week.week(), self.slot)
    }
}

/// What was done, for the log and for who invoked it by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReport {
    /// Runs that were begun now.
    pub begun: Vec<String>,
    /// Runs that were there already.
    pub known: Vec<String>,
    /// Messages that a crash left in the outbox, and that are sent now.
    pub sent: usize,
    /// Runs that failed because their message was among the dead letters.
    pub buried: usize,
    /// Runs that nobody worked for long; their messages are sent again.
    pub revived: usize,
    /// Publications that were due, and that the function which publishes was called for.
    #[serde(default)]
    pub called: u32,
    /// Whether there is work, which is how the triggers stand now.
    pub awake: bool,
    /// Triggers that had to be turned.
    pub turned: u32,
}

/// Why the batch could not do all of it. What could be done is done; the invocation is repeated.
#[derive(Debug, Error)]
pub enum BatchError {
    /// Storage or a trigger failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The driver failed.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The rows of publishing failed.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The channel files could not be copied.
    #[error(transparent)]
    Mirror(#[from] mirror::MirrorError),
    /// Channels whose run could not be started.
    #[error("{} of the channels could not be started:\n{}", .0.len(), .0.join("\n"))]
    Channels(Vec<String>),
}

/// The batch over its stores.
pub struct Batch {
    driver: Driver,
    place: Place,
    triggers: Arc<dyn Triggers>,
    names: Vec<String>,
    /// The trigger of the function that publishes, where there is one.
    publish: Option<String>,
    /// The way to live sources, where there is one.
    desks: Option<Arc<dyn SourceDesks>>,
    mirror: Mirror,
    metrics: Metrics,
}

impl Batch {
    /// A batch that keeps the triggers of these `names`, with the channels and packages that `stamps` lists.
    pub fn new(
        place: Place,
        policy: Policy,
        stamps: Arc<dyn Stamps>,
        triggers: Arc<dyn Triggers>,
        names: Vec<String>,
    ) -> Self {
        let folder: PathBuf = place.scratch.join("bucket");
        Self {
            driver: silent_driver(&place, policy),
            mirror: Mirror::new(Arc::clone(&place.ports.blobs), stamps, folder),
            place,
            triggers,
            names,
            publish: None,
            desks: None,
            metrics: Metrics::default(),
        }
    }

    /// The same batch, which also calls the function that publishes and keeps its trigger.
    #[must_use]
    pub fn with_publishing(self, trigger: impl Into<String>) -> Self {
        Self { publish: Some(trigger.into()), ..self }
    }

    /// The same batch, which fetches what channels take from live sources.
    #[must_use]
    pub fn with_sources(self, desks: Arc<dyn SourceDesks>) -> Self {
        Self { desks: Some(desks), ..self }
    }

    /// What was counted so far.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Does what the event says. After a `start`, the triggers follow at once.
    pub async fn handle(&self, event: &BatchEvent) -> Result<BatchReport, BatchError> {
        match event {
            BatchEvent::Start { at, slot } => {
                let slot = Slot { at: at.unwrap_or_else(|| self.place.ports.clock.now()), slot: *slot };
                self.start_and_wake(&slot).await
            }
            BatchEvent::Sweep => self.sweep().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_schedules_send_them() {
        let read = |text: &str| serde_json::from_str::<BatchEvent>(text);
        assert_eq!(read(r#"{"do":"sweep"}"#).unwrap(), BatchEvent::Sweep);
        assert_eq!(read(r#"{"do":"start"}"#).unwrap(), BatchEvent::Start { at: None, slot: 1 });
        let full = read(r#"{"do":"start","at":"2026-11-24T06:00:00Z","slot":2}"#).unwrap();
        assert!(matches!(full, BatchEvent::Start { at: Some(_), slot: 2 }));
        let error = read(r#"{"do":"stop"}"#).unwrap_err().to_string();
        assert!(error.contains("start") && error.contains("sweep"), "{error}");
    }

    #[test]
    fn a_slot_is_named_by_its_iso_week() {
        let name = |at: &str| Slot { at: at.parse().unwrap(), slot: 1 }.name();
        assert_eq!(name("2026-11-24T22:00:00Z"), "2026w48-1");
        // Days at the turn of the year belong to the week, not to the year of their date.
        assert_eq!(name("2027-01-03T12:00:00Z"), "2026w53-1");
        assert_eq!(name("2024-12-30T00:00:00Z"), "2025w01-1");
    }
}
