//! Live data on one machine and in the weekly batch: fetched when due, kept across processes, and the last good copy when a provider
//! is down.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use proofreel_lambda::{Batch, BatchEvent, Place, SourceDesks};
use proofreel_model::channel::{ChannelProfile, LiveSource};
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::order::Order;
use proofreel_model::policy::{Policy, ProviderLaw, providers};
use proofreel_operations::sources::intake::{Came, Mode, gather, wanted};
use proofreel_operations::sources::kept::Kept;
use proofreel_pipeline::{Owner, run_head};
use proofreel_ports::{Answer, Blobs, Call, CallError, Judge, NoParts, Outside, PortError, Secret, Secrets, WebAnswer};
use proofreel_providers::source::Desk;
use proofreel_tests::fakes::{FakeTriggers, Memory, World};

/// 2026-11-24, a Tuesday of week 48.
const NOW_MS: i64 = 1_795_557_600_000;
const CHANNEL: &str = "id = \"oil\"\nname = \"Channel\"\nkind = \"finance\"\naudience = \"testers\"\n\
    [[sources]]\nprovider = \"url\"\nseries = [\"https://data.example.org/oil.csv\"]\nrefresh = \"weekly\"\n\
    title = \"Oil price\"\npublisher = \"EIA\"\nlicence = \"CC0-1.0\"\n";

/// A provider in this process: a table for `good` answers, then nothing.
struct Provider {
    good: usize,
    asked: AtomicUsize,
    at: Timestamp,
    /// Addresses that were asked for.
    addresses: Mutex<Vec<String>>,
}

impl Provider {
    fn new(good: usize, at: Timestamp) -> Arc<Self> {
        Arc::new(Self { good, asked: AtomicUsize::new(0), at, addresses: Mutex::default() })
    }
}

#[async_trait]
impl Outside for Provider {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let provider = call.provider.clone();
        self.addresses.lock().unwrap().push(call.request.url.clone());
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.good {
            return Err(CallError::Status { provider, status: 503, why: "down for repairs".into() });
        }
        let rows =
            (1..=12).map(|month| format!("2025-{month:02},{}\n", 40 + month * month)).collect::<Vec<_>>().concat();
        let body = format!("month,price\n{rows}").into_bytes();
        let answer = WebAnswer { status: 200, headers: Vec::new(), body, url: call.request.url.clone() };
        judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: self.at, cached: false, stale: false, digest })
    }
}

struct NoKeys;

#[async_trait]
impl Secrets for NoKeys {
    async fn get(&self, _: &str) -> Result<Option<Secret>, PortError> {
        Ok(None)
    }
}

/// The way to this provider.
struct To(Arc<Provider>);

#[async_trait]
impl SourceDesks for To {
    async fn desk(&self, profile: &ChannelProfile, _: Timestamp) -> Result<Desk, String> {
        let outside: Arc<dyn Outside> = self.0.clone();
        let today = jiff::civil::date(2026, 11, 24);
        Ok(Desk { outside, secrets: Arc::new(NoKeys), channel: profile.id.clone(), today })
    }

    async fn law(&self) -> Result<ProviderLaw, String> {
        let own = "[providers.openverse]\nbase_url = \"https://pictures.example.org/v1\"\n";
        providers(Some(own)).map_err(|error| error.to_string())
    }
}

/// A start of this slot by a new process with an empty disk; the digest of the one package of its run.
async fn start(memory: &Memory, provider: &Arc<Provider>, at: &str, slot: u32) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let place = Place {
        ports: memory.ports(),
        parts: Arc::new(NoParts),
        owner: Owner::new("batch"),
        scratch: scratch.path().to_owned(),
    };
    let triggers = Arc::new(FakeTriggers::of(&[], false));
    let batch = Batch::new(place, Policy::embedded(), Arc::new(memory.clone()), triggers, Vec::new());
    let batch = batch.with_sources(Arc::new(To(Arc::clone(provider))));
    let report = batch.handle(&BatchEvent::Start { at: Some(at.parse().unwrap()), slot }).await.unwrap();
    let head = run_head(memory, &report.begun[0].as_str().into()).await.unwrap();
    let order: Order = serde_json::from_slice(&memory.fetch(&head.order).await.unwrap()).unwrap();
    assert_eq!(order.packages.len(), 1);
    order.packages[0].digest.to_string()
}

