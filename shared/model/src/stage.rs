//! The chain: stage names in order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stage of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// Lists topic candidates.
    Planner,
    /// Scores them and selects one.
    TopicScoring,
    /// Gathers evidence.
    Research,
    /// Structures scenes.
    SceneBuilder,
    /// Writes the words.
    Script,
    /// Checks everything.
    Qa,
    /// Makes the film.
    Render,
}

impl StageName {
    /// All stages in the order of the chain.
    pub const CHAIN: [Self; 7] =
        [Self::Planner, Self::TopicScoring, Self::Research, Self::SceneBuilder, Self::Script, Self::Qa, Self::Render];

    /// Name as in specs, queues and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::TopicScoring => "topic-scoring",
            Self::Research => "research",
            Self::SceneBuilder => "scene-builder",
            Self::Script => "script",
            Self::Qa => "qa",
            Self::Render => "render",
        }
    }

    /// Name of the artifact the stage gives, which is also its file in the output folder.
    pub fn artifact(self) -> &'static str {
        match self {
            Self::Planner => "topic_candidates",
            Self::TopicScoring => "topic_selection",
            Self::Research => "brief",
            Self::SceneBuilder => "scenes",
            Self::Script => "script",
            Self::Qa => "qa",
            Self::Render => "film",
        }
    }

    /// The stage after this one.
    pub fn next(self) -> Option<Self> {
        let at = Self::CHAIN.iter().position(|stage| *stage == self)?;
        Self::CHAIN.get(at + 1).copied()
    }

    /// True for the stages after QA, which act on the outside world and refuse drafts.
    pub fn is_ops(self) -> bool {
        self >= Self::Render
    }
}

impl std::fmt::Display for StageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for StageName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::CHAIN.into_iter().find(|stage| stage.as_str() == text).ok_or_else(|| {
            let names: Vec<_> = Self::CHAIN.iter().map(|stage| stage.as_str()).collect();
            format!("unknown stage `{text}`: expected one of {}", names.join(", "))
        })
    }
}
