//! Every bracket over a line compared with the window of its fact.

use proofreel_model::display;
use proofreel_model::visual::{RangeMark, Trace};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::pictures::check_figure;
use super::rules::Rule;

/// A bracket spans the window of its fact, between two points of the trace of that fact's series.
pub(super) fn check_range(
    dossier: &Dossier<'_>,
    traces: &[&Trace],
    range: &RangeMark,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let Some(fact) = check_figure(dossier, &range.label, &range.fact, place, findings) else { return };
    let Some(trace) = traces.get(range.trace as usize) else {
        findings.add(Rule::MarkMisplaced, place, format!("is on trace {}, which the chart does not have", range.trace));
        return;
    };
    let (_, from, to) = display::dates(&fact.formula);
    if (from, to) != (Some(range.from), Some(range.to)) {
        let why = format!("spans {} to {}, which is not the window of {}", range.from, range.to, fact.id);
        findings.add(Rule::MarkMisplaced, place, why);
    }
    for date in [range.from, range.to] {
        if !trace.points.iter().any(|point| point.date == date) {
            findings.add(Rule::MarkMisplaced, place, format!("ends at {date}, where its trace has no point"));
        }
    }
    if !series_of(&fact.formula).contains(&&trace.series) {
        findings.add(Rule::SeriesMisplaced, place, format!("{} is not of the series it brackets", fact.id));
    }
}
