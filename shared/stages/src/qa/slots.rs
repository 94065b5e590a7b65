//! What kind of value fits where it stands, and time that runs forward.

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::text::{Cite, Part};
use proofreel_model::unit::UnitKind;

use super::direction::is_level;
use super::dossier::{Dossier, Findings, Place, series_of};
use super::ends;
use super::joins::{STARTS, word_before};
use super::passages::{Passage, Use};
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;

/// Checks every sentence of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage == Use::Credit {
        return;
    }
    let pieces = pieces(passage.text);
    for sentence in sentences(&pieces) {
        kinds(dossier, sentence, &passage.place, findings);
        spans(dossier, sentence, &passage.place, findings);
        starts_and_ends(dossier, sentence, &passage.place, findings);
        year_before(dossier, sentence, &passage.place, findings);
        subjects(dossier, sentence, &passage.place, findings);
        peaks(dossier, sentence, &passage.place, findings);
        ends::check(dossier, sentence, &passage.place, findings);
        deepest(dossier, sentence, &passage.place, findings);
        ranges(dossier, sentence, &passage.place, findings);
    }
    if passage.usage == Use::Prose {
        for segment in pieces.split(|piece| matches!(piece, Piece::Mark('.' | '?' | '!' | ';' | ':' | '—'))) {
            usual(dossier, segment, &passage.place, findings);
        }
    }
}

/// Values with their place in the sentence.
pub fn values<'a>(dossier: &Dossier<'a>, sentence: &[Piece<'a>]) -> Vec<(usize, &'a Fact, &'a str)> {
    let value = |(at, piece): (usize, &Piece<'a>)| {
        let Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, .. }, text } = piece else { return None };
        Some((at, dossier.fact(fact)?, *text))
    };
    sentence.iter().enumerate().filter_map(value).collect()
}

fn is_duration(fact: &Fact) -> bool {
    matches!(fact.unit.kind, UnitKind::Duration { .. })
}

fn is_yearly(fact: &Fact) -> bool {
    matches!(fact.formula, Formula::GrowthRate { .. } | Formula::TypicalMove { .. })
        || fact.unit.per.as_deref() == Some("year")
}

/// A length of time is not a height, nor the other way round.
fn kinds(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    for (at, fact, text) in values(dossier, sentence) {
        let before = word_before(sentence, at);
        let unfit = match before {
            "from" | "to" | "at" => is_duration(fact),
            // A price is paid "at", so that "for" can only mean a length of time.
            "in" | "within" | "lasted" | "took" | "for" => !is_duration(fact),
            "back" if at >= 2 && matches!(word_before(sentence, at - 1), "go" | "goes" | "going") => !is_duration(fact),
            _ => false,
        };
        let after =
            |n: usize| if let Some(Piece::Word { lower, .. }) = sentence.get(at + n) { lower.as_str() } else { "" };
        let unfit_after = match (after(1), after(2)) {
            ("later" | "earlier" | "ago", _) => !is_duration(fact),
            ("a" | "per" | "each", "year") => !is_yearly(fact),
            ("a" | "an" | "per" | "each" | "every", "hour" | "day" | "week" | "month" | "quarter") => {
                fact.unit.per.as_deref() != Some(after(2))
            }
            ("a" | "an", _) => is_duration(fact),
            ("the", "level" | "starting" | "old") => !matches!(fact.unit.kind, UnitKind::Multiple),
            _ => false,
        };
        if unfit || unfit_after {
            let detail = format!("`{before} {text} {}` does not fit: {} is another kind of value", after(1), fact.id);
            findings.add(Rule::ValueMisplaced, place, detail);
        }
    }
}

