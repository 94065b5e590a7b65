use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::change_message_visibility::ChangeMessageVisibilityError as PostponeError;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use proofreel_ports::{Delivery, PortError, Queue};

use super::clients::limits;
use super::errors::{genuine, port_error};

/// What the driver puts before a stage's name; the stack's prefix stands in its place.
const DRIVERS: &str = "proofreel-";
/// Ends the name of every queue's dead letters.
pub(super) const DEAD: &str = "-dlq";
/// The one queue that holds the dead letters of all.
pub(super) const DEAD_LETTERS: &str = "dead-letters";
/// Longest delay of a message, seconds.
const LONGEST_DELAY: u64 = 900;
/// Longest time that a message can be hidden, seconds.
pub(super) const LONGEST_HIDDEN: u64 = 43_200;
/// Most messages of one receipt.
pub(super) const MOST: u32 = 10;
/// Longest body, bytes.
const LARGEST: usize = 1 << 20;

/// The `Queue` port in SQS, which counts in whole seconds: times are rounded up.
///
/// - A delay of more than 15 minutes becomes 15 minutes: the message comes early, and whoever takes it can send it on.
/// - A message received more often than the caller allows is moved to the dead letters here, whatever the queue's own
///   redrive policy says; when both count, the lower bound comes first.
/// - Amazon may accept a receipt that is no longer the newest. Whoever deletes must have recorded its work first.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    pub(super) sqs: Client,
    prefix: String,
    pub(super) wait_seconds: u16,
}

impl SqsQueue {
    /// The queues whose addresses begin with `url_prefix`, for example
    /// `https://sqs.eu-central-1.amazonaws.com/123456789012/proofreel-dev-`. The driver's `proofreel-qa` is
    /// `<url_prefix>qa`; the dead letters of every queue are `<url_prefix>dead-letters`.
    pub fn new(sqs: Client, url_prefix: impl Into<String>) -> Self {
        Self { sqs, prefix: url_prefix.into(), wait_seconds: 1 }
    }

    /// A receipt of an empty queue waits this long for a message, at most 20 s. Without waiting (0) SQS looks at a part
    /// of its servers only and may overlook one.
    #[must_use]
    pub fn with_wait(self, seconds: u16) -> Self {
        Self { wait_seconds: seconds.min(20), ..self }
    }

    /// The address of a queue.
    pub(super) fn url(&self, queue: &str) -> String {
        let name = if queue.ends_with(DEAD) { DEAD_LETTERS } else { queue.strip_prefix(DRIVERS).unwrap_or(queue) };
        format!("{}{name}", self.prefix)
    }

    async fn take(
        &self,
        url: &str,
        max: u32,
        visibility_ms: u64,
        wait_seconds: u16,
    ) -> Result<Vec<Message>, PortError> {
        let waiting = Duration::from_secs(u64::from(wait_seconds));
        let waits = Builder::new().timeout_config(limits(self.sqs.config().timeout_config(), 0, waiting));
        let request = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(max.clamp(1, MOST) as i32)
            .visibility_timeout(seconds(visibility_ms, LONGEST_HIDDEN))
            .wait_time_seconds(i32::from(wait_seconds))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let answer = request.customize().config_override(waits).send().await;
        let answer = answer.map_err(|error| port_error(url, "sqs:ReceiveMessage", &error))?;
        genuine(url, "sqs:ReceiveMessage", &answer)?;
        Ok(answer.messages.unwrap_or_default())
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, queue: &str, body: &str, delay_ms: u64) -> Result<(), PortError> {
        let url = self.url(queue);
        check_body(&url, body)?;
        let request =
            self.sqs.send_message().queue_url(&url).message_body(body).delay_seconds(seconds(delay_ms, LONGEST_DELAY));
        let answer = request.send().await.map_err(|error| port_error(&url, "sqs:SendMessage", &error))?;
        genuine(&url, "sqs:SendMessage", &answer)
    }

