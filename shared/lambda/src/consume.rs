//! From a batch of messages to the answer that Lambda acts on.
//!
//! A record that is not named in the answer is deleted by Lambda, so the rule is: a record is left out only when it was
//! recorded, was of no use any more, or lies with the dead letters. Everything else is named and comes back.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use futures::FutureExt;
use proofreel_model::envelope::Envelope;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, DriverError, Handled, ParkedLetter, delay_ms, run_head};
use tracing::Instrument;

use crate::bell::Summons;
use crate::deadline::Deadline;
use crate::messages::TakesMessages;
use crate::metrics::{Metric, Metrics};
use crate::stage::{Drivers, Place, StageFunction};

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Lambda deletes it.
    Done,
    /// It comes back, after this many milliseconds when that is known, else when its visibility ends.
    Again(Option<u64>),
}

/// A stage behind its queue.
pub struct Consumer {
    drivers: Drivers,
    place: Place,
    policy: Policy,
    stage: StageName,
    /// The function that publishes is called when a run is done.
    offers: bool,
    queue: String,
    metrics: Metrics,
    longest_ms: AtomicU64,
}

impl TakesMessages for Consumer {
    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    async fn take(&self, record: &SqsMessage, place: usize, deadline: Deadline) -> bool {
        let span = tracing::info_span!(
            "message",
            message_id = record.message_id,
            run = tracing::field::Empty,
            stage = %self.stage,
            visit = tracing::field::Empty,
            attempt = tracing::field::Empty,
        );
        let work = async {
            let end = if self.has_time(deadline, place) {
                self.record(record, deadline).await
            } else {
                tracing::warn!("too little time left; the message goes back untouched");
                End::Again(Some(0))
            };
            if let End::Again(after_ms) = end {
                self.give_back(record, after_ms).await;
            }
            end == End::Done
        };
        work.instrument(span).await
    }
}

impl Consumer {
    /// The consumer of the stage's queue.
    pub fn new(function: StageFunction, place: Place, policy: Policy) -> Self {
        let stage = function.name();
        Self {
            queue: Chain::default().queue(stage, &"".into()),
            stage,
            offers: function.offers(),
            drivers: Drivers::new(function, place.clone(), policy.clone()),
            place,
            policy,
            metrics: Metrics::default(),
            longest_ms: AtomicU64::new(0),
        }
    }

    /// Whether to start another record: the first wants only the least, the others as long as any took so far.
    fn has_time(&self, deadline: Deadline, place: usize) -> bool {
        let longest =
            if place == 0 { 0 } else { self.longest_ms.load(Ordering::Relaxed) + self.policy.pipeline.stop_ms };
        deadline.left(self.place.ports.clock.now()) >= Duration::from_millis(longest.max(self.policy.pipeline.start_ms))
    }

    async fn record(&self, record: &SqsMessage, deadline: Deadline) -> End {
        let body = record.body.as_deref().unwrap_or_default();
        let message = match serde_json::from_str::<Envelope>(body) {
            Ok(message) => message,
            Err(error) => return self.park(record, format!("it is no message of the chain: {error}")).await,
        };
        let span = tracing::Span::current();
        span.record("run", message.run.as_str());
        span.record("visit", message.visit);
        if message.stage != self.stage {
            let why = format!("it asks for {}, this queue is for {}", message.stage, self.stage);
            return self.park(record, why).await;
        }
        let began = self.place.ports.clock.now();
        let stop = Duration::from_millis(self.policy.pipeline.stop_ms);
        let left = deadline.left(began);
        // A panic of the stage is an attempt that the driver records. This catches one of the driver itself, so that the
        // other records of the batch are answered for.
        let work = AssertUnwindSafe(self.work(&message, body, left)).catch_unwind();
        let end = match tokio::time::timeout(left.saturating_sub(stop), work).await {
            Ok(Ok(handled)) => self.settle(record, &message, handled).await,
            Ok(Err(_)) => {
                self.metrics.add(Metric::Failed, 1);
                End::Again(Some(self.backoff(record, &message)))
            }
            Err(_) => {
                self.metrics.add(Metric::Failed, 1);
                tracing::error!(
                    "the attempt ran out of time and was broken off; give the function more time or memory"
                );
                End::Again(Some(self.policy.pipeline.stop_ms))
            }
        };
        let took = self.place.ports.clock.now().as_millisecond() - began.as_millisecond();
        self.longest_ms.fetch_max(u64::try_from(took).unwrap_or(0), Ordering::Relaxed);
        end
    }

