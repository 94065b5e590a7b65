//! Zeros and other placeholders that stand for "not known".
//!
//! A code such as -999 or 9999 counts as one when it lies outside everything else and far from its neighbours,
//! measured by the moves around it; -1 and -9 only in a series that is otherwise positive. A zero counts as one
//! when the series is positive everywhere else and its neighbours are far from zero: at least a twentieth of the
//! median, or several times the moves around it. In a percent series, where a true zero is common, the neighbours
//! must lie above one too; a run of three is enough there. Small whole counts keep their zeros, and so does a
//! series that swings by half from step to step.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::visual::TracePoint;

use super::{Context, median};

/// Figures that stand for "not known" by convention.
const CODES: [f64; 14] = [
    -1.0,
    -9.0,
    -99.0,
    -999.0,
    -9999.0,
    -99_999.0,
    -999_999.0,
    999.0,
    9999.0,
    99_999.0,
    999_999.0,
    9_999_999.0,
    99_999_999.0,
    999_999_999.0,
];
/// Observations around a placeholder whose moves are looked at.
const AROUND: usize = 24;

/// Takes placeholders out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let coded = codes(&points, context);
    let why = "is a code such as -999 that stands for \"not known\"";
    let points = context.take_out(points, &coded, ScreeningKind::Sentinel, why, findings);
    let zeros = zeros(&points, context);
    let why = "is a zero in a series that is otherwise far from zero, taken as not yet published";
    context.take_out(points, &zeros, ScreeningKind::Sentinel, why, findings)
}

/// A run of equal, suspicious values with the sound values around it.
struct Run {
    first: usize,
    end: usize,
    before: Option<f64>,
    after: Option<f64>,
    /// Largest move between neighbouring sound values nearby.
    moves: f64,
}

/// Runs of points that `suspect` picks, and what surrounds them.
fn runs(points: &[TracePoint], suspect: impl Fn(f64) -> bool) -> Vec<Run> {
    let sound: Vec<usize> = (0..points.len()).filter(|n| !suspect(points[*n].value)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < points.len() {
        if !suspect(points[at].value) {
            at += 1;
            continue;
        }
        let end = (at..points.len()).find(|n| !suspect(points[*n].value)).unwrap_or(points.len());
        let place = sound.partition_point(|n| *n < at);
        let near = &sound[place.saturating_sub(AROUND)..sound.len().min(place + AROUND)];
        let moves =
            near.windows(2).map(|pair| (points[pair[1]].value - points[pair[0]].value).abs()).fold(0.0, f64::max);
        found.push(Run {
            first: at,
            end,
            before: at.checked_sub(1).map(|n| points[n].value),
            after: points.get(end).map(|point| point.value),
            moves,
        });
        at = end;
    }
    found
}

fn codes(points: &[TracePoint], context: &Context<'_>) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let others: Vec<f64> = points.iter().map(|point| point.value).filter(|value| !CODES.contains(value)).collect();
    let (low, high) =
        others.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    if others.len() == points.len() || others.len() * 2 < points.len() {
        return marked;
    }
    let outside =
        |value: f64| CODES.contains(&value) && (value > high || (value < low && (value < -9.0 || low >= 0.0)));
    for run in runs(points, outside) {
        let value = points[run.first].value;
        let far = |neighbour: f64| (value - neighbour).abs() > context.policy.placeholder_moves * run.moves;
        // Nothing that is never below zero is minus ninety-nine once.
        if (value <= -99.0 && low >= 0.0) || [run.before, run.after].into_iter().flatten().all(far) {
            marked[run.first..run.end].fill(true);
        }
    }
    marked
}

fn zeros(points: &[TracePoint], context: &Context<'_>) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let others: Vec<f64> = points.iter().map(|point| point.value).filter(|value| *value != 0.0).collect();
    let few = others.len() * 10 < points.len() * 3;
    if others.len() == points.len() || few || others.iter().any(|value| *value < 0.0) {
        return marked;
    }
    let small_counts = others.iter().all(|value| value.fract() == 0.0 && *value < 50.0);
    let swings = median(others.windows(2).map(|pair| (pair[1] / pair[0]).ln().abs()).collect()).unwrap_or(0.0);
    let Some(middle) = median(others) else { return marked };
    if small_counts || swings > 0.4 {
        return marked;
    }
    let policy = context.policy;
    for run in runs(points, |value| value == 0.0) {
        let at_end = run.before.is_none() || run.after.is_none();
        let length = run.end - run.first;
        let factor = if at_end { policy.zero_moves_at_end } else { policy.zero_moves };
        // One zero between two rates that agree.
        let agree = length == 1
            && swings < 0.25
            && run
                .before
                .zip(run.after)
                .is_some_and(|(before, after)| (before - after).abs() < before.min(after) / 3.0);
        let far = |value: f64| {
            let by_moves = value > factor * run.moves;
            if context.percent() {
                value > 1.0 && (by_moves || length >= 3 || agree)
            } else {
                by_moves || value >= middle / 20.0
            }
        };
        if [run.before, run.after].into_iter().flatten().all(far) {
            marked[run.first..run.end].fill(true);
        }
    }
    marked
}
