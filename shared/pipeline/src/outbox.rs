//! Messages that were decided upon but perhaps not sent.
//!
//! A message enters the outbox in the transaction that decides it, and leaves once the queue has it. Between
//! the two it may be sent twice, never lost.

use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_ports::{Condition, Item, Write};
use serde_json::{Value, json};

use crate::driver::Driver;
use crate::error::DriverError;
use crate::keys;

impl Driver {
    /// Sends what is left in the outbox of one run, and gives how many messages that were: for whoever finds a run that is there
    /// already and cannot know whether its beginner lived to send its message.
    pub async fn flush(&self, run: &RunId) -> Result<usize, DriverError> {
        self.flush_prefix(&keys::outbox_of(run)).await
    }

    /// Sends what is left in the outbox under a prefix; returns how many messages.
    pub(crate) async fn flush_prefix(&self, prefix: &str) -> Result<usize, DriverError> {
        let left = self.ports.records.query(keys::OUTBOX, prefix).await?;
        for item in &left {
            self.send(item).await?;
        }
        Ok(left.len())
    }

    /// Sends the message that was just put into the outbox.
    pub(crate) async fn send_decided(&self, message: &Envelope) -> Result<(), DriverError> {
        self.send(&self.outbox_item(message)?).await
    }

    /// Sends a message that another message stands for: it comes again should this be cut off.
    pub(crate) async fn send_directly(&self, message: &Envelope) -> Result<(), DriverError> {
        let queue = self.chain.queue(message.stage, &message.run);
        Ok(self.ports.queue.send(&queue, &written(message)?, 0).await?)
    }

    async fn send(&self, item: &Item) -> Result<(), DriverError> {
        let text = |member: &str| {
            item.body.get(member).and_then(Value::as_str).ok_or_else(|| DriverError::Unreadable {
                what: format!("message {} of the outbox", item.sk),
                why: format!("it has no `{member}`"),
            })
        };
        self.ports.queue.send(text("queue")?, text("body")?, 0).await?;
        let sent = Write::Delete { pk: item.pk.clone(), sk: item.sk.clone(), condition: Condition::None };
        self.ports.records.transact(vec![sent]).await?;
        Ok(())
    }

    /// The write that puts a message into the outbox.
    pub(crate) fn put_outbox(&self, message: &Envelope) -> Result<Write, DriverError> {
        Ok(Write::Put { item: self.outbox_item(message)?, condition: Condition::None })
    }

    fn outbox_item(&self, message: &Envelope) -> Result<Item, DriverError> {
        let body = written(message)?;
        Ok(Item {
            pk: keys::OUTBOX.into(),
            sk: keys::outbox(message),
            body: json!({"queue": self.chain.queue(message.stage, &message.run), "body": body}),
        })
    }
}

fn written(message: &Envelope) -> Result<String, DriverError> {
    serde_json::to_string(message)
        .map_err(|error| DriverError::Unwritable { what: "a message".into(), why: error.to_string() })
}
