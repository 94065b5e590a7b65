//! Providers of the outside: what they allow, what they are asked for, how long their answers keep.
//!
//! `specs/policy/providers.toml` is the law that is compiled in; an operator's `providers.toml` changes single members of it.

mod load;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::calls::CallKind;

pub use load::{ProvidersError, providers};

/// The law of calls to the outside.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderLaw {
    /// Version of the file.
    pub version: String,
    /// How long an answer of each kind keeps.
    pub freshness: BTreeMap<CallKind, Freshness>,
    /// Repeating a call.
    pub retry: Retry,
    /// Leaving a provider alone.
    pub breaker: Breaker,
    /// Kept answers.
    pub keep: Keep,
    /// The same request from two workers.
    pub flight: Flight,
    /// Providers to ask, in order, for kinds that several can answer. The embedded fallback comes after the last.
    #[serde(default)]
    pub routes: BTreeMap<CallKind, Vec<String>>,
    /// The providers by id.
    pub providers: BTreeMap<String, Provider>,
}

/// How long an answer keeps, and how long its asker may wait for a place in the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// Seconds in which the cache answers; 0: never cached.
    pub seconds: u64,
    /// Seconds after that in which the old answer is served, marked, when the provider fails; 0: never.
    #[serde(default)]
    pub stale_seconds: u64,
    /// Longest wait for a place in the quota, seconds; a longer one is refused.
    #[serde(default)]
    pub wait_seconds: u64,
}

/// Repeating a call that failed in a way that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Requests of one call at most; an effect is sent once whatever stands here.
    pub tries: u32,
    /// Base of the back-off, milliseconds; the n-th wait is drawn evenly from 0 to base · 2ⁿ.
    pub base_ms: u64,
    /// The longest back-off, milliseconds.
    pub most_ms: u64,
    /// Retries a provider may be owed at once, over all workers.
    pub budget: u32,
    /// Part of a retry that each good answer earns.
    pub earned: f64,
    /// The longest that a provider's own word (`Retry-After` and the like) is believed, seconds.
    pub longest_seconds: u64,
    /// Seconds for which less is asked in a minute than the law allows, after a refusal showed that it allows too much.
    pub learned_seconds: u64,
    /// Seconds that a provider rests after it refused a key, unless it is asked with another one.
    pub key_rest_seconds: u64,
    /// Seconds after a provider's midnight in which its word that the day is spent is taken for yesterday's.
    pub turn_lag_seconds: u64,
}

/// Circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row that open it.
    pub failures: u32,
    /// Seconds until one call is let through as a probe; doubled each time the probe fails.
    pub rest_seconds: u64,
    /// The longest rest, seconds.
    pub most_seconds: u64,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Most megabytes of bodies after a pruning.
    pub megabytes: u64,
    /// Months back in which answers are looked for.
    pub look_back_months: u32,
}

/// Single flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flight {
    /// Seconds beyond a request's own limit after which its worker counts as dead.
    pub grace_seconds: u64,
    /// Longest wait for another worker's answer, seconds.
    pub wait_seconds: u64,
    /// Time between two looks for it, milliseconds.
    pub look_ms: u64,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // switches of a file
pub struct Provider {
    /// Name for people.
    pub name: String,
    /// What it can be asked for.
    pub serves: Vec<CallKind>,
    /// Where its interface begins, without a final slash; `{account}` and the like are for the operator's file to fill.
    pub base_url: String,
    /// False: it is not asked.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// True when it needs the operator's key.
    #[serde(default)]
    pub key_needed: bool,
    /// Name of its key in the secrets, where one is of use.
    #[serde(default)]
    pub secret: Option<String>,
    /// How the key goes on the request.
    #[serde(default)]
    pub auth: Auth,
    /// Its own machine or another one that the operator names: may lie in the private network.
    #[serde(default)]
    pub local: bool,
    /// Provider whose limits and counters this one shares.
    #[serde(default)]
    pub pool: Option<String>,
    /// Limits.
    #[serde(default)]
    pub limits: Limits,
    /// False: it is never left alone, however often it fails; its client does that.
    #[serde(default = "yes")]
    pub breaker: bool,
    /// Whether `limits` hold for the provider as a whole, or for each model (bucket, host) on its own.
    #[serde(default)]
    pub counts: Counts,
    /// Models or buckets with limits of their own.
    #[serde(default)]
    pub models: BTreeMap<String, Limits>,
    /// When its day begins anew.
    #[serde(default)]
    pub day: Day,
    /// List prices.
    #[serde(default)]
    pub price: Price,
    /// What its terms allow.
    #[serde(default)]
    pub terms: Terms,
    /// When the limits were read.
    pub as_of: Date,
    /// Where they were read.
    pub source: String,
    /// What an operator should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// What is counted, and up to where. Nothing named: not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests.
    pub requests: Windows,
    /// Tokens, of prompt and answer.
    pub tokens: Windows,
    /// Characters of speech.
    pub characters: Windows,
    /// Units of the provider's own counting.
    pub units: Windows,
    /// Time between two requests, over all workers, milliseconds.
    pub gap_ms: u64,
    /// Requests under way at once, over all workers; 0: not limited.
    pub at_once: u32,
}

