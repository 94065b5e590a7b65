//! Measures what it takes to aggregate a year of channels, and how that grows: `make bench-insight`.

#![allow(clippy::unwrap_used)] // a measurement may

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::phase::{self, Known, Rewrites};
use proofreel_insight::report::{self, Weekly};
use proofreel_insight::sli::{self, Attempt};
use proofreel_insight::slots::SlotRun;
use proofreel_insight::trigger::Decision;
use proofreel_insight::watchdog::{Seen, conditions};
use proofreel_insight::{cost, forecast, totals, trigger};
use proofreel_model::channel::ChannelKind;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Counting, Figures, KpiSnapshot, KpiSource, Span, Subject, VideoCard};
use proofreel_model::policy::kpi_law;
use proofreel_model::records::{RunState, RunStatus};

const STAGES: [&str; 8] =
    ["planner", "topic-scoring", "research", "scene-builder", "script", "qa", "render", "publish"];

/// Records of one channel, snapshots as the stored text.
struct Stored {
    channel: ChannelId,
    cards: Vec<VideoCard>,
    snapshots: Vec<String>,
    attempts: Vec<Attempt>,
    runs: Vec<SlotRun>,
}

/// Two uploads a week; of each a figure a day for four weeks and one a week from then on.
fn channel(number: usize, years: i64) -> Stored {
    let channel = ChannelId::from(format!("channel-{number}"));
    let first = date(2025, 11, 3);
    let today = first.saturating_add((years * 365).days());
    let mut random = fastrand::Rng::with_seed(number as u64);
    let mut stored =
        Stored { channel, cards: Vec::new(), snapshots: Vec::new(), attempts: Vec::new(), runs: Vec::new() };
    let mut day = first;
    while day < today {
        let id = format!("v{:05}", stored.cards.len());
        let card = VideoCard {
            video_id: id.clone(),
            title: format!("Video {id}"),
            published: Some(day),
            length_seconds: Some(300.0),
            run: None,
        };
        stored.cards.push(card);
        let at = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
        let run = format!("r-{number}-{id}");
        stored.runs.push(SlotRun {
            run: run.as_str().into(),
            channel: stored.channel.clone(),
            state: RunState::Done,
            ordered: at,
            moved: at,
        });
        for stage in STAGES {
            stored.attempts.push(Attempt {
                channel: stored.channel.clone(),
                run: run.as_str().into(),
                stage: stage.into(),
                visit: 1,
                status: if random.f64() < 0.03 { RunStatus::Retry } else { RunStatus::Success },
                outcome: "advance".into(),
                error: None,
                latency_ms: random.u64(1000..200_000),
                cost_usd: random.f64() * 0.01,
                outside_calls: Some(4),
                cache_hits: Some(2),
                sent: Some(2),
                rate_limited: Some(0),
                at,
            });
        }
        let mut age = 1;
        while day.saturating_add(i64::from(age).days()) < today {
            let on = day.saturating_add(i64::from(age).days());
            stored
                .snapshots
                .push(serde_json::to_string(&snapshot(&stored.channel, &id, on, age, &mut random)).unwrap());
            age += if age < 28 { 1 } else { 7 };
        }
        day = day.saturating_add(if stored.cards.len() % 2 == 1 { 3 } else { 4 }.days());
    }
    stored
}

fn snapshot(channel: &ChannelId, id: &str, day: Date, age: i32, random: &mut fastrand::Rng) -> KpiSnapshot {
    let views = 200.0 + 5000.0 * random.f64();
    KpiSnapshot {
        channel: channel.clone(),
        subject: Subject::Video { video_id: id.to_owned() },
        day,
        span: if age <= 28 { Span::Day } else { Span::Total },
        counting: Counting::FirstFrame,
        figures: Figures {
            views: Some(views),
            engaged_views: Some(views * 0.8),
            watch_hours: Some(views / 30.0),
            avd_seconds: Some(120.0),
            avd_share: Some(0.35 + 0.1 * random.f64()),
            impressions: Some(views * 15.0),
            ctr: Some(0.04 + 0.03 * random.f64()),
            revenue_usd: Some(views * 0.005),
            ..Figures::default()
        },
        source: KpiSource::StudioExport { digest: Digest::of(b"invented"), line: 2 },
    }
}

