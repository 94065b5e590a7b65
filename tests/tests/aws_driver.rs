//! The real driver on S3, DynamoDB and SQS, over the wire, as the functions of the cloud run it: queues shared by all
//! runs, no way to tell who lives, messages delivered twice, late and out of order, workers cut off on the way or asleep for
//! longer than their leases.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use proofreel_adapters::local::SystemClock;
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, Ports, run_rows};
use proofreel_ports::{Delivery, PortError, Queue, Records};
use proofreel_tests::local_aws::{Emulator, LocalAws, Server};
use proofreel_tests::rehearsal::{Act, Mute, Play, order};

/// Sends every message twice, as SQS may deliver it twice; every other one a second late, so that what was sent after it overtakes
/// it, and its copy when the run has gone on.
struct Twice<Q>(Q, AtomicU32);

#[async_trait]
impl<Q: Queue> Queue for Twice<Q> {
    async fn send(&self, queue: &str, body: &str, delay_ms: u64) -> Result<(), PortError> {
        let late_ms = u64::from(self.1.fetch_add(1, Ordering::Relaxed) % 2) * 1_000;
        self.0.send(queue, body, delay_ms + late_ms).await?;
        self.0.send(queue, body, delay_ms + 2 * late_ms).await
    }
    async fn receive(&self, queue: &str, max: u32, hidden_ms: u64, most: u32) -> Result<Vec<Delivery>, PortError> {
        self.0.receive(queue, max, hidden_ms, most).await
    }
    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), PortError> {
        self.0.delete(queue, receipt).await
    }
    async fn postpone(&self, queue: &str, receipt: &str, delay_ms: u64) -> Result<(), PortError> {
        self.0.postpone(queue, receipt, delay_ms).await
    }
    async fn depth(&self, queue: &str) -> Result<(u64, u64), PortError> {
        self.0.depth(queue).await
    }
}

fn play() -> Arc<Play> {
    Arc::new(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]))
}

