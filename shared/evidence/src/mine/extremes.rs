//! Records, peaks and falls.

use std::collections::BTreeMap;

use proofreel_model::fact::Extreme;
use proofreel_model::finding::FindingKind;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;
use crate::calendar;

/// Record, record-since, off-peak and worst-fall findings.
pub(super) fn find(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    for which in [Extreme::Highest, Extreme::Lowest] {
        record(view, which, weight, ledger, drafts);
    }
    off_peak(view, weight, ledger, drafts);
    worst_fall(view, weight, ledger, drafts);
}

fn draft(view: &View<'_>, kind: FindingKind, weight: f64) -> Draft {
    Draft { kind, series: vec![view.series().clone()], roles: Vec::new(), surprise: 0.0, effect: 0.0, age: 0.0, weight }
}

/// True when `a` is at least as extreme as `b`.
fn reaches(which: Extreme, a: f64, b: f64) -> bool {
    match which {
        Extreme::Highest => a >= b,
        Extreme::Lowest => a <= b,
    }
}

/// First place of the extreme in `0..end`.
fn extreme_place(view: &View<'_>, which: Extreme, end: usize) -> usize {
    (1..end).fold(0, |best, at| if reaches(which, view.points[best].value, view.points[at].value) { best } else { at })
}

/// The last value beats the whole record, or all of its last years.
fn record(view: &View<'_>, which: Extreme, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let end = view.end();
    let last = view.points[end].value;
    match (0..end).rev().find(|at| reaches(which, view.points[*at].value, last)) {
        None => {
            let old = extreme_place(view, which, end);
            if view.unadjusted && !view.same_season(old, end) {
                return;
            }
            let mut found = draft(view, FindingKind::Record, weight);
            found.roles =
                vec![("latest", ledger.latest(view)), ("previous", ledger.extreme(view, which, 0, end - 1, old))];
            let months = calendar::whole_months(view.points[old].date, view.points[end].date, view.frequency());
            if months >= 12 {
                found.roles.push(("elapsed", ledger.elapsed(view, old, end)));
            }
            found.surprise = 1.0 - record_share(view, which);
            found.effect = view.effect(view.move_between(old, end)).max(0.2);
            drafts.push(found);
        }
        Some(since) => {
            let months = calendar::whole_months(view.points[since].date, view.points[end].date, view.frequency());
            // A stretch of an unadjusted series compares the latest month with every other month.
            if months < 24 || view.unadjusted {
                return;
            }
            let mut found = draft(view, FindingKind::RecordSince, weight);
            found.roles = vec![
                ("latest", ledger.latest(view)),
                ("since", ledger.record_since(view, which, since)),
                ("then", ledger.value(view, since)),
            ];
            let years = months as f64 / 12.0;
            found.surprise = years / (years + 5.0);
            found.effect = years / (years + 8.0);
            drafts.push(found);
        }
    }
}

/// How often a new observation was a record: near 1 for a series that only rises.
fn record_share(view: &View<'_>, which: Extreme) -> f64 {
    let (mut best, mut records) = (view.points[0].value, 0usize);
    for point in &view.points[1..] {
        if !reaches(which, best, point.value) {
            (best, records) = (point.value, records + 1);
        }
    }
    records as f64 / (view.points.len() - 1) as f64
}

/// Size of a fall: percent for prices, points for rates.
fn fall(view: &View<'_>, peak: usize, at: usize) -> f64 {
    -view.move_between(peak, at)
}

/// A fall worth telling: one percent, or a tenth of the spread of a rate.
fn least_fall(view: &View<'_>) -> f64 {
    if view.relative { 1.0 } else { view.spread() * 0.1 }
}

fn off_peak(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let end = view.end();
    let peak = extreme_place(view, Extreme::Highest, end + 1);
    // A fall from a summer peak to a winter value is the season.
    if peak == end || fall(view, peak, end) < least_fall(view) || !view.same_season(peak, end) {
        return;
    }
    let mut found = draft(view, FindingKind::OffPeak, weight);
    found.roles = vec![
        ("latest", ledger.latest(view)),
        ("peak", ledger.extreme(view, Extreme::Highest, 0, end, peak)),
        ("drawdown", ledger.drawdown(view, peak, end)),
        ("elapsed", ledger.elapsed(view, peak, end)),
    ];
    found.effect = view.effect(fall(view, peak, end));
    found.surprise = 0.3 + 0.5 * found.effect;
    found.age = view.years_to_end(peak) / 4.0;
    drafts.push(found);
}

/// The deepest fall from any running peak, and how long it took to win it back; where the source left the season in,
/// from a month to the same month of a later year.
fn worst_fall(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let (mut peaks, mut worst): (BTreeMap<i64, usize>, _) = (BTreeMap::new(), (0, 0));
    for at in 0..view.points.len() {
        // Where the season is left in, each month has its own running peak.
        let peak = peaks.entry(view.season(at)).or_insert(at);
        if view.points[at].value > view.points[*peak].value {
            *peak = at;
        } else if fall(view, *peak, at) > fall(view, worst.0, worst.1) {
            worst = (*peak, at);
        }
    }
    let (peak, trough) = worst;
    if trough == 0 || fall(view, peak, trough) < least_fall(view) * 3.0 || !view.same_season(peak, trough) {
        return;
    }
    let mut back = (trough + 1..view.points.len()).filter(|at| view.points[*at].value >= view.points[peak].value);
    let regained = back.clone().next().is_some();
    let recovery = back.find(|at| !view.unadjusted || view.same_season(trough, *at));
    // Regained in other months only: neither "it took so long" nor "it was not regained" would be the whole truth.
    if regained && recovery.is_none() {
        return;
    }
    let mut found = draft(view, FindingKind::WorstFall, weight);
    found.roles = vec![
        ("peak", ledger.value(view, peak)),
        ("trough", ledger.value(view, trough)),
        ("drawdown", ledger.drawdown(view, peak, trough)),
        ("elapsed", ledger.elapsed(view, peak, trough)),
    ];
    if let Some(back) = recovery {
        found.roles.push(("recovery", ledger.elapsed(view, trough, back)));
    }
    found.effect = view.effect(fall(view, peak, trough));
    found.surprise = 0.4 + 0.5 * found.effect;
    found.age = view.years_to_end(trough);
    drafts.push(found);
}
