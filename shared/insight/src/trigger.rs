//! From figures to orders: the trigger matrix, the decision before publishing, outcomes, and thresholds drawn anew.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::kpi::{Baseline, Basis, Metric, OrderKind, Outcome, Recalibration, StandingOrder};
use proofreel_model::policy::{Thresholds, kpi_law};
use serde::Serialize;

use crate::baseline;
use crate::figures::VideoFigures;

/// Figures that give orders.
pub const STEERED: [Metric; 3] = [Metric::Ctr, Metric::AvdShare, Metric::Retention30s];

/// Deviations of an upload's figure under (negative) or over its baseline. CTR adds its own sampling error, since a rate of
/// few impressions is uncertain by itself; the other figures come without a size of sample.
pub fn deviations(video: &VideoFigures, metric: Metric, against: &Baseline) -> Option<f64> {
    let value = video.value(metric)?;
    let own = match metric {
        Metric::Ctr => against.value * (1.0 - against.value) / video.impressions.max(1.0),
        _ => 0.0,
    };
    Some((value - against.value) / (against.spread.powi(2) + own).sqrt())
}

/// True when an upload is below its baseline.
pub fn is_below(video: &VideoFigures, metric: Metric, against: &Baseline) -> bool {
    deviations(video, metric, against).is_some_and(|deviations| deviations < -kpi_law().trigger.below_deviations)
}

/// New orders of a channel. `uploads` are of the same age, oldest first; the baseline is drawn from those before the run of
/// uploads that are judged, so that a drop does not hide in its own baseline. Orders that stand are not given again, nor is
/// one for uploads that an earlier order was already given for.
pub fn orders(
    of: baseline::Of<'_>,
    age: (i32, i32),
    uploads: &[VideoFigures],
    standing: &[StandingOrder],
) -> Vec<StandingOrder> {
    STEERED.into_iter().filter_map(|metric| order(of, age, metric, uploads, standing)).collect()
}

fn order(
    of: baseline::Of<'_>,
    age: (i32, i32),
    metric: Metric,
    uploads: &[VideoFigures],
    standing: &[StandingOrder],
) -> Option<StandingOrder> {
    let law = &kpi_law().trigger;
    let kind = OrderKind::of(metric)?;
    let known: Vec<&VideoFigures> = uploads.iter().filter(|video| video.value(metric).is_some()).collect();
    let (before, last) = known.split_at(known.len().checked_sub(law.consecutive)?);
    let before: Vec<VideoFigures> = before.iter().map(|video| (*video).clone()).collect();
    let (against, _) = baseline::value(of, metric, age, &before)?;
    if !last.iter().all(|video| is_below(video, metric, &against)) {
        return None;
    }
    let of_kind = || standing.iter().filter(move |order| order.kind == kind);
    let judged = |video: &&VideoFigures| of_kind().any(|order| order.videos.contains(&video.video_id));
    if of_kind().any(|order| order.stands_on(of.today)) || last.iter().any(judged) {
        return None;
    }
    let values: Vec<f64> = last.iter().filter_map(|video| video.value(metric)).collect();
    let worded: Vec<String> = values.iter().map(|value| metric.worded(*value)).collect();
    let basis = match against.basis {
        Basis::Channel => format!("the median of {} videos", against.videos),
        Basis::Prior => "the start value, for want of videos".to_owned(),
    };
    Some(StandingOrder {
        id: format!("{}#{}", of.today, kind.as_str()),
        channel: of.channel.clone(),
        kind,
        owner: kind.owner(),
        metric,
        reason: format!(
            "{} of the last {} uploads was {}, below {} ({basis})",
            metric.name(),
            law.consecutive,
            worded.join(" and "),
            metric.worded(against.value)
        ),
        baseline: against.value,
        basis: against.basis,
        videos: last.iter().map(|video| video.video_id.clone()).collect(),
        values,
        evidence: last.iter().flat_map(|video| video.evidence.iter().cloned()).collect(),
        issued: of.today,
        expires: of.today.saturating_add(law.stands_days.days()),
        outcome: Outcome::Open,
    })
}

