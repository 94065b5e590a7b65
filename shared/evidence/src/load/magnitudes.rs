//! Series in another scale than what they must agree with.
//!
//! Three tests are sure enough to take a series out: a column that makes a sum of its table come out only when it is
//! multiplied by a thousand or a million; a member that exceeds its panel's total a hundredfold, or that fills what
//! the total lacks only when multiplied; series of the same quantity at two frequencies or adjustments that differ by
//! a thousand (of three the odd one, of two both). A column far off all its siblings in size is only noted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;
use proofreel_model::unit::UnitKind;

use crate::calendar;
use crate::library::{Dataset, Series};
use crate::screening;

/// Columns of one table among which sums are sought.
const MOST_COLUMNS: usize = 16;
/// Dates on which sums are tried, the newest.
const DATES: usize = 40;
/// Share of a sum below which a part proves nothing.
const PART: f64 = 0.05;
const SCALES: [f64; 4] = [1e3, 1e-3, 1e6, 1e-6];

/// A series to be taken out, and why.
type Blame = BTreeMap<usize, String>;

/// Takes series of another scale out and lists them.
pub(super) fn drop_misscaled(dataset: &mut Dataset) {
    let mut blamed = Blame::new();
    columns(dataset, &mut blamed);
    totals(dataset, &mut blamed);
    twins(dataset, &mut blamed);
    for (n, why) in &blamed {
        let series = &dataset.series[*n];
        let rows = rows(series);
        let note = format!("column `{}` {why}; the series is left out", series.info.series.column);
        dataset.screening.push(ScreeningFinding {
            series: series.info.series.clone(),
            kind: ScreeningKind::SiblingScale,
            rows,
            note: note.clone(),
            excluded: true,
        });
        let member = series.info.series.filter.values().next().map(|name| format!(", `{name}`")).unwrap_or_default();
        dataset.left_out.push(format!("resource `{}`{member}: {note}", series.info.series.resource));
    }
    let out: BTreeSet<_> = blamed.keys().map(|n| dataset.series[*n].info.series.clone()).collect();
    dataset.series.retain(|series| !out.contains(&series.info.series));
    for panel in &mut dataset.panels {
        panel.members.retain(|member| !out.contains(member));
        panel.aggregates.retain(|member| !out.contains(member));
    }
}

fn rows(series: &Series) -> (u32, u32) {
    series.points.iter().fold((u32::MAX, 0), |(first, last), point| (first.min(point.row), last.max(point.row)))
}

/// Values in plain units by date.
fn plain(series: &Series) -> BTreeMap<Date, f64> {
    series.points.iter().map(|point| (point.date, point.value * series.info.unit.multiplier)).collect()
}

fn amount(series: &Series) -> bool {
    matches!(series.info.unit.kind, UnitKind::Currency { .. } | UnitKind::Count { .. } | UnitKind::Unspecified)
}

/// Sums inside one wide table.
fn columns(dataset: &mut Dataset, blamed: &mut Blame) {
    let mut tables: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (n, series) in dataset.series.iter().enumerate() {
        if series.info.series.filter.is_empty() && amount(series) {
            tables.entry(series.info.series.resource.as_str()).or_default().push(n);
        }
    }
    let mut odd = Vec::new();
    for places in tables.values().filter(|places| (3..=MOST_COLUMNS).contains(&places.len())) {
        let values: Vec<BTreeMap<Date, f64>> = places.iter().map(|n| plain(&dataset.series[*n])).collect();
        for total in 0..places.len() {
            for first in (0..places.len()).filter(|n| *n != total) {
                for second in (first + 1..places.len()).filter(|n| *n != total) {
                    let Some(which) = misfit([&values[total], &values[first], &values[second]]) else { continue };
                    let place = [total, first, second][which.0];
                    let names: Vec<&str> = [total, first, second]
                        .iter()
                        .map(|n| dataset.series[places[*n]].info.series.column.as_str())
                        .collect();
                    let why = format!(
                        "makes `{}` the sum of `{}` and `{}` only when multiplied by {}",
                        names[0], names[1], names[2], which.1
                    );
                    blamed.entry(places[place]).or_insert(why);
                }
            }
        }
        odd.extend(far_off(dataset, places, &values).into_iter().filter(|n| !blamed.contains_key(n)));
    }
    for n in odd {
        let series = &dataset.series[n];
        let note = format!(
            "column `{}` is of another magnitude than every column beside it; check its unit",
            series.info.series.column
        );
        let finding = ScreeningFinding {
            series: series.info.series.clone(),
            kind: ScreeningKind::SiblingScale,
            rows: rows(series),
            note,
            excluded: false,
        };
        dataset.screening.push(finding);
    }
}

