//! What experiments came to.

use jiff::civil::Date;
use proofreel_model::experiment::{Decision, Experiment, ExperimentType};
use proofreel_model::kpi::{Baseline, Metric};
use proofreel_model::policy::kpi_law;

use crate::figures::VideoFigures;
use crate::trigger;

/// The figure that an experiment is judged by.
pub fn metric(of: ExperimentType) -> Metric {
    match of {
        ExperimentType::Title | ExperimentType::Thumbnail => Metric::Ctr,
        ExperimentType::Hook => Metric::Retention30s,
        // It is read below a video that plays: it keeps people or loses them.
        ExperimentType::PinnedComment => Metric::AvdShare,
    }
}

/// The experiment with its outcome, once its video has figures at the age of `baselines` and `uploads`; none before, and of one
/// that was measured already. An opening whose retention nobody told is judged by the AVD.
pub fn measured(
    experiment: &Experiment,
    uploads: &[VideoFigures],
    baselines: &[Baseline],
    today: Date,
) -> Option<Experiment> {
    if experiment.end.is_some() {
        return None;
    }
    let video = uploads.iter().find(|video| video.video_id == experiment.video_id)?;
    let judged = |metric: Metric| {
        let line = baselines.iter().find(|line| line.metric == metric)?;
        trigger::deviations(video, metric, line)
    };
    let by = metric(experiment.experiment_type);
    let fallback = || (by == Metric::Retention30s).then(|| judged(Metric::AvdShare)).flatten();
    let far = kpi_law().trigger.below_deviations;
    let decision = match judged(by).or_else(fallback)? {
        deviations if deviations > far => Decision::Better,
        deviations if deviations < -far => Decision::Worse,
        _ => Decision::Usual,
    };
    Some(Experiment {
        end: Some(today),
        ctr: video.value(Metric::Ctr),
        avd: video.value(Metric::AvdShare),
        decision: Some(decision),
        ..experiment.clone()
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::kpi::Basis;

    use super::*;

    fn line(metric: Metric, value: f64) -> Baseline {
        Baseline {
            channel: "demo".into(),
            metric,
            age: (8, 28),
            value,
            interval: (value, value),
            spread: value * 0.1,
            videos: 12,
            basis: Basis::Channel,
            as_of: date(2026, 11, 1),
            evidence: Vec::new(),
        }
    }

    #[test]
    fn an_experiment_is_measured_once_against_what_is_usual() {
        let open = |kind: ExperimentType| Experiment {
            channel: "demo".into(),
            video_id: "v".into(),
            run: "r".into(),
            experiment_type: kind,
            variants: vec!["Second".into(), "First".into()],
            order: "2026-10-01#packaging".into(),
            start: date(2026, 10, 5),
            end: None,
            ctr: None,
            avd: None,
            decision: None,
        };
        let video = VideoFigures {
            video_id: "v".into(),
            views: 5000.0,
            impressions: 90_000.0,
            ctr: Some(0.065),
            avd_share: Some(0.30),
            ..VideoFigures::default()
        };
        let lines = [line(Metric::Ctr, 0.05), line(Metric::AvdShare, 0.42), line(Metric::Retention30s, 0.7)];
        let today = date(2026, 11, 1);
        let of = |kind: ExperimentType| measured(&open(kind), std::slice::from_ref(&video), &lines, today).unwrap();
        let title = of(ExperimentType::Title);
        assert_eq!(
            (title.decision, title.ctr, title.avd, title.end),
            (Some(Decision::Better), Some(0.065), Some(0.30), Some(today))
        );
        assert_eq!(of(ExperimentType::Hook).decision, Some(Decision::Worse), "by AVD, for want of retention");
        assert_eq!(of(ExperimentType::PinnedComment).decision, Some(Decision::Worse), "by AVD");
        assert_eq!(measured(&title, std::slice::from_ref(&video), &lines, today), None, "once");
        assert_eq!(measured(&open(ExperimentType::Title), &[], &lines, today), None, "no figures yet");
    }
}
