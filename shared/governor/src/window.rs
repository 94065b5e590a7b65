//! How much was used in a span of time: in any sixty seconds, and on a calendar day.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

/// A span is counted in so many steps; an amount leaves the count a step after its span is over, never before.
const STEPS: i64 = 20;
/// A request reaches the provider after it was counted here: so much later, at most, that it matters.
const ON_THE_WAY_MS: i64 = 2_000;
/// A calendar day or month further ahead than this was written by a clock that is wrong.
const AHEAD: i64 = 2;

/// Amounts of the last span, by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rolling(Vec<(i64, u64)>);

impl Rolling {
    /// When an amount counted in the step that begins at `start` has left every span of `span_ms`.
    const fn leaves(start: i64, span_ms: i64) -> i64 {
        start + span_ms / STEPS + span_ms + ON_THE_WAY_MS
    }

    /// Forgets what has left, and what a wrong clock wrote far ahead of now.
    fn prune(&mut self, now_ms: i64, span_ms: i64) {
        self.0.retain(|(start, _)| Self::leaves(*start, span_ms) > now_ms && *start <= now_ms + span_ms);
    }

    /// What was used in the span that ends now.
    pub fn used(&self) -> u64 {
        self.0.iter().map(|(_, amount)| amount).sum()
    }

    /// The time at which `need` more fits under `most`; none when it does now.
    pub fn room_at(&mut self, need: u64, most: u64, now_ms: i64, span_ms: i64) -> Option<i64> {
        self.prune(now_ms, span_ms);
        let mut used = self.used();
        if used.saturating_add(need) <= most {
            return None;
        }
        for (start, amount) in &self.0 {
            used -= amount;
            if used.saturating_add(need) <= most {
                return Some(Self::leaves(*start, span_ms));
            }
        }
        Some(now_ms + span_ms)
    }

    /// Counts an amount.
    pub fn add(&mut self, amount: u64, now_ms: i64, span_ms: i64) {
        let start = now_ms - now_ms.rem_euclid(span_ms / STEPS);
        if let Some((_, sum)) = self.0.iter_mut().find(|(known, _)| *known == start) {
            *sum = sum.saturating_add(amount);
        } else {
            self.0.push((start, amount));
            self.0.sort_unstable();
        }
    }

    /// Puts right what was counted at `at_ms`: `before` becomes `after`.
    pub fn correct(&mut self, before: u64, after: u64, at_ms: i64, span_ms: i64) {
        let start = at_ms - at_ms.rem_euclid(span_ms / STEPS);
        if let Some((_, sum)) = self.0.iter_mut().find(|(known, _)| *known == start) {
            *sum = sum.saturating_sub(before).saturating_add(after);
        }
    }
}

/// A calendar unit of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A day.
    Day,
    /// A month.
    Month,
}

/// What was used on one page of a calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Days since 1970, or months.
    page: i64,
    used: u64,
}

impl Calendar {
    /// What was used on the page of now.
    pub fn used(self, page: Page, now: Timestamp, zone: &TimeZone) -> u64 {
        let here = number(page, now, zone);
        // A page just ahead is another worker's clock: it counts on. One far ahead is a wrong clock's.
        if self.page >= here && self.page <= here + AHEAD { self.used } else { 0 }
    }

    /// The time at which `need` more fits under `most`; none when it does now.
    pub fn room_at(self, need: u64, most: u64, page: Page, now: Timestamp, zone: &TimeZone) -> Option<i64> {
        let fits = self.used(page, now, zone).saturating_add(need) <= most;
        (!fits).then(|| turns(page, now, zone).as_millisecond())
    }

    /// Counts an amount.
    pub fn add(&mut self, amount: u64, page: Page, now: Timestamp, zone: &TimeZone) {
        let here = number(page, now, zone);
        let used = self.used(page, now, zone);
        let ahead = self.page > here && self.page <= here + AHEAD;
        *self = Self { page: if ahead { self.page } else { here }, used: used.saturating_add(amount) };
    }

    /// When all of the allowance is there again: when the page is turned, where anything was used.
    pub fn begins_anew(self, page: Page, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.used(page, now, zone) == 0 { now } else { turns(page, now, zone) }
    }

    /// Puts right what was counted at `at`.
    pub fn correct(&mut self, before: u64, after: u64, page: Page, at: Timestamp, zone: &TimeZone) {
        if self.page == number(page, at, zone) {
            self.used = self.used.saturating_sub(before).saturating_add(after);
        }
    }
}

fn number(page: Page, now: Timestamp, zone: &TimeZone) -> i64 {
    let date = now.to_zoned(zone.clone()).date();
    match page {
        Page::Day => {
            let epoch = jiff::civil::date(1970, 1, 1);
            epoch.until((Unit::Day, date)).map_or(0, |span| i64::from(span.get_days()))
        }
        Page::Month => i64::from(date.year()) * 12 + i64::from(date.month()),
    }
}

