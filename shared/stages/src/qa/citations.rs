//! Every citation worded again and compared; and what plain text beside a citation may not do to it.

use proofreel_model::display;
use proofreel_model::fact::Fact;
use proofreel_model::text::{Cite, Part, RichText, Style};
use proofreel_model::unit::UnitKind;

use super::dossier::{Dossier, Findings, Place};
use super::passages::Passage;
use super::reading::{Run, runs, words_of};
use super::rules::Rule;
use crate::quantity::matching::{Mismatch, compare};
use crate::quantity::read_all;

/// Two heights of one decimal subtract to a hair beside it: a difference of this share is none.
const DUST: f64 = 1e-9;

/// Checks the citations of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    findings.texts += 1;
    for span in &passage.text.0 {
        if let Some(cite) = &span.cite {
            findings.citations += 1;
            wording(dossier, cite, &span.text, &passage.place, findings);
        }
    }
    borders(dossier, passage.text, &passage.place, findings);
}

fn wording(dossier: &Dossier<'_>, cite: &Cite, text: &str, place: &Place<'_>, findings: &mut Findings) {
    match cite {
        Cite::Fact { fact: id, part, style } => {
            let Some(fact) = dossier.fact(id) else {
                findings.add(
                    Rule::UnknownFact,
                    place,
                    format!("cites {id}, which the brief does not hold: cite one of its facts"),
                );
                return;
            };
            if *style == Style::Written {
                written(dossier, fact, *part, text, place, findings);
                return;
            }
            match display::cite(fact, *part, *style) {
                Some(expected) if expected == text => {}
                Some(expected) => {
                    findings.add(
                        Rule::CitationWording,
                        place,
                        format!("says `{text}` where {id} gives `{expected}`: write what the fact gives"),
                    );
                }
                None => findings.add(
                    Rule::CitationWording,
                    place,
                    format!("cites {part:?} of {id} as {style:?}, which that fact does not have"),
                ),
            }
        }
        Cite::Series { series } => match dossier.library.get(series) {
            Some(info) if same_name(text, &info.name.subject) || same_name(text, &info.name.short) => {}
            Some(info) if info.name.brief().is_some_and(|brief| same_name(text, &brief)) => {}
            Some(info) => {
                let (subject, short) = (&info.name.subject, &info.name.short);
                findings.add(
                    Rule::SeriesName,
                    place,
                    format!("calls {} `{text}`: its names are `{subject}` and `{short}`", series.key()),
                );
            }
            None => findings.add(
                Rule::SeriesName,
                place,
                format!("names the series {}, which no package of this run holds", series.key()),
            ),
        },
        Cite::Source { source: id } => match dossier.source(id) {
            Some(source) if source.title == text => {}
            Some(source) => {
                findings.add(Rule::SourceTitle, place, format!("calls {id} `{text}`: its title is `{}`", source.title));
            }
            None => findings.add(
                Rule::UnknownSource,
                place,
                format!("cites the source {id}, which the brief does not hold"),
            ),
        },
        Cite::Channel => {
            let name = &dossier.order.channel.name;
            if text != name {
                findings.add(Rule::ChannelName, place, format!("calls the channel `{text}`: its name is `{name}`"));
            }
        }
    }
}

/// A writer's own words must read as one number, which is the fact's, with nothing left over.
fn written(dossier: &Dossier<'_>, fact: &Fact, part: Part, text: &str, place: &Place<'_>, findings: &mut Findings) {
    let id = &fact.id;
    match read_all(text).as_slice() {
        [quantity] if quantity.hedged == (0..text.len()) => {
            if let Err(mismatch) = compare(quantity, fact, part, &dossier.policy.numbers.tolerance) {
                let rule = match mismatch {
                    Mismatch::Rounding { .. } => Rule::HedgeWrong,
                    _ => Rule::CitationWording,
                };
                findings.add(rule, place, format!("says `{text}` of {id}, but {mismatch}: write what the fact says"));
            }
        }
        _ => findings.add(
            Rule::CitationWording,
            place,
            format!("cites {id} with `{text}`, which is not one number and nothing else"),
        ),
    }
}

