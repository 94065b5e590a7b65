//! Two years of uploads with a known effect: how often orders come when they should, and when they should not.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::channel::ChannelKind;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::Metric;
use proofreel_model::policy::kpi_law;
use serde::Serialize;

use crate::baseline::{self, Of};
use crate::figures::VideoFigures;
use crate::stats::normal;
use crate::trigger;

/// What a simulation found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Found {
    /// Drop in deviations between videos, from the middle on.
    pub effect: f64,
    /// Share of channels whose drop gave an order within the uploads that the policy allows.
    pub power: f64,
    /// Orders in a hundred uploads while nothing had changed.
    pub false_alarms_in_a_hundred: f64,
    /// Median uploads from the drop to the order, of those that were seen.
    pub uploads_until: f64,
}

/// Simulates the policy's number of channels over two years, with a drop of one figure of `effect` deviations from the middle on.
/// The figure varies between videos (normal); of CTR also its count of clicks within a video (normal approximation of the
/// binomial). The two other figures come without a size of sample, so nothing is added to them.
pub fn two_years(metric: Metric, effect: f64) -> Found {
    let law = &kpi_law().simulation;
    let trigger_law = &kpi_law().trigger;
    let usual = baseline::prior(kpi_law().thresholds(ChannelKind::Finance), metric).unwrap_or_default();
    let spread = usual * if metric == Metric::Ctr { law.ctr_spread } else { law.share_spread };
    let turn = law.uploads / 2;
    let channel = ChannelId::from("simulated");
    // Only as many uploads as a baseline looks back on matter.
    let back = kpi_law().baseline.newest + trigger_law.consecutive;
    let first_day = Date::constant(2024, 1, 1);
    let (mut seen, mut false_orders, mut quiet_uploads, mut until) = (0usize, 0usize, 0usize, Vec::new());
    for which in 0..law.channels {
        let mut random = fastrand::Rng::with_seed(law.seed.wrapping_add(which as u64));
        let mut uploads: Vec<VideoFigures> = Vec::with_capacity(law.uploads);
        let mut standing = Vec::new();
        let mut caught = None;
        for at in 0..law.uploads {
            let mean = if at >= turn { usual - effect * spread } else { usual };
            let value = (mean + spread * normal(&mut random)).max(0.001);
            let day = first_day.saturating_add((at as i64 * 7 / 2).days());
            uploads.push(upload(at, day, metric, value, &mut random));
            let of = Of { channel: &channel, kind: ChannelKind::Finance, today: day };
            let given = trigger::orders(of, (8, 28), &uploads[uploads.len().saturating_sub(back)..], &standing);
            let quiet = effect == 0.0 || at < turn;
            quiet_uploads += usize::from(quiet);
            if !given.is_empty() {
                if quiet {
                    false_orders += 1;
                } else if caught.is_none() {
                    caught = Some(at - turn + 1);
                }
            }
            standing.extend(given);
        }
        if let Some(uploads) = caught.filter(|uploads| *uploads <= law.within_uploads) {
            seen += 1;
            until.push(uploads as f64);
        }
    }
    Found {
        effect,
        power: seen as f64 / law.channels as f64,
        false_alarms_in_a_hundred: false_orders as f64 * 100.0 / quiet_uploads.max(1) as f64,
        uploads_until: crate::stats::median(&mut until).unwrap_or(f64::NAN),
    }
}

fn upload(at: usize, day: Date, metric: Metric, value: f64, random: &mut fastrand::Rng) -> VideoFigures {
    let law = &kpi_law().simulation;
    let mut upload = VideoFigures {
        video_id: format!("v{at}"),
        published: Some(day),
        views: law.impressions as f64,
        impressions: law.impressions as f64,
        ..VideoFigures::default()
    };
    match metric {
        Metric::Ctr => {
            let error = (value * (1.0 - value) / law.impressions as f64).sqrt();
            upload.ctr = Some((value + error * normal(random)).max(0.0));
        }
        Metric::AvdShare => upload.avd_share = Some(value),
        Metric::Retention30s => upload.retention_30s = Some(value),
        Metric::RpmViews | Metric::RpmEngaged => {}
    }
    upload
}

/// What the simulations find, for each drop that the policy names: of CTR and of AVD. 30 s retention is judged by the rule and the
/// spread of AVD, so it is told with it.
pub fn table() -> Vec<(Metric, Found)> {
    let effects = &kpi_law().simulation.effects;
    let of = |metric: Metric| effects.iter().map(move |effect| (metric, two_years(metric, *effect)));
    of(Metric::Ctr).chain(of(Metric::AvdShare)).collect()
}

/// A table of them as the page `tests/bench/triggers.md`.
pub fn page(table: &[(Metric, Found)]) -> String {
    let law = &kpi_law().simulation;
    let mut out = format!(
        "# Two simulated years of orders\n\nWritten by `make bench-insight`; a test computes it again and compares. {} channels, {} uploads each, two a week. A figure varies between the videos of a channel by {:.0} % of its middle (CTR, of {} impressions) or {:.0} % (AVD, and 30 s retention by \
         the same rule), and drops by so many of these deviations after one year. Power: share of channels in which the drop gave its order within {} uploads. False alarms: orders in a hundred uploads while nothing had changed.\n\n| figure | drop, deviations | power | uploads until the order, median | false alarms in 100 uploads |\n|---|---|---|---|---|\n",
        law.channels,
        law.uploads,
        law.ctr_spread * 100.0,
        law.impressions,
        law.share_spread * 100.0,
        law.within_uploads
    );
    for (metric, found) in table {
        let (power, until) = if found.effect == 0.0 {
            ("–".to_owned(), "–".to_owned())
        } else {
            (format!("{:.0} %", found.power * 100.0), format!("{:.0}", found.uploads_until))
        };
        let (name, effect, alarms) = (metric.name(), found.effect, found.false_alarms_in_a_hundred);
        out += &format!("| {name} | {effect:.1} | {power} | {until} | {alarms:.2} |\n");
    }
    out + &format!(
        "\nAsked: at most {} false alarms, power of at least {:.0} % at {} and {:.0} % at {} deviations (`kpi.simulation`).\n",
        law.most_false_alarms,
        law.least_power_strong * 100.0,
        law.strong_effect,
        law.least_power_weak * 100.0,
        law.weak_effect
    )
}
