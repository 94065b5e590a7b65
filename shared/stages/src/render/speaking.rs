//! The narration spoken: the whole film by one voice.

use std::sync::Arc;

use proofreel_model::film::TimedWord;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo};
use proofreel_studio::film::Spoken;
use proofreel_studio::timeline::Pacing;

use super::{refusal, speech};
use crate::contract::{Context, StageError};

/// What was spoken, and by whom.
pub(super) struct Told {
    /// Lines by scene.
    pub(super) scenes: Vec<Vec<Spoken>>,
    /// The one voice of all of them.
    pub(super) voice: VoiceInfo,
}

/// Why a film could not be spoken by a voice.
enum Silent {
    /// The voice failed: another one may speak the film.
    Voice(VoiceError),
    /// Something else: no other voice would do better.
    Stage(StageError),
}

impl From<StageError> for Silent {
    fn from(error: StageError) -> Self {
        Self::Stage(error)
    }
}

/// Has the narration spoken, by the context's voice or by the first that stands in for it and can speak all of it.
pub(super) async fn speak(script: &Script, scenes: &Scenes, context: &Context<'_>) -> Result<Told, StageError> {
    spoken(script, scenes, false, context).await
}

/// The same, and nothing that was kept is used.
pub(super) async fn speak_anew(script: &Script, scenes: &Scenes, context: &Context<'_>) -> Result<Told, StageError> {
    spoken(script, scenes, true, context).await
}

async fn spoken(script: &Script, scenes: &Scenes, anew: bool, context: &Context<'_>) -> Result<Told, StageError> {
    let mut other: Option<Arc<dyn Voice>> = None;
    loop {
        let voice = other.as_deref().unwrap_or(context.voice);
        match by(voice, (script, scenes), anew, context).await {
            Ok(scenes) => return Ok(Told { scenes, voice: voice.info() }),
            Err(Silent::Stage(error)) => return Err(error),
            Err(Silent::Voice(error)) => {
                let Some(next) = voice.instead(&error).await else { return Err(voice_error(&error)) };
                let first = error.to_string().lines().next().unwrap_or_default().to_owned();
                context.progress.note(&format!("{} speaks the film: {first}", next.info().engine));
                other = Some(next);
            }
        }
    }
}

/// The narration scene by scene: what a scene sounds like depends on its sentences, the voice with the channel's settings, and
/// the order's seed alone.
async fn by(
    voice: &dyn Voice,
    (script, scenes): (&Script, &Scenes),
    anew: bool,
    context: &Context<'_>,
) -> Result<Vec<Vec<Spoken>>, Silent> {
    let pacing = Pacing::default();
    let behind = pacing.behind(scenes.scenes.iter().map(|scene| scene.narrative_role));
    let total: usize = script.scenes.iter().map(|scene| scene.narration.len()).sum();
    context.progress.begin("speak", total as u64);
    let (mut all, mut done) = (Vec::new(), 0u64);
    for (scene, behind) in script.scenes.iter().zip(behind) {
        if context.progress.out_of_time() {
            return Err(StageError::OutOfTime.into());
        }
        let last = scene.narration.len().saturating_sub(1);
        let lines: Vec<Utterance> = scene
            .narration
            .iter()
            .enumerate()
            .map(|(n, sentence)| Utterance {
                id: format!("{}-{}", scene.scene_id, n + 1),
                text: sentence.text.text(),
                pause_after_ms: if n == last { behind } else { pacing.sentence_ms },
            })
            .collect();
        let spoken = if lines.is_empty() {
            Vec::new()
        } else if let Some(spoken) = speech::kept(&lines, voice.info(), anew, context).await? {
            spoken
        } else {
            let spoken = voice.speak(&lines, context.order.seed).await.map_err(Silent::Voice)?;
            speech::keep(&lines, &spoken, voice.info(), context).await?;
            spoken
        };
        if !spoken.iter().map(|speech| &speech.id).eq(lines.iter().map(|line| &line.id)) {
            let what = format!("the voice did not speak the lines of scene {} in order", scene.scene_id);
            return Err(StageError::Failed(what).into());
        }
        all.push(spoken.into_iter().map(as_spoken).collect());
        done += lines.len() as u64;
        context.progress.at(done);
    }
    context.progress.end();
    Ok(all)
}

fn as_spoken(speech: Speech) -> Spoken {
    let words = speech
        .words
        .into_iter()
        .map(|word| TimedWord { text: word.text, start_ms: word.start_ms, end_ms: word.end_ms })
        .collect();
    Spoken { sample_rate: speech.sample_rate, samples: speech.samples, words }
}

fn voice_error(error: &VoiceError) -> StageError {
    match error {
        VoiceError::Unavailable { .. } => refusal(&error.to_string()),
        VoiceError::Failed { .. } | VoiceError::Timeout { .. } => StageError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use proofreel_evidence::Library;
    use proofreel_ports::{NoParts, VoiceQuality};

    use super::super::tests::{Told as Heard, Tones, context, input, order, short_policy};
    use super::*;

    /// Speaks one scene, and fails on the second.
    #[derive(Default)]
    struct Breaking {
        asked: AtomicUsize,
        why: Mutex<Vec<String>>,
        alone: bool,
    }

    #[async_trait]
    impl Voice for Breaking {
        fn info(&self) -> VoiceInfo {
            let text = || "breaking".to_owned();
            VoiceInfo { name: text(), engine: text(), licence: text(), quality: VoiceQuality::Neural }
        }

        async fn instead(&self, why: &VoiceError) -> Option<Arc<dyn Voice>> {
            self.why.lock().unwrap().push(why.to_string());
            (!self.alone).then(|| Arc::new(Tones) as _)
        }

        async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
            if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
                let mut spoken = Tones.speak(lines, seed).await?;
                for speech in &mut spoken {
                    speech.samples.fill(1);
                }
                return Ok(spoken);
            }
            let failed =
                |engine: &str| VoiceError::Timeout { engine: engine.into(), utterance: "x".into(), seconds: 60 };
            Err(failed("breaking"))
        }
    }

    #[tokio::test]
    async fn a_film_has_one_voice_whatever_fails() {
        let (folder, told, input, order) = (tempfile::tempdir().unwrap(), Heard::default(), input(), order());
        let (library, policy) = (Library::default(), short_policy());
        let usual = context(&order, &library, &policy, folder.path(), &told, &NoParts);
        let script: Script = serde_json::from_value(input.script.clone()).unwrap();
        let alike = speak(&script, &input.scenes, &usual).await.unwrap();

        let breaking = Breaking::default();
        let with = |voice| Context { voice, ..context(&order, &library, &policy, folder.path(), &told, &NoParts) };
        let film = speak(&script, &input.scenes, &with(&breaking)).await.unwrap();
        assert_eq!(breaking.asked.load(Ordering::Relaxed), 2);
        assert_eq!(film.voice.name, "tones");
        assert!(film.scenes == alike.scenes, "the first scene too is spoken by the one who spoke the last");
        let notes = told.0.lock().unwrap().clone();
        assert!(notes.iter().any(|note| note.starts_with("test 1 speaks the film: ")), "{notes:?}");

        let alone = Breaking { alone: true, ..Breaking::default() };
        let error = speak(&script, &input.scenes, &with(&alone)).await.err().unwrap();
        assert!(error.to_string().contains("60 s"), "{error}");
        assert_eq!(alone.why.lock().unwrap().len(), 1);
    }
}
