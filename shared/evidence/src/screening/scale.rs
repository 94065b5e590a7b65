//! Figures of another scale: typed in thousands among millions, a fraction among percentages, `1.234` for `1,234`.
//!
//! A lone value whose ratio to both neighbours is 10, 100, 1000 … (within a fifth), while the neighbours agree
//! with each other, is left out. In a percent series that changes sign or touches zero, where ratios say nothing,
//! a run of values that are all tiny, while nearly none elsewhere is, and that fit in when multiplied by a hundred,
//! is a run of fractions.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::visual::TracePoint;

use super::{Context, RawRow, median};
use crate::numbers;

/// Takes lone values of another scale and runs of fractions out.
pub(super) fn remove(
    mut points: Vec<TracePoint>,
    raw: &[RawRow<'_>],
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    if points.len() < 5 {
        return points;
    }
    if let Some(positive) = mostly_positive(&points) {
        let lone = lone(&points, &positive);
        for (kind, marked) in by_kind(&points, &lone, raw, context) {
            points = context.take_out(points, &marked, kind, why(kind), findings);
        }
    }
    if context.percent() && points.iter().any(|point| point.value < 0.0) {
        let fractions = fractions(&points, context);
        let kind = ScreeningKind::PercentFraction;
        points = context.take_out(points, &fractions, kind, why(kind), findings);
    }
    points
}

/// What is said of values of this kind.
pub(super) fn why(kind: ScreeningKind) -> &'static str {
    match kind {
        ScreeningKind::PercentFraction => "differs from its surroundings by a hundred, as a fraction among percentages",
        ScreeningKind::Separators => {
            "differs from its surroundings by a thousand, as a separator read as a decimal mark or the other way round"
        }
        ScreeningKind::Rebased => "stands on another base or unit than the longer part of the series",
        _ => "differs from its surroundings by a whole scale (ten, a hundred, a thousand …)",
    }
}

/// Places of the positive values, when nearly all values are.
pub(super) fn mostly_positive(points: &[TracePoint]) -> Option<Vec<usize>> {
    let positive: Vec<usize> = (0..points.len()).filter(|n| points[*n].value > 0.0).collect();
    (positive.len() >= 5 && positive.len() * 10 >= points.len() * 9).then_some(positive)
}

