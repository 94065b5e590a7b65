//! The matrix on written cases, and on two simulated years.

use jiff::civil::date;
use proofreel_model::channel::ChannelKind;
use proofreel_model::ids::ChannelId;

use super::*;
use crate::simulate;

fn upload(at: usize, ctr: f64, avd: f64) -> VideoFigures {
    VideoFigures {
        video_id: format!("v{at:02}"),
        published: Some(date(2026, 1, 1).saturating_add((at as i64 * 3).days())),
        views: 4000.0,
        impressions: 50_000.0,
        ctr: Some(ctr),
        avd_share: Some(avd),
        evidence: vec![format!("key{at}")],
        ..VideoFigures::default()
    }
}

fn given(uploads: &[VideoFigures], standing: &[StandingOrder], today: Date) -> Vec<StandingOrder> {
    let channel = ChannelId::from("demo");
    orders(baseline::Of { channel: &channel, kind: ChannelKind::Finance, today }, (8, 28), uploads, standing)
}

fn usual() -> Vec<VideoFigures> {
    let wave = |at: usize| 1.0 + 0.02 * ((at % 5) as f64 - 2.0);
    (0..14).map(|at| upload(at, 0.05 * wave(at), 0.42 * wave(at + 2))).collect()
}

#[test]
fn one_bad_upload_gives_no_order_and_two_give_the_order_of_their_figure() {
    let today = date(2026, 4, 1);
    let mut uploads = usual();
    uploads.push(upload(14, 0.03, 0.42));
    assert_eq!(given(&uploads, &[], today), []);
    uploads.push(upload(15, 0.03, 0.42));
    let orders = given(&uploads, &[], today);
    assert_eq!(orders.len(), 1);
    let order = &orders[0];
    assert_eq!((order.kind, order.owner.as_str(), order.basis), (OrderKind::Packaging, "script", Basis::Channel));
    assert_eq!((order.videos.join(","), order.evidence.join(",")), ("v14,v15".into(), "key14,key15".into()));
    assert_eq!(order.expires, date(2026, 4, 22));
    assert!(order.reason.contains("CTR of the last 2 uploads was 3.0 % and 3.0 %, below 5.0 %"), "{}", order.reason);
    // It stands, so it is not given again; and its uploads are not judged twice after it.
    assert_eq!(given(&uploads, &orders, today), []);
    assert_eq!(given(&uploads, &orders, date(2026, 6, 1)), []);
}

#[test]
fn avd_orders_the_script_and_retention_the_hook() {
    let today = date(2026, 4, 1);
    let mut uploads = usual();
    for video in &mut uploads {
        video.retention_30s = Some(0.7);
    }
    for at in 14..16 {
        uploads.push(VideoFigures { retention_30s: Some(0.4), ..upload(at, 0.05, 0.25) });
    }
    let kinds: Vec<OrderKind> = given(&uploads, &[], today).iter().map(|order| order.kind).collect();
    assert_eq!(kinds, [OrderKind::Script, OrderKind::Hook]);
}

#[test]
fn an_outcome_is_measured_on_uploads_after_the_order_or_expires() {
    let mut uploads = usual();
    uploads.extend([upload(14, 0.03, 0.42), upload(15, 0.03, 0.42)]);
    let order = given(&uploads, &[], date(2026, 2, 20)).remove(0);
    assert_eq!(outcome(&order, &uploads, date(2026, 3, 1)), Outcome::Open);
    assert_eq!(outcome(&order, &uploads, date(2026, 6, 1)), Outcome::Expired);
    uploads.extend((17..21).map(|at| upload(at, 0.05, 0.42)));
    let Outcome::Measured { before, after, uploads: 4, recovered: true, .. } =
        outcome(&order, &uploads, date(2026, 4, 1))
    else {
        panic!("not measured")
    };
    assert!((before, after) == (0.03, 0.05));
}

#[test]
fn publish_hold_and_rework_at_their_bounds() {
    let of = |kind, ctr, avd| decide(kpi_law().thresholds(kind), Some(ctr), Some(avd));
    assert_eq!(of(ChannelKind::Finance, 0.05, 0.40), Decision::Publish { measured: true });
    assert_eq!(of(ChannelKind::Finance, 0.049, 0.40), Decision::Hold { packaging: true, pacing: false });
    assert_eq!(of(ChannelKind::Finance, 0.05, 0.399), Decision::Hold { packaging: false, pacing: true });
    assert_eq!(of(ChannelKind::Finance, 0.0399, 0.60), Decision::Rework);
    assert_eq!(of(ChannelKind::Finance, 0.06, 0.349), Decision::Rework);
    assert_eq!(of(ChannelKind::Education, 0.032, 0.45), Decision::Hold { packaging: true, pacing: false });
    assert_eq!(of(ChannelKind::News, 0.045, 0.30), Decision::Hold { packaging: true, pacing: true });
    assert_eq!(decide(kpi_law().thresholds(ChannelKind::News), None, None), Decision::Publish { measured: false });
}

