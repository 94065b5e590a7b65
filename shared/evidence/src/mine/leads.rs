//! Lead and lag: whether the yearly moves of one series look like those of another some time later.

use std::ops::RangeInclusive;

use proofreel_model::fact::Moves;
use proofreel_model::finding::FindingKind;
use proofreel_model::policy::law;
use proofreel_model::series::Frequency;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;

/// Lead-and-lag findings of a pair of months, quarters or years.
///
/// Two lines of enough history correlate at some lag by chance alone, the more so the more lags are tried. A lead is
/// told only when it is strong, clearly stronger than at the same time, and found again in each half of the window.
pub(super) fn find(first: &View<'_>, second: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let longest = match first.frequency() {
        Frequency::Monthly => 24,
        Frequency::Quarterly => 8,
        Frequency::Annual => 5,
        Frequency::Daily | Frequency::Weekly => return,
    };
    let policy = &law().mining.lead;
    let found = [(first, second), (second, first)]
        .into_iter()
        .filter_map(|(leader, follower)| {
            let pair = Pair::new(leader, follower)?;
            let (lag, strength) = pair.strongest(longest)?;
            Some((pair, lag, strength))
        })
        // The first of equals: the topic's subject leads.
        .reduce(|best, other| if other.2.abs() > best.2.abs() { other } else { best });
    let Some((pair, lag, strength)) = found else { return };
    let Some(unlagged) = pair.correlation(0, pair.all()) else { return };
    let clear = strength.abs() >= policy.least && strength.abs() - unlagged.abs() >= policy.above_unlagged;
    let halves = pair.halves().map(|half| pair.correlation(lag, half));
    let stable = halves.iter().all(|half| half.is_some_and(|half| half * strength.signum() >= policy.least_in_half));
    if !clear || !stable {
        return;
    }
    drafts.push(Draft {
        kind: FindingKind::LeadLag,
        series: vec![pair.leader.series().clone(), pair.follower.series().clone()],
        roles: vec![
            ("correlation", ledger.correlation(&pair, lag, strength)),
            ("unlagged", ledger.correlation(&pair, 0, unlagged)),
            ("lag", ledger.lead_time(&pair, longest, lag)),
        ],
        surprise: 0.6,
        effect: strength.abs(),
        age: 0.0,
        weight,
    });
}

/// Two series over the periods that both span.
pub(super) struct Pair<'v, 'a> {
    pub leader: &'v View<'a>,
    pub follower: &'v View<'a>,
    /// Places of the window's ends in the leader.
    pub window: (usize, usize),
    /// The same in the follower.
    pub follower_window: (usize, usize),
}

impl<'v, 'a> Pair<'v, 'a> {
    /// `None` when they are of different calendars or share too few years.
    pub fn new(leader: &'v View<'a>, follower: &'v View<'a>) -> Option<Self> {
        if leader.frequency() != follower.frequency() || leader.series() == follower.series() {
            return None;
        }
        let common: Vec<(usize, usize)> =
            (0..leader.points.len()).filter_map(|at| Some((at, follower.at_period(leader.points[at].date)?))).collect();
        let (first, last) = (common.first()?, common.last()?);
        let periods = leader.periods()[last.0] - leader.periods()[first.0];
        let enough = periods >= law().mining.lead.least_years * i64::from(leader.frequency().per_year());
        enough.then_some(Self { leader, follower, window: (first.0, last.0), follower_window: (first.1, last.1) })
    }

    /// Periods in which either of them has no usable observation.
    pub fn missing(&self) -> u32 {
        let both = (self.window.0..=self.window.1)
            .filter(|at| self.follower.at_period(self.leader.points[*at].date).is_some())
            .count();
        let all = self.leader.periods()[self.window.1] - self.leader.periods()[self.window.0] + 1;
        u32::try_from(all).unwrap_or(u32::MAX) - u32::try_from(both).unwrap_or(u32::MAX)
    }

    /// How a year's move of a series is counted.
    pub fn moves(view: &View<'_>) -> Moves {
        if view.relative { Moves::Percent } else { Moves::Difference }
    }

    fn all(&self) -> RangeInclusive<i64> {
        self.leader.periods()[self.window.0]..=self.leader.periods()[self.window.1]
    }

    /// The window in two, by periods of the follower for which a yearly move exists.
    fn halves(&self) -> [RangeInclusive<i64>; 2] {
        let all = self.all();
        let first = all.start() + i64::from(self.leader.frequency().per_year());
        let middle = i64::midpoint(first, *all.end());
        [first..=middle, middle + 1..=*all.end()]
    }

    /// The year's move that ends in a period, both ends inside the window.
    fn year_to(view: &View<'_>, (from, to): (usize, usize), period: i64) -> Option<f64> {
        let at = view.periods().binary_search(&period).ok()?;
        let base = view.periods().binary_search(&(period - i64::from(view.frequency().per_year()))).ok()?;
        (base >= from && at <= to).then(|| view.move_between(base, at))
    }

    /// Correlation over the periods of the follower in a range, in one pass by running means (Welford's update).
    pub fn correlation(&self, lag: u32, range: RangeInclusive<i64>) -> Option<f64> {
        let (mut count, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
        let (mut var_x, mut var_y, mut both) = (0.0, 0.0, 0.0);
        for period in range {
            let early = Self::year_to(self.leader, self.window, period - i64::from(lag));
            let late = Self::year_to(self.follower, self.follower_window, period);
            let (Some(x), Some(y)) = (early, late) else { continue };
            count += 1.0;
            let (off_x, off_y) = (x - mean_x, y - mean_y);
            mean_x += off_x / count;
            mean_y += off_y / count;
            var_x += off_x * (x - mean_x);
            var_y += off_y * (y - mean_y);
            both += off_x * (y - mean_y);
        }
        (count >= 3.0 && var_x > 0.0 && var_y > 0.0).then(|| both / (var_x * var_y).sqrt())
    }

    /// The lag from 1 to `longest` with the strongest correlation; the shortest of equals.
    pub fn strongest(&self, longest: u32) -> Option<(u32, f64)> {
        (1..=longest)
            .filter_map(|lag| Some((lag, self.correlation(lag, self.all())?)))
            .reduce(|best, other| if other.1.abs() > best.1.abs() + 1e-9 { other } else { best })
    }
}
