//! How a channel's videos do: snapshots, baselines and standing orders, as records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{BlobRef, Digest};
use crate::ids::{ChannelId, RunId};
use crate::policy::Thresholds;
use crate::stage::StageName;

/// What a snapshot is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Subject {
    /// One video.
    Video {
        /// YouTube's id.
        video_id: String,
    },
    /// The whole channel.
    Channel,
    /// A part of the channel's audience, for example a country.
    Segment {
        /// What divides: `geography`, `traffic_source`, `subscription_status`.
        dimension: String,
        /// The part.
        value: String,
    },
}

impl Subject {
    /// Key text: `video:ID`, `channel`, `geography:US`.
    pub fn key(&self) -> String {
        match self {
            Self::Video { video_id } => format!("video:{video_id}"),
            Self::Channel => "channel".into(),
            Self::Segment { dimension, value } => format!("{dimension}:{value}"),
        }
    }
}

/// What time a snapshot's figures cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// That Pacific day alone.
    Day,
    /// All that the report covered, up to and including that day.
    Total,
}

/// How views were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// As before the break: what is called engaged views since.
    Engaged,
    /// From the first frame.
    FirstFrame,
    /// Both: the span crosses the break.
    Mixed,
}

impl Counting {
    /// How views were counted in a span that ends on `day`, of a video published on `published`.
    pub fn of(span: Span, day: Date, published: Option<Date>) -> Self {
        let turn = crate::policy::kpi_law().view_break;
        if day < turn {
            return Self::Engaged;
        }
        let begins_after = span == Span::Day || published.is_some_and(|published| published >= turn);
        if begins_after { Self::FirstFrame } else { Self::Mixed }
    }
}

/// Where figures come from; decides what may be derived of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum KpiSource {
    /// The owner's own export from YouTube Studio.
    StudioExport {
        /// Digest of the file.
        digest: Digest,
        /// Line of the row, the header is line 1.
        line: usize,
    },
    /// YouTube's Analytics or Reporting API.
    Api {
        /// Report or query.
        report: String,
    },
}

/// Raw figures, as they were given; nothing here is derived. Absent is unknown, not zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Views as counted on that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<f64>,
    /// Views in the older sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engaged_views: Option<f64>,
    /// Watch time, hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_hours: Option<f64>,
    /// Average view duration, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avd_seconds: Option<f64>,
    /// Average share of the length that was watched, 0–1 and more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avd_share: Option<f64>,
    /// Share of viewers left after thirty seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_30s: Option<f64>,
    /// Thumbnail impressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impressions: Option<f64>,
    /// Click-through rate of the impressions, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctr: Option<f64>,
    /// Estimated revenue, US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_usd: Option<f64>,
    /// Everything else that the source gave, by column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, f64>,
}

/// A row of `kpi_snapshots`: one subject's figures of one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KpiSnapshot {
    /// Channel.
    pub channel: ChannelId,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// The day (Pacific time) of the figures, or the last one.
    pub day: Date,
    /// What time they cover.
    pub span: Span,
    /// How views were counted.
    pub counting: Counting,
    /// The figures.
    pub figures: Figures,
    /// Where they come from.
    pub source: KpiSource,
}

impl KpiSnapshot {
    /// Sort key, which is also how a report cites it: `2026-11-20#total#video:ID`. What YouTube's API gave lies beside the owner's
    /// export and never in it (`…#api`): other terms hold for it.
    pub fn key(&self) -> String {
        let span = if self.span == Span::Day { "day" } else { "total" };
        let api = if self.is_of_api() { "#api" } else { "" };
        format!("{}#{span}#{}{api}", self.day, self.subject.key())
    }

    /// True when YouTube's API gave it.
    pub fn is_of_api(&self) -> bool {
        matches!(self.source, KpiSource::Api { .. })
    }
}

