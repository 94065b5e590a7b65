//! What a channel looks at around its data: demand for its subjects, and texts for context.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose demand counts when a topic is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DemandSettings {
    /// For an interest of the channel, the article of the English Wikipedia whose page views stand for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub articles: BTreeMap<String, String>,
    /// Feeds in which mentions of the interests are counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<String>,
    /// Handles of competing channels on YouTube.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rivals: Vec<String>,
    /// The operator has accepted YouTube's amendment of 2026 on derived figures.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub amendment_accepted: bool,
}

impl DemandSettings {
    /// True when nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty() && self.feeds.is_empty() && self.rivals.is_empty()
    }
}

/// Texts of others that an outside writer may see, as quoted data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContextSettings {
    /// Articles of the English Wikipedia.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wikipedia: Vec<String>,
    /// Feeds, of which the newest items are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<String>,
    /// Addresses of pages with an article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
}

impl ContextSettings {
    /// True when nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.wikipedia.is_empty() && self.feeds.is_empty() && self.pages.is_empty()
    }
}
