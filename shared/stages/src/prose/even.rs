//! Numbers that are held against each other share a precision: `from $363.00 to $363.34`, never `from $363 to $363.34`.

use proofreel_model::display::{cite, has_no_cents};
use proofreel_model::fact::Fact;
use proofreel_model::text::{Cite, Part, Span, Style};

use super::bound::Bound;

/// The style that writes a level with its hundredths; `None` for styles whose precision is their own.
fn finer(style: Style) -> Option<Style> {
    match style {
        Style::Spoken => Some(Style::Hundredths),
        Style::Screen => Some(Style::ScreenHundredths),
        _ => None,
    }
}

/// The fact whose value a span tells in a style that can be evened.
fn told<'a>(span: &Span, bound: &Bound<'a>) -> Option<(&'a Fact, Style)> {
    let Some(Cite::Fact { fact, part: Part::Value, style }) = &span.cite else { return None };
    Some((bound.by_id(fact)?, finer(*style)?))
}

/// True when a number is written with both decimals, whatever stands beside it.
fn shows_hundredths(fact: &Fact) -> bool {
    let words = cite(fact, Part::Value, Style::Hundredths);
    words.is_some() && words == cite(fact, Part::Value, Style::Spoken)
}

/// Whether all of these can do without cents because one has none: no other is so small that its cents matter, and none
/// could then be taken for another.
fn do_without_cents(beside: &[&Fact]) -> bool {
    let words = |fact: &Fact| cite(fact, Part::Value, Style::Whole);
    let (without, with): (Vec<&Fact>, Vec<&Fact>) = beside.iter().copied().partition(|fact| has_no_cents(fact));
    let alike = |one: &Fact, other: &Fact| one.value != other.value && words(one) == words(other);
    let apart = !with.iter().any(|one| with.iter().any(|other| alike(one, other)));
    !without.is_empty() && apart && with.iter().all(|fact| words(fact).is_some())
}

/// Gives the levels of one unit among `spans` one precision.
///
/// Where one shows hundredths all do: the finer precision is taken, so that nothing told apart before becomes equal. An
/// amount of a thousand and more has no cents; those beside it leave theirs out, where that loses little and confuses
/// nothing.
pub fn even<'s>(spans: impl IntoIterator<Item = &'s mut Span>, bound: &Bound<'_>) {
    let mut spans: Vec<&mut Span> = spans.into_iter().collect();
    let all: Vec<&Fact> = spans.iter().filter_map(|span| told(span, bound)).map(|(fact, _)| fact).collect();
    for span in &mut spans {
        let Some((fact, finer)) = told(span, bound) else { continue };
        let beside: Vec<&Fact> = all.iter().copied().filter(|other| other.unit == fact.unit).collect();
        let style = if do_without_cents(&beside) {
            Style::Whole
        } else if beside.iter().any(|other| shows_hundredths(other)) {
            finer
        } else {
            continue;
        };
        if let Some(words) = cite(fact, Part::Value, style).filter(|words| *words != span.text) {
            span.text = words;
            span.cite = Some(Cite::Fact { fact: fact.id.clone(), part: Part::Value, style });
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::finding::FindingKind;
    use proofreel_model::series::Frequency;

    use super::do_without_cents;
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
        // A thousand has no cents to share: others leave theirs out, where they are not much of them.
        assert_eq!(moved(0, 871.96, 1224.53), "It went from $872 an ounce to $1,225.");
        assert_eq!(moved(0, 35.2, 4228.0), "It went from $35.20 an ounce to $4,228.");
        // Where neither shows hundredths both stay short.
        assert_eq!(moved(0, 363.0, 512.0), "It went from $363 an ounce to $512.");
        assert_eq!(moved(1, 4.0, 4.3), "It went from 4 percent to 4.3 percent.");
        assert_eq!(said(FindingKind::YearOnYear, 0, (363.0, 4.0), "It was {year_ago}."), "It was $363.");
    }

    #[test]
    fn cents_stay_where_they_tell_two_amounts_apart() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let facts = |then, now| finding(FindingKind::YearOnYear, subject, then, now, 1).1;
        let (near, far) = (facts(871.96, 872.34), facts(683.1, 1224.53));
        assert!(do_without_cents(&[&far[1], &far[0]]));
        assert!(do_without_cents(&[&near[0], &near[0], &far[0]]), "the same one twice");
        assert!(!do_without_cents(&[&near[0], &near[1], &far[0]]), "both would be $872");
        assert!(!do_without_cents(&[&near[0], &far[1]]), "nobody is without");
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
