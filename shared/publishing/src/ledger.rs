//! The rows: one transaction a change, each with its link of the audit chain.

use std::sync::Arc;

use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{Clock, Condition, Item, PortError, Records, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::{self, Deed};
use crate::error::PublishError;
use crate::publication::Publication;

/// Tries of a change that others overtake: all writers share one chain.
const TRIES: u32 = 60;

/// Publishing is off, for every channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// True when nothing may be uploaded or made public.
    pub off: bool,
    /// Who turned it.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// The run that may go public on a channel, until another one's turn comes: two that were checked at the same time must not
/// both go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// Counts the turns of the channel; each names the one it was computed from.
    pub number: u64,
    /// Whose it is.
    pub run: RunId,
    /// When its film goes public.
    pub at: Timestamp,
}

/// The rows of publishing.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) records: Arc<dyn Records>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What a change gives: the row and what is to be told of it, or nothing to do.
pub(crate) type Change = Option<(Publication, Deed)>;

impl Ledger {
    /// The rows in `records`.
    pub fn new(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self { records, clock }
    }

    /// Where the rows are.
    pub fn records(&self) -> &dyn Records {
        self.records.as_ref()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn partition(channel: &ChannelId) -> String {
        format!("publication#{channel}")
    }

    /// The row of a run; none before anything was decided.
    pub async fn of(&self, channel: &ChannelId, run: &RunId) -> Result<Option<Publication>, PublishError> {
        let row = self.records.get(&Self::partition(channel), run.as_str()).await?;
        row.map(|row| read(row, run.as_str())).transpose()
    }

    /// All rows of a channel, in the order of their runs.
    pub async fn of_channel(&self, channel: &ChannelId) -> Result<Vec<Publication>, PublishError> {
        let rows = self.records.query(&Self::partition(channel), "").await?;
        rows.into_iter().map(|item| read(item.body, &item.sk)).collect()
    }

    /// Changes a run's row and writes the audit link in one transaction. `change` is asked again when somebody else was
    /// faster, with the row as it is then.
    pub(crate) async fn change(
        &self,
        channel: &ChannelId,
        run: &RunId,
        also: &[Write],
        mut change: impl FnMut(Option<Publication>) -> Result<Change, PublishError>,
    ) -> Result<Publication, PublishError> {
        for _ in 0..TRIES {
            if let Some(row) = self.try_change(channel, run, also, &mut change).await? {
                return Ok(row);
            }
        }
        Err(PublishError::Busy { run: run.clone() })
    }

    /// The same, tried once: nothing when a condition did not hold, be it the row's, the chain's or one in `also`.
    pub(crate) async fn try_change(
        &self,
        channel: &ChannelId,
        run: &RunId,
        also: &[Write],
        change: &mut impl FnMut(Option<Publication>) -> Result<Change, PublishError>,
    ) -> Result<Option<Publication>, PublishError> {
        let before = self.of(channel, run).await?;
        let revision = before.as_ref().map(|row| row.revision);
        let kept = before.clone();
        let Some((mut after, deed)) = change(before)? else {
            return kept.map(Some).ok_or_else(|| PublishError::Unreadable {
                what: format!("the publication of {run}"),
                why: "there is none".into(),
            });
        };
        after.revision = revision.map_or(1, |revision| revision + 1);
        after.updated_at = self.clock.now();
        let body = serde_json::to_value(&after)
            .map_err(|error| PublishError::Unreadable { what: run.to_string(), why: error.to_string() })?;
        let condition = revision.map_or(Condition::Absent, |revision| Condition::Equals {
            field: "revision".into(),
            value: revision.into(),
        });
        let head = audit::head(self.records.as_ref()).await?;
        let item = Item { pk: Self::partition(channel), sk: run.to_string(), body };
        let mut writes = vec![Write::Put { item, condition }];
        writes.extend(audit::writes(&head, after.updated_at, deed));
        writes.extend(after.index_write(kept.as_ref()));
        writes.extend(also.iter().cloned());
        match self.records.transact(writes).await {
            Ok(()) => Ok(Some(after)),
            // A lost race, or a lost answer of our own write: the row says which, and `change` decides from it.
            Err(PortError::ConditionFailed { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a deed that changes no run's row.
    pub async fn note(&self, deed: Deed) -> Result<(), PublishError> {
        self.put_with(Vec::new(), deed).await
    }

    /// Writes rows that no publication is, with the deed that changed them, in one transaction.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when a row's condition does not hold: somebody else changed it.
    pub async fn put_with(&self, rows: Vec<Write>, deed: Deed) -> Result<(), PublishError> {
        for _ in 0..TRIES {
            let head = audit::head(self.records.as_ref()).await?;
            let mut writes = rows.clone();
            writes.extend(audit::writes(&head, self.clock.now(), deed.clone()));
            match self.records.transact(writes).await {
                Err(PortError::ConditionFailed { .. }) => {}
                done => return Ok(done?),
            }
        }
        Err(PublishError::Busy { run: RunId::from(deed.subject) })
    }

    /// Who may publish what: one run a video file, for ever. `None` when the file is nobody's yet.
    pub(crate) async fn holder_of(&self, channel: &ChannelId, video: &Digest) -> Result<Option<RunId>, PublishError> {
        let row = self.records.get(&content(channel), &video.0).await?;
        Ok(row.and_then(|row| row.get("run").and_then(|run| run.as_str().map(RunId::from))))
    }

    /// The write that makes this video file the run's.
    pub(crate) fn claim_of(channel: &ChannelId, run: &RunId, video: &Digest) -> Write {
        let item = Item { pk: content(channel), sk: video.0.clone(), body: json!({ "run": run }) };
        Write::Put { item, condition: Condition::Absent }
    }

    /// Whose turn it was last to go public on a channel.
    pub(crate) async fn turn_of(&self, channel: &ChannelId) -> Result<Option<Turn>, PublishError> {
        let row = self.records.get(TURN, channel.as_str()).await?;
        row.map(|row| read(row, "the channel's turn to publish")).transpose()
    }

    /// The write that makes it this run's turn to go public at `at`, unless another run took it meanwhile.
    pub(crate) fn turn_write(channel: &ChannelId, run: &RunId, at: Timestamp, before: Option<&Turn>) -> Write {
        let turn = Turn { number: before.map_or(1, |turn| turn.number + 1), run: run.clone(), at };
        let condition = before
            .map_or(Condition::Absent, |turn| Condition::Equals { field: "number".into(), value: turn.number.into() });
        Write::Put { item: Item { pk: TURN.into(), sk: channel.to_string(), body: json!(turn) }, condition }
    }

    /// Turns publishing off or on, for every channel.
    pub async fn turn(&self, off: bool, by: &str, why: &str) -> Result<(), PublishError> {
        let switch = Switch { off, by: by.to_owned(), why: why.to_owned(), at: self.clock.now() };
        let item = Item { pk: SWITCH.into(), sk: SWITCH.into(), body: json!(switch) };
        let deed = Deed::new(by, if off { "publishing.off" } else { "publishing.on" }, "all channels");
        self.put_with(vec![Write::Put { item, condition: Condition::None }], deed.with(json!({ "why": why }))).await
    }

    /// Refuses while publishing is off.
    pub async fn must_be_on(&self) -> Result<(), PublishError> {
        let Some(row) = self.records.get(SWITCH, SWITCH).await? else { return Ok(()) };
        // A switch that cannot be read is off.
        let switch: Switch = read(row, "the switch of publishing")?;
        if switch.off { Err(PublishError::SwitchedOff { by: switch.by, why: switch.why }) } else { Ok(()) }
    }
}

const SWITCH: &str = "publishing-switch";
const TURN: &str = "publishing-turn";
const CONTENT: &str = "published-video#";

fn content(channel: &ChannelId) -> String {
    format!("{CONTENT}{channel}")
}

fn read<T: serde::de::DeserializeOwned>(row: serde_json::Value, what: &str) -> Result<T, PublishError> {
    serde_json::from_value(row)
        .map_err(|error| PublishError::Unreadable { what: what.to_owned(), why: error.to_string() })
}
