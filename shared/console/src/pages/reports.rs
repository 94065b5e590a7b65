//! `/channels/{channel}/reports`: the weekly and monthly pages that were kept, laid out in the console, and their files.

use askama::Template;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofreel_insight::report::{Block, Chart, Citations, Document, Drawn, HEIGHT, WIDTH};
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::console_law;
use proofreel_operations::reports::{self, Form, Kept, Period};

use super::channel::ChannelPath;
use super::episode::is_id;
use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports {
    frame: Frame,
    name: String,
    id: String,
    reports: Vec<Line>,
}

/// A kept report on one line.
struct Line {
    name: String,
    title: String,
    kind: &'static str,
    made: String,
    words: usize,
    summary: Vec<String>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report {
    frame: Frame,
    channel: String,
    id: String,
    title: String,
    made: String,
    summary: Vec<String>,
    sections: Vec<Part>,
    records: Vec<String>,
    /// The plain form of a report that was kept before its document was.
    plain: Option<String>,
    files: Vec<String>,
    report: String,
    width: f64,
    height: f64,
}

/// A section with its blocks grouped by what they are.
struct Part {
    id: String,
    title: String,
    lines: Vec<String>,
    tables: Vec<Grid>,
    charts: Vec<Picture>,
}

struct Grid {
    head: Vec<String>,
    rows: Vec<(Vec<String>, Option<usize>)>,
}

struct Picture {
    chart: Chart,
    drawn: Drawn,
}

/// A report, or a file of it, that an address names.
pub struct ReportPath {
    channel: ChannelId,
    report: String,
    file: Option<String>,
}

impl FromRequestParts<Shared> for ReportPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let all =
            Path::<Vec<(String, String)>>::from_request_parts(parts, shared).await.map_err(|_| Fault::NotFound)?.0;
        let named = |name: &str| all.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (channel, report) = named("channel").zip(named("report")).ok_or(Fault::NotFound)?;
        if is_id(&channel) && is_id(&report) {
            Ok(Self { channel: ChannelId(channel), report, file: named("name") })
        } else {
            Err(Fault::NotFound)
        }
    }
}

/// The list.
pub async fn list(State(shared): State<Shared>, visitor: Visitor, path: ChannelPath) -> Result<Response, Fault> {
    let profile = visitor.channel(&path.0).ok_or(Fault::NotFound)?;
    let kept = reports::list(&shared.office, &profile.id).await?;
    let reports = kept.iter().take(console_law().page.reports).map(line).collect();
    let (name, id) = (profile.name.clone(), profile.id.to_string());
    Ok(page(StatusCode::OK, &Reports { frame: Frame::of(&visitor, "home"), name, id, reports }))
}

fn line(kept: &Kept) -> Line {
    Line {
        name: kept.name.clone(),
        title: kept.title.clone(),
        kind: match kept.period {
            Period::Weekly => "week",
            Period::Monthly => "month",
        },
        made: kept.made_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        words: kept.words,
        summary: kept.summary.clone(),
    }
}

async fn found(shared: &Shared, visitor: &Visitor, path: &ReportPath) -> Result<Kept, Fault> {
    let profile = visitor.channel(&path.channel).ok_or(Fault::NotFound)?;
    let kept = reports::list(&shared.office, &profile.id).await?;
    kept.into_iter().find(|kept| kept.name == path.report).ok_or(Fault::NotFound)
}

/// One report.
pub async fn show(State(shared): State<Shared>, visitor: Visitor, path: ReportPath) -> Result<Response, Fault> {
    let kept = found(&shared, &visitor, &path).await?;
    let document = reports::document(&shared.office, &kept).await?;
    let plain = match &document {
        Some(_) => None,
        None => Some(reports::read(&shared.office, &kept, Form::Plain).await?),
    };
    let mut cited = Citations::default();
    let sections = document.as_ref().map_or_else(Vec::new, |document| parts(document, &mut cited));
    let channel = visitor.channel(&path.channel).map_or_else(String::new, |profile| profile.name.clone());
    Ok(page(
        StatusCode::OK,
        &Report {
            frame: Frame::of(&visitor, "home"),
            channel,
            id: path.channel.to_string(),
            title: kept.title.clone(),
            made: kept.made_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            summary: kept.summary.clone(),
            sections,
            records: cited.lines(),
            plain,
            files: kept
                .files
                .keys()
                .filter(|name| std::path::Path::new(name).extension().is_none_or(|end| end != "json"))
                .cloned()
                .collect(),
            report: kept.name.clone(),
            width: WIDTH,
            height: HEIGHT,
        },
    ))
}

fn parts(document: &Document, cited: &mut Citations) -> Vec<Part> {
    let part = |(at, section): (usize, &proofreel_insight::report::Section)| {
        let mut part = Part {
            id: format!("s{at}"),
            title: section.title.clone(),
            lines: Vec::new(),
            tables: Vec::new(),
            charts: Vec::new(),
        };
        for block in &section.blocks {
            match block {
                Block::Line(text) => part.lines.push(text.clone()),
                Block::Chart(chart) => {
                    part.charts.push(Picture { chart: chart.clone(), drawn: Drawn::of(chart) });
                }
                Block::Table(table) => {
                    let rows = table.rows.iter().map(|row| (row.cells.clone(), cited.number(&row.cites)));
                    part.tables.push(Grid { head: table.head.clone(), rows: rows.collect() });
                }
            }
        }
        part
    };
    document.sections.iter().enumerate().map(part).collect()
}

/// A file of a report, to be kept by whoever asks: shown as text by no browser, whatever stands in it.
pub async fn file(State(shared): State<Shared>, visitor: Visitor, path: ReportPath) -> Result<Response, Fault> {
    let kept = found(&shared, &visitor, &path).await?;
    let name = path.file.unwrap_or_default();
    let (name, blob) = kept.files.get_key_value(&name).ok_or(Fault::NotFound)?;
    let bytes = shared.office.blobs.fetch(blob).await?;
    let disposition =
        HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(|_| Fault::NotFound)?;
    let marks = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((StatusCode::OK, marks, bytes).into_response())
}
