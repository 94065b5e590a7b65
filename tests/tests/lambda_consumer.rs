//! A stage behind its queue, over fakes: which records come back, when, and that none is lost.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;

use aws_lambda_events::sqs::SqsBatchResponse;
use proofreel_lambda::{Consumer, Deadline, NAMESPACE, ParkedLetter, Place, StageFunction, TakesMessages};
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, run_head, run_rows};
use proofreel_ports::{Clock, NoParts, Queue};
use proofreel_tests::fakes::{Fault, Memory, Moment, World};
use proofreel_tests::poller::{VISIBILITY_MS, acknowledge, event_of};
use proofreel_tests::rehearsal::{Act, Mute, Play, order};

const QUEUE: &str = "proofreel-planner";
const LETTERS: &str = "proofreel-planner-dlq";

/// A planner's function over a world, in an invocation that ends in so many milliseconds.
struct House {
    memory: Memory,
    consumer: Consumer,
    play: Arc<Play>,
    driver: Driver,
    left_ms: i64,
    _scratch: tempfile::TempDir,
}

impl House {
    fn with(memory: Memory, acts: &[Act], owner: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let play = Arc::new(Play::new().with(StageName::Planner, 1, acts));
        let place = Place {
            ports: memory.ports(),
            parts: Arc::new(NoParts),
            owner: Owner::new(owner),
            scratch: scratch.path().to_owned(),
        };
        let of = Arc::clone(&play);
        let function = StageFunction::new(move || of.stages(&[StageName::Planner]).remove(0));
        let driver =
            Driver::new(memory.ports(), Vec::new(), Policy::embedded(), Arc::new(Mute), scratch.path().to_owned());
        let consumer = Consumer::new(function, place, Policy::embedded());
        Self { memory, consumer, play, driver, left_ms: 60_000, _scratch: scratch }
    }

    fn new(acts: &[Act]) -> Self {
        Self::with(Memory::of(World::at(1_795_382_364_000)), acts, "house")
    }

    async fn start(&self) -> RunId {
        self.driver.start(&order(), None).await.unwrap()
    }

    /// One invocation with all that is visible; gives how many records it had, and the answer.
    async fn invoke(&self) -> (usize, SqsBatchResponse) {
        let batch = self.memory.receive(QUEUE, 10, VISIBILITY_MS, 12).await.unwrap();
        let ends = self.memory.now().as_millisecond() + self.left_ms;
        let answer = self.consumer.consume(event_of(QUEUE, &batch), Deadline::at(ends.unsigned_abs())).await.unwrap();
        acknowledge(&self.memory, QUEUE, &batch, &answer).await;
        (batch.len(), answer)
    }

    async fn state(&self, run: &RunId) -> RunState {
        run_head(&self.memory, run).await.unwrap().state
    }

    fn counted(&self) -> String {
        self.consumer.metrics().take(NAMESPACE, self.memory.now()).unwrap_or_default()
    }
}

#[tokio::test]
async fn of_a_good_a_malformed_and_a_stale_record_none_comes_back_and_the_malformed_one_is_parked() {
    let house = House::new(&[]);
    let done = house.start().await;
    assert_eq!(house.invoke().await.0, 1);
    // Delivered again after it was done: stale.
    let stale = house.memory.snapshot().queues.get("proofreel-topic-scoring").unwrap()[0].body.clone();
    let mut envelope: serde_json::Value = serde_json::from_str(&stale).unwrap();
    envelope["stage"] = "planner".into();
    let good = house.start().await;
    house.memory.send(QUEUE, "{\"run\": 7", 0).await.unwrap();
    house.memory.send(QUEUE, &envelope.to_string(), 0).await.unwrap();
    let (records, answer) = house.invoke().await;
    assert_eq!((records, answer.batch_item_failures.len()), (3, 0));
    assert_eq!(house.state(&good).await, RunState::Running { stage: StageName::TopicScoring });
    assert_eq!(house.play.executions(), 2, "the stale record ran no stage");
    assert_eq!(run_rows(&house.memory, &done).await.unwrap().len(), 1);
    assert_eq!(house.memory.depth(QUEUE).await.unwrap(), (0, 0));
    let letter = house.memory.receive(LETTERS, 1, 1000, 9).await.unwrap().remove(0);
    let letter: ParkedLetter = serde_json::from_str(&letter.body).unwrap();
    assert_eq!((letter.body.as_str(), letter.queue.as_str()), ("{\"run\": 7", QUEUE));
    assert!(letter.parked.contains("no message of the chain"), "{}", letter.parked);
    let counted = house.counted();
    assert!(counted.contains("\"Recorded\":2") && counted.contains("\"Parked\":1"), "{counted}");
}

#[tokio::test]
async fn a_message_for_another_stage_is_parked_and_not_worked() {
    let house = House::new(&[]);
    house.start().await;
    let body = house.memory.receive(QUEUE, 1, 0, 12).await.unwrap().remove(0).body;
    house.memory.send(QUEUE, &body.replace("\"planner\"", "\"qa\""), 0).await.unwrap();
    let (records, answer) = house.invoke().await;
    assert_eq!((records, answer.batch_item_failures.len(), house.play.executions()), (2, 0, 1));
    assert_eq!(house.memory.depth(LETTERS).await.unwrap(), (1, 0));
}

