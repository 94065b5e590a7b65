//! The one transaction that ends an attempt.

use proofreel_model::digest::BlobRef;
use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunMetrics, RunStatus};
use proofreel_ports::{Condition, Item, PortError, Write};
use serde_json::json;

use crate::backoff;
use crate::course::{Decision, one_line};
use crate::driver::{Driver, Route, put_course};
use crate::error::DriverError;
use crate::handle::{Attempt, Handled, put_claim, put_row, same_token};
use crate::keys::{self, Slot};
use crate::parts::Way;
use crate::work::{Fault, Work};

/// Tries to record a decision while an operator changes the run.
const COMMIT_TRIES: u32 = 4;

impl Driver {
    /// Records an attempt and, when it decided the visit, what follows from it.
    pub(crate) async fn commit(
        &self,
        attempt: Attempt<'_>,
        work: Result<Work, Fault>,
        route: Route,
    ) -> Result<Handled, DriverError> {
        let decision = match work {
            Ok(Work::Decided(decision)) => decision,
            Ok(Work::Divided(works)) => return self.commit_divided(attempt, works).await,
            Ok(Work::Part) => return self.commit_part(attempt, None).await,
            Err(Fault::Storage(error)) => return Err(error),
            Err(Fault::OutOfTime(error)) => return self.commit_retry(attempt, &error, false).await,
            Err(Fault::Retryable(error)) if attempt.claim.failures + 1 < self.policy.pipeline.max_attempts => {
                return self.commit_retry(attempt, &error, true).await;
            }
            Err(Fault::Permanent(error) | Fault::Retryable(error)) if attempt.message.share.part().is_some() => {
                return self.commit_part(attempt, Some(&error)).await;
            }
            Err(Fault::Permanent(error) | Fault::Retryable(error)) => Decision::Fail { error },
        };
        self.commit_decision(attempt, decision, route).await
    }

    async fn commit_decision(
        &self,
        attempt: Attempt<'_>,
        decision: Decision,
        route: Route,
    ) -> Result<Handled, DriverError> {
        let status = match &decision {
            Decision::Fail { .. } => RunStatus::Failure,
            Decision::Hold { .. } => RunStatus::Skipped,
            _ => RunStatus::Success,
        };
        let row = self.row(&attempt, status, decision.name(), decision.summary(), decision.output_refs());
        // Only a rewrite asks for the bound, and the order it stands in was loaded for this very attempt.
        let max_rewrites = match self.order(&attempt.message.order).await {
            Ok(order) => order.channel.governance.max_rewrites,
            Err(Fault::Storage(error)) => return Err(error),
            Err(Fault::Retryable(_) | Fault::OutOfTime(_) | Fault::Permanent(_)) => 0,
        };
        let message = &attempt.message;
        let mut course = attempt.course.clone();
        for _ in 0..COMMIT_TRIES {
            let next = course.after(&decision, &self.chain, max_rewrites, row.created_at);
            let follows = next.next_message().filter(|_| route == Route::Queue);
            let mut writes = Self::closing_writes(&attempt, &decision, &row)?;
            writes.extend(put_course(&next, Some(&course))?);
            if let Some(follows) = follows {
                writes.push(self.put_outbox(follows)?);
            }
            if self.write(writes).await? {
                self.observer.ended(&row);
                if let Some(follows) = follows {
                    self.send_decided(follows).await?;
                }
                return Ok(Handled::Recorded { row: Box::new(row), state: next.head.state });
            }
            // An operator may have resumed the run with another stop while the stage was at work: decide again from there.
            course = self.course(&message.run).await?;
            if course.awaited(message.stage, message.visit).is_none() {
                break;
            }
        }
        Ok(Handled::Stale)
    }

    /// What closes an attempt, whatever the course of the run: its row, its claim and, when it was the last one of the
    /// visit, the completion.
    fn closing_writes(
        attempt: &Attempt<'_>,
        decision: &Decision,
        row: &PipelineRun,
    ) -> Result<Vec<Write>, DriverError> {
        let Attempt { message, claim, .. } = attempt;
        let mut writes = vec![put_row(row)?];
        if decision.completes_visit() {
            let (pk, slot) = (keys::run(&message.run), Slot::of(message));
            if attempt.way == Way::Gather {
                let (pk, sk) = (pk.clone(), keys::gathering(slot));
                writes.push(Write::Delete { pk, sk, condition: Condition::None });
            }
            writes.push(Write::Delete { pk, sk: keys::claim(slot), condition: same_token(&claim.token) });
            writes.push(put_done(message, row));
        } else {
            writes.push(put_claim(message, &claim.released(0), same_token(&claim.token))?);
        }
        Ok(writes)
    }

