//! What an order takes from the channel's earlier runs: on one machine and in the cloud alike.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::BlobRef;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::kpi::{Directive, StandingOrder};
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::outlook::Outlook;
use proofreel_model::policy::law;
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde::de::DeserializeOwned;

use crate::driver::Ports;
use crate::error::DriverError;
use crate::kpi;
use crate::runs::{run_head, runs_of_month};

/// Episodes that a new one must not resemble, besides the published ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compare {
    /// Every finished one of the channel's recent window.
    pub every: bool,
    /// These runs, whatever their channel and day.
    pub runs: BTreeSet<RunId>,
}

/// The order of a channel's episode on `packages`, which are stored, with what follows from the channel's earlier runs.
pub async fn order_of(
    ports: &Ports,
    profile: ChannelProfile,
    packages: Vec<PackageRef>,
    as_of: Date,
    seed: u64,
    compare: &Compare,
) -> Result<Order, DriverError> {
    Ok(Order {
        schema_version: proofreel_model::schema_version(),
        as_of,
        seed,
        topic: None,
        format: profile.episode.format,
        burn_captions: profile.episode.burn_captions,
        draft: false,
        previous_packages: previous_packages(ports, &profile.id, &packages).await?,
        packages,
        // Only published episodes count as covered, and publishing is not part of this version.
        recent_topics: Vec::new(),
        recent_episodes: recent_episodes(ports, &profile, as_of, compare).await?,
        directives: directives(ports, &profile.id, as_of).await?,
        // Who orders looks outside, before.
        outlook: Outlook::default(),
        pictures: Vec::new(),
        channel: profile,
    })
}

/// Standing orders that hold on the day of the run.
async fn directives(ports: &Ports, channel: &ChannelId, as_of: Date) -> Result<Vec<Directive>, DriverError> {
    let all = kpi::standing_orders(ports.records.as_ref(), channel).await?;
    let of_kind = |order: &StandingOrder| {
        let before = all.iter().filter(|other| other.kind == order.kind && other.issued <= order.issued);
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    };
    let held = all.iter().filter(|order| order.stands_on(as_of));
    let directive = |order: &StandingOrder| Directive {
        order: order.id.clone(),
        kind: order.kind,
        nth: of_kind(order),
        reason: order.reason.clone(),
    };
    Ok(held.map(directive).collect())
}

/// For each package, the version that the newest earlier run of the channel used, when it is another one.
async fn previous_packages(
    ports: &Ports,
    channel: &ChannelId,
    packages: &[PackageRef],
) -> Result<Vec<PackageRef>, DriverError> {
    let mut found: BTreeMap<&str, PackageRef> = BTreeMap::new();
    let today = ports.clock.now().to_zoned(TimeZone::UTC).date();
    let oldest = today.saturating_sub(i64::from(law().pipeline.look_back_months).months());
    for month in months_back(today, oldest) {
        for head in runs_of_month(ports.records.as_ref(), channel, month).await? {
            if found.len() == packages.len() {
                break;
            }
            // An order that is gone or of another version only means that there is nothing to compare with.
            let order: Order = match read(ports, &head.order).await {
                Ok(order) => order,
                Err(error) if error.is_retryable() => return Err(error),
                Err(_) => continue,
            };
            for package in packages {
                let other = |old: &&PackageRef| old.name == package.name && old.digest != package.digest;
                if let Some(old) = order.packages.iter().find(other) {
                    found.entry(package.name.as_str()).or_insert_with(|| old.clone());
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Prints of the episodes that a new one is compared with, newest first: the published ones, and those of `compare`.
///
/// A run of `compare.every` counts when it belongs to the channel, is finished and no draft, and its day lies inside the
/// channel's recent window; so many as `qa.sameness.recent_episodes` are taken.
async fn recent_episodes(
    ports: &Ports,
    channel: &ChannelProfile,
    as_of: Date,
    compare: &Compare,
) -> Result<Vec<EpisodePrint>, DriverError> {
    let records = ports.records.as_ref();
    let mut heads = Vec::new();
    for run in &compare.runs {
        heads.push(run_head(records, run).await?);
    }
    // An episode is ordered on its day or later, so that its run is listed inside the window or after it.
    let today = ports.clock.now().to_zoned(TimeZone::UTC).date();
    let oldest = as_of.saturating_sub(i64::from(channel.governance.recent_days).days());
    for month in months_back(today.max(as_of), oldest) {
        let runs = runs_of_month(records, &channel.id, month).await?;
        heads.extend(runs.into_iter().filter(|head| !compare.runs.contains(&head.run_id)));
    }
    let mut found: Vec<(Date, RunId, EpisodePrint)> = Vec::new();
    for head in &heads {
        let named = compare.runs.contains(&head.run_id);
        let own = matches!(head.state, RunState::Done) && !head.draft;
        if !(named || (own && (compare.every || published(head)))) {
            continue;
        }
        let order: Order = read(ports, &head.order).await?;
        let age = as_of.since(order.as_of).map_or(i64::MAX, |span| i64::from(span.get_days()));
        if !named && !(0..=i64::from(channel.governance.recent_days)).contains(&age) {
            continue;
        }
        match print_of(ports, head).await? {
            Some(print) => found.push((order.as_of, head.run_id.clone(), print)),
            None if named => {
                let why =
                    format!("run {} got no further than its brief, so nothing can be compared with it", head.run_id);
                return Err(DriverError::BadOrder { why });
            }
            None => {}
        }
    }
    found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    found.truncate(law().qa.sameness.recent_episodes);
    Ok(found.into_iter().map(|(.., print)| print).collect())
}

/// A day of each month from `newest` back to `oldest`.
fn months_back(newest: Date, oldest: Date) -> impl Iterator<Item = Date> {
    let first = newest.first_of_month();
    (0..).map(move |n: i64| first.saturating_sub(n.months())).take_while(move |month| *month >= oldest.first_of_month())
}

/// True for a run that went beyond its film. The chain of this version ends with render, so none has: the same
/// order gives the same episode however often it is repeated.
fn published(head: &RunHead) -> bool {
    head.artifacts.keys().any(|stage| *stage > StageName::Render)
}

/// The print of a run's episode, when it got as far as a script.
async fn print_of(ports: &Ports, head: &RunHead) -> Result<Option<EpisodePrint>, DriverError> {
    let of = |stage: StageName| head.artifacts.get(&stage);
    let (Some(brief), Some(scenes), Some(script)) =
        (of(StageName::Research), of(StageName::SceneBuilder), of(StageName::Script))
    else {
        return Ok(None);
    };
    let brief: ResearchBrief = read(ports, brief).await?;
    let (scenes, script): (Scenes, Script) = (read(ports, scenes).await?, read(ports, script).await?);
    Ok(Some(print::of(&brief.topic.topic_id, &scenes, &script)))
}

/// A stored document.
async fn read<T: DeserializeOwned>(ports: &Ports, blob: &BlobRef) -> Result<T, DriverError> {
    let bytes = ports.blobs.fetch(blob).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| DriverError::Unreadable { what: blob.key.clone(), why: error.to_string() })
}
