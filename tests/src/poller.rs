//! What Lambda does between a queue and a function: receive, invoke, delete what the answer does not name.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use proofreel_ports::{Delivery, Queue};
use serde_json::{Value, json};

/// Milliseconds that a message is hidden while its function is at work.
pub const VISIBILITY_MS: u64 = 360_000;

/// The event that a batch of messages is delivered in.
pub fn event_of(queue: &str, batch: &[Delivery]) -> SqsEvent {
    let records: Vec<Value> = batch
        .iter()
        .map(|delivery| {
            json!({
                "messageId": format!("m-{}", delivery.receipt),
                "receiptHandle": delivery.receipt,
                "body": delivery.body,
                "attributes": {"ApproximateReceiveCount": delivery.receive_count.to_string()},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:eu-central-1:123456789012:{queue}"),
                "awsRegion": "eu-central-1",
            })
        })
        .collect();
    serde_json::from_value(json!({"Records": records})).expect("the event is valid")
}

/// Deletes the messages that the answer does not name; the others stay hidden as the function left them.
pub async fn acknowledge(messages: &dyn Queue, queue: &str, batch: &[Delivery], answer: &SqsBatchResponse) {
    let named: Vec<&str> = answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    for name in &named {
        assert!(batch.iter().any(|delivery| format!("m-{}", delivery.receipt) == *name), "{name} is not in the batch");
    }
    for delivery in batch.iter().filter(|delivery| !named.contains(&format!("m-{}", delivery.receipt).as_str())) {
        messages.delete(queue, &delivery.receipt).await.expect("the queue works");
    }
}
