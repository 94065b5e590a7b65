//! Who speaks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VoiceEngine {
    /// The neural voice inside the program; espeak-ng when its data is not installed.
    #[default]
    Embedded,
    /// The espeak-ng program: robotic, always the same.
    Espeak,
    /// Amazon Polly: needs credentials and costs money by the character.
    Polly,
}

/// Grade of a Polly voice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PollyGrade {
    /// Neural.
    #[default]
    Neural,
    /// Standard: about a quarter of the price.
    Standard,
}

/// Settings of the Polly voice; read only when the engine is `polly`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PollySettings {
    /// Voice, as Amazon names it.
    pub voice: String,
    /// Grade.
    pub grade: PollyGrade,
}

impl Default for PollySettings {
    fn default() -> Self {
        Self { voice: "Matthew".into(), grade: PollyGrade::default() }
    }
}

/// Settings of Google's voice; read only when `providers` names `google-speech`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GoogleSettings {
    /// Voice, as Google names it; a Standard, Wavenet or Neural2 one, which say when a word is heard.
    pub voice: String,
}

impl Default for GoogleSettings {
    fn default() -> Self {
        Self { voice: "en-US-Neural2-D".into() }
    }
}

impl GoogleSettings {
    /// Kind of the voice, as the provider counts it: `standard`, `wavenet`, `neural2`; none for other kinds.
    pub fn kind(&self) -> Option<&'static str> {
        match self.voice.split('-').nth(2)? {
            "Standard" => Some("standard"),
            "Wavenet" => Some("wavenet"),
            "Neural2" => Some("neural2"),
            _ => None,
        }
    }

    /// Language of the voice: the first two parts of its name.
    pub fn language(&self) -> String {
        self.voice.splitn(3, '-').take(2).collect::<Vec<_>>().join("-")
    }
}

/// Settings of Azure's voice; read only when `providers` names `azure-speech`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AzureSettings {
    /// Voice, as Microsoft names it.
    pub voice: String,
}

impl Default for AzureSettings {
    fn default() -> Self {
        Self { voice: "en-US-AndrewNeural".into() }
    }
}

/// Providers of speech that `[voice] providers` may name.
pub const SPEECH_PROVIDERS: [&str; 3] = ["google-speech", "azure-speech", "polly"];

/// Voice settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VoiceSettings {
    /// Who speaks.
    pub engine: VoiceEngine,
    /// Speed, 0.8–1.25; 1 is the voice's own pace.
    pub speed: f64,
    /// How to say what the voice says wrongly: written form → spoken form.
    pub pronounce: std::collections::BTreeMap<String, String>,
    /// Settings of the Polly voice.
    pub polly: PollySettings,
    /// Providers of speech, in the order in which they are asked for a whole film; `engine` speaks when none can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// Settings of Google's voice.
    #[serde(skip_serializing_if = "is_usual")]
    pub google: GoogleSettings,
    /// Settings of Azure's voice.
    #[serde(skip_serializing_if = "is_usual")]
    pub azure: AzureSettings,
}

/// Left out where it says nothing: orders and kept speech of channels without it stay what they were.
fn is_usual<T: Default + PartialEq>(settings: &T) -> bool {
    *settings == T::default()
}

impl VoiceSettings {
    /// Whether somebody beyond this machine is asked to speak, by `providers` or as the `engine`: such a voice has understudies.
    pub fn is_remote(&self) -> bool {
        !self.providers.is_empty() || self.engine == VoiceEngine::Polly
    }
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self {
            engine: VoiceEngine::default(),
            speed: 1.0,
            pronounce: std::collections::BTreeMap::new(),
            polly: PollySettings::default(),
            providers: Vec::new(),
            google: GoogleSettings::default(),
            azure: AzureSettings::default(),
        }
    }
}
