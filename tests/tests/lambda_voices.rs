//! Who speaks in a function: the voices that a channel names where there is a way to them, else the function's own.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use proofreel_lambda::{Cast, Consumer, Deadline, Guest, Guests, Place, StageFunction, TakesMessages};
use proofreel_model::channel::VoiceEngine;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner};
use proofreel_ports::{
    Answer, Call, CallError, Clock, Judge, NoParts, Outside, Queue, Speech, Utterance, Voice, VoiceError, VoiceInfo,
    VoiceQuality,
};
use proofreel_stages::{Context, DynStage, Outcome, StageError};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::poller::{VISIBILITY_MS, event_of};
use proofreel_tests::rehearsal::{Mute, order};
use serde_json::Value;

const QUEUE: &str = "proofreel-planner";

/// A voice with a name and nothing to say.
struct Named(&'static str);

#[async_trait]
impl Voice for Named {
    fn info(&self) -> VoiceInfo {
        let name = self.0.to_owned();
        VoiceInfo { name, engine: "test".into(), licence: "none".into(), quality: VoiceQuality::Neural }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(Vec::new())
    }
}

struct Nobody;

#[async_trait]
impl Outside for Nobody {
    async fn call(&self, call: &Call, _: Judge<'_>) -> Result<Answer, CallError> {
        Err(CallError::Unusable { provider: call.provider.clone(), why: "nobody is there".into() })
    }
}

/// Knows the voices of channels, when there is a way to them; notes for which runs it was asked.
struct Agency {
    open: bool,
    asked: Mutex<Vec<RunId>>,
}

#[async_trait]
impl Guests for Agency {
    async fn invite(&self, _: &Order, _: &RunId) -> Option<Guest> {
        panic!("a stage that speaks writes nothing");
    }

    async fn cast(&self, _: &Order, run: &RunId) -> Option<Cast> {
        self.asked.lock().unwrap().push(run.clone());
        self.open.then(|| Cast { voice: Arc::new(Named("named by the channel")), outside: Arc::new(Nobody) })
    }
}

/// Notes who would speak, and ends the run.
struct Listens(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl DynStage for Listens {
    fn name(&self) -> StageName {
        StageName::Planner
    }

    fn reads(&self) -> &'static [StageName] {
        &[]
    }

    async fn run_json(&self, _: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        self.0.lock().unwrap().push(context.voice.info().name);
        Err(StageError::refused("that was all", "nothing"))
    }
}

/// Who speaks in runs of these orders, one after another in one process; and how often somebody was asked who.
async fn heard(open: bool, orders: &[Order]) -> (Vec<String>, usize) {
    let memory = Memory::of(World::at(1_795_382_364_000));
    let scratch = tempfile::tempdir().unwrap();
    let place = Place {
        ports: memory.ports(),
        parts: Arc::new(NoParts),
        owner: Owner::new("render"),
        scratch: scratch.path().to_owned(),
    };
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let (listens, agency) = (Arc::clone(&heard), Arc::new(Agency { open, asked: Mutex::default() }));
    let function = StageFunction::new(move || Box::new(Listens(Arc::clone(&listens))))
        .with_voice(|_| Arc::new(Named("the function's own")))
        .with_guests(Arc::clone(&agency) as _);
    let consumer = Consumer::new(function, place, Policy::embedded());
    let driver = Driver::new(memory.ports(), Vec::new(), Policy::embedded(), Arc::new(Mute), scratch.path().to_owned());
    for order in orders {
        driver.start(order, None).await.unwrap();
        let batch = memory.receive(QUEUE, 10, VISIBILITY_MS, 12).await.unwrap();
        let ends = memory.now().as_millisecond() + 60_000;
        consumer.consume(event_of(QUEUE, &batch), Deadline::at(ends.unsigned_abs())).await.unwrap();
        for delivery in &batch {
            memory.delete(QUEUE, &delivery.receipt).await.unwrap();
        }
    }
    let asked = agency.asked.lock().unwrap().len();
    let heard = heard.lock().unwrap().clone();
    (heard, asked)
}

#[tokio::test]
async fn a_channel_with_voices_is_spoken_for_by_them_and_any_other_by_the_functions_own() {
    let plain = order();
    let mut google = order();
    google.channel.voice.providers = vec!["google-speech".into()];
    let mut polly = order();
    polly.channel.voice.engine = VoiceEngine::Polly;
    let (own, named) = ("the function's own".to_owned(), "named by the channel".to_owned());
    let orders = [plain, google, polly];
    let (heard_of, asked) = heard(true, &orders).await;
    assert_eq!((heard_of, asked), (vec![own.clone(), named.clone(), named], 2), "asked for those that name somebody");
    let (heard_of, _) = heard(false, &orders).await;
    assert_eq!(heard_of, [own.clone(), own.clone(), own], "without a way to them no film is missed");
}
