//! One resource as rows, and one series as its observations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use proofreel_model::series::{Frequency, SeriesRef};
use serde_json::Value;

use super::RecomputeError;
use super::cells::{self, Written};
use super::{doubt, table};
use crate::package::PackageBytes;

/// Header and rows of a resource.
pub(super) struct Source {
    file: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    schema: Value,
    /// Dates of all rows, read once for each column that is asked for.
    dates: Vec<OnceLock<Vec<Option<Date>>>>,
    /// Numbers of all rows, likewise.
    numbers: Vec<OnceLock<Vec<Option<f64>>>>,
    /// Rows of each member, by the columns that name it: a table of thousands of members is searched once.
    members: Mutex<BTreeMap<Vec<usize>, Arc<Members>>>,
}

/// Rows by what stands in the columns that name a member.
type Members = BTreeMap<Vec<String>, Vec<usize>>;

/// One row of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Observation {
    /// 1-based data row.
    pub row: u32,
    /// `None` when it cannot be read in the column's notation.
    pub date: Option<Date>,
    /// `None` when there is no number.
    pub value: Option<f64>,
}

/// All rows of a series.
pub(crate) struct Column {
    /// In file order.
    pub rows: Vec<Observation>,
    /// Those with date and number, by date, then row.
    pub dated: Vec<(Date, f64, u32)>,
    /// Which of `dated` may be left out, for each frequency.
    doubts: [OnceLock<Vec<bool>>; 5],
}

impl Column {
    /// True when the observation at this place of `dated` may be left out of a window.
    pub fn doubtful(&self, at: usize, frequency: Frequency) -> bool {
        let doubts = self.doubts[frequency as usize].get_or_init(|| doubt::doubts(self, frequency));
        doubts.get(at).copied().unwrap_or(false)
    }
}

impl Source {
    /// Reads a resource of a package.
    pub fn read(package: &PackageBytes, resource: &str) -> Result<Self, RecomputeError> {
        let unreadable = |file: &str, detail: String| RecomputeError::Unreadable {
            file: format!("{}/{file}", package.name),
            detail,
        };
        let bytes = package
            .files
            .get("datapackage.json")
            .ok_or_else(|| RecomputeError::NoSource { what: format!("datapackage.json of `{}`", package.name) })?;
        let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
        let json: Value =
            serde_json::from_slice(bytes).map_err(|error| unreadable("datapackage.json", error.to_string()))?;
        let found = json["resources"].as_array().into_iter().flatten().find(|entry| name_of(entry) == resource);
        let entry = found
            .ok_or_else(|| RecomputeError::NoSource { what: format!("resource `{resource}` of `{}`", package.name) })?;
        let path = path_of(entry);
        let bytes = package
            .files
            .get(&path)
            .ok_or_else(|| RecomputeError::NoSource { what: format!("{path} of `{}`", package.name) })?;
        let text = decode(bytes, entry["encoding"].as_str())
            .ok_or_else(|| unreadable(&path, "the text is not in its encoding".into()))?;
        let dialect = &entry["dialect"];
        let character = |key: &str| dialect[key].as_str().and_then(|text| text.chars().next());
        let declared = character("delimiter")
            .or_else(|| (path.to_lowercase().ends_with(".tsv") || entry["format"] == "tsv").then_some('\t'));
        let delimiter = table::delimiter(&text, declared);
        let mut rows = table::rows(&text, delimiter, character("quoteChar").unwrap_or('"'), character("commentChar"));
        if rows.is_empty() {
            return Err(unreadable(&path, "it is empty".into()));
        }
        let schema = entry["schema"].clone();
        let header = if dialect["header"] == Value::Bool(false) {
            let width = rows.iter().map(Vec::len).max().unwrap_or(0);
            (0..width)
                .map(|n| {
                    schema["fields"][n]["name"]
                        .as_str()
                        .map_or_else(|| format!("column {}", n + 1), |name| name.trim().to_owned())
                })
                .collect()
        } else {
            rows.remove(0)
        };
        let width = header.len();
        let (dates, numbers) =
            ((0..width).map(|_| OnceLock::new()).collect(), (0..width).map(|_| OnceLock::new()).collect());
        Ok(Self { file: path, header, rows, schema, dates, numbers, members: Mutex::default() })
    }

    /// The same rows with the cells that `newer` has for them, found by the columns that name a row, and how many it no longer
    /// has; those stay as they were. Columns are matched by their header; those of `figures` must be there, others may have gone.
    pub fn with_figures_of(
        &self,
        newer: &Self,
        names: &[&str],
        figures: &BTreeSet<&str>,
    ) -> Result<(Self, usize), RecomputeError> {
        let places = |source: &Self| names.iter().map(|name| source.place(name)).collect::<Result<Vec<_>, _>>();
        let (here, there) = (places(self)?, places(newer)?);
        figures.iter().try_for_each(|name| newer.place(name).map(drop))?;
        let columns: Vec<Option<usize>> = self.header.iter().map(|name| newer.place(name).ok()).collect();
        let mut known = super::revised::by_name(&newer.rows, &there);
        let mut gone = 0;
        let fresh = |row: &Vec<String>| {
            let name = super::revised::name_of(row, &here);
            let found = known.get_mut(&name).and_then(std::collections::VecDeque::pop_front);
            let Some(found) = found else {
                gone += 1;
                return row.clone();
            };
            columns.iter().map(|at| at.and_then(|at| found.get(at).cloned()).unwrap_or_default()).collect()
        };
        let rows: Vec<Vec<String>> = self.rows.iter().map(fresh).collect();
        let width = self.header.len();
        let (dates, numbers) =
            ((0..width).map(|_| OnceLock::new()).collect(), (0..width).map(|_| OnceLock::new()).collect());
        let (file, header, schema) = (self.file.clone(), self.header.clone(), self.schema.clone());
        Ok((Self { file, header, rows, schema, dates, numbers, members: Mutex::default() }, gone))
    }

