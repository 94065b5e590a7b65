//! What the records say of a month, for the budget: runs and their attempts, films, what providers were asked for, mails.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_insight::budget::{self, Channels, Film, Month, Recorded};
use proofreel_insight::sli::Attempt;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::BlobRef;
use proofreel_model::records::{PipelineRun, RunHead, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{DriverError, run_rows, runs_between};

use crate::shelf::usage_of;
use crate::{Office, OperationError, notices};

/// The film's video among a run's files.
const VIDEO: &str = "video.mp4";
/// A run that was ordered so long before a month may still have been at work in it, days.
const DAYS_BEFORE: i64 = 31;

/// What all channels did in the month of `day`, UTC. A run whose rows cannot be read is named, and left out.
///
/// # Errors
/// The records.
pub async fn recorded(office: &Office, day: Date) -> Result<Recorded, OperationError> {
    let records = office.records.as_ref();
    let (first, end) = (midnight(day.first_of_month())?, midnight(day.last_of_month().saturating_add(1.day()))?);
    let before = midnight(day.first_of_month().saturating_sub(DAYS_BEFORE.days()))?;
    let (runs, list) = runs_between(records, before, end).await?;
    let mut found = Recorded {
        month: day.first_of_month(),
        now: office.clock.now(),
        runs,
        usage: usage_of(records, day).await?,
        mails: notices::mailed(records, first, end).await?,
        unreadable: list.unreadable.into_iter().map(|run| run.run).collect(),
        ..Recorded::default()
    };
    let mut kept: BTreeMap<String, u64> = BTreeMap::new();
    for head in list.heads {
        if head.created_at >= first {
            found.ordered.push(head.run_id.clone());
            kept.extend(blobs(&head).map(|blob| (blob.key.clone(), blob.bytes)));
        }
        // What changed a run is told in its head.
        if head.updated_at < first {
            continue;
        }
        let rows = match run_rows(records, &head.run_id).await {
            Ok(rows) => rows,
            Err(DriverError::Unreadable { .. }) => {
                found.unreadable.push(head.run_id.to_string());
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let of_month: Vec<&PipelineRun> = rows.iter().filter(|row| (first..end).contains(&row.created_at)).collect();
        found.attempts.extend(of_month.iter().map(|row| Attempt::of(row)));
        found.films.extend(film(&head, &of_month));
    }
    found.kept_bytes = kept.values().sum();
    Ok(found)
}

/// The month of `day` as the checkout that this program was built from reckons it, with what became of it.
///
/// # Errors
/// The records.
pub async fn budget(office: &Office, profiles: &[ChannelProfile], day: Date) -> Result<Month, OperationError> {
    let basis = budget::own();
    let fail = |why: String| OperationError::Unreadable { what: "the budget".into(), why };
    let mut month = basis.month(Channels::of(profiles)).map_err(fail)?;
    basis.went(&mut month, &recorded(office, day).await?, None).map_err(fail)?;
    Ok(month)
}

/// The film that these rows finished, if one did.
fn film(head: &RunHead, rows: &[&PipelineRun]) -> Option<Film> {
    let rendered = |row: &&&PipelineRun| {
        row.stage == StageName::Render && row.status == RunStatus::Success && row.outcome == "advance"
    };
    let at = rows.iter().rev().find(rendered)?.created_at;
    let bytes = head.files.get(VIDEO)?.bytes;
    Some(Film { run: head.run_id.clone(), bytes, at })
}

fn blobs(head: &RunHead) -> impl Iterator<Item = &BlobRef> {
    std::iter::once(&head.order).chain(head.artifacts.values()).chain(head.files.values())
}

fn midnight(day: Date) -> Result<Timestamp, OperationError> {
    let zoned = day.to_zoned(TimeZone::UTC);
    zoned.map(|zoned| zoned.timestamp()).map_err(|error| OperationError::Input(format!("{day}: {error}")))
}
