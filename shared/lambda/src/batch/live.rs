//! Live data of a channel in the cloud: the rules of one machine, over copies that outlive the function.
//!
//! The newest copy of a series is a row (`source-copy`); its files lie in the bucket under their digest. Both are brought to a
//! folder, the rules of one machine work there, and what was fetched goes back.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::outlook::Outlook;
use proofreel_model::policy::ProviderLaw;
use proofreel_model::stock::StockPicture;
use proofreel_operations::OperationError;
use proofreel_operations::sources::intake::{Came, Mode, Outcome, Wanted, gather, wanted};
use proofreel_operations::sources::kept::{Copy, Kept};
use proofreel_operations::sources::live;
use proofreel_pipeline::{Ports, store_pictures};
use proofreel_ports::{Condition, Item, PortError};
use proofreel_providers::source::Desk;
use serde_json::json;

/// Partition of the newest copies.
const COPIES: &str = "source-copy";

/// The way of a channel to its live sources.
#[async_trait]
pub trait SourceDesks: Send + Sync {
    /// The desk of a channel; an error is for people.
    async fn desk(&self, profile: &ChannelProfile, now: Timestamp) -> Result<Desk, String>;

    /// The law of providers with the operator's changes; an error is for people.
    async fn law(&self) -> Result<ProviderLaw, String>;
}

/// Folders of the packages of a channel's live series, as far as they can be had; what cannot is logged, and the last good copy
/// is used.
pub(super) async fn folders(
    ports: &Ports,
    desks: Option<&dyn SourceDesks>,
    profile: &ChannelProfile,
    scratch: &Path,
) -> Result<Vec<PathBuf>, String> {
    let series = wanted(&live(&profile.sources)).map_err(|error| error.to_string())?;
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let kept = Kept::of(scratch);
    for one in &series {
        bring(ports, one, &kept).await.map_err(|error| error.to_string())?;
    }
    let now = ports.clock.now();
    let desk = desk(desks, profile, now, "no way to live sources; the last good copies are used").await;
    let outcomes = gather(&series, &kept, desk.as_ref(), now, Mode::Due).await;
    let mut folders = Vec::new();
    for outcome in outcomes {
        tell(profile, &outcome);
        if matches!(outcome.came, Came::Fetched { .. }) {
            take_back(ports, &outcome, &kept).await.map_err(|error| error.to_string())?;
        }
        folders.extend(outcome.folder);
    }
    Ok(folders)
}

async fn desk(
    desks: Option<&dyn SourceDesks>,
    profile: &ChannelProfile,
    now: Timestamp,
    without: &'static str,
) -> Option<Desk> {
    match desks?.desk(profile, now).await {
        Ok(desk) => Some(desk),
        Err(why) => {
            tracing::error!(channel = %profile.id, why, without, "no way to the outside");
            None
        }
    }
}

/// What the outside says around the channel's subjects; nothing where the channel asks nothing, and without what cannot be had.
pub(super) async fn outlook(desks: Option<&dyn SourceDesks>, profile: &ChannelProfile, now: Timestamp) -> Outlook {
    if profile.demand.is_empty() && profile.context.is_empty() {
        return Outlook::default();
    }
    let without = "the run is ordered without demand and context";
    let Some(desk) = desk(desks, profile, now, without).await else { return Outlook::default() };
    let (outlook, missing) = proofreel_providers::outlook::gather(&desk, profile).await;
    for what in missing {
        tracing::warn!(channel = %profile.id, what, "left out of demand and context");
    }
    outlook
}

/// Stock pictures of the channel's subjects, stored, and their rows of the ledger; none where the channel asks for none.
pub(super) async fn pictures(
    ports: &Ports,
    desks: Option<&dyn SourceDesks>,
    profile: &ChannelProfile,
) -> Result<Vec<StockPicture>, PortError> {
    if profile.pictures.is_empty() {
        return Ok(Vec::new());
    }
    let without = "the run is ordered without stock pictures";
    let Some(desk) = desk(desks, profile, ports.clock.now(), without).await else { return Ok(Vec::new()) };
    // Whoever gave the desk has read the law before.
    let law = match desks {
        Some(desks) => desks.law().await,
        None => return Ok(Vec::new()),
    };
    let law = match law {
        Ok(law) => law,
        Err(why) => {
            tracing::error!(channel = %profile.id, why, without, "the law of providers cannot be read");
            return Ok(Vec::new());
        }
    };
    let (taken, missing) = proofreel_providers::pictures::gather(&desk, &law, profile).await;
    for what in missing {
        tracing::warn!(channel = %profile.id, what, "left out of the stock pictures");
    }
    store_pictures(ports.blobs.as_ref(), taken.iter().map(|one| one.png.as_slice())).await?;
    Ok(taken.into_iter().map(|one| one.row).collect())
}

fn tell(profile: &ChannelProfile, outcome: &Outcome) {
    let (channel, told) = (&profile.id, outcome.told());
    if outcome.is_trouble() {
        tracing::warn!(%channel, told, "live source");
    } else {
        tracing::info!(%channel, told, "live source");
    }
}

/// Brings the newest copy of a series to the folder, when there is one and the folder has not got it.
async fn bring(ports: &Ports, wanted: &Wanted, kept: &Kept) -> Result<(), OperationError> {
    let name = wanted.name();
    let Some(row) = ports.records.get(COPIES, &name).await? else { return Ok(()) };
    // A row of another version is as good as none: the series is fetched.
    let Ok(copy) = serde_json::from_value::<Copy>(row) else { return Ok(()) };
    if kept.copy(&name).as_ref() == Some(&copy) {
        return Ok(());
    }
    let prefix = prefix(&name, &copy);
    let mut files = std::collections::BTreeMap::new();
    for key in ports.blobs.list(&prefix).await? {
        let bytes = ports.blobs.get(&key).await?;
        files.insert(key.strip_prefix(&prefix).unwrap_or(&key).to_owned(), bytes);
    }
    kept.restore(&name, &copy, &files)
}

/// Puts what was fetched where the next process finds it: files first, then the row that names them.
async fn take_back(ports: &Ports, outcome: &Outcome, kept: &Kept) -> Result<(), OperationError> {
    let name = outcome.wanted.name();
    let Some(copy) = kept.copy(&name) else { return Ok(()) };
    let prefix = prefix(&name, &copy);
    for (path, bytes) in kept.files(&name, &copy)? {
        ports.blobs.put_if_absent(&format!("{prefix}{path}"), &bytes).await?;
    }
    let item = Item { pk: COPIES.into(), sk: name, body: json!(copy) };
    ports.records.put(item, Condition::None).await?;
    Ok(())
}

fn prefix(name: &str, copy: &Copy) -> String {
    format!("sources/{name}/{}/", copy.digest.short())
}
