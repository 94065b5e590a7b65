//! Opening an incident and calling somebody for it, once; and closing it when it is over.

use proofreel_insight::watchdog::WATCHDOG;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::{Incident, IncidentEvent, IncidentKind, IncidentState, Page};
use proofreel_pipeline::incidents;
use proofreel_ports::Pager;

use crate::{Office, OperationError};

/// Something that a person should know of.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Its kind.
    pub kind: IncidentKind,
    /// What makes it the same as before, for example `consent_lost#demo`.
    pub cause: String,
    /// Channel it is about.
    pub channel: Option<ChannelId>,
    /// Runs it is about.
    pub runs: Vec<RunId>,
    /// What happened; its first line is the title of the page.
    pub what: String,
    /// Section of OPERATIONS that says what to do.
    pub runbook: &'static str,
}

/// Opens an incident unless one of the same cause is there: open, or, for one that happens once (`once`), ever. Somebody is called
/// before it is stored: after a crash between, twice rather than not at all. True when it was opened now.
///
/// # Errors
/// The records, or the pager.
pub async fn open(office: &Office, pager: &dyn Pager, trouble: &Trouble, once: bool) -> Result<bool, OperationError> {
    let known = incidents::incidents(office.records.as_ref()).await?;
    let same =
        |incident: &Incident| incident.cause == trouble.cause && (once || incident.state != IncidentState::Resolved);
    if known.iter().any(|(_, incident)| same(incident)) {
        return Ok(false);
    }
    let now = office.clock.now();
    let runs: Vec<&str> = trouble.runs.iter().map(RunId::as_str).collect();
    let title: String = trouble.what.lines().next().unwrap_or_default().chars().take(160).collect();
    let page = Page {
        title,
        text: format!(
            "{}\nSince {now}\nRuns: {}\nRunbook: specs/OPERATIONS.md#{}\nTake it: proofreel incidents ack {} --owner NAME",
            trouble.what,
            if runs.is_empty() { "none".into() } else { runs.join(", ") },
            trouble.runbook,
            trouble.cause
        ),
        resolved: false,
        cause: trouble.cause.clone(),
    };
    pager.page(&page).await?;
    let line = |what: String| IncidentEvent { at: now, who: WATCHDOG.to_owned(), what };
    let incident = Incident {
        kind: trouble.kind,
        cause: trouble.cause.clone(),
        channel: trouble.channel.clone(),
        stage: None,
        run_id: None,
        runs: trouble.runs.clone(),
        what: trouble.what.clone(),
        since: Some(now),
        runbook: Some(trouble.runbook.to_owned()),
        state: IncidentState::Open,
        owner: None,
        resolution: None,
        follow_up: None,
        timeline: vec![line(format!("opened: {}", page.title)), line("paged".into())],
        pages: 1,
        tail: 1,
        paged_at: Some(now),
        created_at: now,
    };
    incidents::put_incident(office.records.as_ref(), &incidents::incident_key(&incident), &incident).await?;
    Ok(true)
}

/// Closes what is open of a cause, with how it ended, and tells that too. True when there was something to close.
///
/// # Errors
/// The records, or the pager.
pub async fn close(office: &Office, pager: &dyn Pager, cause: &str, how: &str) -> Result<bool, OperationError> {
    let now = office.clock.now();
    let mut closed = false;
    for (sk, mut incident) in incidents::incidents(office.records.as_ref()).await? {
        if incident.cause != cause || incident.state == IncidentState::Resolved {
            continue;
        }
        let first: String = incident.what.lines().next().unwrap_or_default().chars().take(140).collect();
        let page = Page {
            title: format!("resolved: {first}"),
            text: format!("{how}\nOver at {now}\nNo one need act. proofreel incidents show {cause}"),
            resolved: true,
            cause: cause.to_owned(),
        };
        pager.page(&page).await?;
        incident.state = IncidentState::Resolved;
        incident.resolution = Some(how.to_owned());
        incident.timeline.push(IncidentEvent { at: now, who: WATCHDOG.to_owned(), what: format!("resolved: {how}") });
        incidents::put_incident(office.records.as_ref(), &sk, &incident).await?;
        closed = true;
    }
    Ok(closed)
}
