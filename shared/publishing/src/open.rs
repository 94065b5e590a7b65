//! Publications under way, as an index: who looks for work need not read every row there ever was.
//!
//! An entry stands from the approval until nothing more is to be done, and every change of the publication's own row writes or
//! removes it in the same transaction. It says when to come again; what is to be done then says the publication's own row alone.

use jiff::Timestamp;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{Condition, Item, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::PublishError;
use crate::ledger::Ledger;
use crate::publication::{Publication, PublishState};

/// Partition of the index.
const OPEN: &str = "publication-open";

/// A publication under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// Not to be looked at before; at once when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How often somebody was called since the publication last moved.
    #[serde(default)]
    pub calls: u32,
}

impl Open {
    /// True when it may be looked at.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }
}

impl Publication {
    /// True when a publisher has something to do: a film to show, or one to hide.
    pub fn is_open(&self) -> bool {
        matches!(self.state, PublishState::Approved | PublishState::Publishing)
            || self.retraction.as_ref().is_some_and(|retraction| !retraction.done)
    }

    /// What a change of this row does to the index.
    pub(crate) fn index_write(&self, before: Option<&Self>) -> Option<Write> {
        if self.is_open() {
            let entry = Open { channel: self.channel.clone(), run: self.run.clone(), not_before: None, calls: 0 };
            let item = Item { pk: OPEN.into(), sk: self.run.to_string(), body: json!(entry) };
            return Some(Write::Put { item, condition: Condition::None });
        }
        before.filter(|row| row.is_open()).map(|_| Write::Delete {
            pk: OPEN.into(),
            sk: self.run.to_string(),
            condition: Condition::None,
        })
    }
}

impl Ledger {
    /// All publications under way, in the order of their runs.
    pub async fn open(&self) -> Result<Vec<Open>, PublishError> {
        let items = self.records.query(OPEN, "").await?;
        // An entry that cannot be read is of a newer version, which looks after it.
        Ok(items.into_iter().filter_map(|item| serde_json::from_value(item.body).ok()).collect())
    }

    /// Leaves a publication alone until then. Nothing happens when it was settled meanwhile.
    pub async fn rest(&self, open: &Open, until: Timestamp, calls: u32) -> Result<(), PublishError> {
        let entry = Open { not_before: Some(until), calls, ..open.clone() };
        let item = Item { pk: OPEN.into(), sk: open.run.to_string(), body: json!(entry) };
        let there = Condition::Equals { field: "run".into(), value: json!(open.run) };
        match self.records.put(item, there).await {
            Err(proofreel_ports::PortError::ConditionFailed { .. }) => Ok(()),
            done => Ok(done?),
        }
    }
}
