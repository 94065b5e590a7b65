//! A small house for tests of the driver: one world, drivers at will, and a caretaker who counts what is left at the end.

use std::sync::Arc;

use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::records::{PipelineRun, RunHead};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, DriverError, Owner, QueueNaming, Step, list_runs, run_rows};
use serde_json::Value;
use tempfile::TempDir;

use crate::fakes::{Memory, World};
use crate::rehearsal::{Mute, Play};

/// One world with a driver that plays a [`Play`] over the whole chain.
pub struct House {
    /// The world.
    pub memory: Memory,
    /// What the stages do.
    pub play: Arc<Play>,
    /// The driver.
    pub driver: Driver,
    _scratch: TempDir,
}

impl House {
    /// A house with this play on.
    pub fn playing(play: Play) -> Self {
        Self::with(play, Driver::with_division)
    }

    /// A house whose driver divides nothing.
    pub fn undivided(play: Play) -> Self {
        Self::with(play, |driver| driver)
    }

    fn with(play: Play, set_up: impl FnOnce(Driver) -> Driver) -> Self {
        let memory = Memory::of(World::at(1_795_382_364_000));
        let scratch = TempDir::new().expect("a folder for scratch");
        let play = Arc::new(play);
        let driver = Driver::new(
            memory.ports(),
            play.stages(&StageName::CHAIN),
            Policy::embedded(),
            Arc::new(Mute),
            scratch.path().to_owned(),
        )
        .with_chain(Chain::default().with_queues(QueueNaming::PerRun))
        .with_owner(Owner::new("house"))
        .with_parts(Arc::new(memory.clone()));
        Self { memory, play, driver: set_up(driver), _scratch: scratch }
    }

    /// Starts the order of the rehearsal.
    pub async fn start(&self, until: Option<StageName>) -> RunId {
        self.driver.start(&crate::rehearsal::order(), until).await.expect("the run starts")
    }

    /// Works a run until it rests, letting time pass where there is nothing to do.
    pub async fn work(&self, run: &RunId) -> RunHead {
        loop {
            match self.driver.step(run).await.expect("storage works") {
                // Time moves, so that the log has an order.
                Step::Worked => self.memory.pass(1),
                Step::Waiting => assert!(self.memory.sleep().await, "a message is nowhere"),
                Step::Ended(head) => {
                    self.driver.drain(run).await.expect("storage works");
                    return *head;
                }
            }
        }
    }

    /// Starts and works the order of the rehearsal.
    pub async fn produce(&self) -> RunHead {
        let run = self.start(None).await;
        self.work(&run).await
    }

    /// The log in short: `stage visit.attempt status outcome`, with `:part` behind the visit of a part.
    pub async fn log(&self, run: &RunId) -> Vec<String> {
        let rows = self.rows(run).await.into_iter();
        rows.map(|row| {
            let status = format!("{:?}", row.status).to_lowercase();
            let part = row.part.map_or(String::new(), |part| format!(":{part}"));
            format!("{} {}{part}.{} {status} {}", row.stage, row.visit, row.attempts, row.outcome)
        })
        .collect()
    }

    /// The log.
    pub async fn rows(&self, run: &RunId) -> Vec<PipelineRun> {
        run_rows(&self.memory, run).await.expect("the log is readable")
    }

    /// All runs.
    pub async fn runs(&self) -> Result<Vec<RunHead>, DriverError> {
        Ok(list_runs(&self.memory, usize::MAX).await?.heads)
    }

    /// The text of a run's artifact.
    pub fn artifact(&self, head: &RunHead, stage: StageName) -> String {
        let blob = head.artifacts.get(&stage).expect("the stage gave an artifact");
        let world = self.memory.snapshot();
        String::from_utf8(world.blobs.get(blob.key.as_str()).expect("it is stored").to_vec()).expect("it is text")
    }
}

/// Every test that ends well also proves that nothing is left over: no message, no dead letter, no undelivered decision,
/// and no claim that somebody would have to wait for.
impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let world = self.memory.snapshot();
        assert_eq!(world.messages(), 0, "messages are left: {:?}", world.queues);
        assert!(world.rows("outbox", "").is_empty(), "the outbox is not empty");
        let held = world
            .records
            .iter()
            .filter(|((_, sk), row)| sk.starts_with("claim#") && row["released"] != Value::Bool(true));
        assert_eq!(held.count(), 0, "a claim is held");
    }
}
