//! Where a run is and where it goes: the pure state machine behind the driver.
//!
//! No storage and no clock here; [`Course::after`] takes what a stage decided and gives the run's next state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proofreel_model::digest::BlobRef;
use proofreel_model::envelope::{Envelope, Share};
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use serde::{Deserialize, Serialize};

use crate::chain::Chain;

/// The head row of a run with what only the driver needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Course {
    /// What everybody may read.
    #[serde(flatten)]
    pub head: RunHead,
    /// Counts the writes of this row. Every write names the revision it was computed from: a worker or an operator who
    /// read the row some time ago cannot undo what happened since.
    pub revision: u64,
    /// Visits of each stage so far, the awaited one included.
    pub visits: BTreeMap<StageName, u32>,
    /// The message the run waits for, or would wait for once resumed. This copy is the law: a message from the
    /// queue only says which visit it is about.
    pub message: Option<Envelope>,
    /// True while what QA and the stages after it look at are a person's words: no rewrite that nobody ordered throws them
    /// away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
}

/// What came of an attempt that ended the visit or the run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// On to the next stage.
    Advance { output: BlobRef, files: BTreeMap<String, BlobRef> },
    /// Back to an earlier stage.
    Rewrite { target: StageName, reasons: Vec<String>, report: BlobRef },
    /// The episode ends here.
    Reject { reasons: Vec<String>, report: Option<BlobRef> },
    /// Waits for a person or a date.
    Hold { reason: String },
    /// No more attempts.
    Fail { error: String },
}

impl Decision {
    /// In the words of the run log.
    pub fn name(&self) -> String {
        match self {
            Self::Advance { .. } => "advance".into(),
            Self::Rewrite { target, .. } => format!("rewrite {target}"),
            Self::Reject { .. } => "reject".into(),
            Self::Hold { .. } => "hold".into(),
            Self::Fail { .. } => "error".into(),
        }
    }

    /// What it gave: the artifact first, then files by name.
    pub fn output_refs(&self) -> Vec<BlobRef> {
        match self {
            Self::Advance { output, files } => std::iter::once(output).chain(files.values()).cloned().collect(),
            Self::Rewrite { report, .. } => vec![report.clone()],
            Self::Reject { report, .. } => report.iter().cloned().collect(),
            Self::Hold { .. } | Self::Fail { .. } => Vec::new(),
        }
    }

    /// Why it was sent back or stopped, one line.
    pub fn summary(&self) -> Option<String> {
        match self {
            Self::Advance { .. } => None,
            Self::Rewrite { reasons, .. } | Self::Reject { reasons, .. } => Some(one_line(&reasons.join("; "))),
            Self::Hold { reason } => Some(one_line(reason)),
            Self::Fail { error } => Some(one_line(error)),
        }
    }

    /// True when the visit is over: it will not be tried again.
    pub fn completes_visit(&self) -> bool {
        matches!(self, Self::Advance { .. } | Self::Rewrite { .. } | Self::Reject { .. })
    }

    fn artifact(&self) -> Option<&BlobRef> {
        match self {
            Self::Advance { output, .. } => Some(output),
            Self::Rewrite { report, .. } => Some(report),
            Self::Reject { report, .. } => report.as_ref(),
            Self::Hold { .. } | Self::Fail { .. } => None,
        }
    }
}

