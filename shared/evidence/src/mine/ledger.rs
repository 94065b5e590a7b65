//! Facts as they are made: each computed once, with its unit, display and source rows.

mod context;

use std::collections::BTreeMap;

use proofreel_model::display;
use proofreel_model::fact::{Direction, Extreme, Fact, Formula, RowSpan};
use proofreel_model::ids::FactId;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::TracePoint;

use super::view::View;
use crate::calendar;

/// Facts of one topic. Equal formulas share one fact; handles are indices.
#[derive(Default)]
pub(super) struct Ledger {
    facts: Vec<Fact>,
    known: BTreeMap<String, usize>,
}

impl Ledger {
    /// The fact behind a handle.
    pub fn fact(&self, handle: usize) -> &Fact {
        &self.facts[handle]
    }

    /// For each fact the number of the thing that it tells: an observation told as the latest, as a value or as an extreme is
    /// one thing, and so is a move from one date to another in whatever measure.
    pub fn things(&self) -> Vec<usize> {
        use Formula as F;
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let thing = |fact: &Fact| match &fact.formula {
            F::Latest { series, at } | F::Value { series, at } | F::Extreme { series, at, .. } => {
                format!("{} at {at}", series.key())
            }
            F::Change { series, from, to }
            | F::PercentChange { series, from, to }
            | F::Multiple { series, from, to }
            | F::GrowthRate { series, from, to }
            | F::Drawdown { series, from, to } => format!("{} from {from} to {to}", series.key()),
            other => format!("{other:?}"),
        };
        self.facts
            .iter()
            .map(|fact| {
                let next = numbers.len();
                *numbers.entry(thing(fact)).or_insert(next)
            })
            .collect()
    }

    fn add(&mut self, view: &View<'_>, formula: Formula, value: f64, unit: Unit, rows: Vec<RowSpan>) -> usize {
        let key = format!("{formula:?}");
        if let Some(handle) = self.known.get(&key) {
            return *handle;
        }
        let display = display::display(value, &unit, &formula);
        self.facts.push(Fact {
            id: FactId(String::new()),
            formula,
            value,
            unit,
            frequency: view.frequency(),
            display,
            adjustment: view.info.adjustment,
            missing: 0,
            rows,
        });
        self.known.insert(key, self.facts.len() - 1);
        self.facts.len() - 1
    }

    fn of(&mut self, view: &View<'_>, formula: Formula, value: f64, unit: Unit, points: &[TracePoint]) -> usize {
        let rows = spans(points.iter().map(|point| (view.series(), point.row)));
        self.add(view, formula, value, unit, rows)
    }

    /// A fact over the whole window between two places, which tells its holes.
    fn over(&mut self, view: &View<'_>, formula: Formula, value: f64, unit: Unit, (from, to): (usize, usize)) -> usize {
        let handle = self.of(view, formula, value, unit, &view.points[from..=to]);
        self.facts[handle].missing = view.missing(from, to);
        handle
    }

    /// The newest observation; a plain value when newer rows exist that the day of the run does not reach.
    pub fn latest(&mut self, view: &View<'_>) -> usize {
        let last = view.last();
        let series = view.series().clone();
        let formula = if view.newest {
            Formula::Latest { series, at: last.date }
        } else {
            Formula::Value { series, at: last.date }
        };
        self.of(view, formula, last.value, view.info.unit.clone(), &[last])
    }

    /// One observation; the newest one is given as such.
    pub fn value(&mut self, view: &View<'_>, at: usize) -> usize {
        if at + 1 == view.points.len() {
            return self.latest(view);
        }
        let point = view.points[at];
        self.of(
            view,
            Formula::Value { series: view.series().clone(), at: point.date },
            point.value,
            view.info.unit.clone(),
            &[point],
        )
    }

    /// Percent change, or a plain difference for a percent series and for bases that are not positive.
    pub fn change(&mut self, view: &View<'_>, from: usize, to: usize) -> usize {
        let (base, end) = (view.points[from], view.points[to]);
        let (series, from, to) = (view.series().clone(), base.date, end.date);
        if view.relative {
            let value = (end.value / base.value - 1.0) * 100.0;
            self.of(view, Formula::PercentChange { series, from, to }, value, Unit::percent(), &[base, end])
        } else {
            self.of(
                view,
                Formula::Change { series, from, to },
                end.value - base.value,
                view.info.unit.difference(),
                &[base, end],
            )
        }
    }

    /// Multiple of a positive base.
    pub fn multiple(&mut self, view: &View<'_>, from: usize, to: usize) -> usize {
        let (base, end) = (view.points[from], view.points[to]);
        let formula = Formula::Multiple { series: view.series().clone(), from: base.date, to: end.date };
        self.of(view, formula, end.value / base.value, Unit::plain(UnitKind::Multiple), &[base, end])
    }

