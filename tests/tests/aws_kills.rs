//! The real binary of a function with a queue is killed (SIGKILL) at every request it makes to the stores, once before the request is
//! carried out and once after, over the wire on a local AWS. The next process must bring the run to where it would have
//! been: nothing lost, nothing done twice.
//!
//! Stages have cheap bodies behind the real driver and function; publishing is the function that is deployed, and its host is
//! the bucket. Some points of every function are tried on each commit, all of them by `make night`.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lambda_events::sqs::SqsBatchResponse;
use proofreel_adapters::local::SystemClock;
use proofreel_lambda::Summons;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, run_head, run_rows};
use proofreel_ports::{Blobs, Clock, Queue, Records};
use proofreel_publishing::{Desk, Ledger, PublishState, audit};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::function::Function;
use proofreel_tests::killing::{Death, Trial, Victim, deaths, kill, spread};
use proofreel_tests::local_aws::{Emulator, LocalAws, Server};
use proofreel_tests::poller::{VISIBILITY_MS, acknowledge, event_of};
use proofreel_tests::rehearsal::{Mute, Play, order};
use proofreel_tests::wire::Request;
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{Drill, Stage};
use serde_json::{Value, json};

/// The function that publishes, and its queue.
const PUBLISH: &str = "publish";
/// An invocation's time: little more than the least that a function begins with, so that the claims of the dead end soon.
const LIMIT: Duration = Duration::from_secs(3);
/// The same of publishing, which takes no claim.
const PUBLISH_LIMIT: Duration = Duration::from_secs(30);
/// How long a message is hidden: it is back before the claim of the dead has ended, and finds it taken.
const HIDDEN_MS: u64 = 1_000;
/// Points of each function that are tried on each commit.
const SOME: usize = 3;

/// A function and the stores as they are before the message at which it is killed.
struct Scene {
    /// What is tried, for whoever reads a failure.
    name: String,
    /// The binary, and what its environment says beside what every one's does.
    function: &'static str,
    environment: Vec<(&'static str, String)>,
    /// Its queue, and the one that the run goes on by.
    queue: &'static str,
    next: Option<&'static str>,
    limit: Duration,
    world: World,
    run: RunId,
    /// Where its publication comes to rest, if it is one.
    rests: PublishState,
}

/// What a run came to, whoever brought it there: compared with that of a run in which nobody died.
#[derive(Debug, PartialEq)]
struct End {
    /// State, artifacts and files of the head.
    head: Value,
    /// Attempts that decided something.
    decided: usize,
    /// Visits and parts that are done.
    done: usize,
    /// What was done to the film, in order.
    deeds: Vec<String>,
    /// Keys and content of what was published.
    published: Vec<(String, Vec<u8>)>,
}

/// A stage's function before the visit; with a film in `parts`, after so many of the stage's messages were handled.
async fn visit(stage: StageName, parts: u32, handled: usize) -> Scene {
    let memory = Memory::of(World::at(SystemClock.now().as_millisecond()));
    let (play, scratch) = (Arc::new(Play::new().with_parts(parts)), tempfile::tempdir().unwrap());
    let stages = play.stages(&StageName::CHAIN);
    let driver = Driver::new(memory.ports(), stages, Policy::embedded(), Arc::new(Mute), scratch.path().to_owned())
        .with_owner(Owner::new("before"))
        .with_parts(Arc::new(memory.clone()))
        .with_division();
    let run = driver.start(&order(), None).await.unwrap();
    let earlier = StageName::CHAIN.into_iter().take_while(|earlier| *earlier != stage);
    for stage in earlier.chain(std::iter::repeat_n(stage, handled)) {
        let queue = driver.chain().queue(stage, &run);
        let message = memory.receive(&queue, 1, VISIBILITY_MS, 12).await.unwrap().remove(0);
        driver.handle(&message.body).await.unwrap();
        Queue::delete(&memory, &queue, &message.receipt).await.unwrap();
    }
    Scene {
        name: format!("{stage}, {parts} parts, {handled} messages handled"),
        function: "rehearsal",
        environment: vec![("REHEARSAL_STAGE", stage.to_string()), ("REHEARSAL_PARTS", parts.to_string())],
        queue: stage.as_str(),
        next: Some(stage.next().map_or(PUBLISH, StageName::as_str)),
        limit: LIMIT,
        world: memory.snapshot(),
        run,
        rests: PublishState::AwaitingApproval,
    }
}

/// A finished film that a person approved.
fn approved() -> Stage {
    let drill = Drill { seed: 5, bytes: 3_000, weather: Weather::default(), killed: 0, bug: None };
    let stage = Stage::set(drill).deployed();
    // The function's clock is this machine's: what was approved must be of today.
    stage.memory.pass(SystemClock.now().as_millisecond() - stage.memory.now().as_millisecond());
    stage.approve();
    let head = &stage.candidate.head;
    let script = head.artifacts[&StageName::Script].key.clone();
    stage.memory.change(|world| drop(world.blobs.insert(script.into(), b"script".as_slice().into())));
    stage
}

/// A film that a person takes back after it was published in the bucket.
async fn taken_back() -> Stage {
    let (stage, id) = (approved(), "0123456789ab");
    let about = json!({
        "marker": "proofreel-demo-run-5", "bytes": 3_000, "visibility": "public", "title": "Gold, take 5", "description": "",
        "tags": [], "category": 27, "language": "en", "made_for_kids": false, "contains_synthetic_media": true,
        "publish_at": null, "playlist": null,
    });
    let key: (Arc<str>, Arc<str>) = ("publication#demo".into(), stage.candidate.head.run_id.as_str().into());
    stage.memory.change(|world| {
        for (file, bytes) in [("video.mp4", vec![7; 3_000]), ("video.json", about.to_string().into_bytes())] {
            world.blobs.insert(format!("published/{id}/{file}").into(), bytes.into());
        }
        let mut row = Value::clone(&world.records[&key]);
        for (member, value) in [("state", "published"), ("step", "public"), ("video", id), ("host", "folder")] {
            row[member] = json!(value);
        }
        world.records.insert(key, Arc::new(row));
    });
    let desk = Desk::new(Ledger::new(Arc::new(stage.memory.clone()), Arc::new(stage.memory.clone())));
    desk.retract(&stage.candidate, "anna", true, "a figure was revised").await.unwrap();
    stage
}

/// Publishing before the message about a film.
async fn publishing(name: &str, stage: &Stage, rests: PublishState) -> Scene {
    let run = stage.candidate.head.run_id.clone();
    Summons::send(&run, &stage.memory, 0).await.unwrap();
    Scene {
        name: name.into(),
        function: PUBLISH,
        environment: vec![("PROOFREEL_PUBLISH_TO", "folder".into())],
        queue: PUBLISH,
        next: None,
        limit: PUBLISH_LIMIT,
        world: stage.memory.snapshot(),
        run,
        rests,
    }
}

impl Trial for Scene {
    type End = End;

