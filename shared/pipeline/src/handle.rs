//! One message's way: is it wanted, is it free, do it, record it.

use std::panic::AssertUnwindSafe;
use std::sync::PoisonError;

use futures::FutureExt;
use jiff::Timestamp;
use proofreel_model::envelope::Envelope;
use proofreel_model::records::{PipelineRun, RunMetrics, RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_ports::{Condition, Item, PortError, Write};

use crate::course::{Course, one_line};
use crate::driver::{Driver, Route};
use crate::error::DriverError;
use crate::keys::{self, Slot};
use crate::lease::{Access, Claim};
use crate::observer::Noted;
use crate::parts::Way;
use crate::work::Fault;

/// After losing a race for a claim the winner is at work; look again after this long, milliseconds.
const LOST_RACE_MS: u64 = 1_000;

/// What a message is called in [`DriverError::Unreadable`].
pub(crate) const A_MESSAGE: &str = "a message";

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Handled {
    /// The visit was decided upon and recorded; what follows is on its way.
    Recorded {
        /// The row written.
        row: Box<PipelineRun>,
        /// Where the run is now.
        state: RunState,
    },
    /// The attempt failed and was recorded; the message is wanted again.
    Retry {
        /// The row written.
        row: Box<PipelineRun>,
        /// When to try again, milliseconds from now.
        after_ms: u64,
    },
    /// Another worker is at this visit; the message is wanted again.
    Busy {
        /// When to look again, milliseconds from now.
        after_ms: u64,
    },
    /// Done before, overtaken by another worker, or of a run that ended: the message can go.
    Stale,
}

impl Handled {
    /// `Some(ms)`: the message must be delivered again, not before. `None`: it can be deleted.
    pub fn redeliver_after_ms(&self) -> Option<u64> {
        match self {
            Self::Retry { after_ms, .. } | Self::Busy { after_ms } => Some(*after_ms),
            Self::Recorded { .. } | Self::Stale => None,
        }
    }
}

/// An attempt under way.
pub(crate) struct Attempt<'a> {
    pub course: Course,
    pub message: Envelope,
    pub claim: Claim,
    /// What there is to do.
    pub way: Way,
    pub began: Timestamp,
    /// What the stage had to say for the run log.
    pub note: Option<String>,
    _at_work: AtWork<'a>,
}

/// Marks a claim as this process's work for as long as it lives, however the attempt ends.
struct AtWork<'a> {
    driver: &'a Driver,
    name: String,
}

impl<'a> AtWork<'a> {
    fn begin(driver: &'a Driver, message: &Envelope, claim: &Claim) -> Self {
        let name = Self::name(message, claim);
        driver.at_work.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        Self { driver, name }
    }

