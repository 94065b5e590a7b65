//! Claims and measured values.

use proofreel_model::brief::{DataPoint, KeyFact, Source};
use proofreel_model::display::{dates, screen_date};
use proofreel_model::fact::Fact;
use proofreel_model::finding::{Finding, FindingKind};
use proofreel_model::ids::ClaimId;
use proofreel_model::series::SeriesInfo;

use crate::Context;
use crate::prose::{Bound, Composer, Evidence, Slot, Wish, plans};

use super::sources::{credits, series_of};

/// Seconds of film that a claim fills, at the least: bounds how many claims a brief carries.
const SECONDS_A_CLAIM: u32 = 11;
/// A brief carries this many claims at least, where the data has them.
const FEWEST: u32 = 10;

/// Words the findings, strongest first. A finding that no plan can word honestly is left out.
pub(super) fn word(
    findings: &[Finding],
    evidence: Evidence<'_>,
    composer: &mut Composer,
    context: &Context<'_>,
) -> Vec<KeyFact> {
    let most = (context.order.channel.episode.target_seconds / SECONDS_A_CLAIM).max(FEWEST) as usize;
    let wish = Wish::of(Slot::Lead, context.policy.qa.max_sentence_words);
    let mut out: Vec<KeyFact> = Vec::new();
    for finding in findings {
        if out.len() == most {
            break;
        }
        let Some(bound) = Bound::finding(finding, evidence) else { continue };
        let Some(composed) = composer.compose(plans::of(finding.kind), &bound, wish) else { continue };
        out.push(KeyFact {
            claim_id: ClaimId(format!("c{:02}", out.len() + 1)),
            statement: composed.text,
            finding: finding.clone(),
        });
    }
    out
}

/// One entry for each fact of the claims, in the order in which claims use them.
pub(super) fn data_points(
    claims: &[KeyFact],
    facts: &[Fact],
    (series, sources): (&[SeriesInfo], &[Source]),
    context: &Context<'_>,
) -> Vec<DataPoint> {
    let mut out: Vec<DataPoint> = Vec::new();
    for claim in claims {
        for (role, id) in &claim.finding.roles {
            if out.iter().any(|point| &point.fact == id) {
                continue;
            }
            let Some(fact) = facts.iter().find(|fact| &fact.id == id) else { continue };
            let read = series_of(&fact.formula);
            let name = read
                .first()
                .and_then(|r| series.iter().find(|info| &&info.series == r))
                .map_or("", |i| i.name.short.as_str());
            let made = |source: &&Source| read.iter().any(|series| credits(source, series, context));
            let Some(source) = sources.iter().find(made) else { continue };
            out.push(DataPoint {
                metric: format!("{name}, {} ({})", role.replace('_', " "), noun(claim.finding.kind)),
                value: fact.display.clone(),
                timeframe: timeframe(fact),
                fact: fact.id.clone(),
                source_id: source.source_id.clone(),
            });
        }
    }
    out
}

fn timeframe(fact: &Fact) -> String {
    match dates(&fact.formula) {
        (_, Some(from), Some(to)) => {
            format!("{} to {}", screen_date(from, fact.frequency), screen_date(to, fact.frequency))
        }
        (Some(at), ..) | (_, _, Some(at)) => screen_date(at, fact.frequency),
        _ => "whole record".to_owned(),
    }
}

/// A kind of finding in words.
pub(crate) fn noun(kind: FindingKind) -> &'static str {
    use FindingKind as K;
    match kind {
        K::Level => "level",
        K::YearOnYear => "a year's change",
        K::LongRun => "long run",
        K::Record => "record",
        K::RecordSince => "extreme since",
        K::OffPeak => "distance from the peak",
        K::WorstFall => "deepest fall",
        K::Streak => "run of moves",
        K::BiggestRise => "biggest yearly rise",
        K::BiggestDrop => "biggest yearly fall",
        K::Crossing => "crossing",
        K::Versus => "side by side",
        K::RealVsNominal => "change after prices",
        K::TurningPoint => "turning point",
        K::LeadLag => "lead and lag",
        K::EpisodesCompared => "crises compared",
        K::PanelShare => "share of the table",
        K::PanelLeader => "top of the table",
        K::PanelClimb => "climb in the table",
        K::PanelGrowth => "growth in the table",
    }
}
