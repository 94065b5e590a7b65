//! Where a series stands, against a year before and against long ago.

use proofreel_model::finding::FindingKind;
use proofreel_model::topic::Angle;
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::TracePoint;

use super::draft::{Draft, rarity};
use super::ledger::Ledger;
use super::view::View;

/// Years looked back.
const SPANS: [i64; 7] = [5, 10, 20, 30, 40, 50, 100];

/// Level, year-on-year and long-run findings.
pub(super) fn find(view: &View<'_>, angle: Angle, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    level(view, weight, ledger, drafts);
    year_on_year(view, weight, ledger, drafts);
    long_run(view, angle, weight, ledger, drafts);
}

fn draft(view: &View<'_>, kind: FindingKind, weight: f64) -> Draft {
    Draft { kind, series: vec![view.series().clone()], roles: Vec::new(), surprise: 0.0, effect: 0.0, age: 0.0, weight }
}

/// An average says something about a rate; of a price that only ever rose it says little, of an index nothing.
fn level(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    if !view.levels {
        return;
    }
    let average = ledger.average(view);
    let mean = ledger.fact(average).value;
    let last = view.last().value;
    let (early, late) = view.points.split_at(view.points.len() / 2);
    let half = |points: &[TracePoint]| points.iter().map(|point| point.value).sum::<f64>() / points.len() as f64;
    let trending = view.relative && (half(late) / half(early)).ln().abs() > 0.5;
    let values: Vec<f64> = view.points.iter().map(|point| point.value).collect();
    let mut found = draft(view, FindingKind::Level, weight);
    found.roles = vec![("latest", ledger.latest(view)), ("average", average)];
    found.surprise = if trending { 0.1 } else { rarity(last, &values) };
    let distance = (last - mean).abs();
    let spread = view.spread();
    found.effect = if trending || spread == 0.0 { 0.1 } else { distance / (distance + spread) };
    if !matches!(view.info.unit.kind, UnitKind::Percent) {
        found.weight *= if trending { 0.3 } else { 0.7 };
    }
    drafts.push(found);
}

fn year_on_year(view: &View<'_>, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let end = view.end();
    let Some(before) = view.years_before(end, 1) else { return };
    let history: Vec<f64> = view.year_pairs(1).map(|(from, to)| view.move_between(from, to)).collect();
    let change = view.move_between(before, end);
    let mut found = draft(view, FindingKind::YearOnYear, weight);
    found.roles = vec![
        ("latest", ledger.latest(view)),
        ("year_ago", ledger.value(view, before)),
        ("change", ledger.change(view, before, end)),
    ];
    found.surprise = rarity(change, &history);
    found.effect = view.effect(change);
    drafts.push(found);
}

/// The same month 5, 10, 20 … years ago, and the first observation of that month.
fn long_run(view: &View<'_>, angle: Angle, weight: f64, ledger: &mut Ledger, drafts: &mut Vec<Draft>) {
    let end = view.end();
    let longest =
        (1..=view.years_to_end(0).floor() as i64 + 1).rev().find(|years| view.years_before(end, *years).is_some());
    let mut spans: Vec<i64> =
        SPANS.into_iter().filter(|years| longest.is_some_and(|longest| *years < longest)).collect();
    spans.extend(longest.filter(|years| *years > 1));
    for years in spans {
        let Some(then) = view.years_before(end, years) else { continue };
        let change = view.move_between(then, end);
        let whole_record = Some(years) == longest;
        let mut found = draft(view, FindingKind::LongRun, weight);
        found.roles = vec![
            ("latest", ledger.latest(view)),
            ("then", ledger.value(view, then)),
            ("change", ledger.change(view, then, end)),
            ("elapsed", ledger.elapsed(view, then, end)),
        ];
        if view.relative {
            if years >= 5 {
                found.roles.push(("growth", ledger.growth(view, then, end)));
            }
            if view.points[end].value >= view.points[then].value * 1.5 {
                found.roles.push(("multiple", ledger.multiple(view, then, end)));
            }
        }
        let history: Vec<f64> = view.year_pairs(years).map(|(from, to)| view.move_between(from, to)).collect();
        found.surprise = rarity(change, &history).max(if whole_record { 0.5 } else { 0.0 });
        found.effect = view.effect(change / (years as f64).sqrt());
        // Ten years and the whole record are what listeners ask for; of the present, the last years.
        let asked = match angle {
            Angle::LongView => whole_record || years == 10,
            _ => years <= 10,
        };
        found.weight *= if asked { 1.0 } else { 0.7 };
        if angle != Angle::LongView {
            found.age = years as f64 / 4.0;
        }
        drafts.push(found);
    }
}
