//! Long tables whose members measure the same thing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::unit::UnitKind;

use super::Reading;
use crate::aggregates;
use crate::library::{Dataset, Panel, Series};
use crate::naming::{Measure, words};

/// Member columns that list different quantities, sources or kinds instead of competitors.
const NOT_MEMBERS: &[&str] = &[
    "indicator",
    "series",
    "variable",
    "measure",
    "metric",
    "item",
    "source",
    "unit",
    "type",
    "frequency",
    "sex",
    "gender",
    "age",
    "statistic",
    "dataset",
    "seasonality",
];

/// Members that make a list without aggregates complete.
const COMPLETE: usize = 100;

/// Makes a panel of the series from `first` on, when they are comparable members.
pub(super) fn make(dataset: &mut Dataset, first: usize, reading: &Reading<'_>, column: usize, measure: &Measure) {
    let member_column = reading.shape.members[0];
    let header = reading.table.header[member_column].clone();
    let series = &dataset.series[first..];
    if series.len() < 3 || words::tokens(&header).iter().any(|token| NOT_MEMBERS.contains(&token.as_str())) {
        return;
    }
    let frequency = series[series.len() / 2].info.frequency;
    let codes = codes(reading, member_column);
    let summed = summed(dataset, first);
    let place = dataset.panels.len();
    let (mut members, mut aggregates) = (Vec::new(), Vec::new());
    for series in dataset.series[first..].iter_mut().filter(|series| series.info.frequency == frequency) {
        let name = series.info.series.filter.get(&header).cloned().unwrap_or_default();
        let codes = codes.get(&name).map_or(&[][..], Vec::as_slice);
        series.aggregate = aggregates::is_aggregate(&name, codes) || summed.as_deref() == Some(name.as_str());
        series.panel = Some(place);
        if series.aggregate {
            aggregates.push(series.info.series.clone());
        } else {
            members.push(series.info.series.clone());
        }
    }
    if members.len() < 3 {
        return;
    }
    let example = &dataset.series[first];
    let panel = Panel {
        resource: reading.resource.name.clone(),
        column: reading.table.header[column].clone(),
        date_column: example.info.series.date_column.clone(),
        member_column: header,
        members,
        aggregates,
        unit: example.info.unit.clone(),
        frequency,
        subject: measure.noun.clone(),
        whole: false,
    };
    if !panel.aggregates.is_empty() {
        dataset.left_out.push(format!(
            "resource `{}`, column `{}`: {} aggregates such as `{}` are not ranked with the members",
            panel.resource,
            panel.column,
            panel.aggregates.len(),
            panel.aggregates[0].filter.values().next().map_or("", String::as_str)
        ));
    }
    super::survivors::note(dataset, first, &panel);
    dataset.panels.push(panel);
}

/// Says of each panel whether its members make a whole, once mis-scaled members are out.
pub(super) fn judge_wholes(dataset: &mut Dataset) {
    for n in 0..dataset.panels.len() {
        let panel = &dataset.panels[n];
        // Without a total to compare with, a list as long as this is taken as complete; a short one is a selection.
        let summable = matches!(panel.unit.kind, UnitKind::Currency { .. } | UnitKind::Count { .. });
        let listed = panel.aggregates.is_empty() && summable && panel.members.len() >= COMPLETE;
        let whole = listed || is_whole(dataset, n);
        dataset.panels[n].whole = whole;
        let panel = &dataset.panels[n];
        let (Some(member), false) = (panel.members.first(), whole) else { continue };
        // Without a member that was taken out for its scale no sum can come out, which its own finding says.
        let lost = |finding: &ScreeningFinding| {
            finding.kind == ScreeningKind::SiblingScale && finding.excluded && finding.series.resource == panel.resource
        };
        if dataset.screening.iter().any(lost) {
            continue;
        }
        let resource = dataset.resources.iter().find(|resource| resource.name == panel.resource);
        let note = format!(
            "resource `{}`: the table holds {} members and no total that they add up to; ranks are among these members, and no share is computed",
            panel.resource,
            panel.members.len()
        );
        dataset.screening.push(ScreeningFinding {
            series: member.clone(),
            kind: ScreeningKind::Survivorship,
            rows: (1, resource.map_or(u32::MAX, |resource| resource.rows)),
            note,
            excluded: false,
        });
    }
}

/// Other texts in the rows of each member, such as its code.
fn codes<'a>(reading: &'a Reading<'_>, member_column: usize) -> BTreeMap<String, Vec<&'a str>> {
    let mut codes = BTreeMap::new();
    for group in &reading.shape.groups {
        let (Some(name), Some(row)) = (group.filter.values().next(), group.rows.first()) else { continue };
        let others =
            (0..reading.table.header.len()).filter(|column| *column != member_column && *column != reading.shape.date);
        codes.insert(name.clone(), others.map(|column| reading.table.cell(*row, column)).collect());
    }
    codes
}

/// Values of these series by date, each with its place among them.
fn by_date<'a>(all: impl Iterator<Item = &'a Series>) -> BTreeMap<Date, Vec<(usize, f64)>> {
    let mut dates: BTreeMap<Date, Vec<(usize, f64)>> = BTreeMap::new();
    for (n, series) in all.enumerate() {
        for point in &series.points {
            dates.entry(point.date).or_default().push((n, point.value));
        }
    }
    dates
}

/// A member that equals the sum of all others on each of the last dates: a total without a telling name.
fn summed(dataset: &Dataset, first: usize) -> Option<String> {
    let dates = by_date(dataset.series[first..].iter());
    let mut suspect = None;
    for values in dates.values().rev().take(5) {
        let total: f64 = values.iter().map(|(_, value)| value).sum();
        let (n, largest) = values.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let same = suspect.is_none_or(|other| other == n);
        if values.len() < 5 || !same || !aggregates::sums_up(largest, total - largest) {
            return None;
        }
        suspect = Some(n);
    }
    dataset.series[first + suspect?].info.series.filter.values().next().cloned()
}

/// True when an aggregate equals the sum of the members within a tenth on most of the last dates.
fn is_whole(dataset: &Dataset, panel: usize) -> bool {
    let series: Vec<&Series> = dataset.series.iter().filter(|series| series.panel == Some(panel)).collect();
    let dates = by_date(series.iter().copied());
    let recent: Vec<&Vec<(usize, f64)>> = dates.values().rev().take(5).collect();
    let matching = recent.iter().filter(|values| {
        let (mut sum, mut largest) = (0.0, 0.0f64);
        for (n, value) in values.iter() {
            if series[*n].aggregate { largest = largest.max(*value) } else { sum += value }
        }
        largest > 0.0 && (sum / largest - 1.0).abs() < 0.1
    });
    matching.count() * 2 > recent.len()
}
