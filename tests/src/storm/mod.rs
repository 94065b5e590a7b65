//! Random weather for a run in the cloud, by seed.
//!
//! Several functions work the queues at once, in an order that the seed draws, over fakes that give way before and after each
//! effect. At any await a function may be killed; an effect may not happen, or happen and say that it did not; a message may
//! come twice, out of order, too early, or never; the clock jumps, and the whole cloud may be away for eight days, longer than a
//! queue remembers. A schedule sweeps, an operator resumes what failed. Time is virtual and nothing else is random, so a seed
//! is a complete description of a bad day.
//!
//! At its end every run must be what a run in fair weather is ([`Reference::promise`](crate::crash::Reference::promise)).

mod sky;

use std::fmt;

use crate::crash::{Reference, Theatre};
use crate::fakes::Bug as StorageBug;

use sky::Sky;

/// How bad the weather is. Shares of effects, of polls, or of the simulator's turns.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of effects: it does not happen, and says so.
    pub before: f64,
    /// Of effects: it happens, and says that it did not.
    pub after: f64,
    /// Of polls: the function is killed.
    pub crash: f64,
    /// Of turns: a message comes a second time, or before its time, or out of its turn.
    pub queue: f64,
    /// Of turns: the clock jumps, forward by up to an hour or back by up to two minutes.
    pub clock: f64,
    /// Of turns: the cloud is away for eight days.
    pub outage: f64,
    /// Of runs: a message that nobody can read lies in the first queue.
    pub poison: f64,
}

impl Rates {
    /// No faults at all.
    pub const FAIR: Self =
        Self { before: 0.0, after: 0.0, crash: 0.0, queue: 0.0, clock: 0.0, outage: 0.0, poison: 0.0 };

    /// The same without jumps of the clock and without outages: here no run has a reason to stand still for an hour.
    pub fn steady(share: f64) -> Self {
        Self { clock: 0.0, outage: 0.0, ..Self::of(share) }
    }

    /// This share of effects and of messages is disturbed, and of everything else what belongs to such a day.
    pub fn of(share: f64) -> Self {
        Self {
            before: share / 2.0,
            after: share / 2.0,
            crash: share / 4.0,
            queue: share,
            clock: share / 10.0,
            outage: share / 200.0,
            poison: 0.1,
        }
    }
}

/// A defect to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Of storage.
    Storage(StorageBug),
    /// A message is acknowledged before it is worked.
    AckFirst,
    /// Nobody sweeps.
    NoSweep,
}

/// What a run went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Messages that the driver sent.
    pub sent: u64,
    /// Polls of functions.
    pub polls: u64,
    /// Functions that were killed.
    pub killed: u32,
    /// Times the cloud was away.
    pub outages: u32,
    /// Times a sweep found the run standing still.
    pub revived: u32,
    /// Times the run failed and an operator let it go on.
    pub resumed: u32,
    /// A hash over all that happened, in order.
    pub trace: u64,
}

/// A run that did not keep the promise.
#[derive(Debug)]
pub struct Broken {
    /// The bad day.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {}\n  replay: STORM_SEED={0} cargo nextest run -p proofreel-tests --test storm one_seed --no-capture",
            self.seed, self.what
        )
    }
}

/// One run in the weather of this seed.
pub fn brave(
    theatre: &Theatre,
    reference: &Reference,
    rates: Rates,
    bug: Option<Bug>,
    seed: u64,
) -> Result<Passage, Broken> {
    Sky::over(theatre, rates, bug, seed).pass(reference).map_err(|what| Broken { seed, what })
}
