//! Approval without a person: only where everything speaks for it.

use proofreel_model::policy::publishing::AutoLaw;
use proofreel_model::qa::{Decision, QaReport};

use crate::governance::Governance;
use crate::publication::{ApprovalWay, Publication, PublishState};

/// What is known when a film is offered.
pub struct AutoEvidence<'a> {
    /// The channel's file asks for it.
    pub opted_in: bool,
    /// The channel demands that somebody looks who neither ordered nor edited.
    pub two_persons: bool,
    /// Who changed words of this episode.
    pub edited_by: Option<&'a str>,
    /// The verdict of QA.
    pub qa: &'a QaReport,
    /// The word of channel governance.
    pub governance: &'a Governance,
    /// The channel's rows.
    pub history: &'a [Publication],
}

/// Everything that speaks against approving by itself; empty when it may be done.
pub fn auto_faults(evidence: &AutoEvidence<'_>, law: &AutoLaw) -> Vec<String> {
    let mut faults = Vec::new();
    if !evidence.opted_in {
        faults.push("the channel's file does not ask for it (publishing.auto_approve)".to_owned());
    }
    if evidence.two_persons {
        faults.push("the channel demands two persons, and a rule is none (publishing.two_persons)".to_owned());
    }
    if let Some(who) = evidence.edited_by {
        faults.push(format!("{who} changed its words; a person looks at what a person wrote"));
    }
    if evidence.qa.verdict != Decision::Pass {
        faults.push("QA did not pass it".to_owned());
    }
    if !evidence.qa.findings.is_empty() {
        faults.push(format!("QA has {} findings", evidence.qa.findings.len()));
    }
    if evidence.qa.recomputed.is_empty() || evidence.qa.recomputed.iter().any(|fact| !fact.agrees) {
        faults.push("not every figure was recomputed to the same value".to_owned());
    }
    for scene in &evidence.qa.scenes {
        let s = &scene.scores;
        let scores = [
            s.factual_accuracy,
            s.claim_evidence_alignment,
            s.source_traceability,
            s.evidence_source_consistency,
            s.logical_continuity,
            s.viewer_clarity,
            s.retention_risk,
        ];
        if scores.into_iter().min().is_some_and(|least| least < law.least_scene_score) {
            faults.push(format!("scene {} has a score under {}", scene.scene_id, law.least_scene_score));
        }
    }
    // Without figures nothing is known about the channel: that is no licence.
    if *evidence.governance != Governance::Publish {
        faults.push(
            evidence.governance.objection().unwrap_or_else(|| "the channel's figures are not measured yet".into()),
        );
    }
    let by_person = |row: &&Publication| {
        row.state == PublishState::Published
            && row.approval.as_ref().is_some_and(|approval| approval.way != ApprovalWay::Auto)
    };
    let published = evidence.history.iter().filter(by_person).count();
    if published < law.least_published as usize {
        faults.push(format!("a person let {published} films out, {} are needed", law.least_published));
    }
    let retracted = evidence.history.iter().filter(|row| row.retraction.is_some()).count();
    if retracted > law.most_retracted as usize {
        faults.push(format!("{retracted} films were retracted, {} are allowed", law.most_retracted));
    }
    faults
}
