//! Lists what an episode could be about: every topic that the data packages can prove something on.

use std::collections::BTreeMap;

use async_trait::async_trait;
use proofreel_evidence::{Library, Mined, TopicSeed, discover, mine};
use proofreel_model::finding::Finding;
use proofreel_model::ids::TopicId;
use proofreel_model::kpi::OrderKind;
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_model::topic::{Angle, TopicCandidate, TopicCandidates};
use serde::Deserialize;

use crate::directives;
use crate::freshness;
use crate::prose::{Bound, Composer, Evidence, Slot, Wish, plans};
use crate::{Context, Outcome, Stage, StageError};

/// The planner stage.
pub struct Planner;

/// It reads nothing but the order and the data packages.
#[derive(Debug, Default, Deserialize)]
pub struct Input {}

/// Sentences of evidence shown with a candidate.
const PREVIEW: usize = 3;
/// Findings whose mean score is a candidate's strength.
const STRONGEST: usize = 5;

#[async_trait]
impl Stage for Planner {
    const NAME: StageName = StageName::Planner;
    const READS: &'static [StageName] = &[];
    type Input = Input;
    type Output = TopicCandidates;

    async fn run(&self, _: Input, context: &Context<'_>) -> Result<Outcome<TopicCandidates>, StageError> {
        let mut left_out: Vec<String> = Vec::new();
        for dataset in context.library.datasets() {
            left_out.extend(dataset.left_out.iter().map(|what| format!("{}: {what}", dataset.name)));
        }
        let mut candidates: BTreeMap<TopicId, TopicCandidate> = BTreeMap::new();
        for seed in discover(context.library) {
            match candidate(&seed, context) {
                Ok(mut candidate) => {
                    if candidates.contains_key(&candidate.topic_id) {
                        candidate.topic_id = longer_id(&candidate);
                    }
                    candidates.entry(candidate.topic_id.clone()).or_insert(candidate);
                }
                Err(reason) => left_out.push(reason),
            }
        }
        if candidates.is_empty() {
            return Err(StageError::refused(
                format!("no topic can be made from these data packages:\n  {}", left_out.join("\n  ")),
                "add a package with a dated numeric column of at least eight observations, with --sources DIR",
            ));
        }
        let min = context.policy.scoring.min_candidates;
        if let Some(directive) = directives::standing(context, OrderKind::Hook)
            && context.order.topic.is_none()
        {
            left_out.extend(without_weak(&mut candidates, min, &directive.order));
        }
        if candidates.len() < min {
            left_out.push(format!("only {} candidates: the data holds no more (a plan wants {min})", candidates.len()));
        }
        Ok(Outcome::advance(TopicCandidates {
            schema_version: proofreel_model::schema_version(),
            as_of: context.order.as_of,
            topic_candidates: candidates.into_values().collect(),
            left_out,
            benchmark: context.order.outlook.benchmark.clone(),
            benchmark_says: context
                .order
                .outlook
                .benchmark
                .as_ref()
                .map_or_else(Vec::new, |benchmark| benchmark.told(context.policy.scoring.benchmark)),
        }))
    }
}

/// Under a hook order, topics whose findings are weaker than the median are left out, as long as a plan's least number stays.
fn without_weak(candidates: &mut BTreeMap<TopicId, TopicCandidate>, min: usize, order: &str) -> Vec<String> {
    let mut by_strength: Vec<(f64, TopicId)> =
        candidates.values().map(|candidate| (candidate.strength, candidate.topic_id.clone())).collect();
    by_strength.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let kept = (by_strength.len() / 2).max(min);
    let weak = by_strength.into_iter().skip(kept);
    weak.map(|(_, id)| {
        candidates.remove(&id);
        format!("{id}: weaker findings than others, left out by order {order}")
    })
    .collect()
}

