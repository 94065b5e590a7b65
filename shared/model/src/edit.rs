//! What a person wants to be said differently.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::SceneId;
use crate::script::ThumbnailDesign;

/// Changes to the words of an episode. What is left out stays as it is, and so does what equals the present text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// First digits of the digest of the script that these changes were made of; a change of another script is refused.
    #[serde(default)]
    pub base: Option<String>,
    /// The title. One of the variants becomes the leading one; other words take the place of the leading one.
    #[serde(default)]
    pub title: Option<String>,
    /// Which thumbnail leads. By its design and not by its place, so that saying it twice is saying it once.
    #[serde(default)]
    pub thumbnail: Option<ThumbnailDesign>,
    /// The description, an entry a line, without the chapters.
    #[serde(default)]
    pub description: Option<Vec<String>>,
    /// The narration of some scenes, an entry a sentence.
    #[serde(default)]
    pub scenes: BTreeMap<SceneId, Vec<String>>,
}

impl Changes {
    /// True when nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self { base: self.base.clone(), ..Self::default() }
    }
}
