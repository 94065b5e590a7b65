//! Who is told, and with which keys: what rounds need of the outside, made when the first is asked for.

use std::sync::Arc;

use async_trait::async_trait;
use proofreel_adapters::aws::SnsMail;
use proofreel_model::notices::{Notices, Recipient, Way};
use proofreel_operations::Office;
use proofreel_operations::notices::Teller;
use proofreel_ports::{PortError, Secret, Secrets};
use tokio::sync::OnceCell;

use crate::batch::CurrentPackages;
use crate::metrics::Metrics;
use crate::rounds::Rounds;
use crate::world::{World, WorldError};

/// An operator's recipients of notices, in the bucket.
const NOTICES: &str = "notices.toml";
/// The secret that the stack itself knows: the topic of its alarms.
const ALARM_TOPIC: &str = "alarm_topic";

/// Keys, and the topic that the stack's alarms go to.
struct WithTopic {
    keys: Arc<dyn Secrets>,
    topic: Option<String>,
}

#[async_trait]
impl Secrets for WithTopic {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        match &self.topic {
            Some(topic) if name == ALARM_TOPIC => Ok(Some(Secret::new(topic.clone()))),
            _ => self.keys.get(name).await,
        }
    }
}

/// The rounds of an installation; what failed when they were made is tried again with the next event.
pub(crate) struct Clockwork {
    pub world: Arc<World>,
    pub office: Office,
    /// Data packages as they are now.
    pub packages: Arc<dyn CurrentPackages>,
    /// The topic of the stack's alarms.
    pub topic: Option<String>,
    /// The console's address, for links.
    pub console: Option<String>,
    pub made: OnceCell<Rounds>,
}

impl Clockwork {
    pub async fn rounds(&self) -> Result<&Rounds, WorldError> {
        self.made.get_or_try_init(|| self.make()).await
    }

    /// Whom to tell stands in `notices.toml` of the bucket; without it, whoever reads the stack's alarms is told everything.
    async fn make(&self) -> Result<Rounds, WorldError> {
        let office = self.office.clone();
        let settings = match office.blobs.get(NOTICES).await {
            Ok(bytes) => Notices::parse(NOTICES, &String::from_utf8_lossy(&bytes)).map_err(WorldError::Notices)?,
            Err(PortError::NotFound { .. }) => Notices {
                console: self.console.as_ref().map(|address| address.trim_end_matches('/').to_owned()),
                to: self.topic.iter().map(|_| everything()).collect(),
            },
            Err(error) => return Err(error.into()),
        };
        let (outside, keys) = self.world.doors().await?;
        let secrets: Arc<dyn Secrets> = Arc::new(WithTopic { keys, topic: self.topic.clone() });
        let mailer = Arc::new(SnsMail::when_needed());
        let teller = Teller::new(office.clone(), Arc::clone(&outside), Arc::clone(&secrets), Some(mailer), settings);
        let packages = Arc::clone(&self.packages);
        Ok(Rounds { office, outside, secrets, teller, metrics: Metrics::default(), packages })
    }
}

fn everything() -> Recipient {
    Recipient { way: Way::Email, address: ALARM_TOPIC.into(), about: Vec::new(), topic: None }
}
