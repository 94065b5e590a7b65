//! Bugs that publishing must never have, each played by a double of a port: a drill that does not catch them proves nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_ports::{
    Blobs, Clock, Condition, HostError, HostedVideo, Item, PlannedRequest, PortError, Records, Secret, UploadProgress,
    VideoCard, VideoFile, VideoHost, VideoId, Write,
};
use serde_json::Value;

use crate::fakes::Memory;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The session is only in the process's memory until the video is known.
    SessionSavedLate,
    /// A session that is gone is replaced by another one.
    GoneRestarts,
    /// A lost answer to the last chunk is answered with another upload.
    InsertRetried,
    /// What is sent is not what was approved, and nobody compares.
    DigestNotCompared,
    /// Where nobody approved, the row says that somebody did.
    ApprovalSkipped,
    /// Rows of publications end an hour after they were written, as borrowed windows of deduplication do.
    LedgerForgets,
}

/// How long a forgetful ledger keeps a row, milliseconds.
const KEPT_MS: i64 = 3_600_000;
/// Begin of the partitions of publications.
const PUBLICATIONS: &str = "publication#";

/// YouTube with a bug before it.
pub struct Doubled<H> {
    host: H,
    bug: Bug,
    card: Mutex<Option<VideoCard>>,
    other: Mutex<Option<Secret>>,
}

impl<H: VideoHost> Doubled<H> {
    /// This host with this bug.
    pub fn of(host: H, bug: Bug) -> Self {
        Self { host, bug, card: Mutex::default(), other: Mutex::default() }
    }

    /// Opens another session as the bug would, and says that nothing is there yet.
    async fn again(&self, file: &VideoFile) -> Result<UploadProgress, HostError> {
        let card = self.card.lock().unwrap().clone().unwrap_or_else(|| VideoCard {
            title: "again".into(),
            description: "again".into(),
            tags: Vec::new(),
            category: 27,
            language: "en".into(),
            made_for_kids: Some(false),
            contains_synthetic_media: true,
            visibility: proofreel_model::channel::Visibility::Public,
            publish_at: None,
            notify_subscribers: false,
            playlist: None,
            marker: "again".into(),
        });
        let session = self.host.open(&card, file).await?;
        *self.other.lock().unwrap() = Some(session);
        Ok(UploadProgress::At(0))
    }

    fn real(&self, session: &Secret) -> Secret {
        self.other.lock().unwrap().clone().unwrap_or_else(|| session.clone())
    }
}

#[async_trait]
impl<H: VideoHost> VideoHost for Doubled<H> {
    fn name(&self) -> &'static str {
        self.host.name()
    }

    fn plan(&self, card: &VideoCard, file: &VideoFile, captions: bool, thumbnail: bool) -> Vec<PlannedRequest> {
        self.host.plan(card, file, captions, thumbnail)
    }

    fn check(&self, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
        self.host.check(card, file)
    }

    async fn open(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError> {
        *self.card.lock().unwrap() = Some(card.clone());
        self.host.open(card, file).await
    }

    async fn progress(&self, session: &Secret, file: &VideoFile) -> Result<UploadProgress, HostError> {
        match self.host.progress(&self.real(session), file).await {
            Err(HostError::SessionGone { .. }) if self.bug == Bug::GoneRestarts => self.again(file).await,
            answer => answer,
        }
    }

    async fn send(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadProgress, HostError> {
        let last = offset + bytes.len() as u64 == file.bytes;
        match self.host.send(&self.real(session), file, offset, bytes).await {
            Err(HostError::SessionGone { .. }) if self.bug == Bug::GoneRestarts => self.again(file).await,
            Err(HostError::Transient { .. }) if self.bug == Bug::InsertRetried && last => self.again(file).await,
            answer => answer,
        }
    }

    async fn find(&self, marker: &str) -> Result<Vec<VideoId>, HostError> {
        self.host.find(marker).await
    }

    async fn look(&self, id: &VideoId) -> Result<HostedVideo, HostError> {
        self.host.look(id).await
    }

    async fn update(&self, id: &VideoId, card: &VideoCard) -> Result<(), HostError> {
        self.host.update(id, card).await
    }

    async fn hide(&self, id: &VideoId) -> Result<(), HostError> {
        self.host.hide(id).await
    }

    async fn thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        self.host.thumbnail(id, media_type, bytes).await
    }

    async fn captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        self.host.captions(id, language, bytes).await
    }

    async fn join(&self, id: &VideoId, playlist: &str) -> Result<(), HostError> {
        self.host.join(id, playlist).await
    }

    fn address(&self, id: &VideoId) -> String {
        self.host.address(id)
    }
}

