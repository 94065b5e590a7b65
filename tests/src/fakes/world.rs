use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde_json::Value;

/// A message of a fake queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Number, in the order of sending.
    pub id: u64,
    /// The message.
    pub body: Arc<str>,
    /// When it can be received, milliseconds since 1970.
    pub visible_at_ms: i64,
    /// When it was sent, milliseconds since 1970: queues forget what is too old.
    pub sent_at_ms: i64,
    /// How often it was received.
    pub receives: u32,
}

/// Everything that outlives a process: what a crash leaves behind. A copy is cheap; rows and blobs are shared.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The one table.
    pub records: BTreeMap<(Arc<str>, Arc<str>), Arc<Value>>,
    /// Content by key.
    pub blobs: BTreeMap<Arc<str>, Arc<[u8]>>,
    /// The cache of parts, by key.
    pub parts: BTreeMap<Arc<str>, Arc<[u8]>>,
    /// Queues by name, in the order of sending.
    pub queues: BTreeMap<Arc<str>, Vec<Message>>,
    /// The clock, milliseconds since 1970.
    pub now_ms: i64,
    /// Processes that worked here so far.
    pub processes: u32,
    /// Messages sent so far.
    pub sent: u64,
}

impl World {
    /// An empty world at this time.
    pub fn at(now_ms: i64) -> Self {
        Self { now_ms, ..Self::default() }
    }

    /// 128 bits over all that can have an effect. Numbers of messages are left out, their order is not.
    pub fn fingerprint(&self) -> u128 {
        let rows: Vec<String> = self.records.values().map(ToString::to_string).collect();
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            self.now_ms.hash(&mut hasher);
            self.processes.hash(&mut hasher);
            for ((pk, sk), row) in self.records.keys().zip(&rows) {
                (pk, sk, row).hash(&mut hasher);
            }
            // Content is named by its digest.
            self.blobs.keys().chain(self.parts.keys()).for_each(|key| key.hash(&mut hasher));
            for (name, messages) in self.queues.iter().filter(|(_, messages)| !messages.is_empty()) {
                name.hash(&mut hasher);
                for message in messages {
                    (&message.body, message.visible_at_ms, message.receives).hash(&mut hasher);
                }
            }
            hasher.finish()
        };
        u128::from(half(0)) << 64 | u128::from(half(1))
    }

    /// When the next hidden message can be received.
    pub fn next_visible_ms(&self) -> Option<i64> {
        let hidden = self.queues.values().flatten().map(|message| message.visible_at_ms);
        hidden.filter(|visible_at| *visible_at > self.now_ms).min()
    }

    /// Messages in all queues, dead letters included.
    pub fn messages(&self) -> usize {
        self.queues.values().map(Vec::len).sum()
    }

    /// Makes every hidden message visible: one machine knows that their holder died.
    pub fn free_messages(&mut self) {
        for message in self.queues.values_mut().flatten() {
            message.visible_at_ms = message.visible_at_ms.min(self.now_ms);
        }
    }

    /// Forgets messages that are older than this, as queues do; dead letters are kept.
    pub fn forget_messages(&mut self, older_than_ms: i64) {
        let oldest = self.now_ms - older_than_ms;
        let queues = self.queues.iter_mut().filter(|(name, _)| !name.ends_with("-dlq"));
        queues.for_each(|(_, messages)| messages.retain(|message| message.sent_at_ms >= oldest));
    }

    /// Rows of a partition with a sort-key prefix, in order.
    pub fn rows(&self, pk: &str, prefix: &str) -> Vec<(String, Arc<Value>)> {
        let from = (Arc::from(pk), Arc::from(prefix));
        self.records
            .range(from..)
            .take_while(|((partition, sk), _)| &**partition == pk && sk.starts_with(prefix))
            .map(|((_, sk), row)| (sk.to_string(), Arc::clone(row)))
            .collect()
    }
}
