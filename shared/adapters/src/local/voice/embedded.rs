//! The neural voice, in this process.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use proofreel_model::channel::VoiceSettings;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_voice::assets::{Assets, VoiceDataError};
use proofreel_voice::speaker::Speaker;

use crate::speech::{check_words, duration_ms, spoken_words};

/// Engine as it is reported. Its last number changes when the same text would sound or be timed otherwise.
const ENGINE: &str = "hibari 0.2.1, embedded 2";

/// A neural voice (American English, female, 24 kHz). The same text, seed and settings give the same samples, whatever
/// is spoken before, after or beside them; a call computes on a thread of its own.
pub struct EmbeddedVoice {
    late: Arc<LateSpeaker>,
}

/// The voice's checked files, and what is made of them when something is first said: a film whose speech is kept asks only
/// for the voice's name, and the network, lexicon and tagger take a third of a second of processor time.
struct LateSpeaker {
    assets: Assets,
    settings: VoiceSettings,
    speaker: OnceLock<Result<Speaker, VoiceDataError>>,
}

impl LateSpeaker {
    fn speaker(&self) -> Result<&Speaker, VoiceError> {
        let made = || Speaker::new(&self.assets, &self.settings.pronounce, self.settings.speed as f32);
        self.speaker.get_or_init(made).as_ref().map_err(unavailable)
    }
}

fn unavailable(error: &VoiceDataError) -> VoiceError {
    let message = error.to_string();
    let (detail, hint) = message.split_once("\n  hint: ").unwrap_or((&message, super::SETUP_HINT));
    VoiceError::Unavailable { engine: ENGINE.into(), detail: detail.into(), hint: hint.into() }
}

impl EmbeddedVoice {
    /// The voice in `folder`, whose files are checked now (see [`Assets`]), with a channel's pace and pronunciations: the
    /// word as written (case counts; without punctuation around it) and a respelling (`SOFR` → `so-fur`), spaced capitals
    /// for an acronym (`WTI` → `W T I`), or phonemes between slashes (`COMEX` → `/kˈOmˌɛks/`).
    pub fn open(folder: &Path, settings: &VoiceSettings) -> Result<Self, VoiceError> {
        let assets = Assets::open(folder).map_err(|error| unavailable(&error))?;
        let late = LateSpeaker { assets, settings: settings.clone(), speaker: OnceLock::new() };
        Ok(Self { late: Arc::new(late) })
    }
}

#[async_trait]
impl Voice for EmbeddedVoice {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: "heart".to_owned(),
            engine: ENGINE.to_owned(),
            licence: "Apache-2.0 (data distilled from Kokoro-82M, Apache-2.0)".to_owned(),
            quality: VoiceQuality::Neural,
        }
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        let (late, lines) = (Arc::clone(&self.late), lines.to_vec());
        let work = move || {
            let speaker = late.speaker()?;
            lines.iter().map(|line| say(speaker, line, seed)).collect()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| VoiceError::Failed {
            engine: ENGINE.into(),
            utterance: "its work".into(),
            detail: error.to_string(),
        })?
    }
}

fn say(speaker: &Speaker, line: &Utterance, seed: u64) -> Result<Speech, VoiceError> {
    let failed = |detail: String| VoiceError::Failed { engine: ENGINE.into(), utterance: line.id.clone(), detail };
    let spoken = speaker.speak(&line.text, seed).map_err(|error| failed(error.to_string()))?;
    let words = spoken_words(spoken.words);
    check_words(&words, &line.text, duration_ms(spoken.samples.len(), spoken.sample_rate)).map_err(failed)?;
    Ok(Speech { id: line.id.clone(), sample_rate: spoken.sample_rate, samples: spoken.samples, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_the_voice_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = EmbeddedVoice::open(folder.path(), &VoiceSettings::default()).err().unwrap().to_string();
        assert!(error.contains("hibari.onnx") && error.contains("make setup"), "{error}");
    }

    #[tokio::test]
    async fn the_real_voice_times_every_word_and_repeats_itself() {
        let Some(folder) = std::env::var_os("PROOFREEL_VOICE_DIR") else {
            eprintln!("SKIPPED: PROOFREEL_VOICE_DIR is not set, the real voice was not tried");
            return;
        };
        let long = "gold, which had risen for 12 months, fell by 3.2% in June 2026, ".repeat(12);
        let texts =
            ["Gold hit $4,228 an ounce — up 4.47% in Q2 2026. The 10-year fell.", "WTI slipped.", long.as_str()];
        let lines: Vec<Utterance> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| Utterance { id: i.to_string(), text: (*text).to_owned(), pause_after_ms: 0 })
            .collect();
        let voice = EmbeddedVoice::open(Path::new(&folder), &VoiceSettings::default()).unwrap();
        let first = voice.speak(&lines, 7).await.unwrap(); // word order and times are checked inside
        assert_eq!(voice.speak(&lines[1..], 7).await.unwrap(), first[1..], "other neighbours");
        assert_ne!(voice.speak(&lines[..1], 8).await.unwrap()[0].samples, first[0].samples, "another seed");
        for speech in &first {
            let length = speech.samples.len() as u32 / 24;
            let end = speech.words.last().unwrap().end_ms;
            assert!(length - end < 250, "speech of {length} ms whose last word ends at {end} ms");
            assert!(speech.samples.iter().any(|s| s.unsigned_abs() > 3000), "it is audible");
        }
        assert!(first[2].samples.len() > 24_000 * 30);
        let faster = VoiceSettings { speed: 1.25, ..VoiceSettings::default() };
        let faster = EmbeddedVoice::open(Path::new(&folder), &faster).unwrap().speak(&lines[..1], 7).await.unwrap();
        assert!(faster[0].samples.len() * 10 < first[0].samples.len() * 9, "a quarter faster");
        let error = voice.speak(&[Utterance { text: "— …".into(), ..lines[0].clone() }], 7).await.unwrap_err();
        assert!(error.to_string().contains("nothing to pronounce"), "{error}");
    }
}
