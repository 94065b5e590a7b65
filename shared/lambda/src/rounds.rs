//! Functions that the clock calls: figures once a day, the watchdog once an hour, a page a week and a month.
//!
//! What is done is [`proofreel_operations`]'; here is only how it is called, and that what fails for one channel keeps no other
//! from its turn.

use std::sync::Arc;

use proofreel_model::channel::ChannelProfile;
use proofreel_operations::notices::Teller;
use proofreel_operations::reports::{self, Period};
use proofreel_operations::{Office, OperationError, measure, revisions, watch};
use proofreel_ports::{Outside, Secrets};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::batch::CurrentPackages;
use crate::metrics::{Metric, Metrics};

/// What a schedule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Round {
    /// Figures of every channel, and what follows from them.
    Measure,
    /// One look of the watchdog.
    Watch,
    /// A page for every channel.
    Report {
        /// Of what time.
        period: Period,
    },
}

/// What rounds are made with.
pub struct Rounds {
    /// The installation.
    pub office: Office,
    /// The one way out.
    pub outside: Arc<dyn Outside>,
    /// Keys.
    pub secrets: Arc<dyn Secrets>,
    /// Who tells people.
    pub teller: Teller,
    /// Signs of life.
    pub metrics: Metrics,
    /// Data packages as they are now.
    pub packages: Arc<dyn CurrentPackages>,
}

impl Rounds {
    /// Makes a round; what it came to is for the log.
    ///
    /// # Errors
    /// Storage, or something of a channel that a person must mend: all the others had their turn.
    pub async fn make(&self, round: Round) -> Result<Value, OperationError> {
        match round {
            Round::Measure => self.measure().await,
            Round::Watch => self.watch().await,
            Round::Report { period } => self.report(period).await,
        }
    }

    async fn measure(&self) -> Result<Value, OperationError> {
        let told = measure::daily(&self.office, self.outside.as_ref(), &self.secrets, &self.teller).await;
        // Whatever became of the figures, published films are held against their sources.
        let (revised, failed) = self.revisions().await?;
        let told = told?;
        failed.map_or(Ok(json!({ "channels": told, "revisions": revised })), Err)
    }

    /// Holds each channel's published films against its sources; a number that changed opens an incident.
    async fn revisions(&self) -> Result<(Vec<Value>, Option<OperationError>), OperationError> {
        let (mut told, mut failed) = (Vec::new(), None);
        for profile in self.office.channels.profiles().await? {
            match self.revised(&profile).await {
                Ok(found) => {
                    let changed: usize = found.iter().map(|found| found.changes.len()).sum();
                    told.push(json!({ "channel": profile.id, "episodes": found.len(), "changed": changed }));
                }
                Err(error) => {
                    tracing::error!(channel = %profile.id, %error, "published films were not held against their sources");
                    failed.get_or_insert(error);
                }
            }
        }
        Ok((told, failed))
    }

    async fn revised(&self, profile: &ChannelProfile) -> Result<Vec<revisions::Found>, OperationError> {
        // Nothing is fetched for a channel that published nothing.
        if self.office.ledger().of_channel(&profile.id).await?.is_empty() {
            return Ok(Vec::new());
        }
        let current = self.packages.of(profile).await.map_err(OperationError::Input)?;
        revisions::check(&self.office, &self.teller, profile, &current, false).await
    }

    async fn watch(&self) -> Result<Value, OperationError> {
        let ask = watch::Ask { scheduled: true, dry_run: false };
        let looked = watch::look(&self.office, &self.teller, self.outside.as_ref(), ask).await?;
        let mut told = self.teller.catch_up().await?;
        told += self.teller.send_due().await?;
        self.metrics.add(Metric::Watched, 1);
        Ok(json!({ "looked": looked, "told": told }))
    }

    async fn report(&self, period: Period) -> Result<Value, OperationError> {
        let profiles = self.office.channels.profiles().await?;
        let (mut made, mut failed) = (Vec::new(), None);
        for profile in &profiles {
            match self.one_report(profile, &profiles, period).await {
                Ok(name) => made.push(json!({ "channel": profile.id, "report": name })),
                Err(error) => {
                    tracing::error!(channel = %profile.id, %error, "no report");
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(json!({ "reports": made })), Err)
    }

    async fn one_report(
        &self,
        profile: &ChannelProfile,
        all: &[ChannelProfile],
        period: Period,
    ) -> Result<String, OperationError> {
        let others: Vec<ChannelProfile> = all.iter().filter(|other| other.id != profile.id).cloned().collect();
        let made = reports::make(&self.office, profile, &others, period, None).await?;
        let kept = reports::keep(&self.office, &made).await?;
        self.teller.tell_report(&made).await?;
        Ok(kept.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_read_as_schedules_send_them() {
        let read = |text: &str| serde_json::from_str::<Round>(text);
        assert_eq!(read(r#"{"do":"measure"}"#).unwrap(), Round::Measure);
        assert_eq!(read(r#"{"do":"watch"}"#).unwrap(), Round::Watch);
        let report = read(r#"{"do":"report","period":"monthly"}"#).unwrap();
        assert_eq!(report, Round::Report { period: Period::Monthly });
        let error = read(r#"{"do":"sweep"}"#).unwrap_err().to_string();
        assert!(error.contains("watch") && error.contains("report"), "{error}");
    }
}
