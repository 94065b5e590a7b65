//! A month of two channels through the real governor, with providers that throttle, in virtual time. Run with
//! `make bench-governor`; writes `tests/bench/governor.md`, and exits with 1 when a criterion of phase 1 is missed.

#![allow(clippy::unwrap_used)] // a bench that cannot go on may stop

#[path = "../tests/world/mod.rs"]
mod world;

use std::process::ExitCode;

use world::month::{Month, Way, live};

/// Months with other dice.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
const DAYS: usize = 30;
const LEAST_HITS: f64 = 0.5;
const MOST_THROTTLED: f64 = 0.02;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let months: Vec<Month> = SEEDS.iter().map(|seed| runtime.block_on(live(DAYS, *seed, Way::USUAL))).collect();
    let ways = [
        ("as it is", Way::USUAL),
        ("without drafts", Way { drafts: false, ..Way::USUAL }),
        ("channels share no source", Way { shared: false, ..Way::USUAL }),
        ("no stage asks again for what an earlier one asked for", Way { again: false, ..Way::USUAL }),
        ("none of the three", Way { drafts: false, shared: false, again: false }),
    ];
    let others = ways.map(|(name, way)| (name, runtime.block_on(live(DAYS, SEEDS[0], way))));
    let report = report(&months, &others);
    println!("{report}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/bench/governor.md");
    std::fs::write(path, report).unwrap();
    let met = months.iter().all(|month| {
        month.total.hit_rate().unwrap() > LEAST_HITS && month.total.throttled_rate().unwrap() < MOST_THROTTLED
    });
    ExitCode::from(u8::from(!met))
}

fn report(months: &[Month], others: &[(&str, Month)]) -> String {
    let mut text = String::from(
        "# A month through the governor\n\nWritten by `make bench-governor`: two channels, two uploads a week each, thirty days in virtual time, words drafted the evening before each run, through the real governor under \
         the law as it stands, eight workers in processes of their own. The providers are scripts that count for themselves and throttle; three allow less than the \
         law says, two are down for hours, one key is used by somebody else for two days, one request in a hundred fails. What an episode asks for stands in \
         `shared/governor/tests/world/episode.rs`.\n\n\
         | dice | episodes | askings | hit rate | calls | 429 rate | retries | not made | fallbacks | nothing came | table reads, writes an asking |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (seed, month) in SEEDS.iter().zip(months) {
        let total = &month.total;
        let asked = total.hits + total.misses;
        text.push_str(&format!(
            "| {seed} | {} | {asked} | {:.1} % | {} | {:.2} % | {} | {} | {} | {} | {:.1}, {:.1} |\n",
            month.episodes,
            total.hit_rate().unwrap_or(0.0) * 100.0,
            total.calls,
            total.throttled_rate().unwrap_or(0.0) * 100.0,
            total.retries,
            total.refused,
            total.fallbacks,
            month.lost.values().sum::<u64>(),
            month.reads as f64 / asked.max(1) as f64,
            month.writes as f64 / asked.max(1) as f64,
        ));
    }
    text.push_str("\nWhat the hit rate is made of, first dice:\n\n| month | askings | hit rate | 429 rate | calls |\n|---|---|---|---|---|\n");
    for (name, month) in others {
        let total = &month.total;
        text.push_str(&format!(
            "| {name} | {} | {:.1} % | {:.2} % | {} |\n",
            total.hits + total.misses,
            total.hit_rate().unwrap_or(0.0) * 100.0,
            total.throttled_rate().unwrap_or(0.0) * 100.0,
            total.calls,
        ));
    }
    text.push_str(&format!(
        "\nAims of phase 1: hit rate over {:.0} %, 429 rate under {:.0} %.\n\nBy provider, dice {}:\n\n| provider | hits | of another channel's | misses | calls | 429s | failed | not made | fallbacks | tokens | characters | units |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        LEAST_HITS * 100.0,
        MOST_THROTTLED * 100.0,
        SEEDS[0]
    ));
    for (provider, counts) in &months[0].by_provider {
        text.push_str(&format!(
            "| {provider} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            counts.hits,
            counts.hits_of_others,
            counts.misses,
            counts.calls,
            counts.throttled,
            counts.failures,
            counts.refused,
            counts.fallbacks,
            counts.tokens,
            counts.characters,
            counts.units
        ));
    }
    text
}
