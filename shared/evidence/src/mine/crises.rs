//! Crisis windows compared with each other.

use proofreel_model::finding::FindingKind;
use proofreel_model::policy::{Crisis, law};
use proofreel_model::series::Frequency;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;
use crate::calendar;

/// Days by which the observations of days and weeks may miss an end of a window.
const SLACK: i64 = 10;

/// How far a series moved in the two windows in which it moved most differently. Where the source left the season in,
/// a window that begins in one month and ends in another says nothing.
pub(super) fn find(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    if view.seasonal {
        return;
    }
    let law = &law().crises;
    let windows: Vec<(usize, usize, f64)> = law
        .crises
        .iter()
        .filter_map(|crisis| {
            let (from, to) = places(view, crisis)?;
            Some((from, to, view.move_between(from, to)))
        })
        .collect();
    let mut best: Option<(usize, usize, f64)> = None;
    for (a, first) in windows.iter().enumerate() {
        for (b, second) in windows.iter().enumerate().skip(a + 1) {
            let apart = (first.2 - second.2).abs();
            if best.is_none_or(|(.., most)| apart > most) {
                best = Some((a, b, apart));
            }
        }
    }
    let least = if view.relative { law.least_apart_percent } else { law.least_apart_spread * view.spread() };
    let Some((first, second, apart)) = best.filter(|(.., apart)| *apart >= least) else { return };
    let ((a, b, move_a), (c, d, move_b)) = (windows[first], windows[second]);
    let mut roles = vec![
        ("first_move", ledger.change(view, a, b)),
        ("second_move", ledger.change(view, c, d)),
        ("first_start", ledger.value(view, a)),
        ("first_end", ledger.value(view, b)),
        ("second_start", ledger.value(view, c)),
        ("second_end", ledger.value(view, d)),
    ];
    // More time moves a line farther: where one window is much longer, who compares them says how long each is.
    let stretch = |from: usize, to: usize| (view.points[from].date, view.points[to].date);
    if !law.as_long(stretch(a, b), stretch(c, d)) {
        roles.push(("first_lasted", ledger.months(view, a, b)));
        roles.push(("second_lasted", ledger.months(view, c, d)));
    }
    drafts.push(Draft {
        kind: FindingKind::EpisodesCompared,
        series: vec![view.series().clone()],
        roles,
        surprise: if move_a.signum() == move_b.signum() { 0.5 } else { 0.9 },
        effect: view.effect(apart),
        age: view.years_to_end(d) / 2.0,
        weight,
    });
}

/// Places of the first and last observation of a window that the series covers whole.
fn places(view: &View<'_>, crisis: &Crisis) -> Option<(usize, usize)> {
    let frequency = view.frequency();
    let inside = |at: &usize| crisis.holds(view.points[*at].date, frequency);
    let from = (0..view.points.len()).find(inside)?;
    let to = (from + 1..view.points.len()).take_while(inside).last()?;
    let whole = match frequency {
        Frequency::Daily | Frequency::Weekly => {
            let gap = |a, b| calendar::day_number(b) - calendar::day_number(a);
            gap(crisis.from, view.points[from].date) <= SLACK && gap(view.points[to].date, crisis.to) <= SLACK
        }
        _ => {
            let number = |date| calendar::period(date, frequency);
            view.periods()[from] == number(crisis.from) && view.periods()[to] == number(crisis.to)
        }
    };
    whole.then_some((from, to))
}
