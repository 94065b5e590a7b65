//! Service levels from `pipeline_runs`: by week, channel and stage.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{Objective, Sli, slo_law};
use proofreel_model::records::{PipelineRun, RunStatus};
use serde::Serialize;

use crate::stats;

/// One attempt, as far as service levels need it. What a row does not tell is unknown, not zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// Stage, as named in the log.
    pub stage: String,
    /// Visit of the stage.
    pub visit: u32,
    /// How it ended.
    pub status: RunStatus,
    /// What was decided.
    pub outcome: String,
    /// Why it failed, one line.
    pub error: Option<String>,
    /// Wall time, milliseconds.
    pub latency_ms: u64,
    /// Money, US dollars.
    pub cost_usd: f64,
    /// What the outside was asked for.
    pub outside_calls: Option<u64>,
    /// Askings that the cache answered.
    pub cache_hits: Option<u64>,
    /// Requests that went out.
    pub sent: Option<u64>,
    /// Requests that a provider limited (429).
    pub rate_limited: Option<u64>,
    /// When the row was written.
    pub at: Timestamp,
}

impl Attempt {
    /// What a row of the run log tells.
    pub fn of(row: &PipelineRun) -> Self {
        let calls = row.metrics.calls;
        Self {
            channel: row.channel.clone(),
            run: row.run_id.clone(),
            stage: row.stage.to_string(),
            visit: row.visit,
            status: row.status,
            outcome: row.outcome.clone(),
            error: row.error_summary.clone(),
            latency_ms: row.metrics.latency_ms,
            cost_usd: row.metrics.cost_usd,
            outside_calls: calls.map(|calls| calls.hits + calls.misses),
            cache_hits: calls.map(|calls| calls.hits),
            sent: calls.map(|calls| calls.calls),
            rate_limited: calls.map(|calls| calls.throttled),
            at: row.created_at,
        }
    }
}

/// Service levels of one stage of a channel in one week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// Monday of the week, UTC.
    pub week: Date,
    /// Channel.
    pub channel: ChannelId,
    /// Stage.
    pub stage: String,
    /// Attempts.
    pub attempts: usize,
    /// Median wall time, minutes.
    pub latency_p50_minutes: f64,
    /// 95th percentile of it.
    pub latency_p95_minutes: f64,
    /// Failed for good, share of the attempts.
    pub failure_rate: f64,
    /// Tried again, share of the attempts.
    pub retry_rate: f64,
    /// Answers from the cache, share of the calls; none when no call was counted.
    pub cache_hit_rate: Option<f64>,
    /// Limited calls, share of the calls that went out.
    pub rate_limited: Option<f64>,
    /// Cost of a run, US dollars.
    pub cost_per_run: f64,
    /// Runs it is of.
    pub runs: Vec<RunId>,
}

impl Level {
    /// The value of an indicator; none when it is unknown, or a rate of too few attempts.
    pub fn value(&self, of: Sli) -> Option<f64> {
        if self.attempts < slo_law().window.least_attempts { None } else { self.told(of) }
    }

    /// The value of an indicator of however few attempts, to be shown with their number.
    pub fn told(&self, of: Sli) -> Option<f64> {
        match of {
            Sli::LatencyP95Minutes => Some(self.latency_p95_minutes),
            Sli::FailureRate => Some(self.failure_rate),
            Sli::RetryRate => Some(self.retry_rate),
            Sli::CacheHitRate => self.cache_hit_rate,
        }
    }
}

/// Monday of the week of an instant, UTC.
pub fn week_of(at: Timestamp) -> Date {
    monday(at.to_zoned(TimeZone::UTC).date())
}

/// Monday of the week of a day.
pub fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days())
}

/// Service levels, by week, channel and stage.
pub fn levels(attempts: &[Attempt]) -> Vec<Level> {
    let mut groups: BTreeMap<(Date, &ChannelId, &str), Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        groups.entry((week_of(attempt.at), &attempt.channel, &attempt.stage)).or_default().push(attempt);
    }
    groups.into_iter().map(|((week, channel, stage), rows)| level(week, channel, stage, &rows)).collect()
}

fn level(week: Date, channel: &ChannelId, stage: &str, rows: &[&Attempt]) -> Level {
    let mut minutes: Vec<f64> = rows.iter().map(|row| row.latency_ms as f64 / 60_000.0).collect();
    let share =
        |status: RunStatus| rows.iter().filter(|row| row.status == status).count() as f64 / rows.len().max(1) as f64;
    let sum = |of: fn(&Attempt) -> Option<u64>| {
        let known: Vec<u64> = rows.iter().filter_map(|row| of(row)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<u64>())
    };
    let (calls, hits) = (sum(|row| row.outside_calls), sum(|row| row.cache_hits));
    let part = |of: Option<u64>, whole: Option<u64>| Some(of? as f64 / whole.filter(|whole| *whole > 0)? as f64);
    let mut runs: Vec<RunId> = rows.iter().map(|row| row.run.clone()).collect();
    runs.sort();
    runs.dedup();
    Level {
        week,
        channel: channel.clone(),
        stage: stage.to_owned(),
        attempts: rows.len(),
        latency_p50_minutes: stats::median(&mut minutes).unwrap_or_default(),
        latency_p95_minutes: stats::quantile(&mut minutes, 0.95).unwrap_or_default(),
        failure_rate: share(RunStatus::Failure),
        retry_rate: share(RunStatus::Retry),
        cache_hit_rate: part(hits, calls),
        rate_limited: part(sum(|row| row.rate_limited), sum(|row| row.sent)),
        cost_per_run: rows.iter().map(|row| row.cost_usd).sum::<f64>() / runs.len().max(1) as f64,
        runs,
    }
}

