//! A person edits an episode: the form, and what becomes of it.

mod form;

pub use form::Form;

use proofreel_model::edit::Changes;
use proofreel_model::ids::RunId;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, EditPlan, must_be_editable, run_head};
use proofreel_publishing::{EditRecord, Publication};
use serde::Serialize;

use crate::{Office, OperationError, settings};

/// Who wants what changed.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who.
    pub who: String,
    /// True for somebody who runs the command where the state folder lies.
    pub at_the_machine: bool,
    /// What.
    pub changes: Changes,
    /// Only say what would come of it.
    pub dry_run: bool,
    /// Where the run is to stop then; it goes to its end when left out.
    pub until: Option<StageName>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum Outcome {
    /// The episode says so already; nothing was written.
    Unchanged,
    /// Nothing was changed.
    Refused {
        /// Why, in QA's words, or why they are no words of an episode.
        reasons: Vec<String>,
    },
    /// QA would let it pass; nothing was written.
    WouldPass {
        /// What would be changed.
        places: Vec<String>,
    },
    /// Written: approvals are void, and the run waits at QA.
    Done {
        /// What was changed.
        places: Vec<String>,
        /// The publication's row.
        #[serde(skip)]
        publication: Box<Publication>,
    },
}

/// The words of a run that a person may change.
///
/// # Errors
/// When there is no such run, it has no script yet, or storage fails.
pub async fn form(office: &Office, run: &RunId) -> Result<Form, OperationError> {
    let head = run_head(office.records.as_ref(), run).await?;
    let script: Script = office.read(&head, StageName::Script).await?;
    let not_yet = || OperationError::NotYet { run: run.clone(), artifact: StageName::Script.artifact() };
    let blob = head.artifacts.get(&StageName::Script).ok_or_else(not_yet)?;
    let open = match must_be_editable(office.records.as_ref(), run).await {
        Err(error) if error.is_retryable() => return Err(error.into()),
        open => open.map_err(|error| error.to_string()),
    };
    let row = office.ledger().of(&head.channel, run).await?;
    let begun = || {
        Err(format!(
            "run `{run}` cannot be edited: its upload has begun\n  hint: retract it, and order the episode anew"
        ))
    };
    let open = if row.is_some_and(|row| row.has_begun()) { begun() } else { open };
    Ok(Form::of(run, &blob.digest, &script, open))
}

/// Changes the words of a run, if QA lets them pass. The same request again changes nothing.
///
/// # Errors
/// When the person may not, the run is at work or was published, somebody else was faster, or storage fails. What QA has
/// against the words is no error: see [`Outcome::Refused`].
pub async fn edit(office: &Office, driver: &Driver, run: &RunId, request: &Request) -> Result<Outcome, OperationError> {
    if !request.dry_run {
        settings::note(office).await?;
    }
    let head = run_head(office.records.as_ref(), run).await?;
    let channel = office.channels.current(&office.order(&head).await?).await?;
    let desk = office.desk();
    desk.may_edit(&channel, run, &request.who, request.at_the_machine).await?;
    if request.changes.is_empty() {
        return Err(OperationError::Input(format!(
            "nothing was said to change\n  hint: `proofreel edit {run} --show` prints the form; give it back with --script, or give --title"
        )));
    }
    let edit = match driver.plan_edit(run, &request.changes, request.until).await? {
        EditPlan::Unchanged(_) => {
            // Its rows may have been written by a process that was cut off before the message left.
            if !request.dry_run {
                driver.send_edit(run).await?;
            }
            return Ok(Outcome::Unchanged);
        }
        EditPlan::Refused(reasons) => return Ok(Outcome::Refused { reasons }),
        EditPlan::Ready(edit) if request.dry_run => return Ok(Outcome::WouldPass { places: edit.places }),
        EditPlan::Ready(edit) => edit,
    };
    driver.keep_edit(&edit).await?;
    let record = EditRecord {
        who: &request.who,
        before: &edit.before.digest,
        after: &edit.script.digest,
        revision: edit.revision,
        places: &edit.places,
    };
    let publication = Box::new(desk.edit(&channel, run, record, edit.writes()).await?);
    driver.send_edit(run).await?;
    Ok(Outcome::Done { places: edit.places, publication })
}
