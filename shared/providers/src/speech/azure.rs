//! Azure Speech, the REST interface of text to speech
//! (<https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech>). It tells no times of words.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use proofreel_model::channel::AzureSettings;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{
    Call, CallError, CallKind, Method, Reach, Sound, SpeechManner, SpeechService, Spend, VoiceInfo, VoiceQuality,
    WebAnswer, WebRequest,
};

use super::{Booth, PATIENCE_SECONDS, SAMPLE_RATE, base_url, wav};

/// Its id in `specs/policy/providers.toml`.
pub const PROVIDER: &str = "azure-speech";

/// Speech of Azure.
pub struct AzureSpeech {
    booth: Booth,
    settings: AzureSettings,
    base_url: String,
    billed: AtomicU64,
}

impl AzureSpeech {
    /// Speech with a channel's settings; the error says why it cannot be asked.
    pub fn new(booth: Booth, law: &ProviderLaw, settings: &AzureSettings) -> Result<Self, String> {
        let base_url = base_url(law, PROVIDER)?;
        Ok(Self { booth, settings: settings.clone(), base_url, billed: AtomicU64::new(0) })
    }

    fn call(&self, ssml: &str, characters: u64) -> Call {
        let mut request = WebRequest::get(format!("{}/v1", self.base_url));
        request.method = Method::Post;
        request.reach = Reach::Configured;
        request.headers = vec![
            ("content-type".into(), "application/ssml+xml".into()),
            ("x-microsoft-outputformat".into(), "riff-24khz-16bit-mono-pcm".into()),
        ];
        request.body = ssml.as_bytes().to_vec();
        request.limits.seconds = PATIENCE_SECONDS;
        request.limits.types = vec!["audio/".into()];
        Call::new(PROVIDER, CallKind::Speech, request, self.booth.channel.clone())
            .spend(Spend { characters, ..Spend::default() })
            .run(self.booth.run.clone())
    }
}

/// All is billed but the tags `speak` and `voice`. Text has no bare brackets, so these are where we put them.
fn billed(ssml: &str) -> u64 {
    let inside = ssml.split_once("<voice ").and_then(|(_, rest)| rest.split_once('>')).map_or(ssml, |(_, rest)| rest);
    inside.trim_end_matches("</voice></speak>").chars().count() as u64
}

#[async_trait]
impl SpeechService for AzureSpeech {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: self.settings.voice.clone(),
            engine: "Azure Speech".into(),
            licence: "the Microsoft product terms".into(),
            quality: VoiceQuality::Neural,
        }
    }

    fn manner(&self, speed: f64) -> SpeechManner {
        let voice = &self.settings.voice;
        SpeechManner {
            // The name is one that the channel file's reader let pass: letters, digits and hyphens.
            open: format!(
                "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"en-US\"><voice name=\"{voice}\"><prosody rate=\"{speed:.2}\">"
            ),
            close: "</prosody></voice></speak>".into(),
            // Ten minutes of sound a request; this is about four.
            most_bytes: 16_000,
            most_characters: 3_000,
            marks: false,
        }
    }

    async fn synthesize(&self, ssml: &str, characters: u64) -> Result<Sound, CallError> {
        let billed = billed(ssml);
        let call = self.call(ssml, billed);
        let judge = |answer: &WebAnswer| {
            wav::samples(&answer.body, SAMPLE_RATE, characters)?;
            Ok(Spend { characters: billed, ..Spend::default() })
        };
        let answer = self.booth.outside.call(&call, &judge).await?;
        if !answer.cached {
            self.billed.fetch_add(billed, Ordering::Relaxed);
        }
        let samples = wav::samples(&answer.answer.body, SAMPLE_RATE, characters)
            .map_err(|why| CallError::Useless { provider: PROVIDER.into(), why })?;
        Ok(Sound { sample_rate: SAMPLE_RATE, samples, marks: Vec::new() })
    }

    fn billed_characters(&self) -> u64 {
        self.billed.load(Ordering::Relaxed)
    }
}
