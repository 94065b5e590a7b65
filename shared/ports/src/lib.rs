//! The doors to the outside: traits only, no implementation.
//!
//! Every implementation of [`Blobs`], [`Records`] and [`Queue`] passes the conformance suite in `tests/`.

mod blobs;
mod clock;
mod data_source;
mod letters;
mod mail;
mod pager;
mod parts;
mod progress;
mod queue;
mod records;
mod route;
mod speech;
mod stamps;
mod triggers;
mod video_host;
mod voice;
mod web;
mod writer;

pub use blobs::Blobs;
pub use clock::Clock;
pub use data_source::{DataSource, KeyNeed, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
pub use letters::{Letter, Letters};
pub use mail::Mailer;
pub use pager::Pager;
pub use parts::{NoParts, Parts};
pub use progress::{Progress, Silent};
pub use proofreel_model::calls::CallKind;
pub use queue::{Delivery, Queue};
pub use records::{Condition, Item, Records, Write};
pub use route::{KeptOnly, Route, Routed};
pub use speech::{Sound, SpeechManner, SpeechService};
pub use stamps::{Stamp, Stamps};
pub use triggers::{TriggerState, Triggers, Waker};
pub use video_host::{
    HostError, HostedVideo, PlannedRequest, Processing, Progress as UploadProgress, VideoCard, VideoFile, VideoHost,
    VideoId, check_of_files, plan_of_files,
};
pub use voice::{Speech, SpokenWord, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
pub use web::{
    Answer, Call, CallError, Judge, Method, Outside, Reach, Secret, Secrets, Spend, Web, WebAnswer, WebError,
    WebLimits, WebRequest, take,
};
pub use writer::{OfferedFact, ScenePlan, Writer, WriterError, Written, WrittenSentence};

use thiserror::Error;

/// Why a storage port could not do what was asked.
#[derive(Debug, Error)]
pub enum PortError {
    /// The named thing does not exist.
    #[error("{what} does not exist")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// A condition of a write did not hold; nothing was written.
    #[error("condition failed on {what}")]
    ConditionFailed {
        /// The item whose condition failed.
        what: String,
    },
    /// Stored bytes do not hash to the digest expected.
    #[error("{key} is damaged: expected digest {expected}, found {found}")]
    Damaged {
        /// Key of the blob.
        key: String,
        /// Digest in the reference.
        expected: String,
        /// Digest of what is stored.
        found: String,
    },
    /// The device is full.
    #[error(
        "no space left while writing {what}\n  hint: free some space and resume the run; nothing that was finished is lost"
    )]
    NoSpace {
        /// What was being written.
        what: String,
    },
    /// A key or name that could reach outside its folder.
    #[error("illegal key `{key}`: {why}")]
    IllegalKey {
        /// The key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// The service will never take this, however often it is asked: too large, or not in a form that it knows.
    #[error("{what} is refused by storage: {why}")]
    Refused {
        /// What was to be stored or asked for.
        what: String,
        /// Why, and what to do.
        why: String,
    },
    /// Anything else; trying again may help.
    #[error("{what}: {detail}")]
    Unavailable {
        /// The operation.
        what: String,
        /// What the device or service said.
        detail: String,
    },
}

impl PortError {
    /// True when the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
