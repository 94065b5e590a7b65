//! A stage as a function has it: its code, who speaks for it, and the driver that makes it durable.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use proofreel_model::channel::VoiceSettings;
use proofreel_model::envelope::Envelope;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::records::PipelineRun;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Observer, Owner, Ports};
use proofreel_ports::{
    Clock, Parts, PortError, Progress, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality,
};
use proofreel_stages::DynStage;

type StageOf = Box<dyn Fn() -> Box<dyn DynStage> + Send + Sync>;
type VoiceOf = Box<dyn Fn(&VoiceSettings) -> Arc<dyn Voice> + Send + Sync>;

/// A stage and who speaks for it.
pub struct StageFunction {
    stage: StageOf,
    voice_of: Option<VoiceOf>,
}

impl StageFunction {
    /// A stage that does not speak.
    pub fn new(stage: impl Fn() -> Box<dyn DynStage> + Send + Sync + 'static) -> Self {
        Self { stage: Box::new(stage), voice_of: None }
    }

    /// The same stage with the voice that each channel asks for.
    #[must_use]
    pub fn with_voice(self, voice_of: impl Fn(&VoiceSettings) -> Arc<dyn Voice> + Send + Sync + 'static) -> Self {
        Self { voice_of: Some(Box::new(voice_of)), ..self }
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
/// comes.
pub(crate) struct Drivers {
    function: StageFunction,
    place: Place,
    policy: Policy,
    /// Until when a stage may work, milliseconds since 1970.
    until_ms: Arc<AtomicI64>,
    current: Mutex<Option<(VoiceSettings, Arc<Driver>)>>,
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
        let settings = self.settings(message).await?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, driver)) = current.as_ref()
            && *of == settings
        {
            return Ok(Arc::clone(driver));
        }
        let voice = match &self.function.voice_of {
            Some(voice_of) => voice_of(&settings),
            None => Arc::new(NoVoice),
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
            .with_observer(Arc::new(Logged { until_ms: Arc::clone(&self.until_ms), clock: Arc::clone(&clock) }));
        let driver = Arc::new(driver);
        *current = Some((settings, Arc::clone(&driver)));
        Ok(driver)
    }

    /// The voice settings of the message's channel; the usual ones for a stage that does not speak.
    async fn settings(&self, message: &Envelope) -> Result<VoiceSettings, PortError> {
        if self.function.voice_of.is_none() {
            return Ok(VoiceSettings::default());
        }
        match self.place.ports.blobs.fetch(&message.order).await {
            // An order that is lost or damaged is told by the driver, which records it.
            Ok(bytes) => Ok(serde_json::from_slice::<Order>(&bytes)
                .map_or_else(|_| VoiceSettings::default(), |order| order.channel.voice)),
            Err(error) if error.is_retryable() => Err(error),
            Err(_) => Ok(VoiceSettings::default()),
        }
    }
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