/// The most of something in each span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Windows {
    /// In any sixty seconds.
    pub minute: Option<u64>,
    /// In any sixty minutes.
    pub hour: Option<u64>,
    /// In a day, see [`Day`].
    pub day: Option<u64>,
    /// In a calendar month of the day's zone.
    pub month: Option<u64>,
}

/// How the key goes on the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Auth {
    /// Not at all, or by the client (OAuth).
    #[default]
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// In a header of this name, bare.
    Header(String),
    /// In a query parameter of this name.
    Query(String),
}

/// What a provider's limits are counted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// All its calls together.
    #[default]
    Provider,
    /// Each model on its own.
    Model,
}

/// When a provider's day begins anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Day {
    /// Never: the limit holds in any twenty-four hours. The careful reading where nothing is published.
    #[default]
    Rolling,
    /// At midnight in this IANA time zone.
    Midnight(String),
}

impl Day {
    /// The zone by which calendar days and months are told.
    pub fn zone(&self) -> &str {
        match self {
            Self::Rolling => "UTC",
            Self::Midnight(zone) => zone,
        }
    }
}

/// List prices, US dollars; 0 where a call costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Price {
    /// For a million tokens, the dearer of prompt and answer.
    pub million_tokens: f64,
    /// For a million characters.
    pub million_characters: f64,
    /// For a million of the provider's own units.
    pub million_units: f64,
    /// For a thousand requests.
    pub thousand_requests: f64,
}

impl Price {
    /// Cost in millionths of a dollar, rounded up.
    pub fn micro_usd(&self, tokens: u64, characters: u64, units: u64, requests: u64) -> u64 {
        let cost = tokens as f64 * self.million_tokens
            + characters as f64 * self.million_characters
            + units as f64 * self.million_units
            + requests as f64 * self.thousand_requests * 1000.0;
        cost.ceil() as u64
    }
}

/// What a provider's terms allow. Nothing said: allowed, and nothing owed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// What comes from it may be part of what earns money.
    pub commercial: bool,
    /// Its answers may be kept.
    pub may_cache: bool,
    /// The longest that they may be kept, seconds; bounds every freshness.
    pub keep_seconds: Option<u64>,
    /// What must be said where its answers are used.
    pub attribution: Option<String>,
    /// Requests are used for training or read by people.
    pub trains: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self { commercial: true, may_cache: true, keep_seconds: None, attribution: None, trains: false }
    }
}

const fn yes() -> bool {
    true
}

impl ProviderLaw {
    /// The law that is compiled in, without an operator's changes.
    pub fn embedded() -> &'static Self {
        static LAW: OnceLock<ProviderLaw> = OnceLock::new();
        LAW.get_or_init(|| {
            #[allow(clippy::expect_used)] // compiled in, and a test loads it
            providers(None).expect("specs/policy/providers.toml")
        })
    }

    /// The provider with this id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.get(id)
    }

    /// Providers to ask for a kind, in order; those that are switched off are left out.
    pub fn route(&self, kind: CallKind) -> Vec<&str> {
        let all = self.routes.get(&kind).map(Vec::as_slice).unwrap_or_default();
        all.iter().map(String::as_str).filter(|id| self.provider(id).is_some_and(|provider| provider.enabled)).collect()
    }

    /// Freshness of a kind at a provider, bounded by its terms.
    pub fn freshness(&self, kind: CallKind, provider: &Provider) -> Freshness {
        let mut fresh =
            self.freshness.get(&kind).copied().unwrap_or(Freshness { seconds: 0, stale_seconds: 0, wait_seconds: 0 });
        if !provider.terms.may_cache || kind == CallKind::Effect {
            (fresh.seconds, fresh.stale_seconds) = (0, 0);
        }
        if let Some(most) = provider.terms.keep_seconds {
            fresh.seconds = fresh.seconds.min(most);
            fresh.stale_seconds = fresh.stale_seconds.min(most - fresh.seconds);
        }
        fresh
    }

    /// Limits that hold for a call, and the name of the row that counts them: `(row, limits, provider of the day's zone)`.
    pub fn counted(&self, id: &str, model: Option<&str>) -> Option<(String, Limits, &Provider)> {
        let own = self.provider(id)?;
        let (id, provider) = match &own.pool {
            Some(pool) => (pool.as_str(), self.provider(pool)?),
            None => (id, own),
        };
        Some(match model.and_then(|model| Some((model, provider.models.get(model)?))) {
            Some((model, limits)) => (format!("{id}/{model}"), *limits, provider),
            None => match (provider.counts, model) {
                (Counts::Model, Some(model)) => (format!("{id}/{model}"), provider.limits, provider),
                _ => (id.to_owned(), provider.limits, provider),
            },
        })
    }
}