    async fn work(&self, message: &Envelope, body: &str, left: Duration) -> Result<Handled, DriverError> {
        let driver = self.drivers.of(message, left).await?;
        driver.handle(body).await
    }

    async fn settle(&self, record: &SqsMessage, message: &Envelope, handled: Result<Handled, DriverError>) -> End {
        match handled {
            Ok(Handled::Recorded { row, state }) => {
                self.metrics.add(Metric::Recorded, 1);
                if row.status == RunStatus::Failure {
                    self.metrics.add(Metric::Failed, 1);
                }
                if matches!(state, RunState::Rejected { .. }) {
                    self.metrics.add(Metric::Rejected, 1);
                }
                self.offer(record, message, state == RunState::Done).await
            }
            Ok(Handled::Stale) => {
                tracing::info!("the visit is decided already; the message is of no use any more");
                // The process may have died between the record and the call.
                let done = self.offers && self.is_done(message).await;
                self.offer(record, message, done).await
            }
            Ok(Handled::Retry { after_ms, .. }) => {
                self.metrics.add(Metric::Failed, 1);
                End::Again(Some(after_ms))
            }
            Ok(Handled::Busy { after_ms }) => {
                tracing::info!(after_ms, "another worker is at this visit");
                End::Again(Some(after_ms))
            }
            Err(error @ DriverError::NoStage { .. }) => self.park(record, error.to_string()).await,
            Err(error) => {
                tracing::error!(%error, "storage failed; the message comes back");
                End::Again(Some(self.backoff(record, message)))
            }
        }
    }

    /// Has a finished film offered and, where that is allowed without a person, published.
    async fn offer(&self, record: &SqsMessage, message: &Envelope, done: bool) -> End {
        if !(self.offers && done) {
            return End::Done;
        }
        match Summons::send(&message.run, self.place.ports.queue.as_ref(), 0).await {
            Ok(()) => End::Done,
            Err(error) => {
                tracing::error!(%error, "the film is not offered yet; the message comes back for that");
                End::Again(Some(self.backoff(record, message)))
            }
        }
    }

    async fn is_done(&self, message: &Envelope) -> bool {
        let head = run_head(self.place.ports.records.as_ref(), &message.run).await;
        head.is_ok_and(|head| head.state == RunState::Done)
    }

    /// How long to wait after a fault that no attempt recorded: longer with each delivery.
    fn backoff(&self, record: &SqsMessage, message: &Envelope) -> u64 {
        let received = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        delay_ms(self.policy.pipeline.backoff_base_ms, received.unwrap_or(1), 0, message)
    }

    /// Puts the record with the dead letters. When that fails it comes back.
    async fn park(&self, record: &SqsMessage, why: String) -> End {
        let body = record.body.as_deref().unwrap_or_default();
        let letter = ParkedLetter::new(why, &self.queue, record.message_id.as_deref().unwrap_or_default(), body);
        match letter.post(self.place.ports.queue.as_ref()).await {
            Ok(()) => {
                self.metrics.add(Metric::Parked, 1);
                tracing::error!(why = letter.parked, "message parked with the dead letters");
                End::Done
            }
            Err(error) => {
                tracing::error!(%error, why = letter.parked, "message could not be parked; it comes back");
                End::Again(None)
            }
        }
    }

    /// Sets when the record is seen again. Without that it is seen when its visibility ends: later, not lost.
    async fn give_back(&self, record: &SqsMessage, after_ms: Option<u64>) {
        self.metrics.add(Metric::Returned, 1);
        let (Some(after_ms), Some(receipt)) = (after_ms, record.receipt_handle.as_deref()) else { return };
        if let Err(error) = self.place.ports.queue.postpone(&self.queue, receipt, after_ms).await {
            tracing::warn!(%error, "visibility not changed; the message comes back when it ends");
        }
    }
}
