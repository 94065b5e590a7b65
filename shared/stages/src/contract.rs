//! What a stage is.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::digest::Digest;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_ports::{Parts, Progress, Voice, Writer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// All that a stage may know besides its input. The same input and context give the same bytes.
pub struct Context<'a> {
    /// Channel, day, seed, format and data packages of the run.
    pub order: &'a Order,
    /// The order's data packages, loaded and screened.
    pub library: &'a Library,
    /// The same packages as bytes, for recomputation by separate code.
    pub packages: &'a [PackageBytes],
    /// Kept stock pictures that the order names, each with its digest; only where a film is made.
    pub pictures: &'a [(Digest, Vec<u8>)],
    /// The numbers of the law.
    pub policy: &'a Policy,
    /// Who speaks.
    pub voice: &'a dyn Voice,
    /// An outside writer, when there is one; the embedded writer needs none.
    pub writer: Option<&'a dyn Writer>,
    /// Where finished parts of films are kept.
    pub parts: &'a dyn Parts,
    /// Where long work tells how far it is.
    pub progress: &'a dyn Progress,
    /// An empty folder for intermediate files.
    pub scratch: &'a Path,
    /// Which visit of the stage this is: more than 1 after a rewrite.
    pub visit: u32,
    /// What a rewrite asks to change.
    pub reasons: &'a [String],
}

impl Context<'_> {
    /// Words that the voice says in a minute, see [`words_per_minute`].
    pub fn words_per_minute(&self) -> f64 {
        words_per_minute(self.policy, self.order)
    }
}

/// Words that the voice says in a minute at the channel's speed. Whoever plans, writes or judges by it asks here.
pub fn words_per_minute(policy: &Policy, order: &Order) -> f64 {
    policy.episode.words_per_minute * order.channel.voice.speed
}

/// A file made by a stage, moved into the run's blobs by the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Name in the output folder.
    pub name: String,
    /// Where it lies now, inside the scratch folder.
    pub path: PathBuf,
}

/// How a stage ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<T> {
    /// On to the next stage.
    Advance {
        /// The artifact.
        output: T,
        /// Files beside it.
        files: Vec<OutputFile>,
    },
    /// Back to an earlier stage, for these reasons; the report is kept.
    Rewrite {
        /// The stage at fault.
        stage: StageName,
        /// What to change.
        reasons: Vec<String>,
        /// The artifact all the same.
        report: T,
    },
    /// Waits for a person or a date.
    Hold(String),
    /// The episode ends here.
    Reject {
        /// Why.
        reasons: Vec<String>,
        /// The artifact, when there is one.
        report: Option<T>,
    },
}

impl<T> Outcome<T> {
    /// Advance without files.
    pub fn advance(output: T) -> Self {
        Self::Advance { output, files: Vec::new() }
    }

    /// The same outcome over another artifact type.
    fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Outcome<U>, E> {
        Ok(match self {
            Self::Advance { output, files } => Outcome::Advance { output: f(output)?, files },
            Self::Rewrite { stage, reasons, report } => Outcome::Rewrite { stage, reasons, report: f(report)? },
            Self::Hold(reason) => Outcome::Hold(reason),
            Self::Reject { reasons, report } => Outcome::Reject { reasons, report: report.map(f).transpose()? },
        })
    }
}

/// Why a stage could not do its work.
#[derive(Debug, Error)]
pub enum StageError {
    /// What it was given is wrong; trying again changes nothing.
    #[error("{what}\n  hint: {hint}")]
    Refused {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A part it depends on failed; trying again may help.
    #[error("{0}")]
    Failed(String),
    /// It was told that its time is over. What it finished is kept; another attempt goes on from there.
    #[error(
        "it ran out of time; what was finished is kept\n  hint: when this goes on, give the function more time or memory"
    )]
    OutOfTime,
}

impl StageError {
    /// A refusal with its hint.
    pub fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), hint: hint.into() }
    }

    /// True when another attempt may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::OutOfTime)
    }
}

