//! The functions, the stores before they are called, the calls, and what a call comes to that nobody disturbs.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use proofreel_adapters::local::SystemClock;
use proofreel_console::sessions::{make_link, sign_in};
use proofreel_lambda::Summons;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::publishing::law;
use proofreel_operations::{BucketChannels, Office, consent};
use proofreel_ports::Clock;
use proofreel_publishing::Governance;
use proofreel_publishing::webhook::{Key, sign};
use proofreel_tests::deployed::gold_package;
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{Drill, Stage};
use serde_json::{Value, json};

use super::End;

/// The key of the sender of webhooks.
pub const KEY: [u8; 32] = [7; 32];
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
        must: |end| {
            assert_eq!((end.partition("runs").len(), end.sent_to("planner")), (2, 2), "{end:#?}");
            assert_eq!(end.triggers, ["Enabled", "Enabled"]);
        },
    }
}

/// The hourly sweep, with a start that was broken off before its first run and a film that somebody approved.
pub fn sweep() -> Scene {
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
fn finished() -> Stage {
    let drill = Drill { seed: 5, bytes: 3_000, weather: Weather::default(), killed: 0, bug: None };
    let stage = Stage::set(drill).deployed();
    // The functions' clock is this machine's.
    stage.memory.pass(SystemClock.now().as_millisecond() - stage.memory.now().as_millisecond());
    stage
}

fn office(memory: &Memory) -> Office {
    let memory = Arc::new(memory.clone());
    Office {
        records: memory.clone(),
        blobs: memory.clone(),
        clock: memory.clone(),
        channels: Arc::new(BucketChannels(memory)),
    }
}

/// The finished film, and the row of its run as the driver writes it, on a channel on which anna decides from outside.
fn before_a_decision() -> Stage {
    let stage = finished();
    let head: (Arc<str>, Arc<str>) = (format!("run#{}", stage.candidate.head.run_id).into(), "head".into());
    stage.memory.change(|world| {
        let file = world.blobs.get_mut("channels/demo.toml").unwrap();
        *file = [&file[..], b"approvers = [\"anna\"]\n"].concat().into();
        let mut row = Value::clone(&world.records[&head]);
        (row["revision"], row["visits"], row["message"]) = (json!(1), json!({}), Value::Null);
        world.records.insert(head, Arc::new(row));
    });
    stage
}

/// A request as a Function URL hands it to the function.
fn post(path: &str, headers: &Value, cookies: &[String], body: &str) -> Value {
    let http =
        json!({"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"});
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "cookies": cookies, "body": body, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "anonymous", "apiId": "a", "domainName": "a.example", "domainPrefix": "a", "requestId": "r",
            "routeKey": "$default", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "http": http,
        },
    })
}

/// A form of the console, sent by anna from the page of the film.
async fn form(name: &'static str, verb: &str, fields: &str, must: fn(&End)) -> Scene {
    let stage = before_a_decision();
    let office = office(&stage.memory);
    let link = make_link(&office, "anna", false).await.unwrap();
    let (session, _) = sign_in(&office, &link).await.unwrap().unwrap();
    let (run, film) = (&stage.candidate.head.run_id, &stage.candidate.film_digest);
    let path = format!("/runs/{run}/{verb}");
    let body = format!("csrf={}&film={film}&{fields}", session.csrf());
    let cookies = [format!("__Host-proofreel={}", session.reveal())];
    let headers = json!({
        "host": "a.example", "content-type": "application/x-www-form-urlencoded", "origin": "https://a.example",
        "sec-fetch-site": "same-origin",
    });
    Scene {
        name,
        function: "gateway",
        world: stage.memory.snapshot(),
        call: Box::new(move || post(&path, &headers, &cookies, &body)),
        then: Then::Sweep,
        must,
    }
}

/// What approving comes to: one approval, one link about it, and the publisher is called.
fn approved(end: &End) {
    let [row] = end.partition("publication#demo")[..] else { panic!("{end:#?}") };
    assert_eq!(
        (&row["state"], &row["revision"], &row["approval"]["by"]),
        (&json!("approved"), &json!(1), &json!("anna"))
    );
    assert_eq!(end.deeds.iter().filter(|deed| *deed == "approve").count(), 1, "{:?}", end.deeds);
    let call = json!(Summons::to(&RunId::from("run-5"))).to_string();
    assert_eq!(end.sent.get("publish"), Some(&BTreeSet::from([call])), "the publisher is called");
}

/// What rejecting comes to: one rejection, one link about it, and the run goes back to the stage at fault.
fn rejected(end: &End) {
    let [row] = end.partition("publication#demo")[..] else { panic!("{end:#?}") };
    assert_eq!((&row["state"], end.sent_to("script")), (&json!("rejected"), 1), "{end:#?}");
    assert_eq!(end.deeds.iter().filter(|deed| *deed == "reject").count(), 1, "{:?}", end.deeds);
}

/// A signed approval.
fn webhook() -> Scene {
    let stage = before_a_decision();
    let expires = SystemClock.now() + SignedDuration::from_hours(24);
    let body = json!({
        "channel": "demo", "run": stage.candidate.head.run_id, "film": stage.candidate.film_digest, "expires_at": expires,
        "decision": "approve",
    });
    let (key, body) = (Key::of(KEY.to_vec(), &law().webhook).unwrap(), body.to_string());
    let call = move || {
        let at = SystemClock.now().as_second() as u64;
        let headers = json!({
            "host": "a.example", "content-type": "application/json", "webhook-id": "msg_1",
            "webhook-timestamp": at.to_string(), "webhook-signature": sign(&key, "msg_1", at, body.as_bytes()),
        });
        post("/decide/anna", &headers, &[], &body)
    };
    Scene {
        name: "gateway, a signed approval",
        function: "gateway",
        world: stage.memory.snapshot(),
        call: Box::new(call),
        then: Then::Sweep,
        must: |end| {
            approved(end);
            let [row] = end.partition("webhook#anna")[..] else { panic!("{end:#?}") };
            assert_eq!(row["outcome"]["state"], "approved");
        },
    }
}

/// A round of the clock over these stores.
fn round(name: &'static str, function: &'static str, world: World, event: Value, must: fn(&End)) -> Scene {
    Scene { name, function, world, call: Box::new(move || event.clone()), then: Then::Look, must }
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

/// Every function and way to call it, but for the sweep.
pub async fn scenes() -> Vec<Scene> {
    let reject = "stage=script&reason=the+hook+is+weak";
    vec![
        start(),
        Box::pin(form("gateway, approve", "approve", "visibility=public", approved)).await,
        Box::pin(form("gateway, reject", "reject", reject, rejected)).await,
        webhook(),
        Box::pin(watchdog()).await,
        measure(),
        report(),
    ]
}