/// Which of total, first and second part must be multiplied, and by what, for the sum to come out.
fn misfit(values: [&BTreeMap<Date, f64>; 3]) -> Option<(usize, f64)> {
    let dates: Vec<[f64; 3]> = values[0]
        .iter()
        .rev()
        .filter_map(|(date, total)| Some([*total, *values[1].get(date)?, *values[2].get(date)?]))
        .take(DATES)
        .collect();
    let policy = screening::policy();
    let holds = |scales: [f64; 3]| {
        let fits = dates
            .iter()
            .map(|row| [row[0] * scales[0], row[1] * scales[1], row[2] * scales[2]])
            .filter(|row| {
                let sum = row[1] + row[2];
                row[0] > 0.0
                    && row[1].min(row[2]) > row[0] * PART * 0.2
                    && (sum / row[0] - 1.0).abs() <= policy.sibling_tolerance * 0.25
            })
            .count();
        fits >= policy.sibling_dates && fits as f64 >= policy.sibling_share * dates.len() as f64
    };
    if dates.len() < policy.sibling_dates || holds([1.0; 3]) {
        return None;
    }
    (0..3).flat_map(|which| SCALES.map(|scale| (which, scale))).find(|(which, scale)| {
        let mut scales = [1.0; 3];
        scales[*which] = *scale;
        holds(scales)
    })
}

/// Columns whose typical size lies far from all others, while the others lie together.
fn far_off(dataset: &Dataset, places: &[usize], values: &[BTreeMap<Date, f64>]) -> Vec<usize> {
    let policy = screening::policy();
    let typical = |values: &BTreeMap<Date, f64>| {
        let mut sizes: Vec<f64> = values.values().map(|value| value.abs()).filter(|size| *size > 0.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.get(sizes.len() / 2).map_or(0.0, |middle| middle.log10())
    };
    let sizes: Vec<f64> = values.iter().map(typical).collect();
    (0..places.len())
        .filter(|n| {
            let unit = &dataset.series[places[*n]].info.unit.kind;
            let others: Vec<f64> = (0..places.len())
                .filter(|m| m != n && &dataset.series[places[*m]].info.unit.kind == unit)
                .map(|m| sizes[m])
                .collect();
            let (low, high) = others
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), size| (low.min(*size), high.max(*size)));
            let distance = (low - sizes[*n]).max(sizes[*n] - high);
            others.len() >= 3 && high - low <= policy.sibling_spread && distance >= policy.sibling_distance
        })
        .map(|n| places[n])
        .collect()
}