/// The kind of a scale fault from its power of ten and its cells.
pub(super) fn kind(
    power: i32,
    odd: &[TracePoint],
    around: &[TracePoint],
    raw: &[RawRow<'_>],
    context: &Context<'_>,
) -> ScreeningKind {
    if context.percent() && power.abs() == 2 {
        return ScreeningKind::PercentFraction;
    }
    let text =
        |point: &TracePoint| raw.binary_search_by_key(&point.row, |row| row.row).map_or("", |at| raw[at].value_text);
    let mostly = |points: &[TracePoint], test: fn(&str) -> bool| {
        points.iter().filter(|point| test(text(point))).count() * 5 >= points.len() * 4
    };
    let plain = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
    // Whole numbers below a thousand need no separator; whole numbers above it among decimals are another scale.
    let small = odd.iter().all(|point| point.value < 1000.0);
    let by_separator = (mostly(odd, numbers::ambiguous) && !mostly(around, numbers::ambiguous))
        || (small && mostly(odd, plain) && mostly(around, numbers::ambiguous));
    if power.abs() == 3 && by_separator { ScreeningKind::Separators } else { ScreeningKind::ScaleBreak }
}

/// The power of ten nearest to a ratio, when it is at least `least` and within a fifth.
fn whole_scale(ratio: f64, least: i32) -> Option<i32> {
    let power = ratio.log10().round();
    (power.abs() >= f64::from(least) && (ratio.log10() - power).abs() < 0.08).then_some(power as i32)
}

/// The power of ten by which each value stands alone; 0 where it does not.
fn lone(points: &[TracePoint], positive: &[usize]) -> Vec<i32> {
    let mut powers = vec![0; points.len()];
    let value = |place: usize| points[positive[place]].value;
    let moves: Vec<f64> = (1..positive.len()).map(|place| (value(place) / value(place - 1)).ln().abs()).collect();
    // A series that moves by a quarter from step to step may well jump tenfold.
    if median(moves).is_none_or(|usual| usual > 0.25) {
        return powers;
    }
    let last = positive.len() - 1;
    for place in 0..=last {
        let agree = |a: usize, b: usize, least: i32| {
            let same = (value(a) / value(b)).ln().abs() < 0.3;
            same.then(|| {
                whole_scale(value(place) / value(a), least)
                    .filter(|_| whole_scale(value(place) / value(b), least).is_some())
            })?
        };
        // At an end the two next values must agree with each other against it, by a hundred or more.
        let power = match place {
            0 => agree(1, 2, 2),
            n if n == last => agree(last - 1, last - 2, 2),
            n => agree(n - 1, n + 1, 1),
        };
        powers[positive[place]] = power.unwrap_or(0);
    }
    powers
}

/// The marked values by kind, in the order of the first of each.
fn by_kind(
    points: &[TracePoint],
    powers: &[i32],
    raw: &[RawRow<'_>],
    context: &Context<'_>,
) -> Vec<(ScreeningKind, Vec<bool>)> {
    let kinds: Vec<Option<ScreeningKind>> = (0..points.len())
        .map(|n| {
            let around: Vec<TracePoint> = (n.saturating_sub(4)..points.len().min(n + 5))
                .filter(|other| *other != n)
                .map(|other| points[other])
                .collect();
            (powers[n] != 0).then(|| kind(powers[n], &points[n..=n], &around, raw, context))
        })
        .collect();
    let mut rest: Vec<Option<ScreeningKind>> = kinds;
    let mut found = Vec::new();
    while let Some(kind) = rest.iter().flatten().next().copied() {
        found.push((kind, rest.iter().map(|other| *other == Some(kind)).collect::<Vec<bool>>()));
        // The next kind is sought among the points that are left.
        rest.retain(|other| *other != Some(kind));
    }
    found
}

fn fractions(points: &[TracePoint], context: &Context<'_>) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let mut sizes: Vec<f64> = points.iter().map(|point| point.value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let (middle, large) = (sizes[sizes.len() / 2], sizes[sizes.len() * 19 / 20]);
    // Percentages this far above nothing leave fractions in no doubt.
    if large < 2.0 {
        return marked;
    }
    let tiny = |n: usize| points[n].value.abs() <= large * 0.03;
    let all = (0..points.len()).filter(|n| tiny(*n)).count();
    let mut at = 0;
    while at < points.len() {
        if !tiny(at) {
            at += 1;
            continue;
        }
        let end = (at..points.len()).find(|n| !tiny(*n)).unwrap_or(points.len());
        let run: Vec<f64> = points[at..end].iter().map(|point| point.value.abs() * 100.0).collect();
        let elsewhere = all - run.len();
        let moves = run.iter().any(|value| *value != run[0]);
        let fits = median(run.clone()).is_some_and(|typical| typical >= middle / 5.0);
        if run.len() >= context.policy.fraction_run
            && run.len() * 2 <= points.len()
            && moves
            && fits
            && elsewhere * 4 <= points.len() - run.len()
            && goes_on(points, at, end)
        {
            marked[at..end].fill(true);
        }
        at = end;
    }
    marked
}

/// True when the values of a run, taken a hundredfold, go on where their neighbours left off: within twice the largest
/// of the last twelve moves on either side. Rates that come near zero by themselves do not.
fn goes_on(points: &[TracePoint], at: usize, end: usize) -> bool {
    let step = |points: &[TracePoint]| {
        points.windows(2).map(|pair| (pair[1].value - pair[0].value).abs()).fold(0.0, f64::max) * 2.0
    };
    let before =
        at == 0 || (points[at].value * 100.0 - points[at - 1].value).abs() <= step(&points[at.saturating_sub(13)..at]);
    let after = end == points.len()
        || (points[end - 1].value * 100.0 - points[end].value).abs() <= step(&points[end..points.len().min(end + 13)]);
    before && after
}
