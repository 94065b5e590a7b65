//! Reports of an invented channel, in three forms.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proofreel_model::channel::ChannelKind;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Baseline, Counting, Figures, KpiSnapshot, KpiSource, Span, Subject, VideoCard};

use super::*;
use crate::baseline::{self, Of};
use crate::figures::ByVideo;
use crate::totals::Totals;
use crate::trigger::Decision;

fn channel(count: usize) -> (Vec<VideoCard>, Vec<KpiSnapshot>) {
    let first = date(2026, 9, 7);
    let day = |at: usize| first.saturating_add((at as i64 * 3).days());
    let cards = (0..count).map(|at| VideoCard {
        video_id: format!("v{at:02}"),
        title: format!("Prices <b>{at}</b> | [link](x) & more"),
        published: Some(day(at)),
        length_seconds: Some(300.0),
        run: None,
    });
    let snapshots = (0..count).map(|at| KpiSnapshot {
        channel: "demo".into(),
        subject: Subject::Video { video_id: format!("v{at:02}") },
        day: day(at).saturating_add(10.days()),
        span: Span::Total,
        counting: Counting::FirstFrame,
        figures: Figures {
            views: Some(4000.0 + at as f64),
            engaged_views: Some(3000.0),
            impressions: Some(60_000.0),
            ctr: Some(0.06 + 0.001 * (at % 5) as f64),
            avd_share: Some(0.45),
            revenue_usd: Some(20.0),
            ..Figures::default()
        },
        source: KpiSource::StudioExport { digest: Digest::of(b"x"), line: at + 2 },
    });
    (cards.collect(), snapshots.collect())
}

fn report(cards: &[VideoCard], snapshots: &[KpiSnapshot]) -> (Document, Vec<Baseline>) {
    let videos = ByVideo::of(cards, snapshots);
    let id = ChannelId::from("demo");
    let today = date(2026, 11, 28);
    let baselines = baseline::all(Of { channel: &id, kind: ChannelKind::Finance, today }, &videos);
    let topics: Vec<Topic> = (0..8)
        .map(|at| Topic {
            topic: format!("topic {at}"),
            score: 4.5 - f64::from(at) / 10.0,
            scores: [4.0, 5.0, 3.5, 4.8, 4.1],
            cite: "artifact/abc".into(),
        })
        .collect();
    let document = weekly(&Weekly {
        channel: &id,
        name: "Figures That Move",
        week: date(2026, 10, 19),
        cards,
        videos: &videos,
        baselines: &baselines,
        orders: &[],
        decision: Decision::Hold { packaging: true, pacing: false },
        why: "CTR 4.1 %, 5.0 % are wanted",
        totals: (&Totals::default(), &Totals::default()),
        levels: &[],
        costs: &[],
        providers: &[],
        incidents: &[],
        held: &[],
        topics: &topics,
        criteria: &[],
        forecast: None,
    });
    (document, baselines)
}

#[test]
fn a_week_is_read_in_two_minutes_and_every_figure_names_its_records() {
    let (cards, snapshots) = channel(16);
    let (document, _) = report(&cards, &snapshots);
    assert!(document.words() <= 460, "{} words, two minutes are 460", document.words());
    let figures = document.sections.iter().find(|section| section.title.starts_with("Figures")).unwrap();
    let Block::Table(table) = &figures.blocks[0] else { panic!("no table") };
    assert_eq!(table.rows.len(), 4, "all but retention, which no export has");
    assert!(table.rows.iter().all(|row| row.cites.iter().any(|key| key.starts_with("kpi#demo/snapshot#2026-"))));
    let text = plain(&document);
    assert!(text.contains("[1] kpi#demo/snapshot#") && text.lines().all(|line| line.chars().count() <= 76));
}

#[test]
fn titles_of_strangers_are_text_in_every_form() {
    let (cards, snapshots) = channel(16);
    let (document, _) = report(&cards, &snapshots);
    let (page, marked) = (html(&document), markdown(&document));
    assert!(page.contains("Prices &lt;b&gt;14&lt;/b&gt; | [link](x) &amp; more") && !page.contains("<b>14"));
    assert!(!page.contains("<script") && !page.contains("http"), "nothing from elsewhere");
    assert!(page.contains("<svg") && page.contains("<polyline"));
    assert!(marked.contains(r"Prices \<b>14\</b> \| \[link\](x)"), "{marked}");
}

#[test]
fn thresholds_are_proposed_as_a_patch_that_fits_the_policy() {
    let (cards, snapshots) = channel(16);
    let (_, baselines) = report(&cards, &snapshots);
    let policy = include_str!("../../../../specs/policy/kpi.toml");
    let today = Date::constant(2026, 11, 28);
    let found = proposal(&"demo".into(), ChannelKind::Finance, today, &baselines, policy).unwrap();
    assert!(found.patch.contains("-ctr = 0.05\n+ctr = 0.062\n"), "{}", found.patch);
    assert!(found.adr.contains("- `finance.ctr`: 0.05 → 0.062") && found.adr.contains("Status: proposed"));
    // What the patch takes away stands where it says.
    let at: usize = found.patch.split("@@ -").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    let old: Vec<&str> =
        found.patch.lines().skip(3).filter(|line| !line.starts_with('+')).map(|line| &line[1..]).collect();
    assert_eq!(policy.lines().skip(at - 1).take(old.len()).collect::<Vec<_>>(), old);
    let (cards, snapshots) = channel(8);
    let (_, few) = report(&cards, &snapshots);
    assert_eq!(proposal(&"demo".into(), ChannelKind::Finance, today, &few, policy), None);
}
