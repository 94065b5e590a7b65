//! A scene credits who made the series that it tells of, not whoever stands first in the package.

use std::collections::BTreeSet;
use std::path::Path;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::fact::series_of;
use proofreel_model::qa::QaReport;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use serde_json::{Value, json};

use super::{Wanted, package, read, write};
use releases::RELEASES;

#[path = "releases.rs"]
mod releases;

#[test]
fn each_scene_names_the_release_of_its_series_and_its_house() {
    // Public packages name a source for each file; this one of our own is told so, too.
    let mut oil = package(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/crude-oil"));
    let mut descriptor: Value = serde_json::from_slice(&oil.files["datapackage.json"]).unwrap();
    let release = |title: &&str| json!({"title": title, "path": "https://www.eia.gov/dnav/pet/x.xls"});
    descriptor["sources"] = RELEASES.iter().map(release).collect();
    oil.files.insert("datapackage.json".to_owned(), descriptor.to_string().into_bytes());
    let packages = [oil];
    let (mut alone, mut together) = (0, 0);
    for topic in ["wti state", "wti long", "wti boom", "wti versus"] {
        let artifacts = write(&packages, &Wanted { topic: Some(topic), ..Wanted::default() }).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        let sources = ["evidence_sources", "claim_without_source", "source_line", "attribution_missing", "description"];
        let wrong: Vec<_> = report.findings.iter().filter(|finding| sources.contains(&finding.rule.as_str())).collect();
        assert!(wrong.is_empty(), "{topic}: {wrong:#?}");
        let brief: ResearchBrief = read(&artifacts, StageName::Research);
        let scenes: Scenes = read(&artifacts, StageName::SceneBuilder);
        let script: Script = read(&artifacts, StageName::Script);
        let mut told = BTreeSet::new();
        for scene in scenes.scenes.iter().filter(|scene| !scene.key_claims.is_empty()) {
            let claims = scene.key_claims.iter().filter_map(|id| brief.claim(id));
            let facts = claims.flat_map(|claim| claim.finding.roles.values()).filter_map(|id| brief.fact(id));
            let columns: BTreeSet<&str> =
                facts.flat_map(|fact| series_of(&fact.formula)).map(|series| series.column.as_str()).collect();
            let line = scene.source_line.text();
            assert!(line.contains("US Energy Information Administration, "), "{topic} {}: {line}", scene.scene_id);
            assert!(!line.contains("Weekly"), "{topic} {}: {line}", scene.scene_id);
            assert_eq!(line.contains("Brent"), columns.contains("brent"), "{topic} {}: {line}", scene.scene_id);
            assert_eq!(line.contains("WTI"), columns.contains("wti"), "{topic} {}: {line}", scene.scene_id);
            alone += usize::from(columns.len() == 1);
            together += usize::from(columns.len() == 2);
            told.extend(scene.evidence_sources.iter().cloned());
        }
        // The end card and the description name what the scenes rest on, and nothing that no scene does.
        let card = scenes.scenes.iter().find_map(|scene| match &scene.visual {
            Visual::End { sources, .. } => Some(sources.iter().map(RichText::text).collect::<Vec<_>>().join("\n")),
            _ => None,
        });
        let card = card.unwrap();
        let described: Vec<String> = script.description.iter().map(RichText::text).collect();
        for source in &brief.sources {
            let used = told.contains(&source.source_id);
            assert_eq!(card.contains(&source.title), used, "{topic}: {} on the end card\n{card}", source.title);
            let named = described.iter().any(|line| line.starts_with("• ") && line.contains(&source.title));
            assert_eq!(named, used, "{topic}: {} in the description\n{described:#?}", source.title);
        }
    }
    assert!(alone > 0 && together > 0, "{alone} scenes of one oil, {together} of two");
}
