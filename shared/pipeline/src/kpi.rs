//! Where KPIs lie in the one table: snapshots, videos, imports, baselines and standing orders of a channel.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `kpi#<channel>` | `snapshot#<day>#<span>#<subject>` | [`KpiSnapshot`] |
//! | `kpi#<channel>` | `video#<id>` | [`VideoCard`] |
//! | `kpi#<channel>` | `import#<digest>` | [`KpiImport`] |
//! | `kpi#<channel>` | `baseline#<metric>#<first day of age>` | [`Baseline`] |
//! | `kpi#<channel>` | `order#<day>#<kind>` | [`StandingOrder`] |
//! | `kpi#<channel>` | `recalibration#<day>` | [`Recalibration`] |
//! | `kpi#<channel>` | `experiment#<day>#<video>#<type>` | [`Experiment`] |
//! | `kpi#<channel>` | `curve#<video>` | [`RetentionCurve`], the newest |
//! | `kpi#<channel>` | `reach-job` | id of the job that makes reach reports |
//! | `kpi#<channel>` | `reach#<report>` | [`ReachFile`]: fetched once, kept in the blobs |

use std::collections::BTreeMap;

use proofreel_model::experiment::Experiment;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{
    Baseline, Figures, KpiImport, KpiSnapshot, ReachFile, Recalibration, RetentionCurve, StandingOrder, VideoCard,
};
use proofreel_ports::{Condition, Item, Records, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::DriverError;

const REACH_JOB: &str = "reach-job";
/// Writes of one transaction.
const AT_ONCE: usize = 25;

/// What a write changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Rows that were not there.
    pub new: usize,
    /// Rows that say something else now.
    pub changed: usize,
    /// Rows that were there as they are.
    pub same: usize,
}

fn partition(channel: &ChannelId) -> String {
    format!("kpi#{channel}")
}

/// All rows of a channel under a prefix, by sort key.
async fn rows<T: DeserializeOwned>(
    records: &dyn Records,
    channel: &ChannelId,
    prefix: &str,
) -> Result<Vec<T>, DriverError> {
    let items = records.query(&partition(channel), prefix).await?;
    items.into_iter().map(|item| row(&item.sk, item.body)).collect()
}

fn row<T: DeserializeOwned>(sk: &str, body: Value) -> Result<T, DriverError> {
    serde_json::from_value(body)
        .map_err(|error| DriverError::Unreadable { what: format!("KPI row {sk}"), why: error.to_string() })
}

fn put<T: Serialize>(channel: &ChannelId, sk: String, body: &T) -> Result<Write, DriverError> {
    let body = serde_json::to_value(body)
        .map_err(|error| DriverError::Unwritable { what: format!("KPI row {sk}"), why: error.to_string() })?;
    Ok(Write::Put { item: Item { pk: partition(channel), sk, body }, condition: Condition::None })
}

/// A channel's snapshots, oldest day first.
pub async fn snapshots(records: &dyn Records, channel: &ChannelId) -> Result<Vec<KpiSnapshot>, DriverError> {
    rows(records, channel, "snapshot#").await
}

/// A channel's videos.
pub async fn videos(records: &dyn Records, channel: &ChannelId) -> Result<Vec<VideoCard>, DriverError> {
    rows(records, channel, "video#").await
}

/// A channel's baselines as they were last drawn.
pub async fn baselines(records: &dyn Records, channel: &ChannelId) -> Result<Vec<Baseline>, DriverError> {
    rows(records, channel, "baseline#").await
}

/// All orders that a channel was ever given, oldest first.
pub async fn standing_orders(records: &dyn Records, channel: &ChannelId) -> Result<Vec<StandingOrder>, DriverError> {
    rows(records, channel, "order#").await
}

/// A channel's imports.
pub async fn imports(records: &dyn Records, channel: &ChannelId) -> Result<Vec<KpiImport>, DriverError> {
    rows(records, channel, "import#").await
}

/// The newest retention curve of each video.
pub async fn curves(records: &dyn Records, channel: &ChannelId) -> Result<Vec<RetentionCurve>, DriverError> {
    rows(records, channel, "curve#").await
}

/// Stores retention curves, each in place of the one before.
pub async fn put_curves(
    records: &dyn Records,
    channel: &ChannelId,
    curves: &[RetentionCurve],
) -> Result<(), DriverError> {
    let writes: Result<Vec<Write>, DriverError> =
        curves.iter().map(|curve| put(channel, format!("curve#{}", curve.video_id), curve)).collect();
    write_all(records, writes?).await
}

/// The job that makes the channel's reach reports, once it was made.
pub async fn reach_job(records: &dyn Records, channel: &ChannelId) -> Result<Option<String>, DriverError> {
    let row = records.get(&partition(channel), REACH_JOB).await?;
    Ok(row.as_ref().and_then(|row| row.get("job")).and_then(Value::as_str).map(str::to_owned))
}

/// Remembers the job, or forgets it when YouTube no longer knows it.
pub async fn put_reach_job(records: &dyn Records, channel: &ChannelId, job: Option<&str>) -> Result<(), DriverError> {
    let (pk, sk) = (partition(channel), REACH_JOB.to_owned());
    let write = match job {
        Some(job) => {
            Write::Put { item: Item { pk, sk, body: serde_json::json!({ "job": job }) }, condition: Condition::None }
        }
        None => Write::Delete { pk, sk, condition: Condition::None },
    };
    write_all(records, vec![write]).await
}

/// Files of the Reporting API that were fetched.
pub async fn reach_files(records: &dyn Records, channel: &ChannelId) -> Result<Vec<ReachFile>, DriverError> {
    rows(records, channel, "reach#").await
}