    /// Compound annual growth of a positive base.
    pub fn growth(&mut self, view: &View<'_>, from: usize, to: usize) -> usize {
        let (base, end) = (view.points[from], view.points[to]);
        let years = calendar::years_between(base.date, end.date, view.frequency());
        let value = ((end.value / base.value).powf(1.0 / years) - 1.0) * 100.0;
        let formula = Formula::GrowthRate { series: view.series().clone(), from: base.date, to: end.date };
        self.of(view, formula, value, Unit::percent(), &[base, end])
    }

    /// Extreme of the window between two places, both included; `at` is its first place.
    pub fn extreme(&mut self, view: &View<'_>, which: Extreme, from: usize, to: usize, at: usize) -> usize {
        let formula = Formula::Extreme {
            series: view.series().clone(),
            which,
            from: view.points[from].date,
            to: view.points[to].date,
            at: view.points[at].date,
        };
        self.over(view, formula, view.points[at].value, view.info.unit.clone(), (from, to))
    }

    /// Mean of the whole series.
    pub fn average(&mut self, view: &View<'_>) -> usize {
        let count = view.points.len();
        let mean = view.points.iter().map(|point| point.value).sum::<f64>() / count as f64;
        let formula = Formula::Average {
            series: view.series().clone(),
            from: view.points[0].date,
            to: view.last().date,
            observations: u32::try_from(count).unwrap_or(u32::MAX),
        };
        self.over(view, formula, mean, view.info.unit.clone(), (0, view.end()))
    }

    /// Consecutive moves in one direction.
    pub fn streak(&mut self, view: &View<'_>, direction: Direction, from: usize, to: usize) -> usize {
        let period = view.frequency();
        let formula = Formula::Streak {
            series: view.series().clone(),
            direction,
            from: view.points[from].date,
            to: view.points[to].date,
            period,
        };
        self.of(view, formula, (to - from) as f64, Unit::plain(UnitKind::Duration { period }), &view.points[from..=to])
    }

    /// Whole periods between two observations: days below a month, months below two years, else years.
    pub fn elapsed(&mut self, view: &View<'_>, from: usize, to: usize) -> usize {
        let (start, end) = (view.points[from].date, view.points[to].date);
        let frequency = view.frequency();
        let months = calendar::whole_months(start, end, frequency);
        if frequency == Frequency::Annual || months >= 24 {
            self.spent(view, (from, to), months.div_euclid(12), Frequency::Annual)
        } else if months == 0 {
            let days = calendar::day_number(end) - calendar::day_number(start);
            self.spent(view, (from, to), days, Frequency::Daily)
        } else {
            self.spent(view, (from, to), months, Frequency::Monthly)
        }
    }

    /// Whole months between two observations, years where the calendar has no months: lengths that stand beside each other
    /// are told in one measure.
    pub fn months(&mut self, view: &View<'_>, from: usize, to: usize) -> usize {
        let frequency = view.frequency();
        let months = calendar::whole_months(view.points[from].date, view.points[to].date, frequency);
        if frequency == Frequency::Annual {
            self.spent(view, (from, to), months.div_euclid(12), Frequency::Annual)
        } else {
            self.spent(view, (from, to), months, Frequency::Monthly)
        }
    }

    fn spent(&mut self, view: &View<'_>, (from, to): (usize, usize), value: i64, period: Frequency) -> usize {
        let (start, end) = (view.points[from], view.points[to]);
        let formula = Formula::Elapsed { series: view.series().clone(), from: start.date, to: end.date, period };
        self.of(view, formula, value as f64, Unit::plain(UnitKind::Duration { period }), &[start, end])
    }

    /// Fall from a peak, percent; points (negative, as a change) for a percent series.
    pub fn drawdown(&mut self, view: &View<'_>, peak: usize, trough: usize) -> usize {
        if !view.relative {
            return self.change(view, peak, trough);
        }
        let (top, bottom) = (view.points[peak], view.points[trough]);
        let formula = Formula::Drawdown { series: view.series().clone(), from: top.date, to: bottom.date };
        self.of(view, formula, (1.0 - bottom.value / top.value) * 100.0, Unit::percent(), &[top, bottom])
    }

    /// Whole years since a value at least as high (low) as the last one.
    pub fn record_since(&mut self, view: &View<'_>, which: Extreme, from: usize) -> usize {
        let last = view.points.len() - 1;
        let (start, end) = (view.points[from].date, view.points[last].date);
        let years = calendar::whole_months(start, end, view.frequency()).div_euclid(12);
        let formula = Formula::RecordSince { series: view.series().clone(), which, from: start, to: end };
        self.over(
            view,
            formula,
            years as f64,
            Unit::plain(UnitKind::Duration { period: Frequency::Annual }),
            (from, last),
        )
    }

    /// Median absolute move over a year; `None` without a pair to compare. The window is the whole series, unless
    /// the last fifty years move three times as much as the whole does: a record with a long peg in it would call
    /// standing still typical.
    pub fn typical_year(&mut self, view: &View<'_>) -> Option<usize> {
        let step = view.frequency().per_year();
        let whole = median_move(view, step, 0)?;
        let recent = view.years_before(view.end(), 50).unwrap_or(0);
        let (start, median) = match median_move(view, step, recent) {
            Some(median) if median > whole * 3.0 => (recent, median),
            _ => (0, whole),
        };
        let unit = if view.relative { Unit::percent() } else { view.info.unit.difference() };
        let formula = Formula::TypicalMove {
            series: view.series().clone(),
            step,
            from: view.points[start].date,
            to: view.last().date,
        };
        Some(self.over(view, formula, median, unit, (start, view.end())))
    }

