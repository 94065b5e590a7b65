//! Periods without an observation. They are noted; nothing is filled in.
//!
//! A period counts as missing when no row names it: a row that another rule took out is not missing.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;

use super::{Context, RawRow};
use crate::calendar;

/// Days, and date and row on either side.
type Hole = (i64, (Date, u32), (Date, u32));

/// Notes the longest gaps of a series one by one, and the others in one finding. `strays` are rows of another
/// calendar, between which nothing is missing.
pub(super) fn note(
    raw: &[RawRow<'_>],
    strays: &BTreeSet<u32>,
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) {
    let mut dated: Vec<(Date, u32)> = raw.iter().filter_map(|row| Some((row.date?, row.row))).collect();
    dated.sort_unstable();
    let mut gaps: Vec<Hole> = dated
        .windows(2)
        .filter(|pair| {
            calendar::period(pair[0].0, frequency) < calendar::period(pair[1].0, frequency)
                && !calendar::consecutive(pair[0].0, pair[1].0, frequency)
                && days(pair) > 4
                && !(strays.contains(&pair[0].1) || strays.contains(&pair[1].1))
        })
        .map(|pair| (days(pair), pair[0], pair[1]))
        .collect();
    // The longest first; of equals the earlier.
    gaps.sort_by_key(|(days, from, _)| (std::cmp::Reverse(*days), from.0));
    let listed = gaps.len().min(context.policy.listed);
    let rows = |from: u32, to: u32| (from.min(to), from.max(to));
    for (_, from, to) in &gaps[..listed] {
        let note = format!("{}: nothing between {} and {}; nothing is filled in", context.file, from.0, to.0);
        findings.push(context.finding(ScreeningKind::Gap, rows(from.1, to.1), note, false));
    }
    let rest = &gaps[listed..];
    if let (Some(first), Some(last)) =
        (rest.iter().map(|gap| gap.1.1.min(gap.2.1)).min(), rest.iter().map(|gap| gap.1.1.max(gap.2.1)).max())
    {
        let note = format!("{}: {} shorter gaps; nothing is filled in", context.file, rest.len());
        findings.push(context.finding(ScreeningKind::Gap, (first, last), note, false));
    }
}

fn days(pair: &[(Date, u32)]) -> i64 {
    calendar::day_number(pair[1].0) - calendar::day_number(pair[0].0)
}
