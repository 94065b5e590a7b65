//! Stock pictures of others, which a channel may ask for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::picture_law;

/// Stock pictures: none unless providers and subjects are named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PictureSettings {
    /// Providers in the order in which they are asked: `openverse`, `commons`, `pexels`, `pixabay`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// For an interest of the channel, the words that are looked for: things and places, not people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subjects: BTreeMap<String, String>,
    /// Licences that are taken; all of `specs/policy/pictures.toml` when none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<String>,
}

impl PictureSettings {
    /// True when no picture is asked for.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty() || self.subjects.is_empty()
    }

    /// True when nothing at all is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// True for a licence of the law that the channel takes.
    pub fn takes(&self, licence: &str) -> bool {
        picture_law().licence(licence).is_some()
            && (self.licences.is_empty() || self.licences.iter().any(|own| own == licence))
    }
}
