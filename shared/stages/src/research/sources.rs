//! Sources of a brief: publisher, trust tier, freshness, licence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_evidence::{Dataset, Publisher};
use proofreel_model::brief::{Source, SourceTier};
use proofreel_model::display::dates;
pub(crate) use proofreel_model::fact::series_of;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::finding::Finding;
use proofreel_model::ids::SourceId;
use proofreel_model::policy::Sources;
use proofreel_model::series::SeriesInfo;

use crate::Context;
use crate::freshness::{is_stale, window_days, words};

/// Publishers named for one data package at most: more would not fit a screen.
const PUBLISHERS: usize = 2;

/// The sources behind the facts, in the order of their packages.
pub(super) fn list(facts: &[Fact], series: &[SeriesInfo], context: &Context<'_>) -> Vec<Source> {
    let policy = &context.policy.sources;
    let mut newest: BTreeMap<&str, Date> = BTreeMap::new();
    for fact in facts {
        for read in series_of(&fact.formula) {
            // A real change is dated by its subject; the fact about the price index itself dates that package.
            if matches!(&fact.formula, Formula::RealChange { deflator, .. } if deflator == read) {
                continue;
            }
            if let Some(date) = dates(&fact.formula).2 {
                // Of two series with their own days in a period, the later may reach further than the earlier.
                let date = context.library.series(read).map_or(date, |series| date.min(series.info.last));
                let entry = newest.entry(read.dataset.as_str()).or_insert(date);
                *entry = (*entry).max(date);
            }
        }
    }
    let mut out: Vec<Source> = Vec::new();
    for dataset in context.library.datasets() {
        let Some(as_of_date) = newest.get(dataset.name.as_str()).copied() else { continue };
        let window = window_days(dataset, series, policy);
        let mut publishers: Vec<(SourceTier, &Publisher)> =
            dataset.publishers.iter().map(|publisher| (tier(publisher, dataset, policy), publisher)).collect();
        publishers.sort_by_key(|(tier, _)| *tier);
        let mut titles = BTreeSet::new();
        publishers.retain(|(_, publisher)| titles.insert(publisher.title.to_lowercase()));
        for (source_tier, publisher) in publishers.into_iter().take(PUBLISHERS) {
            out.push(Source {
                source_id: SourceId(format!("src{}", out.len() + 1)),
                title: publisher.title.clone(),
                url: if publisher.url.trim().is_empty() { "not stated".into() } else { publisher.url.clone() },
                as_of_date,
                source_tier,
                freshness_window_days: window,
                stale_data: is_stale(as_of_date, window, context.order.as_of),
                licence: dataset.licence.clone(),
                dataset: dataset.name.clone(),
                dataset_digest: dataset.digest.clone(),
            });
        }
    }
    out
}

/// The sources of the packages that a finding's facts read.
pub(super) fn of(finding: &Finding, facts: &[Fact], sources: &[Source]) -> Vec<SourceId> {
    let datasets: BTreeSet<&str> = finding
        .roles
        .values()
        .filter_map(|id| facts.iter().find(|fact| &fact.id == id))
        .flat_map(|fact| series_of(&fact.formula))
        .map(|series| series.dataset.as_str())
        .collect();
    sources.iter().filter(|s| datasets.contains(s.dataset.as_str())).map(|s| s.source_id.clone()).collect()
}

/// Trust tier of a publisher: by the lists of `specs/policy/sources.toml`, matched as whole words in its name and in
/// the host of its address. A package that an operator brings is `tier_2` when it names publisher, address and
/// licence, because then a person vouches for an origin that a viewer can look up; it is `tier_3` when one of these
/// is missing, and QA lets no claim through that rests on `tier_3` alone.
fn tier(publisher: &Publisher, dataset: &Dataset, policy: &Sources) -> SourceTier {
    let host = publisher.url.split("://").last().unwrap_or_default().split('/').next().unwrap_or_default();
    let own: Vec<String> = words(&publisher.title).into_iter().chain(words(host)).collect();
    let named = |list: &[String]| {
        list.iter().any(|name| {
            let name = words(name);
            !name.is_empty() && own.windows(name.len()).any(|window| window == name.as_slice())
        })
    };
    if named(&policy.tier_1_publishers) {
        SourceTier::Tier1
    } else if named(&policy.tier_2_publishers)
        || (!publisher.title.trim().is_empty() && !publisher.url.trim().is_empty() && dataset.licence != "not stated")
    {
        SourceTier::Tier2
    } else {
        SourceTier::Tier3
    }
}
