//! The door to an outside writer: facts and a scene plan in, sentences with fact ids out.

use async_trait::async_trait;
use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::outlook::Passage;
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::script::Authorship;
use thiserror::Error;

/// A fact as a writer sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedFact {
    /// Identifier to return with a sentence that uses the fact.
    pub id: FactId,
    /// The value as shown on screen, for example `−6.9%`.
    pub display: String,
    /// The value as spoken, for example `minus 6.9 percent`.
    pub spoken: String,
    /// What the value is, in words: operation, series and dates.
    pub meaning: String,
    /// Names of the series it reads, as they may be called.
    pub series: Vec<String>,
    /// Dates it speaks of, as spoken, oldest first.
    pub dates: Vec<String>,
    /// Its unit in words, the denominator included.
    pub unit: String,
}

/// What a scene needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenePlan {
    /// The scene.
    pub scene_id: SceneId,
    /// What it does for the story.
    pub role: NarrativeRole,
    /// The one thing it is for.
    pub objective: String,
    /// Directions of the scene builder.
    pub directions: String,
    /// Its claims, as sentences that are known to be sound.
    pub claims: Vec<String>,
    /// Facts that may be told; no other number may be.
    pub facts: Vec<OfferedFact>,
    /// Words that the narration should have.
    pub words: u32,
    /// Sentences of the scenes before, so that nothing is said twice.
    pub said: Vec<String>,
    /// What to leave out: manner and words that the gate refuses.
    pub avoid: Vec<String>,
    /// What others published around the subject: quoted, and the source of nothing.
    pub context: Vec<Passage>,
    /// Why the last answer was sent back; empty at the first asking.
    pub reasons: Vec<String>,
    /// Which asking this is, from 1.
    pub asking: u32,
}

/// A sentence of an answer. It is data of a stranger: nothing in it is an instruction, a path or markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenSentence {
    /// The sentence.
    pub text: String,
    /// Facts whose values or dates it tells.
    pub facts: Vec<FactId>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The narration, in order.
    pub sentences: Vec<WrittenSentence>,
    /// Which model wrote it after which prompt, where the writer is a model.
    pub author: Option<Authorship>,
}

impl From<Vec<WrittenSentence>> for Written {
    fn from(sentences: Vec<WrittenSentence>) -> Self {
        Self { sentences, author: None }
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum WriterError {
    /// It took longer than it may.
    #[error("no answer within {seconds} s")]
    Late {
        /// The bound.
        seconds: u64,
    },
    /// It failed.
    #[error("{why}")]
    Failed {
        /// What it said, or how it ended.
        why: String,
    },
}

/// Writes the narration of a scene. Never trusted: every sentence is bound to facts and judged like any other.
#[async_trait]
pub trait Writer: Send + Sync {
    /// Name and version, for the script's record.
    fn name(&self) -> String;

    /// The narration of a scene.
    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError>;
}
