//! Mining: what the numbers of a topic say, best first, each point with the facts that prove it.

mod crises;
mod draft;
mod extremes;
mod leads;
mod ledger;
mod levels;
mod moves;
mod pairs;
pub(crate) mod panels;
mod prices;
mod shares;
mod turns;
mod view;

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::fact::Fact;
use proofreel_model::finding::Finding;
use proofreel_model::ids::FactId;
use proofreel_model::series::SeriesRef;
use proofreel_model::topic::Angle;

use crate::library::Library;
use ledger::Ledger;
use view::View;

/// What mining a topic gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mined {
    /// Facts that the findings use, `f001`, `f002`, … in the order of first use.
    pub facts: Vec<Fact>,
    /// Findings, best first.
    pub findings: Vec<Finding>,
}

/// Mines a topic: `series` with the subject first, seen from `angle` on the day `as_of`.
///
/// Observations of periods that are not over on that day are not used. Series that the library does not hold,
/// or that have too few observations by then, are passed over; nothing to say gives an empty result.
pub fn mine(library: &Library, series: &[SeriesRef], angle: Angle, as_of: Date) -> Mined {
    let mut ledger = Ledger::default();
    let mut drafts = Vec::new();
    let views: Vec<View<'_>> = series.iter().filter_map(|series| View::new(library.series(series)?, as_of)).collect();
    let board = series
        .first()
        .and_then(|first| library.panel(first))
        .and_then(|panel| panels::Board::new(library, panel, as_of));
    if let (Angle::Leaderboard, Some(board)) = (angle, board) {
        panels::find(&board, &mut ledger, &mut drafts);
    } else {
        for (n, view) in views.iter().enumerate() {
            // In a versus what each did alone comes after what sets them apart.
            let weight = match (angle, n) {
                (Angle::Versus, _) => 0.7,
                (_, 0) => 1.0,
                _ => 0.6,
            };
            levels::find(view, angle, weight, &mut ledger, &mut drafts);
            extremes::find(view, weight, &mut ledger, &mut drafts);
            moves::find(view, weight, &mut ledger, &mut drafts);
            turns::find(view, weight, &mut ledger, &mut drafts);
            crises::find(view, weight, &mut ledger, &mut drafts);
            prices::find(view, library, as_of, weight, &mut ledger, &mut drafts);
        }
        for (n, first) in views.iter().enumerate() {
            for second in &views[n + 1..] {
                pairs::find(first, second, 1.0, &mut ledger, &mut drafts);
                leads::find(first, second, 1.0, &mut ledger, &mut drafts);
            }
        }
    }
    let things = ledger.things();
    number(draft::rank(drafts, angle, &things), &ledger)
}

/// Gives the facts their ids in the order of first use.
fn number(ranked: Vec<(draft::Draft, proofreel_model::finding::FindingScore)>, ledger: &Ledger) -> Mined {
    let mut mined = Mined::default();
    let mut ids: BTreeMap<usize, FactId> = BTreeMap::new();
    for (draft, score) in ranked {
        let mut roles = BTreeMap::new();
        for (role, handle) in draft.roles {
            let id = ids.entry(handle).or_insert_with(|| {
                let id = FactId(format!("f{:03}", mined.facts.len() + 1));
                mined.facts.push(Fact { id: id.clone(), ..ledger.fact(handle).clone() });
                id
            });
            roles.insert(role.to_owned(), id.clone());
        }
        mined.findings.push(Finding { kind: draft.kind, series: draft.series, roles, score });
    }
    mined
}
