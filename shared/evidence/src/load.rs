//! From the bytes of one package to its screened and named series.

mod magnitudes;
mod panels;
mod siblings;
mod survivors;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::TracePoint;

use crate::charset;
use crate::descriptor::{self, PackageText, ResourceText};
use crate::error::EvidenceError;
use crate::library::{Dataset, MIN_OBSERVATIONS, ResourceInfo, Series};
use crate::naming;
use crate::numbers::{self, NumberCell};
use crate::package::PackageBytes;
use crate::screening::{self, RawRow};
use crate::shape::{self, Shape};
use crate::table::{self, Table};
use crate::units;

/// Loads a package.
pub(crate) fn dataset(package: &PackageBytes) -> Result<Dataset, EvidenceError> {
    let name = &package.name;
    let bytes =
        package.files.get("datapackage.json").ok_or_else(|| EvidenceError::NoDescriptor { package: name.clone() })?;
    let text = descriptor::read(&descriptor::parse_json(bytes, name)?, name)?;
    let mut dataset = Dataset {
        name: name.clone(),
        title: if text.title.is_empty() { name.clone() } else { text.title.clone() },
        digest: package.digest.clone(),
        publishers: text.publishers.clone(),
        licence: text.licence.clone(),
        resources: Vec::new(),
        series: Vec::new(),
        panels: Vec::new(),
        screening: Vec::new(),
        left_out: text.left_out.clone(),
    };
    let mut first_error = None;
    for resource in &text.resources {
        match read_resource(package, &text, resource, &mut dataset) {
            Ok(()) => {}
            Err(error) => {
                dataset.left_out.push(format!("resource `{}`: {}", resource.name, one_line(&error)));
                first_error = first_error.or(Some(error));
            }
        }
    }
    if dataset.series.is_empty() {
        return Err(first_error.unwrap_or_else(|| EvidenceError::Descriptor {
            package: name.clone(),
            what: format!("no column has {MIN_OBSERVATIONS} usable observations ({})", dataset.left_out.join("; ")),
            hint: "give it a longer history, or choose another package".into(),
        }));
    }
    magnitudes::drop_misscaled(&mut dataset);
    panels::judge_wholes(&mut dataset);
    if dataset.series.is_empty() {
        return Err(EvidenceError::Descriptor {
            package: name.clone(),
            what: format!("its series contradict each other ({})", dataset.left_out.join("; ")),
            hint: "correct the scale or the units in the files, or choose another package".into(),
        });
    }
    siblings::mark_derived(&mut dataset);
    siblings::mark_adjustment(&mut dataset);
    siblings::drop_partial(&mut dataset);
    siblings::tell_apart(&mut dataset);
    Ok(dataset)
}

fn one_line(error: &EvidenceError) -> String {
    let text = error.to_string();
    let text = text.split('\n').next().unwrap_or_default();
    text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned()
}

fn read_resource(
    package: &PackageBytes,
    text: &PackageText,
    resource: &ResourceText,
    dataset: &mut Dataset,
) -> Result<(), EvidenceError> {
    let name = &package.name;
    let file = &resource.path;
    let bytes = package.files.get(file).ok_or_else(|| EvidenceError::MissingFile {
        package: name.clone(),
        resource: resource.name.clone(),
        file: file.clone(),
    })?;
    let decoded = charset::decode(bytes, resource.encoding.as_deref()).map_err(|wrong| EvidenceError::Encoding {
        package: name.clone(),
        file: file.clone(),
        line: wrong.line,
        encoding: wrong.encoding,
    })?;
    let refuse =
        |what: String, hint: String| EvidenceError::Table { package: name.clone(), file: file.clone(), what, hint };
    let table = table::read(&decoded.text, resource).map_err(|what| {
        refuse(what, "a resource is a CSV file with one header line, a date column and columns of numbers".into())
    })?;
    let shape = shape::find(&table, resource).map_err(|misfit| refuse(misfit.what, misfit.hint))?;
    let notes = decoded.note.iter().chain(&table.notes).map(|note| format!("resource `{}`: {note}", resource.name));
    dataset.left_out.extend(notes);
    dataset.left_out.extend(shape.left_out.iter().map(|reason| format!("resource `{}`, {reason}", resource.name)));
    let reading = Reading { package, text, resource, table: &table, shape: &shape };
    let before = dataset.series.len();
    for (column, style) in &shape.values {
        reading.column(*column, *style, dataset);
    }
    if dataset.series.len() == before {
        return Err(refuse(
            format!("no column has {MIN_OBSERVATIONS} usable observations in its {} rows", table.rows.len()),
            "give it a longer history, or choose another resource".into(),
        ));
    }
    dataset.resources.push(ResourceInfo {
        name: resource.name.clone(),
        path: resource.path.clone(),
        title: resource.title.clone(),
        description: resource.description.clone(),
        rows: u32::try_from(table.rows.len()).unwrap_or(u32::MAX),
    });
    Ok(())
}

/// A table being read.
struct Reading<'a> {
    package: &'a PackageBytes,
    text: &'a PackageText,
    resource: &'a ResourceText,
    table: &'a Table,
    shape: &'a Shape,
}