/// "From A to B": two values of one kind, the earlier first.
fn spans(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let values = values(dossier, sentence);
    for pair in values.windows(2) {
        let [(a, first, from), (b, second, to)] = pair else { continue };
        let broken = sentence[*a..*b].iter().any(|piece| matches!(piece, Piece::Mark(mark) if *mark != ','));
        if broken || word_before(sentence, *a) != "from" || word_before(sentence, *b) != "to" {
            continue;
        }
        let place_in_time = |fact: &Fact| display::dates(&fact.formula).0;
        let same_series = series_of(&first.formula).first() == series_of(&second.formula).first();
        let both = |test: fn(&Fact) -> bool| test(first) && test(second);
        let backward = same_series && (both(is_level) || both(is_rank)) && place_in_time(first) > place_in_time(second);
        if first.unit.kind != second.unit.kind || backward {
            findings.add(
                Rule::ValueMisplaced,
                place,
                format!("`from {from} to {to}` is no way that the series went: {} and {}", first.id, second.id),
            );
        }
    }
}

fn is_rank(fact: &Fact) -> bool {
    matches!(fact.formula, Formula::Rank { .. } | Formula::PanelRank { .. })
}

/// "It entered the year at A and left it at B": A is the earlier one.
fn starts_and_ends(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    const ENDS: [&str; 8] = ["left", "leaves", "ended", "ends", "end", "finished", "closed", "closes"];
    let says = |range: std::ops::Range<usize>, words: &[&str]| {
        sentence[range]
            .iter()
            .any(|piece| matches!(piece, Piece::Word { lower, .. } if words.contains(&lower.as_str())))
    };
    for pair in values(dossier, sentence).windows(2) {
        let [(a, first, from), (b, second, to)] = pair else { continue };
        let same_series = series_of(&first.formula).first() == series_of(&second.formula).first();
        let in_time = display::dates(&first.formula).0 < display::dates(&second.formula).0;
        let framed = says(0..*a, &STARTS) && says(*a..*b, &ENDS);
        if framed && same_series && is_level(first) && is_level(second) && !in_time {
            let detail = format!("starts at `{from}` and ends at `{to}`: {} is not before {}", first.id, second.id);
            findings.add(Rule::ValueMisplaced, place, detail);
        }
    }
}

/// "A year before D … at V": V is of the year before.
fn year_before(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    const YEAR: std::ops::RangeInclusive<i32> = 350..=381;
    for (at, piece) in sentence.iter().enumerate() {
        let Piece::Cite { cite: Cite::Fact { fact, part: Part::At | Part::To, .. }, text: day_text } = piece else {
            continue;
        };
        if at < 2 || word_before(sentence, at) != "before" || word_before(sentence, at - 1) != "year" {
            continue;
        }
        let Some(day) = dossier.fact(fact).and_then(|fact| display::dates(&fact.formula).0) else { continue };
        let values = values(dossier, sentence);
        let Some((_, value, text)) = values.iter().find(|(place, fact, _)| *place > at && is_level(fact)) else {
            continue;
        };
        let apart = display::dates(&value.formula).0.and_then(|own| day.since(own).ok());
        if !apart.is_some_and(|span| YEAR.contains(&span.get_days())) {
            let detail = format!("`{text}` is not of a year before `{day_text}`: {} is of another date", value.id);
            findings.add(Rule::DateMisplaced, place, detail);
        }
    }
}

/// "The price of tin stood at V": V is of the series named last before it.
fn subjects(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    for (at, fact, text) in values(dossier, sentence) {
        if !is_level(fact) || word_before(sentence, at) != "at" {
            continue;
        }
        let named = sentence[..at].iter().rev().find_map(|piece| match piece {
            Piece::Cite { cite: Cite::Series { series }, .. } => Some(series),
            _ => None,
        });
        if named.is_some_and(|named| !series_of(&fact.formula).contains(&named)) {
            findings.add(
                Rule::SeriesMisplaced,
                place,
                format!("`{text}` follows another series: {} is not of it", fact.id),
            );
        }
    }
}

