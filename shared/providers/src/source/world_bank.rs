//! The World Bank's indicators, API version 2.
//!
//! Contract: <https://datahelpdesk.worldbank.org/knowledgebase/articles/898581>: an answer is a list of two, the header
//! (`page`, `pages`, `per_page`, `total`, `lastupdated`) and the rows; a complaint is a list of one with `message`, with status 200.

use std::collections::BTreeSet;

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::Value;

use super::desk::{Desk, Read, address, at, count, drift, list, maybe, text, unknown};
use super::package::{Draft, KeyColumn, Row, ValueColumn, clip, json_figure};
use super::period::Period;
use super::words;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "world-bank",
    publisher: "World Bank",
    home: "https://data.worldbank.org/",
    contract: "https://datahelpdesk.worldbank.org/knowledgebase/articles/898581",
    secret: None,
    licence: "CC-BY-4.0",
    id_form: "an indicator, alone for all countries or after three-letter codes and a slash",
    example: "USA;CHN/NY.GDP.MKTP.CD",
    terms: None,
};

const BASE: &str = "https://api.worldbank.org/v2/";
const PAGE: usize = 1000;
/// World Development Indicators.
const SOURCE: &str = "2";

/// The connector.
pub struct WorldBank(pub Desk);

struct Id<'a> {
    countries: &'a str,
    indicator: &'a str,
}

impl WorldBank {
    fn id(id: &str) -> Result<Id<'_>, SourceError> {
        let (countries, indicator) = id.split_once('/').unwrap_or(("all", id));
        let country = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let good = indicator.len() <= 60
            && indicator.contains('.')
            && indicator.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
            && (countries == "all" || countries.split(';').all(country));
        if good { Ok(Id { countries, indicator }) } else { Err(unknown(&INFO, id, "it is no indicator")) }
    }

    /// All rows of a listing, over all its pages.
    async fn rows(
        &self,
        kind: CallKind,
        path: &str,
        id: &str,
    ) -> Result<(Value, Vec<Value>, jiff::Timestamp), SourceError> {
        let mut rows: Vec<Value> = Vec::new();
        let mut page = 1;
        loop {
            let (number, size) = (page.to_string(), PAGE.to_string());
            let url =
                address(&format!("{BASE}{path}"), &[], &[("format", "json"), ("per_page", &size), ("page", &number)])?;
            let Read { body, fetched_at } = self.0.json(&INFO, kind, url, None, &complaint).await?;
            let header = at(&INFO, &body, "/0")?.clone();
            let (pages, total) = (count(&INFO, &header, "/pages")?, count(&INFO, &header, "/total")?);
            if total > 0 {
                if count(&INFO, &header, "/page")? != page {
                    return Err(drift(&INFO, format!("page {page} was asked for, another came")));
                }
                rows.extend(list(&INFO, &body, "/1")?.iter().cloned());
            }
            if page >= pages {
                if rows.len() != total {
                    return Err(SourceError::CutShort {
                        provider: INFO.name.into(),
                        id: id.into(),
                        got: rows.len(),
                        promised: total,
                    });
                }
                return Ok((header, rows, fetched_at));
            }
            page += 1;
        }
    }

    async fn indicator(&self, id: &str, indicator: &str) -> Result<Value, SourceError> {
        let (_, rows, _) = self.rows(CallKind::Catalogue, &format!("indicator/{indicator}"), id).await.map_err(
            |error| match error {
                SourceError::Call(why) if why.contains("World Bank says") => unknown(&INFO, id, why),
                other => other,
            },
        )?;
        rows.into_iter().next().ok_or_else(|| unknown(&INFO, id, "the list of indicators is empty"))
    }

    /// Codes of single countries: groups of countries stand in region `NA`.
    async fn countries(&self) -> Result<BTreeSet<String>, SourceError> {
        let (_, rows, _) = self.rows(CallKind::Catalogue, "country", "the list of countries").await?;
        let mut codes = BTreeSet::new();
        for row in &rows {
            if text(&INFO, row, "/region/id")? != "NA" {
                codes.insert(text(&INFO, row, "/id")?);
            }
        }
        Ok(codes)
    }
}

