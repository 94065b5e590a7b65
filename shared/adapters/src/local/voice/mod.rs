//! Voices of one machine: a neural one ([`EmbeddedVoice`]) and a robotic fallback ([`EspeakVoice`]). [`detect`] finds
//! out which of them can speak here.

mod detect;
mod embedded;
mod espeak;

pub use detect::{Detected, detect, robotic};
pub use embedded::EmbeddedVoice;
pub use espeak::EspeakVoice;

/// What to do when no good voice is installed.
const SETUP_HINT: &str = "run `make setup`, which puts the neural voice into .voice";