fn candidate(seed: &TopicSeed, context: &Context<'_>) -> Result<TopicCandidate, String> {
    let (library, angle) = (context.library, seed.angle);
    let infos: Vec<SeriesInfo> = seed.series.iter().filter_map(|r| library.series(r)).map(|s| s.info.clone()).collect();
    let Some(subject) = infos.first() else {
        return Err("a topic without an available series".to_owned());
    };
    let mined = mine(library, &seed.series, angle, context.order.as_of);
    let preview = preview(&mined, library, context);
    if preview.is_empty() {
        return Err(format!("{} ({}): nothing can be proved from it", subject.series.key(), slug_of(angle)));
    }
    let best: Vec<f64> = mined.findings.iter().take(STRONGEST).map(|finding| finding.score.total).collect();
    Ok(TopicCandidate {
        topic_id: TopicId(format!("{}/{}/{}", subject.series.dataset, subjects(&infos, angle), slug_of(angle))),
        title: seed.title.clone(),
        angle,
        evidence_preview: preview,
        findings: u32::try_from(mined.findings.len()).unwrap_or(u32::MAX),
        strength: (best.iter().sum::<f64>() / best.len().max(1) as f64).clamp(0.0, 1.0),
        notes: notes(seed, &infos, context),
        series: infos,
    })
}

/// The subject of a topic in an id; both of a pair.
fn subjects(infos: &[SeriesInfo], angle: Angle) -> String {
    let shown = if angle == Angle::Versus { 2 } else { 1 };
    infos.iter().take(shown).map(|info| slug(&info.name.short)).collect::<Vec<_>>().join("-and-")
}

/// A second candidate of the same short name is told apart by its resource and column.
fn longer_id(candidate: &TopicCandidate) -> TopicId {
    let Some(info) = candidate.series.first() else { return candidate.topic_id.clone() };
    let place = slug(&format!("{} {}", info.series.resource, info.series.column));
    TopicId(format!(
        "{}/{}-{place}/{}",
        info.series.dataset,
        subjects(&candidate.series, candidate.angle),
        slug_of(candidate.angle)
    ))
}

fn preview(mined: &Mined, library: &Library, context: &Context<'_>) -> Vec<String> {
    let infos = series_of(&mined.findings, library);
    let evidence = Evidence { facts: &mined.facts, series: &infos, historical: true };
    let mut composer = Composer::new(context.order.seed, context.order.channel.episode.tone, &[]);
    let wish = Wish::of(Slot::Lead, context.policy.qa.max_sentence_words);
    mined
        .findings
        .iter()
        .filter_map(|finding| {
            let bound = Bound::finding(finding, evidence)?;
            composer.compose(plans::of(finding.kind), &bound, wish).map(|composed| composed.text)
        })
        .take(PREVIEW)
        .map(|text: RichText| text.text())
        .collect()
}

/// Descriptions of the series that findings name.
pub(crate) fn series_of(findings: &[Finding], library: &Library) -> Vec<SeriesInfo> {
    let mut refs: Vec<&SeriesRef> = findings.iter().flat_map(|finding| &finding.series).collect();
    refs.sort();
    refs.dedup();
    refs.into_iter().filter_map(|series| library.series(series)).map(|series| series.info.clone()).collect()
}

fn notes(seed: &TopicSeed, infos: &[SeriesInfo], context: &Context<'_>) -> Vec<String> {
    let mut out = seed.notes.clone();
    let mut datasets: Vec<&str> = infos.iter().map(|info| info.series.dataset.as_str()).collect();
    datasets.dedup();
    for dataset in datasets.iter().filter_map(|name| context.library.dataset(name)) {
        let newest = infos.iter().filter(|info| info.series.dataset == dataset.name).map(|info| info.last).max();
        let window = freshness::window_days(dataset, infos, &context.policy.sources);
        if let Some(newest) = newest.filter(|newest| freshness::is_stale(*newest, window, context.order.as_of)) {
            out.push(format!("{}: newest figure of {newest}, outside its window of {window} days", dataset.name));
        }
        if dataset.licence == "not stated" {
            out.push(format!("{}: the package states no licence", dataset.name));
        }
    }
    for info in infos.iter().take(4) {
        let faults = context.library.dataset(&info.series.dataset).map_or(0, |d| d.screening_of(&info.series).count());
        if faults > 0 {
            out.push(format!("{}: {faults} screening findings, listed in the brief", info.series.key()));
        }
    }
    out
}

/// Small letters, digits and hyphens.
fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "series".to_owned() } else { out.to_owned() }
}

fn slug_of(angle: Angle) -> &'static str {
    match angle {
        Angle::StateOfPlay => "state_of_play",
        Angle::LongView => "long_view",
        Angle::BoomAndBust => "boom_and_bust",
        Angle::Versus => "versus",
        Angle::Leaderboard => "leaderboard",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_keeps_letters_and_digits_only() {
        assert_eq!(slug("10-year Treasury yield (US)"), "10-year-treasury-yield-us");
        assert_eq!(slug("…"), "series");
    }
}
