//! The row of a run: what was decided about its film, and how far its upload is.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::stage::StageName;
use proofreel_ports::VideoId;
use serde::{Deserialize, Serialize};

use crate::edits::Edited;

/// Where a finished film is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishState {
    /// A person must look at it.
    AwaitingApproval,
    /// May be published.
    Approved,
    /// Its upload began.
    Publishing,
    /// Done, and read back.
    Published,
    /// The host has it and shows it to fewer people than asked for.
    PublishLocked,
    /// A person must look what became of it.
    Failed,
    /// Sent back.
    Rejected,
    /// Was published, and is hidden.
    Retracted,
}

/// The state in words of `proofreel runs`.
pub fn shown_state(state: PublishState) -> &'static str {
    match state {
        PublishState::AwaitingApproval => "awaiting approval",
        PublishState::Approved => "approved",
        PublishState::Publishing => "publishing",
        PublishState::Published => "published",
        PublishState::PublishLocked => "publish-locked",
        PublishState::Failed => "publishing failed",
        PublishState::Rejected => "rejected",
        PublishState::Retracted => "retracted",
    }
}

/// How far the upload is. Each is written before what it names is begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Nothing was asked of any host.
    #[default]
    None,
    /// A session may have been opened; no byte was sent.
    Intent,
    /// This is the session; no byte was sent.
    Session {
        /// Its address: whoever has it can send bytes. Shown nowhere, removed once the video is known.
        uri: String,
    },
    /// Bytes may have been sent.
    Bytes {
        /// The session's address.
        uri: String,
    },
    /// The session is lost, its bytes may have become a video: the listing is asked, for a time, and then a person.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// This is the video, private.
    Uploaded {
        /// Its id.
        video: VideoId,
        /// Since when.
        since: Timestamp,
    },
    /// Length and size agree with the film.
    Verified {
        /// Its id.
        video: VideoId,
    },
    /// Public, or as asked for.
    Public {
        /// Its id.
        video: VideoId,
    },
    /// A person must say what became of it.
    NeedsPerson {
        /// Why.
        why: String,
    },
}

impl Step {
    /// The video, once it is known.
    pub fn video(&self) -> Option<&VideoId> {
        match self {
            Self::Uploaded { video, .. } | Self::Verified { video } | Self::Public { video } => Some(video),
            _ => None,
        }
    }

    /// Its name in records.
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Intent => "intent",
            Self::Session { .. } => "session",
            Self::Bytes { .. } => "bytes",
            Self::Unknown { .. } => "unknown",
            Self::Uploaded { .. } => "uploaded",
            Self::Verified { .. } => "verified",
            Self::Public { .. } => "public",
            Self::NeedsPerson { .. } => "needs-person",
        }
    }

    /// True while no byte was sent, so that nothing at a host can become a video.
    pub(crate) fn is_without_bytes(&self) -> bool {
        matches!(self, Self::None | Self::Intent | Self::Session { .. })
    }

    /// The session's address.
    pub(crate) fn uri(&self) -> Option<&str> {
        match self {
            Self::Session { uri } | Self::Bytes { uri } => Some(uri),
            _ => None,
        }
    }
}

/// What a video gets beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extra {
    /// Its thumbnail.
    Thumbnail,
    /// Timed captions.
    Captions,
    /// Its playlist.
    Playlist,
}

/// Who let it pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalWay {
    /// A person at the machine.
    Command,
    /// A person, by the webhook.
    Webhook,
    /// A person, on the console.
    Console,
    /// Nobody: the channel opted in and everything passed the policy.
    Auto,
}

/// A film may go out, exactly as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Digest of the edition approved.
    pub edition: Digest,
    /// Digest of the film artifact in it.
    pub film: Digest,
    /// Who.
    pub by: String,
    /// How.
    pub way: ApprovalWay,
    /// When.
    pub at: Timestamp,
    /// Void from then on, unless the upload has begun.
    pub expires_at: Timestamp,
    /// Who sees the film.
    pub visibility: Visibility,
    /// When, if not at once.
    pub publish_at: Option<Timestamp>,
    /// What was held against it and overridden, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
}

/// A film was sent back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in the person's words.
    pub reason: String,
    /// The stage whose fault it is.
    pub stage: StageName,
    /// Digest of the film that was rejected.
    pub film: Digest,
}

/// A film was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retraction {
    /// Who.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// True once the host says that it is hidden.
    pub done: bool,
}

/// Everything about publishing one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// Counts the writes of this row; each names the one it was computed from.
    pub revision: u64,
    /// Where it is.
    pub state: PublishState,
    /// People who ordered or edited it.
    #[serde(default)]
    pub editors: BTreeSet<String>,
    /// The last edit by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edited>,
    /// Digest of the film that was offered last; of nothing before the first one.
    pub film: Digest,
    /// The approval, while it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The last rejection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// Host that the upload goes to, once it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// How far it is.
    #[serde(flatten)]
    pub step: Step,
    /// What the video has got already.
    #[serde(default)]
    pub extras: BTreeSet<Extra>,
    /// Address for people, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When it became what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// Why it failed or is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The retraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retraction: Option<Retraction>,
    /// When this row last changed.
    pub updated_at: Timestamp,
}

impl Publication {
    /// A film that nobody decided about.
    pub(crate) fn awaiting(channel: &ChannelId, run: &RunId, film: &Digest, now: Timestamp) -> Self {
        Self {
            channel: channel.clone(),
            run: run.clone(),
            revision: 0,
            state: PublishState::AwaitingApproval,
            editors: BTreeSet::new(),
            edited: None,
            film: film.clone(),
            approval: None,
            rejection: None,
            host: None,
            step: Step::None,
            extras: BTreeSet::new(),
            address: None,
            published_at: None,
            problem: None,
            retraction: None,
            updated_at: now,
        }
    }

    /// True once a host was asked for anything: from then on the row is about one film for ever.
    pub fn has_begun(&self) -> bool {
        self.step != Step::None
    }

    /// The row for people and programs: without the session's address.
    pub fn shown(&self) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.remove("uri");
        }
        value
    }
}
