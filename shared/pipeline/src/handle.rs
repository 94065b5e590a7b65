//! One message's way: is it wanted, is it free, do it, record it.

use std::panic::AssertUnwindSafe;
use std::sync::PoisonError;

use futures::FutureExt;
use jiff::Timestamp;
use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunMetrics, RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_ports::{Condition, Item, PortError, Write};

use crate::course::{Course, one_line};
use crate::driver::{Driver, Route};
use crate::error::DriverError;
use crate::keys;
use crate::lease::{Access, Claim};
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
    pub began: Timestamp,
    _at_work: AtWork<'a>,
}

/// Marks a token as this process's work for as long as it lives, however the attempt ends.
struct AtWork<'a> {
    driver: &'a Driver,
    token: String,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.driver.at_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
    }
}

impl Driver {
    /// Handles one message from a stage's queue. Then delete it, or postpone it as the answer says. An error
    /// means that storage failed: leave the message, it comes back.
    pub async fn handle(&self, body: &str) -> Result<Handled, DriverError> {
        let message: Envelope = serde_json::from_str(body)
            .map_err(|error| DriverError::Unreadable { what: A_MESSAGE.into(), why: error.to_string() })?;
        self.attend(&message.run, message.stage, message.visit, Route::Queue).await
    }

    pub(crate) async fn attend(
        &self,
        run: &RunId,
        stage: StageName,
        visit: u32,
        route: Route,
    ) -> Result<Handled, DriverError> {
        let course = match self.course(run).await {
            Ok(course) => course,
            Err(DriverError::NoSuchRun { .. }) => {
                tracing::warn!(%run, %stage, "message of an unknown run dropped");
                return Ok(Handled::Stale);
            }
            Err(error) => return Err(error),
        };
        let Some(message) = course.awaited(stage, visit).cloned() else {
            // Whoever decided this visit may have died before the next message left.
            self.flush(run).await?;
            return Ok(Handled::Stale);
        };
        if !self.stages.contains_key(&stage) {
            return Err(DriverError::NoStage { stage: stage.to_string() });
        }
        let claim = match self.claim(&message).await? {
            Ok(claim) => claim,
            Err(after_ms) => return Ok(Handled::Busy { after_ms }),
        };
        let at_work = AtWork { driver: self, token: claim.token.clone() };
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner).insert(claim.token.clone());
        let began = self.ports.clock.now();
        let attempt = Attempt { course, message, claim, began, _at_work: at_work };

        let progress = self.observer.begins(&attempt.message, attempt.claim.attempt);
        // Nothing that the attempt touches is used again after a panic, save by another attempt that starts over.
        let work = AssertUnwindSafe(self.perform(&attempt, progress.as_ref())).catch_unwind().await;
        drop(progress);
        let work = work.unwrap_or_else(|panic| Err(Fault::Retryable(panic_text(panic.as_ref(), stage))));
        if let Err(Fault::Storage(error)) = work {
            self.give_back(&attempt, &error).await;
            return Err(error);
        }
        self.commit(attempt, work, route).await
    }

    /// Claims the visit: `Ok(Err(ms))` when another worker has it.
    async fn claim(&self, message: &Envelope) -> Result<Result<Claim, u64>, DriverError> {
        let (pk, sk) = (keys::run(&message.run), keys::claim(message.stage, message.visit));
        let previous = match self.ports.records.get(&pk, &sk).await? {
            None => None,
            Some(row) => Some(serde_json::from_value::<Claim>(row).map_err(|error| DriverError::Unreadable {
                what: format!("{sk} of run {}", message.run),
                why: error.to_string(),
            })?),
        };
        let now = self.ports.clock.now();
        let (now_ms, lease_ms) = (now.as_millisecond(), i64::from(self.policy.pipeline.lease_seconds) * 1000);
        let mut writes = Vec::new();
        if let Some(previous) = &previous {
            let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).contains(&previous.token);
            match previous.access(&self.owner, at_work, now_ms) {
                Access::Taken { after_ms } => return Ok(Err(after_ms)),
                Access::Abandoned => writes.push(abandoned_row(message, previous, now)?),
                Access::Free => {}
            }
        }
        let claim = Claim::next(previous.as_ref(), &self.owner, now_ms, lease_ms);
        // Compare and swap on the token that was read: of two workers that read the same row one wins.
        let condition = previous.as_ref().map_or(Condition::Absent, |previous| same_token(&previous.token));
        writes.push(put_claim(message, &claim, condition)?);
        // Deleting what must be absent writes nothing; it makes sure that the visit was not done in between.
        writes.push(Write::Delete { pk, sk: keys::done(message.stage, message.visit), condition: Condition::Absent });
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
    let item = Item { pk: keys::run(&message.run), sk: keys::claim(message.stage, message.visit), body };
    Ok(Write::Put { item, condition })
}

/// The write that puts an attempt's row, once.
pub(crate) fn put_row(row: &PipelineRun) -> Result<Write, DriverError> {
    let body = serde_json::to_value(row)
        .map_err(|error| DriverError::Unwritable { what: "a row of the run log".into(), why: error.to_string() })?;
    let item = Item { pk: keys::run(&row.run_id), sk: keys::log(row.stage, row.visit, row.attempts), body };
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
        status: RunStatus::Retry,
        attempts: claim.attempt,
        input_refs: Vec::new(),
        output_refs: Vec::new(),
        outcome: "error".into(),
        error_summary: Some(why),
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
