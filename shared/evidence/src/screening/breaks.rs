//! Jumps that stay: the series is in thousands, then in units; an index is put on another base.
//!
//! A jump counts when it lies far outside the series' own moves, both anywhere and nearby, and when the level stays:
//! a shock such as the claims of March 2020 shakes its surroundings and fades. It must be a whole scale (10, 100,
//! 1000 …), or in an index any ratio that another base year gives, or in other series (never in percentages) a ratio
//! of five or more, as another unit of weight gives. The parts between jumps that share a level belong together; the
//! parts with the fewer observations are left out.

use std::collections::BTreeSet;
use std::f64::consts::LN_10;

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::TracePoint;

use super::{Context, RawRow, scale};
use crate::calendar;
use crate::library::MIN_OBSERVATIONS;
use crate::numbers;

/// A jump between two neighbouring places.
#[derive(Clone, Copy)]
struct Jump {
    /// Place after the jump.
    at: usize,
    /// Natural logarithm of the ratio.
    size: f64,
    /// Power of ten; 0 for another base or unit.
    power: i32,
}

/// Neighbouring places on one level.
struct Part {
    first: usize,
    end: usize,
    level: f64,
    power: i32,
}

/// Takes the shorter side of each break out.
pub(super) fn remove(
    mut points: Vec<TracePoint>,
    raw: &[RawRow<'_>],
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let Some(positive) = scale::mostly_positive(&points) else { return points };
    let values: Vec<f64> = positive.iter().map(|n| points[*n].value).collect();
    let days: Vec<i64> = positive.iter().map(|n| calendar::day_number(points[*n].date)).collect();
    let jumps = jumps(&values, &days, context);
    if jumps.is_empty() {
        return points;
    }
    let same = tolerance(&values, &jumps);
    let parts = parts(values.len(), &jumps, same);
    let place = |n: usize| points[positive[n]];
    let odd = odd_parts(&parts, same);
    let mut out: Vec<(ScreeningKind, Vec<u32>)> = Vec::new();
    for part in parts.iter().zip(&odd).filter(|(_, odd)| **odd).map(|(part, _)| part) {
        let inside: Vec<TracePoint> = (part.first..part.end).map(place).collect();
        let near = (part.first.saturating_sub(12)..part.first).chain(part.end..values.len().min(part.end + 12));
        let around: Vec<TracePoint> = near.map(place).collect();
        let kind = if part.power == 0 {
            ScreeningKind::Rebased
        } else {
            scale::kind(part.power, &inside, &around, raw, context)
        };
        let mut rows: Vec<u32> = inside.iter().map(|point| point.row).collect();
        // Whole numbers below a thousand among cells that may be misread, and enough of them: the others are misread.
        let ambiguous = |row: &u32| {
            raw.binary_search_by_key(row, |raw| raw.row).is_ok_and(|at| numbers::ambiguous(raw[at].value_text))
        };
        if kind == ScreeningKind::Separators && rows.len() >= MIN_OBSERVATIONS && !rows.iter().any(ambiguous) {
            let plain: BTreeSet<u32> = rows.into_iter().collect();
            rows = points.iter().map(|point| point.row).filter(|row| !plain.contains(row)).collect();
        }
        match out.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, all)) => all.extend(rows),
            None => out.push((kind, rows)),
        }
    }
    for (kind, mut rows) in out {
        rows.sort_unstable();
        let marked: Vec<bool> = points.iter().map(|point| rows.binary_search(&point.row).is_ok()).collect();
        points = context.take_out(points, &marked, kind, scale::why(kind), findings);
    }
    points
}

/// The jumps that count, in order of place.
fn jumps(values: &[f64], days: &[i64], context: &Context<'_>) -> Vec<Jump> {
    let moves: Vec<f64> = values.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let mut order: Vec<usize> = (0..moves.len()).collect();
    order.sort_by(|a, b| moves[*b].abs().total_cmp(&moves[*a].abs()));
    // The largest set of leading jumps of which each counts against the moves that are left.
    for count in (1..=context.policy.max_breaks.min(order.len().saturating_sub(2))).rev() {
        let own = moves[order[count]].abs();
        let mut leading: Vec<usize> = order[..count].to_vec();
        leading.sort_unstable();
        let moves = Moves { values, days, sizes: &moves, own, leading: &leading };
        let found: Option<Vec<Jump>> = leading.iter().map(|n| moves.jump(*n, context)).collect();
        if let Some(found) = found {
            return found;
        }
    }
    Vec::new()
}

/// The moves of a series, with those that may be breaks.
struct Moves<'a> {
    values: &'a [f64],
    /// Day numbers of the values.
    days: &'a [i64],
    /// Logarithms of the ratios of neighbours.
    sizes: &'a [f64],
    /// Size of the largest move that is no break.
    own: f64,
    /// Moves that may be breaks, in order.
    leading: &'a [usize],
}