    /// An attempt that gave no decision. When it `failed`, it counts towards the most there may be and the next one waits;
    /// when its time was over, the next one goes on at once, as often as the queue delivers.
    async fn commit_retry(&self, attempt: Attempt<'_>, error: &str, failed: bool) -> Result<Handled, DriverError> {
        let Attempt { message, claim, .. } = &attempt;
        let failures = claim.failures + u32::from(failed);
        let row = self.row(&attempt, RunStatus::Retry, "error".into(), Some(one_line(error)), Vec::new());
        let released = put_claim(message, &claim.released(failures), same_token(&claim.token))?;
        if !self.write(vec![released, put_row(&row)?]).await? {
            return Ok(Handled::Stale);
        }
        self.observer.ended(&row);
        if !failed {
            return Ok(Handled::Retry { row: Box::new(row), after_ms: 0 });
        }
        let seed = match self.order(&message.order).await {
            Ok(order) => order.seed,
            Err(_) => 0,
        };
        let after_ms = backoff::delay_ms(self.policy.pipeline.backoff_base_ms, failures, seed, message);
        Ok(Handled::Retry { row: Box::new(row), after_ms })
    }

    /// False when the claim or the run is no longer ours to write: another worker went on meanwhile.
    pub(crate) async fn write(&self, writes: Vec<Write>) -> Result<bool, DriverError> {
        match self.ports.records.transact(writes).await {
            Ok(()) => Ok(true),
            Err(PortError::ConditionFailed { what }) => {
                tracing::info!(%what, "attempt overtaken by another worker; nothing written");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn row(
        &self,
        attempt: &Attempt<'_>,
        status: RunStatus,
        outcome: String,
        error_summary: Option<String>,
        output_refs: Vec<BlobRef>,
    ) -> PipelineRun {
        let message = &attempt.message;
        let now = self.ports.clock.now();
        // The attempt that divided a visit was none that failed.
        let divided = u32::from(attempt.way == Way::Gather);
        let reads = self.stages.get(&message.stage).map_or(&[][..], |stage| stage.reads());
        let read = reads.iter().filter_map(|stage| message.artifacts.get(stage)).cloned();
        PipelineRun {
            run_id: message.run.clone(),
            channel: message.channel.clone(),
            stage: message.stage,
            visit: message.visit,
            part: message.share.part(),
            status,
            attempts: attempt.claim.attempt,
            input_refs: std::iter::once(message.order.clone()).chain(read).collect(),
            output_refs,
            outcome,
            error_summary,
            note: attempt.note.as_deref().map(one_line),
            draft: attempt.course.head.draft,
            metrics: RunMetrics {
                latency_ms: u64::try_from(now.as_millisecond() - attempt.began.as_millisecond()).unwrap_or(0),
                retry_count: attempt.claim.attempt.saturating_sub(1 + divided),
                ..self.called(&message.run)
            },
            created_at: now,
        }
    }
}

impl Driver {
    /// What calls to the outside for a run came to since the last row; zero where nothing was asked.
    fn called(&self, run: &RunId) -> RunMetrics {
        let counts = self.outside.as_ref().map(|outside| outside.take_counts(run)).unwrap_or_default();
        RunMetrics {
            tokens: counts.tokens,
            cost_usd: counts.cost_micro_usd as f64 / 1e6,
            cache_hit: u32::try_from(counts.hits).unwrap_or(u32::MAX),
            calls: (!counts.is_empty()).then_some(counts),
            ..RunMetrics::default()
        }
    }
}

/// The write that completes a visit or a part, once.
pub(crate) fn put_done(message: &Envelope, row: &PipelineRun) -> Write {
    let body = json!({
        "stage": message.stage,
        "visit": message.visit,
        "attempt": row.attempts,
        "outcome": row.outcome,
        "output_refs": row.output_refs,
        "created_at": row.created_at,
    });
    let item = Item { pk: keys::run(&message.run), sk: keys::done(Slot::of(message)), body };
    Write::Put { item, condition: Condition::Absent }
}
