//! Amazon Polly behind the voice port.
//!
//! Each part of a text is asked for twice, as 16 kHz samples and as word marks; Polly bills both. What it answers is
//! believed only when the two agree.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_polly::Client;
use aws_sdk_polly::config::ProvideCredentials;
use aws_sdk_polly::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_polly::operation::synthesize_speech::SynthesizeSpeechError;
use aws_sdk_polly::types::{Engine, LanguageCode, OutputFormat, SpeechMarkType, TextType, VoiceId};
use proofreel_model::channel::{PollyGrade, PollySettings, VoiceSettings};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{Outside, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_voice::timing::{Levels, words};
use tokio::sync::OnceCell;

use super::environment::sdk_config;
use super::marks::spans;
use super::through::Through;
use crate::speech::{check_words, duration_ms, excerpt, floats, samples, spoken_words};
use crate::ssml::{Form, Part, documents};

/// Samples a second: the most that Polly gives without compression.
const SAMPLE_RATE: u32 = 16_000;
/// How long one request may take, its retries included.
const PATIENCE: Duration = Duration::from_mins(1);
/// Most bytes of an answer: Polly gives at most ten minutes.
const LARGEST: usize = 600 * 2 * SAMPLE_RATE as usize;

/// Limits of `SynthesizeSpeech`: 6,000 characters, of which 3,000 are billed; tags are not billed
/// (<https://docs.aws.amazon.com/polly/latest/dg/limits.html>). A little under both, because an alias may be counted too.
pub(super) fn form(speed: f64) -> Form {
    let (open, close) = if (speed - 1.0).abs() < 0.005 {
        ("<speak>".into(), "</speak>".into())
    } else {
        // A percentage of the voice's own pace, 20 to 200.
        (format!("<speak><prosody rate=\"{:.0}%\">", speed * 100.0), "</prosody></speak>".into())
    };
    Form { open, close, billed: 2_900, total: 5_900, in_bytes: false, marks: false }
}

/// A cloud voice. It needs credentials and a region, costs money by the character, and the same text may sound
/// otherwise when Amazon changes the voice: the seed has no part in it.
pub struct PollyVoice {
    settings: PollySettings,
    pronounce: BTreeMap<String, String>,
    speed: f64,
    client: OnceCell<Client>,
    patience: Duration,
    billed: AtomicU64,
    /// The one way out; none where a person at a machine speaks to Amazon by their own account.
    through: Option<Through>,
}

impl PollyVoice {
    /// A voice with the credentials and the region of the environment (variables, profile files, or the role of the
    /// machine), which are looked up with the first text.
    pub fn from_environment(settings: &VoiceSettings) -> Self {
        Self {
            settings: settings.polly.clone(),
            pronounce: settings.pronounce.clone(),
            speed: settings.speed,
            client: OnceCell::new(),
            patience: PATIENCE,
            billed: AtomicU64::new(0),
            through: None,
        }
    }

    /// The same voice, asked through the one way out for a run of a channel: its characters are counted before each call, and what it
    /// said once is kept.
    pub fn through(
        settings: &VoiceSettings,
        outside: Arc<dyn Outside>,
        (channel, run): (&ChannelId, Option<&RunId>),
    ) -> Self {
        let through = Through { outside, channel: channel.clone(), run: run.cloned() };
        Self { through: Some(through), ..Self::from_environment(settings) }
    }

    /// A voice that speaks through `client`, and waits at most `patience` for an answer.
    pub fn with_client(settings: &VoiceSettings, client: Client, patience: Duration) -> Self {
        Self { client: OnceCell::new_with(Some(client)), patience, ..Self::from_environment(settings) }
    }

    /// Names of the voices that these credentials may use for English in the settings' grade. Costs nothing.
    ///
    /// # Errors
    /// No credentials, or no answer.
    pub async fn offered(&self) -> Result<Vec<String>, VoiceError> {
        let list = self.client().await?.describe_voices().engine(self.grade()).language_code(LanguageCode::EnUs).send();
        let unavailable = |detail: String| VoiceError::Unavailable {
            engine: self.engine(),
            detail,
            hint: "renew the credentials, and allow the action polly:DescribeVoices".into(),
        };
        let listed = tokio::time::timeout(self.patience, list)
            .await
            .map_err(|_| unavailable(format!("no answer within {} s", self.patience.as_secs())))?
            .map_err(|error| unavailable(DisplayErrorContext(&error).to_string()))?;
        Ok(listed.voices().iter().filter_map(|voice| Some(voice.id()?.as_str().to_owned())).collect())
    }

    async fn client(&self) -> Result<&Client, VoiceError> {
        self.client
            .get_or_try_init(|| async {
                let config = sdk_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build()).await;
                self.check(&config).await?;
                Ok(match &self.through {
                    None => Client::new(&config),
                    // The way out tries again by itself.
                    Some(through) => Client::from_conf(
                        aws_sdk_polly::config::Builder::from(&config)
                            .http_client(through.clone())
                            .retry_config(RetryConfig::disabled())
                            .build(),
                    ),
                })
            })
            .await
    }

    /// Whether the environment names a region and credentials.
    async fn check(&self, config: &SdkConfig) -> Result<(), VoiceError> {
        let lacks = |detail: String| {
            VoiceError::Unavailable {
            engine: self.engine(),
            detail,
            hint: "set AWS_REGION, and AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY or AWS_PROFILE; or set `engine = \"embedded\"` under [voice]".into(),
        }
        };
        if config.region().is_none() {
            return Err(lacks("no region is set".into()));
        }
        match config.credentials_provider() {
            None => Err(lacks("no credentials are set".into())),
            Some(provider) => {
                let found = provider.provide_credentials().await;
                found.map(|_| ()).map_err(|error| lacks(format!("no credentials were found: {error}")))
            }
        }
    }

    fn engine(&self) -> String {
        format!("Amazon Polly {}", self.grade().as_str())
    }

    fn grade(&self) -> Engine {
        match self.settings.grade {
            PollyGrade::Neural => Engine::Neural,
            PollyGrade::Standard => Engine::Standard,
        }
    }

    async fn say(&self, client: &Client, line: &Utterance) -> Result<Speech, VoiceError> {
        let failed = |detail: String| VoiceError::Failed { engine: self.engine(), utterance: line.id.clone(), detail };
        let tokens: Vec<&str> = line.text.split_whitespace().collect();
        let parts = documents(&tokens, &self.pronounce, &form(self.speed)).map_err(failed)?;
        let mut sound: Vec<i16> = Vec::new();
        let mut heard: Vec<Option<Range<usize>>> = vec![None; tokens.len()];
        for part in &parts {
            let audio = self.ask(client, line, part, OutputFormat::Pcm).await?;
            if audio.is_empty() || audio.len() % 2 != 0 {
                return Err(failed(format!("{} bytes are no 16-bit sound: {}", audio.len(), excerpt(&audio))));
            }
            let audio = samples(&audio);
            let marks = self.ask(client, line, part, OutputFormat::Json).await?;
            let at = sound.len();
            let placed = spans(&marks, part, duration_ms(audio.len(), SAMPLE_RATE)).map_err(failed)?;
            let sample = |ms: u32| at + (ms as usize * SAMPLE_RATE as usize / 1000).min(audio.len());
            for (token, span) in placed.into_iter().enumerate() {
                heard[part.first + token] = span.map(|span| sample(span.start)..sample(span.end));
            }
            sound.extend(audio);
        }
        if heard.iter().all(Option::is_none) {
            return Err(failed(format!("there is nothing to pronounce in {:?}", line.text)));
        }
        let length = (sound.len() as u64 * 1000 / u64::from(SAMPLE_RATE)) as u32;
        let words = spoken_words(words(&tokens, &heard, &Levels::of(&floats(&sound), SAMPLE_RATE), length));
        check_words(&words, &line.text, length).map_err(failed)?;
        Ok(Speech { id: line.id.clone(), sample_rate: SAMPLE_RATE, samples: sound, words })
    }

    /// One request; the bytes of its answer.
    async fn ask(
        &self,
        client: &Client,
        line: &Utterance,
        part: &Part,
        format: OutputFormat,
    ) -> Result<Vec<u8>, VoiceError> {
        let failed = |detail: String| VoiceError::Failed { engine: self.engine(), utterance: line.id.clone(), detail };
        let marks = format == OutputFormat::Json;
        let expected = if marks { "application/x-json-stream" } else { "audio/pcm" };
        let request = client
            .synthesize_speech()
            .engine(self.grade())
            .voice_id(VoiceId::from(self.settings.voice.as_str()))
            .output_format(format)
            .set_sample_rate((!marks).then(|| SAMPLE_RATE.to_string()))
            .set_speech_mark_types(marks.then(|| vec![SpeechMarkType::Word]))
            .text_type(TextType::Ssml)
            .text(&part.ssml);
        let work = async {
            let answer = request.send().await.map_err(|error| self.refused(line, &error))?;
            self.billed.fetch_add(u64::try_from(answer.request_characters).unwrap_or(0), Ordering::Relaxed);
            let kind = answer.content_type.unwrap_or_default();
            if !kind.starts_with(expected) {
                return Err(failed(format!("it answered with `{kind}` instead of {expected}")));
            }
            let mut stream = answer.audio_stream;
            let mut bytes = Vec::new();
            while let Some(chunk) = stream.next().await {
                let chunk =
                    chunk.map_err(|error| failed(format!("its answer broke off: {}", DisplayErrorContext(error))))?;
                bytes.extend_from_slice(&chunk);
                if bytes.len() > LARGEST {
                    return Err(failed("its answer is longer than ten minutes".into()));
                }
            }
            Ok(bytes)
        };
        tokio::time::timeout(self.patience, work).await.map_err(|_| self.late(line))?
    }

    fn late(&self, line: &Utterance) -> VoiceError {
        VoiceError::Timeout { engine: self.engine(), utterance: line.id.clone(), seconds: self.patience.as_secs() }
    }

    /// What an error of the SDK means for the caller.
    fn refused(&self, line: &Utterance, error: &SdkError<SynthesizeSpeechError>) -> VoiceError {
        if matches!(error, SdkError::TimeoutError(_)) {
            return self.late(line);
        }
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
        let status = error.raw_response().map(|response| response.status().as_u16());
        let said = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or("no message").to_owned();
        let unavailable = |hint: &str| VoiceError::Unavailable {
            engine: self.engine(),
            detail: format!("{code}: {said}"),
            hint: hint.to_owned(),
        };
        match code {
            "EngineNotSupportedException" | "LanguageNotSupportedException" => {
                unavailable("choose another `voice` or `grade` under [voice.polly]")
            }
            "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "ExpiredTokenException"
            | "InvalidClientTokenId" => {
                unavailable("renew the credentials, and allow the action polly:SynthesizeSpeech")
            }
            _ => {
                let detail = match status {
                    Some(429) => "it is asked too often (throttled); try again later".to_owned(),
                    _ if code.contains("Throttl") => format!("it is asked too often ({code}); try again later"),
                    Some(status) => format!("it answered with status {status}: {}", DisplayErrorContext(error)),
                    None => DisplayErrorContext(error).to_string(),
                };
                VoiceError::Failed { engine: self.engine(), utterance: line.id.clone(), detail }
            }
        }
    }
}

#[async_trait]
impl Voice for PollyVoice {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: self.settings.voice.clone(),
            engine: self.engine(),
            licence: "the AWS service terms".to_owned(),
            quality: VoiceQuality::Neural,
        }
    }

    fn billed_characters(&self) -> u64 {
        self.billed.load(Ordering::Relaxed)
    }

    async fn speak(&self, lines: &[Utterance], _seed: u64) -> Result<Vec<Speech>, VoiceError> {
        let client = self.client().await?;
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            all.push(self.say(client, line).await?);
        }
        Ok(all)
    }
}

#[cfg(test)]
#[path = "polly_tests.rs"]
mod tests;
