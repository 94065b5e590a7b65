//! `proofreel dlq` as its binary, on the stores of one machine and over the wire on a local AWS.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_lambda::ParkedLetter;
use proofreel_model::ids::RunId;
use proofreel_model::incident::{Incident, IncidentKind, IncidentState};
use proofreel_model::policy::Policy;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming, run_head};
use proofreel_ports::{Queue, Records};
use proofreel_tests::deployed::root;
use proofreel_tests::function::{Function, program};
use proofreel_tests::local_aws::LocalAws;
use proofreel_tests::poller::{acknowledge, event_of};
use proofreel_tests::rehearsal::{Mute, Play, order};
use proofreel_tests::wire::{Fault, Wire};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// What an unreadable letter says: it would clear the terminal (by the one sign for it that SQS carries).
const HOSTILE: &str = "\u{9b}2J{\"run\": \u{202e}7";

/// Longer than any invocation takes.
const LONG: Duration = Duration::from_secs(30);

/// Stores, a driver over them, and how the command is told of them.
struct Door {
    records: Arc<dyn Records>,
    queue: Arc<dyn Queue>,
    driver: Driver,
    play: Arc<Play>,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    cloud: bool,
}

impl Door {
    fn local(folder: &Path) -> Self {
        let clock = Arc::new(SystemClock);
        let store = Arc::new(SqliteStore::open(folder, clock.clone()).unwrap());
        let blobs = Arc::new(FileBlobs::open(&folder.join("blobs")).unwrap());
        let ports = Ports { blobs, records: store.clone(), queue: store, clock };
        Self::over(ports, Chain::default().with_queues(QueueNaming::PerRun), folder, Vec::new(), false)
    }

    fn cloud(aws: &LocalAws, folder: &Path) -> Self {
        let ports = Ports {
            blobs: Arc::new(aws.blobs()),
            records: Arc::new(aws.records()),
            queue: Arc::new(aws.queue()),
            clock: Arc::new(SystemClock),
        };
        Self::over(ports, Chain::default(), folder, aws.environment(), true)
    }

    fn over(ports: Ports, chain: Chain, folder: &Path, environment: Vec<(&'static str, String)>, cloud: bool) -> Self {
        let play = Arc::new(Play::new());
        let (records, queue) = (ports.records.clone(), ports.queue.clone());
        let stages = play.stages(&StageName::CHAIN);
        let driver = Driver::new(ports, stages, Policy::embedded(), Arc::new(Mute), folder.join("work"))
            .with_owner(Owner::new("test"))
            .with_chain(chain);
        Self { records, queue, driver, play, folder: folder.to_owned(), environment, cloud }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program("proofreel"));
        command.arg("--state").arg(&self.folder).arg("dlq").args(arguments).args(self.cloud.then_some("--cloud"));
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str()))).output().unwrap()
    }

    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let out = self.run(&[&["--json"][..], arguments].concat());
        let text = String::from_utf8(out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {text} {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_str(&text).unwrap()
    }

    fn letters(&self) -> Vec<Value> {
        self.json(&["list"], 0)["letters"].as_array().unwrap().clone()
    }

    /// The id of the one letter that says this about itself.
    fn letter(&self, member: &str, value: &Value) -> String {
        let all = self.letters();
        let found: Vec<_> = all.iter().filter(|letter| letter[member] == *value).collect();
        assert_eq!(found.len(), 1, "{member} {value}: {all:#?}");
        found[0]["letter"].as_str().unwrap().to_owned()
    }

    /// A run whose first message was delivered once too often.
    async fn dead(&self) -> RunId {
        let run = self.driver.start(&order(), None).await.unwrap();
        let queue = self.queue_of(&run);
        assert!(self.queue.receive(&queue, 1, 0, 0).await.unwrap().is_empty(), "it goes to the dead letters");
        run
    }

    fn queue_of(&self, run: &RunId) -> String {
        self.driver.chain().queue(StageName::Planner, run)
    }

    async fn state(&self, run: &RunId) -> RunState {
        run_head(self.records.as_ref(), run).await.unwrap().state
    }

    async fn waiting(&self, run: &RunId) -> u64 {
        let (visible, hidden) = self.queue.depth(&self.queue_of(run)).await.unwrap();
        visible + hidden
    }
}

