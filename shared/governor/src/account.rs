//! The account of a provider (or of one of its models): one row, from which a call is let through or not.
//!
//! All that is decided about a call is decided on this row and written back on the condition that nobody else wrote it in between:
//! however many workers ask, no limit is passed. A call costs one read and one write before it, and one of each after it.

mod windows;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::calls::AllowanceLeft;
use proofreel_model::policy::{Breaker, CallLimits, Day, Retry};
use proofreel_ports::Spend;
use serde::{Deserialize, Serialize};

use crate::hearing::{Allowance, Heard, Verdict};
use crate::window::Rolling;
use windows::{MINUTE_MS, Used};

/// A rest that is longer than this, milliseconds, is none of the short ones: after a key that was refused, or a minute's limit.
const LONG_REST_MS: i64 = 3_600_000;

/// The limits that an account is held to.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Limits.
    pub limits: &'a CallLimits,
    /// When the day begins anew.
    pub day: &'a Day,
    /// The zone of the day, looked up.
    pub zone: &'a TimeZone,
    /// Repeating.
    pub retry: &'a Retry,
    /// Leaving alone.
    pub breaker: &'a Breaker,
    /// The key with which is asked, by the first signs of its digest; none when it is asked without.
    pub key: Option<&'a str>,
}

/// The row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Raised with each write.
    pub version: i64,
    requests: Used,
    tokens: Used,
    characters: Used,
    units: Used,
    /// Not before this, because of the gap between requests, milliseconds since 1970.
    next_ms: i64,
    /// Requests under way: number and when each counts as lost.
    under_way: Vec<(i64, i64)>,
    /// What the provider said last about what it has left.
    told_requests: Option<Allowance>,
    told_tokens: Option<Allowance>,
    /// Not before this, because the provider said so.
    rest_until_ms: i64,
    rest_why: String,
    /// 429s in a row without a word how long.
    throttles: u32,
    /// Failures in a row.
    failures: u32,
    /// Times in a row that the breaker opened.
    opened: u32,
    open_until_ms: i64,
    /// A probe is under way until then.
    probe_until_ms: i64,
    /// Retries used and not yet earned back, thousandths.
    retries_used: i64,
    /// The key that the provider refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
    /// What a refusal taught about the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
    /// What of the last minute's calls was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    turned_away: Option<TurnedAway>,
}

/// Calls of the last minute that the provider refused: they are counted as used, and did not go well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct TurnedAway {
    requests: Rolling,
    tokens: Rolling,
}

impl TurnedAway {
    /// Takes down a refused call; gives the requests and tokens that were refused in the minute before it went out.
    fn with(&mut self, ticket: Ticket) -> (u64, u64) {
        for (refused, amount) in [(&mut self.requests, 1), (&mut self.tokens, ticket.spend.tokens)] {
            refused.prune(ticket.at_ms, MINUTE_MS);
            refused.add(amount, ticket.at_ms, MINUTE_MS);
        }
        (self.requests.used(), self.tokens.used())
    }
}

/// The provider refused although its law had room: the law is wrong, or somebody else uses the key. So much went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Learned {
    /// The most requests of a minute, if it was they.
    requests: Option<u64>,
    /// The most tokens of a minute.
    tokens: Option<u64>,
    until_ms: i64,
}

/// A key that was refused: it is left alone for a while, and any other one is tried at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    /// The first signs of its digest: enough to know it again, and nothing to guess it by.
    key: String,
    until_ms: i64,
}

/// A call that may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    number: i64,
    at_ms: i64,
    spend: Spend,
    /// True when it is the one call that tries whether the provider is well again.
    pub probe: bool,
}

/// Why a call may not go out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// An allowance is used up.
    Quota {
        /// Which.
        what: String,
        /// When there is room.
        until_ms: i64,
    },
    /// The breaker is open.
    Open {
        /// Until then.
        until_ms: i64,
        /// Failures in a row.
        failures: u32,
    },
    /// The provider refused this key lately.
    Key {
        /// When it is tried again.
        until_ms: i64,
    },
    /// It asks for more than is ever allowed at once.
    Never {
        /// Which allowance, and its most.
        what: String,
    },
}

/// How a call ended, as far as its account cares.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was answered well, and really took this.
    Good(Spend),
    /// The provider failed: network, 5xx, an answer of no use.
    Bad,
    /// 429 and the like.
    Throttled,
    /// The request was at fault; the provider is well.
    Fault,
    /// The key was refused.
    Key,
    /// It never left: nothing was used.
    Unsent,
}

