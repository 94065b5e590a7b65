//! Measures how alike episodes are: makes one on every topic of the packages, one on each with another seed, and one
//! on each after the others with the channel's memory, and prints the distributions.
//!
//! `cargo run -p proofreel-stages --example likeness -- PACKAGE… [--seconds N] [--as-of DATE] [--pairs]`

mod common;

use std::collections::BTreeMap;

use proofreel_evidence::Library;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::qa::QaReport;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde_json::Value;

struct Measured {
    print: EpisodePrint,
    rewrites: usize,
    refused: Option<String>,
    findings: Vec<String>,
}

fn read<T: serde::de::DeserializeOwned>(made: &common::Made, stage: StageName) -> Result<T, common::Failure> {
    Ok(serde_json::from_value(made.artifacts.get(stage.artifact()).cloned().unwrap_or(Value::Null))?)
}

fn measure(
    order: &Order,
    library: &Library,
    packages: &[proofreel_evidence::PackageBytes],
) -> Result<Measured, common::Failure> {
    let made = common::run(order, library, packages, StageName::Qa, 3)?;
    let (scenes, script): (Scenes, Script) = (read(&made, StageName::SceneBuilder)?, read(&made, StageName::Script)?);
    let report: QaReport = read(&made, StageName::Qa)?;
    let topic = order.topic.as_deref().unwrap_or_default();
    let mut findings: Vec<String> = made.rewrites.iter().flat_map(|(_, reasons)| reasons.clone()).collect();
    findings.extend(report.findings.iter().map(|finding| format!("left: {}: {}", finding.rule, finding.detail)));
    Ok(Measured {
        print: print::of(&topic.into(), &scenes, &script),
        rewrites: made.rewrites.len(),
        refused: made.refused,
        findings,
    })
}

fn spread(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let at =
        |share: f64| values.get(((values.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(0.0);
    println!(
        "{name:<34} n {:>4}  least {:.2}  median {:.2}  p90 {:.2}  p99 {:.2}  most {:.2}",
        values.len(),
        at(0.0),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}

fn main() -> Result<(), common::Failure> {
    let (mut folders, mut seconds, mut as_of, mut pairs) = (Vec::new(), 150, "2026-11-22".to_owned(), false);
    let mut rest = std::env::args().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--seconds" => seconds = rest.next().unwrap_or_default().parse()?,
            "--as-of" => as_of = rest.next().unwrap_or_default(),
            "--pairs" => pairs = true,
            _ => folders.push(word),
        }
    }
    let packages: Vec<_> = folders.iter().map(|folder| common::package(folder)).collect::<Result<_, _>>()?;
    let library = Library::load(&packages)?;
    let order = common::order(seconds, &as_of, &packages)?;
    let planned = common::run(&order, &library, &packages, StageName::TopicScoring, 0)?;
    let scored = planned.artifacts["topic_selection"]["scored"].as_array().cloned().unwrap_or_default();
    let topics: Vec<String> = scored.iter().filter_map(|topic| Some(topic["topic_id"].as_str()?.to_owned())).collect();
    let weights = Policy::embedded().qa.sameness.weights;
    let make = |topic: &str, seed: u64, recent: &[EpisodePrint]| {
        let order = Order { topic: Some(topic.into()), seed, recent_episodes: recent.to_vec(), ..order.clone() };
        measure(&order, &library, &packages)
    };
    let (mut alone, mut again, mut varied, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut told, mut refused): (BTreeMap<String, usize>, Vec<String>) = (BTreeMap::new(), Vec::new());
    let most = Policy::embedded().qa.sameness.recent_episodes;
    for topic in &topics {
        let first = make(topic, 1, &[])?;
        let other = make(topic, 2, &[])?;
        again.push(weights.total(&other.print.likeness(&first.print)));
        let careful = make(topic, 2, std::slice::from_ref(&first.print))?;
        varied.push((
            weights.total(&careful.print.likeness(&first.print)),
            careful.rewrites,
            careful.refused.is_some(),
        ));
        let recent: Vec<EpisodePrint> = memory.iter().rev().take(most).map(|m: &Measured| m.print.clone()).collect();
        let remembering = make(topic, 3, &recent)?;
        for made in [&first, &other, &careful, &remembering] {
            for finding in &made.findings {
                *told.entry(format!("{topic}: {finding}")).or_default() += 1;
            }
            refused.extend(made.refused.iter().map(|why| format!("{topic}: {why}")));
        }
        alone.push(first);
        memory.push(remembering);
    }
    let mut between = Vec::new();
    for (n, a) in alone.iter().enumerate() {
        for b in alone.iter().skip(n + 1) {
            let likeness = a.print.likeness(&b.print);
            between.push(weights.total(&likeness));
            if pairs {
                println!("{:.2} {} | {} {likeness:?}", weights.total(&likeness), a.print.topic_id, b.print.topic_id);
            }
        }
    }
    let mut remembered = Vec::new();
    for (n, a) in memory.iter().enumerate() {
        let before = memory[n.saturating_sub(most)..n].iter();
        remembered.extend(before.map(|b| weights.total(&a.print.likeness(&b.print))).reduce(f64::max));
    }
    println!("{} topics of {seconds} s", topics.len());
    spread("two topics, no memory", between);
    spread("the likest of the last, with memory", remembered);
    spread("one topic, another seed", again);
    spread("the same, with memory", varied.iter().map(|(likeness, ..)| *likeness).collect());
    println!(
        "with memory of the same topic: {} rewrites, {} refused; with memory of the channel: {} rewrites, {} refused",
        varied.iter().map(|(_, rewrites, _)| rewrites).sum::<usize>(),
        varied.iter().filter(|(.., refused)| *refused).count(),
        memory.iter().map(|made| made.rewrites).sum::<usize>(),
        memory.iter().filter(|made| made.refused.is_some()).count()
    );
    for (finding, times) in &told {
        println!("{times}x {finding}");
    }
    for why in &refused {
        println!("REFUSED {why}");
    }
    Ok(())
}
