//! What a channel's figures say about its next film.

use proofreel_model::stage::StageName;
use serde::{Deserialize, Serialize};

/// The word of channel governance: publish, hold or rework by KPI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "governance", rename_all = "snake_case")]
pub enum Governance {
    /// The figures allow the next film.
    Publish,
    /// Packaging or pacing first.
    Hold {
        /// Which figure, against which bound.
        why: String,
    },
    /// A stage has to do better first.
    Rework {
        /// The stage.
        stage: StageName,
        /// Which figure, against which bound.
        why: String,
    },
    /// Too few films were measured to say anything.
    Unmeasured,
}

impl Governance {
    /// What holds a film back, in words.
    pub fn objection(&self) -> Option<String> {
        match self {
            Self::Publish | Self::Unmeasured => None,
            Self::Hold { why } => Some(format!("channel governance says hold: {why}")),
            Self::Rework { stage, why } => Some(format!("channel governance says rework at {stage}: {why}")),
        }
    }
}
