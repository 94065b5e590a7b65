//! Things and names that no series of the brief is about: a sentence about bitcoin proves nothing by the rows of gold.

use std::collections::BTreeSet;

use proofreel_model::finding::FindingKind;

use super::dossier::{Dossier, Findings};
use super::passages::{Passage, Use};
use super::reading::{Piece, pieces, words_of};
use super::rules::Rule;

/// Checks a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage == Use::Credit {
        return;
    }
    let pieces = pieces(passage.text);
    for (n, piece) in pieces.iter().enumerate() {
        let Piece::Word { lower, raw } = piece else { continue };
        let word = lower.strip_suffix("'s").unwrap_or(lower);
        if dossier.known_words.contains(word) || dossier.policy.numbers.writer.idioms.iter().any(|idiom| idiom == word)
        {
            continue;
        }
        if dossier.policy.numbers.writer.subjects.iter().any(|subject| subject == word) {
            findings.add(
                Rule::UnknownSubject,
                &passage.place,
                format!("brings up `{raw}`, of which no series of the brief is: name the series by a citation"),
            );
        } else if passage.usage == Use::Prose && is_name(raw) && follows_a_word(&pieces, n) {
            findings.add(
                Rule::UnknownSubject,
                &passage.place,
                format!("`{raw}` is a name that no series, source or crisis of the brief bears"),
            );
        }
    }
}

/// True for a capitalised word that is not the speaker.
fn is_name(raw: &str) -> bool {
    raw.starts_with(char::is_uppercase) && raw != "I" && !raw.starts_with("I'") && !raw.starts_with("I’")
}

/// True inside a sentence, where a capital means a name.
fn follows_a_word(pieces: &[Piece<'_>], n: usize) -> bool {
    matches!(
        n.checked_sub(1).and_then(|before| pieces.get(before)),
        Some(Piece::Word { .. } | Piece::Cite { .. } | Piece::Mark(','))
    )
}

/// Words of all names that the brief may speak of: its series, their package titles, its sources, the channel, crises.
pub fn known_words(dossier: &Dossier<'_>) -> BTreeSet<String> {
    let mut names: Vec<&str> = vec![&dossier.order.channel.name];
    names.extend(dossier.brief.series.iter().flat_map(|info| [info.name.subject.as_str(), info.name.short.as_str()]));
    names.extend(dossier.brief.sources.iter().map(|source| source.title.as_str()));
    names.extend(dossier.policy.crises.crises.iter().map(|crisis| crisis.name.as_str()));
    // Who dated them stands beside shaded stretches.
    names.push(&dossier.policy.crises.source);
    for claim in &dossier.brief.key_facts {
        match claim.finding.kind {
            FindingKind::RealVsNominal => names.push("inflation"),
            FindingKind::EpisodesCompared => names.push("crisis crises"),
            _ => {}
        }
    }
    names.into_iter().flat_map(words_of).collect()
}
