//! From rows to a data package: `datapackage.json` and one CSV file, of the shape that evidence loads.
//!
//! Texts of providers become JSON strings and CSV cells, never paths. Nothing in a package says when it was fetched, so the
//! same figures give the same bytes: the vintage is the provider's own word, the time of fetching stands beside the package.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proofreel_ports::{ProviderInfo, SourceError, SourcePackage};
use serde_json::{Map, Value, json};

use super::desk::drift;
use super::period::{Grain, Period};

/// Rows of one package at most: evidence is made for a million points.
const MAX_ROWS: usize = 1_000_000;
/// Characters of a text taken from a provider.
const MAX_TEXT: usize = 2_000;

/// A column that tells the rows of one period apart.
pub(crate) struct KeyColumn {
    pub name: &'static str,
    pub title: &'static str,
}

/// A column of figures.
#[derive(Default)]
pub(crate) struct ValueColumn {
    /// Name of the column.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// Unit, in words that evidence reads.
    pub unit: String,
    /// Unit as our own property, where words would leave a doubt.
    pub declared: Option<Value>,
    /// `adjusted`, `unadjusted`, or unknown.
    pub adjustment: Option<&'static str>,
}

/// One observation, or a hole where a value is absent.
pub(crate) struct Row {
    pub keys: Vec<String>,
    pub period: Period,
    pub values: Vec<Option<String>>,
}

/// A package in the making.
pub(crate) struct Draft {
    pub info: &'static ProviderInfo,
    pub id: String,
    pub title: String,
    pub description: String,
    pub licence: String,
    pub publisher: String,
    pub publisher_url: String,
    pub keys: Vec<KeyColumn>,
    pub values: Vec<ValueColumn>,
    pub rows: Vec<Row>,
    /// When the provider last changed the series, in its own words; empty when it does not say.
    pub vintage: String,
    /// Release of which the series is part.
    pub release: String,
    /// Day of its next release.
    pub next_release: Option<String>,
    pub fetched_at: Timestamp,
}

impl Draft {
    /// An empty draft of a series.
    pub(crate) fn new(info: &'static ProviderInfo, id: &str, fetched_at: Timestamp) -> Self {
        Self {
            info,
            id: id.into(),
            title: String::new(),
            description: String::new(),
            licence: info.licence.into(),
            publisher: info.publisher.into(),
            publisher_url: info.home.into(),
            keys: Vec::new(),
            values: Vec::new(),
            rows: Vec::new(),
            vintage: String::new(),
            release: String::new(),
            next_release: None,
            fetched_at,
        }
    }

    /// One column of figures.
    pub(crate) fn value(mut self, column: ValueColumn) -> Self {
        self.values.push(column);
        self
    }

    /// Checks the rows and writes the package.
    ///
    /// # Errors
    /// No observation at all, periods of different lengths, one period twice, or too many rows.
    pub(crate) fn finish(mut self) -> Result<SourcePackage, SourceError> {
        let grain = self.grain()?;
        self.rows.sort_by(|a, b| (&a.keys, a.period).cmp(&(&b.keys, b.period)));
        if let Some(pair) =
            self.rows.windows(2).find(|pair| pair[0].keys == pair[1].keys && pair[0].period == pair[1].period)
        {
            return Err(drift(self.info, format!("`{}` has {} twice", self.id, pair[0].period.text())));
        }
        let cells = self.rows.iter().flat_map(|row| &row.values);
        let (observations, holes) = cells
            .fold((0, 0), |(seen, holes), cell| if cell.is_some() { (seen + 1, holes) } else { (seen, holes + 1) });
        if observations == 0 {
            return Err(SourceError::Unknown {
                provider: self.info.name.into(),
                id: self.id.clone(),
                why: "it holds no observation".into(),
                hint: format!("look at it at {}", self.publisher_url),
            });
        }
        let csv = self.csv(grain).map_err(|error| SourceError::Call(format!("{}: {error}", self.id)))?;
        let name = package_name(self.info.name, &self.id);
        let path = format!("data/{}.csv", grain.name());
        let descriptor = serde_json::to_vec_pretty(&self.descriptor(&name, &path, grain))
            .map_err(|error| SourceError::Call(format!("{name}: {error}")))?;
        let files = BTreeMap::from([("datapackage.json".to_owned(), descriptor), (path, csv)]);
        Ok(SourcePackage { name, files, fetched_at: self.fetched_at, observations, holes })
    }

    fn grain(&self) -> Result<Grain, SourceError> {
        let grains: BTreeSet<Grain> = self.rows.iter().map(|row| row.period.grain).collect();
        if self.rows.len() > MAX_ROWS {
            let what = format!("`{}` has {} rows, more than {MAX_ROWS}", self.id, self.rows.len());
            return Err(drift(self.info, what));
        }
        match grains.iter().next() {
            Some(grain) if grains.len() == 1 => Ok(*grain),
            Some(_) => {
                let names: Vec<&str> = grains.iter().map(|grain| grain.name()).collect();
                Err(drift(self.info, format!("`{}` mixes {} periods", self.id, names.join(" and "))))
            }
            None => Err(SourceError::Unknown {
                provider: self.info.name.into(),
                id: self.id.clone(),
                why: "it has no rows".into(),
                hint: format!("look at it at {}", self.publisher_url),
            }),
        }
    }

