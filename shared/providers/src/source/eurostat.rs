//! Eurostat, statistics API.
//!
//! Contract: <https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-getting-started/api>: a dataset with filters on its
//! dimensions as JSON-stat 2.0; the table of contents as tab-separated text. An answer too large is put off with a `warning` in its body.

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};

use super::desk::{Desk, Read, address, drift, maybe, text, unknown};
use super::json_stat::Cube;
use super::package::{Draft, KeyColumn, Row, ValueColumn, clip, json_figure};
use super::period::Period;
use super::words;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "eurostat",
    publisher: "Eurostat",
    home: "https://ec.europa.eu/eurostat/databrowser/",
    contract: "https://ec.europa.eu/eurostat/web/user-guides/data-browser/api-data-access/api-getting-started/api",
    secret: None,
    licence: "CC-BY-4.0",
    id_form: "a dataset, and filters after a question mark that leave one value of each dimension but geo and time",
    example: "une_rt_m?geo=DE&unit=PC_ACT&s_adj=SA&age=TOTAL&sex=T",
    terms: None,
};

const BASE: &str = "https://ec.europa.eu/eurostat/api/dissemination/";

/// The connector.
pub struct Eurostat(pub Desk);

/// What Eurostat says is wrong, with a good status.
fn complaint(body: &Value) -> Result<(), String> {
    for pointer in ["/error/0/label", "/warning/label", "/warning/0/label"] {
        if let Some(said) = body.pointer(pointer).and_then(Value::as_str) {
            return Err(format!("Eurostat says: {said}"));
        }
    }
    Ok(())
}

impl Eurostat {
    async fn cube(&self, id: &str, kind: CallKind, newest_only: bool) -> Result<Read<Value>, SourceError> {
        let (dataset, filter) = id.split_once('?').unwrap_or((id, ""));
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        let filters: Option<Vec<(&str, &str)>> = filter
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').filter(|(name, value)| plain(name) && plain(value)))
            .collect();
        let Some(filters) = filters.filter(|_| plain(dataset)) else {
            return Err(unknown(&INFO, id, "it is not written as one"));
        };
        let mut query = vec![("format", "JSON"), ("lang", "EN")];
        query.extend(filters);
        if newest_only {
            query.push(("lastTimePeriod", "1"));
        }
        let url = address(&format!("{BASE}statistics/1.0/data/{dataset}"), &[], &query)?;
        self.0.json(&INFO, kind, url, None, &complaint).await
    }
}

fn entry(id: &str, json: &Value) -> Result<SeriesEntry, SourceError> {
    Ok(SeriesEntry {
        id: id.into(),
        title: clip(&text(&INFO, json, "/label")?),
        updated: maybe(json, "/updated"),
        ..SeriesEntry::default()
    })
}

/// True for the code of a country: unions and regions have longer ones, or these two.
fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && !matches!(code, "EU" | "EA")
}

/// Unit of a category of the dimension `unit`, by its code where that says more than its words.
fn unit(code: &str, label: &str) -> (String, Option<Value>) {
    let own = |unit: Value| (label.to_owned(), Some(unit));
    match code {
        "CP_MEUR" | "CLV15_MEUR" | "CLV20_MEUR" | "CLV10_MEUR" | "MIO_EUR" => {
            own(json!({"unit": "EUR", "multiplier": 1e6}))
        }
        "EUR" | "EUR_HAB" | "CP_EUR_HAB" => own(json!({"unit": "EUR"})),
        "THS_PER" => own(json!({"noun": "people", "multiplier": 1000})),
        code if code.starts_with("PC") || code == "RCH_A" || code == "RCH_M" => own(json!({"unit": "percent"})),
        code if code.starts_with('I') && code[1..].bytes().all(|b| b.is_ascii_digit()) && code.len() >= 3 => {
            let year = if code.len() == 3 { format!("20{}", &code[1..]) } else { code[1..].to_owned() };
            own(json!({"unit": "index", "base": format!("{year}=100")}))
        }
        _ => (label.to_owned(), None),
    }
}

