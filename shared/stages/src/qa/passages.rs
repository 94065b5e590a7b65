//! Every text that can reach a viewer, with what it may rest on.

use proofreel_model::ids::{ClaimId, FactId, SceneId};
use proofreel_model::series::SeriesRef;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Place};

/// What a text is for; decides which checks make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Spoken, or prose to read: full sentences.
    Prose,
    /// A label, heading, title or figure.
    Label,
    /// The source line of a picture or a line of the description.
    Credit,
}

/// A text with its place.
pub struct Passage<'a> {
    /// The text.
    pub text: &'a RichText,
    /// Where it is, and whose.
    pub place: Place<'a>,
    /// What it is for.
    pub usage: Use,
    /// Claims it rests on; empty when any claim of the brief may carry it.
    pub claims: Vec<&'a ClaimId>,
}

impl Passage<'_> {
    /// Facts the text may rest on: those it cites, and those of its claims.
    pub fn support<'d>(&self, dossier: &'d Dossier<'_>) -> Vec<&'d FactId> {
        let claims = dossier
            .brief
            .key_facts
            .iter()
            .filter(|claim| self.claims.is_empty() || self.claims.contains(&&claim.claim_id));
        let mut facts: Vec<&FactId> = claims.flat_map(|claim| claim.finding.roles.values()).collect();
        facts.extend(self.text.facts().filter_map(|id| dossier.fact(id)).map(|fact| &fact.id));
        facts.sort();
        facts.dedup();
        facts
    }
}

/// All texts of the brief, the scenes and the script, in reading order.
pub fn all<'a>(dossier: &Dossier<'a>) -> Vec<Passage<'a>> {
    let mut out = brief(dossier);
    for scene in &dossier.scenes.scenes {
        let claims: Vec<&ClaimId> = scene.key_claims.iter().collect();
        for (place, text) in scene.visual.texts() {
            let usage = if place == "source" { Use::Credit } else { Use::Label };
            out.push(Passage { text, place: Place::scene(&scene.scene_id, place), usage, claims: claims.clone() });
        }
        for trace in scene.visual.traces() {
            out.push(Passage {
                text: &trace.label,
                place: Place::scene(&scene.scene_id, "trace label"),
                usage: Use::Label,
                claims: claims.clone(),
            });
        }
        out.push(Passage {
            text: &scene.source_line,
            place: Place::scene(&scene.scene_id, "source line"),
            usage: Use::Credit,
            claims,
        });
    }
    narration(dossier, &mut out);
    packaging(dossier, &mut out);
    out
}

fn brief<'a>(dossier: &Dossier<'a>) -> Vec<Passage<'a>> {
    let brief = dossier.brief;
    let prose = |text, name: String, claims| Passage { text, place: Place::research(name), usage: Use::Prose, claims };
    let mut out: Vec<_> = brief
        .key_facts
        .iter()
        .map(|claim| prose(&claim.statement, format!("claim {}", claim.claim_id), vec![&claim.claim_id]))
        .collect();
    out.push(prose(&brief.executive_summary, "executive summary".into(), Vec::new()));
    out.push(prose(&brief.contrarian_angle, "contrarian angle".into(), Vec::new()));
    out.push(prose(&brief.viewer_takeaway, "viewer takeaway".into(), Vec::new()));
    out
}

fn narration<'a>(dossier: &Dossier<'a>, out: &mut Vec<Passage<'a>>) {
    for spoken in &dossier.script.scenes {
        let of_scene: Vec<&ClaimId> =
            dossier.scene(&spoken.scene_id).map(|scene| scene.key_claims.iter().collect()).unwrap_or_default();
        for (n, sentence) in spoken.narration.iter().enumerate() {
            let claims = if sentence.claims.is_empty() { of_scene.clone() } else { sentence.claims.iter().collect() };
            let name = format!("narration {}", n + 1);
            out.push(Passage {
                text: &sentence.text,
                place: Place::narration(&spoken.scene_id, name),
                usage: Use::Prose,
                claims,
            });
        }
        for (n, text) in spoken.on_screen_text.iter().enumerate() {
            let name = format!("on-screen text {}", n + 1);
            out.push(Passage {
                text,
                place: Place::narration(&spoken.scene_id, name),
                usage: Use::Label,
                claims: of_scene.clone(),
            });
        }
    }
}