/// The end of a call.
pub struct End<'a> {
    /// How it ended.
    pub outcome: &'a Outcome,
    /// What the provider said.
    pub heard: &'a Heard,
    /// True when it would be tried again if it may.
    pub wants_retry: bool,
    /// When it ended.
    pub now: Timestamp,
    /// Drawn from 0 to 1.
    pub luck: f64,
}

impl Account {
    /// Lets a call through, and counts it before it goes out; or says until when not.
    pub fn reserve(&mut self, terms: &Terms<'_>, spend: Spend, now: Timestamp, seconds: u64) -> Result<Ticket, Hold> {
        let now_ms = now.as_millisecond();
        let spend = counted(spend, terms.limits);
        if let Some(refused) = self.refused.as_ref().filter(|refused| refused.key == terms.key.unwrap_or_default()) {
            let longest_ms = now_ms + terms.retry.key_rest_seconds as i64 * 1_000;
            // Further ahead is a wrong clock's word.
            if (now_ms + 1..=longest_ms).contains(&refused.until_ms) {
                return Err(Hold::Key { until_ms: refused.until_ms });
            }
        }
        if self.failures >= terms.breaker.failures {
            let until_ms = self.open_until_ms.max(self.probe_until_ms);
            if now_ms < until_ms {
                return Err(Hold::Open { until_ms, failures: self.failures });
            }
        }
        if let Some(what) = windows::never(terms.limits, spend) {
            return Err(Hold::Never { what });
        }
        let limits = self.believed(terms.limits, spend, now_ms);
        if let Some((what, until_ms)) = self.latest_hold(&Terms { limits: &limits, ..*terms }, spend, now) {
            return Err(Hold::Quota { what, until_ms });
        }

        let probe = self.failures >= terms.breaker.failures;
        let lost_ms = now_ms + (seconds as i64) * 1_000 + 5_000;
        if probe {
            self.probe_until_ms = lost_ms;
        }
        for (used, windows, amount) in self.counters(terms.limits, spend) {
            used.add(windows, terms.day, terms.zone, amount, now);
        }
        if terms.limits.gap_ms > 0 {
            self.next_ms = now_ms + terms.limits.gap_ms as i64;
        }
        for (told, amount) in [(&mut self.told_requests, 1), (&mut self.told_tokens, spend.tokens)] {
            if let Some(told) = told {
                told.left = told.left.saturating_sub(amount);
            }
        }
        let number = self.version;
        if terms.limits.at_once > 0 {
            self.under_way.push((number, lost_ms));
        }
        Ok(Ticket { number, at_ms: now_ms, spend, probe })
    }

    /// The limits as far as they are believed: the law's, or less where a refusal taught so. A single call always fits.
    fn believed(&self, law: &CallLimits, spend: Spend, now_ms: i64) -> CallLimits {
        let mut limits = *law;
        if let Some(learned) = self.learned.filter(|learned| learned.until_ms > now_ms) {
            let less = |law: Option<u64>, learned: Option<u64>, need: u64| match (law, learned) {
                (Some(law), Some(learned)) => Some(law.min(learned.max(need))),
                (law, _) => law,
            };
            limits.requests.minute = less(law.requests.minute, learned.requests, 1);
            limits.tokens.minute = less(law.tokens.minute, learned.tokens, spend.tokens);
        }
        limits
    }

    /// Takes down what went well in the minute before a refusal: of requests or tokens, whichever was nearer to its limit.
    fn learn(&mut self, terms: &Terms<'_>, ticket: Ticket, now_ms: i64) {
        /// A refusal may come from a burst of somebody else's: less than this part of the law is never believed.
        const LEAST_SHARE: u64 = 4;
        // Of several that are refused at once none went well: with one taken off alone, each minute would teach one less.
        let (requests, tokens) = self.turned_away.get_or_insert_default().with(ticket);
        let went_well = |used: &Used, most: Option<u64>, refused: u64| {
            let (most, well) = (most.filter(|most| *most > 0)?, used.minute().saturating_sub(refused));
            Some((well as f64 / most as f64, well.max(most / LEAST_SHARE).max(1)))
        };
        let requests = went_well(&self.requests, terms.limits.requests.minute, requests);
        let tokens = went_well(&self.tokens, terms.limits.tokens.minute, tokens);
        let nearer = |this: Option<(f64, u64)>, other: Option<(f64, u64)>| {
            this.filter(|(share, _)| other.is_none_or(|(than, _)| *share >= than)).map(|(_, most)| most)
        };
        let until_ms = now_ms + terms.retry.learned_seconds as i64 * 1_000;
        self.learned = Some(Learned { requests: nearer(requests, tokens), tokens: nearer(tokens, requests), until_ms });
    }

