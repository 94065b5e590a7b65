//! `specs/policy/slo.toml`: objectives, pages and composite metrics.

use std::sync::OnceLock;

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SloLaw {
    /// Objectives.
    pub objective: Vec<Objective>,
    /// Over what they are judged.
    pub window: Window,
    /// Slots and pages.
    pub paging: Paging,
    /// Allowances of providers that are watched.
    pub allowance: AllowanceLaw,
    /// Composite metrics and their alarms.
    pub metric: Vec<AlarmRule>,
    /// The replay that paging is tested with.
    pub replay: ReplayLaw,
}

/// What an objective is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sli {
    /// 95th percentile of an attempt's wall time, minutes.
    LatencyP95Minutes,
    /// Failed visits, share.
    FailureRate,
    /// Repeated attempts, share.
    RetryRate,
    /// Outside answers that came from the cache, share.
    CacheHitRate,
}

/// An objective. Exactly one of its bounds is given.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// Name.
    pub name: String,
    /// What is measured.
    pub of: Sli,
    /// Good up to and including this.
    pub most: Option<f64>,
    /// Good strictly below this.
    pub below: Option<f64>,
    /// Good strictly above this.
    pub above: Option<f64>,
    /// First phase in which it is judged.
    #[serde(default)]
    pub from_phase: u8,
    /// Section of OPERATIONS.
    pub runbook: String,
}

impl Objective {
    /// True when `value` is over the objective.
    pub fn is_breached_by(&self, value: f64) -> bool {
        self.most.is_some_and(|most| value > most)
            || self.below.is_some_and(|below| value >= below)
            || self.above.is_some_and(|above| value <= above)
    }

    /// The bound in words, `≤ 10`, in the unit of the indicator.
    pub fn bound(&self) -> String {
        let one = |sign: &str, bound: Option<f64>| bound.map(|bound| format!("{sign} {bound}"));
        one("≤", self.most).or_else(|| one("<", self.below)).or_else(|| one(">", self.above)).unwrap_or_default()
    }
}

/// Over what an objective is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days.
    pub days: i64,
    /// Attempts below which a rate is no rate.
    pub least_attempts: usize,
}

/// Slots and pages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Minutes from a slot's due time to its deadline.
    pub deadline_minutes: i64,
    /// Lengths of a tail of breaches that page.
    pub page_at: Vec<usize>,
    /// Hours in which the same cause and run pages once.
    pub quiet_hours: i64,
    /// Hours without a beat after which the watchdog is dead.
    pub beat_hours: i64,
    /// Stages whose failure pages at once.
    pub publish_stages: Vec<String>,
    /// Days of slots, 0 is Monday.
    pub slot_days: Vec<i8>,
    /// Hour at which slots are due, UTC.
    pub slot_hour: i8,
    /// Minutes without a move after which a run is stuck.
    pub stuck_minutes: i64,
}

/// Which allowances of providers are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowanceLaw {
    /// Units of the least allowance of a day that is watched: a smaller one is there to be used up.
    pub least_a_day: u64,
}

/// What breaches an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// At the bound or above.
    AtLeast,
    /// Below the bound.
    Below,
}

/// What a missing datapoint means, in `CloudWatch`'s words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Missing {
    /// Ignored unless all are missing.
    Missing,
    /// The state stays.
    Ignore,
    /// Counts as good.
    NotBreaching,
    /// Counts as bad.
    Breaching,
}

/// A composite metric and its alarm.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRule {
    /// Metric, without dimensions.
    pub name: String,
    /// What breaches.
    pub rule: Rule,
    /// Bound.
    pub bound: f64,
    /// Length of a datapoint, minutes.
    pub period_minutes: u32,
    /// Datapoints looked at (N).
    pub of: usize,
    /// Breaching datapoints that alarm (M).
    pub needs: usize,
    /// What a missing datapoint means.
    pub missing: Missing,
    /// True when a person is paged; otherwise a ticket.
    pub pages: bool,
    /// Section of OPERATIONS.
    pub runbook: String,
}

impl AlarmRule {
    /// True when a datapoint breaches.
    pub fn breaches(&self, value: f64) -> bool {
        match self.rule {
            Rule::AtLeast => value >= self.bound,
            Rule::Below => value < self.bound,
        }
    }
}

/// The replay.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayLaw {
    /// Scripted incidents.
    pub incidents: usize,
    /// Quiet days.
    pub quiet_days: usize,
    /// Seed.
    pub seed: u64,
    /// Chance of a retry that mends itself.
    pub retry: f64,
    /// Chance of a late figure.
    pub late: f64,
}

/// Service levels this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn slo_law() -> &'static SloLaw {
    static LAW: OnceLock<SloLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/slo.toml")).expect("specs/policy/slo.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_stay_within_what_is_free_and_objectives_have_one_bound() {
        let law = slo_law();
        assert!(law.metric.len() <= 10);
        for objective in &law.objective {
            let bounds = [objective.most, objective.below, objective.above];
            assert_eq!(bounds.iter().flatten().count(), 1, "{}", objective.name);
        }
        assert!(law.metric.iter().all(|metric| metric.needs <= metric.of && metric.needs > 0));
        assert!(law.paging.page_at.is_sorted());
    }
}
