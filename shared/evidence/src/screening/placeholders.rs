//! Zeros and other placeholders that stand for "not known".
//!
//! A zero is a placeholder when the series is positive everywhere else and its neighbours are far from zero:
//! at least a twentieth of the median. In a percent series, where a true zero is common, only a run of three
//! or more zeros next to a value above one is. Small whole counts keep their zeros.

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::TracePoint;

use super::{Context, median, take_out};

const CODES: [f64; 8] = [-9.0, -99.0, -999.0, -9999.0, -99999.0, 9999.0, 99999.0, 999_999.0];

/// Takes placeholders out.
pub(super) fn remove(
    points: Vec<TracePoint>,
    context: &Context<'_>,
    findings: &mut Vec<ScreeningFinding>,
) -> Vec<TracePoint> {
    let coded = codes(&points);
    let (points, rows) = take_out(points, &coded);
    if let Some(rows) = rows {
        let count = coded.iter().filter(|out| **out).count();
        let note = format!("{}: a code such as -999 stands for \"not known\" in {count} rows; left out", context.file);
        findings.push(context.finding(ScreeningKind::Sentinel, rows, note, true));
    }
    let zeros = zeros(&points, matches!(context.unit.kind, UnitKind::Percent));
    let (points, rows) = take_out(points, &zeros);
    if let Some(rows) = rows {
        let count = zeros.iter().filter(|out| **out).count();
        let note = format!(
            "{}: {count} zeros in a series that is otherwise far from zero; taken as not yet published and left out",
            context.file
        );
        findings.push(context.finding(ScreeningKind::Sentinel, rows, note, true));
    }
    points
}

fn codes(points: &[TracePoint]) -> Vec<bool> {
    let others: Vec<f64> = points.iter().map(|point| point.value).filter(|value| !CODES.contains(value)).collect();
    let largest = others.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    let negative = others.iter().any(|value| *value < 0.0);
    points
        .iter()
        .map(|point| {
            let value = point.value;
            let odd_sign = value < 0.0 && !negative && value <= -99.0;
            !others.is_empty() && CODES.contains(&value) && (odd_sign || value.abs() > 20.0 * largest)
        })
        .collect()
}

fn zeros(points: &[TracePoint], percent: bool) -> Vec<bool> {
    let none = vec![false; points.len()];
    let others: Vec<f64> = points.iter().map(|point| point.value).filter(|value| *value != 0.0).collect();
    if others.len() == points.len() || others.len() * 10 < points.len() * 3 || others.iter().any(|value| *value < 0.0) {
        return none;
    }
    let small_counts = others.iter().all(|value| value.fract() == 0.0 && *value < 50.0);
    let Some(middle) = median(others) else { return none };
    if small_counts {
        return none;
    }
    let mut marked = none;
    let mut at = 0;
    while at < points.len() {
        if points[at].value != 0.0 {
            at += 1;
            continue;
        }
        let end = (at..points.len()).find(|n| points[*n].value != 0.0).unwrap_or(points.len());
        let before = at.checked_sub(1).map(|n| points[n].value);
        let after = points.get(end).map(|point| point.value);
        let far = |value: f64| if percent { value > 1.0 } else { value >= middle / 20.0 };
        let neighbours = [before, after];
        if neighbours.iter().flatten().all(|value| far(*value)) && (!percent || end - at >= 3) {
            marked[at..end].fill(true);
        }
        at = end;
    }
    marked
}
