//! The weekly start and the sweep over fakes: repeated at will and killed at every point.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::path::Path;
use std::sync::Arc;

use proofreel_lambda::{Batch, BatchError, BatchEvent, BatchReport, ParkedLetter, Place};
use proofreel_model::policy::Policy;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, Handled, Owner, dead_letters, run_head};
use proofreel_ports::{NoParts, Queue};
use proofreel_tests::deployed::gold_package;
use proofreel_tests::fakes::{FakeTriggers, Memory, World};
use proofreel_tests::rehearsal::{Mute, Play};
use tempfile::TempDir;

const TRIGGERS: [&str; 3] = ["planner", "qa", "render"];
/// 2026-11-24, a Tuesday of week 48.
const NOW_MS: i64 = 1_795_557_600_000;
const RUNS: [&str; 2] = ["gilt-2026w48-1", "other-2026w48-1"];

fn channel(id: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"Channel\"\nkind = \"finance\"\naudience = \"testers\"\nsources = [\"../data/gold\"]\n"
    )
}

fn put(world: &mut World, key: &str, bytes: &[u8]) {
    world.blobs.insert(key.into(), bytes.into());
}

/// A bucket with two channels and one package, as `make deploy` leaves it.
fn deployed() -> World {
    let mut world = World::at(NOW_MS);
    put(&mut world, "channels/gilt.toml", channel("gilt").as_bytes());
    put(&mut world, "channels/other.toml", channel("other").as_bytes());
    put(&mut world, "channels/README.md", b"not a channel");
    for (key, bytes) in gold_package() {
        put(&mut world, &key, &bytes);
    }
    world
}

fn batch(memory: &Memory, triggers: &FakeTriggers, scratch: &Path) -> Batch {
    let place = Place {
        ports: memory.ports(),
        parts: Arc::new(NoParts),
        owner: Owner::new("batch"),
        scratch: scratch.to_owned(),
    };
    let names = TRIGGERS.map(str::to_owned).to_vec();
    Batch::new(place, Policy::embedded(), Arc::new(memory.clone()), Arc::new(triggers.clone()), names)
}

async fn call(memory: &Memory, triggers: &FakeTriggers, event: &BatchEvent) -> Result<BatchReport, BatchError> {
    let scratch = TempDir::new().unwrap();
    batch(memory, triggers, scratch.path()).handle(event).await
}

fn start() -> BatchEvent {
    BatchEvent::Start { at: Some("2026-11-24T06:00:00Z".parse().unwrap()), slot: 1 }
}

/// Works all queues until they are empty, as enabled triggers would.
async fn work(memory: &Memory) {
    let scratch = TempDir::new().unwrap();
    let play = Arc::new(Play::new());
    let driver = Driver::new(
        memory.ports(),
        play.stages(&StageName::CHAIN),
        Policy::embedded(),
        Arc::new(Mute),
        scratch.path().to_owned(),
    );
    for stage in StageName::CHAIN {
        let queue = Chain::default().queue(stage, &"".into());
        while let Some(delivery) = memory.receive(&queue, 1, 1000, 12).await.unwrap().pop() {
            let handled = driver.handle(&delivery.body).await.unwrap();
            assert!(matches!(handled, Handled::Recorded { .. } | Handled::Stale), "{handled:?}");
            memory.delete(&queue, &delivery.receipt).await.unwrap();
        }
    }
}

async fn state(memory: &Memory, run: &str) -> Option<RunState> {
    run_head(memory, &run.into()).await.ok().map(|head| head.state)
}

#[tokio::test]
async fn a_start_begins_one_run_a_channel_however_often_and_late_it_is_repeated() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    let report = call(&memory, &triggers, &start()).await.unwrap();
    assert_eq!((report.begun.as_slice(), report.awake, report.turned), (&RUNS.map(str::to_owned)[..], true, 3));
    assert_eq!(triggers.all(), Some(true));
    // The data changed meanwhile and days went by: the week's runs stay what they are.
    memory.pass(3 * 86_400_000);
    memory.change(|world| put(world, "data/gold/README.md", b"new"));
    let again = call(&memory, &triggers, &start()).await.unwrap();
    assert_eq!((again.begun.len(), again.known.len(), again.turned), (0, 2, 0));
    let second = BatchEvent::Start { at: Some("2026-11-27T06:00:00Z".parse().unwrap()), slot: 2 };
    assert_eq!(call(&memory, &triggers, &second).await.unwrap().begun[0], "gilt-2026w48-2");
    let sent = memory.snapshot().queues.get("proofreel-planner").unwrap().len();
    assert_eq!(sent, 4);
}