    /// The hold that lasts longest, if there is one.
    fn latest_hold(&mut self, terms: &Terms<'_>, spend: Spend, now: Timestamp) -> Option<(String, i64)> {
        let now_ms = now.as_millisecond();
        let longest_ms = now_ms + terms.retry.longest_seconds as i64 * 1_000;
        let mut holds = Vec::new();
        // Further ahead than the longest is a wrong clock's word.
        if self.rest_until_ms > now_ms && self.rest_until_ms <= longest_ms {
            holds.push((self.rest_why.clone(), self.rest_until_ms));
        }
        if self.next_ms > now_ms && self.next_ms <= now_ms + terms.limits.gap_ms as i64 {
            holds.push(("pause between two requests".into(), self.next_ms));
        }
        self.under_way.retain(|(_, lost_ms)| *lost_ms > now_ms);
        if terms.limits.at_once > 0 && self.under_way.len() >= terms.limits.at_once as usize {
            let first = self.under_way.iter().map(|(_, lost_ms)| *lost_ms).min().unwrap_or(now_ms);
            // It will be over sooner than it counts as lost: look again soon.
            holds.push(("room for another request at once".into(), first.min(now_ms + 500)));
        }
        for (told, amount, what) in [
            (&self.told_requests, 1, "requests (it says so itself)"),
            (&self.told_tokens, spend.tokens, "tokens (it says so itself)"),
        ] {
            if let Some(told) = told
                && told.until_ms > now_ms
                && told.until_ms <= longest_ms
                && told.left < amount
            {
                holds.push((what.into(), told.until_ms));
            }
        }
        for (what, (used, windows, amount)) in windows::NAMES.into_iter().zip(self.counters(terms.limits, spend)) {
            if let Some((span, until_ms)) = used.room_at(windows, terms.day, terms.zone, amount, now) {
                holds.push((format!("{what} {span}"), until_ms));
            }
        }
        holds.into_iter().max_by_key(|(_, until_ms)| *until_ms)
    }

    /// What is left of the day and the month. `name` is the account's.
    pub(crate) fn left(&self, name: &str, terms: (&CallLimits, &Day, &TimeZone), now: Timestamp) -> Vec<AllowanceLeft> {
        let (limits, day, zone) = terms;
        let counted = [
            (&self.requests, &limits.requests),
            (&self.tokens, &limits.tokens),
            (&self.characters, &limits.characters),
            (&self.units, &limits.units),
        ];
        let told = |what: String, used: u64, most: u64, until_ms: i64| AllowanceLeft {
            account: name.to_owned(),
            what,
            used,
            most,
            until: Timestamp::from_millisecond(until_ms).unwrap_or(now),
        };
        let mut left = Vec::new();
        for ((used, windows), what) in counted.into_iter().zip(windows::NAMES) {
            let spans = used.long_spans(windows, day, zone, now);
            left.extend(
                spans.into_iter().map(|(span, used, most, until)| told(format!("{what} {span}"), used, most, until)),
            );
        }
        // Others draw on the same key, or the law is wrong: a rest of hours is the provider's word that nothing is left.
        if self.rest_until_ms > now.as_millisecond() + LONG_REST_MS {
            left.push(told(self.rest_why.clone(), 0, 0, self.rest_until_ms));
        }
        left
    }

