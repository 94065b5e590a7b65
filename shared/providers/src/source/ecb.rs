//! European Central Bank, data portal.
//!
//! Contract: <https://data.ecb.europa.eu/help/api/data>: `service/data/{flow}/{key}` with `format=csvdata`; besides the dimensions the
//! table has `OBS_STATUS`, `TITLE`, `UNIT` and `UNIT_MULT`.

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};

use super::desk::{Desk, drift, unknown};
use super::package::{Draft, ValueColumn};
use super::sdmx_csv::{SdmxTable, too_wide};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "ecb",
    publisher: "European Central Bank",
    home: "https://data.ecb.europa.eu/",
    contract: "https://data.ecb.europa.eu/help/api/data",
    secret: None,
    licence: "ESCB free reuse policy",
    id_form: "a data flow, a slash and a whole key without gaps",
    example: "EXR/M.USD.EUR.SP00.A",
    terms: None,
};

const BASE: &str = "https://data-api.ecb.europa.eu/service/data/";

/// The connector.
pub struct Ecb(pub Desk);

impl Ecb {
    async fn table(&self, id: &str, kind: CallKind) -> Result<(SdmxTable, jiff::Timestamp), SourceError> {
        let plain = |text: &str, more: &[u8]| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || more.contains(&b))
        };
        let (flow, key) = id
            .split_once('/')
            .filter(|(flow, key)| {
                plain(flow, b"_") && plain(key, b"._-") && key.split('.').all(|part| !part.is_empty())
            })
            .ok_or_else(|| unknown(&INFO, id, "it is not written as one"))?;
        let query = [("format", "csvdata")];
        let (table, fetched_at) =
            SdmxTable::fetch(&self.0, &INFO, kind, &format!("{BASE}{flow}/{key}"), &query).await?;
        if let Some(several) = table.several(&["KEY"]) {
            return Err(too_wide(&INFO, id, &several));
        }
        Ok((table, fetched_at))
    }
}

/// Unit of a table. An exchange rate is one currency for one unit of another.
fn unit(table: &SdmxTable) -> Result<(String, Option<Value>), SourceError> {
    let code = table.first("UNIT");
    let multiplier = table.multiplier(&INFO)?;
    let per = match table.first("CURRENCY_DENOM").as_str() {
        "EUR" => Some("euro"),
        _ => None,
    };
    Ok(match code.as_str() {
        "" => return Err(drift(&INFO, "the column `UNIT` is missing or empty")),
        "PC" | "PCCH" | "PCPA" | "PC_PA" => ("Percent".into(), Some(json!({"unit": "percent"}))),
        "PURE_NUMB" | "POINTS" | "IX" => (String::new(), None),
        currency if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) => {
            let mut unit = json!({"unit": currency, "multiplier": multiplier});
            if let Some(per) = per {
                unit["per"] = per.into();
            }
            (currency.to_owned(), Some(unit))
        }
        other => (other.to_owned(), None),
    })
}

fn entry(id: &str, table: &SdmxTable) -> SeriesEntry {
    let long = table.first("TITLE_COMPL");
    let title = table.first("TITLE");
    SeriesEntry {
        id: id.into(),
        title: if title.is_empty() { long } else { title },
        unit: table.first("UNIT"),
        frequency: table.first("FREQ"),
        ..SeriesEntry::default()
    }
}

#[async_trait]
impl DataSource for Ecb {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        Err(SourceError::NoSearch { provider: INFO.name.into(), place: INFO.home.into() })
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let (table, _) = self.table(id, CallKind::Catalogue).await?;
        Ok(SeriesCard {
            entry: entry(id, &table),
            notes: table.first("TITLE_COMPL"),
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: page(id),
            next_release: None,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let (table, fetched_at) = self.table(id, CallKind::Data).await?;
        let about = entry(id, &table);
        let (unit, declared) = unit(&table)?;
        let column = ValueColumn { name: "value".into(), title: about.title.clone(), unit, declared, adjustment: None };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.title = about.title;
        draft.description = table.first("TITLE_COMPL");
        draft.publisher_url = page(id);
        draft.rows = table.observations(&INFO, &[])?;
        draft.finish()
    }
}

/// Where a person sees the series.
fn page(id: &str) -> String {
    let (flow, key) = id.split_once('/').unwrap_or((id, ""));
    format!("{}data/datasets/{flow}/{flow}.{key}", INFO.home)
}