#[tokio::test]
async fn the_triggers_sleep_when_the_chain_is_drained_and_not_before() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    call(&memory, &triggers, &start()).await.unwrap();
    for _ in 0..2 {
        let report = call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
        assert_eq!((report.awake, report.turned), (true, 0), "nothing to turn while work waits");
    }
    work(&memory).await;
    assert_eq!(state(&memory, RUNS[0]).await, Some(RunState::Done));
    let report = call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
    assert_eq!((report.awake, report.turned, triggers.all()), (false, 3, Some(false)));
    assert_eq!(call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap().turned, 0);
}

#[tokio::test]
async fn a_channel_that_cannot_start_keeps_no_other_from_it_and_is_tried_again_by_the_sweep() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    memory.change(|world| put(world, "channels/gilt.toml", b"id = \"gilt\"\n"));
    let error = call(&memory, &triggers, &start()).await.unwrap_err().to_string();
    assert!(error.contains("channels/gilt.toml"), "{error}");
    assert_eq!((state(&memory, RUNS[0]).await, triggers.all()), (None, Some(true)));
    assert!(state(&memory, RUNS[1]).await.is_some());
    memory.change(|world| put(world, "channels/gilt.toml", channel("gilt").as_bytes()));
    let report = call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
    assert_eq!((report.begun, report.known), (vec![RUNS[0].to_owned()], vec![RUNS[1].to_owned()]));
    assert!(call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap().known.is_empty(), "its note is gone");
}

/// A start whose process dies after so many polls; false when it came to its end before.
async fn start_dies(memory: &Memory, triggers: &FakeTriggers, point: u32) -> bool {
    let scratch = TempDir::new().unwrap();
    let (batch, event) = (batch(memory, triggers, scratch.path()), start());
    let mut call = Box::pin(batch.handle(&event));
    let mut done = false;
    for _ in 0..=point {
        done = done || futures::poll!(call.as_mut()).is_ready();
    }
    !done
}

/// Lambda repeats an event whose invocation died. The repetition leaves nothing to the next sweep, an hour later.
#[tokio::test]
async fn a_start_killed_at_any_point_is_finished_by_its_repetition() {
    let mut point = 0;
    loop {
        let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
        let killed = start_dies(&memory, &triggers, point).await;
        let memory = Memory::of(memory.snapshot());
        call(&memory, &triggers, &start()).await.unwrap();
        let world = memory.snapshot();
        assert!(world.rows("outbox", "").is_empty() && world.rows("batch", "").is_empty(), "point {point}");
        assert_eq!((world.rows("runs", "").len(), triggers.all()), (2, Some(true)), "point {point}");
        let sent = world.queues.get("proofreel-planner").map_or(0, Vec::len);
        assert!((2..=3).contains(&sent), "point {point}: {sent} messages for two runs and one death");
        work(&memory).await;
        for run in RUNS {
            assert_eq!(state(&memory, run).await, Some(RunState::Done), "point {point}");
        }
        if !killed {
            break;
        }
        point += 1;
    }
    assert!(point > 20, "{point} points: the test looks at nothing");
}

/// The process dies at every point of a start. Before its note the schedule repeats it; from then on the next sweep
/// brings the runs and the triggers to where an undisturbed start would have left them.
#[tokio::test]
async fn a_start_killed_at_any_point_is_finished_by_the_next_sweep() {
    let (mut point, mut by_sweep) = (0, 0);
    loop {
        let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
        let killed = start_dies(&memory, &triggers, point).await;
        let memory = Memory::of(memory.snapshot());
        let noted = !memory.snapshot().rows("batch", "").is_empty();
        call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
        let begun = state(&memory, RUNS[0]).await.is_some();
        assert!(begun || !noted, "point {point}: the note was forgotten");
        by_sweep += u32::from(noted);
        if !begun {
            assert_eq!(triggers.all(), Some(false), "point {point}: awake without work");
            call(&memory, &triggers, &start()).await.unwrap();
        }
        assert_eq!(triggers.all(), Some(true), "point {point}: asleep with work");
        let world = memory.snapshot();
        assert!(world.rows("outbox", "").is_empty() && world.rows("batch", "").is_empty(), "point {point}");
        assert_eq!(world.rows("runs", "").len(), 2, "point {point}: one run a channel");
        work(&memory).await;
        for run in RUNS {
            assert_eq!(state(&memory, run).await, Some(RunState::Done), "point {point}");
        }
        call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
        assert_eq!(triggers.all(), Some(false), "point {point}: awake for ever");
        if !killed {
            break;
        }
        point += 1;
    }
    println!("{point} points, {by_sweep} finished by the sweep");
    assert!(by_sweep > 20, "{by_sweep}");
}

