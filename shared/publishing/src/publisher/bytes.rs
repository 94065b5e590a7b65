//! The bytes: read in pieces, checked before the first is sent, sent to the one session.

use proofreel_model::digest::{BlobRef, Digester};
use proofreel_model::film::FilmFile;
use proofreel_ports::{HostError, UploadProgress};
use serde_json::json;

use super::{Publisher, Walk, file_of, session};
use crate::audit::Deed;
use crate::edition::Edition;
use crate::error::PublishError;
use crate::publication::{PublishState, Step};

impl Publisher {
    /// Where the content of a file of the film lies.
    fn key(file: &FilmFile) -> String {
        format!("file/{}", file.digest)
    }

    /// Reads every file that leaves the house and compares it with the digest approved. What differs voids the approval: no byte
    /// was sent yet.
    pub(super) async fn must_be_the_bytes(&self, edition: &Edition) -> Result<(), PublishError> {
        let Some(why) = self.changed_bytes(edition).await? else { return Ok(()) };
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| row.step.is_without_bytes() && row.approval.is_some())?;
            row.state = PublishState::Failed;
            row.problem = Some(format!("the approval is void: {why}"));
            row.approval = None;
            row.step = Step::None;
            let deed = Deed::new("publisher", "approval.void", &row.run).with(json!({ "why": why }));
            Some((row, deed))
        })
        .await?;
        Err(PublishError::NotThat {
            run: edition.run.clone(),
            why,
            hint: "the store is damaged; make the film again and approve that one".into(),
        })
    }

    /// The file that is not what was approved, if there is one.
    async fn changed_bytes(&self, edition: &Edition) -> Result<Option<String>, PublishError> {
        for file in edition.files() {
            let (mut digester, mut at) = (Digester::default(), 0);
            loop {
                let bytes = self.blobs.read_range(&Self::key(file), at, self.chunk).await?;
                if bytes.is_empty() {
                    break;
                }
                at += bytes.len() as u64;
                digester.take(&bytes);
            }
            let found = digester.finish();
            if found != file.digest || at != file.bytes {
                return Ok(Some(format!(
                    "{} has {at} bytes with digest {}, approved was {}",
                    file.name,
                    found.short(),
                    file.digest.short()
                )));
            }
        }
        Ok(None)
    }

    /// A small file, checked.
    pub(super) async fn whole(&self, file: &FilmFile) -> Result<Vec<u8>, PublishError> {
        let blob = BlobRef { key: Self::key(file), digest: file.digest.clone(), bytes: file.bytes };
        Ok(self.blobs.fetch(&blob).await?)
    }

    /// The last look before a byte leaves: the switch, and the bytes themselves. Then it is written that bytes may be on
    /// their way.
    pub(super) async fn begin_bytes(&self, edition: &Edition, uri: &str) -> Result<Walk, PublishError> {
        self.ledger.must_be_on().await?;
        self.must_be_the_bytes(edition).await?;
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| row.step.uri() == Some(uri) && matches!(row.step, Step::Session { .. }))?;
            // Whoever took the approval back meanwhile wins.
            row.approval.as_ref()?;
            row.step = Step::Bytes { uri: uri.to_owned() };
            let deed = Deed::new("publisher", "publish.bytes", &row.run)
                .with(json!({"video": edition.video.digest, "bytes": edition.video.bytes}));
            Some((row, deed))
        })
        .await?;
        Ok(Walk::On)
    }

    /// Asks the session how far it is and goes on from there, chunk by chunk.
    pub(super) async fn send_bytes(&self, edition: &Edition, uri: &str) -> Result<Walk, PublishError> {
        let (session, file) = (session(uri), file_of(edition));
        let mut tries = 0;
        let mut progress = self.host.progress(&session, &file).await;
        loop {
            let at = match progress {
                Ok(UploadProgress::Done(video)) => {
                    self.found(edition, video, "publish.uploaded").await?;
                    return Ok(Walk::On);
                }
                Ok(UploadProgress::At(at)) => at,
                Err(HostError::SessionGone { .. }) => {
                    self.lost(edition, uri).await?;
                    return Ok(Walk::On);
                }
                // What was sent may have arrived: ask, up to the bound, then leave it to the next call.
                Err(error @ HostError::Transient { .. }) => {
                    tries += 1;
                    if tries >= self.law.upload.chunk_tries {
                        return Err(error.into());
                    }
                    progress = self.host.progress(&session, &file).await;
                    continue;
                }
                Err(error) => return Err(self.failed(edition, error).await),
            };
            let bytes = if at < file.bytes {
                // Whoever switched publishing off meanwhile is heard before every chunk; what lies there stays private.
                self.ledger.must_be_on().await?;
                self.blobs.read_range(&Self::key(&edition.video), at, self.chunk).await?
            } else {
                Vec::new()
            };
            if bytes.is_empty() {
                // All is there and no video yet: only the session knows.
                tries += 1;
                if tries >= self.law.upload.chunk_tries {
                    let why = format!("it has {at} of {} bytes and names no video", file.bytes);
                    return Err(HostError::Transient { host: self.host.name().into(), why }.into());
                }
                progress = self.host.progress(&session, &file).await;
                continue;
            }
            let sent = self.host.send(&session, &file, at, bytes).await;
            if matches!(sent, Ok(UploadProgress::At(now)) if now > at) {
                tries = 0;
            } else if sent.is_ok() && !matches!(sent, Ok(UploadProgress::Done(_))) {
                tries += 1;
                if tries >= self.law.upload.chunk_tries {
                    let why = format!("it stays at byte {at}");
                    return Err(HostError::Transient { host: self.host.name().into(), why }.into());
                }
            }
            progress = sent;
        }
    }

    /// The session is lost. Whether its bytes became a video only the listing can tell.
    async fn lost(&self, edition: &Edition, uri: &str) -> Result<(), PublishError> {
        let since = self.ledger.now();
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| row.step.uri() == Some(uri))?;
            row.state = PublishState::Publishing;
            row.step = Step::Unknown { since };
            Some((row.clone(), Deed::new("publisher", "publish.session-lost", &row.run)))
        })
        .await?;
        Ok(())
    }
}