/// A step of the chain.
///
/// `Input` is a struct with one member for each stage in `READS`, named like that stage's artifact
/// (see [`StageName::artifact`]); the driver loads and checks them.
#[async_trait]
pub trait Stage: Send + Sync {
    /// Its place in the chain.
    const NAME: StageName;
    /// Stages whose artifacts it reads.
    const READS: &'static [StageName];
    /// Artifacts read.
    type Input: DeserializeOwned + Send;
    /// Artifact given.
    type Output: Serialize + Send;

    /// True when a visit can be divided among workers: see [`Stage::divide`].
    const DIVIDES: bool = false;

    /// Does the work.
    async fn run(&self, input: Self::Input, context: &Context<'_>) -> Result<Outcome<Self::Output>, StageError>;

    /// Divides a visit: at most `most` small descriptions of work, each of which any worker can do by [`Stage::part`] before
    /// [`Stage::run`] is called. Fewer than two: the visit is not worth dividing. Dividing is for speed alone: what a part
    /// gives lies in the context's parts, and `run` makes anew what it does not find there. Has no data packages.
    async fn divide(&self, _: Self::Input, _: &Context<'_>, most: usize) -> Result<Vec<Value>, StageError> {
        let _ = most;
        Ok(Vec::new())
    }

    /// Does one of the works that [`Stage::divide`] described. Has no data packages.
    async fn part(&self, _: Self::Input, _: &Context<'_>, work: Value) -> Result<(), StageError> {
        Err(StageError::refused(
            format!("the {} stage has no parts: {work}", Self::NAME),
            "this is a defect of the program; please report it",
        ))
    }
}

/// A [`Stage`] whose artifact types are erased, as the driver holds it.
#[async_trait]
pub trait DynStage: Send + Sync {
    /// Its place in the chain.
    fn name(&self) -> StageName;
    /// Stages whose artifacts it reads.
    fn reads(&self) -> &'static [StageName];
    /// Does the work on `{artifact name: artifact}`.
    async fn run_json(&self, input: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError>;

    /// True when a visit can be divided among workers.
    fn divides(&self) -> bool {
        false
    }

    /// See [`Stage::divide`].
    async fn divide_json(&self, _: Value, _: &Context<'_>, most: usize) -> Result<Vec<Value>, StageError> {
        let _ = most;
        Ok(Vec::new())
    }

    /// See [`Stage::part`].
    async fn part_json(&self, _: Value, _: &Context<'_>, work: Value) -> Result<(), StageError> {
        let _ = work;
        Ok(())
    }
}

/// The input of a stage in its own type.
fn read<S: Stage>(input: Value) -> Result<S::Input, StageError> {
    serde_json::from_value(input).map_err(|error| {
        StageError::refused(
            format!("the {} stage cannot read its input: {error}", S::NAME),
            "the artifacts are from another version: start a new run",
        )
    })
}

#[async_trait]
impl<S: Stage> DynStage for S {
    fn name(&self) -> StageName {
        S::NAME
    }

    fn reads(&self) -> &'static [StageName] {
        S::READS
    }

    async fn run_json(&self, input: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        let outcome = self.run(read::<S>(input)?, context).await?;
        outcome.try_map(|artifact| {
            serde_json::to_value(artifact).map_err(|error| {
                StageError::Failed(format!("the {} artifact cannot be written as JSON: {error}", S::NAME))
            })
        })
    }

    fn divides(&self) -> bool {
        S::DIVIDES
    }

    async fn divide_json(&self, input: Value, context: &Context<'_>, most: usize) -> Result<Vec<Value>, StageError> {
        self.divide(read::<S>(input)?, context, most).await
    }

    async fn part_json(&self, input: Value, context: &Context<'_>, work: Value) -> Result<(), StageError> {
        self.part(read::<S>(input)?, context, work).await
    }
}