/// What became of an order by `today`: measured once enough later uploads have figures, expired when its time is over.
/// `uploads` are of the age it was given on, oldest first.
pub fn outcome(order: &StandingOrder, uploads: &[VideoFigures], today: Date) -> Outcome {
    if order.outcome != Outcome::Open {
        return order.outcome.clone();
    }
    let law = &kpi_law().trigger;
    let after: Vec<(&VideoFigures, f64)> = uploads
        .iter()
        .filter(|video| video.published.is_some_and(|day| day > order.issued && day <= order.expires))
        .filter_map(|video| Some((video, video.value(order.metric)?)))
        .take(law.measured_uploads)
        .collect();
    if after.len() < law.measured_uploads {
        // Uploads of its last days get their figures a month later.
        let late =
            kpi_law().baseline.ages.iter().map(|age| age.0).filter(|age| *age <= law.stands_days).max().unwrap_or(0);
        let over = today > order.expires.saturating_add((late + kpi_law().settled_days).days());
        return if over { Outcome::Expired } else { Outcome::Open };
    }
    let values: Vec<f64> = after.iter().map(|(_, value)| *value).collect();
    let Some((median, _)) = baseline::centre(&values) else { return Outcome::Open };
    let before = order.values.iter().sum::<f64>() / order.values.len().max(1) as f64;
    Outcome::Measured {
        before,
        after: median,
        uploads: values.len(),
        // Half of the way back at least.
        recovered: median >= f64::midpoint(before, order.baseline),
        evidence: after.iter().flat_map(|(video, _)| video.evidence.iter().cloned()).collect(),
    }
}

/// What to do with the next episode before it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Publish.
    Publish {
        /// False when nothing was measured yet.
        measured: bool,
    },
    /// Hold for another packaging (CTR) or pacing (AVD).
    Hold {
        /// CTR is in the band.
        packaging: bool,
        /// AVD is in the band.
        pacing: bool,
    },
    /// Back to the script.
    Rework,
}

/// Publish, hold or rework, from CTR and AVD share of the channel's last uploads. A figure that is unknown decides nothing.
pub fn decide(thresholds: &Thresholds, ctr: Option<f64>, avd_share: Option<f64>) -> Decision {
    let below = |value: Option<f64>, bound: f64| value.is_some_and(|value| value < bound);
    if below(ctr, thresholds.hold_ctr) || below(avd_share, thresholds.hold_avd_share) {
        return Decision::Rework;
    }
    let (packaging, pacing) = (below(ctr, thresholds.ctr), below(avd_share, thresholds.avd_share));
    if packaging || pacing {
        return Decision::Hold { packaging, pacing };
    }
    Decision::Publish { measured: ctr.is_some() && avd_share.is_some() }
}

/// Thresholds drawn anew from the channel's own baselines: the publish bound is what three of its uploads in four reach, the hold
/// bound keeps its ratio to it. None before there are enough videos.
pub fn recalibrated(start: &Thresholds, baselines: &[Baseline]) -> Option<Thresholds> {
    let under = kpi_law().trigger.recalibrate_deviations;
    let own = |metric: Metric| own(baselines, metric);
    let bound = |metric: Metric| own(metric).map(|line| line.value - under * line.spread);
    let (ctr, avd) = (bound(Metric::Ctr), bound(Metric::AvdShare));
    if ctr.is_none() && avd.is_none() {
        return None;
    }
    let (ctr, avd_share) = (ctr.unwrap_or(start.ctr), avd.unwrap_or(start.avd_share));
    Some(Thresholds {
        ctr,
        hold_ctr: ctr * start.hold_ctr / start.ctr,
        avd_share,
        hold_avd_share: avd_share * start.hold_avd_share / start.avd_share,
        retention_30s: bound(Metric::Retention30s).unwrap_or(start.retention_30s),
        // No bound, but what is usual: the prior of RPM.
        rpm_views: own(Metric::RpmViews).map_or(start.rpm_views, |line| line.value),
    })
}

