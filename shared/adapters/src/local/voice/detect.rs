//! Which voice can speak on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proofreel_ports::{Voice, VoiceError, VoiceInfo};

use super::hibari::RELEASE;
use super::{EspeakVoice, HibariVoice, SETUP_HINT};

/// Imports what the worker needs, so that half an installation does not count as one.
const PROBE: &str =
    "import numpy, onnxruntime, hibari; from importlib.metadata import version; print(version('hibari-tts'))";
/// How long an interpreter may take for that (the first import after a restart reads 80 MB).
const PATIENCE: Duration = Duration::from_mins(1);

/// What was found.
pub enum Detected {
    /// A neural voice.
    Neural(HibariVoice),
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

/// Finds the best voice: the neural one in the first of `python_candidates` (paths of interpreters) that has it, else
/// `espeak-ng` from `PATH`. Starts each interpreter once; takes about half a second when the first one is right.
pub fn detect(python_candidates: &[PathBuf]) -> Detected {
    detect_with(python_candidates, Path::new("espeak-ng"))
}

fn detect_with(python_candidates: &[PathBuf], espeak: &Path) -> Detected {
    let mut refused = Vec::new();
    for python in python_candidates {
        match probe(python) {
            Ok(()) => return Detected::Neural(HibariVoice::new(python)),
            Err(why) => refused.push(format!("{}: {why}", python.display())),
        }
    }
    if refused.is_empty() {
        refused.push("no Python interpreter was named to look into".to_owned());
    }
    let detail = refused.join("; ");
    if run(espeak, &["--version"]).is_ok() {
        return Detected::Robotic { voice: EspeakVoice::new(espeak), why: format!("{detail}\n  hint: {SETUP_HINT}") };
    }
    Detected::Missing(VoiceError::Unavailable {
        engine: "hibari-tts or espeak-ng".to_owned(),
        detail,
        hint: format!("{SETUP_HINT}; a robotic fallback is `sudo apt install espeak-ng`"),
    })
}

/// Whether `python` has the neural voice in the release that the worker was written for.
fn probe(python: &Path) -> Result<(), String> {
    let found = run(python, &["-I", "-c", PROBE])?;
    if found == RELEASE { Ok(()) } else { Err(format!("hibari-tts is {found}, needed is {RELEASE}")) }
}

/// First line of a program's output, or why there is none.
fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let begun = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().ok();
            child.wait().ok();
            return Err(format!("no answer within {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let shown = if output.status.success() { &output.stdout } else { &output.stderr };
    let text = String::from_utf8_lossy(shown);
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    if output.status.success() {
        return Ok(lines.next().unwrap_or_default().to_owned());
    }
    Err(lines.next_back().map_or_else(|| output.status.to_string(), str::to_owned)) // Python ends with the error
}

#[cfg(test)]
mod tests {
    use proofreel_ports::VoiceQuality;

    use super::*;

    /// An executable that stands for an interpreter. A shell writes it: a descriptor open for writing in this process
    /// could be inherited by the program that another test starts just then, and executing it would fail.
    fn fake(folder: &Path, name: &str, body: &str) -> PathBuf {
        let path = folder.join(name);
        let script = r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod +x "$0""#;
        let written = Command::new("sh").args(["-c", script]).arg(&path).arg(body).status().unwrap();
        assert!(written.success());
        path
    }

    #[test]
    fn the_first_interpreter_with_the_right_release_wins() {
        let folder = tempfile::tempdir().unwrap();
        let old = fake(folder.path(), "old", "echo 0.1.0");
        let right = fake(folder.path(), "right", "echo 0.2.1");
        let found = detect_with(&[PathBuf::from("/nonexistent/python"), old, right], Path::new("/nonexistent/espeak"));
        assert_eq!(found.info().unwrap().quality, VoiceQuality::Neural);
        assert!(found.into_voice().is_ok());
    }

    #[test]
    fn without_it_the_fallback_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let bare = fake(folder.path(), "bare", "echo Traceback >&2; echo \"No module named 'hibari'\" >&2; exit 1");
        let espeak = fake(folder.path(), "espeak", "echo 1.51");
        let Detected::Robotic { voice, why } = detect_with(&[bare], &espeak) else { panic!("not the fallback") };
        assert_eq!(voice.info().quality, VoiceQuality::Robotic);
        assert!(why.contains("No module named 'hibari'") && why.contains("make setup"), "{why}");
    }

    #[test]
    fn with_nothing_the_error_names_both_ways_out() {
        let found = detect_with(&[], Path::new("/nonexistent/espeak"));
        assert!(found.info().is_none());
        let Err(error) = found.into_voice() else { panic!("a voice out of nothing") };
        let error = error.to_string();
        assert!(error.contains("make setup") && error.contains("apt install espeak-ng"), "{error}");
    }
}
