//! Reading the run log.

use futures::future::join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::records::{PipelineRun, RunHead};
use proofreel_ports::{Item, Records};
use serde::Serialize;
use serde_json::Value;

use crate::error::DriverError;
use crate::keys;

/// Heads that are asked for at once.
const AT_ONCE: usize = 10;

/// A list of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunList {
    /// Where each run is, newest first.
    pub heads: Vec<RunHead>,
    /// Runs whose head cannot be read, newest first: one row that another version wrote, or a hand damaged, must not hide the rest.
    pub unreadable: Vec<UnreadableRun>,
}

/// A run of which the list tells, and whose head cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadableRun {
    /// The run; the row of the list, where that one names none.
    pub run: String,
    /// Its channel, where the list names it.
    pub channel: Option<ChannelId>,
    /// Why it cannot be read.
    pub why: String,
}

/// The newest `most` runs, newest first. Reads the end of the list and these heads, however many runs there are. A row that cannot
/// be read is told among [`RunList::unreadable`].
///
/// # Errors
/// Storage.
pub async fn list_runs(records: &dyn Records, most: usize) -> Result<RunList, DriverError> {
    heads(records, &records.last(keys::RUNS, most).await?).await
}

/// The heads of these rows of the list, in their order.
async fn heads(records: &dyn Records, rows: &[Item]) -> Result<RunList, DriverError> {
    let mut list = RunList::default();
    for some in rows.chunks(AT_ONCE) {
        let read = some.iter().map(async |item| {
            let (run, channel) = match listed(item) {
                Ok(named) => named,
                Err(error) => return (item.sk.clone(), None, Err(error)),
            };
            let head = run_head(records, &run).await;
            (run.0, Some(channel), head)
        });
        for (run, channel, head) in join_all(read).await {
            match head {
                Ok(head) => list.heads.push(head),
                Err(error @ (DriverError::Unreadable { .. } | DriverError::NoSuchRun { .. })) => {
                    list.unreadable.push(UnreadableRun { run, channel, why: error.to_string() });
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(list)
}

/// How many runs were ordered before `until`, and where those of them are that were ordered from `from` on, oldest first. Reads the
/// list and these heads: what a month used is asked of a store that has years of runs.
///
/// # Errors
/// Storage.
pub async fn runs_between(
    records: &dyn Records,
    from: Timestamp,
    until: Timestamp,
) -> Result<(usize, RunList), DriverError> {
    let mut listed = records.query(keys::RUNS, "").await?;
    listed.retain(|item| item.sk.as_str() < format!("{until:.9}").as_str());
    let all = listed.len();
    listed.retain(|item| item.sk.as_str() >= format!("{from:.9}").as_str());
    Ok((all, heads(records, &listed).await?))
}

/// A channel's runs that were ordered in the month of `day`, newest first. Reads nothing of other months and no heads of other
/// channels: the list grows for ever.
pub(crate) async fn runs_of_month(
    records: &dyn Records,
    channel: &ChannelId,
    day: Date,
) -> Result<Vec<RunHead>, DriverError> {
    let mut heads = Vec::new();
    for item in records.query(keys::RUNS, &day.strftime("%Y-%m-").to_string()).await?.iter().rev() {
        let (run, of) = listed(item)?;
        if of == *channel {
            heads.push(run_head(records, &run).await?);
        }
    }
    Ok(heads)
}

/// Run and channel of a row of the list.
fn listed(item: &Item) -> Result<(RunId, ChannelId), DriverError> {
    let text = |member: &str| {
        item.body.get(member).and_then(Value::as_str).ok_or_else(|| DriverError::Unreadable {
            what: format!("row {} of the list of runs", item.sk),
            why: format!("it has no {member}"),
        })
    };
    Ok((RunId::from(text("run_id")?), ChannelId::from(text("channel")?)))
}

/// Where a run is.
pub async fn run_head(records: &dyn Records, run: &RunId) -> Result<RunHead, DriverError> {
    let row = records.get(&keys::run(run), keys::HEAD).await?;
    let row = row.ok_or_else(|| DriverError::NoSuchRun { run: run.clone() })?;
    serde_json::from_value(row)
        .map_err(|error| DriverError::Unreadable { what: format!("the head of run {run}"), why: error.to_string() })
}

/// The attempts of a run in the order they were recorded. Rows of the same instant come in the order of visits
/// and of the chain.
pub async fn run_rows(records: &dyn Records, run: &RunId) -> Result<Vec<PipelineRun>, DriverError> {
    let mut rows = Vec::new();
    for item in records.query(&keys::run(run), keys::LOG).await? {
        let row: PipelineRun = serde_json::from_value(item.body).map_err(|error| DriverError::Unreadable {
            what: format!("row {} of run {run}", item.sk),
            why: error.to_string(),
        })?;
        rows.push(row);
    }
    rows.sort_by_key(|row| (row.created_at, row.visit, row.stage, row.attempts));
    Ok(rows)
}
