//! The listener's side: openings, sentence length, density of figures, pace, and a hook in time.

use std::collections::BTreeMap;

use proofreel_model::scenes::NarrativeRole;
use proofreel_model::script::ScriptScene;
use proofreel_model::text::{Cite, Part, RichText};

use super::dossier::{Dossier, Findings, Place};
use super::reading::{spoken_words, words_of};
use super::rules::Rule;

/// Checks how the narration is heard.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    openings(dossier, findings);
    sentences(dossier, findings);
    scenes(dossier, findings);
    hook(dossier, findings);
}

fn openings(dossier: &Dossier<'_>, findings: &mut Findings) {
    let mut before: Vec<String> = Vec::new();
    let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for scene in &dossier.script.scenes {
        for (n, sentence) in scene.narration.iter().enumerate() {
            let words = words_of(&sentence.text.text());
            let place = Place::narration(&scene.scene_id, format!("narration {}", n + 1));
            if words.len() >= 2 && before.len() >= 2 && words[..2] == before[..2] {
                findings.add(
                    Rule::RepeatedOpening,
                    &place,
                    format!("begins with `{}` like the sentence before it", words[..2].join(" ")),
                );
            }
            if words.len() >= 3 {
                let count = counts.entry(words[..3].to_vec()).or_default();
                *count += 1;
                if *count > dossier.policy.qa.same_openings {
                    findings.add(
                        Rule::RepeatedOpening,
                        &place,
                        format!("`{}` begins sentence number {count} of the episode", words[..3].join(" ")),
                    );
                }
            }
            before = words;
        }
    }
}

fn figures(text: &RichText) -> usize {
    text.0.iter().filter(|span| matches!(span.cite, Some(Cite::Fact { part: Part::Value, .. }))).count()
}

fn sentences(dossier: &Dossier<'_>, findings: &mut Findings) {
    let most = dossier.policy.qa.max_sentence_words;
    for scene in &dossier.script.scenes {
        for (n, sentence) in scene.narration.iter().enumerate() {
            let place = Place::narration(&scene.scene_id, format!("narration {}", n + 1));
            let words = spoken_words(&sentence.text.text());
            if words > most {
                findings.add(Rule::LongSentence, &place, format!("has {words} words: a listener follows {most}"));
            }
            let figures = figures(&sentence.text);
            let most = dossier.policy.qa.max_sentence_figures;
            if figures > most {
                findings.add(Rule::CrowdedSentence, &place, format!("holds {figures} figures: at most {most}"));
            }
        }
    }
}

/// Words that a scene says.
pub fn words_in(spoken: &ScriptScene) -> usize {
    spoken.narration.iter().map(|sentence| spoken_words(&sentence.text.text())).sum()
}

fn scenes(dossier: &Dossier<'_>, findings: &mut Findings) {
    for spoken in &dossier.script.scenes {
        let Some(scene) = dossier.scene(&spoken.scene_id) else { continue };
        let words = words_in(spoken);
        let (slowest, fastest) = dossier.policy.qa.scene_words_per_minute;
        let planned_seconds = scene.end_time - scene.start_time;
        let pace = words as f64 / planned_seconds.max(1.0) * 60.0 / dossier.order.channel.voice.speed;
        if !(slowest..=fastest).contains(&pace) {
            findings.add(
                Rule::Pace,
                &Place::narration(&spoken.scene_id, "narration"),
                format!(
                    "has {words} words in {planned_seconds:.1} s, {pace:.0} a minute: speak {slowest:.0} to {fastest:.0}"
                ),
            );
        }
        let spoken_seconds = words as f64 / dossier.words_per_minute() * 60.0;
        let longest = dossier.policy.qa.max_scene_seconds;
        if planned_seconds.max(spoken_seconds) > longest {
            let place = if spoken_seconds > planned_seconds {
                Place::narration(&spoken.scene_id, "narration")
            } else {
                Place::scene(&spoken.scene_id, "times")
            };
            let seconds = planned_seconds.max(spoken_seconds);
            findings.add(Rule::LongScene, &place, format!("one picture for {seconds:.0} s: at most {longest}"));
        }
    }
}

/// The promise is out within the seconds of the law, and it is the hook that was chosen.
fn hook(dossier: &Dossier<'_>, findings: &mut Findings) {
    let Some(first) = dossier.script.scenes.first() else { return };
    let is_hook = dossier.scene(&first.scene_id).is_some_and(|scene| scene.narrative_role == NarrativeRole::Hook);
    let Some(promise) = first.narration.first().filter(|_| is_hook) else { return };
    let seconds = dossier.policy.episode.hook_seconds;
    let words = spoken_words(&promise.text.text());
    let taken = words as f64 / dossier.words_per_minute() * 60.0;
    let place = Place::narration(&first.scene_id, "narration 1");
    if taken > seconds {
        findings.add(
            Rule::HookPromise,
            &place,
            format!("its {words} words take about {taken:.1} s: state the promise within {seconds} s"),
        );
    }
    let said = first.narration.iter().map(|sentence| sentence.text.text()).collect::<Vec<_>>().join(" ");
    match dossier.script.hooks.first() {
        None => findings.add(Rule::HookPromise, &Place::script("hooks"), "there is no hook variant"),
        Some(hook) if !said.starts_with(hook.text().trim()) => {
            findings.add(Rule::HookPromise, &Place::script("hook 1"), "is not what the first scene says first");
        }
        Some(_) => {}
    }
    let mut texts: Vec<String> = dossier.script.hooks.iter().map(RichText::text).collect();
    let given = texts.len();
    texts.sort();
    texts.dedup();
    if texts.len() < given {
        findings.add(Rule::HookPromise, &Place::script("hooks"), "two variants are the same");
    }
}
