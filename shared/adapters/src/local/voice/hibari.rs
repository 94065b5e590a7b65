//! The neural voice: the `hibari-tts` package in a worker process.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use tokio::sync::Mutex;

use super::protocol::Settings;
use super::worker::{Patience, Worker};

/// The package's release that worker and pronunciation tables were written against.
pub(super) const RELEASE: &str = "0.2.1";
/// Engine as it is reported. The worker's number changes when the same text would sound or be timed otherwise.
const ENGINE: &str = "hibari-tts 0.2.1, worker 1";
/// One script, so that it can be handed over with `-c`: the text rules, then the model and the protocol.
const SCRIPT: &str = concat!(include_str!("spoken.py"), "\n", include_str!("worker.py"));

/// A neural voice (American English, female, 24 kHz) in one Python process, which is started by the first utterance
/// and ends with this value. The same text and seed give the same samples, whatever stands before or after them.
pub struct HibariVoice {
    python: PathBuf,
    script: Cow<'static, str>,
    settings: Settings,
    patience: Patience,
    worker: Mutex<Option<Box<Worker>>>,
}

impl HibariVoice {
    /// A voice that runs in `python`, an interpreter which has the packages of `scripts/voice/requirements.txt`.
    pub fn new(python: impl Into<PathBuf>) -> Self {
        Self {
            python: python.into(),
            script: Cow::Borrowed(SCRIPT),
            settings: Settings::default(),
            patience: Patience::default(),
            worker: Mutex::new(None),
        }
    }

    /// Says how words are spoken, by the word as written (case counts; without punctuation around it): a respelling
    /// (`SOFR` → `so-fur`), spaced capitals for an acronym (`WTI` → `W T I`), or phonemes between slashes
    /// (`COMEX` → `/kˈOmˌɛks/`). It also serves the possessive and hyphenated compounds of the word.
    #[must_use]
    pub fn with_pronunciations(mut self, pronounce: BTreeMap<String, String>) -> Self {
        self.settings.pronounce = pronounce;
        self
    }

    /// Sets the pace: 1 is the voice's own, 1.25 a quarter faster.
    #[must_use]
    pub fn with_speed(mut self, speed: f32) -> Self {
        self.settings.speed = speed;
        self
    }

    /// Loads the model now instead of with the first utterance; fails when it cannot speak here.
    pub async fn warm_up(&self) -> Result<(), VoiceError> {
        let mut slot = self.worker.lock().await;
        *slot = Some(self.worker(slot.take()).await?);
        Ok(())
    }

    /// The idle worker if it still lives, else a new one.
    async fn worker(&self, idle: Option<Box<Worker>>) -> Result<Box<Worker>, VoiceError> {
        if let Some(mut worker) = idle
            && worker.is_alive()
        {
            return Ok(worker);
        }
        Worker::start(ENGINE, &self.python, &self.script, &self.settings, self.patience).await.map(Box::new)
    }

    #[cfg(test)]
    pub(super) fn with_script(mut self, script: impl Into<String>, patience: Patience) -> Self {
        self.script = Cow::Owned(script.into());
        self.patience = patience;
        self
    }
}

#[async_trait]
impl Voice for HibariVoice {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: "heart".to_owned(),
            engine: ENGINE.to_owned(),
            licence: "Apache-2.0 (engine, and weights distilled from Kokoro-82M, Apache-2.0)".to_owned(),
            quality: VoiceQuality::Neural,
        }
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let mut slot = self.worker.lock().await;
        // Taken out while it works: after an error, or when this future is dropped, unread answers may be in the
        // pipe, and such a worker must not be asked again.
        let mut worker = self.worker(slot.take()).await?;
        let speech = worker.speak(lines, seed).await?;
        *slot = Some(worker);
        Ok(speech)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
