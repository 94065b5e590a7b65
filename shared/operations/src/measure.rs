//! Measuring a channel: figures read from YouTube or from an export of Studio, baselines drawn, orders given.

mod fetch;
mod reach;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_insight::baseline::{self, Of};
use proofreel_insight::experiment;
use proofreel_insight::figures::{ByVideo, VideoFigures};
use proofreel_insight::studio::{self, Import, Told};
use proofreel_insight::trigger::{self, Decision};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::Digest;
use proofreel_model::experiment::Experiment;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Baseline, KpiImport, Metric, Recalibration, StandingOrder};
use proofreel_model::policy::{Thresholds, kpi_law};
use proofreel_pipeline::kpi::{self, Stored};
use proofreel_ports::{Clock, Outside, Pager, Secrets};
use proofreel_providers::youtube::Tokens;
use serde::Serialize;

use crate::{Office, OperationError, governance};

pub use fetch::{Access, Ask, Fetched, Money, fetch};
pub use reach::ReachTold;

/// Today where YouTube's days begin.
///
/// # Errors
/// The machine has no table of time zones.
pub fn pacific_today(clock: &dyn Clock) -> Result<Date, OperationError> {
    pacific_day(clock.now())
}

/// The day of an instant where YouTube's days begin.
///
/// # Errors
/// The machine has no table of time zones.
pub fn pacific_day(at: Timestamp) -> Result<Date, OperationError> {
    let zone = TimeZone::get("America/Los_Angeles").map_err(|error| {
        OperationError::Input(format!(
            "the time zone of YouTube's days: {error}\n  hint: install tzdata, or name the day"
        ))
    })?;
    Ok(at.to_zoned(zone).date())
}

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What was read.
    pub import: Import,
    /// What it changed, or would.
    pub stored: Stored,
}

/// Reads an export of YouTube Studio and keeps its figures. `day` is the last day of a table without dates; `file` names it.
///
/// # Errors
/// The file is no such export, or the records.
pub async fn import(
    office: &Office,
    channel: &ChannelId,
    file: &str,
    bytes: &[u8],
    day: Date,
    dry_run: bool,
) -> Result<Imported, OperationError> {
    let import =
        studio::read(bytes, &Told { file, channel, day }).map_err(|error| OperationError::Input(error.to_string()))?;
    let records = office.records.as_ref();
    let (stored, snapshots, cards) = kpi::merged(records, channel, &import.snapshots, &import.videos).await?;
    if !dry_run {
        let row = KpiImport {
            digest: Digest::of(bytes),
            file: file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned(),
            day,
            snapshots: import.snapshots.len(),
            notes: import.notes.clone(),
            at: office.clock.now(),
        };
        kpi::put_import(records, &row, channel, &snapshots, &cards).await?;
    }
    Ok(Imported { import, stored })
}

/// What judging a channel came to.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// Channel.
    pub channel: ChannelId,
    /// Day that is asked about.
    pub as_of: Date,
    /// Age at which uploads were compared, days.
    pub age_days: (i32, i32),
    /// Uploads compared.
    pub uploads: usize,
    /// Baselines as drawn now.
    pub baselines: Vec<Baseline>,
    /// Orders given now.
    pub given: Vec<StandingOrder>,
    /// All orders, with what became of them.
    pub orders: Vec<StandingOrder>,
    /// Publish, hold or rework.
    pub decision: Decision,
    /// Which figures say so.
    pub why: String,
    /// Bounds it goes by.
    pub thresholds: Thresholds,
    /// The recalibration that was due, and holds from now on.
    pub recalibration: Option<Recalibration>,
}

/// Draws baselines anew, gives the orders that follow, and measures what became of earlier ones.
///
/// # Errors
/// The records.
pub async fn judge(
    office: &Office,
    profile: &ChannelProfile,
    today: Date,
    dry_run: bool,
) -> Result<Judgement, OperationError> {
    judge_under(office, profile, today, dry_run, kpi_law().derived.api_amendment_accepted).await
}

