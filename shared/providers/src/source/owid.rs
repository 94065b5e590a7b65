//! Our World in Data, charts as CSV with their metadata.
//!
//! Contract: <https://docs.owid.io/projects/etl/api/chart-api/>: `grapher/{slug}.csv` has the entity, its code and a year or day, then one
//! column an indicator; `grapher/{slug}.metadata.json` describes the columns, and its `fullMetadata` names origins and their licences.
//! Search: <https://docs.owid.io/projects/etl/api/search-api/>: `api/search?q=…&type=charts` answers `results` by how well they match.

use async_trait::async_trait;
use proofreel_ports::{CallKind, DataSource, ProviderInfo, SeriesCard, SeriesEntry, SourceError, SourcePackage};
use serde_json::{Value, json};
use url::Url;

use super::desk::{Desk, Read, address, at, drift, good, list, maybe, text, unknown};
use super::package::{Draft, KeyColumn, Row, ValueColumn, clip, figure};
use super::period::Period;

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "owid",
    publisher: "Our World in Data",
    home: "https://ourworldindata.org/",
    contract: "https://docs.owid.io/projects/etl/api/chart-api/",
    secret: None,
    licence: "CC-BY-4.0",
    id_form: "the last part of a chart's address, with a column's short name after a slash where the chart has several",
    example: "life-expectancy",
    terms: None,
};

const HOST: &str = "https://api.ourworldindata.org/";
/// Results of one search at most.
const RESULTS: usize = 100;

/// The connector.
pub struct Owid(pub Desk);

/// A chart's column as its metadata describes it.
struct Column {
    name: String,
    about: Value,
    /// Licence of the figures' origins, and whether they may be passed on.
    licence: String,
    origins: String,
}

impl Owid {
    async fn column(&self, id: &str) -> Result<Column, SourceError> {
        let (slug, wanted) = split(id)?;
        let Read { body, .. } =
            self.0.json(&INFO, CallKind::Catalogue, chart(slug, "metadata.json")?, None, &good).await?;
        let columns =
            at(&INFO, &body, "/columns")?.as_object().ok_or_else(|| drift(&INFO, "`columns` is no object"))?;
        let short = |key: &str, about: &Value| {
            let name = maybe(about, "/shortName");
            if name.is_empty() { key.to_owned() } else { name }
        };
        let (key, about) = match (columns.len(), wanted) {
            (1, None) => columns.iter().next(),
            (_, Some(wanted)) => {
                columns.iter().find(|(key, about)| short(key, about) == wanted || key.as_str() == wanted)
            }
            (_, None) => None,
        }
        .ok_or_else(|| {
            let names: Vec<String> = columns.iter().take(12).map(|(key, about)| short(key, about)).collect();
            unknown(&INFO, id, format!("choose one of its columns: {}", names.join(", ")))
        })?;
        let (licence, origins) = self.rights(&text(&INFO, about, "/fullMetadata")?).await?;
        Ok(Column { name: short(key, about), about: about.clone(), licence, origins })
    }

    /// Licence of an indicator's origins: that of Our World in Data covers only what its sources allow.
    async fn rights(&self, place: &str) -> Result<(String, String), SourceError> {
        let url = Url::parse(place).ok().filter(|url| url.as_str().starts_with(HOST));
        let url = url.ok_or_else(|| drift(&INFO, "`fullMetadata` is no address of its interface"))?;
        let Read { body, .. } = self.0.json(&INFO, CallKind::Catalogue, url, None, &good).await?;
        let origins = body.get("origins").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut producers: Vec<String> = origins.iter().map(|origin| clip(&maybe(origin, "/producer"))).collect();
        producers.retain(|producer| !producer.is_empty());
        producers.dedup();
        if body.get("nonRedistributable").and_then(Value::as_bool) == Some(true) {
            return Ok(("all rights reserved by the origin".into(), producers.join("; ")));
        }
        let mut licences: Vec<String> = origins.iter().map(|origin| clip(&maybe(origin, "/license/name"))).collect();
        licences.retain(|licence| !licence.is_empty());
        licences.sort();
        licences.dedup();
        // The strictest decides, and which that is a list of names cannot say: so one licence, or all of them.
        let licence = match licences.as_slice() {
            [] => INFO.licence.to_owned(),
            [one] => one.clone(),
            several => several.join(" and "),
        };
        Ok((licence, producers.join("; ")))
    }
}

fn split(id: &str) -> Result<(&str, Option<&str>), SourceError> {
    let (slug, column) = id.split_once('/').map_or((id, None), |(slug, column)| (slug, Some(column)));
    let good = !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good && column != Some("") { Ok((slug, column)) } else { Err(unknown(&INFO, id, "it is not written as one")) }
}

fn chart(slug: &str, form: &str) -> Result<Url, SourceError> {
    let query = [("v", "1"), ("csvType", "full"), ("useColumnShortNames", "true")];
    address(&format!("{}grapher/{slug}.{form}", INFO.home), &[], &query)
}

