//! Jumps of a whole scale: a figure typed in thousands among millions.
//!
//! A lone value whose ratio to both neighbours is 10, 100, 1000 … (within a fifth), while the neighbours agree
//! with each other, is left out. A jump by 100, 1000 or more that stays, in a series that never else moves by
//! half, splits it: the longer side is kept.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::visual::TracePoint;

use super::{Context, take_out};

/// Takes mis-scaled values out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    if points.len() < 5 || points.iter().any(|point| point.value <= 0.0) {
        return points;
    }
    let lone = lone(&points);
    let (points, rows) = take_out(points, &lone);
    if let Some(rows) = rows {
        let count = lone.iter().filter(|out| **out).count();
        let note = format!(
            "{}: {count} values differ from both neighbours by a whole scale (ten, a hundred, a thousand …); left out",
            context.file
        );
        findings.push(context.finding(ScreeningKind::ScaleBreak, rows, note, true));
    }
    let beyond = beyond_a_break(&points);
    let (points, rows) = take_out(points, &beyond);
    if let Some(rows) = rows {
        let note = format!(
            "{}: the scale changes at once and stays; the shorter side of the break, rows {} to {}, is left out",
            context.file, rows.0, rows.1
        );
        findings.push(context.finding(ScreeningKind::ScaleBreak, rows, note, true));
    }
    points
}

/// The power of ten nearest to a ratio, when it is at least `least` and within a fifth.
fn whole_scale(ratio: f64, least: i32) -> bool {
    let power = ratio.log10().round();
    power.abs() >= f64::from(least) && (ratio.log10() - power).abs() < 0.08
}

fn lone(points: &[TracePoint]) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let moves: Vec<f64> = points.windows(2).map(|pair| (pair[1].value / pair[0].value).ln().abs()).collect();
    let Some(usual) = super::median(moves) else { return marked };
    if usual > 0.25 {
        // A series that moves by a quarter from step to step may well jump tenfold.
        return marked;
    }
    for at in 0..points.len() {
        let value = points[at].value;
        let before = at.checked_sub(1).map(|n| points[n].value);
        let after = points.get(at + 1).map(|point| point.value);
        marked[at] = match (before, after) {
            (Some(before), Some(after)) => {
                whole_scale(value / before, 1) && whole_scale(value / after, 1) && (before / after).ln().abs() < 0.3
            }
            // At an end the two next values must agree with each other against it.
            (Some(before), None) => at >= 2 && odd_end(value, before, points[at - 2].value),
            (None, Some(after)) => points.len() > 2 && odd_end(value, after, points[2].value),
            (None, None) => false,
        };
    }
    marked
}

/// True when an end value is off by a hundred or more from two values that agree.
fn odd_end(value: f64, next: f64, second: f64) -> bool {
    whole_scale(value / next, 2) && whole_scale(value / second, 2) && (next / second).ln().abs() < 0.3
}

fn beyond_a_break(points: &[TracePoint]) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let jumps: Vec<usize> =
        (1..points.len()).filter(|n| (points[*n].value / points[n - 1].value).ln().abs() > 0.5).collect();
    if let [at] = jumps.as_slice()
        && whole_scale(points[*at].value / points[at - 1].value, 2)
    {
        if *at * 2 >= points.len() { marked[*at..].fill(true) } else { marked[..*at].fill(true) }
    }
    marked
}
