//! How much was used in a span of time: in any sixty seconds, and on a calendar day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit};
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
    pub fn prune(&mut self, now_ms: i64, span_ms: i64) {
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
///
/// A page is turned a little after the zone's midnight, and what goes out around midnight counts on both pages: whichever of them the
/// provider puts it on, by its own clock, neither holds more than it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Days since 1970, or months.
    page: i64,
    used: u64,
    /// The part of it that may count on the next page.
    #[serde(default, skip_serializing_if = "is_zero")]
    carried: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks for it
const fn is_zero(amount: &u64) -> bool {
    *amount == 0
}

impl Calendar {
    /// What was used on the page of now.
    pub fn used(self, page: Page, now: Timestamp, zone: &TimeZone) -> u64 {
        self.parts(page, now, zone).1
    }

    /// The page on which is counted now, what was used on it, and what of that may count on the next one.
    fn parts(self, page: Page, now: Timestamp, zone: &TimeZone) -> (i64, u64, u64) {
        let here = number(page, now, zone);
        // A page just ahead is another worker's clock: it counts on. One far ahead is a wrong clock's.
        match self.page - here {
            0..=AHEAD => (self.page, self.used, self.carried),
            -1 => (here, self.carried, 0),
            _ => (here, 0, 0),
        }
    }

    /// The time at which `need` more fits under `most`; none when it does now.
    pub fn room_at(self, need: u64, most: u64, page: Page, now: Timestamp, zone: &TimeZone) -> Option<i64> {
        let fits = self.used(page, now, zone).saturating_add(need) <= most;
        (!fits).then(|| turns(page, now, zone).as_millisecond())
    }

    /// Counts an amount.
    pub fn add(&mut self, amount: u64, page: Page, now: Timestamp, zone: &TimeZone) {
        let (open, used, carried) = self.parts(page, now, zone);
        let near = open == number(page, now, zone) && turns_soon(page, now, zone);
        let near = if near { amount } else { 0 };
        *self = Self { page: open, used: used.saturating_add(amount), carried: carried.saturating_add(near) };
    }

    /// When all of the allowance is there again: when the page is turned, where anything was used.
    pub fn begins_anew(self, page: Page, now: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.used(page, now, zone) == 0 { now } else { turns(page, now, zone) }
    }

    /// Puts right what was counted at `at`.
    pub fn correct(&mut self, before: u64, after: u64, page: Page, at: Timestamp, zone: &TimeZone) {
        let (pages_on, near) = (self.page - number(page, at, zone), turns_soon(page, at, zone));
        let mended = |amount: u64| amount.saturating_sub(before).saturating_add(after);
        match pages_on {
            0 if near => (self.used, self.carried) = (mended(self.used), mended(self.carried)),
            0 => self.used = mended(self.used),
            1 if near => self.used = mended(self.used),
            _ => {}
        }
    }
}

/// The date on whose page is counted: the zone's, as it was a moment ago.
fn counted_on(now: Timestamp, zone: &TimeZone) -> Date {
    shifted(now, -ON_THE_WAY_MS).to_zoned(zone.clone()).date()
}

fn shifted(now: Timestamp, ms: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(ms)).unwrap_or(now)
}

/// True from shortly before the zone's midnight until the page is turned.
fn turns_soon(page: Page, now: Timestamp, zone: &TimeZone) -> bool {
    number(page, shifted(now, 2 * ON_THE_WAY_MS), zone) != number(page, now, zone)
}

fn number(page: Page, now: Timestamp, zone: &TimeZone) -> i64 {
    let date = counted_on(now, zone);
    match page {
        Page::Day => {
            let epoch = jiff::civil::date(1970, 1, 1);
            epoch.until((Unit::Day, date)).map_or(0, |span| i64::from(span.get_days()))
        }
        Page::Month => i64::from(date.year()) * 12 + i64::from(date.month()),
    }
}

/// When the page of now is turned: just after the zone's next midnight, or that of the next month's first day. Summer time is the
/// zone's.
pub fn turns(page: Page, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let local = counted_on(now, zone);
    let next = match page {
        Page::Day => local.tomorrow(),
        Page::Month => local.last_of_month().tomorrow(),
    };
    let midnight = next.and_then(|date| date.to_zoned(zone.clone()));
    midnight.map_or(now, |midnight| shifted(midnight.timestamp(), ON_THE_WAY_MS))
}

