//! A series as the miner sees it on the day of the run.

use jiff::civil::Date;
use proofreel_model::series::{Adjustment, Frequency, SeriesInfo, SeriesRef};
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::TracePoint;

use crate::calendar;
use crate::library::Series;

/// Usable observations up to a day, with what may be said about them.
#[allow(clippy::struct_excessive_bools)] // five independent properties of a series
pub(super) struct View<'a> {
    pub info: &'a SeriesInfo,
    pub points: &'a [TracePoint],
    periods: Vec<i64>,
    taken_out: &'a [Date],
    /// True when the last point is the newest of the source.
    pub newest: bool,
    /// True when changes are told in percent; false for a percent series and where values are not positive.
    pub relative: bool,
    /// True when a level means something by itself: a price or a rate, not an index or a bare number.
    pub levels: bool,
    /// True when the source says that the season is in it: only equal months or quarters may be compared.
    pub unadjusted: bool,
    /// True when the season may be in it: the same, and an index of months or quarters whose source says nothing.
    pub seasonal: bool,
}

impl<'a> View<'a> {
    /// The series up to the last period that is complete on `as_of`; `None` when too little is left.
    /// Later points are forecasts or unfinished periods.
    pub fn new(series: &'a Series, as_of: Date) -> Option<Self> {
        let info = &series.info;
        let end = series.points.partition_point(|point| calendar::period_end(point.date, info.frequency) <= as_of);
        let points = &series.points[..end];
        if points.len() < crate::library::MIN_OBSERVATIONS {
            return None;
        }
        let positive = points.iter().all(|point| point.value > 0.0);
        let index = matches!(info.unit.kind, UnitKind::Index { .. });
        let short_periods = matches!(info.frequency, Frequency::Monthly | Frequency::Quarterly);
        Some(Self {
            info,
            points,
            taken_out: &series.taken_out,
            periods: points.iter().map(|point| calendar::period(point.date, info.frequency)).collect(),
            newest: end == series.points.len() && !series.cut,
            relative: positive && !matches!(info.unit.kind, UnitKind::Percent | UnitKind::PercentagePoints),
            levels: !index && !matches!(info.unit.kind, UnitKind::Unspecified),
            unadjusted: short_periods && info.adjustment == Adjustment::Unadjusted,
            seasonal: short_periods
                && (info.adjustment == Adjustment::Unadjusted || (index && info.adjustment == Adjustment::Unknown)),
        })
    }

    pub fn series(&self) -> &SeriesRef {
        &self.info.series
    }

    pub fn frequency(&self) -> Frequency {
        self.info.frequency
    }

    /// Index of the last point.
    pub fn end(&self) -> usize {
        self.points.len() - 1
    }

    pub fn last(&self) -> TracePoint {
        self.points[self.points.len() - 1]
    }

    /// The point of the same period some years earlier; for days and weeks the last one on or before that day,
    /// at most ten days off.
    pub fn years_before(&self, at: usize, years: i64) -> Option<usize> {
        match self.frequency() {
            Frequency::Daily | Frequency::Weekly => {
                let target = calendar::years_before(self.points[at].date, years)?;
                let place = self.points.partition_point(|point| point.date <= target).checked_sub(1)?;
                (calendar::day_number(target) - calendar::day_number(self.points[place].date) <= 10).then_some(place)
            }
            frequency => self.periods.binary_search(&(self.periods[at] - years * i64::from(frequency.per_year()))).ok(),
        }
    }

    /// The point of a period number, for series with months or longer periods; for days the point of that day.
    pub fn at_date(&self, date: Date) -> Option<usize> {
        self.points.binary_search_by_key(&date, |point| point.date).ok()
    }

    /// Periods between two places, both included, that have no usable observation. For days and weeks, which have
    /// holidays, the dates of rows that screening took out.
    pub fn missing(&self, from: usize, to: usize) -> u32 {
        let count = match self.frequency() {
            Frequency::Daily | Frequency::Weekly => {
                let (first, last) = (self.points[from].date, self.points[to].date);
                self.taken_out.partition_point(|date| *date <= last)
                    - self.taken_out.partition_point(|date| *date < first)
            }
            _ => usize::try_from(self.periods[to] - self.periods[from]).unwrap_or(0) - (to - from),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The number of the period of each point.
    pub fn periods(&self) -> &[i64] {
        &self.periods
    }

    /// The point in the same period as `date`.
    pub fn at_period(&self, date: Date) -> Option<usize> {
        match self.frequency() {
            Frequency::Daily | Frequency::Weekly => self.at_date(date),
            frequency => self.periods.binary_search(&calendar::period(date, frequency)).ok(),
        }
    }

    /// True when `later` is the period right after `earlier`.
    pub fn adjacent(&self, earlier: usize, later: usize) -> bool {
        calendar::consecutive(self.points[earlier].date, self.points[later].date, self.frequency())
    }

    /// True when two points may be compared as far as the season goes: the source took it out, or they are of the
    /// same month or quarter.
    pub fn same_season(&self, a: usize, b: usize) -> bool {
        let year = i64::from(self.frequency().per_year());
        // What may hold its season is at least not compared inside a year.
        let far = !self.seasonal || (self.periods[a] - self.periods[b]).abs() >= year;
        if self.unadjusted { self.season(a) == self.season(b) } else { far }
    }

    /// The month or quarter of a point where the source left the season in; 0 for all points elsewhere.
    pub fn season(&self, at: usize) -> i64 {
        if self.unadjusted { self.periods[at].rem_euclid(i64::from(self.frequency().per_year())) } else { 0 }
    }

    /// Pairs of points `step` periods apart (observations for days and weeks), in order.
    pub fn steps(&self, step: u32) -> impl Iterator<Item = (usize, usize)> {
        let by_count = matches!(self.frequency(), Frequency::Daily | Frequency::Weekly);
        (0..self.points.len()).filter_map(move |to| {
            let from = if by_count {
                to.checked_sub(step as usize)?
            } else {
                self.periods.binary_search(&(self.periods[to] - i64::from(step))).ok()?
            };
            Some((from, to))
        })
    }

    /// Pairs of points a calendar year apart.
    pub fn year_pairs(&self, years: i64) -> impl Iterator<Item = (usize, usize)> {
        (0..self.points.len()).filter_map(move |to| Some((self.years_before(to, years)?, to)))
    }

    /// Percent change, or difference where percent makes no sense.
    pub fn move_between(&self, from: usize, to: usize) -> f64 {
        let (base, end) = (self.points[from].value, self.points[to].value);
        if self.relative { (end / base - 1.0) * 100.0 } else { end - base }
    }

    /// A move against the spread of the series, 0–1: half at 15 percent, or at half a standard deviation.
    pub fn effect(&self, change: f64) -> f64 {
        let half = if self.relative { 15.0 } else { self.spread() * 0.5 };
        let size = change.abs();
        if size == 0.0 { 0.0 } else { size / (size + half) }
    }

    /// Standard deviation of the values.
    pub fn spread(&self) -> f64 {
        let count = self.points.len() as f64;
        let mean = self.points.iter().map(|point| point.value).sum::<f64>() / count;
        (self.points.iter().map(|point| (point.value - mean).powi(2)).sum::<f64>() / count).sqrt()
    }

    /// Fractional years from a point to the last one.
    pub fn years_to_end(&self, at: usize) -> f64 {
        (calendar::day_number(self.last().date) - calendar::day_number(self.points[at].date)) as f64 / 365.25
    }
}
