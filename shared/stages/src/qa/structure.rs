//! Scenes and script as a structure: roles, claims, sources, charts, order and length.

use std::collections::BTreeSet;

use proofreel_model::ids::{ClaimId, SourceId};
use proofreel_model::scenes::{NarrativeRole, Scene};
use proofreel_model::script::ScriptScene;
use proofreel_model::series::SeriesRef;
use proofreel_model::stage::StageName;
use proofreel_model::text::Cite;
use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Findings, Place, series_of};
use super::passages::script_scene_ids;
use super::reading::spoken_words;
use super::rules::Rule;
use super::sources::shows_date;

/// Seconds of a five-minute script, above which the law asks for more scenes.
const FIVE_MINUTES: f64 = 300.0;

/// Checks the structure.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    roles(dossier, findings);
    for scene in &dossier.scenes.scenes {
        check_scene(dossier, scene, findings);
    }
    charts(dossier, findings);
    times(dossier, findings);
    script(dossier, findings);
    length(dossier, findings);
}

fn roles(dossier: &Dossier<'_>, findings: &mut Findings) {
    let scenes = &dossier.scenes.scenes;
    let place = Place { owner: StageName::SceneBuilder, scene: None, name: "scenes".into() };
    if scenes.first().is_none_or(|scene| scene.narrative_role != NarrativeRole::Hook) {
        findings.add(Rule::NarrativeRoles, &place, "the first scene is no hook");
    }
    for role in [NarrativeRole::Hook, NarrativeRole::Proof, NarrativeRole::Insight, NarrativeRole::Payoff] {
        if !scenes.iter().any(|scene| scene.narrative_role == role) {
            findings.add(Rule::NarrativeRoles, &place, format!("no scene is {role:?}"));
        }
    }
    let last_proof = scenes.iter().rposition(|scene| scene.narrative_role == NarrativeRole::Proof);
    let last_payoff = scenes.iter().rposition(|scene| scene.narrative_role == NarrativeRole::Payoff);
    if last_payoff < last_proof {
        findings.add(Rule::NarrativeRoles, &place, "proof comes after the payoff: keep the promise last");
    }
    let mut seen = BTreeSet::new();
    for scene in scenes.iter().filter(|scene| !seen.insert(&scene.scene_id)) {
        findings.add(Rule::DuplicateId, &Place::scene(&scene.scene_id, "scene id"), "is given to two scenes");
    }
}

fn check_scene(dossier: &Dossier<'_>, scene: &Scene, findings: &mut Findings) {
    let place = |name: &str| Place::scene(&scene.scene_id, name);
    let fields = [
        ("objective", &scene.objective),
        ("visual_prompt", &scene.visual_prompt),
        ("narration_prompt", &scene.narration_prompt),
        ("transition_note", &scene.transition_note),
    ];
    for (name, text) in fields.into_iter().chain([("schema_version", &scene.schema_version)]) {
        if text.trim().is_empty() {
            findings.add(Rule::MissingGovernanceField, &place(name), format!("{name} is empty"));
        }
    }
    for claim in scene.key_claims.iter().filter(|claim| dossier.claim(claim).is_none()) {
        findings.add(
            Rule::UnmatchedClaim,
            &place("key claims"),
            format!("tells {claim}, which the brief does not hold"),
        );
    }
    let told: BTreeSet<&ClaimId> = scene.key_claims.iter().collect();
    for claim in &told {
        let allowed: BTreeSet<&SourceId> = dossier.claim_sources(claim).collect();
        let given: Vec<&SourceId> =
            scene.source_refs.iter().filter(|entry| entry.claim == **claim).flat_map(|entry| &entry.sources).collect();
        if given.is_empty() {
            findings.add(
                Rule::ClaimWithoutSource,
                &place("source refs"),
                format!("{claim} has no entry: give its sources"),
            );
        }
        for source in given.iter().filter(|source| !allowed.contains(**source)) {
            findings.add(
                Rule::EvidenceSources,
                &place("source refs"),
                format!("{source} is no source of {claim} in the brief"),
            );
        }
    }
    for entry in scene.source_refs.iter().filter(|entry| !told.contains(&entry.claim)) {
        findings.add(
            Rule::EvidenceSources,
            &place("source refs"),
            format!("gives sources of {}, which the scene does not tell", entry.claim),
        );
    }
    let refs: BTreeSet<&SourceId> = scene.source_refs.iter().flat_map(|entry| &entry.sources).collect();
    for source in scene.evidence_sources.iter().filter(|source| !refs.contains(source)) {
        findings.add(
            Rule::EvidenceSources,
            &place("evidence sources"),
            format!("{source} is not among the scene's source_refs"),
        );
    }
    if !told.is_empty() && scene.evidence_sources.is_empty() {
        findings.add(Rule::EvidenceSources, &place("evidence sources"), "tells a claim but shows no source");
    }
    let shown: Vec<&SourceId> = scene
        .source_line
        .0
        .iter()
        .filter_map(|span| if let Some(Cite::Source { source }) = &span.cite { Some(source) } else { None })
        .collect();
    if scene.evidence_sources.iter().any(|source| !shown.contains(&source)) {
        findings.add(Rule::SourceLine, &place("source line"), "does not name every source of the scene");
    }
    if shown.iter().any(|source| !scene.evidence_sources.contains(source)) {
        findings.add(Rule::SourceLine, &place("source line"), "names a source that is not the scene's");
    }
    if !scene.evidence_sources.is_empty() && !shows_date(&scene.source_line) {
        findings.add(Rule::SourceLine, &place("source line"), "does not say up to when its figures go");
    }
}

