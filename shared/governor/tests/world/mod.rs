//! A world to govern: providers that count for themselves, a store, and virtual time.
//!
//! Time is tokio's paused clock: it jumps to the next moment at which anybody wakes. The providers below share no code with the
//! governor; what they count is what is asserted.

#![allow(dead_code, clippy::unwrap_used)] // not every suite needs everything; a test that cannot go on may stop

pub mod episode;
pub mod month;
pub mod providers;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_governor::{Doors, Governor};
use proofreel_model::policy::{ProviderLaw, providers};
use proofreel_ports::{
    Blobs, Call, CallKind, Clock, Condition, Item, PortError, Records, Secret, Secrets, Web, WebAnswer, WebError,
    WebRequest, Write,
};
use serde_json::Value;
use tokio::time::Instant;

/// Begins when it is made; runs with tokio's time.
pub struct VirtualClock {
    begin: Timestamp,
    start: Instant,
}

impl VirtualClock {
    pub fn from(begin: &str) -> Arc<Self> {
        Arc::new(Self { begin: begin.parse().unwrap(), start: Instant::now() })
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.begin + jiff::SignedDuration::from_millis(self.start.elapsed().as_millis() as i64)
    }
}

/// Keys by name.
#[derive(Default)]
pub struct Keys(pub HashMap<String, String>);

impl Keys {
    pub fn of(keys: &[(&str, &str)]) -> Self {
        Self(keys.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect())
    }
}

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(self.0.get(name).cloned().map(Secret::new))
    }
}

/// One table in memory. Every write and read counts; `broken` makes each of them fail, `full` each write.
#[derive(Default)]
pub struct Memory {
    rows: Mutex<BTreeMap<(String, String), Value>>,
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
    pub reads: Mutex<u64>,
    pub writes: Mutex<u64>,
    pub broken: Mutex<bool>,
    pub full: Mutex<bool>,
}

impl Memory {
    /// Everything that was ever written and is still there, as text.
    pub fn everything(&self) -> String {
        let mut text = String::new();
        for (key, row) in self.rows.lock().unwrap().iter() {
            text.push_str(&format!("{key:?} {row}\n"));
        }
        for (key, bytes) in self.blobs.lock().unwrap().iter() {
            text.push_str(&format!("{key} {}\n", String::from_utf8_lossy(bytes)));
        }
        text
    }

    pub fn damage_blobs(&self) {
        self.blobs.lock().unwrap().values_mut().for_each(|bytes| bytes.push(b'!'));
    }

    pub fn drop_blobs(&self) {
        self.blobs.lock().unwrap().clear();
    }

