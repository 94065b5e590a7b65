use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

/// A piece of text to speak at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// Name given by the caller, returned with the speech.
    pub id: String,
    /// Text as written.
    pub text: String,
    /// Silence the caller will put after it, milliseconds (not part of the samples).
    pub pause_after_ms: u32,
}

/// When a word sounds, relative to its utterance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenWord {
    /// A whitespace-separated token of the text, verbatim; every token appears once, in order.
    pub text: String,
    /// Start, milliseconds.
    pub start_ms: u32,
    /// End, milliseconds.
    pub end_ms: u32,
}

/// Spoken sound, mono.
#[derive(Clone, Debug, PartialEq)]
pub struct Speech {
    /// The utterance's id.
    pub id: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// 16-bit samples.
    pub samples: Vec<i16>,
    /// Word timings.
    pub words: Vec<SpokenWord>,
}

/// How a voice sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceQuality {
    /// A neural voice.
    Neural,
    /// A formant synthesiser: the last fallback.
    Robotic,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceInfo {
    /// Voice name.
    pub name: String,
    /// Engine and version.
    pub engine: String,
    /// Licence of engine and voice.
    pub licence: String,
    /// How it sounds.
    pub quality: VoiceQuality,
}

/// Why a voice could not speak.
#[derive(Debug, Error)]
pub enum VoiceError {
    /// The engine is not there.
    #[error("the voice `{engine}` is not available: {detail}\n  hint: {hint}")]
    Unavailable {
        /// Engine asked for.
        engine: String,
        /// What was found instead.
        detail: String,
        /// What to do.
        hint: String,
    },
    /// The engine failed on an utterance.
    #[error("the voice `{engine}` failed on {utterance}: {detail}")]
    Failed {
        /// Engine.
        engine: String,
        /// Id of the utterance.
        utterance: String,
        /// What it said.
        detail: String,
    },
    /// The engine did not answer in time.
    #[error("the voice `{engine}` did not answer within {seconds} s on {utterance}")]
    Timeout {
        /// Engine.
        engine: String,
        /// Id of the utterance.
        utterance: String,
        /// Seconds waited.
        seconds: u64,
    },
}

/// Speaks text and says when each word sounds. The same text and seed give the same samples.
#[async_trait]
pub trait Voice: Send + Sync {
    /// Who speaks.
    fn info(&self) -> VoiceInfo;

    /// Characters that a provider has charged for since this value was made; an embedded voice charges nothing.
    fn billed_characters(&self) -> u64 {
        0
    }

    /// Who speaks the whole film after this voice failed on a line of it, and takes note of why; none when there is nobody else. A
    /// film has one voice: whoever asks for this begins anew with the first line.
    async fn instead(&self, _why: &VoiceError) -> Option<Arc<dyn Voice>> {
        None
    }

    /// Speaks all lines; the answer is in the same order.
    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError>;
}
