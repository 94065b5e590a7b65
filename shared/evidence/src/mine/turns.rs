//! Turning points: where the line last turned for good, measured against its own history.

use proofreel_model::fact::Extreme;
use proofreel_model::finding::FindingKind;
use proofreel_model::policy::law;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;

/// Relative slack of the bound: a move that reaches it but for the last bits does.
const SLACK: f64 = 1e-9;

/// The last major peak or trough, with what came before and since.
///
/// A turn is major when the line then moved the other way by several of its typical yearly moves. Where the source
/// left the season in, summer and winter would turn it every year: such a series is left alone.
pub(super) fn find(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    if view.seasonal {
        return;
    }
    let Some(typical) = ledger.typical_year(view) else { return };
    let policy = &law().mining.turning;
    let mut reversal = ledger.fact(typical).value * policy.typical_moves;
    if view.relative {
        reversal = reversal.max(policy.least_percent);
    }
    if reversal <= 0.0 {
        return;
    }
    let turns = zigzag(view, reversal);
    let [.., before, turn] = turns.as_slice() else { return };
    let (before, turn, end) = (*before, *turn, view.end());
    let top = view.points[turn].value > view.points[before].value;
    let which = if top { Extreme::Highest } else { Extreme::Lowest };
    let (run, since) = (view.move_between(before, turn), view.move_between(turn, end));
    drafts.push(Draft {
        kind: FindingKind::TurningPoint,
        series: vec![view.series().clone()],
        roles: vec![
            ("turn", ledger.extreme(view, which, before, end, turn)),
            ("before", ledger.value(view, before)),
            ("latest", ledger.latest(view)),
            ("run", ledger.change(view, before, turn)),
            ("since", ledger.change(view, turn, end)),
            ("elapsed", ledger.elapsed(view, turn, end)),
            ("typical", typical),
        ],
        surprise: 0.3 + 0.5 * view.effect(run),
        effect: view.effect(since),
        age: view.years_to_end(turn) / 2.0,
        weight,
    });
}

/// Places of the turns, in order. A turn counts once the line has left it by `reversal`: percent, or points for a rate.
fn zigzag(view: &View<'_>, reversal: f64) -> Vec<usize> {
    // Logarithms make a fall of a third as far as a rise by half, so that no later low undercuts a trough unseen.
    let height = |at: usize| if view.relative { view.points[at].value.ln() } else { view.points[at].value };
    let least = if view.relative { (reversal / 100.0).ln_1p() } else { reversal } * (1.0 - SLACK);
    let (mut high, mut low) = (0, 0);
    let mut rising: Option<bool> = None;
    let mut turns = Vec::new();
    for at in 1..view.points.len() {
        if height(at) > height(high) {
            high = at;
        }
        if height(at) < height(low) {
            low = at;
        }
        if rising != Some(true) && height(at) - height(low) >= least {
            turns.push(low);
            (rising, high) = (Some(true), at);
        } else if rising != Some(false) && height(high) - height(at) >= least {
            turns.push(high);
            (rising, low) = (Some(false), at);
        }
    }
    turns
}
