//! Scores of each scene, taken from what was found in it.

use std::collections::BTreeMap;

use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::qa::{QaFinding, SceneMeasures, SceneQa, SceneScores};
use proofreel_model::scenes::Scene;
use proofreel_model::text::RichText;

use super::dossier::{Dossier, Findings};
use super::rules::{Criterion, Rule};

/// The best score.
const BEST: u8 = 5;

/// Scores every scene: 5 on each criterion, less the penalties of the breaches found in it, measured signals included.
pub fn all(dossier: &Dossier<'_>, measured: &[(SceneId, SceneMeasures)], findings: &Findings) -> Vec<SceneQa> {
    let of = |scene: &Scene| measured.iter().find(|(id, _)| *id == scene.scene_id).map(|(_, measures)| *measures);
    dossier.scenes.scenes.iter().map(|scene| one(dossier, scene, of(scene).unwrap_or_default(), findings)).collect()
}

fn one(dossier: &Dossier<'_>, scene: &Scene, measured: SceneMeasures, findings: &Findings) -> SceneQa {
    let mut lost: BTreeMap<Criterion, u8> = BTreeMap::new();
    let mut reasons = Vec::new();
    let cited = facts_used(dossier, scene);
    for (rule, finding) in findings.all().iter().filter(|(_, finding)| concerns(dossier, scene, &cited, finding)) {
        let (criterion, penalty) = rule.penalty();
        let total = lost.entry(criterion).or_default();
        *total = total.saturating_add(penalty);
        reasons.push(reason(*rule, finding));
    }
    let score = |criterion: Criterion| BEST.saturating_sub(lost.get(&criterion).copied().unwrap_or(0)).max(1);
    let scores = SceneScores {
        factual_accuracy: score(Criterion::FactualAccuracy),
        claim_evidence_alignment: score(Criterion::ClaimEvidenceAlignment),
        source_traceability: score(Criterion::SourceTraceability),
        evidence_source_consistency: score(Criterion::EvidenceSourceConsistency),
        logical_continuity: score(Criterion::LogicalContinuity),
        viewer_clarity: score(Criterion::ViewerClarity),
        retention_risk: score(Criterion::RetentionRisk),
    };
    SceneQa { scene_id: scene.scene_id.clone(), scores, reasons, measured }
}

fn reason(rule: Rule, finding: &QaFinding) -> String {
    format!("{} at {}: {}", rule.name(), finding.place, finding.detail)
}

/// A breach concerns a scene when it lies in it, or in a fact, claim or source that the scene uses.
fn concerns(dossier: &Dossier<'_>, scene: &Scene, cited: &[&FactId], finding: &QaFinding) -> bool {
    if let Some(id) = &finding.scene_id {
        return *id == scene.scene_id;
    }
    match finding.place.split_once(' ') {
        Some(("fact", id)) => cited.iter().any(|fact| fact.as_str() == id),
        Some(("claim", id)) => scene.key_claims.iter().any(|claim| claim.as_str() == id),
        Some(("source", id)) => scene.evidence_sources.iter().any(|source| source.as_str() == id),
        Some(("hook", _)) => dossier.scenes.scenes.first().is_some_and(|first| first.scene_id == scene.scene_id),
        _ => false,
    }
}

fn facts_used<'a>(dossier: &Dossier<'a>, scene: &'a Scene) -> Vec<&'a FactId> {
    let spoken = dossier.script.scenes.iter().filter(|spoken| spoken.scene_id == scene.scene_id);
    let narration = spoken
        .flat_map(|spoken| spoken.narration.iter().map(|sentence| &sentence.text).chain(&spoken.on_screen_text))
        .flat_map(RichText::facts);
    narration.chain(scene.visual.texts().into_iter().flat_map(|(_, text)| text.facts())).collect()
}
