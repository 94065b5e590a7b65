//! Findings: groups of facts that make one point. The miner ranks them; the writer words them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::FactId;
use crate::series::SeriesRef;

/// The point a finding makes. Each kind fixes the roles of its facts (in `monospace`, optional ones with `?`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Where the series stands: `latest`, `average` (whole window), `gap?` (percent above or below it, or points).
    Level,
    /// Against the same period a year before: `latest`, `year_ago`, `change`.
    YearOnYear,
    /// Against five, ten, … years before or the first observation: `latest`, `then`, `change`, `elapsed`, `growth?`, `multiple?`.
    LongRun,
    /// The latest is the highest or lowest of the whole record: `latest`, `previous` (the old record), `elapsed?`.
    Record,
    /// Highest or lowest since a date: `latest`, `since` (years), `then` (value at that date).
    RecordSince,
    /// Below a peak now: `latest`, `peak`, `drawdown`, `elapsed`.
    OffPeak,
    /// The worst fall in the record: `peak`, `trough`, `drawdown`, `elapsed` (fall), `recovery?` (elapsed from trough back to the peak's level).
    WorstFall,
    /// The longest or current run of moves in one direction: `streak`, `start`, `end`, `change`.
    Streak,
    /// The biggest rise over a year: `start`, `end`, `change`, `typical` (typical move over a year).
    BiggestRise,
    /// The biggest fall over a year: `start`, `end`, `change`, `typical`.
    BiggestDrop,
    /// Two series changed places: `crossing`, `passed` (other's value there), `gap?` (latest gap).
    Crossing,
    /// Two series over the same window: `first_change`, `second_change`, `first_latest`, `second_latest`, `gap?` or `ratio?`.
    Versus,
    /// Money against consumer prices over the same years: `nominal` (change), `real` (change with the rise of prices taken
    /// out), `prices` (their rise), `then`, `now`. The second series is the price index.
    RealVsNominal,
    /// The last major peak or trough, by the series' own moves: `turn` (the extreme from the turn before it to the present),
    /// `before` (value at the turn before), `latest`, `run` (change before to turn), `since` (change turn to latest),
    /// `elapsed` (since the turn), `typical` (typical move over a year, the measure of major).
    TurningPoint,
    /// Yearly moves of one series that look like those of another some periods later: `correlation` (at the lag),
    /// `unlagged` (at the same time), `lag` (periods). The second series is the later one. Never a cause.
    LeadLag,
    /// Two crises compared: `first_move`, `second_move` (change from the first to the last observation of each window),
    /// `first_start`, `first_end`, `second_start`, `second_end`, and where one lasted much longer `first_lasted?`,
    /// `second_lasted?`. Windows are those of `specs/policy/crises.toml`.
    EpisodesCompared,
    /// The share of the first of a whole panel, then and now, among the members that have both dates: `share_now`,
    /// `share_then`, `rank_now`, `rank_then`, `value_now`, `value_then`.
    PanelShare,
    /// The first of a panel: `leader`, `second`, `share?`, `ratio`.
    PanelLeader,
    /// A member that climbed: `rank_now`, `rank_then`, `value_now`, `value_then`, `multiple?`.
    PanelClimb,
    /// The fastest grower of a panel: `fastest` (growth), `slowest` (growth), `fastest_now`, `slowest_now`.
    PanelGrowth,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Level,
        Self::YearOnYear,
        Self::LongRun,
        Self::Record,
        Self::RecordSince,
        Self::OffPeak,
        Self::WorstFall,
        Self::Streak,
        Self::BiggestRise,
        Self::BiggestDrop,
        Self::Crossing,
        Self::Versus,
        Self::RealVsNominal,
        Self::TurningPoint,
        Self::LeadLag,
        Self::EpisodesCompared,
        Self::PanelShare,
        Self::PanelLeader,
        Self::PanelClimb,
        Self::PanelGrowth,
    ];
}

/// Why a finding ranks where it does; each part 0–1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingScore {
    /// How unusual against the series' own history.
    pub surprise: f64,
    /// How large the effect.
    pub effect: f64,
    /// How near to the present.
    pub recency: f64,
    /// How close to the topic's angle.
    pub relevance: f64,
    /// Weighted total, less the overlap with findings ranked above.
    pub total: f64,
}

/// One point, made of facts in named roles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The point.
    pub kind: FindingKind,
    /// Series it speaks of, the subject first.
    pub series: Vec<SeriesRef>,
    /// Facts by role.
    pub roles: BTreeMap<String, FactId>,
    /// Its rank's reasons.
    pub score: FindingScore,
}
