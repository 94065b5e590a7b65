//! One counted thing in all its spans.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::policy::{CallLimits, Day, Windows};
use proofreel_ports::Spend;
use serde::{Deserialize, Serialize};

use crate::window::{Calendar, Page, Rolling};

/// A minute, milliseconds.
pub const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What is counted, in the order of an account's counters.
pub const NAMES: [&str; 4] = ["requests", "tokens", "characters", "units"];

/// How much of one thing was used. Only spans with a limit are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Used {
    #[serde(skip_serializing_if = "Option::is_none")]
    minute: Option<Rolling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hour: Option<Rolling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rolling_day: Option<Rolling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Calendar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<Calendar>,
}

/// The allowance that `spend` could never fit into, were it empty.
pub fn never(limits: &CallLimits, spend: Spend) -> Option<String> {
    let asked = [
        (&limits.requests, 1),
        (&limits.tokens, spend.tokens),
        (&limits.characters, spend.characters),
        (&limits.units, spend.units),
    ];
    for ((windows, need), what) in asked.into_iter().zip(NAMES) {
        for (most, span) in spans(windows) {
            if most.is_some_and(|most| need > most) {
                return Some(format!("{need} {what}, where {} {span} are all there is", most.unwrap_or(0)));
            }
        }
    }
    None
}

fn spans(windows: &Windows) -> [(Option<u64>, &'static str); 4] {
    [(windows.minute, "a minute"), (windows.hour, "an hour"), (windows.day, "a day"), (windows.month, "a month")]
}

impl Used {
    /// What was used in the last minute, as far as it is counted.
    pub fn minute(&self) -> u64 {
        self.minute.as_ref().map_or(0, Rolling::used)
    }

    /// What was used of the day's and the month's most, and when all of it is there again: `(span, used, most, milliseconds)`.
    pub fn long_spans(
        &self,
        windows: &Windows,
        day: &Day,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Vec<(&'static str, u64, u64, i64)> {
        let now_ms = now.as_millisecond();
        let calendar = |used: Option<Calendar>, page| {
            let used = used.unwrap_or_default();
            (used.used(page, now, zone), used.begins_anew(page, now, zone).as_millisecond())
        };
        let of_day = |most: u64| {
            let (used, until_ms) = match day {
                Day::Midnight(_) => calendar(self.day, Page::Day),
                Day::Rolling => {
                    let mut rolling = self.rolling_day.clone().unwrap_or_default();
                    // Room for all of it, which is there when the last amount has left.
                    let until_ms = rolling.room_at(most, most, now_ms, DAY_MS).unwrap_or(now_ms);
                    (rolling.used(), until_ms)
                }
            };
            ("a day", used, most, until_ms)
        };
        let of_month = |most: u64| {
            let (used, until_ms) = calendar(self.month, Page::Month);
            ("a month", used, most, until_ms)
        };
        windows.day.map(of_day).into_iter().chain(windows.month.map(of_month)).collect()
    }

    /// The span without room for `need` more that lasts longest, and when there is room.
    pub fn room_at(
        &mut self,
        windows: &Windows,
        day: &Day,
        zone: &TimeZone,
        need: u64,
        now: Timestamp,
    ) -> Option<(&'static str, i64)> {
        if need == 0 {
            return None;
        }
        let now_ms = now.as_millisecond();
        let rolling = |used: &mut Option<Rolling>, most: Option<u64>, span_ms, name| {
            let room = used.get_or_insert_default().room_at(need, most?, now_ms, span_ms)?;
            Some((name, room))
        };
        let calendar = |used: Option<Calendar>, most: Option<u64>, page, name| {
            Some((name, used.unwrap_or_default().room_at(need, most?, page, now, zone)?))
        };
        let holds = [
            windows.minute.and_then(|most| rolling(&mut self.minute, Some(most), MINUTE_MS, "a minute")),
            windows.hour.and_then(|most| rolling(&mut self.hour, Some(most), HOUR_MS, "an hour")),
            windows.day.and_then(|most| match day {
                Day::Rolling => rolling(&mut self.rolling_day, Some(most), DAY_MS, "a day"),
                Day::Midnight(_) => calendar(self.day, Some(most), Page::Day, "a day"),
            }),
            windows.month.and_then(|most| calendar(self.month, Some(most), Page::Month, "a month")),
        ];
        holds.into_iter().flatten().max_by_key(|(_, until_ms)| *until_ms)
    }

    /// Counts an amount in every span that has a limit.
    pub fn add(&mut self, windows: &Windows, day: &Day, zone: &TimeZone, amount: u64, now: Timestamp) {
        self.each(
            windows,
            day,
            |rolling, span_ms| rolling.add(amount, now.as_millisecond(), span_ms),
            |calendar, page| calendar.add(amount, page, now, zone),
        );
    }

    /// Puts right what was counted at `at`.
    pub fn correct(&mut self, windows: &Windows, day: &Day, zone: &TimeZone, before: u64, after: u64, at: Timestamp) {
        if before == after {
            return;
        }
        self.each(
            windows,
            day,
            |rolling, span_ms| rolling.correct(before, after, at.as_millisecond(), span_ms),
            |calendar, page| calendar.correct(before, after, page, at, zone),
        );
    }

    fn each(
        &mut self,
        windows: &Windows,
        day: &Day,
        mut rolling: impl FnMut(&mut Rolling, i64),
        mut calendar: impl FnMut(&mut Calendar, Page),
    ) {
        if windows.minute.is_some() {
            rolling(self.minute.get_or_insert_default(), MINUTE_MS);
        }
        if windows.hour.is_some() {
            rolling(self.hour.get_or_insert_default(), HOUR_MS);
        }
        if windows.day.is_some() {
            match day {
                Day::Rolling => rolling(self.rolling_day.get_or_insert_default(), DAY_MS),
                Day::Midnight(_) => calendar(self.day.get_or_insert_default(), Page::Day),
            }
        }
        if windows.month.is_some() {
            calendar(self.month.get_or_insert_default(), Page::Month);
        }
    }
}
