//! What a channel takes from live sources: fetched when due, else the last good copy with its age told.

pub mod intake;
pub mod kept;

use proofreel_model::channel::{LiveSource, SourceEntry};
use proofreel_ports::ProviderInfo;
use proofreel_providers::source::PROVIDERS;

use crate::OperationError;

/// A provider by its name, or the name that was meant.
///
/// # Errors
/// When no provider is called so.
pub fn known(name: &str) -> Result<&'static ProviderInfo, OperationError> {
    PROVIDERS.into_iter().find(|info| info.name == name).ok_or_else(|| {
        let names = PROVIDERS.map(|info| info.name);
        let close = names.iter().find(|other| other.contains(name) || name.contains(*other));
        let hint = close
            .map_or_else(|| format!("known providers: {}", names.join(", ")), |name| format!("did you mean `{name}`?"));
        OperationError::Input(format!("no provider is called `{name}`\n  hint: {hint}"))
    })
}

/// The live sources of a channel file.
pub fn live(entries: &[SourceEntry]) -> Vec<&LiveSource> {
    entries.iter().filter_map(SourceEntry::live).collect()
}
