//! Reach: impressions and click-through rates, which come as files of a job that is made once.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::ReachFile;
use proofreel_model::policy::kpi_law;
use proofreel_pipeline::kpi;
use proofreel_ports::CallError;
use proofreel_providers::youtube_analytics::{Analytics, FiguresError, Report};
use serde::Serialize;

use super::fetch::Rows;
use crate::{Office, OperationError};

/// What became of reach reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReachTold {
    /// The job, once there is one.
    pub job: Option<String>,
    /// Files that were fetched now.
    pub files: usize,
    /// Rows in them that name a video.
    pub rows: usize,
    /// True while YouTube has made no file: the first comes two days after the job.
    pub waiting: bool,
}

/// Reads the files that were not fetched yet. Each is kept whole before it is read.
pub(super) async fn read(
    office: &Office,
    client: &Analytics<'_>,
    channel: &ChannelId,
    dry_run: bool,
    rows: &mut Rows,
    notes: &mut Vec<String>,
) -> Result<(ReachTold, Vec<ReachFile>), OperationError> {
    let records = office.records.as_ref();
    let mut told = ReachTold::default();
    let Some(job) = job(office, client, channel, dry_run, notes).await? else { return Ok((told, Vec::new())) };
    told.job = Some(job.clone());
    let since = office.clock.now() - SignedDuration::from_hours(24 * i64::from(kpi_law().fetch.reach_days));
    let reports = match client.reach_reports(&job, since).await {
        Ok(reports) => reports,
        Err(error) => {
            if matches!(error, FiguresError::Call(CallError::Status { status: 404, .. })) && !dry_run {
                kpi::put_reach_job(records, channel, None).await?;
                notes.push("YouTube no longer knows the job of the reach reports; the next fetch makes another".into());
            } else {
                notes.push(first_line("the list of reach reports", &error));
            }
            return Ok((told, Vec::new()));
        }
    };
    told.waiting = reports.is_empty();
    if told.waiting {
        notes.push("no reach report yet: YouTube makes the first one two days after the job".into());
    }
    let known = kpi::reach_files(records, channel).await?;
    let fetched: BTreeSet<&str> = known.iter().map(|file| file.report.as_str()).collect();
    let mut files = Vec::new();
    for report in reports.iter().filter(|report| !fetched.contains(name(report).as_str())) {
        let read = async {
            let bytes = client.reach_file(report).await?;
            let snapshots = client.read_reach(&bytes)?;
            Ok::<_, FiguresError>((bytes, snapshots))
        };
        let (bytes, snapshots) = match read.await {
            Ok(read) => read,
            Err(error) => {
                notes.push(first_line(&format!("reach report {}", name(report)), &error));
                continue;
            }
        };
        told.files += 1;
        told.rows += snapshots.len();
        if !dry_run {
            let blob = office.blobs.store(&format!("kpi/{channel}/reach"), &bytes).await?;
            let (report, start, made) = (name(report), report.start_time, report.create_time);
            files.push(ReachFile { report, start, made, blob, rows: snapshots.len() });
        }
        rows.extend(snapshots);
    }
    Ok((told, files))
}

/// The job: remembered, found, or made.
async fn job(
    office: &Office,
    client: &Analytics<'_>,
    channel: &ChannelId,
    dry_run: bool,
    notes: &mut Vec<String>,
) -> Result<Option<String>, OperationError> {
    let records = office.records.as_ref();
    if let Some(job) = kpi::reach_job(records, channel).await? {
        return Ok(Some(job));
    }
    if dry_run {
        notes.push("the job of the reach reports would be looked for, and made when there is none".into());
        return Ok(None);
    }
    match client.reach_job().await {
        Ok(job) => {
            kpi::put_reach_job(records, channel, Some(&job)).await?;
            Ok(Some(job))
        }
        Err(error) => {
            notes.push(first_line("the job of the reach reports", &error));
            Ok(None)
        }
    }
}

/// YouTube's id of a report, as a key takes it.
fn name(report: &Report) -> String {
    report.id.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.')).take(64).collect()
}

fn first_line(of: &str, error: &FiguresError) -> String {
    format!("{of}: {}", error.to_string().lines().next().unwrap_or_default())
}