impl Moves<'_> {
    /// The move from place `n` to the next, when it counts as a break.
    fn jump(&self, n: usize, context: &Context<'_>) -> Option<Jump> {
        let policy = context.policy;
        let size = self.sizes[n];
        let near = n.saturating_sub(policy.near_observations)..self.sizes.len().min(n + policy.near_observations + 1);
        let local = near.filter(|m| !self.leading.contains(m)).map(|m| self.sizes[m].abs()).fold(0.0, f64::max);
        let far =
            size.abs() >= policy.break_over_moves * self.own && size.abs() >= policy.break_over_near_moves * local;
        if !far {
            return None;
        }
        let (before, after) = self.surrounded(n);
        let sides = (n + 1 - before, after - n - 1);
        let stays = || stays(&self.values[n..after], size, policy.stays_observations, policy.stays_share);
        let power = (size / LN_10).round();
        // A short piece at an end, or a jump over a gap, is believed only when it is off by a hundred or more.
        let short_end = (before == 0 && sides.0 < 4) || (after == self.values.len() && sides.1 < 4);
        let least = if short_end || !self.neighbours(n) { 2.0 } else { 1.0 };
        if power.abs() >= least && (size - power * LN_10).abs() <= 0.1 + local {
            return (power.abs() >= 2.0 || stays()).then_some(Jump { at: n + 1, size, power: power as i32 });
        }
        let index = matches!(context.unit.kind, UnitKind::Index { .. });
        let least = if index { policy.index_rebase_ratio } else { policy.unit_change_ratio };
        let rebased = !context.percent()
            && size.abs() >= least.ln()
            && size.abs() >= policy.rebase_over_moves * self.own
            && sides.0.min(sides.1) >= policy.rebase_observations
            && self.neighbours(n)
            && stays();
        rebased.then_some(Jump { at: n + 1, size, power: 0 })
    }

    /// Place after the jump before, and place of the jump behind.
    fn surrounded(&self, n: usize) -> (usize, usize) {
        (
            self.leading.iter().rev().find(|m| **m < n).map_or(0, |m| m + 1),
            self.leading.iter().find(|m| **m > n).map_or(self.values.len(), |m| m + 1),
        )
    }

    /// True when no more time lies between the two values than usual: over a long gap a level may well change.
    fn neighbours(&self, n: usize) -> bool {
        let step = |n: usize| self.days[n + 1] - self.days[n];
        let near = n.saturating_sub(3)..self.sizes.len().min(n + 4);
        near.filter(|m| *m != n).map(step).max().is_some_and(|usual| step(n) <= usual * 2)
    }
}

/// True when the level after a jump (the second value on) does not come back towards the first value.
fn stays(values: &[f64], size: f64, observations: usize, share: f64) -> bool {
    let kept = |value: &f64| (value / values[0]).ln() / size >= share;
    values[1..].iter().take(observations).all(kept)
}

/// Levels this near are one: the series moved on in between.
fn tolerance(values: &[f64], jumps: &[Jump]) -> f64 {
    let own = (1..values.len())
        .filter(|n| jumps.iter().all(|jump| jump.at != *n))
        .map(|n| (values[n] / values[n - 1]).ln().abs())
        .fold(0.0, f64::max);
    jumps.iter().map(|jump| jump.size.abs() / 2.0).fold(0.2, f64::min) + own
}

fn parts(count: usize, jumps: &[Jump], same: f64) -> Vec<Part> {
    let mut parts = vec![Part { first: 0, end: count, level: 0.0, power: 0 }];
    for jump in jumps {
        let last = parts.len() - 1;
        let next = Part {
            first: jump.at,
            end: count,
            level: parts[last].level + jump.size,
            power: parts[last].power + jump.power,
        };
        parts[last].end = jump.at;
        parts.push(next);
    }
    // Powers are told against the level that is kept.
    let kept = kept_level(&parts, same);
    let power = parts.iter().find(|part| part.level == kept).map_or(0, |part| part.power);
    for part in &mut parts {
        part.power -= power;
    }
    parts
}

/// The level with most observations; of equals the later.
fn kept_level(parts: &[Part], same: f64) -> f64 {
    let size = |level: f64| -> usize {
        parts.iter().filter(|part| (part.level - level).abs() < same).map(|part| part.end - part.first).sum()
    };
    parts.iter().map(|part| part.level).max_by_key(|level| size(*level)).unwrap_or(0.0)
}

fn odd_parts(parts: &[Part], same: f64) -> Vec<bool> {
    let kept = kept_level(parts, same);
    parts.iter().map(|part| (part.level - kept).abs() >= same).collect()
}
