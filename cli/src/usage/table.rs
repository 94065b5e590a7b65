//! Usage as text.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_governor::usage::UsageRow;
use proofreel_model::calls::{AllowanceLeft, CallCounts};
use proofreel_model::policy::{ProviderLaw, Windows};
use serde_json::json;

/// The most refusals that are told in full.
const TOLD: usize = 10;

/// Rows by day, provider and channel, their sum, and why calls were not made.
pub fn print(rows: &[UsageRow], total: &CallCounts, month: Date) {
    if rows.is_empty() {
        println!(
            "no calls to the outside in {:04}-{:02}\n  hint: `proofreel usage --providers` lists who can be asked",
            month.year(),
            month.month()
        );
        return;
    }
    println!(
        "{:<10} {:<20} {:<14} {:>6} {:>6} {:>6} {:>5} {:>6} {:>7} {:>9} {:>8} {:>10} {:>9}",
        "day",
        "provider",
        "channel",
        "hits",
        "misses",
        "calls",
        "429s",
        "failed",
        "not made",
        "fallbacks",
        "tokens",
        "characters",
        "USD"
    );
    for ((day, provider, channel), counts) in by_day(rows) {
        line(&day.to_string(), provider, channel, &counts);
    }
    line("total", "", "", total);
    println!();
    println!("hit rate   {}   (hits of hits and misses; the aim is over 50 %)", share(total.hit_rate()));
    println!("429 rate   {}   (of calls; the aim is under 2 %)", share(total.throttled_rate()));
    println!(
        "of the hits {} used an answer that another channel had paid for, {} an old one because the provider failed",
        total.hits_of_others, total.stale
    );
    for ((user, payer), answers) in lent(rows) {
        println!("  {user} used {answers} that {payer} had paid for");
    }
    refusals(rows);
}

/// What is left of allowances, by account.
pub fn left(left: &[AllowanceLeft]) {
    if left.is_empty() {
        println!("nobody with an allowance of a day or a month was asked for anything this month");
        return;
    }
    println!("{:<32} {:<22} {:>12} {:>12} {:>7}  all again", "account", "what", "left", "of", "share");
    for left in left {
        println!(
            "{:<32} {:<22} {:>12} {:>12} {:>5.1} %  {}",
            left.account,
            left.what,
            left.units(),
            left.most,
            left.percent(),
            left.until.strftime("%Y-%m-%d %H:%MZ")
        );
    }
}

/// Answers that a channel used and another one had paid for, by both.
fn lent(rows: &[UsageRow]) -> BTreeMap<(&str, &str), u64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let user = row.channel.as_str();
        for (payer, answers) in row.paid_by.iter().filter(|(payer, _)| payer.as_str() != user) {
            *sums.entry((user, payer.as_str())).or_default() += answers;
        }
    }
    sums
}

fn by_day(rows: &[UsageRow]) -> BTreeMap<(Date, &str, &str), CallCounts> {
    let mut sums: BTreeMap<(Date, &str, &str), CallCounts> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry((row.day, row.provider.as_str(), row.channel.as_str())).or_default();
        *sum = sum.plus(&row.counts);
    }
    sums
}

fn line(day: &str, provider: &str, channel: &str, counts: &CallCounts) {
    println!(
        "{day:<10} {provider:<20} {channel:<14} {:>6} {:>6} {:>6} {:>5} {:>6} {:>8} {:>9} {:>8} {:>10} {:>9.4}",
        counts.hits,
        counts.misses,
        counts.calls,
        counts.throttled,
        counts.failures,
        counts.refused,
        counts.fallbacks,
        counts.tokens,
        counts.characters,
        counts.cost_micro_usd as f64 / 1e6
    );
}

fn share(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".into(), |rate| format!("{:.1} %", rate * 100.0))
}

fn refusals(rows: &[UsageRow]) {
    let mut last: Vec<_> = rows.iter().filter_map(|row| Some((row.last_refusal.as_ref()?, row))).collect();
    if last.is_empty() {
        return;
    }
    last.sort_by_key(|(refusal, _)| std::cmp::Reverse(refusal.at));
    println!("\ncalls that were not made, the last of each row:");
    for (refusal, row) in last.into_iter().take(TOLD) {
        let why = refusal.why.replace('\n', "\n    ");
        println!(
            "  {} {} for {} ({}): {why}",
            refusal.at.strftime("%Y-%m-%d %H:%M"),
            row.provider,
            row.channel,
            row.kind
        );
    }
}

/// Who can be asked, and what each allows.
pub fn providers(law: &ProviderLaw) {
    println!("{:<20} {:<4} {:<44} {:<26} as of", "provider", "", "limits", "key");
    for (id, provider) in &law.providers {
        let on = if provider.enabled { "on" } else { "off" };
        let key = match (&provider.secret, provider.key_needed) {
            (None, _) => String::new(),
            (Some(key), true) => key.clone(),
            (Some(key), false) => format!("{key} (optional)"),
        };
        let limits = match &provider.pool {
            Some(pool) => format!("with {pool}"),
            None => limits(&provider.limits),
        };
        println!("{id:<20} {on:<4} {limits:<44} {key:<26} {}", provider.as_of);
    }
    println!(
        "\nchange a limit in providers.toml of the state folder, for example:\n  [providers.groq.limits.requests]\n  day = 500"
    );
}

fn limits(limits: &proofreel_model::policy::CallLimits) -> String {
    let mut said = Vec::new();
    let windows = [
        ("requests", limits.requests),
        ("tokens", limits.tokens),
        ("characters", limits.characters),
        ("units", limits.units),
    ];
    for (what, windows) in windows {
        let Windows { minute, hour, day, month } = windows;
        for (most, span) in [(minute, "min"), (hour, "h"), (day, "day"), (month, "month")] {
            said.extend(most.map(|most| format!("{most} {what}/{span}")));
        }
    }
    if limits.gap_ms > 0 {
        said.push(format!("one in {} s", limits.gap_ms as f64 / 1_000.0));
    }
    if limits.at_once > 0 {
        said.push(format!("{} at once", limits.at_once));
    }
    if said.is_empty() { "–".into() } else { said.join(", ") }
}

/// The same for machines.
pub fn providers_json(law: &ProviderLaw) {
    let all = law.providers.iter().map(|(id, provider)| {
        json!({
            "id": id,
            "name": provider.name,
            "enabled": provider.enabled,
            "base_url": provider.base_url,
            "secret": provider.secret,
            "limits": limits(&provider.limits),
            "pool": provider.pool,
            "as_of": provider.as_of,
            "source": provider.source,
            "note": provider.note,
        })
    });
    println!("{:#}", json!({ "providers": all.collect::<Vec<_>>() }));
}
