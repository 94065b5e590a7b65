//! `proofreel webhook`: the door for signed decisions, on one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::publishing::law;
use proofreel_ports::Secrets;
use proofreel_publishing::webhook::{Candidates, DeskDecisions, Door, Key, KeyRing, router};
use proofreel_publishing::{Candidate, Governance, PublishError};

use super::args::WebhookArgs;
use super::{Office, block, figures};
use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::outside::outside;

/// The runs of a state folder.
struct LocalRuns {
    office: Office,
    channels_dir: PathBuf,
}

fn unreadable(what: &RunId, failure: &Failure) -> PublishError {
    PublishError::Unreadable { what: what.to_string(), why: failure.message.clone() }
}

#[async_trait]
impl Candidates for LocalRuns {
    async fn candidate(&self, channel: &ChannelId, run: &RunId) -> Result<Option<Candidate>, PublishError> {
        match self.office.candidate(run, &self.channels_dir).await {
            Ok(candidate) => Ok(Some(candidate).filter(|candidate| candidate.head.channel == *channel)),
            Err(failure) if failure.class == Class::Input => Ok(None),
            Err(failure) => Err(unreadable(run, &failure)),
        }
    }

    async fn governance(&self, channel: &ChannelId) -> Result<Governance, PublishError> {
        let profiles = super::profiles(&self.channels_dir);
        let Some(profile) = profiles.into_iter().find(|profile| profile.id == *channel) else {
            return Ok(Governance::Unmeasured);
        };
        let word = figures::governance(&self.office, &profile).await;
        word.map_err(|failure| unreadable(&RunId::from(channel.as_str()), &failure))
    }
}

/// The keys of everybody who may approve somewhere.
async fn rings(secrets: &dyn Secrets, channels_dir: &Path) -> Result<BTreeMap<String, KeyRing>, Failure> {
    let profiles: Vec<channel::ChannelProfile> = super::profiles(channels_dir);
    let people: BTreeSet<String> = profiles.into_iter().flat_map(|profile| profile.publishing.approvers).collect();
    let mut rings = BTreeMap::new();
    let bad = |name: &str, why: String| Failure::input(format!("the key of {name}: {why}"));
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

pub fn webhook(global: &Global, args: &WebhookArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = Office::open(&global.state)?;
        let (_, secrets) = outside(&global.state)?;
        let rings = rings(secrets.as_ref(), &args.channels_dir).await?;
        if rings.is_empty() {
            return Err(Failure::input(
                "no approver has a key\n  hint: name approvers under [publishing] in a channel's file, then `proofreel auth webhook NAME`",
            ));
        }
        let people: Vec<String> = rings.keys().cloned().collect();
        let desk = office.desk();
        let candidates = LocalRuns { office, channels_dir: args.channels_dir.clone() };
        let mut nobody = [0; 32];
        getrandom::fill(&mut nobody)
            .map_err(|error| Failure::new(Class::Machine, format!("no random numbers: {error}")))?;
        let nobody = Key::of(nobody.to_vec(), &law().webhook).map_err(|error| anyhow::anyhow!("{error}"))?;
        let door = Door::new(DeskDecisions { desk, candidates }, rings, nobody);
        let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|error| {
            Failure::new(
                Class::Machine,
                format!("{}: {error}\n  hint: choose another address with --listen", args.listen),
            )
        })?;
        let address = listener.local_addr().map_err(|error| anyhow::anyhow!("{error}"))?;
        println!("decisions of {} at http://{address}/decide/NAME", people.join(", "));
        let until = async { drop(tokio::signal::ctrl_c().await) };
        axum::serve(listener, router(Arc::new(door)))
            .with_graceful_shutdown(until)
            .await
            .map_err(|error| Failure::new(Class::Machine, format!("{address}: {error}")))?;
        Ok(ExitCode::SUCCESS)
    })
}
