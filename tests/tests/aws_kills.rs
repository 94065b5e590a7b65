//! A function's real binary is killed (SIGKILL) at every request it makes to the stores, once before the request is
//! carried out and once after, over the wire on a local AWS. The next process must bring the run to where it would have
//! been: nothing lost, nothing done twice.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::SqsBatchResponse;
use futures::StreamExt;
use futures::stream;
use proofreel_adapters::local::SystemClock;
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, Ports, run_head, run_rows};
use proofreel_ports::{Blobs, Queue, Records};
use proofreel_tests::function::Function;
use proofreel_tests::local_aws::{Emulator, LocalAws, Server};
use proofreel_tests::poller::{acknowledge, event_of};
use proofreel_tests::rehearsal::{Mute, order};
use proofreel_tests::wire::{Fault, Wire};
use rustix::process::{Pid, Signal, kill_process};

const QUEUE: &str = "proofreel-planner";
const NEXT: &str = "proofreel-topic-scoring";
/// An invocation's time: the least that a function begins with, so that the claims of the dead end soon.
const LIMIT: Duration = Duration::from_millis(2_500);
/// How long a message is hidden: it is back before the claim of the dead has ended, and finds it taken.
const HIDDEN_MS: u64 = 1_000;
/// Killings that go on at the same time.
const AT_ONCE: usize = 6;

/// When the process dies: at this request, before it is carried out or after it was.
#[derive(Clone, Copy, Debug)]
struct Death {
    request: usize,
    after: bool,
}

/// A run's first stage in a stack of its own, whose function dies as told; where the run is in the end, and how many
/// requests the first process made.
async fn first_stage(aws: &Arc<Server>, death: Option<Death>) -> (RunHead, usize) {
    let stack = aws.stack(&["planner", "topic-scoring"]).await;
    let run = driver(&stack).start(&order(), None).await.unwrap();
    let pid = Arc::new(AtomicI32::new(0));
    let victim = Arc::clone(&pid);
    let wire = Wire::to(Some(aws.port()), move |number, _| match death {
        Some(death) if death.request == number => {
            let pid = Pid::from_raw(victim.load(Ordering::SeqCst)).expect("a process");
            kill_process(pid, Signal::KILL).expect("it lived");
            if death.after { Fault::LoseAnswer } else { Fault::LoseRequest }
        }
        _ => Fault::Pass,
    });
    let mut environment = stack.over(&wire, 1, LIMIT).environment();
    for (name, value) in &mut environment {
        if *name == "AWS_ENDPOINT_URL" {
            wire.address().clone_into(value);
        }
    }
    let mut function = Function::start("rehearsal", &environment).await;
    pid.store(function.id(), Ordering::SeqCst);
    let lived = invoke(&stack, &mut function).await;
    assert_eq!(lived, death.is_none(), "{death:?}: {:#?}", function.log());
    let requests = wire.seen().len();
    drop(function);
    if death.is_some() {
        let mut heir = Function::start("rehearsal", &stack.environment()).await;
        let began = Instant::now();
        while stack.queue().depth(QUEUE).await.unwrap() != (0, 0) {
            assert!(began.elapsed() < Duration::from_secs(40), "{death:?}: the message stays: {:#?}", heir.log());
            if !invoke(&stack, &mut heir).await {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    (nothing_is_lost_or_doubled(&stack, &run, death).await, requests)
}

/// One invocation with what is visible; false when nothing was, or the process ended.
async fn invoke(stack: &LocalAws, function: &mut Function) -> bool {
    let batch = stack.queue().receive(QUEUE, 1, HIDDEN_MS, 100).await.unwrap();
    if batch.is_empty() {
        return false;
    }
    let event = serde_json::to_value(event_of(QUEUE, &batch)).unwrap();
    let Some(answer) = function.invoke(event, LIMIT).await else { return false };
    let answer: SqsBatchResponse = serde_json::from_value(answer.unwrap()).unwrap();
    acknowledge(&stack.queue(), QUEUE, &batch, &answer).await;
    true
}

fn driver(stack: &LocalAws) -> Driver {
    let ports = Ports {
        blobs: Arc::new(stack.blobs()),
        records: Arc::new(stack.records()),
        queue: Arc::new(stack.queue()),
        clock: Arc::new(SystemClock),
    };
    Driver::new(ports, Vec::new(), Policy::embedded(), Arc::new(Mute), std::env::temp_dir())
        .with_owner(Owner::new("test"))
}

async fn nothing_is_lost_or_doubled(stack: &LocalAws, run: &RunId, death: Option<Death>) -> RunHead {
    let records = stack.records();
    let head = run_head(&records, run).await.unwrap();
    assert_eq!(head.state, RunState::Running { stage: StageName::TopicScoring }, "{death:?}");
    for blob in head.artifacts.values() {
        stack.blobs().fetch(blob).await.unwrap();
    }
    let rows = run_rows(&records, run).await.unwrap();
    let decided = rows.iter().filter(|row| row.status == RunStatus::Success).count();
    assert_eq!(decided, 1, "{death:?}: recorded once: {rows:?}");
    assert!(rows.len() <= 2, "{death:?}: one death, one attempt more: {rows:?}");
    let partition = format!("run#{run}");
    assert_eq!(records.query(&partition, "done#").await.unwrap().len(), 1, "{death:?}");
    assert!(records.query(&partition, "claim#").await.unwrap().is_empty(), "{death:?}: no claim is left");
    assert!(records.query("outbox", "").await.unwrap().is_empty(), "{death:?}: what was decided was sent");
    assert!(records.query("incidents", "").await.unwrap().is_empty(), "{death:?}");
    let sent = stack.queue().receive(NEXT, 10, 60_000, 100).await.unwrap();
    assert!((1..=2).contains(&sent.len()), "{death:?}: {} messages for the next stage", sent.len());
    assert!(sent.iter().all(|message| message.body == sent[0].body), "{death:?}: {sent:?}");
    assert_eq!(stack.queue().depth("proofreel-planner-dlq").await.unwrap(), (0, 0), "{death:?}");
    head
}

/// Kills at every `step`-th point.
async fn every(step: usize) {
    let aws = Server::start(Emulator::Ministack);
    let began = Instant::now();
    let (whole, requests) = first_stage(&aws, None).await;
    let deaths = (0..requests).flat_map(|request| [false, true].map(|after| Death { request, after }));
    let deaths: Vec<_> = deaths.step_by(step).collect();
    assert!(requests >= 8, "a visit reads, claims, stores, records and sends: {requests} requests");
    let ends: Vec<_> = stream::iter(&deaths)
        .map(|death| first_stage(&aws, Some(*death)))
        .buffer_unordered(AT_ONCE)
        .map(|(head, _)| head.artifacts)
        .collect()
        .await;
    println!("{} deaths at {requests} requests, {:.1} s", deaths.len(), began.elapsed().as_secs_f64());
    assert!(ends.iter().all(|artifacts| *artifacts == whole.artifacts), "the same artifact, whoever made it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_killed_at_every_point_loses_nothing_and_does_nothing_twice() {
    Box::pin(every(1)).await;
}