#[tokio::test]
async fn with_the_deadline_near_no_record_is_begun_and_all_come_back_at_once() {
    let mut house = House::new(&[]);
    let run = house.start().await;
    house.left_ms = 1_500;
    let (records, answer) = house.invoke().await;
    assert_eq!((records, answer.batch_item_failures.len(), house.play.executions()), (1, 1, 0));
    assert_eq!(house.memory.depth(QUEUE).await.unwrap(), (1, 0), "visible at once");
    assert!(run_rows(&house.memory, &run).await.unwrap().is_empty());
    house.left_ms = 60_000;
    house.invoke().await;
    assert_eq!(house.state(&run).await, RunState::Running { stage: StageName::TopicScoring });
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_its_message_is_hidden_for_the_back_off() {
    let house = House::new(&[Act::Panic, Act::Advance]);
    let run = house.start().await;
    let (_, answer) = house.invoke().await;
    assert_eq!(answer.batch_item_failures.len(), 1);
    let rows = run_rows(&house.memory, &run).await.unwrap();
    assert_eq!((rows[0].status, rows.len()), (RunStatus::Retry, 1));
    assert!(rows[0].error_summary.as_ref().unwrap().contains("panicked"));
    let base = i64::try_from(Policy::embedded().pipeline.backoff_base_ms).unwrap();
    let visible = house.memory.snapshot().next_visible_ms().unwrap() - house.memory.now().as_millisecond();
    assert!((base / 2..=base).contains(&visible), "visible in {visible} ms");
    house.memory.sleep().await;
    assert!(house.invoke().await.1.batch_item_failures.is_empty());
    assert_eq!(house.state(&run).await, RunState::Running { stage: StageName::TopicScoring });
    let counted = house.counted();
    assert!(counted.contains("\"Failed\":1") && counted.contains("\"Returned\":1"), "{counted}");
}

#[tokio::test]
async fn a_message_in_another_workers_hands_waits_for_its_lease_which_ends_with_the_others_invocation() {
    let one = House::new(&[]);
    let run = one.start().await;
    let batch = one.memory.receive(QUEUE, 1, 0, 12).await.unwrap();
    let ends = one.memory.now().as_millisecond() + 30_000;
    {
        // The first worker is killed while its stage is at work: polled until the stage began, then dropped.
        let mut work = Box::pin(one.consumer.consume(event_of(QUEUE, &batch), Deadline::at(ends.unsigned_abs())));
        while one.memory.snapshot().rows(&format!("run#{run}"), "claim#").is_empty() {
            assert!(futures::poll!(work.as_mut()).is_pending());
        }
    }
    let two = House::with(one.memory.clone(), &[], "other");
    let (records, answer) = two.invoke().await;
    assert_eq!((records, answer.batch_item_failures.len(), two.play.executions()), (1, 1, 0));
    let visible = two.memory.snapshot().next_visible_ms().unwrap() - two.memory.now().as_millisecond();
    assert!((30_000..=32_000).contains(&visible), "hidden for {visible} ms: as long as the first can live");
    two.memory.sleep().await;
    two.invoke().await;
    assert_eq!(two.state(&run).await, RunState::Running { stage: StageName::TopicScoring });
}

/// Storage fails at each of the invocation's effects in turn, before and after it happens: the record is named or done,
/// and the run gets on in the end.
#[tokio::test]
async fn whatever_effect_fails_the_message_is_done_or_comes_back() {
    let (mut effect, mut failed) = (0, 0);
    loop {
        let mut touched = false;
        for moment in [Moment::Before, Moment::After] {
            let first = House::new(&[]);
            let run = first.start().await;
            let batch = first.memory.receive(QUEUE, 1, VISIBILITY_MS, 12).await.unwrap();
            let broken = Memory::with_faults(first.memory.snapshot(), vec![Fault { effect, moment }]);
            let house = House::with(broken, &[], "house-2");
            let ends = house.memory.now().as_millisecond() + 60_000;
            let answer =
                house.consumer.consume(event_of(QUEUE, &batch), Deadline::at(ends.unsigned_abs())).await.unwrap();
            touched |= house.memory.effects() > effect;
            failed += answer.batch_item_failures.len();
            // The last effects are those of the acknowledgement, by which Lambda stands.
            let after = House::with(Memory::of(house.memory.snapshot()), &[], "house-3");
            acknowledge(&after.memory, QUEUE, &batch, &answer).await;
            for _ in 0..8 {
                after.invoke().await;
                after.memory.sleep().await;
            }
            assert_eq!(
                after.state(&run).await,
                RunState::Running { stage: StageName::TopicScoring },
                "{effect} {moment:?}"
            );
            let world = after.memory.snapshot();
            let next = world.queues.get("proofreel-topic-scoring").map_or(0, Vec::len);
            assert!(next >= 1, "effect {effect} {moment:?}: the next message is nowhere");
        }
        if !touched {
            break;
        }
        effect += 1;
    }
    assert!(effect >= 6 && failed >= 6, "{effect} effects, {failed} failures: the test looks at nothing");
}

#[tokio::test]
async fn an_event_whose_records_have_no_names_comes_back_whole() {
    let house = House::new(&[]);
    let event = serde_json::from_value(serde_json::json!({"Records": [{"body": "x"}]})).unwrap();
    let error = house.consumer.consume(event, Deadline::at(u64::MAX)).await.unwrap_err();
    assert!(error.to_string().contains("message id"));
}
