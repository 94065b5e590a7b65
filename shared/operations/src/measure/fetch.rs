//! A channel's figures from YouTube's own interfaces. What is closed, late or unreadable is a state that is told; whatever came
//! until then is kept, and the next fetch goes on from there.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{
    Counting, Figures, KpiImport, KpiSnapshot, KpiSource, RetentionCurve, Span, Subject, VideoCard,
};
use proofreel_model::policy::kpi_law;
use proofreel_pipeline::kpi::{self, Stored};
use proofreel_ports::{CallError, HostError, Outside, Pager};
use proofreel_providers::youtube::Tokens;
use proofreel_providers::youtube_analytics::{Analytics, FiguresError, Revenue};
use serde::Serialize;

use super::pacific_today;
use super::reach::{self, ReachTold};
use crate::{Office, OperationError, consent, settings};

/// How far to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// First day that is asked for; else from what is kept.
    pub since: Option<Date>,
    /// Nothing is stored, nobody is told, no job is made.
    pub dry_run: bool,
}

/// Whether the channel's figures can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "access", rename_all = "snake_case")]
pub enum Access {
    /// They were read.
    Open,
    /// Nobody consented yet, or the OAuth client is missing.
    NotSetUp {
        /// What is missing and what to do.
        why: String,
    },
    /// The owner's consent no longer holds: somebody was called.
    NoConsent {
        /// What YouTube said.
        why: String,
    },
    /// The consent does not include the channel's figures.
    Forbidden {
        /// What YouTube said, and what to do.
        why: String,
    },
    /// YouTube fails, limits or answers what cannot be read; what came until then is kept.
    Later {
        /// What it said.
        why: String,
    },
}

/// What YouTube tells of revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// It was not asked.
    Unknown,
    /// The channel is not in the partner programme.
    NotMonetised,
    /// Revenue by day is there.
    Told,
}

/// What a fetch came to.
#[derive(Clone, Debug, Serialize)]
pub struct Fetched {
    /// Channel.
    pub channel: ChannelId,
    /// Last day that was asked for: younger days are not whole.
    pub until: Date,
    /// Last day that YouTube gave; earlier than `until` when it is late.
    pub last_day: Option<Date>,
    /// Whether it could be read.
    pub access: Access,
    /// Revenue.
    pub money: Money,
    /// Videos asked about.
    pub videos: usize,
    /// Impressions and click-through rates.
    pub reach: ReachTold,
    /// What it changed, or would.
    pub stored: Stored,
    /// Retention curves that were read.
    pub curves: usize,
    /// What a person should know: revised figures, days that are late, what could not be read.
    pub notes: Vec<String>,
    /// The rows themselves, for a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<KpiSnapshot>,
}

/// What an error means for the rest.
pub(super) enum Means {
    /// This question has no answer; go on with the next.
    Skip(String),
    /// No further question has one now.
    Stop(Access),
}

/// What to make of a failure.
pub(super) fn means(error: &FiguresError) -> Means {
    let why = error.to_string();
    match error {
        FiguresError::Access(HostError::Consent { .. }) => Means::Stop(Access::NoConsent { why }),
        FiguresError::Access(HostError::Refused { .. }) => Means::Stop(Access::NotSetUp { why }),
        FiguresError::Call(CallError::Status { status: 400 | 404, .. }) | FiguresError::Shape { .. } => {
            Means::Skip(why)
        }
        FiguresError::Call(CallError::Status { status: 401 | 403, .. }) => Means::Stop(Access::Forbidden {
            why: format!(
                "{why}\n  hint: consent again with `proofreel auth youtube`, which now asks for the channel's figures too"
            ),
        }),
        FiguresError::Access(_) | FiguresError::Call(_) => Means::Stop(Access::Later { why }),
    }
}

/// Rows by key, each figure where it belongs.
#[derive(Default)]
pub(super) struct Rows(BTreeMap<String, KpiSnapshot>);

impl Rows {
    /// Adds several.
    pub fn extend(&mut self, rows: Vec<KpiSnapshot>) {
        for row in rows {
            self.add(row);
        }
    }

