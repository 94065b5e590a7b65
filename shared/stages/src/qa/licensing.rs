//! Whether a film that earns money may use its sources, and gives them the credit they are owed.

use proofreel_model::brief::Source;
use proofreel_model::ids::SourceId;
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, RichText};
use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Findings, Place};
use super::rules::Rule;
use crate::licence::{Terms, terms};

/// Checks the licence of every source of the brief.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    for source in &dossier.brief.sources {
        match terms(&source.licence, &dossier.policy.licences) {
            Terms::Free => {}
            Terms::Attribution => credit(dossier, source, findings),
            Terms::Unfit(why) => findings.add(
                Rule::LicenceIncompatible,
                &Place::research(format!("source {}", source.source_id)),
                format!(
                    "its licence `{}` does not fit: {why}; when the publisher allows it, write \
                     \"licenses\": [{{\"name\": \"CC-BY-4.0\"}}] (or the licence it gives) into the datapackage.json of `{}`",
                    source.licence, source.dataset
                ),
            ),
        }
    }
}

/// Credit is owed for what a scene uses: publisher and licence in the description, publisher on the end card.
fn credit(dossier: &Dossier<'_>, source: &Source, findings: &mut Findings) {
    let scenes = &dossier.scenes.scenes;
    if !scenes.iter().any(|scene| scene.evidence_sources.contains(&source.source_id)) {
        return;
    }
    let description = &dossier.script.description;
    let place = Place::script("description");
    if !description.iter().any(|line| names(line, &source.source_id)) {
        findings.add(Rule::AttributionMissing, &place, owed(source, "the description does not name its publisher"));
    }
    if !description.iter().any(|line| line.text().contains(&source.licence)) {
        findings.add(Rule::AttributionMissing, &place, owed(source, "the description does not name the licence"));
    }
    let on_card = scenes.iter().any(
        |scene| matches!(&scene.visual, Visual::End { sources, .. } if sources.iter().any(|line| names(line, &source.source_id))),
    );
    if !on_card {
        let scene = scenes.last().map(|scene| &scene.scene_id);
        let place = Place { owner: StageName::SceneBuilder, scene, name: "end card sources".into() };
        findings.add(Rule::AttributionMissing, &place, owed(source, "no end card names its publisher"));
    }
}

fn owed(source: &Source, what: &str) -> String {
    format!("{} is under {}, which asks for credit: {what}", source.source_id, source.licence)
}

fn names(line: &RichText, id: &SourceId) -> bool {
    line.0.iter().any(|span| matches!(&span.cite, Some(Cite::Source { source }) if source == id))
}
