//! Every schedule of a few faults of all kinds, over a small run in the cloud.
//!
//! The run goes step by step: an order, one invocation with one message, a sweep, each by a function that knows nothing but
//! the stores. Equal stores therefore have equal futures, which are looked at once and counted as often as they come about.
//! The places of a fault are the effects, each of which may fail before or after it happens, and the moments at which the
//! stores have changed: there a function is killed, or a hidden message comes to a second function at once, which does with it
//! what it can while the first stands still. Between two steps a message is there twice, or before its time; inside of one
//! that would be the same, for a function looks at a queue once, when it takes its message.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use proofreel_pipeline::DriverError;

use super::{Actor, MOST_POLLS, Reference, Theatre};
use crate::fakes::{Bug, Fault, Memory, Message, Moment, World};

/// Steps and faults after which a run goes in circles: it takes some ten of them.
const MOST_STEPS: usize = 100;

/// Every schedule of at most this many faults: how many there are of 0, 1, … of them. An error is the first that the run does
/// not survive.
pub fn mixtures(theatre: &Theatre, faults: u32, bug: Option<Bug>) -> Result<Vec<u64>, String> {
    let (reference, began) = (Reference::of(theatre), Instant::now());
    let mut mixed =
        Mixed { theatre, reference: &reference, bug, known: HashMap::new(), trail: Vec::new(), steps: 0, broken: None };
    let counts = mixed.count(Theatre::empty(), faults);
    println!(
        "{} stages, {} visits: schedules of 0, 1, … mixed faults: {counts:?}; {} different stores, {} steps; {:.1} s",
        theatre.chain.len(),
        reference.visits(),
        mixed.known.len(),
        mixed.steps,
        began.elapsed().as_secs_f64()
    );
    mixed.broken.map_or(Ok(counts), Err)
}

/// A message: its queue, and its place in it.
type At = (Arc<str>, usize);

/// What somebody does next.
#[derive(Clone, Debug)]
enum Step {
    Order,
    Message(Arc<str>),
    Sweep,
}

/// What comes next of itself.
enum Next {
    Step(Step),
    /// Nothing before this time, milliseconds since 1970.
    Wait(i64),
    Rest,
}

/// A fault in the middle of a step that goes on after it.
#[derive(Clone, Debug)]
enum Hit {
    /// An effect fails.
    Error(Fault),
    /// After so many polls a message comes to a second function.
    Early(usize, At),
}

impl Hit {
    /// Where it stands among the hits between effects: of two at one moment only one order is tried.
    fn rank(&self) -> Option<(usize, &At)> {
        match self {
            Self::Error(_) => None,
            Self::Early(after, message) => Some((*after, message)),
        }
    }
}

/// What was seen of a step behind its last hit.
struct Watched {
    end: Result<(), DriverError>,
    /// Effects by number, and whether they change the stores.
    effects: Vec<(u64, bool)>,
    /// Polls and stores, whenever these have changed.
    places: Vec<(usize, World)>,
}

struct Mixed<'a> {
    theatre: &'a Theatre,
    reference: &'a Reference,
    bug: Option<Bug>,
    known: HashMap<(u128, bool, u32), Vec<u64>>,
    /// What led here, for whoever reads a failure.
    trail: Vec<String>,
    steps: u64,
    broken: Option<String>,
}