#[async_trait]
impl DataSource for Eurostat {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let url = address(&format!("{BASE}catalogue/toc/txt"), &[], &[("lang", "en")])?;
        let read = self.0.text(&INFO, CallKind::Catalogue, url, &["text/plain", "text/tab-separated-values"]).await?;
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').flexible(true).from_reader(read.body.as_bytes());
        let header = reader.headers().map_err(|error| drift(&INFO, error.to_string()))?.clone();
        let place = |name: &str| {
            let found = header.iter().position(|column| column.trim() == name);
            found.ok_or_else(|| drift(&INFO, format!("the column `{name}` of the table of contents is missing")))
        };
        let (title, code, kind, updated) =
            (place("title")?, place("code")?, place("type")?, place("last update of data")?);
        let mut entries = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| drift(&INFO, error.to_string()))?;
            let cell = |at: usize| clip(row.get(at).unwrap_or_default());
            if matches!(cell(kind).as_str(), "dataset" | "table") {
                let entry = SeriesEntry {
                    id: cell(code),
                    title: cell(title),
                    updated: cell(updated),
                    ..SeriesEntry::default()
                };
                entries.push(entry);
            }
        }
        Ok(words::best(entries, query, most, |entry| format!("{} {}", entry.title, entry.id)))
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let read = self.cube(id, CallKind::Catalogue, true).await?;
        let cube = Cube::read(&INFO, &read.body)?;
        let open: Vec<String> = cube
            .dimensions
            .iter()
            .filter(|dimension| dimension.categories.len() > 1)
            .map(|d| {
                format!(
                    "{}: {}",
                    d.id,
                    d.categories.iter().take(12).map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(", ")
                )
            })
            .collect();
        Ok(SeriesCard {
            entry: entry(id, &read.body)?,
            notes: if open.is_empty() { String::new() } else { format!("To be chosen: {}", open.join("; ")) },
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: format!("{}view/{}", INFO.home, id.split('?').next().unwrap_or(id)),
            next_release: None,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let read = self.cube(id, CallKind::Data, false).await?;
        let cube = Cube::read(&INFO, &read.body)?;
        let about = entry(id, &read.body)?;
        let (Some(geo), Some(time)) = (cube.at("geo"), cube.at("time")) else {
            return Err(drift(&INFO, "the dimensions `geo` and `time` are missing"));
        };
        if let Some((_, open)) =
            cube.dimensions.iter().enumerate().find(|(n, d)| *n != geo && *n != time && d.categories.len() != 1)
        {
            let codes: Vec<&str> = open.categories.iter().take(8).map(|(code, _)| code.as_str()).collect();
            return Err(unknown(&INFO, id, format!("choose one of `{}`: {}", open.id, codes.join(", "))));
        }
        let mut rows = Vec::new();
        let chosen = id.contains("geo=");
        for (g, (code, name)) in cube.dimensions[geo].categories.iter().enumerate() {
            if !chosen && !is_country(code) {
                continue;
            }
            for (t, (period, _)) in cube.dimensions[time].categories.iter().enumerate() {
                let places: Vec<usize> = (0..cube.dimensions.len())
                    .map(|n| {
                        if n == geo {
                            g
                        } else if n == time {
                            t
                        } else {
                            0
                        }
                    })
                    .collect();
                let period = Period::read(period)
                    .ok_or_else(|| drift(&INFO, format!("a category of `time` is `{}`", clip(period))))?;
                let value = json_figure(&INFO, cube.cell(&places), &[":"])?;
                rows.push(Row { keys: vec![name.clone(), code.clone()], period, values: vec![value] });
            }
        }
        let picked = |id: &str| cube.at(id).map(|at| cube.dimensions[at].categories[0].clone()).unwrap_or_default();
        let (code, label) = picked("unit");
        let (words, declared) = unit(&code, &label);
        let adjustment = match picked("s_adj").0.as_str() {
            "SA" | "SCA" => Some("adjusted"),
            "NSA" => Some("unadjusted"),
            _ => None,
        };
        let column =
            ValueColumn { name: "value".into(), title: about.title.clone(), unit: words, declared, adjustment };
        let mut draft = Draft::new(&INFO, id, read.fetched_at).value(column);
        draft.keys =
            vec![KeyColumn { name: "country", title: "Country" }, KeyColumn { name: "code", title: "Country code" }];
        draft.title = about.title;
        draft.description = cube
            .dimensions
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != geo && *n != time)
            .map(|(_, dimension)| dimension.categories[0].1.clone())
            .collect::<Vec<_>>()
            .join("; ");
        draft.publisher_url = format!("{}view/{}", INFO.home, id.split('?').next().unwrap_or(id));
        draft.vintage = about.updated;
        draft.rows = rows;
        draft.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unions_and_regions_are_no_countries() {
        assert!(["DE", "EL", "UK"].into_iter().all(is_country));
        assert!(["EU27_2020", "EA20", "EA", "EU", "DE1", "de"].into_iter().all(|code| !is_country(code)));
    }

    #[test]
    fn units_by_their_code() {
        assert_eq!(unit("PC_ACT", "x").1, Some(json!({"unit": "percent"})));
        assert_eq!(unit("I15", "Index, 2015=100").1, Some(json!({"unit": "index", "base": "2015=100"})));
        assert_eq!(unit("CP_MEUR", "x").1, Some(json!({"unit": "EUR", "multiplier": 1e6})));
        assert_eq!(unit("INX", "Something"), ("Something".into(), None));
    }
}
