//! Many runs at once over the wire on a local AWS in bad weather: of a hundred requests one is lost, or its answer is, or
//! it is refused; messages come again early; functions are cut off. Every run ends, nothing is done twice.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use proofreel_adapters::local::SystemClock;
use proofreel_lambda::{Consumer, Deadline, Place, StageFunction, TakesMessages};
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, Ports, run_head, run_rows};
use proofreel_ports::{Clock, Delivery, NoParts, Queue, Records};
use proofreel_tests::local_aws::{Emulator, LocalAws, Server};
use proofreel_tests::poller::{acknowledge, event_of};
use proofreel_tests::rehearsal::{Act, Mute, Play, order};
use proofreel_tests::wire::{Fault, Wire};

/// An invocation's time. Claims of functions that were cut off last a second longer.
const LIMIT: Duration = Duration::from_secs(4);
/// Messages are hidden for less than that: some come again while their first attempt is at work.
const HIDDEN_MS: u64 = 2_000;
/// Of so many requests one meets a fault.
const FAULT_IN: u64 = 100;
/// Of so many invocations one is cut off on its way.
const CUT_IN: u64 = 60;
/// Most messages that runs may need at such faults, on average.
const MOST_MESSAGES: usize = 16;

/// Draws from a seed, shared by all threads.
struct Chance(AtomicU64);

impl Chance {
    fn draw(&self, below: u64) -> u64 {
        let at = self.0.fetch_add(1, Ordering::Relaxed);
        fastrand::Rng::with_seed(at.wrapping_mul(0x9e37_79b9_7f4a_7c15)).u64(..below)
    }
}

fn weather(chance: Arc<Chance>, calm: Arc<AtomicBool>) -> impl Fn(usize, &proofreel_tests::wire::Request) -> Fault {
    move |_, request| {
        if calm.load(Ordering::Relaxed) || chance.draw(FAULT_IN) != 0 {
            return Fault::Pass;
        }
        let refused = || {
            if request.action().is_empty() {
                let body = "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>".to_owned();
                return Fault::Answer(
                    "503 Slow Down",
                    "content-type: application/xml\r\nx-amz-request-id: r\r\n",
                    body,
                );
            }
            let body = r#"{"__type":"com.amazonaws#ThrottlingException","message":"slow down"}"#.to_owned();
            let head = "content-type: application/x-amz-json-1.0\r\nx-amzn-requestid: r\r\n";
            Fault::Answer("400 Bad Request", head, body)
        };
        match chance.draw(3) {
            0 => Fault::LoseRequest,
            1 => Fault::LoseAnswer,
            _ => refused(),
        }
    }
}

/// The functions of all stages in one process, as one sandbox each would be.
fn functions(stack: &LocalAws, play: &Arc<Play>, scratch: &Path, name: &str) -> Vec<(StageName, Consumer)> {
    let place =
        Place { ports: ports(stack), parts: Arc::new(NoParts), owner: Owner::new(name), scratch: scratch.join(name) };
    let function = |stage: StageName| {
        let of = Arc::clone(play);
        let function = StageFunction::new(move || of.stages(&[stage]).remove(0));
        (stage, Consumer::new(function, place.clone(), Policy::embedded()))
    };
    StageName::CHAIN.map(function).into()
}

fn ports(stack: &LocalAws) -> Ports {
    Ports {
        blobs: Arc::new(stack.blobs()),
        records: Arc::new(stack.records()),
        queue: Arc::new(stack.queue()),
        clock: Arc::new(SystemClock),
    }
}

/// Where it storms.
struct Sky {
    /// The stores over the line that misbehaves: what functions see.
    over: LocalAws,
    /// The same over one that works: polling is Amazon's, not ours.
    straight: LocalAws,
    play: Arc<Play>,
    scratch: tempfile::TempDir,
    chance: Arc<Chance>,
    /// No run is under way any more.
    ended: AtomicBool,
}

