//! Calls to the outside: what they are for, and how they are counted.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a call is for; the policy gives each kind its freshness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallKind {
    /// A language model.
    Writer,
    /// Which models a provider has.
    Models,
    /// Values of a data series.
    Data,
    /// A search in, or a description of, a catalogue of series.
    Catalogue,
    /// An article or a page.
    Page,
    /// A feed.
    Feed,
    /// A signal of demand.
    Demand,
    /// Spoken text.
    Speech,
    /// A picture.
    Media,
    /// Anything that changes the world: never cached, never sent twice by itself.
    Effect,
}

impl CallKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Writer,
        Self::Models,
        Self::Data,
        Self::Catalogue,
        Self::Page,
        Self::Feed,
        Self::Demand,
        Self::Speech,
        Self::Media,
        Self::Effect,
    ];

    /// The word that policy files and usage rows use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Models => "models",
            Self::Data => "data",
            Self::Catalogue => "catalogue",
            Self::Page => "page",
            Self::Feed => "feed",
            Self::Demand => "demand",
            Self::Speech => "speech",
            Self::Media => "media",
            Self::Effect => "effect",
        }
    }
}

impl std::fmt::Display for CallKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What happened to calls: of a day, or of a visit of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CallCounts {
    /// Answers from the cache.
    pub hits: u64,
    /// Of these, hits on an answer that another channel paid for.
    pub hits_of_others: u64,
    /// Of the hits, answers past their freshness, served because the provider failed.
    pub stale: u64,
    /// Askings that the cache could not answer.
    pub misses: u64,
    /// Requests that went out, each try counted.
    pub calls: u64,
    /// Of these, tries after the first.
    pub retries: u64,
    /// Of the calls, those answered with 429.
    pub throttled: u64,
    /// Of the calls, those that failed in another way: network, 5xx, 4xx, an answer of no use.
    pub failures: u64,
    /// Askings for which no call was made: quota, breaker, key.
    pub refused: u64,
    /// Askings that the embedded fallback answered.
    pub fallbacks: u64,
    /// Tokens of language models.
    pub tokens: u64,
    /// Characters of speech.
    pub characters: u64,
    /// Units of the provider's own counting.
    pub units: u64,
    /// Cost at list price, millionths of a US dollar.
    pub cost_micro_usd: u64,
}

impl CallCounts {
    /// True when nothing was asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            hits_of_others: self.hits_of_others + other.hits_of_others,
            stale: self.stale + other.stale,
            misses: self.misses + other.misses,
            calls: self.calls + other.calls,
            retries: self.retries + other.retries,
            throttled: self.throttled + other.throttled,
            failures: self.failures + other.failures,
            refused: self.refused + other.refused,
            fallbacks: self.fallbacks + other.fallbacks,
            tokens: self.tokens + other.tokens,
            characters: self.characters + other.characters,
            units: self.units + other.units,
            cost_micro_usd: self.cost_micro_usd + other.cost_micro_usd,
        }
    }

    /// Share of askings that the cache answered; none when it was not asked.
    pub fn hit_rate(&self) -> Option<f64> {
        let asked = self.hits + self.misses;
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }

    /// Share of calls that were answered with 429; none when none went out.
    pub fn throttled_rate(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.throttled as f64 / self.calls as f64)
    }
}

/// What is left of one of a provider's allowances of a day or a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceLeft {
    /// Who counts: a provider, or `provider/model`.
    pub account: String,
    /// What is counted, with its span: `requests a day`. Where the provider itself says that nothing is left, its words.
    pub what: String,
    /// Used.
    pub used: u64,
    /// All there is; 0 where the provider says that nothing is left.
    pub most: u64,
    /// When all of it is there again.
    pub until: Timestamp,
}

impl AllowanceLeft {
    /// Units that are left.
    pub const fn units(&self) -> u64 {
        self.most.saturating_sub(self.used)
    }

    /// True when it is counted by the day. What a provider says in its own words is not.
    pub fn is_of_a_day(&self) -> bool {
        self.most > 0 && self.what.ends_with(" a day")
    }

    /// Percent that are left.
    pub fn percent(&self) -> f64 {
        if self.most == 0 { 0.0 } else { self.units() as f64 * 100.0 / self.most as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_serde_writes_and_sums_add_every_member() {
        for kind in CallKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        let ones: CallCounts = serde_json::from_value(
            serde_json::to_value(CallCounts::default())
                .unwrap()
                .as_object()
                .unwrap()
                .keys()
                .map(|key| (key.clone(), serde_json::json!(1)))
                .collect(),
        )
        .unwrap();
        let sum = serde_json::to_value(ones.plus(&ones)).unwrap();
        assert!(sum.as_object().unwrap().values().all(|value| value == 2), "{sum}");
    }
}
