//! The formulas of facts, and what each must find in its rows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_model::fact::{Extreme, Fact, Formula, reads_window};
use proofreel_model::series::{Frequency, SeriesRef};

use super::periods::{days, months};
use super::{RecomputeError, Recomputer};

/// One fact being checked.
pub(super) struct Check<'c, 'a> {
    pub recomputer: &'c Recomputer<'a>,
    pub fact: &'c Fact,
    /// Rows that the fact names, by resource.
    pub named: &'c BTreeMap<&'c str, BTreeSet<u32>>,
    /// Rows read so far.
    pub read: BTreeSet<(String, u32)>,
    /// Holes in the window read last.
    pub holes: u32,
}

/// Date and value.
pub(super) type Point = (Date, f64);

impl<'c, 'a> Check<'c, 'a> {
    /// A check of `fact`, which names the rows `named`.
    pub fn new(recomputer: &'c Recomputer<'a>, fact: &'c Fact, named: &'c BTreeMap<&'c str, BTreeSet<u32>>) -> Self {
        Self { recomputer, fact, named, read: BTreeSet::new(), holes: 0 }
    }

    /// The value, after every check.
    pub fn value(mut self) -> Result<f64, RecomputeError> {
        let fact = self.fact;
        let value = self.formula(&fact.formula)?;
        let unread = self
            .named
            .iter()
            .flat_map(|(resource, rows)| rows.iter().map(move |row| (resource, row)))
            .find(|(resource, row)| !self.read.contains(&((**resource).to_owned(), **row)));
        if let Some((resource, row)) = unread {
            return Err(RecomputeError::Rows {
                series: resource.to_string(),
                detail: format!("row {row} is named but the formula does not read it"),
            });
        }
        let holes = if reads_window(&fact.formula) { self.holes } else { 0 };
        if fact.missing != holes {
            return Err(RecomputeError::Untrue {
                series: fact.id.to_string(),
                detail: format!("the window has {holes} holes, the fact says {}", fact.missing),
            });
        }
        if value.is_finite() {
            Ok(value)
        } else {
            Err(RecomputeError::Untrue {
                series: fact.id.to_string(),
                detail: "the formula has no finite value on these rows".into(),
            })
        }
    }