    fn fault(&self) -> Result<(), PortError> {
        let broken = *self.broken.lock().unwrap();
        if broken {
            Err(PortError::Unavailable { what: "table".into(), detail: "broken on purpose".into() })
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Records for Memory {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        tokio::task::yield_now().await;
        self.fault()?;
        *self.reads.lock().unwrap() += 1;
        Ok(self.rows.lock().unwrap().get(&(pk.into(), sk.into())).cloned())
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        self.transact(vec![Write::Put { item, condition }]).await
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let rows = self.rows.lock().unwrap();
        let within = rows.iter().filter(|((at, sk), _)| at == pk && sk.starts_with(prefix));
        Ok(within.map(|((pk, sk), body)| Item { pk: pk.clone(), sk: sk.clone(), body: body.clone() }).collect())
    }

    async fn add(&self, _: &str, _: &str, _: &str, _: i64) -> Result<i64, PortError> {
        unreachable!("the governor does not add")
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        tokio::task::yield_now().await;
        self.fault()?;
        if *self.full.lock().unwrap() {
            return Err(PortError::Unavailable { what: "table".into(), detail: "no more room".into() });
        }
        *self.writes.lock().unwrap() += 1;
        let mut rows = self.rows.lock().unwrap();
        let holds = |condition: &Condition, stored: Option<&Value>| match condition {
            Condition::None => true,
            Condition::Absent => stored.is_none(),
            Condition::Equals { field, value } => stored.is_some_and(|row| row.get(field) == Some(value)),
            Condition::AbsentOrLess { field, value } => {
                stored.is_none_or(|row| row[field].as_i64().is_some_and(|is| is < *value))
            }
        };
        for write in &writes {
            let (pk, sk, condition) = match write {
                Write::Put { item, condition } => (&item.pk, &item.sk, condition),
                Write::Delete { pk, sk, condition } => (pk, sk, condition),
            };
            if !holds(condition, rows.get(&(pk.clone(), sk.clone()))) {
                return Err(PortError::ConditionFailed { what: format!("{pk}/{sk}") });
            }
        }
        for write in writes {
            match write {
                Write::Put { item, .. } => rows.insert((item.pk, item.sk), item.body),
                Write::Delete { pk, sk, .. } => rows.remove(&(pk, sk)),
            };
        }
        Ok(())
    }
}

#[async_trait]
impl Blobs for Memory {
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError> {
        let mut blobs = self.blobs.lock().unwrap();
        let new = !blobs.contains_key(key);
        blobs.entry(key.into()).or_insert_with(|| bytes.to_vec());
        Ok(new)
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError> {
        self.blobs.lock().unwrap().get(key).cloned().ok_or_else(|| PortError::NotFound { what: key.into() })
    }

    async fn exists(&self, key: &str) -> Result<bool, PortError> {
        Ok(self.blobs.lock().unwrap().contains_key(key))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        Ok(self.blobs.lock().unwrap().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        self.blobs.lock().unwrap().remove(key);
        Ok(())
    }
}

/// What a provider says to one request.
pub type Say = Box<dyn FnMut(u64, &WebRequest) -> Result<WebAnswer, WebError> + Send>;

/// The network: one script for all hosts. It writes down when each request came, and how many were there at once.
pub struct Script {
    say: Mutex<Say>,
    /// Time an answer takes.
    pub takes: Duration,
    /// When requests came, milliseconds from the beginning, and what they were.
    pub came: Mutex<Vec<(u64, WebRequest)>>,
    here: Mutex<(u32, u32)>,
    /// Requests that were sent as pages, under the rules for robots.
    pages: Mutex<usize>,
    start: Instant,
}

impl Script {
    pub fn new(
        takes_ms: u64,
        say: impl FnMut(u64, &WebRequest) -> Result<WebAnswer, WebError> + Send + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            say: Mutex::new(Box::new(say)),
            takes: Duration::from_millis(takes_ms),
            came: Mutex::default(),
            here: Mutex::default(),
            pages: Mutex::default(),
            start: Instant::now(),
        })
    }

    pub fn pages(&self) -> usize {
        *self.pages.lock().unwrap()
    }

    pub fn count(&self) -> usize {
        self.came.lock().unwrap().len()
    }

    pub fn times(&self) -> Vec<u64> {
        self.came.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    pub fn most_at_once(&self) -> u32 {
        self.here.lock().unwrap().1
    }

    /// The most requests in any span of so many milliseconds.
    pub fn most_within(&self, span_ms: u64) -> usize {
        let times = self.times();
        let within = |from: usize| times[from..].iter().take_while(|at| **at < times[from] + span_ms).count();
        (0..times.len()).map(within).max().unwrap_or(0)
    }
}

#[async_trait]
impl Web for Script {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        let number = {
            let mut came = self.came.lock().unwrap();
            came.push((self.start.elapsed().as_millis() as u64, request.clone()));
            came.len() as u64
        };
        {
            let mut here = self.here.lock().unwrap();
            here.0 += 1;
            here.1 = here.1.max(here.0);
        }
        let said = (self.say.lock().unwrap())(number, request);
        tokio::time::sleep(self.takes).await;
        self.here.lock().unwrap().0 -= 1;
        said
    }

    async fn send_page(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        *self.pages.lock().unwrap() += 1;
        self.send(request).await
    }
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> WebAnswer {
    WebAnswer {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
        url: "https://api.example.org/".into(),
    }
}

#[allow(clippy::unnecessary_wraps)] // as a script says it
pub fn good() -> Result<WebAnswer, WebError> {
    Ok(answer(200, &[("content-type", "application/json")], r#"{"ok": true}"#))
}

/// A law with one more provider, `probe`, whose members are given, on top of the operator's text `more`.
pub fn law(members: &str, more: &str) -> ProviderLaw {
    let text = format!(
        "[providers.probe]\nname = \"Probe\"\nserves = [\"data\"]\nbase_url = \"https://api.example.org\"\nas_of = \"2026-11-28\"\nsource = \"test\"\n{members}\n{more}"
    );
    providers(Some(&text)).unwrap()
}

/// A call to `probe`; calls with the same number ask the same.
pub fn call(kind: CallKind, number: u64) -> Call {
    Call::new("probe", kind, WebRequest::get(format!("https://api.example.org/data?n={number}")), "demo".into())
}

pub struct World {
    pub clock: Arc<VirtualClock>,
    pub memory: Arc<Memory>,
    pub web: Arc<Script>,
    pub doors: Doors,
    pub law: ProviderLaw,
}

impl World {
    pub fn new(law: ProviderLaw, web: Arc<Script>) -> Self {
        Self::with_keys(law, web, &[])
    }

    pub fn with_keys(law: ProviderLaw, web: Arc<Script>, keys: &[(&str, &str)]) -> Self {
        let clock = VirtualClock::from("2026-11-28T12:00:00Z");
        let memory = Arc::new(Memory::default());
        let keys = Keys::of(keys);
        let doors = Doors {
            web: Arc::clone(&web) as Arc<dyn Web>,
            records: Arc::clone(&memory) as Arc<dyn Records>,
            blobs: Arc::clone(&memory) as Arc<dyn Blobs>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            secrets: Arc::new(keys),
        };
        Self { clock, memory, web, doors, law }
    }

    /// The same world by another clock.
    pub fn with_clock(mut self, clock: Arc<VirtualClock>) -> Self {
        self.doors.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        Self { clock, ..self }
    }

    /// Another worker in another process, over the same store.
    pub fn governor(&self, seed: u64) -> Arc<Governor> {
        Arc::new(Governor::new(self.doors.clone(), self.law.clone(), seed))
    }
}

/// Lets virtual time pass.
pub async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