/// A video of a channel, as far as it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoCard {
    /// YouTube's id.
    pub video_id: String,
    /// Title; data of a stranger.
    pub title: String,
    /// Day of publishing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Date>,
    /// Length, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_seconds: Option<f64>,
    /// The run that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// A figure that a channel is steered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Click-through rate.
    Ctr,
    /// Average view duration as a share of the length.
    AvdShare,
    /// Viewers left after thirty seconds.
    #[serde(rename = "retention_30s")]
    Retention30s,
    /// Revenue a thousand views.
    RpmViews,
    /// Revenue a thousand engaged views.
    RpmEngaged,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ctr, Self::AvdShare, Self::Retention30s, Self::RpmViews, Self::RpmEngaged];

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ctr => "CTR",
            Self::AvdShare => "AVD share",
            Self::Retention30s => "30 s retention",
            Self::RpmViews => "RPM (views)",
            Self::RpmEngaged => "RPM (engaged)",
        }
    }

    /// A value for people: a share in percent, money in dollars.
    pub fn worded(self, value: f64) -> String {
        match self {
            Self::Ctr | Self::AvdShare | Self::Retention30s => format!("{:.1} %", value * 100.0),
            Self::RpmViews | Self::RpmEngaged => format!("${value:.2}"),
        }
    }
}

/// What a baseline rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The channel's own videos.
    Channel,
    /// The start value of the policy: too few videos yet.
    Prior,
}

/// A row of `kpi_baselines`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Channel.
    pub channel: ChannelId,
    /// Of what.
    pub metric: Metric,
    /// Age of the videos, days, inclusive.
    pub age: (i32, i32),
    /// Its value: the median.
    pub value: f64,
    /// Interval of the value.
    pub interval: (f64, f64),
    /// Robust standard deviation between videos.
    pub spread: f64,
    /// Videos it rests on.
    pub videos: usize,
    /// What it rests on.
    pub basis: Basis,
    /// Day on which it was drawn.
    pub as_of: Date,
    /// Snapshots it rests on, by key.
    pub evidence: Vec<String>,
}

impl Baseline {
    /// Sort key of the row: `baseline#ctr#00002`.
    pub fn key(&self) -> String {
        let metric = serde_json::to_value(self.metric).ok();
        let metric = metric.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        format!("baseline#{metric}#{:05}", self.age.0)
    }
}

/// A row of `kpi_recalibrations`: the bounds of a channel drawn anew from its own figures, told like a decision record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recalibration {
    /// Channel.
    pub channel: ChannelId,
    /// Day it was decided; it holds from then on, until the next one.
    pub as_of: Date,
    /// Videos of the channel that had been measured.
    pub videos: usize,
    /// Bounds before.
    pub before: Thresholds,
    /// Bounds from now on.
    pub bounds: Thresholds,
    /// What made it necessary.
    pub context: String,
    /// What was decided, one line a bound.
    pub decision: Vec<String>,
    /// What else could have been done, and why it was not.
    pub alternatives: String,
    /// What follows from it.
    pub consequences: String,
    /// Snapshots it rests on, by key.
    pub evidence: Vec<String>,
}

impl Recalibration {
    /// The record as Markdown, in the parts that the project's decision records have.
    pub fn markdown(&self) -> String {
        let list = |lines: &[String]| format!("- {}\n", lines.join("\n- "));
        format!(
            "# Bounds of {} from {} on\n\n- Status: in force until the next one\n- Date: {}\n\n## Context\n{}\n\n## Decision\n{}\n## Alternatives\n{}\n\n## Consequences\n{}\n\n## Evidence\n{}",
            self.channel,
            self.as_of,
            self.as_of,
            self.context,
            list(&self.decision),
            self.alternatives,
            self.consequences,
            list(&self.evidence)
        )
    }
}

/// What an order asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Another title and thumbnail.
    Packaging,
    /// Another script and pace.
    Script,
    /// Another hook and structure of scenes.
    Hook,
}

