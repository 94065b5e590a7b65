//! Runs in one direction, and the biggest moves over a year.

use proofreel_model::fact::Direction;
use proofreel_model::finding::FindingKind;
use proofreel_model::series::Frequency;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;

/// Moves in a row that are worth telling.
const SHORTEST: usize = 3;

/// Streak, biggest-rise and biggest-drop findings.
pub(super) fn find(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    streaks(view, weight, ledger, drafts);
    biggest(view, FindingKind::BiggestRise, weight, ledger, drafts);
    biggest(view, FindingKind::BiggestDrop, weight, ledger, drafts);
}

/// A run of moves in one direction, as places of its start value and its end.
#[derive(Clone, Copy)]
struct Run {
    direction: Direction,
    from: usize,
    to: usize,
}

fn runs(view: &View<'_>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for to in 1..view.points.len() {
        let (before, now) = (view.points[to - 1].value, view.points[to].value);
        if before == now || !view.adjacent(to - 1, to) {
            continue;
        }
        let direction = if now > before { Direction::Up } else { Direction::Down };
        match runs.last_mut() {
            Some(run) if run.to == to - 1 && run.direction == direction => run.to = to,
            _ => runs.push(Run { direction, from: to - 1, to }),
        }
    }
    runs
}

/// The run that still goes on, and the longest one when that is another. Days make noise, and an unadjusted
/// series has the season in every step; both are left alone.
fn streaks(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    if view.seasonal || matches!(view.frequency(), Frequency::Daily | Frequency::Weekly) {
        return;
    }
    let runs = runs(view);
    let length = |run: &Run| run.to - run.from;
    let current = runs.last().filter(|run| run.to == view.end());
    // The first of the longest, so that a tie does not depend on later data.
    let longest = runs.iter().rev().max_by_key(|run| length(run));
    let mut lengths: Vec<usize> = runs.iter().map(length).collect();
    lengths.sort_unstable();
    let told: Vec<&Run> = match (current, longest) {
        (Some(current), Some(longest)) if current.to != longest.to => vec![current, longest],
        (_, Some(longest)) => vec![longest],
        _ => Vec::new(),
    };
    for run in told.into_iter().filter(|run| length(run) >= SHORTEST) {
        let rarer = lengths.partition_point(|other| *other < length(run)) as f64 / lengths.len() as f64;
        drafts.push(Draft {
            kind: FindingKind::Streak,
            series: vec![view.series().clone()],
            roles: vec![
                ("streak", ledger.streak(view, run.direction, run.from, run.to)),
                ("start", ledger.value(view, run.from)),
                ("end", ledger.value(view, run.to)),
                ("change", ledger.change(view, run.from, run.to)),
            ],
            surprise: rarer,
            effect: view.effect(view.move_between(run.from, run.to)) * 0.8,
            age: view.years_to_end(run.to),
            weight,
        });
    }
}

fn biggest(view: &View<'_>, kind: FindingKind, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let sign = if kind == FindingKind::BiggestRise { 1.0 } else { -1.0 };
    let mut best: Option<(usize, usize, f64)> = None;
    for (from, to) in view.year_pairs(1) {
        let change = view.move_between(from, to) * sign;
        if change > 0.0 && best.is_none_or(|(_, _, other)| change > other) {
            best = Some((from, to, change));
        }
    }
    let (Some((from, to, change)), Some(typical)) = (best, ledger.typical_year(view)) else { return };
    let usual = ledger.fact(typical).value;
    drafts.push(Draft {
        kind,
        series: vec![view.series().clone()],
        roles: vec![
            ("start", ledger.value(view, from)),
            ("end", ledger.value(view, to)),
            ("change", ledger.change(view, from, to)),
            ("typical", typical),
        ],
        surprise: if usual > 0.0 { change / (change + 3.0 * usual) } else { 0.5 },
        effect: view.effect(change),
        age: view.years_to_end(to),
        weight,
    });
}
