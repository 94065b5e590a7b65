//! Reading the run log.

use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunHead};
use proofreel_ports::Records;
use serde_json::Value;

use crate::error::DriverError;
use crate::keys;

/// All runs, newest first.
pub async fn list_runs(records: &dyn Records) -> Result<Vec<RunHead>, DriverError> {
    let mut heads = Vec::new();
    for item in records.query(keys::RUNS, "").await?.into_iter().rev() {
        let run = item.body.get("run_id").and_then(Value::as_str).ok_or_else(|| DriverError::Unreadable {
            what: format!("row {} of the list of runs", item.sk),
            why: "it has no run_id".into(),
        })?;
        heads.push(run_head(records, &RunId::from(run)).await?);
    }
    Ok(heads)
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
