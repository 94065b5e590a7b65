//! Members of a panel against each other.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::finding::FindingKind;
use proofreel_model::series::SeriesRef;
use proofreel_model::topic::Angle;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;
use super::{extremes, levels, moves, pairs, shares};
use crate::library::{Library, Panel};

/// Windows of climbs and growth, years.
pub(super) const SPANS: [i64; 2] = [10, 20];
/// Members among whose ranks a climb is told.
const TOP: usize = 20;
/// Members whose places are compared pair by pair.
const LEADING: usize = 8;
/// Oldest crossing told, years.
const MEMORABLE: f64 = 30.0;
/// Share of the members at the last date that an earlier date must have.
const COVERAGE: f64 = 0.85;

/// A panel on the day of the run.
pub(crate) struct Board<'a> {
    panel: &'a Panel,
    views: Vec<View<'a>>,
    /// Date at which members are compared.
    date: Date,
}

impl<'a> Board<'a> {
    /// The members with enough observations, compared at the last date that nearly all of them have.
    pub fn new(library: &'a Library, panel: &'a Panel, as_of: Date) -> Option<Self> {
        let views: Vec<View<'a>> =
            panel.members.iter().filter_map(|member| View::new(library.series(member)?, as_of)).collect();
        let mut dates: BTreeMap<Date, (usize, f64)> = BTreeMap::new();
        for point in views.iter().flat_map(|view| view.points) {
            let entry = dates.entry(point.date).or_default();
            *entry = (entry.0 + 1, entry.1 + point.value.abs());
        }
        let most = dates.values().map(|(count, _)| *count).max().unwrap_or(0);
        let date = dates
            .iter()
            .rev()
            .find(|(_, (count, _))| *count as f64 >= COVERAGE * most as f64)
            .map(|(date, _)| *date)?;
        (views.len() >= 3).then_some(Self { panel, views, date })
    }

    /// Members that have a value at a date, with its place, highest first.
    fn at(&self, date: Date) -> Vec<(&View<'a>, usize)> {
        let mut present: Vec<(&View<'a>, usize)> =
            self.views.iter().filter_map(|view| Some((view, view.at_date(date)?))).collect();
        present.sort_by(|a, b| {
            b.0.points[b.1].value.total_cmp(&a.0.points[a.1].value).then_with(|| a.0.series().cmp(b.0.series()))
        });
        present
    }

    /// The date some years before the comparison, when enough members have it.
    pub(super) fn years_before(&self, years: i64) -> Option<Date> {
        let now = self.at(self.date);
        let date = now.iter().find_map(|(view, at)| Some(view.points[view.years_before(*at, years)?].date))?;
        (self.at(date).len() as f64 >= COVERAGE * now.len() as f64).then_some(date)
    }

    /// Members that have a value both at an earlier date and at the date of comparison, the highest now first.
    pub(super) fn both(&self, then: Date) -> Vec<(&View<'a>, usize, usize)> {
        shares::of_both(&self.views, then, self.date)
    }

    /// True when the members together make a whole.
    pub(super) fn is_whole(&self) -> bool {
        self.panel.whole
    }

    /// The members a topic about this panel rests on: the leaders and the best climber.
    pub fn subjects(&self) -> Vec<SeriesRef> {
        let mut subjects: Vec<SeriesRef> =
            self.at(self.date).iter().take(5).map(|(view, _)| view.series().clone()).collect();
        if let Some(climber) = self.climbs().first()
            && !subjects.contains(climber.view.series())
        {
            subjects.push(climber.view.series().clone());
        }
        subjects
    }

    /// The best climbers, one entry a member.
    fn climbs(&self) -> Vec<Climb<'_, 'a>> {
        let now = self.at(self.date);
        let mut best: BTreeMap<&SeriesRef, Climb<'_, 'a>> = BTreeMap::new();
        for years in SPANS {
            let Some(date) = self.years_before(years) else { continue };
            // Places over time are compared among the members that have both dates. Where others would change the place,
            // a viewer who counts the whole table would find another one: such a climb is not told.
            let both = self.both(date);
            let place = |view: &View<'_>, place: &dyn Fn(&View<'_>, usize, usize) -> f64, own: f64| {
                both.iter()
                    .filter(|(other, then, now)| other.series() != view.series() && place(other, *then, *now) > own)
                    .count()
            };
            let then = self.at(date);
            for (rank, (view, at)) in now.iter().enumerate().take(TOP) {
                let Some(old) = then.iter().position(|(other, _)| other.series() == view.series()) else { continue };
                let (before, after) = (view.points[then[old].1].value, view.points[*at].value);
                let same_then = place(view, &|other, then, _| other.points[then].value, before) == old;
                let same_now = place(view, &|other, _, now| other.points[now].value, after) == rank;
                let gain = ((old + 1) as f64 / (rank + 1) as f64).ln();
                let steps = old.saturating_sub(rank);
                let better = best.get(view.series()).is_none_or(|other| gain > other.gain);
                if steps >= 2 && better && same_then && same_now {
                    best.insert(view.series(), Climb { view, now: *at, then: then[old].1, date, gain });
                }
            }
        }
        let mut climbs: Vec<Climb<'_, 'a>> = best.into_values().collect();
        climbs.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        climbs
    }
}

struct Climb<'v, 'a> {
    view: &'v View<'a>,
    now: usize,
    then: usize,
    date: Date,
    gain: f64,
}

