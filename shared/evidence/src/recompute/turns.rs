//! Whether a turning point is the last major one of its series.

use jiff::civil::Date;
use proofreel_model::fact::{Extreme, Fact, Formula};
use proofreel_model::policy::law;

use super::formulas::Check;

/// Relative slack of the bound.
const SLACK: f64 = 1e-9;

/// Why the turn of a finding is not the last major one; `None` when it is.
///
/// The rows that the turn's own fact names are walked, from the turn before it to the end: the leg that leads to the
/// turn is as long as a major move, the line left the turn by as much, and it has not turned again since.
pub(super) fn refuted(mut check: Check<'_, '_>, turn: &Fact, since: &Fact, typical: &Fact) -> Option<String> {
    let Formula::Extreme { series, which, from, to, at } = &turn.formula else {
        return Some("the fact of role `turn` is no extreme".into());
    };
    let path = match check.window(series, *from, *to) {
        Ok(path) => path,
        Err(error) => return Some(error.to_string()),
    };
    let policy = &law().mining.turning;
    let relative = matches!(since.formula, Formula::PercentChange { .. });
    let reversal = typical.value * policy.typical_moves;
    let least = if relative { (1.0 + reversal.max(policy.least_percent) / 100.0).ln() } else { reversal };
    // Seen upside down a trough is a peak.
    let sign = if *which == Extreme::Highest { 1.0 } else { -1.0 };
    let heights: Vec<(Date, f64)> =
        path.into_iter().map(|(date, value)| (date, sign * if relative { value.ln() } else { value })).collect();
    walked(&heights, *at, least * (1.0 - SLACK))
}

/// Walks a line that climbs to a peak at `at`.
fn walked(heights: &[(Date, f64)], at: Date, least: f64) -> Option<String> {
    let place = heights.iter().position(|(date, _)| *date == at);
    let (Some(start), Some(place)) = (heights.first(), place) else {
        return Some(format!("{at} is not on the way"));
    };
    let peak = heights[place];
    if peak.1 - start.1 < least {
        return Some(format!("the move from {} to {at} is no major one", start.0));
    }
    let mut bottom = peak;
    for &(date, height) in &heights[place + 1..] {
        if height < bottom.1 {
            bottom = (date, height);
        } else if peak.1 - bottom.1 >= least && height - bottom.1 >= least {
            return Some(format!("the line turned again at {}", bottom.0));
        }
    }
    (peak.1 - bottom.1 < least).then(|| format!("the line has not left the turn of {at} by a major move"))
}
