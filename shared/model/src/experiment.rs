//! Experiments with the packaging and the opening of videos, as records.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, RunId};

/// What an experiment varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExperimentType {
    /// The title.
    Title,
    /// The thumbnail.
    Thumbnail,
    /// The opening.
    Hook,
    /// The comment pinned under the video.
    PinnedComment,
}

impl ExperimentType {
    /// Name in keys and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Thumbnail => "thumbnail",
            Self::Hook => "hook",
            Self::PinnedComment => "pinned_comment",
        }
    }

    /// True where a person does it at the host, since its API cannot: the experiment begins when they say that it is done.
    pub fn is_by_hand(self) -> bool {
        self == Self::PinnedComment
    }
}

/// What an experiment came to, against what is usual for the channel at the same age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Well over it.
    Better,
    /// Within what varies anyway.
    Usual,
    /// Well under it.
    Worse,
}

/// A row of `metadata_experiments`: a published video that had another variant lead because a standing order asked for it. There is no
/// API for YouTube's own test of titles and thumbnails, so it is compared with the channel's other videos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Experiment {
    /// Channel.
    pub channel: ChannelId,
    /// Video.
    pub video_id: String,
    /// Its run.
    pub run: RunId,
    /// What was varied.
    pub experiment_type: ExperimentType,
    /// The variants, the one that led first.
    pub variants: Vec<String>,
    /// Standing order it obeyed.
    pub order: String,
    /// Day it began: when it was published, or when a person had done what only a person can.
    pub start: Date,
    /// Day it was measured; none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Click-through rate, share of impressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctr: Option<f64>,
    /// Average view duration, share of the length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avd: Option<f64>,
    /// What it came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl Experiment {
    /// Sort key of the row.
    pub fn key(&self) -> String {
        format!("experiment#{}#{}#{}", self.start, self.video_id, self.experiment_type.as_str())
    }
}