    fn csv(&self, grain: Grain) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = self.keys.iter().map(|key| key.name).chain([period_column(grain)]);
        writer.write_record(header.chain(self.values.iter().map(|value| value.name.as_str())))?;
        for row in &self.rows {
            let period = row.period.text();
            let values = row.values.iter().map(|value| value.as_deref().unwrap_or_default());
            writer.write_record(row.keys.iter().map(String::as_str).chain([period.as_str()]).chain(values))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }

    fn descriptor(&self, name: &str, path: &str, grain: Grain) -> Value {
        let mut fields: Vec<Value> =
            self.keys.iter().map(|key| json!({"name": key.name, "type": "string", "title": key.title})).collect();
        fields.push(json!({"name": period_column(grain), "type": grain.field_type()}));
        fields.extend(self.values.iter().map(ValueColumn::field));
        let mut own = Map::new();
        for (key, text) in [
            ("provider", self.info.name),
            ("series", &self.id),
            ("vintage", &self.vintage),
            ("release", &self.release),
            ("next_release", self.next_release.as_deref().unwrap_or_default()),
            ("contract", self.info.contract),
        ] {
            if !text.is_empty() {
                own.insert(key.into(), clip(text).into());
            }
        }
        let mut package = json!({
            "profile": "tabular-data-package",
            "name": name,
            "title": clip(&self.title),
            "description": clip(&self.description),
            "licenses": [{"name": clip(&self.licence)}],
            "sources": [{"title": clip(&self.publisher), "path": clip(&self.publisher_url)}],
            "proofreel": own,
            "resources": [{
                "profile": "tabular-data-resource",
                "name": grain.name(),
                "path": path,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "title": clip(&self.title),
                "schema": {"fields": fields, "missingValues": [""]},
            }],
        });
        if self.publisher != self.info.publisher {
            package["contributors"] = json!([{"title": format!("{}, through which the figures were taken", self.info.publisher), "role": "wrangler"}]);
        }
        package
    }
}

impl ValueColumn {
    fn field(&self) -> Value {
        let mut field = json!({
            "name": self.name, "type": "number", "title": clip(&self.title), "description": clip(&self.unit),
        });
        if let Some(unit) = &self.declared {
            field["unit"] = unit.clone();
        }
        if let Some(adjustment) = self.adjustment {
            field["proofreel"] = json!({"adjustment": adjustment});
        }
        field
    }
}

fn period_column(grain: Grain) -> &'static str {
    match grain {
        Grain::Year => "year",
        Grain::Quarter => "quarter",
        Grain::Month => "month",
        Grain::Half | Grain::Week | Grain::Day => "date",
    }
}

/// Small letters, digits and hyphens: a name that is a plain folder name too.
pub fn package_name(provider: &str, id: &str) -> String {
    let mut name = format!("{provider}-");
    for c in id.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-').to_owned();
    if name.len() <= 80 {
        return name;
    }
    // A long id is told apart by the start of its digest.
    let digest = proofreel_model::digest::Digest::of(id.as_bytes());
    format!("{}-{}", name[..60].trim_end_matches('-'), digest.short())
}

/// A text of a provider, without control characters and not too long.
pub(crate) fn clip(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A figure as the provider wrote it; `None` for one of its `missing` marks.
///
/// # Errors
/// Text that is neither: a schema has drifted, and a wrong figure is worse than none.
pub(crate) fn figure(info: &ProviderInfo, cell: &str, missing: &[&str]) -> Result<Option<String>, SourceError> {
    let cell = cell.trim();
    if missing.contains(&cell) {
        return Ok(None);
    }
    let plain = cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    match cell.parse::<f64>() {
        Ok(value) if plain && value.is_finite() => Ok(Some(cell.to_owned())),
        _ => Err(drift(
            info,
            format!("`{}` stands where a number should", clip(&cell.chars().take(40).collect::<String>())),
        )),
    }
}

/// A figure in JSON: a number, a text that is one, or null for a hole.
pub(crate) fn json_figure(info: &ProviderInfo, value: &Value, missing: &[&str]) -> Result<Option<String>, SourceError> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => figure(info, &number.to_string(), &[]),
        Value::String(text) => figure(info, text, missing),
        _ => Err(drift(info, "a list or an object stands where a number should")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_short() {
        assert_eq!(package_name("fred", "UNRATE"), "fred-unrate");
        assert_eq!(package_name("ecb", "EXR/D.USD.EUR.SP00.A"), "ecb-exr-d-usd-eur-sp00-a");
        assert_eq!(package_name("url", "https://x.org/../a b.csv"), "url-https-x-org-a-b-csv");
        let long = "x".repeat(200);
        assert!(
            package_name("url", &long).len() <= 80
                && package_name("url", &long) != package_name("url", &"x".repeat(199))
        );
    }

    #[test]
    fn a_figure_is_a_number_or_a_named_hole() {
        let info = &crate::source::fred::INFO;
        assert_eq!(figure(info, " 4.10 ", &["."]).unwrap().as_deref(), Some("4.10"));
        assert_eq!(figure(info, ".", &["."]).unwrap(), None);
        for wrong in ["inf", "NaN", "1,234", "n/a", "", "0x10", "1_000"] {
            assert!(figure(info, wrong, &["."]).is_err(), "{wrong}");
        }
    }
}
