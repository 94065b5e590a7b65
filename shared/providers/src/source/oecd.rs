//! OECD data, SDMX web service.
//!
//! Contract: <https://gitlab.algobank.oecd.org/public-documentation/dotstat-migration/-/raw/main/OECD_Data_API_documentation.pdf>:
//! `public/rest/data/{agency},{flow},{version}/{key}` with `format=csvfilewithlabels`: code columns, each followed by its labels,
//! then `TIME_PERIOD`, `OBS_VALUE` and attributes. A service of the public that answers sixty calls an hour.

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::json;

use super::desk::{Desk, drift, unknown};
use super::package::{Draft, KeyColumn, ValueColumn};
use super::sdmx_csv::{SdmxTable, too_wide};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "oecd",
    publisher: "OECD",
    home: "https://data-explorer.oecd.org/",
    contract: "https://gitlab.algobank.oecd.org/public-documentation/dotstat-migration/-/raw/main/OECD_Data_API_documentation.pdf",
    secret: None,
    licence: "CC-BY-4.0",
    id_form: "agency, flow and version with commas, a slash and a key, as the explorer's developer query shows it",
    example: "OECD.SDD.STES,DSD_STES@DF_CLI,4.1/USA.M.LI...AA...H",
    terms: None,
};

const BASE: &str = "https://sdmx.oecd.org/public/rest/data/";
const AREA: &str = "REF_AREA";

/// The connector.
pub struct Oecd(pub Desk);

impl Oecd {
    async fn table(&self, id: &str, kind: CallKind) -> Result<(SdmxTable, jiff::Timestamp), SourceError> {
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b',' | b'+' | b'-'))
        };
        let (flow, key) = id
            .split_once('/')
            .filter(|(flow, key)| plain(flow) && plain(key) && flow.split(',').count() >= 2)
            .ok_or_else(|| unknown(&INFO, id, "it is not written as one"))?;
        let query = [("format", "csvfilewithlabels"), ("dimensionAtObservation", "AllDimensions")];
        let (table, fetched_at) =
            SdmxTable::fetch(&self.0, &INFO, kind, &format!("{BASE}{flow}/{key}"), &query).await?;
        let area = table.at(AREA).ok_or_else(|| drift(&INFO, format!("the column `{AREA}` is missing")))?;
        let labels = table.name(area + 1);
        if let Some(several) = table.several(&[AREA, &labels]) {
            return Err(too_wide(&INFO, id, &several));
        }
        Ok((table, fetched_at))
    }
}

fn entry(id: &str, table: &SdmxTable) -> SeriesEntry {
    SeriesEntry {
        id: id.into(),
        title: table.label("MEASURE"),
        unit: table.label("UNIT_MEASURE"),
        frequency: table.label("FREQ"),
        ..SeriesEntry::default()
    }
}

/// Units of the OECD's code list that have a meaning of their own here.
fn declared(table: &SdmxTable) -> Result<Option<serde_json::Value>, SourceError> {
    let multiplier = table.multiplier(&INFO)?;
    let base = table.first("BASE_PER");
    Ok(match table.first("UNIT_MEASURE").as_str() {
        code if code == "PC" || code == "PA" || code.starts_with("PT_") => Some(json!({"unit": "percent"})),
        "IX" if base.is_empty() => Some(json!({"unit": "index"})),
        "IX" => Some(json!({"unit": "index", "base": format!("{base}=100")})),
        "PS" => Some(json!({"noun": "people", "multiplier": multiplier})),
        code if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Some(json!({"unit": code, "multiplier": multiplier}))
        }
        _ => None,
    })
}

#[async_trait]
impl DataSource for Oecd {
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
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: INFO.home.into(),
            ..SeriesCard::default()
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let (table, fetched_at) = self.table(id, CallKind::Data).await?;
        let about = entry(id, &table);
        if about.title.is_empty() {
            return Err(drift(&INFO, "the column `MEASURE` or its labels are missing"));
        }
        let adjustment = match table.first("ADJUSTMENT").as_str() {
            "Y" | "S" => Some("adjusted"),
            "N" => Some("unadjusted"),
            _ => None,
        };
        let column = ValueColumn {
            name: "value".into(),
            title: about.title.clone(),
            unit: about.unit.clone(),
            declared: declared(&table)?,
            adjustment,
        };
        let area = table.at(AREA).unwrap_or_default();
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.keys =
            vec![KeyColumn { name: "country", title: "Country" }, KeyColumn { name: "code", title: "Country code" }];
        draft.title = about.title;
        draft.description = table.first("STRUCTURE_ID");
        draft.vintage = table.first("LAST_UPDATE");
        draft.rows = table.observations(&INFO, &[area + 1, area])?;
        // Groups of countries beside countries: their codes are not three letters.
        if id.split_once('/').is_none_or(|(_, key)| key.starts_with('.')) {
            draft.rows.retain(|row| row.keys[1].len() == 3 && row.keys[1].bytes().all(|b| b.is_ascii_uppercase()));
        }
        draft.finish()
    }
}
