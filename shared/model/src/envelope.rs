//! Messages between stages: references, never payloads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::BlobRef;
use crate::ids::{ChannelId, RunId};
use crate::stage::StageName;

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
