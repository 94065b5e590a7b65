//! A month of a series that holds its season compares with the same month only.

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::series::{Adjustment, Frequency, SeriesRef};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::rules::Rule;

/// Checks every fact, and the facts of every finding against each other.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    for fact in &dossier.brief.facts {
        if let Some(what) = compares(dossier, fact) {
            let place = Place::research(format!("fact {}", fact.id));
            findings.add(
                Rule::SeasonCompared,
                &place,
                format!("{what} of a series that is not seasonally adjusted: compare the same month or quarter"),
            );
        }
    }
    for claim in &dossier.brief.key_facts {
        let facts = || claim.finding.roles.values().filter_map(|id| dossier.fact(id));
        for extreme in facts().filter(|fact| matches!(fact.formula, Formula::Extreme { .. })) {
            let other = facts().find(|other| other.id != extreme.id && beside(dossier, extreme, other));
            if let Some(other) = other {
                findings.add(
                    Rule::SeasonCompared,
                    &Place::research(format!("claim {}", claim.claim_id)),
                    format!("sets {} beside {}, an extreme of another season", other.id, extreme.id),
                );
            }
        }
    }
}

/// Calendar of a series whose season is still in it; `None` where that does not matter.
fn seasonal(dossier: &Dossier<'_>, series: &SeriesRef) -> Option<Frequency> {
    let info = dossier.library.get(series)?;
    let short = matches!(info.frequency, Frequency::Monthly | Frequency::Quarterly);
    (short && info.adjustment == Adjustment::Unadjusted).then_some(info.frequency)
}

fn same_season(a: Date, b: Date, frequency: Frequency) -> bool {
    match frequency {
        Frequency::Quarterly => (a.month() - 1) / 3 == (b.month() - 1) / 3,
        _ => a.month() == b.month(),
    }
}

/// What a fact compares across seasons.
fn compares(dossier: &Dossier<'_>, fact: &Fact) -> Option<String> {
    use Formula as F;
    let apart = |series: &SeriesRef, from: Date, to: Date| {
        seasonal(dossier, series).is_some_and(|frequency| !same_season(from, to, frequency))
    };
    let (series, from, to) = match &fact.formula {
        F::Change { series, from, to }
        | F::PercentChange { series, from, to }
        | F::Multiple { series, from, to }
        | F::GrowthRate { series, from, to }
        | F::Drawdown { series, from, to } => (series, *from, *to),
        F::RealChange { deflator, from, to, observations: 1, .. } if apart(deflator, *from, *to) => {
            return Some(format!("it compares prices of {from} and {to}"));
        }
        F::RealChange { series, from, to, .. } | F::MeanChange { series, from, to, observations: 1, .. } => {
            (series, *from, *to)
        }
        F::Streak { series, .. } | F::RecordSince { series, .. } if seasonal(dossier, series).is_some() => {
            return Some("it compares every month with the next".to_owned());
        }
        F::TypicalMove { series, step, .. } => {
            let frequency = seasonal(dossier, series)?;
            let whole_years = step % frequency.per_year() == 0;
            return (!whole_years).then(|| "it counts moves between different months".to_owned());
        }
        _ => return None,
    };
    apart(series, from, to).then(|| format!("it compares {from} with {to}"))
}

/// True when `other` is a level of the same unadjusted series at another season than the extreme.
fn beside(dossier: &Dossier<'_>, extreme: &Fact, other: &Fact) -> bool {
    let series = series_of(&extreme.formula).first().copied();
    let level = matches!(other.formula, Formula::Latest { .. } | Formula::Value { .. } | Formula::Extreme { .. });
    let dates = (display::dates(&extreme.formula).0, display::dates(&other.formula).0);
    let (Some(series), (Some(a), Some(b))) = (series, dates) else { return false };
    level
        && series_of(&other.formula).first() == Some(&series)
        && seasonal(dossier, series).is_some_and(|frequency| !same_season(a, b, frequency))
}
