//! US Bureau of Labor Statistics, public data API version 2.
//!
//! Contract: <https://www.bls.gov/developers/api_signature_v2.htm>: `timeseries/data/{id}` with `startyear`, `endyear`, `catalog` and
//! `registrationkey`; at most twenty years a call with a key, ten without. `status` other than `REQUEST_SUCCEEDED` comes with HTTP 200.
//! Periods are `M01`–`M12`, `Q01`–`Q04`, `S01`, `S02`, `A01`; `M13`, `Q05` and `S03` are annual averages beside them.

use async_trait::async_trait;
use jiff::civil::Date;
use proofreel_ports::{
    CallKind, DataSource, KeyNeed, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage,
};
use serde_json::Value;

use super::desk::{Desk, KeyPlace, Read, address, at, drift, list, maybe, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, json_figure};
use super::period::{Grain, Period};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "bls",
    publisher: "US Bureau of Labor Statistics",
    home: "https://data.bls.gov/",
    contract: "https://www.bls.gov/developers/api_signature_v2.htm",
    secret: Some(KeyNeed { secret: "bls_api_key", url: "https://data.bls.gov/registrationEngine/", required: false }),
    licence: "US government work",
    id_form: "the series id",
    example: "LNS14000000",
    terms: None,
};

const BASE: &str = "https://api.bls.gov/publicAPI/v2/timeseries/data/";
/// Years of one call without a key; with one it may be twenty, and ten are right too.
const YEARS: i16 = 10;
/// The bureau's oldest series start here.
const OLDEST: i16 = 1913;

/// The connector.
pub struct Bls(pub Desk);

impl Bls {
    async fn years(&self, id: &str, kind: CallKind, first: i16, last: i16) -> Result<Read<Value>, SourceError> {
        if !(4..=40).contains(&id.len())
            || !id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(unknown(&INFO, id, "it is not written as one"));
        }
        let (first, last) = (first.to_string(), last.to_string());
        let query = [("startyear", first.as_str()), ("endyear", &last), ("catalog", "true")];
        let url = address(&format!("{BASE}{id}"), &[], &query)?;
        let read = self.0.json(&INFO, kind, url, Some(KeyPlace::Query("registrationkey")), &complaint).await?;
        let series = at(&INFO, &read.body, "/Results/series/0")?;
        if text(&INFO, series, "/seriesID")? != id {
            return Err(drift(&INFO, "another series came than was asked for"));
        }
        if maybe(&read.body, "/message/0").to_lowercase().contains("series does not exist") {
            return Err(unknown(&INFO, id, "the bureau does not know it"));
        }
        Ok(read)
    }
}

/// What the bureau says is wrong, with status 200.
fn complaint(body: &Value) -> Result<(), String> {
    match maybe(body, "/status").as_str() {
        "REQUEST_SUCCEEDED" => Ok(()),
        "" => Err("`status` is missing".into()),
        other => Err(format!("BLS says: {other}: {}", maybe(body, "/message/0"))),
    }
}

fn period(year: &str, code: &str) -> Result<Option<Period>, SourceError> {
    let wrong = || drift(&INFO, format!("`year` and `period` are `{}` and `{}`", clip(year), clip(code)));
    let (kind, number) = code.split_at_checked(1).ok_or_else(wrong)?;
    let number: i8 = number.parse().map_err(|_| wrong())?;
    let year: i16 = year.parse().map_err(|_| wrong())?;
    let (grain, month) = match (kind, number) {
        ("M", 1..=12) => (Grain::Month, number),
        ("Q", 1..=4) => (Grain::Quarter, number * 3 - 2),
        ("S", 1..=2) => (Grain::Half, number * 6 - 5),
        ("A", 1) => (Grain::Year, 1),
        ("M", 13) | ("Q", 5) | ("S", 3) => return Ok(None),
        _ => return Err(wrong()),
    };
    Ok(Some(Period::new(Date::new(year, month, 1).map_err(|_| wrong())?, grain)))
}

fn entry(id: &str, series: &Value) -> SeriesEntry {
    let title = maybe(series, "/catalog/series_title");
    SeriesEntry {
        id: id.into(),
        title: if title.is_empty() { id.into() } else { clip(&title) },
        unit: clip(&maybe(series, "/catalog/measure_data_type")),
        frequency: clip(&maybe(series, "/catalog/survey_name")),
        ..SeriesEntry::default()
    }
}

#[async_trait]
impl DataSource for Bls {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, _: &str, _: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        Err(SourceError::NoSearch { provider: INFO.name.into(), place: format!("{}cgi-bin/srgate", INFO.home) })
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let year = self.0.today.year();
        let read = self.years(id, CallKind::Catalogue, year - 1, year).await?;
        let series = at(&INFO, &read.body, "/Results/series/0")?;
        Ok(SeriesCard {
            entry: entry(id, series),
            notes: clip(&maybe(series, "/catalog/survey_name")),
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: format!("{}timeseries/{id}", INFO.home),
            next_release: None,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let mut last = self.0.today.year();
        let mut rows: Vec<Row> = Vec::new();
        let mut about: Option<SeriesEntry> = None;
        let mut seasonality = String::new();
        let mut fetched_at = jiff::Timestamp::MAX;
        // Backwards, until ten years hold nothing: the interface does not say where a series starts.
        while last >= OLDEST {
            let first = (last - YEARS + 1).max(OLDEST);
            let read = self.years(id, CallKind::Data, first, last).await?;
            fetched_at = fetched_at.min(read.fetched_at);
            let series = at(&INFO, &read.body, "/Results/series/0")?;
            let data = list(&INFO, series, "/data")?;
            if data.is_empty() && about.is_some() {
                break;
            }
            let seen = about.get_or_insert_with(|| entry(id, series));
            if seen.title == id {
                *seen = entry(id, series);
            }
            if seasonality.is_empty() {
                seasonality = maybe(series, "/catalog/seasonality");
            }
            for row in data {
                let year = text(&INFO, row, "/year")?;
                if !year.parse::<i16>().is_ok_and(|year| (first..=last).contains(&year)) {
                    return Err(drift(
                        &INFO,
                        format!("a row of {} came, {first} to {last} were asked for", clip(&year)),
                    ));
                }
                if let Some(period) = period(&year, &text(&INFO, row, "/period")?)? {
                    let value = json_figure(&INFO, at(&INFO, row, "/value")?, &["-", ""])?;
                    rows.push(Row { keys: Vec::new(), period, values: vec![value] });
                }
            }
            last = first - 1;
        }
        let about = about.ok_or_else(|| unknown(&INFO, id, "it has no rows"))?;
        let adjustment = match seasonality.to_lowercase() {
            text if text.starts_with("not ") => Some("unadjusted"),
            text if text.starts_with("seasonally") => Some("adjusted"),
            _ => None,
        };
        let column = ValueColumn {
            name: "value".into(),
            title: about.title.clone(),
            unit: about.unit.clone(),
            declared: None,
            adjustment,
        };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.title = about.title;
        draft.description = format!("Series {id}. {}", about.frequency);
        draft.publisher_url = format!("{}timeseries/{id}", INFO.home);
        draft.rows = rows;
        draft.finish()
    }
}
