//! The listener's side: openings, sentence length, density of figures, pace, and a hook in time.

use std::collections::BTreeMap;

use proofreel_model::scenes::NarrativeRole;
use proofreel_model::text::{Cite, Part, RichText};

use super::dossier::{Dossier, Findings, Place};
use super::reading::{spoken_words, words_of};
use super::rules::Rule;

/// More figures than this in a sentence, and a listener keeps none of them.
const FIGURES_A_SENTENCE: usize = 4;
/// Sentences that begin with the same three words may come twice in an episode.
const SAME_OPENINGS: usize = 2;
/// A scene's words may differ from its budget by this factor either way.
const PACE_FACTOR: f64 = 1.6;
/// A picture that stands longer than this, seconds, loses its viewer.
const LONGEST_SCENE_SECONDS: f64 = 45.0;

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
                if *count > SAME_OPENINGS {
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
            if figures > FIGURES_A_SENTENCE {
                findings.add(
                    Rule::CrowdedSentence,
                    &place,
                    format!("holds {figures} figures: at most {FIGURES_A_SENTENCE}"),
                );
            }
        }
    }
}

fn scenes(dossier: &Dossier<'_>, findings: &mut Findings) {
    for spoken in &dossier.script.scenes {
        let Some(scene) = dossier.scene(&spoken.scene_id) else { continue };
        let words: usize = spoken.narration.iter().map(|sentence| spoken_words(&sentence.text.text())).sum();
        let budget = f64::from(scene.word_budget.max(1));
        let ratio = words as f64 / budget;
        if !(1.0 / PACE_FACTOR..=PACE_FACTOR).contains(&ratio) {
            findings.add(
                Rule::Pace,
                &Place::narration(&spoken.scene_id, "narration"),
                format!("has {words} words for a budget of {}", scene.word_budget),
            );
        }
        let spoken_seconds = words as f64 / dossier.words_per_minute() * 60.0;
        let planned_seconds = scene.end_time - scene.start_time;
        if planned_seconds.max(spoken_seconds) > LONGEST_SCENE_SECONDS {
            let place = if spoken_seconds > planned_seconds {
                Place::narration(&spoken.scene_id, "narration")
            } else {
                Place::scene(&spoken.scene_id, "times")
            };
            let seconds = planned_seconds.max(spoken_seconds);
            findings.add(
                Rule::LongScene,
                &place,
                format!("one picture for {seconds:.0} s: at most {LONGEST_SCENE_SECONDS}"),
            );
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
