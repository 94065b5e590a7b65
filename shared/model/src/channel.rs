//! The channel profile: the one file that an operator edits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::film::Format;
use crate::ids::ChannelId;
use crate::notices::Notices;

mod load;
mod look;
mod pictures;
mod publishing;
mod sources;
mod surroundings;
mod voice;
mod writer;

pub use load::{ChannelError, parse};
pub use look::{CaptionStyle, CurveName, Look, MarginKeys, MotionKeys, PaletteKeys, SafeKeys, SpaceKeys, TypeKeys};
pub use pictures::PictureSettings;
pub use publishing::{Publishing, Visibility};
pub use sources::{LiveSource, Refresh, SourceEntry};
pub use surroundings::{ContextSettings, DemandSettings};
pub use voice::{
    AzureSettings, GoogleSettings, PollyGrade, PollySettings, SPEECH_PROVIDERS, VoiceEngine, VoiceSettings,
};
pub use writer::WriterSettings;

/// Kind of channel; decides KPI thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Finance and economics.
    Finance,
    /// Education.
    Education,
    /// News and analysis.
    News,
}

/// Manner of speaking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Even and factual.
    #[default]
    Calm,
    /// Warmer, more questions.
    Curious,
}

/// Settings of one channel, read from `channels/<id>.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelProfile {
    /// Identifier: lower-case letters, digits and hyphens.
    pub id: ChannelId,
    /// Name as viewers see it; no digits.
    pub name: String,
    /// Kind of channel.
    pub kind: ChannelKind,
    /// Who watches, one sentence.
    pub audience: String,
    /// BCP 47 language; `en` variants only.
    #[serde(default = "default_language")]
    pub language: String,
    /// Subjects the channel wants, as words matched against data packages.
    #[serde(default)]
    pub interests: Vec<String>,
    /// Folders with data packages, relative to the channel file's folder, and series of live providers.
    pub sources: Vec<SourceEntry>,
    /// Length and shape of an episode.
    #[serde(default)]
    pub episode: EpisodeSettings,
    /// Picture.
    #[serde(default)]
    pub look: Look,
    /// Voice.
    #[serde(default)]
    pub voice: VoiceSettings,
    /// Outside writers.
    #[serde(default, skip_serializing_if = "WriterSettings::is_embedded")]
    pub writer: WriterSettings,
    /// Whose demand counts when a topic is chosen.
    #[serde(default, skip_serializing_if = "DemandSettings::is_empty")]
    pub demand: DemandSettings,
    /// Texts of others, for context.
    #[serde(default, skip_serializing_if = "ContextSettings::is_empty")]
    pub context: ContextSettings,
    /// Stock pictures of others.
    #[serde(default, skip_serializing_if = "PictureSettings::is_default")]
    pub pictures: PictureSettings,
    /// Rules of the house.
    #[serde(default)]
    pub governance: Governance,
    /// Who may decide, and how a film becomes public.
    #[serde(default, skip_serializing_if = "Publishing::is_default")]
    pub publishing: Publishing,
    /// Who is told of what, beside those of the installation.
    #[serde(default, skip_serializing_if = "Notices::is_default")]
    pub notices: Notices,
}

fn default_language() -> String {
    "en-US".into()
}

/// Captions in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptionMode {
    /// None.
    Off,
    /// Words on a plate.
    Plain,
    /// The spoken word is lit.
    Karaoke,
}

/// Length and shape of an episode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EpisodeSettings {
    /// Length aimed at, seconds, 120–360.
    pub target_seconds: u32,
    /// Picture format unless the command line says otherwise.
    pub format: Format,
    /// Manner of speaking.
    pub tone: Tone,
    /// Burn captions into the picture.
    pub burn_captions: bool,
    /// A quiet bed of music under the voice, made here.
    pub music: bool,
    /// Captions in the picture: not at all, plain, or with the spoken word lit. Where set it decides, and
    /// `burn_captions` does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captions: Option<CaptionMode>,
}

impl Default for EpisodeSettings {
    fn default() -> Self {
        Self {
            target_seconds: 150,
            format: Format::Landscape,
            tone: Tone::Calm,
            burn_captions: false,
            music: true,
            captions: None,
        }
    }
}

/// Rules of the house.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Governance {
    /// A topic published inside this many days is refused.
    pub recent_days: u32,
    /// Rewrites QA may order per episode.
    pub max_rewrites: u32,
    /// Shown on the end card and in the description.
    pub disclaimer: String,
    /// Says that a machine made this; shown and published.
    pub ai_disclosure: String,
    /// Tags added to every episode.
    pub tags: Vec<String>,
}

impl Default for Governance {
    fn default() -> Self {
        Self {
            recent_days: 90,
            max_rewrites: 2,
            disclaimer: "For information only. This is not investment advice.".into(),
            ai_disclosure: "Script, voice and charts were generated by software from the public data named here; every figure was recomputed from its source.".into(),
            tags: Vec::new(),
        }
    }
}
