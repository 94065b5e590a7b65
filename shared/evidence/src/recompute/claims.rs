//! Superlatives: what a finding's kind says beyond its single facts.

use jiff::civil::Date;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::finding::{Finding, FindingKind};
use proofreel_model::series::{Adjustment, Frequency, SeriesRef};

use super::formulas::Check;
use super::periods::{days, period};
use super::{RecomputeError, Recomputer, leads, turns};

/// Relative slack of comparisons: two equal moves may differ in the last bits.
const SLACK: f64 = 1e-9;

/// Checks the superlative of a finding.
pub(super) fn check(
    recomputer: &Recomputer<'_>,
    finding: &Finding,
    facts: &[Fact],
    as_of: Date,
) -> Result<(), RecomputeError> {
    let Some(series) = finding.series.first() else { return Ok(()) };
    let role = |name: &str| {
        let id = finding.roles.get(name);
        let fact = id.and_then(|id| facts.iter().find(|fact| &fact.id == id));
        fact.ok_or_else(|| RecomputeError::NoObservation {
            series: series.key(),
            detail: format!("the fact of role `{name}` is missing"),
        })
    };
    match finding.kind {
        FindingKind::WorstFall => {
            let fact = role("drawdown")?;
            let record = record(recomputer, series, fact.frequency, as_of)?;
            let relative = matches!(fact.formula, Formula::Drawdown { .. });
            for record in seasons(record, fact) {
                worst_fall(series, &record, fact.value.abs(), relative)?;
            }
            Ok(())
        }
        FindingKind::BiggestRise | FindingKind::BiggestDrop => {
            let fact = role("change")?;
            let record = record(recomputer, series, fact.frequency, as_of)?;
            let relative = matches!(fact.formula, Formula::PercentChange { .. });
            let sign = if finding.kind == FindingKind::BiggestRise { 1.0 } else { -1.0 };
            biggest(series, &record, fact.frequency, fact.value * sign, sign, relative)
        }
        FindingKind::Record => {
            let (latest, previous) = (role("latest")?, role("previous")?);
            let highest =
                matches!(previous.formula, Formula::Extreme { which: proofreel_model::fact::Extreme::Highest, .. });
            let beats = if highest { latest.value > previous.value } else { latest.value < previous.value };
            if beats { Ok(()) } else { Err(untrue(series, "the latest value does not beat the old record".into())) }
        }
        FindingKind::Streak => {
            let fact = role("streak")?;
            let record = record(recomputer, series, fact.frequency, as_of)?;
            streak(series, &record, fact)
        }
        FindingKind::TurningPoint => {
            let turn = role("turn")?;
            let named = recomputer.named(turn)?;
            match turns::refuted(Check::new(recomputer, turn, &named), turn, role("since")?, role("typical")?) {
                None => Ok(()),
                Some(why) => Err(untrue(series, why)),
            }
        }
        FindingKind::LeadLag => {
            let (correlation, unlagged, lag) = (role("correlation")?, role("unlagged")?, role("lag")?);
            let named = recomputer.named(correlation)?;
            match leads::refuted(Check::new(recomputer, correlation, &named), correlation, unlagged, lag) {
                None => Ok(()),
                Some(why) => Err(untrue(series, why)),
            }
        }
        FindingKind::PanelShare | FindingKind::PanelClimb => one_circle(series, finding, facts),
        FindingKind::PanelLeader => {
            if role("leader")?.value >= role("second")?.value {
                Ok(())
            } else {
                Err(untrue(series, "the second is ahead of the leader".into()))
            }
        }
        _ => Ok(()),
    }
}

/// Places and shares at two dates are of one and the same circle of members.
fn one_circle(series: &SeriesRef, finding: &Finding, facts: &[Fact]) -> Result<(), RecomputeError> {
    let mut circles = Vec::new();
    for fact in finding.roles.values().filter_map(|id| facts.iter().find(|fact| &fact.id == id)) {
        if let Formula::PanelRank { members, .. } | Formula::Share { members, .. } = &fact.formula {
            let mut members: Vec<&SeriesRef> = members.iter().collect();
            members.sort();
            circles.push(members);
        }
    }
    if circles.windows(2).all(|pair| pair[0] == pair[1]) {
        Ok(())
    } else {
        Err(untrue(series, "the dates are compared among different members".into()))
    }
}

fn untrue(series: &SeriesRef, detail: String) -> RecomputeError {
    RecomputeError::Untrue { series: series.key(), detail }
}

