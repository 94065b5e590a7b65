//! Structure before words: which claims are told in which order, with which picture and for how long.

mod backing;
mod cards;
mod moments;
mod outline;
mod panels;
mod parts;
mod pictures;
mod stretches;

use async_trait::async_trait;
use proofreel_model::brief::{ResearchBrief, Source};
use proofreel_model::display::dates;
use proofreel_model::fact::Fact;
use proofreel_model::ids::{ClaimId, SceneId, SourceId};
use proofreel_model::scenes::{NarrativeRole, RiskFlag, Scene, Scenes, SourceRefEntry};
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::Visual;
use serde::Deserialize;

use crate::prose::Story;
use crate::{Context, Outcome, Stage, StageError};

pub(crate) use backing::PLACE;
pub(crate) use cards::{card_figure, chapter};
use outline::{Outline, Step};
pub(crate) use parts::around;

/// The scene-builder stage.
pub struct SceneBuilder;

/// What it reads.
#[derive(Debug, Deserialize)]
pub struct Input {
    /// The research brief.
    pub brief: ResearchBrief,
}

#[async_trait]
impl Stage for SceneBuilder {
    const NAME: StageName = StageName::SceneBuilder;
    const READS: &'static [StageName] = &[StageName::Research];
    type Input = Input;
    type Output = Scenes;

    async fn run(&self, input: Input, context: &Context<'_>) -> Result<Outcome<Scenes>, StageError> {
        let story = Story { brief: &input.brief };
        let outline = Outline::plan(story, context)?;
        let mut composer = story.composer(context, "scenes");
        let mut gallery = pictures::Gallery::new(story, context, backing::of(story, context)?);
        let mut scenes: Vec<Scene> = Vec::with_capacity(outline.steps.len());
        let mut start = 0.0;
        for (n, step) in outline.steps.iter().enumerate() {
            let visual = gallery.picture(step, &outline, &mut composer).ok_or_else(|| {
                StageError::refused(
                    format!(
                        "no picture can be drawn for {}",
                        step.claims.iter().map(ClaimId::as_str).collect::<Vec<_>>().join(", ")
                    ),
                    "choose another topic with --topic, or look at the notes of this topic in topic_candidates",
                )
            })?;
            let end = start + outline.seconds(step.words);
            let mut scene = scene(n, step, outline.steps.get(n + 1), visual, (start, end), (story, context));
            scene.risk_flags.extend(risks(step, story, context));
            scenes.push(scene);
            start = end;
        }
        Ok(Outcome::advance(Scenes { schema_version: proofreel_model::schema_version(), scenes }))
    }
}

/// The id of the scene at place `n`.
fn scene_id(n: usize) -> SceneId {
    SceneId(format!("s{:02}", n + 1))
}

fn scene(
    n: usize,
    step: &Step,
    next: Option<&Step>,
    visual: Visual,
    (start, end): (f64, f64),
    (story, context): (Story<'_>, &Context<'_>),
) -> Scene {
    let source_refs: Vec<SourceRefEntry> = step
        .claims
        .iter()
        .map(|claim| SourceRefEntry { claim: claim.clone(), sources: story.sources_of(claim) })
        .collect();
    let mut evidence_sources: Vec<SourceId> =
        source_refs.iter().flat_map(|entry| entry.sources.iter().cloned()).collect();
    evidence_sources.sort();
    evidence_sources.dedup();
    let stale = evidence_sources.iter().filter_map(|id| story.source(id)).any(|source| source.stale_data);
    Scene {
        scene_id: scene_id(n),
        objective: step.objective(story),
        narrative_role: step.role,
        source_line: source_line(&evidence_sources, story, context),
        key_claims: step.claims.clone(),
        source_refs,
        evidence_sources,
        visual_prompt: pictures::described(&visual).to_owned(),
        visual,
        narration_prompt: step.directions().to_owned(),
        transition_note: transition(step, next).to_owned(),
        start_time: start,
        end_time: end,
        word_budget: u32::try_from(step.words).unwrap_or(u32::MAX),
        risk_flags: if stale { vec![RiskFlag::StaleData] } else { Vec::new() },
        schema_version: proofreel_model::schema_version(),
    }
}

