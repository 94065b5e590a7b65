use async_trait::async_trait;

use crate::PortError;

/// A message in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Proof of this receipt; needed to delete or postpone.
    pub receipt: String,
    /// The message.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

/// At-least-once queues by name: SQS, or SQLite.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends `body` to `queue`, visible after `delay_ms`.
    async fn send(&self, queue: &str, body: &str, delay_ms: u64) -> Result<(), PortError>;

    /// Receives at most `max` visible messages and hides them for `visibility_ms`. A message received
    /// more than `max_receives` times goes to the queue's dead letters instead (`<queue>-dlq`).
    async fn receive(
        &self,
        queue: &str,
        max: u32,
        visibility_ms: u64,
        max_receives: u32,
    ) -> Result<Vec<Delivery>, PortError>;

    /// Deletes a received message. A receipt that is no longer current deletes nothing and is no error.
    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), PortError>;

    /// Makes a received message visible again after `delay_ms`. An old receipt changes nothing.
    async fn postpone(&self, queue: &str, receipt: &str, delay_ms: u64) -> Result<(), PortError>;

    /// Messages in `queue`: (visible now, hidden or delayed).
    async fn depth(&self, queue: &str) -> Result<(u64, u64), PortError>;
}
