//! A store in memory, a clock that is set, and a finished run to decide about.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // every test uses some of it

mod finished;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::stage::StageName;
use proofreel_ports::{Clock, Condition, Item, PortError, Records, Write};
use proofreel_publishing::webhook::Candidates;
use proofreel_publishing::{Candidate, Desk, Governance, Ledger, Publication, PublishError};
use serde_json::{Value, json};

/// 2026-11-22T12:00:00Z.
pub const NOON: i64 = 1_795_348_800;

/// All rows by partition and sort key.
pub type Rows = BTreeMap<(String, String), Value>;

/// Rows and a clock.
#[derive(Clone, Default)]
pub struct Store {
    pub rows: Arc<Mutex<Rows>>,
    seconds: Arc<AtomicI64>,
}

impl Store {
    pub fn at_noon() -> Self {
        let store = Self::default();
        store.seconds.store(NOON, Ordering::SeqCst);
        store
    }

    pub fn set(&self, seconds: i64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::new(self.clone()), Arc::new(self.clone()))
    }

    /// All rows as text: equal texts, equal worlds.
    pub fn print(&self) -> String {
        format!("{:?}", self.rows.lock().unwrap())
    }
}

impl Clock for Store {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::SeqCst)).unwrap()
    }
}

#[async_trait]
impl Records for Store {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        Ok(self.rows.lock().unwrap().get(&(pk.into(), sk.into())).cloned())
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        self.transact(vec![Write::Put { item, condition }]).await
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let rows = self.rows.lock().unwrap();
        let found = rows.iter().filter(|((p, s), _)| p == pk && s.starts_with(prefix));
        Ok(found.map(|((pk, sk), body)| Item { pk: pk.clone(), sk: sk.clone(), body: body.clone() }).collect())
    }

    async fn add(&self, _: &str, _: &str, _: &str, _: i64) -> Result<i64, PortError> {
        unreachable!("publishing counts nothing")
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        let mut rows = self.rows.lock().unwrap();
        for write in &writes {
            let (pk, sk, condition) = match write {
                Write::Put { item, condition } => (&item.pk, &item.sk, condition),
                Write::Delete { pk, sk, condition } => (pk, sk, condition),
            };
            let stored = rows.get(&(pk.clone(), sk.clone()));
            let holds = match condition {
                Condition::None => true,
                Condition::Absent => stored.is_none(),
                Condition::Equals { field, value } => stored.is_some_and(|row| row.get(field) == Some(value)),
                Condition::AbsentOrLess { .. } => unreachable!("publishing has no leases"),
            };
            if !holds {
                return Err(PortError::ConditionFailed { what: format!("{pk}/{sk}") });
            }
        }
        for write in writes {
            match write {
                Write::Put { item, .. } => drop(rows.insert((item.pk, item.sk), item.body)),
                Write::Delete { pk, sk, .. } => drop(rows.remove(&(pk, sk))),
            }
        }
        Ok(())
    }
}

/// A channel whose `[publishing]` section says this.
pub fn channel(publishing: &str) -> ChannelProfile {
    let file = format!(
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n[publishing]\n{publishing}\n"
    );
    channel::parse("demo.toml", &file).unwrap()
}

/// A finished film of a run; another `mark`, another film.
pub fn candidate(run: &str, mark: &str, publishing: &str) -> Candidate {
    let file = |name: &str, kind: &str| {
        let digest = Digest::of(format!("{mark}/{name}").as_bytes());
        json!({"name": name, "media_type": kind, "digest": digest, "bytes": format!("{mark}/{name}").len()})
    };
    let files = [
        file("video.mp4", "video/mp4"),
        file("captions.srt", "application/x-subrip"),
        file("thumbnail-1.png", "image/png"),
    ];
    let film = finished::film(&files, 150_000, &format!("Gold {mark}"), "About gold", &["gold"]);
    finished::finished(channel(publishing), run, film)
}

/// Runs by name: what the webhook finds.
pub struct Runs {
    pub publishing: &'static str,
    pub mark: &'static str,
    pub desk: Desk,
}

#[async_trait]
impl Candidates for Runs {
    async fn candidate(&self, channel: &ChannelId, run: &RunId) -> Result<Option<Candidate>, PublishError> {
        let known = channel.as_str() == "demo" && ["run-a", "run-b"].contains(&run.as_str());
        Ok(known.then(|| candidate(run.as_str(), &format!("{}{}", self.mark, run.as_str()), self.publishing)))
    }

    async fn governance(&self, _: &ChannelId) -> Result<Governance, PublishError> {
        Ok(Governance::Unmeasured)
    }

    async fn reject(
        &self,
        candidate: &Candidate,
        who: &str,
        reason: &str,
        stage: StageName,
    ) -> Result<Publication, PublishError> {
        self.desk.reject(candidate, (who, false), reason, stage, &[]).await
    }
}

/// Runs a future to its end on this thread.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
