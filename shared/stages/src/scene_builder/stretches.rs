//! Stretches of a line that a claim tells something about.

use jiff::civil::Date;
use proofreel_model::display::dates;
use proofreel_model::fact::{Fact, Formula, tells_stretch};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{RangeMark, Trace};

use crate::prose::Bound;

/// Facts of a claim that tell what happened between two observations, or how long it took, with both dates. Several tell
/// something of one stretch, each in its own words: each has its bracket, which is there while it is said.
pub(super) fn moves<'f>(bound: &Bound<'f>) -> Vec<(&'f Fact, Date, Date)> {
    let mut out: Vec<(&Fact, Date, Date)> = Vec::new();
    for fact in bound.facts().filter(|fact| tells_stretch(&fact.formula)) {
        if let (_, Some(from), Some(to)) = dates(&fact.formula)
            && !out.iter().any(|(known, ..)| known.id == fact.id)
        {
            out.push((fact, from, to));
        }
    }
    out
}

/// How a picture writes a fact's value: a move with its sign, as headings and cards do. A fall told as its size carries
/// none, nor does what is no move: a level, a share, a usual move, a multiple.
pub(super) fn style_of(fact: &Fact) -> Style {
    use Formula as F;
    match fact.formula {
        F::Change { .. }
        | F::PercentChange { .. }
        | F::RealChange { .. }
        | F::MeanChange { .. }
        | F::GrowthRate { .. } => Style::Signed,
        _ => Style::Screen,
    }
}

/// Bracketed stretches: of those facts whose two dates are points of the trace of their own series.
pub(super) fn ranges(traces: &[&Trace], moves: &[(&Fact, Date, Date)]) -> Vec<RangeMark> {
    let range = |(fact, from, to): &(&Fact, Date, Date)| {
        let own = crate::research::series_of(&fact.formula);
        let at = traces.iter().position(|trace| own.first() == Some(&&trace.series))?;
        let drawn = |date: Date| traces[at].points.iter().any(|point| point.date == date);
        let style = style_of(fact);
        let text = proofreel_model::display::cite(fact, Part::Value, style)?;
        let cite = Cite::Fact { fact: fact.id.clone(), part: Part::Value, style };
        let mut label = RichText(vec![Span { text, cite: Some(cite) }]);
        if matches!(fact.formula, Formula::GrowthRate { .. }) {
            // Over the bracket of many years it would be taken for the whole of them.
            label.0.push(Span { text: " a year".into(), cite: None });
        }
        let trace = u32::try_from(at).ok()?;
        (drawn(*from) && drawn(*to) && from < to).then(|| RangeMark {
            trace,
            from: *from,
            to: *to,
            label,
            fact: fact.id.clone(),
        })
    };
    moves.iter().filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use proofreel_model::finding::FindingKind;
    use proofreel_model::series::Frequency;
    use proofreel_model::visual::TracePoint;

    use super::*;
    use crate::prose::Evidence;
    use crate::prose::tests::{Subject, finding};

    #[test]
    fn whatever_is_told_of_a_stretch_has_a_bracket_of_its_own() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::LongRun, subject, 100.0, 200.0, 10);
        let bound = Bound::finding(&found, Evidence { facts: &facts, series: &infos, historical: false }).unwrap();
        let told = moves(&bound);
        let (from, to) = (told[0].1, told[0].2);
        let point = |date, value| TracePoint { date, value, row: 1 };
        let (label, unit) = (RichText::plain("Tin price"), infos[0].unit.clone());
        let (series, frequency) = (infos[0].series.clone(), infos[0].frequency);
        let points = vec![point(from, 100.0), point(to, 200.0)];
        let trace = Trace { series, label, unit, frequency, points };
        let brackets = ranges(&[&trace], &told);
        let labels: Vec<String> = brackets.iter().map(|range| range.label.text()).collect();
        assert_eq!(labels.len(), 4, "change, multiple, growth and time: {labels:?}");
        let rate = labels.iter().find(|label| label.ends_with(" a year")).unwrap();
        assert!(rate.starts_with("+7") && labels.iter().any(|label| label == "10 years"), "{labels:?}");
        assert!(brackets.iter().all(|range| (range.from, range.to) == (from, to)));
        // One whose end is not drawn has none.
        let cut = Trace { points: vec![point(from, 100.0)], ..trace };
        assert!(ranges(&[&cut], &told).is_empty());
    }
}
