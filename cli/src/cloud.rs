//! The stores a command works on: those of the state folder, or with `--cloud` those of a deployed stack.

use std::path::Path;
use std::sync::Arc;

use proofreel_adapters::LazyVoice;
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_model::channel::VoiceSettings;
use proofreel_model::policy::{Policy, ProviderLaw, providers};
use proofreel_operations::{BucketChannels, Office};
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming};
use proofreel_ports::{Letters, PortError, Records};

use crate::exit::Failure;
use crate::outside::{OVERRIDES, provider_law};

/// Where runs are, for commands that read them or send them on. Does no stage.
pub struct Place {
    pub records: Arc<dyn Records>,
    pub letters: Arc<dyn Letters>,
    pub driver: Driver,
}

impl Place {
    /// The stack that the environment names when `cloud`, else the state folder.
    pub async fn open(cloud: bool, state: &Path) -> Result<Self, Failure> {
        if cloud { deployed(state).await } else { Self::local(state) }
    }

    fn local(state: &Path) -> Result<Self, Failure> {
        let clock = Arc::new(SystemClock);
        let store = Arc::new(SqliteStore::open(state, clock.clone())?);
        let blobs = Arc::new(FileBlobs::open(&state.join("blobs"))?);
        let ports = Ports { blobs, records: store.clone(), queue: store.clone(), clock };
        let worker = Arc::clone(store.worker());
        let owner = Owner::with_probe(worker.id().to_owned(), move |id| worker.is_alive(id));
        let chain = Chain::default().with_queues(QueueNaming::PerRun);
        Ok(Self { records: store.clone(), letters: store, driver: silent(ports, state, owner, chain) })
    }
}

/// The installation of the stack that the environment names.
pub async fn office(state: &Path) -> Result<Office, Failure> {
    let Ports { records, blobs, clock, .. } = deployed(state).await?.driver.ports().clone();
    Ok(Office { records, clock, channels: Arc::new(BucketChannels(Arc::clone(&blobs))), blobs })
}

/// The records that a command asks about money, and the law of providers with its operator's changes: of the stack that the
/// environment names when `in_cloud`, else of the state folder.
pub async fn governed(in_cloud: bool, state: &Path, channels: &Path) -> Result<(Office, ProviderLaw), Failure> {
    let office = office_of(in_cloud, state, channels).await?;
    if !in_cloud {
        return Ok((office, provider_law(state)?));
    }
    let overrides = match office.blobs.get(OVERRIDES).await {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(PortError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let law = providers(overrides.as_deref());
    Ok((office, law.map_err(|error| Failure::input(format!("{OVERRIDES} in the bucket: {error}")))?))
}

/// The installation of the stack that the environment names when `in_cloud`, else of the state folder.
pub async fn office_of(in_cloud: bool, state: &Path, channels: &Path) -> Result<Office, Failure> {
    if in_cloud { office(state).await } else { crate::publish::office(state, channels) }
}

fn silent(ports: Ports, state: &Path, owner: Owner, chain: Chain) -> Driver {
    let voice = Arc::new(LazyVoice::new(VoiceSettings::default()));
    Driver::new(ports, Vec::new(), Policy::embedded(), voice, state.join("scratch")).with_owner(owner).with_chain(chain)
}

#[cfg(feature = "cloud")]
async fn deployed(state: &Path) -> Result<Place, Failure> {
    use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, SqsQueue};
    let named = |name: &str| {
        std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
            Failure::input(format!(
                "{name} is not set\n  hint: it is an output of the stack; `eval \"$(make -s names)\"` (ENV=prod for the stack of that name) in the checkout that deployed it sets all three"
            ))
        })
    };
    let (table, bucket, prefix) =
        (named("PROOFREEL_TABLE")?, named("PROOFREEL_BUCKET")?, named("PROOFREEL_QUEUE_PREFIX")?);
    let clients = Clients::from_env().await;
    let records = Arc::new(DynamoRecords::new(clients.dynamodb.clone(), table));
    let queue = Arc::new(SqsQueue::new(clients.sqs.clone(), prefix));
    let blobs = Arc::new(S3Blobs::new(clients.s3, bucket));
    let ports = Ports { blobs, records: records.clone(), queue: queue.clone(), clock: Arc::new(SystemClock) };
    let owner = Owner::new(format!("operator/{}", ulid::Ulid::generate()));
    Ok(Place { records, letters: queue, driver: silent(ports, state, owner, Chain::default()) })
}

#[cfg(not(feature = "cloud"))]
async fn deployed(_: &Path) -> Result<Place, Failure> {
    Err(Failure::new(
        crate::exit::Class::Machine,
        "this program was built without the cloud\n  hint: build it with `cargo build --release -p proofreel-cli`, which has it",
    ))
}
