//! A crisis is named only beside what happened in it.

use proofreel_model::fact::Fact;
use proofreel_model::policy::Crisis;
use proofreel_model::text::{Cite, Part};

use super::dossier::{Dossier, Findings, Place};
use super::passages::{Passage, Use};
use super::reading::{Piece, pieces, sentences, words_of};
use super::rules::Rule;

/// Checks every sentence of a text: a value belongs to the crisis named last before it, or else to the next one, and its
/// window must lie inside.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage == Use::Credit {
        return;
    }
    let pieces = pieces(passage.text);
    for sentence in sentences(&pieces) {
        let named = named(dossier, sentence);
        if named.is_empty() {
            continue;
        }
        for (at, piece) in sentence.iter().enumerate() {
            let Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, .. }, text } = piece else { continue };
            let Some(fact) = dossier.fact(fact) else { continue };
            let before = named.iter().rev().find(|(place, _)| *place < at);
            let Some((_, crisis)) = before.or_else(|| named.first()) else { continue };
            judge(fact, crisis, text, &passage.place, findings);
        }
    }
}

/// A bar labelled with a crisis is as long as what happened in it.
pub fn check_bars(dossier: &Dossier<'_>, findings: &mut Findings) {
    for scene in &dossier.scenes.scenes {
        for (n, (_, bar)) in scene.visual.bars().into_iter().enumerate() {
            let label = pieces(&bar.label);
            let (Some((_, crisis)), Some(fact)) = (named(dossier, &label).pop(), dossier.fact(&bar.fact)) else {
                continue;
            };
            judge(fact, crisis, &fact.display, &Place::scene(&scene.scene_id, format!("bar {}", n + 1)), findings);
        }
    }
}

fn judge(fact: &Fact, crisis: &Crisis, text: &str, place: &Place<'_>, findings: &mut Findings) {
    if !crisis.covers(&fact.formula, fact.frequency) {
        let (name, id) = (&crisis.name, &fact.id);
        let detail = format!("`{text}` is told of {name}, but the window of {id} does not lie in it");
        findings.add(Rule::EpisodeMisnamed, place, detail);
    }
}

/// Where a sentence names a crisis, with or without its article.
fn named<'d>(dossier: &'d Dossier<'_>, sentence: &[Piece<'_>]) -> Vec<(usize, &'d Crisis)> {
    let mut out = Vec::new();
    for crisis in &dossier.policy.crises.crises {
        let words = words_of(crisis.name.trim_start_matches("the "));
        for at in 0..sentence.len() {
            let here = words
                .iter()
                .enumerate()
                .all(|(n, word)| matches!(sentence.get(at + n), Some(Piece::Word { lower, .. }) if lower == word));
            if here {
                out.push((at, crisis));
            }
        }
    }
    out.sort_by_key(|(at, _)| *at);
    out
}
