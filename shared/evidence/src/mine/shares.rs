//! How the share of the first of a panel changed, among the members that have both dates.

use jiff::civil::Date;
use proofreel_model::finding::FindingKind;

use super::draft::Draft;
use super::ledger::Ledger;
use super::panels::{Board, SPANS};
use super::view::View;

/// A member with its places at an earlier and at the later date.
type Both<'v, 'a> = (&'v View<'a>, usize, usize);

/// Share and rank of the leader of a whole panel now and ten or twenty years before.
pub(super) fn find(board: &Board<'_>, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    for years in SPANS {
        let Some(then) = board.years_before(years) else { continue };
        let both = board.both(then);
        let positive = both.iter().all(|(view, a, b)| view.points[*a].value >= 0.0 && view.points[*b].value > 0.0);
        if !board.is_whole() || !positive || both.len() < 3 {
            continue;
        }
        let Some(leader) = both.first().copied() else { continue };
        shift(&both, leader, years, ledger, drafts);
    }
}

fn shift(both: &[Both<'_, '_>], leader: Both<'_, '_>, years: i64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let (view, then, now) = leader;
    let earlier: Vec<(&View<'_>, usize)> = both.iter().map(|(view, then, _)| (*view, *then)).collect();
    let later: Vec<(&View<'_>, usize)> = both.iter().map(|(view, _, now)| (*view, *now)).collect();
    let (share_now, share_then) = (ledger.share((view, now), &later), ledger.share((view, then), &earlier));
    let moved = (ledger.fact(share_now).value - ledger.fact(share_then).value).abs();
    drafts.push(Draft {
        kind: FindingKind::PanelShare,
        series: vec![view.series().clone()],
        roles: vec![
            ("share_now", share_now),
            ("share_then", share_then),
            ("rank_now", ledger.panel_rank((view, now), &later)),
            ("rank_then", ledger.panel_rank((view, then), &earlier)),
            ("value_now", ledger.value(view, now)),
            ("value_then", ledger.value(view, then)),
        ],
        surprise: moved / (moved + 3.0),
        effect: moved / (moved + 5.0),
        age: 0.0,
        weight: if years == SPANS[0] { 1.0 } else { 0.95 },
    });
}

/// Members that have both dates, the highest at the later one first.
pub(super) fn of_both<'v, 'a>(views: &'v [View<'a>], then: Date, now: Date) -> Vec<Both<'v, 'a>> {
    let mut both: Vec<Both<'v, 'a>> =
        views.iter().filter_map(|view| Some((view, view.at_date(then)?, view.at_date(now)?))).collect();
    both.sort_by(|a, b| {
        b.0.points[b.2].value.total_cmp(&a.0.points[a.2].value).then_with(|| a.0.series().cmp(b.0.series()))
    });
    both
}
