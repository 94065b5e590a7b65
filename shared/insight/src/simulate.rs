//! Two years of uploads with a known effect: how often orders come when they should, and when they should not.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::channel::ChannelKind;
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::kpi_law;
use serde::Serialize;

use crate::baseline::Of;
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

/// Simulates the policy's number of channels over two years, with a drop of CTR of `effect` deviations from the middle on.
/// CTR varies between videos (normal), and its count of clicks within a video (normal approximation of the binomial).
pub fn two_years(effect: f64) -> Found {
    let law = &kpi_law().simulation;
    let trigger_law = &kpi_law().trigger;
    let usual = kpi_law().thresholds(ChannelKind::Finance).ctr;
    let spread = usual * law.ctr_spread;
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
            let rate = (mean + spread * normal(&mut random)).max(0.001);
            let error = (rate * (1.0 - rate) / law.impressions as f64).sqrt();
            let day = first_day.saturating_add((at as i64 * 7 / 2).days());
            uploads.push(VideoFigures {
                video_id: format!("v{at}"),
                published: Some(day),
                impressions: law.impressions as f64,
                ctr: Some((rate + error * normal(&mut random)).max(0.0)),
                ..VideoFigures::default()
            });
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
