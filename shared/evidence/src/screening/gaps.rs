//! Periods without an observation. They are noted; nothing is filled in.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::visual::TracePoint;

use super::Context;
use crate::calendar;

/// Notes the gaps of a series in one finding.
pub(super) fn note(
    points: &[TracePoint],
    frequency: Frequency,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) {
    let gaps: Vec<&[TracePoint]> =
        points.windows(2).filter(|pair| !calendar::consecutive(pair[0].date, pair[1].date, frequency)).collect();
    let Some(longest) =
        gaps.iter().max_by_key(|pair| calendar::day_number(pair[1].date) - calendar::day_number(pair[0].date))
    else {
        return;
    };
    let rows = (longest[0].row.min(longest[1].row), longest[0].row.max(longest[1].row));
    let note = format!(
        "{}: {} between observations, the longest from {} to {}; nothing is filled in",
        context.file,
        if gaps.len() == 1 { "1 gap".to_owned() } else { format!("{} gaps", gaps.len()) },
        longest[0].date,
        longest[1].date
    );
    findings.push(context.finding(ScreeningKind::Gap, rows, note, false));
}
