use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_ports::{
    Blobs, Clock, Condition, Delivery, Item, Parts, PortError, Queue, Records, Stamp, Stamps, Write,
};
use serde_json::{Map, Value};

use super::faults::Bug;
use super::memory::Memory;
use super::world::{Message, World};

impl Clock for Memory {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap_or_default()
    }
}

#[async_trait]
impl Blobs for Memory {
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError> {
        check_key(key)?;
        let forgets = self.has(Bug::LostBlobs) && self.effects().is_multiple_of(100);
        self.effect("put", true, |world| {
            if forgets {
                return Ok(true);
            }
            if let Some(stored) = world.blobs.get(key) {
                let named_by_digest = key.ends_with(&Digest::of(stored).0);
                assert!(!named_by_digest || **stored == *bytes, "{key} is stored with other content");
                return Ok(false);
            }
            world.blobs.insert(key.into(), bytes.into());
            Ok(true)
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError> {
        check_key(key)?;
        self.effect("get", false, |world| {
            world.blobs.get(key).map(|bytes| bytes.to_vec()).ok_or_else(|| PortError::NotFound { what: key.to_owned() })
        })
        .await
    }

    async fn exists(&self, key: &str) -> Result<bool, PortError> {
        check_key(key)?;
        self.effect("exists", false, |world| Ok(world.blobs.contains_key(key))).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        if !prefix.is_empty() {
            check_key(prefix.strip_suffix('/').unwrap_or(prefix))?;
        }
        self.effect("list", false, |world| {
            Ok(world.blobs.keys().filter(|key| key.starts_with(prefix)).map(ToString::to_string).collect())
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        check_key(key)?;
        self.effect("delete", true, |world| {
            world.blobs.remove(key);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Stamps for Memory {
    async fn stamps(&self, prefix: &str) -> Result<Vec<Stamp>, PortError> {
        self.effect("stamps", false, |world| {
            let files = world.blobs.iter().filter(|(key, _)| key.starts_with(prefix));
            Ok(files.map(|(key, bytes)| Stamp { key: key.to_string(), stamp: Digest::of(bytes).0 }).collect())
        })
        .await
    }
}

fn check_key(key: &str) -> Result<(), PortError> {
    let legal = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.len() <= 255
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    if key.split('/').all(legal) {
        return Ok(());
    }
    Err(PortError::IllegalKey { key: key.to_owned(), why: "see the grammar of keys".into() })
}

#[async_trait]
impl Parts for Memory {
    async fn fetch(&self, key: &Digest, to: &Path) -> Result<bool, PortError> {
        self.effect("fetch a part", false, |world| {
            let Some(bytes) = world.parts.get(key.0.as_str()) else { return Ok(false) };
            std::fs::write(to, bytes)
                .map(|()| true)
                .map_err(|error| PortError::Unavailable { what: key.to_string(), detail: error.to_string() })
        })
        .await
    }

    async fn keep(&self, key: &Digest, from: &Path) -> Result<(), PortError> {
        let bytes = std::fs::read(from)
            .map_err(|error| PortError::Unavailable { what: key.to_string(), detail: error.to_string() })?;
        self.effect("keep a part", true, |world| {
            if let Some(kept) = world.parts.insert(key.0.as_str().into(), bytes.as_slice().into()) {
                assert_eq!(*kept, bytes, "{key} was kept with other content");
            }
            Ok(())
        })
        .await
    }

    async fn forget(&self, key: &Digest) -> Result<(), PortError> {
        self.effect("forget a part", true, |world| {
            world.parts.remove(key.0.as_str());
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Records for Memory {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        self.effect("read", false, |world| Ok(stored(world, pk, sk).cloned())).await
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        self.transact(vec![Write::Put { item, condition }]).await
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        self.effect("query", false, |world| {
            let rows = world.rows(pk, prefix).into_iter();
            Ok(rows.map(|(sk, row)| Item { pk: pk.to_owned(), sk, body: Value::clone(&row) }).collect())
        })
        .await
    }

    async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError> {
        self.effect("add", true, |world| {
            let mut row = stored(world, pk, sk).cloned().unwrap_or_else(|| Value::Object(Map::new()));
            let illegal = || PortError::IllegalKey { key: format!("{pk}/{sk}.{field}"), why: "no integer".into() };
            let members = row.as_object_mut().ok_or_else(illegal)?;
            let before = members.get(field).map_or(Some(0), Value::as_i64).ok_or_else(illegal)?;
            let after = before.checked_add(by).ok_or_else(illegal)?;
            members.insert(field.to_owned(), after.into());
            world.records.insert((pk.into(), sk.into()), Arc::new(row));
            Ok(after)
        })
        .await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        let mut seen = BTreeSet::new();
        if writes.len() > 25 || !writes.iter().all(|write| seen.insert(parts(write).0)) {
            return Err(PortError::IllegalKey { key: "transaction".into(), why: "too large, or an item twice".into() });
        }
        let torn = self.has(Bug::TornTransactions);
        let (no_ledger, no_swap) = (self.has(Bug::NoLedger), self.has(Bug::NoCompareAndSwap));
        let no_outbox = self.has(Bug::ForgottenOutbox);
        self.effect("transact", true, |world| {
            for write in &writes {
                let ((pk, sk), condition) = parts(write);
                let ignored = match condition {
                    Condition::Absent => no_ledger,
                    Condition::Equals { .. } | Condition::AbsentOrLess { .. } => no_swap,
                    Condition::None => true,
                };
                if !ignored && !holds(condition, stored(world, pk, sk)) {
                    return Err(PortError::ConditionFailed { what: format!("{pk}/{sk}") });
                }
            }
            for write in writes.iter().filter(|write| !(torn || no_outbox && parts(write).0.0 == "outbox")) {
                apply(world, write);
            }
            Ok(())
        })
        .await?;
        for write in writes.iter().filter(|_| torn) {
            self.change(|world| apply(world, write));
            Self::give_way().await;
        }
        Ok(())
    }
}

fn apply(world: &mut World, write: &Write) {
    match write {
        Write::Put { item, .. } => {
            world.records.insert((item.pk.as_str().into(), item.sk.as_str().into()), Arc::new(item.body.clone()));
        }
        Write::Delete { pk, sk, .. } => {
            world.records.remove(&(pk.as_str().into(), sk.as_str().into()));
        }
    }
}

fn stored<'a>(world: &'a World, pk: &str, sk: &str) -> Option<&'a Value> {
    world.records.get(&(Arc::from(pk), Arc::from(sk))).map(AsRef::as_ref)
}

fn parts(write: &Write) -> ((&str, &str), &Condition) {
    match write {
        Write::Put { item, condition } => ((&item.pk, &item.sk), condition),
        Write::Delete { pk, sk, condition } => ((pk, sk), condition),
    }
}

fn holds(condition: &Condition, stored: Option<&Value>) -> bool {
    match condition {
        Condition::None => true,
        Condition::Absent => stored.is_none(),
        Condition::Equals { field, value } => stored.is_some_and(|row| row.get(field) == Some(value)),
        Condition::AbsentOrLess { field, value } => {
            stored.is_none_or(|row| row.get(field).and_then(Value::as_f64).is_some_and(|found| found < *value as f64))
        }
    }
}

#[async_trait]
impl Queue for Memory {
    async fn send(&self, queue: &str, body: &str, delay_ms: u64) -> Result<(), PortError> {
        self.effect("send", true, |world| {
            world.sent += 1;
            let message = Message {
                id: world.sent,
                body: body.into(),
                visible_at_ms: later(world.now_ms, delay_ms),
                sent_at_ms: world.now_ms,
                receives: 0,
            };
            world.queues.entry(queue.into()).or_default().push(message);
            Ok(())
        })
        .await
    }

    async fn receive(
        &self,
        queue: &str,
        max: u32,
        visibility_ms: u64,
        max_receives: u32,
    ) -> Result<Vec<Delivery>, PortError> {
        self.effect("receive", true, |world| {
            let now = world.now_ms;
            let Some(messages) = world.queues.get_mut(queue) else { return Ok(Vec::new()) };
            let (dead, alive) = std::mem::take(messages)
                .into_iter()
                .partition(|message| message.visible_at_ms <= now && message.receives >= max_receives);
            *messages = alive;
            let mut deliveries = Vec::new();
            for message in messages.iter_mut().filter(|message| message.visible_at_ms <= now).take(max as usize) {
                message.receives += 1;
                message.visible_at_ms = later(now, visibility_ms);
                let receipt = format!("{}-{}", message.id, message.receives);
                deliveries.push(Delivery { receipt, body: message.body.to_string(), receive_count: message.receives });
            }
            let dead: Vec<Message> = dead;
            if !dead.is_empty() {
                let letters = world.queues.entry(format!("{queue}-dlq").into()).or_default();
                letters.extend(dead.into_iter().map(|message| Message { receives: 0, visible_at_ms: now, ..message }));
            }
            Ok(deliveries)
        })
        .await
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), PortError> {
        self.effect("delete", true, |world| {
            if let Some(messages) = world.queues.get_mut(queue) {
                messages.retain(|message| !is_receipt_of(receipt, message));
            }
            Ok(())
        })
        .await
    }

    async fn postpone(&self, queue: &str, receipt: &str, delay_ms: u64) -> Result<(), PortError> {
        self.effect("postpone", true, |world| {
            let visible_at_ms = later(world.now_ms, delay_ms);
            let messages = world.queues.get_mut(queue).into_iter().flatten();
            for message in messages.filter(|message| is_receipt_of(receipt, message)) {
                message.visible_at_ms = visible_at_ms;
            }
            Ok(())
        })
        .await
    }

    async fn depth(&self, queue: &str) -> Result<(u64, u64), PortError> {
        self.effect("depth", false, |world| {
            let messages = world.queues.get(queue).map_or(&[][..], Vec::as_slice);
            let visible = messages.iter().filter(|message| message.visible_at_ms <= world.now_ms).count();
            Ok((visible as u64, (messages.len() - visible) as u64))
        })
        .await
    }
}

fn later(now_ms: i64, delay_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(delay_ms).unwrap_or(i64::MAX))
}

fn is_receipt_of(receipt: &str, message: &Message) -> bool {
    message.receives > 0 && receipt == format!("{}-{}", message.id, message.receives)
}