impl Mixed<'_> {
    /// Checks the run from these stores on, where nobody is at work.
    fn count(&mut self, world: World, faults: u32) -> Vec<u64> {
        let key = (world.fingerprint(), world.sent == 0, faults);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let mut counts = match next(&world) {
            _ if self.trail.len() > MOST_STEPS => self.tell("the run does not end", faults),
            Next::Rest => match self.reference.verdict(&world) {
                Ok(()) => one(faults),
                Err(wrong) => self.tell(&wrong, faults),
            },
            Next::Wait(until) => self.count(World { now_ms: until, ..world.clone() }, faults),
            Next::Step(step) => {
                self.trail.push(format!("{step:?}"));
                let counts = self.step(&world, &step, &[], faults);
                self.trail.pop();
                counts
            }
        };
        for message in messages(&world).into_iter().filter(|_| faults > 0) {
            let mut copied = world.clone();
            twice(&mut copied, &message);
            self.with(format!("{message:?} is there twice"), 1, &mut counts, |mixed| mixed.count(copied, faults - 1));
            if is_hidden(&world, &message) {
                let mut early = world.clone();
                show(&mut early, &message);
                self.with(format!("{message:?} comes early"), 1, &mut counts, |mixed| mixed.count(early, faults - 1));
            }
        }
        self.known.insert(key, counts.clone());
        counts
    }

    /// Checks this step with these hits in it and everything after them.
    fn step(&mut self, world: &World, step: &Step, hits: &[Hit], faults: u32) -> Vec<u64> {
        let errors = hits.iter().filter_map(|hit| if let Hit::Error(fault) = hit { Some(*fault) } else { None });
        let memory = Memory::with_faults(world.clone(), errors.collect());
        if let Some(bug) = self.bug {
            memory.plant(bug);
        }
        let Watched { end, effects, places } = self.watch(&memory, step, hits);
        let mut counts = match end {
            Err(error) if !error.is_retryable() => self.tell(&error.to_string(), faults),
            _ => self.count(memory.snapshot(), faults),
        };
        if faults == 0 {
            return counts;
        }
        for (effect, changes) in effects {
            // Where nothing is written, an answer that is lost is as good as none.
            let moments: &[(Moment, u64)] =
                if changes { &[(Moment::Before, 1), (Moment::After, 1)] } else { &[(Moment::Before, 2)] };
            for (moment, times) in moments {
                let hit = Hit::Error(Fault { effect, moment: *moment });
                self.hit(world, step, (hits, hit), faults, *times, &mut counts);
            }
        }
        for (polls, place) in places {
            for message in messages(&place).into_iter().filter(|message| is_hidden(&place, message)) {
                let hit = Hit::Early(polls, message);
                if hits.last().and_then(Hit::rank) <= hit.rank() {
                    self.hit(world, step, (hits, hit), faults, 1, &mut counts);
                }
            }
            let killed = World { processes: place.processes + 1, ..place };
            self.with("killed".into(), 1, &mut counts, |mixed| mixed.count(killed, faults - 1));
        }
        counts
    }

    /// The same step with one hit more.
    fn hit(
        &mut self,
        world: &World,
        step: &Step,
        (hits, hit): (&[Hit], Hit),
        faults: u32,
        times: u64,
        counts: &mut [u64],
    ) {
        let what = format!("{hit:?}");
        let hits = [hits, &[hit]].concat();
        self.with(what, times, counts, |mixed| mixed.step(world, step, &hits, faults - 1));
    }

    /// Adds what follows a fault, as often as it is worth.
    fn with(&mut self, what: String, times: u64, counts: &mut [u64], follow: impl FnOnce(&mut Self) -> Vec<u64>) {
        self.trail.push(what);
        let after = follow(self);
        self.trail.pop();
        for (n, count) in after.into_iter().enumerate() {
            counts[n + 1] += count * times;
        }
    }

    /// Does a step, poll by poll.
    fn watch(&mut self, memory: &Memory, step: &Step, hits: &[Hit]) -> Watched {
        let past = |polls: usize, effects: u64| match hits.last() {
            None => true,
            Some(Hit::Error(fault)) => effects > fault.effect,
            Some(Hit::Early(after, _)) => polls >= *after,
        };
        self.steps += 1;
        let (mut effects, mut places) = (Vec::new(), Vec::new());
        let mut actor = actor(self.theatre, memory, step);
        for polls in 1..MOST_POLLS {
            let (number, version) = (memory.effects(), memory.version());
            let open = past(polls - 1, number);
            let end = actor.poll();
            if open && memory.effects() > number {
                effects.push((number, memory.version() != version));
            }
            if let Some(end) = end {
                return Watched { end, effects, places };
            }
            for hit in hits.iter().filter(|hit| hit.rank().is_some_and(|(after, ..)| after == polls)) {
                self.strike(memory, hit);
            }
            // Behind an error there is something to disturb, though the stores are as they were.
            if past(polls, memory.effects()) && (!open || memory.version() != version) {
                places.push((polls, memory.snapshot()));
            }
        }
        panic!("a step does not end: {}", self.trail.join(", "))
    }

    fn strike(&self, memory: &Memory, hit: &Hit) {
        match hit {
            Hit::Error(_) => {}
            Hit::Early(_, message) => {
                memory.change(|world| {
                    show(world, message);
                    world.processes += 1;
                });
                let mut second = self.theatre.hand(memory, message.0.to_string());
                assert!(second.go(usize::MAX), "the second function does not end: {}", self.trail.join(", "));
            }
        }
    }

    /// Notes what went wrong, if it is the first.
    fn tell(&mut self, wrong: &str, faults: u32) -> Vec<u64> {
        if self.broken.is_none() {
            self.broken = Some(format!("{wrong}\n  after {}", self.trail.join(", ")));
        }
        one(faults)
    }
}

/// One schedule, without a fault.
fn one(faults: u32) -> Vec<u64> {
    let mut counts = vec![0; faults as usize + 1];
    counts[0] = 1;
    counts
}

/// As [`Theatre::process`] goes on: the client repeats its order until a message is sent; whoever sweeps comes when all is over.
fn next(world: &World) -> Next {
    if world.sent == 0 {
        return Next::Step(Step::Order);
    }
    let is_visible = |messages: &[Message]| messages.iter().any(|message| message.visible_at_ms <= world.now_ms);
    if let Some((queue, _)) = world.queues.iter().find(|(_, messages)| is_visible(messages)) {
        return Next::Step(Step::Message(Arc::clone(queue)));
    }
    match world.next_visible_ms() {
        Some(until) => Next::Wait(until),
        None if Theatre::rests(world) && !world.rows("outbox", "").is_empty() => Next::Step(Step::Sweep),
        None => Next::Rest,
    }
}

fn actor<'a>(theatre: &'a Theatre, memory: &'a Memory, step: &Step) -> Actor<'a> {
    match step {
        Step::Order => theatre.client(memory),
        Step::Message(queue) => theatre.hand(memory, queue.to_string()),
        Step::Sweep => theatre.sweeper(memory),
    }
}

fn messages(world: &World) -> Vec<At> {
    let of = world.queues.iter();
    of.flat_map(|(queue, all)| (0..all.len()).map(move |at| (Arc::clone(queue), at))).collect()
}

fn is_hidden(world: &World, (queue, at): &At) -> bool {
    world.queues[queue][*at].visible_at_ms > world.now_ms
}

/// The queue delivers a message a second time.
fn twice(world: &mut World, (queue, at): &At) {
    // A number that no message of the queues has.
    let id = (1 << 32) + world.queues.values().flatten().map(|message| message.id).max().unwrap_or(0);
    let copy = Message { id, visible_at_ms: world.now_ms, receives: 0, ..world.queues[queue][*at].clone() };
    world.queues.entry(Arc::clone(queue)).or_default().push(copy);
}

/// A hidden message can be received.
fn show(world: &mut World, (queue, at): &At) {
    let now_ms = world.now_ms;
    if let Some(message) = world.queues.get_mut(queue).and_then(|messages| messages.get_mut(*at)) {
        message.visible_at_ms = now_ms;
    }
}
