//! Research: claims, their facts and sources, freshness, and the context they came from.

use std::collections::BTreeSet;

use proofreel_model::brief::{KeyFact, ResearchBrief, Source, SourceTier};
use proofreel_model::display;
use proofreel_model::ids::SourceId;
use proofreel_model::scenes::RiskFlag;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, RichText};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::rules::Rule;
use crate::contract::Context;

/// Each source of the brief with those of the series read that it made, by the packages of this run.
pub fn made(brief: &ResearchBrief, context: &Context<'_>) -> BTreeSet<(SourceId, SeriesRef)> {
    let read: BTreeSet<&SeriesRef> = brief.facts.iter().flat_map(|fact| series_of(&fact.formula)).collect();
    let of = |source: &Source| {
        let own = read.iter().filter(|series| crate::research::credits(source, series, context));
        own.map(|series| (source.source_id.clone(), (*series).clone())).collect::<Vec<_>>()
    };
    brief.sources.iter().flat_map(of).collect()
}

/// Checks the research brief and the use of its sources.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    unique(dossier, findings);
    context(dossier, findings);
    for claim in &dossier.brief.key_facts {
        check_claim(dossier, claim, findings);
    }
    for source in &dossier.brief.sources {
        check_source(dossier, source, findings);
    }
    for info in &dossier.brief.series {
        if dossier.library.get(&info.series) != Some(info) {
            let place = Place::research(format!("series {}", info.series.key()));
            findings.add(Rule::SeriesDescription, &place, "is not described as its package describes it");
        }
    }
    data_points(dossier, findings);
    for scene in &dossier.scenes.scenes {
        let place = Place::scene(&scene.scene_id, "sources");
        let used = scene.source_refs.iter().flat_map(|entry| &entry.sources).filter_map(|id| dossier.source(id));
        for source in used.filter(|source| is_stale(dossier, source)) {
            if !scene.risk_flags.contains(&RiskFlag::StaleData) {
                findings.add(
                    Rule::StaleUnmarked,
                    &place,
                    format!("uses {}, which is outside its window, without the flag stale_data", source.source_id),
                );
            }
            if !shows_date(&scene.source_line) {
                findings.add(
                    Rule::StaleUnmarked,
                    &place,
                    format!("uses {}, which is outside its window, without its date on screen", source.source_id),
                );
            }
        }
    }
}

/// True when a line cites a date of a fact.
pub(super) fn shows_date(text: &RichText) -> bool {
    use proofreel_model::text::Part;
    text.0.iter().any(|span| matches!(span.cite, Some(Cite::Fact { part: Part::At | Part::To | Part::From, .. })))
}

/// True when the source is older than its window on the day of the run, whatever the brief says.
pub fn is_stale(dossier: &Dossier<'_>, source: &Source) -> bool {
    let age = dossier.brief.as_of.since(source.as_of_date).map_or(i64::MAX, |span| i64::from(span.get_days()));
    age > i64::from(source.freshness_window_days)
}

fn unique(dossier: &Dossier<'_>, findings: &mut Findings) {
    let brief = dossier.brief;
    let ids = brief.facts.iter().map(|fact| fact.id.as_str());
    let ids = ids.chain(brief.key_facts.iter().map(|claim| claim.claim_id.as_str()));
    let mut seen = BTreeSet::new();
    for id in ids.chain(brief.sources.iter().map(|source| source.source_id.as_str())) {
        if !seen.insert(id) {
            findings.add(
                Rule::DuplicateId,
                &Place::research(id),
                format!("{id} is given twice: a citation of it has two meanings"),
            );
        }
    }
}

