//! Criteria at their bounds.

use jiff::civil::date;
use proofreel_model::digest::Digest;
use proofreel_model::kpi::{Counting, Figures, KpiSource};

use super::*;

struct Records {
    channel: ChannelId,
    cards: Vec<VideoCard>,
    snapshots: Vec<KpiSnapshot>,
    rewrites: Vec<Rewrites>,
    channels: Vec<Neighbour>,
}

impl Records {
    fn new() -> Self {
        Self {
            channel: "demo".into(),
            cards: Vec::new(),
            snapshots: Vec::new(),
            rewrites: Vec::new(),
            channels: Vec::new(),
        }
    }

    fn publish(&mut self, day: Date) {
        let video_id = format!("v{}", self.cards.len());
        self.cards.push(VideoCard {
            video_id,
            title: String::new(),
            published: Some(day),
            length_seconds: None,
            run: None,
        });
    }

    fn earn(&mut self, day: Date, usd: f64) {
        self.snapshots.push(KpiSnapshot {
            channel: "demo".into(),
            subject: Subject::Channel,
            day,
            span: Span::Day,
            counting: Counting::FirstFrame,
            figures: Figures { revenue_usd: Some(usd), ..Figures::default() },
            source: KpiSource::StudioExport { digest: Digest::of(b"x"), line: 2 },
        });
    }

    fn of(&self, name: &str) -> Criterion {
        let known = Known {
            channel: &self.channel,
            today: date(2026, 11, 28),
            cards: &self.cards,
            snapshots: &self.snapshots,
            baselines: &[],
            orders: &[],
            attempts: &[],
            rewrites: &self.rewrites,
            channels: &self.channels,
        };
        criteria(&known).into_iter().find(|criterion| criterion.name == name).unwrap()
    }
}

#[test]
fn ten_published_and_two_in_each_of_four_whole_weeks() {
    let mut records = Records::new();
    for week in 0..4 {
        records.publish(date(2026, 10, 26).saturating_add((7 * week).days()));
        records.publish(date(2026, 10, 29).saturating_add((7 * week).days()));
    }
    assert_eq!(records.of("stable cadence").met, Some(true));
    assert_eq!(records.of("published videos").missing.unwrap(), "2 more published videos");
    records.publish(date(2026, 11, 24));
    records.publish(date(2026, 12, 24));
    assert_eq!(records.of("published videos").found, "9 of 10", "what is scheduled is not published");
    records.cards.remove(3);
    let cadence = records.of("stable cadence");
    assert_eq!((cadence.met, cadence.found.as_str()), (Some(false), "2, 1, 2, 2 a week, asked 2"));
}

#[test]
fn two_months_in_a_row_and_the_running_one_does_not_count() {
    let mut records = Records::new();
    assert_eq!(records.of("revenue target").met, None);
    records.earn(date(2026, 8, 3), 2100.0);
    records.earn(date(2026, 10, 3), 2000.0);
    records.earn(date(2026, 11, 3), 9000.0);
    assert_eq!(records.of("revenue target").met, Some(false), "August and October are not in a row");
    records.earn(date(2026, 9, 1), 1000.0);
    records.earn(date(2026, 9, 30), 1000.0);
    let met = records.of("revenue target");
    assert_eq!((met.met, met.evidence.len()), (Some(true), 5));
}

#[test]
fn what_no_row_tells_is_unknown_and_a_channel_copied_is_no_second_one() {
    let mut records = Records::new();
    assert_eq!(records.of("cache hit rate").state(), "unknown");
    let neighbour = |name: &str, config: &str| Neighbour {
        channel: name.into(),
        config: config.into(),
        published: 3,
        baselines: 1,
    };
    records.channels = vec![neighbour("a", "x"), neighbour("b", "x")];
    assert_eq!(records.of("channels").met, Some(false));
    records.channels = vec![neighbour("a", "x"), neighbour("b", "y")];
    assert_eq!((records.of("channels").met, records.of("same KPI report for each").met), (Some(true), Some(true)));
}

#[test]
fn the_rewrite_rate_falls_between_the_halves_of_eight_weeks() {
    let mut records = Records::new();
    let run = |day: Date, rewrites: u32| Rewrites { run: format!("r{day}").as_str().into(), day, rewrites };
    records.rewrites = vec![run(date(2026, 10, 10), 2), run(date(2026, 11, 20), 1)];
    assert_eq!(records.of("rewrite rate falls").met, Some(true));
    records.rewrites = vec![run(date(2026, 10, 10), 1), run(date(2026, 11, 20), 1)];
    assert_eq!(records.of("rewrite rate falls").met, Some(false));
    assert_eq!(phase(&[]), 3);
    assert_eq!(phase(&[records.of("cache hit rate")]), 1);
}
