//! Gathers the evidence for the selected topic: claims, their facts, their sources, and what is wrong with them.

mod claims;
mod makers;
mod sources;

use std::collections::BTreeSet;

use async_trait::async_trait;
use proofreel_evidence::mine;
use proofreel_model::brief::{KeyFactSource, ResearchBrief};
use proofreel_model::fact::Fact;
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::stage::StageName;
use proofreel_model::text::{RichText, Span};
use proofreel_model::topic::{TopicCandidate, TopicCandidates, TopicSelection};
use serde::Deserialize;

use crate::prose::composer::hash;
use crate::prose::plans::{SCEPTIC, TAKEAWAY};
use crate::prose::{Composer, Evidence, Slot, Story, Wish};
use crate::{Context, Outcome, Stage, StageError};

pub(crate) use claims::noun;
pub(crate) use sources::{credits, series_of};

/// The research stage.
pub struct Research;

/// What it reads: the candidates and the selection with its scores. Without both it refuses to work.
#[derive(Debug, Deserialize)]
pub struct Input {
    /// The planner's candidates.
    pub topic_candidates: TopicCandidates,
    /// Scores and the selected topic.
    pub topic_selection: TopicSelection,
}

/// Claims in a summary.
pub(crate) const SUMMARY: usize = 3;

#[async_trait]
impl Stage for Research {
    const NAME: StageName = StageName::Research;
    const READS: &'static [StageName] = &[StageName::Planner, StageName::TopicScoring];
    type Input = Input;
    type Output = ResearchBrief;

    async fn run(&self, input: Input, context: &Context<'_>) -> Result<Outcome<ResearchBrief>, StageError> {
        let topic = selected(&input)?;
        let refs: Vec<SeriesRef> = topic.series.iter().map(|info| info.series.clone()).collect();
        let mined = mine(context.library, &refs, topic.angle, context.order.as_of);
        let series = crate::planner::series_of(&mined.findings, context.library);
        let evidence = Evidence { facts: &mined.facts, series: &series, historical: true };
        let seed = hash(context.order.seed.wrapping_add(u64::from(context.visit)), topic.topic_id.as_str());
        let mut composer = Composer::new(seed, context.order.channel.episode.tone, context.reasons);
        let key_facts = claims::word(&mined.findings, evidence, &mut composer, context);
        if key_facts.is_empty() {
            return Err(StageError::refused(
                format!("no claim can be made about {}", topic.topic_id),
                "choose another topic with --topic, or add data with --sources DIR",
            ));
        }
        let used: BTreeSet<&FactId> = key_facts.iter().flat_map(|claim| claim.finding.roles.values()).collect();
        let facts: Vec<Fact> = mined.facts.iter().filter(|fact| used.contains(&fact.id)).cloned().collect();
        let series = all_series(&facts, &series, context);
        let sources = sources::list(&facts, &series, context);
        let key_fact_sources: Vec<KeyFactSource> = key_facts
            .iter()
            .map(|claim| KeyFactSource {
                claim: claim.claim_id.clone(),
                source_ids: sources::of(&claim.finding, &facts, &sources, context),
            })
            .collect();
        let data_points = claims::data_points(&key_facts, &facts, (&series, &sources), context);
        let screening = screening(&series, context);
        let brief = ResearchBrief {
            schema_version: proofreel_model::schema_version(),
            as_of: context.order.as_of,
            topic: topic.clone(),
            topic_candidates: input.topic_selection.scored.clone(),
            executive_summary: RichText::default(),
            key_facts,
            key_fact_sources,
            data_points,
            sources,
            facts,
            series,
            screening,
            contrarian_angle: RichText::default(),
            viewer_takeaway: RichText::default(),
        };
        Ok(Outcome::advance(summed_up(brief, composer, context)))
    }
}

/// The selected topic, or a refusal of an input that lacks its context.
fn selected(input: &Input) -> Result<&TopicCandidate, StageError> {
    let selection = &input.topic_selection;
    let hint = "start a new run: research needs the planner's candidates and their scores together";
    if selection.scored.is_empty() {
        return Err(StageError::refused("the topic selection carries no scored candidates", hint));
    }
    let candidate = input
        .topic_candidates
        .topic_candidates
        .iter()
        .find(|candidate| candidate.topic_id == selection.selected)
        .ok_or_else(|| {
            StageError::refused(format!("the selected topic {} is none of the candidates", selection.selected), hint)
        })?;
    match selection.scored.iter().find(|scored| scored.topic_id == selection.selected) {
        None => Err(StageError::refused(format!("the selected topic {} has no score", selection.selected), hint)),
        Some(scored) => match &scored.refused {
            Some(why) => Err(StageError::refused(
                format!("the selected topic {} was refused: {why}", selection.selected),
                "choose another topic",
            )),
            None => Ok(candidate),
        },
    }
}

