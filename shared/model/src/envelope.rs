//! Messages between stages: references, never payloads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::BlobRef;
use crate::ids::{ChannelId, RunId};
use crate::stage::StageName;

/// How much of a visit a message is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// All of it.
    #[default]
    Whole,
    /// One part of a divided visit, counted from 1.
    Part(u32),
    /// What is left of a divided visit once all its parts are over.
    Gather,
}

impl Share {
    /// True for all of a visit.
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }

    /// Which part, of a part.
    pub fn part(self) -> Option<u32> {
        match self {
            Self::Part(part) => Some(part),
            Self::Whole | Self::Gather => None,
        }
    }
}

/// "Do this stage of this run."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The run.
    pub run: RunId,
    /// Its channel.
    pub channel: ChannelId,
    /// The stage to do.
    pub stage: StageName,
    /// Which visit of the stage this is: 1, and one more for each rewrite that leads through it.
    pub visit: u32,
    /// How much of the visit this is about.
    #[serde(default, skip_serializing_if = "Share::is_whole")]
    pub share: Share,
    /// The order.
    pub order: BlobRef,
    /// Artifacts so far, by the stage that gave them.
    pub artifacts: BTreeMap<StageName, BlobRef>,
    /// Rewrites ordered so far in the episode.
    #[serde(default)]
    pub rewrites: u32,
    /// What the stage should change, when QA sent it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Stop after this stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<StageName>,
}
