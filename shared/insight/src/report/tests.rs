//! Reports of an invented channel, in three forms.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proofreel_model::channel::ChannelKind;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::Incident;
use proofreel_model::kpi::{
    Baseline, Basis, Counting, Figures, KpiSnapshot, KpiSource, Metric, OrderKind, Outcome, Span, StandingOrder,
    Subject, VideoCard,
};
use proofreel_model::policy::kpi_law;
use proofreel_model::records::RunStatus;

use super::*;
use crate::baseline::{self, Of};
use crate::cost::ProviderCost;
use crate::figures::ByVideo;
use crate::forecast::forecast;
use crate::phase;
use crate::sli::{self, Attempt};
use crate::totals::Totals;
use crate::trigger::Decision;

mod month;

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

/// The text without its line breaks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_week_is_read_in_two_minutes_and_every_figure_names_its_records() {
    let (cards, snapshots) = channel(16);
    let (document, _) = report(&cards, &snapshots);
    assert!(document.words() <= 460, "{} words, two minutes are 460", document.words());
    assert!(document.summary[0].starts_with("1 decision needed"), "{:?}", document.summary);
    assert_eq!(document.sections[0].title, "Decisions needed");
    assert!(
        flat(&plain(&document)).contains("be held for packaging: CTR 4.1 %, 5.0 % are wanted"),
        "{}",
        plain(&document)
    );
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
    assert!(found.patch.contains("-ctr = 0.05\n+ctr = 0.061\n"), "{}", found.patch);
    assert!(found.adr.contains("- `finance.ctr`: 0.05 → 0.061") && found.adr.contains("Status: proposed"));
    // What the patch takes away stands where it says.
    let at: usize = found.patch.split("@@ -").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    let old: Vec<&str> =
        found.patch.lines().skip(3).filter(|line| !line.starts_with('+')).map(|line| &line[1..]).collect();
    assert_eq!(policy.lines().skip(at - 1).take(old.len()).collect::<Vec<_>>(), old);
    let (cards, snapshots) = channel(8);
    let (_, few) = report(&cards, &snapshots);
    assert_eq!(proposal(&"demo".into(), ChannelKind::Finance, today, &few, policy), None);
}

fn begun() -> jiff::Timestamp {
    "2026-10-20T06:00:00Z".parse().unwrap()
}

/// Four stages with enough attempts for rates; one of each was tried again.
fn attempts() -> Vec<Attempt> {
    ["planner", "script", "render", "publish"]
        .iter()
        .flat_map(|stage| (0..22).map(move |part| (stage, part)))
        .map(|(stage, part)| Attempt {
            channel: "demo".into(),
            run: "20261020t060000-abcd".into(),
            stage: (*stage).into(),
            visit: 1,
            status: if part == 0 { RunStatus::Retry } else { RunStatus::Success },
            outcome: "advance".into(),
            error: None,
            latency_ms: 60_000,
            cost_usd: 0.001,
            outside_calls: Some(4),
            cache_hits: Some(3),
            sent: Some(1),
            rate_limited: Some(0),
            at: begun(),
        })
        .collect()
}

fn orders() -> [StandingOrder; 2] {
    [OrderKind::Packaging, OrderKind::Hook].map(|kind| StandingOrder {
        id: format!("2026-10-20#{}", kind.as_str()),
        channel: "demo".into(),
        kind,
        owner: kind.owner(),
        metric: Metric::Ctr,
        reason: "CTR of the last 2 uploads was 3.5 % and 3.9 %, below 5.2 % (the median of 30 videos)".into(),
        baseline: 0.052,
        basis: Basis::Channel,
        videos: vec!["v10".into()],
        values: vec![0.035],
        evidence: vec!["key".into()],
        issued: date(2026, 10, 20),
        expires: date(2026, 11, 10),
        outcome: Outcome::Open,
    })
}

fn incidents() -> Vec<(String, Incident)> {
    let incident: Incident = serde_json::from_value(serde_json::json!({
        "kind": "slo_breach", "cause": "slots#demo", "channel": "demo", "created_at": begun(), "state": "open",
        "what": "2 slots in a row of channel demo were not kept; newest first: 2026-10-22T06:00:00Z failed at render",
    }))
    .unwrap();
    vec![("key".to_owned(), incident.clone()), ("other".to_owned(), incident)]
}

#[test]
fn a_page_with_every_section_full_is_still_read_in_two_minutes() {
    let (cards, snapshots) = channel(16);
    let videos = ByVideo::of(&cards, &snapshots);
    let id = ChannelId::from("demo");
    let (week, today) = (date(2026, 10, 19), date(2026, 10, 25));
    let baselines = baseline::all(Of { channel: &id, kind: ChannelKind::Finance, today: date(2026, 11, 28) }, &videos);
    let (attempts, orders, incidents) = (attempts(), orders(), incidents());
    let held = [("20261020t060000-abcd".to_owned(), "its film is to be approved or rejected".to_owned())];
    let topics: Vec<Topic> = (0..5)
        .map(|at| Topic {
            topic: "What the ten-year yield did through booms and busts".into(),
            score: 4.5 - f64::from(at) / 10.0,
            scores: [4.0, 5.0, 3.5, 4.8, 4.1],
            cite: "artifact/abc".into(),
        })
        .collect();
    let criteria = phase::criteria(&phase::Known {
        channel: &id,
        today,
        cards: &cards,
        snapshots: &snapshots,
        baselines: &baselines,
        orders: &orders,
        attempts: &attempts,
        rewrites: &[],
        channels: &[],
    });
    let provider = |name: &str| ProviderCost {
        provider: name.into(),
        cites: vec!["usage#2026-10".into()],
        ..ProviderCost::default()
    };
    let totals = Totals {
        views: Some(8123.0),
        watch_hours: Some(300.0),
        revenue_usd: Some(61.5),
        days: 7,
        evidence: vec!["d".into()],
    };
    let forecast =
        forecast(&videos.at_age((8, 28), date(2026, 11, 28)), Some(8.0), kpi_law().thresholds(ChannelKind::Finance));
    let levels = sli::levels(&attempts);
    let document = weekly(&Weekly {
        channel: &id,
        name: "Figures That Move",
        week,
        cards: &cards,
        videos: &videos,
        baselines: &baselines,
        orders: &orders,
        decision: Decision::Hold { packaging: true, pacing: true },
        why: "CTR 4.1 %, 5.0 % are wanted, AVD 37.0 %, 40.0 % are wanted",
        totals: (&totals, &totals),
        levels: &levels,
        costs: &crate::cost::costs(&attempts, &[], &std::collections::BTreeMap::new()),
        providers: &[provider("groq"), provider("gemini"), provider("polly"), provider("fred")],
        incidents: &incidents,
        held: &held,
        topics: &topics,
        criteria: &criteria,
        forecast: Some(&forecast),
    });
    let text = plain(&document);
    assert!(document.words() <= 460, "{} words, two minutes are 460:\n{text}", document.words());
    assert!(document.summary[0].starts_with("4 decisions needed"), "{:?}", document.summary);
    let said = flat(&text);
    for part in ["missing", "retries", "4.5 %", "8,123 views (usual 8,123)", "packaging order until", "No promise"] {
        assert!(said.contains(part), "{part}:\n{text}");
    }
    for criterion in &criteria {
        assert!(said.contains(criterion.name), "{}:\n{text}", criterion.name);
    }
    assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
}
