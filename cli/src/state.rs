//! What a command works with: the state folder and the voice.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use proofreel_adapters::local::voice::{Detected, detect};
use proofreel_model::channel::VoiceSettings;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};

/// Interpreters that may have the neural voice: the one named by `PROOFREEL_VOICE_PYTHON`, the `.venv` of the
/// working folder, the `.venv` beside the program's own folders (a checkout), and the system's.
fn python_candidates() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("PROOFREEL_VOICE_PYTHON") {
        return vec![named.into()];
    }
    let mut candidates = vec![PathBuf::from(".venv/bin/python")];
    if let Ok(program) = std::env::current_exe() {
        candidates.extend(program.ancestors().skip(1).take(3).map(|folder| folder.join(".venv/bin/python")));
    }
    candidates.retain(|path| path.exists());
    candidates.push("python3".into());
    candidates.dedup();
    // The worker runs in a folder of its own, so the path must hold from anywhere.
    candidates.into_iter().map(|path| absolute(&path)).collect()
}

/// An absolute path without following links: a virtual environment is recognised by where its interpreter's link lies.
fn absolute(path: &Path) -> PathBuf {
    if path.components().count() > 1 { std::path::absolute(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() }
}

/// The best voice of this machine, with the channel's settings.
pub fn voice(settings: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    match detect(&python_candidates()) {
        Detected::Neural(voice) => {
            Ok(Arc::new(voice.with_speed(settings.speed as f32).with_pronunciations(settings.pronounce.clone())))
        }
        other => other.into_voice(),
    }
}

/// A voice that is looked for when it is first needed: most commands never speak.
pub struct LazyVoice {
    settings: VoiceSettings,
    found: OnceLock<Result<Arc<dyn Voice>, String>>,
}

impl LazyVoice {
    pub fn new(settings: VoiceSettings) -> Self {
        Self { settings, found: OnceLock::new() }
    }

    fn get(&self) -> Result<&Arc<dyn Voice>, VoiceError> {
        self.found.get_or_init(|| voice(&self.settings).map_err(|error| error.to_string())).as_ref().map_err(|detail| {
            VoiceError::Unavailable {
                engine: "embedded".into(),
                detail: detail.clone(),
                hint: "run `make setup`, then `proofreel doctor`".into(),
            }
        })
    }
}

#[async_trait]
impl Voice for LazyVoice {
    fn info(&self) -> VoiceInfo {
        self.get().map_or_else(
            |_| VoiceInfo {
                name: "none".into(),
                engine: "none".into(),
                licence: "none".into(),
                quality: VoiceQuality::Robotic,
            },
            |voice| voice.info(),
        )
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        self.get()?.speak(lines, seed).await
    }
}
