//! `specs/policy/kpi.toml`: what the figures of a channel are measured against.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiLaw {
    /// First day on which a view counts from the first frame.
    pub view_break: Date,
    /// Days until the figures of a day are whole.
    pub settled_days: i32,
    /// Reading the channel's figures from YouTube.
    pub fetch: FetchLaw,
    /// Figures derived from API data.
    pub derived: Derived,
    /// Figures of an import that must agree.
    pub agree: Agree,
    /// Baselines.
    pub baseline: BaselineLaw,
    /// When an order is given.
    pub trigger: TriggerLaw,
    /// What stages do because of an order.
    pub directives: DirectiveLaw,
    /// What the simulation must show.
    pub simulation: SimulationLaw,
    /// Start values of finance channels.
    pub finance: Thresholds,
    /// Start values of education channels.
    pub education: Thresholds,
    /// Start values of news channels.
    pub news: Thresholds,
    /// Names of columns by meaning, small letters.
    pub columns: BTreeMap<String, Vec<String>>,
    /// What a missing column disables.
    pub disables: BTreeMap<String, String>,
}

/// Reading the channel's figures from YouTube.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchLaw {
    /// Newest videos that are asked about.
    pub newest_videos: usize,
    /// Days that are asked for again, because figures are revised.
    pub again_days: i32,
    /// Days that are asked for where nothing says when a video was published.
    pub first_days: i32,
    /// Age up to which a video's totals and retention are read every day, days.
    pub daily_until_age: i32,
    /// Days between two readings of totals and retention of an older video.
    pub totals_every_days: i32,
    /// Age of reach files that are still looked for, days.
    pub reach_days: i32,
    /// Revised figures that are quoted.
    pub examples: usize,
}

/// Figures derived from API data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// The owner accepted the amendment on derived metrics.
    pub api_amendment_accepted: bool,
}

/// Tolerances of an import.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agree {
    /// Seconds a view that the exported duration is cut by, at most.
    pub duration_seconds: f64,
    /// Share of the watch time.
    pub watch_share: f64,
    /// Share of the RPM.
    pub rpm_share: f64,
    /// Least difference of RPM that is told, US dollars.
    pub rpm_floor: f64,
    /// Share of the total that rows may lack.
    pub total_share: f64,
    /// Rows quoted for a disagreement.
    pub examples: usize,
}

/// Baselines.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineLaw {
    /// Videos from which on the channel speaks for itself.
    pub least_videos: usize,
    /// Newest videos that count.
    pub newest: usize,
    /// Ages compared with each other, days, inclusive.
    pub ages: Vec<(i32, i32)>,
    /// Impressions below which CTR says nothing.
    pub least_impressions: u64,
    /// Views below which a figure says nothing.
    pub least_views: u64,
    /// Resamples of the bootstrap.
    pub resamples: usize,
    /// Its seed.
    pub seed: u64,
    /// Mass of the interval, 0–1.
    pub mass: f64,
    /// Standard deviations in a median absolute deviation.
    pub mad_to_deviation: f64,
    /// Spread of a prior, share of its value.
    pub prior_spread: f64,
    /// Least spread believed, share of the baseline.
    pub least_spread: f64,
}

/// When an order is given.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerLaw {
    /// Deviations under the baseline from which an upload is below.
    pub below_deviations: f64,
    /// Uploads in a row.
    pub consecutive: usize,
    /// Days that an order stands.
    pub stands_days: i32,
    /// Uploads on which its outcome is measured.
    pub measured_uploads: usize,
    /// Videos after which thresholds are drawn anew.
    pub recalibrate_after: usize,
    /// Deviations under the channel's median at which its own publish bound is drawn.
    pub recalibrate_deviations: f64,
}

/// What stages do because of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectiveLaw {
    /// Longest sentence under a script order, words.
    pub sentence_words: usize,
}

/// What the simulation must show.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulationLaw {
    /// Uploads in two years.
    pub uploads: usize,
    /// Channels simulated.
    pub channels: usize,
    /// Seed.
    pub seed: u64,
    /// Spread of CTR between videos, share.
    pub ctr_spread: f64,
    /// Impressions of an upload.
    pub impressions: u64,
    /// Spread of AVD and 30 s retention between videos, share.
    pub share_spread: f64,
    /// Drops that the page of power tells of, deviations.
    pub effects: Vec<f64>,
    /// A strong drop, deviations.
    pub strong_effect: f64,
    /// A weak drop, deviations.
    pub weak_effect: f64,
    /// Uploads within which it must be seen.
    pub within_uploads: usize,
    /// Least share of strong drops seen.
    pub least_power_strong: f64,
    /// Least share of weak drops seen.
    pub least_power_weak: f64,
    /// Most orders without a cause in a hundred uploads.
    pub most_false_alarms: f64,
}

/// Start values of a kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Click-through rate from which to publish, share of impressions.
    pub ctr: f64,
    /// Click-through rate below which to rework.
    pub hold_ctr: f64,
    /// Average view duration from which to publish, share of the length.
    pub avd_share: f64,
    /// Average view duration below which to rework.
    pub hold_avd_share: f64,
    /// Viewers left after thirty seconds, share.
    pub retention_30s: f64,
    /// Prior of revenue a thousand views, US dollars.
    pub rpm_views: f64,
}

impl KpiLaw {
    /// Start values of a kind of channel.
    pub fn thresholds(&self, kind: ChannelKind) -> &Thresholds {
        match kind {
            ChannelKind::Finance => &self.finance,
            ChannelKind::Education => &self.education,
            ChannelKind::News => &self.news,
        }
    }
}

/// The law of KPIs this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn kpi_law() -> &'static KpiLaw {
    static LAW: OnceLock<KpiLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/kpi.toml")).expect("specs/policy/kpi.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_in_order_and_no_column_means_two_things() {
        let law = kpi_law();
        for kind in [ChannelKind::Finance, ChannelKind::Education, ChannelKind::News] {
            let of = law.thresholds(kind);
            assert!(of.hold_ctr < of.ctr && of.hold_avd_share < of.avd_share, "{kind:?}");
        }
        let mut names: Vec<&String> = law.columns.values().flatten().collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(law.disables.keys().all(|column| law.columns.contains_key(column)));
        assert!(law.baseline.ages.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
    }
}
