//! Which voice a channel's settings mean.

use std::path::PathBuf;
use std::sync::Arc;

use proofreel_model::channel::{VoiceEngine, VoiceSettings};
use proofreel_ports::{Voice, VoiceError};

use crate::aws;
use crate::local::voice::{Detected, EspeakVoice, detect};

/// The voice that `settings` ask for. The embedded one is looked for in `folders`; when none of them has it, espeak-ng
/// speaks and a warning in the log says why.
pub fn voice(settings: &VoiceSettings, folders: &[PathBuf]) -> Result<Arc<dyn Voice>, VoiceError> {
    match settings.engine {
        VoiceEngine::Embedded => {
            let found = detect(folders, settings);
            if let Detected::Robotic { why, .. } = &found {
                tracing::warn!("the neural voice is missing, espeak-ng speaks: {why}");
            }
            found.into_voice()
        }
        VoiceEngine::Espeak => Ok(Arc::new(EspeakVoice::new("espeak-ng"))),
        VoiceEngine::Polly => aws::polly(settings),
    }
}
