//! What is free, from `specs/policy/allowances.toml`.

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

use super::ProviderLaw;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowanceLaw {
    /// Share of an allowance from which the budget warns.
    pub warn: f64,
    /// Share from which it fails.
    pub fail: f64,
    /// Days of the month that is reckoned with.
    pub days: u32,
    /// Always-free allowances, a month each.
    pub allowance: Vec<Allowance>,
    /// What is paid from the first unit.
    pub paid: Vec<Allowance>,
    /// How Lambda polls.
    pub polling: Polling,
    /// How far the table's capacity gives way.
    pub burst: Burst,
    /// Limits of accounts and machines.
    pub limits: AccountLimits,
    /// What cannot be measured here.
    pub assumed: Assumed,
}

/// A service's unit, what of it is free, and what more costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Name in code.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Units a month that cost nothing; none where nothing is free.
    #[serde(default)]
    pub free: f64,
    /// The provider of providers.toml whose characters a month are what is free.
    #[serde(default)]
    pub provider: Option<String>,
    /// What is counted.
    pub unit: String,
    /// US dollars for `per` units.
    pub usd: f64,
    /// Units that `usd` buys.
    pub per: f64,
    /// True for places that are taken by a deploy and not by use: alarms, metrics, dashboards.
    #[serde(default)]
    pub slots: bool,
    /// Where a person reads what was really used, where no record knows all of it.
    #[serde(default)]
    pub read_at: Option<String>,
    /// Where it was read.
    pub source: String,
    /// When it was read.
    pub seen: Date,
}

impl Allowance {
    /// US dollars of so many units a month.
    pub fn cost(&self, used: f64) -> f64 {
        (used - self.free).max(0.0) * self.usd / self.per
    }
}

/// Polling of queues by triggers that are awake.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Polling {
    /// Empty receives a minute and trigger.
    pub requests_per_minute: f64,
}

/// Capacity of a table that was not used before.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Burst {
    /// Seconds over which a mean counts.
    pub seconds: f64,
    /// Seconds of what it has that a table keeps when nobody uses it.
    pub kept: f64,
}

/// Limits of accounts and machines, as far as they are reckoned with; the others are for `infra/checks`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct AccountLimits {
    /// Calls at the same time in a new account.
    pub new_account_concurrency: u32,
    /// Calls at the same time beside those of runs: what the clock calls, and the console.
    pub beside_runs: f64,
    /// Memory at which a function has one whole processor, MB.
    pub processor_mb: f64,
    /// Room on a function's disk that costs nothing, MB.
    pub free_storage_mb: f64,
}

/// Assumptions.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// Processor time on Lambda for one second of it on the machine that measured.
    pub slower: f64,
    /// What Lambda itself writes to the log of a call, bytes.
    pub platform_log_bytes: f64,
    /// Days that parts of films are kept.
    pub parts_days: f64,
    /// Mails of each alarm a month.
    pub mails_per_alarm: f64,
    /// Times that a film leaves the cloud: for the operator and for the host.
    pub film_downloads: f64,
    /// Months after which storage is reckoned.
    pub months_kept: f64,
    /// Minutes until a sweep finds that nothing is left, at the longest.
    pub minutes_to_sleep: f64,
    /// Calls of the console for one film.
    pub console_calls: f64,
    /// Of these the share that meets a process that has read no key yet.
    pub console_cold: f64,
}

/// The law that is compiled in. What a provider gives for nothing is its limit of characters a month in `providers.toml`.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn allowance_law() -> &'static AllowanceLaw {
    static LAW: OnceLock<AllowanceLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        let text = include_str!("../../../../specs/policy/allowances.toml");
        let mut law: AllowanceLaw = toml::from_str(text).expect("specs/policy/allowances.toml");
        for allowance in &mut law.allowance {
            if let Some(name) = &allowance.provider {
                let limits = ProviderLaw::embedded().provider(name).map(|provider| provider.limits.characters);
                allowance.free = limits.and_then(|characters| characters.month).map_or(0.0, |month| month as f64);
            }
        }
        law
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_says_where_and_when_it_was_read() {
        let law = allowance_law();
        assert!(law.allowance.len() >= 13 && law.paid.len() >= 4);
        for price in law.allowance.iter().chain(&law.paid) {
            assert!(!price.source.is_empty() && price.seen.year() >= 2026 && price.per >= 1.0, "{}", price.id);
        }
        assert!(law.allowance.iter().all(|price| price.free > 0.0) && law.paid.iter().all(|price| price.free == 0.0));
    }

    #[test]
    fn what_is_free_costs_nothing_and_what_is_beyond_costs_its_price() {
        let sqs = allowance_law().allowance.iter().find(|price| price.id == "sqs_requests").unwrap();
        assert_eq!(sqs.cost(1_000_000.0), 0.0);
        assert!((sqs.cost(6_480_000.0) - 2.19).abs() < 0.01, "ten queues polled all month: {}", sqs.cost(6_480_000.0));
    }
}
