//! US Energy Information Administration, API version 2, by series id.
//!
//! Contract: <https://www.eia.gov/opendata/documentation.php>: `v2/seriesid/{id}` answers `response` with `total`, `frequency` and `data`
//! (`period`, `value`, `units`, `series-description`), five thousand rows a call at most, more by `offset` and `length`.

use async_trait::async_trait;
use proofreel_ports::{
    CallKind, DataSource, KeyNeed, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage,
};
use serde_json::{Value, json};

use super::desk::{Desk, KeyPlace, Read, address, at, count, drift, list, maybe, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, json_figure};
use super::period::Period;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "eia",
    publisher: "US Energy Information Administration",
    home: "https://www.eia.gov/opendata/browser/",
    contract: "https://www.eia.gov/opendata/documentation.php",
    secret: Some(KeyNeed { secret: "eia_api_key", url: "https://www.eia.gov/opendata/register.php", required: true }),
    licence: "US government work",
    id_form: "the series id of version 1",
    example: "PET.RWTC.M",
    terms: None,
};

const BASE: &str = "https://api.eia.gov/v2/seriesid/";
const PAGE: usize = 5000;

/// The connector.
pub struct Eia(pub Desk);

impl Eia {
    async fn page(&self, id: &str, kind: CallKind, offset: usize, length: usize) -> Result<Read<Value>, SourceError> {
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if !plain || id.split('.').count() < 3 || id.split('.').any(str::is_empty) {
            return Err(unknown(&INFO, id, "it is not written as one"));
        }
        let (offset, length) = (offset.to_string(), length.to_string());
        let url = address(&format!("{BASE}{id}"), &[], &[("offset", &offset), ("length", &length)])?;
        self.0.json(&INFO, kind, url, Some(KeyPlace::Query("api_key")), &complaint).await
    }
}

/// What the agency says is wrong, with status 200.
fn complaint(body: &Value) -> Result<(), String> {
    match body.get("error") {
        Some(Value::String(said)) => Err(format!("EIA says: {said}")),
        Some(error) => Err(format!("EIA says: {}", maybe(error, "/message"))),
        None => Ok(()),
    }
}

fn entry(id: &str, body: &Value) -> Result<SeriesEntry, SourceError> {
    let rows = list(&INFO, body, "/response/data")?;
    let row = rows.first().ok_or_else(|| unknown(&INFO, id, "it has no rows"))?;
    let title = maybe(row, "/series-description");
    let unit = [maybe(row, "/units"), maybe(row, "/value-units")].into_iter().find(|unit| !unit.is_empty());
    Ok(SeriesEntry {
        id: id.into(),
        title: if title.is_empty() { id.into() } else { clip(&title) },
        unit: clip(&unit.unwrap_or_default()),
        frequency: maybe(body, "/response/frequency"),
        ..SeriesEntry::default()
    })
}

/// Units as the agency abbreviates them.
fn unit(short: &str) -> (String, Option<Value>) {
    let (words, own) = match short.to_uppercase().as_str() {
        "$/BBL" | "DOLLARS PER BARREL" => ("US dollars per barrel", json!({"unit": "USD", "per": "barrel"})),
        "$/GAL" | "DOLLARS PER GALLON" => ("US dollars per gallon", json!({"unit": "USD", "per": "gallon"})),
        "$/MMBTU" => ("US dollars per million BTU", json!({"unit": "USD", "per": "million BTU"})),
        "MBBL" => ("Thousands of barrels", json!({"noun": "barrels", "multiplier": 1000})),
        "MBBL/D" => ("Thousands of barrels a day", json!({"noun": "barrels", "per": "day", "multiplier": 1000})),
        _ => return (short.to_owned(), None),
    };
    (words.to_owned(), Some(own))
}

#[async_trait]
impl DataSource for Eia {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        Err(SourceError::NoSearch { provider: INFO.name.into(), place: INFO.home.into() })
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let read = self.page(id, CallKind::Catalogue, 0, 1).await?;
        Ok(SeriesCard {
            entry: entry(id, &read.body)?,
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: INFO.home.into(),
            ..SeriesCard::default()
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let mut rows: Vec<Row> = Vec::new();
        let (about, fetched_at) = loop {
            let Read { body, fetched_at } = self.page(id, CallKind::Data, rows.len(), PAGE).await?;
            let total = count(&INFO, &body, "/response/total")?;
            let page = list(&INFO, &body, "/response/data")?;
            if page.is_empty() && rows.len() < total {
                let got = rows.len();
                return Err(SourceError::CutShort { provider: INFO.name.into(), id: id.into(), got, promised: total });
            }
            let about = entry(id, &body)?;
            for row in page {
                let period = text(&INFO, row, "/period")?;
                let period =
                    Period::read(&period).ok_or_else(|| drift(&INFO, format!("`period` is `{}`", clip(&period))))?;
                let value = json_figure(&INFO, at(&INFO, row, "/value")?, &["", "NA", "W", "--"])?;
                rows.push(Row { keys: Vec::new(), period, values: vec![value] });
            }
            if rows.len() == total {
                break (about, fetched_at);
            }
            if rows.len() > total {
                return Err(drift(&INFO, format!("{} rows came, `response.total` is {total}", rows.len())));
            }
        };
        let (words, declared) = unit(&about.unit);
        let column =
            ValueColumn { name: "value".into(), title: about.title.clone(), unit: words, declared, adjustment: None };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.title = about.title;
        draft.rows = rows;
        draft.finish()
    }
}
