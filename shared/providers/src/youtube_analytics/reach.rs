//! Reach reports: a job that is made once, and a CSV a day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Counting, Figures, KpiSnapshot, KpiSource, Span, Subject};
use proofreel_ports::{Spend, WebAnswer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Analytics, FiguresError, day, is_json};

pub(super) const PROVIDER: &str = "youtube-reporting";
/// The report that holds impressions and click-through rate.
pub const REACH_REPORT: &str = "channel_reach_basic_a1";
/// Pages of a list that are read at most.
const PAGES: usize = 50;

/// A file of a job.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Id.
    pub id: String,
    /// First instant it covers.
    pub start_time: Timestamp,
    /// When it was made; a later file of the same day replaces an earlier one.
    pub create_time: Timestamp,
    /// Where it lies.
    pub download_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    report_type_id: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    jobs: Vec<Job>,
    reports: Vec<Report>,
    next_page_token: Option<String>,
}

impl Analytics<'_> {
    /// The job that makes reach reports, made when there is none: asking again makes no second one.
    pub async fn reach_job(&self) -> Result<String, FiguresError> {
        let jobs = self.all("jobs", &[]).await?;
        if let Some(job) = jobs.into_iter().flat_map(|page| page.jobs).find(|job| job.report_type_id == REACH_REPORT) {
            return Ok(job.id);
        }
        let body = json!({ "reportTypeId": REACH_REPORT, "name": "proofreel reach" });
        let answer = self.post(PROVIDER, format!("{}/jobs", self.reporting_base), &body).await?;
        Ok(read::<Job>("a job", &answer.answer.body)?.id)
    }

    /// Files made after an instant, oldest day first; of each day the newest file.
    pub async fn reach_reports(&self, job: &str, created_after: Timestamp) -> Result<Vec<Report>, FiguresError> {
        let after = created_after.to_string();
        let pages = self.all(&format!("jobs/{job}/reports"), &[("createdAfter", &after)]).await?;
        let mut reports: Vec<Report> = pages.into_iter().flat_map(|page| page.reports).collect();
        reports.sort_by_key(|report| (report.start_time, std::cmp::Reverse(report.create_time)));
        reports.dedup_by_key(|report| report.start_time);
        Ok(reports)
    }

    /// The bytes of a file. Its address must be one of the service itself: the channel's token goes with the request. A page of
    /// HTML and a file that was cut off are refused, so that they are asked for again.
    pub async fn reach_file(&self, report: &Report) -> Result<Vec<u8>, FiguresError> {
        let shape = |why: String| FiguresError::Shape { what: "a reach report", why };
        if !report.download_url.starts_with(&format!("{}/", self.reporting_base)) {
            return Err(shape(format!("report {} lies at another host", report.id)));
        }
        let answer = self.get(PROVIDER, report.download_url.clone(), &is_table).await?;
        Ok(answer.answer.body)
    }

    /// The figures in the bytes of a file.
    pub fn read_reach(&self, bytes: &[u8]) -> Result<Vec<KpiSnapshot>, FiguresError> {
        parse_reach(bytes, &self.channel)
    }

    async fn all(&self, path: &str, pairs: &[(&str, &str)]) -> Result<Vec<Page>, FiguresError> {
        let mut pages: Vec<Page> = Vec::new();
        let mut token: Option<String> = None;
        while pages.len() < PAGES {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(pairs).extend_pairs(token.as_ref().map(|token| ("pageToken", token)));
            let answer =
                self.get(PROVIDER, format!("{}/{path}?{}", self.reporting_base, query.finish()), &is_json).await?;
            let page: Page = read("a list", &answer.answer.body)?;
            token.clone_from(&page.next_page_token);
            pages.push(page);
            if token.is_none() {
                break;
            }
        }
        Ok(pages)
    }
}

fn read<T: DeserializeOwned>(what: &'static str, body: &[u8]) -> Result<T, FiguresError> {
    serde_json::from_slice(body).map_err(|error| FiguresError::Shape { what, why: error.to_string() })
}

/// Takes a whole table: every line of it ends, and has as many cells as the first.
fn is_table(answer: &WebAnswer) -> Result<Spend, String> {
    let body = &answer.body;
    if body.trim_ascii_start().starts_with(b"<") {
        return Err("it is a page, no table".into());
    }
    if body.last().is_some_and(|last| *last != b'\n') {
        return Err("its last line does not end: it was cut off".into());
    }
    let mut reader = csv::Reader::from_reader(body.as_slice());
    match reader.records().find_map(Result::err) {
        Some(error) => Err(format!("it was cut off or damaged: {error}")),
        None => Ok(Spend::default()),
    }
}

/// Reads a reach CSV. Rows without a video (deleted ones, events of the channel) are left out. The rate is a fraction; one above 1
/// is taken for a percentage. Rows of the same day and video are one: impressions add up, and their rates are weighted by them.
pub fn parse_reach(bytes: &[u8], channel: &ChannelId) -> Result<Vec<KpiSnapshot>, FiguresError> {
    let shape = |why: String| FiguresError::Shape { what: "a reach report", why };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| shape(error.to_string()))?.clone();
    let at = |name: &str| {
        header.iter().position(|column| column == name).ok_or_else(|| shape(format!("it has no column {name}")))
    };
    let (date, video) = (at("date")?, at("video_id")?);
    let (impressions, ctr) = (at("video_thumbnail_impressions")?, at("video_thumbnail_impressions_ctr")?);
    // Impressions, clicks of those whose rate is known, and their impressions, by day and video.
    let mut sums: BTreeMap<(Date, String), (f64, f64, f64)> = BTreeMap::new();
    for row in reader.records() {
        let row = row.map_err(|error| shape(error.to_string()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        if cell(video).is_empty() {
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        let day = day(cell(date)).ok_or_else(|| shape(format!("line {line} has no date")))?;
        let number = |at: usize| {
            let cell = cell(at);
            let read = cell.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
            if cell.is_empty() { Ok(None) } else { read.map(Some).ok_or_else(|| format!("line {line} holds `{cell}`")) }
        };
        let Some(shown) = number(impressions).map_err(shape)? else { continue };
        let rate = number(ctr).map_err(shape)?.map(|rate| if rate > 1.0 { rate / 100.0 } else { rate });
        let sum = sums.entry((day, cell(video).to_owned())).or_default();
        sum.0 += shown;
        if let Some(rate) = rate {
            sum.1 += shown * rate;
            sum.2 += shown;
        }
    }
    let snapshot = |((day, video_id), (shown, clicks, known)): ((Date, String), (f64, f64, f64))| KpiSnapshot {
        channel: channel.clone(),
        subject: Subject::Video { video_id },
        day,
        span: Span::Day,
        counting: Counting::of(Span::Day, day, None),
        figures: Figures { impressions: Some(shown), ctr: (known > 0.0).then(|| clicks / known), ..Figures::default() },
        source: KpiSource::Api { report: REACH_REPORT.into() },
    };
    Ok(sums.into_iter().map(snapshot).collect())
}
