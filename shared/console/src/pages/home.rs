//! `/`: every channel at a glance.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_model::policy::console_law;
use proofreel_model::policy::publishing::law;
use proofreel_model::records::RunHead;
use proofreel_model::stage::StageName;
use proofreel_operations::{Office, OperationError, governance};
use proofreel_pipeline::{UnreadableRun, incidents, list_runs};
use proofreel_publishing::Publication;

use super::RunLine;
use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::review::words;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    channels: Vec<Card>,
    waiting: usize,
    minutes: String,
    unreadable: Vec<UnreadableRun>,
}

/// A channel.
struct Card {
    id: String,
    name: String,
    /// The newest run, where it is not among those that wait.
    last: Option<RunLine>,
    waiting: Vec<RunLine>,
    incidents: usize,
    /// Films out in the last seven days, and how many may be.
    uploads: (usize, u32),
    governance: Option<String>,
    role: &'static str,
}

pub async fn show(State(shared): State<Shared>, visitor: Visitor) -> Result<Response, Fault> {
    let office = &shared.office;
    let records = office.records.as_ref();
    let list = list_runs(records, console_law().page.runs).await?;
    let (heads, unreadable) = (list.heads, super::unreadable(&visitor, list.unreadable));
    let open: Vec<Incident> = incidents::incidents(records)
        .await?
        .into_iter()
        .map(|(_, incident)| incident)
        .filter(|incident| incident.state != IncidentState::Resolved)
        .collect();
    let (mut channels, mut waiting, mut watch) = (Vec::new(), 0, 0_u64);
    for profile in visitor.channels() {
        let rows = office.ledger().of_channel(&profile.id).await?;
        let rows: BTreeMap<&RunId, &Publication> = rows.iter().map(|row| (&row.run, row)).collect();
        let own: Vec<&RunHead> = heads.iter().filter(|head| head.channel == profile.id).collect();
        let mut card = Card {
            id: profile.id.to_string(),
            name: profile.name.clone(),
            last: None,
            waiting: Vec::new(),
            incidents: open.iter().filter(|incident| concerns(incident, profile, &own)).count(),
            uploads: (out_lately(&rows, office.clock.now()), uploads_a_week(profile)),
            governance: governance::word(office, profile).await?.objection(),
            role: super::sign_in::role_word(&visitor.roles(profile)),
        };
        for (n, head) in own.iter().enumerate() {
            let row = rows.get(&head.run_id).copied();
            let waits = super::waits(head, row);
            if n > 0 && !waits {
                continue;
            }
            let line = RunLine::of(office, head, row).await;
            if waits {
                watch += length(office, head).await?;
                card.waiting.push(line.clone());
            }
            if n == 0 && !waits {
                card.last = Some(line);
            }
        }
        waiting += card.waiting.len();
        channels.push(card);
    }
    let minutes = words::clock(watch as f64 / 1000.0);
    Ok(page(StatusCode::OK, &Home { frame: Frame::of(&visitor, "home"), channels, waiting, minutes, unreadable }))
}

/// Milliseconds of a run's film; a film of another version, whose page says so, counts nothing here.
async fn length(office: &Office, head: &RunHead) -> Result<u64, Fault> {
    match office.read::<Film>(head, StageName::Render).await {
        Ok(film) => Ok(u64::from(film.duration_ms)),
        Err(OperationError::Unreadable { .. }) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// An incident names its channel, or a run of it, or nothing, and then it is everybody's.
fn concerns(incident: &Incident, profile: &ChannelProfile, own: &[&RunHead]) -> bool {
    let runs = incident.all_runs();
    match &incident.channel {
        Some(channel) => *channel == profile.id,
        None => runs.is_empty() || own.iter().any(|head| runs.contains(&&head.run_id)),
    }
}

fn uploads_a_week(profile: &ChannelProfile) -> u32 {
    profile.publishing.uploads_per_week.unwrap_or(law().cadence.uploads_per_week)
}

fn out_lately(rows: &BTreeMap<&RunId, &Publication>, now: Timestamp) -> usize {
    let since = now - SignedDuration::from_hours(7 * 24);
    rows.values().filter(|row| row.published_at.is_some_and(|at| at > since)).count()
}
