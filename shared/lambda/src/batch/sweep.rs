use std::sync::Arc;

use proofreel_model::stage::StageName;
use proofreel_pipeline::Chain;
use proofreel_publishing::Ledger;

use super::triggers::turn_all;
use super::{Batch, BatchError, BatchReport};
use crate::bell::{Bell, PUBLISH_QUEUE};
use crate::metrics::Metric;

impl Batch {
    /// Finishes starts that were broken off, lets the driver look after runs that stand still, and lets the triggers follow
    /// what is left to do.
    pub(super) async fn sweep(&self) -> Result<BatchReport, BatchError> {
        let mut report = BatchReport::default();
        let mut begun = Ok(());
        for slot in self.notes().await? {
            begun = begun.and(self.start(&slot, &mut report).await);
        }
        let swept = self.driver.sweep().await?;
        report.sent += swept.sent;
        (report.buried, report.revived) = (swept.buried, swept.revived);
        let called = self.call_publisher(&mut report).await;
        self.follow(&mut report).await?;
        begun?;
        called?;
        self.metrics.add(Metric::Swept, 1);
        Ok(report)
    }

    /// Turns the triggers on when work waits, else off. Work that comes while they are being turned off is seen by a
    /// second look, or turns them on itself after it came.
    pub(super) async fn follow(&self, report: &mut BatchReport) -> Result<(), BatchError> {
        report.awake = self.work_waits().await?;
        report.turned = turn_all(self.triggers.as_ref(), &self.names, report.awake).await?;
        if !report.awake && report.turned > 0 && self.work_waits().await? {
            report.awake = true;
            report.turned += turn_all(self.triggers.as_ref(), &self.names, true).await?;
        }
        self.follow_publishing(report).await
    }

    /// Calls for publications that are due: approved and not called for, waiting for a time that has come, or given up by
    /// whoever was called.
    async fn call_publisher(&self, report: &mut BatchReport) -> Result<(), BatchError> {
        if self.publish.is_some() {
            let ports = &self.place.ports;
            let ledger = Ledger::new(Arc::clone(&ports.records), Arc::clone(&ports.clock));
            report.called = Bell::new(ledger, Arc::clone(&ports.queue)).ring().await?;
        }
        Ok(())
    }

    /// The trigger of publishing is on while runs are under way, whose films will be offered, and while a message waits.
    async fn follow_publishing(&self, report: &mut BatchReport) -> Result<(), BatchError> {
        let Some(trigger) = &self.publish else { return Ok(()) };
        let names = std::slice::from_ref(trigger);
        let waits = async || self.place.ports.queue.depth(PUBLISH_QUEUE).await.map(|depth| depth != (0, 0));
        let awake = report.awake || waits().await?;
        report.turned += turn_all(self.triggers.as_ref(), names, awake).await?;
        if !awake && waits().await? {
            report.turned += turn_all(self.triggers.as_ref(), names, true).await?;
        }
        Ok(())
    }

    /// A run is under way, or a stage's queue holds a message, in hand or not.
    async fn work_waits(&self) -> Result<bool, BatchError> {
        if !self.driver.active_runs().await?.is_empty() {
            return Ok(true);
        }
        for stage in StageName::CHAIN {
            let queue = Chain::default().queue(stage, &"".into());
            if self.place.ports.queue.depth(&queue).await? != (0, 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