    /// Adds a row, or its figures to the row that is there.
    pub fn add(&mut self, row: KpiSnapshot) {
        let key = row.key();
        let figures = match self.0.get(&key) {
            Some(before) => kpi::over(&before.figures, &row.figures),
            None => row.figures.clone(),
        };
        self.0.insert(key, KpiSnapshot { figures, ..row });
    }
}

/// Reads what YouTube has of a channel since the last time, and keeps it.
///
/// # Errors
/// The records or blobs. Whatever YouTube does is a state in what is given back.
pub async fn fetch(
    office: &Office,
    outside: &dyn Outside,
    tokens: &Tokens,
    pager: &dyn Pager,
    profile: &ChannelProfile,
    ask: Ask,
) -> Result<Fetched, OperationError> {
    let (records, channel) = (office.records.as_ref(), &profile.id);
    let law = kpi_law();
    let until = pacific_today(office.clock.as_ref())?.saturating_sub(law.settled_days.days());
    let kept = kpi::snapshots(records, channel).await?;
    let mut cards = kpi::videos(records, channel).await?;
    cards.retain(|card| card.published.is_none_or(|day| day <= until));
    cards.sort_by_key(|card| std::cmp::Reverse(card.published));
    cards.truncate(law.fetch.newest_videos);
    let client = Analytics::new(outside, office.clock.as_ref(), tokens, channel.clone());
    let mut asking = Asking {
        client: &client,
        kept: &kept,
        until,
        since: ask.since,
        money: Money::Unknown,
        rows: Rows::default(),
        curves: Vec::new(),
        last_day: None,
        notes: Vec::new(),
    };
    let (access, videos) = figures(&mut asking, &cards).await;
    let Asking { mut rows, curves, last_day, mut notes, money, .. } = asking;
    if access == Access::Open && !ask.dry_run {
        settings::token_used(office, channel.as_str(), "measuring", "figures").await?;
    }
    // Reach comes from another service, with limits of its own; without consent neither answers.
    let closed = matches!(access, Access::NotSetUp { .. } | Access::NoConsent { .. });
    let (told, files) = if closed {
        (ReachTold::default(), Vec::new())
    } else {
        reach::read(office, &client, channel, ask.dry_run, &mut rows, &mut notes).await?
    };
    let fresh: Vec<KpiSnapshot> = rows.0.into_values().collect();
    say_what_changed(&kept, &fresh, last_day, until, &access, &mut notes);
    let (stored, written, _) = kpi::merged(records, channel, &fresh, &[]).await?;
    if !ask.dry_run {
        if stored.new + stored.changed > 0 {
            let bytes = canonical_json(&written).map_err(|error| OperationError::Unreadable {
                what: "what was fetched".into(),
                why: error.to_string(),
            })?;
            let row = KpiImport {
                digest: Digest::of(&bytes),
                file: format!("YouTube, until {until}"),
                day: until,
                snapshots: fresh.len(),
                notes: notes.clone(),
                at: office.clock.now(),
            };
            kpi::put_import(records, &row, channel, &written, &[]).await?;
        }
        kpi::put_curves(records, channel, &curves).await?;
        // Last: after a crash before it a file is fetched once more and changes nothing.
        kpi::put_reach_files(records, channel, &files).await?;
        tell_of_consent(office, pager, channel, &access).await?;
    }
    Ok(Fetched {
        channel: channel.clone(),
        until,
        last_day,
        access,
        money,
        videos,
        reach: told,
        stored,
        curves: curves.len(),
        notes,
        snapshots: if ask.dry_run { fresh } else { Vec::new() },
    })
}

/// Asks for the channel and its films one after another; how that ended, and how many films were asked for.
async fn figures(asking: &mut Asking<'_>, cards: &[VideoCard]) -> (Access, usize) {
    if let Err(stopped) = asking.channel().await {
        return (stopped, 0);
    }
    for (asked, card) in cards.iter().enumerate() {
        if let Err(stopped) = asking.video(card).await {
            return (stopped, asked + 1);
        }
    }
    (Access::Open, cards.len())
}

