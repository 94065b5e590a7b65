//! One look of the watchdog at the records, whoever asks for it: the operator's command, or a function every hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_insight::phase::{self, Known};
use proofreel_insight::sli::Attempt;
use proofreel_insight::slots::{Pause, SlotRun, due_times};
use proofreel_insight::watchdog::{self, Broken, Condition, Seen, conditions, metrics};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::{Incident, IncidentKind, Page};
use proofreel_model::policy::slo_law;
use proofreel_model::records::RunStatus;
use proofreel_pipeline::{UnreadableRun, incidents, kpi, list_runs, run_rows};
use proofreel_ports::{Outside, Pager, Records};
use proofreel_publishing::{Publication, PublishState, shown_state};
use serde::Serialize;

use crate::raise::{self, Trouble};
use crate::{Office, OperationError, consent, settings};

/// Days of the run log that a look reads: the longest tail that pages, in slots and weeks, and one more.
pub const DAYS: i64 = 63;
/// Newest runs that are looked through.
const MOST_RUNS: usize = 2000;

/// The stage under whose name publications are judged.
const PUBLISH: &str = "publish";

/// How to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Slots are those of the batch's schedule, so that an episode that nobody ordered is a breach; else each run is its own slot.
    pub scheduled: bool,
    /// Nothing is stored and nobody is told.
    pub dry_run: bool,
}

/// What a look found.
#[derive(Clone, Debug, Serialize)]
pub struct Looked {
    /// When.
    pub at: Timestamp,
    /// What is wrong now.
    pub conditions: Vec<Condition>,
    /// What was told, or would be.
    pub pages: Vec<Page>,
    /// The composite gauges, by name.
    pub metrics: BTreeMap<&'static str, f64>,
    /// Runs looked at.
    pub runs: usize,
    /// Their attempts.
    pub attempts: usize,
}

impl Looked {
    /// True when something is wrong that a person is called for.
    pub fn is_wrong(&self) -> bool {
        self.conditions.iter().any(|condition| condition.pages)
    }
}

/// Whether the watchdog itself is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Beat {
    /// It looked within the hours that the policy allows.
    pub alive: bool,
    /// When it last looked.
    pub last: Option<Timestamp>,
}

/// Looks, tells who must know, and writes incidents and the beat. `outside` is asked what is left of providers' allowances, and
/// for nothing else.
///
/// # Errors
/// The records, or the pager.
pub async fn look(
    office: &Office,
    pager: &dyn Pager,
    outside: &dyn Outside,
    ask: Ask,
) -> Result<Looked, OperationError> {
    let (records, now) = (office.records.as_ref(), office.clock.now());
    let since = now - (DAYS * 24).hours();
    let (runs, mut attempts, unreadable) = log_since(records, since).await?;
    let channels: Vec<ChannelId> =
        runs.iter().map(|run| run.channel.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let published = publications(office, &channels).await?;
    attempts.extend(published.iter().filter(|row| row.updated_at >= since).filter_map(|row| attempt(row, now)));
    let broken = broken(&published);
    let first = runs.iter().map(|run| run.ordered).min().unwrap_or(now);
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let due: Vec<Timestamp> = due_times(day(first), day(now)).into_iter().filter(|due| *due >= first).collect();
    let pauses: Vec<Pause> = incidents::pauses(records).await?;
    let kept = incidents::incidents(records).await?;
    let known: Vec<Incident> = kept.iter().map(|(_, incident)| incident.clone()).collect();
    // Accounts that cannot be read have no datapoint; nothing else is left unwatched for that.
    let left = outside.left().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what is left of providers' allowances is not known");
        Vec::new()
    });
    let seen = Seen {
        now,
        channels: &channels,
        runs: &runs,
        attempts: &attempts,
        schedule: ask.scheduled.then_some(&due),
        pauses: &pauses,
        last_beat: incidents::last_beat(records).await?,
        phases: &phases(records, &channels, day(now)).await?,
        broken: &broken,
        left: &left,
    };
    let wrong = conditions(&seen);
    let found = watchdog::look(now, &wrong, &known);
    let gauges = metrics(&seen, &wrong, &known);
    if !ask.dry_run {
        for page in &found.pages {
            pager.page(page).await?;
        }
        // Told before stored: after a crash between, somebody is called twice rather than not at all.
        for incident in &found.incidents {
            let same = |(_, other): &&(String, Incident)| {
                other.cause == incident.cause && other.created_at == incident.created_at
            };
            let sk = kept.iter().find(same).map_or_else(|| incidents::incident_key(incident), |(sk, _)| sk.clone());
            incidents::put_incident(records, &sk, incident).await?;
        }
        incidents::put_beat(records, now).await?;
        settings::note(office).await?;
        for profile in office.channels.profiles().await? {
            consent::watch(office, pager, &profile.id).await?;
        }
        for run in &unreadable {
            raise::open(office, pager, &of_unreadable(run), true).await?;
        }
    }
    Ok(Looked {
        at: now,
        conditions: wrong,
        pages: found.pages,
        metrics: gauges,
        runs: runs.len(),
        attempts: attempts.len(),
    })
}

