//! Whether a finding makes the point it claims: a record must be one, the worst fall the worst.
//!
//! A fact proves a value; that no other observation beats it is proven here, over the whole series.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_evidence::Library;
use proofreel_model::brief::KeyFact;
use proofreel_model::display;
use proofreel_model::fact::{Direction, Fact, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::ClaimId;
use proofreel_model::series::SeriesRef;
use proofreel_model::visual::TracePoint;

use super::dossier::{Dossier, Findings, Place, series_of};
use super::ground::Ground;
use super::rules::Rule;

/// Two computations of one percentage differ by no more than this.
const ROUNDING: f64 = 1e-9;

/// Checks every finding; gives the claims whose superlative is proven.
pub fn check(
    dossier: &Dossier<'_>,
    ground: &Ground<'_>,
    library: &Library,
    findings: &mut Findings,
) -> BTreeSet<ClaimId> {
    let mut proven = BTreeSet::new();
    for claim in &dossier.brief.key_facts {
        let verdict = match ground.claim(&claim.finding, dossier.brief) {
            Ok(()) => judge(dossier, library, claim),
            Err(why) => Verdict::Denied(why),
        };
        match verdict {
            Verdict::Proven => {
                proven.insert(claim.claim_id.clone());
            }
            Verdict::Open => {}
            Verdict::Denied(why) => {
                findings.add(
                    Rule::FindingUnproven,
                    &Place::research(format!("claim {}", claim.claim_id)),
                    format!("is no {:?}: {why}", claim.finding.kind),
                );
            }
        }
    }
    proven
}

/// Claims whose peak no later observation reaches: only they may say that it was not seen again.
pub fn unrecovered(dossier: &Dossier<'_>, library: &Library) -> BTreeSet<ClaimId> {
    let lost = |claim: &&KeyFact| {
        let peak = claim.finding.roles.get("peak").and_then(|id| dossier.fact(id))?;
        let at = display::dates(&peak.formula).0?;
        let points = &library.series(series_of(&peak.formula).first()?)?.points;
        Some(points.iter().filter(|point| point.date > at).all(|point| point.value < peak.value))
    };
    dossier
        .brief
        .key_facts
        .iter()
        .filter(|claim| lost(claim) == Some(true))
        .map(|claim| claim.claim_id.clone())
        .collect()
}

enum Verdict {
    /// No other observation beats it.
    Proven,
    /// Its kind claims no superlative.
    Open,
    /// Another observation beats it.
    Denied(String),
}

fn judge(dossier: &Dossier<'_>, library: &Library, claim: &KeyFact) -> Verdict {
    use FindingKind as K;
    let role = |name: &str| claim.finding.roles.get(name).and_then(|id| dossier.fact(id));
    let points = |fact: &Fact| {
        series_of(&fact.formula)
            .first()
            .and_then(|series| library.series(series))
            .map(|series| series.points.as_slice())
    };
    match claim.finding.kind {
        K::Record => role("latest").and_then(|latest| Some(record(latest, role("previous"), points(latest)?))),
        K::Streak => role("streak").and_then(|streak| Some(longest_run(streak, points(streak)?))),
        // The separate recomputation has held these against the whole record.
        K::WorstFall | K::BiggestRise | K::BiggestDrop | K::TurningPoint | K::LeadLag => return Verdict::Proven,
        K::PanelLeader => role("leader").and_then(|leader| leads(library, leader)),
        K::PanelGrowth => role("fastest").and_then(|fastest| grows(library, fastest, role("slowest"))),
        _ => return Verdict::Open,
    }
    .unwrap_or_else(|| Verdict::Denied("a fact of its roles, or its series, is missing".into()))
}

fn record(latest: &Fact, previous: Option<&Fact>, points: &[TracePoint]) -> Verdict {
    let (Some(at), Some(last)) = (display::dates(&latest.formula).0, points.last()) else {
        return Verdict::Denied("it has no date".into());
    };
    let rises = previous.is_none_or(|previous| latest.value >= previous.value);
    let better = points
        .iter()
        .find(|point| point.date != at && if rises { point.value > latest.value } else { point.value < latest.value });
    match better {
        Some(point) => Verdict::Denied(format!("{} at {} is beyond it", point.value, point.date)),
        None if at != last.date => Verdict::Denied(format!("the series goes on to {}", last.date)),
        None => Verdict::Proven,
    }
}

/// A streak claims no more than its length; that it is the longest is proven, never denied.
fn longest_run(streak: &Fact, points: &[TracePoint]) -> Verdict {
    let Formula::Streak { direction, .. } = &streak.formula else {
        return Verdict::Denied("its streak is none".into());
    };
    let (mut run, mut longest) = (0u32, 0u32);
    for pair in points.windows(2) {
        let goes_on =
            if *direction == Direction::Up { pair[1].value > pair[0].value } else { pair[1].value < pair[0].value };
        run = if goes_on { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if streak.value >= f64::from(longest) { Verdict::Proven } else { Verdict::Open }
}

fn value_at(library: &Library, series: &SeriesRef, at: Date) -> Option<f64> {
    let points = &library.series(series)?.points;
    points.binary_search_by_key(&at, |point| point.date).ok().and_then(|n| points.get(n)).map(|point| point.value)
}

fn leads(library: &Library, leader: &Fact) -> Option<Verdict> {
    let series = *series_of(&leader.formula).first()?;
    let at = display::dates(&leader.formula).0?;
    let own = value_at(library, series, at)?;
    let ahead = library
        .panel(series)?
        .members
        .iter()
        .find(|member| *member != series && value_at(library, member, at).is_some_and(|value| value > own));
    Some(ahead.map_or(Verdict::Proven, |member| Verdict::Denied(format!("{} is ahead of it", member.key()))))
}

fn grows(library: &Library, fastest: &Fact, slowest: Option<&Fact>) -> Option<Verdict> {
    let series = *series_of(&fastest.formula).first()?;
    let (_, from, to) = display::dates(&fastest.formula);
    let (from, to) = (from?, to?);
    let growth = |series: &SeriesRef| {
        Some(value_at(library, series, to)? / value_at(library, series, from).filter(|base| *base > 0.0)?)
    };
    let best = growth(series)?;
    let worst = slowest.and_then(|fact| growth(series_of(&fact.formula).first()?));
    for member in &library.panel(series)?.members {
        let Some(grown) = growth(member) else { continue };
        if grown > best * (1.0 + ROUNDING) {
            return Some(Verdict::Denied(format!("{} grew faster", member.key())));
        }
        if worst.is_some_and(|worst| grown < worst * (1.0 - ROUNDING)) {
            return Some(Verdict::Denied(format!("{} grew more slowly than the slowest", member.key())));
        }
    }
    Some(Verdict::Proven)
}
