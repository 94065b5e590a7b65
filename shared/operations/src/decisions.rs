//! Signed decisions: whose keys open the door, and what is decided about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::publishing::law;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, DriverError};
use proofreel_ports::Secrets;
use proofreel_publishing::webhook::{Candidates, Key, KeyRing};
use proofreel_publishing::{Candidate, Governance, Publication, PublishError};

use crate::{Office, OperationError, governance, rejection};

/// The runs of an installation, as the door for signed decisions sees them.
pub struct OfficeRuns {
    /// The installation.
    pub office: Office,
    /// Sends runs back to their stages; does none itself.
    pub driver: Arc<Driver>,
}

fn unreadable(what: &str, error: OperationError) -> PublishError {
    match error {
        OperationError::Publish(error) => error,
        // What storage did not answer is asked again, and is no refusal.
        OperationError::Port(error) | OperationError::Driver(DriverError::Port(error)) => error.into(),
        OperationError::Driver(DriverError::Occupied { run }) => PublishError::Busy { run },
        error => PublishError::Unreadable { what: what.to_owned(), why: error.to_string() },
    }
}

#[async_trait]
impl Candidates for OfficeRuns {
    async fn candidate(&self, channel: &ChannelId, run: &RunId) -> Result<Option<Candidate>, PublishError> {
        match self.office.deciding(run).await {
            Ok(candidate) => Ok(Some(candidate).filter(|candidate| candidate.head.channel == *channel)),
            Err(OperationError::Driver(DriverError::NoSuchRun { .. }) | OperationError::Input(_)) => Ok(None),
            Err(error) => Err(unreadable(run.as_str(), error)),
        }
    }

    async fn governance(&self, channel: &ChannelId) -> Result<Governance, PublishError> {
        let profiles = self.office.channels.profiles().await?;
        let Some(profile) = profiles.into_iter().find(|profile| profile.id == *channel) else {
            return Ok(Governance::Unmeasured);
        };
        governance::word(&self.office, &profile).await.map_err(|error| unreadable(channel.as_str(), error))
    }

    async fn reject(
        &self,
        candidate: &Candidate,
        who: &str,
        reason: &str,
        stage: StageName,
    ) -> Result<Publication, PublishError> {
        let request = rejection::Request { who, at_the_machine: false, words: reason, stage };
        let done = rejection::reject(&self.office, &self.driver, candidate, &request).await;
        done.map_err(|error| unreadable(candidate.head.run_id.as_str(), error))
    }
}

/// The keys of everybody who may approve somewhere, by person.
///
/// # Errors
/// When secrets cannot be read, or one of them is no key; the text never holds it.
pub async fn key_rings(office: &Office, secrets: &dyn Secrets) -> Result<BTreeMap<String, KeyRing>, OperationError> {
    let profiles = office.channels.profiles().await?;
    let people: BTreeSet<String> = profiles.into_iter().flat_map(|profile| profile.publishing.approvers).collect();
    let mut rings = BTreeMap::new();
    let bad = |name: &str, why: String| OperationError::Input(format!("the key of {name}: {why}"));
    for name in people {
        let secret_name = format!("webhook_{}", name.to_lowercase().replace(['-', '.', '@'], "_"));
        let Some(current) = secrets.get(&secret_name).await? else { continue };
        let current = Key::read(current.reveal(), &law().webhook).map_err(|error| bad(&name, error.to_string()))?;
        let previous = match secrets.get(&format!("{secret_name}_previous")).await? {
            None => None,
            Some(kept) => {
                let (key, ends) = kept.reveal().split_once(' ').unwrap_or((kept.reveal(), ""));
                let ends: Timestamp = ends.parse().map_err(|_| bad(&name, "the one before names no end".into()))?;
                Some((Key::read(key, &law().webhook).map_err(|error| bad(&name, error.to_string()))?, ends))
            }
        };
        rings.insert(name, KeyRing { current, previous });
    }
    Ok(rings)
}
