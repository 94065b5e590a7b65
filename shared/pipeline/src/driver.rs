//! The driver and the operator's verbs: start, resume, draft.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::digest::{BlobRef, Digest, canonical_json};
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_ports::{
    Blobs, Clock, Condition, Item, NoParts, Outside, Parts, PortError, Queue, Records, Voice, Write, Writer,
};
use proofreel_stages::DynStage;
use serde_json::{Value, json};

use crate::chain::{Chain, QueueNaming};
use crate::course::Course;
use crate::error::DriverError;
use crate::keys;
use crate::lease::Owner;
use crate::observer::{Observer, Unobserved};
use crate::packages::PackageCache;
use crate::patience::Patience;
use crate::schemas;

/// Ids tried before giving up on finding a free one; each is drawn from four of 32 signs.
const ID_TRIES: u32 = 64;

/// Where everything is stored.
#[derive(Clone)]
pub struct Ports {
    /// Artifacts, files and orders.
    pub blobs: Arc<dyn Blobs>,
    /// The one table.
    pub records: Arc<dyn Records>,
    /// Messages between stages.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Makes runs durable. One a process; safe to share between tasks.
pub struct Driver {
    pub(crate) ports: Ports,
    pub(crate) stages: BTreeMap<StageName, Box<dyn DynStage>>,
    pub(crate) chain: Chain,
    pub(crate) policy: Arc<Policy>,
    pub(crate) voice: Arc<dyn Voice>,
    pub(crate) writer: Option<Patience>,
    pub(crate) parts: Arc<dyn Parts>,
    pub(crate) outside: Option<Arc<dyn Outside>>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) scratch: PathBuf,
    pub(crate) owner: Owner,
    /// Most parts of a visit; less than two: visits are not divided.
    pub(crate) most_parts: usize,
    pub(crate) packages: PackageCache,
    pub(crate) last_order: Mutex<Option<(Digest, Arc<Order>)>>,
    /// The claims that this process is at work under: run, slot and token.
    pub(crate) at_work: Mutex<BTreeSet<String>>,
}

/// How the message after a visit reaches its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Through the outbox and the queue.
    Queue,
    /// The caller goes on by itself.
    InProcess,
}

impl Driver {
    /// A driver of `stages` (all of the chain, or the one of a Lambda), which works in folders below `scratch`.
    /// Give it an [`Owner`] of its own before it shares storage with another.
    pub fn new(
        ports: Ports,
        stages: Vec<Box<dyn DynStage>>,
        policy: impl Into<Arc<Policy>>,
        voice: Arc<dyn Voice>,
        scratch: PathBuf,
    ) -> Self {
        Self {
            ports,
            stages: stages.into_iter().map(|stage| (stage.name(), stage)).collect(),
            chain: Chain::default(),
            policy: policy.into(),
            voice,
            writer: None,
            parts: Arc::new(NoParts),
            outside: None,
            observer: Arc::new(Unobserved),
            scratch,
            owner: Owner::new("driver"),
            most_parts: 0,
            packages: PackageCache::default(),
            last_order: Mutex::default(),
            at_work: Mutex::default(),
        }
    }

