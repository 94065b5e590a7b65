//! Findings before they are ranked, and the ranking.

use std::collections::BTreeSet;

use proofreel_model::finding::{FindingKind, FindingScore};
use proofreel_model::policy::law;
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

impl Draft {
    fn score(&self, angle: Angle) -> FindingScore {
        let mining = &law().mining;
        let by = &mining.ranking;
        let (surprise, effect) = (self.surprise.clamp(0.0, 1.0), self.effect.clamp(0.0, 1.0));
        let recency = (-self.age.max(0.0) / by.memory_years).exp();
        let relevance = mining.relevance(angle, self.kind) * self.weight;
        let total = by.surprise * surprise + by.effect * effect + by.recency * recency + by.relevance * relevance;
        FindingScore { surprise, effect, recency, relevance, total }
    }

    /// What it tells besides the latest value, which every finding about the present shares.
    fn news<'t>(&'t self, things: &'t [usize]) -> impl Iterator<Item = usize> + 't {
        self.roles.iter().filter(|(role, _)| *role != "latest").map(|(_, fact)| things[*fact])
    }

    /// How much of this finding another one has told already, 0–1.
    fn overlap(&self, other: &Draft, things: &[usize]) -> f64 {
        let told: BTreeSet<usize> = other.roles.iter().map(|(_, fact)| things[*fact]).collect();
        let same_kind = self.kind == other.kind && self.series.first() == other.series.first();
        self.told(&told, things).max(if same_kind { 0.5 } else { 0.0 })
    }

    /// Share of its news that `told` holds.
    fn told(&self, told: &BTreeSet<usize>, things: &[usize]) -> f64 {
        let (mut old, mut all) = (0usize, 0usize);
        for thing in self.news(things) {
            all += 1;
            old += usize::from(told.contains(&thing));
        }
        old as f64 / all.max(1) as f64
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

/// Best first: greedily, each finding less what those above it have told; one that tells nothing new is left out.
/// Ties fall to the order of making. `things` says for each fact which thing it tells, see [`Ledger::things`].
///
/// [`Ledger::things`]: super::ledger::Ledger::things
pub(super) fn rank(drafts: Vec<Draft>, angle: Angle, things: &[usize]) -> Vec<(Draft, FindingScore)> {
    let by = &law().mining.ranking;
    let mut open: Vec<(Draft, FindingScore)> = drafts
        .into_iter()
        .map(|draft| {
            let score = draft.score(angle);
            (draft, score)
        })
        .collect();
    let mut ranked: Vec<(Draft, FindingScore)> = Vec::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    while ranked.len() < by.most && !open.is_empty() {
        let mut best: Option<(usize, f64)> = None;
        for (n, (draft, score)) in open.iter().enumerate() {
            let overlap = ranked.iter().map(|(other, _)| draft.overlap(other, things)).fold(0.0f64, f64::max);
            let total = score.total - by.overlap_penalty * overlap;
            if best.is_none_or(|(_, other)| total > other + 1e-12) {
                best = Some((n, total));
            }
        }
        let Some((n, total)) = best else { break };
        let (draft, mut score) = open.remove(n);
        let of_kind = |other: &&(Draft, FindingScore)| other.0.kind == draft.kind;
        let same =
            ranked.iter().filter(of_kind).filter(|(other, _)| other.series.first() == draft.series.first()).count();
        let weak = total < by.weak && ranked.len() >= by.enough;
        let stale = !told.is_empty() && draft.told(&told, things) >= by.told_already;
        let full = same >= most_of(angle, draft.kind) || ranked.iter().filter(of_kind).count() >= by.most_of_kind;
        if !weak && !stale && !full {
            score.total = total.max(0.0);
            told.extend(draft.roles.iter().map(|(_, fact)| things[*fact]));
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
