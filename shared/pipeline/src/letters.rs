//! A message that no attempt can do anything with, as it is put with the dead letters.

use proofreel_pipeline::dead_letters;
use proofreel_ports::{PortError, Queue};
use serde::{Deserialize, Serialize};

/// Characters kept of a body: a letter stays far below the megabyte that a queue takes.
const LONGEST_BODY: usize = 64_000;

/// A dead letter with its reason. A message that was only delivered too often lies among the dead letters as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedLetter {
    /// Why it was parked, with what to do.
    pub parked: String,
    /// Queue it came from.
    pub queue: String,
    /// The queue's name for the message.
    pub message_id: String,
    /// The message, at most its first 64,000 characters.
    pub body: String,
}

impl ParkedLetter {
    /// A letter about this message.
    pub fn new(parked: impl Into<String>, queue: &str, message_id: &str, body: &str) -> Self {
        Self {
            parked: parked.into(),
            queue: queue.to_owned(),
            message_id: message_id.to_owned(),
            body: body.chars().take(LONGEST_BODY).collect(),
        }
    }

    /// Puts it with the dead letters of its queue.
    pub async fn post(&self, messages: &dyn Queue) -> Result<(), PortError> {
        let body = serde_json::to_string(self).map_err(|error| PortError::Unavailable {
            what: "writing a dead letter".into(),
            detail: error.to_string(),
        })?;
        messages.send(&dead_letters(&self.queue), &body, 0).await
    }
}