async fn everything(door: &Door) {
    assert!(door.letters().is_empty());
    let run = door.dead().await;
    let queue = door.queue_of(&run);
    door.queue.send(&format!("{queue}-dlq"), HOSTILE, 0).await.unwrap();
    ParkedLetter::new("it asks for qa", &queue, "m-1", "{}").post(door.queue.as_ref()).await.unwrap();

    // Listed, as often as one likes; what is in a letter reaches no terminal as it is.
    for _ in 0..2 {
        let letters = door.letters();
        assert_eq!(letters.len(), 3, "{letters:#?}");
        let age = letters.iter().map(|letter| letter["age_seconds"].as_i64().unwrap());
        assert!(age.clone().all(|age| (0..60).contains(&age)), "{letters:#?}");
    }
    let (ours, parked) = (door.letter("run", &run.as_str().into()), door.letter("why", &"it asks for qa".into()));
    let hostile = door.letter("why", &"no message of the chain".into());
    let list = String::from_utf8(door.run(&[]).stdout).unwrap();
    assert!(list.contains("planner") && list.contains(run.as_str()), "{list}");
    let shown = String::from_utf8(door.run(&["show", &hostile]).stdout).unwrap();
    assert!(!shown.contains('\u{9b}') && !shown.contains('\u{202e}') && shown.contains("\\u{9b}2J"), "{shown}");
    assert_eq!(door.json(&["show", &hostile], 0)["body"], HOSTILE);

    // A rehearsal changes nothing; the thing itself sends the run's message, once.
    let would = door.json(&["redrive", &ours, "--dry-run"], 0);
    assert_eq!(would["redriven"][0]["result"], "sent");
    assert_eq!((door.waiting(&run).await, door.letters().len()), (0, 3));
    assert_eq!(door.json(&["redrive", &ours], 0)["redriven"][0]["result"], "sent");
    assert_eq!((door.waiting(&run).await, door.letters().len()), (1, 2));
    let message = door.queue.receive(&queue, 1, 60_000, 100).await.unwrap().remove(0);
    door.driver.handle(&message.body).await.unwrap();
    door.queue.delete(&queue, &message.receipt).await.unwrap();
    assert_eq!(door.state(&run).await, RunState::Running { stage: StageName::TopicScoring });

    // The same letter again is of no use: nothing is sent, nothing runs twice.
    door.queue.send(&format!("{queue}-dlq"), &message.body, 0).await.unwrap();
    let again = door.letter("run", &run.as_str().into());
    assert_eq!(door.json(&["redrive", &again], 0)["redriven"][0]["result"], "overtaken");
    assert_eq!((door.waiting(&run).await, door.play.executions(), door.letters().len()), (0, 1, 2));

    // What is no message stays, whatever it says, until it is dropped with a reason.
    for letter in [&hostile, &parked] {
        assert_eq!(door.json(&["redrive", letter], 4)["redriven"][0]["result"], "unreadable");
    }
    assert_eq!(door.json(&["drop", &hostile, "--reason", " "], 3)["status"], "error");
    assert_eq!(door.letters().len(), 2);
    door.json(&["drop", &hostile, &parked, "--reason", "sent by mistake"], 0);
    assert!(door.letters().is_empty());
    let incidents = door.records.query("incidents", "").await.unwrap();
    assert_eq!(incidents.len(), 2);
    for row in &incidents {
        let read: Incident = serde_json::from_value(row.body.clone()).unwrap();
        assert_eq!((read.resolution.as_deref(), read.state), (Some("sent by mistake"), IncidentState::Resolved));
    }
    assert!(incidents.iter().any(|row| row.body["letter"] == HOSTILE), "{incidents:#?}");
    assert_eq!(door.json(&["show", "no-such"], 3)["status"], "error");
}

