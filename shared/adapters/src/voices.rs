//! Which voice a channel's settings mean.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use proofreel_model::channel::{VoiceEngine, VoiceSettings};
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};

use crate::aws;
use crate::local::voice::{Detected, detect, robotic};

/// The voice that `settings` ask for. The embedded one is looked for in `folders`; when none of them has it, espeak-ng
/// speaks and a warning in the log says why.
///
/// `settings.providers` are not looked at: they need a way out, see [`crate::Cast`].
pub fn voice(settings: &VoiceSettings, folders: &[PathBuf]) -> Result<Arc<dyn Voice>, VoiceError> {
    match settings.engine {
        VoiceEngine::Embedded => {
            let found = detect(folders, settings);
            if let Detected::Robotic { why, .. } = &found {
                tracing::warn!("the neural voice is missing, espeak-ng speaks: {why}");
            }
            found.into_voice()
        }
        VoiceEngine::Espeak => Ok(Arc::new(robotic(Path::new("espeak-ng"))?)),
        VoiceEngine::Polly => aws::polly(settings),
    }
}

/// Folders that may hold the neural voice's data: the one named by `PROOFREEL_VOICE_DIR` (a Lambda layer's
/// `/opt/voice`, say), else those of the working folder and beside the program's own folders (a checkout) that exist.
pub fn voice_folders() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("PROOFREEL_VOICE_DIR") {
        return vec![named.into()];
    }
    let mut folders = vec![PathBuf::from(".voice")];
    if let Ok(program) = std::env::current_exe() {
        folders.extend(program.ancestors().skip(1).take(3).map(|folder| folder.join(".voice")));
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// A voice that is looked for when it is first needed: most commands never speak.
pub struct LazyVoice {
    settings: VoiceSettings,
    found: OnceLock<Result<Arc<dyn Voice>, VoiceError>>,
}

impl LazyVoice {
    /// The voice of these settings, which is looked for in `PROOFREEL_VOICE_DIR`, else in the usual folders.
    pub fn new(settings: VoiceSettings) -> Self {
        Self { settings, found: OnceLock::new() }
    }

    fn get(&self) -> Result<&Arc<dyn Voice>, VoiceError> {
        self.found.get_or_init(|| voice(&self.settings, &voice_folders())).as_ref().map_err(|error| match error {
            VoiceError::Unavailable { engine, detail, hint } => {
                VoiceError::Unavailable { engine: engine.clone(), detail: detail.clone(), hint: hint.clone() }
            }
            other => VoiceError::Unavailable {
                engine: "asked for".into(),
                detail: other.to_string(),
                hint: "run `proofreel doctor`".into(),
            },
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

    fn billed_characters(&self) -> u64 {
        self.found.get().and_then(|found| found.as_ref().ok()).map_or(0, |voice| voice.billed_characters())
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        self.get()?.speak(lines, seed).await
    }
}
