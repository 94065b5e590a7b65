//! `reports.query`: a table with its columns named.

use jiff::civil::Date;
use proofreel_model::kpi::{Counting, Figures, KpiSnapshot, KpiSource, Span, Subject};
use proofreel_ports::CallError;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Analytics, FiguresError, day, is_json};

pub(super) const PROVIDER: &str = "youtube-analytics";
const FIGURES: &str = "views,engagedViews,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,likes,comments,shares,subscribersGained,subscribersLost";
/// Seconds at which the hook is judged.
const HOOK_SECONDS: f64 = 30.0;

/// Revenue of a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum Revenue {
    /// By day, US dollars.
    ByDay(Vec<(Date, f64)>),
    /// The channel is not in the partner programme: YouTube answers 403. A state, not an error.
    NotMonetised,
}

/// How many viewers are left along a video.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Share of the length, and share of viewers who watched that moment; more than 1 where it was watched again.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// The share left after thirty seconds of a video of this length, interpolated; none for a shorter one.
    pub fn after_hook(&self, length_seconds: f64) -> Option<f64> {
        let at = HOOK_SECONDS / length_seconds;
        if !(0.0..=1.0).contains(&at) {
            return None;
        }
        let next = self.points.iter().position(|(share, _)| *share >= at)?;
        let (right, below) = self.points[next];
        let Some((left, above)) = next.checked_sub(1).map(|before| self.points[before]) else { return Some(below) };
        Some(above + (below - above) * (at - left) / (right - left).max(f64::MIN_POSITIVE))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    #[serde(default)]
    column_headers: Vec<ColumnHeader>,
    // Left out when there is nothing.
    #[serde(default)]
    rows: Vec<Vec<Value>>,
    // An operation that failed may come with a good status.
    #[serde(default)]
    errors: Option<Value>,
}

#[derive(Deserialize)]
struct ColumnHeader {
    name: String,
}

impl Table {
    fn at(&self, name: &str) -> Option<usize> {
        self.column_headers.iter().position(|column| column.name == name)
    }

    fn number(&self, row: &[Value], name: &str) -> Option<f64> {
        row.get(self.at(name)?)?.as_f64()
    }

    fn day(&self, row: &[Value]) -> Option<Date> {
        day(row.get(self.at("day")?)?.as_str()?)
    }
}

impl Analytics<'_> {
    /// Figures by day, of a video or of the whole channel. Days that are not whole yet are not in it.
    pub async fn days(&self, video: Option<&str>, from: Date, to: Date) -> Result<Vec<KpiSnapshot>, FiguresError> {
        let table = self.query(FIGURES, Some("day"), video, (from, to)).await?;
        let snapshot =
            |row: &Vec<Value>| Some(self.snapshot(video, table.day(row)?, Span::Day, None, figures(&table, row)));
        Ok(table.rows.iter().filter_map(snapshot).collect())
    }

    /// A video's figures over all these days together; none where there are none. `published` tells how its views were counted.
    pub async fn total(
        &self,
        video: &str,
        published: Option<Date>,
        from: Date,
        to: Date,
    ) -> Result<Option<KpiSnapshot>, FiguresError> {
        let table = self.query(FIGURES, None, Some(video), (from, to)).await?;
        let row = table.rows.first();
        Ok(row.map(|row| self.snapshot(Some(video), to, Span::Total, published, figures(&table, row))))
    }

    fn snapshot(
        &self,
        video: Option<&str>,
        day: Date,
        span: Span,
        published: Option<Date>,
        figures: Figures,
    ) -> KpiSnapshot {
        let subject = video.map_or(Subject::Channel, |video| Subject::Video { video_id: video.to_owned() });
        KpiSnapshot {
            channel: self.channel.clone(),
            subject,
            day,
            span,
            counting: Counting::of(span, day, published),
            figures,
            source: KpiSource::Api { report: "youtubeAnalytics.reports.query".into() },
        }
    }

    /// A video's retention curve over some days.
    pub async fn retention(&self, video: &str, from: Date, to: Date) -> Result<Curve, FiguresError> {
        let table = self.query("audienceWatchRatio", Some("elapsedVideoTimeRatio"), Some(video), (from, to)).await?;
        let point = |row: &Vec<Value>| {
            Some((table.number(row, "elapsedVideoTimeRatio")?, table.number(row, "audienceWatchRatio")?))
        };
        let mut points: Vec<(f64, f64)> = table.rows.iter().filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Curve { points })
    }

    /// Revenue by day, of a video or of the whole channel.
    pub async fn revenue(&self, video: Option<&str>, from: Date, to: Date) -> Result<Revenue, FiguresError> {
        match self.query("estimatedRevenue", Some("day"), video, (from, to)).await {
            Ok(table) => {
                let row = |row: &Vec<Value>| Some((table.day(row)?, table.number(row, "estimatedRevenue")?));
                Ok(Revenue::ByDay(table.rows.iter().filter_map(row).collect()))
            }
            Err(FiguresError::Call(CallError::Status { status: 403, .. })) => Ok(Revenue::NotMonetised),
            Err(error) => Err(error),
        }
    }

    async fn query(
        &self,
        metrics: &str,
        dimension: Option<&str>,
        video: Option<&str>,
        (from, to): (Date, Date),
    ) -> Result<Table, FiguresError> {
        let shape = |why: String| FiguresError::Shape { what: "a report", why };
        let mut url = Url::parse(&format!("{}/reports", self.query_base)).map_err(|error| shape(error.to_string()))?;
        url.query_pairs_mut()
            .append_pair("ids", "channel==MINE")
            .append_pair("startDate", &from.to_string())
            .append_pair("endDate", &to.to_string())
            .append_pair("metrics", metrics)
            .extend_pairs(dimension.map(|dimension| ("dimensions", dimension)))
            .extend_pairs(dimension.map(|dimension| ("sort", dimension)))
            .extend_pairs(video.map(|video| ("filters", format!("video=={video}"))));
        let answer = self.get(PROVIDER, url.into(), &is_json).await?;
        let table: Table = serde_json::from_slice(&answer.answer.body).map_err(|error| shape(error.to_string()))?;
        if let Some(errors) = table.errors.as_ref().filter(|errors| !errors.is_null()) {
            return Err(shape(format!("it reports {}", errors.to_string().chars().take(200).collect::<String>())));
        }
        let lacks = metrics.split(',').chain(dimension).find(|name| table.at(name).is_none());
        match lacks {
            Some(name) if !table.rows.is_empty() => Err(shape(format!("it has no column {name}"))),
            _ => Ok(table),
        }
    }
}

/// The figures in a row, as they were given.
fn figures(table: &Table, row: &[Value]) -> Figures {
    let number = |name: &str| table.number(row, name);
    let other = ["likes", "comments", "shares", "subscribersGained", "subscribersLost"];
    Figures {
        views: number("views"),
        engaged_views: number("engagedViews"),
        watch_hours: number("estimatedMinutesWatched").map(|minutes| minutes / 60.0),
        avd_seconds: number("averageViewDuration"),
        avd_share: number("averageViewPercentage").map(|percent| percent / 100.0),
        other: other.iter().filter_map(|name| Some((snake(name), number(name)?))).collect(),
        ..Figures::default()
    }
}

/// `subscribersGained` as the exports' names are kept: `subscribers_gained`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(sign.to_ascii_lowercase());
    }
    out
}
