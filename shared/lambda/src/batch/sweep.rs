use proofreel_model::envelope::Envelope;
use proofreel_model::records::RunHead;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, dead_letters, runs_under_way};

use super::triggers::turn_all;
use super::{Batch, BatchError, BatchReport};
use crate::letter::ParkedLetter;
use crate::metrics::Metric;

/// Dead letters read a sweep: more than that is an incident that a person has to look at first.
const LETTERS: usize = 100;
/// How long a letter is out of sight while it is read, milliseconds: no letter is read twice in one sweep.
const READING_MS: u64 = 60_000;

/// What waits.
struct Work {
    under_way: Vec<RunHead>,
    /// Messages in the queues of all stages, in hand or not.
    messages: u64,
}

impl Work {
    fn is_there(&self) -> bool {
        !self.under_way.is_empty() || self.messages > 0
    }
}

impl Batch {
    /// Finishes starts that were broken off, sends what was left, fails the runs of dead letters, and lets the triggers
    /// follow what is left to do.
    pub(super) async fn sweep(&self) -> Result<BatchReport, BatchError> {
        let mut report = BatchReport::default();
        let mut begun = Ok(());
        for slot in self.notes().await? {
            begun = begun.and(self.start(&slot, &mut report).await);
        }
        report.sent += self.driver.sweep().await?;
        report.given_up = self.read_letters().await?;
        report.sent += self.send_lost().await?;
        self.follow(&mut report).await?;
        begun?;
        self.metrics.add(Metric::Swept, 1);
        Ok(report)
    }

    /// Turns the triggers on when work waits, else off. Work that comes while they are being turned off is seen by a
    /// second look, or turns them on itself after it came.
    pub(super) async fn follow(&self, report: &mut BatchReport) -> Result<(), BatchError> {
        report.awake = self.work().await?.is_there();
        report.turned = turn_all(self.triggers.as_ref(), &self.names, report.awake).await?;
        if !report.awake && report.turned > 0 && self.work().await?.is_there() {
            report.awake = true;
            report.turned += turn_all(self.triggers.as_ref(), &self.names, true).await?;
        }
        Ok(())
    }

    async fn work(&self) -> Result<Work, BatchError> {
        let ports = &self.place.ports;
        let under_way = runs_under_way(ports.records.as_ref(), ports.clock.now()).await?;
        let mut messages = 0;
        for stage in StageName::CHAIN {
            let (visible, hidden) = ports.queue.depth(&queue(stage)).await?;
            messages += visible + hidden;
        }
        Ok(Work { under_way, messages })
    }

    /// Sends the messages of runs again that rest longer than any message can be hidden while all queues are empty: their
    /// message is nowhere.
    async fn send_lost(&self) -> Result<usize, BatchError> {
        let work = self.work().await?;
        if work.messages > 0 {
            return Ok(0);
        }
        let patience_ms = i64::from(self.policy.pipeline.visibility_seconds.max(self.policy.pipeline.lease_seconds)) * 1000;
        let latest = self.place.ports.clock.now().as_millisecond() - patience_ms;
        let lost: Vec<_> = work.under_way.iter().filter(|head| head.updated_at.as_millisecond() < latest).collect();
        for head in &lost {
            tracing::warn!(run = %head.run_id, "its message is nowhere; sent again");
            self.driver.send_again(&head.run_id).await?;
        }
        Ok(lost.len())
    }

    /// Fails the runs whose messages lie among the dead letters, so that they do not keep the triggers on for ever. The
    /// letters stay for a person.
    async fn read_letters(&self) -> Result<usize, BatchError> {
        let queue = dead_letters(&queue(StageName::Planner)); // the one of all stages
        let mut given_up = 0;
        let mut read = 0;
        while read < LETTERS {
            let letters = self.place.ports.queue.receive(&queue, 10, READING_MS, u32::MAX).await?;
            if letters.is_empty() {
                break;
            }
            read += letters.len();
            for letter in letters {
                let parked = serde_json::from_str::<ParkedLetter>(&letter.body).ok();
                let body = parked.as_ref().map_or(letter.body.as_str(), |parked| parked.body.as_str());
                let Ok(message) = serde_json::from_str::<Envelope>(body) else { continue };
                let why = parked.map_or_else(|| self.driver.delivered_too_often(), |parked| parked.parked);
                given_up += usize::from(self.driver.give_up(&message, &why).await?);
            }
        }
        Ok(given_up)
    }
}

fn queue(stage: StageName) -> String {
    Chain::default().queue(stage, &"".into())
}
