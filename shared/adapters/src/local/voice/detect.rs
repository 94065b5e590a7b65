//! Which voice can speak on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use proofreel_model::channel::VoiceSettings;
use proofreel_ports::{Voice, VoiceError, VoiceInfo};

use super::{EmbeddedVoice, EspeakVoice, SETUP_HINT};

/// What was found.
pub enum Detected {
    /// A neural voice.
    Neural(EmbeddedVoice),
    /// Only the robotic fallback.
    Robotic {
        /// The fallback.
        voice: EspeakVoice,
        /// Why not the neural voice, for people, with what to do.
        why: String,
    },
    /// No voice at all; the error says how to install one.
    Missing(VoiceError),
}

impl Detected {
    /// Who would speak.
    pub fn info(&self) -> Option<VoiceInfo> {
        match self {
            Self::Neural(voice) => Some(voice.info()),
            Self::Robotic { voice, .. } => Some(voice.info()),
            Self::Missing(_) => None,
        }
    }

    /// The voice behind its port, or why there is none.
    pub fn into_voice(self) -> Result<Arc<dyn Voice>, VoiceError> {
        match self {
            Self::Neural(voice) => Ok(Arc::new(voice)),
            Self::Robotic { voice, .. } => Ok(Arc::new(voice)),
            Self::Missing(error) => Err(error),
        }
    }
}

/// Finds the best voice: the neural one in the first of `folders` that exists and holds it, else `espeak-ng` from
/// `PATH`.
pub fn detect(folders: &[PathBuf], settings: &VoiceSettings) -> Detected {
    detect_with(folders, settings, Path::new("espeak-ng"))
}

fn detect_with(folders: &[PathBuf], settings: &VoiceSettings, espeak: &Path) -> Detected {
    let mut refused = Vec::new();
    for folder in folders {
        match EmbeddedVoice::open(folder, settings) {
            Ok(voice) => return Detected::Neural(voice),
            Err(VoiceError::Unavailable { detail, .. }) => refused.push(detail),
            Err(other) => refused.push(other.to_string()),
        }
    }
    if refused.is_empty() {
        refused.push("no folder with the voice's data was found".to_owned());
    }
    let detail = refused.join("; ");
    if answers(espeak) {
        return Detected::Robotic { voice: EspeakVoice::new(espeak), why: format!("{detail}\n  hint: {SETUP_HINT}") };
    }
    Detected::Missing(VoiceError::Unavailable {
        engine: "embedded or espeak-ng".to_owned(),
        detail,
        hint: format!("{SETUP_HINT}; a robotic fallback is `sudo apt install espeak-ng`"),
    })
}

/// The robotic voice, for a channel that asks for it by name.
///
/// # Errors
/// The program cannot be run, with what to do.
pub fn robotic(program: &Path) -> Result<EspeakVoice, VoiceError> {
    if answers(program) {
        return Ok(EspeakVoice::new(program));
    }
    Err(VoiceError::Unavailable {
        engine: "espeak-ng".to_owned(),
        detail: format!("{} cannot be started", program.display()),
        hint: "sudo apt-get install espeak-ng, or set `engine = \"embedded\"` under [voice]".to_owned(),
    })
}

/// Whether the program can be run.
fn answers(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use proofreel_ports::VoiceQuality;

    use super::*;

    #[test]
    fn without_data_the_fallback_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned(), PathBuf::from("/nonexistent/voice")];
        let Detected::Robotic { voice, why } = detect_with(&folders, &VoiceSettings::default(), Path::new("true"))
        else {
            panic!("not the fallback")
        };
        assert_eq!(voice.info().quality, VoiceQuality::Robotic);
        assert!(why.contains("hibari.onnx") && why.contains("/nonexistent") && why.contains("make setup"), "{why}");
    }

    #[test]
    fn with_nothing_the_error_names_both_ways_out() {
        let found = detect_with(&[], &VoiceSettings::default(), Path::new("/nonexistent/espeak"));
        assert!(found.info().is_none());
        let Err(error) = found.into_voice() else { panic!("a voice out of nothing") };
        let error = error.to_string();
        assert!(error.contains("make setup") && error.contains("apt install espeak-ng"), "{error}");
        let Err(error) = robotic(Path::new("/nonexistent/espeak")) else { panic!("a voice out of nothing") };
        assert!(error.to_string().contains("apt-get install espeak-ng"), "{error}");
        assert!(robotic(Path::new("true")).is_ok());
    }
}
