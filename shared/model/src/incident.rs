//! Incidents: what a person was or should have been called for, as records.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, RunId};
use crate::stage::StageName;

/// What kind of thing went wrong. A dead letter is written by the driver, slots, publishing and silence by the
/// watchdog, the rest by what found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A message that no worker finished.
    DeadLetter,
    /// Breached slots in a row, or an objective breached twice.
    SloBreach,
    /// A publish stage failed for good.
    PublishFailed,
    /// A run that does not move.
    StuckRun,
    /// The watchdog itself was silent.
    WatchdogSilent,
    /// A channel's owner must consent anew before its figures can be read or its films published.
    ConsentLost,
    /// A source revised what a published film says.
    Revision,
    /// The records say what must never be so.
    InvariantBroken,
    /// Somebody was to be told, and could not be reached.
    NoticeFailed,
    /// A row that this version cannot read.
    Unreadable,
    /// A provider's allowance of a day or a month is nearly used up.
    QuotaLow,
}

impl IncidentKind {
    /// True for what the watchdog opens, and so also closes.
    pub const fn is_watched(self) -> bool {
        matches!(
            self,
            Self::SloBreach
                | Self::PublishFailed
                | Self::StuckRun
                | Self::WatchdogSilent
                | Self::InvariantBroken
                | Self::QuotaLow
        )
    }
}

/// Where an incident is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Nobody has it yet.
    #[default]
    Open,
    /// Somebody has it.
    Acknowledged,
    /// Over.
    Resolved,
}

/// One line of an incident's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentEvent {
    /// When.
    pub at: Timestamp,
    /// Who: a person's name, or `watchdog`.
    pub who: String,
    /// What.
    pub what: String,
}

/// A row of `incidents`. Rows of dead letters were written without the members that have defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// What kind.
    pub kind: IncidentKind,
    /// What makes two incidents the same one, for example `slo_breach#demo#slot`; empty for a dead letter.
    #[serde(default)]
    pub cause: String,
    /// Channel it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// Stage it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageName>,
    /// Run of a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// All runs it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunId>,
    /// What happened, one paragraph.
    pub what: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Section of OPERATIONS that says what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub state: IncidentState,
    /// Who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What is to be done so that it does not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<String>,
    /// Its story.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<IncidentEvent>,
    /// How often somebody was called for it.
    #[serde(default)]
    pub pages: u32,
    /// Length of the tail of breaches when it was last told.
    #[serde(default)]
    pub tail: usize,
    /// When it was last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paged_at: Option<Timestamp>,
    /// When it was found.
    pub created_at: Timestamp,
}

impl Incident {
    /// The runs it is about, however it was written.
    pub fn all_runs(&self) -> Vec<&RunId> {
        self.runs.iter().chain(self.run_id.as_ref().filter(|run| !self.runs.contains(run))).collect()
    }
}

/// What is told to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// One line.
    pub title: String,
    /// What happened, since when, which runs, what to do.
    pub text: String,
    /// True when it says that something is over.
    pub resolved: bool,
    /// Cause, by which a pager may join what belongs together.
    pub cause: String,
}