/// Calls somebody once when a consent is lost, and closes that when it works again.
async fn tell_of_consent(
    office: &Office,
    pager: &dyn Pager,
    channel: &ChannelId,
    access: &Access,
) -> Result<(), OperationError> {
    match access {
        Access::NoConsent { why } => consent::lost(office, pager, channel, why).await,
        Access::Open => consent::works(office, pager, channel).await,
        _ => Ok(()),
    }
}

fn say_what_changed(
    kept: &[KpiSnapshot],
    fresh: &[KpiSnapshot],
    last_day: Option<Date>,
    until: Date,
    access: &Access,
    notes: &mut Vec<String>,
) {
    let old: BTreeMap<String, &KpiSnapshot> = kept.iter().map(|row| (row.key(), row)).collect();
    let mut revised: Vec<String> = Vec::new();
    for row in fresh {
        let Some(before) = old.get(&row.key()) else { continue };
        for (name, was, is) in told_figures(&before.figures, &row.figures) {
            if let (Some(was), Some(is)) = (was, is)
                && (was - is).abs() > f64::EPSILON * was.abs().max(1.0)
            {
                revised.push(format!("{} {name} {was} → {is}", row.key()));
            }
        }
    }
    if !revised.is_empty() {
        let shown = kpi_law().fetch.examples.min(revised.len());
        let more = revised.len() - shown;
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.push(format!("YouTube revised {} figures: {}{rest}", revised.len(), revised[..shown].join("; ")));
    }
    if *access == Access::Open
        && let Some(last) = last_day.filter(|last| *last < until)
    {
        notes.push(format!("YouTube is late: figures end on {last}, {until} was asked for; the next fetch asks again"));
    }
    let ways: std::collections::BTreeSet<u8> = fresh
        .iter()
        .filter(|row| row.span == Span::Day)
        .map(|row| u8::from(row.counting == Counting::Engaged))
        .collect();
    if ways.len() > 1 || fresh.iter().any(|row| row.counting == Counting::Mixed) {
        notes.push(format!(
            "views count from the first frame since {}: earlier days are not compared with later ones",
            kpi_law().view_break
        ));
    }
}

/// The figures that are told when they are revised.
fn told_figures(old: &Figures, new: &Figures) -> [(&'static str, Option<f64>, Option<f64>); 6] {
    [
        ("views", old.views, new.views),
        ("engaged views", old.engaged_views, new.engaged_views),
        ("watch hours", old.watch_hours, new.watch_hours),
        ("impressions", old.impressions, new.impressions),
        ("CTR", old.ctr, new.ctr),
        ("revenue", old.revenue_usd, new.revenue_usd),
    ]
}

/// Questions to the Analytics API, and what came.
struct Asking<'a> {
    client: &'a Analytics<'a>,
    kept: &'a [KpiSnapshot],
    until: Date,
    since: Option<Date>,
    money: Money,
    rows: Rows,
    curves: Vec<RetentionCurve>,
    last_day: Option<Date>,
    notes: Vec<String>,
}

