//! Runs in random weather; `proofreel_tests::storm` explains it. `make soak` runs a million.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use proofreel_model::stage::StageName;
use proofreel_tests::crash::{Reference, Setting, Theatre};
use proofreel_tests::fakes::Bug as StorageBug;
use proofreel_tests::rehearsal::{Act, Play};
use proofreel_tests::storm::{Broken, Bug, Passage, Rates, brave};
use tempfile::TempDir;

/// Seeds of one share of faults are apart from those of another.
const APART: u64 = 1 << 40;

fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder for scratch")
}

/// All seven stages, QA sends the script back once, and three workers share the film: nine visits and three parts.
fn full(folder: &TempDir) -> Theatre {
    chain(folder, undivided().with_parts(3))
}

/// The same with the film in one piece.
fn undivided() -> Play {
    Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)])
}

fn chain(folder: &TempDir, play: Play) -> Theatre {
    let chain = StageName::CHAIN.to_vec();
    Theatre { chain, play: Arc::new(play), setting: Setting::Cloud, scratch: folder.path().to_owned() }
}

/// Passages of seeds `from..from + runs`, on all cores; panics with the first broken one.
fn brave_all(rates: Rates, from: u64, runs: u64) -> Vec<Passage> {
    let (next, began) = (AtomicU64::new(from), Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut passages: Vec<Passage> = std::thread::scope(|scope| {
        let work = || {
            let folder = folder();
            let theatre = full(&folder);
            let reference = Reference::of(&theatre);
            let mut passages = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= from + runs {
                    return passages;
                }
                match brave(&theatre, &reference, rates, None, seed) {
                    Ok(passage) => passages.push(passage),
                    Err(broken) => panic!("{broken}\n  rates: {rates:?}"),
                }
            }
        };
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        hands.into_iter().flat_map(|hand| hand.join().expect("no run is broken")).collect()
    });
    passages.sort_unstable_by_key(|passage| passage.sent);
    let sum = |of: fn(&Passage) -> u64| passages.iter().map(of).sum::<u64>();
    println!(
        "{runs} runs with {:.1} % faults: {} polls, {} killed, {} outages, {} resumed by a person; messages a run: mean {:.1}, \
         99 of 100 at most {}, most {}; {:.1} s",
        rates.queue * 100.0,
        sum(|passage| passage.polls),
        sum(|passage| u64::from(passage.killed)),
        sum(|passage| u64::from(passage.outages)),
        passages.iter().filter(|passage| passage.resumed > 0).count(),
        sum(|passage| passage.sent) as f64 / runs as f64,
        passages[passages.len() * 99 / 100].sent,
        passages.last().map_or(0, |passage| passage.sent),
        began.elapsed().as_secs_f64()
    );
    passages
}

/// The most messages that runs may send: on average, 99 of 100 of them, and any of them.
struct Most {
    mean: f64,
    of_99: u64,
    of_any: u64,
}

/// At one percent of faults. A run without faults sends thirteen.
const AT_ONE: Most = Most { mean: 16.0, of_99: 24, of_any: 64 };
/// At five percent of faults.
const AT_FIVE: Most = Most { mean: 40.0, of_99: 48, of_any: 100 };

/// Few are sent by these passages, which begin with the one that sent least.
fn assert_few_messages(passages: &[Passage], most: &Most) {
    let mean = passages.iter().map(|passage| passage.sent).sum::<u64>() as f64 / passages.len() as f64;
    let (of_99, of_any) = (passages[passages.len() * 99 / 100].sent, passages[passages.len() - 1].sent);
    assert!(mean <= most.mean, "{mean} messages a run on average, at most {}", most.mean);
    assert!(of_99 <= most.of_99, "99 of 100 runs sent at most {of_99} messages, may send {}", most.of_99);
    assert!(of_any <= most.of_any, "a run sent {of_any} messages, none may send more than {}", most.of_any);
}

/// Runs of all shares of faults on each commit.
const USUALLY: u64 = 50_000;

/// How many runs a test braves: its part of fifty thousand on each commit, the same part of `STORM_RUNS` where that is set.
fn runs(usually: u64) -> u64 {
    let all = std::env::var("STORM_RUNS").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(USUALLY);
    all * usually / USUALLY
}

