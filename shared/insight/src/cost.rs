//! What runs cost, by channel and provider.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_model::calls::CallCounts;
use proofreel_model::ids::{ChannelId, RunId};
use serde::{Deserialize, Serialize};

use crate::sli::Attempt;

/// A row of `channel_costs`: what a run spent at a provider.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChannelCost {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// Provider; `stages` for what the run log says without naming one.
    pub provider: String,
    /// Day of its last attempt, UTC.
    pub day: Date,
    /// US dollars.
    pub usd: f64,
    /// Finished film, minutes; none when there is no film.
    pub minutes: Option<f64>,
}

/// Money that went to a named provider for a run, as its own ledger says.
#[derive(Clone, Debug, PartialEq)]
pub struct Spent {
    /// Run.
    pub run: RunId,
    /// Provider.
    pub provider: String,
    /// US dollars.
    pub usd: f64,
}

/// A row of `channel_costs` as the governor writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RunCost {
    /// Run.
    pub run: RunId,
    /// Provider.
    pub provider: String,
    /// The counts.
    pub counts: CallCounts,
}

impl From<RunCost> for Spent {
    fn from(row: RunCost) -> Self {
        Self { run: row.run, provider: row.provider, usd: row.counts.cost_micro_usd as f64 / 1e6 }
    }
}

/// Costs by run and provider. What a ledger says of a run is taken out of the run log's sum, so that nothing counts twice.
pub fn costs(attempts: &[Attempt], spent: &[Spent], minutes: &BTreeMap<RunId, f64>) -> Vec<ChannelCost> {
    let mut runs: BTreeMap<&RunId, (&ChannelId, Date, f64)> = BTreeMap::new();
    for attempt in attempts {
        let day = attempt.at.to_zoned(TimeZone::UTC).date();
        let row = runs.entry(&attempt.run).or_insert((&attempt.channel, day, 0.0));
        row.1 = row.1.max(day);
        row.2 += attempt.cost_usd;
    }
    let mut named: BTreeMap<&RunId, BTreeMap<&str, f64>> = BTreeMap::new();
    for row in spent {
        *named.entry(&row.run).or_default().entry(&row.provider).or_default() += row.usd;
    }
    let mut rows = Vec::new();
    for (run, (channel, day, usd)) in runs {
        let row = |provider: &str, usd: f64| ChannelCost {
            channel: channel.clone(),
            run: run.clone(),
            provider: provider.to_owned(),
            day,
            usd,
            minutes: None,
        };
        let of_run = named.get(run);
        let in_ledgers: f64 = of_run.map_or(0.0, |providers| providers.values().sum());
        // The film is counted at the first row, once a run.
        rows.push(ChannelCost { minutes: minutes.get(run).copied(), ..row("stages", (usd - in_ledgers).max(0.0)) });
        rows.extend(of_run.into_iter().flatten().map(|(provider, usd)| row(provider, *usd)));
    }
    rows
}

/// A day's calls to a provider for a channel, as the governor's rows of usage tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderUse {
    /// Day, UTC.
    pub day: Date,
    /// Provider.
    pub provider: String,
    /// Channel.
    pub channel: ChannelId,
    /// What for.
    pub kind: String,
    /// The counts.
    pub counts: CallCounts,
}

impl ProviderUse {
    /// Where the row lies.
    pub fn key(&self) -> String {
        format!(
            "usage#{}/{:02}#{}#{}#{}",
            self.day.strftime("%Y-%m"),
            self.day.day(),
            self.provider,
            self.channel,
            self.kind
        )
    }
}

/// What a provider came to over some days.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProviderCost {
    /// Provider.
    pub provider: String,
    /// The counts.
    pub counts: CallCounts,
    /// Rows it is of.
    pub cites: Vec<String>,
}

impl ProviderCost {
    /// Cost at list price, US dollars.
    pub fn usd(&self) -> f64 {
        self.counts.cost_micro_usd as f64 / 1e6
    }
}

