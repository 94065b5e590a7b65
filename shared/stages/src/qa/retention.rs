//! What keeps a viewer: no silence, no scene that tells nothing new, and a reason to stay at every transition.

use std::collections::BTreeSet;

use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::scenes::{NarrativeRole, Scene};
use proofreel_model::script::ScriptScene;
use proofreel_model::text::RichText;

use super::dossier::{Dossier, Findings, Place};
use super::lexicon::Lexicon;
use super::pacing::words_in;
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;
use crate::prose::composer::values;

/// Checks the scenes in their order.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    silence(dossier, findings);
    redundant(dossier, findings);
    transitions(dossier, findings);
}

/// Scenes of the script with their plan.
fn played<'a>(dossier: &Dossier<'a>) -> Vec<(&'a Scene, &'a ScriptScene)> {
    let scenes = dossier.script.scenes.iter();
    scenes.filter_map(|spoken| Some((dossier.scene(&spoken.scene_id)?, spoken))).collect()
}

fn silence(dossier: &Dossier<'_>, findings: &mut Findings) {
    let most = dossier.policy.qa.max_silent_seconds;
    for (scene, spoken) in played(dossier) {
        let said = words_in(spoken) as f64 / dossier.words_per_minute() * 60.0;
        let silent = scene.end_time - scene.start_time - said;
        if silent > most {
            findings.add(
                Rule::DeadAir,
                &Place::scene(&scene.scene_id, "times"),
                format!("leaves {silent:.1} s of its picture without a word: at most {most} s, plan less time"),
            );
        }
    }
}

/// Facts that a scene says, by value or by date.
fn told(spoken: &ScriptScene) -> BTreeSet<&FactId> {
    spoken.narration.iter().flat_map(|sentence| sentence.text.facts()).collect()
}

/// A proof must tell something new: a fact, or that a known one is a record or an extreme. An insight may repeat
/// figures where it sets them against each other.
fn redundant(dossier: &Dossier<'_>, findings: &mut Findings) {
    let mut claimed: BTreeSet<&ClaimId> = BTreeSet::new();
    let mut known: BTreeSet<&FactId> = BTreeSet::new();
    for (scene, spoken) in played(dossier) {
        let told = told(spoken);
        let stale = match scene.narrative_role {
            NarrativeRole::Hook | NarrativeRole::Payoff => false,
            NarrativeRole::Proof => {
                let new_point = |claim: &ClaimId| dossier.proven.contains(claim) && !claimed.contains(claim);
                told.is_subset(&known) && (told.is_empty() || !scene.key_claims.iter().any(new_point))
            }
            NarrativeRole::Insight => {
                let compares = spoken.narration.iter().any(|sentence| values(&sentence.text).nth(1).is_some());
                told.is_subset(&known) && !compares
            }
        };
        if stale {
            let claims: Vec<&str> = scene.key_claims.iter().map(ClaimId::as_str).collect();
            let of_claims = scene.key_claims.iter().filter_map(|id| dossier.claim(id));
            let fresh = of_claims.flat_map(|claim| claim.finding.roles.values()).any(|fact| !known.contains(fact));
            // With facts left to tell, or claims left to compare, it is the words' fault, else the plan's.
            let place = if fresh || scene.narrative_role == NarrativeRole::Insight {
                // The sentence that tells the old figure is named, so that the next visit avoids its plan.
                let teller = spoken.narration.iter().position(|sentence| sentence.text.facts().next().is_some());
                let n = teller.unwrap_or(spoken.narration.len().saturating_sub(1));
                Place::narration(&scene.scene_id, format!("narration {}", n + 1))
            } else {
                Place::scene(&scene.scene_id, format!("claims {}", claims.join(", ")))
            };
            findings.add(
                Rule::RedundantScene,
                &place,
                "tells no figure that earlier scenes have not told: tell another, or leave it out",
            );
        }
        // A hook only promises: what it names is still to be shown.
        if scene.narrative_role != NarrativeRole::Hook {
            known.extend(&told);
            claimed.extend(&scene.key_claims);
        }
    }
}

fn transitions(dossier: &Dossier<'_>, findings: &mut Findings) {
    for pair in dossier.script.scenes.windows(2) {
        let last = pair[0].narration.last().map(|sentence| &sentence.text);
        let first = pair[1].narration.first().map(|sentence| &sentence.text);
        if ![last, first].into_iter().flatten().any(|text| opens(dossier.lexicon, text)) {
            findings.add(
                Rule::NoReasonToStay,
                &Place::narration(&pair[1].scene_id, "narration 1"),
                format!(
                    "neither it nor the end of {} asks or announces anything: give a reason to stay",
                    pair[0].scene_id
                ),
            );
        }
    }
}

/// True for a text that asks, or announces what comes.
pub fn opens(lexicon: &Lexicon, text: &RichText) -> bool {
    let pieces = pieces(text);
    pieces.iter().any(|piece| matches!(piece, Piece::Mark('?')))
        || sentences(&pieces).into_iter().any(|sentence| !lexicon.claims.announce.hits(sentence).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::plans::{INTO_ANYTHING, INTO_EVIDENCE, INTO_INSIGHT, INTO_PAYOFF, WATCH, bridges};
    use proofreel_model::finding::FindingKind as K;

    #[test]
    fn every_bridge_of_the_embedded_writer_gives_a_reason_to_stay() {
        let lexicon = Lexicon::embedded().unwrap();
        let kinds = [
            K::Level,
            K::YearOnYear,
            K::LongRun,
            K::Record,
            K::RecordSince,
            K::OffPeak,
            K::WorstFall,
            K::Streak,
            K::BiggestRise,
            K::BiggestDrop,
            K::Crossing,
            K::Versus,
            K::PanelLeader,
            K::PanelClimb,
            K::PanelGrowth,
            K::PanelShare,
            K::RealVsNominal,
            K::TurningPoint,
            K::LeadLag,
            K::EpisodesCompared,
        ];
        let tables = [INTO_EVIDENCE, INTO_INSIGHT, INTO_PAYOFF, INTO_ANYTHING, WATCH];
        let all = tables.into_iter().chain(kinds.map(bridges)).flatten();
        let mute: Vec<&str> =
            all.filter(|plan| !opens(&lexicon, &RichText::plain(plan.text))).map(|plan| plan.name).collect();
        assert_eq!(mute, Vec::<&str>::new());
        assert!(!opens(&lexicon, &RichText::plain("The price stood higher a year later.")));
    }
}
