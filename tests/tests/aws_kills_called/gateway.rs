//! What people and programs ask of the gateway that changes something: the console's forms, its links, and signed messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use proofreel_adapters::local::SystemClock;
use proofreel_console::sessions::{make_link, sign_in};
use proofreel_lambda::Summons;
use proofreel_model::channel;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::policy::publishing::law;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, read_packages, run_head, store_packages};
use proofreel_ports::{Blobs, Clock, Queue};
use proofreel_publishing::PublishState;
use proofreel_publishing::webhook::{Key, sign};
use proofreel_tests::deployed::root;
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::poller::VISIBILITY_MS;
use proofreel_tests::rehearsal::Mute;
use proofreel_tests::youtube::stage::Stage;
use serde_json::{Value, json};

use super::End;
use super::scenes::{Scene, Then, finished, office};

/// The key of the sender of webhooks.
pub const KEY: [u8; 32] = [7; 32];
/// A channel whose words anna edits.
const EDITED: &str = "id = \"t\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n[publishing]\napprovers = [\"anna\"]\noperators = [\"anna\"]\n";

/// The finished film, and the row of its run as the driver writes it, on a channel on which anna decides from outside.
fn before_a_decision() -> Stage {
    let stage = finished();
    let head: (Arc<str>, Arc<str>) = (format!("run#{}", stage.candidate.head.run_id).into(), "head".into());
    stage.memory.change(|world| {
        let file = world.blobs.get_mut("channels/demo.toml").unwrap();
        *file = [&file[..], b"approvers = [\"anna\"]\noperators = [\"anna\"]\n"].concat().into();
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

/// A form of the console, as a browser sends it.
fn sent(
    name: &'static str,
    memory: &Memory,
    (path, cookies, body): (String, Vec<String>, String),
    must: fn(&End),
) -> Scene {
    let headers = json!({
        "host": "a.example", "content-type": "application/x-www-form-urlencoded", "origin": "https://a.example",
        "sec-fetch-site": "same-origin",
    });
    Scene {
        name,
        function: "gateway",
        world: memory.snapshot(),
        call: Box::new(move || post(&path, &headers, &cookies, &body)),
        then: Then::Sweep,
        told: None,
        must,
    }
}

/// The same, sent by anna, who is signed in.
async fn form(name: &'static str, memory: &Memory, path: String, fields: &str, must: fn(&End)) -> Scene {
    let office = office(memory);
    let link = make_link(&office, "anna", false).await.unwrap();
    let (session, _) = sign_in(&office, &link).await.unwrap().unwrap();
    let cookies = vec![format!("__Host-proofreel={}", session.reveal())];
    sent(name, memory, (path, cookies, format!("csrf={}&{fields}", session.csrf())), must)
}

/// A decision about the film, by the form of its page.
async fn decision(name: &'static str, verb: &str, fields: &str, must: fn(&End)) -> Scene {
    let stage = before_a_decision();
    let (run, film) = (&stage.candidate.head.run_id, &stage.candidate.film_digest);
    form(name, &stage.memory, format!("/runs/{run}/{verb}"), &format!("film={film}&{fields}"), must).await
}

/// The publisher's message about the film.
fn publisher_is_called(end: &End) {
    let call = json!(Summons::to(&RunId::from("run-5"))).to_string();
    assert_eq!(end.sent.get("publish"), Some(&BTreeSet::from([call])), "the publisher is called");
}

/// What approving comes to: one approval, one link about it, and the publisher is called.
fn approved(end: &End) {
    let [row] = end.partition("publication#demo")[..] else { panic!("{end:#?}") };
    assert_eq!(
        (&row["state"], &row["revision"], &row["approval"]["by"]),
        (&json!("approved"), &json!(1), &json!("anna"))
    );
    assert_eq!(end.done("approve"), 1, "{:?}", end.deeds);
    publisher_is_called(end);
}

/// What rejecting comes to: one rejection, one link about it, and the run goes back to the stage at fault.
fn rejected(end: &End) {
    let [row] = end.partition("publication#demo")[..] else { panic!("{end:#?}") };
    assert_eq!((&row["state"], end.sent_to("script")), (&json!("rejected"), 1), "{end:#?}");
    assert_eq!(end.done("reject"), 1, "{:?}", end.deeds);
}

/// A signed decision.
fn signed(name: &'static str, decision: &[(&str, &str)], must: fn(&End)) -> Scene {
    let stage = before_a_decision();
    let expires = SystemClock.now() + SignedDuration::from_hours(24);
    let mut body = json!({
        "channel": "demo", "run": stage.candidate.head.run_id, "film": stage.candidate.film_digest, "expires_at": expires,
    });
    for (field, value) in decision {
        body[*field] = json!(value);
    }
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
        name,
        function: "gateway",
        world: stage.memory.snapshot(),
        call: Box::new(call),
        then: Then::Sweep,
        told: None,
        must,
    }
}

/// What the message came to, as it is told to whoever sends it again.
fn is_kept(end: &End, state: &str) {
    let [row] = end.partition("webhook#anna")[..] else { panic!("{end:#?}") };
    assert_eq!(row["outcome"]["state"], state);
}

/// A published film is taken back: the publisher is called to hide it.
async fn retract() -> Scene {
    let stage = before_a_decision();
    stage.approve();
    let ended = Box::pin(stage.play_on()).await.unwrap();
    assert_eq!(ended.row.state, PublishState::Published);
    let path = format!("/runs/{}/retract", stage.candidate.head.run_id);
    form("gateway, retract", &stage.memory, path, "reason=a+figure+was+revised", |end| {
        let [row] = end.partition("publication#demo")[..] else { panic!("{end:#?}") };
        let back = &row["retraction"];
        assert_eq!((&back["by"], &back["done"]), (&json!("anna"), &json!(false)), "{end:#?}");
        assert_eq!(end.done("retract"), 1, "{:?}", end.deeds);
        publisher_is_called(end);
    })
    .await
}

/// A person uses a one-time link. Whoever was signed in and not told so cannot use it again, and is told how to come by another.
async fn enter() -> Scene {
    let stage = before_a_decision();
    let link = make_link(&office(&stage.memory), "anna", false).await.unwrap();
    let form = ("/sign-in".to_owned(), Vec::new(), format!("link={}", link.reveal()));
    let scene = sent("gateway, sign in", &stage.memory, form, |end| {
        assert_eq!((end.sessions, end.done("console.sign-in")), (1, 1), "{end:#?}");
        assert!(end.partition("console-link").is_empty(), "{end:#?}");
    });
    Scene { then: Then::Nothing, told: Some((403, "proofreel console link --as NAME")), ..scene }
}

/// A person signs out. Whoever was signed out and not told so is told that nobody is signed in.
async fn leave() -> Scene {
    let stage = before_a_decision();
    let scene = form("gateway, sign out", &stage.memory, "/sign-out".into(), "", |end| {
        assert_eq!((end.sessions, end.done("console.sign-in")), (0, 1), "{end:#?}");
    });
    Scene { then: Then::Nothing, told: Some((401, "You are not signed in")), ..scene.await }
}

/// A person does something about an incident.
async fn incident(name: &'static str, verb: &str, fields: &str, must: fn(&End)) -> Scene {
    let stage = before_a_decision();
    let now = SystemClock.now();
    let key = format!("{now}#revision-of-run-5");
    let row = json!({
        "kind": "revision", "cause": "revision-of-run-5", "channel": "demo", "what": "A source revised a figure.", "since": now,
        "state": "open", "timeline": [], "created_at": now,
    });
    stage.memory.change(|world| {
        world.records.insert(("incidents".into(), key.as_str().into()), Arc::new(row));
    });
    let fields = format!("incident={key}&{fields}");
    let scene = form(name, &stage.memory, format!("/incidents/{verb}"), &fields, must);
    Scene { then: Then::Nothing, ..scene.await }
}

/// What acting on the incident comes to: once in its story, and once in the chain.
fn acted(end: &End, state: &str, deed: &str) {
    let [row] = end.partition("incidents")[..] else { panic!("{end:#?}") };
    let story = row["timeline"].as_array().map(Vec::len);
    assert_eq!((&row["state"], &row["owner"], story), (&json!(state), &json!("anna"), Some(1)), "{end:#?}");
    assert_eq!(end.done(deed), 1, "{:?}", end.deeds);
}

/// An episode of real stages that stopped after its check.
async fn checked() -> (Memory, RunHead) {
    let mut world = World::at(SystemClock.now().as_millisecond());
    world.blobs.insert("channels/t.toml".into(), EDITED.as_bytes().into());
    let memory = Memory::of(world);
    let packages = ["gold", "treasury-yield"].map(|name| root().join("data").join(name));
    let stored = store_packages(&memory as &dyn Blobs, &read_packages(&packages).unwrap()).await.unwrap();
    let mut channel = channel::parse("t.toml", EDITED).unwrap();
    channel.episode.target_seconds = 150;
    let order: Order = serde_json::from_value(json!({
        "channel": channel, "as_of": "2026-11-22", "seed": 5, "topic": "gold boom", "format": "landscape", "packages": stored,
    }))
    .unwrap();
    let (stages, scratch) = (proofreel_stages::chain(), tempfile::tempdir().unwrap());
    let driver = Driver::new(memory.ports(), stages, Policy::embedded(), Arc::new(Mute), scratch.path().to_owned())
        .with_owner(Owner::new("before"));
    let run = driver.start(&order, Some(StageName::Qa)).await.unwrap();
    loop {
        let head = run_head(&memory, &run).await.unwrap();
        let RunState::Running { stage } = head.state else {
            assert_eq!(head.state, RunState::Stopped { after: StageName::Qa });
            return (memory, head);
        };
        let queue = driver.chain().queue(stage, &run);
        let message = memory.receive(&queue, 1, VISIBILITY_MS, 12).await.unwrap().remove(0);
        driver.handle(&message.body).await.unwrap();
        Queue::delete(&memory, &queue, &message.receipt).await.unwrap();
    }
}

/// A person changes the title, by the form of the page: it names the script that it was made of, which is another one afterwards.
async fn edit() -> Scene {
    let (memory, head) = Box::pin(checked()).await;
    let base = &head.artifacts[&StageName::Script].digest.0[..12];
    let fields = format!("script={base}&title=What+the+gold+price+did");
    form("gateway, edit", &memory, format!("/runs/{}/edit", head.run_id), &fields, |end| {
        let [row] = end.partition("publication#t")[..] else { panic!("{end:#?}") };
        assert_eq!((&row["revision"], &row["edited"]["by"]), (&json!(1), &json!("anna")), "{end:#?}");
        assert_eq!((end.done("edit"), end.sent_to("qa")), (1, 1), "{end:#?}");
    })
    .await
}

/// Those of which some deaths are tried on each commit.
pub async fn some() -> Vec<Scene> {
    let approve = [("decision", "approve")];
    let reject = [("decision", "reject"), ("reason", "the hook is weak"), ("stage", "script")];
    let ended = "resolution=the+film+was+taken+back&follow_up=say+when+a+figure+is+final";
    vec![
        Box::pin(decision("gateway, approve", "approve", "visibility=public", approved)).await,
        signed("gateway, a signed approval", &approve, |end| {
            approved(end);
            is_kept(end, "approved");
        }),
        signed("gateway, a signed rejection", &reject, |end| {
            rejected(end);
            is_kept(end, "rejected");
        }),
        Box::pin(retract()).await,
        Box::pin(enter()).await,
        Box::pin(incident("gateway, end an incident", "resolve", ended, |end| {
            acted(end, "resolved", "incident.resolve");
        }))
        .await,
    ]
}

/// The others: a form that does what a message did, what writes a single row, and what takes long.
pub async fn others() -> Vec<Scene> {
    let reject = "stage=script&reason=the+hook+is+weak";
    vec![
        Box::pin(decision("gateway, reject", "reject", reject, rejected)).await,
        Box::pin(incident("gateway, take an incident", "take", "", |end| acted(end, "acknowledged", "incident.take")))
            .await,
        Box::pin(leave()).await,
        Box::pin(edit()).await,
    ]
}
