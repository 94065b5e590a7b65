//! What is offered with the episode: titles, thumbnails, description, tags, chapters, disclosures.

use std::collections::BTreeSet;

use proofreel_model::ids::SourceId;
use proofreel_model::script::ThumbnailDesign;
use proofreel_model::text::{Cite, RichText};
use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Findings, Place};
use super::reading::spoken_words;
use super::rules::Rule;

/// Titles and thumbnails come in this many variants.
const VARIANTS: usize = 3;
/// A player shows chapters only from this many on, each this many seconds long.
const MIN_CHAPTERS: usize = 3;
const MIN_CHAPTER_SECONDS: f64 = 10.0;
/// `M:SS ` and the line feed that rendering adds to each chapter line.
const CHAPTER_LINE_BYTES: usize = 8;

/// Checks the packaging.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    titles(dossier, findings);
    thumbnails(dossier, findings);
    description(dossier, findings);
    tags(dossier, findings);
    chapters(dossier, findings);
    disclosures(dossier, findings);
    if dossier.script.pinned_comment.is_empty() {
        findings.add(Rule::EmptyText, &Place::script("pinned comment"), "is empty");
    }
    if dossier.script.writer.trim().is_empty() {
        findings.add(Rule::MissingGovernanceField, &Place::script("writer"), "does not say who wrote it");
    }
}

fn has_angle(text: &str) -> bool {
    text.contains(['<', '>'])
}

fn titles(dossier: &Dossier<'_>, findings: &mut Findings) {
    let titles: Vec<String> = dossier.script.titles.iter().map(RichText::text).collect();
    let distinct: BTreeSet<String> = titles.iter().map(|title| title.trim().to_lowercase()).collect();
    if titles.len() != VARIANTS || distinct.len() != titles.len() {
        findings.add(
            Rule::Titles,
            &Place::script("titles"),
            format!("{} titles, {} of them different: write {VARIANTS} that differ", titles.len(), distinct.len()),
        );
    }
    let most = dossier.policy.episode.title_chars;
    for (n, title) in titles.iter().enumerate() {
        let place = Place::script(format!("title {}", n + 1));
        let length = title.chars().count();
        if title.trim().is_empty() || length > most {
            findings.add(Rule::Titles, &place, format!("has {length} characters: write 1 to {most}"));
        }
        if has_angle(title) {
            findings.add(Rule::Titles, &place, "holds `<` or `>`, which the video host refuses");
        }
    }
}

fn thumbnails(dossier: &Dossier<'_>, findings: &mut Findings) {
    let thumbnails = &dossier.script.thumbnails;
    let designs: BTreeSet<ThumbnailDesign> = thumbnails.iter().map(|thumbnail| thumbnail.design).collect();
    if thumbnails.len() != VARIANTS || designs.len() != thumbnails.len() {
        findings.add(
            Rule::Thumbnails,
            &Place::script("thumbnails"),
            format!(
                "{} thumbnails in {} designs: make {VARIANTS} of different designs",
                thumbnails.len(),
                designs.len()
            ),
        );
    }
    let most = dossier.policy.episode.thumbnail_words;
    for (n, thumbnail) in thumbnails.iter().enumerate() {
        let place = Place::script(format!("thumbnail {}", n + 1));
        // Figures are words to who reads them on a phone.
        let words: usize = thumbnail.texts().map(|text| spoken_words(&text.text())).sum();
        if words > most {
            findings.add(
                Rule::Thumbnails,
                &place,
                format!("has {words} words, figures among them: at most {most} can be read at a glance"),
            );
        }
        if thumbnail.figure.is_empty() {
            findings.add(Rule::Thumbnails, &place, "has no figure");
        }
        if (thumbnail.design == ThumbnailDesign::ThenAndNow) != thumbnail.earlier.is_some() {
            findings.add(
                Rule::Thumbnails,
                &place,
                "an earlier figure belongs to `then_and_now`, and to no other design",
            );
        }
    }
}

fn description(dossier: &Dossier<'_>, findings: &mut Findings) {
    let script = dossier.script;
    let place = Place::script("description");
    let lines: Vec<String> = script.description.iter().map(RichText::text).collect();
    let chapters: usize = script.chapters.iter().map(|chapter| chapter.title.text().len() + CHAPTER_LINE_BYTES).sum();
    let bytes = lines.iter().map(|line| line.len() + 1).sum::<usize>() + chapters;
    let most = dossier.policy.episode.description_bytes;
    if lines.iter().all(|line| line.trim().is_empty()) || bytes > most {
        findings.add(Rule::Description, &place, format!("takes {bytes} bytes with its chapters: write 1 to {most}"));
    }
    if lines.iter().any(|line| has_angle(line)) {
        findings.add(Rule::Description, &place, "holds `<` or `>`, which the video host refuses");
    }
    let named: BTreeSet<&SourceId> = script
        .description
        .iter()
        .flat_map(|line| &line.0)
        .filter_map(|span| if let Some(Cite::Source { source }) = &span.cite { Some(source) } else { None })
        .collect();
    let used: BTreeSet<&SourceId> = dossier.scenes.scenes.iter().flat_map(|scene| &scene.evidence_sources).collect();
    for source in used.difference(&named) {
        findings.add(Rule::Description, &place, format!("does not list the source {source}"));
    }
}