/// The same, for an owner who accepted YouTube's amendment on derived metrics, or did not.
///
/// # Errors
/// The records.
pub async fn judge_under(
    office: &Office,
    profile: &ChannelProfile,
    today: Date,
    dry_run: bool,
    accepted: bool,
) -> Result<Judgement, OperationError> {
    let records = office.records.as_ref();
    let (snapshots, cards) = (kpi::snapshots(records, &profile.id).await?, kpi::videos(records, &profile.id).await?);
    let videos = ByVideo::under(&cards, &snapshots, accepted);
    let of = Of { channel: &profile.id, kind: profile.kind, today };
    let baselines = baseline::all(of, &videos);
    let mut orders = kpi::standing_orders(records, &profile.id).await?;
    // Judged at the age at which most of the channel's newest videos have figures.
    let by_age: Vec<_> = kpi_law().baseline.ages.iter().map(|age| (*age, videos.at_age(*age, today))).collect();
    let most = by_age.iter().max_by_key(|(age, figures)| (figures.len(), std::cmp::Reverse(age.0)));
    let Some(most) = most else {
        return Err(OperationError::Input("specs/policy/kpi.toml names no ages".into()));
    };
    let (age, uploads) = most;
    // A figure that is not known at that age is judged where most uploads have it: retention is told of totals only.
    let best = |metric: Metric| {
        let known = |figures: &[VideoFigures]| figures.iter().filter(|video| video.value(metric).is_some()).count();
        by_age.iter().max_by_key(|(age, figures)| (known(figures.as_slice()), std::cmp::Reverse(age.0))).unwrap_or(most)
    };
    for order in &mut orders {
        order.outcome = trigger::outcome(order, &best(order.metric).1, today);
    }
    let mut given: Vec<StandingOrder> = Vec::new();
    for metric in trigger::STEERED {
        let (age, uploads) = best(metric);
        let of_metric = |order: &StandingOrder| order.metric == metric;
        given.extend(trigger::orders(of, *age, uploads, &orders).into_iter().filter(of_metric));
    }
    let before = kpi::recalibrations(records, &profile.id).await?;
    let measured =
        videos.whole(today).iter().filter(|video| trigger::STEERED.iter().any(|of| video.value(*of).is_some())).count();
    let recalibration = trigger::recalibration(of, measured, governance::newest(&before, today), &baselines);
    let thresholds =
        recalibration.as_ref().map_or_else(|| governance::bounds(profile, &before, today), |new| new.bounds);
    let (decision, why) = governance::judged(uploads, &thresholds);
    orders.extend(given.iter().cloned());
    if !dry_run {
        kpi::put_judgement(records, &profile.id, &baselines, &orders, recalibration.as_ref()).await?;
        // Measured at the age at which first days no longer count: the second of the policy's.
        let kept = kpi::experiments(records, &profile.id).await?;
        if let Some((age, figures)) = by_age.get(1).filter(|_| !kept.is_empty()) {
            let lines: Vec<Baseline> = baselines.iter().filter(|line| line.age == *age).cloned().collect();
            let over: Vec<Experiment> =
                kept.iter().filter_map(|one| experiment::measured(one, figures, &lines, today)).collect();
            kpi::put_experiments(records, &profile.id, &over).await?;
        }
    }
    let (age_days, uploads) = (*age, uploads.len());
    let channel = profile.id.clone();
    Ok(Judgement {
        channel,
        as_of: today,
        age_days,
        uploads,
        baselines,
        given,
        orders,
        decision,
        why,
        thresholds,
        recalibration,
    })
}

/// What a day's measuring came to, for one channel.
#[derive(Clone, Debug, Serialize)]
pub struct Daily {
    /// Channel.
    pub channel: ChannelId,
    /// What was read.
    pub fetched: Fetched,
    /// What followed.
    pub judged: Judgement,
}

/// A day's measuring of every channel: read, then judge. What is closed or late is a state of its channel, and the next is measured.
///
/// # Errors
/// The records or blobs; what was stored until then stays, and the same call goes on.
pub async fn daily(
    office: &Office,
    outside: &dyn Outside,
    secrets: &Arc<dyn Secrets>,
    pager: &dyn Pager,
) -> Result<Vec<Daily>, OperationError> {
    let mut told = Vec::new();
    for profile in office.channels.profiles().await? {
        let tokens = Tokens::new(Arc::clone(secrets));
        let fetched = fetch(office, outside, &tokens, pager, &profile, Ask::default()).await?;
        let judged = judge(office, &profile, pacific_today(office.clock.as_ref())?, false).await?;
        told.push(Daily { channel: profile.id, fetched, judged });
    }
    Ok(told)
}
