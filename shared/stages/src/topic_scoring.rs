//! Scores the candidates on five criteria and selects one.

mod criteria;
mod demand;
mod wish;

use async_trait::async_trait;
use proofreel_model::ids::TopicId;
use proofreel_model::policy::Weights;
use proofreel_model::stage::StageName;
use proofreel_model::topic::{ScoredTopic, TopicCandidate, TopicCandidates, TopicScores, TopicSelection};
use serde::Deserialize;

use crate::{Context, Outcome, Stage, StageError};

pub(crate) use criteria::names;

/// The topic-scoring stage.
pub struct TopicScoring;

/// What it reads.
#[derive(Debug, Deserialize)]
pub struct Input {
    /// The planner's candidates.
    pub topic_candidates: TopicCandidates,
}

#[async_trait]
impl Stage for TopicScoring {
    const NAME: StageName = StageName::TopicScoring;
    const READS: &'static [StageName] = &[StageName::Planner];
    type Input = Input;
    type Output = TopicSelection;

    async fn run(&self, input: Input, context: &Context<'_>) -> Result<Outcome<TopicSelection>, StageError> {
        let candidates = &input.topic_candidates.topic_candidates;
        if candidates.is_empty() {
            return Err(StageError::refused(
                "there are no topic candidates to score",
                "start a new run: the planner's artifact is empty",
            ));
        }
        let scored = rank(candidates.iter().map(|candidate| score(candidate, context)).collect());
        let open: Vec<&ScoredTopic> = scored.iter().filter(|topic| topic.refused.is_none()).collect();
        let Some(best) = open.first() else {
            return Err(StageError::refused(
                format!(
                    "every topic of these data packages was covered in the last {} days:\n  {}",
                    context.order.channel.governance.recent_days,
                    scored.iter().map(|topic| topic.topic_id.as_str()).collect::<Vec<_>>().join("\n  ")
                ),
                "add data packages with --sources DIR, or lower governance.recent_days in the channel file",
            ));
        };
        let selected = match &context.order.topic {
            None => best,
            Some(wish) => wish::find(wish, candidates, &scored)?,
        };
        let (least, most) = context.policy.scoring.shortlist;
        let shortlist = shortlist(&open, selected, least.max(most));
        let rationale = rationale(selected, &open, candidates, context.order.topic.as_deref());
        let selected = selected.topic_id.clone();
        Ok(Outcome::advance(TopicSelection {
            schema_version: proofreel_model::schema_version(),
            scored,
            shortlist,
            selected,
            rationale,
        }))
    }
}

/// Best first; equal totals in the order of their ids, never at random.
fn rank(mut scored: Vec<ScoredTopic>) -> Vec<ScoredTopic> {
    scored.sort_by(|a, b| b.total.total_cmp(&a.total).then_with(|| a.topic_id.cmp(&b.topic_id)));
    scored
}

fn shortlist(open: &[&ScoredTopic], selected: &ScoredTopic, most: usize) -> Vec<TopicId> {
    let mut list: Vec<TopicId> = open.iter().take(most).map(|topic| topic.topic_id.clone()).collect();
    if !list.contains(&selected.topic_id) {
        // The operator's wish may lie below the best: it takes the last place.
        list.truncate(most.saturating_sub(1));
        list.push(selected.topic_id.clone());
    }
    list
}

fn score(candidate: &TopicCandidate, context: &Context<'_>) -> ScoredTopic {
    let (scores, clauses) = criteria::judge(candidate, context);
    let total = total(&scores, context.policy.scoring.weights);
    ScoredTopic {
        topic_id: candidate.topic_id.clone(),
        scores,
        total,
        rationale: clauses.join("; "),
        refused: context.order.recent_topics.contains(&candidate.topic_id).then(|| {
            format!("the channel covered it in the last {} days", context.order.channel.governance.recent_days)
        }),
    }
}

fn total(scores: &TopicScores, weights: Weights) -> f64 {
    let sum = scores.audience_fit * weights.audience_fit
        + scores.novelty * weights.novelty
        + scores.monetization_potential * weights.monetization_potential
        + scores.evidence_availability * weights.evidence_availability
        + scores.production_feasibility * weights.production_feasibility;
    // Three decimals are more than the criteria deserve, and keep equal topics equal.
    (sum * 1000.0).round() / 1000.0
}

fn rationale(
    selected: &ScoredTopic,
    open: &[&ScoredTopic],
    candidates: &[TopicCandidate],
    wish: Option<&str>,
) -> String {
    let title = candidates.iter().find(|c| c.topic_id == selected.topic_id).map_or("", |c| c.title.as_str());
    let place = open.iter().position(|topic| topic.topic_id == selected.topic_id).map_or(0, |at| at + 1);
    let text = match wish {
        Some(wish) => format!(
            "The operator asked for `{wish}`: \"{title}\" fits best, with {:.2} of 5, place {place} of {}.",
            selected.total,
            open.len()
        ),
        None => {
            format!("\"{title}\" scores highest, with {:.2} of 5 among {} candidates.", selected.total, open.len())
        }
    };
    let why = crate::prose::grammar::capitalised(&selected.rationale);
    let other = open.iter().find(|topic| topic.topic_id != selected.topic_id);
    let beside = other.map_or_else(String::new, |other| {
        let tie = (other.total - selected.total).abs() < 1e-9;
        let place = if tie { "ties with it and yields by the order of ids" } else { "is the nearest other choice" };
        format!(" {} ({:.2}) {place}.", other.topic_id, other.total)
    });
    format!("{text} {why}.{beside}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(id: &str, total: f64) -> ScoredTopic {
        let scores = TopicScores {
            audience_fit: 3.0,
            novelty: 3.0,
            monetization_potential: 3.0,
            evidence_availability: 3.0,
            production_feasibility: 3.0,
        };
        ScoredTopic { topic_id: id.into(), scores, total, rationale: String::new(), refused: None }
    }

    #[test]
    fn ties_are_broken_by_id_whatever_the_order_of_arrival() {
        let ids = |scored: Vec<ScoredTopic>| rank(scored).into_iter().map(|t| t.topic_id.0).collect::<Vec<_>>();
        let expected = ["c", "a", "b"];
        assert_eq!(ids(vec![topic("b", 3.0), topic("a", 3.0), topic("c", 4.0)]), expected);
        assert_eq!(ids(vec![topic("a", 3.0), topic("c", 4.0), topic("b", 3.0)]), expected);
    }

    #[test]
    fn a_wish_below_the_shortlist_takes_its_last_place() {
        let all: Vec<_> = (0..8).map(|n| topic(&format!("t{n}"), 5.0 - f64::from(n) / 10.0)).collect();
        let open: Vec<_> = all.iter().collect();
        let list = shortlist(&open, &all[7], 5);
        assert_eq!(list.iter().map(TopicId::as_str).collect::<Vec<_>>(), ["t0", "t1", "t2", "t3", "t7"]);
        assert_eq!(shortlist(&open[..2], &all[0], 5).len(), 2);
    }
}
