//! Planner and topic-scoring artifacts.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::benchmark::Benchmark;
use crate::ids::TopicId;
use crate::series::SeriesInfo;

/// The way a topic looks at its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Angle {
    /// Where the series stands now, and against what.
    StateOfPlay,
    /// The whole record: how far it came.
    LongView,
    /// Peaks, falls and recoveries.
    BoomAndBust,
    /// Two series against each other.
    Versus,
    /// Members of a panel against each other.
    Leaderboard,
}

/// A topic the channel could make an episode of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopicCandidate {
    /// Data package, series and angle.
    pub topic_id: TopicId,
    /// Working title; holds no number.
    pub title: String,
    /// How it looks at its series.
    pub angle: Angle,
    /// The series it rests on, the subject first. Never empty: a candidate without data is refused.
    pub series: Vec<SeriesInfo>,
    /// Sentences about what the data can prove: the evidence preview.
    pub evidence_preview: Vec<String>,
    /// Number of findings that the miner sees for this angle.
    pub findings: u32,
    /// Mean score of the five best findings, 0–1.
    pub strength: f64,
    /// Anything a person should know: holes, age, narrow basis.
    pub notes: Vec<String>,
}

/// Output of the planner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopicCandidates {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// The day the plan was made for.
    pub as_of: Date,
    /// Candidates, at least five where the data has them.
    pub topic_candidates: Vec<TopicCandidate>,
    /// Data packages or series looked at and left out, with the reason.
    pub left_out: Vec<String>,
    /// What competing channels do, as the order has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Benchmark>,
    /// The same in sentences, with what the house does about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benchmark_says: Vec<String>,
}

/// The five criteria, each 1–5.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopicScores {
    /// How well it fits the channel's audience and interests.
    pub audience_fit: f64,
    /// How far it is from what the channel covered.
    pub novelty: f64,
    /// How well its subject pays.
    pub monetization_potential: f64,
    /// How much the data can prove.
    pub evidence_availability: f64,
    /// How well it can be shown and told.
    pub production_feasibility: f64,
}

/// A scored candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoredTopic {
    /// The candidate.
    pub topic_id: TopicId,
    /// Scores by criterion.
    pub scores: TopicScores,
    /// Weighted total, weights from `specs/policy/scoring.toml`.
    pub total: f64,
    /// Why it scored so, one clause a criterion.
    pub rationale: String,
    /// Set when the topic is refused, for example because the channel covered it recently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Output of topic-scoring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopicSelection {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// Every candidate scored, best first; ties broken by topic id, never at random.
    pub scored: Vec<ScoredTopic>,
    /// Three to five best (fewer only when fewer exist).
    pub shortlist: Vec<TopicId>,
    /// The choice.
    pub selected: TopicId,
    /// Why it was chosen, in sentences.
    pub rationale: String,
}
