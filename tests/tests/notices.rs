//! Telling people over real connections: the governor and the one client before webhooks that misbehave, and SNS on loopback.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
use jiff::civil::date;
use proofreel_adapters::aws::SnsMail;
use proofreel_governor::{Doors, Governor, Pause};
use proofreel_insight::report::Document;
use proofreel_model::incident::{IncidentKind, Page};
use proofreel_model::notices::Notices;
use proofreel_model::policy::providers;
use proofreel_operations::notices::{Round, Teller};
use proofreel_operations::reports::{Made, Period};
use proofreel_operations::{ChannelFile, Channels, Office};
use proofreel_pipeline::incidents;
use proofreel_ports::{Condition, Item, Mailer, Pager as _, PortError, Records as _, Secret, Secrets};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use serde_json::{Value, json};

/// 2026-11-28T20:00:00Z.
const NOW_MS: i64 = 1_795_896_000_000;

/// What a webhook's address has that nobody may see.
const CANARY: &str = "canary-of-a-webhook";

struct Files(String);

#[async_trait]
impl Channels for Files {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(vec![ChannelFile { name: "demo.toml".into(), text: self.0.clone() }])
    }
}

/// Secrets by name: addresses on the site.
struct Addresses(String);

#[async_trait]
impl Secrets for Addresses {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        let site = &self.0;
        Ok(match name {
            "missing" => None,
            "topic" => Some(Secret::new("arn:aws:sns:us-east-1:111122223333:canary-topic")),
            "ntfy" => Some(Secret::new(format!("{site}/ops-{CANARY} tk_{CANARY}"))),
            name => Some(Secret::new(format!("{site}/{name}/T0/B0/{CANARY}?wait=true"))),
        })
    }
}

struct Quick(Memory);

#[async_trait]
impl Pause for Quick {
    async fn pause(&self, span: Duration) {
        self.0.pass(i64::try_from(span.as_millis()).unwrap().max(1));
    }
}

/// What the mailer was given.
#[derive(Default)]
struct Postbag(Mutex<Vec<(String, String)>>);

#[async_trait]
impl Mailer for Postbag {
    async fn mail(&self, _: &Secret, subject: &str, text: &str) -> Result<(), PortError> {
        self.0.lock().unwrap().push((subject.into(), text.into()));
        Ok(())
    }
}

struct Stage {
    memory: Memory,
    site: Site,
    teller: Teller,
    mail: Arc<Postbag>,
}

/// A teller whose recipients are these, on a site with this script.
fn stage(settings: &str, channel: &str, script: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Stage {
    let memory = Memory::of(World::at(NOW_MS));
    let site = Site::open(script);
    let file = format!(
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n{channel}"
    );
    let secrets: Arc<dyn Secrets> = Arc::new(Addresses(site.url("")));
    let client = Client::new(&Identity { contact: Some("mailto:ops@example.org".into()) }).unwrap();
    let doors = Doors {
        web: Arc::new(client),
        records: Arc::new(memory.clone()),
        blobs: Arc::new(memory.clone()),
        clock: Arc::new(memory.clone()),
        secrets: Arc::clone(&secrets),
    };
    let governor = Governor::with_pause(doors, providers(None).unwrap(), 3, Arc::new(Quick(memory.clone())));
    let office = Office {
        records: Arc::new(memory.clone()),
        blobs: Arc::new(memory.clone()),
        clock: Arc::new(memory.clone()),
        channels: Arc::new(Files(file)),
    };
    let mail = Arc::new(Postbag::default());
    let mailer: Arc<dyn Mailer> = Arc::clone(&mail) as _;
    let settings = Notices::parse("notices.toml", settings).unwrap();
    let teller = Teller::new(office, Arc::new(governor), secrets, Some(mailer), settings);
    Stage { memory, site, teller, mail }
}

/// What such a webhook answers.
fn good(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        path if path.starts_with("/slack") => Reply::text("ok"),
        path if path.starts_with("/discord") => Reply::status(204),
        "/" => Reply::json(&json!({"id": "n1", "event": "message"})),
        _ => Reply::status(202),
    }
}

