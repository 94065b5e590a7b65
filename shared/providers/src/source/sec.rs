//! US Securities and Exchange Commission, EDGAR: facts that companies filed in XBRL.
//!
//! Contract: <https://www.sec.gov/search-filings/edgar-application-programming-interfaces>: `companyconcept` answers `units`, and under each
//! unit filed facts with `end`, `val`, `accn`, `form`, `filed` and, for one fact of each calendar period, `frame` (`CY2023`,
//! `CY2023Q1`, `CY2023Q1I`). `companyfacts` lists all concepts. A User-Agent with a contact is required.

use async_trait::async_trait;
use jiff::civil::Date;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};

use super::desk::{Desk, Read, address, at, drift, good, list, maybe, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, json_figure};
use super::period::{Grain, Period};
use super::words;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "sec",
    publisher: "US Securities and Exchange Commission, company filings",
    home: "https://www.sec.gov/edgar/",
    contract: "https://www.sec.gov/search-filings/edgar-application-programming-interfaces",
    secret: None,
    licence: "US government work",
    id_form: "a company's number, a concept, its unit and A or Q, with slashes",
    example: "320193/Revenues/USD/A",
    terms: None,
};

const BASE: &str = "https://data.sec.gov/api/xbrl/";
const TAXONOMY: &str = "us-gaap";

/// The connector.
pub struct Sec(pub Desk);

struct Id<'a> {
    company: String,
    concept: &'a str,
    unit: &'a str,
    grain: Grain,
}

fn company(number: &str) -> Option<String> {
    let digits = !number.is_empty() && number.len() <= 10 && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| format!("CIK{number:0>10}"))
}

impl Sec {
    fn id(id: &str) -> Result<Id<'_>, SourceError> {
        let parts: Vec<&str> = id.split('/').collect();
        let wrong = || unknown(&INFO, id, "it is not written as one");
        let [number, concept, unit, grain] = parts.as_slice() else { return Err(wrong()) };
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let grain = match *grain {
            "A" => Grain::Year,
            "Q" => Grain::Quarter,
            _ => return Err(wrong()),
        };
        match company(number) {
            Some(company) if plain(concept) && plain(unit) => Ok(Id { company, concept, unit, grain }),
            _ => Err(wrong()),
        }
    }

    async fn concept(&self, id: &Id<'_>, kind: CallKind) -> Result<Read<Value>, SourceError> {
        let place = format!("{BASE}companyconcept/{}/{TAXONOMY}/{}.json", id.company, id.concept);
        self.0.json(&INFO, kind, address(&place, &[], &[])?, None, &good).await
    }
}

/// The calendar period of a frame, when it is of the wanted length: `CY2023`, `CY2023Q1`, `CY2023Q1I`.
fn framed(frame: &str, grain: Grain) -> Result<Option<Period>, SourceError> {
    let wrong = || drift(&INFO, format!("`frame` is `{}`", clip(frame)));
    let rest = frame.strip_prefix("CY").ok_or_else(wrong)?;
    let (year, quarter) = rest.split_at_checked(4).ok_or_else(wrong)?;
    let year: i16 = year.parse().map_err(|_| wrong())?;
    let instant = quarter.ends_with('I');
    let number = match quarter.trim_end_matches('I') {
        "" => None,
        text => Some(
            text.strip_prefix('Q')
                .and_then(|n| n.parse::<i8>().ok())
                .filter(|n| (1..=4).contains(n))
                .ok_or_else(wrong)?,
        ),
    };
    let day = |month| Date::new(year, month, 1).map_err(|_| wrong());
    Ok(match (grain, number) {
        (Grain::Year, None) => Some(Period::new(day(1)?, grain)),
        // What stands in a balance at the end of the fourth quarter stands there at the end of the year.
        (Grain::Year, Some(4)) if instant => Some(Period::new(day(1)?, grain)),
        (Grain::Quarter, Some(number)) => Some(Period::new(day(number * 3 - 2)?, grain)),
        _ => None,
    })
}