    /// The same driver under this worker's name.
    #[must_use]
    pub fn with_owner(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// The same driver with an outside writer, whose words are taken only where the gate lets them pass.
    #[must_use]
    pub fn with_writer(self, writer: Arc<dyn Writer>) -> Self {
        let seconds = self.policy.numbers.writer.seconds;
        Self { writer: Some(Patience::new(writer, seconds)), ..self }
    }

    /// The same driver with another voice.
    #[must_use]
    pub fn with_voice(self, voice: Arc<dyn Voice>) -> Self {
        Self { voice, ..self }
    }

    /// The same driver with a place for finished parts of films.
    #[must_use]
    pub fn with_parts(self, parts: Arc<dyn Parts>) -> Self {
        Self { parts, ..self }
    }

    /// The same driver, whose run-log rows tell what calls through this governor came to. What stages call with is theirs.
    #[must_use]
    pub fn with_outside(self, outside: Arc<dyn Outside>) -> Self {
        Self { outside: Some(outside), ..self }
    }

    /// The same driver with this stage in place of the one of its name.
    #[must_use]
    pub fn with_stage(mut self, stage: Box<dyn DynStage>) -> Self {
        self.stages.insert(stage.name(), stage);
        self
    }

    /// The same driver, which divides long work into parts for several workers, as many as the policy says. Give it a place
    /// for parts that all workers see. A driver that does not divide does parts all the same.
    #[must_use]
    pub fn with_division(self) -> Self {
        Self { most_parts: self.policy.pipeline.most_parts, ..self }
    }

    /// The same driver with somebody watching.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// The same driver over another chain.
    #[must_use]
    pub fn with_chain(self, chain: Chain) -> Self {
        Self { chain, ..self }
    }

    /// What follows what.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Where everything is stored.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Starts a run of `order` and sends its first message. With `until`, the run stops after that stage.
    pub async fn start(&self, order: &Order, until: Option<StageName>) -> Result<RunId, DriverError> {
        self.begin(order, until, Route::Queue).await
    }

    /// Starts the run under an id that the caller chose. Doing so again does nothing but send what was not sent,
    /// so a caller that does not know whether its first call succeeded may simply repeat it.
    pub async fn start_as(&self, run: &RunId, order: &Order, until: Option<StageName>) -> Result<(), DriverError> {
        let stored = self.store_order(order).await?;
        if !self.record_start(run, order, &stored, until, Route::Queue).await? {
            let course = self.course(run).await?;
            if course.head.order != stored {
                return Err(DriverError::BadOrder { why: format!("run `{run}` exists with another order") });
            }
        }
        self.flush(run).await?;
        Ok(())
    }

    /// Lets a run go on: sends again what was lost, and restarts what was stopped, held or failed. A run that
    /// is done stays as it is. The caller then works it, or lets the workers of its queues do so.
    pub async fn resume(&self, run: &RunId, until: Option<StageName>) -> Result<RunHead, DriverError> {
        let course = self.course(run).await?;
        let resumed = match &course.head.state {
            RunState::Done => return Ok(course.head),
            RunState::Rejected { stage, reasons } => {
                return Err(DriverError::NotResumable {
                    run: run.clone(),
                    why: format!("{stage} rejected it: {}", reasons.join("; ")),
                    hint: "mend the cause and start a new run".into(),
                });
            }
            RunState::Running { .. } if course.message.as_ref().is_some_and(|message| message.until == until) => {
                course.clone()
            }
            RunState::Running { .. } | RunState::Stopped { .. } | RunState::Held { .. } | RunState::Failed { .. } => {
                course.resumed(until, self.ports.clock.now())
            }
        };
        let mut writes = Vec::new();
        if resumed != course {
            writes.extend(put_course(&resumed, Some(&course))?);
        }
        if let Some(message) = resumed.next_message()
            && !self.message_is_on_its_way(message).await?
        {
            writes.push(self.put_outbox(message)?);
        }
        if !writes.is_empty() {
            self.ports.records.transact(writes).await.map_err(|error| match error {
                PortError::ConditionFailed { .. } => DriverError::Occupied { run: run.clone() },
                other => other.into(),
            })?;
        }
        self.flush(run).await?;
        Ok(resumed.head)
    }

    /// The writes that send a finished run back to a stage, with a person's reasons; none when the run is on its way already. They
    /// hold only while the run is as it was read: one transaction with the record of who sent it back, and then
    /// [`send_back`](Self::send_back).
    ///
    /// # Errors
    /// When there is no such run, or storage fails.
    pub async fn way_back(&self, run: &RunId, stage: StageName, reasons: &[String]) -> Result<Vec<Write>, DriverError> {
        let course = self.course(run).await?;
        if course.head.draft || course.head.state != RunState::Done {
            return Ok(Vec::new());
        }
        let next = course.sent_back(stage, reasons, &self.chain, self.ports.clock.now());
        let mut writes = Vec::from(put_course(&next, Some(&course))?);
        if let Some(message) = next.next_message() {
            writes.push(self.put_outbox(message)?);
        }
        Ok(writes)
    }

    /// Sends a finished run back to a stage, with a person's reasons. A run that is on its way already stays as it is, and is sent
    /// the message that whoever put it there did not live to send: the call may be repeated.
    pub async fn send_back(&self, run: &RunId, stage: StageName, reasons: &[String]) -> Result<RunHead, DriverError> {
        let writes = self.way_back(run, stage, reasons).await?;
        if !writes.is_empty() {
            self.ports.records.transact(writes).await.map_err(|error| match error {
                PortError::ConditionFailed { .. } => DriverError::Occupied { run: run.clone() },
                other => other.into(),
            })?;
        }
        self.flush(run).await?;
        Ok(self.course(run).await?.head)
    }

    /// Multi-skill mode: the writing stages in one pass inside this process, each claimed, checked and recorded
    /// as always. The run is marked a draft, which the ops stages refuse.
    pub async fn draft(&self, order: &Order) -> Result<RunHead, DriverError> {
        let order = Order { draft: true, ..order.clone() };
        let run = self.begin(&order, None, Route::InProcess).await?;
        self.work_in_process(&run).await
    }

    async fn begin(&self, order: &Order, until: Option<StageName>, route: Route) -> Result<RunId, DriverError> {
        let stored = self.store_order(order).await?;
        for nonce in 0..ID_TRIES {
            let run = self.new_id(&stored, nonce);
            if self.record_start(&run, order, &stored, until, route).await? {
                self.flush(&run).await?;
                return Ok(run);
            }
        }
        Err(DriverError::BadOrder { why: "the same order was started too often within a second".into() })
    }

    async fn store_order(&self, order: &Order) -> Result<BlobRef, DriverError> {
        let bytes = canonical_json(order)
            .map_err(|error| DriverError::Unwritable { what: "the order".into(), why: error.to_string() })?;
        let document: Value =
            serde_json::from_slice(&bytes).map_err(|error| DriverError::BadOrder { why: error.to_string() })?;
        schemas::check("order", &document).map_err(|why| DriverError::BadOrder { why })?;
        Ok(self.ports.blobs.store(keys::ORDERS, &bytes).await?)
    }

    /// Writes head, list entry and first message in one transaction; false when the run exists.
    async fn record_start(
        &self,
        run: &RunId,
        order: &Order,
        stored: &BlobRef,
        until: Option<StageName>,
        route: Route,
    ) -> Result<bool, DriverError> {
        let first = self.chain.first().ok_or_else(|| DriverError::NoStage { stage: "first".into() })?;
        let now = self.ports.clock.now();
        let course = Course::begin(run, order, stored.clone(), first, until, now);
        let listed = Item {
            pk: keys::RUNS.into(),
            sk: keys::listed(now, run),
            body: json!({"run_id": run, "channel": course.head.channel}),
        };
        let mut writes = vec![Write::Put { item: listed, condition: Condition::None }];
        writes.extend(put_course(&course, None)?);
        if let (Route::Queue, Some(message)) = (route, course.next_message()) {
            writes.push(self.put_outbox(message)?);
        }
        match self.ports.records.transact(writes).await {
            Ok(()) => Ok(true),
            Err(PortError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// `20261122t211924-k3f9`: the second it was ordered, and four signs drawn from order, instant and worker.
    fn new_id(&self, order: &BlobRef, nonce: u32) -> RunId {
        const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let now = self.ports.clock.now();
        let text = format!("{}/{}/{}/{nonce}", order.digest, now.as_nanosecond(), self.owner.id());
        let digest = Digest::of(text.as_bytes());
        let signs: String = digest
            .0
            .bytes()
            .take(12)
            .collect::<Vec<_>>()
            .chunks(3)
            .map(|three| {
                let sum = three.iter().fold(0_usize, |sum, byte| sum * 31 + usize::from(*byte));
                char::from(SIGNS[sum % SIGNS.len()])
            })
            .collect();
        RunId(format!("{}-{signs}", now.to_zoned(TimeZone::UTC).strftime("%Y%m%dt%H%M%S")))
    }

    /// Where a run is, as stored.
    pub(crate) async fn course(&self, run: &RunId) -> Result<Course, DriverError> {
        stored(self.ports.records.as_ref(), run).await
    }

    /// True when the run's own queue holds a message for this visit. Of a shared queue nobody can tell.
    async fn message_is_on_its_way(&self, message: &proofreel_model::envelope::Envelope) -> Result<bool, DriverError> {
        if self.chain.naming() == QueueNaming::PerStage {
            return Ok(false);
        }
        let queue = self.chain.queue(message.stage, &message.run);
        Ok(self.ports.queue.depth(&queue).await? != (0, 0))
    }
}

/// Where a run is, as stored.
pub(crate) async fn stored(records: &dyn Records, run: &RunId) -> Result<Course, DriverError> {
    let row = records.get(&keys::run(run), keys::HEAD).await?;
    let row = row.ok_or_else(|| DriverError::NoSuchRun { run: run.clone() })?;
    serde_json::from_value(row)
        .map_err(|error| DriverError::Unreadable { what: format!("the head of run {run}"), why: error.to_string() })
}

/// The writes that put a run's head and keep the list of running runs in step with it.
pub(crate) fn put_course(course: &Course, read: Option<&Course>) -> Result<[Write; 2], DriverError> {
    let run = &course.head.run_id;
    let active = match course.next_message() {
        Some(_) => put_active(run, course.head.updated_at),
        None => Write::Delete { pk: keys::ACTIVE.into(), sk: run.to_string(), condition: Condition::None },
    };
    Ok([put_head(course, read)?, active])
}

/// The write that puts a run's head: a new one, or the one that follows from `read` and nothing else.
pub(crate) fn put_head(course: &Course, read: Option<&Course>) -> Result<Write, DriverError> {
    let run = &course.head.run_id;
    let body = serde_json::to_value(course)
        .map_err(|error| DriverError::Unwritable { what: format!("the head of run {run}"), why: error.to_string() })?;
    let condition = read
        .map_or(Condition::Absent, |read| Condition::Equals { field: "revision".into(), value: read.revision.into() });
    Ok(Write::Put { item: Item { pk: keys::run(run), sk: keys::HEAD.into(), body }, condition })
}

/// The write that lists a run as running, and waiting since `since`.
pub(crate) fn put_active(run: &RunId, since: Timestamp) -> Write {
    let item = Item { pk: keys::ACTIVE.into(), sk: run.to_string(), body: json!({"since": since}) };
    Write::Put { item, condition: Condition::None }
}