fn to(way: &str, address: &str, more: &str) -> String {
    format!("[[to]]\nway = \"{way}\"\naddress = \"{address}\"\n{more}")
}

fn page(text: &str) -> Page {
    Page { title: "two slots missed".into(), text: text.into(), resolved: false, cause: "slo_breach#demo#slot".into() }
}

fn bodies(site: &Site) -> Vec<Value> {
    site.asked().iter().map(|asked| serde_json::from_slice(&asked.body).unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_gets_it_in_their_own_form_once() {
    let settings = format!(
        "console = \"https://console.example.org\"\n{}{}{}{}{}",
        to("slack", "slack", ""),
        to("discord", "discord", ""),
        to("ntfy", "ntfy", ""),
        to("email", "topic", ""),
        to("webhook", "hook", "about = [\"decision\"]\n")
    );
    let stage = stage(&settings, "", |_, asked| good(asked));
    for _ in 0..3 {
        stage.teller.page(&page("since noon <!channel>")).await.unwrap();
    }
    let asked = stage.site.asked();
    assert_eq!(asked.len(), 3, "once each, and the webhook wants decisions only");
    let at = |path: &str| asked.iter().find(|asked| asked.path.starts_with(path)).expect(path);
    assert_eq!(at("/slack").path, format!("/slack/T0/B0/{CANARY}"));
    assert_eq!(at("/discord").query, "wait=true");
    let ntfy = asked.iter().find(|asked| asked.path == "/").expect("ntfy's root");
    assert_eq!(ntfy.header("authorization"), Some(format!("Bearer tk_{CANARY}").as_str()));
    let body: Value = serde_json::from_slice(&ntfy.body).unwrap();
    assert_eq!((body["topic"].as_str(), body["priority"].as_u64()), (Some(&*format!("ops-{CANARY}")), Some(5)));
    assert_eq!(body["click"], "https://console.example.org/incidents");
    let slack: Value = serde_json::from_slice(&at("/slack").body).unwrap();
    assert!(slack.to_string().contains("&lt;!channel&gt;"), "{slack}");
    assert_eq!(stage.mail.0.lock().unwrap().len(), 1);
    assert!(stage.teller.waiting().await.unwrap().is_empty());
    let other = Page { text: "since one".into(), ..page("") };
    stage.teller.page(&other).await.unwrap();
    assert_eq!(stage.site.asked().len(), 6, "another page is another notice");
}

/// Rows of publications, as publishing writes them.
async fn publication(memory: &Memory, run: &str, state: &str, more: Value) {
    let mut body = json!({
        "channel": "demo", "run": run, "revision": 1, "state": state, "film": "ab".repeat(32), "step": "none",
        "updated_at": "2026-11-28T19:00:00Z",
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let item = Item { pk: "publication#demo".into(), sk: run.into(), body };
    memory.put(item, Condition::None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_waits_leads_straight_to_its_decision_and_only_its_channel_hears_of_it() {
    let settings = format!("console = \"https://console.example.org\"\n{}", to("webhook", "all", ""));
    let channel = "[[notices.to]]\nway = \"slack\"\naddress = \"slack\"\nabout = [\"decision\"]\n";
    let stage = stage(&settings, channel, |_, asked| good(asked));
    publication(&stage.memory, "r1", "awaiting-approval", json!({})).await;
    let taken =
        json!({"retraction": {"by": "ann", "at": "2026-11-28T19:00:00Z", "reason": "a wrong axis", "done": true}});
    publication(&stage.memory, "r2", "retracted", taken.clone()).await;
    publication(&stage.memory, "r3", "published", json!({})).await;
    let mut old = taken;
    old["updated_at"] = "2026-10-01T00:00:00Z".into();
    publication(&stage.memory, "r4", "retracted", old).await;
    assert_eq!(stage.teller.catch_up().await.unwrap(), Round { sent: 3, later: 0, failed: 0 });
    assert_eq!(stage.teller.catch_up().await.unwrap(), Round::default(), "once");
    let bodies = bodies(&stage.site);
    let plain: Vec<&Value> = bodies.iter().filter(|body| body.get("cause").is_some()).collect();
    assert_eq!(plain.len(), 2);
    assert_eq!(plain[0]["link"], "https://console.example.org/runs/r1#decision");
    assert!(plain[0]["text"].as_str().unwrap().contains("proofreel approve r1"));
    assert!(plain[1]["text"].as_str().unwrap().contains("a wrong axis"), "{}", plain[1]);
    let slack = bodies.iter().find(|body| body.get("blocks").is_some()).unwrap();
    assert!(slack.to_string().contains("<https://console.example.org/runs/r1#decision|Open it>"), "{slack}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_what_lasts_is_a_note_that_calls_nobody() {
    // Down three times, then limited with a time to come again, then well.
    let script = |number: usize, asked: &Asked| match number {
        0..=2 => Reply::status(503),
        3 => Reply::too_many("600"),
        _ => good(asked),
    };
    let stage = stage(&to("slack", "slack", ""), "", script);
    stage.teller.page(&page("x")).await.unwrap();
    assert_eq!(stage.site.asked().len(), 2, "two tries at once, then the run goes on");
    assert_eq!(stage.teller.send_due().await.unwrap(), Round::default(), "not due yet");
    stage.memory.pass(60 * 60_000);
    assert_eq!(stage.teller.send_due().await.unwrap().later, 1);
    stage.memory.pass(6 * 60 * 60_000);
    assert_eq!(stage.teller.send_due().await.unwrap().later, 1, "limited");
    let waiting = stage.teller.waiting().await.unwrap();
    assert!(waiting[0].last.as_ref().unwrap().contains("429"), "{waiting:?}");
    stage.memory.pass(599_000 - 5_000);
    assert_eq!(stage.teller.send_due().await.unwrap(), Round::default(), "its own word is kept");
    stage.memory.pass(60_000);
    assert_eq!(stage.teller.send_due().await.unwrap().sent, 1);
    assert!(incidents::incidents(&stage.memory).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_misbehaves_neither_blocks_nor_learns_nor_tells_a_secret() {
    type Script = fn(&Asked) -> Reply;
    let repeats: Script = |asked| Reply::text(&format!("no such hook: {}", asked.path)).with_status(404);
    let ways: [(&str, &str, Script); 8] = [
        ("slack", "gone, and it says the address", repeats),
        ("slack", "a page with a good status", |_| Reply::html("<!DOCTYPE html>later")),
        ("webhook", "a page with a good status", |_| Reply::html("<!DOCTYPE html>later")),
        ("webhook", "leads elsewhere", |_| Reply::redirect(307, "http://169.254.169.254/latest")),
        ("discord", "endless", |_| Reply::endless()),
        ("ntfy", "no answer of its kind", |_| Reply::text("ok")),
        ("webhook", "breaks off", |_| Reply::reset("{\"a\":")),
        ("webhook", "forbidden", |_| Reply::status(403)),
    ];
    for (way, what, script) in ways {
        let address = if way == "ntfy" { "ntfy" } else { "hook" };
        let stage = stage(&to(way, address, ""), "", move |_, asked| script(asked));
        stage.teller.page(&page("x")).await.unwrap();
        for _ in 0..12 {
            stage.memory.pass(7 * 60 * 60_000);
            stage.teller.send_due().await.unwrap();
        }
        assert!(stage.teller.waiting().await.unwrap().is_empty(), "{what}: it is given up in the end");
        let kept = incidents::incidents(&stage.memory).await.unwrap();
        assert_eq!(kept.len(), 1, "{what}");
        assert_eq!((kept[0].1.kind, kept[0].1.pages), (IncidentKind::NoticeFailed, 0), "{what}");
        // Nowhere in any row that was written: accounts, usage, notices, incidents.
        let all = stage.memory.look(|world| format!("{:?}", world.records));
        assert!(!all.contains(CANARY), "{what}: a secret is in the records");
    }
}

/// A page of a run reaches those of the run's channel, a report those who want reports, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_hears_of_its_runs_and_of_its_reports() {
    let channel = "[[notices.to]]\nway = \"webhook\"\naddress = \"hook\"\nabout = [\"page\", \"report\"]\n";
    let stage = stage("", channel, |_, asked| good(asked));
    let of_run = |run: &str| Page { cause: format!("publish_failed#{run}"), ..page("x") };
    stage.teller.page(&of_run("nobody-knows-it")).await.unwrap();
    assert!(stage.site.asked().is_empty(), "of no channel that is known");
    stage.teller.page(&Page { cause: "consent_lost#demo".into(), ..page("y") }).await.unwrap();
    assert_eq!(stage.site.asked().len(), 1);
    let document = Document { title: "Demo, week of 16 November".into(), ..Document::default() };
    let name = "week-2026-11-16".to_owned();
    let files = vec![(format!("{name}.txt"), "two films, one held".to_owned())];
    let (channel, period, from) = ("demo".into(), Period::Weekly, date(2026, 11, 16));
    let made = Made { channel, period, from, name, document, files };
    for _ in 0..2 {
        stage.teller.tell_report(&made).await.unwrap();
    }
    let told = bodies(&stage.site);
    assert_eq!(told.len(), 2, "once a period");
    assert_eq!(
        (told[1]["title"].as_str(), told[1]["text"].as_str()),
        (Some("Demo, week of 16 November"), Some("two films, one held"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_who_can_be_reached() {
    let settings = format!("{}{}{}", to("slack", "slack", ""), to("webhook", "missing", ""), to("email", "topic", ""));
    let stage = stage(&settings, "", |_, asked| good(asked));
    let all = stage.teller.test().await.unwrap();
    let reached: Vec<bool> = all.iter().map(|(.., sent)| sent.is_ok()).collect();
    assert_eq!(reached, [true, false, true]);
    assert!(all[1].2.as_ref().unwrap_err().contains("the secret `missing` is missing"));
}

/// SNS over the wire: a server on loopback that speaks its protocol, or does not.
#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_by_sns_and_its_refusals_are_told_without_the_topic() {
    let mail = |site: &Site| {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .endpoint_url(site.url(""))
            .retry_config(aws_sdk_sns::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        SnsMail::new(aws_sdk_sns::Client::from_conf(config))
    };
    let topic = Secret::new("arn:aws:sns:us-east-1:111122223333:canary-topic");
    let xml = |body: &str, status: u16| {
        Reply::bytes("text/xml", body.to_owned()).with_status(status).header("x-amzn-requestid", "r-1")
    };
    let site = Site::open(move |_, _| {
        xml(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>",
            200,
        )
    });
    mail(&site).mail(&topic, "a film waits: “Größe”", "text & more\n").await.unwrap();
    let asked = site.asked();
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(&asked[0].body).into_owned().filter(|(key, _)| key != "Version").collect();
    let is = |key: &str, value: &str| form.iter().any(|(k, v)| k == key && v == value);
    assert!(is("Action", "Publish") && is("TopicArn", topic.reveal()) && is("Message", "text & more\n"), "{form:?}");
    assert!(is("Subject", "a film waits: \"Gr??e\""), "{form:?}");
    assert!(asked[0].header("authorization").is_some_and(|header| header.starts_with("AWS4-HMAC-SHA256")));

    let error = |code: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>arn:aws:sns:us-east-1:111122223333:canary-topic may not</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        )
    };
    for (code, status, lasting) in [
        ("NotFound", 404, true),
        ("AuthorizationError", 403, false),
        ("Throttling", 400, false),
        ("InternalError", 500, false),
    ] {
        let text = error(code);
        let site = Site::open(move |_, _| xml(&text, status));
        let failed = mail(&site).mail(&topic, "s", "t").await.unwrap_err();
        assert!(!failed.to_string().contains("canary"), "{code}: {failed}");
        assert_eq!(matches!(failed, PortError::Refused { .. }), lasting, "{code}: {failed}");
    }
    let page = Site::open(|_, _| Reply::html("<!DOCTYPE html>sign in to this network"));
    assert!(mail(&page).mail(&topic, "s", "t").await.is_err(), "an answer that is not Amazon's");
    let bad = mail(&page).mail(&Secret::new("canary@example.org"), "s", "t").await.unwrap_err();
    assert!(matches!(bad, PortError::Refused { .. }) && !bad.to_string().contains("canary"), "{bad}");
}
