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
/// The publisher's messages to itself in a row. Lambda follows such chains, ends one at about sixteen and drops its message with the
/// dead letters (decision 0073); after these the sweep calls, which begins a new chain.
const MOST_TURNS: u32 = 10;
/// The least that its second wait takes, milliseconds; twice as long with each further one.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest that a queue keeps a message back, milliseconds; what waits longer is for the sweep.
const LONGEST_DELAY_MS: i64 = 900_000;

/// "Look at this run."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summons {
    /// The run whose film is to be offered or published.
    pub publish: RunId,
    /// How often in a row the publisher has sent it to itself; not written when it has not.
    #[serde(default, skip_serializing_if = "is_first")]
    pub turn: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it
fn is_first(turn: &u32) -> bool {
    *turn == 0
}

impl Summons {
    /// The first message about a run.
    pub fn to(run: &RunId) -> Self {
        Self { publish: run.clone(), turn: 0 }
    }

    /// Sends the first message about a run, to be seen after so many milliseconds.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    pub async fn send(run: &RunId, messages: &dyn Queue, delay_ms: u64) -> Result<(), PortError> {
        Self::to(run).post(messages, delay_ms).await
    }

    /// Sends this one.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    pub async fn post(&self, messages: &dyn Queue, delay_ms: u64) -> Result<(), PortError> {
        let body = serde_json::json!(self).to_string();
        messages.send(PUBLISH_QUEUE, &body, delay_ms).await
    }

    /// When to look again at what waits until then: later with each turn, so that a host that takes hours is asked some ten times.
    pub(crate) fn not_before(&self, until: Timestamp, now: Timestamp) -> Timestamp {
        let wait_ms = (FIRST_WAIT_MS << self.turn.min(MOST_TURNS)) / 2;
        until.max(now + SignedDuration::from_millis(wait_ms.min(LONGEST_DELAY_MS)))
    }

    /// The next message and its delay in milliseconds; none when the wait is too long for a queue, or this chain has had its turns.
    pub(crate) fn next(&self, until: Timestamp, now: Timestamp) -> Option<(Self, u64)> {
        let wait_ms = (until.as_millisecond() - now.as_millisecond()).max(1_000);
        let next = Self { publish: self.publish.clone(), turn: self.turn + 1 };
        (wait_ms <= LONGEST_DELAY_MS && next.turn <= MOST_TURNS).then_some((next, wait_ms.unsigned_abs()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_the_publishers_own_messages_ends_before_lambda_ends_it() {
        let (mut summons, mut now) = (Summons::to(&"r".into()), Timestamp::UNIX_EPOCH);
        let (began, mut messages) = (now, 1);
        loop {
            // A host that has no better answer than "ask again in half a minute".
            let until = summons.not_before(now + SignedDuration::from_secs(30), now);
            let Some((next, delay_ms)) = summons.next(until, now) else { break };
            now = until;
            assert!(delay_ms <= 900_000, "SQS keeps a message back for a quarter of an hour at most");
            (summons, messages) = (next, messages + 1);
        }
        assert!((8..16).contains(&messages), "{messages} messages");
        assert!(now.duration_since(began) > SignedDuration::from_hours(1), "until the hourly sweep calls");
        let days = Summons::to(&"r".into()).next(now + SignedDuration::from_hours(50), now);
        assert_eq!(days, None, "what waits for days waits for the sweep");
    }

    #[test]
    fn a_message_of_an_earlier_version_is_the_first_of_its_chain() {
        let first: Summons = serde_json::from_str(r#"{"publish": "r"}"#).unwrap();
        assert_eq!(first, Summons::to(&"r".into()));
        assert_eq!(serde_json::json!(first), serde_json::json!({"publish": "r"}));
        assert!(serde_json::from_str::<Summons>(r#"{"publish": "r", "other": 1}"#).is_err());
    }
}