/// A run that a sweep failed, and one whose letter is dropped.
async fn failed_runs(door: &Door) {
    let failed = door.dead().await;
    assert_eq!(door.driver.bury(&door.queue_of(&failed)).await.unwrap(), 1);
    assert!(matches!(door.state(&failed).await, RunState::Failed { .. }));
    assert!(door.letters().is_empty(), "the sweep took it");
    assert_eq!(door.json(&["redrive", "--run", failed.as_str()], 0)["redriven"][0]["result"], "sent");
    assert_eq!(
        (door.state(&failed).await, door.waiting(&failed).await),
        (RunState::Running { stage: StageName::Planner }, 1)
    );
    door.driver.work_until_idle(&failed).await.unwrap();
    assert_eq!(door.state(&failed).await, RunState::Done);

    let dropped = door.dead().await;
    let letter = door.letter("run", &dropped.as_str().into());
    door.json(&["drop", &letter, "--reason", "the channel is closed"], 0);
    let RunState::Failed { error, .. } = door.state(&dropped).await else { panic!("it waits for nothing any more") };
    assert!(error.contains("the channel is closed"), "{error}");
    assert!(door.letters().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_one_machine() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::local(folder.path());
    Box::pin(everything(&door)).await;
    Box::pin(failed_runs(&door)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_wire() {
    let (aws, folder) = (LocalAws::deployed().await, tempfile::tempdir().unwrap());
    let door = Door::cloud(&aws, folder.path());
    Box::pin(everything(&door)).await;
    Box::pin(failed_runs(&door)).await;
    let runs = Command::new(program("proofreel"))
        .args(["--json", "runs", "--cloud"])
        .envs(aws.environment().iter().map(|(name, value)| (*name, value.as_str())))
        .output()
        .unwrap();
    let runs: Value = serde_json::from_slice(&runs.stdout).unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 3);
}

/// How often the template lets a message be received.
fn receives_in_the_template() -> u32 {
    let template = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let said = |line: &str| line.trim().strip_prefix("maxReceiveCount: ")?.parse::<u32>().ok();
    let counts: BTreeSet<u32> = template.lines().filter_map(said).collect();
    assert_eq!(counts.len(), 1, "all queues alike: {counts:?}");
    counts.first().copied().unwrap()
}

/// Polls a queue until it is empty as Lambda does, each message in an invocation and a process of its own, and counts nothing:
/// that is the queue's to do. Whoever asks the stores for `poison` is killed; how many were.
async fn work(aws: &LocalAws, queue: &str, poison: &RunId) -> u32 {
    let pid = Arc::new(AtomicI32::new(0));
    let (victim, run) = (Arc::clone(&pid), poison.to_string());
    let wire = Wire::to(Some(aws.server().port()), move |_, request| {
        if !request.mentions(&run) {
            return Fault::Pass;
        }
        let pid = Pid::from_raw(victim.load(Ordering::SeqCst)).expect("a process");
        kill_process(pid, Signal::KILL).expect("it lived");
        Fault::LoseRequest
    });
    let mut environment = aws.over(&wire, 1, LONG).environment();
    for (name, value) in &mut environment {
        if *name == "AWS_ENDPOINT_URL" {
            wire.address().clone_into(value);
        }
    }
    let mut deaths = 0;
    loop {
        // Visible again at once, so that nobody has to wait for the next death.
        let batch = aws.queue().receive(queue, 10, 0, u32::MAX).await.unwrap();
        if batch.is_empty() {
            return deaths;
        }
        for delivery in batch {
            let mut function = Function::start("rehearsal", &environment).await;
            pid.store(function.id(), Ordering::SeqCst);
            let one = [delivery];
            let event = serde_json::to_value(event_of(queue, &one)).unwrap();
            let Some(answer) = function.invoke(event, LONG).await else {
                deaths += 1;
                continue;
            };
            let answer: SqsBatchResponse = serde_json::from_value(answer.unwrap()).unwrap();
            acknowledge(&aws.queue(), queue, &one, &answer).await;
        }
    }
}

/// The queue itself gives up what kills every worker, after as many deliveries as the template says. The sweep that is
/// deployed fails its run with an incident; the other run of that queue is done before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_kills_every_worker_is_given_up_by_its_queue() {
    let aws = LocalAws::deployed().await;
    let receives = receives_in_the_template();
    aws.redrive_after(receives).await;
    let folder = tempfile::tempdir().unwrap();
    let door = Door::cloud(&aws, folder.path());
    let poison = door.driver.start(&order(), None).await.unwrap();
    let other = door.driver.start(&order(), None).await.unwrap();

    let deaths = Box::pin(work(&aws, &door.queue_of(&poison), &poison)).await;
    assert_eq!(deaths, receives, "one a delivery");
    assert_eq!(door.state(&other).await, RunState::Running { stage: StageName::TopicScoring });
    door.driver.work_until_idle(&other).await.unwrap();
    assert_eq!(door.state(&other).await, RunState::Done);
    assert_eq!(door.state(&poison).await, RunState::Running { stage: StageName::Planner });
    door.letter("run", &poison.as_str().into());

    let mut batch = Function::start("batch", &aws.environment()).await;
    let report = batch.invoke(json!({"do": "sweep"}), LONG).await.unwrap().unwrap();
    assert_eq!(report["buried"], 1, "{report}");
    let RunState::Failed { error, .. } = door.state(&poison).await else { panic!("nobody works at it any more") };
    assert!(error.contains(&format!("delivered more than {receives} times")), "{error}");
    assert!(door.letters().is_empty(), "the sweep took it");
    let incidents = door.records.query("incidents", "").await.unwrap();
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    let incident: Incident = serde_json::from_value(incidents[0].body.clone()).unwrap();
    assert_eq!((incident.kind, incident.state), (IncidentKind::DeadLetter, IncidentState::Open));
    assert_eq!((incident.run_id.as_ref(), incident.stage), (Some(&poison), Some(StageName::Planner)));

    // Once it kills nobody any more, a person lets the run go on.
    assert_eq!(door.json(&["redrive", "--run", poison.as_str()], 0)["redriven"][0]["result"], "sent");
    door.driver.work_until_idle(&poison).await.unwrap();
    assert_eq!(door.state(&poison).await, RunState::Done);
}

#[test]
fn a_cloud_that_is_not_named_is_told() {
    let out =
        Command::new(program("proofreel")).args(["dlq", "--cloud"]).env_remove("PROOFREEL_TABLE").output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(3) && told.contains("PROOFREEL_TABLE is not set"), "{told}");
}