    /// Tokens differ inside a slot only.
    fn name(message: &Envelope, claim: &Claim) -> String {
        format!("{}/{}/{}", message.run, Slot::of(message), claim.token)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.driver.at_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl Driver {
    /// Handles one message from a stage's queue. Then delete it, or postpone it as the answer says. An error
    /// means that storage failed: leave the message, it comes back.
    pub async fn handle(&self, body: &str) -> Result<Handled, DriverError> {
        let message: Envelope = serde_json::from_str(body)
            .map_err(|error| DriverError::Unreadable { what: A_MESSAGE.into(), why: error.to_string() })?;
        self.attend(&message, Route::Queue).await
    }

    /// Of `asked` only run, stage, visit and share count: the rest is taken from the run's head.
    pub(crate) async fn attend(&self, asked: &Envelope, route: Route) -> Result<Handled, DriverError> {
        let (run, stage) = (&asked.run, asked.stage);
        let course = match self.course(run).await {
            Ok(course) => course,
            Err(DriverError::NoSuchRun { .. }) => {
                tracing::warn!(%run, %stage, "message of an unknown run dropped");
                return Ok(Handled::Stale);
            }
            Err(error) => return Err(error),
        };
        let Some(awaited) = course.awaited(stage, asked.visit) else {
            // Whoever decided this visit may have died before the next message left.
            self.flush(run).await?;
            return Ok(Handled::Stale);
        };
        if !self.stages.contains_key(&stage) {
            return Err(DriverError::NoStage { stage: stage.to_string() });
        }
        let Some((share, way)) = self.way(awaited, asked.share, route).await? else {
            self.flush(run).await?;
            return Ok(Handled::Stale);
        };
        let message = Envelope { share, ..awaited.clone() };
        let claim = match self.claim(&message, &way).await? {
            Ok(claim) => claim,
            Err(after_ms) => return Ok(Handled::Busy { after_ms }),
        };
        let at_work = AtWork::begin(self, &message, &claim);
        let began = self.ports.clock.now();
        let mut attempt = Attempt { course, message, claim, way, began, note: None, _at_work: at_work };

        let progress = Noted::new(self.observer.begins(&attempt.message, attempt.claim.attempt));
        // Nothing that the attempt touches is used again after a panic, save by another attempt that starts over.
        let work = AssertUnwindSafe(self.perform(&attempt, &progress)).catch_unwind().await;
        attempt.note = progress.into_note();
        let work = work.unwrap_or_else(|panic| Err(Fault::Retryable(panic_text(panic.as_ref(), stage))));
        if let Err(Fault::Storage(error)) = work {
            self.give_back(&attempt, &error).await;
            return Err(error);
        }
        self.commit(attempt, work, route).await
    }

    /// The claim on what a message is about, as stored.
    pub(crate) async fn claimed(&self, message: &Envelope) -> Result<Option<Claim>, DriverError> {
        let (pk, sk) = (keys::run(&message.run), keys::claim(Slot::of(message)));
        let Some(row) = self.ports.records.get(&pk, &sk).await? else { return Ok(None) };
        serde_json::from_value(row).map(Some).map_err(|error| DriverError::Unreadable {
            what: format!("{sk} of run {}", message.run),
            why: error.to_string(),
        })
    }

    /// What this worker may do about a claim.
    pub(crate) fn access(&self, message: &Envelope, claim: &Claim, now: Timestamp) -> Access {
        let name = AtWork::name(message, claim);
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).contains(&name);
        claim.access(&self.owner, at_work, now.as_millisecond())
    }

    /// Claims the visit or part: `Ok(Err(ms))` when another worker has it.
    async fn claim(&self, message: &Envelope, way: &Way) -> Result<Result<Claim, u64>, DriverError> {
        let (pk, slot) = (keys::run(&message.run), Slot::of(message));
        let previous = self.claimed(message).await?;
        let now = self.ports.clock.now();
        let (now_ms, lease_ms) = (now.as_millisecond(), i64::from(self.policy.pipeline.lease_seconds) * 1000);
        let mut writes = Vec::new();
        if let Some(previous) = &previous {
            match self.access(message, previous, now) {
                Access::Taken { after_ms } => return Ok(Err(after_ms)),
                Access::Abandoned => writes.push(abandoned_row(message, previous, now)?),
                Access::Free => {}
            }
        }
        let claim = Claim::next(previous.as_ref(), &self.owner, now_ms, lease_ms);
        // Compare and swap on the token that was read: of two workers that read the same row one wins.
        let condition = previous.as_ref().map_or(Condition::Absent, |previous| same_token(&previous.token));
        writes.push(put_claim(message, &claim, condition)?);
        // Deleting what must be absent writes nothing; it makes sure that the visit was not done in between, nor divided.
        if way.is_undivided() && self.divides(message.stage) {
            let (pk, sk) = (pk.clone(), keys::gathering(slot));
            writes.push(Write::Delete { pk, sk, condition: Condition::Absent });
        }
        writes.push(Write::Delete { pk, sk: keys::done(slot), condition: Condition::Absent });
        match self.ports.records.transact(writes).await {
            Ok(()) => Ok(Ok(claim)),
            Err(PortError::ConditionFailed { .. }) => Ok(Err(LOST_RACE_MS)),
            Err(error) => Err(error.into()),
        }
    }

    /// After a storage error: records the attempt and lets others try at once instead of after the lease. It may
    /// fail as the work did; then the next worker finds the claim abandoned.
    async fn give_back(&self, attempt: &Attempt<'_>, error: &DriverError) {
        let (message, claim) = (&attempt.message, &attempt.claim);
        let row = unfinished_row(message, claim, one_line(&error.to_string()), self.ports.clock.now());
        let released = put_claim(message, &claim.released(claim.failures), same_token(&claim.token));
        let (Ok(released), Ok(row)) = (released, row) else { return };
        if let Err(error) = self.ports.records.transact(vec![released, row]).await {
            tracing::debug!(run = %message.run, %error, "claim not given back; its lease will end");
        }
    }
}

/// The condition that a claim is still in the hands that hold `token`.
pub(crate) fn same_token(token: &str) -> Condition {
    Condition::Equals { field: "token".into(), value: token.into() }
}

/// The write that puts a claim.
pub(crate) fn put_claim(message: &Envelope, claim: &Claim, condition: Condition) -> Result<Write, DriverError> {
    let body = serde_json::to_value(claim)
        .map_err(|error| DriverError::Unwritable { what: "a claim".into(), why: error.to_string() })?;
    let item = Item { pk: keys::run(&message.run), sk: keys::claim(Slot::of(message)), body };
    Ok(Write::Put { item, condition })
}

/// The write that puts an attempt's row, once.
pub(crate) fn put_row(row: &PipelineRun) -> Result<Write, DriverError> {
    let body = serde_json::to_value(row)
        .map_err(|error| DriverError::Unwritable { what: "a row of the run log".into(), why: error.to_string() })?;
    let slot = Slot { stage: row.stage, visit: row.visit, part: row.part };
    let item = Item { pk: keys::run(&row.run_id), sk: keys::log(slot, row.attempts), body };
    Ok(Write::Put { item, condition: Condition::Absent })
}

/// The row of an attempt whose worker never came back to write it.
fn abandoned_row(message: &Envelope, claim: &Claim, now: Timestamp) -> Result<Write, DriverError> {
    unfinished_row(message, claim, format!("the worker {} stopped before the stage was done", claim.owner), now)
}

/// The row of an attempt that came to no decision through no fault of the stage.
fn unfinished_row(message: &Envelope, claim: &Claim, why: String, now: Timestamp) -> Result<Write, DriverError> {
    put_row(&PipelineRun {
        run_id: message.run.clone(),
        channel: message.channel.clone(),
        stage: message.stage,
        visit: message.visit,
        part: message.share.part(),
        status: RunStatus::Retry,
        attempts: claim.attempt,
        input_refs: Vec::new(),
        output_refs: Vec::new(),
        outcome: "error".into(),
        error_summary: Some(why),
        note: None,
        draft: false,
        metrics: RunMetrics { retry_count: claim.attempt.saturating_sub(1), ..RunMetrics::default() },
        created_at: now,
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send), stage: StageName) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!(
        "the {stage} stage panicked: {}\n  hint: this is a defect of the program; please report it",
        said.unwrap_or("no message")
    )
}