/// Observations that nothing is wrong with, up to the day of the run.
fn record(
    recomputer: &Recomputer<'_>,
    series: &SeriesRef,
    frequency: Frequency,
    as_of: Date,
) -> Result<Vec<(Date, f64)>, RecomputeError> {
    let column = recomputer.column(series)?;
    let over = |date: Date| match frequency {
        Frequency::Daily | Frequency::Weekly => date <= as_of,
        Frequency::Monthly => date.last_of_month() <= as_of,
        Frequency::Quarterly => {
            period(date, frequency) < period(as_of, frequency)
                || (as_of.month() % 3 == 0 && as_of == as_of.last_of_month())
        }
        Frequency::Annual => date.last_of_year() <= as_of,
    };
    Ok((0..column.dated.len())
        .filter(|place| over(column.dated[*place].0) && !column.doubtful(*place, frequency))
        .map(|place| (column.dated[place].0, column.dated[place].1))
        .collect())
}

/// The record whole, or by month or quarter where the source left the season in and a month compares with its like only.
fn seasons(record: Vec<(Date, f64)>, fact: &Fact) -> Vec<Vec<(Date, f64)>> {
    let year = match fact.frequency {
        Frequency::Monthly => 12,
        Frequency::Quarterly => 4,
        _ => 1,
    };
    if fact.adjustment != Adjustment::Unadjusted || year == 1 {
        return vec![record];
    }
    let place = |date: Date| period(date, fact.frequency).rem_euclid(year);
    (0..year).map(|season| record.iter().copied().filter(|(date, _)| place(*date) == season).collect()).collect()
}

fn worst_fall(series: &SeriesRef, record: &[(Date, f64)], claimed: f64, relative: bool) -> Result<(), RecomputeError> {
    let Some(mut peak) = record.first().copied() else { return Ok(()) };
    for (date, value) in record {
        let fall = if relative { (1.0 - value / peak.1) * 100.0 } else { peak.1 - value };
        if fall > claimed * (1.0 + SLACK) + SLACK {
            return Err(untrue(
                series,
                format!("the fall from {} to {date} is deeper than the one called the worst", peak.0),
            ));
        }
        if *value > peak.1 {
            peak = (*date, *value);
        }
    }
    Ok(())
}

fn biggest(
    series: &SeriesRef,
    record: &[(Date, f64)],
    frequency: Frequency,
    claimed: f64,
    sign: f64,
    relative: bool,
) -> Result<(), RecomputeError> {
    for (n, (date, value)) in record.iter().enumerate() {
        let Some((base_date, base)) = year_before(&record[..n], *date, frequency) else { continue };
        let change = sign * if relative { (value / base - 1.0) * 100.0 } else { value - base };
        if change > claimed * (1.0 + SLACK) + SLACK {
            return Err(untrue(
                series,
                format!("the move from {base_date} to {date} is bigger than the one called the biggest"),
            ));
        }
    }
    Ok(())
}

/// The observation of the same period a year before; for days the last one on or before that day, at most ten days off.
fn year_before(earlier: &[(Date, f64)], date: Date, frequency: Frequency) -> Option<(Date, f64)> {
    let same_day = Date::new(date.year() - 1, date.month(), date.day())
        .or_else(|_| Date::new(date.year() - 1, date.month(), 28))
        .ok()?;
    match frequency {
        Frequency::Daily | Frequency::Weekly => {
            let found = earlier.get(earlier.partition_point(|(other, _)| *other <= same_day).checked_sub(1)?)?;
            (days(same_day) - days(found.0) <= 10).then_some(*found)
        }
        _ => earlier.iter().rev().find(|(other, _)| period(*other, frequency) == period(same_day, frequency)).copied(),
    }
}

/// A streak must be as long as it can be, and either the one that goes on or the longest of the record.
fn streak(series: &SeriesRef, record: &[(Date, f64)], fact: &Fact) -> Result<(), RecomputeError> {
    let Formula::Streak { from, to, direction, .. } = &fact.formula else {
        return Err(untrue(series, "the fact of role `streak` is no streak".into()));
    };
    let up = *direction == proofreel_model::fact::Direction::Up;
    let (mut longest, mut current) = (0usize, 0usize);
    let mut sign = 0i8;
    for pair in record.windows(2) {
        let next = period(pair[1].0, fact.frequency) - period(pair[0].0, fact.frequency) == 1;
        let turn = if !next || pair[1].1 == pair[0].1 {
            0
        } else if pair[1].1 > pair[0].1 {
            1
        } else {
            -1
        };
        current = if turn == 0 {
            0
        } else if turn == sign {
            current + 1
        } else {
            1
        };
        sign = turn;
        longest = longest.max(current);
        if pair[1].0 == *from && current > 0 && (sign == 1) == up {
            return Err(untrue(series, format!("the streak began before {from}")));
        }
    }
    let length = fact.value as usize;
    let goes_on = record.last().is_some_and(|(date, _)| date <= to);
    if goes_on || length >= longest {
        Ok(())
    } else {
        Err(untrue(series, format!("a longer streak of {longest} exists")))
    }
}
