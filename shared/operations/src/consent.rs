//! A channel's consent that its host no longer takes: whoever is to know is called once, and told when it works again.

use jiff::{SignedDuration, Timestamp};
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::IncidentKind;
use proofreel_model::policy::publishing::law;
use proofreel_ports::{Condition, HostError, Item, Pager, Write};
use proofreel_publishing::PublishError;
use proofreel_publishing::audit::Deed;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::raise::{self, Trouble};
use crate::{Office, OperationError};

/// Partition of what is known of consents, by channel.
const KNOWN: &str = "youtube-consent";

/// What is known of a channel's consent; never the consent itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// YouTube's id of the channel that it is for, where YouTube said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it was given.
    pub since: Timestamp,
    /// When it ends by itself: only one of a consent screen in Testing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// Notes a consent that was given, with its link of the audit chain.
///
/// # Errors
/// The records.
pub async fn given(office: &Office, channel: &ChannelId, known: &Known) -> Result<(), OperationError> {
    let item = Item { pk: KNOWN.into(), sk: channel.to_string(), body: json!(known) };
    let deed = Deed::new("operator", "token.stored", channel).with(json!(known));
    Ok(office.ledger().put_with(vec![Write::Put { item, condition: Condition::None }], deed).await?)
}

/// What is known of a channel's consent; nothing when none was given here.
///
/// # Errors
/// The records.
pub async fn known(office: &Office, channel: &ChannelId) -> Result<Option<Known>, OperationError> {
    let row = office.records.get(KNOWN, channel.as_str()).await?;
    // A row of a newer version is that version's to read; the host says soon enough whether the consent holds.
    Ok(row.and_then(|row| serde_json::from_value(row).ok()))
}

/// Calls somebody when a consent of this channel ends within `consent.warn_days` days, and closes that once another one was given.
///
/// # Errors
/// The records, or the pager.
pub async fn watch(office: &Office, pager: &dyn Pager, channel: &ChannelId) -> Result<(), OperationError> {
    let Some(known) = known(office, channel).await? else { return Ok(()) };
    let cause = format!("consent_ends#{channel}");
    let warn = SignedDuration::from_hours(24 * i64::from(law().consent.warn_days));
    let Some(ends) = known.ends_at.filter(|ends| *ends - warn <= office.clock.now()) else {
        return raise::close(office, pager, &cause, "another consent was given").await.map(drop);
    };
    let trouble = Trouble {
        kind: IncidentKind::ConsentLost,
        cause,
        channel: Some(channel.clone()),
        runs: Vec::new(),
        what: format!(
            "the consent for channel {channel} ends on {}: its consent screen is in Testing\nPublish the app (Google console, OAuth consent screen, \"In production\"), then `proofreel auth youtube --channel {channel}` again",
            ends.strftime("%Y-%m-%d %H:%M UTC")
        ),
        runbook: "token-bad",
    };
    raise::open(office, pager, &trouble, false).await.map(drop)
}

fn cause(channel: &ChannelId) -> String {
    format!("consent_lost#{channel}")
}

/// Somebody is called, unless they were already.
///
/// # Errors
/// The records, or the pager.
pub async fn lost(office: &Office, pager: &dyn Pager, channel: &ChannelId, why: &str) -> Result<(), OperationError> {
    let trouble = Trouble {
        kind: IncidentKind::ConsentLost,
        cause: cause(channel),
        channel: Some(channel.clone()),
        runs: Vec::new(),
        what: format!(
            "YouTube no longer accepts the consent for channel {channel}: nothing can be measured or published\n{why}"
        ),
        runbook: "token-bad",
    };
    raise::open(office, pager, &trouble, false).await.map(drop)
}

/// The consent works: what was open about it is over.
///
/// # Errors
/// The records, or the pager.
pub async fn works(office: &Office, pager: &dyn Pager, channel: &ChannelId) -> Result<(), OperationError> {
    raise::close(office, pager, &cause(channel), "the channel's consent works again").await.map(drop)
}

/// Calls somebody at once when a publication ended because of the consent; any other end is nobody's call here.
///
/// # Errors
/// The records, or the pager.
pub async fn told<T>(
    office: &Office,
    pager: &dyn Pager,
    channel: &ChannelId,
    ended: &Result<T, PublishError>,
) -> Result<(), OperationError> {
    match ended {
        Err(PublishError::Host(HostError::Consent { why, .. })) => lost(office, pager, channel, why).await,
        _ => Ok(()),
    }
}
