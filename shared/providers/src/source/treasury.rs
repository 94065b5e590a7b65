//! US Treasury, Fiscal Data.
//!
//! Contract: <https://fiscaldata.treasury.gov/api-documentation/>: `fields`, `filter`, `sort`, `page[number]`, `page[size]`;
//! an answer has `data`, `meta` (`labels`, `dataTypes`, `total-count`, `total-pages`) and `links`. All values are texts, a missing one is `null`.

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};

use super::desk::{Desk, Read, address, at, count, drift, good, list, text, unknown};
use super::package::{Draft, Row, ValueColumn, clip, json_figure};
use super::period::Period;
use super::words;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "treasury",
    publisher: "US Treasury, Fiscal Data",
    home: "https://fiscaldata.treasury.gov/",
    contract: "https://fiscaldata.treasury.gov/api-documentation/",
    secret: None,
    licence: "US government work",
    id_form: "an endpoint, a colon and one of its fields, with a filter after a question mark where its rows need one",
    example: "v2/accounting/od/debt_to_penny:tot_pub_debt_out_amt",
    terms: None,
};

const BASE: &str = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service/";
const PAGE: usize = 10_000;
const DATE: &str = "record_date";

/// Series of the documentation's own examples: the interface has no catalogue to search.
const KNOWN: [(&str, &str, &str); 6] = [
    ("v2/accounting/od/debt_to_penny:tot_pub_debt_out_amt", "Total public debt outstanding", "Daily"),
    ("v2/accounting/od/debt_to_penny:debt_held_public_amt", "Debt held by the public", "Daily"),
    ("v2/accounting/od/debt_to_penny:intragov_hold_amt", "Intragovernmental holdings", "Daily"),
    ("v2/accounting/od/debt_outstanding:debt_outstanding_amt", "Historical debt outstanding", "Annual"),
    (
        "v2/accounting/od/avg_interest_rates:avg_interest_rate_amt?security_desc:eq:Total Interest-bearing Debt",
        "Average interest rate on interest-bearing debt",
        "Monthly",
    ),
    (
        "v1/accounting/od/rates_of_exchange:exchange_rate?country_currency_desc:eq:Euro Zone-Euro",
        "Treasury reporting rate of exchange, euro",
        "Quarterly",
    ),
];

/// The connector.
pub struct Treasury(pub Desk);

struct Id<'a> {
    endpoint: &'a str,
    field: &'a str,
    filter: Option<&'a str>,
}

impl Treasury {
    fn id(id: &str) -> Result<Id<'_>, SourceError> {
        let (place, filter) = id.split_once('?').map_or((id, None), |(place, filter)| (place, Some(filter)));
        let plain = |text: &str, more: &[u8]| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || more.contains(&b))
        };
        match place.rsplit_once(':') {
            Some((endpoint, field))
                if plain(endpoint, b"/")
                    && endpoint.starts_with('v')
                    && endpoint.contains('/')
                    && plain(field, b"") =>
            {
                Ok(Id { endpoint, field, filter })
            }
            _ => Err(unknown(&INFO, id, "it is not written as one")),
        }
    }

    async fn page(&self, id: &Id<'_>, kind: CallKind, number: usize, size: usize) -> Result<Read<Value>, SourceError> {
        let fields = format!("{DATE},{}", id.field);
        let (number, size) = (number.to_string(), size.to_string());
        let mut query = vec![
            ("fields", fields.as_str()),
            ("sort", DATE),
            ("format", "json"),
            ("page[number]", &number),
            ("page[size]", &size),
        ];
        if let Some(filter) = id.filter {
            query.push(("filter", filter));
        }
        let url = address(&format!("{BASE}{}", id.endpoint), &[], &query)?;
        self.0.json(&INFO, kind, url, None, &good).await
    }

    fn entry(id: &str, field: &str, body: &Value) -> Result<SeriesEntry, SourceError> {
        Ok(SeriesEntry {
            id: id.into(),
            title: clip(&text(&INFO, body, &format!("/meta/labels/{field}"))?),
            unit: clip(&text(&INFO, body, &format!("/meta/dataTypes/{field}"))?),
            ..SeriesEntry::default()
        })
    }
}

/// Unit of a documented data type. Amounts of the Treasury are US dollars.
fn unit(data_type: &str) -> (String, Option<Value>) {
    if data_type.starts_with("CURRENCY") {
        ("US dollars".into(), Some(json!({"unit": "USD"})))
    } else if data_type.starts_with("PERCENTAGE") {
        ("Percent".into(), Some(json!({"unit": "percent"})))
    } else {
        (String::new(), None)
    }
}

#[async_trait]
impl DataSource for Treasury {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let known = KNOWN.map(|(id, title, frequency)| SeriesEntry {
            id: id.into(),
            title: title.into(),
            frequency: frequency.into(),
            ..SeriesEntry::default()
        });
        Ok(words::best(known.to_vec(), query, most, |entry| format!("{} {}", entry.title, entry.id)))
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        let parts = Self::id(id)?;
        let read = self.page(&parts, CallKind::Catalogue, 1, 1).await?;
        Ok(SeriesCard {
            entry: Self::entry(id, parts.field, &read.body)?,
            notes: String::new(),
            publisher: INFO.publisher.into(),
            licence: INFO.licence.into(),
            url: format!("{}datasets/", INFO.home),
            next_release: None,
        })
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let parts = Self::id(id)?;
        let mut rows: Vec<Row> = Vec::new();
        let mut number = 1;
        let (about, fetched_at) = loop {
            let Read { body, fetched_at } = self.page(&parts, CallKind::Data, number, PAGE).await?;
            let (total, pages) = (count(&INFO, &body, "/meta/total-count")?, count(&INFO, &body, "/meta/total-pages")?);
            for row in list(&INFO, &body, "/data")? {
                let day = text(&INFO, row, &format!("/{DATE}"))?;
                let period = Period::read(&day).ok_or_else(|| drift(&INFO, format!("`{DATE}` is `{}`", clip(&day))))?;
                let value = json_figure(&INFO, at(&INFO, row, &format!("/{}", parts.field))?, &["null", ""])?;
                rows.push(Row { keys: Vec::new(), period, values: vec![value] });
            }
            if number >= pages {
                if rows.len() != total {
                    let got = rows.len();
                    return Err(SourceError::CutShort {
                        provider: INFO.name.into(),
                        id: id.into(),
                        got,
                        promised: total,
                    });
                }
                break (Self::entry(id, parts.field, &body)?, fetched_at);
            }
            number += 1;
        };
        let (words, declared) = unit(&about.unit);
        let column =
            ValueColumn { name: "value".into(), title: about.title.clone(), unit: words, declared, adjustment: None };
        let mut draft = Draft::new(&INFO, id, fetched_at).value(column);
        draft.title = about.title;
        draft.description = format!(
            "Field {} of {}{}",
            parts.field,
            parts.endpoint,
            parts.filter.map(|filter| format!(", where {filter}")).unwrap_or_default()
        );
        draft.vintage = rows.iter().map(|row| row.period).max().map(Period::text).unwrap_or_default();
        draft.rows = rows;
        draft.finish()
    }
}
