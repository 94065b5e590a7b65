//! US Bureau of Economic Analysis, national accounts.
//!
//! Contract: <https://apps.bea.gov/api/_pdf/bea_web_service_api_user_guide.pdf>: `GetData` answers `BEAAPI.Results` with `Data`, `Notes` and
//! `UTCProductionTime`; errors come with status 200 as `BEAAPI.Results.Error` or `BEAAPI.Error`. The key is repeated in every answer.
//! The calendar of releases is a file beside the interface: by release its `release_dates`, times of UTC.

use async_trait::async_trait;
use jiff::civil::Date;
use proofreel_ports::{
    CallKind, DataSource, KeyNeed, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage,
};
use serde_json::{Value, json};

use super::desk::{Desk, KeyPlace, Read, address, drift, good, list, maybe, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, figure};
use super::period::Period;
use super::words;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "bea",
    publisher: "US Bureau of Economic Analysis",
    home: "https://apps.bea.gov/iTable/",
    contract: "https://apps.bea.gov/api/_pdf/bea_web_service_api_user_guide.pdf",
    secret: Some(KeyNeed { secret: "bea_api_key", url: "https://apps.bea.gov/API/signup/", required: true }),
    licence: "US government work",
    id_form: "a NIPA table, its frequency (A, Q or M) and a line, with slashes",
    example: "T10105/Q/1",
    terms: None,
};

const BASE: &str = "https://apps.bea.gov/api/data/";
const CALENDAR: &str = "https://apps.bea.gov/API/signup/release_dates.json";

/// The connector.
pub struct Bea(pub Desk);

struct Id<'a> {
    table: &'a str,
    frequency: &'a str,
    line: &'a str,
}

impl Bea {
    fn id(id: &str) -> Result<Id<'_>, SourceError> {
        let parts: Vec<&str> = id.split('/').collect();
        match parts.as_slice() {
            [table, frequency, line]
                if table.len() >= 4
                    && table.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                    && matches!(*frequency, "A" | "Q" | "M")
                    && !line.is_empty()
                    && line.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Ok(Id { table, frequency, line })
            }
            _ => Err(unknown(&INFO, id, "it is not written as one")),
        }
    }

    async fn get(&self, kind: CallKind, query: &[(&str, &str)]) -> Result<Read<Value>, SourceError> {
        let mut all = query.to_vec();
        all.extend([("datasetname", "NIPA"), ("ResultFormat", "JSON")]);
        let url = address(BASE, &[], &all)?;
        self.0.json(&INFO, kind, url, Some(KeyPlace::Query("UserID")), &complaint).await
    }

    /// The day of the next release. The calendar is no part of the figures: where it cannot be had, there is no such day.
    async fn next_release(&self, release: &str) -> Option<String> {
        let url = address(CALENDAR, &[], &[]).ok()?;
        let read = self.0.json(&INFO, CallKind::Catalogue, url, None, &good).await.ok()?;
        let times = read.body.get(release)?.get("release_dates")?.as_array()?;
        let day = |time: &Value| time.as_str()?.get(..10)?.parse::<Date>().ok();
        let next = times.iter().filter_map(day).filter(|day| *day > self.0.today).min()?;
        Some(next.to_string())
    }

    /// The rows of one line of a table, and the answer they stand in.
    async fn line(&self, id: &str, kind: CallKind) -> Result<(Vec<Value>, Read<Value>), SourceError> {
        let parts = Self::id(id)?;
        let query =
            [("method", "GetData"), ("TableName", parts.table), ("Frequency", parts.frequency), ("Year", "ALL")];
        let read = self.get(kind, &query).await?;
        let mut rows = Vec::new();
        for row in list(&INFO, &read.body, "/BEAAPI/Results/Data")? {
            if text(&INFO, row, "/LineNumber")? == parts.line {
                rows.push(row.clone());
            }
        }
        if rows.is_empty() { Err(unknown(&INFO, id, "the table has no such line")) } else { Ok((rows, read)) }
    }
}

/// What the bureau says is wrong, with status 200.
fn complaint(body: &Value) -> Result<(), String> {
    for place in ["/BEAAPI/Results/Error", "/BEAAPI/Error"] {
        if let Some(error) = body.pointer(place) {
            return Err(format!(
                "BEA says: {} ({})",
                maybe(error, "/APIErrorDescription"),
                maybe(error, "/APIErrorCode")
            ));
        }
    }
    Ok(())
}

