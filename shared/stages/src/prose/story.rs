//! A brief as the writer sees it: evidence, bound claims, and what is known of its sources.

use proofreel_model::brief::{KeyFact, ResearchBrief, Source};
use proofreel_model::ids::{ClaimId, SourceId};
use proofreel_model::series::{SeriesInfo, SeriesRef};

use super::bound::{Bound, Evidence};
use super::composer::{Composer, hash};
use crate::Context;

/// A research brief, ready for writing.
#[derive(Clone, Copy)]
pub struct Story<'a> {
    /// The brief.
    pub brief: &'a ResearchBrief,
}

impl<'a> Story<'a> {
    /// The brief as evidence. Its figures are history as soon as a source of the topic is outside its window.
    pub fn evidence(&self) -> Evidence<'a> {
        Evidence { facts: &self.brief.facts, series: &self.brief.series, historical: self.is_historical() }
    }

    /// A composer for this topic: other topics draw other lots, and another visit of a stage others again.
    pub fn composer(&self, context: &Context<'_>, salt: &str) -> Composer {
        let topic = hash(context.order.seed, self.brief.topic.topic_id.as_str());
        let seed = hash(topic.wrapping_add(u64::from(context.visit)), salt);
        Composer::new(seed, context.order.channel.episode.tone, context.reasons)
            .with_recent(&context.order.recent_episodes)
    }

    /// True when a source is older than its window.
    pub fn is_historical(&self) -> bool {
        self.brief.sources.iter().any(|source| source.stale_data)
    }

    /// The topic's subject.
    pub fn subject(&self) -> Option<&'a SeriesInfo> {
        self.brief.topic.series.first()
    }

    /// One claim, bound.
    pub fn claim(&self, id: &ClaimId) -> Option<(&'a KeyFact, Bound<'a>)> {
        let claim = self.brief.claim(id)?;
        Some((claim, Bound::claim(claim, self.evidence())?))
    }

    /// Claims joined for a look at the whole: those about the topic's subject, and those that compare series.
    pub fn joined<'c>(&self, ids: impl IntoIterator<Item = &'c ClaimId>) -> Option<Bound<'a>> {
        let subject = self.subject()?;
        let claims =
            ids.into_iter().filter_map(|id| self.brief.claim(id)).filter(|claim| speaks_of(claim, &subject.series));
        Some(Bound::joined(subject, claims.collect::<Vec<_>>(), self.evidence()))
    }

    /// The sources of a claim.
    pub fn sources_of(&self, claim: &ClaimId) -> Vec<SourceId> {
        self.brief
            .key_fact_sources
            .iter()
            .filter(|entry| &entry.claim == claim)
            .flat_map(|entry| entry.source_ids.iter().cloned())
            .collect()
    }

    /// The source with this id.
    pub fn source(&self, id: &SourceId) -> Option<&'a Source> {
        self.brief.sources.iter().find(|source| &source.source_id == id)
    }
}

/// True when a claim may be told as one about `subject`: it is its own, or it compares series by name.
pub fn speaks_of(claim: &KeyFact, subject: &SeriesRef) -> bool {
    use proofreel_model::finding::FindingKind as K;
    claim.finding.series.first() == Some(subject)
        || matches!(
            claim.finding.kind,
            K::Crossing | K::Versus | K::LeadLag | K::PanelLeader | K::PanelClimb | K::PanelGrowth | K::PanelShare
        )
}