impl OrderKind {
    /// The order that a figure below its baseline gives; money gives none.
    pub fn of(metric: Metric) -> Option<Self> {
        match metric {
            Metric::Ctr => Some(Self::Packaging),
            Metric::AvdShare => Some(Self::Script),
            Metric::Retention30s => Some(Self::Hook),
            Metric::RpmViews | Metric::RpmEngaged => None,
        }
    }

    /// The stage that owns it.
    pub fn owner(self) -> StageName {
        match self {
            Self::Packaging | Self::Script => StageName::Script,
            Self::Hook => StageName::SceneBuilder,
        }
    }

    /// Name in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Packaging => "packaging",
            Self::Script => "script",
            Self::Hook => "hook",
        }
    }
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Stands.
    Open,
    /// Measured on the uploads after it.
    Measured {
        /// Mean of the figure before, over the uploads that gave the order.
        before: f64,
        /// Median after.
        after: f64,
        /// Uploads measured.
        uploads: usize,
        /// True when the figure is no longer below.
        recovered: bool,
        /// Snapshots it rests on.
        evidence: Vec<String>,
    },
    /// Ran out without enough uploads to measure.
    Expired,
}

/// A standing order to the next episodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandingOrder {
    /// `<day>#<kind>`.
    pub id: String,
    /// Channel.
    pub channel: ChannelId,
    /// What is asked for.
    pub kind: OrderKind,
    /// Stage that owns it.
    pub owner: StageName,
    /// Figure that was below.
    pub metric: Metric,
    /// Why, one sentence with its figures.
    pub reason: String,
    /// Baseline it was below.
    pub baseline: f64,
    /// What rested on: the baseline's basis.
    pub basis: Basis,
    /// Videos that were below, oldest first.
    pub videos: Vec<String>,
    /// Their figures.
    pub values: Vec<f64>,
    /// Snapshots they come from.
    pub evidence: Vec<String>,
    /// Day it was given.
    pub issued: Date,
    /// Last day it stands.
    pub expires: Date,
    /// What became of it.
    pub outcome: Outcome,
}

impl StandingOrder {
    /// True when the episodes of `day` must obey it.
    pub fn stands_on(&self, day: Date) -> bool {
        self.outcome == Outcome::Open && self.issued <= day && day <= self.expires
    }
}

/// A standing order as an episode's order carries it: fixed when the run is ordered, whatever becomes of it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Directive {
    /// The standing order.
    pub order: String,
    /// What is asked for.
    pub kind: OrderKind,
    /// Which order of its kind it is for the channel, from 1: the next one asks for something else again.
    pub nth: u32,
    /// Why it was given.
    pub reason: String,
}

/// What a stage did because of a directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Obeyed {
    /// The standing order.
    pub order: String,
    /// What was asked for.
    pub kind: OrderKind,
    /// What was done.
    pub how: String,
}

/// How many viewers are left along a video, as YouTube gave it last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetentionCurve {
    /// The video.
    pub video_id: String,
    /// Last day that it covers.
    pub day: Date,
    /// Share of the length, and share of viewers who watched that moment; more than 1 where it was watched again.
    pub points: Vec<(f64, f64)>,
}

/// A file of YouTube's Reporting API that was fetched: never fetched again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReachFile {
    /// YouTube's id of it.
    pub report: String,
    /// First instant that it covers.
    pub start: Timestamp,
    /// When YouTube made it; a later file of the same day replaces an earlier one.
    pub made: Timestamp,
    /// Where it is kept.
    pub blob: BlobRef,
    /// Its rows that name a video.
    pub rows: usize,
}

/// An import of a file, kept so that it can be told what came from where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KpiImport {
    /// Digest of the file.
    pub digest: Digest,
    /// Its name.
    pub file: String,
    /// Day it speaks of where its rows carry none.
    pub day: Date,
    /// Snapshots it gave.
    pub snapshots: usize,
    /// What did not agree or could not be read.
    pub notes: Vec<String>,
    /// When.
    pub at: Timestamp,
}
