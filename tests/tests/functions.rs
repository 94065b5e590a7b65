//! The real binaries of the functions under the Lambda runtime API, over a local AWS.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::SqsBatchResponse;
use proofreel_adapters::local::SystemClock;
use proofreel_lambda::ParkedLetter;
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Compare, Driver, Owner, Ports, order_of, read_packages, run_head, run_rows, store_packages};
use proofreel_ports::{Delivery, Queue};
use proofreel_tests::deployed::{Deployed, gold_package, root};
use proofreel_tests::function::{Function, binary};
use proofreel_tests::local_aws::LocalAws;
use proofreel_tests::poller::{VISIBILITY_MS, acknowledge, event_of};
use proofreel_tests::rehearsal::Mute;
use rustix::process::Signal;
use serde_json::{Value, json};

const PLANNER: &str = "proofreel-planner";
const LONG: Duration = Duration::from_secs(90);

/// A driver over the local AWS that does no stage.
fn driver(aws: &LocalAws) -> Driver {
    let ports = Ports {
        blobs: Arc::new(aws.blobs()),
        records: Arc::new(aws.records()),
        queue: Arc::new(aws.queue()),
        clock: Arc::new(SystemClock),
    };
    Driver::new(ports, Vec::new(), Policy::embedded(), Arc::new(Mute), std::env::temp_dir())
        .with_owner(Owner::new("test"))
}

/// Starts a run of the short channel on the gold package.
async fn start(aws: &LocalAws) -> RunId {
    let driver = driver(aws);
    let text = std::fs::read_to_string(root().join("tests/channels/short.toml")).unwrap();
    let profile = proofreel_model::channel::parse("short.toml", &text).unwrap();
    let packages = read_packages(&[root().join("data/gold")]).unwrap();
    let ports = driver.ports();
    let packages = store_packages(ports.blobs.as_ref(), &packages).await.unwrap();
    let day = "2026-11-22".parse().unwrap();
    let order = order_of(ports, profile, packages, day, 7, &Compare::default()).await.unwrap();
    driver.start(&order, None).await.unwrap()
}

async fn receive(aws: &LocalAws, queue: &str) -> Vec<Delivery> {
    let mut all = Vec::new();
    loop {
        let batch = aws.queue().receive(queue, 10, VISIBILITY_MS, 12).await.unwrap();
        if batch.is_empty() {
            return all;
        }
        all.extend(batch);
    }
}

/// One invocation with these messages, acknowledged as Lambda does. Gives how many came back; `None`: the process ended.
async fn invoke(
    aws: &LocalAws,
    function: &mut Function,
    queue: &str,
    batch: &[Delivery],
    limit: Duration,
) -> Option<usize> {
    let event = serde_json::to_value(event_of(queue, batch)).unwrap();
    let answer = function.invoke(event, limit).await?.unwrap_or_else(|error| panic!("{error} {:#?}", function.log()));
    let answer: SqsBatchResponse = serde_json::from_value(answer).unwrap();
    acknowledge(&aws.queue(), queue, batch, &answer).await;
    Some(answer.batch_item_failures.len())
}

async fn state(aws: &LocalAws, run: &RunId) -> RunState {
    run_head(&aws.records(), run).await.unwrap().state
}

