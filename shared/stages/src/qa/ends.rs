//! Peaks and troughs, above and below, before and after a crossing: words for a place held against the values beside them.

use proofreel_model::fact::{Extreme, Fact, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::text::{Cite, Part};

use super::direction::is_level;
use super::dossier::{Dossier, Findings, Place, series_of};
use super::joins::word_before;
use super::reading::Piece;
use super::rules::Rule;
use super::slots::values;

/// Checks a sentence.
pub fn check(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    named_ends(dossier, sentence, place, findings);
    only_ends(dossier, sentence, place, findings);
    heights(dossier, sentence, place, findings);
    overtaken(dossier, sentence, place, findings);
    ways(dossier, sentence, place, findings);
}

/// What a noun calls an end of a series.
fn end_called(word: &str) -> Option<Extreme> {
    match word {
        "peak" | "high" | "top" | "summit" => Some(Extreme::Highest),
        "trough" | "low" | "bottom" | "floor" => Some(Extreme::Lowest),
        _ => None,
    }
}

/// "The peak of D", "the trough of V": what is called a peak is the highest of its window, a trough the lowest.
fn named_ends(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    for (at, piece) in sentence.iter().enumerate() {
        let Piece::Cite { cite: Cite::Fact { fact, part: Part::Value | Part::At, .. }, text } = piece else { continue };
        let Some(Formula::Extreme { which, .. }) = dossier.fact(fact).map(|fact| &fact.formula) else { continue };
        let named = at.checked_sub(1).map_or("", |at| word_before(sentence, at));
        let joined = matches!(word_before(sentence, at), "of" | "in" | "at" | "from" | "set");
        if joined && end_called(named).is_some_and(|called| called != *which) {
            let detail = format!("`{named} … {text}`, but {fact} is the {which:?} of its window");
            findings.add(Rule::ValueMisplaced, place, detail);
        }
    }
}

/// Which end of its window a height is: by its formula, or by its role before a turn.
fn end_of(dossier: &Dossier<'_>, fact: &Fact) -> Option<Extreme> {
    if let Formula::Extreme { which, .. } = &fact.formula {
        return Some(*which);
    }
    let turns = dossier.brief.key_facts.iter().filter(|claim| claim.finding.kind == FindingKind::TurningPoint);
    turns.into_iter().find_map(|claim| {
        let roles = &claim.finding.roles;
        let before = roles.get("before").is_some_and(|id| *id == fact.id);
        match &dossier.fact(roles.get("turn")?)?.formula {
            Formula::Extreme { which: Extreme::Highest, .. } if before => Some(Extreme::Lowest),
            Formula::Extreme { which: Extreme::Lowest, .. } if before => Some(Extreme::Highest),
            _ => None,
        }
    })
}

/// A sentence whose only height is a peak speaks of no trough, wherever the noun stands, nor the other way round.
fn only_ends(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let levels: Vec<_> = values(dossier, sentence).into_iter().filter(|(_, fact, _)| is_level(fact)).collect();
    let [(_, fact, text)] = levels.as_slice() else { return };
    let Some(which) = end_of(dossier, fact) else { return };
    for piece in sentence {
        let Piece::Word { lower, .. } = piece else { continue };
        let noun = !matches!(lower.as_str(), "high" | "low" | "top" | "floor");
        if noun && end_called(lower).is_some_and(|called| called != which) {
            let detail = format!("`{lower}` beside `{text}`, but {} is the {which:?} of its window", fact.id);
            findings.add(Rule::ValueMisplaced, place, detail);
        }
    }
}

/// "The way down took N years": the time from a peak to its trough is no way up.
fn ways(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let falls = |id| {
        let worst = dossier.brief.key_facts.iter().filter(|claim| claim.finding.kind == FindingKind::WorstFall);
        worst.into_iter().any(|claim| claim.finding.roles.get("elapsed") == Some(id))
    };
    for (at, fact, text) in values(dossier, sentence) {
        if !falls(&fact.id) {
            continue;
        }
        let is_mark = |piece: &Piece<'_>| matches!(piece, Piece::Mark(_));
        let start = sentence[..at].iter().rposition(is_mark).map_or(0, |mark| mark + 1);
        let end = sentence[at..].iter().position(is_mark).map_or(sentence.len(), |mark| at + mark);
        let clause = &sentence[start..end];
        let up = dossier.lexicon.up.hits(clause);
        if let Some(hit) = up.first().filter(|_| dossier.lexicon.down.hits(clause).is_empty()) {
            let detail = format!("`{}` beside `{text}`, the length of a fall ({})", hit.phrase, fact.id);
            findings.add(Rule::DirectionWrong, place, detail);
        }
    }
}

/// "At A, above an average of B": A is the higher one.
fn heights(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let values: Vec<_> = values(dossier, sentence);
    for (at, piece) in sentence.iter().enumerate() {
        let Piece::Word { lower, .. } = piece else { continue };
        let sign = match lower.as_str() {
            "above" => 1.0,
            "below" | "beneath" => -1.0,
            _ => continue,
        };
        let before = values.iter().rev().find(|(place, ..)| *place < at).filter(|(_, fact, _)| is_level(fact));
        let after = values.iter().find(|(place, ..)| *place > at).filter(|(_, fact, _)| is_level(fact));
        let (Some((_, first, shown)), Some((_, second, other))) = (before, after) else { continue };
        let same_series = series_of(&first.formula).first() == series_of(&second.formula).first();
        if same_series && (first.value - second.value) * sign < 0.0 {
            let detail = format!("`{shown}` is not {lower} `{other}`: {} against {}", first.id, second.id);
            findings.add(Rule::DirectionWrong, place, detail);
        }
    }
}

/// "Before D, B still stood higher; then A moved ahead": before a crossing the one that was passed stood higher.
fn overtaken(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let crossing = sentence.iter().find_map(|piece| match piece {
        Piece::Cite { cite: Cite::Fact { fact, .. }, .. } => match &dossier.fact(fact)?.formula {
            Formula::Crossing { series, other, .. } => Some((series, other)),
            _ => None,
        },
        _ => None,
    });
    let Some((riser, passed)) = crossing else { return };
    let (mut named, mut before) = (None, false);
    for piece in sentence {
        match piece {
            Piece::Cite { cite: Cite::Series { series }, .. } => named = Some(series),
            Piece::Mark(';' | ':' | '—') => before = false,
            Piece::Word { lower, .. } => {
                before = (before || matches!(lower.as_str(), "before" | "until")) && lower != "then";
                let higher = match lower.as_str() {
                    "higher" | "above" | "ahead" => true,
                    "lower" | "below" | "behind" => false,
                    _ => continue,
                };
                // Before the crossing the one that was passed stood higher; at it and since, the other one.
                let (upper, under) = if before { (passed, riser) } else { (riser, passed) };
                if (named == Some(upper) && !higher) || (named == Some(under) && higher) {
                    let detail = format!("`{lower}` is the other way round at this crossing");
                    findings.add(Rule::DirectionWrong, place, detail);
                }
            }
            _ => {}
        }
    }
}
