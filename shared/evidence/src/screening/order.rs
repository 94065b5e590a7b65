//! The order of the file: newest first, out of order, or beginning again.
//!
//! A file begins again when its dates jump back and then run in order over rows that mostly repeat dates it had
//! before. Of equal values the first row is kept; of different ones neither can be trusted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::visual::TracePoint;

use super::{Context, kept};

/// Points in date order, without rows that begin the series again.
pub(super) fn sorted(
    mut points: Vec<TracePoint>,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let rising = points.windows(2).filter(|pair| pair[1].date > pair[0].date).count();
    let falling = points.windows(2).filter(|pair| pair[1].date < pair[0].date).count();
    let newest_first = falling > rising;
    let turned = |earlier: &TracePoint, later: &TracePoint| {
        if newest_first { later.date > earlier.date } else { later.date < earlier.date }
    };
    let breaks: Vec<usize> = (1..points.len()).filter(|n| turned(&points[n - 1], &points[*n])).collect();
    if !breaks.is_empty() {
        let (marked, unordered) = repeats(&points, &breaks, context, findings);
        if let (Some(first), Some(last)) = (unordered.first(), unordered.last()) {
            let rows = (points[first - 1].row, points[*last].row);
            let note = format!(
                "{}: dates are not in order between rows {} and {}; sorted on reading",
                context.file, rows.0, rows.1
            );
            findings.push(context.finding(ScreeningKind::Unordered, rows, note, false));
        }
        points = kept(points, &marked);
    }
    // Stable: rows of one date stay in file order.
    points.sort_by_key(|point| point.date);
    points
}

/// Marks rows that begin the series again, and gives the breaks of order that do not.
fn repeats(
    points: &[TracePoint],
    breaks: &[usize],
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> (Vec<bool>, Vec<usize>) {
    let mut marked = vec![false; points.len()];
    let mut unordered = Vec::new();
    let mut seen: BTreeMap<Date, usize> = BTreeMap::new();
    let mut start = 0;
    for (n, at) in breaks.iter().enumerate() {
        for (place, point) in points.iter().enumerate().take(*at).skip(start) {
            seen.entry(point.date).or_insert(place);
        }
        start = *at;
        let end = breaks.get(n + 1).copied().unwrap_or(points.len());
        let again: Vec<(usize, usize)> =
            (*at..end).filter_map(|place| Some((place, *seen.get(&points[place].date)?))).collect();
        if again.len() < context.policy.restart_rows || again.len() * 5 < (end - at) * 4 {
            unordered.push(*at);
            continue;
        }
        let different = again.iter().filter(|(place, first)| points[*place].value != points[*first].value).count();
        for (place, first) in &again {
            marked[*place] = true;
            marked[*first] |= points[*place].value != points[*first].value;
        }
        let what = if different == 0 {
            "the same values again; they are left out".to_owned()
        } else {
            format!("{different} other values for the same dates; neither reading of these is used")
        };
        let rows = (points[*at].row, points[end - 1].row);
        let note = format!(
            "{}: at row {} the dates go back to {} and the series begins again, with {what}",
            context.file, rows.0, points[*at].date
        );
        findings.push(context.finding(ScreeningKind::Restart, rows, note, true));
    }
    (marked, unordered)
}