    fn formula(&mut self, formula: &Formula) -> Result<f64, RecomputeError> {
        use Formula as F;
        match formula {
            F::Latest { series, at } => self.latest(series, *at),
            F::Value { series, at } => self.point(series, *at),
            F::Change { series, from, to } => Ok(self.point(series, *to)? - self.point(series, *from)?),
            F::PercentChange { series, from, to } => Ok((self.over_base(series, *from, *to)? - 1.0) * 100.0),
            F::Multiple { series, from, to } => self.over_base(series, *from, *to),
            F::GrowthRate { series, from, to } => {
                let years = match self.fact.frequency {
                    Frequency::Daily | Frequency::Weekly => (days(*to) - days(*from)) as f64 / 365.25,
                    frequency => months(*from, *to, frequency) as f64 / 12.0,
                };
                Ok((self.over_base(series, *from, *to)?.powf(1.0 / years) - 1.0) * 100.0)
            }
            F::Drawdown { series, from, to } => Ok((1.0 - self.over_base(series, *from, *to)?) * 100.0),
            F::Extreme { series, which, from, to, at } => self.extreme(series, *which, (*from, *to), *at),
            F::Average { series, from, to, observations } => {
                let window = self.window(series, *from, *to)?;
                if window.len() != *observations as usize {
                    return Err(untrue(
                        series,
                        format!("{} observations are averaged, not {observations}", window.len()),
                    ));
                }
                Ok(window.iter().map(|(_, value)| value).sum::<f64>() / window.len() as f64)
            }
            F::Rank { series, which, from, to, at } => {
                let window = self.window(series, *from, *to)?;
                let own = window
                    .iter()
                    .find(|(date, _)| date == at)
                    .ok_or_else(|| untrue(series, format!("{at} is not in the window")))?
                    .1;
                Ok(1.0 + window.iter().filter(|(_, value)| beats(*which, *value, own)).count() as f64)
            }
            F::PanelRank { series, members, which, at } => {
                let (own, values) = self.members(series, members, *at)?;
                Ok(1.0 + values.iter().filter(|value| beats(*which, **value, own)).count() as f64)
            }
            F::Share { series, members, at } => {
                let (own, values) = self.members(series, members, *at)?;
                Ok(own / values.iter().sum::<f64>() * 100.0)
            }
            F::Streak { series, direction, from, to, .. } => self.streak(series, *direction, *from, *to),
            F::Elapsed { series, from, to, period } => self.elapsed(series, *from, *to, *period),
            F::RecordSince { series, which, from, to } => self.record_since(series, *which, *from, *to),
            F::Ratio { series, other, at } => {
                let (above, below) = (self.point(series, *at)?, self.point(other, *at)?);
                if below > 0.0 {
                    Ok(above / below)
                } else {
                    Err(untrue(other, format!("the value at {at} is not positive")))
                }
            }
            F::Gap { series, other, at } => Ok(self.point(series, *at)? - self.point(other, *at)?),
            F::Crossing { series, other, from, at } => self.crossing(series, other, *from, *at),
            F::TypicalMove { series, step, from, to } => self.typical_move(series, *step, *from, *to),
            F::RealChange { series, deflator, from, to, over, observations } => {
                self.real_change((series, deflator), (*from, *to), *over, *observations)
            }
            F::MeanChange { series, from, to, over, observations } => {
                let (base, end) = (
                    self.mean_of(series, *from, *over, *observations)?,
                    self.mean_of(series, *to, *over, *observations)?,
                );
                Ok((end / base - 1.0) * 100.0)
            }
            F::Correlation { series, other, lag, moves, other_moves, from, to } => {
                let pair = self.pair((series, *moves), (other, *other_moves), (*from, *to))?;
                pair.correlation(*lag).ok_or_else(|| untrue(series, "the moves do not vary, or do not overlap".into()))
            }
            F::LeadTime { series, other, longest, moves, other_moves, from, to, .. } => {
                let pair = self.pair((series, *moves), (other, *other_moves), (*from, *to))?;
                pair.lead_time(*longest, self.fact.value)
                    .ok_or_else(|| untrue(series, "the moves do not vary, or do not overlap".into()))
            }
        }
    }

    pub(super) fn named(&self, series: &SeriesRef) -> Result<&BTreeSet<u32>, RecomputeError> {
        self.named.get(series.resource.as_str()).ok_or_else(|| RecomputeError::Rows {
            series: series.key(),
            detail: "the fact names no row of this resource".into(),
        })
    }

    /// The value at a date, from a named row.
    pub(super) fn point(&mut self, series: &SeriesRef, at: Date) -> Result<f64, RecomputeError> {
        let column = self.recomputer.column(series)?;
        let named = self.named(series)?;
        let start = column.dated.partition_point(|(date, ..)| *date < at);
        let found =
            column.dated[start..].iter().take_while(|(date, ..)| *date == at).find(|(_, _, row)| named.contains(row));
        let (_, value, row) = *found
            .ok_or_else(|| RecomputeError::Rows { series: series.key(), detail: format!("no named row holds {at}") })?;
        self.read.insert((series.resource.clone(), row));
        Ok(value)
    }

    fn latest(&mut self, series: &SeriesRef, at: Date) -> Result<f64, RecomputeError> {
        let column = self.recomputer.column(series)?;
        let newer = column
            .dated
            .iter()
            .enumerate()
            .find(|(place, (date, ..))| *date > at && !column.doubtful(*place, self.fact.frequency));
        if let Some((_, (date, _, row))) = newer {
            return Err(untrue(series, format!("{at} is not the newest observation: row {row} is of {date}")));
        }
        self.point(series, at)
    }

