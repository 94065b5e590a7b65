//! The functions, the stores before they are called, the calls, and what a call comes to that nobody disturbs.

use std::sync::Arc;

use jiff::SignedDuration;
use proofreel_adapters::local::SystemClock;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_operations::{BucketChannels, Office, consent};
use proofreel_ports::Clock;
use proofreel_publishing::Governance;
use proofreel_tests::deployed::gold_package;
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{Drill, Stage};
use serde_json::{Value, json};

use super::{End, gateway};

/// The two channels of a batch.
const CHANNELS: [&str; 2] = ["gilt", "other"];

/// What happens after the call, whoever lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// The sweep that a decision wakes, or the next one of the clock.
    Sweep,
    /// The claims of dead senders of notices end, and the watchdog looks.
    Look,
}

/// A function, the stores before it is called, and the call.
pub struct Scene {
    pub name: &'static str,
    pub function: &'static str,
    pub world: World,
    /// The call; made anew each time, because whoever sends a signed message again signs it again.
    pub call: Box<dyn Fn() -> Value + Send + Sync>,
    pub then: Then,
    /// The answer to the repeated call that stands beside a good one: status, and words of its page.
    pub told: Option<(u16, &'static str)>,
    /// What a call must have come to that nobody disturbed.
    pub must: fn(&End),
}

/// A channel of the batch.
fn channel(id: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"The {id} channel\"\nkind = \"finance\"\naudience = \"testers\"\nsources = [\"../data/gold\"]\n"
    )
}

/// The runs that the batch begins.
pub fn batch_runs() -> [RunId; 2] {
    CHANNELS.map(|channel| RunId(format!("{channel}-2026w48-1")))
}

/// Two channels and their package, as `make deploy` puts them into the bucket.
fn deployed() -> World {
    let mut world = World::at(SystemClock.now().as_millisecond());
    for id in CHANNELS {
        world.blobs.insert(format!("channels/{id}.toml").into(), channel(id).as_bytes().into());
    }
    for (key, bytes) in gold_package() {
        world.blobs.insert(key.into(), bytes.into());
    }
    world
}

/// The schedule of the week's first episode.
fn start() -> Scene {
    Scene {
        name: "batch, start",
        function: "batch",
        world: deployed(),
        call: Box::new(|| json!({"do": "start", "at": "2026-11-24T06:00:00Z"})),
        then: Then::Nothing,
        told: None,
        must: |end| {
            assert_eq!((end.partition("runs").len(), end.sent_to("planner")), (2, 2), "{end:#?}");
            assert_eq!(end.triggers, ["Enabled", "Enabled"]);
        },
    }
}

/// The hourly sweep, with a start that was broken off before its first run and a film that somebody approved.
fn sweep() -> Scene {
    let stage = finished();
    stage.approve();
    let mut world = stage.memory.snapshot();
    world.blobs.extend(deployed().blobs);
    world.blobs.remove("channels/demo.toml");
    let note = json!({"at": "2026-11-24T06:00:00Z", "slot": 1});
    world.records.insert(("batch".into(), "2026w48-1".into()), Arc::new(note));
    Scene {
        name: "batch, sweep",
        function: "batch",
        world,
        call: Box::new(|| json!({"do": "sweep"})),
        then: Then::Nothing,
        told: None,
        must: |end| {
            assert_eq!(
                (end.partition("runs").len(), end.sent_to("planner"), end.sent_to("publish")),
                (2, 2, 1),
                "{end:#?}"
            );
            assert_eq!(end.triggers, ["Enabled", "Enabled"]);
        },
    }
}

/// A finished film that nobody decided about.
pub fn finished() -> Stage {
    let drill = Drill { seed: 5, bytes: 3_000, weather: Weather::default(), killed: 0, bug: None };
    let stage = Stage::set(drill).deployed();
    // The functions' clock is this machine's.
    stage.memory.pass(SystemClock.now().as_millisecond() - stage.memory.now().as_millisecond());
    stage
}

/// The installation in a world of fakes.
pub fn office(memory: &Memory) -> Office {
    let memory = Arc::new(memory.clone());
    Office {
        records: memory.clone(),
        blobs: memory.clone(),
        clock: memory.clone(),
        channels: Arc::new(BucketChannels(memory)),
    }
}

/// A round of the clock over these stores.
fn round(name: &'static str, function: &'static str, world: World, event: Value, must: fn(&End)) -> Scene {
    Scene { name, function, world, call: Box::new(move || event.clone()), then: Then::Look, told: None, must }
}

/// The watchdog, when a consent is about to end and a film waits for a person.
async fn watchdog() -> Scene {
    let stage = finished();
    let (office, now) = (office(&stage.memory), SystemClock.now());
    let ends_at = Some(now + SignedDuration::from_hours(10));
    let known = consent::Known { owner: None, since: now, ends_at };
    consent::given(&office, &ChannelId::from("demo"), &known).await.unwrap();
    office.desk().offer(&stage.candidate, "schedule", &Governance::Unmeasured).await.unwrap();
    round("watchdog", "watchdog", stage.memory.snapshot(), json!({"do": "watch"}), |end| {
        assert_eq!((end.partition("incidents").len(), end.mails.len()), (1, 2), "{end:#?}");
    })
}

/// The day's measuring, which draws baselines.
fn measure() -> Scene {
    let scene = round("measure", "measure", deployed(), json!({"do": "measure"}), |end| {
        for channel in CHANNELS {
            assert!(!end.partition(&format!("kpi#{channel}")).is_empty(), "{end:#?}");
        }
    });
    // It tells nobody: its owner never consented.
    Scene { then: Then::Nothing, ..scene }
}

/// The week's pages.
fn report() -> Scene {
    round("report", "report", deployed(), json!({"do": "report", "period": "weekly"}), |end| {
        for channel in CHANNELS {
            assert_eq!(end.partition(&format!("reports#{channel}")).len(), 1, "{end:#?}");
            assert!(end.blobs.iter().any(|key| key.starts_with(&format!("reports/{channel}/"))), "{:?}", end.blobs);
        }
        assert!(!end.mails.is_empty(), "{end:#?}");
    })
}

/// Every function, and ways to call it.
pub async fn scenes() -> Vec<Scene> {
    let mut all = vec![start(), Box::pin(watchdog()).await, measure(), report()];
    all.extend(Box::pin(gateway::some()).await);
    all
}

/// The other ways to call them, which take long or are like those.
pub async fn others() -> Vec<Scene> {
    let mut all = vec![sweep()];
    all.extend(Box::pin(gateway::others()).await);
    all
}