/// Members of a panel against its total.
fn totals(dataset: &Dataset, blamed: &mut Blame) {
    let policy = screening::policy();
    for panel in 0..dataset.panels.len() {
        let members: Vec<usize> = (0..dataset.series.len())
            .filter(|n| dataset.series[*n].panel == Some(panel) && !dataset.series[*n].aggregate)
            .collect();
        let largest = dataset
            .series
            .iter()
            .filter(|series| series.panel == Some(panel) && series.aggregate && amount(series))
            .max_by(|a, b| middle(a).total_cmp(&middle(b)));
        let Some(total) = largest.map(plain) else { continue };
        let mut sums: BTreeMap<Date, f64> = BTreeMap::new();
        for n in &members {
            for point in &dataset.series[*n].points {
                *sums.entry(point.date).or_default() += point.value * dataset.series[*n].info.unit.multiplier;
            }
        }
        for n in members {
            let own = plain(&dataset.series[n]);
            let rows: Vec<(f64, f64, f64)> = own
                .iter()
                .filter_map(|(date, value)| Some((*value, *total.get(date)?, *sums.get(date)?)))
                .filter(|(value, total, _)| *value > 0.0 && *total > 0.0)
                .collect();
            let most = |test: &dyn Fn(&(f64, f64, f64)) -> bool| {
                let count = rows.iter().filter(|row| test(row)).count();
                count >= policy.sibling_dates && count as f64 >= policy.sibling_share * rows.len() as f64
            };
            let above = most(&|(value, total, _)| *value > 2.0 * total);
            let lacking = SCALES.into_iter().filter(|scale| *scale > 1.0).find(|scale| {
                most(&|(value, total, sum)| {
                    let lack = total - (sum - value);
                    lack > PART * total && (value * scale / lack - 1.0).abs() <= policy.sibling_tolerance
                })
            });
            if above {
                blamed.insert(n, "exceeds its own total, as a figure in another scale does".into());
            } else if let Some(scale) = lacking {
                blamed.insert(n, format!("fills what the total lacks only when multiplied by {scale}"));
            }
        }
    }
}

fn middle(series: &Series) -> f64 {
    let mut values: Vec<f64> = series.points.iter().map(|point| point.value).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Series of one quantity at different frequencies, adjustments or tables.
fn twins(dataset: &Dataset, blamed: &mut Blame) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (n, series) in dataset.series.iter().enumerate() {
        groups.entry(series.quantity.as_str()).or_default().push(n);
    }
    for group in groups.values().filter(|group| group.len() > 1) {
        let mut odds: BTreeMap<usize, usize> = BTreeMap::new();
        for (n, a) in group.iter().enumerate() {
            for b in &group[n + 1..] {
                if thousandfold(&dataset.series[*a], &dataset.series[*b]) {
                    *odds.entry(*a).or_default() += 1;
                    *odds.entry(*b).or_default() += 1;
                }
            }
        }
        // With three or more the odd one disagrees with all others; of two neither can be trusted.
        let all = group.len() - 1;
        let sure: Vec<usize> = odds.iter().filter(|(_, count)| **count == all).map(|(n, _)| *n).collect();
        let out = if all > 1 && sure.len() == 1 { sure } else { odds.keys().copied().collect() };
        for n in out {
            let why = "differs by a thousand or a million from another series of the same quantity";
            blamed.entry(n).or_insert_with(|| why.into());
        }
    }
}

/// True when two series differ by a thousand or a million on nearly all common periods.
fn thousandfold(a: &Series, b: &Series) -> bool {
    if a.info.unit.kind != b.info.unit.kind || a.info.unit.per != b.info.unit.per {
        return false;
    }
    let frequency: Frequency = a.info.frequency.max(b.info.frequency);
    let by_period = |series: &Series| -> BTreeMap<i64, f64> {
        let value = |value: f64| value * series.info.unit.multiplier;
        series.points.iter().map(|point| (calendar::period(point.date, frequency), value(point.value))).collect()
    };
    let (first, second) = (by_period(a), by_period(b));
    let ratios: Vec<f64> = first
        .iter()
        .filter_map(|(period, value)| Some((value / second.get(period)?).abs().log10()))
        .filter(|ratio| ratio.is_finite())
        .collect();
    let policy = screening::policy();
    let off = ratios.iter().filter(|ratio| [3.0, 6.0].iter().any(|scale| (ratio.abs() - scale).abs() < 0.2)).count();
    ratios.len() >= policy.sibling_dates && off as f64 >= policy.sibling_share * ratios.len() as f64
}
