//! Metrics: a JSON line in CloudWatch's embedded metric format, written once an invocation.
//!
//! Every name with every set of dimensions is a metric that is paid for beyond the free ten, so there are nine names,
//! without dimensions; who wants to know of which stage asks the log. A crate for this (metrique, metrics-cloudwatch)
//! brings registries, units and sampling for what is one line of JSON.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Where the metrics stand in CloudWatch when nobody says it, as for a function on a desk. A deployed stack says its own name
/// (`PROOFREEL_NAMESPACE`): with one for all, the signs of life of one stack would keep another's alarms quiet.
pub const NAMESPACE: &str = "Proofreel";

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Visits of stages that were decided upon and recorded.
    Recorded,
    /// Attempts that failed, panics and lost time included.
    Failed,
    /// Episodes that QA or a stage rejected.
    Rejected,
    /// Messages given back to their queue.
    Returned,
    /// Messages put with the dead letters because no attempt can succeed.
    Parked,
    /// Runs started by the weekly batch.
    Started,
    /// Sweeps that came to their end: the sign of life that an alarm waits for.
    Swept,
    /// Films that were published.
    Published,
    /// Looks of the watchdog that came to their end: its sign of life.
    Watched,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Recorded,
        Self::Failed,
        Self::Rejected,
        Self::Returned,
        Self::Parked,
        Self::Started,
        Self::Swept,
        Self::Published,
        Self::Watched,
    ];

    /// Name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "Recorded",
            Self::Failed => "Failed",
            Self::Rejected => "Rejected",
            Self::Returned => "Returned",
            Self::Parked => "Parked",
            Self::Started => "Started",
            Self::Swept => "Swept",
            Self::Published => "Published",
            Self::Watched => "Watched",
        }
    }
}

/// Counts of one invocation.
#[derive(Debug, Default)]
pub struct Metrics {
    counts: [AtomicU64; Metric::ALL.len()],
}

impl Metrics {
    /// Counts `by` more.
    pub fn add(&self, metric: Metric, by: u64) {
        self.counts[metric as usize].fetch_add(by, Ordering::Relaxed);
    }

    /// The counts since the last call as a line in the embedded metric format, below `namespace` (see [`NAMESPACE`]); none when
    /// nothing was counted.
    pub fn take(&self, namespace: &str, now: Timestamp) -> Option<String> {
        let counted: Map<String, Value> = Metric::ALL
            .into_iter()
            .map(|metric| (metric.name().to_owned(), self.counts[metric as usize].swap(0, Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name, count.into()))
            .collect();
        if counted.is_empty() {
            return None;
        }
        let names: Vec<Value> = counted.keys().map(|name| json!({"Name": name, "Unit": "Count"})).collect();
        let mut line = counted;
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [[]], "Metrics": names}],
            }),
        );
        Some(Value::Object(line).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_what_was_counted_and_nothing_else() {
        let metrics = Metrics::default();
        metrics.add(Metric::Swept, 1);
        metrics.add(Metric::Recorded, 2);
        let now: Timestamp = "2026-11-24T22:00:00Z".parse().unwrap();
        let line: Value = serde_json::from_str(&metrics.take("proofreel-dev", now).unwrap()).unwrap();
        assert_eq!((&line["Recorded"], &line["Swept"], line.get("Failed")), (&json!(2), &json!(1), None));
        assert_eq!(line["_aws"]["Timestamp"], 1_795_557_600_000_i64);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&directive["Namespace"], &directive["Dimensions"]), (&json!("proofreel-dev"), &json!([[]])));
        assert_eq!(directive["Metrics"].as_array().unwrap().len(), 2);
        assert_eq!(metrics.take("proofreel-dev", now), None, "counts are of one invocation");
    }

    #[test]
    fn the_names_fit_the_free_allowance_and_their_places() {
        assert!(Metric::ALL.len() <= 10);
        assert!(Metric::ALL.into_iter().enumerate().all(|(place, metric)| metric as usize == place));
    }
}