/// An objective that a stage is over, week after week up to the newest week with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Streak<'a> {
    /// The objective.
    pub objective: &'a Objective,
    /// Channel.
    pub channel: ChannelId,
    /// Stage.
    pub stage: String,
    /// Weeks over it, oldest first.
    pub weeks: Vec<Date>,
    /// Newest value.
    pub value: f64,
    /// Runs of these weeks.
    pub runs: Vec<RunId>,
}

/// Unbroken tails of weeks over an objective. A week without a value neither counts nor resets. `phase` is the channel's.
pub fn streaks(levels: &[Level], phase: impl Fn(&ChannelId) -> u8) -> Vec<Streak<'static>> {
    let mut found = Vec::new();
    let mut groups: BTreeMap<(&ChannelId, &str), Vec<&Level>> = BTreeMap::new();
    for level in levels {
        groups.entry((&level.channel, &level.stage)).or_default().push(level);
    }
    for ((channel, stage), mut weeks) in groups {
        weeks.sort_by_key(|level| level.week);
        for objective in slo_law().objective.iter().filter(|objective| objective.from_phase <= phase(channel)) {
            let known = weeks.iter().rev().filter_map(|level| Some((level, level.value(objective.of)?)));
            let tail: Vec<_> = known.take_while(|(_, value)| objective.is_breached_by(*value)).collect();
            if let Some((_, value)) = tail.first() {
                found.push(Streak {
                    objective,
                    channel: channel.clone(),
                    stage: stage.to_owned(),
                    weeks: tail.iter().rev().map(|(level, _)| level.week).collect(),
                    value: *value,
                    runs: tail.iter().flat_map(|(level, _)| level.runs.iter().cloned()).collect(),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(week: i64, count: usize, failed: usize, minutes: u64) -> Vec<Attempt> {
        let monday: Timestamp = "2026-11-02T06:00:00Z".parse().unwrap();
        (0..count)
            .map(|at| Attempt {
                channel: "demo".into(),
                run: format!("r{week}-{at}").into(),
                stage: "script".into(),
                visit: 1,
                status: if at < failed { RunStatus::Failure } else { RunStatus::Success },
                outcome: "advance".into(),
                error: None,
                latency_ms: minutes * 60_000,
                cost_usd: 0.01,
                outside_calls: Some(10),
                cache_hits: Some(6),
                sent: Some(4),
                rate_limited: Some(1),
                at: monday + (week * 7 * 24).hours(),
            })
            .collect()
    }

    #[test]
    fn levels_are_by_week_and_what_is_not_told_is_unknown() {
        let mut rows = attempts(0, 40, 1, 2);
        let level = levels(&rows).remove(0);
        assert_eq!((level.week.to_string(), level.attempts), ("2026-11-02".into(), 40));
        assert_eq!((level.failure_rate, level.cache_hit_rate, level.rate_limited), (0.025, Some(0.6), Some(0.25)));
        assert!((level.cost_per_run - 0.01).abs() < 1e-12);
        for row in &mut rows {
            (row.outside_calls, row.cache_hits) = (None, None);
        }
        assert_eq!(levels(&rows)[0].cache_hit_rate, None);
    }

    #[test]
    fn a_streak_is_unbroken_and_skips_weeks_of_too_few_attempts() {
        let all = |plan: &[(usize, usize, u64)]| {
            let rows: Vec<Attempt> = plan
                .iter()
                .enumerate()
                .flat_map(|(week, (count, failed, minutes))| attempts(week as i64, *count, *failed, *minutes))
                .collect();
            streaks(&levels(&rows), |_| 1)
                .into_iter()
                .map(|streak| (streak.objective.name.clone(), streak.weeks.len()))
                .collect::<Vec<_>>()
        };
        assert_eq!(all(&[(40, 2, 2), (40, 2, 2)]), [("stage-failure-rate".into(), 2)]);
        assert_eq!(
            all(&[(40, 2, 2), (3, 3, 2), (40, 2, 2)]),
            [("stage-failure-rate".into(), 2)],
            "three attempts say nothing"
        );
        assert_eq!(all(&[(40, 2, 2), (40, 0, 2)]), [], "a good week ends it");
        assert_eq!(all(&[(40, 0, 11)]), [("stage-latency-p95".into(), 1)]);
        assert_eq!(all(&[(40, 0, 10)]), [], "the bound itself is good");
    }
}