fn card(id: &str, column: &Column) -> Result<SeriesCard, SourceError> {
    let about = &column.about;
    Ok(SeriesCard {
        entry: SeriesEntry {
            id: id.into(),
            title: clip(&text(&INFO, about, "/titleShort")?),
            unit: clip(&maybe(about, "/unit")),
            span: maybe(about, "/timespan").split_once('-').map(|(from, to)| (clip(from), clip(to))),
            updated: maybe(about, "/lastUpdated"),
            ..SeriesEntry::default()
        },
        notes: clip(&maybe(about, "/descriptionShort")),
        publisher: if column.origins.is_empty() {
            INFO.publisher.into()
        } else {
            format!("{}, processed by Our World in Data", column.origins)
        },
        licence: column.licence.clone(),
        url: format!("{}grapher/{}", INFO.home, id.split('/').next().unwrap_or(id)),
        next_release: Some(maybe(about, "/nextUpdate")).filter(|day| !day.is_empty()),
    })
}

/// A chart that a search found. Charts of one title are told apart by their variant, mostly their source.
fn found(chart: &Value) -> Result<SeriesEntry, SourceError> {
    let (title, variant) = (clip(&text(&INFO, chart, "/title")?), clip(&maybe(chart, "/variantName")));
    Ok(SeriesEntry {
        id: text(&INFO, chart, "/slug")?,
        title: if variant.is_empty() || variant == title { title } else { format!("{title} ({variant})") },
        updated: maybe(chart, "/updatedAt").chars().take(10).collect(),
        ..SeriesEntry::default()
    })
}

fn unit(words: &str) -> Option<Value> {
    match words {
        "%" | "percent" | "share" => Some(json!({"unit": "percent"})),
        noun if ["people", "deaths", "persons", "births"].contains(&noun) => Some(json!({"noun": noun})),
        _ => None,
    }
}

#[async_trait]
impl DataSource for Owid {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError> {
        let size = most.clamp(1, RESULTS).to_string();
        let query = [("q", query), ("type", "charts"), ("hitsPerPage", size.as_str())];
        let url = address(&format!("{}api/search", INFO.home), &[], &query)?;
        let read = self.0.json(&INFO, CallKind::Catalogue, url, None, &good).await?;
        let results = list(&INFO, &read.body, "/results")?;
        // Explorers and views of several dimensions have no table of their own under a chart's address.
        let charts = results.iter().filter(|found| matches!(maybe(found, "/type").as_str(), "" | "chart"));
        let found: Result<Vec<SeriesEntry>, SourceError> = charts.map(found).collect();
        Ok(found?.into_iter().filter(|entry| split(&entry.id).is_ok()).take(most).collect())
    }

    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError> {
        card(id, &self.column(id).await?)
    }

    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError> {
        let column = self.column(id).await?;
        let about = card(id, &column)?;
        let (slug, _) = split(id)?;
        let read = self.0.text(&INFO, CallKind::Data, chart(slug, "csv")?, &["text/csv"]).await?;
        let mut reader = csv::Reader::from_reader(read.body.as_bytes());
        let header = reader.headers().map_err(|error| drift(&INFO, format!("no CSV ({error})")))?.clone();
        let place = |names: &[&str]| {
            let found = header.iter().position(|name| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)));
            found.ok_or_else(|| drift(&INFO, format!("the column `{}` is missing", names[0])))
        };
        let (entity, code, time) = (place(&["Entity"])?, place(&["Code"])?, place(&["Year", "Day"])?);
        let value = place(&[column.name.as_str()])?;
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| drift(&INFO, format!("its lines do not agree ({error})")))?;
            // Continents and groups have no code of a country; years before the first cannot be dated.
            if row[code].is_empty() || row[code].starts_with("OWID_") || row[time].starts_with('-') {
                continue;
            }
            let padded = format!("{:0>4}", &row[time]);
            let period =
                Period::read(&padded).ok_or_else(|| drift(&INFO, format!("a time is `{}`", clip(&row[time]))))?;
            let figure = figure(&INFO, &row[value], &[""])?;
            rows.push(Row { keys: vec![clip(&row[entity]), row[code].to_owned()], period, values: vec![figure] });
        }
        let values = ValueColumn {
            name: "value".into(),
            title: about.entry.title.clone(),
            unit: about.entry.unit.clone(),
            declared: unit(&about.entry.unit),
            adjustment: None,
        };
        let mut draft = Draft::new(&INFO, id, read.fetched_at).value(values);
        draft.keys =
            vec![KeyColumn { name: "country", title: "Country" }, KeyColumn { name: "code", title: "Country code" }];
        draft.title = about.entry.title;
        draft.description = about.notes;
        draft.licence = about.licence;
        draft.publisher = about.publisher;
        draft.publisher_url = about.url;
        draft.vintage = about.entry.updated;
        draft.next_release = about.next_release;
        draft.rows = rows;
        draft.finish()
    }
}