    /// Ratio of two series at one date.
    pub fn ratio(&mut self, first: (&View<'_>, usize), second: (&View<'_>, usize)) -> usize {
        let (a, b) = (first.0.points[first.1], second.0.points[second.1]);
        let formula = Formula::Ratio { series: first.0.series().clone(), other: second.0.series().clone(), at: a.date };
        let rows = spans([(first.0.series(), a.row), (second.0.series(), b.row)].into_iter());
        self.add(first.0, formula, a.value / b.value, Unit::plain(UnitKind::Multiple), rows)
    }

    /// Difference of two series at one date.
    pub fn gap(&mut self, first: (&View<'_>, usize), second: (&View<'_>, usize)) -> usize {
        let (a, b) = (first.0.points[first.1], second.0.points[second.1]);
        let formula = Formula::Gap { series: first.0.series().clone(), other: second.0.series().clone(), at: a.date };
        let rows = spans([(first.0.series(), a.row), (second.0.series(), b.row)].into_iter());
        self.add(first.0, formula, a.value - b.value, first.0.info.unit.difference(), rows)
    }

    /// The first common date at which `riser` is above `passed`: places before and at it in both series.
    pub fn crossing(
        &mut self,
        riser: &View<'_>,
        passed: &View<'_>,
        before: (usize, usize),
        at: (usize, usize),
    ) -> usize {
        let formula = Formula::Crossing {
            series: riser.series().clone(),
            other: passed.series().clone(),
            from: riser.points[before.0].date,
            at: riser.points[at.0].date,
        };
        let rows = spans(
            [
                (riser.series(), riser.points[before.0].row),
                (riser.series(), riser.points[at.0].row),
                (passed.series(), passed.points[before.1].row),
                (passed.series(), passed.points[at.1].row),
            ]
            .into_iter(),
        );
        self.add(riser, formula, riser.points[at.0].value, riser.info.unit.clone(), rows)
    }

    /// Place of one member among all at one date, 1 for the highest. `members` includes the one ranked.
    pub fn panel_rank(&mut self, ranked: (&View<'_>, usize), members: &[(&View<'_>, usize)]) -> usize {
        let point = ranked.0.points[ranked.1];
        let better = members.iter().filter(|(view, at)| view.points[*at].value > point.value).count();
        let formula = Formula::PanelRank {
            series: ranked.0.series().clone(),
            members: members.iter().map(|(view, _)| view.series().clone()).collect(),
            which: Extreme::Highest,
            at: point.date,
        };
        let rows = spans(members.iter().map(|(view, at)| (view.series(), view.points[*at].row)));
        self.add(ranked.0, formula, (better + 1) as f64, Unit::plain(UnitKind::Rank), rows)
    }

    /// Share of one member in the sum of all at one date, percent.
    pub fn share(&mut self, member: (&View<'_>, usize), members: &[(&View<'_>, usize)]) -> usize {
        let point = member.0.points[member.1];
        let sum: f64 = members.iter().map(|(view, at)| view.points[*at].value).sum();
        let formula = Formula::Share {
            series: member.0.series().clone(),
            members: members.iter().map(|(view, _)| view.series().clone()).collect(),
            at: point.date,
        };
        let rows = spans(members.iter().map(|(view, at)| (view.series(), view.points[*at].row)));
        self.add(member.0, formula, point.value / sum * 100.0, Unit::percent(), rows)
    }
}

/// Median absolute move over `step` periods among the points from `start` on.
fn median_move(view: &View<'_>, step: u32, start: usize) -> Option<f64> {
    let mut moves: Vec<f64> = view
        .steps(step)
        .filter(|(from, _)| *from >= start)
        .map(|(from, to)| view.move_between(from, to).abs())
        .collect();
    moves.sort_by(f64::total_cmp);
    let middle = moves.len() / 2;
    let upper = *moves.get(middle)?;
    Some(if moves.len().is_multiple_of(2) { f64::midpoint(moves[middle - 1], upper) } else { upper })
}

/// Rows merged into spans, by resource.
fn spans<'a>(rows: impl Iterator<Item = (&'a SeriesRef, u32)>) -> Vec<RowSpan> {
    let mut rows: Vec<(&str, u32)> = rows.map(|(series, row)| (series.resource.as_str(), row)).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut spans: Vec<RowSpan> = Vec::new();
    for (resource, row) in rows {
        match spans.last_mut() {
            Some(span) if span.resource == resource && span.last + 1 == row => span.last = row,
            _ => spans.push(RowSpan { resource: resource.to_owned(), first: row, last: row }),
        }
    }
    spans
}