#[test]
fn thresholds_follow_the_channel_only_from_ten_videos_on() {
    let channel = ChannelId::from("demo");
    let of = baseline::Of { channel: &channel, kind: ChannelKind::Finance, today: date(2026, 4, 1) };
    let start = kpi_law().thresholds(ChannelKind::Finance);
    let lines = |uploads: &[VideoFigures]| -> Vec<Baseline> {
        Metric::ALL.into_iter().filter_map(|metric| baseline::one(of, metric, (8, 28), uploads)).collect()
    };
    assert_eq!(recalibrated(start, &lines(&usual()[..9])), None);
    let own: Vec<VideoFigures> = (0..12).map(|at| upload(at, 0.03, 0.50)).collect();
    let anew = recalibrated(start, &lines(&own)).unwrap();
    // All alike: the least spread that is believed of a channel lies between median and bound.
    let under = 1.0 - kpi_law().trigger.recalibrate_deviations * kpi_law().baseline.least_spread;
    assert!((anew.ctr - 0.03 * under).abs() < 1e-12 && (anew.avd_share - 0.50 * under).abs() < 1e-12);
    assert!((anew.hold_ctr / anew.ctr - 0.8).abs() < 1e-12 && anew.retention_30s == start.retention_30s);
}

#[test]
fn three_uploads_in_four_reach_the_bound_that_is_drawn_anew() {
    let mut random = fastrand::Rng::with_seed(3);
    let uploads: Vec<VideoFigures> =
        (0..30).map(|at| upload(at, 0.05 + 0.005 * crate::stats::normal(&mut random), 0.4)).collect();
    let channel = ChannelId::from("demo");
    let of = baseline::Of { channel: &channel, kind: ChannelKind::Finance, today: date(2026, 6, 1) };
    let lines: Vec<Baseline> = [baseline::one(of, Metric::Ctr, (8, 28), &uploads).unwrap()].into();
    let bound = recalibrated(kpi_law().thresholds(ChannelKind::Finance), &lines).unwrap().ctr;
    let reach = uploads.iter().filter(|video| video.ctr.unwrap() >= bound).count();
    assert!((20..=25).contains(&reach), "{reach} of 30 reach {bound}");
}

#[test]
fn bounds_are_drawn_anew_once_in_ten_videos_and_told_like_a_decision() {
    let channel = ChannelId::from("demo");
    let of = baseline::Of { channel: &channel, kind: ChannelKind::Finance, today: date(2026, 4, 1) };
    let lines = |uploads: &[VideoFigures]| -> Vec<Baseline> {
        Metric::ALL.into_iter().filter_map(|metric| baseline::one(of, metric, (8, 28), uploads)).collect()
    };
    assert_eq!(recalibration(of, 9, None, &lines(&usual()[..9])), None);
    let first = recalibration(of, 12, None, &lines(&usual()[..12])).unwrap();
    assert_eq!((first.as_of, first.videos, first.before), (of.today, 12, *kpi_law().thresholds(ChannelKind::Finance)));
    assert!(
        !first.evidence.is_empty() && first.decision[0].starts_with("publish from CTR: 5.0 % → 4.8 %"),
        "{first:?}"
    );
    for part in
        ["## Context\n12 videos", "## Decision\n- publish", "## Alternatives", "## Consequences", "## Evidence\n- key0"]
    {
        assert!(first.markdown().contains(part), "{part}: {}", first.markdown());
    }
    // The channel sinks: the bounds do not sink with it before ten more videos.
    let worse: Vec<VideoFigures> = (0..30).map(|at| upload(at, 0.02, 0.20)).collect();
    assert_eq!(recalibration(of, 21, Some(&first), &lines(&worse)), None);
    let second = recalibration(of, 22, Some(&first), &lines(&worse)).unwrap();
    assert!(second.before == first.bounds && second.bounds.ctr < 0.021);
}

#[test]
fn two_simulated_years_show_the_power_and_the_false_alarms_that_the_policy_asks_for() {
    let law = &kpi_law().simulation;
    let table = simulate::table();
    for metric in [Metric::Ctr, Metric::AvdShare] {
        let at = |effect: f64| table.iter().find(|(of, found)| *of == metric && found.effect == effect).unwrap().1;
        let (quiet, strong, weak) = (at(0.0), at(law.strong_effect), at(law.weak_effect));
        assert!(quiet.false_alarms_in_a_hundred <= law.most_false_alarms, "{metric:?} {quiet:?}");
        assert!(strong.power >= law.least_power_strong, "{metric:?} {strong:?}");
        assert!(weak.power >= law.least_power_weak && weak.power < strong.power, "{metric:?} {weak:?}");
    }
    let kept = include_str!("../../../../tests/bench/triggers.md");
    assert!(kept == simulate::page(&table), "tests/bench/triggers.md is of another policy; run: make bench-insight");
}
