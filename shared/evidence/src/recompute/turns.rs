//! Whether a turning point is the last major one of its record.

use jiff::civil::Date;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::policy::law;

/// Relative slack of the bound.
const SLACK: f64 = 1e-9;

/// The last two turns of a record as it is walked with a pen that is lifted only by a move of `least` the other way.
///
/// `heights` are logarithms for a series told in percent, values otherwise.
fn last_turns(heights: &[(Date, f64)], least: f64) -> Option<(Date, Date)> {
    // The sign of the leg, its furthest point, and the furthest point the other way while no leg is known.
    let mut legs: Vec<(f64, Date)> = Vec::new();
    let (mut sign, first) = (0.0, *heights.first()?);
    let (mut up, mut down) = (first, first);
    for &(date, height) in &heights[1..] {
        match sign {
            1.0 if height > up.1 => up = (date, height),
            1.0 if up.1 - height >= least => {
                legs.push((1.0, up.0));
                (sign, down) = (-1.0, (date, height));
            }
            -1.0 if height < down.1 => down = (date, height),
            -1.0 if height - down.1 >= least => {
                legs.push((-1.0, down.0));
                (sign, up) = (1.0, (date, height));
            }
            0.0 => {
                if height > up.1 {
                    up = (date, height);
                }
                if height < down.1 {
                    down = (date, height);
                }
                if height - down.1 >= least {
                    legs.push((-1.0, down.0));
                    (sign, up) = (1.0, (date, height));
                } else if up.1 - height >= least {
                    legs.push((1.0, up.0));
                    (sign, down) = (-1.0, (date, height));
                }
            }
            _ => {}
        }
    }
    let [.., before, turn] = legs.as_slice() else { return None };
    Some((before.1, turn.1))
}

/// Why the turn of a finding is not the last major one; `None` when it is.
pub(super) fn refuted(record: &[(Date, f64)], turn: &Fact, since: &Fact, typical: &Fact) -> Option<String> {
    let Formula::Extreme { from, at, .. } = &turn.formula else {
        return Some("the fact of role `turn` is no extreme".into());
    };
    let policy = &law().mining.turning;
    let relative = matches!(since.formula, Formula::PercentChange { .. });
    let reversal = typical.value * policy.typical_moves;
    let (heights, least): (Vec<(Date, f64)>, f64) = if relative {
        let least = 1.0 + reversal.max(policy.least_percent) / 100.0;
        (record.iter().map(|(date, value)| (*date, value.ln())).collect(), least.ln())
    } else {
        (record.to_vec(), reversal)
    };
    match last_turns(&heights, least * (1.0 - SLACK)) {
        Some((before, last)) if before == *from && last == *at => None,
        Some((before, last)) => Some(format!("the last major turn is that of {last}, after the one of {before}")),
        None => Some("the record has no two major turns".into()),
    }
}