/// A sweep dies while it turns the triggers off, and work comes at that very moment.
#[tokio::test]
async fn a_sweep_killed_at_any_point_leaves_what_the_next_one_puts_right() {
    let mut point = 0;
    loop {
        let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, true));
        let scratch = TempDir::new().unwrap();
        let killed = {
            let batch = batch(&memory, &triggers, scratch.path());
            let mut call = Box::pin(batch.handle(&BatchEvent::Sweep));
            let mut done = false;
            for _ in 0..=point {
                done = done || futures::poll!(call.as_mut()).is_ready();
            }
            // Work comes while the sweep is under way; then the sweep goes on, or dies.
            let begun = self::call(&memory, &triggers, &start()).await.unwrap();
            assert_eq!(begun.begun.len(), 2);
            if point % 2 == 0 && !done {
                call.await.unwrap();
                assert_eq!(triggers.all(), Some(true), "point {point}: asleep with work");
            }
            !done
        };
        let memory = Memory::of(memory.snapshot());
        call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
        assert_eq!(triggers.all(), Some(true), "point {point}");
        work(&memory).await;
        call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
        assert_eq!(triggers.all(), Some(false), "point {point}");
        if !killed {
            break;
        }
        point += 1;
    }
    assert!(point > 20, "{point} points: the test looks at nothing");
}

#[tokio::test]
async fn a_run_whose_message_is_nowhere_keeps_the_triggers_on_until_it_gets_it_again() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    call(&memory, &triggers, &start()).await.unwrap();
    memory.change(|world| world.queues.clear());
    let report = call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
    assert_eq!((report.revived, report.awake), (0, true));
    memory.pass(3_600_000);
    assert_eq!(call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap().revived, 2);
    work(&memory).await;
    assert_eq!(state(&memory, RUNS[1]).await, Some(RunState::Done));
}

#[tokio::test]
async fn dead_letters_fail_their_runs_a_parked_one_stays_and_neither_keeps_the_triggers_on() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    call(&memory, &triggers, &start()).await.unwrap();
    let letters = dead_letters("proofreel-planner");
    let messages = memory.snapshot().queues.get("proofreel-planner").unwrap().clone();
    memory.change(|world| world.queues.clear());
    for message in messages {
        memory.send(&letters, &message.body, 0).await.unwrap();
    }
    ParkedLetter::new("it is no message of the chain", "proofreel-planner", "m-1", "?").post(&memory).await.unwrap();
    let report = call(&memory, &triggers, &BatchEvent::Sweep).await.unwrap();
    assert_eq!((report.buried, report.awake, triggers.all()), (2, false, Some(false)));
    for run in RUNS {
        let Some(RunState::Failed { error, .. }) = state(&memory, run).await else { panic!("not failed") };
        assert!(error.contains("delivered more than"), "{error}");
    }
    assert_eq!(memory.snapshot().rows("incidents", "").len(), RUNS.len(), "an incident each");
    assert_eq!(memory.depth(&letters).await.unwrap(), (1, 0), "a person reads it");
}

#[tokio::test]
async fn unchanged_files_are_fetched_once_a_process_and_removed_ones_forgotten() {
    let (memory, triggers) = (Memory::of(deployed()), FakeTriggers::of(&TRIGGERS, false));
    let scratch = TempDir::new().unwrap();
    let batch = batch(&memory, &triggers, scratch.path());
    let week = |week: u32| BatchEvent::Start {
        at: Some(format!("2026-12-{:02}T06:00:00Z", week * 7).parse().unwrap()),
        slot: 1,
    };
    let copy = scratch.path().join("bucket/channels/other.toml");
    let written = || std::fs::metadata(&copy).unwrap().modified().unwrap();
    batch.handle(&week(1)).await.unwrap();
    let first = written();
    batch.handle(&week(2)).await.unwrap();
    assert_eq!(written(), first, "fetched again without need");
    memory.change(|world| put(world, "channels/other.toml", channel("other").replace("testers", "all").as_bytes()));
    batch.handle(&week(2)).await.unwrap();
    assert!(std::fs::read_to_string(&copy).unwrap().contains("\"all\""), "a changed file is fetched");
    memory.change(|world| {
        world.blobs.remove("channels/other.toml");
        put(world, "channels/gilt.toml", channel("renamed").as_bytes());
    });
    let report = batch.handle(&week(3)).await.unwrap();
    assert_eq!(report.begun, ["renamed-2026w52-1"]);
    assert!(!copy.exists());
}
