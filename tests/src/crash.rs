//! Kills the real driver at every await, and checks that nothing was lost and nothing was done twice.
//!
//! A process is a future: it starts the run (which is idempotent), works it until it rests, and takes what is left in its
//! queues. Every effect of the fakes gives way before and after it happens, so the future can be polled k times and dropped:
//! exactly what a SIGKILL, an out-of-memory kill or a Lambda time-out looks like at that place. What survives is the
//! [`World`]; the next process starts from it.
//!
//! **How every placement of three crashes fits into a minute.** What a process does next is a function of the world alone
//! (a test compares the counts), so two crashes that leave equal worlds have equal futures: the continuation is explored once and
//! counted for both. [`Explorer::count`] is the exact number of placements covered; [`brute_force`] runs them one by one
//! where that is affordable, and must count the same.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use proofreel_model::digest::Digest;
use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, DriverError, Owner, QueueNaming, Step};
use serde_json::Value;

use crate::fakes::{Memory, World};
use crate::rehearsal::{Mute, Play, order};

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::embedded);

/// How a process learns that another one died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// It does not: leases and visibility time-outs must run out.
    Cloud,
    /// The operating system tells: claims and messages of the dead are free at once.
    OneMachine,
}

/// A run to be disturbed.
#[derive(Clone)]
pub struct Theatre {
    /// Its stages.
    pub chain: Vec<StageName>,
    /// What they do.
    pub play: Arc<Play>,
    /// How death is noticed.
    pub setting: Setting,
    /// Folder for scratch.
    pub scratch: PathBuf,
}

impl Theatre {
    /// The run's id.
    pub fn run() -> RunId {
        RunId::from("20261122t211924-test")
    }

    /// An empty world.
    pub fn empty() -> World {
        World::at(1_795_382_364_000)
    }

    /// The driver of the next process in this world.
    pub fn driver(&self, memory: &Memory) -> Driver {
        let id = format!("process-{}", memory.snapshot().processes);
        let owner = match self.setting {
            Setting::Cloud => Owner::new(id),
            Setting::OneMachine => Owner::with_probe(id.clone(), move |other| Some(other == id)),
        };
        let naming = if self.setting == Setting::Cloud { QueueNaming::PerStage } else { QueueNaming::PerRun };
        Driver::new(memory.ports(), self.play.stages(&self.chain), POLICY.clone(), Arc::new(Mute), self.scratch.clone())
            .with_chain(Chain::of(&self.chain).with_queues(naming))
            .with_owner(owner)
    }

    /// A whole process: start, work until the run rests, clear the queues. Storage errors that may pass are met with as
    /// much patience as the one-machine worker has.
    pub async fn process(&self, memory: &Memory) -> Result<(), DriverError> {
        let driver = self.driver(memory);
        let run = Self::run();
        let mut faults = 0;
        let mut started = false;
        loop {
            let step = if started { driver.step(&run).await } else { self.begin(&driver).await };
            match step {
                Ok(Step::Worked) => started = true,
                Ok(Step::Waiting) => {
                    memory.sleep().await;
                }
                Ok(Step::Ended(_)) => break,
                Err(error) if error.is_retryable() && faults < 4 => faults += 1,
                Err(error) => return Err(error),
            }
        }
        self.clear_queues(memory, &driver).await
    }

    /// Duplicates may be hidden still; a worker of the cloud would meet them later.
    async fn clear_queues(&self, memory: &Memory, driver: &Driver) -> Result<(), DriverError> {
        let run = Self::run();
        loop {
            for stage in &self.chain {
                let queue = driver.chain().queue(*stage, &run);
                while let Some(delivery) =
                    patiently(async || driver.ports().queue.receive(&queue, 1, 1000, 99).await).await?.pop()
                {
                    patiently(async || driver.handle(&delivery.body).await).await?;
                    patiently(async || driver.ports().queue.delete(&queue, &delivery.receipt).await).await?;
                }
            }
            // Handling an old message may have sent what was left in the outbox: look again, after a nap if all are hidden.
            if memory.snapshot().messages() == 0 {
                return Ok(());
            }
            memory.sleep().await;
        }
    }

    async fn begin(&self, driver: &Driver) -> Result<Step, DriverError> {
        driver.start_as(&Self::run(), &order(), None).await?;
        driver.sweep().await?;
        Ok(Step::Worked)
    }

    /// What the next process finds after this one was killed.
    pub fn killed(&self, mut world: World) -> World {
        world.processes += 1;
        match self.setting {
            Setting::Cloud => world.now_ms += i64::from(POLICY.pipeline.lease_seconds) * 1000 + 1,
            Setting::OneMachine => world.free_messages(),
        }
        world
    }