/// Whether the watchdog looked lately.
///
/// # Errors
/// The records.
pub async fn beat(office: &Office) -> Result<Beat, OperationError> {
    let last = incidents::last_beat(office.records.as_ref()).await?;
    let alive = last.is_some_and(|last| office.clock.now() - slo_law().paging.beat_hours.hours() <= last);
    Ok(Beat { alive, last })
}

/// Notes days on which the owner wants no episode: their slots neither count nor reset.
///
/// # Errors
/// The pause ends before it begins, or the records.
pub async fn pause(office: &Office, pause: &Pause) -> Result<(), OperationError> {
    if pause.until < pause.from {
        return Err(OperationError::Input("the pause ends before it begins\n  hint: --until is its last day".into()));
    }
    let channel = pause.channel.as_ref().map_or("all", ChannelId::as_str);
    Ok(incidents::put_pause(office.records.as_ref(), &format!("{}#{channel}", pause.from), pause).await?)
}

/// Whether each channel has left phase 0, which is when more objectives begin to count.
async fn phases(
    records: &dyn Records,
    channels: &[ChannelId],
    today: Date,
) -> Result<BTreeMap<ChannelId, u8>, OperationError> {
    let mut phases = BTreeMap::new();
    for channel in channels {
        let (cards, baselines) = (kpi::videos(records, channel).await?, kpi::baselines(records, channel).await?);
        let criteria = phase::criteria(&Known {
            channel,
            today,
            cards: &cards,
            snapshots: &[],
            baselines: &baselines,
            orders: &[],
            attempts: &[],
            rewrites: &[],
            channels: &[],
        });
        phases.insert(channel.clone(), phase::phase(&criteria));
    }
    Ok(phases)
}

/// The rows of publications, which say what became of publishing: the run log does not. What a channel published while it has no
/// run in the log is looked at through the channel files.
async fn publications(office: &Office, channels: &[ChannelId]) -> Result<Vec<Publication>, OperationError> {
    let named = office.channels.profiles().await?.into_iter().map(|profile| profile.id);
    let all: BTreeSet<ChannelId> = channels.iter().cloned().chain(named).collect();
    let mut rows = Vec::new();
    for channel in all {
        rows.extend(office.ledger().of_channel(&channel).await?);
    }
    Ok(rows)
}

/// A publication that came to an end, good or bad, or stands still where it is tried again by itself: then its worker is gone, or
/// its message lies with the dead letters.
fn attempt(row: &Publication, now: Timestamp) -> Option<Attempt> {
    let patience = slo_law().paging.stuck_minutes.minutes();
    let undone = row.retraction.as_ref().filter(|retraction| !retraction.done);
    let (status, error) = match row.state {
        _ if undone.is_some_and(|undone| undone.at.checked_add(patience).is_ok_and(|until| now > until)) => {
            let told = format!("it was taken back and is not hidden; go on with: proofreel retract {}", row.run);
            (RunStatus::Failure, Some(told))
        }
        PublishState::Published | PublishState::Retracted => (RunStatus::Success, None),
        PublishState::PublishLocked | PublishState::Failed => {
            let problem = row.problem.as_ref().map(|problem| problem.lines().next().unwrap_or_default().to_owned());
            (RunStatus::Failure, problem)
        }
        PublishState::Publishing if row.updated_at.checked_add(patience).is_ok_and(|until| now > until) => {
            let step = format!(
                "it began and has not moved since {}; go on with: proofreel publish {}",
                row.updated_at, row.run
            );
            (RunStatus::Failure, Some(step))
        }
        _ => return None,
    };
    Some(Attempt {
        channel: row.channel.clone(),
        run: row.run.clone(),
        stage: PUBLISH.to_owned(),
        visit: 1,
        status,
        outcome: shown_state(row.state).to_owned(),
        error,
        latency_ms: 0,
        cost_usd: 0.0,
        outside_calls: None,
        cache_hits: None,
        sent: None,
        rate_limited: None,
        at: row.updated_at,
    })
}

