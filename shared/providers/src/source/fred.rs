//! FRED of the Federal Reserve Bank of St. Louis, API version 1.
//!
//! Contract: <https://fred.stlouisfed.org/docs/api/fred/>: `series`, `series/search`, `series/tags`, `series/release`,
//! `release/dates`, `series/observations` (`limit` at most 100 000, `offset`, `count`; a missing value is `.`).

use async_trait::async_trait;
use proofreel_ports::{
    CallKind, DataSource, KeyNeed, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage,
};
use serde_json::Value;

use super::desk::{Desk, KeyPlace, Read, address, at, count, drift, good, list, maybe, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, json_figure};
use super::period::{Grain, Period};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "fred",
    publisher: "FRED, Federal Reserve Bank of St. Louis",
    home: "https://fred.stlouisfed.org/",
    contract: "https://fred.stlouisfed.org/docs/api/fred/",
    secret: Some(KeyNeed { secret: "fred_api_key", url: "https://fredaccount.stlouisfed.org/apikeys", required: true }),
    licence: "not stated",
    id_form: "the series id of its page",
    example: "UNRATE",
    terms: Some(
        "FRED's terms of 2024 restrict keeping figures and training models on them: read https://fred.stlouisfed.org/legal/terms/",
    ),
};

const BASE: &str = "https://api.stlouisfed.org/fred/";
const KEY: Option<KeyPlace> = Some(KeyPlace::Query("api_key"));
const PAGE: usize = 100_000;

/// The connector.
pub struct Fred(pub Desk);

impl Fred {
    async fn get(&self, kind: CallKind, path: &str, query: &[(&str, &str)]) -> Result<Read<Value>, SourceError> {
        let mut all = query.to_vec();
        all.push(("file_type", "json"));
        let url = address(&format!("{BASE}{path}"), &[], &all)?;
        self.0.json(&INFO, kind, url, KEY, &good).await
    }

    /// Refuses what cannot be an id, before it costs a call.
    fn checked(id: &str) -> Result<(), SourceError> {
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain && (1..=25).contains(&id.len()) { Ok(()) } else { Err(unknown(&INFO, id, "it is no id of FRED")) }
    }

    async fn series(&self, id: &str) -> Result<Value, SourceError> {
        Self::checked(id)?;
        let read =
            self.get(CallKind::Catalogue, "series", &[("series_id", id)]).await.map_err(|error| match error {
                SourceError::Call(why) if why.contains("does not exist") => unknown(&INFO, id, why),
                other => other,
            })?;
        // The documented member is spelt so.
        let found = list(&INFO, &read.body, "/seriess")?;
        found.first().cloned().ok_or_else(|| unknown(&INFO, id, "the list of series is empty"))
    }

    /// The series' own licence, as FRED tags it; FRED passes on figures of many owners.
    async fn licence(&self, id: &str) -> Result<String, SourceError> {
        let read = self.get(CallKind::Catalogue, "series/tags", &[("series_id", id)]).await?;
        let tags = list(&INFO, &read.body, "/tags")?;
        let rights = tags.iter().find(|tag| maybe(tag, "/group_id") == "cc").map(|tag| maybe(tag, "/name"));
        Ok(match rights.as_deref() {
            Some("public domain: citation requested") => "Public Domain".into(),
            Some(other) => clip(other),
            None => "not stated".into(),
        })
    }

    async fn release(&self, id: &str) -> Result<(String, String, Option<String>), SourceError> {
        let read = self.get(CallKind::Catalogue, "series/release", &[("series_id", id)]).await?;
        let release = list(&INFO, &read.body, "/releases")?.first().cloned().unwrap_or(Value::Null);
        let number = text(&INFO, &release, "/id")?;
        let today = self.0.today.to_string();
        let query = [
            ("release_id", number.as_str()),
            ("realtime_start", &today),
            ("include_release_dates_with_no_data", "true"),
            ("sort_order", "asc"),
            ("limit", "1000"),
        ];
        let dates = self.get(CallKind::Catalogue, "release/dates", &query).await?;
        let dates = list(&INFO, &dates.body, "/release_dates")?;
        let next = dates.iter().map(|date| maybe(date, "/date")).filter(|date| *date > today).min();
        Ok((maybe(&release, "/name"), maybe(&release, "/link"), next))
    }
}