    async fn receive(
        &self,
        queue: &str,
        max: u32,
        visibility_ms: u64,
        max_receives: u32,
    ) -> Result<Vec<Delivery>, PortError> {
        let url = self.url(queue);
        let (mut deliveries, mut wait) = (Vec::new(), self.wait_seconds);
        while deliveries.len() < max as usize {
            let messages = self.take(&url, max - deliveries.len() as u32, visibility_ms, wait).await?;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let delivery = delivery(&url, message)?;
                if delivery.receive_count > max_receives {
                    // In this order a crash in between leaves two letters rather than none.
                    self.send(&format!("{queue}{DEAD}"), &delivery.body, 0).await?;
                    self.delete(queue, &delivery.receipt).await?;
                } else {
                    deliveries.push(delivery);
                }
            }
            if visibility_ms == 0 {
                break; // It is visible again already; once a call is enough.
            }
            wait = 0;
        }
        Ok(deliveries)
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), PortError> {
        let url = self.url(queue);
        match self.sqs.delete_message().queue_url(&url).receipt_handle(receipt).send().await {
            Ok(answer) => genuine(&url, "sqs:DeleteMessage", &answer),
            Err(error) if is_old_receipt(&error) => Ok(()),
            Err(error) => Err(port_error(&url, "sqs:DeleteMessage", &error)),
        }
    }

    async fn postpone(&self, queue: &str, receipt: &str, delay_ms: u64) -> Result<(), PortError> {
        let url = self.url(queue);
        let request = self
            .sqs
            .change_message_visibility()
            .queue_url(&url)
            .receipt_handle(receipt)
            .visibility_timeout(seconds(delay_ms, LONGEST_HIDDEN));
        match request.send().await {
            Ok(answer) => genuine(&url, "sqs:ChangeMessageVisibility", &answer),
            Err(error) if matches!(error.as_service_error(), Some(PostponeError::MessageNotInflight(_))) => Ok(()),
            Err(error) if is_old_receipt(&error) => Ok(()),
            Err(error) => Err(port_error(&url, "sqs:ChangeMessageVisibility", &error)),
        }
    }

    async fn depth(&self, queue: &str) -> Result<(u64, u64), PortError> {
        use QueueAttributeName as Name;
        let url = self.url(queue);
        let (visible, hidden, delayed) = (
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        );
        let names = vec![visible.clone(), hidden.clone(), delayed.clone()];
        let request = self.sqs.get_queue_attributes().queue_url(&url).set_attribute_names(Some(names));
        let answer = request.send().await.map_err(|error| port_error(&url, "sqs:GetQueueAttributes", &error))?;
        genuine(&url, "sqs:GetQueueAttributes", &answer)?;
        let count = |name: &Name| answer.attributes.as_ref()?.get(name)?.parse::<u64>().ok();
        match (count(&visible), count(&hidden), count(&delayed)) {
            (Some(visible), Some(hidden), Some(delayed)) => Ok((visible, hidden + delayed)),
            _ => Err(PortError::Unavailable { what: url, detail: "SQS did not tell its depth".into() }),
        }
    }
}

/// Milliseconds as whole seconds, rounded up.
pub(super) fn seconds(ms: u64, most: u64) -> i32 {
    ms.div_ceil(1000).min(most) as i32
}

/// What SQS would refuse, told before it is sent.
fn check_body(url: &str, body: &str) -> Result<(), PortError> {
    let refused = |why: String| Err(PortError::Refused { what: format!("a message to {url}"), why });
    if body.is_empty() {
        return refused("it is empty".into());
    }
    if body.len() > LARGEST {
        return refused(format!(
            "it has {} bytes, at most {LARGEST} are allowed\n  hint: put the content into a blob and send its reference",
            body.len()
        ));
    }
    let forbidden =
        |c: &char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    match body.chars().find(forbidden) {
        Some(sign) => refused(format!("it holds the sign {sign:?}\n  hint: send it escaped, as JSON does")),
        None => Ok(()),
    }
}

fn delivery(url: &str, message: Message) -> Result<Delivery, PortError> {
    let count = message
        .attributes
        .as_ref()
        .and_then(|attributes| attributes.get(&MessageSystemAttributeName::ApproximateReceiveCount)?.parse().ok());
    match (message.receipt_handle, message.body, count) {
        (Some(receipt), Some(body), Some(receive_count)) => Ok(Delivery { receipt, body, receive_count }),
        _ => Err(PortError::Unavailable { what: url.to_owned(), detail: "SQS gave half a message".into() }),
    }
}

/// A receipt that another one replaced, or that never was one.
fn is_old_receipt<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.code().unwrap_or_default();
    code.ends_with("ReceiptHandleIsInvalid")
        || code.ends_with("MessageNotInflight")
        || (code == "InvalidParameterValue"
            && error.message().is_some_and(|said| said.to_lowercase().contains("receipt")))
}
