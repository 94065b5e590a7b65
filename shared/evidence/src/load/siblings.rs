//! What series of one package say about each other.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::{Adjustment, Frequency, SeriesRef};

use crate::calendar;
use crate::library::{Dataset, Series};
use crate::naming::words;

/// Marks percent columns that only repeat the change of another column of the same table.
pub(super) fn mark_derived(dataset: &mut Dataset) {
    let mut found: Vec<(usize, SeriesRef)> = Vec::new();
    // Only columns of the same rows are compared: a long table may have thousands of members.
    let mut tables: BTreeMap<(&str, &BTreeMap<String, String>), Vec<usize>> = BTreeMap::new();
    for (n, series) in dataset.series.iter().enumerate() {
        let source = &series.info.series;
        tables.entry((source.resource.as_str(), &source.filter)).or_default().push(n);
    }
    for places in tables.values() {
        for n in places {
            let derived = &dataset.series[*n];
            let sibling = places.iter().map(|m| &dataset.series[*m]).find(|base| {
                base.info.series.column != derived.info.series.column
                    && base.info.frequency == derived.info.frequency
                    && repeats_change(derived, base)
            });
            if let Some(base) = sibling {
                found.push((*n, base.info.series.clone()));
            }
        }
    }
    found.sort_unstable_by_key(|(n, _)| *n);
    for (n, base) in found {
        let derived = &mut dataset.series[n];
        let note = format!(
            "resource `{}`, column `{}`: it repeats the change of `{}`, which is mined instead",
            derived.info.series.resource, derived.info.series.column, base.column
        );
        derived.derived_from = Some(base);
        if !dataset.left_out.contains(&note) {
            dataset.left_out.push(note);
        }
    }
}

/// True when nearly every value is the percent change of the other series over one period or one year.
fn repeats_change(derived: &Series, base: &Series) -> bool {
    if base.points.iter().any(|point| point.value <= 0.0) {
        return false;
    }
    let places: BTreeMap<_, _> = base.points.iter().enumerate().map(|(n, point)| (point.date, n)).collect();
    let year = base.info.frequency.per_year() as usize;
    [1, year].into_iter().any(|step| {
        let (mut compared, mut equal) = (0usize, 0usize);
        for point in &derived.points {
            let Some(now) = places.get(&point.date) else { continue };
            let Some(then) = now.checked_sub(step) else { continue };
            let change = (base.points[*now].value / base.points[then].value - 1.0) * 100.0;
            compared += 1;
            equal += usize::from((change - point.value).abs() < 0.011 + point.value.abs() * 0.01);
        }
        compared >= 10 && equal * 100 >= compared * 95
    })
}

/// Beside an adjusted column, the same quantity without a word on adjustment is the unadjusted one.
pub(super) fn mark_adjustment(dataset: &mut Dataset) {
    let adjusted: BTreeSet<(String, Frequency)> = dataset
        .series
        .iter()
        .filter(|series| series.info.adjustment == Adjustment::Adjusted)
        .map(|series| (series.quantity.clone(), series.info.frequency))
        .collect();
    for series in &mut dataset.series {
        if series.info.adjustment == Adjustment::Unknown
            && adjusted.contains(&(series.quantity.clone(), series.info.frequency))
        {
            series.info.adjustment = Adjustment::Unadjusted;
        }
    }
}

/// Takes out a last year, quarter or month that a finer series of the same quantity shows to be unfinished.
pub(super) fn drop_partial(dataset: &mut Dataset) {
    let mut partial = Vec::new();
    let mut quantities: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (n, series) in dataset.series.iter().enumerate() {
        quantities.entry(series.quantity.as_str()).or_default().push(n);
    }
    for (n, coarse) in dataset.series.iter().enumerate() {
        let Some(last) = coarse.points.last() else { continue };
        let frequency = coarse.info.frequency;
        let unfinished = quantities[coarse.quantity.as_str()].iter().map(|m| &dataset.series[*m]).any(|fine| {
            fine.info.frequency < frequency
                && calendar::period(fine.info.last, frequency) == calendar::period(last.date, frequency)
                && calendar::period_end(fine.info.last, fine.info.frequency)
                    .checked_add(jiff::ToSpan::days(5))
                    .is_ok_and(|end| end < calendar::period_end(last.date, frequency))
        });
        if unfinished && coarse.points.len() > crate::library::MIN_OBSERVATIONS {
            partial.push(n);
        }
    }
    for n in partial {
        let series = &mut dataset.series[n];
        let Some(last) = series.points.pop() else { continue };
        series.cut = true;
        series.taken_out.push(last.date);
        series.taken_out.sort_unstable();
        series.info.observations -= 1;
        series.info.last = series.points.last().map_or(last.date, |point| point.date);
        dataset.screening.push(ScreeningFinding {
            series: series.info.series.clone(),
            kind: ScreeningKind::Partial,
            rows: (last.row, last.row),
            note: format!(
                "the last {} is not complete, as a finer series of the package shows; left out",
                series.info.frequency.noun()
            ),
            excluded: true,
        });
    }
}

/// Gives series of one package different names: the finer of two keeps the plain one.
pub(super) fn tell_apart(dataset: &mut Dataset) {
    let average: Vec<bool> = dataset
        .series
        .iter()
        .map(|series| {
            dataset.resources.iter().any(|resource| {
                resource.name == series.info.series.resource && resource.description.to_lowercase().contains("average")
            })
        })
        .collect();
    let original: Vec<String> = dataset.series.iter().map(|series| series.info.name.subject.clone()).collect();
    for (n, averaged) in average.into_iter().enumerate() {
        let series = &dataset.series[n];
        if !series.info.series.filter.is_empty() {
            continue;
        }
        let same: Vec<&Series> = dataset
            .series
            .iter()
            .enumerate()
            .filter(|(m, other)| {
                // Names that the package gave apart are left as they are.
                *m != n
                    && other.info.series.filter.is_empty()
                    && original[*m] == original[n]
                    && other.quantity == series.quantity
            })
            .map(|(_, other)| other)
            .collect();
        let mut words_before = Vec::new();
        if series.info.adjustment == Adjustment::Unadjusted
            && same.iter().any(|other| other.info.adjustment == Adjustment::Adjusted)
        {
            words_before.push("unadjusted");
        }
        if same.iter().any(|other| other.info.frequency < series.info.frequency) {
            words_before.push(adjective(series.info.frequency));
            if averaged {
                words_before.push("average");
            }
        }
        if !words_before.is_empty() {
            let extra = words_before.join(" ");
            let name = &mut dataset.series[n].info.name;
            name.subject = name
                .subject
                .strip_prefix("the ")
                .map_or_else(|| format!("{extra} {}", name.subject), |rest| format!("the {extra} {rest}"));
            name.short = format!("{}, {extra}", name.short);
        }
    }
    // Names may still be equal when two columns or tables are described by the same words.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..dataset.series.len() {
        let series = &dataset.series[n];
        if !series.info.series.filter.is_empty() {
            continue;
        }
        if let Some(other) = seen.insert(series.info.name.subject.clone(), n) {
            let source = &series.info.series;
            let extra = if dataset.series[other].info.series.column == source.column {
                &source.resource
            } else {
                &source.column
            };
            let extra = words::humanise(extra);
            let name = &mut dataset.series[n].info.name;
            name.subject = format!("{} ({extra})", name.subject);
            name.short = format!("{} ({extra})", name.short);
        }
    }
}

fn adjective(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Daily => "daily",
        Frequency::Weekly => "weekly",
        Frequency::Monthly => "monthly",
        Frequency::Quarterly => "quarterly",
        Frequency::Annual => "annual",
    }
}