fn grain(series: &Value) -> Result<Grain, SourceError> {
    match text(&INFO, series, "/frequency_short")?.as_str() {
        "A" => Ok(Grain::Year),
        "SA" => Ok(Grain::Half),
        "Q" => Ok(Grain::Quarter),
        "M" => Ok(Grain::Month),
        "W" | "BW" => Ok(Grain::Week),
        "D" => Ok(Grain::Day),
        other => Err(drift(&INFO, format!("`frequency_short` is `{}`", clip(other)))),
    }
}

fn entry(series: &Value) -> Result<SeriesEntry, SourceError> {
    Ok(SeriesEntry {
        id: text(&INFO, series, "/id")?,
        title: clip(&text(&INFO, series, "/title")?),
        unit: clip(&text(&INFO, series, "/units")?),
        frequency: clip(&maybe(series, "/frequency")),
        span: Some((maybe(series, "/observation_start"), maybe(series, "/observation_end"))),
        updated: maybe(series, "/last_updated"),
    })
}

#[async_trait]
impl DataSource for Fred {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let limit = most.clamp(1, 1000).to_string();
        let query = [("search_text", query), ("limit", &limit)];
        let read = self.get(CallKind::Catalogue, "series/search", &query).await?;
        list(&INFO, &read.body, "/seriess")?.iter().map(entry).collect()
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let series = self.series(id).await?;
        let (release, _, next_release) = self.release(id).await?;
        Ok(SeriesCard {
            entry: entry(&series)?,
            notes: clip(&maybe(&series, "/notes")),
            publisher: if release.is_empty() { INFO.publisher.into() } else { clip(&release) },
            licence: self.licence(id).await?,
            url: format!("{}series/{id}", INFO.home),
            next_release,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let series = self.series(id).await?;
        let grain = grain(&series)?;
        let about = entry(&series)?;
        let (release, link, next_release) = self.release(id).await?;
        let mut rows: Vec<Row> = Vec::new();
        let (mut promised, mut fetched_at) = (usize::MAX, None);
        while rows.len() < promised {
            let (offset, limit) = (rows.len().to_string(), PAGE.to_string());
            let query = [("series_id", id), ("offset", &offset), ("limit", &limit), ("sort_order", "asc")];
            let read = self.get(CallKind::Data, "series/observations", &query).await?;
            promised = count(&INFO, &read.body, "/count")?;
            fetched_at = Some(fetched_at.map_or(read.fetched_at, |at: jiff::Timestamp| at.min(read.fetched_at)));
            let page = list(&INFO, &read.body, "/observations")?;
            if page.is_empty() && rows.len() < promised {
                return Err(SourceError::CutShort {
                    provider: INFO.name.into(),
                    id: id.into(),
                    got: rows.len(),
                    promised,
                });
            }
            for observation in page {
                let day = text(&INFO, observation, "/date")?;
                let period = Period::of_day(&day, grain)
                    .ok_or_else(|| drift(&INFO, format!("`observations.date` is `{}`", clip(&day))))?;
                let value = json_figure(&INFO, at(&INFO, observation, "/value")?, &["."])?;
                rows.push(Row { keys: Vec::new(), period, values: vec![value] });
            }
        }
        if rows.len() != promised {
            return Err(SourceError::CutShort { provider: INFO.name.into(), id: id.into(), got: rows.len(), promised });
        }
        let Some(fetched_at) = fetched_at else { return Err(unknown(&INFO, id, "it has no rows")) };
        let adjustment = match maybe(&series, "/seasonal_adjustment_short").as_str() {
            "SA" | "SAAR" => Some("adjusted"),
            "NSA" => Some("unadjusted"),
            _ => None,
        };
        let column = ValueColumn {
            name: "value".into(),
            title: about.title.clone(),
            unit: about.unit.clone(),
            adjustment,
            ..ValueColumn::default()
        };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.licence = self.licence(id).await?;
        // The release is its maker's word for itself; its page is where a viewer can look.
        if !release.is_empty() {
            draft.publisher = format!("{release}, through FRED");
            draft.publisher_url = if link.starts_with("http") { link } else { format!("{}series/{id}", INFO.home) };
        }
        draft.title = about.title;
        draft.description = maybe(&series, "/notes");
        draft.vintage = about.updated;
        draft.release = release;
        draft.next_release = next_release;
        draft.rows = rows;
        draft.finish()
    }
}