    /// A process that can be stopped and continued at will, in a world that it may share with others.
    pub fn actor<'a>(&'a self, memory: &'a Memory) -> Actor<'a> {
        Actor(Box::pin(self.process(memory)))
    }

    /// An operator's `resume`, which may come too late or collide with a worker; both are answers, not faults.
    pub fn operator<'a>(&'a self, memory: &'a Memory) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move {
            match driver.resume(&Self::run(), None).await {
                Ok(_) | Err(DriverError::Occupied { .. } | DriverError::NotResumable { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        }))
    }

    /// Runs one process to its end, or to its death after `polls`. Calls `seen` before each poll but the first.
    pub fn perform(
        &self,
        memory: &Memory,
        polls: Option<usize>,
        mut seen: impl FnMut(&Memory),
    ) -> Option<Result<(), DriverError>> {
        let mut process = self.actor(memory);
        let mut polled = 0;
        while polls.is_none_or(|most| polled < most) {
            if let Some(end) = process.poll() {
                return Some(end);
            }
            polled += 1;
            assert!(polled < 100_000, "the process does not end");
            seen(memory);
        }
        None
    }

    /// The world after a run that nothing disturbed.
    pub fn undisturbed(&self) -> World {
        let memory = Memory::of(Self::empty());
        self.perform(&memory, None, |_| ()).expect("not killed").expect("no fault");
        memory.snapshot()
    }
}

/// See [`Theatre::actor`].
pub struct Actor<'a>(Pin<Box<dyn Future<Output = Result<(), DriverError>> + 'a>>);

impl Actor<'_> {
    /// One poll; the end when it comes.
    pub fn poll(&mut self) -> Option<Result<(), DriverError>> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(end) => Some(end),
            Poll::Pending => None,
        }
    }

    /// At most this many polls; true when it ended.
    pub fn go(&mut self, polls: usize) -> bool {
        (0..polls).any(|_| {
            self.poll().is_some_and(|end| {
                end.expect("no fault");
                true
            })
        })
    }
}

/// The answer of the first call that gives one, or the fifth error.
async fn patiently<T, E: Into<DriverError>>(call: impl AsyncFn() -> Result<T, E>) -> Result<T, DriverError> {
    for _ in 0..4 {
        match call().await.map_err(Into::into) {
            Err(error) if error.is_retryable() => {}
            answer => return answer,
        }
    }
    call().await.map_err(Into::into)
}

/// What a run must look like at its end, taken from a run that nothing disturbed.
pub struct Reference {
    world: World,
    head: Value,
    done: Vec<(String, Value)>,
}

impl Reference {
    /// Takes the measure of an undisturbed run, and checks it by its own rules.
    pub fn of(theatre: &Theatre) -> Self {
        let world = theatre.undisturbed();
        let head = head(&world);
        let reference = Self { done: done(&world), head, world };
        reference.check(&reference.world);
        reference
    }

    /// Visits that the run completes.
    pub fn visits(&self) -> usize {
        self.done.len()
    }

    /// Panics unless `world` holds the same run, nothing lost, nothing twice, nothing left over.
    pub fn check(&self, world: &World) {
        if let Err(fault) = self.verdict(world) {
            panic!("{fault}");
        }
    }

