//! Cells and dates one by one, then one observation a period.

use std::collections::BTreeMap;

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::{Context, RawRow};
use crate::calendar;
use crate::numbers::NumberCell;

/// Most faults of one kind that are listed one by one.
const LISTED: usize = 5;

/// Observations whose date and value can be read, in date order.
pub(super) fn readable(
    raw: &[RawRow<'_>],
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let mut points = Vec::with_capacity(raw.len());
    let (mut missing, mut texts, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    for row in raw {
        match (row.date, row.value) {
            (_, NumberCell::Missing) => missing.push(row.row),
            (_, NumberCell::Text) => texts.push((row.row, row.value_text)),
            (None, _) => dates.push((row.row, row.date_text)),
            (Some(date), NumberCell::Value(value)) => points.push(TracePoint { date, value, row: row.row }),
        }
    }
    if let (Some(first), Some(last)) = (missing.first(), missing.last()) {
        let note = format!("{}: {} without a value, left out", context.file, rows(missing.len()));
        findings.push(context.finding(ScreeningKind::Missing, (*first, *last), note, true));
    }
    list(&texts, ScreeningKind::NotANumber, "is not a number", context, findings);
    list(&dates, ScreeningKind::BadDate, "is not a date in the column's notation", context, findings);
    if let Some(pair) = points.windows(2).find(|pair| pair[1].date < pair[0].date) {
        let note = format!("{}: dates are not in order, first at row {}; sorted on reading", context.file, pair[1].row);
        findings.push(context.finding(
            ScreeningKind::Unordered,
            (pair[0].row.min(pair[1].row), pair[0].row.max(pair[1].row)),
            note,
            false,
        ));
    }
    // Stable: rows of one date stay in file order.
    points.sort_by_key(|point| point.date);
    points
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}

fn list(
    faults: &[(u32, &str)],
    kind: ScreeningKind,
    what: &str,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) {
    for (row, text) in faults.iter().take(LISTED) {
        let text: String = text.chars().take(40).collect();
        let note = format!("{}, row {row}: `{text}` {what}; left out", context.file);
        findings.push(context.finding(kind, (*row, *row), note, true));
    }
    if let [first, .., last] = &faults[faults.len().min(LISTED)..] {
        let note = format!("{}: {} more such rows, left out", context.file, faults.len() - LISTED);
        findings.push(context.finding(kind, (first.0, last.0), note, true));
    } else if let [only] = &faults[faults.len().min(LISTED)..] {
        let note = format!("{}: 1 more such row, left out", context.file);
        findings.push(context.finding(kind, (only.0, only.0), note, true));
    }
}

/// One observation a period: equal repeats keep the first row, contradicting rows are all left out.
pub(super) fn one_a_period(
    points: Vec<TracePoint>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let mut groups: BTreeMap<i64, Vec<TracePoint>> = BTreeMap::new();
    for point in points {
        let key = match frequency {
            Frequency::Daily | Frequency::Weekly => calendar::day_number(point.date),
            _ => calendar::period(point.date, frequency),
        };
        groups.entry(key).or_default().push(point);
    }
    let mut kept = Vec::with_capacity(groups.len());
    let mut listed = 0;
    for group in groups.into_values() {
        let first = group[0];
        if group.len() == 1 {
            kept.push(first);
            continue;
        }
        let equal = group.iter().all(|point| point.value == first.value);
        let span = (
            group.iter().map(|point| point.row).min().unwrap_or(first.row),
            group.iter().map(|point| point.row).max().unwrap_or(first.row),
        );
        let what =
            if equal { "with equal values; the first is used" } else { "with different values; none of them is used" };
        listed += 1;
        if listed <= LISTED * 4 {
            let note = format!("{}: {} stands in {} rows {what}", context.file, first.date, group.len());
            findings.push(context.finding(ScreeningKind::DuplicateDate, span, note, !equal));
        }
        if equal {
            kept.push(first);
        }
    }
    kept
}
