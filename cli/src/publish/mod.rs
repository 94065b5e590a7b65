//! What comes after the film: approve, reject, publish, retract, the dossier, the chain of decisions.

pub mod args;
mod chain;
mod decide;
mod dossier;
mod send;
mod webhook;

pub use chain::audit;
pub use decide::{approve, offer, reject};
pub use dossier::dossier;
pub use send::{publish, retract, taken_back};
pub use webhook::webhook;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_operations::{ChannelFile, Channels, Office, OperationError};
use proofreel_ports::{Blobs, Clock, PortError};
use proofreel_publishing::PublishError;

use crate::exit::{Class, Failure};
use crate::threads;

impl From<OperationError> for Failure {
    fn from(error: OperationError) -> Self {
        let class = match error {
            OperationError::Driver(error) => return error.into(),
            OperationError::Publish(error) => return error.into(),
            OperationError::Port(error) => return error.into(),
            OperationError::Input(_) => Class::Input,
            OperationError::NotYet { .. } => Class::Refused,
            OperationError::Unreadable { .. } => Class::Unexpected,
        };
        Self::new(class, error.to_string())
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        let class = match &error {
            PublishError::Port(_) | PublishError::Unreadable { .. } => Class::Unexpected,
            PublishError::Host(_) => Class::Stage,
            _ => Class::Refused,
        };
        Self::new(class, error.to_string())
    }
}

/// The installation that a state folder and a folder of channel files make.
pub fn office(state: &Path, channels: &Path) -> Result<Office, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = SqliteStore::open(state, Arc::clone(&clock))?;
    keep_private(state);
    let blobs: Arc<dyn Blobs> = Arc::new(FileBlobs::open(&state.join("blobs"))?);
    Ok(Office { records: Arc::new(store), blobs, clock, channels: Arc::new(ChannelFolder(channels.to_owned())) })
}

/// Channel files in a folder of this machine.
pub struct ChannelFolder(pub PathBuf);

#[async_trait]
impl Channels for ChannelFolder {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
        paths.sort();
        let read = |path: PathBuf| {
            Some(ChannelFile { name: path.display().to_string(), text: std::fs::read_to_string(&path).ok()? })
        };
        Ok(paths.into_iter().filter_map(read).collect())
    }
}

/// The state folder holds session addresses, which are secrets: nobody else on this machine reads it.
fn keep_private(state: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for (path, mode) in [(state.to_owned(), 0o700), (state.join("state.db"), 0o600)] {
            if let Err(error) = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)) {
                tracing::warn!(%error, path = %path.display(), "others on this machine may read it");
            }
        }
    }
    #[cfg(not(unix))]
    let _ = state;
}

impl args::Person {
    /// The name given, else that of the account.
    pub fn name(&self) -> String {
        let account = || std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok();
        let name = self.name.clone().or_else(account).filter(|name| !name.trim().is_empty());
        // Whoever has no name at all, in a container for example, is at the machine all the same.
        name.unwrap_or_else(|| "operator".into())
    }
}

/// Runs a command's work.
pub fn block<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    threads::one()?.block_on(work)
}
