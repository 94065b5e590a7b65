//! Two series against each other.

use jiff::civil::Date;
use proofreel_model::finding::FindingKind;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;

/// Years of the windows compared.
const SPANS: [i64; 5] = [1, 5, 10, 20, 40];

/// Versus and crossing findings of a pair.
pub(super) fn find(first: &View<'_>, second: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    if first.frequency() != second.frequency() {
        return;
    }
    versus(first, second, weight, ledger, drafts);
    if comparable(first, second) {
        crossing(first, second, weight, ledger, drafts);
    }
}

/// True when a difference or ratio of two levels means something: one unit that has levels, and for rates the
/// same measure, since the gap between a share of one whole and a share of another says nothing.
fn comparable(first: &View<'_>, second: &View<'_>) -> bool {
    let measure = |view: &View<'_>| {
        let subject = &view.info.name.subject;
        let tail = subject.find(" of ").map_or(subject.as_str(), |at| &subject[at..]);
        if view.series().filter.is_empty() {
            tail.rsplit(' ').next().unwrap_or(tail).to_owned() + if tail.len() < subject.len() { tail } else { "" }
        } else {
            view.series().column.clone()
        }
    };
    first.levels
        && first.info.unit == second.info.unit
        && (!first.info.unit.is_percent() || measure(first) == measure(second))
}

/// Places of the last period that both series have.
fn last_common(first: &View<'_>, second: &View<'_>) -> Option<(usize, usize)> {
    (0..first.points.len()).rev().find_map(|at| Some((at, second.at_period(first.points[at].date)?)))
}

pub(super) fn versus(first: &View<'_>, second: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let Some((end_a, end_b)) = last_common(first, second) else { return };
    // Points of a rate beside percent of a price would compare unlike things.
    if first.relative != second.relative {
        return;
    }
    let shared = |years: i64| Some((first.years_before(end_a, years)?, second.years_before(end_b, years)?));
    let longest = (2..=first.years_to_end(0).min(second.years_to_end(0)).floor() as i64 + 1)
        .rev()
        .find(|years| shared(*years).is_some());
    let mut spans: Vec<i64> =
        SPANS.into_iter().filter(|years| longest.is_none_or(|longest| *years < longest)).collect();
    spans.extend(longest);
    for years in spans {
        let Some((from_a, from_b)) = shared(years) else { continue };
        let (change_a, change_b) = (first.move_between(from_a, end_a), second.move_between(from_b, end_b));
        let mut roles = vec![
            ("first_change", ledger.change(first, from_a, end_a)),
            ("second_change", ledger.change(second, from_b, end_b)),
            ("first_latest", ledger.value(first, end_a)),
            ("second_latest", ledger.value(second, end_b)),
        ];
        let same_day = first.points[end_a].date == second.points[end_b].date;
        if same_day && comparable(first, second) {
            if first.relative
                && second.points[end_b].value > 0.0
                && first.points[end_a].value >= second.points[end_b].value * 1.5
            {
                roles.push(("ratio", ledger.ratio((first, end_a), (second, end_b))));
            } else {
                roles.push(("gap", ledger.gap((first, end_a), (second, end_b))));
            }
        }
        let apart = (change_a - change_b).abs();
        let longest = Some(years) == longest;
        drafts.push(Draft {
            kind: FindingKind::Versus,
            series: vec![first.series().clone(), second.series().clone()],
            roles,
            surprise: if change_a.signum() == change_b.signum() { 0.4 } else { 0.9 },
            effect: first.effect(apart / (years as f64).sqrt()),
            age: 0.0,
            weight: weight * if years == 10 || longest { 1.0 } else { 0.9 },
        });
    }
}

/// Common dates with the places in both series and the difference there.
fn common(first: &View<'_>, second: &View<'_>) -> Vec<(Date, usize, usize, f64)> {
    first
        .points
        .iter()
        .enumerate()
        .filter_map(|(a, point)| {
            let b = second.at_date(point.date)?;
            Some((point.date, a, b, point.value - second.points[b].value))
        })
        .collect()
}

/// The last time one series rose above the other and stayed there, for three observations at least.
pub(super) fn crossing(first: &View<'_>, second: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let common = common(first, second);
    let Some(&(_, end_a, end_b, now)) = common.last() else { return };
    if now == 0.0 {
        return;
    }
    // Walk back while the sign of today holds.
    let Some(before) = common.iter().rposition(|(.., difference)| difference * now.signum() <= 0.0) else { return };
    let at = before + 1;
    if common.len() - at < 3 {
        return;
    }
    let times = common.windows(2).filter(|pair| (pair[0].3 > 0.0) != (pair[1].3 > 0.0)).count();
    let (riser, passed) = if now > 0.0 { (first, second) } else { (second, first) };
    let place = |n: usize| if now > 0.0 { (common[n].1, common[n].2) } else { (common[n].2, common[n].1) };
    let (end, ahead) = if now > 0.0 { ((end_a, end_b), now) } else { ((end_b, end_a), -now) };
    let level = passed.points[end.1].value.abs().max(f64::MIN_POSITIVE);
    drafts.push(Draft {
        kind: FindingKind::Crossing,
        series: vec![riser.series().clone(), passed.series().clone()],
        roles: vec![
            ("crossing", ledger.crossing(riser, passed, place(before), place(at))),
            ("passed", ledger.value(passed, place(at).1)),
            ("gap", ledger.gap((riser, end.0), (passed, end.1))),
        ],
        surprise: 1.0 / (times.max(1) as f64).sqrt(),
        effect: ahead / (ahead + 0.3 * level),
        age: riser.years_to_end(place(at).0),
        weight,
    });
}