/// Blobs that change between the look and the sending, where the bug says so.
pub struct DoubledBlobs {
    blobs: Memory,
    bug: Option<Bug>,
    reads: Mutex<BTreeMap<String, u32>>,
}

impl DoubledBlobs {
    /// These blobs.
    pub fn of(blobs: Memory, bug: Option<Bug>) -> Self {
        Self { blobs, bug, reads: Mutex::default() }
    }
}

#[async_trait]
impl Blobs for DoubledBlobs {
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError> {
        self.blobs.put_if_absent(key, bytes).await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError> {
        Blobs::get(&self.blobs, key).await
    }

    async fn exists(&self, key: &str) -> Result<bool, PortError> {
        self.blobs.exists(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        self.blobs.list(prefix).await
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        Blobs::delete(&self.blobs, key).await
    }

    async fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Vec<u8>, PortError> {
        let mut bytes = self.blobs.read_range(key, offset, length).await?;
        if self.bug == Some(Bug::DigestNotCompared) && offset == 0 {
            let reads = *self.reads.lock().unwrap().entry(key.to_owned()).and_modify(|reads| *reads += 1).or_insert(1);
            // The two looks before the first byte see what was approved; what is sent is another thing.
            if reads > 2
                && let Some(first) = bytes.first_mut()
            {
                *first ^= 1;
            }
        }
        Ok(bytes)
    }
}

/// Rows that forget the session when the process dies, or everything after an hour, or that are approved by nobody.
pub struct DoubledRecords {
    records: Memory,
    bug: Bug,
    /// The row that [`Bug::ApprovalSkipped`] puts where there is none.
    forged: Option<Value>,
    unsaved: Mutex<BTreeMap<(String, String), Value>>,
}

impl DoubledRecords {
    /// These rows with this bug; `approved` is the row as it would be, had somebody approved.
    pub fn of(records: Memory, bug: Bug, approved: impl FnOnce() -> Value) -> Self {
        let forged = (bug == Bug::ApprovalSkipped).then(approved);
        Self { records, bug, forged, unsaved: Mutex::default() }
    }

    /// Drops the publications whose time is over, where the bug says so.
    fn forget(&self) {
        if self.bug != Bug::LedgerForgets {
            return;
        }
        let ends = Clock::now(&self.records).as_millisecond() - KEPT_MS;
        let is_kept = |row: &Value| {
            let written = row["updated_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
            written.is_none_or(|at| at.as_millisecond() > ends)
        };
        self.records.change(|world| world.records.retain(|(pk, _), row| !pk.starts_with(PUBLICATIONS) || is_kept(row)));
    }

    fn is_session(row: &Value) -> bool {
        matches!(row.get("step").and_then(Value::as_str), Some("session" | "bytes"))
    }
}

#[async_trait]
impl Records for DoubledRecords {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        let unsaved = self.unsaved.lock().unwrap().get(&(pk.to_owned(), sk.to_owned())).cloned();
        if unsaved.is_some() {
            return Ok(unsaved);
        }
        self.forget();
        let found = Records::get(&self.records, pk, sk).await?;
        match &self.forged {
            Some(row) if found.is_none() && pk.starts_with(PUBLICATIONS) => {
                let item = Item { pk: pk.to_owned(), sk: sk.to_owned(), body: row.clone() };
                self.records.put(item, Condition::Absent).await?;
                Ok(Some(row.clone()))
            }
            _ => Ok(found),
        }
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        self.records.put(item, condition).await
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        self.forget();
        self.records.query(pk, prefix).await
    }

    async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError> {
        self.records.add(pk, sk, field, by).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        if self.bug != Bug::SessionSavedLate {
            return self.records.transact(writes).await;
        }
        let mut kept = writes;
        if let Some(Write::Put { item, condition }) = kept.first_mut() {
            let place = (item.pk.clone(), item.sk.clone());
            if Self::is_session(&item.body) {
                self.unsaved.lock().unwrap().insert(place, item.body.clone());
                return Ok(());
            }
            // Saved at last, over whatever revision is stored.
            if self.unsaved.lock().unwrap().remove(&place).is_some() {
                *condition = Condition::None;
            }
        }
        self.records.transact(kept).await
    }
}
