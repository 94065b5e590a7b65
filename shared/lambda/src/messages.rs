//! A batch of messages, taken apart record by record, whoever works them.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use thiserror::Error;

use crate::deadline::Deadline;
use crate::metrics::Metrics;

/// The event cannot be answered record by record; Lambda brings all of it back.
#[derive(Debug, Error)]
#[error(
    "a record of the event has no message id, so it could not be given back alone\n  hint: only an SQS queue may invoke this function"
)]
pub struct Nameless;

/// Who takes a batch of messages, record by record.
pub trait TakesMessages: Send + Sync {
    /// What was counted so far.
    fn metrics(&self) -> &Metrics;

    /// Works the record at this place of its batch; true when Lambda may delete it, else it was given back.
    fn take(&self, record: &SqsMessage, place: usize, deadline: Deadline) -> impl Future<Output = bool> + Send;

    /// Works the records one after the other and names those that must come back.
    ///
    /// # Errors
    /// When a record has no id to be named by.
    #[allow(clippy::manual_async_fn)] // an `async fn` of a trait promises no `Send`
    fn consume(
        &self,
        event: SqsEvent,
        deadline: Deadline,
    ) -> impl Future<Output = Result<SqsBatchResponse, Nameless>> + Send {
        async move {
            if event.records.iter().any(|record| record.message_id.as_deref().unwrap_or_default().is_empty()) {
                return Err(Nameless);
            }
            let mut answer = SqsBatchResponse::default();
            for (place, record) in event.records.iter().enumerate() {
                if !self.take(record, place, deadline).await {
                    answer.add_failure(record.message_id.clone().unwrap_or_default());
                }
            }
            Ok(answer)
        }
    }
}