/// Text for a one-line field.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Course {
    /// A run that waits for its first stage.
    pub fn begin(
        run: &RunId,
        order: &Order,
        stored: BlobRef,
        first: StageName,
        until: Option<StageName>,
        now: Timestamp,
    ) -> Self {
        let message = Envelope {
            run: run.clone(),
            channel: order.channel.id.clone(),
            stage: first,
            visit: 1,
            share: Share::Whole,
            order: stored.clone(),
            artifacts: BTreeMap::new(),
            rewrites: 0,
            reasons: Vec::new(),
            until,
        };
        let head = RunHead {
            run_id: run.clone(),
            channel: order.channel.id.clone(),
            order: stored,
            state: RunState::Running { stage: first },
            artifacts: BTreeMap::new(),
            files: BTreeMap::new(),
            rewrites: 0,
            draft: order.draft,
            created_at: now,
            updated_at: now,
        };
        Self { head, revision: 1, visits: BTreeMap::from([(first, 1)]), message: Some(message), edited: false }
    }

    /// The message of this visit, when it is the one the run waits for.
    pub fn awaited(&self, stage: StageName, visit: u32) -> Option<&Envelope> {
        self.next_message().filter(|message| message.stage == stage && message.visit == visit)
    }

    /// The message a running run waits for.
    pub fn next_message(&self) -> Option<&Envelope> {
        self.message.as_ref().filter(|_| matches!(self.head.state, RunState::Running { .. }))
    }

    /// The course once the awaited message was decided upon. `max_rewrites` bounds what QA may order by itself;
    /// beyond it the run is held.
    pub fn after(&self, decision: &Decision, chain: &Chain, max_rewrites: u32, now: Timestamp) -> Self {
        let mut course = self.successor(now);
        let Some(message) = self.message.as_ref() else { return course };
        let stage = message.stage;
        if let Some(artifact) = decision.artifact() {
            course.head.artifacts.insert(stage, artifact.clone());
        }
        match decision {
            Decision::Advance { output, files } => {
                course.head.files.extend(files.clone());
                course.advance(message, output, chain);
            }
            Decision::Rewrite { target, reasons, .. } if course.edited => {
                course.hold_edit(message, stage, *target, reasons, chain);
            }
            Decision::Reject { reasons, .. } if course.edited => {
                course.hold_edit(message, stage, StageName::Script, reasons, chain);
            }
            Decision::Rewrite { target, reasons, .. } if message.rewrites < max_rewrites => {
                course.rewrite(message, *target, reasons, chain);
            }
            // Out of rewrites: what would come next is prepared, and a person decides whether it is worth another try.
            Decision::Rewrite { target, reasons, .. } => {
                let reason = format!(
                    "{stage} asks for rewrite {} of {target}, the channel allows {max_rewrites} without a person: {}",
                    message.rewrites + 1,
                    reasons.join("; ")
                );
                course.rewrite(message, *target, reasons, chain);
                course.head.state = RunState::Held { stage, reason };
            }
            Decision::Reject { reasons, .. } => course.end(RunState::Rejected { stage, reasons: reasons.clone() }),
            // The message stays: resuming tries the same visit again.
            Decision::Hold { reason } => course.head.state = RunState::Held { stage, reason: reason.clone() },
            Decision::Fail { error } => course.head.state = RunState::Failed { stage, error: error.clone() },
        }
        course
    }

    /// The course once an operator lets a stopped, held or failed run go on; unchanged otherwise.
    pub fn resumed(&self, until: Option<StageName>, now: Timestamp) -> Self {
        let mut course = self.successor(now);
        if let Some(message) = &mut course.message {
            message.until = until;
            course.head.state = RunState::Running { stage: message.stage };
        }
        course
    }

    /// The course once a person sent the finished episode back to a stage: what it and all after it gave is made again.
    pub fn sent_back(&self, target: StageName, reasons: &[String], chain: &Chain, now: Timestamp) -> Self {
        let mut course = self.successor(now);
        let head = &self.head;
        let message = Envelope {
            run: head.run_id.clone(),
            channel: head.channel.clone(),
            stage: target,
            visit: 0,
            share: Share::Whole,
            order: head.order.clone(),
            artifacts: head.artifacts.clone(),
            rewrites: head.rewrites,
            reasons: Vec::new(),
            until: None,
        };
        course.rewrite(&message, target, reasons, chain);
        course
    }

    /// The course once a person changed the script: QA judges it, and what follows is made of it.
    pub fn edited(&self, script: &BlobRef, until: Option<StageName>, chain: &Chain, now: Timestamp) -> Self {
        let mut course = self.successor(now);
        let head = &mut course.head;
        head.artifacts.insert(StageName::Script, script.clone());
        let message = Envelope {
            run: head.run_id.clone(),
            channel: head.channel.clone(),
            stage: StageName::Qa,
            visit: 0,
            share: Share::Whole,
            order: head.order.clone(),
            artifacts: head
                .artifacts
                .iter()
                .filter(|(stage, _)| !chain.is_from(**stage, StageName::Qa))
                .map(owned)
                .collect(),
            rewrites: head.rewrites,
            reasons: Vec::new(),
            until,
        };
        course.edited = true;
        course.go_to(message);
        course
    }

    /// A verdict against a person's words: what would come next is prepared, and a person decides.
    fn hold_edit(
        &mut self,
        message: &Envelope,
        stage: StageName,
        target: StageName,
        reasons: &[String],
        chain: &Chain,
    ) {
        let reason = format!(
            "{stage} refuses the edited script: {}; edit it again, or resume the run, and {target} writes it anew without the edit",
            reasons.join("; ")
        );
        self.rewrite(message, target, reasons, chain);
        self.head.state = RunState::Held { stage, reason };
    }

    fn successor(&self, now: Timestamp) -> Self {
        let mut course = self.clone();
        course.revision += 1;
        course.head.updated_at = now;
        course
    }

    fn end(&mut self, state: RunState) {
        self.head.state = state;
        self.message = None;
    }

    fn advance(&mut self, message: &Envelope, output: &BlobRef, chain: &Chain) {
        let Some(next) = chain.next(message.stage, self.head.draft) else {
            return self.end(RunState::Done);
        };
        let mut artifacts = message.artifacts.clone();
        artifacts.insert(message.stage, output.clone());
        self.go_to(Envelope { stage: next, artifacts, reasons: Vec::new(), ..message.clone() });
        if message.until == Some(message.stage) {
            self.head.state = RunState::Stopped { after: message.stage };
        }
    }

    fn rewrite(&mut self, message: &Envelope, target: StageName, reasons: &[String], chain: &Chain) {
        let mut artifacts = message.artifacts.clone();
        artifacts.retain(|stage, _| !chain.is_from(*stage, target));
        let rewrites = message.rewrites + 1;
        self.head.rewrites = rewrites;
        self.edited = false;
        self.go_to(Envelope { stage: target, artifacts, rewrites, reasons: reasons.to_vec(), ..message.clone() });
    }

    fn go_to(&mut self, message: Envelope) {
        let visit = self.visits.entry(message.stage).or_insert(0);
        *visit += 1;
        self.head.state = RunState::Running { stage: message.stage };
        self.message = Some(Envelope { visit: *visit, ..message });
    }
}