    fn cell(&self, row: usize, at: usize) -> &str {
        self.rows[row].get(at).map_or("", String::as_str)
    }

    /// Dates of a column. Their notation belongs to the whole column, not to one member's rows.
    fn dates(&self, at: usize) -> &[Option<Date>] {
        self.dates[at].get_or_init(|| {
            let written: Vec<Option<Written>> =
                (0..self.rows.len()).map(|row| cells::written(self.cell(row, at))).collect();
            let sure: Vec<Written> = written.iter().flatten().copied().collect();
            let day_first = cells::day_first(&sure, self.field(at, "format").unwrap_or_default());
            let class = |written: &Written| if written.notation == '?' { 'd' } else { written.notation };
            let usual = ['d', 'm', 'q', 'y']
                .into_iter()
                .max_by_key(|kind| sure.iter().filter(|written| class(written) == *kind).count());
            written
                .into_iter()
                .map(|written| written.filter(|written| Some(class(written)) == usual)?.date(day_first))
                .collect()
        })
    }

    /// Numbers of a column, whose decimal mark is one for all rows.
    fn numbers(&self, at: usize) -> &[Option<f64>] {
        self.numbers[at].get_or_init(|| {
            let declared = self.field(at, "decimalChar").and_then(|text| text.chars().next());
            let decimal = cells::decimal_mark((0..self.rows.len()).map(|row| self.cell(row, at)), declared);
            let missing: Vec<&str> =
                self.schema["missingValues"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let number = |text: &str| if missing.contains(&text) { None } else { cells::number(text, decimal) };
            (0..self.rows.len()).map(|row| number(self.cell(row, at))).collect()
        })
    }

    /// The observations of a series.
    pub fn column(&self, series: &SeriesRef) -> Result<Column, RecomputeError> {
        let date_at = self.place(&series.date_column)?;
        let value_at = self.place(&series.column)?;
        let (mut columns, mut member) = (Vec::new(), Vec::new());
        for (column, wanted) in &series.filter {
            columns.push(self.place(column)?);
            member.push(wanted.clone());
        }
        let (dates, numbers) = (self.dates(date_at), self.numbers(value_at));
        let observation = |row: usize| Observation {
            row: u32::try_from(row + 1).unwrap_or(u32::MAX),
            date: dates[row],
            value: numbers[row],
        };
        let rows: Vec<Observation> = if columns.is_empty() {
            (0..self.rows.len()).map(observation).collect()
        } else {
            self.members(columns).get(&member).into_iter().flatten().copied().map(observation).collect()
        };
        let mut dated: Vec<(Date, f64, u32)> =
            rows.iter().filter_map(|row| Some((row.date?, row.value?, row.row))).collect();
        dated.sort_by_key(|(date, _, row)| (*date, *row));
        if dated.is_empty() {
            return Err(RecomputeError::NoObservation {
                series: series.key(),
                detail: "no row has a date and a number".into(),
            });
        }
        Ok(Column { rows, dated, doubts: std::array::from_fn(|_| OnceLock::new()) })
    }

    /// The rows of every member that these columns name.
    fn members(&self, columns: Vec<usize>) -> Arc<Members> {
        let mut known = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = known.get(&columns) {
            return Arc::clone(members);
        }
        let mut members = Members::new();
        for row in 0..self.rows.len() {
            let member = columns.iter().map(|at| self.cell(row, *at).to_owned()).collect();
            members.entry(member).or_default().push(row);
        }
        let members = Arc::new(members);
        known.insert(columns, Arc::clone(&members));
        members
    }

    fn place(&self, column: &str) -> Result<usize, RecomputeError> {
        let at = self.header.iter().position(|header| header == column);
        at.ok_or_else(|| RecomputeError::Unreadable {
            file: self.file.clone(),
            detail: format!("there is no column `{column}`"),
        })
    }

    fn field(&self, at: usize, key: &str) -> Option<&str> {
        let name = self.header.get(at)?;
        let field = self.schema["fields"]
            .as_array()?
            .iter()
            .find(|field| field["name"].as_str().is_some_and(|field| field.trim().eq_ignore_ascii_case(name)))?;
        field[key].as_str()
    }
}

fn path_of(entry: &Value) -> String {
    let path = entry["path"].as_str().or_else(|| entry["path"][0].as_str()).unwrap_or_default().trim();
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// The resource's name, or the stem of its file where it has none.
fn name_of(entry: &Value) -> String {
    match entry["name"].as_str().map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => path_of(entry).rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default().to_owned(),
    }
}

fn decode(bytes: &[u8], declared: Option<&str>) -> Option<String> {
    if let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling_and_without_replacement(&bytes[skip..]).map(String::from);
    }
    match declared.map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => encoding_rs::Encoding::for_label(label.as_bytes())?
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(String::from),
        None => std::str::from_utf8(bytes)
            .ok()
            .map(str::to_owned)
            .or_else(|| Some(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())),
    }
}
