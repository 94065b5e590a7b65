//! A person's words on their way into a run: applied, judged, and only then written, by whoever records who it was.

use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::{BlobRef, canonical_json};
use proofreel_model::edit::Changes;
use proofreel_model::ids::RunId;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_ports::{NoParts, Records, Silent, Write};
use proofreel_stages::qa::{self, QaInput};
use proofreel_stages::script::edit;
use proofreel_stages::{Context, StageError};

use crate::course::Course;
use crate::driver::{Driver, put_course, stored};
use crate::error::DriverError;
use crate::packages::LoadError;
use crate::work::Fault;
use crate::{keys, schemas};

/// What changes to a run's words come to.
#[derive(Debug)]
pub enum EditPlan {
    /// They are there already, or say what is said anyhow.
    Unchanged(Box<RunHead>),
    /// They are no words of an episode, or QA does not let them pass; these are its words.
    Refused(Vec<String>),
    /// They may be written.
    Ready(Box<Edit>),
}

/// An edit that QA lets pass, not yet written.
#[derive(Debug)]
pub struct Edit {
    /// The run as it will be.
    pub head: RunHead,
    /// The script that it was made of.
    pub before: BlobRef,
    /// The edited script.
    pub script: BlobRef,
    /// The revision of the run that it makes.
    pub revision: u64,
    /// What is not as it was.
    pub places: Vec<String>,
    /// The verdict of the rehearsal.
    pub report: QaReport,
    bytes: Vec<u8>,
    writes: Vec<Write>,
}

impl Edit {
    /// The writes of the run's rows. They hold only while the run is as it was read: one transaction with the record of who
    /// edited it.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }
}

/// Why a run's words cannot be changed now, if so.
///
/// # Errors
/// The refusal with what to do; storage.
pub async fn must_be_editable(records: &dyn Records, run: &RunId) -> Result<(), DriverError> {
    editable(&stored(records, run).await?)
}

impl Driver {
    /// What these changes would come to. QA judges them here, and once more in its place when they are written.
    ///
    /// # Errors
    /// When the run is at work or its words are not to be changed any more.
    pub async fn plan_edit(
        &self,
        run: &RunId,
        changes: &Changes,
        until: Option<StageName>,
    ) -> Result<EditPlan, DriverError> {
        let course = self.course(run).await?;
        let open = editable(&course);
        let Some(before) = course.head.artifacts.get(&StageName::Script).cloned() else {
            return Err(open.err().unwrap_or_else(|| not_editable(run, "it has no script yet", GO_ON)));
        };
        let script: Script = self.artifact(&course, StageName::Script).await?;
        let brief: ResearchBrief = self.artifact(&course, StageName::Research).await?;
        let scenes: Scenes = self.artifact(&course, StageName::SceneBuilder).await?;
        let edited = match edit::apply(&script, (&brief, &scenes), changes, &self.policy) {
            Ok(edited) => edited,
            Err(reasons) => return open.map(|()| EditPlan::Refused(reasons)),
        };
        // Whoever repeats an edit finds it done, whatever the run is at by now.
        if edited.script == script {
            return Ok(EditPlan::Unchanged(Box::new(course.head)));
        }
        open?;
        if changes.base.as_ref().is_some_and(|base| base.is_empty() || !before.digest.0.starts_with(base.as_str())) {
            return Err(not_editable(
                run,
                "the script is not the one that the form was made of",
                "somebody changed it meanwhile: show the form again and put your changes into it",
            ));
        }
        let report = self.rehearse(&course, (brief, scenes, edited.script.clone())).await?;
        if let Some(mut reasons) = against(&report) {
            reasons.extend(edited.notes);
            return Ok(EditPlan::Refused(reasons));
        }
        let unwritable = |why: String| DriverError::Unwritable { what: "the edited script".into(), why };
        let bytes = canonical_json(&edited.script).map_err(|error| unwritable(error.to_string()))?;
        let document = serde_json::from_slice(&bytes).map_err(|error| unwritable(error.to_string()))?;
        schemas::check(StageName::Script.artifact(), &document).map_err(unwritable)?;
        let blob = BlobRef::to(keys::ARTIFACTS, &bytes);
        let next = course.edited(&blob, until, &self.chain, self.ports.clock.now());
        let mut writes = Vec::from(put_course(&next, Some(&course))?);
        if let Some(message) = next.next_message() {
            writes.push(self.put_outbox(message)?);
        }
        let (places, revision) = (edited.places, next.revision);
        let edit = Edit { head: next.head, before, script: blob, revision, places, report, bytes, writes };
        Ok(EditPlan::Ready(Box::new(edit)))
    }

    /// Stores the edited script, before the rows that name it.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn keep_edit(&self, edit: &Edit) -> Result<(), DriverError> {
        self.ports.blobs.store(keys::ARTIFACTS, &edit.bytes).await?;
        Ok(())
    }

    /// Sends the run on its way after its rows were written; whoever is cut off before is made good by resuming.
    ///
    /// # Errors
    /// When the queue fails.
    pub async fn send_edit(&self, run: &RunId) -> Result<(), DriverError> {
        self.flush(run).await.map(|_| ())
    }

    async fn artifact<T: serde::de::DeserializeOwned>(
        &self,
        course: &Course,
        stage: StageName,
    ) -> Result<T, DriverError> {
        let name = stage.artifact();
        let unreadable = |why: String| DriverError::Unreadable { what: format!("the {name} of the run"), why };
        let blob = course.head.artifacts.get(&stage).ok_or_else(|| unreadable("there is none".into()))?;
        let bytes = self.ports.blobs.fetch(blob).await?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
    }

    /// QA's report on artifacts that are not stored.
    async fn rehearse(
        &self,
        course: &Course,
        (brief, scenes, script): (ResearchBrief, Scenes, Script),
    ) -> Result<QaReport, DriverError> {
        let order = self.order(&course.head.order).await.map_err(of_fault)?;
        let loaded = self.packages.load(self.ports.blobs.as_ref(), &order).await.map_err(|error| match error {
            LoadError::Port(error) => error.into(),
            LoadError::Unusable(why) => DriverError::Unreadable { what: "the run's data packages".into(), why },
        })?;
        let context = Context {
            order: &order,
            library: &loaded.library,
            packages: &loaded.packages,
            pictures: &[],
            policy: &self.policy,
            voice: self.voice.as_ref(),
            writer: None,
            parts: &NoParts,
            progress: &Silent,
            scratch: &self.scratch,
            visit: 1,
            reasons: &[],
        };
        let input = QaInput::of(brief, scenes, script).map_err(of_stage)?;
        qa::judge(&input, &context).map_err(of_stage)
    }
}