impl Asking<'_> {
    /// An answer, or nothing and a note, or the end of asking.
    fn got<T>(&mut self, of: &str, answer: Result<T, FiguresError>) -> Result<Option<T>, Access> {
        match answer {
            Ok(value) => Ok(Some(value)),
            Err(error) => match means(&error) {
                Means::Skip(why) => {
                    self.notes.push(format!("{of}: {}", why.lines().next().unwrap_or_default()));
                    Ok(None)
                }
                Means::Stop(access) => Err(access),
            },
        }
    }

    /// First day to ask for: some days before the last one that is kept, else the day of publishing.
    fn first_day(&self, subject: &Subject, published: Option<Date>) -> Date {
        let law = &kpi_law().fetch;
        let first = published.unwrap_or_else(|| self.until.saturating_sub(law.first_days.days()));
        if let Some(since) = self.since {
            return published.map_or(since, |day| day.max(since));
        }
        let of = |row: &&KpiSnapshot| row.span == Span::Day && row.is_of_api() && row.subject == *subject;
        // A day that only the reach files speak of was not told by this service.
        let last = self.kept.iter().filter(of).filter(|row| row.figures.views.is_some()).map(|row| row.day).max();
        last.map_or(first, |last| last.saturating_sub(law.again_days.days()).max(first))
    }

    async fn channel(&mut self) -> Result<(), Access> {
        let from = self.first_day(&Subject::Channel, None);
        if from > self.until {
            return Ok(());
        }
        let days = self.client.days(None, from, self.until).await;
        let days = self.got("the channel", days)?.unwrap_or_default();
        self.last_day = days.iter().map(|row| row.day).max();
        let channel = days.first().map(|row| row.channel.clone());
        self.rows.extend(days);
        let revenue = self.client.revenue(None, from, self.until).await;
        match self.got("the channel's revenue", revenue)? {
            Some(Revenue::NotMonetised) => self.money = Money::NotMonetised,
            Some(Revenue::ByDay(days)) => {
                self.money = Money::Told;
                if let Some(channel) = channel {
                    self.add_revenue(&channel, &Subject::Channel, days);
                }
            }
            None => {}
        }
        Ok(())
    }

    fn add_revenue(&mut self, channel: &ChannelId, subject: &Subject, days: Vec<(Date, f64)>) {
        for (day, revenue) in days {
            self.rows.add(KpiSnapshot {
                channel: channel.clone(),
                subject: subject.clone(),
                day,
                span: Span::Day,
                counting: Counting::of(Span::Day, day, None),
                figures: Figures { revenue_usd: Some(revenue), ..Figures::default() },
                source: KpiSource::Api { report: "youtubeAnalytics.reports.query".into() },
            });
        }
    }

    async fn video(&mut self, card: &VideoCard) -> Result<(), Access> {
        let id = card.video_id.as_str();
        let subject = Subject::Video { video_id: card.video_id.clone() };
        let from = self.first_day(&subject, card.published);
        if from > self.until {
            return Ok(());
        }
        let days = self.client.days(Some(id), from, self.until).await;
        let Some(days) = self.got(&format!("video {id}"), days)? else { return Ok(()) };
        let Some(last) = days.iter().map(|row| row.day).max() else { return Ok(()) };
        let channel = days[0].channel.clone();
        self.last_day = self.last_day.max(Some(last));
        self.rows.extend(days);
        if self.money == Money::Told {
            let revenue = self.client.revenue(Some(id), from, self.until).await;
            if let Some(Revenue::ByDay(days)) = self.got(&format!("revenue of video {id}"), revenue)? {
                self.add_revenue(&channel, &subject, days);
            }
        }
        if self.wants_totals(&subject, card.published, last) {
            self.totals(card, last).await?;
        }
        Ok(())
    }

    /// True when the totals of a video are due: every day while it is young, then once in a while.
    fn wants_totals(&self, subject: &Subject, published: Option<Date>, last: Date) -> bool {
        let law = &kpi_law().fetch;
        let of = |row: &&KpiSnapshot| row.span == Span::Total && row.is_of_api() && row.subject == *subject;
        let Some(before) = self.kept.iter().filter(of).map(|row| row.day).max() else { return true };
        let young = published.is_some_and(|day| last <= day.saturating_add(law.daily_until_age.days()));
        before < last && (young || before <= last.saturating_sub(law.totals_every_days.days()))
    }

    async fn totals(&mut self, card: &VideoCard, last: Date) -> Result<(), Access> {
        let id = card.video_id.as_str();
        let first = card.published.unwrap_or_else(|| last.saturating_sub(kpi_law().fetch.first_days.days()));
        let total = self.client.total(id, card.published, first, last).await;
        let Some(Some(mut total)) = self.got(&format!("totals of video {id}"), total)? else { return Ok(()) };
        let curve = self.client.retention(id, first, last).await;
        if let Some(curve) = self.got(&format!("retention of video {id}"), curve)?
            && !curve.points.is_empty()
        {
            if let Some(length) = card.length_seconds {
                total.figures.retention_30s = curve.after_hook(length);
            } else {
                let why = "nobody says how long it is, so its 30 s retention is unknown";
                self.notes.push(format!("video {id}: {why}"));
            }
            self.curves.push(RetentionCurve { video_id: id.to_owned(), day: last, points: curve.points });
        }
        self.rows.add(total);
        Ok(())
    }
}
