//! The verdict of the gate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{FactId, SceneId};
use crate::stage::StageName;

/// Scores of a scene, each 1–5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)] // the names are the law's own words, defined in specs/PRODUCT_SPEC.md
pub struct SceneScores {
    pub factual_accuracy: u8,
    pub claim_evidence_alignment: u8,
    pub source_traceability: u8,
    pub evidence_source_consistency: u8,
    pub logical_continuity: u8,
    pub viewer_clarity: u8,
    pub retention_risk: u8,
}

/// What was measured of a scene, whatever its scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SceneMeasures {
    /// Sentences said.
    pub sentences: u32,
    /// Sentences that name a claim.
    pub claiming_sentences: u32,
    /// Share of those that cite a fact, 0–1; 1 where there is none.
    pub cited_share: f64,
    /// Facts told that no scene before told.
    pub new_facts: u32,
    /// Sources shown on screen.
    pub sources_shown: u32,
    /// Words a sentence, on average.
    pub mean_words: f64,
    /// Figures a sentence, on average.
    pub mean_figures: f64,
    /// Planned seconds.
    pub seconds: f64,
    /// Words a minute by the planned time, at speed 1 of the voice.
    pub words_per_minute: f64,
    /// Longest time without a new figure or another picture, seconds.
    pub stretch_seconds: f64,
}

/// Scores of one scene with their reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SceneQa {
    /// The scene.
    pub scene_id: SceneId,
    /// Its scores.
    pub scores: SceneScores,
    /// Why anything is below 5.
    pub reasons: Vec<String>,
    /// What was measured.
    #[serde(default)]
    pub measured: SceneMeasures,
}

/// Which checklist an item belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Checklist {
    Research,
    Script,
    Final,
}

/// What an item looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Aspect {
    Factuality,
    Logic,
    ViewerPerspective,
}

/// One item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecklistItem {
    /// Its checklist.
    pub checklist: Checklist,
    /// What it looks at.
    pub aspect: Aspect,
    /// The question.
    pub question: String,
    /// The answer.
    pub passed: bool,
    /// What was seen.
    pub note: String,
}

/// Something wrong: where, whose fault, what to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QaFinding {
    /// Rule that was broken, for example `number_without_fact`.
    pub rule: String,
    /// The scene, when it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene_id: Option<SceneId>,
    /// Place inside it, for example `narration 2`.
    pub place: String,
    /// What is wrong and what to change.
    pub detail: String,
    /// The stage that owns the fault.
    pub owner: StageName,
    /// True when the episode may not go on with it.
    pub fatal: bool,
}

/// Result of recomputing one fact from its source rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recomputed {
    /// The fact.
    pub fact: FactId,
    /// Value in the brief.
    pub claimed: f64,
    /// Value computed from the source by separate code; absent when it could not be.
    pub recomputed: Option<f64>,
    /// True when both agree.
    pub agrees: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Goes on to ops.
    Pass,
    /// Back to a stage.
    Rewrite {
        /// The stage that owns the fault.
        stage: StageName,
        /// What to change.
        reasons: Vec<String>,
    },
    /// Ends here.
    Reject {
        /// Why.
        reasons: Vec<String>,
    },
}

/// Output of QA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QaReport {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// The decision.
    pub verdict: Decision,
    /// Scores per scene.
    pub scenes: Vec<SceneQa>,
    /// Checklists.
    pub checklists: Vec<ChecklistItem>,
    /// Every fact, recomputed.
    pub recomputed: Vec<Recomputed>,
    /// Plotted points compared with their source rows.
    pub points_checked: u32,
    /// Texts whose numerals were traced to facts.
    pub texts_checked: u32,
    /// Citations whose wording was made again and compared.
    pub citations_checked: u32,
    /// What is wrong.
    pub findings: Vec<QaFinding>,
    /// Digest of the script judged: an approval of another script is void.
    pub script_digest: crate::digest::Digest,
    /// The media check of the film, added beside the verdict once there is a film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<crate::media::MediaReport>,
}
