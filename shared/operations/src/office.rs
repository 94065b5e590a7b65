use std::sync::Arc;

use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::records::RunHead;
use proofreel_model::stage::StageName;
use proofreel_pipeline::run_head;
use proofreel_ports::{Blobs, Clock, Records};
use proofreel_publishing::{Candidate, Desk, Ledger};
use serde::de::DeserializeOwned;

use crate::{Channels, OperationError, settings};

/// Rows, blobs, clock and channel files of an installation: what every operation works with.
#[derive(Clone)]
pub struct Office {
    /// Rows.
    pub records: Arc<dyn Records>,
    /// Artifacts and files.
    pub blobs: Arc<dyn Blobs>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Channel files as they are now.
    pub channels: Arc<dyn Channels>,
}

impl Office {
    /// The rows of publishing.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::clone(&self.records), Arc::clone(&self.clock))
    }

    /// Where people decide.
    pub fn desk(&self) -> Desk {
        Desk::new(self.ledger())
    }

    /// An artifact of a run.
    ///
    /// # Errors
    /// When the run has not come that far, or what is stored cannot be read.
    pub async fn read<T: DeserializeOwned>(&self, head: &RunHead, stage: StageName) -> Result<T, OperationError> {
        let not_yet = || OperationError::NotYet { run: head.run_id.clone(), artifact: stage.artifact() };
        let blob = head.artifacts.get(&stage).ok_or_else(not_yet)?;
        parsed(&self.blobs.fetch(blob).await?, stage.artifact())
    }

    /// The same, where the run has come that far.
    ///
    /// # Errors
    /// When what is stored cannot be read.
    pub async fn read_made<T: DeserializeOwned>(
        &self,
        head: &RunHead,
        stage: StageName,
    ) -> Result<Option<T>, OperationError> {
        match self.read(head, stage).await {
            Ok(artifact) => Ok(Some(artifact)),
            Err(OperationError::NotYet { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The order of a run.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn order(&self, head: &RunHead) -> Result<Order, OperationError> {
        parsed(&self.blobs.fetch(&head.order).await?, "the order")
    }

    /// The run as it is now, under its channel's file as it is now.
    ///
    /// # Errors
    /// When there is no such run, or it has no film yet.
    pub async fn candidate(&self, run: &RunId) -> Result<Candidate, OperationError> {
        let head = run_head(self.records.as_ref(), run).await?;
        let channel = self.channels.current(&self.order(&head).await?).await?;
        let film = self.read(&head, StageName::Render).await?;
        let qa = self.read(&head, StageName::Qa).await?;
        let not_yet = || OperationError::NotYet { run: run.clone(), artifact: StageName::Render.artifact() };
        let film_digest = head.artifacts.get(&StageName::Render).map(|blob| blob.digest.clone()).ok_or_else(not_yet)?;
        Ok(Candidate { channel, head, film_digest, film, qa })
    }

    /// The same for whoever decides or publishes: what changed in the channels' files since is written into the audit chain first.
    ///
    /// # Errors
    /// See [`Office::candidate`].
    pub async fn deciding(&self, run: &RunId) -> Result<Candidate, OperationError> {
        settings::note(self).await?;
        self.candidate(run).await
    }
}

fn parsed<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, OperationError> {
    serde_json::from_slice(bytes)
        .map_err(|error| OperationError::Unreadable { what: what.to_owned(), why: error.to_string() })
}
