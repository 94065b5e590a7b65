//! Statements about every observation, or about the only or the first one: what looked at all of them?

use proofreel_model::fact::Formula;
use proofreel_model::text::{Cite, Part};

use super::dossier::{Dossier, Findings};
use super::lexicon::{Hit, Lexicon};
use super::lists::Sweeping;
use super::passages::Passage;
use super::reading::{Piece, sentences};
use super::rules::Rule;
use super::tone::Proof;

/// Checks a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    let words = &dossier.lexicon.claims.sweeping;
    for sentence in sentences(pieces) {
        for hit in words.since.hits(sentence) {
            let detail = format!("`{}` begins at no date of a fact: cite the date", hit.phrase);
            findings.add(Rule::SweepingUnproven, &passage.place, detail);
        }
        let (all, alone) = (universals(words, sentence), exclusives(words, sentence));
        if all.is_empty() && alone.is_empty() {
            continue;
        }
        let proof = Proof::of(dossier, passage);
        for hit in all {
            if !looked_at_all(dossier, passage, &proof, moves(dossier.lexicon, sentence, &hit)) {
                let detail = format!(
                    "`{}` speaks of all observations: rest it on a run, an average, an extreme or a record, or say less",
                    hit.phrase
                );
                findings.add(Rule::SweepingUnproven, &passage.place, detail);
            }
        }
        if !(proof.absolute || proof.most || crosses(dossier, passage)) {
            for phrase in alone {
                let detail = format!(
                    "`{phrase}` says that no other observation is like it: rest it on an extreme, a record, a rank or a crossing"
                );
                findings.add(Rule::SweepingUnproven, &passage.place, detail);
            }
        }
    }
}

/// "Every month", "all earlier readings", "without fail".
fn universals(words: &Sweeping, sentence: &[Piece<'_>]) -> Vec<Hit> {
    let excused = words.excused.hits(sentence);
    let word = |at: usize| match sentence.get(at) {
        Some(Piece::Word { lower, .. }) => Some(lower),
        _ => None,
    };
    let counted = |at: usize| {
        word(at).filter(|lower| words.quantifiers.contains(lower))?;
        let last = (at + 1..=at + 1 + words.reach)
            .take_while(|next| word(*next).is_some())
            .find(|next| word(*next).is_some_and(|lower| words.observations.contains(lower)))?;
        let free = !excused.iter().any(|excuse| excuse.first <= last && at <= excuse.last);
        let phrase = || (at..=last).filter_map(word).map(String::as_str).collect::<Vec<_>>().join(" ");
        free.then(|| Hit { first: at, last, phrase: phrase() })
    };
    let mut found: Vec<Hit> = (0..sentence.len()).filter_map(counted).collect();
    found.extend(words.universal.hits(sentence));
    found
}

/// True when the clause of a hit tells of a movement; one told after a pause is another statement.
fn moves(lexicon: &Lexicon, sentence: &[Piece<'_>], hit: &Hit) -> bool {
    let is_mark = |piece: &Piece<'_>| matches!(piece, Piece::Mark(_));
    let start = sentence[..hit.first].iter().rposition(is_mark).map_or(0, |at| at + 1);
    let end = sentence[hit.last..].iter().position(is_mark).map_or(sentence.len(), |at| hit.last + at);
    let compares = &lexicon.claims.sweeping.comparisons;
    [&lexicon.up, &lexicon.down].into_iter().flat_map(|list| list.hits(sentence)).any(|word| {
        let apart = word.last < hit.first || word.first > hit.last;
        apart && (start..end).contains(&word.first) && !compares.contains(&word.phrase)
    })
}

/// "The only", "for the first time", "only in March 1981".
fn exclusives(words: &Sweeping, sentence: &[Piece<'_>]) -> Vec<String> {
    let mut found: Vec<String> = words.exclusive.hits(sentence).into_iter().map(|hit| hit.phrase).collect();
    let is_date = |piece: Option<&Piece<'_>>| {
        matches!(piece, Some(Piece::Cite { cite: Cite::Fact { part: Part::At | Part::From | Part::To, .. }, .. }))
    };
    for (at, piece) in sentence.iter().enumerate() {
        if !matches!(piece, Piece::Word { lower, .. } if *lower == words.only) {
            continue;
        }
        let joined =
            matches!(sentence.get(at + 1), Some(Piece::Word { lower, .. }) if words.only_joins.contains(lower));
        if is_date(sentence.get(at + 1)) || (joined && is_date(sentence.get(at + 2))) {
            found.push(format!("{} and a date", words.only));
        }
    }
    found
}

/// A movement of all is proven by a run; a comparison with all by a run, an average, an extreme, a record or a rank.
fn looked_at_all(dossier: &Dossier<'_>, passage: &Passage<'_>, proof: &Proof, moves: bool) -> bool {
    let support: Vec<_> = if passage.claims.is_empty() {
        // A text that may rest on any claim must name the fact it means.
        passage.text.facts().filter_map(|id| dossier.fact(id)).collect()
    } else {
        passage.support(dossier).into_iter().filter_map(|id| dossier.fact(id)).collect()
    };
    let run = support.iter().any(|fact| matches!(fact.formula, Formula::Streak { .. }));
    let average = support.iter().any(|fact| matches!(fact.formula, Formula::Average { .. }));
    run || (!moves && (average || proof.absolute || proof.most))
}

/// A crossing is the first date of its kind.
fn crosses(dossier: &Dossier<'_>, passage: &Passage<'_>) -> bool {
    let mut support = passage.support(dossier).into_iter().filter_map(|id| dossier.fact(id));
    support.any(|fact| matches!(fact.formula, Formula::Crossing { .. } | Formula::RecordSince { .. }))
}
