//! Who may write beside the embedded writer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Language models that may reword an episode's scenes. Without providers the embedded writer writes alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WriterSettings {
    /// Providers in the order in which they are asked, by their id in `specs/policy/providers.toml`.
    pub providers: Vec<String>,
    /// Models by provider, the best first, in place of the policy's; `*` stands for the rest of a name.
    pub models: BTreeMap<String, Vec<String>>,
    /// Tokens that an episode may take, prompts and answers; the policy's where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
}

impl WriterSettings {
    /// True when nobody outside is asked.
    pub fn is_embedded(&self) -> bool {
        self.providers.is_empty() && self.models.is_empty() && self.tokens.is_none()
    }
}
