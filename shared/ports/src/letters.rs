use async_trait::async_trait;
use jiff::Timestamp;

use crate::PortError;

/// A dead letter in hand: hidden from others until it is released, removed, or the time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its name among the dead letters, the same each time.
    pub id: String,
    /// The queue of dead letters that it lies in.
    pub queue: String,
    /// Proof of this receipt.
    pub receipt: String,
    /// The message, as somebody wrote it: data.
    pub body: String,
    /// How often it was received, as its queue counts. SQS counts all queues it was in, SQLite this one.
    pub received: u32,
    /// When it was sent (SQS), or came to be visible among the dead letters (SQLite).
    pub since: Timestamp,
}

/// All dead letters there are, for a person who looks after them.
#[async_trait]
pub trait Letters: Send + Sync {
    /// Takes at most `most` letters in hand for `hold_ms`, oldest first. What somebody else has in hand is not among them.
    async fn take(&self, most: usize, hold_ms: u64) -> Result<Vec<Letter>, PortError>;

    /// Lets others see a letter again. An old receipt changes nothing.
    async fn release(&self, letter: &Letter) -> Result<(), PortError>;

    /// Deletes a letter. An old receipt deletes nothing and is no error.
    async fn remove(&self, letter: &Letter) -> Result<(), PortError>;
}
