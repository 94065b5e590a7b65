use jiff::tz::TimeZone;
use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::order::Order;
use proofreel_pipeline::{Compare, DriverError, order_of, run_head, store_packages};
use proofreel_ports::{Condition, Item, Write};

use super::{Batch, BatchError, BatchReport, Slot, channels, live};
use crate::metrics::Metric;

/// Partition of the notes that starts leave.
const NOTES: &str = "batch";

impl Batch {
    /// Begins the slot's runs and lets the triggers follow. What fails for one channel keeps no other from starting.
    pub(super) async fn start_and_wake(&self, slot: &Slot) -> Result<BatchReport, BatchError> {
        let mut report = BatchReport::default();
        let started = self.start(slot, &mut report).await;
        // Runs that did begin must not sleep because another channel could not.
        let followed = self.follow(&mut report).await;
        started.and(followed).map(|()| report)
    }

    /// Begins the slot's runs. Its note stays behind until every channel has one.
    pub(super) async fn start(&self, slot: &Slot, report: &mut BatchReport) -> Result<(), BatchError> {
        self.leave_note(slot).await?;
        let mut failed = Vec::new();
        let mut seen: Vec<ChannelId> = Vec::new();
        for key in channels::channel_files(&self.mirror).await? {
            if let Err(why) = self.begin(&key, slot, &mut seen, report).await {
                tracing::error!(channel_file = key, why, "channel not started");
                failed.push(why);
            }
        }
        if !failed.is_empty() {
            return Err(BatchError::Channels(failed));
        }
        self.take_note_away(slot).await
    }

    /// Starts that were broken off.
    pub(super) async fn notes(&self) -> Result<Vec<Slot>, BatchError> {
        let notes = self.place.ports.records.query(NOTES, "").await?;
        // A note that cannot be read is of another version; the schedule's own repetition has to do.
        Ok(notes.into_iter().filter_map(|note| serde_json::from_value(note.body).ok()).collect())
    }

    async fn begin(
        &self,
        key: &str,
        slot: &Slot,
        seen: &mut Vec<ChannelId>,
        report: &mut BatchReport,
    ) -> Result<(), String> {
        let profile = channels::profile(&self.mirror, key)?;
        if seen.contains(&profile.id) {
            return Err(format!(
                "{key}: another file is the channel `{}` already\n  hint: give each file an `id` of its own",
                profile.id
            ));
        }
        seen.push(profile.id.clone());
        let run = RunId(format!("{}-{}", profile.id, slot.name()));
        if self.is_there(&run).await.map_err(|error| error.to_string())? {
            // Whoever began it may have died before its message was sent.
            report.sent += self.driver.flush(&run).await.map_err(|error| error.to_string())?;
            report.known.push(run.to_string());
            return Ok(());
        }
        let ports = &self.place.ports;
        let fetched = live::folders(ports, self.desks.as_deref(), &profile, &self.place.scratch);
        let packages = channels::packages(&self.mirror, key, &profile, fetched.await?).await?;
        let packages =
            store_packages(ports.blobs.as_ref(), &packages).await.map_err(|error| format!("{key}: {error}"))?;
        let as_of = slot.at.to_zoned(TimeZone::UTC).date();
        let begun = async {
            let outlook = live::outlook(self.desks.as_deref(), &profile, ports.clock.now()).await;
            let pictures = live::pictures(ports, self.desks.as_deref(), &profile).await?;
            let order = order_of(ports, profile, packages, as_of, seed(&run), &Compare::default()).await?;
            let order = Order { outlook, pictures, ..order };
            self.driver.start_as(&run, &order, None).await
        };
        match begun.await {
            Ok(()) => {
                tracing::info!(run = %run, "run begun");
                self.metrics.add(Metric::Started, 1);
                report.begun.push(run.to_string());
                Ok(())
            }
            // Two starts at the same moment, of which the other one saw newer data: one run, the other's.
            Err(DriverError::BadOrder { .. }) if self.is_there(&run).await.unwrap_or(false) => {
                report.known.push(run.to_string());
                Ok(())
            }
            Err(error) => Err(format!("{key}: {error}")),
        }
    }

    async fn is_there(&self, run: &RunId) -> Result<bool, DriverError> {
        match run_head(self.place.ports.records.as_ref(), run).await {
            Ok(_) => Ok(true),
            Err(DriverError::NoSuchRun { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn leave_note(&self, slot: &Slot) -> Result<(), BatchError> {
        let body = serde_json::to_value(slot)
            .map_err(|error| DriverError::Unwritable { what: "the note of a start".into(), why: error.to_string() })?;
        let note = Item { pk: NOTES.into(), sk: slot.name(), body };
        Ok(self.place.ports.records.put(note, Condition::None).await?)
    }

    async fn take_note_away(&self, slot: &Slot) -> Result<(), BatchError> {
        let write = Write::Delete { pk: NOTES.into(), sk: slot.name(), condition: Condition::None };
        Ok(self.place.ports.records.transact(vec![write]).await?)
    }
}

/// The seed of a run, drawn from its name: every week sounds and reads a little different, and a repeated start the same.
fn seed(run: &RunId) -> u64 {
    let digest = Digest::of(run.as_str().as_bytes());
    digest.0.get(..12).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
}
