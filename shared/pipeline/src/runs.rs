//! Reading the run log.

use futures::future::try_join_all;
use jiff::civil::Date;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::records::{PipelineRun, RunHead};
use proofreel_ports::{Item, Records};
use serde_json::Value;

use crate::error::DriverError;
use crate::keys;

/// Heads that are asked for at once.
const AT_ONCE: usize = 10;

/// The newest `most` runs, newest first. Reads the end of the list and these heads, however many runs there are.
pub async fn list_runs(records: &dyn Records, most: usize) -> Result<Vec<RunHead>, DriverError> {
    let newest = records.last(keys::RUNS, most).await?;
    let runs = newest.iter().map(|item| Ok(listed(item)?.0)).collect::<Result<Vec<_>, DriverError>>()?;
    let mut heads = Vec::new();
    for some in runs.chunks(AT_ONCE) {
        heads.extend(try_join_all(some.iter().map(|run| run_head(records, run))).await?);
    }
    Ok(heads)
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
