use proofreel_model::ids::RunId;
use proofreel_ports::PortError;
use thiserror::Error;

/// Why the driver could not go on. A stage that fails is no such error: it is recorded in the run.
#[derive(Debug, Error)]
pub enum DriverError {
    /// Storage failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The operator named a run that is not there.
    #[error("there is no run `{run}`\n  hint: `proofreel runs` lists them")]
    NoSuchRun {
        /// The run.
        run: RunId,
    },
    /// The run ended in a way that going on would undo.
    #[error("run `{run}` cannot be resumed: {why}\n  hint: {hint}")]
    NotResumable {
        /// The run.
        run: RunId,
        /// Why not.
        why: String,
        /// What to do.
        hint: String,
    },
    /// The words of the run are not a person's to change now.
    #[error("run `{run}` cannot be edited now: {why}\n  hint: {hint}")]
    NotEditable {
        /// The run.
        run: RunId,
        /// Why not.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Another worker is at this run.
    #[error("run `{run}` is being worked on by another process\n  hint: wait for it, or stop it and resume the run")]
    Occupied {
        /// The run.
        run: RunId,
    },
    /// The order is not a valid order.
    #[error("the order is not valid: {why}\n  hint: order the run again")]
    BadOrder {
        /// What is wrong.
        why: String,
    },
    /// A message or row that this program did not write.
    #[error("cannot read {what}: {why}\n  hint: it was written by another version, or damaged; start a new run")]
    Unreadable {
        /// What was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A type could not be written as JSON.
    #[error("cannot write {what} as JSON: {why}")]
    Unwritable {
        /// What was written.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The scratch folder could not be prepared.
    #[error(
        "cannot use the scratch folder {folder}: {why}\n  hint: check its permissions and the free space, then resume the run"
    )]
    Scratch {
        /// The folder.
        folder: String,
        /// What the system said.
        why: String,
    },
    /// The chain or this worker lacks a stage.
    #[error("this worker does not have the stage `{stage}`\n  hint: start a worker that does")]
    NoStage {
        /// The stage asked for.
        stage: String,
    },
}

impl DriverError {
    /// True when the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Port(error) if error.is_retryable())
    }
}
