//! Reach reports: a job that is made once, and a CSV a day.

use jiff::Timestamp;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Counting, Figures, KpiSnapshot, KpiSource, Span, Subject};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Analytics, FiguresError, day};

const PROVIDER: &str = "youtube-reporting";
const TYPE: &str = "channel_reach_basic_a1";
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
        if let Some(job) = jobs.into_iter().flat_map(|page| page.jobs).find(|job| job.report_type_id == TYPE) {
            return Ok(job.id);
        }
        let body = json!({ "reportTypeId": TYPE, "name": "proofreel reach" });
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

    /// The figures of a file. Its address must be one of the service itself: the channel's token goes with the request.
    pub async fn reach(&self, report: &Report) -> Result<Vec<KpiSnapshot>, FiguresError> {
        if !report.download_url.starts_with(&format!("{}/", self.reporting_base)) {
            let why = format!("report {} lies at another host", report.id);
            return Err(FiguresError::Shape { what: "a reach report", why });
        }
        let answer = self.get(PROVIDER, report.download_url.clone()).await?;
        parse_reach(&answer.answer.body, &self.channel)
    }

    async fn all(&self, path: &str, pairs: &[(&str, &str)]) -> Result<Vec<Page>, FiguresError> {
        let mut pages: Vec<Page> = Vec::new();
        let mut token: Option<String> = None;
        while pages.len() < PAGES {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(pairs).extend_pairs(token.as_ref().map(|token| ("pageToken", token)));
            let answer = self.get(PROVIDER, format!("{}/{path}?{}", self.reporting_base, query.finish())).await?;
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

/// Reads a reach CSV. Rows without a video (deleted ones, events of the channel) are left out. The rate is a fraction; one above 1
/// is taken for a percentage.
pub fn parse_reach(bytes: &[u8], channel: &ChannelId) -> Result<Vec<KpiSnapshot>, FiguresError> {
    let shape = |why: String| FiguresError::Shape { what: "a reach report", why };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| shape(error.to_string()))?.clone();
    let at = |name: &str| {
        header.iter().position(|column| column == name).ok_or_else(|| shape(format!("it has no column {name}")))
    };
    let (date, video) = (at("date")?, at("video_id")?);
    let (impressions, ctr) = (at("video_thumbnail_impressions")?, at("video_thumbnail_impressions_ctr")?);
    let mut snapshots = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| shape(error.to_string()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        if cell(video).is_empty() {
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        let day = day(cell(date)).ok_or_else(|| shape(format!("line {line} has no date")))?;
        let rate = cell(ctr).parse::<f64>().ok().map(|rate| if rate > 1.0 { rate / 100.0 } else { rate });
        snapshots.push(KpiSnapshot {
            channel: channel.clone(),
            subject: Subject::Video { video_id: cell(video).to_owned() },
            day,
            span: Span::Day,
            counting: Counting::of(Span::Day, day, None),
            figures: Figures { impressions: cell(impressions).parse().ok(), ctr: rate, ..Figures::default() },
            source: KpiSource::Api { report: TYPE.into() },
        });
    }
    Ok(snapshots)
}
