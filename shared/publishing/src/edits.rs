//! The record of an edit: who, what became of which script, and that no approval outlives it.

use jiff::Timestamp;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::Digest;
use proofreel_model::ids::RunId;
use proofreel_ports::Write;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::audit::Deed;
use crate::desk::Desk;
use crate::error::PublishError;
use crate::publication::{Publication, PublishState, shown_state};
use crate::roles::{Role, demand};

/// The last edit of an episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The script that it made.
    pub script: Digest,
    /// The revision of the run that it made.
    pub revision: u64,
}

/// An edit that is about to be written.
#[derive(Clone, Copy, Debug)]
pub struct EditRecord<'a> {
    /// Who.
    pub who: &'a str,
    /// The script before.
    pub before: &'a Digest,
    /// The script after.
    pub after: &'a Digest,
    /// The revision of the run that it makes.
    pub revision: u64,
    /// What is not as it was.
    pub places: &'a [String],
}

impl Desk {
    /// Refuses whoever may not edit this channel's episodes, and an episode whose upload has begun.
    ///
    /// # Errors
    /// The refusal; storage.
    pub async fn may_edit(
        &self,
        channel: &ChannelProfile,
        run: &RunId,
        who: &str,
        at_the_machine: bool,
    ) -> Result<(), PublishError> {
        demand(channel, who, at_the_machine, Role::Operator, "edit an episode")?;
        match self.ledger().of(&channel.id, run).await? {
            Some(row) => must_not_have_begun(&row),
            None => Ok(()),
        }
    }

    /// Records an edit together with `writes`, which are the run's rows: all of it or nothing. The approval is void, and whoever
    /// edited is an editor.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when the run went on meanwhile; the upload has begun; storage.
    pub async fn edit(
        &self,
        channel: &ChannelProfile,
        run: &RunId,
        edit: EditRecord<'_>,
        writes: &[Write],
    ) -> Result<Publication, PublishError> {
        let ledger = self.ledger();
        ledger
            .change(&channel.id, run, writes, |row| {
                let now = ledger.now();
                // Before the first film is offered the row is about no film yet.
                let mut row = row.unwrap_or_else(|| Publication::awaiting(&channel.id, run, &Digest::of(b""), now));
                must_not_have_begun(&row)?;
                if let Some(last) = row.edited.as_ref().filter(|last| last.revision >= edit.revision) {
                    let ours = last.revision == edit.revision && last.script == *edit.after && last.by == edit.who;
                    return if ours { Ok(None) } else { Err(PublishError::Busy { run: run.clone() }) };
                }
                row.editors.insert(edit.who.to_owned());
                row.approval = None;
                if matches!(row.state, PublishState::Approved | PublishState::Failed) {
                    row.state = PublishState::AwaitingApproval;
                    row.problem = None;
                }
                row.edited = Some(Edited {
                    by: edit.who.to_owned(),
                    at: now,
                    script: edit.after.clone(),
                    revision: edit.revision,
                });
                let deed = Deed::new(edit.who, "edit", run).with(json!({
                    "channel": channel.id, "before": edit.before, "after": edit.after, "places": edit.places,
                }));
                Ok(Some((row, deed)))
            })
            .await
    }
}

fn must_not_have_begun(row: &Publication) -> Result<(), PublishError> {
    if !row.has_begun() {
        return Ok(());
    }
    Err(PublishError::WrongState {
        run: row.run.clone(),
        state: shown_state(row.state).into(),
        why: "its upload has begun, and what goes out is what was approved".into(),
        hint: format!("take it back with `proofreel retract {} --reason …`, and order the episode anew", row.run),
    })
}