#[tokio::test]
async fn what_is_due_is_fetched_and_what_fails_falls_back_with_its_age() {
    let state = tempfile::tempdir().unwrap();
    let kept = Kept::of(state.path());
    let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let server = Provider::new(1, start);
    let desk = Desk {
        outside: Arc::clone(&server) as _,
        secrets: Arc::new(NoKeys),
        channel: ChannelId("demo".into()),
        today: jiff::civil::date(2026, 11, 1),
    };
    let live = LiveSource {
        provider: "url".into(),
        series: vec!["https://data.example.org/oil.csv".into()],
        title: "Oil price".into(),
        publisher: "EIA".into(),
        licence: "CC0-1.0".into(),
        ..LiveSource::default()
    };
    let series = wanted(&[&live]).unwrap();
    let day = |n: i64| start.checked_add((24 * n).hours()).unwrap();
    let go = async |days: i64, mode| gather(&series, &kept, Some(&desk), day(days), mode).await.remove(0);
    assert_eq!(go(0, Mode::Dry).await.came, Came::Due);
    let missing = go(0, Mode::Offline).await;
    assert!(matches!(missing.came, Came::Missing { .. }) && missing.folder.is_none());
    assert_eq!(server.asked.load(Ordering::Relaxed), 0, "nothing was asked for");
    let first = go(0, Mode::Due).await;
    assert_eq!(first.came, Came::Fetched { changed: true });
    assert!(first.folder.as_ref().unwrap().join("datapackage.json").is_file());
    assert_eq!(go(6, Mode::Due).await.came, Came::Kept { days: 6 });
    assert_eq!(server.asked.load(Ordering::Relaxed), 1, "a copy that is not due costs no call");
    let later = go(9, Mode::Due).await;
    assert!(later.is_trouble() && later.folder == first.folder);
    let told = later.told();
    assert!(told.contains("9 days old") && told.contains("503") && told.contains("repairs"), "{told}");
}

#[tokio::test]
async fn what_was_fetched_is_kept_for_later_processes_and_for_bad_days() {
    let mut world = World::at(NOW_MS);
    world.blobs.insert("channels/oil.toml".into(), CHANNEL.as_bytes().into());
    let memory = Memory::of(world);
    let at: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
    let provider = Provider::new(1, at);
    let first = start(&memory, &provider, "2026-11-24T06:00:00Z", 1).await;
    assert_eq!(provider.asked.load(Ordering::Relaxed), 1);
    memory.pass(3 * 86_400_000);
    assert_eq!(start(&memory, &provider, "2026-11-27T06:00:00Z", 2).await, first);
    assert_eq!(provider.asked.load(Ordering::Relaxed), 1, "a copy that is not due costs no call");
    memory.pass(5 * 86_400_000);
    assert_eq!(start(&memory, &provider, "2026-12-02T06:00:00Z", 1).await, first, "the last good copy");
    assert!(provider.asked.load(Ordering::Relaxed) > 1, "it was asked when it was due");
}

/// An operator's `providers.toml` leads pictures elsewhere, as it leads everything else.
#[tokio::test]
async fn stock_pictures_are_asked_for_where_the_operator_says() {
    let mut world = World::at(NOW_MS);
    let text = format!("{CHANNEL}[pictures]\nproviders = [\"openverse\"]\nsubjects = {{ oil = \"oil barrels\" }}\n")
        .replace("audience", "interests = [\"oil\"]\naudience");
    world.blobs.insert("channels/oil.toml".into(), text.as_bytes().into());
    let at: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
    let provider = Provider::new(1, at);
    // That nobody answers there keeps no run from its order.
    start(&Memory::of(world), &provider, "2026-11-24T06:00:00Z", 1).await;
    let asked = provider.addresses.lock().unwrap().clone();
    assert!(asked.iter().any(|url| url.starts_with("https://pictures.example.org/v1/images/")), "{asked:?}");
    assert!(!asked.iter().any(|url| url.contains("openverse.org")), "{asked:?}");
}

#[tokio::test]
async fn a_damaged_copy_is_told_and_never_used() {
    let mut world = World::at(NOW_MS);
    world.blobs.insert("channels/oil.toml".into(), CHANNEL.as_bytes().into());
    let memory = Memory::of(world);
    let at: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
    let provider = Provider::new(1, at);
    start(&memory, &provider, "2026-11-24T06:00:00Z", 1).await;
    memory.change(|world| {
        let csv = world.blobs.keys().find(|key| key.starts_with("sources/") && key.ends_with(".csv")).unwrap().clone();
        world.blobs.insert(csv, b"month,price\n2025-01,1\n".as_slice().into());
    });
    let scratch = tempfile::tempdir().unwrap();
    let place = Place {
        ports: memory.ports(),
        parts: Arc::new(NoParts),
        owner: Owner::new("batch"),
        scratch: scratch.path().to_owned(),
    };
    let triggers = Arc::new(FakeTriggers::of(&[], false));
    let batch = Batch::new(place, Policy::embedded(), Arc::new(memory.clone()), triggers, Vec::new());
    let event = BatchEvent::Start { at: Some("2026-11-27T06:00:00Z".parse().unwrap()), slot: 2 };
    let error = batch.handle(&event).await.unwrap_err().to_string();
    assert!(error.contains("damaged") && error.contains("source-copy"), "{error}");
}
