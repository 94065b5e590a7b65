//! The watchdog's judgement: from what the records say now to incidents opened, told again, or resolved.
//!
//! Unit is the slot; the words are those of `specs/REPORTING.md`. Pure: who pages, and where incidents lie, is not known here.

mod conditions;

use jiff::{Timestamp, ToSpan as _};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::{Incident, IncidentEvent, IncidentKind, IncidentState, Page};
use proofreel_model::policy::slo_law;
use proofreel_model::stage::StageName;
use serde::Serialize;

pub use conditions::{Broken, Seen, conditions, metrics};

/// The author of lines that no person wrote.
pub const WATCHDOG: &str = "watchdog";

/// Something that is wrong now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// What makes it the same as before.
    pub cause: String,
    /// Kind.
    pub kind: IncidentKind,
    /// Channel.
    pub channel: Option<ChannelId>,
    /// Stage.
    pub stage: Option<StageName>,
    /// Length of the tail of breaches; 1 where there is no tail.
    pub tail: usize,
    /// Since when.
    pub since: Timestamp,
    /// Runs it is about.
    pub runs: Vec<RunId>,
    /// What happened.
    pub what: String,
    /// Section of OPERATIONS.
    pub runbook: &'static str,
    /// True when a person is called; otherwise it is a ticket.
    pub pages: bool,
}

/// What a look at the records comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Incidents that are new or changed.
    pub incidents: Vec<Incident>,
    /// What is to be told.
    pub pages: Vec<Page>,
}

/// Compares what is wrong now with the incidents there are: those that are not resolved, and lately resolved ones, which come back
/// without another page when it is the same cause and the same runs.
pub fn look(now: Timestamp, wrong: &[Condition], incidents: &[Incident]) -> Look {
    let mut look = Look::default();
    for condition in wrong {
        let of_cause = || incidents.iter().filter(|incident| incident.cause == condition.cause);
        if let Some(incident) = of_cause().find(|incident| incident.state != IncidentState::Resolved) {
            again(now, condition, incident, &mut look);
        } else if let Some(incident) =
            of_cause().find(|incident| is_quiet(now, incident) && has_all(incident, condition))
        {
            let mut incident = incident.clone();
            incident.state = IncidentState::Open;
            incident.resolution = None;
            incident.timeline.push(event(now, format!("came back: {}", condition.what)));
            look.incidents.push(incident);
        } else {
            open(now, condition, &mut look);
        }
    }
    for incident in incidents.iter().filter(|incident| is_watched(incident)) {
        if wrong.iter().all(|condition| condition.cause != incident.cause) {
            resolve(now, incident, &mut look);
        }
    }
    look
}

/// Incidents that the watchdog opened it also closes; a dead letter is for a person, and the rest for what found it.
fn is_watched(incident: &Incident) -> bool {
    incident.kind.is_watched() && !incident.cause.is_empty() && incident.state != IncidentState::Resolved
}

/// True inside the hours after a page in which the same cause and runs are not told again.
fn is_quiet(now: Timestamp, incident: &Incident) -> bool {
    let quiet = slo_law().paging.quiet_hours.hours();
    incident.paged_at.and_then(|at| at.checked_add(quiet).ok()).is_some_and(|until| now < until)
}

fn has_all(incident: &Incident, condition: &Condition) -> bool {
    condition.runs.iter().all(|run| incident.runs.contains(run))
}

fn open(now: Timestamp, condition: &Condition, look: &mut Look) {
    let mut incident = Incident {
        kind: condition.kind,
        cause: condition.cause.clone(),
        channel: condition.channel.clone(),
        stage: condition.stage,
        run_id: None,
        runs: condition.runs.clone(),
        what: condition.what.clone(),
        since: Some(condition.since),
        runbook: Some(condition.runbook.to_owned()),
        state: IncidentState::Open,
        owner: None,
        resolution: None,
        follow_up: None,
        timeline: vec![event(now, format!("opened: {}", condition.what))],
        pages: 0,
        tail: condition.tail,
        paged_at: None,
        created_at: now,
    };
    if condition.pages {
        told(now, condition, &mut incident, look);
    }
    look.incidents.push(incident);
}

/// A tail that grew past the next step is told again, but not within the quiet hours of the last page.
fn again(now: Timestamp, condition: &Condition, before: &Incident, look: &mut Look) {
    let paging = &slo_law().paging;
    let grown = paging.page_at.iter().any(|step| before.tail < *step && *step <= condition.tail);
    let quiet = is_quiet(now, before);
    let new_runs: Vec<RunId> = condition.runs.iter().filter(|run| !before.runs.contains(run)).cloned().collect();
    if !grown && new_runs.is_empty() {
        return;
    }
    let mut incident = before.clone();
    incident.runs.extend(new_runs);
    incident.what.clone_from(&condition.what);
    if grown && condition.pages && !quiet {
        told(now, condition, &mut incident, look);
        incident.tail = condition.tail;
    } else if !grown {
        incident.timeline.push(event(now, format!("goes on: {}", condition.what)));
    }
    if incident != *before {
        look.incidents.push(incident);
    }
}

fn resolve(now: Timestamp, before: &Incident, look: &mut Look) {
    let mut incident = before.clone();
    incident.state = IncidentState::Resolved;
    incident.resolution.get_or_insert_with(|| "the watchdog no longer finds it".to_owned());
    incident.timeline.push(event(now, "resolved: no longer so".to_owned()));
    if before.pages > 0 {
        look.pages.push(Page {
            title: format!("resolved: {}", first_line(&before.what)),
            text: format!(
                "Since {} · over at {now}\nNo one need act. proofreel incidents show {}",
                told_since(before),
                before.cause
            ),
            resolved: true,
            cause: before.cause.clone(),
        });
    }
    look.incidents.push(incident);
}

fn told(now: Timestamp, condition: &Condition, incident: &mut Incident, look: &mut Look) {
    incident.pages += 1;
    incident.paged_at = Some(now);
    incident.timeline.push(event(now, "paged".to_owned()));
    let runs: Vec<&str> = condition.runs.iter().map(RunId::as_str).collect();
    let runs = if runs.is_empty() { "none".to_owned() } else { runs.join(", ") };
    let next = condition.runs.last().map_or_else(String::new, |run| format!("\nLook: proofreel runs show {run}"));
    look.pages.push(Page {
        title: first_line(&condition.what),
        text: format!(
            "{}\nSince {}\nRuns: {runs}{next}\nRunbook: specs/OPERATIONS.md#{}\nTake it: proofreel incidents ack {} --owner NAME",
            condition.what, condition.since, condition.runbook, condition.cause
        ),
        resolved: false,
        cause: condition.cause.clone(),
    });
}

fn told_since(incident: &Incident) -> Timestamp {
    incident.since.unwrap_or(incident.created_at)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

fn event(at: Timestamp, what: String) -> IncidentEvent {
    IncidentEvent { at, who: WATCHDOG.to_owned(), what }
}

#[cfg(test)]
mod replay;