    /// The first difference between `world` and what it must be.
    pub fn verdict(&self, world: &World) -> Result<(), String> {
        let head = head(world);
        for member in ["state", "stage", "reasons", "artifacts", "files", "rewrites", "order", "visits"] {
            same(&format!("`{member}` of the head"), &head.get(member), &self.head.get(member))?;
        }
        same("completions", &done(world), &self.done)?;
        same("keys of blobs", &world.blobs.keys().collect::<Vec<_>>(), &self.world.blobs.keys().collect())?;
        same("blobs, byte for byte", &world.blobs, &self.world.blobs)?;
        for (key, bytes) in &world.blobs {
            same(&format!("digest in the name of {key}"), &key.ends_with(&Digest::of(bytes).0), &true)?;
        }
        check_log(world, &self.done)?;
        let run = format!("run#{}", Theatre::run());
        same("claims left", &world.rows(&run, "claim#").len(), &0)?;
        same("messages left in the outbox", &world.rows("outbox", "").len(), &0)?;
        same("messages left in queues", &world.messages(), &0)?;
        same("entries in the list of runs", &world.rows("runs", "").len(), &1)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

fn head(world: &World) -> Value {
    let rows = world.rows(&format!("run#{}", Theatre::run()), "head");
    rows.first().map(|(_, row)| Value::clone(row)).expect("the run has a head")
}

/// Completions without what may differ: the attempt and the time.
fn done(world: &World) -> Vec<(String, Value)> {
    let rows = world.rows(&format!("run#{}", Theatre::run()), "done#").into_iter();
    rows.map(|(sk, row)| {
        let mut row = Value::clone(&row);
        for differing in ["attempt", "created_at"] {
            row.as_object_mut().expect("a completion is an object").remove(differing);
        }
        (sk, row)
    })
    .collect()
}

/// Each visit has one successful row, attempts without a hole, and nothing else but retries.
fn check_log(world: &World, done: &[(String, Value)]) -> Result<(), String> {
    let run = format!("run#{}", Theatre::run());
    for (sk, completion) in done {
        let rows = world.rows(&run, &sk.replace("done#", "log#"));
        let statuses: Vec<&str> = rows.iter().filter_map(|(_, row)| row["status"].as_str()).collect();
        let expected: Vec<&str> =
            std::iter::repeat_n("retry", rows.len().saturating_sub(1)).chain(["success"]).collect();
        same(&format!("rows of {sk}"), &statuses, &expected)?;
        let attempts: Vec<u64> = rows.iter().filter_map(|(_, row)| row["attempts"].as_u64()).collect();
        same(&format!("attempts of {sk}"), &attempts, &(1..=rows.len() as u64).collect())?;
        let recorded = rows.last().map(|(_, row)| &row["output_refs"]);
        same(&format!("output of {sk} in its row"), &recorded, &Some(&completion["output_refs"]))?;
    }
    let successes = world.rows(&run, "log#").iter().filter(|(_, row)| row["status"] == "success").count();
    same("successful rows", &successes, &done.len())
}

/// Explores every placement of crashes; see the module's words on equal worlds.
pub struct Explorer<'a> {
    theatre: &'a Theatre,
    reference: &'a Reference,
    known: HashMap<(u128, u32), Vec<u64>>,
    /// Processes that were really run.
    pub processes: u64,
    /// Polls of those.
    pub polls: u64,
}

impl<'a> Explorer<'a> {
    /// An explorer that has seen nothing.
    pub fn new(theatre: &'a Theatre, reference: &'a Reference) -> Self {
        Self { theatre, reference, known: HashMap::new(), processes: 0, polls: 0 }
    }

    /// Checks the run from `world` on with every placement of at most `crashes` crashes. `count[n]` is the number of
    /// placements of exactly n.
    pub fn count(&mut self, world: World, crashes: u32) -> Vec<u64> {
        let key = (world.fingerprint(), crashes);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        // (worlds between two polls, how many polls in a row found the same one)
        let mut between: Vec<(World, u64)> = Vec::new();
        let mut version = None;
        let memory = Memory::of(world);
        let (mut polls, theatre) = (0, self.theatre);
        let end = theatre.perform(&memory, None, |memory| {
            polls += 1;
            if crashes == 0 {
                return;
            }
            match between.last_mut() {
                Some((_, times)) if version == Some(memory.version()) => *times += 1,
                _ => between.push((memory.snapshot(), 1)),
            }
            version = Some(memory.version());
        });
        end.expect("not killed").expect("no fault");
        self.reference.check(&memory.snapshot());
        self.processes += 1;
        self.polls += polls;

        let mut counts = vec![0; crashes as usize + 1];
        counts[0] = 1;
        for (world, times) in between {
            let after = self.count(theatre.killed(world), crashes - 1);
            for (n, count) in after.into_iter().enumerate() {
                counts[n + 1] += count * times;
            }
        }
        self.known.insert(key, counts.clone());
        counts
    }
}

/// The same without taking equal worlds together: every placement is run by itself. Returns how many.
pub fn brute_force(theatre: &Theatre, reference: &Reference, world: &World, crashes: u32) -> u64 {
    let mut polls = 0;
    let memory = Memory::of(world.clone());
    theatre.perform(&memory, None, |_| polls += 1).expect("not killed").expect("no fault");
    if crashes == 0 {
        reference.check(&memory.snapshot());
        return 1;
    }
    let mut placements = 0;
    for k in 1..=polls {
        let memory = Memory::of(world.clone());
        assert!(theatre.perform(&memory, Some(k), |_| ()).is_none(), "killed before its end");
        placements += brute_force(theatre, reference, &theatre.killed(memory.snapshot()), crashes - 1);
    }
    placements
}
