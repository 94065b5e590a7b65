//! Counters that begin again: a running total that falls back to nearly nothing and rises anew.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::visual::TracePoint;

use super::{Context, median};

/// Fewest observations on each side.
const SIDE: usize = 4;
/// Fewest observations of a series that is known to be a counter.
const KNOWN: usize = 20;

/// Takes the shorter side of a counter that began again out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let mut marked = vec![false; points.len()];
    let falls: Vec<usize> = (1..points.len()).filter(|n| points[*n].value < points[n - 1].value).collect();
    let rises = points.windows(2).filter(|pair| pair[1].value > pair[0].value).count();
    if let [at] = falls.as_slice()
        && points.len() >= KNOWN
        && !context.percent()
        && points[0].value >= 0.0
        && *at >= SIDE
        && points.len() - at >= SIDE
        && rises * 10 >= points.len() * 8
        && points[*at].value < context.policy.restart_share * points[at - 1].value
        // A true collapse has a level of its own; a counter starts with a step like those before.
        && points[*at].value <= 3.0 * usual_step(&points[..*at])
        // and grows at first by as much again, where a series in another scale goes on as before.
        && (1.3..4.0).contains(&(points[at + 1].value / points[*at].value))
    {
        if *at * 2 >= points.len() { marked[*at..].fill(true) } else { marked[..*at].fill(true) }
    }
    let why = "lies beyond a point at which the running total begins again";
    context.take_out(points, &marked, ScreeningKind::Restart, why, findings)
}

/// The middle one of the last steps up.
fn usual_step(points: &[TracePoint]) -> f64 {
    let last = &points[points.len().saturating_sub(13)..];
    median(last.windows(2).map(|pair| pair[1].value - pair[0].value).collect()).unwrap_or(0.0)
}