    fn counters<'a>(
        &'a mut self,
        limits: &'a CallLimits,
        spend: Spend,
    ) -> [(&'a mut Used, &'a proofreel_model::policy::Windows, u64); 4] {
        [
            (&mut self.requests, &limits.requests, 1),
            (&mut self.tokens, &limits.tokens, spend.tokens),
            (&mut self.characters, &limits.characters, spend.characters),
            (&mut self.units, &limits.units, spend.units),
        ]
    }

    /// Takes down how a call ended and what the provider said. True when it may be tried again, as far as retries are left.
    pub fn settle(&mut self, terms: &Terms<'_>, ticket: Ticket, end: &End<'_>) -> bool {
        let (now_ms, outcome) = (end.now.as_millisecond(), end.outcome);
        self.under_way.retain(|(number, lost_ms)| *number != ticket.number && *lost_ms > now_ms);
        self.correct(terms, ticket, outcome);
        if ticket.probe {
            self.probe_until_ms = 0;
        }
        self.listen(terms, end);
        match outcome {
            Outcome::Good(_) => {
                (self.failures, self.opened, self.open_until_ms, self.throttles) = (0, 0, 0, 0);
                self.retries_used = (self.retries_used - (terms.retry.earned * 1_000.0) as i64).max(0);
                self.refused = None;
            }
            Outcome::Key => {
                (self.failures, self.opened, self.open_until_ms) = (0, 0, 0);
                let until_ms = now_ms + terms.retry.key_rest_seconds as i64 * 1_000;
                self.refused = Some(Refused { key: terms.key.unwrap_or_default().to_owned(), until_ms });
            }
            Outcome::Fault => (self.failures, self.opened, self.open_until_ms) = (0, 0, 0),
            Outcome::Bad => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= terms.breaker.failures {
                    let rest = terms
                        .breaker
                        .rest_seconds
                        .saturating_mul(1 << self.opened.min(20))
                        .min(terms.breaker.most_seconds);
                    // Half of it is drawn, so that workers of several channels do not come back together.
                    self.open_until_ms = now_ms + (rest as f64 * 1_000.0 * (0.5 + 0.5 * end.luck)) as i64;
                    self.opened = self.opened.saturating_add(1);
                }
            }
            Outcome::Throttled if end.heard.verdict == Verdict::Throttled => self.learn(terms, ticket, now_ms),
            Outcome::Throttled | Outcome::Unsent => {}
        }
        let may = end.wants_retry && self.retries_used + 1_000 <= i64::from(terms.retry.budget) * 1_000;
        if may {
            self.retries_used += 1_000;
        }
        may
    }

    /// Estimates become what was really spent.
    fn correct(&mut self, terms: &Terms<'_>, ticket: Ticket, outcome: &Outcome) {
        let real = match outcome {
            Outcome::Good(real) => *real,
            Outcome::Unsent => Spend::default(),
            _ => return,
        };
        let (unsent, at) = (*outcome == Outcome::Unsent, ticket.at_ms);
        // A zero in a real spend means: as estimated.
        let after = |real: u64, before: u64| if real == 0 && !unsent { before } else { real };
        let spend = ticket.spend;
        let real = [
            u64::from(!unsent),
            after(real.tokens, spend.tokens),
            after(real.characters, spend.characters),
            after(real.units, spend.units),
        ];
        let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        for ((used, windows, before), after) in self.counters(terms.limits, spend).into_iter().zip(real) {
            used.correct(windows, terms.day, terms.zone, before, after, at);
        }
    }

    /// What the provider said about waiting and about what is left.
    fn listen(&mut self, terms: &Terms<'_>, end: &End<'_>) {
        let (now_ms, heard) = (end.now.as_millisecond(), end.heard);
        let longest_ms = now_ms + terms.retry.longest_seconds as i64 * 1_000;
        for (known, new) in [(&mut self.told_requests, heard.requests), (&mut self.told_tokens, heard.tokens)] {
            if let Some(new) = new {
                // Answers overtake each other: of two words about the same span, the smaller one is the later one.
                let same =
                    known.is_some_and(|known| known.until_ms > now_ms && (known.until_ms - new.until_ms).abs() < 2_000);
                let left = if same { known.map_or(new.left, |known| known.left.min(new.left)) } else { new.left };
                *known = Some(Allowance { left, until_ms: new.until_ms.min(longest_ms) });
            }
        }
        let throttled = *end.outcome == Outcome::Throttled;
        let until_ms = match heard.until_ms {
            Some(until_ms) => Some(until_ms),
            None if throttled => {
                self.throttles = self.throttles.saturating_add(1);
                let most = terms.retry.base_ms.saturating_mul(2 << self.throttles.min(20)).min(terms.retry.most_ms);
                Some(now_ms + (most as f64 * (0.5 + 0.5 * end.luck)) as i64)
            }
            None => None,
        };
        if let Some(until_ms) = until_ms.map(|until_ms| until_ms.min(longest_ms))
            && until_ms > self.rest_until_ms
        {
            (self.rest_until_ms, self.rest_why) = (until_ms, heard.why.clone());
        }
    }
}

/// A provider that limits units counts a request as one at least.
fn counted(mut spend: Spend, limits: &CallLimits) -> Spend {
    if limits.units != proofreel_model::policy::Windows::default() {
        spend.units = spend.units.max(1);
    }
    spend
}
