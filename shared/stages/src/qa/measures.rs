//! Signals measured of every scene: they stand in the report whatever they are, and lower a score beyond their bound.

use std::collections::BTreeSet;

use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::qa::SceneMeasures;
use proofreel_model::scenes::Scene;
use proofreel_model::script::ScriptScene;

use super::dossier::{Dossier, Findings, Place};
use super::pacing::words_in;
use super::reading::spoken_words;
use super::rules::Rule;
use crate::prose::composer::values;

/// Measures every scene of the script, and notes what is beyond its bound.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) -> Vec<(SceneId, SceneMeasures)> {
    let mut known: BTreeSet<&FactId> = BTreeSet::new();
    let mut all = Vec::new();
    for spoken in &dossier.script.scenes {
        let Some(scene) = dossier.scene(&spoken.scene_id) else { continue };
        let measured = of(dossier, scene, spoken, &mut known);
        note(dossier, scene, &measured, findings);
        all.push((scene.scene_id.clone(), measured));
    }
    all
}

fn of<'a>(
    dossier: &Dossier<'a>,
    scene: &'a Scene,
    spoken: &'a ScriptScene,
    known: &mut BTreeSet<&'a FactId>,
) -> SceneMeasures {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let sentences = spoken.narration.len();
    let claiming: Vec<_> = spoken.narration.iter().filter(|sentence| !sentence.claims.is_empty()).collect();
    let citing = claiming.iter().filter(|sentence| sentence.text.facts().next().is_some()).count();
    let figures: usize = spoken.narration.iter().map(|sentence| values(&sentence.text).count()).sum();
    let words = words_in(spoken);
    let seconds = scene.end_time - scene.start_time;
    let told: BTreeSet<&FactId> = spoken.narration.iter().flat_map(|sentence| sentence.text.facts()).collect();
    let new_facts = told.difference(known).count();
    known.extend(told);
    SceneMeasures {
        sentences: count(sentences),
        claiming_sentences: count(claiming.len()),
        cited_share: if claiming.is_empty() { 1.0 } else { rounded(citing as f64 / claiming.len() as f64) },
        new_facts: count(new_facts),
        sources_shown: count(scene.evidence_sources.len()),
        mean_words: rounded(words as f64 / sentences.max(1) as f64),
        mean_figures: rounded(figures as f64 / sentences.max(1) as f64),
        seconds: rounded(seconds),
        words_per_minute: rounded(words as f64 / seconds.max(1.0) * 60.0 / dossier.order.channel.voice.speed),
        stretch_seconds: rounded(stretch(dossier, spoken)),
    }
}

/// Hundredths keep a report readable.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The longest time between new figures; a scene begins with another picture.
fn stretch(dossier: &Dossier<'_>, spoken: &ScriptScene) -> f64 {
    let mut seen: BTreeSet<&FactId> = BTreeSet::new();
    let (mut since, mut longest) = (0.0_f64, 0.0_f64);
    for sentence in &spoken.narration {
        since += spoken_words(&sentence.text.text()) as f64 / dossier.words_per_minute() * 60.0;
        longest = longest.max(since);
        if values(&sentence.text).filter(|fact| seen.insert(fact)).count() > 0 {
            since = 0.0;
        }
    }
    longest
}

fn note(dossier: &Dossier<'_>, scene: &Scene, measured: &SceneMeasures, findings: &mut Findings) {
    let bounds = &dossier.policy.qa.signals;
    let place = Place::narration(&scene.scene_id, "narration");
    if measured.cited_share < bounds.min_cited_share {
        findings.add(
            Rule::ThinEvidence,
            &place,
            format!("{:.0} % of the sentences that name a claim cite a fact", measured.cited_share * 100.0),
        );
    }
    if measured.mean_words > bounds.max_mean_words || measured.mean_figures > bounds.max_mean_figures {
        findings.add(
            Rule::HeavyScene,
            &place,
            format!("holds {} words and {} figures a sentence", measured.mean_words, measured.mean_figures),
        );
    }
    if measured.stretch_seconds > bounds.max_stretch_seconds {
        findings.add(
            Rule::LongStretch,
            &place,
            format!("runs {} s without a new figure or another picture", measured.stretch_seconds),
        );
    }
}
