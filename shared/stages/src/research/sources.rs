//! Sources of a brief: who made the series that were read, freshness, licence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_model::brief::Source;
use proofreel_model::display::dates;
pub(crate) use proofreel_model::fact::series_of;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::finding::Finding;
use proofreel_model::ids::SourceId;
use proofreel_model::series::{SeriesInfo, SeriesRef};

use super::makers::{self, Maker};
use crate::Context;
use crate::freshness::{is_stale, window_days};

/// The sources behind the facts, in the order of their packages, each with the newest figure read of its series.
pub(super) fn list(facts: &[Fact], series: &[SeriesInfo], context: &Context<'_>) -> Vec<Source> {
    let policy = &context.policy.sources;
    let newest = newest(facts, context);
    let mut out: Vec<Source> = Vec::new();
    for dataset in context.library.datasets() {
        let window = window_days(dataset, series, policy);
        let mut made: Vec<(Maker, Date)> = Vec::new();
        for (read, date) in newest.iter().filter(|(read, _)| read.dataset == dataset.name) {
            for maker in makers::of(read, dataset, policy) {
                match made.iter_mut().find(|(known, _)| known.title == maker.title) {
                    Some((_, newest)) => *newest = (*newest).max(*date),
                    None => made.push((maker, *date)),
                }
            }
        }
        made.sort_by_key(|(maker, _)| maker.tier);
        for (maker, as_of_date) in made {
            out.push(Source {
                source_id: SourceId(format!("src{}", out.len() + 1)),
                title: maker.title,
                url: if maker.url.trim().is_empty() { "not stated".into() } else { maker.url },
                as_of_date,
                source_tier: maker.tier,
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

/// The newest figure that the facts read of each series.
fn newest<'f>(facts: &'f [Fact], context: &Context<'_>) -> BTreeMap<&'f SeriesRef, Date> {
    let mut newest: BTreeMap<&SeriesRef, Date> = BTreeMap::new();
    let mut indices: BTreeSet<&SeriesRef> = BTreeSet::new();
    for fact in facts {
        for read in series_of(&fact.formula) {
            // A real change is dated by its subject; the fact about the price index itself dates that index.
            if matches!(&fact.formula, Formula::RealChange { deflator, .. } if deflator == read) {
                indices.insert(read);
                continue;
            }
            if let Some(date) = dates(&fact.formula).2 {
                // Of two series with their own days in a period, the later may reach further than the earlier.
                let date = context.library.series(read).map_or(date, |series| date.min(series.info.last));
                let entry = newest.entry(read).or_insert(date);
                *entry = (*entry).max(date);
            }
        }
    }
    for index in indices {
        // An index beside which another series of its package is told is no newer than that one is known to be.
        let beside = newest.iter().filter(|(read, _)| read.dataset == index.dataset).map(|(_, date)| *date).max();
        if let Some(date) = beside {
            let date = context.library.series(index).map_or(date, |series| date.min(series.info.last));
            newest.entry(index).or_insert(date);
        }
    }
    newest
}

/// The sources of the series that a finding's facts read.
pub(super) fn of(finding: &Finding, facts: &[Fact], sources: &[Source], context: &Context<'_>) -> Vec<SourceId> {
    let read: BTreeSet<&SeriesRef> = finding
        .roles
        .values()
        .filter_map(|id| facts.iter().find(|fact| &fact.id == id))
        .flat_map(|fact| series_of(&fact.formula))
        .collect();
    let credited = |source: &&Source| read.iter().any(|series| credits(source, series, context));
    sources.iter().filter(credited).map(|source| source.source_id.clone()).collect()
}

/// True when `source` is one of those that made `series`, by what the package of this run says.
pub(crate) fn credits(source: &Source, series: &SeriesRef, context: &Context<'_>) -> bool {
    source.dataset == series.dataset
        && context.library.dataset(&series.dataset).is_some_and(|dataset| {
            makers::of(series, dataset, &context.policy.sources).iter().any(|maker| maker.title == source.title)
        })
}
