use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{HostError, PortError};
use thiserror::Error;

/// Why a decision was not taken or a film not published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The person may not do this.
    #[error("{who} may not {what} on channel {channel}\n  hint: {hint}")]
    NotAllowed {
        /// Person.
        who: String,
        /// What was to be done.
        what: &'static str,
        /// Channel.
        channel: ChannelId,
        /// Who may, or what to change.
        hint: String,
    },
    /// What was named is not what would be published.
    #[error("{run} is not what was approved: {why}\n  hint: {hint}")]
    NotThat {
        /// Run.
        run: RunId,
        /// What differs.
        why: String,
        /// What to do.
        hint: String,
    },
    /// The state does not allow it.
    #[error("{run} is {state}: {why}\n  hint: {hint}")]
    WrongState {
        /// Run.
        run: RunId,
        /// Its state.
        state: String,
        /// Why not.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Nothing that could be published.
    #[error("{run} cannot be published: {why}\n  hint: {hint}")]
    Unfit {
        /// Run.
        run: RunId,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
    /// A rule of the house holds it back for now.
    #[error("{run} is held back: {why}\n  hint: {hint}")]
    HeldBack {
        /// Run.
        run: RunId,
        /// Which rule.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Publishing is switched off.
    #[error("publishing is switched off by {by}: {why}\n  hint: once the cause is gone, `proofreel publish --go`")]
    SwitchedOff {
        /// Who switched it off.
        by: String,
        /// Why.
        why: String,
    },
    /// Others kept changing the row.
    #[error("{run} is being changed by somebody else\n  hint: look at `proofreel runs show {run}` and try again")]
    Busy {
        /// Run.
        run: RunId,
    },
    /// A row cannot be read.
    #[error("{what} cannot be read: {why}\n  hint: was it written by a newer version?")]
    Unreadable {
        /// Row.
        what: String,
        /// Why.
        why: String,
    },
    /// The host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Storage.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl PublishError {
    /// True when the same call may succeed later without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Host(error) => matches!(error, HostError::Transient { .. } | HostError::Wait { .. }),
            Self::Port(error) => error.is_retryable(),
            Self::Busy { .. } | Self::HeldBack { .. } => true,
            _ => false,
        }
    }
}
