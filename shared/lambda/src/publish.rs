//! The function that publishes: a message names a run, and its row says what is to be done.
//!
//! ```text
//!  message ─► the run's film ─► offered, if it is new ─► approved? ─no─► done: a person decides
//!                                                           │yes
//!                                                           ▼
//!                                                      Publisher::publish
//!                   rests ◄────────────────────────────────┤ waits: a delayed message, or the next sweep after its time
//!                                                           └ cannot now: back to the queue; cannot at all: the row says why
//! ```
//! Architecture invariant: whatever happens to a message, the index of publications under way keeps what is not done.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsMessage;
use futures::FutureExt;
use jiff::Timestamp;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::Policy;
use proofreel_operations::{Office, OperationError, governance, settings};
use proofreel_pipeline::{DriverError, ParkedLetter, spread_ms};
use proofreel_ports::{Queue, VideoHost};
use proofreel_publishing::{Open, Outcome, PublishError, PublishState, Publisher, Step, shown_state};
use tracing::Instrument;

use crate::bell::{PUBLISH_QUEUE, Summons, pause_until};
use crate::deadline::Deadline;
use crate::messages::TakesMessages;
use crate::metrics::{Metric, Metrics};

/// The host that asks for the channel owner's consent.
const YOUTUBE: &str = "youtube";
/// Who offers a film that a schedule ordered.
const EDITOR: &str = "schedule";

/// Where a channel's films go.
#[async_trait]
pub trait Hosts: Send + Sync {
    /// The host of a channel.
    ///
    /// # Errors
    /// When there is no way to it now.
    async fn host(&self, channel: &ChannelId) -> Result<Arc<dyn VideoHost>, PublishError>;
}

/// What became of a run that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// Nothing more to do here.
    Settled,
    /// To be looked at again then.
    Later(Timestamp),
    /// No such film.
    Nothing(String),
}

/// Publishing behind its queue.
pub struct Publishing {
    office: Office,
    messages: Arc<dyn Queue>,
    hosts: Arc<dyn Hosts>,
    policy: Policy,
    metrics: Metrics,
}

impl TakesMessages for Publishing {
    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    async fn take(&self, record: &SqsMessage, _place: usize, deadline: Deadline) -> bool {
        let id = record.message_id.as_deref();
        let span = tracing::info_span!("message", message_id = id, run = tracing::field::Empty, stage = "publish");
        let Some(after_ms) = self.record(record, deadline).instrument(span).await else { return true };
        self.give_back(record, after_ms).await;
        false
    }
}

impl Publishing {
    /// Publishing of an installation's films at these hosts.
    pub fn new(office: Office, messages: Arc<dyn Queue>, hosts: Arc<dyn Hosts>, policy: Policy) -> Self {
        Self { office, messages, hosts, policy, metrics: Metrics::default() }
    }

    /// Milliseconds after which the record is wanted again; none when it is done with.
    async fn record(&self, record: &SqsMessage, deadline: Deadline) -> Option<u64> {
        let body = record.body.as_deref().unwrap_or_default();
        let summons = match serde_json::from_str::<Summons>(body) {
            Ok(summons) => summons,
            Err(error) => return self.park(record, format!("it asks for no run: {error}")).await,
        };
        tracing::Span::current().record("run", summons.publish.as_str());
        let left = deadline.left(self.office.clock.now());
        let stop = Duration::from_millis(self.policy.pipeline.stop_ms);
        let work = AssertUnwindSafe(self.look(&summons)).catch_unwind();
        match tokio::time::timeout(left.saturating_sub(stop), work).await {
            Ok(Ok(Ok(Seen::Settled))) => None,
            Ok(Ok(Ok(Seen::Later(until)))) => self.later(&summons, until, record).await,
            Ok(Ok(Ok(Seen::Nothing(why)))) => self.park(record, why).await,
            Ok(Ok(Err(error))) => {
                self.metrics.add(Metric::Failed, 1);
                tracing::error!(%error, "not published now; the message comes back");
                Some(self.backoff(record))
            }
            // What was sent is not lost: the session says how far it is.
            Ok(Err(_)) | Err(_) => {
                self.metrics.add(Metric::Failed, 1);
                tracing::error!("the attempt panicked or ran out of time; the next one asks the host how far it is");
                Some(self.backoff(record))
            }
        }
    }

