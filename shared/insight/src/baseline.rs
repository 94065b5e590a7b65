//! What is usual for a channel: the median of its newest videos at the same age, with an interval and a spread.

use jiff::civil::Date;
use proofreel_model::channel::ChannelKind;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Baseline, Basis, Metric};
use proofreel_model::policy::{Thresholds, kpi_law};

use crate::figures::{ByVideo, VideoFigures};
use crate::stats;

/// The start value of a metric; none where the policy has none.
pub fn prior(thresholds: &Thresholds, metric: Metric) -> Option<f64> {
    match metric {
        Metric::Ctr => Some(thresholds.ctr),
        Metric::AvdShare => Some(thresholds.avd_share),
        Metric::Retention30s => Some(thresholds.retention_30s),
        Metric::RpmViews => Some(thresholds.rpm_views),
        Metric::RpmEngaged => None,
    }
}

/// Whose baseline, and as of when.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Channel.
    pub channel: &'a ChannelId,
    /// Its kind, for the prior.
    pub kind: ChannelKind,
    /// Day that is asked about.
    pub today: Date,
}

/// All baselines of a channel: each metric at each age.
pub fn all(of: Of<'_>, videos: &ByVideo<'_>) -> Vec<Baseline> {
    let ages = &kpi_law().baseline.ages;
    ages.iter()
        .flat_map(|age| {
            let figures = videos.at_age(*age, of.today);
            Metric::ALL.into_iter().filter_map(move |metric| one(of, metric, *age, &figures))
        })
        .collect()
}

/// One baseline from figures of the same age, oldest first: the channel's own from enough videos on, else the prior.
pub fn one(of: Of<'_>, metric: Metric, age: (i32, i32), figures: &[VideoFigures]) -> Option<Baseline> {
    let (baseline, values) = value(of, metric, age, figures)?;
    if baseline.basis == Basis::Prior {
        return Some(baseline);
    }
    let law = &kpi_law().baseline;
    let interval = stats::median_interval(&values, law.resamples, law.mass, law.seed)?;
    Some(Baseline { interval, ..baseline })
}

/// The baseline without the interval of a channel's own value, and the values it is of: what a trigger needs.
pub fn value(of: Of<'_>, metric: Metric, age: (i32, i32), figures: &[VideoFigures]) -> Option<(Baseline, Vec<f64>)> {
    let law = &kpi_law().baseline;
    let known: Vec<(&VideoFigures, f64)> =
        figures.iter().rev().filter_map(|video| Some((video, video.value(metric)?))).take(law.newest).collect();
    if known.len() < law.least_videos {
        let value = prior(kpi_law().thresholds(of.kind), metric)?;
        let spread = value * law.prior_spread;
        let prior = Baseline {
            channel: of.channel.clone(),
            metric,
            age,
            value,
            interval: (value - spread, value + spread),
            spread,
            videos: known.len(),
            basis: Basis::Prior,
            as_of: of.today,
            evidence: Vec::new(),
        };
        return Some((prior, Vec::new()));
    }
    let values: Vec<f64> = known.iter().map(|(_, value)| *value).collect();
    let (value, spread) = centre(&values)?;
    let own = Baseline {
        channel: of.channel.clone(),
        metric,
        age,
        value,
        interval: (value, value),
        spread,
        videos: values.len(),
        basis: Basis::Channel,
        as_of: of.today,
        evidence: known.iter().flat_map(|(video, _)| video.evidence.iter().cloned()).collect(),
    };
    Some((own, values))
}

/// Median and robust standard deviation of some values.
pub fn centre(values: &[f64]) -> Option<(f64, f64)> {
    let law = &kpi_law().baseline;
    let value = stats::median(&mut values.to_vec())?;
    let spread = stats::deviation(values, value)? * law.mad_to_deviation;
    Some((value, spread.max(value.abs() * law.least_spread)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn videos(ctr: &[f64]) -> Vec<VideoFigures> {
        let video = |(at, ctr): (usize, &f64)| VideoFigures {
            video_id: format!("v{at:02}"),
            impressions: 5000.0,
            ctr: Some(*ctr),
            evidence: vec![format!("2026-11-01#total#video:v{at:02}")],
            ..VideoFigures::default()
        };
        ctr.iter().enumerate().map(video).collect()
    }

    fn of(figures: &[VideoFigures]) -> Baseline {
        let channel = ChannelId::from("demo");
        let of = Of { channel: &channel, kind: ChannelKind::Finance, today: date(2026, 11, 28) };
        one(of, Metric::Ctr, (8, 28), figures).unwrap()
    }

    #[test]
    fn nine_videos_leave_the_prior_and_ten_speak_for_themselves() {
        let nine = of(&videos(&[0.03; 9]));
        assert_eq!((nine.basis, nine.value, nine.videos), (Basis::Prior, 0.05, 9));
        let ten = of(&videos(&[0.03; 10]));
        assert_eq!((ten.basis, ten.value, ten.videos), (Basis::Channel, 0.03, 10));
        assert_eq!(ten.evidence.len(), 10);
        assert!(ten.spread > 0.0, "never certain beyond what is believed of a channel");
    }

    #[test]
    fn one_hit_does_not_move_what_is_usual() {
        let mut values = vec![0.04, 0.041, 0.039, 0.042, 0.038, 0.04, 0.041, 0.039, 0.04, 0.04, 0.04];
        let before = of(&videos(&values));
        values[5] = 0.30;
        let after = of(&videos(&values));
        assert!((before.value - after.value).abs() < 0.001, "{} {}", before.value, after.value);
        assert!(after.interval.0 <= after.value && after.value <= after.interval.1);
        assert_eq!(after, of(&videos(&values)), "the bootstrap has a seed");
    }

    #[test]
    fn videos_with_too_few_impressions_say_nothing() {
        let mut thin = videos(&[0.03; 12]);
        for video in &mut thin[..3] {
            video.impressions = 10.0;
        }
        assert_eq!(of(&thin).basis, Basis::Prior);
    }
}
