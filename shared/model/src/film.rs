//! The rendered episode and its measured properties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::SceneId;
use crate::media::MediaReport;

/// Picture format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// 1920 × 1080.
    #[default]
    Landscape,
    /// 1080 × 1920.
    Portrait,
}

impl Format {
    /// Width and height in pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Landscape => (1920, 1080),
            Self::Portrait => (1080, 1920),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "landscape" => Ok(Self::Landscape),
            "portrait" => Ok(Self::Portrait),
            other => Err(format!("unknown format `{other}`: expected `landscape` or `portrait`")),
        }
    }
}

/// A file of the episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilmFile {
    /// Name in the output folder, for example `video.mp4`.
    pub name: String,
    /// MIME type.
    pub media_type: String,
    /// Digest of the content.
    pub digest: Digest,
    /// Length in bytes.
    pub bytes: u64,
}

/// Where a scene lies in the film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SceneTiming {
    /// The scene.
    pub scene_id: SceneId,
    /// Start, milliseconds.
    pub start_ms: u32,
    /// End, milliseconds.
    pub end_ms: u32,
}

/// A spoken word in film time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimedWord {
    /// The word as written.
    pub text: String,
    /// Start, milliseconds.
    pub start_ms: u32,
    /// End, milliseconds.
    pub end_ms: u32,
}

/// Integrated loudness and peak of the finished sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loudness {
    /// Integrated loudness, LUFS (EBU R 128).
    pub integrated_lufs: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
}

/// What probing the finished file said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MediaCheck {
    /// Video codec name.
    pub video_codec: String,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Frames a second.
    pub fps: f64,
    /// Audio codec name.
    pub audio_codec: String,
    /// End of the video stream, seconds.
    pub video_seconds: f64,
    /// End of the audio stream, seconds.
    pub audio_seconds: f64,
    /// Loudness of the encoded sound.
    pub loudness: Loudness,
}

/// Output of render.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Film {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// Picture format.
    pub format: Format,
    /// Length, milliseconds.
    pub duration_ms: u32,
    /// Voice that spoke, with its engine.
    pub voice: String,
    /// Scenes in film time.
    pub timeline: Vec<SceneTiming>,
    /// Words in film time.
    pub words: Vec<TimedWord>,
    /// Files: video, captions, thumbnails.
    pub files: Vec<FilmFile>,
    /// What probing the video said.
    pub check: MediaCheck,
    /// What the media check measured; absent in films of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaReport>,
    /// Title, description with chapters, tags: what is uploaded beside the video.
    pub metadata: Metadata,
}

/// What is published beside the video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Title, at most 100 characters.
    pub title: String,
    /// The three title variants.
    pub title_variants: Vec<String>,
    /// Description with chapters, sources, disclosure and disclaimer; at most 5000 bytes.
    pub description: String,
    /// Tags, at most 500 characters together.
    pub tags: Vec<String>,
    /// Chapters as `M:SS Title`.
    pub chapters: Vec<String>,
    /// Comment to pin.
    pub pinned_comment: String,
    /// BCP 47 language.
    pub language: String,
    /// Realistic synthetic or altered content: the voice is synthetic, the pictures are charts.
    pub contains_synthetic_media: bool,
}
