//! `specs/policy/phases.toml`: exit criteria and the forecast.

use std::sync::OnceLock;

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseLaw {
    /// Validation.
    pub phase_0: Validation,
    /// Reliability and cost.
    pub phase_1: Reliability,
    /// Several channels.
    pub phase_2: Scaling,
    /// Revenue.
    pub phase_3: Revenue,
    /// The forecast.
    pub forecast: ForecastLaw,
}

/// Exit of phase 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Published videos.
    pub published: usize,
    /// Uploads a week.
    pub uploads_a_week: usize,
    /// Whole weeks that held it.
    pub stable_weeks: usize,
}

/// Exit of phase 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Cache hit rate, above.
    pub cache_hit_rate: f64,
    /// Share of outside calls that were limited, below.
    pub rate_limited: f64,
    /// Weeks whose halves are compared.
    pub trend_weeks: i64,
}

/// Exit of phase 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// Channels with a configuration of their own.
    pub channels: usize,
}

/// Exit of phase 3.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revenue {
    /// US dollars a month and channel.
    pub revenue_usd: f64,
    /// Months in a row.
    pub months: usize,
}

/// The forecast.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastLaw {
    /// Draws.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
    /// Percentiles told.
    pub percentiles: Vec<u8>,
    /// Days of a month.
    pub days: u32,
    /// Videos with revenue from which on the channel speaks for itself.
    pub least_videos: usize,
    /// Spread of the prior's logarithm.
    pub prior_log_spread: f64,
}

/// The phases this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn phase_law() -> &'static PhaseLaw {
    static LAW: OnceLock<PhaseLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/phases.toml")).expect("specs/policy/phases.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::phase_law;

    #[test]
    fn the_phases_load() {
        let law = phase_law();
        assert!(law.forecast.percentiles.is_sorted() && law.phase_3.months >= 2);
    }
}
