//! Providers that count for themselves and throttle: some by the law's numbers, some by tighter ones, all with bad days.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::policy::{CallLimits, Day, ProviderLaw, Windows};
use proofreel_ports::{WebAnswer, WebRequest};

use super::answer;

/// Providers that allow less than the law says, as a share of it: limits move before anybody reads them.
const TIGHTER: [(&str, f64); 3] = [("groq", 0.7), ("gemini", 0.8), ("openverse", 0.75)];
/// Share of requests that fail for no reason.
const FAILS: f64 = 0.01;
/// Hours from the beginning in which a provider is down.
const DOWN: [(&str, u64, u64); 2] = [("groq", 85, 95), ("fred", 262, 266)];
/// Hours in which somebody else uses the same key: (provider, from, to, share of the minute's requests).
const OTHERS: [(&str, u64, u64, f64); 1] = [("gemini", 150, 200, 0.5)];

struct Counter {
    limits: CallLimits,
    zone: TimeZone,
    rolling: bool,
    /// When, tokens, characters, units.
    taken: Vec<(i64, [u64; 4])>,
}

/// All providers of the law behind one network.
pub struct Providers {
    law: ProviderLaw,
    begin: Timestamp,
    counters: HashMap<String, Counter>,
    rng: fastrand::Rng,
}

impl Providers {
    pub fn new(law: ProviderLaw, begin: Timestamp, seed: u64) -> Self {
        Self { law, begin, counters: HashMap::new(), rng: fastrand::Rng::with_seed(seed) }
    }

    /// The answer of the provider that the address names (`?provider=…&model=…&tokens=…&characters=…&units=…`).
    pub fn say(&mut self, now: Timestamp, request: &WebRequest) -> WebAnswer {
        let url = url::Url::parse(&request.url).unwrap();
        let of = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let number = |name: &str| of(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let (id, model) = (of("provider").unwrap(), of("model"));
        let hour = ((now.as_second() - self.begin.as_second()) / 3_600) as u64;
        if DOWN.iter().any(|(down, from, to)| *down == id && (*from..*to).contains(&hour)) || self.rng.f64() < FAILS {
            return answer(503, &[], "<html><body>Service Unavailable</body></html>");
        }
        let share = TIGHTER.iter().find(|(tight, _)| *tight == id).map_or(1.0, |(_, share)| *share);
        let others = OTHERS
            .iter()
            .find(|(with, from, to, _)| *with == id && (*from..*to).contains(&hour))
            .map_or(0.0, |(.., part)| *part);
        let (row, limits, day) = {
            let (row, limits, of) = self.law.counted(&id, model.as_deref()).unwrap();
            (row, limits, of.day.clone())
        };
        let counter = self.counters.entry(row).or_insert_with(|| Counter {
            limits,
            zone: TimeZone::get(day.zone()).unwrap(),
            rolling: day == Day::Rolling,
            taken: Vec::new(),
        });
        let spend = [1, number("tokens"), number("characters"), number("units")];
        match counter.over(now, spend, share, 1.0 - others) {
            None => {
                counter.taken.push((now.as_millisecond(), spend));
                answer(200, &[("content-type", "application/json")], &format!(r#"{{"of": "{}"}}"#, url.path()))
            }
            Some(wait_ms) => refusal(&id, wait_ms),
        }
    }
}

impl Counter {
    /// How long until `spend` fits, when it does not.
    fn over(&self, now: Timestamp, spend: [u64; 4], share: f64, minute: f64) -> Option<i64> {
        let now_ms = now.as_millisecond();
        let midnight = now.to_zoned(self.zone.clone()).start_of_day().map_or(0, |day| day.timestamp().as_millisecond());
        let first = now
            .to_zoned(self.zone.clone())
            .first_of_month()
            .and_then(|day| day.start_of_day())
            .map_or(0, |day| day.timestamp().as_millisecond());
        let day_from = if self.rolling { now_ms - 86_400_000 } else { midnight };
        let all: [&Windows; 4] =
            [&self.limits.requests, &self.limits.tokens, &self.limits.characters, &self.limits.units];
        let mut wait = None;
        for (index, windows) in all.into_iter().enumerate() {
            let spans = [
                (windows.minute, now_ms - 60_000, minute, 20_000),
                (windows.hour, now_ms - 3_600_000, 1.0, 600_000),
                (windows.day, day_from, 1.0, 3_600_000),
                (windows.month, first, 1.0, 3_600_000),
            ];
            for (most, from, part, told_ms) in spans {
                let Some(most) = most else { continue };
                let used: u64 = self.taken.iter().filter(|(at, _)| *at > from).map(|(_, spend)| spend[index]).sum();
                if used + spend[index] > (most as f64 * share * part) as u64 {
                    wait = wait.max(Some(told_ms));
                }
            }
        }
        if self.limits.gap_ms > 0 && self.taken.last().is_some_and(|(at, _)| now_ms - at < self.limits.gap_ms as i64) {
            wait = wait.max(Some(self.limits.gap_ms as i64));
        }
        wait
    }
}

/// Everybody says it in another way.
fn refusal(id: &str, wait_ms: i64) -> WebAnswer {
    let seconds = wait_ms as f64 / 1_000.0;
    match id {
        "gemini" => answer(
            429,
            &[],
            &format!(
                r#"{{"error": {{"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{{"retryDelay": "{seconds}s"}}]}}}}"#
            ),
        ),
        "groq" => answer(
            429,
            &[("retry-after", &seconds.ceil().to_string())],
            &format!(r#"{{"error": {{"message": "Rate limit reached. Please try again in {seconds}s."}}}}"#),
        ),
        "openverse" => answer(429, &[("retry-after", &seconds.ceil().to_string())], ""),
        _ => answer(429, &[], "Too Many Requests"),
    }
}
