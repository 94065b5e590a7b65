//! `/incidents`: what a person was called for.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use proofreel_model::incident::{Incident, IncidentKind, IncidentState};
use proofreel_model::policy::console_law;
use proofreel_operations::incidents::{Act, act, may_act};
use proofreel_pipeline::incidents::{incident, incidents};

use crate::Shared;
use crate::answer::{Fault, Frame, page, see_other};
use crate::visitor::{Signed, Visitor};

/// Where it goes back to.
const HERE: &str = "/incidents";

#[derive(Template)]
#[template(path = "incidents.html")]
struct Incidents {
    frame: Frame,
    open: Vec<Line>,
    over: Vec<Line>,
}

/// An incident.
struct Line {
    /// Its key, for whoever may do something about it.
    key: Option<String>,
    /// True when it is the person's already.
    own: bool,
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

fn line(incident: &Incident, key: Option<&String>, who: &str) -> Line {
    let (state, mood) = match incident.state {
        IncidentState::Open => ("open", "bad"),
        IncidentState::Acknowledged => ("taken", "open"),
        IncidentState::Resolved => ("over", "good"),
    };
    let at = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
    Line {
        key: key.cloned(),
        own: incident.state == IncidentState::Acknowledged && incident.owner.as_deref() == Some(who),
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
    let newest = all.iter().rev().filter(|(_, incident)| seen(incident));
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for (key, incident) in newest {
        let may = may_act(&visitor.profiles, incident, &visitor.who, visitor.at_the_machine);
        let key = Some(key).filter(|_| may && incident.state != IncidentState::Resolved);
        let list = if incident.state == IncidentState::Resolved { &mut over } else { &mut open };
        if list.len() < console_law().page.incidents {
            list.push(line(incident, key, &visitor.who));
        }
    }
    Ok(page(StatusCode::OK, &Incidents { frame: Frame::of(&visitor, "incidents"), open, over }))
}

pub async fn take(State(shared): State<Shared>, signed: Signed) -> Result<Response, Fault> {
    done(&shared, &signed, Act::Take).await.map_err(|fault| fault.back_to(HERE))
}

pub async fn resolve(State(shared): State<Shared>, signed: Signed) -> Result<Response, Fault> {
    let fields = &signed.fields;
    let act = Act::Resolve {
        resolution: fields.get("resolution").to_owned(),
        follow_up: fields.filled("follow_up").map(str::to_owned),
    };
    done(&shared, &signed, act).await.map_err(|fault| fault.back_to(HERE))
}

/// Does it for somebody who may; one of a channel that is not theirs is not there.
async fn done(shared: &Shared, signed: &Signed, what: Act) -> Result<Response, Fault> {
    let (visitor, key) = (&signed.visitor, signed.fields.get("incident"));
    let kept = incident(shared.office.records.as_ref(), key).await?.ok_or(Fault::NotFound)?;
    if kept.incident.channel.as_ref().is_some_and(|channel| !visitor.sees(channel)) {
        return Err(Fault::NotFound);
    }
    if !may_act(&visitor.profiles, &kept.incident, &visitor.who, visitor.at_the_machine) {
        return Err(Fault::Refused {
            status: StatusCode::FORBIDDEN,
            why: format!("{} may look at this incident, and do nothing about it.", visitor.who),
            hint: "Operators and approvers of its channel may.".into(),
            back: HERE.into(),
        });
    }
    act(&shared.office, key, &visitor.who, &what).await?;
    Ok(see_other(HERE))
}
