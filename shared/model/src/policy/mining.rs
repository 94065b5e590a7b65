//! `specs/policy/mining.toml`: what is worth telling, and how findings are ranked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::FindingKind;
use crate::topic::Angle;

/// Mining and ranking.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mining {
    /// How findings are ranked.
    pub ranking: Ranking,
    /// How near a kind is to each angle, 0–1, in the order of [`Angle`].
    pub relevance: BTreeMap<FindingKind, [f64; 5]>,
    /// Turning points.
    pub turning: Turning,
    /// Lead and lag.
    pub lead: Lead,
    /// Money against prices.
    pub real: Real,
}

/// When a lead is told.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// Least correlation, in size.
    pub least: f64,
    /// Least excess over the correlation at the same time.
    pub above_unlagged: f64,
    /// Least correlation in each half of the window, with the same sign.
    pub least_in_half: f64,
    /// Years that both series share.
    pub least_years: i64,
}

/// When a peak or trough is a major turn.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turning {
    /// Size of the move after it, in typical yearly moves.
    pub typical_moves: f64,
    /// Least size of that move where it is told in percent.
    pub least_percent: f64,
}

/// Which series is an index of consumer prices, and when its rise is worth telling.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Real {
    /// Years looked back, the longest first.
    pub spans: Vec<i64>,
    /// Percent by which prices must have moved.
    pub least_percent: f64,
    /// Words that name consumer prices.
    pub words: Vec<String>,
    /// Words that name a part of them only.
    pub part_words: Vec<String>,
    /// Words of an area by the ISO 4217 code of its currency.
    pub areas: BTreeMap<String, Vec<String>>,
}

/// Weights and bounds of the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Weight of how unusual it is.
    pub surprise: f64,
    /// Weight of its size.
    pub effect: f64,
    /// Weight of its nearness to the present.
    pub recency: f64,
    /// Weight of its nearness to the topic.
    pub relevance: f64,
    /// Years after which recency has fallen to a third.
    pub memory_years: f64,
    /// Taken off for what was told above.
    pub overlap_penalty: f64,
    /// From this share of facts told above a finding tells nothing new.
    pub told_already: f64,
    /// Most findings of a topic.
    pub most: usize,
    /// Most findings of one kind.
    pub most_of_kind: usize,
    /// Below this total a finding is told only to reach `enough`.
    pub weak: f64,
    /// Findings that make an episode.
    pub enough: usize,
}

impl Mining {
    /// How close a kind of finding is to an angle, 0–1; 0 for a kind that the file does not name, which a test forbids.
    pub fn relevance(&self, angle: Angle, kind: FindingKind) -> f64 {
        let place = match angle {
            Angle::StateOfPlay => 0,
            Angle::LongView => 1,
            Angle::BoomAndBust => 2,
            Angle::Versus => 3,
            Angle::Leaderboard => 4,
        };
        self.relevance.get(&kind).map_or(0.0, |angles| angles[place])
    }
}
