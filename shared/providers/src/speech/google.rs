//! Google Cloud Text-to-Speech, `text:synthesize` of v1beta1, the version that tells when marks are heard
//! (<https://cloud.google.com/text-to-speech/docs/reference/rest/v1beta1/text/synthesize>).

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofreel_model::channel::GoogleSettings;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{
    Call, CallError, CallKind, Method, Reach, Sound, SpeechManner, SpeechService, Spend, VoiceInfo, VoiceQuality,
    WebRequest,
};
use serde::Deserialize;
use serde_json::json;

use super::{Booth, PATIENCE_SECONDS, SAMPLE_RATE, base_url, wav};

/// Its id in `specs/policy/providers.toml`.
pub const PROVIDER: &str = "google-speech";

/// Speech of Google.
pub struct GoogleSpeech {
    booth: Booth,
    settings: GoogleSettings,
    base_url: String,
    billed: AtomicU64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spoken {
    audio_content: String,
    #[serde(default)]
    timepoints: Vec<Timepoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timepoint {
    mark_name: String,
    /// Left out for the very beginning, as JSON of protocol buffers leaves out zeros.
    #[serde(default)]
    time_seconds: f64,
}

impl GoogleSpeech {
    /// Speech with a channel's settings; the error says why it cannot be asked.
    pub fn new(booth: Booth, law: &ProviderLaw, settings: &GoogleSettings) -> Result<Self, String> {
        let base_url = base_url(law, PROVIDER)?;
        Ok(Self { booth, settings: settings.clone(), base_url, billed: AtomicU64::new(0) })
    }

    fn call(&self, ssml: &str, characters: u64) -> Call {
        let body = json!({
            "input": { "ssml": ssml },
            "voice": { "languageCode": self.settings.language(), "name": self.settings.voice },
            "audioConfig": { "audioEncoding": "LINEAR16", "sampleRateHertz": SAMPLE_RATE },
            "enableTimePointing": ["SSML_MARK"],
        });
        let mut request = WebRequest::get(format!("{}/text:synthesize", self.base_url));
        request.method = Method::Post;
        request.reach = Reach::Configured;
        request.headers = vec![("content-type".into(), "application/json".into())];
        request.body = body.to_string().into_bytes();
        request.limits.seconds = PATIENCE_SECONDS;
        request.limits.types = vec!["application/json".into()];
        let call = Call::new(PROVIDER, CallKind::Speech, request, self.booth.channel.clone());
        call.model(self.settings.kind().unwrap_or_default())
            .spend(Spend { characters, ..Spend::default() })
            .run(self.booth.run.clone())
    }
}

/// What an answer says, if it is sound that so many characters may have.
fn read(body: &[u8], characters: u64) -> Result<Sound, String> {
    let spoken: Spoken = serde_json::from_slice(body).map_err(|error| format!("no speech: {error}"))?;
    let audio = STANDARD.decode(&spoken.audio_content).map_err(|error| format!("sound that is no base64: {error}"))?;
    let samples = wav::samples(&audio, SAMPLE_RATE, characters)?;
    let marks = spoken.timepoints.into_iter().map(|point| (point.mark_name, point.time_seconds)).collect();
    Ok(Sound { sample_rate: SAMPLE_RATE, samples, marks })
}

#[async_trait]
impl SpeechService for GoogleSpeech {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: self.settings.voice.clone(),
            engine: "Google Cloud Text-to-Speech".into(),
            licence: "the Google Cloud terms of service".into(),
            quality: VoiceQuality::Neural,
        }
    }

    fn manner(&self, speed: f64) -> SpeechManner {
        let (open, close) = if (speed - 1.0).abs() < 0.005 {
            ("<speak>".into(), "</speak>".into())
        } else {
            (format!("<speak><prosody rate=\"{:.0}%\">", speed * 100.0), "</prosody></speak>".into())
        };
        // 5,000 bytes a request, marks and tags included.
        SpeechManner { open, close, most_bytes: 4_900, most_characters: 4_900, marks: true }
    }

    async fn synthesize(&self, ssml: &str, characters: u64) -> Result<Sound, CallError> {
        // Every sign is billed but those of marks; the text's own length is what is believed of its sound.
        let mut billed = ssml.chars().count() as u64;
        for mark in ssml.split("<mark ").skip(1) {
            billed -= "<mark ".len() as u64 + mark.find('>').map_or(0, |end| end as u64 + 1);
        }
        let call = self.call(ssml, billed);
        let judge = |answer: &proofreel_ports::WebAnswer| {
            read(&answer.body, characters)?;
            Ok(Spend { characters: billed, ..Spend::default() })
        };
        let answer = self.booth.outside.call(&call, &judge).await?;
        if !answer.cached {
            self.billed.fetch_add(billed, Ordering::Relaxed);
        }
        read(&answer.answer.body, characters).map_err(|why| CallError::Useless { provider: PROVIDER.into(), why })
    }

    fn billed_characters(&self) -> u64 {
        self.billed.load(Ordering::Relaxed)
    }
}