const GO_ON: &str = "go on with `proofreel produce --resume RUN`, then edit it";

fn not_editable(run: &RunId, why: &str, hint: &str) -> DriverError {
    let hint = hint.replace("RUN", run.as_str());
    DriverError::NotEditable { run: run.clone(), why: why.to_owned(), hint }
}

/// Refuses a run whose script is not there, is being read, or leads nowhere.
fn editable(course: &Course) -> Result<(), DriverError> {
    let head = &course.head;
    let run = &head.run_id;
    let refuse = |why: &str, hint: &str| Err(not_editable(run, why, hint));
    if head.draft {
        return refuse("it is a draft", "drafts are for reading; order the episode with `proofreel produce`");
    }
    if !head.artifacts.contains_key(&StageName::Script) {
        return refuse("it has no script yet", GO_ON);
    }
    match &head.state {
        RunState::Done => Ok(()),
        RunState::Stopped { after } if *after >= StageName::Script => Ok(()),
        RunState::Held { stage, .. } if *stage >= StageName::Qa => Ok(()),
        // Sent back by a person, and not begun: the edit stands in for the rewrite. A worker that begins it now finds its
        // visit overtaken.
        RunState::Running { stage: StageName::Script } if is_sent_back(course) => Ok(()),
        RunState::Running { stage } => refuse(&format!("the {stage} stage is at it or waits for it"), GO_ON),
        RunState::Stopped { after } => refuse(&format!("it stopped after {after}"), GO_ON),
        RunState::Held { stage, .. } => refuse(&format!("{stage} holds it"), GO_ON),
        RunState::Failed { stage, .. } => refuse(&format!("its {stage} stage failed"), GO_ON),
        RunState::Rejected { stage, .. } => {
            refuse(&format!("{stage} rejected it"), "mend the cause and order a new run with `proofreel produce`")
        }
    }
}

/// True when the awaited stage itself was sent back: what lies before it is what its last artifact was made of.
fn is_sent_back(course: &Course) -> bool {
    course.next_message().is_some_and(|message| !message.reasons.is_empty())
}

/// What QA has against it, in its words.
fn against(report: &QaReport) -> Option<Vec<String>> {
    match &report.verdict {
        Decision::Pass => None,
        Decision::Rewrite { reasons, .. } | Decision::Reject { reasons } => Some(reasons.clone()),
    }
}

fn of_fault(fault: Fault) -> DriverError {
    match fault {
        Fault::Storage(error) => error,
        Fault::Retryable(why) | Fault::OutOfTime(why) | Fault::Permanent(why) => {
            DriverError::Unreadable { what: "the order".into(), why }
        }
    }
}

fn of_stage(error: StageError) -> DriverError {
    DriverError::Unreadable { what: "what QA judges by".into(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn course(state: RunState) -> Course {
        let order = serde_json::from_value(serde_json::json!({
            "channel": {"id": "c", "name": "C", "kind": "finance", "audience": "all", "sources": []},
            "as_of": "2026-11-22", "seed": 7, "format": "landscape", "packages": [],
        }));
        let stored = BlobRef::to("order", b"o");
        let mut course =
            Course::begin(&"r".into(), &order.unwrap(), stored, StageName::Planner, None, Timestamp::UNIX_EPOCH);
        course.head.artifacts.insert(StageName::Script, BlobRef::to("artifact", b"script"));
        course.head.state = state;
        course
    }

    #[test]
    fn words_are_changed_while_nobody_reads_them_and_something_can_come_of_it() {
        use StageName::{Qa, Render, Research, SceneBuilder, Script};
        let held = |stage| RunState::Held { stage, reason: "why".into() };
        let open = [RunState::Done, RunState::Stopped { after: Script }, held(Qa), held(Render)];
        for state in open {
            assert!(editable(&course(state.clone())).is_ok(), "{state:?}");
        }
        let shut = [
            RunState::Running { stage: Qa },
            RunState::Running { stage: Render },
            RunState::Running { stage: Script },
            RunState::Stopped { after: SceneBuilder },
            held(Research),
            RunState::Failed { stage: Render, error: "e".into() },
            RunState::Rejected { stage: Qa, reasons: Vec::new() },
        ];
        for state in shut {
            let refused = editable(&course(state.clone())).unwrap_err().to_string();
            assert!(refused.contains("hint:") && !refused.contains("RUN"), "{state:?}: {refused}");
        }
        let mut draft = course(RunState::Done);
        draft.head.draft = true;
        assert!(editable(&draft).is_err());
        let mut wordless = course(RunState::Done);
        wordless.head.artifacts.clear();
        assert!(editable(&wordless).is_err());
    }
}
