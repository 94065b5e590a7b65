//! The function that publishes, behind its queue and over fakes: called by approvals, killed at every point, once.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use proofreel_lambda::{
    Batch, BatchEvent, BatchReport, Deadline, Hosts, PUBLISH_QUEUE, Place, Publishing, Summons, TakesMessages,
};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::Policy;
use proofreel_operations::{BucketChannels, Office};
use proofreel_pipeline::{Owner, kpi};
use proofreel_ports::{Clock, NoParts, Queue, VideoHost};
use proofreel_publishing::{Desk, PublishError, PublishState};
use proofreel_tests::fakes::{FakeTriggers, Memory};
use proofreel_tests::poller::{VISIBILITY_MS, acknowledge, event_of};
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{Drill, Stage, run};

const TRIGGER: &str = "publish";

/// One host for all.
struct Only(Arc<dyn VideoHost>);

#[async_trait]
impl Hosts for Only {
    async fn host(&self, _: &ChannelId) -> Result<Arc<dyn VideoHost>, PublishError> {
        Ok(Arc::clone(&self.0))
    }
}

fn stage(seed: u64) -> Stage {
    Stage::set(Drill { seed, bytes: 3000, weather: Weather::default(), killed: 0, bug: None }).deployed()
}

fn id(stage: &Stage) -> RunId {
    stage.candidate.head.run_id.clone()
}

fn function(stage: &Stage) -> Publishing {
    let memory = Arc::new(stage.memory.clone());
    let office = Office {
        records: memory.clone(),
        blobs: memory.clone(),
        clock: memory.clone(),
        channels: Arc::new(BucketChannels(memory.clone())),
    };
    Publishing::new(office, memory, Arc::new(Only(stage.host())), Policy::embedded())
}

/// One sweep of the batch; the trigger of publishing is the only one there.
fn sweep(memory: &Memory, triggers: &FakeTriggers) -> BatchReport {
    let scratch = tempfile::tempdir().unwrap();
    let place = Place {
        ports: memory.ports(),
        parts: Arc::new(NoParts),
        owner: Owner::new("batch"),
        scratch: scratch.path().to_owned(),
    };
    let batch = Batch::new(place, Policy::embedded(), Arc::new(memory.clone()), Arc::new(triggers.clone()), Vec::new());
    run(batch.with_publishing(TRIGGER).handle(&BatchEvent::Sweep)).unwrap()
}

/// One invocation with one message, killed at a poll of this number; true when it was. None when nothing can be seen.
fn invoke(stage: &Stage, dies_at: Option<u32>) -> Option<bool> {
    let batch = run(stage.memory.receive(PUBLISH_QUEUE, 1, VISIBILITY_MS, 12)).unwrap();
    if batch.is_empty() {
        return None;
    }
    let function = function(stage);
    let ends = stage.memory.now().as_millisecond() + 900_000;
    let mut call = pin!(function.consume(event_of(PUBLISH_QUEUE, &batch), Deadline::at(ends.unsigned_abs())));
    let mut context = Context::from_waker(Waker::noop());
    for poll in 0.. {
        if dies_at == Some(poll) {
            return Some(true);
        }
        if let Poll::Ready(answer) = call.as_mut().poll(&mut context) {
            run(acknowledge(&stage.memory, PUBLISH_QUEUE, &batch, &answer.unwrap()));
            return Some(false);
        }
    }
    None
}

/// Works the queue as its trigger would, hours of sweeps included, until the film is settled.
fn settle(stage: &Stage) -> PublishState {
    let triggers = FakeTriggers::of(&[TRIGGER], false);
    for _ in 0..30 {
        sweep(&stage.memory, &triggers);
        while triggers.all() == Some(true) && invoke(stage, None).is_some() {
            stage.memory.pass(31_000);
        }
        if run(stage.ledger().open()).unwrap().is_empty() {
            break;
        }
        stage.memory.pass(3_600_000);
    }
    sweep(&stage.memory, &triggers);
    assert_eq!(triggers.all(), Some(false), "the trigger sleeps when nothing is to be published");
    run(stage.ledger().of(&ChannelId::from("demo"), &id(stage))).unwrap().unwrap().state
}

#[tokio::test]
async fn an_approval_is_all_that_a_person_does() {
    let stage = stage(1);
    stage.approve();
    let triggers = FakeTriggers::of(&[TRIGGER], false);
    let report = sweep(&stage.memory, &triggers);
    assert_eq!((report.called, report.awake, triggers.all()), (1, false, Some(true)));
    assert_eq!(sweep(&stage.memory, &triggers).called, 0, "nobody is called twice");
    assert_eq!(settle(&stage), PublishState::Published);
    let row = run(stage.ledger().of(&ChannelId::from("demo"), &id(&stage))).unwrap().unwrap();
    stage.published(&row).unwrap();
    // A message that comes late, or again, finds nothing to do.
    run(Summons::send(&id(&stage), &stage.memory, 0)).unwrap();
    assert_eq!(invoke(&stage, None), Some(false));
    stage.published(&row).unwrap();
}