/// The channel's own baseline of a metric that rests on most videos, once there are enough.
fn own(baselines: &[Baseline], metric: Metric) -> Option<&Baseline> {
    baselines
        .iter()
        .filter(|line| line.metric == metric && line.basis == Basis::Channel)
        .filter(|line| line.videos >= kpi_law().trigger.recalibrate_after)
        .max_by_key(|line| (line.videos, std::cmp::Reverse(line.age.0)))
}

/// The recalibration that is due on a day, of a channel with so many measured videos: the first after
/// `kpi.trigger.recalibrate_after` of them, the next after as many more. `last` is the newest one so far.
pub fn recalibration(
    of: baseline::Of<'_>,
    videos: usize,
    last: Option<&Recalibration>,
    baselines: &[Baseline],
) -> Option<Recalibration> {
    let law = &kpi_law().trigger;
    let start = kpi_law().thresholds(of.kind);
    if last.is_some_and(|last| videos < last.videos + law.recalibrate_after) {
        return None;
    }
    let bounds = recalibrated(start, baselines)?;
    let before = last.map_or(*start, |last| last.bounds);
    let moved = |name: &str, metric: Metric, old: f64, new: f64| {
        let (old, new) = (metric.worded(old), metric.worded(new));
        if old == new { format!("{name}: stays {old}") } else { format!("{name}: {old} → {new}") }
    };
    let told: Vec<String> = [Metric::Ctr, Metric::AvdShare, Metric::Retention30s]
        .into_iter()
        .filter_map(|metric| own(baselines, metric))
        .map(|line| {
            let (low, high) = (line.metric.worded(line.interval.0), line.metric.worded(line.interval.1));
            let (first, last) = line.age;
            let value = line.metric.worded(line.value);
            format!(
                "{} {value} (90 % interval {low} to {high}) of {} videos {first} to {last} days after publishing",
                line.metric.name(),
                line.videos
            )
        })
        .collect();
    let evidence = [Metric::Ctr, Metric::AvdShare, Metric::Retention30s]
        .into_iter()
        .filter_map(|metric| own(baselines, metric))
        .flat_map(|line| line.evidence.iter().cloned());
    let mut evidence: Vec<String> = evidence.collect();
    evidence.sort();
    evidence.dedup();
    let came_from =
        if last.is_some() { "the bounds of the recalibration before" } else { "the start values of its kind" };
    Some(Recalibration {
        channel: of.channel.clone(),
        as_of: of.today,
        videos,
        context: format!(
            "{videos} videos of channel {} have figures, {} more than at {came_from}. What is usual for it: {}.",
            of.channel,
            videos - last.map_or(0, |last| last.videos),
            told.join("; ")
        ),
        decision: vec![
            moved("publish from CTR", Metric::Ctr, before.ctr, bounds.ctr),
            moved("rework below CTR", Metric::Ctr, before.hold_ctr, bounds.hold_ctr),
            moved("publish from AVD share", Metric::AvdShare, before.avd_share, bounds.avd_share),
            moved("rework below AVD share", Metric::AvdShare, before.hold_avd_share, bounds.hold_avd_share),
            moved("30 s retention wanted", Metric::Retention30s, before.retention_30s, bounds.retention_30s),
        ],
        alternatives:
            "Keep the bounds: episodes are then held by what was usual for other channels, or for this one long ago. \
            Draw them anew each day: they would sink with the channel, and nothing would ever be held."
                .to_owned(),
        consequences: format!(
            "About one upload in four lies under a publish bound and holds the next episode. The bounds stay as they are until {} \
             more videos are measured. To undo it, delete the row; the bounds before then hold again.",
            law.recalibrate_after
        ),
        before,
        bounds,
        evidence,
    })
}

#[cfg(test)]
mod tests;