/// What the World Bank says is wrong, with status 200.
fn complaint(body: &Value) -> Result<(), String> {
    match body.pointer("/0/message/0") {
        Some(message) => Err(format!("World Bank says: {} {}", maybe(message, "/key"), maybe(message, "/value"))),
        None => Ok(()),
    }
}

/// `GDP (current US$)` → `GDP`, `current US$`.
fn split_unit(name: &str) -> (String, String) {
    match name.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((title, unit)) if !title.trim().is_empty() => (title.trim().to_owned(), unit.trim().to_owned()),
        _ => (name.trim().to_owned(), String::new()),
    }
}

fn entry(row: &Value) -> Result<SeriesEntry, SourceError> {
    let (title, unit) = split_unit(&text(&INFO, row, "/name")?);
    Ok(SeriesEntry {
        id: text(&INFO, row, "/id")?,
        title: clip(&title),
        unit: clip(&unit),
        frequency: "Annual".into(),
        ..SeriesEntry::default()
    })
}

#[async_trait]
impl DataSource for WorldBank {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let (_, rows, _) =
            self.rows(CallKind::Catalogue, &format!("source/{SOURCE}/indicator"), "the list of indicators").await?;
        let entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        Ok(words::best(entries, query, most, |entry| format!("{} {} {}", entry.title, entry.unit, entry.id)))
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let parts = Self::id(id)?;
        let row = self.indicator(id, parts.indicator).await?;
        Ok(SeriesCard {
            entry: SeriesEntry { id: id.into(), ..entry(&row)? },
            notes: clip(&maybe(&row, "/sourceNote")),
            publisher: format!("World Bank, {}", clip(&maybe(&row, "/source/value"))),
            licence: INFO.licence.into(),
            url: format!("{}indicator/{}", INFO.home, parts.indicator),
            next_release: None,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let parts = Self::id(id)?;
        let card = self.describe(id).await?;
        let single = if parts.countries == "all" { Some(self.countries().await?) } else { None };
        let path = format!("country/{}/indicator/{}", parts.countries, parts.indicator);
        let (header, found, fetched_at) = self.rows(CallKind::Data, &path, id).await?;
        let mut rows = Vec::new();
        for row in &found {
            let code = text(&INFO, row, "/countryiso3code")?;
            if single.as_ref().is_some_and(|codes| !codes.contains(&code)) {
                continue;
            }
            let period = text(&INFO, row, "/date")?;
            let period = Period::read(&period).ok_or_else(|| drift(&INFO, format!("`date` is `{}`", clip(&period))))?;
            let country = clip(&text(&INFO, row, "/country/value")?);
            let value = json_figure(&INFO, at(&INFO, row, "/value")?, &[])?;
            rows.push(Row { keys: vec![country, code], period, values: vec![value] });
        }
        // A year for which no country has a figure yet is no hole but the end of the table.
        let last = rows.iter().filter(|row| row.values[0].is_some()).map(|row| row.period).max();
        rows.retain(|row| last.is_some_and(|last| row.period <= last));
        let column = ValueColumn {
            name: "value".into(),
            title: card.entry.title.clone(),
            unit: card.entry.unit.clone(),
            ..ValueColumn::default()
        };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.keys =
            vec![KeyColumn { name: "country", title: "Country" }, KeyColumn { name: "code", title: "Country code" }];
        draft.title = card.entry.title;
        draft.description = card.notes;
        draft.publisher = card.publisher;
        draft.publisher_url = card.url;
        draft.vintage = maybe(&header, "/lastupdated");
        draft.rows = rows;
        draft.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_with_its_unit() {
        assert_eq!(split_unit("GDP (current US$)"), ("GDP".into(), "current US$".into()));
        assert_eq!(split_unit("Population, total"), ("Population, total".into(), String::new()));
        assert_eq!(split_unit("(odd)"), ("(odd)".into(), String::new()));
    }

    #[test]
    fn ids_are_checked_before_they_cost_a_call() {
        for good in ["NY.GDP.MKTP.CD", "all/SP.POP.TOTL", "USA;CHN/SP.POP.TOTL"] {
            assert!(WorldBank::id(good).is_ok(), "{good}");
        }
        for bad in ["", "gdp", "US/SP.POP.TOTL", "USA/../x.y", "USA;/SP.POP.TOTL", "USA/SP.POP?x=1"] {
            assert!(WorldBank::id(bad).is_err(), "{bad}");
        }
    }
}
