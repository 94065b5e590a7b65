//! The state of an alarm from its datapoints, by the rules that Amazon documents for `CloudWatch`.
//!
//! Source: "Configuring how CloudWatch alarms treat missing data", read 2026-11-28. The tables there are the tests here.

use proofreel_model::policy::{AlarmRule, Missing};
use serde::Serialize;

/// State of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// Good.
    Ok,
    /// Alarm.
    Alarm,
    /// Nothing to judge by.
    InsufficientData,
}

/// Datapoints that are fetched beyond those that are needed.
const BEYOND: usize = 2;

/// The state after an evaluation. `points` are periods, the newest last, none where there is no datapoint.
pub fn evaluate(rule: &AlarmRule, points: &[Option<f64>], current: AlarmState) -> AlarmState {
    let range = &points[points.len().saturating_sub(rule.of + BEYOND)..];
    let real: Vec<bool> = range.iter().flatten().map(|value| rule.breaches(*value)).collect();
    let breaching = |points: &[bool]| points.iter().filter(|breach| **breach).count();
    let judged = |alarm: bool| if alarm { AlarmState::Alarm } else { AlarmState::Ok };
    if real.len() >= rule.of {
        // Enough real ones: how missing ones are treated does not matter.
        return judged(breaching(&real[real.len() - rule.of..]) >= rule.needs);
    }
    let filled = rule.of - real.len();
    match rule.missing {
        Missing::Breaching => judged(breaching(&real) + filled >= rule.needs),
        Missing::NotBreaching => judged(breaching(&real) >= rule.needs),
        Missing::Missing | Missing::Ignore if real.is_empty() => {
            if rule.missing == Missing::Missing {
                AlarmState::InsufficientData
            } else {
                current
            }
        }
        Missing::Missing | Missing::Ignore => {
            if breaching(&real) >= rule.needs {
                return AlarmState::Alarm;
            }
            if breaching(&real) < real.len() {
                return AlarmState::Ok;
            }
            // Only breaching ones: an alarm once the oldest of them is as old as the datapoints that alarm.
            let oldest = range.iter().position(Option::is_some).map_or(0, |at| range.len() - at);
            if rule.missing == Missing::Missing && oldest >= rule.needs { AlarmState::Alarm } else { current }
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::policy::{Rule, slo_law};

    use super::AlarmState::{Alarm, InsufficientData as NoData, Ok};
    use super::*;

    fn points(drawn: &str) -> Vec<Option<f64>> {
        drawn
            .split(' ')
            .map(|sign| match sign {
                "X" => Some(1.0),
                "0" => Some(0.0),
                _ => None,
            })
            .collect()
    }

    fn rule(needs: usize, of: usize, missing: Missing) -> AlarmRule {
        AlarmRule {
            name: "Test".into(),
            rule: Rule::AtLeast,
            bound: 1.0,
            period_minutes: 5,
            of,
            needs,
            missing,
            pages: true,
            runbook: "test".into(),
        }
    }

    /// State before is one that none of the rows gives by itself, so that "retain" is seen.
    fn check(needs: usize, drawn: &str, expected: [AlarmState; 4]) {
        let ways = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
        for (way, expected) in ways.into_iter().zip(expected) {
            let before = if expected == NoData { Ok } else { NoData };
            assert_eq!(evaluate(&rule(needs, 3, way), &points(drawn), before), expected, "{needs}/3 {drawn} {way:?}");
        }
    }

    /// Marks the cells of the tables in which the state before is kept.
    const KEPT: AlarmState = NoData;

    fn keeps(needs: usize, drawn: &str, way: Missing) {
        for before in [Ok, Alarm, NoData] {
            assert_eq!(evaluate(&rule(needs, 3, way), &points(drawn), before), before, "{needs}/3 {drawn} {way:?}");
        }
    }

    #[test]
    fn three_of_three_as_documented() {
        check(3, "0 - X - X", [Ok; 4]);
        check(3, "0 - - - -", [Ok; 4]);
        check(3, "- - - - 0", [Ok; 4]);
        check(3, "0 X X - X", [Alarm; 4]);
        for (way, state) in [(Missing::Missing, NoData), (Missing::Breaching, Alarm), (Missing::NotBreaching, Ok)] {
            assert_eq!(evaluate(&rule(3, 3, way), &points("- - - - -"), Ok), state);
        }
        keeps(3, "- - - - -", Missing::Ignore);
        for (way, state) in [(Missing::Missing, Alarm), (Missing::Breaching, Alarm), (Missing::NotBreaching, Ok)] {
            assert_eq!(evaluate(&rule(3, 3, way), &points("- - X - -"), KEPT), state);
        }
        keeps(3, "- - X - -", Missing::Ignore);
    }

    #[test]
    fn two_of_three_as_documented() {
        check(2, "0 - X - X", [Alarm; 4]);
        check(2, "0 0 X 0 X", [Alarm; 4]);
        check(2, "0 - X - -", [Ok, Ok, Alarm, Ok]);
        check(2, "- - - - 0", [Ok, Ok, Alarm, Ok]);
        for (way, state) in [(Missing::Missing, Alarm), (Missing::Breaching, Alarm), (Missing::NotBreaching, Ok)] {
            assert_eq!(evaluate(&rule(2, 3, way), &points("- - - X -"), KEPT), state);
        }
        keeps(2, "- - - X -", Missing::Ignore);
    }

    #[test]
    fn no_alarm_before_its_time() {
        for drawn in ["- - - - X", "- - - X -"] {
            keeps(3, drawn, Missing::Missing);
        }
        assert_eq!(evaluate(&rule(3, 3, Missing::Missing), &points("- - X - 0"), Alarm), Ok);
    }

    #[test]
    fn two_of_two_on_sparse_runs_alarms_on_one_breach_which_is_why_the_gauge_is_reckoned_from_the_run_log() {
        let sparse = rule(2, 2, Missing::Missing);
        assert_eq!(evaluate(&sparse, &points("- - X -"), Ok), Alarm, "one breach only");
        let gauge = slo_law().metric.iter().find(|metric| metric.name == "ConsecutiveBreaches").unwrap();
        assert_eq!(evaluate(gauge, &[None, None, Some(1.0)], Ok), Ok);
        assert_eq!(evaluate(gauge, &[None, None, Some(2.0)], Ok), Alarm);
    }

    #[test]
    fn a_silent_watchdog_alarms_in_its_third_hour() {
        let beat = slo_law().metric.iter().find(|metric| metric.name == "WatchdogBeat").unwrap();
        let hours =
            |silent: usize| -> Vec<Option<f64>> { (0..12).map(|hour| (hour < 12 - silent).then_some(1.0)).collect() };
        assert_eq!(evaluate(beat, &hours(0), Ok), Ok);
        assert_eq!(evaluate(beat, &hours(2), Ok), Ok);
        // Real datapoints inside the range of five are used as long as there are three: then the fill begins.
        assert_eq!((3..=5).map(|silent| evaluate(beat, &hours(silent), Ok)).collect::<Vec<_>>(), [Ok, Ok, Alarm]);
    }
}