    async fn look(&self, summons: &Summons) -> Result<Seen, OperationError> {
        let run = &summons.publish;
        let candidate = match self.office.deciding(run).await {
            Ok(candidate) => candidate,
            Err(error @ (OperationError::NotYet { .. } | OperationError::Driver(DriverError::NoSuchRun { .. }))) => {
                return Ok(Seen::Nothing(error.to_string()));
            }
            Err(error) => return Err(error),
        };
        let channel = &candidate.channel.id;
        let word = governance::word(&self.office, &candidate.channel).await?;
        let row = match self.office.desk().offer(&candidate, EDITOR, &word).await {
            Ok(row) => row,
            Err(error) => return self.refused(channel, run, error),
        };
        let unfinished = row.state == PublishState::Failed && !matches!(row.step, Step::NeedsPerson { .. });
        if !row.is_open() && !unfinished {
            if row.state == PublishState::Published {
                // Whoever published it may have died before it was told to the figures' side; told again it says the same.
                governance::note_video(&self.office, &candidate, &row).await?;
            }
            tracing::info!(state = shown_state(row.state), "nothing to publish");
            return Ok(Seen::Settled);
        }
        let host = self.hosts.host(channel).await?;
        if host.name() == YOUTUBE {
            settings::token_used(&self.office, channel.as_str(), "publisher", run.as_str()).await?;
        }
        let publisher = Publisher::new(self.office.ledger(), host, Arc::clone(&self.office.blobs));
        match publisher.publish(&candidate, &word).await {
            Ok(Outcome::Rests(row)) => {
                governance::note_video(&self.office, &candidate, &row).await?;
                tracing::info!(state = shown_state(row.state), address = row.address, problem = row.problem, "at rest");
                match row.state {
                    PublishState::Published => self.metrics.add(Metric::Published, 1),
                    // Hidden, as somebody asked: no failure.
                    PublishState::Retracted => {}
                    _ => self.metrics.add(Metric::Failed, 1),
                }
                Ok(Seen::Settled)
            }
            Ok(Outcome::Waits { until, why }) => {
                let until = summons.not_before(until, self.office.clock.now());
                tracing::info!(%until, why, "the film waits");
                self.rest(channel, run, until, 0).await?;
                Ok(Seen::Later(until))
            }
            Err(error @ (PublishError::HeldBack { .. } | PublishError::SwitchedOff { .. })) => {
                tracing::warn!(%error, "the film is held back; it is looked at again");
                let until = pause_until(self.office.clock.now(), 0);
                self.rest(channel, run, until, 1).await?;
                Ok(Seen::Settled)
            }
            Err(error) => self.refused(channel, run, error),
        }
    }

    /// What may pass comes back; what a person must mend is told, and its row says so where there is one.
    fn refused(&self, channel: &ChannelId, run: &RunId, error: PublishError) -> Result<Seen, OperationError> {
        if error.is_retryable() {
            return Err(error.into());
        }
        self.metrics.add(Metric::Failed, 1);
        tracing::error!(%channel, %run, %error, "the film cannot be published as it is");
        Ok(Seen::Settled)
    }

    async fn rest(&self, channel: &ChannelId, run: &RunId, until: Timestamp, calls: u32) -> Result<(), PublishError> {
        let open = Open { channel: channel.clone(), run: run.clone(), not_before: None, calls };
        self.office.ledger().rest(&open, until, calls).await
    }

    /// A short wait is the queue's; a long one, or one of many in a row, the sweep ends.
    async fn later(&self, summons: &Summons, until: Timestamp, record: &SqsMessage) -> Option<u64> {
        let (next, wait_ms) = summons.next(until, self.office.clock.now())?;
        match next.post(self.messages.as_ref(), wait_ms).await {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(%error, "no delayed message; this one comes back");
                Some(self.backoff(record))
            }
        }
    }

    fn backoff(&self, record: &SqsMessage) -> u64 {
        let received = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        let spread = record.message_id.as_deref().unwrap_or_default();
        spread_ms(self.policy.pipeline.backoff_base_ms, received.unwrap_or(1), spread)
    }

    /// Puts the record with the dead letters. When that fails it comes back.
    async fn park(&self, record: &SqsMessage, why: String) -> Option<u64> {
        let (id, body) = (record.message_id.as_deref().unwrap_or_default(), record.body.as_deref().unwrap_or_default());
        let letter = ParkedLetter::new(why, PUBLISH_QUEUE, id, body);
        match letter.post(self.messages.as_ref()).await {
            Ok(()) => {
                self.metrics.add(Metric::Parked, 1);
                tracing::error!(why = letter.parked, "message parked with the dead letters");
                None
            }
            Err(error) => {
                tracing::error!(%error, why = letter.parked, "message could not be parked; it comes back");
                Some(self.backoff(record))
            }
        }
    }

    async fn give_back(&self, record: &SqsMessage, after_ms: u64) {
        self.metrics.add(Metric::Returned, 1);
        let Some(receipt) = record.receipt_handle.as_deref() else { return };
        if let Err(error) = self.messages.postpone(PUBLISH_QUEUE, receipt, after_ms).await {
            tracing::warn!(%error, "visibility not changed; the message comes back when it ends");
        }
    }
}