/// Series that a picture draws.
fn drawn<'a>(dossier: &Dossier<'a>, visual: &'a Visual) -> BTreeSet<&'a SeriesRef> {
    let bars = visual.bars().into_iter().filter_map(|(_, bar)| dossier.fact(&bar.fact));
    let members = visual.members().iter().map(|member| &member.series);
    let traces = visual.traces().into_iter().map(|trace| &trace.series);
    bars.flat_map(|fact| series_of(&fact.formula)).chain(members).chain(traces).collect()
}

/// At least one chart for each claim that is told and has a series.
fn charts(dossier: &Dossier<'_>, findings: &mut Findings) {
    let told: BTreeSet<&ClaimId> = dossier.scenes.scenes.iter().flat_map(|scene| &scene.key_claims).collect();
    for claim in told.into_iter().filter_map(|id| dossier.claim(id)).filter(|claim| !claim.finding.series.is_empty()) {
        let tellers: Vec<&Scene> =
            dossier.scenes.scenes.iter().filter(|scene| scene.key_claims.contains(&claim.claim_id)).collect();
        let charted = tellers.iter().any(|scene| {
            let drawn = drawn(dossier, &scene.visual);
            scene.visual.is_chart() && claim.finding.series.iter().any(|series| drawn.contains(series))
        });
        if let Some(first) = tellers.first().filter(|_| !charted) {
            findings.add(
                Rule::ClaimWithoutChart,
                &Place::scene(&first.scene_id, "visual"),
                format!("no scene that tells {} charts its series", claim.claim_id),
            );
        }
    }
}

fn times(dossier: &Dossier<'_>, findings: &mut Findings) {
    let mut end = 0.0;
    for scene in &dossier.scenes.scenes {
        let sound = scene.start_time.is_finite() && scene.end_time.is_finite() && scene.end_time > scene.start_time;
        if !sound || (scene.start_time - end).abs() > 0.05 {
            let detail =
                format!("runs from {} to {} s, the scene before ends at {end} s", scene.start_time, scene.end_time);
            findings.add(Rule::SceneTimes, &Place::scene(&scene.scene_id, "times"), detail);
        }
        end = scene.end_time;
    }
}

fn script(dossier: &Dossier<'_>, findings: &mut Findings) {
    let planned: Vec<_> = dossier.scenes.scenes.iter().map(|scene| &scene.scene_id).collect();
    if script_scene_ids(dossier) != planned {
        findings.add(
            Rule::SceneMismatch,
            &Place::script("scenes"),
            "the script's scenes are not the planned scenes in their order",
        );
    }
    for spoken in &dossier.script.scenes {
        if spoken.narration.is_empty() || spoken.narration.iter().any(|sentence| sentence.text.is_empty()) {
            findings.add(
                Rule::EmptyText,
                &Place::narration(&spoken.scene_id, "narration"),
                "says nothing, or holds an empty sentence",
            );
        }
        if let Some(scene) = dossier.scene(&spoken.scene_id) {
            sentence_claims(dossier, scene, spoken, findings);
        }
    }
}

fn sentence_claims(dossier: &Dossier<'_>, scene: &Scene, spoken: &ScriptScene, findings: &mut Findings) {
    for (n, sentence) in spoken.narration.iter().enumerate() {
        let place = Place::narration(&spoken.scene_id, format!("narration {}", n + 1));
        let mut roles = BTreeSet::new();
        for id in &sentence.claims {
            match dossier.claim(id) {
                None => {
                    findings.add(Rule::UnmatchedClaim, &place, format!("rests on {id}, which the brief does not hold"));
                }
                Some(claim) => roles.extend(claim.finding.roles.values()),
            }
            if !scene.key_claims.contains(id) {
                findings.add(
                    Rule::ClaimOutsideScene,
                    &place,
                    format!("tells {id}, which is none of the scene's claims"),
                );
            }
        }
        for fact in sentence.text.facts().filter(|fact| !roles.contains(fact)) {
            findings.add(
                Rule::CitationOutsideClaim,
                &place,
                format!("cites {fact}, which belongs to none of the claims it names"),
            );
        }
    }
}

/// Seconds that the narration takes at the channel's pace.
pub fn spoken_seconds(dossier: &Dossier<'_>) -> f64 {
    let words: usize = dossier
        .script
        .scenes
        .iter()
        .flat_map(|scene| &scene.narration)
        .map(|sentence| spoken_words(&sentence.text.text()))
        .sum();
    words as f64 / dossier.words_per_minute() * 60.0
}

fn length(dossier: &Dossier<'_>, findings: &mut Findings) {
    let (least, most) = dossier.policy.episode.runtime_seconds;
    let (least, most) = (f64::from(least), f64::from(most));
    let planned = dossier.scenes.scenes.last().map_or(0.0, |scene| scene.end_time);
    let spoken = spoken_seconds(dossier);
    if !(least..=most).contains(&planned) {
        let place = Place { owner: StageName::SceneBuilder, scene: None, name: "length".into() };
        findings.add(Rule::Runtime, &place, format!("{planned:.0} s are planned: an episode runs {least} to {most} s"));
    }
    if !(least..=most).contains(&spoken) {
        findings.add(
            Rule::Runtime,
            &Place::script("length"),
            format!("the narration takes about {spoken:.0} s: an episode runs {least} to {most} s"),
        );
    }
    let needed = dossier.policy.episode.min_scenes_over_five_minutes;
    let count = dossier.scenes.scenes.len();
    if planned.max(spoken) > FIVE_MINUTES && count < needed {
        let place = Place { owner: StageName::SceneBuilder, scene: None, name: "scenes".into() };
        findings.add(Rule::SceneCount, &place, format!("{count} scenes over five minutes: plan at least {needed}"));
    }
}
