//! A service that turns a document of SSML into sound. Text becomes SSML, and sound becomes timed words, on this side of it.

use async_trait::async_trait;

use crate::{CallError, VoiceInfo};

/// How a service wants its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechManner {
    /// What a document begins with: its tags, the voice, the pace.
    pub open: String,
    /// What it ends with.
    pub close: String,
    /// Most bytes of a document.
    pub most_bytes: usize,
    /// Most characters of its text.
    pub most_characters: usize,
    /// `<mark name="n"/>` before the n-th word comes back with its time.
    pub marks: bool,
}

/// Sound, mono.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Samples a second.
    pub sample_rate: u32,
    /// 16-bit samples.
    pub samples: Vec<i16>,
    /// Marks with their times in seconds, in the order in which they came; empty where the service tells none.
    pub marks: Vec<(String, f64)>,
}

/// A service of speech, asked through [`crate::Outside`].
#[async_trait]
pub trait SpeechService: Send + Sync {
    /// Who speaks.
    fn info(&self) -> VoiceInfo;

    /// How it wants its documents, at a pace where 1 is the voice's own.
    fn manner(&self, speed: f64) -> SpeechManner;

    /// The sound of a document. `characters` is what it bills at most. Sound that is cut short, silent, or cannot belong to so much
    /// text is refused before it is kept.
    async fn synthesize(&self, ssml: &str, characters: u64) -> Result<Sound, CallError>;

    /// Characters that were charged for since this value was made.
    fn billed_characters(&self) -> u64;
}