/// Equal but for the case of the first letter, as at the start of a sentence.
fn same_name(text: &str, name: &str) -> bool {
    let rest = |s: &str| s.chars().skip(1).collect::<String>();
    let first = |s: &str| s.chars().next().map(|c| c.to_lowercase().to_string());
    first(text) == first(name) && rest(text) == rest(name)
}

fn borders(dossier: &Dossier<'_>, text: &RichText, place: &Place<'_>, findings: &mut Findings) {
    let runs = runs(text);
    for (n, run) in runs.iter().enumerate() {
        let Run::Cite(cite, shown) = run else { continue };
        let before = n.checked_sub(1).and_then(|n| runs.get(n));
        let after = runs.get(n + 1);
        touching(shown, before, after, place, findings);
        let Cite::Fact { fact, part: Part::Value, style } = cite else { continue };
        let Some(fact) = dossier.fact(fact) else { continue };
        if let Some(Run::Plain(plain)) = before {
            hedge(dossier, fact, *style, shown, plain, place, findings);
        }
        if let Some(Run::Plain(plain)) = after {
            unit_after(dossier, shown, plain, place, findings);
        }
    }
}

/// A citation must stand apart: letters, digits and signs that touch it would change what is read.
fn touching(
    shown: &str,
    before: Option<&Run<'_>>,
    after: Option<&Run<'_>>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let edge = |run: Option<&Run<'_>>, last: bool| {
        let text = match run? {
            Run::Plain(plain) => plain.as_str(),
            Run::Cite(_, text) => text,
        };
        if last { text.chars().next_back() } else { text.chars().next() }
    };
    let before = edge(before, true);
    let after = edge(after, false);
    if let Some(c) = before.filter(|c| {
        c.is_alphanumeric()
            || matches!(
                c,
                '-' | '−' | '–' | '+' | '~' | '±' | '≈' | '<' | '>' | '$' | '€' | '£' | '¥' | '₹' | '.' | ',' | '#'
            )
    }) {
        findings.add(
            Rule::UnitTampered,
            place,
            format!("`{c}` touches `{shown}` from the left and changes how it is read: put a space or leave it out"),
        );
    }
    if let Some(c) = after
        .filter(|c| c.is_alphanumeric() || matches!(c, '%' | '‰' | '°' | '×' | '+' | '$' | '€' | '£' | '¥' | '/' | '^'))
    {
        findings.add(
            Rule::UnitTampered,
            place,
            format!("`{c}` touches `{shown}` from the right and changes how it is read: put a space or leave it out"),
        );
    }
}

fn ends_with(words: &[String], phrase: &[String]) -> bool {
    words.ends_with(phrase)
}