fn owned((stage, blob): (&StageName, &BlobRef)) -> (StageName, BlobRef) {
    (*stage, blob.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use StageName::{Planner, Qa, Render, Research, SceneBuilder, Script, TopicScoring};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn begun() -> Course {
        let order = serde_json::from_value(serde_json::json!({
            "channel": {"id": "c", "name": "C", "kind": "finance", "audience": "all", "sources": []},
            "as_of": "2026-11-22", "seed": 7, "format": "landscape", "packages": [],
        }));
        Course::begin(&"r".into(), &order.unwrap(), BlobRef::to("order", b"o"), Planner, None, NOW)
    }

    fn advance(course: &Course, output: &str) -> Course {
        let decision = Decision::Advance { output: BlobRef::to("artifact", output.as_bytes()), files: BTreeMap::new() };
        course.after(&decision, &Chain::default(), 2, NOW)
    }

    fn rewrite(course: &Course, target: StageName) -> Course {
        let report = BlobRef::to("artifact", b"report");
        let decision = Decision::Rewrite { target, reasons: vec!["why".into()], report };
        course.after(&decision, &Chain::default(), 2, NOW)
    }

    #[test]
    fn a_rewrite_takes_back_what_the_stage_and_all_after_it_gave() {
        let at_qa = (0..5).fold(begun(), |course, n| advance(&course, &n.to_string()));
        let sent_back = rewrite(&at_qa, SceneBuilder);
        let message = sent_back.next_message().unwrap();
        assert_eq!((message.stage, message.visit, message.rewrites), (SceneBuilder, 2, 1));
        assert_eq!(message.artifacts.keys().copied().collect::<Vec<_>>(), [Planner, TopicScoring, Research]);
        assert_eq!(message.reasons, ["why"]);
        assert!(sent_back.head.artifacts.contains_key(&Qa), "the report is kept in the head");
        assert!(advance(&sent_back, "again").next_message().unwrap().reasons.is_empty());
    }

    #[test]
    fn beyond_the_bound_a_person_grants_each_further_rewrite() {
        let mut course = (0..5).fold(begun(), |course, n| advance(&course, &n.to_string()));
        for _ in 0..2 {
            course = advance(&rewrite(&course, Script), "script");
        }
        let held = rewrite(&course, Script);
        let RunState::Held { stage: Qa, reason } = &held.head.state else { panic!("{:?}", held.head.state) };
        assert!(reason.contains("rewrite 3") && reason.contains("why"), "{reason}");
        assert!(held.next_message().is_none());
        let granted = held.resumed(None, NOW);
        let message = granted.next_message().unwrap();
        assert_eq!((message.stage, message.rewrites, message.reasons.len()), (Script, 3, 1));
        assert!(matches!(rewrite(&advance(&granted, "s4"), Script).head.state, RunState::Held { .. }));
    }

    #[test]
    fn a_person_sends_a_finished_episode_back_and_only_what_follows_is_made_again() {
        let done = (0..7).fold(begun(), |course, n| advance(&course, &n.to_string()));
        assert_eq!(done.head.state, RunState::Done);
        let back = done.sent_back(Script, &["the hook is weak".into()], &Chain::default(), NOW);
        let message = back.next_message().unwrap();
        assert_eq!((message.stage, message.visit, message.rewrites), (Script, 2, 1));
        assert_eq!(
            message.artifacts.keys().copied().collect::<Vec<_>>(),
            [Planner, TopicScoring, Research, SceneBuilder]
        );
        assert_eq!(message.reasons, ["the hook is weak"]);
        let again = (0..3).fold(back, |course, n| advance(&course, &format!("again {n}")));
        assert_eq!(again.head.state, RunState::Done);
    }

    #[test]
    fn an_edited_script_goes_to_qa_and_a_verdict_against_it_holds_the_run() {
        let done = (0..7).fold(begun(), |course, n| advance(&course, &n.to_string()));
        let script = BlobRef::to("artifact", b"edited");
        let edited = done.edited(&script, None, &Chain::default(), NOW);
        let message = edited.next_message().unwrap();
        assert_eq!((message.stage, message.visit, message.rewrites), (Qa, 2, 0));
        assert_eq!(message.artifacts.get(&Script), Some(&script));
        assert_eq!(message.artifacts.len(), 5, "all before QA, none behind it");
        let reject = Decision::Reject { reasons: vec!["no fact".into()], report: None };
        for refused in [rewrite(&edited, SceneBuilder), edited.after(&reject, &Chain::default(), 2, NOW)] {
            let RunState::Held { stage: Qa, reason } = &refused.head.state else { panic!("{:?}", refused.head.state) };
            assert!(reason.contains("edited script"), "{reason}");
            assert!(!refused.edited && refused.resumed(None, NOW).next_message().is_some());
        }
        let at_render = advance(&edited, "qa again");
        assert!(at_render.edited);
        assert!(matches!(rewrite(&at_render, Script).head.state, RunState::Held { stage: Render, .. }));
        assert_eq!(advance(&at_render, "film").head.state, RunState::Done);
    }

    #[test]
    fn visits_count_for_each_stage_by_itself() {
        let mut course = (0..5).fold(begun(), |course, n| advance(&course, &n.to_string()));
        course = advance(&rewrite(&course, Script), "s2");
        course = advance(&rewrite(&course, Research), "r2");
        course = advance(&advance(&advance(&course, "sc2"), "s3"), "qa3");
        assert_eq!(course.next_message().map(|message| (message.stage, message.visit)), Some((Render, 1)));
        let visits: Vec<u32> = course.visits.values().copied().collect();
        assert_eq!(visits, [1, 1, 2, 2, 3, 3, 1]);
    }

    #[test]
    fn a_run_waits_for_one_visit_only_and_for_none_while_it_rests() {
        let course = advance(&begun(), "p");
        assert!(course.awaited(TopicScoring, 1).is_some());
        assert!(course.awaited(Planner, 1).is_none() && course.awaited(TopicScoring, 2).is_none());
        let failed = course.after(&Decision::Fail { error: "e".into() }, &Chain::default(), 2, NOW);
        assert!(failed.awaited(TopicScoring, 1).is_none());
        assert!(failed.resumed(None, NOW).awaited(TopicScoring, 1).is_some());
        assert!(failed.revision > course.revision);
    }

    #[test]
    fn a_head_survives_its_row_and_is_readable_without_the_drivers_part() {
        let course = advance(&begun(), "p");
        let row = serde_json::to_value(&course).unwrap();
        assert_eq!(serde_json::from_value::<Course>(row.clone()).unwrap(), course);
        assert_eq!(serde_json::from_value::<RunHead>(row).unwrap(), course.head);
    }
}
