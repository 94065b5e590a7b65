//! Identifiers as newtypes, so that a run is never passed where a scene is meant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

id!(
    /// One episode on its way through the chain, for example `20261122t211924-k3f9`.
    RunId
);
id!(
    /// A channel, as named by `id` in its file under `channels/`.
    ChannelId
);
id!(
    /// A fact inside one brief: `f001`, `f002`, …
    FactId
);
id!(
    /// A claim (a finding with its sentence) inside one brief: `c01`, `c02`, …
    ClaimId
);
id!(
    /// A scene inside one episode: `s01`, `s02`, …
    SceneId
);
id!(
    /// A source inside one brief: `src1`, `src2`, …
    SourceId
);
id!(
    /// A topic candidate: data package, series and angle, for example `gold-prices/price/boom_and_bust`.
    TopicId
);