fn context(dossier: &Dossier<'_>, findings: &mut Findings) {
    let brief = dossier.brief;
    let place = Place::research("topic context");
    match brief.topic_candidates.iter().find(|scored| scored.topic_id == brief.topic.topic_id) {
        _ if brief.topic_candidates.is_empty() => {
            findings.add(Rule::TopicContext, &place, "carries no scored candidates");
        }
        None => findings.add(
            Rule::TopicContext,
            &place,
            format!("the topic {} is none of the scored candidates", brief.topic.topic_id),
        ),
        Some(scored) => {
            if let Some(why) = &scored.refused {
                findings.add(Rule::TopicContext, &place, format!("the topic {} was refused: {why}", scored.topic_id));
            }
        }
    }
    if brief.as_of != dossier.order.as_of {
        findings.add(
            Rule::TopicContext,
            &place,
            format!("judges freshness on {}, the run is of {}", brief.as_of, dossier.order.as_of),
        );
    }
    if brief.topic.series.is_empty() || brief.key_facts.is_empty() {
        findings.add(Rule::TopicContext, &place, "rests on no series or no claim");
    }
}

fn check_claim(dossier: &Dossier<'_>, claim: &KeyFact, findings: &mut Findings) {
    let place = Place::research(format!("claim {}", claim.claim_id));
    let roles = &claim.finding.roles;
    if roles.is_empty() || roles.values().any(|id| dossier.fact(id).is_none()) {
        findings.add(Rule::UnmatchedClaim, &place, "rests on no fact, or on one that the brief does not hold");
    }
    if !claim.statement.facts().any(|id| roles.values().any(|role| role == id)) {
        findings.add(Rule::UnmatchedClaim, &place, "its sentence cites none of its facts");
    }
    for id in claim.statement.facts().filter(|id| !roles.values().any(|role| role == *id)) {
        findings.add(
            Rule::CitationOutsideClaim,
            &place,
            format!("its sentence cites {id}, which is none of its facts"),
        );
    }
    let sources: Vec<_> = dossier.claim_sources(&claim.claim_id).collect();
    if sources.is_empty() {
        findings.add(Rule::ClaimWithoutSource, &place, "has no source: name one in key_fact_sources");
        return;
    }
    let known: Vec<&Source> = sources.iter().filter_map(|id| dossier.source(id)).collect();
    if known.len() < sources.len() {
        findings.add(Rule::UnknownSource, &place, "names a source that the brief does not hold");
    }
    let read: BTreeSet<&SeriesRef> =
        roles.values().filter_map(|id| dossier.fact(id)).flat_map(|fact| series_of(&fact.formula)).collect();
    let datasets: BTreeSet<&str> = read.iter().map(|series| series.dataset.as_str()).collect();
    for dataset in datasets.iter().filter(|dataset| !known.iter().any(|source| source.dataset == **dataset)) {
        findings.add(
            Rule::ClaimWithoutSource,
            &place,
            format!("reads `{dataset}`, but names no source of that package"),
        );
    }
    makers(dossier, &read, &known, &place, findings);
    if !known.is_empty() && known.iter().all(|source| source.source_tier == SourceTier::Tier3) {
        findings.add(
            Rule::UncorroboratedTier3,
            &place,
            "only tier-3 sources carry it: corroborate it by tier 1 or 2, or leave it out",
        );
    }
}

/// A source made what it is credited with: one that names another series of its package is a false source.
fn makers(
    dossier: &Dossier<'_>,
    read: &BTreeSet<&SeriesRef>,
    known: &[&Source],
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let made = |source: &Source, series: &SeriesRef| dossier.made.contains(&(source.source_id.clone(), series.clone()));
    for source in known.iter().filter(|source| !read.iter().any(|series| made(source, series))) {
        findings.add(
            Rule::EvidenceSources,
            place,
            format!(
                "credits {}, “{}”, which by its package made none of the series that the claim reads",
                source.source_id, source.title
            ),
        );
    }
    let own = |series: &SeriesRef| known.iter().filter(|source| source.dataset == series.dataset).collect::<Vec<_>>();
    for series in read {
        let own = own(series);
        if !own.is_empty() && !own.iter().any(|source| made(source, series)) {
            let key = series.key();
            findings.add(
                Rule::ClaimWithoutSource,
                place,
                format!("reads `{key}`, but names no source that made that series"),
            );
        }
    }
}

