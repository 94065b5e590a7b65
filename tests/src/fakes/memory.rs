use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use proofreel_pipeline::Ports;
use proofreel_ports::PortError;

use super::faults::{Bug, Dice, Fault, Moment};
use super::world::World;

/// A process's view of a [`World`]. Clones share it.
///
/// Every effect gives way before and after it happens, so that whoever polls can stop for ever in between.
#[derive(Clone, Default)]
pub struct Memory {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    world: World,
    /// Changes of the world so far.
    version: u64,
    /// Effects so far.
    effects: u64,
    faults: Vec<Fault>,
    dice: Option<Dice>,
    full: bool,
    bug: Option<Bug>,
}

/// Gives way once.
struct GiveWay(bool);

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Memory {
    /// A process in this world.
    pub fn of(world: World) -> Self {
        Self::with_faults(world, Vec::new())
    }

    /// A process in this world whose effects fail as told.
    pub fn with_faults(world: World, faults: Vec<Fault>) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { world, faults, ..Inner::default() })) }
    }

    /// A world whose effects fail by chance.
    pub fn with_dice(world: World, dice: Dice) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { world, dice: Some(dice), ..Inner::default() })) }
    }

    /// The luck changes: `None` ends all faults by chance.
    pub fn luck(&self, dice: Option<Dice>) {
        self.lock().dice = dice;
    }

    /// All ports of the driver.
    pub fn ports(&self) -> Ports {
        Ports {
            blobs: Arc::new(self.clone()),
            records: Arc::new(self.clone()),
            queue: Arc::new(self.clone()),
            clock: Arc::new(self.clone()),
        }
    }

    /// A copy of the world as it is now.
    pub fn snapshot(&self) -> World {
        self.lock().world.clone()
    }

    /// Changes of the world so far: equal numbers, equal worlds.
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Effects of this process so far.
    pub fn effects(&self) -> u64 {
        self.lock().effects
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        let mut inner = self.lock();
        inner.world.now_ms += ms;
        inner.version += 1;
    }

    /// Changes the world behind everybody's back.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        let mut inner = self.lock();
        change(&mut inner.world);
        inner.version += 1;
    }

    /// From now on storage has this defect.
    pub fn plant(&self, bug: Bug) {
        self.lock().bug = Some(bug);
    }

    /// A look at the world without a copy.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock().world)
    }

    /// Sleeps until a hidden message can be received; false when there is none.
    pub async fn sleep(&self) -> bool {
        GiveWay(false).await;
        let mut inner = self.lock();
        let Some(wake_at) = inner.world.next_visible_ms() else { return false };
        inner.world.now_ms = wake_at;
        inner.version += 1;
        true
    }

    /// Gives way once, as a stage does in the middle of its work.
    pub async fn give_way() {
        GiveWay(false).await;
    }

    /// True when storage has this defect.
    pub(super) fn has(&self, bug: Bug) -> bool {
        self.lock().bug == Some(bug)
    }

    /// Now, milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.lock().world.now_ms
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One effect: gives way, happens or fails, gives way. `writes` tells whether a full disk hinders it.
    pub(super) async fn effect<T>(
        &self,
        what: &str,
        writes: bool,
        act: impl FnOnce(&mut World) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        GiveWay(false).await;
        let answer = {
            let mut inner = self.lock();
            let number = inner.effects;
            inner.effects += 1;
            let told = inner.faults.iter().find(|fault| fault.effect == number).map(|fault| fault.moment);
            let moment = told.or_else(|| inner.dice.as_mut().and_then(Dice::roll));
            inner.full |= moment == Some(Moment::Full);
            // Without its number, which would tell apart what nothing else does.
            let lost = || PortError::Unavailable { what: what.to_owned(), detail: "a fault of the test".into() };
            if inner.full && writes {
                Err(PortError::NoSpace { what: what.to_owned() })
            } else if moment == Some(Moment::Before) {
                Err(lost())
            } else {
                let answer = act(&mut inner.world);
                inner.version += u64::from(writes && answer.is_ok());
                if moment == Some(Moment::After) { Err(lost()) } else { answer }
            }
        };
        GiveWay(false).await;
        answer
    }
}