    fn name(&self) -> &str {
        &self.name
    }

    /// Whoever comes after a death works the queue until it is empty.
    async fn play(&self, aws: &Arc<Server>, death: Option<Death>) -> (End, Vec<Request>) {
        let queues: Vec<&str> = [self.queue].into_iter().chain(self.next).collect();
        let stack = aws.stack(&queues).await;
        stack.furnish(&self.world).await;
        let mut victim = Victim::start(self.function, &stack, &self.environment, death).await;
        let lived = invoke(&stack, self, &mut victim.function).await;
        assert_eq!(lived, death.is_none(), "{}, {death:?}: {:#?}", self.name, victim.function.log());
        let requests = victim.requests();
        drop(victim);
        if stack.queue().depth(&name(self.queue)).await.unwrap() != (0, 0) {
            inherit(&stack, self, death).await;
        }
        (nothing_is_lost_or_doubled(&stack, self, death).await, requests)
    }

    fn must(&self, whole: &End, requests: &[Request]) {
        let before = self.world.rows(&format!("run#{}", self.run), "done#").len();
        let went_on = whole.done > before || !whole.published.is_empty();
        let asked = requests.len();
        assert!(went_on && asked >= 8, "{}: {asked} requests to {whole:?}", self.name);
    }
}

/// The next process works the queue until it is empty.
async fn inherit(stack: &LocalAws, scene: &Scene, death: Option<Death>) {
    let mut heir = Function::start(scene.function, &[stack.environment(), scene.environment.clone()].concat()).await;
    let began = Instant::now();
    while stack.queue().depth(&name(scene.queue)).await.unwrap() != (0, 0) {
        let in_time = began.elapsed() < Duration::from_mins(1);
        assert!(in_time, "{}, {death:?}: the message stays: {:#?}", scene.name, heir.log());
        if !invoke(stack, scene, &mut heir).await {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// A queue as the driver calls it.
fn name(queue: &str) -> String {
    format!("proofreel-{queue}")
}

/// One invocation with what is visible; false when nothing was, or the process ended.
async fn invoke(stack: &LocalAws, scene: &Scene, function: &mut Function) -> bool {
    let queue = name(scene.queue);
    let batch = stack.queue().receive(&queue, 1, HIDDEN_MS, 100).await.unwrap();
    if batch.is_empty() {
        return false;
    }
    let event = serde_json::to_value(event_of(&queue, &batch)).unwrap();
    let Some(answer) = function.invoke(event, scene.limit).await else { return false };
    let answer: SqsBatchResponse = serde_json::from_value(answer.unwrap()).unwrap();
    acknowledge(&stack.queue(), &queue, &batch, &answer).await;
    true
}

async fn nothing_is_lost_or_doubled(stack: &LocalAws, scene: &Scene, death: Option<Death>) -> End {
    let (records, blobs, who) = (stack.records(), stack.blobs(), format!("{}, {death:?}", scene.name));
    let head = run_head(&records, &scene.run).await.unwrap();
    for blob in head.artifacts.values().chain(head.files.values()) {
        blobs.fetch(blob).await.unwrap();
    }
    let rows = run_rows(&records, &scene.run).await.unwrap();
    let decided = rows.iter().filter(|row| row.status == RunStatus::Success).count();
    assert!(rows.len() <= decided + 1, "{who}: one death, one attempt more: {rows:?}");
    let partition = format!("run#{}", scene.run);
    let done = records.query(&partition, "done#").await.unwrap().len();
    for left in ["claim#", "gather#"] {
        assert!(records.query(&partition, left).await.unwrap().is_empty(), "{who}: no {left} is left");
    }
    assert!(records.query("outbox", "").await.unwrap().is_empty(), "{who}: what was decided was sent");
    assert!(records.query("incidents", "").await.unwrap().is_empty(), "{who}");
    if let Some(next) = scene.next {
        let sent = stack.queue().receive(&name(next), 10, 60_000, 100).await.unwrap();
        // A part's message that comes twice has the finished film offered once more, which does no harm.
        let most = if next == PUBLISH { 4 } else { 2 };
        assert!((1..=most).contains(&sent.len()), "{who}: {} messages for {next}", sent.len());
        assert!(sent.iter().all(|message| message.body == sent[0].body), "{who}: {sent:?}");
    }
    assert_eq!(stack.queue().depth(&format!("{}-dlq", name(scene.queue))).await.unwrap(), (0, 0), "{who}");
    let verdict = audit::verify(&records, None).await.unwrap();
    assert!(verdict.faults.is_empty(), "{who}: {:?}", verdict.faults);
    let deeds = audit::links(&records, None).await.unwrap().into_iter().map(|link| link.deed.what).collect();
    let mut published = Vec::new();
    for key in blobs.list("published/").await.unwrap() {
        let bytes = blobs.get(&key).await.unwrap();
        published.push((key, bytes));
    }
    if scene.next.is_none() {
        let ledger = Ledger::new(Arc::new(stack.records()), Arc::new(SystemClock));
        let row = ledger.of(&ChannelId::from("demo"), &scene.run).await.unwrap().unwrap();
        assert_eq!(row.state, scene.rests, "{who}: {:?}", row.problem);
        assert!(ledger.open().await.unwrap().is_empty(), "{who}: nothing is under way");
        assert_eq!(published.iter().filter(|(key, _)| key.ends_with("/video.mp4")).count(), 1, "{who}");
    }
    End { head: json!([head.state, head.artifacts, head.files]), decided, done, deeds, published }
}

/// Kills the functions of all scenes at their points, at most so many of each, spread over all of them.
async fn die(scenes: Vec<Scene>, most: usize) {
    let aws = Server::start(Emulator::Ministack);
    kill(&aws, &scenes, |number, requests| spread(deaths(requests.len()), most, number)).await;
}

/// Every function of the chain behind the first: each stage; a film that is divided, its parts, and the visit that gathers
/// them; publishing.
async fn the_others() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for stage in StageName::CHAIN.into_iter().skip(1) {
        scenes.push(Box::pin(visit(stage, 0, 0)).await);
    }
    for handled in [0, 1, 3] {
        scenes.push(Box::pin(visit(StageName::Render, 2, handled)).await);
    }
    scenes.push(Box::pin(publishing(PUBLISH, &approved(), PublishState::Published)).await);
    scenes
}

/// Where a run stands in a world of fakes.
fn state(scene: &Scene) -> RunState {
    let row = scene.world.rows(&format!("run#{}", scene.run), "head").remove(0).1;
    serde_json::from_value::<RunHead>(Value::clone(&row)).unwrap().state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_killed_at_every_point_loses_nothing_and_does_nothing_twice() {
    let first = Box::pin(visit(StageName::Planner, 0, 0)).await;
    assert_eq!(state(&first), RunState::Running { stage: StageName::Planner });
    Box::pin(die(vec![first], usize::MAX)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_function_killed_here_and_there_loses_nothing_and_does_nothing_twice() {
    let scenes = Box::pin(the_others()).await;
    let states: Vec<RunState> = scenes.iter().map(state).collect();
    let render = RunState::Running { stage: StageName::Render };
    assert_eq!(
        states.iter().filter(|state| **state == render).count(),
        4,
        "whole, divided, a part, gathered: {states:?}"
    );
    Box::pin(die(scenes, SOME)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute or two; run by `make night`"]
async fn every_function_killed_at_every_point_loses_nothing_and_does_nothing_twice() {
    let mut scenes = vec![Box::pin(visit(StageName::Planner, 0, 0)).await];
    scenes.extend(Box::pin(the_others()).await);
    let stage = Box::pin(taken_back()).await;
    scenes.push(Box::pin(publishing("publish, taken back", &stage, PublishState::Retracted)).await);
    Box::pin(die(scenes, usize::MAX)).await;
}
