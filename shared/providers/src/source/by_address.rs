//! Any data package, CSV or JSON by its address.
//!
//! Contracts: <https://specs.frictionlessdata.io/data-package/>, RFC 4180, RFC 8259. The address is judged by the client like
//! any that a stranger could have written. A package speaks for itself; a lone table says nothing of its publisher and licence,
//! so the operator does, in the channel file; what stays unsaid is `not stated`, and the gate refuses it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_ports::{DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};
use url::Url;

use super::desk::{Desk, drift, maybe, unknown};
use super::package::{clip, package_name};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "url",
    publisher: "not stated",
    home: "https://specs.frictionlessdata.io/",
    contract: "https://specs.frictionlessdata.io/data-package/",
    secret: None,
    licence: "not stated",
    id_form: "the address of a datapackage.json, a .csv or a .json file",
    example: "https://example.org/prices/datapackage.json",
    terms: None,
};

const DESCRIPTOR: &str = "datapackage.json";
/// Files of one package at most.
const MAX_FILES: usize = 50;

/// What the operator says of a lone table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// What it shows.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Licence by its name.
    pub licence: String,
    /// Unit in words, for example `US dollars per barrel`.
    pub unit: String,
}

/// The connector.
pub struct ByAddress {
    /// What it asks with.
    pub desk: Desk,
    /// What the operator says.
    pub statement: Statement,
}

enum Kind {
    Package,
    Csv,
    Json,
}

impl ByAddress {
    fn read(id: &str) -> Result<(Url, Kind), SourceError> {
        let url = Url::parse(id).map_err(|error| unknown(&INFO, id, error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err(unknown(&INFO, id, "only plain http and https addresses are read"));
        }
        let path = url.path().to_lowercase();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let kind = if path.ends_with(DESCRIPTOR) {
            Kind::Package
        } else if ending == "json" {
            Kind::Json
        } else {
            Kind::Csv
        };
        Ok((url, kind))
    }

    /// A package: its descriptor, and the local CSV files that it names, from the folder in which it lies.
    async fn package(&self, url: &Url) -> Result<(BTreeMap<String, Vec<u8>>, Timestamp, String), SourceError> {
        let (descriptor, mut fetched_at) = self.desk.bytes(&INFO, url.clone()).await?;
        let json: Value = serde_json::from_slice(descriptor.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&descriptor))
            .map_err(|error| drift(&INFO, format!("{DESCRIPTOR} is no JSON ({error})")))?;
        let resources = json
            .get("resources")
            .and_then(Value::as_array)
            .ok_or_else(|| drift(&INFO, format!("`resources` is missing in {DESCRIPTOR}")))?;
        let paths: Vec<&str> = resources
            .iter()
            .filter_map(|resource| resource.get("path")?.as_str())
            .filter(|path| is_table(path))
            .collect();
        if paths.is_empty() || paths.len() > MAX_FILES {
            return Err(drift(&INFO, format!("it names {} CSV files; 1 to {MAX_FILES} can be read", paths.len())));
        }
        let mut files = BTreeMap::new();
        for path in paths {
            let inside = !path.starts_with('/')
                && !path.contains(['\\', ':', '?', '#', '%'])
                && !path.split('/').any(|part| part == "..");
            let place = url
                .join(path)
                .ok()
                .filter(|place| inside && place.host() == url.host() && place.scheme() == url.scheme());
            let Some(place) = place else {
                return Err(drift(&INFO, format!("the resource path `{}` leads out of the package", clip(path))));
            };
            let (bytes, at) = self.desk.bytes(&INFO, place).await?;
            fetched_at = fetched_at.min(at);
            files.insert(path.trim_start_matches("./").to_owned(), bytes);
        }
        files.insert(DESCRIPTOR.into(), descriptor);
        let name = maybe(&json, "/name");
        Ok((files, fetched_at, name))
    }

    /// A lone table with a descriptor of what the operator says.
    fn alone(&self, url: &Url, csv: Vec<u8>) -> Result<BTreeMap<String, Vec<u8>>, SourceError> {
        let said = &self.statement;
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { clip(text) };
        let host = url.host_str().unwrap_or_default();
        let file = "data/table.csv";
        let mut resource = json!({
            "profile": "tabular-data-resource", "name": "table", "path": file, "format": "csv", "title": or(&said.title, host),
        });
        if !said.unit.is_empty() {
            resource["description"] = clip(&said.unit).into();
        }
        let mut package = json!({
            "name": package_name(INFO.name, url.as_str()),
            "title": or(&said.title, host),
            "sources": [{"title": or(&said.publisher, host), "path": url.as_str()}],
            "proofreel": {"provider": INFO.name, "series": url.as_str()},
            "resources": [resource],
        });
        if !said.licence.is_empty() {
            package["licenses"] = json!([{"name": clip(&said.licence)}]);
        }
        let descriptor = serde_json::to_vec_pretty(&package).map_err(|error| SourceError::Call(error.to_string()))?;
        Ok(BTreeMap::from([(DESCRIPTOR.to_owned(), descriptor), (file.to_owned(), csv)]))
    }
}

