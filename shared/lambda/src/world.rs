//! The way to the outside for a function: the one client below the one governor, over the table and the bucket.
//!
//! Nothing is read or built before something is asked for: certificates, keys and the law of providers cost a cold start
//! milliseconds that most invocations need not spend.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_adapters::aws::{S3Host, SsmSecrets};
use proofreel_governor::{Doors, Governor};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::order::Order;
use proofreel_model::policy::{ProviderLaw, providers};
use proofreel_pipeline::Ports;
use proofreel_ports::{HostError, Outside, PortError, Secrets, VideoHost};
use proofreel_providers::llm::{Narrator, Providers};
use proofreel_providers::source::Desk;
#[cfg(feature = "voices")]
use proofreel_providers::speech::{Booth, service};
use proofreel_providers::youtube::{Tokens, YouTube};
use proofreel_publishing::PublishError;
use proofreel_web::{Client, Identity};
use thiserror::Error;
use tokio::sync::OnceCell;

use crate::batch::SourceDesks;
use crate::publish::Hosts;
use crate::stage::{Guest, Guests};

/// An operator's changes to `specs/policy/providers.toml`, in the bucket.
const OVERRIDES: &str = "providers.toml";

/// Why there is no way to the outside.
#[derive(Debug, Error)]
pub enum WorldError {
    /// The operator's changes of the law are no such thing.
    #[error("{OVERRIDES} in the bucket: {0}\n  hint: mend it or take it away; specs/FETCHING.md says what it may hold")]
    Law(String),
    /// The recipients of notices cannot be read.
    #[cfg(feature = "rounds")]
    #[error("{0}")]
    Notices(String),
    /// The client cannot be built.
    #[error("no client for the network: {0}")]
    Client(String),
    /// Storage.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The way, and what is known once it is there.
struct Ways {
    outside: Arc<dyn Outside>,
    secrets: Arc<dyn Secrets>,
    law: ProviderLaw,
}

/// The outside as a function reaches it, once it wants to.
pub(crate) struct World {
    ports: Ports,
    prefix: String,
    ways: OnceCell<Ways>,
}

impl World {
    /// The outside over these stores, with secrets below this prefix.
    pub fn new(ports: Ports, prefix: String) -> Self {
        Self { ports, prefix, ways: OnceCell::new() }
    }

    async fn ways(&self) -> Result<&Ways, WorldError> {
        self.ways.get_or_try_init(|| self.open()).await
    }

    /// The one way out, and where its keys are kept.
    #[cfg(feature = "rounds")]
    pub async fn doors(&self) -> Result<(Arc<dyn Outside>, Arc<dyn Secrets>), WorldError> {
        let ways = self.ways().await?;
        Ok((Arc::clone(&ways.outside), Arc::clone(&ways.secrets)))
    }

    async fn open(&self) -> Result<Ways, WorldError> {
        let Ports { records, blobs, clock, .. } = self.ports.clone();
        let changes = match blobs.get(OVERRIDES).await {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(PortError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let law = providers(changes.as_deref()).map_err(|error| WorldError::Law(error.to_string()))?;
        let client = Client::new(&Identity::from_environment());
        let client = client.map_err(|error| WorldError::Client(error.to_string()))?;
        let secrets: Arc<dyn Secrets> = Arc::new(SsmSecrets::from_env(self.prefix.clone()).await);
        let doors = Doors { web: Arc::new(client), records, blobs, clock, secrets: Arc::clone(&secrets) };
        let seed = RandomState::new().build_hasher().finish();
        Ok(Ways { outside: Arc::new(Governor::new(doors, law.clone(), seed)), secrets, law })
    }
}

#[async_trait]
impl Guests for World {
    async fn invite(&self, order: &Order, run: &RunId) -> Option<Guest> {
        let ways = match self.ways().await {
            Ok(ways) => ways,
            Err(error) => {
                tracing::error!(%error, "no way to the writers that the channel names; the embedded one writes alone");
                return None;
            }
        };
        let (channel, outside) = (&order.channel, Arc::clone(&ways.outside));
        let Some(asked) = Providers::new(Arc::clone(&outside), &ways.law, &channel.writer, (&channel.id, Some(run)))
        else {
            tracing::error!(
                providers = channel.writer.providers.join(", "),
                "none of the channel's writers is in the law; the embedded one writes alone"
            );
            return None;
        };
        match Narrator::new(asked) {
            Ok(narrator) => Some(Guest { writer: Arc::new(narrator), outside }),
            Err(error) => {
                tracing::error!(%error, "what the writers are told cannot be read; the embedded one writes alone");
                None
            }
        }
    }

    #[cfg(feature = "voices")]
    async fn cast(&self, order: &Order, run: &RunId) -> Option<crate::stage::Cast> {
        let ways = match self.ways().await {
            Ok(ways) => ways,
            Err(error) => {
                tracing::error!(%error, "no way to the voices that the channel names; the embedded one speaks");
                return None;
            }
        };
        let (channel, outside) = (&order.channel, Arc::clone(&ways.outside));
        let booth = Booth { outside: Arc::clone(&outside), channel: channel.id.clone(), run: Some(run.clone()) };
        let of = |provider: &str| service(&booth, &ways.law, &channel.voice, provider);
        match proofreel_adapters::Cast::named(&channel.voice, &outside, (&channel.id, Some(run)), of) {
            Ok(cast) => Some(crate::stage::Cast { voice: Arc::new(cast), outside }),
            Err(why) => {
                tracing::error!(why, "a voice that the channel names may not be asked; the embedded one speaks");
                None
            }
        }
    }
}

#[async_trait]
impl SourceDesks for World {
    async fn desk(&self, profile: &ChannelProfile, now: Timestamp) -> Result<Desk, String> {
        let ways = self.ways().await.map_err(|error| error.to_string())?;
        let (outside, secrets) = (Arc::clone(&ways.outside), Arc::clone(&ways.secrets));
        Ok(Desk { outside, secrets, channel: profile.id.clone(), today: now.to_zoned(TimeZone::UTC).date() })
    }

    async fn law(&self) -> Result<ProviderLaw, String> {
        Ok(self.ways().await.map_err(|error| error.to_string())?.law.clone())
    }
}

/// The hosts that a deployment chose: the bucket's own folder, or YouTube.
pub(crate) struct Chosen {
    pub world: World,
    pub folder: Option<S3Host>,
}

#[async_trait]
impl Hosts for Chosen {
    async fn host(&self, channel: &ChannelId) -> Result<Arc<dyn VideoHost>, PublishError> {
        if let Some(host) = &self.folder {
            return Ok(Arc::new(host.clone()));
        }
        let ways = self.world.ways().await.map_err(|error| match error {
            WorldError::Port(error) => error.into(),
            error => PublishError::Host(HostError::Transient { host: "youtube".into(), why: error.to_string() }),
        })?;
        let clock = Arc::clone(&self.world.ports.clock);
        let tokens = Tokens::new(Arc::clone(&ways.secrets));
        Ok(Arc::new(YouTube::new(Arc::clone(&ways.outside), clock, tokens, channel.clone())))
    }
}