/// "After the peak of A … at B": A is the higher one.
fn peaks(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let values = values(dossier, sentence);
    for (at, fact, text) in values.iter().filter(|(_, fact, _)| is_level(fact)) {
        let named = at.checked_sub(1).map_or("", |at| word_before(sentence, at));
        let sign = match (word_before(sentence, *at), named) {
            ("of" | "at", "peak" | "high" | "top") => 1.0,
            ("of" | "at", "low" | "bottom" | "trough") => -1.0,
            _ => continue,
        };
        let series = series_of(&fact.formula).first().copied();
        let beyond = |other: &&Fact| {
            is_level(other)
                && series_of(&other.formula).first().copied() == series
                && (other.value - fact.value) * sign > 0.0
        };
        if let Some(other) = values.iter().map(|(_, other, _)| *other).find(beyond) {
            findings.add(Rule::ValueMisplaced, place, format!("`{named} of {text}`, but {} is beyond it", other.id));
        }
    }
}

/// "The deepest fall … V": V is of a finding that was held against the whole record.
fn deepest(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    for (n, piece) in sentence.iter().enumerate() {
        if !matches!(piece, Piece::Word { lower, .. } if matches!(lower.as_str(), "deepest" | "worst")) {
            continue;
        }
        let Some((_, fact, text)) = values(dossier, sentence).into_iter().find(|(at, ..)| *at > n) else { continue };
        let of_worst = dossier.brief.key_facts.iter().any(|claim| {
            claim.finding.kind == FindingKind::WorstFall && claim.finding.roles.values().any(|id| *id == fact.id)
        });
        if matches!(fact.formula, Formula::Drawdown { .. } | Formula::Change { .. }) && !of_worst {
            findings.add(
                Rule::ValueMisplaced,
                place,
                format!("`{text}` is called the deepest, but {} is of no worst fall", fact.id),
            );
        }
    }
}

/// "From D1 to D2" and "between D1 and D2" run forward.
fn ranges(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let dates: Vec<(usize, Date, &str)> = sentence
        .iter()
        .enumerate()
        .filter_map(|(at, piece)| {
            let Piece::Cite { cite: Cite::Fact { fact, part, .. }, text } = piece else { return None };
            let (on, from, to) = display::dates(&dossier.fact(fact)?.formula);
            let date = match part {
                Part::Value => None,
                Part::At => on,
                Part::From => from,
                Part::To => to,
            };
            Some((at, date?, *text))
        })
        .collect();
    for pair in dates.windows(2) {
        let [(a, first, from), (b, second, to)] = pair else { continue };
        let opened = matches!(word_before(sentence, *a), "from" | "between");
        let closed = matches!(word_before(sentence, *b), "to" | "and" | "until") && b - a <= 3;
        if opened && closed && first >= second {
            findings.add(Rule::DateMisplaced, place, format!("from `{from}` to `{to}` runs backward"));
        }
    }
}

/// A usual move is called so, and the word is nearer to it than to anything else.
fn usual(dossier: &Dossier<'_>, segment: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let hits = dossier.lexicon.usual.hits(segment);
    let values = values(dossier, segment);
    let is_usual = |fact: &Fact| matches!(fact.formula, Formula::TypicalMove { .. } | Formula::Average { .. });
    let uncalled = values.iter().find(|(_, fact, _)| matches!(fact.formula, Formula::TypicalMove { .. }));
    if let Some((_, fact, text)) = uncalled.filter(|_| hits.is_empty()) {
        let detail = format!("`{text}` is the usual move ({}), but is not called so", fact.id);
        findings.add(Rule::ValueMisplaced, place, detail);
    }
    for hit in hits {
        let nearest =
            values.iter().filter(|(_, fact, _)| !is_duration(fact)).min_by_key(|(at, ..)| at.abs_diff(hit.first));
        if let Some((_, fact, text)) = nearest.filter(|(_, fact, _)| !is_usual(fact)) {
            let detail = format!("`{text}` is called {}, but {} is no typical move or average", hit.phrase, fact.id);
            findings.add(Rule::ValueMisplaced, place, detail);
        }
    }
}
