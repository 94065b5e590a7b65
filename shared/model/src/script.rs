//! The script: what is said, written and offered with the episode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::{ClaimId, SceneId};
use crate::text::RichText;
use crate::visual::Trace;

/// One spoken sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sentence {
    /// What is said, with its citations.
    pub text: RichText,
    /// Claims it rests on; empty for a sentence that asserts nothing about the data.
    pub claims: Vec<ClaimId>,
    /// Name of the sentence plan that made it, so that a rewrite can avoid it.
    pub plan: String,
}

/// Narration of one scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptScene {
    /// The scene.
    pub scene_id: SceneId,
    /// Sentences in order.
    pub narration: Vec<Sentence>,
    /// Short text shown beside the picture.
    pub on_screen_text: Vec<RichText>,
}

/// How a thumbnail is laid out; three truly different designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThumbnailDesign {
    /// A huge figure over a faint line.
    BigFigure,
    /// The line itself, bold, with a few words.
    BoldLine,
    /// Two figures against each other.
    ThenAndNow,
}

impl ThumbnailDesign {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BigFigure, Self::BoldLine, Self::ThenAndNow];
}

impl std::fmt::Display for ThumbnailDesign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::BigFigure => "big_figure",
            Self::BoldLine => "bold_line",
            Self::ThenAndNow => "then_and_now",
        })
    }
}

impl std::str::FromStr for ThumbnailDesign {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|design| design.to_string() == text);
        known.ok_or_else(|| {
            format!("no design is called `{text}`: there are {}", Self::ALL.map(|d| d.to_string()).join(", "))
        })
    }
}

/// A thumbnail to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThumbnailVariant {
    /// Layout.
    pub design: ThumbnailDesign,
    /// Words beside the figures; with them at most five.
    pub words: RichText,
    /// The figure (`then_and_now`: the later one).
    pub figure: RichText,
    /// The earlier figure of `then_and_now`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<RichText>,
    /// The line drawn.
    pub trace: Trace,
}

impl ThumbnailVariant {
    /// All that is read on it: words, figure, and the earlier figure.
    pub fn texts(&self) -> impl Iterator<Item = &RichText> {
        [&self.words, &self.figure].into_iter().chain(&self.earlier)
    }
}

/// A chapter; its time is known after rendering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chapter {
    /// First scene of the chapter.
    pub scene_id: SceneId,
    /// Title.
    pub title: RichText,
}

/// Which model wrote something, and after which prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorship {
    /// Provider, as named in `specs/policy/writers.toml`.
    pub provider: String,
    /// Model, as the provider names it.
    pub model: String,
    /// Prompt, as named in `specs/prompts`.
    pub prompt: String,
    /// Semantic version of the prompt.
    pub prompt_version: String,
    /// Digest of the prompt's file and schema.
    pub prompt_digest: Digest,
}

/// The model that wrote a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SceneAuthor {
    /// The scene.
    pub scene_id: SceneId,
    /// Who wrote it.
    pub author: Authorship,
}

/// Output of the script stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Script {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// Name and version of the writer, for example `embedded 1.0.0`.
    pub writer: String,
    /// Models whose words stand in the script, by scene; the embedded writer wrote every other scene.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<SceneAuthor>,
    /// Narration by scene, in playing order.
    pub scenes: Vec<ScriptScene>,
    /// Three title variants, the first one preferred; at most 100 characters each.
    pub titles: Vec<RichText>,
    /// Three thumbnail variants of different designs.
    pub thumbnails: Vec<ThumbnailVariant>,
    /// Hook variants; the first one is narrated.
    pub hooks: Vec<RichText>,
    /// Description, one entry a line; chapters are added at rendering.
    pub description: Vec<RichText>,
    /// Tags; plain words.
    pub tags: Vec<String>,
    /// Chapters, the first at the start.
    pub chapters: Vec<Chapter>,
    /// Comment to pin.
    pub pinned_comment: RichText,
    /// Comments that it is tried against, where an order has another one pinned; none otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_comments: Vec<RichText>,
    /// Says that a machine made this.
    pub ai_disclosure: String,
    /// The channel's disclaimer.
    pub disclaimer: String,
    /// True for an internal draft, which the ops stages refuse.
    #[serde(default)]
    pub draft: bool,
    /// What was done differently because of standing orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obeyed: Vec<crate::kpi::Obeyed>,
}

impl Script {
    /// Every text with its place, for checks that must see all of them.
    pub fn texts(&self) -> Vec<(String, &RichText)> {
        let mut out = Vec::new();
        for scene in &self.scenes {
            for (n, sentence) in scene.narration.iter().enumerate() {
                out.push((format!("{} narration {}", scene.scene_id, n + 1), &sentence.text));
            }
            for text in &scene.on_screen_text {
                out.push((format!("{} on-screen text", scene.scene_id), text));
            }
        }
        for (n, text) in self.titles.iter().enumerate() {
            out.push((format!("title {}", n + 1), text));
        }
        for (n, thumbnail) in self.thumbnails.iter().enumerate() {
            out.push((format!("thumbnail {} words", n + 1), &thumbnail.words));
            out.push((format!("thumbnail {} figure", n + 1), &thumbnail.figure));
            out.extend(thumbnail.earlier.iter().map(|text| (format!("thumbnail {} earlier figure", n + 1), text)));
        }
        out.extend(self.hooks.iter().enumerate().map(|(n, text)| (format!("hook {}", n + 1), text)));
        out.extend(self.description.iter().enumerate().map(|(n, text)| (format!("description line {}", n + 1), text)));
        out.extend(self.chapters.iter().map(|chapter| (format!("chapter at {}", chapter.scene_id), &chapter.title)));
        out.push(("pinned comment".into(), &self.pinned_comment));
        let others = self.other_comments.iter().enumerate();
        out.extend(others.map(|(n, text)| (format!("other comment {}", n + 1), text)));
        out
    }
}