/// Polls as Lambda does until nothing runs.
async fn poll(sky: &Sky, n: usize) {
    let Sky { straight, chance, .. } = sky;
    let of = |life: u32| functions(&sky.over, &sky.play, sky.scratch.path(), &format!("f{n}.{life}"));
    let (mut life, mut sandboxes) = (0, of(0));
    while !sky.ended.load(Ordering::Relaxed) {
        let (mut worked, mut cut_off) = (false, false);
        for (stage, consumer) in &sandboxes {
            let queue = format!("proofreel-{stage}");
            let batch: Vec<Delivery> = straight.queue().receive(&queue, 1, HIDDEN_MS, 1_000).await.unwrap();
            if batch.is_empty() {
                continue;
            }
            worked = true;
            let ends = SystemClock.now().as_millisecond().unsigned_abs() + LIMIT.as_millis() as u64;
            let work = consumer.consume(event_of(&queue, &batch), Deadline::at(ends));
            let cut = chance.draw(CUT_IN) == 0;
            let lives_ms = if cut { chance.draw(60) } else { 60_000 };
            if let Ok(answer) = tokio::time::timeout(Duration::from_millis(lives_ms), work).await {
                acknowledge(&straight.queue(), &queue, &batch, &answer.unwrap()).await;
            } else {
                cut_off = true;
                break;
            }
        }
        if cut_off {
            // Others take their place, and know nothing of it.
            life += 1;
            sandboxes = of(life);
        }
        if !worked {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn storm(runs: usize, workers: usize, most: Duration) {
    let seed = std::env::var("STORM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let aws = Server::start(Emulator::Ministack);
    let straight = aws.stack(&StageName::CHAIN.map(StageName::as_str)).await;
    let (chance, calm) = (Arc::new(Chance(AtomicU64::new(seed))), Arc::new(AtomicBool::new(false)));
    let wire = Wire::to(Some(aws.port()), weather(Arc::clone(&chance), Arc::clone(&calm)));
    let over = straight.over(&wire, 4, Duration::from_secs(2));
    let play = Arc::new(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]));
    let (scratch, ended) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let sky = Sky { over, straight, play, scratch, chance, ended };
    let began = Instant::now();

    let folder = sky.scratch.path().join("start");
    let starter = Driver::new(ports(&sky.over), Vec::new(), Policy::embedded(), Arc::new(Mute), folder);
    let names: Vec<RunId> = (0..runs).map(|n| RunId(format!("storm-{n:03}"))).collect();
    for run in &names {
        // A start that failed is repeated, as the batch does.
        let mut tries = 0;
        while let Err(error) = starter.start_as(run, &order(), None).await {
            tries += 1;
            assert!(tries < 10 && error.is_retryable(), "seed {seed}: {run}: {error}");
        }
    }
    let polling = join_all((0..workers).map(|n| poll(&sky, n)));
    let watching = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            // What a sweep does every hour in the cloud, with its own faults.
            let _ = starter.sweep().await;
            let active = sky.straight.records().query("active", "").await.unwrap();
            if active.is_empty() {
                break sky.ended.store(true, Ordering::Relaxed);
            }
            assert!(began.elapsed() < most, "seed {seed}: after {most:?} these still run: {active:?}");
        }
    };
    tokio::join!(polling, watching);
    calm.store(true, Ordering::Relaxed);
    let sends = wire.seen().iter().filter(|request| request.action() == "sendmessage").count();
    println!(
        "{runs} runs, {} requests, {:.1} messages a run, {} executions, {:.1} s",
        wire.seen().len(),
        sends as f64 / runs as f64,
        sky.play.executions(),
        began.elapsed().as_secs_f64()
    );
    assert!(sends <= runs * MOST_MESSAGES, "seed {seed}: {sends} messages for {runs} runs");

    let records = sky.straight.records();
    let whole = run_head(&records, &names[0]).await.unwrap();
    for run in &names {
        let head = run_head(&records, run).await.unwrap();
        assert_eq!(head.state, RunState::Done, "seed {seed}: {run}");
        assert_eq!((&head.artifacts, &head.files), (&whole.artifacts, &whole.files), "seed {seed}: {run}");
        let rows = run_rows(&records, run).await.unwrap();
        let decided: Vec<_> = rows.iter().filter(|row| row.status == RunStatus::Success).collect();
        assert_eq!(decided.len(), 9, "seed {seed}: {run}: each visit is recorded once: {rows:?}");
        assert_eq!(records.query(&format!("run#{run}"), "done#").await.unwrap().len(), 9, "seed {seed}: {run}");
    }
    let _ = starter.sweep().await;
    assert!(records.query("outbox", "").await.unwrap().is_empty(), "seed {seed}: what was decided was sent");
    assert!(records.query("incidents", "").await.unwrap().is_empty(), "seed {seed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_runs_in_bad_weather_end_and_are_done_once() {
    Box::pin(storm(10, 4, Duration::from_mins(3))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a minute or two; run by `make soak`"]
async fn fifty_runs_in_bad_weather_end_and_are_done_once() {
    Box::pin(storm(50, 6, Duration::from_mins(15))).await;
}
