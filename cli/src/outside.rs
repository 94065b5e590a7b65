//! The way to the outside for commands: the one client below the one governor, over the state folder.

use std::path::Path;
use std::sync::Arc;

use proofreel_adapters::local::{FileBlobs, LocalSecrets, SqliteStore, SystemClock};
use proofreel_governor::{Doors, Governor};
use proofreel_model::policy::{ProviderLaw, providers};
use proofreel_ports::{Outside, Secrets, Web};
use proofreel_web::{Client, Identity};

use crate::exit::{Class, Failure};

/// An operator's changes to `specs/policy/providers.toml`, in the state folder.
pub const OVERRIDES: &str = "providers.toml";

/// The way to the outside, and where its keys are kept.
pub type Ways = (Arc<dyn Outside>, Arc<dyn Secrets>);

/// The law of providers with the operator's changes.
pub fn provider_law(state: &Path) -> Result<ProviderLaw, Failure> {
    let path = state.join(OVERRIDES);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::new(Class::Machine, format!("{}: {error}", path.display()))),
    };
    providers(text.as_deref()).map_err(|error| Failure::input(format!("{}: {error}", path.display())))
}

/// The governor over a state folder, and where its keys are kept. Opens the folder a second time, which SQLite allows.
pub fn outside(state: &Path) -> Result<Ways, Failure> {
    over(state, provider_law(state)?)
}

/// The same without its cache: whoever asks whether a provider answers now must not hear that it did yesterday.
pub fn uncached(state: &Path) -> Result<(Ways, ProviderLaw), Failure> {
    let mut law = provider_law(state)?;
    for fresh in law.freshness.values_mut() {
        (fresh.seconds, fresh.stale_seconds) = (0, 0);
    }
    Ok((over(state, law.clone())?, law))
}

fn over(state: &Path, law: ProviderLaw) -> Result<Ways, Failure> {
    let clock = Arc::new(SystemClock);
    let store = SqliteStore::open(state, Arc::clone(&clock) as _)?;
    let client = Client::new(&Identity::from_environment())
        .map_err(|error| Failure::new(Class::Machine, format!("no client for the network: {error}")))?;
    let secrets: Arc<dyn Secrets> = Arc::new(LocalSecrets::new(state));
    let doors = Doors {
        web: Arc::new(client) as Arc<dyn Web>,
        records: Arc::new(store),
        blobs: Arc::new(FileBlobs::open(&state.join("blobs"))?),
        clock,
        secrets: Arc::clone(&secrets),
    };
    Ok((Arc::new(Governor::new(doors, law, fastrand::u64(..))), secrets))
}