fn tags(dossier: &Dossier<'_>, findings: &mut Findings) {
    let tags = &dossier.script.tags;
    let place = Place::script("tags");
    // As the host counts: commas between tags, and quotation marks around a tag with a space.
    let length = tags.iter().map(|tag| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 }).sum::<usize>()
        + tags.len().saturating_sub(1);
    let most = dossier.policy.episode.tags_chars;
    if tags.is_empty() || length > most {
        findings.add(Rule::Tags, &place, format!("take {length} characters: write 1 to {most}"));
    }
    if tags.iter().any(|tag| tag.trim().is_empty() || has_angle(tag) || tag.contains(',')) {
        findings.add(Rule::Tags, &place, "one is empty, or holds a comma or an angle bracket");
    }
    let distinct: BTreeSet<String> = tags.iter().map(|tag| tag.to_lowercase()).collect();
    if distinct.len() != tags.len() {
        findings.add(Rule::Tags, &place, "one stands twice");
    }
}

fn chapters(dossier: &Dossier<'_>, findings: &mut Findings) {
    let chapters = &dossier.script.chapters;
    let place = Place::script("chapters");
    let starts: Vec<Option<f64>> =
        chapters.iter().map(|chapter| dossier.scene(&chapter.scene_id).map(|scene| scene.start_time)).collect();
    if chapters.len() < MIN_CHAPTERS {
        findings.add(
            Rule::Chapters,
            &place,
            format!("{} chapters: a player shows them from {MIN_CHAPTERS} on", chapters.len()),
        );
    }
    if starts.iter().any(Option::is_none) {
        findings.add(Rule::Chapters, &place, "one begins at a scene that does not exist");
        return;
    }
    let first_scene = dossier.scenes.scenes.first().map(|scene| &scene.scene_id);
    if chapters.first().map(|chapter| &chapter.scene_id) != first_scene {
        findings.add(Rule::Chapters, &place, "the first one does not begin with the first scene");
    }
    let mut ends: Vec<f64> = starts.iter().skip(1).copied().flatten().collect();
    ends.extend(dossier.scenes.scenes.last().map(|scene| scene.end_time));
    for (n, (start, end)) in starts.iter().copied().flatten().zip(ends).enumerate() {
        if end - start < MIN_CHAPTER_SECONDS {
            findings.add(
                Rule::Chapters,
                &place,
                format!("chapter {} lasts {:.1} s: at least {MIN_CHAPTER_SECONDS}", n + 1, end - start),
            );
        }
    }
    let titles: BTreeSet<String> = chapters.iter().map(|chapter| chapter.title.text()).collect();
    if titles.len() != chapters.len() || titles.iter().any(|title| title.trim().is_empty()) {
        findings.add(Rule::Chapters, &place, "a title is empty or stands twice");
    }
}

/// Disclosure and disclaimer are the channel's, and reach the viewer in the description and on the end card.
fn disclosures(dossier: &Dossier<'_>, findings: &mut Findings) {
    let script = dossier.script;
    let house = &dossier.order.channel.governance;
    let description = script.description.iter().map(RichText::text).collect::<Vec<_>>().join("\n");
    let end_card: Vec<&String> = dossier
        .scenes
        .scenes
        .iter()
        .filter_map(|scene| if let Visual::End { small_print, .. } = &scene.visual { Some(small_print) } else { None })
        .flatten()
        .collect();
    for (name, text, wanted) in [
        ("AI disclosure", &script.ai_disclosure, &house.ai_disclosure),
        ("disclaimer", &script.disclaimer, &house.disclaimer),
    ] {
        let place = Place::script(name);
        if text.trim().is_empty() {
            findings.add(Rule::MissingGovernanceField, &place, "is empty");
            continue;
        }
        if text != wanted {
            findings.add(Rule::MissingDisclosure, &place, "is not the channel's own wording");
        }
        if !description.contains(wanted.as_str()) {
            findings.add(Rule::MissingDisclosure, &place, "does not stand in the description");
        }
        if !end_card.iter().any(|line| line.contains(wanted.as_str())) {
            let scene = dossier.scenes.scenes.last().map(|scene| &scene.scene_id);
            let place = Place {
                owner: proofreel_model::stage::StageName::SceneBuilder,
                scene,
                name: format!("end card {name}"),
            };
            findings.add(Rule::MissingDisclosure, &place, "does not stand on an end card");
        }
    }
}
