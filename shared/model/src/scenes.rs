//! Scenes: structure before words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{ClaimId, SceneId, SourceId};
use crate::text::RichText;
use crate::visual::Visual;

/// What a scene does for the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NarrativeRole {
    /// States the promise within five seconds.
    Hook,
    /// Shows evidence.
    Proof,
    /// Says what the evidence means.
    Insight,
    /// Keeps the promise.
    Payoff,
}

/// Known risks; anything else is an unknown flag and fails QA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskFlag {
    /// A claim lacks a source.
    MissingSource,
    /// A source is outside its freshness window.
    StaleData,
    /// A sentence could be read as cause and effect.
    CausalClaim,
    /// A regulator may care.
    RegulatoryRisk,
    /// A subject that hurts people.
    SensitiveTopic,
}

/// Sources of a claim inside a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRefEntry {
    /// The claim.
    pub claim: ClaimId,
    /// Its sources.
    pub sources: Vec<SourceId>,
}

/// One scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scene {
    /// Identifier inside the episode.
    pub scene_id: SceneId,
    /// The one thing the scene is for.
    pub objective: String,
    /// What it does for the story.
    pub narrative_role: NarrativeRole,
    /// Claims it tells; empty only for a payoff or end card that repeats none.
    pub key_claims: Vec<ClaimId>,
    /// Sources by claim.
    pub source_refs: Vec<SourceRefEntry>,
    /// Sources shown on screen: a subset of those in `source_refs`.
    pub evidence_sources: Vec<SourceId>,
    /// The picture, in words, for a person or a model.
    pub visual_prompt: String,
    /// The picture, as drawn.
    pub visual: Visual,
    /// Source line at the foot of the picture: title and date.
    pub source_line: RichText,
    /// Directions for the writer.
    pub narration_prompt: String,
    /// One sentence on how it leads to the next.
    pub transition_note: String,
    /// Planned start, seconds.
    pub start_time: f64,
    /// Planned end, seconds.
    pub end_time: f64,
    /// Words the narration should have.
    pub word_budget: u32,
    /// Risks.
    pub risk_flags: Vec<RiskFlag>,
    /// Schema version.
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
}

/// Output of the scene builder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scenes {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// In playing order.
    pub scenes: Vec<Scene>,
}