/// A run whose row cannot be read is told once: it is judged by nobody, and its own commands stop at it.
fn of_unreadable(run: &UnreadableRun) -> Trouble {
    Trouble {
        kind: IncidentKind::Unreadable,
        cause: format!("unreadable#{}", run.run),
        channel: run.channel.clone(),
        runs: vec![RunId::from(run.run.as_str())],
        what: format!("the row of run {} cannot be read; lists show all others\n{}", run.run, run.why),
        runbook: "unreadable-row",
    }
}

/// What must never be: one film, or one video of a host, that two runs published.
fn broken(rows: &[Publication]) -> Vec<Broken> {
    let shown = rows.iter().filter(|row| row.state == PublishState::Published);
    let mut seen: BTreeMap<(String, String), Vec<&Publication>> = BTreeMap::new();
    for row in shown {
        let host = row.host.clone().unwrap_or_default();
        seen.entry((host.clone(), format!("film {}", row.film))).or_default().push(row);
        if let Some(video) = row.step.video() {
            seen.entry((host, format!("video {}", video.0))).or_default().push(row);
        }
    }
    let twice = seen.into_iter().filter(|(_, rows)| rows.len() > 1);
    twice
        .map(|((host, what), rows)| Broken {
            cause: format!("{host}#{}", what.replace(' ', "#")),
            channel: rows[0].channel.clone(),
            runs: rows.iter().map(|row| row.run.clone()).collect(),
            what: format!("{what} was published {} times on {host}", rows.len()),
            since: rows.iter().map(|row| row.updated_at).max().unwrap_or(rows[0].updated_at),
        })
        .collect()
}

/// Runs ordered since then, their attempts, and runs whose row cannot be read; drafts are nobody's slot.
///
/// # Errors
/// Storage.
async fn log_since(
    records: &dyn Records,
    since: Timestamp,
) -> Result<(Vec<SlotRun>, Vec<Attempt>, Vec<UnreadableRun>), OperationError> {
    let (mut runs, mut attempts) = (Vec::new(), Vec::new());
    let list = list_runs(records, MOST_RUNS).await?;
    for head in list.heads {
        if head.created_at < since {
            break;
        }
        let Some(run) = SlotRun::of(&head) else { continue };
        attempts.extend(run_rows(records, &head.run_id).await?.iter().map(Attempt::of));
        runs.push(run);
    }
    Ok((runs, attempts, list.unreadable))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_film_that_was_taken_back_and_stays_in_sight_calls_somebody() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let hours_ago = |hours: i64| now - hours.hours();
        let row = |taken: i64, done: bool| -> Publication {
            let back = json!({"by": "otto", "at": hours_ago(taken), "reason": "a wrong axis", "done": done});
            serde_json::from_value(json!({"channel": "demo", "run": "r", "revision": 1, "state": "published",
                "film": "ab".repeat(32), "step": "public", "video": "v", "updated_at": hours_ago(taken), "retraction": back}))
            .unwrap()
        };
        let told =
            |taken: i64, done: bool| attempt(&row(taken, done), now).map(|attempt| (attempt.status, attempt.error));
        assert_eq!(told(48, true), Some((RunStatus::Success, None)));
        assert_eq!(told(0, false), Some((RunStatus::Success, None)), "it was asked just now");
        let (status, error) = told(48, false).unwrap();
        assert_eq!(status, RunStatus::Failure);
        assert!(error.unwrap().contains("proofreel retract r"));
    }
}
