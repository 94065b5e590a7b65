//! Every fact computed again from the source rows, by code apart from the miner's.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::qa::Recomputed;
use proofreel_model::series::{Frequency, SeriesInfo};
use proofreel_model::unit::{Unit, UnitKind};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::ground::Ground;
use super::rules::Rule;

/// Checks all facts of the brief; the answer has one entry for each.
pub fn check(dossier: &Dossier<'_>, ground: &Ground<'_>, findings: &mut Findings) -> Vec<Recomputed> {
    dossier.brief.facts.iter().map(|fact| one(dossier, ground, fact, findings)).collect()
}

fn one(dossier: &Dossier<'_>, ground: &Ground<'_>, fact: &Fact, findings: &mut Findings) -> Recomputed {
    let place = Place::research(format!("fact {}", fact.id));
    let recomputed = ground.value(fact);
    let agrees = recomputed.as_ref().is_ok_and(|value| close(fact.value, *value, dossier.policy.qa.relative_tolerance));
    let note = match &recomputed {
        Ok(_) if agrees => String::new(),
        Ok(value) => format!("the source gives {value}, the brief says {}", fact.value),
        Err(doubt) => doubt.detail.clone(),
    };
    let wrong_rows = recomputed.as_ref().is_err_and(|doubt| doubt.rows);
    if !agrees {
        let rule = if wrong_rows { Rule::FactRows } else { Rule::FactNotReproduced };
        findings.add(rule, &place, format!("{note}: mine it again from the source rows"));
    }
    let shown = display::display(fact.value, &fact.unit, &fact.formula);
    if shown != fact.display {
        findings.add(
            Rule::FactDisplay,
            &place,
            format!("displays as `{}`, its value displays as `{shown}`", fact.display),
        );
    }
    units(dossier, fact, &place, findings);
    if agrees {
        rows(ground, fact, &place, findings);
    }
    Recomputed { fact: fact.id.clone(), claimed: fact.value, recomputed: recomputed.ok(), agrees, note }
}

/// Equal within a relative tolerance; a number that is none equals nothing.
pub fn close(claimed: f64, truth: f64, tolerance: f64) -> bool {
    claimed.is_finite()
        && truth.is_finite()
        && (claimed - truth).abs() <= tolerance * truth.abs().max(f64::MIN_POSITIVE)
}

/// The unit that a formula gives on a series of this unit.
pub fn expected_unit(formula: &Formula, series: &SeriesInfo) -> Unit {
    use Formula as F;
    match formula {
        F::Latest { .. } | F::Value { .. } | F::Extreme { .. } | F::Average { .. } | F::Crossing { .. } => {
            series.unit.clone()
        }
        F::Change { .. } | F::Gap { .. } => series.unit.difference(),
        F::TypicalMove { .. } if series.unit.is_percent() => Unit::plain(UnitKind::PercentagePoints),
        F::PercentChange { .. }
        | F::RealChange { .. }
        | F::MeanChange { .. }
        | F::GrowthRate { .. }
        | F::Drawdown { .. }
        | F::Share { .. }
        | F::TypicalMove { .. } => Unit::percent(),
        F::Correlation { .. } => Unit::plain(UnitKind::Coefficient),
        F::Multiple { .. } | F::Ratio { .. } => Unit::plain(UnitKind::Multiple),
        F::Rank { .. } | F::PanelRank { .. } => Unit::plain(UnitKind::Rank),
        F::Streak { period, .. } | F::Elapsed { period, .. } | F::LeadTime { period, .. } => {
            Unit::plain(UnitKind::Duration { period: *period })
        }
        F::RecordSince { .. } => Unit::plain(UnitKind::Duration { period: Frequency::Annual }),
    }
}

fn units(dossier: &Dossier<'_>, fact: &Fact, place: &Place<'_>, findings: &mut Findings) {
    let series = series_of(&fact.formula);
    let mut infos = Vec::new();
    for series in &series {
        match dossier.library.get(*series) {
            Some(info) => infos.push(info),
            None => findings.add(
                Rule::FactUnit,
                place,
                format!("reads {}, which no package of this run holds", series.key()),
            ),
        }
    }
    let Some(info) = infos.first() else { return };
    let expected = expected_unit(&fact.formula, info);
    // A growth rate and a usual yearly move may say "a year"; nothing else may add a denominator.
    let yearly = match fact.formula {
        Formula::GrowthRate { .. } => true,
        Formula::TypicalMove { step, .. } => step == fact.frequency.per_year(),
        _ => false,
    };
    let per_year = yearly && fact.unit.per.as_deref() == Some("year");
    let same = fact.unit.kind == expected.kind
        && fact.unit.multiplier == expected.multiplier
        && (fact.unit.per == expected.per || per_year);
    if !same {
        findings.add(
            Rule::FactUnit,
            place,
            format!("its unit is {:?}, its formula on {} gives {:?}", fact.unit, info.series.key(), expected),
        );
    }
    if fact.adjustment != info.adjustment {
        findings.add(
            Rule::FactUnit,
            place,
            format!("carries {:?}, but {} is {:?}", fact.adjustment, info.series.key(), info.adjustment),
        );
    }
    if fact.frequency != info.frequency {
        findings.add(
            Rule::FactUnit,
            place,
            format!("its calendar is {:?}, that of {} is {:?}", fact.frequency, info.series.key(), info.frequency),
        );
    }
    let of_percent =
        matches!(fact.formula, Formula::PercentChange { .. } | Formula::GrowthRate { .. } | Formula::Drawdown { .. })
            && info.unit.is_percent();
    if of_percent {
        findings.add(
            Rule::FactUnit,
            place,
            "a percentage of a percentage misleads: tell the change in percentage points",
        );
    }
    let compared = matches!(
        fact.formula,
        Formula::Gap { .. }
            | Formula::Ratio { .. }
            | Formula::Crossing { .. }
            | Formula::Share { .. }
            | Formula::PanelRank { .. }
    );
    if let Some(other) = infos.iter().find(|other| compared && !comparable(&other.unit, &info.unit)) {
        findings.add(
            Rule::FactUnit,
            place,
            format!("compares {} with {}, which is in another unit", info.series.key(), other.series.key()),
        );
    }
    if let Some(why) = deflated(dossier, fact, &infos) {
        findings.add(Rule::FactUnit, place, why);
    }
    plausible(fact, place, findings);
}

