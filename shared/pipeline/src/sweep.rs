//! What brings a run on when its message cannot: to be called now and then by something that outlives a message, a
//! schedule in the cloud.

use jiff::Timestamp;
use proofreel_model::ids::RunId;
use proofreel_ports::PortError;
use serde_json::Value;

use crate::chain::{QueueNaming, shared_queue};
use crate::driver::{Driver, put_active, put_head};
use crate::error::DriverError;
use crate::keys;
use crate::lease::Access;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Messages that were left in the outbox, and are sent now.
    pub sent: usize,
    /// Runs whose dead letter was found, and that failed.
    pub buried: usize,
    /// Running runs that nobody worked for long; their messages are sent again.
    pub revived: usize,
    /// Runs that wait for a stage or are at one, after all that. With none, and no message left, the chain has drained.
    pub active: usize,
}

impl Driver {
    /// Sends what is left in the outbox of all runs, fails the runs whose messages are among the dead letters of shared
    /// queues, and sends again the messages of runs that stand still: a queue forgets its messages after some days, and
    /// an outage can be longer. Doing it twice, or beside workers, does no harm.
    pub async fn sweep(&self) -> Result<Swept, DriverError> {
        let mut swept = Swept { sent: self.flush_prefix("").await?, ..Swept::default() };
        if self.chain.naming() == QueueNaming::PerStage {
            for stage in self.chain.stages() {
                swept.buried += self.bury(&shared_queue(*stage)).await?;
            }
        }
        for (run, since) in self.active_runs().await? {
            swept.active += 1;
            let waited = self.ports.clock.now().duration_since(since).as_secs();
            if waited >= i64::from(self.policy.pipeline.stuck_seconds) && self.revive(&run).await? {
                swept.revived += 1;
            }
        }
        Ok(swept)
    }

    /// Runs that wait for a stage or are at one, and since when.
    pub async fn active_runs(&self) -> Result<Vec<(RunId, Timestamp)>, DriverError> {
        let mut runs = Vec::new();
        for item in self.ports.records.query(keys::ACTIVE, "").await? {
            let since = item.body.get("since").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let since = since.ok_or_else(|| DriverError::Unreadable {
                what: format!("row {} of the running runs", item.sk),
                why: "it has no time `since`".into(),
            })?;
            runs.push((RunId::from(item.sk.as_str()), since));
        }
        Ok(runs)
    }

    /// Sends a run its message again, unless somebody is at work on it. False when there was nothing to do.
    pub(crate) async fn revive(&self, run: &RunId) -> Result<bool, DriverError> {
        let course = self.course(run).await?;
        let Some(message) = course.next_message() else { return Ok(false) };
        let now = self.ports.clock.now();
        let claim = self.claimed(message).await?;
        if claim.is_some_and(|claim| matches!(self.access(message, &claim, now), Access::Taken { .. })) {
            return Ok(false);
        }
        // Unless the head moved meanwhile. The run starts to wait anew, so that not every sweep sends its message.
        let writes = vec![put_head(&course, Some(&course))?, put_active(run, now), self.put_outbox(message)?];
        match self.ports.records.transact(writes).await {
            Ok(()) => {}
            Err(PortError::ConditionFailed { .. }) => return Ok(false), // It moves after all.
            Err(error) => return Err(error.into()),
        }
        tracing::warn!(%run, stage = %message.stage, "nobody worked this run for long; its message is sent again");
        self.send_decided(message).await?;
        Ok(true)
    }
}
