//! The second line of defence: every text read flat, as a viewer does, by a reader that shares nothing with the writer.
//!
//! Whatever spans and citations say, each number that can be read in the joined text must be covered by a citation
//! of a fact that says this number. What the rules on spans have already found at a place is not said twice.

use std::ops::Range;

use proofreel_model::fact::Fact;
use proofreel_model::text::{Cite, Part, RichText, Style};

use super::dossier::{Dossier, Findings, Place};
use super::numerals::{without_series_names, without_source_records};
use super::passages::{Passage, Use};
use super::rules::Rule;
use crate::quantity::matching::{Mismatch, compare, ends_of_span, nearness};
use crate::quantity::{Hedge, Quantity, read, read_all};

/// Reads a text flat.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let bare;
    let text = if passage.usage == Use::Credit {
        bare = without_source_records(dossier, passage.text);
        &bare
    } else {
        passage.text
    };
    if findings.charged(&passage.place) {
        return;
    }
    let flat = Flat::of(dossier, text);
    for quantity in read(&flat.text, &dossier.lexicon.excuses) {
        if let Err((rule, why)) = flat.covered(dossier, &quantity) {
            let (said, place) = (&flat.text[quantity.hedged.clone()], &passage.place);
            findings.add(rule, place, format!("`{said}` is read as a number: {why}"));
        }
    }
}

/// Reads a plain string flat: it holds no citation, so it may hold no number.
pub fn check_string(dossier: &Dossier<'_>, text: &str, place: &Place<'_>, findings: &mut Findings) {
    if findings.charged(place) {
        return;
    }
    let text = without_series_names(dossier, text);
    for quantity in read(&text, &dossier.lexicon.excuses) {
        let said = &text[quantity.hedged];
        findings.add(Rule::NumberWithoutFact, place, format!("`{said}` is read as a number: no fact can stand here"));
    }
}

/// A text as one string, and which of its bytes cite which fact.
struct Flat<'a> {
    text: String,
    cites: Vec<(Range<usize>, &'a Fact, Part, Style)>,
}

impl<'a> Flat<'a> {
    fn of(dossier: &Dossier<'a>, rich: &RichText) -> Self {
        let (mut text, mut cites) = (String::new(), Vec::new());
        for span in &rich.0 {
            let start = text.len();
            match &span.cite {
                // Names are held against their packages elsewhere; the digits in them are no figures.
                Some(Cite::Series { .. } | Cite::Source { .. } | Cite::Channel) => {
                    text.push_str(&"_".repeat(span.text.len()));
                }
                Some(Cite::Fact { fact, part, style }) => {
                    text.push_str(&span.text);
                    if let Some(fact) = dossier.fact(fact) {
                        cites.push((start..text.len(), fact, *part, *style));
                    }
                }
                None => text.push_str(&span.text),
            }
        }
        Self { text, cites }
    }

    /// Whether a citation that touches the number says it.
    fn covered(&self, dossier: &Dossier<'_>, quantity: &Quantity) -> Result<(), (Rule, String)> {
        let tolerance = &dossier.policy.numbers.tolerance;
        let over = |range: &Range<usize>| range.start < quantity.span.end && quantity.span.start < range.end;
        let touching: Vec<_> = self.cites.iter().filter(|(range, ..)| over(range)).collect();
        if let Some((first, last)) = ends_of_span(quantity) {
            let dated = |year: i16| {
                touching.iter().any(|(range, ..)| {
                    read_all(&self.text[range.clone()]).iter().any(|part| {
                        ends_of_span(part).is_none() && part.readings.iter().any(|reading| reading.is_year(year))
                    })
                })
            };
            if dated(first) && dated(last) {
                return Ok(());
            }
        }
        let mut nearest: Option<(Mismatch, &Fact)> = None;
        for (_, fact, part, style) in touching {
            let mut quantity = quantity.clone();
            // Two digits stand for "about", whether or not the words say so.
            if *style == Style::Rounded && quantity.hedge.is_none() {
                quantity.hedge = Some(Hedge::About);
            }
            match compare(&quantity, fact, *part, tolerance) {
                Ok(()) => return Ok(()),
                Err(mismatch) => {
                    if nearest.as_ref().is_none_or(|(other, _)| nearness(&mismatch) > nearness(other)) {
                        nearest = Some((mismatch, fact));
                    }
                }
            }
        }
        Err(match nearest {
            Some((mismatch @ Mismatch::Rounding { .. }, fact)) => {
                (Rule::HedgeWrong, format!("{} is near, but {mismatch}", fact.id))
            }
            Some((mismatch, fact)) => (Rule::NumberWithoutFact, format!("it is not what {} says, {mismatch}", fact.id)),
            None => (Rule::NumberWithoutFact, "no fact is cited for it".into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::fixture::{Episode, episode, with_context};
    use crate::qa::lexicon::Lexicon;
    use crate::qa::{false_words, passages};
    use proofreel_model::text::Span;

    /// Rules that the flat reader alone finds broken in an episode.
    fn flat(episode: &Episode) -> Vec<Rule> {
        let lexicon = Lexicon::embedded().unwrap();
        with_context(episode, |context| {
            let dossier = Dossier::new(
                (&episode.brief, &episode.scenes, &episode.script),
                (context.order, context.policy, &lexicon),
                episode.brief.series.iter().map(|info| (info.series.clone(), info.clone())).collect(),
            );
            let mut findings = Findings::default();
            for passage in passages::all(&dossier) {
                check(&dossier, &passage, &mut findings);
            }
            for (text, place) in passages::plain_strings(&dossier) {
                check_string(&dossier, text, &place, &mut findings);
            }
            findings.all().iter().map(|(rule, _)| *rule).collect()
        })
    }

    #[test]
    fn the_right_episode_reads_right() {
        assert_eq!(flat(&episode()), []);
    }

    #[test]
    fn every_digit_of_every_citation_counts() {
        let good = episode();
        let (mut changed, mut caught) = (0, 0);
        for (scene, spoken) in good.script.scenes.iter().enumerate() {
            for (sentence, said) in spoken.narration.iter().enumerate() {
                for (n, span) in said.text.0.iter().enumerate() {
                    if !matches!(span.cite, Some(Cite::Fact { .. })) {
                        continue;
                    }
                    for at in span.text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at) {
                        let mut bad = good.clone();
                        let digit = (span.text.as_bytes()[at] - b'0' + 3) % 10;
                        let text = &mut bad.script.scenes[scene].narration[sentence].text.0[n].text;
                        text.replace_range(at..=at, &digit.to_string());
                        changed += 1;
                        caught += usize::from(!flat(&bad).is_empty());
                    }
                }
            }
        }
        assert!(changed > 40, "{changed}");
        assert_eq!(caught, changed);
    }

    #[test]
    fn what_the_display_would_write_wrongly_is_seen() {
        for (template, rule) in [
            ("A year earlier it was {f002:value:spoken} million.", Rule::NumberWithoutFact),
            ("A year earlier it was nearly {f002:value:spoken}.", Rule::HedgeWrong),
            ("An average hides a tw", Rule::NumberWithoutFact),
            ("An average hides MMXXVI.", Rule::NumberWithoutFact),
            ("An average hides 10⁶ of them.", Rule::NumberWithoutFact),
        ] {
            let mut bad = episode();
            false_words::say(&mut bad, 1, 1, template);
            if template.ends_with("tw") {
                bad.script.scenes[1].narration[1].text.0.push(Span { text: "o-thirds swing.".into(), cite: None });
            }
            assert_eq!(flat(&bad), [rule], "{template}");
        }
    }
}