#[tokio::test]
async fn a_good_a_malformed_and_a_stale_record_and_one_with_no_time_left() {
    let aws = LocalAws::deployed().await;
    let environment = [aws.environment(), vec![("PROOFREEL_NAMESPACE", "proofreel-dev".into())]].concat();
    let mut planner = Function::start("planner", &environment).await;
    let run = start(&aws).await;
    let first = receive(&aws, PLANNER).await;
    assert_eq!(first.len(), 1);
    // Less time than a record needs to begin: untouched, and visible at once.
    assert_eq!(invoke(&aws, &mut planner, PLANNER, &first, Duration::from_millis(1_500)).await, Some(1));
    let mut batch = receive(&aws, PLANNER).await;
    assert_eq!((batch.len(), batch[0].receive_count), (1, 2));
    let body = batch[0].body.clone();
    aws.queue().send(PLANNER, "{\"run\": 7", 0).await.unwrap();
    aws.queue().send(PLANNER, &body, 0).await.unwrap(); // delivered twice: stale once the first is done
    batch.extend(receive(&aws, PLANNER).await);
    assert_eq!(invoke(&aws, &mut planner, PLANNER, &batch, LONG).await, Some(0), "{:#?}", planner.log());
    assert_eq!(state(&aws, &run).await, RunState::Running { stage: StageName::TopicScoring });
    assert_eq!(run_rows(&aws.records(), &run).await.unwrap().len(), 1);
    let letter = receive(&aws, "proofreel-planner-dlq").await.remove(0);
    let letter: ParkedLetter = serde_json::from_str(&letter.body).unwrap();
    assert_eq!(letter.body, "{\"run\": 7");

    let log = planner.log();
    let line = log.iter().find(|line| line["message"] == "attempt recorded").unwrap_or_else(|| panic!("{log:#?}"));
    for member in ["time", "level", "function", "request_id", "trace_id", "run", "stage", "visit", "attempt", "status"]
    {
        assert!(!line[member].is_null() && !line[member].is_object(), "{member}: {line}");
    }
    assert_eq!((&line["run"], &line["stage"]), (&json!(run.to_string()), &json!("planner")));
    let metrics = log.iter().filter_map(|line| line.get("_aws").map(|_| line)).next_back().unwrap();
    assert_eq!((&metrics["Recorded"], &metrics["Parked"]), (&json!(1), &json!(1)));
    assert_eq!(metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"], "proofreel-dev", "the stack's own name");
    assert!(planner.api.init_errors().is_empty());
}

#[tokio::test]
async fn a_panicking_stage_is_a_failed_attempt_and_the_process_goes_on() {
    let aws = LocalAws::deployed().await;
    let environment = [aws.environment(), vec![("REHEARSAL", "panic".into())]].concat();
    let mut planner = Function::start("rehearsal", &environment).await;
    let run = start(&aws).await;
    let batch = receive(&aws, PLANNER).await;
    assert_eq!(invoke(&aws, &mut planner, PLANNER, &batch, LONG).await, Some(1));
    let rows = run_rows(&aws.records(), &run).await.unwrap();
    assert_eq!((rows.len(), rows[0].status), (1, RunStatus::Retry));
    let log = planner.log();
    let panic = log.iter().find(|line| line["message"] == "panic").unwrap_or_else(|| panic!("{log:#?}"));
    assert!(panic["panic"].as_str().unwrap().contains("told to panic") && panic["run"] == run.as_str());
    // The back-off is below a second, which is the shortest that SQS counts.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let batch = receive(&aws, PLANNER).await;
    assert_eq!(invoke(&aws, &mut planner, PLANNER, &batch, LONG).await, Some(0));
    assert_eq!(state(&aws, &run).await, RunState::Running { stage: StageName::TopicScoring });
}

#[tokio::test]
async fn a_stage_that_hangs_is_broken_off_in_time_and_the_message_comes_back() {
    let aws = LocalAws::deployed().await;
    let environment = [aws.environment(), vec![("REHEARSAL", "hang".into())]].concat();
    let mut planner = Function::start("rehearsal", &environment).await;
    let run = start(&aws).await;
    let batch = receive(&aws, PLANNER).await;
    assert_eq!(invoke(&aws, &mut planner, PLANNER, &batch, Duration::from_secs(4)).await, Some(1));
    assert!(planner.log().iter().any(|line| line["message"].as_str().unwrap_or_default().contains("ran out of time")));
    drop(planner);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut other = Function::start("rehearsal", &aws.environment()).await;
    let batch = receive(&aws, PLANNER).await;
    assert_eq!(invoke(&aws, &mut other, PLANNER, &batch, LONG).await, Some(0), "{:#?}", other.log());
    let rows = run_rows(&aws.records(), &run).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [RunStatus::Retry, RunStatus::Success]);
}

/// A stage that never waits is ended by itself in time: recorded, nothing to wait for, and nobody has to find out later.
#[tokio::test]
async fn a_stage_that_computes_ends_itself_before_lambda_does_and_says_so() {
    let aws = LocalAws::deployed().await;
    let environment = [aws.environment(), vec![("REHEARSAL", "compute".into())]].concat();
    let mut planner = Function::start("rehearsal", &environment).await;
    let run = start(&aws).await;
    let limit = Duration::from_secs(3);
    for _ in 0..2 {
        let batch = receive(&aws, PLANNER).await;
        assert_eq!(batch.len(), 1, "visible again at once");
        let began = Instant::now();
        assert_eq!(invoke(&aws, &mut planner, PLANNER, &batch, limit).await, Some(1));
        assert!(began.elapsed() < limit, "answered before Lambda would have ended it: {:?}", began.elapsed());
    }
    let rows = run_rows(&aws.records(), &run).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [RunStatus::Retry; 2]);
    assert!(rows.iter().all(|row| row.error_summary.as_ref().unwrap().contains("ran out of time")), "{rows:?}");
    let mut other = Function::start("rehearsal", &aws.environment()).await;
    let batch = receive(&aws, PLANNER).await;
    assert_eq!(invoke(&aws, &mut other, PLANNER, &batch, LONG).await, Some(0), "no claim is waited for");
}