#[test]
fn in_fair_weather_a_run_sends_one_message_a_visit_and_those_of_the_parts() {
    let passages = brave_all(Rates::FAIR, 0, 10);
    assert!(passages.iter().all(|passage| passage.sent == 13 && passage.killed == 0), "{:?}", passages[0]);
}

#[test]
fn at_one_percent_of_faults_nothing_is_lost_and_messages_stay_few() {
    let passages = brave_all(Rates::of(0.01), APART, runs(30_000));
    assert_few_messages(&passages, &AT_ONE);
    assert!(passages.iter().any(|passage| passage.outages > 0) && passages.iter().any(|passage| passage.killed > 3));
}

#[test]
fn at_five_percent_of_faults_nothing_is_lost() {
    let passages = brave_all(Rates::of(0.05), 2 * APART, runs(20_000));
    assert_few_messages(&passages, &AT_FIVE);
}

#[test]
fn a_seed_is_a_complete_description() {
    let folder = folder();
    let theatre = full(&folder);
    let reference = Reference::of(&theatre);
    let trace = |seed| brave(&theatre, &reference, Rates::of(0.05), None, seed).expect("kept").trace;
    let traces: Vec<u64> = (0..100).map(trace).collect();
    assert_eq!(traces, (0..100).map(trace).collect::<Vec<_>>());
    assert!(traces.iter().collect::<std::collections::BTreeSet<_>>().len() > 90);
}

/// The first of so many seeds in which this bug shows.
fn first_trace_of(bug: Option<Bug>, play: Play, rates: Rates, seeds: u64) -> Option<String> {
    let folder = folder();
    let theatre = chain(&folder, play);
    let reference = Reference::of(&theatre);
    (0..seeds).find_map(|seed| {
        let run = std::panic::AssertUnwindSafe(|| brave(&theatre, &reference, rates, bug, seed));
        let what = match std::panic::catch_unwind(run) {
            Ok(Ok(passage)) if passage.revived == 0 || rates.outage > 0.0 => return None,
            Ok(Ok(_)) => "the run stood still for an hour until a sweep found it".to_owned(),
            Ok(Err(Broken { what, .. })) => what,
            Err(_) => "a fake found something impossible".to_owned(),
        };
        Some(format!("seed {seed}: {}", what.chars().take(150).collect::<String>()))
    })
}

/// The checker checks: every planted defect is found, and soon.
#[test]
fn planted_bugs_are_found_by_seed() {
    let storage =
        [StorageBug::TornTransactions, StorageBug::NoLedger, StorageBug::NoCompareAndSwap, StorageBug::LostBlobs];
    for bug in storage.map(Bug::Storage).into_iter().chain([Bug::NoSweep]) {
        let found = first_trace_of(Some(bug), undivided().with_parts(3), Rates::of(0.05), 1_000);
        println!("{bug:?}: {}", found.unwrap_or_else(|| panic!("{bug:?} went unnoticed")));
    }
    // The sweep makes good what these two lose, an hour later: in steady weather that hour gives them away. In one visit
    // only, because a visit with parts may take an hour by itself: each lost worker costs a quarter of it.
    for bug in [Bug::AckFirst, Bug::Storage(StorageBug::ForgottenOutbox)] {
        let found = first_trace_of(Some(bug), undivided(), Rates::steady(0.01), 3_000);
        println!("{bug:?}: {}", found.unwrap_or_else(|| panic!("{bug:?} went unnoticed")));
    }
    assert_eq!(first_trace_of(None, undivided(), Rates::steady(0.01), 3_000), None, "without a bug nothing is found");
}

/// `STORM_SEED=n`: one run again, with the faults of the test that the seed belongs to.
#[test]
fn one_seed() {
    let Some(seed) = std::env::var("STORM_SEED").ok().and_then(|text| text.parse::<u64>().ok()) else {
        println!("STORM_SEED is not set: nothing to replay");
        return;
    };
    let folder = folder();
    let theatre = full(&folder);
    let rates = if seed < 2 * APART { Rates::of(0.01) } else { Rates::of(0.05) };
    let passage = brave(&theatre, &Reference::of(&theatre), rates, None, seed);
    println!("{passage:?}");
    if let Err(broken) = passage {
        panic!("{broken}");
    }
}
