//! Stretches of a line that a claim tells something about.

use jiff::civil::Date;
use proofreel_model::display::dates;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{RangeMark, Trace};

use crate::prose::Bound;

/// Facts of a claim that tell what happened between two observations, with both dates; of a fall its way back too, which
/// is told as a length of time.
pub(super) fn moves<'f>(bound: &Bound<'f>) -> Vec<(&'f Fact, Date, Date)> {
    use Formula as F;
    let mut out: Vec<(&Fact, Date, Date)> = Vec::new();
    let back = bound.fact("recovery").map(|fact| &fact.id);
    for fact in bound.facts() {
        let tells = matches!(
            fact.formula,
            F::Change { .. } | F::PercentChange { .. } | F::Multiple { .. } | F::Drawdown { .. } | F::Streak { .. }
        ) || back == Some(&fact.id);
        let (_, from, to) = dates(&fact.formula);
        if let (true, Some(from), Some(to)) = (tells, from, to)
            && !out.iter().any(|(_, f, t)| (*f, *t) == (from, to))
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
        let label = RichText(vec![Span { text, cite: Some(cite) }]);
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
