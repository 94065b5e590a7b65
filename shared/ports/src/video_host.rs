//! The door to where films are published: a folder, or YouTube.
//!
//! An upload is idempotent inside one session and only there: whoever doubts asks the session, and never opens a second
//! one for bytes that may have been taken.

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use thiserror::Error;

use crate::web::Secret;

/// Id of a video, as its host gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct VideoId(pub String);

impl std::fmt::Display for VideoId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// What a video is to be: everything that a host is told beside the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoCard {
    /// Title.
    pub title: String,
    /// Description with chapters and sources.
    pub description: String,
    /// Tags; the marker is added by the host.
    pub tags: Vec<String>,
    /// The host's number of a category.
    pub category: u32,
    /// BCP 47.
    pub language: String,
    /// Made for children; `None` where nobody said, which YouTube does not take.
    pub made_for_kids: Option<bool>,
    /// Realistic synthetic content.
    pub contains_synthetic_media: bool,
    /// Who is to see it.
    pub visibility: Visibility,
    /// When it becomes public, if not at once; it stays private until then.
    pub publish_at: Option<Timestamp>,
    /// Subscribers are told.
    pub notify_subscribers: bool,
    /// Playlist to join.
    pub playlist: Option<String>,
    /// Names the run, so that a listing can find a video whose id was lost.
    pub marker: String,
}

/// Length and kind of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoFile {
    /// Length, bytes.
    pub bytes: u64,
    /// MIME type.
    pub media_type: String,
}

/// How far a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are stored; the next one has this number.
    At(u64),
    /// All are, and this is the video.
    Done(VideoId),
}

/// What became of an upload at its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processing {
    /// Still at it.
    Running,
    /// Done.
    Succeeded,
    /// Never will be.
    Failed {
        /// The host's reason.
        why: String,
    },
}

/// A video as its host has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedVideo {
    /// Its id.
    pub id: VideoId,
    /// What became of the bytes.
    pub processing: Processing,
    /// Length in milliseconds, as far as the host says.
    pub duration_ms: Option<u64>,
    /// Bytes that the host took, as far as it says.
    pub bytes: Option<u64>,
    /// Who sees it now.
    pub visibility: Visibility,
    /// When it becomes public.
    pub publish_at: Option<Timestamp>,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Realistic synthetic content, as far as the host says.
    pub contains_synthetic_media: Option<bool>,
    /// Made for children, as far as the host says.
    pub made_for_kids: Option<bool>,
}

/// One request that publishing would make.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PlannedRequest {
    /// What it is for.
    pub what: String,
    /// Method and address, without secrets.
    pub request: String,
    /// Which allowance it is taken from.
    pub bucket: String,
    /// How much of it.
    pub cost: u64,
    /// How often at least.
    pub times: u64,
}

