//! The decision, by the rules of SPEC "QA" with the numbers of `specs/policy/qa.toml`.

use std::collections::BTreeSet;

use proofreel_model::policy;
use proofreel_model::qa::{ChecklistItem, Decision, QaFinding, SceneQa};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;

use super::dossier::Findings;
use super::rules::{Criterion, Rule, Severity};

/// Decides. Reject before rewrite before pass; a rewrite goes to the earliest stage at fault, because all
/// later ones run again after it.
pub fn decide(
    policy: &policy::Qa,
    script: Option<&Script>,
    findings: &Findings,
    scenes: &[SceneQa],
    checklists: &[(ChecklistItem, Vec<&QaFinding>)],
) -> Decision {
    let rejecting = of_severity(findings, Severity::Reject);
    let mut reasons: Vec<String> = rejecting.iter().map(|finding| reason(script, finding)).collect();
    for scene in scenes {
        for (name, score) in [
            ("factual accuracy", scene.scores.factual_accuracy),
            ("claim–evidence alignment", scene.scores.claim_evidence_alignment),
        ] {
            if score < policy.fail_below {
                reasons.push(format!(
                    "{} scores {score} on {name}, below {}: {}",
                    scene.scene_id,
                    policy.fail_below,
                    scene.reasons.join("; ")
                ));
            }
        }
    }
    if !reasons.is_empty() {
        return Decision::Reject { reasons };
    }

    let mut at_fault: Vec<&QaFinding> = of_severity(findings, Severity::Rewrite);
    let mut notes = Vec::new();
    let unclear: Vec<&SceneQa> =
        scenes.iter().filter(|scene| scene.scores.viewer_clarity < policy.fail_below).collect();
    if unclear.len() >= policy.unclear_scenes_rewrite {
        let ids: BTreeSet<_> = unclear.iter().map(|scene| &scene.scene_id).collect();
        let clouds = |rule: Rule| rule.penalty().0 == Criterion::ViewerClarity;
        let in_them = |finding: &QaFinding| finding.scene_id.as_ref().is_some_and(|id| ids.contains(id));
        at_fault.extend(
            findings
                .all()
                .iter()
                .filter(|(rule, finding)| clouds(*rule) && in_them(finding))
                .map(|(_, finding)| finding),
        );
        notes.push(format!("{} scenes score below {} on viewer clarity", unclear.len(), policy.fail_below));
    }
    let failed: Vec<_> = checklists.iter().filter(|(item, _)| !item.passed).collect();
    if failed.len() >= policy.failed_items_rewrite {
        at_fault.extend(failed.iter().flat_map(|(_, findings)| findings.iter().copied()));
        notes.push(format!(
            "{} checklist items failed: {}",
            failed.len(),
            failed.iter().map(|(item, _)| item.question.as_str()).collect::<Vec<_>>().join(" ")
        ));
    }
    let Some(stage) = at_fault.iter().map(|finding| writer(finding.owner)).min() else { return Decision::Pass };
    let mut seen = BTreeSet::new();
    let mut reasons: Vec<String> = at_fault
        .into_iter()
        .map(|finding| reason(script, finding))
        .filter(|reason| seen.insert(reason.clone()))
        .collect();
    reasons.append(&mut notes);
    Decision::Rewrite { stage, reasons }
}

/// The stage that a rewrite may go back to; what QA itself would own goes to the writer of the words.
fn writer(owner: StageName) -> StageName {
    if owner == StageName::Qa { StageName::Script } else { owner }
}

fn of_severity(findings: &Findings, severity: Severity) -> Vec<&QaFinding> {
    findings.all().iter().filter(|(rule, _)| rule.severity() == severity).map(|(_, finding)| finding).collect()
}

/// `script s03 narration 2 (plan rise_since): direction_wrong: …`: stage, scene, place, rule, what to change.
fn reason(script: Option<&Script>, finding: &QaFinding) -> String {
    let scene = finding.scene_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    let plan = plan_of(script, finding).map(|plan| format!(" (plan {plan})")).unwrap_or_default();
    format!("{}{scene} {}{plan}: {}: {}", finding.owner, finding.place, finding.rule, finding.detail)
}

/// The sentence plan behind a finding in the narration, so that a rewrite can avoid it.
fn plan_of<'a>(script: Option<&'a Script>, finding: &QaFinding) -> Option<&'a str> {
    let number: usize = finding.place.strip_prefix("narration ")?.parse().ok()?;
    let scene = script?.scenes.iter().find(|scene| Some(&scene.scene_id) == finding.scene_id.as_ref())?;
    scene.narration.get(number.checked_sub(1)?).map(|sentence| sentence.plan.as_str())
}
