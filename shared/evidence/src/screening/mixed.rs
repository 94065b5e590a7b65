//! Rows of another calendar: annual or quarterly figures among months, a daily tail after months.
//!
//! Three shapes. **Coarse**: several steps in a row that are all one longer calendar step, as a quarterly tail after
//! months. **Fine**: several steps in a row far shorter than the series' period. **Recurring**: once a year, for
//! three years or more, an extra row stands beside the regular one, as an annual average filed under December.
//! Such rows are no observations of the series' own calendar and are left out.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::Context;
use crate::calendar;
use crate::dates::Grain;

/// Takes rows of another calendar out of points in date order; gives their rows too.
pub(super) fn remove(
    points: Vec<TracePoint>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> (Vec<TracePoint>, BTreeSet<u32>) {
    let mut marked = vec![false; points.len()];
    let longer = |n: usize| coarse(points[n - 1].date, points[n].date, frequency);
    let regular = |n: usize| calendar::consecutive(points[n - 1].date, points[n].date, frequency);
    stretches(&points, longer, regular, context, &mut marked);
    let shorter = |n: usize| fine(points[n - 1].date, points[n].date, frequency);
    stretches(&points, shorter, regular, context, &mut marked);
    recurring(&points, frequency, context, &mut marked);
    let strays = points.iter().zip(&marked).filter(|(_, out)| **out).map(|(point, _)| point.row).collect();
    let why = format!("belong to another calendar than the {} rows around", adjective(frequency));
    (context.take_out(points, &marked, ScreeningKind::MixedFrequency, &why, findings), strays)
}

fn adjective(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::Annual => "annual",
    }
}

/// Months (or 0 for a week) of a step that is one step of a longer calendar.
fn coarse(from: Date, to: Date, frequency: Frequency) -> Option<i64> {
    let days = calendar::day_number(to) - calendar::day_number(from);
    let by_days = match days {
        6..=8 if frequency == Frequency::Daily => Some(0),
        26..=35 => Some(1),
        86..=95 => Some(3),
        178..=187 => Some(6),
        360..=371 => Some(12),
        _ => None,
    };
    match frequency {
        Frequency::Daily | Frequency::Weekly => by_days,
        Frequency::Monthly | Frequency::Quarterly => {
            let months = calendar::month_number(to) - calendar::month_number(from);
            let periods = if frequency == Frequency::Monthly { [3, 6, 12] } else { [6, 12, 12] };
            periods.contains(&months).then_some(months)
        }
        Frequency::Annual => None,
    }
}

/// 1 for a step far shorter than the period.
fn fine(from: Date, to: Date, frequency: Frequency) -> Option<i64> {
    let days = calendar::day_number(to) - calendar::day_number(from);
    let short = match frequency {
        Frequency::Annual => 200,
        Frequency::Quarterly => 60,
        Frequency::Monthly => 20,
        Frequency::Daily | Frequency::Weekly => 0,
    };
    (1..short).contains(&days).then_some(1)
}

/// Marks the points of several steps in a row of one other length. `step` looks at the step that ends at a point.
fn stretches(
    points: &[TracePoint],
    step: impl Fn(usize) -> Option<i64>,
    regular: impl Fn(usize) -> bool,
    context: &Context<'_>,
    marked: &mut [bool],
) {
    let mut at = 1;
    while at < points.len() {
        let Some(length) = step(at) else {
            at += 1;
            continue;
        };
        let end = (at + 1..points.len()).find(|n| step(*n) != Some(length)).unwrap_or(points.len());
        let least = if length == 12 { context.policy.mixed_years } else { context.policy.mixed_steps };
        if end - at >= least {
            // The point at which a stretch begins or ends beside a regular step belongs to both calendars.
            let first = if at > 1 && regular(at - 1) { at } else { at - 1 };
            let last = if end < points.len() && regular(end) { end - 1 } else { end };
            marked[first..last].fill(true);
        }
        at = end;
    }
}

/// Marks extra rows that stand beside the regular ones once a year.
fn recurring(points: &[TracePoint], frequency: Frequency, context: &Context<'_>, marked: &mut [bool]) {
    if !matches!(frequency, Frequency::Monthly | Frequency::Quarterly) || context.grain == Grain::Year {
        return;
    }
    let places: Vec<usize> = (0..points.len()).filter(|n| !marked[*n]).collect();
    let period = |n: usize| calendar::period(points[n].date, frequency);
    let doubled: Vec<&[usize]> = places
        .chunk_by(|a, b| period(*a) == period(*b))
        .filter(|group| group.len() == 2 && points[group[0]].value != points[group[1]].value)
        .collect();
    let yearly = doubled
        .windows(2)
        .filter(|pair| period(pair[1][0]) - period(pair[0][0]) == i64::from(frequency.per_year()))
        .count();
    if doubled.len() < context.policy.mixed_years || yearly + 1 < doubled.len() {
        return;
    }
    let usual = usual_day(points);
    for group in doubled {
        let regular: Vec<usize> = group.iter().copied().filter(|n| day(points[*n].date) == usual).collect();
        // Two rows of the usual day cannot be told apart: neither is used.
        for n in group.iter().filter(|n| regular.len() != 1 || **n != regular[0]) {
            marked[*n] = true;
        }
    }
}

/// Day of the month; 0 for a last one, so that month ends are alike.
fn day(date: Date) -> i8 {
    if date == date.last_of_month() { 0 } else { date.day() }
}

fn usual_day(points: &[TracePoint]) -> i8 {
    let mut counts = [0usize; 32];
    for point in points {
        counts[usize::from(day(point.date).unsigned_abs())] += 1;
    }
    let best = (0..32i8).max_by_key(|day| counts[usize::from(day.unsigned_abs())]);
    best.unwrap_or(1)
}