/// SIGTERM ends the process at once, idle or at work; another process goes on when the first one's claim has ended.
#[tokio::test]
async fn sigterm_loses_nothing() {
    let aws = LocalAws::deployed().await;
    let mut idle = Function::start("planner", &aws.environment()).await;
    idle.asked(1).await;
    idle.signal(Signal::TERM);
    assert_eq!(idle.ended().await.signal(), Some(Signal::TERM.as_raw()));

    let environment = [aws.environment(), vec![("REHEARSAL", "hang".into())]].concat();
    let mut hangs = Function::start("rehearsal", &environment).await;
    let run = start(&aws).await;
    let batch = receive(&aws, PLANNER).await;
    let limit = Duration::from_secs(5);
    let event = serde_json::to_value(event_of(PLANNER, &batch)).unwrap();
    let work = tokio::time::timeout(Duration::from_millis(1_500), hangs.invoke(event, limit)).await;
    assert!(work.is_err(), "it is at work");
    hangs.signal(Signal::TERM);
    assert_eq!(hangs.ended().await.signal(), Some(Signal::TERM.as_raw()));

    let mut other = Function::start("rehearsal", &aws.environment()).await;
    let mut back = invoke(&aws, &mut other, PLANNER, &batch, LONG).await;
    assert_eq!(back, Some(1), "the first one's claim holds as long as it could have lived");
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let batch = receive(&aws, PLANNER).await;
        if !batch.is_empty() {
            back = invoke(&aws, &mut other, PLANNER, &batch, LONG).await;
        }
        if back == Some(0) {
            break;
        }
    }
    assert_eq!(back, Some(0));
    let rows = run_rows(&aws.records(), &run).await.unwrap();
    assert!(rows[0].error_summary.as_ref().unwrap().contains("stopped before"), "{rows:?}");
    assert_eq!(state(&aws, &run).await, RunState::Running { stage: StageName::TopicScoring });
}

#[tokio::test]
async fn a_function_without_its_environment_says_what_is_missing_and_ends() {
    let environment = [("PROOFREEL_TABLE", "t".to_owned()), ("AWS_REGION", "eu-central-1".to_owned())];
    let mut function = Function::start("qa", &environment).await;
    assert_eq!(function.ended().await.code(), Some(1));
    let log = function.log();
    assert!(log[0]["error"].as_str().unwrap().contains("PROOFREEL_BUCKET is not set"), "{log:#?}");
}

/// Puts the short channel and the gold package into the bucket, as `make deploy` does.
async fn deploy_files(aws: &LocalAws) {
    let channel = std::fs::read_to_string(root().join("tests/channels/short.toml")).unwrap();
    aws.put_file("channels/short.toml", channel.replace("../../data", "../data/gold").into_bytes()).await;
    for (key, bytes) in gold_package() {
        aws.put_file(&key, bytes).await;
    }
}

/// Polls the stages' queues for the functions until the run rests or waits for a stage that is not there.
async fn poll(aws: &LocalAws, functions: &mut [(StageName, Function)], run: &RunId) -> RunState {
    for _ in 0..200 {
        let now = state(aws, run).await;
        let RunState::Running { stage } = now else { return now };
        let Some((_, function)) = functions.iter_mut().find(|(name, _)| *name == stage) else { return now };
        let queue = format!("proofreel-{stage}");
        let batch = aws.queue().receive(&queue, 1, VISIBILITY_MS, 12).await.unwrap();
        if batch.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        invoke(aws, function, &queue, &batch, Duration::from_mins(15)).await.unwrap();
    }
    panic!("the run does not get on: {:?}", state(aws, run).await)
}

async fn scheduled(aws: &LocalAws) -> (Function, RunId) {
    deploy_files(aws).await;
    let mut batch = Function::start("batch", &aws.environment()).await;
    let event = json!({"do": "start", "at": "2026-11-24T06:00:00Z"});
    let report = batch.invoke(event.clone(), LONG).await.unwrap().unwrap_or_else(|e| panic!("{e} {:#?}", batch.log()));
    assert_eq!((&report["begun"], &report["awake"]), (&json!(["short-2026w48-1"]), &json!(true)));
    let again: Value = batch.invoke(event, LONG).await.unwrap().unwrap();
    assert_eq!((&again["begun"], &again["known"]), (&json!([]), &json!(["short-2026w48-1"])));
    (batch, "short-2026w48-1".into())
}