fn hedge(
    dossier: &Dossier<'_>,
    fact: &Fact,
    style: Style,
    shown: &str,
    before: &str,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    if !before.ends_with(char::is_whitespace) {
        return;
    }
    let trailing = before.trim_end();
    if trailing.ends_with(['-', '−', '–', '+', '~', '±', '≈', '<', '>', '$', '€', '£', '¥', '₹', '#'])
        && !trailing.ends_with(" –")
    {
        findings.add(
            Rule::UnitTampered,
            place,
            format!("a sign stands before `{shown}`: the citation carries its own"),
        );
    }
    // A clause that ended does not hedge the next one.
    if trailing.ends_with([',', ';', ':', '.', '?', '!', '—', '(']) {
        return;
    }
    let words = words_of(trailing);
    if let Some(word) = words.last().filter(|word| dossier.lexicon.sign.contains(word)) {
        findings.add(
            Rule::UnitTampered,
            place,
            format!("`{word}` before `{shown}` changes its sign: the citation carries its own"),
        );
        return;
    }
    let lexicon = dossier.lexicon;
    let above = lexicon.hedge_above.iter().find(|phrase| ends_with(&words, phrase));
    let below = lexicon.hedge_below.iter().find(|phrase| ends_with(&words, phrase));
    let Some(read) = magnitude(shown) else { return };
    if matches!(fact.unit.kind, UnitKind::Rank) || style == Style::Ordinal {
        return;
    }
    let truth = (fact.value * fact.unit.multiplier).abs();
    // "no less than" ends with "less than": the longer phrase is the one meant.
    let (above, below) = match (above, below) {
        (Some(a), Some(b)) if a.len() > b.len() => (Some(a), None),
        (Some(_), Some(b)) => (None, Some(b)),
        other => other,
    };
    // A duration counts whole periods: the true length may well be more.
    let whole_periods = matches!(fact.unit.kind, UnitKind::Duration { .. });
    if let Some(phrase) = above.filter(|_| truth <= read * (1.0 + DUST) && !whole_periods) {
        findings.add(
            Rule::HedgeWrong,
            place,
            format!("`{} {shown}`: the value is {truth}, which is not above it", phrase.join(" ")),
        );
    }
    if let Some(phrase) = below.filter(|_| truth >= read * (1.0 - DUST)) {
        findings.add(
            Rule::HedgeWrong,
            place,
            format!("`{} {shown}`: the value is {truth}, which is not below it", phrase.join(" ")),
        );
    }
}

fn unit_after(dossier: &Dossier<'_>, shown: &str, after: &str, place: &Place<'_>, findings: &mut Findings) {
    // Only what follows with nothing but space or a hyphen between.
    if !after.starts_with([' ', '-', '\u{a0}']) {
        return;
    }
    let near: String = after.trim_start_matches([' ', '-', '\u{a0}']).chars().take(24).collect();
    if near.starts_with(['%', '‰', '×', '°']) {
        findings.add(Rule::UnitTampered, place, format!("a unit sign follows `{shown}`: the citation carries its own"));
        return;
    }
    if !near.starts_with(char::is_alphanumeric) {
        return;
    }
    let words = words_of(&near);
    if let Some(unit) = dossier.lexicon.unit.iter().find(|unit| words.starts_with(unit)) {
        findings.add(
            Rule::UnitTampered,
            place,
            format!("`{}` follows `{shown}` and changes its unit: the citation carries its own", unit.join(" ")),
        );
    }
}

/// The number a listener takes from a shown value, scale words included; `None` when it shows none.
pub fn magnitude(shown: &str) -> Option<f64> {
    const SMALL: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if let Some(value) = shown.split(' ').next().and_then(|word| SMALL.iter().position(|small| *small == word)) {
        return Some(value as f64);
    }
    let digits: String = shown
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
        .filter(|c| *c != ',')
        .collect();
    let value: f64 = digits.trim_end_matches('.').parse().ok()?;
    let scale = [("trillion", 1e12), ("billion", 1e9), ("million", 1e6), ("T", 1e12), ("B", 1e9), ("M", 1e6)];
    let factor = scale
        .iter()
        .find(|(word, _)| if word.len() == 1 { shown.ends_with(word) } else { shown.contains(word) })
        .map_or(1.0, |(_, factor)| *factor);
    Some(value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_value_is_read_with_its_scale() {
        assert_eq!(magnitude("$4,228"), Some(4228.0));
        assert_eq!(magnitude("minus $27.4 trillion"), Some(27.4e12));
        assert_eq!(magnitude("161.3M"), Some(161.3e6));
        assert_eq!(magnitude("12.5 percent"), Some(12.5));
        assert_eq!(magnitude("third"), None);
    }

    #[test]
    fn a_name_may_begin_with_a_capital_but_nothing_else() {
        assert!(same_name("The price of gold", "the price of gold"));
        assert!(!same_name("the price of Gold", "the price of gold"));
        assert!(!same_name("the price of gold bars", "the price of gold"));
    }
}
