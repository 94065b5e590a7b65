//! `/incidents`: what a person was called for.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use proofreel_model::incident::{Incident, IncidentKind, IncidentState};
use proofreel_model::policy::console_law;
use proofreel_pipeline::incidents::incidents;

use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "incidents.html")]
struct Incidents {
    frame: Frame,
    open: Vec<Line>,
    over: Vec<Line>,
}

/// An incident.
struct Line {
    kind: String,
    state: &'static str,
    mood: &'static str,
    channel: String,
    what: String,
    since: String,
    owner: String,
    runbook: String,
    runs: Vec<String>,
    story: Vec<(String, String, String)>,
    resolution: String,
    follow_up: String,
}

fn kind(kind: IncidentKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|kind| kind.as_str().map(|kind| kind.replace('_', " ")))
        .unwrap_or_default()
}

fn line(incident: &Incident) -> Line {
    let (state, mood) = match incident.state {
        IncidentState::Open => ("open", "bad"),
        IncidentState::Acknowledged => ("taken", "open"),
        IncidentState::Resolved => ("over", "good"),
    };
    let at = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
    Line {
        kind: kind(incident.kind),
        state,
        mood,
        channel: incident.channel.as_ref().map(ToString::to_string).unwrap_or_default(),
        what: incident.what.clone(),
        since: at(incident.since.unwrap_or(incident.created_at)),
        owner: incident.owner.clone().unwrap_or_default(),
        runbook: incident.runbook.clone().unwrap_or_default(),
        runs: incident.all_runs().into_iter().map(ToString::to_string).collect(),
        story: incident.timeline.iter().map(|event| (at(event.at), event.who.clone(), event.what.clone())).collect(),
        resolution: incident.resolution.clone().unwrap_or_default(),
        follow_up: incident.follow_up.clone().unwrap_or_default(),
    }
}

pub async fn show(State(shared): State<Shared>, visitor: Visitor) -> Result<Response, Fault> {
    let all = incidents(shared.office.records.as_ref()).await?;
    let anything = visitor.at_the_machine || visitor.channels().next().is_some();
    let seen = |incident: &Incident| match &incident.channel {
        Some(channel) => visitor.sees(channel),
        None => anything,
    };
    let newest = all.iter().rev().map(|(_, incident)| incident).filter(|incident| seen(incident));
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for incident in newest {
        let list = if incident.state == IncidentState::Resolved { &mut over } else { &mut open };
        if list.len() < console_law().page.incidents {
            list.push(line(incident));
        }
    }
    Ok(page(StatusCode::OK, &Incidents { frame: Frame::of(&visitor, "incidents"), open, over }))
}
