//! Values repeated over a stretch where the series otherwise moves.
//!
//! Two rules. **Repeated averages**: in a monthly or quarterly series, three or more calendar years in a row
//! in each of which every period has the same value, while other years move within the year, are one annual
//! figure written twelve (four) times. Such a stretch is left out: an annual resource tells it truthfully.
//! **Carried forward**: a run of equal values that is too long to be chance, given how often the series repeats
//! itself nearby, is a figure carried forward; its first value is kept. A pegged or administered rate repeats most
//! of the time, and a peg that ended lasts for years, so neither is touched. Annual figures are left alone unless
//! they have six digits or more, which no peg has.

use std::collections::BTreeMap;

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::{Context, kept};
use crate::calendar;

/// Calendar years of one value each that count as repeated averages.
const YEARS: usize = 3;
/// Steps on either side of a run that tell how often the series repeats itself.
const NEARBY: usize = 60;

/// Takes stuck stretches out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let averages = repeated_averages(&points, frequency);
    let why = format!("carry one figure for every {} of a year, so they are annual averages", frequency.noun());
    let points = context.take_out(points, &averages, ScreeningKind::Stuck, &why, findings);
    let runs = carried_forward(&points, frequency, context);
    let mut marked = vec![false; points.len()];
    for (n, (first, end)) in runs.iter().enumerate() {
        marked[first + 1..*end].fill(true);
        let (from, to) = (points[first + 1], points[end - 1]);
        let rows = (from.row.min(to.row), from.row.max(to.row));
        if n < context.policy.listed {
            let note = format!(
                "{}: {} rows up to {} repeat the value of {} although the series otherwise moves; the repeats are left out",
                context.file,
                end - first - 1,
                to.date,
                points[*first].date
            );
            findings.push(context.finding(ScreeningKind::Stuck, rows, note, true));
        }
    }
    if let [first, .., last] | [first @ last] = &runs[runs.len().min(context.policy.listed)..] {
        let (from, to) = (points[first.0 + 1].row, points[last.1 - 1].row);
        let note = format!(
            "{}: {} more runs of one value; the repeats are left out",
            context.file,
            runs.len() - context.policy.listed
        );
        findings.push(context.finding(ScreeningKind::Stuck, (from.min(to), from.max(to)), note, true));
    }
    kept(points, &marked)
}

fn repeated_averages(points: &[TracePoint], frequency: Frequency) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    let periods = match frequency {
        Frequency::Monthly => 12,
        Frequency::Quarterly => 4,
        _ => return marked,
    };
    let mut years: BTreeMap<i16, Vec<usize>> = BTreeMap::new();
    for (n, point) in points.iter().enumerate() {
        years.entry(point.date.year()).or_default().push(n);
    }
    let flat: Vec<(i16, bool)> = years
        .iter()
        .map(|(year, places)| {
            (*year, places.len() == periods && places.iter().all(|n| points[*n].value == points[places[0]].value))
        })
        .collect();
    if flat.iter().all(|(_, flat)| *flat) {
        // Nothing moves within any year: it may be how this source is; leave it.
        return marked;
    }
    let mut at = 0;
    while at < flat.len() {
        if !flat[at].1 {
            at += 1;
            continue;
        }
        let end = (at + 1..flat.len()).find(|n| !flat[*n].1 || flat[*n].0 - flat[n - 1].0 != 1).unwrap_or(flat.len());
        let values: Vec<f64> = flat[at..end].iter().map(|(year, _)| points[years[year][0]].value).collect();
        // One value throughout is a peg, not a row of averages.
        let moves = values.windows(2).any(|pair| pair[0] != pair[1]);
        if end - at >= YEARS && moves {
            for (year, _) in &flat[at..end] {
                years[year].iter().for_each(|n| marked[*n] = true);
            }
        }
        at = end;
    }
    marked
}

/// Runs of equal values, as first place and end, that are figures carried forward.
fn carried_forward(points: &[TracePoint], frequency: Frequency, context: &Context<'_>) -> Vec<(usize, usize)> {
    let policy = context.policy;
    let shortest = match frequency {
        Frequency::Daily => policy.stuck_run_days,
        Frequency::Weekly => policy.stuck_run_weeks,
        Frequency::Monthly => policy.stuck_run_months,
        Frequency::Quarterly => policy.stuck_run_quarters,
        Frequency::Annual => policy.stuck_run_years,
    };
    // repeats[n]: steps up to n that repeat the value before, so that any stretch is counted at once.
    let mut repeats = vec![0usize; points.len().max(1)];
    for n in 1..points.len() {
        repeats[n] = repeats[n - 1] + usize::from(points[n].value == points[n - 1].value);
    }
    let mut runs = Vec::new();
    let mut at = 0;
    while at < points.len() {
        let end = (at + 1..points.len()).find(|n| points[*n].value != points[at].value).unwrap_or(points.len());
        let (length, first, last) = (end - at, points[at], points[end - 1]);
        let months = calendar::month_number(last.date) - calendar::month_number(first.date);
        let fits = if frequency == Frequency::Annual {
            digits(first.value) >= policy.stuck_digits && length * 2 <= points.len()
        } else {
            (months < policy.peg_months || length <= policy.peg_periods) && first.value != 0.0
        };
        if length >= shortest && fits {
            let (from, to) = (at.saturating_sub(NEARBY), (end + NEARBY).min(points.len()) - 1);
            let steps = (at - from) + (to + 1 - end);
            let repeated = (repeats[at] - repeats[from]) + (repeats[to] - repeats[end - 1]);
            // Laplace's rule: even a series that never repeated itself might.
            let chance = (repeated as f64 + 1.0) / (steps as f64 + 2.0);
            let odds = chance.powi(i32::try_from(length - 1).unwrap_or(i32::MAX));
            if steps >= shortest && odds * policy.stuck_odds < 1.0 {
                runs.push((at, end));
            }
        }
        at = end;
    }
    runs
}

/// Significant digits of a value as its shortest decimal form writes it.
fn digits(value: f64) -> usize {
    let text = format!("{value:e}");
    let mantissa = text.split('e').next().unwrap_or_default();
    mantissa.bytes().filter(u8::is_ascii_digit).count()
}
