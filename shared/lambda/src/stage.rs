//! A stage as a function has it: its code, who speaks for it, and the driver that makes it durable.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use proofreel_model::channel::VoiceSettings;
use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::records::PipelineRun;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Observer, Owner, Ports};
use proofreel_ports::{
    Clock, Outside, Parts, PortError, Progress, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality, Writer,
};
use proofreel_stages::DynStage;

type StageOf = Box<dyn Fn() -> Box<dyn DynStage> + Send + Sync>;
type VoiceOf = Box<dyn Fn(&VoiceSettings) -> Arc<dyn Voice> + Send + Sync>;

/// Who writes beside the embedded writer, and the door that the writer calls through.
pub struct Guest {
    /// The writer. Its words are taken only where the gate lets them pass.
    pub writer: Arc<dyn Writer>,
    /// Counts its calls.
    pub outside: Arc<dyn Outside>,
}

/// Finds the writers and voices that a channel names.
#[async_trait]
pub trait Guests: Send + Sync {
    /// The writer of a run; none when the channel names none or there is no way to them: then the embedded one writes alone.
    async fn invite(&self, order: &Order, run: &RunId) -> Option<Guest>;

    /// The voices of a run, the embedded one last; none when the channel names none or there is no way to them: then that one speaks.
    async fn cast(&self, _order: &Order, _run: &RunId) -> Option<Cast> {
        None
    }
}

/// Who speaks a run's film, and the door that the voices call through.
pub struct Cast {
    /// The voice, with those that stand in for it.
    pub voice: Arc<dyn Voice>,
    /// Counts its calls.
    pub outside: Arc<dyn Outside>,
}

/// A stage, who speaks and who writes for it.
pub struct StageFunction {
    stage: StageOf,
    voice_of: Option<VoiceOf>,
    guests: Option<Arc<dyn Guests>>,
    offers: bool,
}

impl StageFunction {
    /// A stage that does not speak.
    pub fn new(stage: impl Fn() -> Box<dyn DynStage> + Send + Sync + 'static) -> Self {
        Self { stage: Box::new(stage), voice_of: None, guests: None, offers: false }
    }

    /// The same stage with the voice that each channel asks for.
    #[must_use]
    pub fn with_voice(self, voice_of: impl Fn(&VoiceSettings) -> Arc<dyn Voice> + Send + Sync + 'static) -> Self {
        Self { voice_of: Some(Box::new(voice_of)), ..self }
    }

    /// The same stage with the writers that each channel names, or, where it speaks, with the voices.
    #[must_use]
    pub fn with_guests(self, guests: Arc<dyn Guests>) -> Self {
        Self { guests: Some(guests), ..self }
    }

    /// The same stage, which calls the function that publishes when a run is done with it.
    #[must_use]
    pub fn with_offer(self) -> Self {
        Self { offers: true, ..self }
    }

    /// True when the function that publishes is to be called.
    pub(crate) fn offers(&self) -> bool {
        self.offers
    }

    /// Its place in the chain.
    pub fn name(&self) -> StageName {
        (self.stage)().name()
    }
}

/// Where a function works: its stores, its name and its scratch folder.
#[derive(Clone)]
pub struct Place {
    /// Everything that outlives an invocation.
    pub ports: Ports,
    /// Finished parts of films.
    pub parts: Arc<dyn Parts>,
    /// The name under which it claims.
    pub owner: Owner,
    /// Folder for intermediate files, below `/tmp`.
    pub scratch: PathBuf,
}

/// Makes the driver of a message. There is one a process, and another one when a message of a channel with another voice
/// comes, or of another run with writers or voices from outside.
pub(crate) struct Drivers {
    function: StageFunction,
    place: Place,
    policy: Policy,
    /// Until when a stage may work, milliseconds since 1970.
    until_ms: Arc<AtomicI64>,
    current: Mutex<Option<(Setting, Arc<Driver>)>>,
}

/// What a driver was made for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Setting {
    voice: VoiceSettings,
    /// The run whose writers or voices are asked: their budget is one run's.
    guests_of: Option<RunId>,
}

impl Drivers {
    pub fn new(function: StageFunction, place: Place, policy: Policy) -> Self {
        Self { function, place, policy, until_ms: Arc::new(AtomicI64::new(i64::MAX)), current: Mutex::default() }
    }

