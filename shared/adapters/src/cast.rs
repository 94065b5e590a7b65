//! Voices with understudies. One of them speaks a whole film: when it fails on a line, the next begins anew.

use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::calls::CallKind;
use proofreel_model::channel::{VoiceEngine, VoiceSettings};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{Outside, Speech, SpeechService, Utterance, Voice, VoiceError, VoiceInfo};

use crate::aws;
use crate::remote::RemoteVoice;
use crate::voices::LazyVoice;

/// A voice, and after it those that stand in for it.
pub struct Cast {
    troupe: Arc<Troupe>,
    place: usize,
}

struct Troupe {
    /// Never empty; the last one is on this machine.
    voices: Vec<Arc<dyn Voice>>,
    outside: Arc<dyn Outside>,
    channel: ChannelId,
    run: Option<RunId>,
}

impl Cast {
    /// `first` in their order, and `last`, which is on this machine: that it had to speak is noted with `outside`.
    pub fn new(
        first: Vec<Arc<dyn Voice>>,
        last: Arc<dyn Voice>,
        outside: Arc<dyn Outside>,
        (channel, run): (&ChannelId, Option<&RunId>),
    ) -> Self {
        let mut voices = first;
        voices.push(last);
        let troupe = Troupe { voices, outside, channel: channel.clone(), run: run.cloned() };
        Self { troupe: Arc::new(troupe), place: 0 }
    }

    /// The voices that a channel names in its order, asked through the one way out, and behind them the one of this machine.
    /// `service` gives a provider's; none for Amazon Polly, whose own client signs. Where Polly is the channel's `engine` it is asked
    /// after them, and the embedded voice is still the last.
    ///
    /// # Errors
    /// A provider may not be asked, with what to do.
    pub fn named(
        settings: &VoiceSettings,
        outside: &Arc<dyn Outside>,
        whose: (&ChannelId, Option<&RunId>),
        service: impl Fn(&str) -> Option<Result<Arc<dyn SpeechService>, String>>,
    ) -> Result<Self, String> {
        let mut voices: Vec<Arc<dyn Voice>> = Vec::new();
        let mut names: Vec<&str> = settings.providers.iter().map(String::as_str).collect();
        let mut last = settings.clone();
        if settings.engine == VoiceEngine::Polly {
            names.extend((!names.contains(&"polly")).then_some("polly"));
            last.engine = VoiceEngine::Embedded;
        }
        for provider in names {
            let hint = |why: String| format!("{why}\n  hint: take {provider} out of `providers` under [voice]");
            voices.push(match service(provider) {
                Some(service) => Arc::new(RemoteVoice::new(service.map_err(hint)?, settings)),
                // A program without it says so when it would have to speak, and the next one does.
                None => aws::polly_through(settings, Arc::clone(outside), whose).unwrap_or_else(|_| {
                    Arc::new(LazyVoice::new(VoiceSettings { engine: VoiceEngine::Polly, ..settings.clone() }))
                }),
            });
        }
        Ok(Self::new(voices, Arc::new(LazyVoice::new(last)), Arc::clone(outside), whose))
    }

    fn voice(&self) -> &dyn Voice {
        self.troupe.voices[self.place].as_ref()
    }
}

#[async_trait]
impl Voice for Cast {
    fn info(&self) -> VoiceInfo {
        self.voice().info()
    }

    fn billed_characters(&self) -> u64 {
        self.troupe.voices.iter().map(|voice| voice.billed_characters()).sum()
    }

    async fn instead(&self, why: &VoiceError) -> Option<Arc<dyn Voice>> {
        let place = self.place + 1;
        let last = self.troupe.voices.len() - 1;
        if place > last {
            return None;
        }
        tracing::warn!(failed = %self.info().engine, %why, "another voice speaks the film");
        if place == last {
            let Troupe { outside, channel, run, .. } = self.troupe.as_ref();
            outside.fell_back(CallKind::Speech, channel, run.as_ref(), &why.to_string()).await;
        }
        Some(Arc::new(Self { troupe: Arc::clone(&self.troupe), place }))
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        self.voice().speak(lines, seed).await
    }
}
