//! Calls the function that publishes: a message a publication that is due.
//!
//! Publishing has no stage's queue, because its work is not a visit: it may wait for days, and its row alone says what is to be
//! done. A message only says "look at this run". Two of them do no harm, and none is made up for by the next sweep.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proofreel_model::ids::RunId;
use proofreel_ports::{PortError, Queue};
use proofreel_publishing::{Ledger, Open, PublishError};
use serde::{Deserialize, Serialize};

/// The queue of the function that publishes.
pub const PUBLISH_QUEUE: &str = "proofreel-publish";
/// After a call nobody is called again for so long; twice as long after each further one.
const PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// Calls after which the pause grows no more.
const MOST_DOUBLINGS: u32 = 4;

/// "Look at this run."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summons {
    /// The run whose film is to be offered or published.
    pub publish: RunId,
}

impl Summons {
    /// Sends it, to be seen after so many milliseconds.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    pub async fn send(run: &RunId, messages: &dyn Queue, delay_ms: u64) -> Result<(), PortError> {
        let body = serde_json::json!({ "publish": run }).to_string();
        messages.send(PUBLISH_QUEUE, &body, delay_ms).await
    }
}

/// When somebody may be called again after so many calls.
pub(crate) fn pause_until(now: Timestamp, calls: u32) -> Timestamp {
    now + PAUSE * (1_i32 << calls.min(MOST_DOUBLINGS))
}

/// Calls for what is due.
pub struct Bell {
    ledger: Ledger,
    messages: Arc<dyn Queue>,
}

impl Bell {
    /// A bell over these rows, heard at this queue.
    pub fn new(ledger: Ledger, messages: Arc<dyn Queue>) -> Self {
        Self { ledger, messages }
    }

    /// Sends a message for every publication that is due, and gives their number.
    ///
    /// # Errors
    /// When rows or queue cannot be reached; what was not called for is due still.
    pub async fn ring(&self) -> Result<u32, PublishError> {
        let (now, mut calls) = (self.ledger.now(), 0);
        for open in self.ledger.open().await?.iter().filter(|open| open.is_due(now)) {
            self.call(open, now).await?;
            calls += 1;
        }
        Ok(calls)
    }

    async fn call(&self, open: &Open, now: Timestamp) -> Result<(), PublishError> {
        Summons::send(&open.run, self.messages.as_ref(), 0).await?;
        tracing::info!(run = %open.run, "its film is to be published");
        self.ledger.rest(open, pause_until(now, open.calls), open.calls + 1).await
    }
}
