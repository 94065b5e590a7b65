//! The one-machine runtime: receive, handle, delete, until the run rests.

use std::time::Duration;

use futures::future::join_all;
use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunHead, RunMetrics, RunStatus};
use proofreel_ports::{Condition, Delivery, Item, PortError, Write};
use serde_json::json;

use crate::chain::{QueueNaming, dead_letters};
use crate::course::Decision;
use crate::driver::{Driver, Route, put_course};
use crate::error::DriverError;
use crate::handle::{A_MESSAGE, Handled, put_claim, put_row, same_token};
use crate::keys;
use crate::lease::Claim;
use crate::parts::GIVEN_UP;

/// Shortest and longest pause between looks at an empty queue. A look costs a millisecond; parts wait for it.
const PAUSE_MS: (u64, u64) = (20, 250);
/// Storage errors in a row before the worker gives up.
const STORAGE_TRIES: u32 = 5;

/// What one look at a run's queue came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A message was handled, or a lost one was sent again.
    Worked,
    /// Nothing to do now: a message is delayed, or in another worker's hands.
    Waiting,
    /// The run is done, stopped, held, rejected or failed.
    Ended(Box<RunHead>),
}

impl Driver {
    /// Works a run until it rests: done, stopped, held, rejected or failed.
    pub async fn work_until_idle(&self, run: &RunId) -> Result<RunHead, DriverError> {
        self.flush(run).await?;
        let (mut pause_ms, mut faults) = (PAUSE_MS.0, 0);
        loop {
            match self.step(run).await {
                Ok(Step::Ended(head)) => {
                    self.drain(run).await?;
                    return Ok(*head);
                }
                Ok(Step::Worked) => (pause_ms, faults) = (PAUSE_MS.0, 0),
                Ok(Step::Waiting) => {
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(PAUSE_MS.1);
                }
                Err(error) if error.is_retryable() && faults + 1 < STORAGE_TRIES => {
                    tracing::warn!(%run, %error, "storage failed; trying again");
                    tokio::time::sleep(Duration::from_millis(self.policy.pipeline.backoff_base_ms << faults)).await;
                    faults += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The same by several workers of this process side by side, who share what can be divided.
    pub async fn work_side_by_side(&self, run: &RunId, workers: usize) -> Result<RunHead, DriverError> {
        let mut ends = join_all((0..workers.max(1)).map(|_| self.work_until_idle(run))).await;
        // A worker that met a fault was no loss when another one saw the end.
        let end = ends.iter().position(Result::is_ok).unwrap_or(0);
        ends.swap_remove(end)
    }

    /// One look at the queue of the stage that the run waits for. [`Driver::work_until_idle`] without the pauses.
    pub async fn step(&self, run: &RunId) -> Result<Step, DriverError> {
        let course = self.course(run).await?;
        let Some(message) = course.next_message() else { return Ok(Step::Ended(Box::new(course.head))) };
        let queue = self.chain.queue(message.stage, run);
        match self.receive(&queue, 1).await?.pop() {
            Some(delivery) => self.work(&queue, delivery).await.map(|()| Step::Worked),
            None => self.look_after(message, &queue).await,
        }
    }

    /// Takes what is left in the run's own queues after its end: messages that were sent or delivered twice.
    pub async fn drain(&self, run: &RunId) -> Result<(), DriverError> {
        if self.chain.naming() == QueueNaming::PerStage {
            return Ok(());
        }
        for stage in self.chain.stages() {
            let queue = self.chain.queue(*stage, run);
            while let Some(delivery) = self.receive(&queue, 1).await?.pop() {
                self.work(&queue, delivery).await?;
            }
        }
        Ok(())
    }

    async fn receive(&self, queue: &str, max: u32) -> Result<Vec<Delivery>, DriverError> {
        let policy = &self.policy.pipeline;
        let hidden_ms = u64::from(policy.visibility_seconds) * 1000;
        Ok(self.ports.queue.receive(queue, max, hidden_ms, policy.max_receives).await?)
    }

    async fn work(&self, queue: &str, delivery: Delivery) -> Result<(), DriverError> {
        let messages = &self.ports.queue;
        match self.handle(&delivery.body).await {
            Ok(Handled::Recorded { .. } | Handled::Stale) => {}
            Ok(Handled::Retry { after_ms, .. }) => {
                return Ok(messages.postpone(queue, &delivery.receipt, after_ms).await?);
            }
            // A fresh message instead of the old one postponed: waiting for another worker is no sign of poison, so it
            // must not use up deliveries.
            Ok(Handled::Busy { after_ms }) => messages.send(queue, &delivery.body, after_ms).await?,
            Err(DriverError::Unreadable { what, why }) if what == A_MESSAGE => {
                tracing::warn!(queue, why, "unreadable message parked with the dead letters");
                messages.send(&dead_letters(queue), &delivery.body, 0).await?;
            }
            Err(error) => {
                // Best effort: without it the message comes back after its visibility time-out.
                let _ = messages.postpone(queue, &delivery.receipt, 0).await;
                return Err(error);
            }
        }
        Ok(messages.delete(queue, &delivery.receipt).await?)
    }

    /// The queue gave nothing. Is the message only hidden, or is it nowhere?
    async fn look_after(&self, message: &Envelope, queue: &str) -> Result<Step, DriverError> {
        if self.ports.queue.depth(queue).await? != (0, 0) {
            return Ok(Step::Waiting);
        }
        // Another worker sends what follows before it deletes what it followed from: had it done so, the run had moved.
        if self.course(&message.run).await?.next_message() != Some(message) {
            return Ok(Step::Waiting);
        }
        if self.flush(&message.run).await? > 0 || self.bury(queue).await? > 0 {
            return Ok(Step::Worked);
        }
        // Lost with a queue that was wiped, or a draft that was begun in another process.
        self.ports.records.transact(vec![self.put_outbox(message)?]).await?;
        self.send_decided(message).await?;
        Ok(Step::Worked)
    }

    /// Fails the runs whose messages ended among the dead letters of `queue`: delivered again and again, and
    /// no worker lived to finish them. A part of a divided visit is given up instead, and its run goes on. Returns how many
    /// letters there were.
    pub async fn bury(&self, queue: &str) -> Result<usize, DriverError> {
        let letters = dead_letters(queue);
        let hidden_ms = u64::from(self.policy.pipeline.visibility_seconds) * 1000;
        let dead = self.ports.queue.receive(&letters, 10, hidden_ms, u32::MAX).await?;
        let mut buried = 0;
        for letter in dead {
            let Ok(message) = serde_json::from_str::<Envelope>(&letter.body) else {
                // For a person to look at; hidden, it would not be counted.
                self.ports.queue.postpone(&letters, &letter.receipt, 0).await?;
                continue;
            };
            let error = format!(
                "its message was delivered more than {} times and no worker finished it\n  hint: look for a crash or too little memory, then resume the run",
                self.policy.pipeline.max_receives
            );
            self.fail_dead(&message, &error).await?;
            self.ports.queue.delete(&letters, &letter.receipt).await?;
            buried += 1;
        }
        Ok(buried)
    }

    /// Fails the run of a dead letter, with an incident, when it is the message that the run waits for.
    pub(crate) async fn fail_dead(&self, letter: &Envelope, error: &str) -> Result<(), DriverError> {
        let course = match self.course(&letter.run).await {
            Err(DriverError::NoSuchRun { .. }) => return Ok(()),
            course => course?,
        };
        let Some(awaited) = course.awaited(letter.stage, letter.visit) else { return Ok(()) };
        let message = &Envelope { share: letter.share, ..awaited.clone() };
        let is_part = message.share.part().is_some();
        if is_part && self.is_done(message).await? {
            return Ok(());
        }
        let claim = self.claimed(message).await?;
        let condition = claim.as_ref().map_or(Condition::Absent, |claim| same_token(&claim.token));
        // An attempt that never ended gets this row; otherwise the row is one of its own.
        let claim = match claim {
            Some(claim) if !claim.released => claim,
            other => Claim::next(other.as_ref(), &self.owner, 0, 0),
        };
        let decision = Decision::Fail { error: error.to_owned() };
        let now = self.ports.clock.now();
        let row = dead_row(message, &claim, &decision, course.head.draft, now);
        if is_part {
            // The visit goes on without it and makes it itself.
            self.close_part(message, &PipelineRun { outcome: GIVEN_UP.into(), ..row }, &condition).await?;
            return Ok(());
        }
        let next = course.after(&decision, &self.chain, 0, now);
        let mut writes = vec![put_row(&row)?, put_claim(message, &claim.released(0), condition)?];
        writes.push(put_incident(&row, error, now));
        writes.extend(put_course(&next, Some(&course))?);
        match self.ports.records.transact(writes).await {
            Ok(()) => self.observer.ended(&row),
            Err(PortError::ConditionFailed { .. }) => tracing::info!(run = %message.run, "run went on after all"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Works a run without the queue, as multi-skill mode does.
    pub(crate) async fn work_in_process(&self, run: &RunId) -> Result<RunHead, DriverError> {
        loop {
            let course = self.course(run).await?;
            let Some(message) = course.next_message() else { return Ok(course.head) };
            match self.attend(message, Route::InProcess).await? {
                Handled::Recorded { .. } | Handled::Stale => {}
                Handled::Retry { after_ms, .. } => tokio::time::sleep(Duration::from_millis(after_ms)).await,
                Handled::Busy { .. } => return Err(DriverError::Occupied { run: run.clone() }),
            }
        }
    }
}

/// The write that tells a person of a run that failed through no decision of a stage.
fn put_incident(row: &PipelineRun, error: &str, now: jiff::Timestamp) -> Write {
    let body = json!({"kind": "dead_letter", "run_id": row.run_id, "channel": row.channel, "stage": row.stage,
        "visit": row.visit, "what": error, "created_at": now});
    let sk = keys::incident(now, &row.run_id, row.stage);
    Write::Put { item: Item { pk: keys::INCIDENTS.into(), sk, body }, condition: Condition::None }
}

fn dead_row(message: &Envelope, claim: &Claim, decision: &Decision, draft: bool, now: jiff::Timestamp) -> PipelineRun {
    PipelineRun {
        run_id: message.run.clone(),
        channel: message.channel.clone(),
        stage: message.stage,
        visit: message.visit,
        part: message.share.part(),
        status: RunStatus::Failure,
        attempts: claim.attempt,
        input_refs: Vec::new(),
        output_refs: Vec::new(),
        outcome: decision.name(),
        error_summary: decision.summary(),
        note: None,
        draft,
        metrics: RunMetrics { retry_count: claim.attempt.saturating_sub(1), ..RunMetrics::default() },
        created_at: now,
    }
}