/// Notes that files were fetched.
pub async fn put_reach_files(
    records: &dyn Records,
    channel: &ChannelId,
    files: &[ReachFile],
) -> Result<(), DriverError> {
    let writes: Result<Vec<Write>, DriverError> =
        files.iter().map(|file| put(channel, format!("reach#{}", file.report), file)).collect();
    write_all(records, writes?).await
}

/// What an import would change, and the rows it would write: figures that the newer file does not have are kept.
pub async fn merged(
    records: &dyn Records,
    channel: &ChannelId,
    fresh: &[KpiSnapshot],
    cards: &[VideoCard],
) -> Result<(Stored, Vec<KpiSnapshot>, Vec<VideoCard>), DriverError> {
    let old: BTreeMap<String, KpiSnapshot> =
        snapshots(records, channel).await?.into_iter().map(|snapshot| (snapshot.key(), snapshot)).collect();
    let known: BTreeMap<String, VideoCard> =
        videos(records, channel).await?.into_iter().map(|card| (card.video_id.clone(), card)).collect();
    let mut stored = Stored::default();
    let mut written = Vec::new();
    for snapshot in fresh {
        let Some(before) = old.get(&snapshot.key()) else {
            stored.new += 1;
            written.push(snapshot.clone());
            continue;
        };
        let figures = over(&before.figures, &snapshot.figures);
        if figures == before.figures {
            stored.same += 1;
        } else {
            stored.changed += 1;
            written.push(KpiSnapshot { figures, ..snapshot.clone() });
        }
    }
    let mut named = Vec::new();
    for card in cards {
        let before = known.get(&card.video_id);
        let card = VideoCard {
            published: card.published.or(before.and_then(|card| card.published)),
            length_seconds: card.length_seconds.or(before.and_then(|card| card.length_seconds)),
            run: card.run.clone().or_else(|| before.and_then(|card| card.run.clone())),
            ..card.clone()
        };
        if before != Some(&card) {
            named.push(card);
        }
    }
    Ok((stored, written, named))
}

/// `fresh` over `old`: what the newer one does not know stays.
pub fn over(old: &Figures, fresh: &Figures) -> Figures {
    let mut other = old.other.clone();
    other.extend(fresh.other.iter().map(|(name, value)| (name.clone(), *value)));
    Figures {
        views: fresh.views.or(old.views),
        engaged_views: fresh.engaged_views.or(old.engaged_views),
        watch_hours: fresh.watch_hours.or(old.watch_hours),
        avd_seconds: fresh.avd_seconds.or(old.avd_seconds),
        avd_share: fresh.avd_share.or(old.avd_share),
        retention_30s: fresh.retention_30s.or(old.retention_30s),
        impressions: fresh.impressions.or(old.impressions),
        ctr: fresh.ctr.or(old.ctr),
        revenue_usd: fresh.revenue_usd.or(old.revenue_usd),
        other,
    }
}

/// Stores snapshots and videos that [`merged`] gave, and last the import itself. A crash between leaves rows that the same
/// import finds as they are.
pub async fn put_import(
    records: &dyn Records,
    import: &KpiImport,
    channel: &ChannelId,
    snapshots: &[KpiSnapshot],
    cards: &[VideoCard],
) -> Result<(), DriverError> {
    let mut writes = Vec::new();
    for card in cards {
        writes.push(put(channel, format!("video#{}", card.video_id), card)?);
    }
    for snapshot in snapshots {
        writes.push(put(channel, format!("snapshot#{}", snapshot.key()), snapshot)?);
    }
    writes.push(put(channel, format!("import#{}", import.digest), import)?);
    write_all(records, writes).await
}

/// Stores one video, as publishing does when it learns of it.
pub async fn put_video(records: &dyn Records, channel: &ChannelId, card: &VideoCard) -> Result<(), DriverError> {
    write_all(records, vec![put(channel, format!("video#{}", card.video_id), card)?]).await
}

/// A channel's recalibrations, oldest first; the last one is in force.
pub async fn recalibrations(records: &dyn Records, channel: &ChannelId) -> Result<Vec<Recalibration>, DriverError> {
    rows(records, channel, "recalibration#").await
}

/// A channel's experiments, oldest first.
pub async fn experiments(records: &dyn Records, channel: &ChannelId) -> Result<Vec<Experiment>, DriverError> {
    rows(records, channel, "experiment#").await
}

/// Stores experiments, each in place of what was known of it.
pub async fn put_experiments(
    records: &dyn Records,
    channel: &ChannelId,
    experiments: &[Experiment],
) -> Result<(), DriverError> {
    let writes: Result<Vec<Write>, DriverError> =
        experiments.iter().map(|experiment| put(channel, experiment.key(), experiment)).collect();
    write_all(records, writes?).await
}

/// Stores baselines, orders, and the recalibration that is due, if one is.
pub async fn put_judgement(
    records: &dyn Records,
    channel: &ChannelId,
    baselines: &[Baseline],
    orders: &[StandingOrder],
    recalibration: Option<&Recalibration>,
) -> Result<(), DriverError> {
    let mut writes = Vec::new();
    if let Some(recalibration) = recalibration {
        writes.push(put(channel, format!("recalibration#{}", recalibration.as_of), recalibration)?);
    }
    for baseline in baselines {
        writes.push(put(channel, baseline.key(), baseline)?);
    }
    for order in orders {
        writes.push(put(channel, format!("order#{}", order.id), order)?);
    }
    write_all(records, writes).await
}

async fn write_all(records: &dyn Records, writes: Vec<Write>) -> Result<(), DriverError> {
    for chunk in writes.chunks(AT_ONCE) {
        records.transact(chunk.to_vec()).await?;
    }
    Ok(())
}