/// Why a host did not do what was asked.
#[derive(Debug, Error)]
pub enum HostError {
    /// Ask again: the network, a server's fault. What was asked may have been done.
    #[error("{host} did not answer: {why}")]
    Transient {
        /// Host.
        host: String,
        /// What was seen.
        why: String,
    },
    /// An allowance is spent, or the host asks for patience.
    #[error("{host} takes no more before {until}: {why}")]
    Wait {
        /// Host.
        host: String,
        /// When to ask again.
        until: Timestamp,
        /// Which allowance.
        why: String,
    },
    /// The session is unknown to its host: expired, or used up. The bytes may have become a video.
    #[error("{host} does not know the upload session any more")]
    SessionGone {
        /// Host.
        host: String,
    },
    /// There is no such video.
    #[error("{host} has no video {id}")]
    NoSuchVideo {
        /// Host.
        host: String,
        /// The id asked for.
        id: String,
    },
    /// The consent is gone: a person must give it again.
    #[error(
        "{host} no longer takes the consent given: {why}\n  hint: run `proofreel auth youtube` again; a consent screen in Testing loses it after seven days"
    )]
    Consent {
        /// Host.
        host: String,
        /// What it said.
        why: String,
    },
    /// It will never be taken as it is.
    #[error("{host} refuses {what}: {why}\n  hint: {hint}")]
    Refused {
        /// Host.
        host: String,
        /// What was offered.
        what: String,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// The plan of a host of plain files, wherever they lie: the video in pieces of 8 MiB, thumbnail, captions, and at last what shows it.
/// `put` says how a file of this name gets there. Nothing costs anything.
pub fn plan_of_files(
    card: &VideoCard,
    file: &VideoFile,
    (captions, thumbnail): (bool, bool),
    put: impl Fn(&str) -> String,
    show: (String, u64),
) -> Vec<PlannedRequest> {
    let row = |what: &str, request: String, times: u64| PlannedRequest {
        what: what.into(),
        request,
        bucket: "none".into(),
        cost: 0,
        times,
    };
    let mut plan = vec![row("the video", put("video.mp4"), file.bytes.div_ceil(8 << 20).max(1))];
    plan.extend(thumbnail.then(|| row("the thumbnail", put("thumbnail.png"), 1)));
    plan.extend(captions.then(|| row("the captions", put(&format!("captions.{}.srt", card.language)), 1)));
    plan.push(row("show it", show.0, show.1));
    plan
}

/// What a host of plain files asks of a film: a title, and bytes.
///
/// # Errors
/// [`HostError::Refused`] when one is missing.
pub fn check_of_files(host: &str, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
    if card.title.trim().is_empty() || file.bytes == 0 {
        return Err(HostError::Refused {
            host: host.into(),
            what: "the film".into(),
            why: "it has no title or no bytes".into(),
            hint: "make the film anew".into(),
        });
    }
    Ok(())
}

/// Where films are published.
#[async_trait]
pub trait VideoHost: Send + Sync {
    /// Its name in records and errors.
    fn name(&self) -> &'static str;

    /// Every request that publishing this would make, with its cost. Asks nobody.
    fn plan(&self, card: &VideoCard, file: &VideoFile, captions: bool, thumbnail: bool) -> Vec<PlannedRequest>;

    /// Judges texts and sizes by the host's rules, before anything is sent.
    fn check(&self, card: &VideoCard, file: &VideoFile) -> Result<(), HostError>;

    /// Opens an upload session for a private video that carries the marker. Nothing becomes a video before the last
    /// byte was taken, so a session that is lost before its first byte leaves nothing behind.
    async fn open(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError>;

    /// How far the session is. Changes nothing.
    async fn progress(&self, session: &Secret, file: &VideoFile) -> Result<Progress, HostError>;

    /// Sends bytes that begin at `offset`. They end the file, or are a multiple of 256 KiB.
    async fn send(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<Progress, HostError>;

    /// Videos of the channel that carry the marker, as far as the host's listing shows them yet.
    async fn find(&self, marker: &str) -> Result<Vec<VideoId>, HostError>;

    /// The video as it is now.
    async fn look(&self, id: &VideoId) -> Result<HostedVideo, HostError>;

    /// Makes texts, visibility and schedule what the card says; the rest of the video stays. Doing it twice does nothing more.
    async fn update(&self, id: &VideoId, card: &VideoCard) -> Result<(), HostError>;

    /// Makes the video private, whatever it was; nothing else changes.
    async fn hide(&self, id: &VideoId) -> Result<(), HostError>;

    /// Sets the thumbnail. Doing it twice does nothing more.
    async fn thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError>;

    /// Adds timed captions (`SubRip`) unless the video has them in this language. Doing it twice does nothing more.
    async fn captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError>;

    /// Adds the video to a playlist unless it is there.
    async fn join(&self, id: &VideoId, playlist: &str) -> Result<(), HostError>;

    /// Where a person sees the video.
    fn address(&self, id: &VideoId) -> String;
}
