//! What the order knows of the demand for a topic's subjects, as points of audience fit.

use proofreel_model::outlook::{Demand, Share};
use proofreel_model::policy::DemandValue;

use crate::Context;

/// Points, and in words what they come from.
pub(super) struct Lift {
    pub(super) lift: f64,
    pub(super) why: String,
}

/// The mean over the interests that the topic names; none where nothing is known of any of them.
pub(super) fn of(interests: &[&str], context: &Context<'_>) -> Option<Lift> {
    let all = &context.order.outlook.demand;
    let law = context.policy.scoring.demand;
    weighed(interests, all, law)
}

fn weighed(interests: &[&str], all: &[Demand], law: DemandValue) -> Option<Lift> {
    let mentions = mean(all.iter().filter_map(|one| told(one.mentions, law)));
    let rivals = mean(all.iter().filter_map(|one| told(one.rivals, law)));
    let (mut signals, mut why) = (Vec::new(), Vec::new());
    for one in all.iter().filter(|one| interests.contains(&one.subject.as_str())) {
        if let Some(trend) = one.views_trend {
            signals.push(ratio(trend, law));
            why.push(format!("views of {} × {trend:.2} on four weeks", one.subject));
        }
        if let (Some(share), Some(rate), Some(mean)) = (one.mentions, told(one.mentions, law), mentions) {
            signals.push(ratio(rate / mean, law));
            why.push(format!("{} in {} of {} items", one.subject, share.part, share.of));
        }
        // What all the others tell already is no gap.
        if let (Some(share), Some(rate), Some(mean)) = (one.rivals, told(one.rivals, law), rivals) {
            signals.push(-ratio(rate / mean, law));
            why.push(format!("{} in {} of {} titles of rivals", one.subject, share.part, share.of));
        }
    }
    let lift = mean(signals.into_iter()).or_else(|| (!why.is_empty()).then_some(0.0))? * law.most;
    // One decimal, as all points.
    Some(Lift { lift: (lift * 10.0).round() / 10.0 + 0.0, why: why.join(", ") })
}

/// A share that is large enough to say something.
fn told(share: Option<Share>, law: DemandValue) -> Option<f64> {
    share.filter(|share| share.of >= law.least_items)?.rate()
}

/// From −1 (half or less, when two counts in full) over 0 (no change) to 1 (twice or more). What is no ratio says nothing.
fn ratio(value: f64, law: DemandValue) -> f64 {
    if value.is_nan() {
        return 0.0;
    }
    (value.max(0.0).log2() / law.full_ratio.log2()).clamp(-1.0, 1.0)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: DemandValue = DemandValue { most: 0.8, full_ratio: 2.0, least_items: 20 };

    fn demand(
        subject: &str,
        views_trend: Option<f64>,
        mentions: Option<(u32, u32)>,
        rivals: Option<(u32, u32)>,
    ) -> Demand {
        let share = |(part, of)| Share { part, of };
        Demand { subject: subject.into(), views_trend, mentions: mentions.map(share), rivals: rivals.map(share) }
    }

    fn lift(interests: &[&str], all: &[Demand]) -> Option<f64> {
        weighed(interests, all, LAW).map(|lift| lift.lift)
    }

    #[test]
    fn views_move_a_subject_as_far_as_the_law_says() {
        for (trend, points) in [(1.0, 0.0), (2.0, 0.8), (9.0, 0.8), (0.5, -0.8), (0.0, -0.8), (f64::NAN, 0.0)] {
            assert_eq!(lift(&["gold"], &[demand("gold", Some(trend), None, None)]), Some(points), "{trend}");
        }
        let why = weighed(&["gold"], &[demand("gold", Some(1.5), None, None)], LAW).unwrap().why;
        assert_eq!(why, "views of gold × 1.50 on four weeks");
    }

    #[test]
    fn shares_are_weighed_against_the_mean_of_all_subjects() {
        let all = [
            demand("gold", None, Some((30, 100)), Some((0, 60))),
            demand("oil", None, Some((10, 100)), Some((12, 60))),
        ];
        // Mentions: 0.3 on a mean of 0.2; rivals never name it.
        assert_eq!(lift(&["gold"], &all), Some(0.6));
        assert_eq!(lift(&["oil"], &all), Some(-0.8));
        assert_eq!(lift(&["gold", "oil"], &all), Some(-0.1));
    }

    #[test]
    fn what_is_not_known_weighs_nothing() {
        assert_eq!(lift(&["gold"], &[]), None);
        assert_eq!(lift(&["gold"], &[demand("gold", None, None, None)]), None);
        assert_eq!(lift(&["gold"], &[demand("oil", Some(2.0), None, None)]), None);
        assert_eq!(lift(&["gold"], &[demand("gold", None, Some((5, 19)), None)]), None, "too few items");
        assert_eq!(lift(&["gold"], &[demand("gold", None, Some((0, 99)), None)]), Some(0.0), "no mention of anything");
    }
}