impl Reading<'_> {
    /// Screens and names the series of one value column: one, or one a member.
    fn column(&self, column: usize, style: numbers::NumberStyle, dataset: &mut Dataset) {
        let header = &self.table.header[column];
        let field = shape::field(self.resource, &self.table.header, column);
        let unit = self.checked(units::of_column(header, field, style, self.resource, self.text), column, style);
        let adjustment = units::adjustment(header, field, self.resource, self.text);
        let money = units::money(&unit, header, field, self.resource, self.text);
        let columns = self.shape.values.len();
        let measure = naming::measure(&naming::Column {
            package: self.text,
            resource: self.resource,
            field,
            header,
            unit: &unit,
            adjustment,
            columns,
        });
        let first = dataset.series.len();
        let mut short = Vec::new();
        for group in &self.shape.groups {
            let series = SeriesRef {
                dataset: self.package.name.clone(),
                resource: self.resource.name.clone(),
                date_column: self.table.header[self.shape.date].clone(),
                column: header.clone(),
                filter: group.filter.clone(),
            };
            let raw = self.rows(&group.rows, column, style);
            let context = screening::Context {
                series: &series,
                file: &self.resource.path,
                grain: self.shape.style.grain,
                unit: &unit,
                decimal: style.decimal,
                policy: screening::policy(),
            };
            let screened = screening::screen(&raw, &context);
            if let Some(reason) = unusable(&screened.points) {
                short.push((member(&series.filter), reason));
                continue;
            }
            dataset.screening.extend(screened.findings);
            let name = naming::name(&measure, member(&series.filter).as_deref());
            dataset.series.push(Series {
                quantity: quantity(&measure.subject, &series.filter),
                info: SeriesInfo {
                    series,
                    name,
                    unit: unit.clone(),
                    frequency: screened.frequency,
                    adjustment,
                    money,
                    first: screened.points[0].date,
                    last: screened.points[screened.points.len() - 1].date,
                    observations: u32::try_from(screened.points.len()).unwrap_or(u32::MAX),
                },
                taken_out: taken_out(&raw, &screened.points),
                points: screened.points,
                panel: None,
                aggregate: false,
                cut: screened.cut,
                derived_from: None,
            });
        }
        self.note_short(header, &short, dataset);
        if self.shape.members.len() == 1 {
            panels::make(dataset, first, self, column, &measure);
        }
    }

    fn rows(&self, rows: &[usize], column: usize, style: numbers::NumberStyle) -> Vec<RawRow<'_>> {
        let raw = |row: usize| {
            let value_text = self.table.cell(row, column);
            RawRow {
                row: u32::try_from(row + 1).unwrap_or(u32::MAX),
                date: self.shape.dates[row],
                date_text: self.table.cell(row, self.shape.date),
                value: numbers::read(value_text, style, &self.resource.missing),
                value_text,
            }
        };
        rows.iter().map(|row| raw(*row)).collect()
    }

    /// A "percent" whose usual value is above a thousand is a count with a misleading name.
    fn checked(&self, unit: Unit, column: usize, style: numbers::NumberStyle) -> Unit {
        if !unit.is_percent() {
            return unit;
        }
        let mut sizes: Vec<f64> = self
            .table
            .column(column)
            .filter_map(|cell| match numbers::read(cell, style, &self.resource.missing) {
                NumberCell::Value(value) => Some(value.abs()),
                _ => None,
            })
            .collect();
        sizes.sort_by(f64::total_cmp);
        if sizes.get(sizes.len() / 2).is_some_and(|middle| *middle > 1000.0) {
            Unit::plain(UnitKind::Unspecified)
        } else {
            unit
        }
    }

    fn note_short(&self, header: &str, short: &[(Option<String>, &'static str)], dataset: &mut Dataset) {
        let Some((member, reason)) = short.first() else { return };
        let place = format!("resource `{}`, column `{header}`", self.resource.name);
        dataset.left_out.push(match member {
            Some(member) => format!("{place}: {} members ({member} first): {reason}", short.len()),
            None => format!("{place}: {reason}"),
        });
    }
}

/// Dates of the rows that no usable point stands for.
fn taken_out(raw: &[RawRow<'_>], points: &[TracePoint]) -> Vec<Date> {
    let kept: BTreeSet<Date> = points.iter().map(|point| point.date).collect();
    let out: BTreeSet<Date> = raw.iter().filter_map(|row| row.date).filter(|date| !kept.contains(date)).collect();
    out.into_iter().collect()
}

/// What a series measures, whatever its frequency and adjustment: the subject without words about these.
fn quantity(subject: &str, filter: &BTreeMap<String, String>) -> String {
    const MANNER: &str = "annual average daily monthly quarterly weekly yearly seasonally adjusted unadjusted the";
    let words = subject.split_whitespace().filter(|word| !MANNER.split(' ').any(|manner| manner == *word));
    words.chain(filter.values().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// The member that a filter selects, as the table writes it.
fn member(filter: &BTreeMap<String, String>) -> Option<String> {
    if filter.is_empty() { None } else { Some(filter.values().cloned().collect::<Vec<_>>().join(", ")) }
}

fn unusable(points: &[TracePoint]) -> Option<&'static str> {
    if points.len() < MIN_OBSERVATIONS {
        return Some("too few usable observations");
    }
    points.iter().all(|point| point.value == points[0].value).then_some("the value never changes")
}

#[cfg(test)]
mod tests;
