use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use fastrand::Rng;
use proofreel_model::envelope::Envelope;
use proofreel_model::records::{PipelineRun, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, DriverError, Observer};
use proofreel_ports::{Progress, Silent};

use super::{Bug, Passage, Rates};
use crate::crash::{POLICY, Reference, Theatre};
use crate::fakes::{Dice, Memory};
use crate::rehearsal::order;

/// Functions at work at the same time.
const HANDS: usize = 4;
/// How often the schedule sweeps, milliseconds.
const SWEEP_MS: i64 = 3_600_000;
/// How long a queue remembers a message, milliseconds: four days.
const RETENTION_MS: i64 = 4 * 86_400_000;
/// Turns after which a run counts as lost.
const MOST_TURNS: u64 = 60_000;
/// Times an operator lets a failed run go on; from then on the weather is fair.
const PATIENCE: u32 = 8;
/// What nobody can read.
const POISON: &str = "{\"run\": 7, \"ignore all previous instructions\"";

/// What an errand gives: how many runs it found standing still.
type Work = Pin<Box<dyn Future<Output = Result<usize, DriverError>>>>;

/// Successful rows that were reported, by stage, visit, part and outcome.
type Recorded = Arc<Mutex<BTreeMap<(StageName, u32, Option<u32>, String), u32>>>;

struct Witness(Recorded);

impl Observer for Witness {
    fn begins(&self, _: &Envelope, _: u32) -> Box<dyn Progress> {
        Box::new(Silent)
    }

    fn ended(&self, row: &PipelineRun) {
        if row.status == RunStatus::Success {
            let key = (row.stage, row.visit, row.part, row.outcome.clone());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(0) += 1;
        }
    }
}

/// A sandbox of the cloud: one driver, and one invocation at a time, until it is killed.
struct Hand {
    driver: Arc<Driver>,
    work: Option<(Errand, Work)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Errand {
    Order,
    Sweep,
    Message,
    Resume,
}

pub(super) struct Sky<'a> {
    theatre: &'a Theatre,
    rates: Rates,
    bug: Option<Bug>,
    rng: Rng,
    memory: Memory,
    hands: Vec<Hand>,
    recorded: Recorded,
    ordered: bool,
    next_sweep_ms: i64,
    trace: DefaultHasher,
    passage: Passage,
}

impl<'a> Sky<'a> {
    pub(super) fn over(theatre: &'a Theatre, rates: Rates, bug: Option<Bug>, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let dice = Dice { rng: rng.fork(), before: rates.before, after: rates.after };
        let memory = Memory::with_dice(Theatre::empty(), dice);
        if let Some(Bug::Storage(bug)) = bug {
            memory.plant(bug);
        }
        let mut sky = Self {
            theatre,
            rates,
            bug,
            rng,
            next_sweep_ms: Theatre::empty().now_ms + SWEEP_MS,
            memory,
            hands: Vec::new(),
            recorded: Recorded::default(),
            ordered: false,
            trace: DefaultHasher::new(),
            passage: Passage::default(),
        };
        sky.hands = (0..HANDS).map(|_| sky.sandbox()).collect();
        if sky.rng.f64() < rates.poison {
            sky.drop_poison();
        }
        sky
    }

    /// The whole day.
    pub(super) fn pass(mut self, reference: &Reference) -> Result<Passage, String> {
        for turn in 0.. {
            if turn > MOST_TURNS {
                return Err(format!("the run is lost: it did not end in {MOST_TURNS} turns ({:?})", self.passage));
            }
            self.weather();
            self.hand_out();
            let busy: Vec<usize> = (0..HANDS).filter(|n| self.hands[*n].work.is_some()).collect();
            if busy.is_empty() {
                if self.is_over() || !self.wait() {
                    break;
                }
                continue;
            }
            let at = busy[self.rng.usize(..busy.len())];
            self.turn(at)?;
        }
        self.verdict(reference)?;
        self.passage.sent = self.memory.look(|world| world.sent);
        self.passage.trace = self.trace.finish();
        Ok(self.passage)
    }

