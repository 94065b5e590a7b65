//! Cells and dates one by one, then one observation a period.

use std::collections::BTreeMap;

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::{Context, RawRow};
use crate::calendar;
use crate::numbers::{self, NumberCell};

/// Observations whose date and value can be read, in file order.
pub(super) fn readable(
    raw: &[RawRow<'_>],
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let mut points = Vec::with_capacity(raw.len());
    let (mut missing, mut texts, mut dates, mut marks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in raw {
        match (row.date, row.value) {
            (_, NumberCell::Missing) => missing.push(row.row),
            (_, NumberCell::Text) if numbers::other_mark(row.value_text, context.decimal) => {
                marks.push((row.row, row.value_text));
            }
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
    list(&marks, ScreeningKind::Separators, "uses another decimal mark than its column", context, findings);
    list(&dates, ScreeningKind::BadDate, "is not a date in the column's notation", context, findings);
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
    let listed = faults.len().min(context.policy.listed);
    for (row, text) in &faults[..listed] {
        let text: String = text.chars().take(40).collect();
        let note = format!("{}, row {row}: `{text}` {what}; left out", context.file);
        findings.push(context.finding(kind, (*row, *row), note, true));
    }
    if let [first, rest @ ..] = &faults[listed..] {
        let note = format!("{}: {} more, left out", context.file, rows(rest.len() + 1));
        findings.push(context.finding(kind, (first.0, rest.last().unwrap_or(first).0), note, true));
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
    let (mut listed, mut rest) = (0, Vec::new());
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
        if listed > context.policy.listed * 4 {
            rest.push((span, !equal));
        } else {
            let note = format!("{}: {} stands in {} rows {what}", context.file, first.date, group.len());
            findings.push(context.finding(ScreeningKind::DuplicateDate, span, note, !equal));
        }
        if equal {
            kept.push(first);
        }
    }
    if let (Some((first, _)), Some((last, _))) = (rest.first(), rest.last()) {
        let excluded = rest.iter().any(|(_, excluded)| *excluded);
        let note = format!("{}: {} more dates stand in several rows", context.file, rest.len());
        findings.push(context.finding(ScreeningKind::DuplicateDate, (first.0, last.1), note, excluded));
    }
    kept
}