/// All findings about a panel.
pub(super) fn find(board: &Board<'_>, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let now = board.at(board.date);
    leader(board, &now, ledger, drafts);
    shares::find(board, ledger, drafts);
    for climb in board.climbs().iter().take(3) {
        climbed(board, climb, ledger, drafts);
    }
    for years in SPANS {
        growth(board, years, ledger, drafts);
    }
    let top = &now[..now.len().min(LEADING)];
    for (n, (first, _)) in top.iter().enumerate() {
        for (second, _) in &top[n + 1..] {
            let made = drafts.len();
            pairs::crossing(first, second, 1.0, ledger, drafts);
            // A change of places that no viewer remembers is left to history books.
            if drafts.last().is_some_and(|draft| draft.age > MEMORABLE) && drafts.len() > made {
                drafts.pop();
            }
        }
    }
    if let [(first, _), (second, _), ..] = top {
        pairs::versus(first, second, 1.0, ledger, drafts);
        levels::find(first, Angle::Leaderboard, 0.7, ledger, drafts);
        extremes::find(first, 0.6, ledger, drafts);
        moves::find(first, 0.6, ledger, drafts);
        levels::find(second, Angle::Leaderboard, 0.6, ledger, drafts);
    }
}

fn leader(board: &Board<'_>, now: &[(&View<'_>, usize)], ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let [first, second, ..] = now else { return };
    let (a, b) = (first.0.points[first.1].value, second.0.points[second.1].value);
    let mut roles = vec![("leader", ledger.value(first.0, first.1)), ("second", ledger.value(second.0, second.1))];
    if board.panel.whole && now.iter().all(|(view, at)| view.points[*at].value >= 0.0) {
        roles.push(("share", ledger.share(*first, now)));
    }
    if board.panel.unit.is_percent() || b <= 0.0 {
        roles.push(("gap", ledger.gap(*first, *second)));
    } else {
        roles.push(("ratio", ledger.ratio(*first, *second)));
    }
    let lead = if b > 0.0 { a / b - 1.0 } else { 1.0 };
    drafts.push(Draft {
        kind: FindingKind::PanelLeader,
        series: vec![first.0.series().clone(), second.0.series().clone()],
        roles,
        surprise: 0.8,
        effect: lead / (lead + 0.3),
        age: 0.0,
        weight: 1.0,
    });
}

fn climbed(board: &Board<'_>, climb: &Climb<'_, '_>, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let view = climb.view;
    let both = board.both(climb.date);
    let then: Vec<(&View<'_>, usize)> = both.iter().map(|(view, then, _)| (*view, *then)).collect();
    let now: Vec<(&View<'_>, usize)> = both.iter().map(|(view, _, now)| (*view, *now)).collect();
    let mut roles = vec![
        ("rank_now", ledger.panel_rank((view, climb.now), &now)),
        ("rank_then", ledger.panel_rank((view, climb.then), &then)),
        ("value_now", ledger.value(view, climb.now)),
        ("value_then", ledger.value(view, climb.then)),
    ];
    if view.relative {
        roles.push(("multiple", ledger.multiple(view, climb.then, climb.now)));
    }
    let rank = now.iter().position(|(other, _)| other.series() == view.series()).unwrap_or(0);
    drafts.push(Draft {
        kind: FindingKind::PanelClimb,
        series: vec![view.series().clone()],
        roles,
        surprise: climb.gain / (climb.gain + 0.5),
        // A climb into the first ranks is worth more than one further down.
        effect: 1.0 / (1.0 + rank as f64 / 8.0),
        age: view.years_to_end(climb.now),
        weight: 1.0,
    });
}

/// Fastest and slowest of all members that have both dates: no smaller circle is chosen, so the claim holds for all.
fn growth(board: &Board<'_>, years: i64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let Some(date) = board.years_before(years) else { return };
    let mut grown: Vec<(&View<'_>, usize, usize, f64)> = board
        .at(board.date)
        .into_iter()
        .filter_map(|(view, at)| {
            let then = view.at_date(date)?;
            Some((view, then, at, view.move_between(then, at)))
        })
        .collect();
    // A panel mixes percent and points only when values are not positive; compare the majority's kind alone.
    let relative = grown.iter().filter(|(view, ..)| view.relative).count() * 2 >= grown.len();
    grown.retain(|(view, ..)| view.relative == relative);
    grown.sort_by(|a, b| b.3.total_cmp(&a.3).then_with(|| a.0.series().cmp(b.0.series())));
    let (Some(fastest), Some(slowest)) = (grown.first(), grown.last()) else { return };
    if grown.len() < 3 {
        return;
    }
    let mut pace = |(view, then, at, _): &(&View<'_>, usize, usize, f64)| {
        if view.relative { ledger.growth(view, *then, *at) } else { ledger.change(view, *then, *at) }
    };
    let (fast, slow) = (pace(fastest), pace(slowest));
    drafts.push(Draft {
        kind: FindingKind::PanelGrowth,
        series: vec![fastest.0.series().clone(), slowest.0.series().clone()],
        roles: vec![
            ("fastest", fast),
            ("slowest", slow),
            ("fastest_now", ledger.value(fastest.0, fastest.2)),
            ("slowest_now", ledger.value(slowest.0, slowest.2)),
        ],
        surprise: 0.7,
        effect: 0.6,
        age: fastest.0.years_to_end(fastest.2),
        weight: if years == SPANS[0] { 1.0 } else { 0.9 },
    });
}