fn is_table(path: &str) -> bool {
    let lower = path.to_lowercase();
    [".csv", ".tsv", ".tab"].iter().any(|ending| lower.ends_with(ending))
}

/// A list of flat objects as CSV; the list may stand under a pointer, given as the address's fragment.
fn table_of(json: &Value, pointer: &str) -> Result<Vec<u8>, SourceError> {
    let rows = json
        .pointer(pointer)
        .and_then(Value::as_array)
        .ok_or_else(|| drift(&INFO, "no list of rows; name its place after a `#`, for example `#/data`"))?;
    let first = rows.first().and_then(Value::as_object).ok_or_else(|| drift(&INFO, "the list holds no objects"))?;
    let columns: Vec<&String> =
        first.iter().filter(|(_, value)| !value.is_object() && !value.is_array()).map(|(key, _)| key).collect();
    let fail = |error: csv::Error| SourceError::Call(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).map_err(fail)?;
    for (n, row) in rows.iter().enumerate() {
        let cells = columns.iter().map(|column| match row.get(column.as_str()) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            Some(Value::Null) => Ok(String::new()),
            _ => Err(drift(&INFO, format!("row {} lacks a plain `{}`", n + 1, clip(column)))),
        });
        writer.write_record(cells.collect::<Result<Vec<_>, _>>()?).map_err(fail)?;
    }
    writer.into_inner().map_err(|error| SourceError::Call(error.to_string()))
}

/// Rows of a table with something in them; the header counts for none.
fn rows(csv: &[u8]) -> usize {
    csv.split(|byte| *byte == b'\n')
        .filter(|line| line.iter().any(|byte| !byte.is_ascii_whitespace()))
        .count()
        .saturating_sub(1)
}

#[async_trait]
impl DataSource for ByAddress {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        Err(SourceError::NoSearch { provider: INFO.name.into(), place: "the publisher's own pages".into() })
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let (url, kind) = Self::read(id)?;
        let mut card = SeriesCard {
            entry: SeriesEntry { id: id.into(), title: self.statement.title.clone(), ..SeriesEntry::default() },
            publisher: self.statement.publisher.clone(),
            licence: self.statement.licence.clone(),
            url: url.to_string(),
            ..SeriesCard::default()
        };
        if matches!(kind, Kind::Package) {
            let (descriptor, _) = self.desk.bytes(&INFO, url).await?;
            let json: Value = serde_json::from_slice(&descriptor)
                .map_err(|error| drift(&INFO, format!("{DESCRIPTOR} is no JSON ({error})")))?;
            card.entry.title = clip(&maybe(&json, "/title"));
            card.notes = clip(&maybe(&json, "/description"));
            card.publisher = clip(&maybe(&json, "/sources/0/title"));
            card.licence = clip(&maybe(&json, "/licenses/0/name"));
        }
        Ok(card)
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let (mut url, kind) = Self::read(id)?;
        let pointer = url.fragment().unwrap_or_default().to_owned();
        url.set_fragment(None);
        let (files, fetched_at, name) = match kind {
            Kind::Package => self.package(&url).await?,
            Kind::Csv => {
                let (bytes, at) = self.desk.bytes(&INFO, url.clone()).await?;
                (self.alone(&url, bytes)?, at, String::new())
            }
            Kind::Json => {
                let (bytes, at) = self.desk.bytes(&INFO, url.clone()).await?;
                let json =
                    serde_json::from_slice(&bytes).map_err(|error| drift(&INFO, format!("no JSON ({error})")))?;
                (self.alone(&url, table_of(&json, &pointer)?)?, at, String::new())
            }
        };
        let observations = files.iter().filter(|(path, _)| *path != DESCRIPTOR).map(|(_, bytes)| rows(bytes)).sum();
        if observations == 0 {
            return Err(unknown(&INFO, id, "its tables have no rows"));
        }
        let name = if name.is_empty() { package_name(INFO.name, url.as_str()) } else { package_name(INFO.name, &name) };
        Ok(SourcePackage { name, files, fetched_at, observations, holes: 0 })
    }
}
