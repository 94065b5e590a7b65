//! Reading the run log.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunHead, RunState};
use proofreel_ports::{Item, Records};
use serde_json::Value;

use crate::error::DriverError;
use crate::keys;

/// All runs, newest first.
pub async fn list_runs(records: &dyn Records) -> Result<Vec<RunHead>, DriverError> {
    let mut heads = Vec::new();
    for item in records.query(keys::RUNS, "").await?.into_iter().rev() {
        heads.push(run_head(records, &listed_run(&item)?).await?);
    }
    Ok(heads)
}

/// Runs under way that were ordered in the month of `now` or the one before it: what a schedule has to look after. The
/// bound keeps the cost of a look from growing with the years; an older run that goes on shows by its message.
pub async fn runs_under_way(records: &dyn Records, now: Timestamp) -> Result<Vec<RunHead>, DriverError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut heads = Vec::new();
    for month in [today.first_of_month().yesterday().unwrap_or(today), today] {
        for item in records.query(keys::RUNS, &month.strftime("%Y-%m-").to_string()).await? {
            let head = run_head(records, &listed_run(&item)?).await?;
            if matches!(head.state, RunState::Running { .. }) {
                heads.push(head);
            }
        }
    }
    Ok(heads)
}

fn listed_run(item: &Item) -> Result<RunId, DriverError> {
    let run = item.body.get("run_id").and_then(Value::as_str).ok_or_else(|| DriverError::Unreadable {
        what: format!("row {} of the list of runs", item.sk),
        why: "it has no run_id".into(),
    })?;
    Ok(RunId::from(run))
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
