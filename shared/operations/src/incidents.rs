//! What a person does about an incident: takes it, or ends it with a note. The same for the command and the console.

use proofreel_model::channel::ChannelProfile;
use proofreel_model::incident::{Incident, IncidentEvent, IncidentState};
use proofreel_pipeline::incidents;
use proofreel_publishing::audit::Deed;
use proofreel_publishing::{PublishError, Role, roles_of};
use serde_json::json;

use crate::{Office, OperationError};

/// Longest note, characters.
const LONGEST_NOTE: usize = 2000;

/// What is done about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// From now on it is theirs.
    Take,
    /// It is over.
    Resolve {
        /// How it ended.
        resolution: String,
        /// What is to be done so that it does not come back.
        follow_up: Option<String>,
    },
}

/// True for whoever may do something about an incident: operators and approvers of its channel. One that names no channel is every
/// operator's.
pub fn may_act(profiles: &[ChannelProfile], incident: &Incident, who: &str, at_the_machine: bool) -> bool {
    let roles = |profile: &ChannelProfile| roles_of(profile, who, at_the_machine);
    match &incident.channel {
        Some(channel) => match profiles.iter().find(|profile| profile.id == *channel) {
            Some(profile) => roles(profile).iter().any(|role| *role != Role::Viewer),
            None => at_the_machine,
        },
        None => profiles.iter().any(|profile| roles(profile).contains(&Role::Operator)),
    }
}

/// Takes or ends the incident under a key, with its link of the audit chain in one transaction. The same request of the same person
/// again changes nothing.
///
/// # Errors
/// There is none, it is over by somebody else or in other words, the note is empty or very long, somebody else was faster, or storage fails.
pub async fn act(office: &Office, key: &str, who: &str, act: &Act) -> Result<Incident, OperationError> {
    let kept = incidents::incident(office.records.as_ref(), key).await?.ok_or_else(|| {
        OperationError::Input(format!("there is no incident `{key}`\n  hint: proofreel incidents list --all"))
    })?;
    let mut incident = kept.incident.clone();
    if incident.state == IncidentState::Resolved {
        if is_again(&incident, who, act) {
            return Ok(incident);
        }
        let by = incident.owner.as_deref().unwrap_or("nobody");
        return Err(OperationError::Input(format!(
            "this incident is over, {by} had it\n  hint: look at it again; what comes back is another incident"
        )));
    }
    let (what, told, detail) = match act {
        Act::Take => {
            incident.state = IncidentState::Acknowledged;
            ("incident.take", "took it".to_owned(), json!({"cause": incident.cause}))
        }
        Act::Resolve { resolution, follow_up } => {
            let resolution = note(resolution)?;
            incident.state = IncidentState::Resolved;
            incident.resolution = Some(resolution.clone());
            if let Some(follow_up) = follow_up {
                incident.follow_up = Some(note(follow_up)?);
            }
            let detail = json!({"cause": incident.cause, "resolution": resolution, "follow_up": incident.follow_up});
            ("incident.resolve", format!("resolved: {resolution}"), detail)
        }
    };
    if *act == Act::Take && kept.incident.owner.as_deref() == Some(who) && kept.incident.state == incident.state {
        return Ok(incident);
    }
    incident.owner = Some(who.to_owned());
    incident.timeline.push(IncidentEvent { at: office.clock.now(), who: who.to_owned(), what: told });
    let deed = Deed::new(who, what, key).with(detail);
    match office.ledger().put_with(vec![kept.write(&incident)?], deed).await {
        Ok(()) => Ok(incident),
        Err(PublishError::Busy { .. }) => Err(OperationError::Input(
            "somebody else was faster\n  hint: look at the incident again, and decide then".into(),
        )),
        Err(error) => Err(error.into()),
    }
}

/// True for whoever ends what they ended already, in the same words: they were not told so, because the process died.
fn is_again(incident: &Incident, who: &str, act: &Act) -> bool {
    let Act::Resolve { resolution, follow_up } = act else { return false };
    let same = |given: &str, kept: Option<&str>| note(given).is_ok_and(|given| kept == Some(given.as_str()));
    incident.owner.as_deref() == Some(who)
        && same(resolution, incident.resolution.as_deref())
        && follow_up.as_deref().is_none_or(|given| same(given, incident.follow_up.as_deref()))
}

fn note(text: &str) -> Result<String, OperationError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.chars().count() > LONGEST_NOTE {
        return Err(OperationError::Input(format!(
            "the note is empty or very long\n  hint: say how it ended, in up to {LONGEST_NOTE} characters"
        )));
    }
    Ok(text)
}
