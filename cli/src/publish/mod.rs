//! What comes after the film: approve, reject, publish, retract, the dossier, the chain of decisions.

pub mod args;
mod chain;
mod decide;
mod dossier;
mod figures;
mod send;
mod webhook;

pub use chain::audit;
pub use decide::{approve, offer, reject};
pub use dossier::dossier;
pub use send::{publish, retract};
pub use webhook::webhook;

use std::path::Path;
use std::sync::Arc;

use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::records::RunHead;
use proofreel_model::stage::StageName;
use proofreel_pipeline::run_head;
use proofreel_ports::{Blobs, Clock};
use proofreel_publishing::{Candidate, Desk, Ledger, PublishError};
use serde::de::DeserializeOwned;

use crate::exit::{Class, Failure};
use crate::threads;

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

/// Rows, files and clock of a state folder.
pub struct Office {
    pub store: SqliteStore,
    pub blobs: Arc<dyn Blobs>,
    pub clock: Arc<dyn Clock>,
}

impl Office {
    pub fn open(state: &Path) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = SqliteStore::open(state, Arc::clone(&clock))?;
        keep_private(state);
        let blobs: Arc<dyn Blobs> = Arc::new(FileBlobs::open(&state.join("blobs"))?);
        Ok(Self { store, blobs, clock })
    }

    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::new(self.store.clone()), Arc::clone(&self.clock))
    }

    pub fn desk(&self) -> Desk {
        Desk::new(self.ledger())
    }

    pub async fn read<T: DeserializeOwned>(&self, head: &RunHead, stage: StageName) -> Result<T, Failure> {
        let blob = head.artifacts.get(&stage).ok_or_else(|| {
            Failure::new(
                Class::Refused,
                format!(
                    "run {} has no {} yet\n  hint: go on with `proofreel produce --resume {}`",
                    head.run_id,
                    stage.artifact(),
                    head.run_id
                ),
            )
        })?;
        Self::json(&self.blobs.fetch(blob).await?, stage.artifact())
    }

    pub fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Failure> {
        serde_json::from_slice(bytes).map_err(|error| {
            Failure::new(
                Class::Unexpected,
                format!("{what} was written by another version: {error}\n  hint: start a new run"),
            )
        })
    }

    /// The run as it is now, under its channel's file as it is now.
    pub async fn candidate(&self, run: &RunId, channels_dir: &Path) -> Result<Candidate, Failure> {
        let head = run_head(&self.store, run).await?;
        let order: Order = Self::json(&self.blobs.fetch(&head.order).await?, "the order")?;
        let channel = current_profile(channels_dir, &order)?;
        let film = self.read(&head, StageName::Render).await?;
        let qa = self.read(&head, StageName::Qa).await?;
        let film_digest = head.artifacts.get(&StageName::Render).map(|blob| blob.digest.clone());
        let film_digest = film_digest.ok_or_else(|| Failure::input("the run has no film"))?;
        Ok(Candidate { channel, head, film_digest, film, qa })
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

/// The channel files of a folder, by name; one that is not whole is left out here and told by the command that needs it.
fn profiles(folder: &Path) -> Vec<ChannelProfile> {
    files(folder).into_iter().filter_map(|(path, text)| channel::parse(&path, &text).ok()).collect()
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| Some((path.display().to_string(), std::fs::read_to_string(&path).ok()?)))
        .collect()
}

/// The channel's file as it is now, found by its id; the order's copy where there is none.
fn current_profile(folder: &Path, order: &Order) -> Result<ChannelProfile, Failure> {
    for (path, text) in files(folder) {
        // Only the file that names this channel must be whole.
        let table = toml::from_str::<toml::Table>(&text).unwrap_or_default();
        if table.get("id").and_then(|id| id.as_str()) == Some(order.channel.id.as_str()) {
            return channel::parse(&path, &text).map_err(Failure::input);
        }
    }
    Ok(order.channel.clone())
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