/// A stack with a queue a stage.
async fn stack(aws: &Arc<Server>) -> LocalAws {
    let queues: Vec<String> = StageName::CHAIN.iter().map(ToString::to_string).collect();
    aws.stack(&queues.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// A worker with a name of its own. Leases are short, so that a dead worker can be waited for in a test.
fn worker(stack: &LocalAws, play: &Arc<Play>, scratch: &Path, lease_seconds: u32) -> Driver {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mut policy = Policy::embedded();
    policy.pipeline.lease_seconds = lease_seconds;
    policy.pipeline.visibility_seconds = lease_seconds;
    let name = format!("worker-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let ports = Ports {
        blobs: Arc::new(stack.blobs()),
        records: Arc::new(stack.records()),
        queue: Arc::new(Twice(stack.queue(), AtomicU32::new(0))),
        clock: Arc::new(SystemClock),
    };
    Driver::new(ports, play.stages(&StageName::CHAIN), policy, Arc::new(Mute), scratch.join(&name))
        .with_owner(Owner::new(name))
}

/// Receives and works what is left in the queues after the runs' ends; nothing of it may do anything.
async fn drain(stack: &LocalAws, driver: &Driver) {
    for stage in StageName::CHAIN {
        let queue = driver.chain().queue(stage, &RunId::from("any"));
        let began = Instant::now();
        while stack.queue().depth(&queue).await.unwrap() != (0, 0) {
            for left in stack.queue().receive(&queue, 10, 2_000, 1_000).await.unwrap() {
                driver.handle(&left.body).await.unwrap();
                stack.queue().delete(&queue, &left.receipt).await.unwrap();
            }
            assert!(began.elapsed() < Duration::from_mins(1), "{queue} does not drain");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert_eq!(stack.queue().depth("proofreel-any-dlq").await.unwrap(), (0, 0), "no message is dead");
}

async fn nothing_is_left(stack: &LocalAws, head: &RunHead) {
    let records = stack.records();
    assert_eq!(head.state, RunState::Done);
    for blob in head.artifacts.values().chain(head.files.values()) {
        proofreel_ports::Blobs::fetch(&stack.blobs(), blob).await.unwrap();
    }
    assert!(records.query("outbox", "").await.unwrap().is_empty());
    let done = records.query(&format!("run#{}", head.run_id), "done#").await.unwrap();
    assert_eq!(done.len(), 9, "each visit is completed once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn runs_whose_messages_come_twice_late_and_out_of_order_are_done_once() {
    let aws = Server::start(Emulator::Ministack);
    let (stack, play, scratch) = (stack(&aws).await, play(), tempfile::tempdir().unwrap());
    let began = Instant::now();
    // Two workers and two runs on the same queues: each takes whatever comes.
    let (one, two) = (worker(&stack, &play, scratch.path(), 10), worker(&stack, &play, scratch.path(), 10));
    let order = order();
    let (first, second) = tokio::join!(one.start(&order, None), two.start(&order, None));
    let (first, second) = (first.unwrap(), second.unwrap());
    let (a, b) = tokio::join!(one.work_until_idle(&first), two.work_until_idle(&second));
    println!("two runs of nine visits: {:.1} s", began.elapsed().as_secs_f64());
    let executions = play.executions();
    drain(&stack, &one).await;
    assert_eq!(play.executions(), executions, "what was left over did nothing");
    assert_eq!(executions, 2 * 9);
    for head in [a.unwrap(), b.unwrap()] {
        nothing_is_left(&stack, &head).await;
        assert_eq!(run_rows(&stack.records(), &head.run_id).await.unwrap().len(), 9);
    }
}

/// Workers are cut off again and again at moments that move through the run; each next one is new and knows nothing of
/// the dead ones but their leases.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_cut_off_many_times_gives_the_same_artifacts() {
    let aws = Server::start(Emulator::Ministack);
    let scratch = tempfile::tempdir().unwrap();
    let whole = {
        let (stack, play) = (stack(&aws).await, play());
        let driver = worker(&stack, &play, scratch.path(), 2);
        let run = driver.start(&order(), None).await.unwrap();
        driver.work_until_idle(&run).await.unwrap()
    };
    let (stack, play) = (stack(&aws).await, play());
    let run = worker(&stack, &play, scratch.path(), 2).start(&order(), None).await.unwrap();
    let began = Instant::now();
    let mut cuts = 0_u32;
    let head = loop {
        let driver = worker(&stack, &play, scratch.path(), 2);
        // The first ones die early; later ones live long enough to wait for a lease.
        let life = Duration::from_millis(if cuts < 12 { 13 + 37 * u64::from(cuts % 6) } else { 8_000 });
        match tokio::time::timeout(life, driver.work_until_idle(&run)).await {
            Ok(head) => break head.unwrap(),
            Err(_) => cuts += 1,
        }
        assert!(began.elapsed() < Duration::from_mins(3), "it does not end");
    };
    println!("{cuts} cuts, {} executions of 9, {:.1} s", play.executions(), began.elapsed().as_secs_f64());
    assert!(cuts >= 1);
    assert_eq!((&head.artifacts, &head.files), (&whole.artifacts, &whole.files));
    drain(&stack, &worker(&stack, &play, scratch.path(), 2)).await;
    nothing_is_left(&stack, &head).await;
}

/// A worker falls asleep in the middle of an attempt, its lease ends, and another one brings the run to its end; then the first wakes
/// up and goes on where it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_outsleeps_its_lease_changes_nothing() {
    let aws = Server::start(Emulator::Ministack);
    let scratch = tempfile::tempdir().unwrap();
    let sleepers = (0..5_u64).map(|n| {
        let (aws, scratch) = (&aws, scratch.path());
        async move {
            let (stack, play) = (stack(aws).await, play());
            let (first, second) = (worker(&stack, &play, scratch, 2), worker(&stack, &play, scratch, 2));
            let run = first.start(&order(), None).await.unwrap();
            let mut asleep = Box::pin(first.work_until_idle(&run));
            // Not polled any more from then on, and not dropped.
            let slept = tokio::time::timeout(Duration::from_millis(20 + 45 * n), &mut asleep).await.is_err();
            let head = second.work_until_idle(&run).await.unwrap();
            if slept {
                // Its connections may have died in its sleep.
                match asleep.await {
                    Ok(woken) => assert_eq!(woken.state, RunState::Done),
                    Err(error) => assert!(error.is_retryable(), "{error}"),
                }
            }
            drain(&stack, &second).await;
            nothing_is_left(&stack, &head).await;
            (slept, head.artifacts)
        }
    });
    let ends = futures::future::join_all(sleepers).await;
    assert!(ends.iter().filter(|(slept, _)| *slept).count() >= 3, "most fall asleep before the run has ended");
    assert!(ends.windows(2).all(|pair| pair[0].1 == pair[1].1), "the same artifacts, whoever made them");
}
