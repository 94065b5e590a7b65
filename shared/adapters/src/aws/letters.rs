use async_trait::async_trait;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute};
use jiff::Timestamp;
use proofreel_ports::{Letter, Letters, PortError, Queue};

use super::errors::{genuine, port_error};
use super::queue::{DEAD, DEAD_LETTERS, LONGEST_HIDDEN, MOST, SqsQueue, seconds};

/// Among the one queue that all queues give their dead letters to. SQS may overlook one; whoever looks again sees it.
#[async_trait]
impl Letters for SqsQueue {
    async fn take(&self, most: usize, hold_ms: u64) -> Result<Vec<Letter>, PortError> {
        let url = self.url(DEAD);
        let mut letters = Vec::new();
        while letters.len() < most {
            let request = self
                .sqs
                .receive_message()
                .queue_url(&url)
                .max_number_of_messages(((most - letters.len()) as i32).min(MOST as i32))
                .visibility_timeout(seconds(hold_ms, LONGEST_HIDDEN))
                .wait_time_seconds(i32::from(self.wait_seconds))
                .message_system_attribute_names(Attribute::ApproximateReceiveCount)
                .message_system_attribute_names(Attribute::SentTimestamp);
            let answer = request.send().await.map_err(|error| port_error(&url, "sqs:ReceiveMessage", &error))?;
            genuine(&url, "sqs:ReceiveMessage", &answer)?;
            let found = answer.messages.unwrap_or_default();
            if found.is_empty() {
                break;
            }
            for message in found {
                letters.push(letter(&url, message)?);
            }
        }
        letters.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        Ok(letters)
    }

    async fn release(&self, letter: &Letter) -> Result<(), PortError> {
        self.postpone(DEAD, &letter.receipt, 0).await
    }

    async fn remove(&self, letter: &Letter) -> Result<(), PortError> {
        self.delete(DEAD, &letter.receipt).await
    }
}

fn letter(url: &str, message: Message) -> Result<Letter, PortError> {
    let number = |name| message.attributes.as_ref().and_then(|all| all.get(&name)?.parse::<i64>().ok());
    let received = number(Attribute::ApproximateReceiveCount).and_then(|count| u32::try_from(count).ok());
    let since = number(Attribute::SentTimestamp).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match (message.message_id, message.receipt_handle, message.body, received, since) {
        (Some(id), Some(receipt), Some(body), Some(received), Some(since)) => {
            Ok(Letter { id, queue: DEAD_LETTERS.into(), receipt, body, received, since })
        }
        _ => Err(PortError::Unavailable { what: url.to_owned(), detail: "SQS gave half a message".into() }),
    }
}
