//! What the records say of a month: planted rows, counted and held against what is free.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::date;
use proofreel_model::calls::CallCounts;
use proofreel_model::digest::BlobRef;
use proofreel_model::records::{PipelineRun, RunHead, RunMetrics, RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_operations::reports::{self, Period};
use proofreel_operations::{ChannelFile, Channels, Office, month};
use proofreel_pipeline::incidents;
use proofreel_ports::{Condition, Item, PortError, Records};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::function::program;
use proofreel_tests::local_aws::LocalAws;
use serde_json::{Value, json};

/// 2026-11-16T00:00:00Z: half of November.
const HALF_MS: i64 = 1_794_787_200_000;
const CHANNEL: &str =
    "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

struct One;

#[async_trait]
impl Channels for One {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(vec![ChannelFile { name: "demo.toml".into(), text: CHANNEL.into() }])
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn put(records: &dyn Records, pk: &str, sk: String, body: Value) {
    records.put(Item { pk: pk.into(), sk, body }, Condition::None).await.unwrap();
}

/// A run as the driver leaves it, with a film of so many bytes.
async fn run(records: &dyn Records, run: &str, ordered: &str, film: u64) {
    let file = BlobRef { bytes: film, ..BlobRef::to("file", run.as_bytes()) };
    let head = RunHead {
        run_id: run.into(),
        channel: "demo".into(),
        order: BlobRef { bytes: 1_000, ..BlobRef::to("order", run.as_bytes()) },
        state: RunState::Done,
        artifacts: BTreeMap::new(),
        files: BTreeMap::from([("video.mp4".to_owned(), file)]),
        rewrites: 0,
        draft: false,
        created_at: at(ordered),
        updated_at: at("2026-11-09T07:00:00Z"),
    };
    put(records, "runs", format!("{:.9}#{run}", at(ordered)), json!({ "run_id": run, "channel": "demo" })).await;
    put(records, &format!("run#{run}"), "head".into(), serde_json::to_value(&head).unwrap()).await;
}

async fn row(records: &dyn Records, run: &str, stage: StageName, outcome: &str, ended: &str, latency_ms: u64) {
    let row = PipelineRun {
        run_id: run.into(),
        channel: "demo".into(),
        stage,
        visit: 1,
        part: (outcome == "part").then_some(1),
        status: RunStatus::Success,
        attempts: 1,
        input_refs: Vec::new(),
        output_refs: Vec::new(),
        outcome: outcome.into(),
        error_summary: None,
        note: None,
        draft: false,
        metrics: RunMetrics { latency_ms, ..RunMetrics::default() },
        created_at: at(ended),
    };
    put(records, &format!("run#{run}"), format!("log#{stage}#{ended}"), serde_json::to_value(&row).unwrap()).await;
}

async fn asked(records: &dyn Records, month: &str, day: i8, provider: &str, counts: CallCounts) {
    let body = json!({
        "version": 3, "day": format!("{month}-{day:02}"), "provider": provider, "channel": "demo", "kind": "speech",
        "counts": counts, "paid_by": {}, "refused": {},
    });
    put(records, &format!("usage#{month}"), format!("{day:02}#{provider}#demo#speech"), body).await;
}

async fn mail(records: &dyn Records, key: &str, way: &str, became: &str, happened: &str) {
    let body = json!({
        "event": { "key": key, "about": "page", "title": "t", "text": "t", "cause": key },
        "scope": "all", "recipient": { "way": way, "address": "desk" }, "became": became, "tries": 1, "until": 0,
        "claim": 1, "at": happened,
    });
    put(records, "notice", format!("{key}#all#desk"), body).await;
}

/// A run of October that went on into November, one of November, one of a year ago and one of December; what was asked and mailed.
async fn plant(records: &dyn Records) {
    run(records, "old", "2025-11-03T06:00:00Z", 7_000_000).await;
    run(records, "late", "2026-10-31T23:50:00Z", 9_000_000).await;
    run(records, "own", "2026-11-09T06:00:00Z", 14_000_000).await;
    run(records, "next", "2026-12-01T06:00:00Z", 5_000_000).await;
    row(records, "late", StageName::Script, "advance", "2026-10-31T23:59:00Z", 4_000).await;
    row(records, "late", StageName::Render, "advance", "2026-11-01T00:10:00Z", 600_000).await;
    row(records, "own", StageName::Script, "advance", "2026-11-09T06:10:00Z", 5_000).await;
    row(records, "own", StageName::Render, "part", "2026-11-09T06:20:00Z", 60_000).await;
    row(records, "own", StageName::Render, "advance", "2026-11-09T06:30:00Z", 30_000).await;
    put(records, "runs", "2026-11-10T06:00:00.000000000Z#torn".into(), json!({ "run_id": "torn", "channel": "demo" }))
        .await;
    put(records, "run#torn", "head".into(), json!({ "run_id": "torn" })).await;
    let spoken = |characters: u64| CallCounts { characters, calls: 2, ..CallCounts::default() };
    asked(records, "2026-10", 31, "google-speech", spoken(90_000)).await;
    asked(records, "2026-11", 1, "google-speech", spoken(250_000)).await;
    asked(records, "2026-11", 9, "google-speech", spoken(50_000)).await;
    asked(records, "2026-11", 9, "groq", CallCounts { tokens: 7_000, calls: 1, ..CallCounts::default() }).await;
    mail(records, "one", "email", "sent", "2026-11-09T07:00:00Z").await;
    mail(records, "two", "email", "failed", "2026-11-09T07:00:00Z").await;
    mail(records, "three", "slack", "sent", "2026-11-09T07:00:00Z").await;
    mail(records, "four", "email", "sent", "2026-10-09T07:00:00Z").await;
}

async fn planted() -> Office {
    let memory = Memory::of(World::at(HALF_MS));
    plant(&memory).await;
    Office {
        records: Arc::new(memory.clone()),
        blobs: Arc::new(memory.clone()),
        clock: Arc::new(memory),
        channels: Arc::new(One),
    }
}

#[tokio::test]
async fn a_month_is_what_was_ordered_done_asked_and_mailed_in_it() {
    let office = planted().await;
    let november = month::recorded(&office, date(2026, 11, 16)).await.unwrap();
    assert_eq!(november.ordered, ["own".into()]);
    assert_eq!(november.runs, 4, "all up to its end: also the one that cannot be read");
    let told: Vec<(&str, &str, u64)> = november
        .attempts
        .iter()
        .map(|attempt| (attempt.run.as_str(), attempt.stage.as_str(), attempt.latency_ms))
        .collect();
    let own = [("own", "script", 5_000), ("own", "render", 60_000), ("own", "render", 30_000)];
    assert_eq!(told, [&[("late", "render", 600_000)][..], &own].concat(), "by the time at which they ended");
    let films: Vec<(&str, u64)> = november.films.iter().map(|film| (film.run.as_str(), film.bytes)).collect();
    assert_eq!(films, [("late", 9_000_000), ("own", 14_000_000)], "a part is no film");
    assert_eq!((november.kept_bytes, november.mails), (14_001_000, 1));
    assert_eq!(november.unreadable, ["torn"]);
    let characters: u64 = november.usage.iter().map(|row| row.counts.characters).sum();
    assert_eq!(characters, 300_000, "of November alone");
}

#[tokio::test]
async fn the_budget_and_the_months_report_say_what_was_used() {
    let office = planted().await;
    let profiles = office.channels.profiles().await.unwrap();
    let budget = month::budget(&office, &profiles, date(2026, 11, 16)).await.unwrap();
    let went = budget.actual.as_ref().unwrap();
    assert_eq!((went.days, went.runs, went.films, went.attempts), (15.0, 1, 2, 4));
    let line = budget.lines.iter().find(|line| line.id == "google_characters").unwrap();
    let actual = line.actual.as_ref().unwrap();
    assert_eq!(actual.so_far.unwrap().share, Some(0.3));
    assert_eq!(actual.projected.unwrap().share, Some(0.6));
    assert_eq!(actual.cites.len(), 2);

    let made = reports::make(&office, &profiles[0], &[], Period::Monthly, Some(date(2026, 11, 3))).await.unwrap();
    let table = &made.files.iter().find(|(name, _)| name == "month-2026-11-budget.md").unwrap().1;
    for part in [
        "| Google speech | 300,000 | 1,000,000 | 30.0 % | 60.0 % [",
        "| Lambda calls |",
        "| Model tokens, at most | 7,000",
        "read: torn",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    let page = made.page(reports::Form::Markdown);
    assert!(page.contains("| Google speech | 300,000 | 1,000,000 | 30.0 % | 60.0 %"), "{page}");
    assert!(page.contains("month-2026-11-budget.md"), "{page}");
}

/// The command on the records of a deployed stack: what `--cloud` asks, imports, keeps and closes is there, and nothing of it here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_wire() {
    let (aws, folder) = (LocalAws::deployed().await, tempfile::tempdir().unwrap());
    let records = aws.records();
    plant(&records).await;
    aws.put_file("channels/demo.toml", CHANNEL.into()).await;
    let (file, table) = (folder.path().join("demo.toml"), folder.path().join("table.csv"));
    std::fs::write(&file, CHANNEL).unwrap();
    std::fs::write(&table, "Content,Video title,Video publish time,Views,Impressions,Impressions click-through rate (%)\naaaaaaaaaaa,A title,\"Nov 17, 2026\",2000,40000,4.0\n").unwrap();
    let asked = |arguments: &[&str]| -> Value {
        let out = Command::new(program("proofreel"))
            .arg("--json")
            .arg("--state")
            .arg(folder.path().join("state"))
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .envs(aws.environment())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{arguments:?}: {told}");
        serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    let (file, table) = (file.to_str().unwrap(), table.to_str().unwrap());
    let month = asked(&["budget", "--month", "2026-11", "--cloud"])["month"].take();
    assert_eq!((&month["channels"]["all"], &month["actual"]["films"]), (&json!(1), &json!(2)), "{month:#}");
    assert_eq!((&month["actual"]["attempts"], &month["actual"]["unreadable"]), (&json!(4), &json!(["torn"])));
    let used = asked(&["usage", "--month", "2026-11", "--cloud"]);
    assert_eq!(used["total"]["characters"], json!(300_000));

    let import = ["kpi", "import", table, "--channel", file, "--day", "2026-11-22", "--cloud"];
    assert_eq!(asked(&import)["rows"]["new"], json!(1));
    assert_eq!(asked(&["kpi", "show", "--channel", file, "--cloud"])["videos"].as_array().unwrap().len(), 1);
    assert_eq!(asked(&["kpi", "show", "--channel", file])["videos"], json!([]), "nothing was stored here");
    assert_eq!(asked(&["phase", "--channel", file, "--cloud"])["channels"][0]["phase"], json!(0));
    let out = folder.path().join("out");
    let made =
        ["report", "monthly", "--channel", file, "--of", "2026-11-03", "--cloud", "--out", out.to_str().unwrap()];
    assert_eq!(asked(&made)["kept"], "month-2026-11");
    assert_eq!(asked(&["report", "list", "--channel", file, "--cloud"])["reports"].as_array().unwrap().len(), 1);
    assert_eq!(asked(&["report", "list", "--channel", file])["reports"], json!([]));

    // A look that only the stack knows of, and a pause that only it keeps.
    assert_eq!(incidents::last_beat(&records).await.unwrap(), None);
    incidents::put_beat(&records, Timestamp::now()).await.unwrap();
    assert_eq!(asked(&["watchdog", "beat", "--cloud"])["status"], "alive");
    let pause = ["watchdog", "pause", "--from", "2026-12-21", "--until", "2026-12-27", "--cloud"];
    assert_eq!(asked(&pause)["status"], "paused");
    assert_eq!(incidents::pauses::<Value>(&records).await.unwrap().len(), 1);

    let incident = json!({ "kind": "stuck_run", "cause": "stuck#own", "what": "it stands still", "state": "open",
        "created_at": "2026-11-09T08:00:00Z" });
    put(&records, "incidents", "2026-11-09T08:00:00.000000000Z#stuck#own".into(), incident).await;
    assert_eq!(asked(&["incidents", "--cloud"])["incidents"].as_array().unwrap().len(), 1);
    let taken = asked(&["incidents", "ack", "stuck#own", "--owner", "anna", "--cloud"]);
    assert_eq!(taken["incident"]["state"], "acknowledged");
    assert_eq!(incidents::incidents(&records).await.unwrap()[0].1.owner.as_deref(), Some("anna"));
}
