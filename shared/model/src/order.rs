//! The order: everything that a run depends on, fixed before its first stage.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::ChannelProfile;
use crate::digest::{BlobRef, Digest};
use crate::film::Format;

/// One file of a data package, stored by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageFile {
    /// Path inside the package, `/`-separated, never climbing.
    pub path: String,
    /// The stored bytes.
    pub blob: BlobRef,
}

/// A data package as it was when the run was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PackageRef {
    /// `name` in the descriptor.
    pub name: String,
    /// Digest over the names and digests of all files.
    pub digest: Digest,
    /// `datapackage.json` and the CSV files it names.
    pub files: Vec<PackageFile>,
}

/// What to make. Two equal orders give byte-identical artifacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Schema version, see [`crate::SCHEMA_VERSION`].
    #[serde(default = "crate::schema_version")]
    pub schema_version: String,
    /// The channel's settings.
    pub channel: ChannelProfile,
    /// The day of the run: freshness and "recently covered" are judged on it.
    pub as_of: Date,
    /// Feeds every choice that is not dictated by the data.
    pub seed: u64,
    /// Topic the operator asked for: a topic id, or words of its title or data package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Picture format.
    pub format: Format,
    /// Burn captions into the picture.
    #[serde(default)]
    pub burn_captions: bool,
    /// True for a multi-skill draft.
    #[serde(default)]
    pub draft: bool,
    /// Data packages to look at, sorted by name.
    pub packages: Vec<PackageRef>,
    /// The versions of these packages that the channel's runs used before, where they differ: revisions are noted
    /// against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_packages: Vec<PackageRef>,
    /// Topics the channel published inside its recent window.
    #[serde(default)]
    pub recent_topics: Vec<crate::ids::TopicId>,
    /// Prints of the channel's recent episodes, newest first: this one must not look made from the same template.
    #[serde(default)]
    pub recent_episodes: Vec<crate::print::EpisodePrint>,
    /// Standing orders that the channel's figures gave and that this episode obeys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<crate::kpi::Directive>,
    /// What the outside said around the channel's subjects.
    #[serde(default, skip_serializing_if = "crate::outlook::Outlook::is_empty")]
    pub outlook: crate::outlook::Outlook,
    /// Stock pictures that the film may use, each with its licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<crate::stock::StockPicture>,
}