/// Until when a page rests that its provider says is spent: until it is turned. Within `lag_seconds` of the last turn it was the page
/// before that the provider spoke of (its clock is behind ours, or it clears its counters late), so until that time is over.
pub fn spent_until(page: Page, now: Timestamp, zone: &TimeZone, lag_seconds: u64) -> Timestamp {
    let lag_ms = i64::try_from(lag_seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
    let turned = turns(page, shifted(now, -lag_ms), zone);
    if turned <= now { shifted(turned, lag_ms) } else { turns(page, now, zone) }
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
        assert_eq!(turns(Page::Day, at("2026-07-01T12:00:00Z"), &pacific), at("2026-07-02T07:00:02Z"));
        assert_eq!(turns(Page::Day, at("2026-11-28T07:59:59Z"), &pacific), at("2026-11-28T08:00:02Z"));
        assert_eq!(turns(Page::Day, at("2026-11-28T08:00:01Z"), &pacific), at("2026-11-28T08:00:02Z"));
        assert_eq!(turns(Page::Day, at("2026-11-01T07:00:02Z"), &pacific), at("2026-11-02T08:00:02Z"));
        assert_eq!(turns(Page::Month, at("2026-12-31T20:00:00Z"), &pacific), at("2027-01-01T08:00:02Z"));

        let mut used = Calendar::default();
        used.add(100, Page::Day, at("2026-11-28T07:59:00Z"), &pacific);
        assert_eq!(
            used.room_at(1, 100, Page::Day, at("2026-11-28T07:59:59Z"), &pacific),
            Some(at("2026-11-28T08:00:02Z").as_millisecond())
        );
        assert!(
            used.room_at(1, 100, Page::Day, at("2026-11-28T08:00:01Z"), &pacific).is_some(),
            "its clock may be behind"
        );
        assert_eq!(used.room_at(1, 100, Page::Day, at("2026-11-28T08:00:02Z"), &pacific), None, "a new day");
    }

    #[test]
    fn what_goes_out_around_midnight_counts_on_both_days() {
        let utc = TimeZone::UTC;
        for (when, counts) in [
            ("2026-11-28T23:59:57Z", 0),
            ("2026-11-28T23:59:58Z", 7),
            ("2026-11-29T00:00:01.999Z", 7),
            ("2026-11-29T00:00:02Z", 7),
        ] {
            let mut used = Calendar::default();
            used.add(7, Page::Day, at(when), &utc);
            assert_eq!(used.used(Page::Day, at("2026-11-29T00:00:02Z"), &utc), counts, "{when}");
            assert_eq!(used.used(Page::Day, at("2026-11-30T00:00:02Z"), &utc), 0, "{when}");
        }
        // What it really took is put right on whichever page is open.
        for (put_right, left) in [("2026-11-29T00:00:01Z", 3), ("2026-11-29T00:00:09Z", 3)] {
            let (mut used, sent) = (Calendar::default(), at("2026-11-28T23:59:59Z"));
            used.add(7, Page::Day, sent, &utc);
            // Another call in between turns the page in the second case.
            used.add(0, Page::Day, at(put_right), &utc);
            used.correct(7, 3, Page::Day, sent, &utc);
            assert_eq!(used.used(Page::Day, at("2026-11-29T00:00:10Z"), &utc), left, "{put_right}");
        }
        let month = at("2026-12-01T00:00:00Z");
        let mut used = Calendar::default();
        used.add(5, Page::Month, month, &utc);
        assert_eq!(used.used(Page::Month, at("2026-12-20T00:00:00Z"), &utc), 5);
    }

    #[test]
    fn a_day_that_is_said_to_be_spent_just_after_midnight_was_yesterday() {
        let pacific = TimeZone::get("America/Los_Angeles").unwrap();
        let until = |now: &str, page| spent_until(page, at(now), &pacific, 600).to_string();
        assert_eq!(until("2026-11-28T08:00:03Z", Page::Day), "2026-11-28T08:10:02Z");
        assert_eq!(until("2026-11-28T08:09:59Z", Page::Day), "2026-11-28T08:10:02Z");
        assert_eq!(until("2026-11-28T08:10:02Z", Page::Day), "2026-11-29T08:00:02Z");
        assert_eq!(until("2026-11-28T07:59:59Z", Page::Day), "2026-11-28T08:00:02Z");
        assert_eq!(until("2026-12-01T08:01:00Z", Page::Month), "2026-12-01T08:10:02Z");
        assert_eq!(until("2026-12-02T08:01:00Z", Page::Month), "2027-01-01T08:00:02Z");
    }

    #[test]
    fn a_clock_a_little_ahead_counts_on_and_one_far_ahead_is_not_believed() {
        let utc = TimeZone::UTC;
        let mut used = Calendar::default();
        used.add(99, Page::Day, at("2026-11-29T00:00:03Z"), &utc);
        used.add(1, Page::Day, at("2026-11-28T23:59:58Z"), &utc);
        assert_eq!(used.used(Page::Day, at("2026-11-28T23:59:59Z"), &utc), 100);
        assert_eq!(used.used(Page::Day, at("2026-11-29T00:00:04Z"), &utc), 100);
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
