use async_trait::async_trait;

use crate::PortError;

/// Whether a queue wakes its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerState {
    /// It does.
    On,
    /// It does not; messages wait.
    Off,
    /// It is being changed and cannot be changed again meanwhile; whether towards on, when that is known.
    Turning {
        /// On, off, or unknown.
        on: Option<bool>,
    },
}

/// Wakes whoever looks after waiting work, before the time at which they would look by themselves.
#[async_trait]
pub trait Waker: Send + Sync {
    /// Wakes them; does not wait for what they do.
    async fn wake(&self) -> Result<(), PortError>;
}

/// The triggers between queues and functions, by the names that the cloud gave them.
#[async_trait]
pub trait Triggers: Send + Sync {
    /// How a trigger stands.
    async fn state(&self, trigger: &str) -> Result<TriggerState, PortError>;

    /// Turns it on or off. Takes effect later; see [`TriggerState::Turning`].
    async fn turn(&self, trigger: &str, on: bool) -> Result<(), PortError>;
}