/// One scheduled event goes through the writing stages, each in its own process, as messages of its queue.
#[tokio::test]
async fn a_scheduled_event_becomes_a_judged_script_in_the_bucket() {
    let aws = LocalAws::deployed().await;
    let (mut batch, run) = scheduled(&aws).await;
    let mut functions = Vec::new();
    for stage in StageName::CHAIN.into_iter().filter(|stage| !stage.is_ops()) {
        functions.push((stage, Function::start(stage.as_str(), &aws.environment()).await));
    }
    let rests = poll(&aws, &mut functions, &run).await;
    assert_eq!(rests, RunState::Running { stage: StageName::Render }, "{:#?}", run_rows(&aws.records(), &run).await);
    let head = run_head(&aws.records(), &run).await.unwrap();
    assert_eq!(head.artifacts.len(), 6);
    let ports = driver(&aws);
    for blob in head.artifacts.values() {
        ports.ports().blobs.fetch(blob).await.unwrap();
    }
    let report = batch.invoke(json!({"do": "sweep"}), LONG).await.unwrap().unwrap();
    assert_eq!(report["awake"], json!(true), "the message for render waits");
    let refused = batch.invoke(json!({"do": "stop"}), LONG).await.unwrap().unwrap_err();
    assert!(refused["errorMessage"].as_str().unwrap().contains("sweep"), "{refused}");
}

/// The same with the film: speaks, draws and encodes, so it takes minutes in a debug build.
#[tokio::test]
#[ignore = "slow: renders a film of two minutes; run by `make night`"]
async fn a_scheduled_event_becomes_an_episode_in_the_bucket() {
    let aws = LocalAws::deployed().await;
    let (mut batch, run) = scheduled(&aws).await;
    let mut functions = Vec::new();
    for stage in StageName::CHAIN {
        let voice = root().join(".voice").canonicalize().unwrap().display().to_string();
        let environment = [aws.environment(), vec![("PROOFREEL_VOICE_DIR", voice)]].concat();
        functions.push((stage, Function::start(stage.as_str(), &environment).await));
    }
    assert_eq!(poll(&aws, &mut functions, &run).await, RunState::Done);
    let head = run_head(&aws.records(), &run).await.unwrap();
    let film = &head.files["video.mp4"];
    let bytes = driver(&aws).ports().blobs.fetch(film).await.unwrap();
    assert_eq!(&bytes[4..8], b"ftyp", "{} bytes", bytes.len());
    let report = batch.invoke(json!({"do": "sweep"}), LONG).await.unwrap().unwrap();
    assert_eq!(report["awake"], json!(false));
}

/// The zip file of a function, as it is deployed.
fn zipped(function: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(binary(function), folder.path().join("bootstrap")).unwrap();
    let mut zip = std::process::Command::new("python3");
    zip.args(["-m", "zipfile", "-c", "f.zip", "bootstrap"]).current_dir(folder.path());
    assert!(zip.status().unwrap().success());
    std::fs::read(folder.path().join("f.zip")).unwrap()
}

/// The cloud's own poller runs the binaries: asleep without work, awake after a start, and the chain moves by itself.
#[tokio::test]
async fn triggers_sleep_without_work_and_wake_the_functions_with_it() {
    let cloud = Deployed::new().await;
    let aws = &cloud.stores;
    let stages = [StageName::Planner, StageName::TopicScoring];
    let mut mappings = Vec::new();
    for stage in stages {
        mappings.push(cloud.make_function(stage, zipped(stage.as_str())).await);
    }
    let states = async || {
        let mut states = Vec::new();
        for mapping in &mappings {
            states.push(cloud.mapping_state(mapping).await);
        }
        states
    };
    let environment = [aws.environment(), vec![("PROOFREEL_MAPPINGS", mappings.join(","))]].concat();
    let mut batch = Function::start("batch", &environment).await;
    let report = batch.invoke(json!({"do": "sweep"}), LONG).await.unwrap().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((&report["awake"], &report["turned"]), (&json!(false), &json!(2)), "made enabled, nothing to do");
    assert_eq!(states().await, ["Disabled", "Disabled"]);

    deploy_files(aws).await;
    let report = batch.invoke(json!({"do": "start", "at": "2026-11-24T06:00:00Z"}), LONG).await.unwrap().unwrap();
    assert_eq!((&report["begun"], &report["turned"]), (&json!(["short-2026w48-1"]), &json!(2)));
    assert_eq!(states().await, ["Enabled", "Enabled"]);
    let run = "short-2026w48-1".into();
    let mut now = state(aws, &run).await;
    for _ in 0..600 {
        if now == (RunState::Running { stage: StageName::Research }) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        now = state(aws, &run).await;
    }
    assert_eq!(now, RunState::Running { stage: StageName::Research }, "two functions did their stages");
    let report = batch.invoke(json!({"do": "sweep"}), LONG).await.unwrap().unwrap();
    assert_eq!((&report["awake"], &report["turned"]), (&json!(true), &json!(0)), "the message for research waits");
}
