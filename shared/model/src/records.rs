//! Rows of the run log. Shapes are law: `specs/SCHEMA.md`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calls::CallCounts;
use crate::digest::BlobRef;
use crate::ids::{ChannelId, RunId};
use crate::stage::StageName;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// The stage gave its artifact.
    Success,
    /// The stage could not, and will not by trying again.
    Failure,
    /// The attempt failed and another one follows.
    Retry,
    /// There was nothing to do.
    Skipped,
}

/// Measurements of an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunMetrics {
    /// Wall time, milliseconds.
    pub latency_ms: u64,
    /// Model tokens used.
    pub tokens: u64,
    /// Money spent, US dollars.
    pub cost_usd: f64,
    /// Outside answers that came from the cache.
    pub cache_hit: u32,
    /// Attempts before this one.
    pub retry_count: u32,
    /// Calls to the outside, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<CallCounts>,
}

/// A row of `pipeline_runs`: one attempt of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PipelineRun {
    /// The run.
    pub run_id: RunId,
    /// Its channel.
    pub channel: ChannelId,
    /// The stage.
    pub stage: StageName,
    /// Which visit of the stage (see [`crate::envelope::Envelope::visit`]).
    pub visit: u32,
    /// Which part of a divided visit this was about; none for the visit itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
    /// How it ended.
    pub status: RunStatus,
    /// Attempt number inside the visit or the part, 1-based.
    pub attempts: u32,
    /// What it read.
    pub input_refs: Vec<BlobRef>,
    /// What it gave.
    pub output_refs: Vec<BlobRef>,
    /// What was decided: `advance`, `rewrite script`, `hold`, `reject`, `error`; `divide 8` when the visit was divided
    /// into so many parts; of a part `part`, or `given up`.
    pub outcome: String,
    /// Why it failed or was sent back, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_summary: Option<String>,
    /// What the stage had to say about how it went, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// True for a draft.
    #[serde(default)]
    pub draft: bool,
    /// Measurements.
    pub metrics: RunMetrics,
    /// When the row was written.
    pub created_at: Timestamp,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// Messages are on their way.
    Running {
        /// The stage that is next or at work.
        stage: StageName,
    },
    /// Stopped where `--until` asked.
    Stopped {
        /// The last stage done.
        after: StageName,
    },
    /// Waits for a person or a date.
    Held {
        /// The stage that holds.
        stage: StageName,
        /// Why.
        reason: String,
    },
    /// All stages done.
    Done,
    /// Refused by QA or by a stage.
    Rejected {
        /// The stage that refused.
        stage: StageName,
        /// Why.
        reasons: Vec<String>,
    },
    /// Gave up after the attempts allowed; can be resumed.
    Failed {
        /// The stage that failed.
        stage: StageName,
        /// The last error.
        error: String,
    },
}

/// Head row of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunHead {
    /// The run.
    pub run_id: RunId,
    /// Its channel.
    pub channel: ChannelId,
    /// Its order.
    pub order: BlobRef,
    /// Where it is.
    #[serde(flatten)]
    pub state: RunState,
    /// Newest artifact of each stage.
    pub artifacts: BTreeMap<StageName, BlobRef>,
    /// Files of the film, by name in the output folder.
    #[serde(default)]
    pub files: BTreeMap<String, BlobRef>,
    /// Rewrites ordered so far.
    #[serde(default)]
    pub rewrites: u32,
    /// True for a draft.
    #[serde(default)]
    pub draft: bool,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When this row last changed.
    pub updated_at: Timestamp,
}