    fn verdict(&self, reference: &Reference) -> Result<(), String> {
        if !self.ordered {
            return Err("the order was never answered".into());
        }
        let world = self.memory.snapshot();
        reference.promise(&world)?;
        let twice = self.recorded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((what, times)) = twice.into_iter().find(|(_, times)| *times > 1) {
            return Err(format!("{what:?} was recorded {times} times"));
        }
        match world.queues.values().flatten().find(|message| &*message.body != POISON) {
            Some(message) => Err(format!("a message is left over: {}", message.body)),
            None => Ok(()),
        }
    }

    /// A fresh sandbox under a name of its own.
    fn sandbox(&self) -> Hand {
        self.memory.change(|world| world.processes += 1);
        let witness = Arc::new(Witness(Arc::clone(&self.recorded)));
        Hand { driver: Arc::new(self.theatre.driver(&self.memory).with_observer(witness)), work: None }
    }

    /// One poll of one hand.
    fn turn(&mut self, at: usize) -> Result<(), String> {
        self.passage.polls += 1;
        if self.rng.f64() < self.rates.crash {
            self.kill(at);
            return Ok(());
        }
        let Some((errand, work)) = &mut self.hands[at].work else { return Ok(()) };
        let errand = *errand;
        let Poll::Ready(end) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return Ok(()) };
        (at, errand, end.is_ok(), self.memory.version()).hash(&mut self.trace);
        self.hands[at].work = None;
        match end {
            Ok(revived) => {
                self.ordered |= errand == Errand::Order;
                self.passage.revived += revived as u32;
            }
            Err(error) if error.is_retryable() => {}
            // An operator who comes at the wrong moment is told so.
            Err(DriverError::Occupied { .. }) => {}
            Err(error) => return Err(format!("{errand:?}: {error}")),
        }
        Ok(())
    }

    fn kill(&mut self, at: usize) {
        self.passage.killed += 1;
        self.hands[at] = self.sandbox();
    }

    /// Gives work to idle hands.
    fn hand_out(&mut self) {
        for at in 0..HANDS {
            if self.hands[at].work.is_some() {
                continue;
            }
            let Some(errand) = self.errand() else { return };
            let driver = Arc::clone(&self.hands[at].driver);
            let work: Work = match errand {
                Errand::Order => {
                    Box::pin(async move { driver.start_as(&Theatre::run(), &order(), None).await.map(|()| 0) })
                }
                Errand::Sweep => Box::pin(async move { driver.sweep().await.map(|swept| swept.revived) }),
                Errand::Resume => Box::pin(async move { driver.resume(&Theatre::run(), None).await.map(|_| 0) }),
                Errand::Message => {
                    let Some(queue) = self.visible_queue() else { return };
                    Box::pin(invocation(driver, queue, self.bug == Some(Bug::AckFirst)))
                }
            };
            self.hands[at].work = Some((errand, work));
        }
    }

    /// What is there to do, one hand an errand but for messages.
    fn errand(&mut self) -> Option<Errand> {
        let now = self.memory.look(|world| world.now_ms);
        let taken = |errand| self.hands.iter().any(|hand| hand.work.as_ref().is_some_and(|(at, _)| *at == errand));
        if !self.ordered && !taken(Errand::Order) {
            return Some(Errand::Order);
        }
        if now >= self.next_sweep_ms && self.bug != Some(Bug::NoSweep) {
            self.next_sweep_ms = now + SWEEP_MS;
            return Some(Errand::Sweep);
        }
        if self.state().as_deref() == Some("failed") && !taken(Errand::Resume) {
            self.passage.resumed += 1;
            if self.passage.resumed >= PATIENCE {
                self.clear_up();
            }
            return Some(Errand::Resume);
        }
        self.visible_queue().map(|_| Errand::Message)
    }

    fn visible_queue(&mut self) -> Option<Arc<str>> {
        let visible: Vec<Arc<str>> = self.memory.look(|world| {
            let has = |messages: &[crate::fakes::Message]| messages.iter().any(|one| one.visible_at_ms <= world.now_ms);
            let queues = world.queues.iter().filter(|(name, messages)| !name.ends_with("-dlq") && has(messages));
            queues.map(|(name, _)| Arc::clone(name)).collect()
        });
        (!visible.is_empty()).then(|| Arc::clone(&visible[self.rng.usize(..visible.len())]))
    }

    fn state(&self) -> Option<String> {
        let run = format!("run#{}", Theatre::run());
        self.memory.look(|world| {
            world.rows(&run, "head").first().and_then(|(_, head)| head["state"].as_str().map(str::to_owned))
        })
    }

    /// The run rests, and nothing of it is under way.
    fn is_over(&self) -> bool {
        let rests = self.state().is_some_and(|state| state != "running" && state != "failed");
        let left = self.memory.look(|world| {
            let messages = world.queues.values().flatten().filter(|message| &*message.body != POISON).count();
            messages + world.rows("outbox", "").len()
        });
        self.ordered && rests && left == 0
    }

    /// Nothing can be done now: time passes until something can. False when nothing ever will.
    fn wait(&mut self) -> bool {
        let sweep = (self.bug != Some(Bug::NoSweep)).then_some(self.next_sweep_ms);
        let next = self.memory.look(|world| world.next_visible_ms().into_iter().chain(sweep).min());
        let Some(next) = next else { return false };
        self.memory.change(|world| world.now_ms = world.now_ms.max(next));
        true
    }

    /// No more faults.
    fn clear_up(&mut self) {
        self.rates = Rates::FAIR;
        self.memory.luck(None);
    }

    fn drop_poison(&self) {
        let first = self.theatre.chain.first().map(ToString::to_string).unwrap_or_default();
        self.memory.change(|world| {
            let message = crate::fakes::Message {
                id: u64::MAX,
                body: POISON.into(),
                visible_at_ms: world.now_ms,
                sent_at_ms: world.now_ms,
                receives: 0,
            };
            world.queues.entry(format!("proofreel-{first}").into()).or_default().push(message);
        });
    }

    /// What happens to the world in this turn.
    fn weather(&mut self) {
        let Rates { queue, clock, outage, .. } = self.rates;
        if self.rng.f64() < queue {
            self.disturb_a_message();
        }
        if self.rng.f64() < clock {
            let ms = if self.rng.f64() < 0.2 { -self.rng.i64(0..120_000) } else { self.rng.i64(0..3_600_000) };
            self.memory.pass(ms);
        }
        if self.rng.f64() < outage {
            (0..HANDS).for_each(|at| self.kill(at));
            self.passage.outages += 1;
            self.memory.change(|world| {
                world.now_ms += 8 * 86_400_000;
                world.forget_messages(RETENTION_MS);
            });
        }
    }

    fn disturb_a_message(&mut self) {
        let rng = &mut self.rng;
        self.memory.change(|world| {
            let queues: Vec<Arc<str>> =
                world.queues.iter().filter(|(_, all)| !all.is_empty()).map(|(name, _)| Arc::clone(name)).collect();
            if queues.is_empty() {
                return;
            }
            let name = &queues[rng.usize(..queues.len())];
            let (now, id) = (world.now_ms, 1 << 32 | rng.u64(..1 << 31));
            let Some(messages) = world.queues.get_mut(name) else { return };
            let at = rng.usize(..messages.len());
            match rng.u8(..3) {
                0 => {
                    let copy = crate::fakes::Message { id, visible_at_ms: now, receives: 0, ..messages[at].clone() };
                    messages.push(copy);
                }
                1 => messages[at].visible_at_ms = now,
                _ => rng.shuffle(messages),
            }
        });
    }
}

/// A function of the cloud that takes one message from its queue, as the room between the Lambda runtime and the driver does.
async fn invocation(driver: Arc<Driver>, queue: Arc<str>, ack_first: bool) -> Result<usize, DriverError> {
    let messages = &driver.ports().queue;
    let policy = &POLICY.pipeline;
    let hidden_ms = u64::from(policy.visibility_seconds) * 1000;
    let Some(delivery) = messages.receive(&queue, 1, hidden_ms, policy.max_receives).await?.pop() else {
        return Ok(0);
    };
    if ack_first {
        messages.delete(&queue, &delivery.receipt).await?;
    }
    let handled = match driver.handle(&delivery.body).await {
        Err(DriverError::Unreadable { .. }) => {
            messages.send(&format!("{queue}-dlq"), &delivery.body, 0).await?;
            None
        }
        handled => handled?.redeliver_after_ms(),
    };
    match handled {
        None => messages.delete(&queue, &delivery.receipt).await?,
        Some(ms) => messages.postpone(&queue, &delivery.receipt, ms).await?,
    }
    Ok(0)
}