/// When the page of now is turned: the zone's next midnight, or that of the next month's first day. Summer time is the zone's.
pub fn turns(page: Page, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = now.to_zoned(zone.clone()).date();
    let next = match page {
        Page::Day => local.tomorrow(),
        Page::Month => local.last_of_month().tomorrow(),
    };
    next.and_then(|date| date.to_zoned(zone.clone())).map_or(now, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn no_sixty_seconds_hold_more_than_the_most_wherever_they_begin() {
        let mut rng = fastrand::Rng::with_seed(7);
        for most in [1, 5, 30] {
            let (mut rolling, mut now, mut taken) = (Rolling::default(), 0i64, Vec::new());
            while now < 20 * MINUTE {
                if rolling.room_at(1, most, now, MINUTE).is_none() {
                    rolling.add(1, now, MINUTE);
                    // It reaches the provider a little later.
                    taken.push(now + rng.i64(0..ON_THE_WAY_MS));
                }
                now += rng.i64(1..2_000);
            }
            taken.sort_unstable();
            for (index, start) in taken.iter().enumerate() {
                let within = taken[index..].iter().take_while(|time| **time < start + MINUTE).count();
                assert!(within as u64 <= most, "{within} in a minute, {most} allowed");
            }
            let fair = (20 * most) as usize * 8 / 10;
            assert!(taken.len() >= fair, "careful, not idle: {} of {}", taken.len(), 20 * most);
        }
    }

    #[test]
    fn the_time_told_is_the_first_at_which_there_is_room() {
        let mut rolling = Rolling::default();
        for second in [0, 10, 20] {
            rolling.add(2, second * 1_000, MINUTE);
        }
        let told = rolling.clone().room_at(3, 6, 30_000, MINUTE).unwrap();
        assert!(rolling.clone().room_at(3, 6, told - 1, MINUTE).is_some());
        assert!(rolling.room_at(3, 6, told, MINUTE).is_none());
    }

    #[test]
    fn midnight_is_the_providers_also_when_the_clocks_change() {
        let pacific = TimeZone::get("America/Los_Angeles").unwrap();
        // Summer: 07:00 UTC, winter: 08:00 UTC; the day on which the clocks go back has 25 hours.
        assert_eq!(turns(Page::Day, at("2026-07-01T12:00:00Z"), &pacific), at("2026-07-02T07:00:00Z"));
        assert_eq!(turns(Page::Day, at("2026-11-28T07:59:59Z"), &pacific), at("2026-11-28T08:00:00Z"));
        assert_eq!(turns(Page::Day, at("2026-11-01T07:00:00Z"), &pacific), at("2026-11-02T08:00:00Z"));
        assert_eq!(turns(Page::Month, at("2026-12-31T20:00:00Z"), &pacific), at("2027-01-01T08:00:00Z"));

        let mut used = Calendar::default();
        used.add(100, Page::Day, at("2026-11-28T07:59:00Z"), &pacific);
        assert_eq!(
            used.room_at(1, 100, Page::Day, at("2026-11-28T07:59:59Z"), &pacific),
            Some(at("2026-11-28T08:00:00Z").as_millisecond())
        );
        assert_eq!(used.room_at(1, 100, Page::Day, at("2026-11-28T08:00:00Z"), &pacific), None, "a new day");
    }

    #[test]
    fn a_clock_a_little_ahead_counts_on_and_one_far_ahead_is_not_believed() {
        let utc = TimeZone::UTC;
        let mut used = Calendar::default();
        used.add(99, Page::Day, at("2026-11-29T00:00:01Z"), &utc);
        used.add(1, Page::Day, at("2026-11-28T23:59:58Z"), &utc);
        assert_eq!(used.used(Page::Day, at("2026-11-28T23:59:59Z"), &utc), 100);
        assert_eq!(used.used(Page::Day, at("2026-11-29T00:00:02Z"), &utc), 100);
        used.add(100, Page::Day, at("2031-01-01T00:00:00Z"), &utc);
        assert_eq!(used.used(Page::Day, at("2026-11-29T00:00:02Z"), &utc), 0);
        let mut rolling = Rolling::default();
        rolling.add(5, 400 * MINUTE, MINUTE);
        assert_eq!(rolling.room_at(1, 5, 0, MINUTE), None);
    }

    #[test]
    fn what_was_estimated_becomes_what_was_spent() {
        let mut rolling = Rolling::default();
        rolling.add(8_000, 1_000, MINUTE);
        rolling.correct(8_000, 1_200, 1_000, MINUTE);
        assert_eq!(rolling.used(), 1_200);
        let mut used = Calendar::default();
        let now = at("2026-11-28T12:00:00Z");
        used.add(500, Page::Month, now, &TimeZone::UTC);
        used.correct(500, 700, Page::Month, now, &TimeZone::UTC);
        assert_eq!(used.used(Page::Month, now, &TimeZone::UTC), 700);
    }
}