/// Flags that the subject of a scene calls for.
fn risks(step: &Step, story: Story<'_>, context: &Context<'_>) -> Vec<RiskFlag> {
    let claims = step.claims.iter().filter_map(|id| story.brief.claim(id));
    let facts = claims.flat_map(|claim| claim.finding.roles.values()).filter_map(|id| story.brief.fact(id));
    let series = facts.flat_map(|fact| crate::research::series_of(&fact.formula));
    let infos = series.filter_map(|series| story.brief.series_info(series));
    crate::risk::flags(infos, &context.policy.risks).into_iter().map(|(flag, _)| flag).collect()
}

fn transition(step: &Step, next: Option<&Step>) -> &'static str {
    match (step.role, next.map(|next| next.role)) {
        (NarrativeRole::Hook, _) => "From the promise to its first piece of evidence.",
        (NarrativeRole::Proof, Some(NarrativeRole::Proof)) => {
            "The next chart looks at the same record from another side."
        }
        (NarrativeRole::Proof, _) => "The evidence is complete: now set it side by side.",
        (NarrativeRole::Insight, Some(NarrativeRole::Payoff)) => "From what it means to what to keep.",
        (NarrativeRole::Insight, _) => "Back to the evidence with a sharper question.",
        (NarrativeRole::Payoff, Some(_)) => "From the takeaway to the sources.",
        (NarrativeRole::Payoff, None) => "The episode ends.",
    }
}

/// The sources of a scene, each with the date of its newest figure in the brief.
fn source_line(sources: &[SourceId], story: Story<'_>, context: &Context<'_>) -> RichText {
    let dated = |id: &SourceId| {
        let (fact, text) = newest(story.source(id)?, story, context)?;
        let cite = Cite::Fact { fact: fact.id.clone(), part: Part::To, style: Style::Screen };
        Some(Span { text, cite: Some(cite) })
    };
    let named = |id: &SourceId| {
        let title = story.source(id)?.title.clone();
        Some((Span { text: title, cite: Some(Cite::Source { source: id.clone() }) }, dated(id)))
    };
    credited(sources.iter().filter_map(named).collect())
}

/// `Source: Labor Office; World Bank, figures to Jun 2026`; where sources reach to different dates,
/// `Source: Labor Office, to May 2026; World Bank, to Jun 2026`.
fn credited(sources: Vec<(Span, Option<Span>)>) -> RichText {
    let plain = |text: &str| Span { text: text.into(), cite: None };
    let dates: Vec<Span> = sources.iter().filter_map(|(_, date)| date.clone()).collect();
    let alike = dates.iter().all(|date| date.text == dates[0].text);
    let mut spans = Vec::new();
    for (title, date) in sources {
        spans.push(plain(if spans.is_empty() { "Source: " } else { "; " }));
        spans.push(title);
        if let Some(date) = date.filter(|_| !alike) {
            spans.extend([plain(", to "), date]);
        }
    }
    if let Some(date) = dates.into_iter().next().filter(|_| alike) {
        spans.extend([plain(", figures to "), date]);
    }
    RichText(spans)
}

/// The fact over this source's series that reaches furthest, with its end as written on screen.
fn newest<'a>(source: &Source, story: Story<'a>, context: &Context<'_>) -> Option<(&'a Fact, String)> {
    let of_these = |fact: &&Fact| {
        crate::research::series_of(&fact.formula).iter().any(|series| crate::research::credits(source, series, context))
    };
    story
        .brief
        .facts
        .iter()
        .filter(of_these)
        .filter_map(|fact| Some((dates(&fact.formula).2?, fact)))
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.id.cmp(&a.1.id)))
        .and_then(|(_, fact)| Some((fact, proofreel_model::display::cite(fact, Part::To, Style::Screen)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_reach_to_different_dates_are_dated_one_by_one() {
        let span = |text: &str| Span { text: text.into(), cite: None };
        let line = |dates: [Option<&str>; 2]| {
            let titles = ["Labor Office", "World Bank"].into_iter();
            credited(titles.zip(dates).map(|(title, date)| (span(title), date.map(span))).collect()).text()
        };
        assert_eq!(line([Some("Jun 2026"); 2]), "Source: Labor Office; World Bank, figures to Jun 2026");
        assert_eq!(line([None, Some("Jun 2026")]), "Source: Labor Office; World Bank, figures to Jun 2026");
        let apart = "Source: Labor Office, to May 2026; World Bank, to Jun 2026";
        assert_eq!(line([Some("May 2026"), Some("Jun 2026")]), apart);
        assert_eq!(line([None, None]), "Source: Labor Office; World Bank");
        assert_eq!(credited(Vec::new()).text(), "");
    }
}
