//! A last period that is not over: its figure is a fraction of what it should be.
//!
//! Looked for in flows (money and counts without a denominator) of months, quarters and years. The last value must
//! lie below four fifths of the one before and, in a seasonal calendar, of the one a year before, and its fall must
//! be three times the deepest that the series knows. A figure like that is left out until a later row bears it out.
//! Two dates tell a partial period too: a last row dated inside its period while all others are dated at their end.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::TracePoint;

use super::Context;
use crate::calendar;

/// Fewest observations that tell what is usual.
const KNOWN: usize = 12;

/// Takes an unfinished last period out; true when it did.
pub(super) fn remove(
    points: Vec<TracePoint>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> (Vec<TracePoint>, bool) {
    let why = match frequency {
        Frequency::Daily | Frequency::Weekly => return (points, false),
        _ if points.len() < KNOWN => return (points, false),
        _ if inside(&points, frequency) => "is dated inside its period, which was not over",
        _ if fraction(&points, frequency, context) => "is a fraction of the period before it, which looks unfinished",
        _ => return (points, false),
    };
    let mut marked = vec![false; points.len()];
    marked[points.len() - 1] = true;
    (context.take_out(points, &marked, ScreeningKind::Partial, why, findings), true)
}

/// True when all rows but the last are dated at the end of their periods.
fn inside(points: &[TracePoint], frequency: Frequency) -> bool {
    let short = |point: &TracePoint| {
        calendar::day_number(calendar::period_end(point.date, frequency)) - calendar::day_number(point.date)
    };
    let (last, others) = (short(&points[points.len() - 1]), &points[..points.len() - 1]);
    last > 4 && others.iter().all(|point| short(point) <= 3)
}

fn fraction(points: &[TracePoint], frequency: Frequency, context: &Context<'_>) -> bool {
    let flow =
        matches!(context.unit.kind, UnitKind::Currency { .. } | UnitKind::Count { .. }) && context.unit.per.is_none();
    if !flow || points.iter().any(|point| point.value <= 0.0) {
        return false;
    }
    let end = points.len() - 1;
    let last = points[end].value;
    let share = context.policy.partial_share;
    let season = frequency.per_year() as usize;
    let year_before = (season > 1 && end >= season).then(|| points[end - season].value);
    let deepest = points[..end].windows(2).map(|pair| (pair[0].value / pair[1].value).ln()).fold(0.0, f64::max);
    let fall = (points[end - 1].value / last).ln();
    last < share * points[end - 1].value
        && year_before.is_none_or(|before| last < share * before)
        && fall >= context.policy.partial_moves * deepest
}
