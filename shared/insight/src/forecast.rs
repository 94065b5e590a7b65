//! The way to the revenue target, in percentiles and never as a promise.

use proofreel_model::kpi::Metric;
use proofreel_model::policy::{Thresholds, phase_law};
use serde::Serialize;

use crate::figures::VideoFigures;
use crate::report::thousands;
use crate::stats::{normal, quantile};

/// What the channel's own figures say of a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// Target, US dollars a month.
    pub target_usd: f64,
    /// Views a month that the target needs, by percentile of the RPM (a high percentile needs more views).
    pub views_needed: Vec<(u8, f64)>,
    /// Views a month at the pace of the newest videos, by percentile; none when it is unknown.
    pub views_now: Option<Vec<(u8, f64)>>,
    /// Revenue a month at that pace, by percentile.
    pub revenue_now: Option<Vec<(u8, f64)>>,
    /// Share of the draws that reach the target.
    pub chance: Option<f64>,
    /// True when the RPM is the start value of the kind of channel.
    pub prior: bool,
    /// Videos with an RPM.
    pub videos: usize,
}

impl Forecast {
    /// In one sentence.
    pub fn sentence(&self) -> String {
        let at = |of: &[(u8, f64)], percentile: u8| {
            of.iter().find(|(own, _)| *own == percentile).map_or(0.0, |(_, value)| *value)
        };
        let basis = if self.prior {
            "by the start value of RPM".to_owned()
        } else {
            format!("by the RPM of {} videos", self.videos)
        };
        let needed = format!(
            "${} a month needs about {} views (80 % of draws between {} and {}, {basis})",
            thousands(self.target_usd),
            thousands(rounded(at(&self.views_needed, 50))),
            thousands(rounded(at(&self.views_needed, 10))),
            thousands(rounded(at(&self.views_needed, 90))),
        );
        match (&self.revenue_now, self.chance) {
            (Some(revenue), Some(chance)) => format!(
                "{needed}. A month now brings ${} (${} to ${}); {} the target. No promise.",
                thousands(at(revenue, 50)),
                thousands(at(revenue, 10)),
                thousands(at(revenue, 90)),
                match chance {
                    0.0 => "no draw reaches".to_owned(),
                    chance if chance < 0.01 => "under 1 % of draws reach".to_owned(),
                    chance => format!("{:.0} % of draws reach", chance * 100.0),
                }
            ),
            _ => format!("{needed}; the present pace is unknown. No promise."),
        }
    }
}

/// To thousands: more would say more than is known.
fn rounded(views: f64) -> f64 {
    (views / 1000.0).round() * 1000.0
}

/// Draws months from a channel's videos: uploads a month at its pace, each with views and RPM of one of its videos. `videos` are
/// of one age, oldest first.
pub fn forecast(videos: &[VideoFigures], uploads_a_month: Option<f64>, thresholds: &Thresholds) -> Forecast {
    let law = &phase_law().forecast;
    let target = phase_law().phase_3.revenue_usd;
    let rpm: Vec<f64> =
        videos.iter().filter_map(|video| video.value(Metric::RpmViews)).filter(|rpm| *rpm > 0.0).collect();
    let prior = rpm.len() < law.least_videos;
    let views: Vec<f64> = videos.iter().map(|video| video.views).filter(|views| *views > 0.0).collect();
    let mut random = fastrand::Rng::with_seed(law.seed);
    let draw_rpm = |random: &mut fastrand::Rng| {
        if prior {
            // Log-normal around the start value as its median.
            thresholds.rpm_views * (law.prior_log_spread * normal(random)).exp()
        } else {
            rpm[random.usize(..rpm.len())]
        }
    };
    let pace = uploads_a_month.filter(|uploads| *uploads > 0.0 && views.len() >= 2);
    let (mut needed, mut months, mut revenues) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..law.draws {
        needed.push(target / draw_rpm(&mut random) * 1000.0);
        if let Some(pace) = pace {
            let uploads = pace.floor() as usize + usize::from(random.f64() < pace.fract());
            let (mut of_month, mut revenue) = (0.0, 0.0);
            for _ in 0..uploads {
                let own = views[random.usize(..views.len())];
                of_month += own;
                revenue += own * draw_rpm(&mut random) / 1000.0;
            }
            months.push(of_month);
            revenues.push(revenue);
        }
    }
    let told = |values: &mut Vec<f64>| -> Vec<(u8, f64)> {
        let at = |percentile: &u8| Some((*percentile, quantile(values, f64::from(*percentile) / 100.0)?));
        law.percentiles.iter().filter_map(at).collect()
    };
    let reached = revenues.iter().filter(|revenue| **revenue >= target).count();
    let known = pace.is_some();
    Forecast {
        target_usd: target,
        chance: known.then(|| reached as f64 / revenues.len().max(1) as f64),
        views_needed: told(&mut needed),
        views_now: known.then(|| told(&mut months)),
        revenue_now: known.then(|| told(&mut revenues)),
        prior,
        videos: rpm.len(),
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::channel::ChannelKind;
    use proofreel_model::policy::kpi_law;

    use super::*;

    fn videos(count: usize, views: f64, rpm: f64) -> Vec<VideoFigures> {
        (0..count)
            .map(|_| VideoFigures { views, revenue_usd: Some(views * rpm / 1000.0), ..VideoFigures::default() })
            .collect()
    }

    #[test]
    fn a_constant_rpm_needs_what_division_says_and_no_percentile_differs() {
        let start = kpi_law().thresholds(ChannelKind::Finance);
        let found = forecast(&videos(12, 50_000.0, 5.0), Some(8.0), start);
        assert!(!found.prior && found.views_needed.iter().all(|(_, views)| (views - 400_000.0).abs() < 1e-6));
        assert_eq!(found.chance, Some(1.0), "eight videos of 50,000 views at five dollars");
        let less = forecast(&videos(12, 50_000.0, 5.0), Some(7.0), start);
        assert_eq!(less.chance, Some(0.0));
    }

    #[test]
    fn few_videos_leave_the_start_value_with_its_spread() {
        let start = kpi_law().thresholds(ChannelKind::Finance);
        let found = forecast(&videos(3, 50_000.0, 50.0), None, start);
        let middle = found.views_needed.iter().find(|(percentile, _)| *percentile == 50).unwrap().1;
        assert!(found.prior && (middle / (2000.0 / 6.0 * 1000.0) - 1.0).abs() < 0.05, "{middle}");
        assert!(found.views_needed.is_sorted_by(|a, b| a.1 < b.1) && found.chance.is_none());
        assert!(found.sentence().contains("start value") && found.sentence().ends_with("No promise."));
        assert_eq!(found, forecast(&videos(3, 50_000.0, 50.0), None, start), "the draws have a seed");
    }
}
