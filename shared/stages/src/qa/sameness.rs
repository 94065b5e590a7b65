//! Likeness with the channel's recent episodes: videos that look made from a template earn nothing.

use std::collections::BTreeSet;

use proofreel_model::print::{self, EpisodePrint, Likeness};
use proofreel_model::stage::StageName;
use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Findings, Place};
use super::rules::Rule;

/// Compares the episode with each recent one; the most like it is told.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    let own = print::of(&dossier.brief.topic.topic_id, dossier.scenes, dossier.script);
    let policy = &dossier.policy.qa.sameness;
    let compared = dossier.order.recent_episodes.iter().take(policy.recent_episodes);
    let likest = compared
        .map(|other| (other, own.likeness(other)))
        .max_by(|a, b| policy.weights.total(&a.1).total_cmp(&policy.weights.total(&b.1)));
    let Some((other, parts)) = likest else { return };
    let total = policy.weights.total(&parts);
    if total <= policy.threshold {
        return;
    }
    // Without the order of scenes it would pass: then that order is what to change.
    let words = total - policy.weights.structure * parts.structure;
    let by_words = words / (1.0 - policy.weights.structure) > policy.threshold;
    let owner = if by_words { StageName::Script } else { StageName::SceneBuilder };
    findings.add(
        Rule::Sameness,
        &Place { owner, scene: None, name: "likeness".into() },
        format!(
            "{total:.2} like the recent episode {}, above {}: {}; tell it in other words and another order",
            other.topic_id,
            policy.threshold,
            told(&parts)
        ),
    );
    if by_words {
        repeated(dossier, other, findings);
    }
}

fn told(parts: &Likeness) -> String {
    let Likeness { sentences, phrases, openings, titles, structure, visuals } = parts;
    format!(
        "sentences {sentences:.2}, phrases {phrases:.2}, openings {openings:.2}, titles {titles:.2}, \
         structure {structure:.2}, visuals {visuals:.2}"
    )
}

/// Names each sentence that the other episode says too, so that a rewrite can avoid it.
fn repeated(dossier: &Dossier<'_>, other: &EpisodePrint, findings: &mut Findings) {
    let said: BTreeSet<u32> = other.sentences.iter().copied().collect();
    for spoken in &dossier.script.scenes {
        let scene = dossier.scene(&spoken.scene_id);
        if scene.is_none_or(|scene| matches!(scene.visual, Visual::End { .. })) {
            continue;
        }
        for (n, sentence) in spoken.narration.iter().enumerate() {
            if said.contains(&print::hash(&print::normal(&sentence.text))) {
                let place = Place::narration(&spoken.scene_id, format!("narration {}", n + 1));
                findings.add(Rule::Sameness, &place, format!("is a sentence of the recent episode {}", other.topic_id));
            }
        }
    }
}
