//! Formulas over every observation of a window, and the holes in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_model::fact::{Direction, Extreme};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::unit::UnitKind;

use super::RecomputeError;
use super::formulas::{Check, Point, beats, untrue};
use super::periods::{months, period};
use super::source::Column;

impl Check<'_, '_> {
    /// All named rows of a window, in date order. Every row of the window must be named or visibly unusable.
    pub(super) fn window(&mut self, series: &SeriesRef, from: Date, to: Date) -> Result<Vec<Point>, RecomputeError> {
        let column = self.recomputer.column(series)?;
        let named = self.named(series)?;
        let (mut points, mut read): (Vec<Point>, Vec<u32>) = (Vec::new(), Vec::new());
        for (place, (date, value, row)) in column.dated.iter().enumerate() {
            if *date < from || *date > to {
                continue;
            }
            if named.contains(row) {
                if points.last().is_some_and(|(last, _)| last == date) {
                    return Err(RecomputeError::Rows {
                        series: series.key(),
                        detail: format!("{date} is read twice, again in row {row}"),
                    });
                }
                points.push((*date, *value));
                read.push(*row);
            } else if !column.doubtful(place, self.fact.frequency) {
                return Err(RecomputeError::Rows {
                    series: series.key(),
                    detail: format!(
                        "row {row} ({date}) lies in the window, is not named, and nothing is wrong with it"
                    ),
                });
            }
        }
        if points.first().map(|point| point.0) != Some(from) || points.last().map(|point| point.0) != Some(to) {
            return Err(RecomputeError::Rows {
                series: series.key(),
                detail: format!("the named rows do not span {from} to {to}"),
            });
        }
        self.holes = holes(&column, &points, (from, to), self.fact.frequency);
        self.read.extend(read.into_iter().map(|row| (series.resource.clone(), row)));
        Ok(points)
    }

    pub(super) fn streak(
        &mut self,
        series: &SeriesRef,
        direction: Direction,
        from: Date,
        to: Date,
    ) -> Result<f64, RecomputeError> {
        let points = self.window(series, from, to)?;
        for pair in points.windows(2) {
            let rises = pair[1].1 > pair[0].1;
            let falls = pair[1].1 < pair[0].1;
            if !(if direction == Direction::Up { rises } else { falls }) {
                return Err(untrue(series, format!("the move from {} to {} breaks the streak", pair[0].0, pair[1].0)));
            }
            let apart = period(pair[1].0, self.fact.frequency) - period(pair[0].0, self.fact.frequency);
            let most = match self.fact.frequency {
                Frequency::Daily | Frequency::Weekly => 10,
                _ => 1,
            };
            if apart > most {
                return Err(untrue(series, format!("a period is missing between {} and {}", pair[0].0, pair[1].0)));
            }
        }
        Ok((points.len() - 1) as f64)
    }

    pub(super) fn record_since(
        &mut self,
        series: &SeriesRef,
        which: Extreme,
        from: Date,
        to: Date,
    ) -> Result<f64, RecomputeError> {
        let points = self.window(series, from, to)?;
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Err(untrue(series, "the window is empty".into()));
        };
        let reaches = |value: f64| value == last.1 || beats(which, value, last.1);
        if !reaches(first.1) {
            return Err(untrue(series, format!("the value at {from} does not reach the one at {to}")));
        }
        if let Some((date, _)) = points[1..points.len() - 1].iter().find(|(_, value)| reaches(*value)) {
            return Err(untrue(series, format!("{date} lies between and reaches the value at {to}")));
        }
        Ok((months(from, to, self.fact.frequency) / 12) as f64)
    }

    pub(super) fn typical_move(
        &mut self,
        series: &SeriesRef,
        step: u32,
        from: Date,
        to: Date,
    ) -> Result<f64, RecomputeError> {
        let points = self.window(series, from, to)?;
        let frequency = self.fact.frequency;
        let relative = matches!(self.fact.unit.kind, UnitKind::Percent);
        let mut moves = Vec::new();
        if matches!(frequency, Frequency::Daily | Frequency::Weekly) {
            for n in step as usize..points.len() {
                moves.push((points[n - step as usize].1, points[n].1));
            }
        } else {
            let places: BTreeMap<i64, f64> =
                points.iter().map(|(date, value)| (period(*date, frequency), *value)).collect();
            for (number, value) in &places {
                if let Some(base) = places.get(&(number - i64::from(step))) {
                    moves.push((*base, *value));
                }
            }
        }
        let mut sizes = Vec::with_capacity(moves.len());
        for (base, end) in moves {
            if relative && base <= 0.0 {
                return Err(untrue(series, "a base in the window is not positive".into()));
            }
            sizes.push(if relative { (end - base).abs() / base * 100.0 } else { (end - base).abs() });
        }
        sizes.sort_by(f64::total_cmp);
        match sizes.len() {
            0 => Err(untrue(series, "no two observations lie one step apart".into())),
            n if n % 2 == 1 => Ok(sizes[n / 2]),
            n => Ok(f64::midpoint(sizes[n / 2 - 1], sizes[n / 2])),
        }
    }
}

/// Periods of a window that none of its points stands for; for days and weeks the dates of rows without a usable value.
pub(super) fn holes(column: &Column, points: &[Point], (from, to): (Date, Date), frequency: Frequency) -> u32 {
    let count = match frequency {
        Frequency::Daily | Frequency::Weekly => {
            let told: BTreeSet<Date> = points.iter().map(|(date, _)| *date).collect();
            let written: BTreeSet<Date> = column
                .rows
                .iter()
                .filter_map(|row| row.date)
                .filter(|date| (from..=to).contains(date) && !told.contains(date))
                .collect();
            written.len()
        }
        _ => {
            let filled: BTreeSet<i64> = points.iter().map(|(date, _)| period(*date, frequency)).collect();
            (period(from, frequency)..=period(to, frequency)).filter(|number| !filled.contains(number)).count()
        }
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}
