//! Voices of one machine: a neural one ([`HibariVoice`], a Python worker process) and a robotic fallback
//! ([`EspeakVoice`]). [`detect`] finds out which of them can speak here.

mod detect;
mod espeak;
mod hibari;
mod protocol;
mod worker;

pub use detect::{Detected, detect};
pub use espeak::EspeakVoice;
pub use hibari::HibariVoice;

/// What to do when no good voice is installed.
const SETUP_HINT: &str = "run `make setup`, which installs the neural voice into .venv";