/// A channel's costs by provider, the dearest and then the busiest first.
pub fn by_provider(rows: &[ProviderUse], channel: &ChannelId) -> Vec<ProviderCost> {
    let mut found: BTreeMap<&str, ProviderCost> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.channel == *channel) {
        let cost = found.entry(&row.provider).or_default();
        cost.provider.clone_from(&row.provider);
        cost.counts = cost.counts.plus(&row.counts);
        cost.cites.push(row.key());
    }
    let mut costs: Vec<ProviderCost> = found.into_values().collect();
    costs.sort_by_key(|cost| std::cmp::Reverse((cost.counts.cost_micro_usd, cost.counts.calls + cost.counts.hits)));
    costs
}

/// US dollars of all runs; nothing spent is zero, and not the minus zero that an empty sum of floats is.
pub fn total(costs: &[ChannelCost]) -> f64 {
    costs.iter().fold(0.0, |sum, cost| sum + cost.usd)
}

/// US dollars a produced minute; none when no film was made.
pub fn per_minute(costs: &[ChannelCost]) -> Option<f64> {
    let minutes: f64 = costs.iter().filter_map(|cost| cost.minutes).sum();
    (minutes > 0.0).then(|| total(costs) / minutes)
}

#[cfg(test)]
mod tests {
    use proofreel_model::records::RunStatus;

    use super::*;

    #[test]
    fn nothing_spent_is_told_without_a_sign() {
        assert_eq!(format!("${:.2}", total(&[])), "$0.00");
    }

    #[test]
    fn providers_are_summed_by_channel_with_their_rows() {
        let row = |day: i8, provider: &str, channel: &str, calls: u64, cost: u64| ProviderUse {
            day: jiff::civil::date(2026, 11, day),
            provider: provider.into(),
            channel: channel.into(),
            kind: "writer".into(),
            counts: CallCounts { calls, cost_micro_usd: cost, ..CallCounts::default() },
        };
        let rows = [
            row(2, "groq", "demo", 5, 0),
            row(3, "polly", "demo", 1, 120_000),
            row(4, "groq", "demo", 4, 0),
            row(4, "groq", "other", 9, 0),
        ];
        let costs = by_provider(&rows, &"demo".into());
        let told: Vec<(&str, u64, f64)> =
            costs.iter().map(|cost| (cost.provider.as_str(), cost.counts.calls, cost.usd())).collect();
        assert_eq!(told, [("polly", 1, 0.12), ("groq", 9, 0.0)]);
        assert_eq!(costs[1].cites, ["usage#2026-11/02#groq#demo#writer", "usage#2026-11/04#groq#demo#writer"]);
    }

    #[test]
    fn a_ledgers_money_is_not_counted_twice_and_the_film_once() {
        let attempt = |run: &str, usd: f64| Attempt {
            channel: "demo".into(),
            run: run.into(),
            stage: "script".into(),
            visit: 1,
            status: RunStatus::Success,
            outcome: "advance".into(),
            error: None,
            latency_ms: 1,
            cost_usd: usd,
            outside_calls: None,
            cache_hits: None,
            sent: None,
            rate_limited: None,
            at: "2026-11-02T06:00:00Z".parse().unwrap(),
        };
        let spent = [Spent { run: "a".into(), provider: "polly".into(), usd: 0.12 }];
        let minutes = BTreeMap::from([(RunId::from("a"), 2.5)]);
        let rows = costs(&[attempt("a", 0.12), attempt("a", 0.03), attempt("b", 0.05)], &spent, &minutes);
        let told: Vec<(&str, &str, f64)> =
            rows.iter().map(|row| (row.run.as_str(), row.provider.as_str(), (row.usd * 100.0).round())).collect();
        assert_eq!(told, [("a", "stages", 3.0), ("a", "polly", 12.0), ("b", "stages", 5.0)]);
        assert!((per_minute(&rows).unwrap() - 0.08).abs() < 1e-12);
        assert_eq!(per_minute(&rows[2..]), None);
    }
}