    /// v(to) / v(from) with a positive base.
    pub(super) fn over_base(&mut self, series: &SeriesRef, from: Date, to: Date) -> Result<f64, RecomputeError> {
        let (base, end) = (self.point(series, from)?, self.point(series, to)?);
        if base > 0.0 { Ok(end / base) } else { Err(untrue(series, format!("the base at {from} is not positive"))) }
    }

    fn extreme(
        &mut self,
        series: &SeriesRef,
        which: Extreme,
        window: (Date, Date),
        at: Date,
    ) -> Result<f64, RecomputeError> {
        let points = self.window(series, window.0, window.1)?;
        let own = points
            .iter()
            .find(|(date, _)| *date == at)
            .ok_or_else(|| untrue(series, format!("{at} is not in the window")))?
            .1;
        match points.iter().find(|(date, value)| beats(which, *value, own) || (*value == own && *date < at)) {
            Some((date, value)) => {
                Err(untrue(series, format!("{at} ({own}) is not the first extreme of the window: {date} has {value}")))
            }
            None => Ok(own),
        }
    }

    /// Own value and all members' values at a date; the own series must be a member, and none may occur twice.
    fn members(
        &mut self,
        series: &SeriesRef,
        members: &[SeriesRef],
        at: Date,
    ) -> Result<(f64, Vec<f64>), RecomputeError> {
        let distinct: BTreeSet<&SeriesRef> = members.iter().collect();
        if !distinct.contains(series) || distinct.len() != members.len() {
            return Err(untrue(series, "the members compared do not hold it once each".into()));
        }
        let own = self.point(series, at)?;
        let values = members.iter().map(|member| self.point(member, at)).collect::<Result<Vec<f64>, _>>()?;
        Ok((own, values))
    }

    fn elapsed(&mut self, series: &SeriesRef, from: Date, to: Date, unit: Frequency) -> Result<f64, RecomputeError> {
        self.point(series, from)?;
        self.point(series, to)?;
        let whole = months(from, to, self.fact.frequency);
        let count = match unit {
            Frequency::Daily => days(to) - days(from),
            Frequency::Weekly => (days(to) - days(from)) / 7,
            Frequency::Monthly => whole,
            Frequency::Quarterly => whole / 3,
            Frequency::Annual => whole / 12,
        };
        if count >= 0 { Ok(count as f64) } else { Err(untrue(series, format!("{from} lies after {to}"))) }
    }

    fn crossing(&mut self, series: &SeriesRef, other: &SeriesRef, from: Date, at: Date) -> Result<f64, RecomputeError> {
        let (before, after) =
            (self.point(series, from)? - self.point(other, from)?, self.point(series, at)? - self.point(other, at)?);
        if before > 0.0 || after <= 0.0 {
            return Err(untrue(series, format!("it does not rise above {} between {from} and {at}", other.key())));
        }
        let (first, second) = (self.recomputer.column(series)?, self.recomputer.column(other)?);
        let others: BTreeSet<Date> = second.dated.iter().map(|(date, ..)| *date).collect();
        let between = first.dated.iter().enumerate().find(|(place, (date, ..))| {
            *date > from && *date < at && others.contains(date) && !first.doubtful(*place, self.fact.frequency)
        });
        match between {
            Some((_, (date, ..))) => Err(untrue(series, format!("{date} lies between the two dates of the crossing"))),
            None => self.point(series, at),
        }
    }
}

/// True when `value` is more extreme than `own`.
pub(super) fn beats(which: Extreme, value: f64, own: f64) -> bool {
    match which {
        Extreme::Highest => value > own,
        Extreme::Lowest => value < own,
    }
}

pub(super) fn untrue(series: &SeriesRef, detail: String) -> RecomputeError {
    RecomputeError::Untrue { series: series.key(), detail }
}
