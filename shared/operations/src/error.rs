use proofreel_model::ids::RunId;
use proofreel_pipeline::DriverError;
use proofreel_ports::PortError;
use proofreel_publishing::PublishError;
use thiserror::Error;

/// Why an operation was not done.
#[derive(Debug, Error)]
pub enum OperationError {
    /// What a person gave is not usable.
    #[error("{0}")]
    Input(String),
    /// The run has not come that far.
    #[error("run {run} has no {artifact} yet\n  hint: go on with `proofreel produce --resume {run}`")]
    NotYet {
        /// Run.
        run: RunId,
        /// What it lacks.
        artifact: &'static str,
    },
    /// Something stored cannot be read.
    #[error("{what} was written by another version: {why}\n  hint: start a new run")]
    Unreadable {
        /// What was read.
        what: String,
        /// Why not.
        why: String,
    },
    /// The run log.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// A decision or an upload.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Storage.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl OperationError {
    /// True when the same call may succeed later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Driver(error) => error.is_retryable(),
            Self::Publish(error) => error.is_retryable(),
            Self::Port(error) => error.is_retryable(),
            Self::Input(_) | Self::NotYet { .. } | Self::Unreadable { .. } => false,
        }
    }
}