/// Everything that a report, a phase and a look of the watchdog need, for one channel. Returns words written, so that nothing is
/// left out by the compiler.
fn aggregated(stored: &Stored, today: Date) -> usize {
    let snapshots: Vec<KpiSnapshot> = stored.snapshots.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let videos = ByVideo::of(&stored.cards, &snapshots);
    let of = Of { channel: &stored.channel, kind: ChannelKind::Finance, today };
    let baselines = baseline::all(of, &videos);
    let uploads = videos.at_age((8, 28), today);
    let orders = trigger::orders(of, (8, 28), &uploads, &[]);
    let levels = sli::levels(&stored.attempts);
    let costs = cost::costs(&stored.attempts, &[], &BTreeMap::new());
    let rewrites: Vec<Rewrites> = stored
        .runs
        .iter()
        .map(|run| Rewrites { run: run.run.clone(), day: run.ordered.to_zoned(TimeZone::UTC).date(), rewrites: 0 })
        .collect();
    let criteria = phase::criteria(&Known {
        channel: &stored.channel,
        today,
        cards: &stored.cards,
        snapshots: &snapshots,
        baselines: &baselines,
        orders: &orders,
        attempts: &stored.attempts,
        rewrites: &rewrites,
        channels: &[],
    });
    let month = forecast::forecast(&uploads, Some(8.7), kpi_law().thresholds(ChannelKind::Finance));
    let wrong = conditions(&Seen {
        now: today.to_zoned(TimeZone::UTC).unwrap().timestamp(),
        channels: std::slice::from_ref(&stored.channel),
        runs: &stored.runs,
        attempts: &stored.attempts,
        schedule: None,
        pauses: &[],
        last_beat: None,
        phases: &BTreeMap::new(),
        broken: &[],
        left: &[],
    });
    let week = sli::monday(today.saturating_sub(7.days()));
    let document = report::weekly(&Weekly {
        channel: &stored.channel,
        name: "Channel",
        week,
        cards: &stored.cards,
        videos: &videos,
        baselines: &baselines,
        orders: &orders,
        why: "",
        totals: (
            &totals::of_channel(&snapshots, week, week.saturating_add(6.days())),
            &totals::usual_week(&snapshots, week),
        ),
        decision: Decision::Publish { measured: true },
        levels: &levels[levels.len().saturating_sub(STAGES.len())..],
        costs: &costs,
        providers: &[],
        incidents: &[],
        held: &[],
        topics: &[],
        criteria: &criteria,
        forecast: Some(&month),
    });
    report::html(&document).len() + wrong.len()
}

fn main() {
    let report = std::env::args().skip_while(|argument| argument != "--report").nth(1);
    let mut out = String::from(
        "# Aggregating a year of channels\n\nWritten by `make bench-insight`. Two uploads a week; of each video a figure a day for four weeks and one a week from then on; eight \
         rows of the run log a video. Counted is reading the stored JSON of the snapshots, baselines at four ages with their bootstrap, orders, service levels, costs, exit criteria, forecast, a look of \
         the watchdog, and the weekly report as HTML. The store's own reading is not. Best of three, one thread.\n\n| channels | years | snapshots | attempts | seconds | µs a snapshot |\n|---|---|---|---|---|---|\n",
    );
    let mut year_of_twenty = f64::INFINITY;
    for (channels, years) in [(5, 1), (10, 1), (20, 1), (40, 1), (20, 2), (20, 4)] {
        let stored: Vec<Stored> = (0..channels).map(|number| channel(number, years)).collect();
        let today = date(2025, 11, 3).saturating_add((years * 365).days());
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let begun = Instant::now();
            let written: usize = stored.iter().map(|stored| aggregated(stored, today)).sum();
            assert!(written > 0);
            best = best.min(begun.elapsed().as_secs_f64());
        }
        let snapshots: usize = stored.iter().map(|stored| stored.snapshots.len()).sum();
        let attempts: usize = stored.iter().map(|stored| stored.attempts.len()).sum();
        writeln!(
            out,
            "| {channels} | {years} | {snapshots} | {attempts} | {best:.3} | {:.2} |",
            best * 1e6 / snapshots as f64
        )
        .unwrap();
        if (channels, years) == (20, 1) {
            year_of_twenty = best;
        }
    }
    writeln!(out, "\nA year of twenty channels: {year_of_twenty:.3} s, asked below 1 s.").unwrap();
    print!("{out}");
    if let Some(file) = report {
        std::fs::write(file, &out).unwrap();
    }
    assert!(year_of_twenty < 1.0, "a year of twenty channels took {year_of_twenty:.3} s");
}