fn card(id: &str, parts: &Id<'_>, body: &Value) -> Result<SeriesCard, SourceError> {
    let company = clip(&text(&INFO, body, "/entityName")?);
    let label = maybe(body, "/label");
    let label = if label.is_empty() { parts.concept.to_owned() } else { clip(&label) };
    Ok(SeriesCard {
        entry: SeriesEntry {
            id: id.into(),
            title: format!("{company}: {label}"),
            unit: parts.unit.into(),
            ..SeriesEntry::default()
        },
        notes: clip(&maybe(body, "/description")),
        publisher: format!("{company}, filings with the SEC (sec.gov)"),
        licence: INFO.licence.into(),
        url: format!("{}browse/?CIK={}", INFO.home, parts.company.trim_start_matches("CIK")),
        next_release: None,
    })
}

#[async_trait]
impl DataSource for Sec {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    /// Concepts of one company: the query starts with its number.
    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let (number, rest) = query.trim().split_once(' ').unwrap_or((query.trim(), ""));
        let Some(company) = company(number) else {
            return Err(unknown(&INFO, query, "a search starts with the company's number, as in `320193 revenue`"));
        };
        let url = address(&format!("{BASE}companyfacts/{company}.json"), &[], &[])?;
        let read = self.0.json(&INFO, CallKind::Catalogue, url, None, &good).await?;
        let concepts = at(&INFO, &read.body, &format!("/facts/{TAXONOMY}"))?;
        let concepts = concepts.as_object().ok_or_else(|| drift(&INFO, "`facts` is no object"))?;
        let mut entries = Vec::new();
        for (concept, about) in concepts {
            let units =
                about.get("units").and_then(Value::as_object).ok_or_else(|| drift(&INFO, "`units` is missing"))?;
            for unit in units.keys() {
                let title = maybe(about, "/label");
                let entry = SeriesEntry {
                    id: format!("{}/{concept}/{unit}/A", number.trim_start_matches('0')),
                    title: if title.is_empty() { concept.clone() } else { clip(&title) },
                    unit: clip(unit),
                    ..SeriesEntry::default()
                };
                entries.push(entry);
            }
        }
        Ok(words::best(entries, rest, most, |entry| format!("{} {}", entry.title, entry.id)))
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let parts = Self::id(id)?;
        card(id, &parts, &self.concept(&parts, CallKind::Catalogue).await?.body)
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let parts = Self::id(id)?;
        let read = self.concept(&parts, CallKind::Data).await?;
        let about = card(id, &parts, &read.body)?;
        let units = at(&INFO, &read.body, "/units")?;
        if units.get(parts.unit).is_none() {
            let known: Vec<&str> =
                units.as_object().map(|units| units.keys().map(String::as_str).collect()).unwrap_or_default();
            return Err(unknown(&INFO, id, format!("it was filed in {}", known.join(", "))));
        }
        let mut rows = Vec::new();
        let mut filed = String::new();
        for fact in list(&INFO, units, &format!("/{}", parts.unit))? {
            filed = filed.max(text(&INFO, fact, "/filed")?);
            let frame = maybe(fact, "/frame");
            if frame.is_empty() {
                // The same fact filed again, or a period that is no calendar one.
                continue;
            }
            if let Some(period) = framed(&frame, parts.grain)? {
                let value = json_figure(&INFO, at(&INFO, fact, "/val")?, &[])?;
                rows.push(Row { keys: Vec::new(), period, values: vec![value] });
            }
        }
        let declared = match parts.unit {
            "shares" => Some(json!({"noun": "shares"})),
            unit if unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase()) => Some(json!({"unit": unit})),
            _ => None,
        };
        let column = ValueColumn {
            name: "value".into(),
            title: about.entry.title.clone(),
            unit: parts.unit.into(),
            declared,
            adjustment: None,
        };
        let mut draft = Draft::new(&INFO, id, read.fetched_at).value(column);
        draft.title = about.entry.title;
        draft.description = about.notes;
        draft.publisher = about.publisher;
        draft.publisher_url = about.url;
        draft.vintage = filed;
        draft.rows = rows;
        draft.finish()
    }
}
