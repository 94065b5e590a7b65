//! Numbers that are held against each other share a precision: `from $363.00 to $363.34`, never `from $363 to $363.34`.

use proofreel_model::display::cite;
use proofreel_model::fact::Fact;
use proofreel_model::text::{Cite, Part, Span, Style};
use proofreel_model::unit::Unit;

use super::bound::Bound;

/// The style that writes a level with its hundredths; `None` for styles whose precision is their own.
fn finer(style: Style) -> Option<Style> {
    match style {
        Style::Spoken => Some(Style::Hundredths),
        Style::Screen => Some(Style::ScreenHundredths),
        _ => None,
    }
}

/// The level that a span tells, with the style and the words that show its hundredths.
fn level<'a>(span: &Span, bound: &Bound<'a>) -> Option<(&'a Fact, Style, String)> {
    let Some(Cite::Fact { fact, part: Part::Value, style }) = &span.cite else { return None };
    let (fact, style) = (bound.by_id(fact)?, finer(*style)?);
    Some((fact, style, cite(fact, Part::Value, style)?))
}

/// Shows the hundredths of every level among `spans` that stands beside one of its unit that shows them.
///
/// The finer precision of the two is taken, so that nothing told apart before becomes equal. Amounts of a thousand and
/// more have no decimals, and stay as they are.
pub fn even<'s>(spans: impl IntoIterator<Item = &'s mut Span>, bound: &Bound<'_>) {
    let mut spans: Vec<&mut Span> = spans.into_iter().collect();
    let shown: Vec<&Unit> = spans
        .iter()
        .filter_map(|span| level(span, bound).filter(|(_, _, words)| *words == span.text))
        .map(|(fact, ..)| &fact.unit)
        .collect();
    for span in &mut spans {
        let Some((fact, style, words)) = level(span, bound) else { continue };
        if words != span.text && shown.contains(&&fact.unit) {
            span.text = words;
            span.cite = Some(Cite::Fact { fact: fact.id.clone(), part: Part::Value, style });
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::finding::FindingKind;
    use proofreel_model::series::Frequency;

    use crate::prose::tests::{Subject, finding};
    use crate::prose::{Bound, Evidence, template};

    /// Unit 0 is money an ounce, 1 a percentage; see the subjects of the plans' tests.
    fn said(kind: FindingKind, unit: u8, (then, now): (f64, f64), template: &str) -> String {
        let subject = Subject { unit, frequency: Frequency::Monthly, plural: false };
        let (finding, facts, infos) = finding(kind, subject, then, now, 1);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        template::fill(template, &bound).unwrap().text()
    }

    #[test]
    fn two_numbers_of_a_sentence_share_a_precision() {
        let moved =
            |unit, then, now| said(FindingKind::YearOnYear, unit, (then, now), "It went from {year_ago+} to {latest}.");
        assert_eq!(moved(0, 363.0, 363.34), "It went from $363.00 an ounce to $363.34.");
        assert_eq!(moved(0, 675.31, 35.0), "It went from $675.31 an ounce to $35.00.");
        assert_eq!(moved(1, 4.5, 4.47), "It went from 4.50 percent to 4.47 percent.");
        // Where neither shows hundredths both stay short, and a thousand has no cents to share.
        assert_eq!(moved(0, 363.0, 512.0), "It went from $363 an ounce to $512.");
        assert_eq!(moved(1, 4.0, 4.3), "It went from 4 percent to 4.3 percent.");
        assert_eq!(moved(0, 363.34, 4228.0), "It went from $363.34 an ounce to $4,228.");
        assert_eq!(said(FindingKind::YearOnYear, 0, (363.0, 4.0), "It was {year_ago}."), "It was $363.");
    }

    #[test]
    fn a_mean_is_told_as_finely_as_what_is_held_against_it() {
        let against = "It stood at {latest}, against {average}.";
        assert_eq!(
            said(FindingKind::Level, 1, (5.2061, 4.47), against),
            "It stood at 4.47 percent, against 5.21 percent."
        );
        assert_eq!(
            said(FindingKind::Level, 1, (5.2061, 4.4), against),
            "It stood at 4.4 percent, against 5.2 percent."
        );
        // A move is no level: the change beside two readings keeps its own precision.
        let moved = "It went from {year_ago} to {latest}, by {change:m}.";
        assert_eq!(
            said(FindingKind::YearOnYear, 1, (4.5, 4.47), moved),
            "It went from 4.50 percent to 4.47 percent, by 0.03 percentage points."
        );
    }
}
