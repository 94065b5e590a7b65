//! The research brief: what is known about the selected topic, and how it is known.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::Fact;
use crate::finding::Finding;
use crate::ids::{ClaimId, FactId, SourceId};
use crate::series::{SeriesInfo, SeriesRef};
use crate::text::RichText;
use crate::topic::{ScoredTopic, TopicCandidate};

/// How far a source is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::enum_variant_names)] // the law's own words
pub enum SourceTier {
    /// Primary: government, central bank, regulator, audited filing.
    #[serde(rename = "tier_1")]
    Tier1,
    /// Reputable secondary.
    #[serde(rename = "tier_2")]
    Tier2,
    /// The rest: needs corroboration.
    #[serde(rename = "tier_3")]
    Tier3,
}

/// A source of the brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Identifier inside the brief.
    pub source_id: SourceId,
    /// Title as shown: publisher, and release where the descriptor names one.
    pub title: String,
    /// Where the publisher has it.
    pub url: String,
    /// Newest observation used.
    pub as_of_date: Date,
    /// Trust tier.
    pub source_tier: SourceTier,
    /// Days after which it counts as stale, from `specs/policy/sources.toml`.
    pub freshness_window_days: u32,
    /// True when it is older than its window on the day of the run.
    pub stale_data: bool,
    /// Licence as the descriptor names it.
    pub licence: String,
    /// Data package it came in.
    pub dataset: String,
    /// Digest of the package's files.
    pub dataset_digest: crate::digest::Digest,
}

/// A claim: a finding and the sentence that states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyFact {
    /// Identifier inside the brief.
    pub claim_id: ClaimId,
    /// The sentence.
    pub statement: RichText,
    /// The finding it words.
    pub finding: Finding,
}

/// Which sources carry which claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyFactSource {
    /// The claim.
    pub claim: ClaimId,
    /// Its sources; never empty.
    pub source_ids: Vec<SourceId>,
}

/// A measured value of the brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataPoint {
    /// What was measured, in words.
    pub metric: String,
    /// The value as displayed.
    pub value: String,
    /// When.
    pub timeframe: String,
    /// The fact that proves it.
    pub fact: FactId,
    /// Where it comes from.
    pub source_id: SourceId,
}

/// What screening found wrong with a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScreeningFinding {
    /// The series.
    pub series: SeriesRef,
    /// The kind of fault.
    pub kind: ScreeningKind,
    /// Data rows concerned (1-based), first and last.
    pub rows: (u32, u32),
    /// What was seen and what was done about it.
    pub note: String,
    /// True when the rows were taken out of the series.
    pub excluded: bool,
}

/// Kinds of data fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningKind {
    /// An empty or missing cell.
    Missing,
    /// A zero or placeholder that stands for "not known".
    Sentinel,
    /// A cell that is not a number.
    NotANumber,
    /// A date that cannot be read.
    BadDate,
    /// The same date twice.
    DuplicateDate,
    /// Dates out of order (sorted on loading).
    Unordered,
    /// Periods without an observation.
    Gap,
    /// The same value over a stretch where the series otherwise moves.
    Stuck,
    /// A jump of a whole scale (×10, ×100, ×1000) that stays or is alone.
    ScaleBreak,
    /// A jump far outside the series' own moves that stays: another base year or another unit.
    Rebased,
    /// Fractions among percentages, or the other way round.
    PercentFraction,
    /// A thousands separator read as a decimal mark, or the other way round.
    Separators,
    /// A series in another scale than what it must agree with: its parts, its total, its twin.
    SiblingScale,
    /// The dates begin again (the file holds the series twice), or a counter does.
    Restart,
    /// Rows of another calendar among those of the series.
    MixedFrequency,
    /// A last period that is not complete.
    Partial,
    /// Members that enter or leave a panel, or a panel without its total.
    Survivorship,
    /// Figures that differ from those of the package's previous version.
    Revision,
}

/// Output of research.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResearchBrief {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// The day of the run; freshness is judged on it.
    pub as_of: Date,
    /// The selected topic, carried through.
    pub topic: TopicCandidate,
    /// Scoring context of all candidates, carried through. Never empty.
    pub topic_candidates: Vec<ScoredTopic>,
    /// Two or three sentences.
    pub executive_summary: RichText,
    /// Claims, strongest first.
    pub key_facts: Vec<KeyFact>,
    /// Sources by claim; one entry for each key fact.
    pub key_fact_sources: Vec<KeyFactSource>,
    /// Measured values.
    pub data_points: Vec<DataPoint>,
    /// Sources.
    pub sources: Vec<Source>,
    /// All facts that the claims cite.
    pub facts: Vec<Fact>,
    /// Series the facts read.
    pub series: Vec<SeriesInfo>,
    /// What screening found in those series.
    pub screening: Vec<ScreeningFinding>,
    /// What a sceptic would say, from the data.
    pub contrarian_angle: RichText,
    /// What the viewer takes home.
    pub viewer_takeaway: RichText,
}

impl ResearchBrief {
    /// The fact with this id.
    pub fn fact(&self, id: &FactId) -> Option<&Fact> {
        self.facts.iter().find(|fact| &fact.id == id)
    }

    /// The claim with this id.
    pub fn claim(&self, id: &ClaimId) -> Option<&KeyFact> {
        self.key_facts.iter().find(|claim| &claim.claim_id == id)
    }

    /// Description of a series.
    pub fn series_info(&self, series: &SeriesRef) -> Option<&SeriesInfo> {
        self.series.iter().find(|info| &info.series == series)
    }
}
