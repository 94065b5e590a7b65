//! Facts about two series at once over time: money against prices, early against late.

use std::ops::Range;

use proofreel_model::fact::Formula;
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::TracePoint;

use super::{Ledger, spans};
use crate::mine::leads::Pair;
use crate::mine::prices::Prices;
use crate::mine::view::View;

impl Ledger {
    /// A change with the rise of prices taken out; `averaged` are the places of the index at both ends.
    pub fn real_change(
        &mut self,
        view: &View<'_>,
        prices: &Prices<'_>,
        (then, end): (usize, usize),
        value: f64,
        averaged: (Range<usize>, Range<usize>),
    ) -> usize {
        let index = &prices.view;
        let formula = Formula::RealChange {
            series: view.series().clone(),
            deflator: index.series().clone(),
            from: view.points[then].date,
            to: view.points[end].date,
            over: prices.over,
            observations: prices.observations,
        };
        let own = [then, end].map(|at| (view.series(), view.points[at].row));
        let rows = averaged.0.chain(averaged.1).map(|at| (index.series(), index.points[at].row));
        let rows = spans(own.into_iter().chain(rows));
        self.add(view, formula, value, Unit::percent(), rows)
    }

    /// Percent change between the means of two periods of a price index.
    pub fn mean_change(&mut self, prices: &Prices<'_>, value: f64, (base, end): (Range<usize>, Range<usize>)) -> usize {
        let index = &prices.view;
        let formula = Formula::MeanChange {
            series: index.series().clone(),
            from: index.points[base.start].date,
            to: index.points[end.start].date,
            over: prices.over,
            observations: prices.observations,
        };
        let points: Vec<TracePoint> = index.points[base].iter().chain(&index.points[end]).copied().collect();
        self.of(index, formula, value, Unit::percent(), &points)
    }

    /// Correlation of yearly moves at a lag.
    pub fn correlation(&mut self, pair: &Pair<'_, '_>, lag: u32, value: f64) -> usize {
        let (from, to) = pair.window;
        let formula = Formula::Correlation {
            series: pair.leader.series().clone(),
            other: pair.follower.series().clone(),
            lag,
            moves: Pair::moves(pair.leader),
            other_moves: Pair::moves(pair.follower),
            from: pair.leader.points[from].date,
            to: pair.leader.points[to].date,
        };
        self.paired(pair, formula, value, Unit::plain(UnitKind::Coefficient))
    }

    /// The lag at which the correlation is strongest.
    pub fn lead_time(&mut self, pair: &Pair<'_, '_>, longest: u32, lag: u32) -> usize {
        let (from, to) = pair.window;
        let period = pair.leader.frequency();
        let formula = Formula::LeadTime {
            series: pair.leader.series().clone(),
            other: pair.follower.series().clone(),
            longest,
            moves: Pair::moves(pair.leader),
            other_moves: Pair::moves(pair.follower),
            from: pair.leader.points[from].date,
            to: pair.leader.points[to].date,
            period,
        };
        self.paired(pair, formula, f64::from(lag), Unit::plain(UnitKind::Duration { period }))
    }

    fn paired(&mut self, pair: &Pair<'_, '_>, formula: Formula, value: f64, unit: Unit) -> usize {
        let of = |view: &'_ View<'_>, (from, to): (usize, usize)| -> Vec<u32> {
            view.points[from..=to].iter().map(|point| point.row).collect()
        };
        let (early, late) = (of(pair.leader, pair.window), of(pair.follower, pair.follower_window));
        let early = early.into_iter().map(|row| (pair.leader.series(), row));
        let rows = spans(early.chain(late.into_iter().map(|row| (pair.follower.series(), row))));
        let handle = self.add(pair.leader, formula, value, unit, rows);
        self.facts[handle].missing = pair.missing();
        handle
    }
}