fn packaging<'a>(dossier: &Dossier<'a>, out: &mut Vec<Passage<'a>>) {
    let script = dossier.script;
    let mut push =
        |text, name: String, usage| out.push(Passage { text, place: Place::script(name), usage, claims: Vec::new() });
    for (n, title) in script.titles.iter().enumerate() {
        push(title, format!("title {}", n + 1), Use::Label);
    }
    for (n, thumbnail) in script.thumbnails.iter().enumerate() {
        push(&thumbnail.words, format!("thumbnail {} words", n + 1), Use::Label);
        push(&thumbnail.figure, format!("thumbnail {} figure", n + 1), Use::Label);
        if let Some(earlier) = &thumbnail.earlier {
            push(earlier, format!("thumbnail {} earlier figure", n + 1), Use::Label);
        }
        push(&thumbnail.trace.label, format!("thumbnail {} trace label", n + 1), Use::Label);
    }
    for (n, hook) in script.hooks.iter().enumerate() {
        push(hook, format!("hook {}", n + 1), Use::Prose);
    }
    for (n, line) in script.description.iter().enumerate() {
        // A line that states a figure is prose like any other; the rest credits sources and says whose it is.
        let usage = if line.facts().next().is_some() { Use::Prose } else { Use::Credit };
        push(line, format!("description line {}", n + 1), usage);
    }
    for (n, chapter) in script.chapters.iter().enumerate() {
        push(&chapter.title, format!("chapter {}", n + 1), Use::Label);
    }
    push(&script.pinned_comment, "pinned comment".into(), Use::Prose);
    for (n, comment) in script.other_comments.iter().enumerate() {
        push(comment, format!("other comment {}", n + 1), Use::Prose);
    }
}

/// Plain strings that reach a viewer, with their place.
pub fn plain_strings<'a>(dossier: &Dossier<'a>) -> Vec<(&'a str, Place<'a>)> {
    let script = dossier.script;
    let mut out: Vec<(&str, Place<'_>)> = script
        .tags
        .iter()
        .enumerate()
        .map(|(n, tag)| (tag.as_str(), Place::script(format!("tag {}", n + 1))))
        .collect();
    out.push((&script.ai_disclosure, Place::script("AI disclosure")));
    out.push((&script.disclaimer, Place::script("disclaimer")));
    for scene in &dossier.scenes.scenes {
        match &scene.visual {
            Visual::End { small_print, .. } => {
                out.extend(
                    small_print.iter().map(|line| (line.as_str(), Place::scene(&scene.scene_id, "small print"))),
                );
            }
            Visual::Quote { quote, .. } => out.push((&quote.text, Place::scene(&scene.scene_id, "quotation"))),
            _ => {}
        }
    }
    out.push((
        &dossier.brief.topic.title,
        Place { owner: proofreel_model::stage::StageName::Planner, scene: None, name: "topic title".into() },
    ));
    out
}

/// Every series that the artifacts name, so that the packages are asked about each.
pub fn series_named<'a>(
    brief: &'a proofreel_model::brief::ResearchBrief,
    scenes: &'a proofreel_model::scenes::Scenes,
    script: &'a proofreel_model::script::Script,
) -> Vec<&'a SeriesRef> {
    use proofreel_model::text::Cite;
    let mut out: Vec<&SeriesRef> = brief.series.iter().map(|info| &info.series).collect();
    out.extend(brief.facts.iter().flat_map(|fact| super::dossier::series_of(&fact.formula)));
    out.extend(brief.key_facts.iter().flat_map(|claim| &claim.finding.series));
    let mut texts: Vec<&RichText> = brief.key_facts.iter().map(|claim| &claim.statement).collect();
    texts.extend([&brief.executive_summary, &brief.contrarian_angle, &brief.viewer_takeaway]);
    for scene in &scenes.scenes {
        texts.extend(scene.visual.texts().into_iter().map(|(_, text)| text));
        texts.push(&scene.source_line);
        for trace in scene.visual.traces() {
            out.push(&trace.series);
            texts.push(&trace.label);
        }
        out.extend(scene.visual.members().iter().map(|member| &member.series));
    }
    texts.extend(script.texts().into_iter().map(|(_, text)| text));
    for thumbnail in &script.thumbnails {
        out.push(&thumbnail.trace.series);
        texts.push(&thumbnail.trace.label);
    }
    out.extend(texts.into_iter().flat_map(|text| &text.0).filter_map(|span| match &span.cite {
        Some(Cite::Series { series }) => Some(series),
        _ => None,
    }));
    out.sort();
    out.dedup();
    out
}

/// The scene ids of the script, in order.
pub fn script_scene_ids<'a>(dossier: &Dossier<'a>) -> Vec<&'a SceneId> {
    dossier.script.scenes.iter().map(|scene| &scene.scene_id).collect()
}