    /// The driver for a message that is received with `left` of the invocation's time. A claim made by it lasts as long as
    /// the invocation can: Lambda ends what runs longer, so nobody has to wait for a claim of the dead.
    pub async fn of(&self, message: &Envelope, left: Duration) -> Result<Arc<Driver>, PortError> {
        // A stage is asked to end in time to be recorded; of a short time at most half is kept for that.
        let work = left.saturating_sub(Duration::from_millis(self.policy.pipeline.wind_down_ms)).max(left / 2);
        let work_ms = i64::try_from(work.as_millis()).unwrap_or(i64::MAX);
        let now_ms = self.place.ports.clock.now().as_millisecond();
        self.until_ms.store(now_ms.saturating_add(work_ms), Ordering::Relaxed);
        let order = self.order(message).await?;
        let speaks = self.function.voice_of.is_some();
        let named = |order: &Order| if speaks { names_voices(order) } else { names_writers(order) };
        let guests = self.function.guests.as_ref().filter(|_| order.as_ref().is_some_and(named));
        let setting = Setting {
            voice: order.as_ref().map(|order| order.channel.voice.clone()).unwrap_or_default(),
            guests_of: guests.map(|_| message.run.clone()),
        };
        if let Some(driver) = self.kept(&setting) {
            return Ok(driver);
        }
        let (guest, cast) = match (guests, &order) {
            (Some(guests), Some(order)) if speaks => (None, guests.cast(order, &message.run).await),
            (Some(guests), Some(order)) => (guests.invite(order, &message.run).await, None),
            _ => (None, None),
        };
        let driver = Arc::new(self.driver(&setting, guest, cast, left));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((setting, Arc::clone(&driver)));
        Ok(driver)
    }

    fn kept(&self, setting: &Setting) -> Option<Arc<Driver>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|(of, _)| of == setting).map(|(_, driver)| Arc::clone(driver))
    }

    fn driver(&self, setting: &Setting, guest: Option<Guest>, cast: Option<Cast>, left: Duration) -> Driver {
        let (voice, counted) = match (cast, &self.function.voice_of) {
            (Some(Cast { voice, outside }), _) => (voice, Some(outside)),
            (None, Some(voice_of)) => (voice_of(&setting.voice), None),
            (None, None) => (Arc::new(NoVoice) as _, None),
        };
        let mut policy = self.policy.clone();
        let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        policy.pipeline.lease_seconds = policy.pipeline.lease_seconds.min(seconds);
        let Place { ports, parts, owner, scratch } = self.place.clone();
        let clock = Arc::clone(&ports.clock);
        let driver = Driver::new(ports, vec![(self.function.stage)()], policy, voice, scratch)
            .with_owner(owner)
            .with_parts(parts)
            .with_division()
            .with_observer(Arc::new(Logged { until_ms: Arc::clone(&self.until_ms), clock }));
        let driver = match counted {
            Some(outside) => driver.with_outside(outside),
            None => driver,
        };
        match guest {
            Some(Guest { writer, outside }) => driver.with_writer(writer).with_outside(outside),
            None => driver,
        }
    }

    /// The message's order, for a function whose channel's file decides who speaks or writes.
    async fn order(&self, message: &Envelope) -> Result<Option<Order>, PortError> {
        if self.function.voice_of.is_none() && self.function.guests.is_none() {
            return Ok(None);
        }
        match self.place.ports.blobs.fetch(&message.order).await {
            // An order that is lost or damaged is told by the driver, which records it.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.is_retryable() => Err(error),
            Err(_) => Ok(None),
        }
    }
}

fn names_writers(order: &Order) -> bool {
    !order.channel.writer.providers.is_empty()
}

fn names_voices(order: &Order) -> bool {
    order.channel.voice.is_remote()
}

/// A driver for the operator's verbs, which does no stage.
pub(crate) fn silent_driver(place: &Place, policy: Policy) -> Driver {
    let Place { ports, owner, scratch, .. } = place.clone();
    Driver::new(ports, Vec::new(), policy, Arc::new(NoVoice), scratch).with_owner(owner)
}

/// Tells the log of attempts, and stages when their time is over.
struct Logged {
    until_ms: Arc<AtomicI64>,
    clock: Arc<dyn Clock>,
}

/// A stage's time.
struct Timed {
    until_ms: i64,
    clock: Arc<dyn Clock>,
}

impl Progress for Timed {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, _: u64) {}
    fn end(&self) {}
    fn out_of_time(&self) -> bool {
        self.clock.now().as_millisecond() >= self.until_ms
    }
}

impl Observer for Logged {
    fn begins(&self, _: &Envelope, attempt: u32) -> Box<dyn Progress> {
        tracing::Span::current().record("attempt", attempt);
        tracing::info!("attempt begins");
        Box::new(Timed { until_ms: self.until_ms.load(Ordering::Relaxed), clock: Arc::clone(&self.clock) })
    }

    fn ended(&self, row: &PipelineRun) {
        let status = serde_json::to_value(row.status).unwrap_or_default();
        let (status, latency_ms) = (status.as_str().unwrap_or_default(), row.metrics.latency_ms);
        if let Some(why) = &row.error_summary {
            tracing::warn!(status, outcome = row.outcome, latency_ms, why, "attempt recorded");
        } else {
            tracing::info!(status, outcome = row.outcome, latency_ms, "attempt recorded");
        }
    }
}

/// The voice of a function whose stage does not speak.
struct NoVoice;

#[async_trait]
impl Voice for NoVoice {
    fn info(&self) -> VoiceInfo {
        let none = || "none".to_owned();
        VoiceInfo { name: none(), engine: none(), licence: none(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Err(VoiceError::Unavailable {
            engine: "any".into(),
            detail: "this function has no voice".into(),
            hint: "give it one with StageFunction::with_voice in its main.rs".into(),
        })
    }
}
