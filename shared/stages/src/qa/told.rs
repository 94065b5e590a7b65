//! What must be told along with a value: the holes of its window, the base of a growth rate, the warning beside a lead.

use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::text::{Cite, Part, RichText, Style};

use super::dossier::{Dossier, Findings};
use super::passages::{Passage, Use};
use super::reading::pieces;
use super::rules::Rule;
use crate::prose::holes::speaks_of_holes;

/// Checks a text; labels have no room for such words and stand beside a sentence that has.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage != Use::Prose {
        return;
    }
    holes(dossier, passage, findings);
    bases(dossier, passage, findings);
    warnings(dossier, passage, findings);
}

/// What moves earlier is not for that a cause, and each text about a lead says so.
fn warnings(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let lead = |fact: &Fact| matches!(fact.formula, Formula::Correlation { .. } | Formula::LeadTime { .. });
    let cited = cited(dossier, passage.text);
    let Some((fact, ..)) = cited.iter().find(|(fact, part, _)| *part == Part::Value && lead(fact)) else { return };
    if dossier.lexicon.no_cause.hits(&pieces(passage.text)).is_empty() {
        let detail = format!("{} tells of a lead: say that moving earlier is not causing", fact.id);
        findings.add(Rule::CauseUnwarned, &passage.place, detail);
    }
}

/// Facts cited with the part that is shown.
fn cited<'a>(dossier: &Dossier<'a>, text: &RichText) -> Vec<(&'a Fact, Part, Style)> {
    text.0
        .iter()
        .filter_map(|span| match &span.cite {
            Some(Cite::Fact { fact, part, style }) => Some((dossier.fact(fact)?, *part, *style)),
            _ => None,
        })
        .collect()
}

/// An average over a hole says so.
fn holes(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let cited = cited(dossier, passage.text);
    let Some((fact, ..)) = cited.iter().find(|(fact, part, _)| speaks_of_holes(fact, *part)) else { return };
    if dossier.lexicon.holes.hits(&pieces(passage.text)).is_empty() {
        let detail = format!("{} is over a window with {} holes: say that gaps are left out", fact.id, fact.missing);
        findings.add(Rule::HoleUntold, &passage.place, detail);
    }
}

/// A growth rate names the date from which it is counted.
fn bases(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let cited = cited(dossier, passage.text);
    for (fact, ..) in cited.iter().filter(|(_, part, _)| *part == Part::Value) {
        let Formula::GrowthRate { from, .. } = &fact.formula else { continue };
        let named = cited.iter().any(|(other, part, style)| {
            let (at, start, to) = display::dates(&other.formula);
            let date = match part {
                Part::Value => None,
                Part::At => at,
                Part::From => start,
                Part::To => to,
            };
            date.is_some_and(|date| date == *from || (*style == Style::Year && date.year() == from.year()))
        });
        if !named {
            let detail = format!("the growth rate {} is cited without the date it starts from, {from}", fact.id);
            findings.add(Rule::GrowthBaseMissing, &passage.place, detail);
        }
    }
}
