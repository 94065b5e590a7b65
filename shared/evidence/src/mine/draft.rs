//! Findings before they are ranked, and the ranking.

use proofreel_model::finding::{FindingKind, FindingScore};
use proofreel_model::series::SeriesRef;
use proofreel_model::topic::Angle;

/// A finding whose facts are handles of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub kind: FindingKind,
    pub series: Vec<SeriesRef>,
    pub roles: Vec<(&'static str, usize)>,
    pub surprise: f64,
    pub effect: f64,
    /// Years between the thing told and the last observation.
    pub age: f64,
    /// Weight of the series it speaks of: 1 for the topic's subject.
    pub weight: f64,
}

/// Most findings of one topic.
const MOST: usize = 16;

/// Findings of one kind about all series together.
const MOST_OF_KIND: usize = 5;
/// Below this total a finding is told only to reach [`ENOUGH`].
const WEAK: f64 = 0.3;
/// Findings that make an episode.
const ENOUGH: usize = 8;

/// Weights of surprise, effect, recency and relevance.
const WEIGHTS: (f64, f64, f64, f64) = (0.25, 0.25, 0.15, 0.35);

/// Years after which recency has fallen to a third.
const MEMORY: f64 = 20.0;

impl Draft {
    fn score(&self, angle: Angle) -> FindingScore {
        let (surprise, effect) = (self.surprise.clamp(0.0, 1.0), self.effect.clamp(0.0, 1.0));
        let recency = (-self.age.max(0.0) / MEMORY).exp();
        let relevance = relevance(angle, self.kind) * self.weight;
        let total = WEIGHTS.0 * surprise + WEIGHTS.1 * effect + WEIGHTS.2 * recency + WEIGHTS.3 * relevance;
        FindingScore { surprise, effect, recency, relevance, total }
    }

    /// How much of this finding another one has told already, 0–1.
    fn overlap(&self, other: &Draft) -> f64 {
        let shared = self
            .roles
            .iter()
            .filter(|(role, fact)| *role != "latest" && other.roles.iter().any(|(_, told)| told == fact))
            .count();
        let facts = self.roles.iter().filter(|(role, _)| *role != "latest").count().max(1);
        let same_kind = self.kind == other.kind && self.series.first() == other.series.first();
        (shared as f64 / facts as f64).max(if same_kind { 0.5 } else { 0.0 })
    }
}

/// How close a kind of finding is to an angle, 0–1.
fn relevance(angle: Angle, kind: FindingKind) -> f64 {
    use Angle as A;
    use FindingKind as K;
    let (state, long, boom, versus, board) = match kind {
        K::Level => (0.7, 0.7, 0.4, 0.4, 0.2),
        K::YearOnYear => (1.0, 0.5, 0.5, 0.6, 0.4),
        K::LongRun => (0.6, 1.0, 0.5, 0.5, 0.5),
        K::Record => (0.9, 0.8, 0.8, 0.4, 0.3),
        K::RecordSince => (1.0, 0.7, 0.7, 0.4, 0.3),
        K::OffPeak => (0.9, 0.7, 1.0, 0.5, 0.3),
        K::WorstFall => (0.4, 0.85, 1.0, 0.4, 0.3),
        K::Streak => (0.7, 0.6, 0.6, 0.3, 0.3),
        K::BiggestRise | K::BiggestDrop => (0.5, 0.8, 0.95, 0.4, 0.3),
        K::Crossing => (0.5, 0.5, 0.5, 0.95, 0.9),
        K::Versus => (0.5, 0.5, 0.5, 1.0, 0.6),
        K::PanelLeader => (0.4, 0.4, 0.4, 0.4, 1.0),
        K::PanelClimb => (0.4, 0.4, 0.4, 0.4, 0.95),
        K::PanelGrowth => (0.4, 0.4, 0.4, 0.4, 0.9),
    };
    match angle {
        A::StateOfPlay => state,
        A::LongView => long,
        A::BoomAndBust => boom,
        A::Versus => versus,
        A::Leaderboard => board,
    }
}

/// Most findings of one kind about one series.
fn most_of(angle: Angle, kind: FindingKind) -> usize {
    match kind {
        FindingKind::LongRun if angle == Angle::LongView => 4,
        FindingKind::LongRun | FindingKind::Crossing | FindingKind::PanelClimb => 3,
        FindingKind::Versus => 4,
        _ => 2,
    }
}

/// Best first: greedily, each finding less what those above it have told. Ties fall to the order of making.
pub(super) fn rank(drafts: Vec<Draft>, angle: Angle) -> Vec<(Draft, FindingScore)> {
    let mut open: Vec<(Draft, FindingScore)> = drafts
        .into_iter()
        .map(|draft| {
            let score = draft.score(angle);
            (draft, score)
        })
        .collect();
    let mut ranked: Vec<(Draft, FindingScore)> = Vec::new();
    while ranked.len() < MOST && !open.is_empty() {
        let mut best: Option<(usize, f64)> = None;
        for (n, (draft, score)) in open.iter().enumerate() {
            let told = ranked.iter().map(|(other, _)| draft.overlap(other)).fold(0.0f64, f64::max);
            let total = score.total - 0.2 * told;
            if best.is_none_or(|(_, other)| total > other + 1e-12) {
                best = Some((n, total));
            }
        }
        let Some((n, total)) = best else { break };
        let (draft, mut score) = open.remove(n);
        let of_kind = |other: &&(Draft, FindingScore)| other.0.kind == draft.kind;
        let same =
            ranked.iter().filter(of_kind).filter(|(other, _)| other.series.first() == draft.series.first()).count();
        let weak = total < WEAK && ranked.len() >= ENOUGH;
        if !weak && same < most_of(angle, draft.kind) && ranked.iter().filter(of_kind).count() < MOST_OF_KIND {
            score.total = total.max(0.0);
            ranked.push((draft, score));
        }
    }
    ranked
}

/// How far out a value lies in a history, 0 for its middle and 1 for its ends.
pub(super) fn rarity(value: f64, history: &[f64]) -> f64 {
    if history.len() < 4 {
        return 0.4;
    }
    let below = history.iter().filter(|other| **other < value).count() as f64;
    let equal = history.iter().filter(|other| **other == value).count() as f64;
    let place = (below + equal / 2.0) / history.len() as f64;
    ((place - 0.5).abs() * 2.0).min(1.0)
}