/// What is wrong with a change that takes prices out, or with one between means.
fn deflated(dossier: &Dossier<'_>, fact: &Fact, infos: &[&SeriesInfo]) -> Option<String> {
    let (over, observations, averaged) = match &fact.formula {
        Formula::RealChange { over, observations, .. } => (*over, *observations, infos.get(1)?),
        Formula::MeanChange { over, observations, .. } => (*over, *observations, infos.first()?),
        _ => return None,
    };
    if averaged.frequency.per_year() != over.per_year() * observations {
        return Some(format!("{observations} observations of {} are no {}", averaged.series.key(), over.noun()));
    }
    let Formula::RealChange { series, .. } = &fact.formula else { return None };
    let money = infos.first().is_some_and(|info| matches!(info.unit.kind, UnitKind::Currency { .. }));
    let index = matches!(averaged.unit.kind, UnitKind::Index { .. });
    let name = averaged.name.subject.to_lowercase();
    let consumer = dossier.policy.mining.real.words.iter().any(|word| name.contains(&word.to_lowercase()));
    if !money || !index || !consumer {
        return Some(format!("takes {name} out of {}: only consumer prices are taken out of money", series.key()));
    }
    let member = !series.filter.is_empty();
    member.then(|| format!("{} is a member of a panel: its money was converted from another currency", series.key()))
}

fn comparable(a: &Unit, b: &Unit) -> bool {
    a.kind == b.kind && a.per == b.per && a.multiplier == b.multiplier
}

/// What a value of this kind can be at all.
fn plausible(fact: &Fact, place: &Place<'_>, findings: &mut Findings) {
    use Formula as F;
    let value = fact.value;
    let whole = value.fract() == 0.0;
    let sound = value.is_finite()
        && match &fact.formula {
            F::Rank { .. } | F::PanelRank { .. } => whole && value >= 1.0,
            F::Streak { .. } | F::RecordSince { .. } | F::Elapsed { .. } => whole && value >= 0.0,
            F::Share { .. } | F::Drawdown { .. } => (0.0..=100.0).contains(&value),
            F::PercentChange { .. } | F::GrowthRate { .. } | F::RealChange { .. } | F::MeanChange { .. } => {
                value >= -100.0
            }
            F::Correlation { .. } => value.abs() <= 1.0 + 1e-9,
            F::LeadTime { longest, .. } => whole && value >= 1.0 && value <= f64::from(*longest),
            F::Multiple { .. } | F::Ratio { .. } | F::TypicalMove { .. } => value >= 0.0,
            _ => true,
        };
    if !sound {
        findings.add(Rule::FactUnit, place, format!("{value} cannot be the value of such a formula"));
    }
}

/// The rows listed must be the ones read: each date of the formula, and nothing else for a formula that
/// reads single observations.
fn rows(ground: &Ground<'_>, fact: &Fact, place: &Place<'_>, findings: &mut Findings) {
    use Formula as F;
    let series = series_of(&fact.formula);
    if fact.rows.is_empty() {
        findings.add(Rule::FactRows, place, "lists no source row");
        return;
    }
    for span in &fact.rows {
        if !series.iter().any(|series| series.resource == span.resource) || span.first == 0 || span.last < span.first {
            findings.add(
                Rule::FactRows,
                place,
                format!("lists rows {}–{} of `{}`, which it cannot have read", span.first, span.last, span.resource),
            );
            return;
        }
    }
    let (at, from, to) = display::dates(&fact.formula);
    let needed: BTreeSet<Date> = [at, from, to].into_iter().flatten().collect();
    let Some(subject) = series.first() else { return };
    let spans =
        || fact.rows.iter().filter(|span| span.resource == subject.resource).flat_map(|span| span.first..=span.last);
    let read: BTreeSet<Date> =
        spans().filter_map(|row| ground.point(subject, row).ok()).map(|(date, _)| date).collect();
    if let Some(missing) = needed.iter().find(|date| !read.contains(date)) {
        findings.add(Rule::FactRows, place, format!("the rows it lists do not hold {} at {missing}", subject.key()));
        return;
    }
    let single = matches!(
        fact.formula,
        F::Latest { .. }
            | F::Value { .. }
            | F::Change { .. }
            | F::PercentChange { .. }
            | F::Multiple { .. }
            | F::GrowthRate { .. }
            | F::Ratio { .. }
            | F::Gap { .. }
    );
    if single && read != needed {
        findings.add(Rule::FactRows, place, "lists rows that its formula does not read");
    }
}