fn check_source(dossier: &Dossier<'_>, source: &Source, findings: &mut Findings) {
    let place = Place::research(format!("source {}", source.source_id));
    for (name, text) in
        [("title", &source.title), ("url", &source.url), ("licence", &source.licence), ("dataset", &source.dataset)]
    {
        if text.trim().is_empty() {
            findings.add(Rule::MissingGovernanceField, &place, format!("has no {name}"));
        }
    }
    let stale = is_stale(dossier, source);
    if stale != source.stale_data {
        let word = if stale { "is outside its window but not flagged" } else { "is flagged but inside its window" };
        findings.add(
            Rule::StaleUnmarked,
            &place,
            format!(
                "of {}, window {} days, {word} on {}",
                source.as_of_date, source.freshness_window_days, dossier.brief.as_of
            ),
        );
    }
    let windows = &dossier.policy.sources;
    if ![windows.macro_days, windows.market_days, windows.policy_days].contains(&source.freshness_window_days) {
        findings.add(
            Rule::SourceRecord,
            &place,
            format!("its window of {} days is none of specs/policy/sources.toml", source.freshness_window_days),
        );
    }
    let newest = dossier
        .brief
        .series
        .iter()
        .filter(|info| info.series.dataset == source.dataset)
        .filter_map(|info| dossier.library.get(&info.series))
        .map(|info| info.last)
        .max();
    if newest.is_some_and(|newest| source.as_of_date > newest) || source.as_of_date > dossier.brief.as_of {
        findings.add(
            Rule::SourceRecord,
            &place,
            format!("is dated {}, after its newest observation", source.as_of_date),
        );
    }
    match dossier.order.packages.iter().find(|package| package.name == source.dataset) {
        Some(package) if package.digest == source.dataset_digest => {}
        Some(_) => findings.add(
            Rule::SourceRecord,
            &place,
            format!("its digest is not that of the package `{}` of this run", source.dataset),
        ),
        None => findings.add(
            Rule::SourceRecord,
            &place,
            format!("comes from `{}`, which is no package of this run", source.dataset),
        ),
    }
}

fn data_points(dossier: &Dossier<'_>, findings: &mut Findings) {
    for (n, point) in dossier.brief.data_points.iter().enumerate() {
        let place = Place::research(format!("data point {}", n + 1));
        let Some(fact) = dossier.fact(&point.fact) else {
            findings.add(Rule::UnknownFact, &place, format!("rests on {}, which the brief does not hold", point.fact));
            continue;
        };
        if point.value != fact.display {
            findings.add(
                Rule::DataPointAltered,
                &place,
                format!("says `{}`, {} displays as `{}`", point.value, fact.id, fact.display),
            );
        }
        match dossier.source(&point.source_id) {
            None => findings.add(
                Rule::UnknownSource,
                &place,
                format!("names {}, which the brief does not hold", point.source_id),
            ),
            Some(source) => {
                let made = |series: &&SeriesRef| dossier.made.contains(&(source.source_id.clone(), (*series).clone()));
                if !series_of(&fact.formula).iter().any(made) {
                    findings.add(
                        Rule::DataPointAltered,
                        &place,
                        format!("names {}, which made no series that {} reads", point.source_id, fact.id),
                    );
                }
            }
        }
        let (at, from, to) = display::dates(&fact.formula);
        let years: Vec<String> = [at, from, to].into_iter().flatten().map(display::year).collect();
        let words = point.timeframe.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
        if let Some(other) = words.into_iter().find(|run| !years.iter().any(|year| year == run)) {
            findings.add(
                Rule::DataPointAltered,
                &place,
                format!("its timeframe names {other}, which is no year of {}", fact.id),
            );
        }
    }
}
