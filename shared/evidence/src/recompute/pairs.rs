//! Correlation of the year-on-year moves of two series.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::fact::Moves;
use proofreel_model::series::{Frequency, SeriesRef};

use super::RecomputeError;
use super::formulas::{Check, untrue};
use super::periods::period;

/// Two correlations closer than this are equal: they are sums of hundreds of products.
const EQUAL: f64 = 1e-9;
/// Pairs of moves that a correlation needs at least.
const FEWEST: usize = 3;

/// Year-on-year moves of two series by period number.
pub(super) struct Pair {
    first: BTreeMap<i64, f64>,
    second: BTreeMap<i64, f64>,
}

impl Check<'_, '_> {
    /// Reads both series over the window; counts the periods that either of them lacks.
    pub(super) fn pair(
        &mut self,
        (series, moves): (&SeriesRef, Moves),
        (other, other_moves): (&SeriesRef, Moves),
        (from, to): (Date, Date),
    ) -> Result<Pair, RecomputeError> {
        let frequency = self.fact.frequency;
        if matches!(frequency, Frequency::Daily | Frequency::Weekly) {
            return Err(untrue(series, "days and weeks have no year-on-year moves of equal length".into()));
        }
        let first: BTreeMap<i64, f64> =
            self.window(series, from, to)?.into_iter().map(|(date, value)| (period(date, frequency), value)).collect();
        let (start, end) = (period(from, frequency), period(to, frequency));
        let column = self.recomputer.column(other)?;
        let bounds = |wanted: i64| {
            column.dated.iter().map(|(date, ..)| *date).filter(move |date| period(*date, frequency) == wanted)
        };
        let (Some(other_from), Some(other_to)) = (bounds(start).next(), bounds(end).next_back()) else {
            return Err(untrue(other, format!("it does not span {from} to {to}")));
        };
        let second: BTreeMap<i64, f64> = self
            .window(other, other_from, other_to)?
            .into_iter()
            .map(|(date, value)| (period(date, frequency), value))
            .collect();
        let holes = (start..=end).filter(|number| !(first.contains_key(number) && second.contains_key(number))).count();
        self.holes = u32::try_from(holes).unwrap_or(u32::MAX);
        let year = i64::from(frequency.per_year());
        Ok(Pair { first: yearly(series, &first, moves, year)?, second: yearly(other, &second, other_moves, year)? })
    }
}

fn yearly(
    series: &SeriesRef,
    values: &BTreeMap<i64, f64>,
    moves: Moves,
    year: i64,
) -> Result<BTreeMap<i64, f64>, RecomputeError> {
    let mut out = BTreeMap::new();
    for (number, value) in values {
        let Some(base) = values.get(&(number - year)) else { continue };
        if moves == Moves::Percent && *base <= 0.0 {
            return Err(untrue(series, "a base of its yearly moves is not positive".into()));
        }
        out.insert(*number, if moves == Moves::Percent { (value - base) / base * 100.0 } else { value - base });
    }
    Ok(out)
}

impl Pair {
    /// Correlation of the first at t − lag with the second at t.
    pub fn correlation(&self, lag: u32) -> Option<f64> {
        self.part(lag, i64::MIN, i64::MAX)
    }

    /// The same over the periods t from `from` to `to` only.
    pub fn part(&self, lag: u32, from: i64, to: i64) -> Option<f64> {
        let (x, y): (Vec<f64>, Vec<f64>) = self
            .second
            .iter()
            .filter(|(number, _)| (from..=to).contains(*number))
            .filter_map(|(number, late)| Some((*self.first.get(&(number - i64::from(lag)))?, *late)))
            .unzip();
        pearson(&x, &y)
    }

    /// The lag with the strongest correlation. Where another is as strong to the last bits, the claimed one stands.
    pub fn lead_time(&self, longest: u32, claimed: f64) -> Option<f64> {
        let sizes: Vec<(u32, f64)> =
            (1..=longest).filter_map(|lag| Some((lag, self.correlation(lag)?.abs()))).collect();
        let best = sizes.iter().map(|(_, size)| *size).fold(f64::NAN, f64::max);
        let mut equals = sizes.iter().filter(|(_, size)| best - size <= EQUAL).map(|(lag, _)| f64::from(*lag));
        equals.clone().find(|lag| lag.to_bits() == claimed.to_bits()).or_else(|| equals.next())
    }
}

/// Pearson's coefficient from centred products.
fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() < FEWEST {
        return None;
    }
    let count = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (a, b) = (a - mean_x, b - mean_y);
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx.sqrt() * yy.sqrt()))
}
