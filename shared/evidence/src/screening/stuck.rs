//! Values repeated over a stretch where the series otherwise moves.
//!
//! Two rules. **Repeated averages**: in a monthly or quarterly series, three or more calendar years in a row
//! in each of which every period has the same value, while other years move within the year, are one annual
//! figure written twelve (four) times. Such a stretch is left out: an annual resource tells it truthfully.
//! **Carried forward**: in a series that nearly always moves (at most one step in twenty repeats its
//! predecessor outside such runs), a run of nine or more equal values is a figure carried forward; its first
//! value is kept. A pegged rate repeats most of the time, so neither a peg nor an annual series is touched.

use std::collections::BTreeMap;

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::{Context, take_out};

/// Equal values in a row that count as carried forward.
const RUN: usize = 9;
/// Calendar years of one value each that count as repeated averages.
const YEARS: usize = 3;

/// Takes stuck stretches out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let averages = repeated_averages(&points, frequency);
    let (points, rows) = take_out(points, &averages);
    if let Some(rows) = rows {
        let note = format!(
            "{}: rows {} to {} carry one figure for every {} of a year, so they are annual averages and not {} observations; left out",
            context.file,
            rows.0,
            rows.1,
            frequency.noun(),
            if frequency == Frequency::Monthly { "monthly" } else { "quarterly" },
        );
        findings.push(context.finding(ScreeningKind::Stuck, rows, note, true));
    }
    let carried = carried_forward(&points, frequency);
    let (points, rows) = take_out(points, &carried);
    if let Some(rows) = rows {
        let count = carried.iter().filter(|out| **out).count();
        let note = format!(
            "{}: {count} rows repeat the value before them although the series otherwise moves; the repeats are left out",
            context.file
        );
        findings.push(context.finding(ScreeningKind::Stuck, rows, note, true));
    }
    points
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

fn carried_forward(points: &[TracePoint], frequency: Frequency) -> Vec<bool> {
    let mut marked = vec![false; points.len()];
    if frequency == Frequency::Annual {
        return marked;
    }
    let (mut repeats, mut at) = (0usize, 0);
    while at < points.len() {
        let end = (at + 1..points.len()).find(|n| points[*n].value != points[at].value).unwrap_or(points.len());
        if end - at >= RUN {
            marked[at + 1..end].fill(true);
        } else {
            repeats += end - at - 1;
        }
        at = end;
    }
    let steps = marked.iter().filter(|out| !**out).count();
    if repeats * 20 > steps || steps * 2 < points.len() {
        marked.fill(false);
    }
    marked
}
