//! A month's page with every section full.

use std::collections::BTreeMap;

use proofreel_model::experiment::{Decision as CameTo, Experiment, ExperimentType};
use proofreel_model::kpi::Recalibration;

use super::*;
use crate::budget::{self, Channels, Film, Recorded};

/// October against what is free, with something used of everything.
fn october() -> budget::Month {
    let basis = budget::own();
    let mut month =
        basis.month(Channels { all: 2, google: 1, writing: 1, tokens: 60_000, ..Channels::default() }).unwrap();
    let recorded = Recorded {
        month: date(2026, 10, 1),
        now: "2026-11-02T07:00:00Z".parse().unwrap(),
        ordered: vec!["20261020t060000-abcd".into()],
        runs: 40,
        attempts: attempts(),
        films: vec![Film { run: "20261020t060000-abcd".into(), bytes: 14_000_000, at: begun() }],
        kept_bytes: 28_000_000,
        mails: 31,
        ..Recorded::default()
    };
    basis.went(&mut month, &recorded, None).unwrap();
    month
}

fn experiment(at: i64) -> Experiment {
    Experiment {
        channel: "demo".into(),
        video_id: format!("v{at:02}"),
        run: "20261020t060000-abcd".into(),
        experiment_type: ExperimentType::Title,
        variants: vec!["Gold did this only four times, and each time the same thing followed it".into(), "Gold".into()],
        order: "2026-10-20#packaging".into(),
        start: date(2026, 10, 1).saturating_add(at.days()),
        end: Some(date(2026, 10, 30)),
        ctr: Some(0.052),
        avd: Some(0.44),
        decision: Some(CameTo::Better),
    }
}

fn recalibration(channel: &ChannelId) -> Recalibration {
    let bounds = *kpi_law().thresholds(ChannelKind::Finance);
    Recalibration {
        channel: channel.clone(),
        as_of: date(2026, 10, 20),
        videos: 12,
        before: bounds,
        bounds,
        context: String::new(),
        decision: Vec::new(),
        alternatives: String::new(),
        consequences: String::new(),
        evidence: Vec::new(),
    }
}

#[test]
fn a_month_with_every_section_full_is_read_in_two_minutes_and_shows_what_is_free() {
    let (cards, snapshots) = channel(16);
    let videos = ByVideo::of(&cards, &snapshots);
    let id = ChannelId::from("demo");
    let (month, today) = (date(2026, 10, 1), date(2026, 10, 31));
    let baselines = baseline::all(Of { channel: &id, kind: ChannelKind::Finance, today: date(2026, 11, 28) }, &videos);
    let policy = include_str!("../../../../../specs/policy/kpi.toml");
    let proposal = proposal(&id, ChannelKind::Finance, today, &baselines, policy).unwrap();
    let attempts = attempts();
    let mut orders: Vec<StandingOrder> = orders().into_iter().cycle().take(6).collect();
    orders[0].outcome =
        Outcome::Measured { before: 0.035, after: 0.05, uploads: 4, recovered: true, evidence: vec!["key".into()] };
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
    let totals = Totals {
        views: Some(81_230.0),
        watch_hours: Some(3_000.0),
        revenue_usd: Some(615.0),
        days: 29,
        evidence: vec!["d".into()],
    };
    let forecast =
        forecast(&videos.at_age((8, 28), date(2026, 11, 28)), Some(8.0), kpi_law().thresholds(ChannelKind::Finance));
    let budget = october();
    let minutes = BTreeMap::from([("20261020t060000-abcd".into(), 2.4)]);
    let document = monthly(&Monthly {
        channel: &id,
        name: "Figures That Move",
        month,
        cards: &cards,
        videos: &videos,
        baselines: &baselines,
        orders: &orders,
        costs: &crate::cost::costs(&attempts, &[], &minutes),
        incidents: &incidents(),
        revenue: Some(&(615.0, vec!["d".into()])),
        totals: (&totals, &totals),
        experiments: &(0..5).map(experiment).collect::<Vec<_>>(),
        recalibrations: &[recalibration(&id)],
        criteria: &criteria,
        forecast: Some(&forecast),
        proposal: Some(&proposal),
        budget: Some((&budget, "month-2026-10-budget.md")),
    });
    let text = plain(&document);
    assert!(document.words() <= 460, "{} words, two minutes are 460:\n{text}", document.words());
    let said = flat(&text);
    for part in [
        "a produced minute",
        "helped",
        "better than usual",
        "Bounds in force since 2026-10-20",
        "Missing:",
        "of what is free",
        "month-2026-10-budget.md",
        "No promise",
    ] {
        assert!(said.contains(part), "{part}:\n{text}");
    }
    let money = document.sections.iter().find(|section| section.title == "Money").unwrap();
    let table = money.blocks.iter().find_map(|block| match block {
        Block::Table(table) if table.head[0] == "of what is free" => Some(table),
        _ => None,
    });
    assert_eq!(table.unwrap().rows.len(), 4, "the fullest");
    assert!(table.unwrap().rows[0].cites.iter().any(|key| key.starts_with("run#")), "{table:?}");
    assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
}
