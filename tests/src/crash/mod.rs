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
//!
//! [`mixtures`] does the same with faults of all kinds: kills, calls that fail, messages that come twice or too early.

pub mod drills;
mod explorer;
mod mixed;
mod process;
mod reference;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use proofreel_model::ids::RunId;
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, DriverError, Owner, QueueNaming};

use crate::fakes::{Memory, World};
use crate::rehearsal::{Mute, Play, order};

pub use explorer::{Explorer, brute_force};
pub use mixed::mixtures;
pub use reference::Reference;

/// Polls after which a process goes in circles: a run takes some two hundred.
const MOST_POLLS: usize = 20_000;

pub(crate) static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| Arc::new(Policy::embedded()));

/// Where the run is worked, and how a process learns that another one died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Functions behind queues: nothing but messages moves a run on, and leases and time-outs must run out.
    Cloud,
    /// One process works the run to its end; the operating system tells of deaths, so that claims and messages of the
    /// dead are free at once.
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
            .with_parts(Arc::new(memory.clone()))
            .with_division()
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

    /// A client that orders the run, once.
    pub fn client<'a>(&'a self, memory: &'a Memory) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move { driver.start_as(&Self::run(), &order(), None).await }))
    }

    /// The schedule that sweeps.
    pub fn sweeper<'a>(&'a self, memory: &'a Memory) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move { driver.sweep().await.map(|_| ()) }))
    }

    /// A function of the cloud that is given this message.
    pub fn function<'a>(&'a self, memory: &'a Memory, body: &'a str) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move { driver.handle(body).await.map(|_| ()) }))
    }

    /// A function of the cloud that is called once for this queue, and answers for its message.
    pub fn hand<'a>(&'a self, memory: &'a Memory, queue: String) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move { Self::invocation(&driver, &queue).await }))
    }

    /// An operator's `resume` with another stop (the last stage, which stops nothing). It may come too late or collide with a worker; both are answers, not faults.
    pub fn operator<'a>(&'a self, memory: &'a Memory) -> Actor<'a> {
        let driver = self.driver(memory);
        Actor(Box::pin(async move {
            match driver.resume(&Self::run(), self.chain.last().copied()).await {
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
            assert!(polled < MOST_POLLS, "the process does not end");
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

    /// At most this many polls; true when it ended. A process that goes in circles is cut off and did not end.
    pub fn go(&mut self, polls: usize) -> bool {
        (0..polls.min(MOST_POLLS)).any(|_| {
            self.poll().is_some_and(|end| {
                end.expect("no fault");
                true
            })
        })
    }
}