/// Every series that the facts read, the topic's own first.
fn all_series(facts: &[Fact], named: &[SeriesInfo], context: &Context<'_>) -> Vec<SeriesInfo> {
    let mut refs: BTreeSet<SeriesRef> = named.iter().map(|info| info.series.clone()).collect();
    refs.extend(facts.iter().flat_map(|fact| sources::series_of(&fact.formula)).cloned());
    refs.iter().filter_map(|series| context.library.series(series)).map(|series| series.info.clone()).collect()
}

fn screening(series: &[SeriesInfo], context: &Context<'_>) -> Vec<proofreel_model::brief::ScreeningFinding> {
    series
        .iter()
        .filter_map(|info| Some((info, context.library.dataset(&info.series.dataset)?)))
        .flat_map(|(info, dataset)| dataset.screening_of(&info.series).cloned())
        .collect()
}

/// Adds the parts that look at all claims together.
fn summed_up(mut brief: ResearchBrief, mut composer: Composer, context: &Context<'_>) -> ResearchBrief {
    let ids: Vec<ClaimId> = brief.key_facts.iter().map(|claim| claim.claim_id.clone()).collect();
    let wish = |slot| Wish::of(slot, context.policy.qa.max_sentence_words);
    let story = Story { brief: &brief };
    let joined = story.joined(&ids);
    let mut say = |plans, slot| {
        let bound = joined.as_ref()?;
        composer.compose(plans, bound, wish(slot)).map(|composed| composed.text)
    };
    let fallback = || brief.key_facts.first().map(|claim| claim.statement.clone()).unwrap_or_default();
    let contrarian = say(SCEPTIC, Slot::Sceptic).unwrap_or_else(fallback);
    let takeaway = say(TAKEAWAY, Slot::Takeaway).unwrap_or_else(fallback);
    let summary = joined_text(brief.key_facts.iter().take(SUMMARY).map(|claim| &claim.statement));
    brief.contrarian_angle = contrarian;
    brief.viewer_takeaway = takeaway;
    brief.executive_summary = summary;
    brief
}

/// Sentences as one text.
pub(crate) fn joined_text<'t>(texts: impl IntoIterator<Item = &'t RichText>) -> RichText {
    let mut spans: Vec<Span> = Vec::new();
    for text in texts {
        if !spans.is_empty() {
            spans.push(Span { text: " ".into(), cite: None });
        }
        spans.extend(text.0.iter().cloned());
    }
    RichText(spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::topic::{Angle, ScoredTopic, TopicScores};

    fn input(selected: &str, scored: &[&str]) -> Input {
        let candidate = TopicCandidate {
            topic_id: "a/b/long_view".into(),
            title: "B".into(),
            angle: Angle::LongView,
            series: Vec::new(),
            evidence_preview: Vec::new(),
            findings: 1,
            strength: 0.5,
            notes: Vec::new(),
        };
        let scores = TopicScores {
            audience_fit: 3.0,
            novelty: 3.0,
            monetization_potential: 3.0,
            evidence_availability: 3.0,
            production_feasibility: 3.0,
        };
        let scored = scored
            .iter()
            .map(|id| ScoredTopic {
                topic_id: (*id).into(),
                scores,
                total: 3.0,
                rationale: String::new(),
                refused: None,
            })
            .collect();
        Input {
            topic_candidates: TopicCandidates {
                schema_version: proofreel_model::schema_version(),
                as_of: jiff::civil::date(2026, 11, 22),
                topic_candidates: vec![candidate],
                left_out: Vec::new(),
                benchmark: None,
                benchmark_says: Vec::new(),
            },
            topic_selection: TopicSelection {
                schema_version: proofreel_model::schema_version(),
                scored,
                shortlist: Vec::new(),
                selected: selected.into(),
                rationale: String::new(),
            },
        }
    }

    #[test]
    fn an_input_without_its_context_is_refused() {
        assert!(selected(&input("a/b/long_view", &["a/b/long_view"])).is_ok());
        for (topic, scored, says) in [
            ("x", &["x"][..], "none of the candidates"),
            ("a/b/long_view", &[][..], "no scored candidates"),
            ("a/b/long_view", &["other"][..], "has no score"),
        ] {
            let error = selected(&input(topic, scored)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_refused_topic_is_not_researched() {
        let mut input = input("a/b/long_view", &["a/b/long_view"]);
        input.topic_selection.scored[0].refused = Some("covered".into());
        assert!(selected(&input).unwrap_err().to_string().contains("was refused: covered"));
    }
}