#[tokio::test]
async fn a_film_that_nobody_approved_is_offered_and_stays_where_it_is() {
    let stage = stage(2);
    run(Summons::send(&id(&stage), &stage.memory, 0)).unwrap();
    assert_eq!(invoke(&stage, None), Some(false));
    let row = run(stage.ledger().of(&ChannelId::from("demo"), &id(&stage))).unwrap().unwrap();
    assert_eq!(row.state, PublishState::AwaitingApproval);
    assert!(row.editors.contains("schedule"));
    assert!(stage.line.server(|server| server.videos.is_empty()));
    assert_eq!(sweep(&stage.memory, &FakeTriggers::of(&[TRIGGER], false)).called, 0);
}

/// A page or a command writes that a film is taken back; whoever made it public hides it.
#[tokio::test]
async fn what_is_taken_back_is_hidden_by_the_function() {
    let stage = stage(8);
    stage.approve();
    assert_eq!(settle(&stage), PublishState::Published);
    run(Desk::new(stage.ledger()).retract(&stage.candidate, "anna", true, "a wrong year")).unwrap();
    assert_eq!(settle(&stage), PublishState::Retracted);
    let was = stage.line.server(|server| server.videos.values().next().unwrap().was.clone());
    assert_eq!(was, ["private", "public", "private"]);
    assert!(stage.row().retraction.unwrap().done);
}

/// The process dies at every point of the invocation; message and index bring the film to its end, once.
#[tokio::test]
async fn killed_at_any_point_it_is_published_once() {
    let mut point = 0;
    loop {
        let stage = stage(3);
        stage.approve();
        sweep(&stage.memory, &FakeTriggers::of(&[TRIGGER], false));
        let killed = invoke(&stage, Some(point)).unwrap();
        stage.memory.pass(i64::try_from(VISIBILITY_MS).unwrap());
        assert_eq!(settle(&stage), PublishState::Published, "killed at poll {point}");
        let row = run(stage.ledger().of(&ChannelId::from("demo"), &id(&stage))).unwrap().unwrap();
        stage.published(&row).unwrap_or_else(|why| panic!("killed at poll {point}: {why}"));
        let measured = run(kpi::videos(&stage.memory, &ChannelId::from("demo"))).unwrap();
        assert_eq!(measured.len(), 1, "killed at poll {point}: what is published is measured");
        if !killed {
            break;
        }
        point += 1;
    }
    assert!(point > 60, "only {point} points were tried");
}

#[tokio::test]
async fn what_waits_for_days_costs_no_message_until_its_time() {
    let stage = stage(4);
    stage.approve();
    let open = run(stage.ledger().open()).unwrap().remove(0);
    let until = stage.memory.now() + jiff::SignedDuration::from_hours(50);
    run(stage.ledger().rest(&open, until, 0)).unwrap();
    let triggers = FakeTriggers::of(&[TRIGGER], false);
    for hour in 0..50 {
        assert_eq!((sweep(&stage.memory, &triggers).called, triggers.all()), (0, Some(false)), "hour {hour}");
        stage.memory.pass(3_600_000);
    }
    assert_eq!((sweep(&stage.memory, &triggers).called, triggers.all()), (1, Some(true)));
    assert_eq!(settle(&stage), PublishState::Published);
}

/// Lambda ends a chain of a function's messages to itself at about sixteen: a host that processes for hours must not make one.
#[tokio::test]
async fn a_host_that_takes_hours_makes_no_long_chain_of_messages() {
    let stage = stage(7);
    stage.line.server(|server| server.slow_seconds = 5 * 3_600);
    stage.approve();
    let triggers = FakeTriggers::of(&[TRIGGER], false);
    let (mut calls, mut longest) = (0_u32, 0);
    for _ in 0..8 {
        sweep(&stage.memory, &triggers);
        let hour = stage.memory.now() + jiff::SignedDuration::from_hours(1);
        while stage.memory.now() < hour {
            // What waits in the queue, looked at without being taken.
            let waits = stage.memory.look(|world| world.queues.get(PUBLISH_QUEUE).cloned().unwrap_or_default());
            let turns = waits.iter().map(|message| serde_json::from_str::<Summons>(&message.body).unwrap().turn);
            longest = turns.max().unwrap_or(0).max(longest);
            calls += u32::from(invoke(&stage, None).is_some());
            stage.memory.pass(15_000);
        }
    }
    assert_eq!(settle(&stage), PublishState::Published);
    assert!((5..16).contains(&longest), "{longest} messages in a row");
    assert!((10..60).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn while_publishing_is_switched_off_a_film_waits_and_then_goes_on() {
    let stage = stage(5);
    stage.approve();
    run(stage.ledger().turn(true, "anna", "an audit")).unwrap();
    let triggers = FakeTriggers::of(&[TRIGGER], false);
    sweep(&stage.memory, &triggers);
    assert_eq!(invoke(&stage, None), Some(false));
    assert!(stage.line.server(|server| server.videos.is_empty()));
    assert_eq!(sweep(&stage.memory, &triggers).called, 0, "it rests");
    run(stage.ledger().turn(false, "anna", "over")).unwrap();
    assert_eq!(settle(&stage), PublishState::Published);
}

#[tokio::test]
async fn what_names_no_film_goes_to_the_dead_letters() {
    let stage = stage(6);
    for body in ["{}", "nothing", r#"{"publish": "no-such-run"}"#] {
        run(stage.memory.send(PUBLISH_QUEUE, body, 0)).unwrap();
        assert_eq!(invoke(&stage, None), Some(false));
    }
    let letters = run(stage.memory.receive("proofreel-publish-dlq", 10, 1000, 12)).unwrap();
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter.body.contains("parked")));
}