/// The release with which the tables of a frequency come out, as the calendar names it.
fn release(frequency: &str) -> &'static str {
    if frequency == "M" { "Personal Income and Outlays" } else { "Gross Domestic Product" }
}

fn entry(id: &str, rows: &[Value]) -> Result<SeriesEntry, SourceError> {
    let row = &rows[0];
    Ok(SeriesEntry {
        id: id.into(),
        title: clip(&text(&INFO, row, "/LineDescription")?),
        unit: clip(&format!("{}, {}", text(&INFO, row, "/CL_UNIT")?, maybe(row, "/METRIC_NAME"))),
        frequency: id.split('/').nth(1).unwrap_or_default().into(),
        ..SeriesEntry::default()
    })
}

/// Unit of a line: its class, and the power of ten in which it is printed.
fn unit(row: &Value) -> Result<(String, Option<Value>), SourceError> {
    let class = text(&INFO, row, "/CL_UNIT")?;
    let power: i32 = text(&INFO, row, "/UNIT_MULT")?
        .parse()
        .ok()
        .filter(|power| (0..=12).contains(power))
        .ok_or_else(|| drift(&INFO, "`UNIT_MULT` is no power of ten"))?;
    let lower = class.to_lowercase();
    let own = if lower.starts_with("percent") {
        Some(json!({"unit": "percent"}))
    } else if lower == "level" && maybe(row, "/METRIC_NAME").to_lowercase().contains("dollars") {
        Some(json!({"unit": "USD", "multiplier": 10f64.powi(power)}))
    } else if lower.contains("index") {
        Some(json!({"unit": "index"}))
    } else {
        None
    };
    Ok((clip(&format!("{class}, {}", maybe(row, "/METRIC_NAME"))), own))
}

#[async_trait]
impl DataSource for Bea {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let read =
            self.get(CallKind::Catalogue, &[("method", "GetParameterValues"), ("ParameterName", "TableName")]).await?;
        let mut entries = Vec::new();
        for row in list(&INFO, &read.body, "/BEAAPI/Results/ParamValue")? {
            let table = text(&INFO, row, "/TableName")?;
            let entry = SeriesEntry {
                id: format!("{table}/Q/1"),
                title: clip(&text(&INFO, row, "/Description")?),
                ..SeriesEntry::default()
            };
            entries.push(entry);
        }
        Ok(words::best(entries, query, most, |entry| format!("{} {}", entry.title, entry.id)))
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let (rows, read) = self.line(id, CallKind::Catalogue).await?;
        Ok(SeriesCard {
            entry: entry(id, &rows)?,
            notes: clip(&maybe(&read.body, "/BEAAPI/Results/Notes/0/NoteText")),
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: INFO.home.into(),
            next_release: self.next_release(release(Self::id(id)?.frequency)).await,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let (found, read) = self.line(id, CallKind::Data).await?;
        let about = entry(id, &found)?;
        let (words, declared) = unit(&found[0])?;
        let mut rows = Vec::new();
        for row in &found {
            let period = text(&INFO, row, "/TimePeriod")?;
            let period =
                Period::read(&period).ok_or_else(|| drift(&INFO, format!("`TimePeriod` is `{}`", clip(&period))))?;
            // Thousands are set apart by commas, as the user guide says.
            let value =
                figure(&INFO, &text(&INFO, row, "/DataValue")?.replace(',', ""), &["", "---", "(NA)", "(D)", "....."])?;
            rows.push(Row { keys: Vec::new(), period, values: vec![value] });
        }
        let note = maybe(&read.body, "/BEAAPI/Results/Notes/0/NoteText");
        let adjustment = note.to_lowercase().contains("seasonally adjusted").then_some("adjusted");
        let adjustment = adjustment.filter(|_| !note.to_lowercase().contains("not seasonally adjusted"));
        let column =
            ValueColumn { name: "value".into(), title: about.title.clone(), unit: words, declared, adjustment };
        let mut draft = Draft::new(&INFO, id, read.fetched_at).value(column);
        draft.title = about.title;
        draft.description = note;
        draft.vintage =
            maybe(&read.body, "/BEAAPI/Results/UTCProductionTime").split('T').next().unwrap_or_default().into();
        let release = release(Self::id(id)?.frequency);
        draft.release = release.into();
        draft.next_release = self.next_release(release).await;
        draft.rows = rows;
        draft.finish()
    }
}
