//! Writes an episode's script from data packages and prints it as a person would read it.
//!
//! `cargo run -p proofreel-stages --example script -- PACKAGE… [--topic WORDS] [--seconds N] [--seed N]
//! [--as-of DATE] [--curious] [--topics] [--plans]`

mod common;

use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::Tone;
use proofreel_model::qa::QaReport;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde_json::{Map, Value};

struct Arguments {
    packages: Vec<String>,
    topic: Option<String>,
    seconds: u32,
    seed: u64,
    as_of: String,
    curious: bool,
    topics: bool,
    plans: bool,
}

fn arguments() -> Result<Arguments, Box<dyn std::error::Error>> {
    let mut out = Arguments {
        packages: Vec::new(),
        topic: None,
        seconds: 150,
        seed: 1,
        as_of: "2026-11-22".into(),
        curious: false,
        topics: false,
        plans: false,
    };
    let mut rest = std::env::args().skip(1);
    while let Some(word) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--topic" => out.topic = Some(value()?),
            "--seconds" => out.seconds = value()?.parse()?,
            "--seed" => out.seed = value()?.parse()?,
            "--as-of" => out.as_of = value()?,
            "--curious" => out.curious = true,
            "--topics" => out.topics = true,
            "--plans" => out.plans = true,
            _ => out.packages.push(word),
        }
    }
    Ok(out)
}

fn main() -> Result<(), common::Failure> {
    let arguments = arguments()?;
    let packages: Vec<PackageBytes> =
        arguments.packages.iter().map(|folder| common::package(folder)).collect::<Result<_, _>>()?;
    let library = Library::load(&packages)?;
    let mut order = common::order(arguments.seconds, &arguments.as_of, &packages)?;
    order.channel.episode.tone = if arguments.curious { Tone::Curious } else { Tone::Calm };
    (order.seed, order.topic) = (arguments.seed, arguments.topic.clone());
    let last = if arguments.topics { StageName::TopicScoring } else { StageName::Qa };
    let made = common::run(&order, &library, &packages, last, 0)?;
    if let Some(why) = &made.refused {
        println!("!! {why}");
    }
    if arguments.topics {
        topics(&made.artifacts);
        return Ok(());
    }
    print(&made.artifacts, arguments.plans)
}

fn topics(artifacts: &Map<String, Value>) {
    let selection = &artifacts["topic_selection"];
    for topic in selection["scored"].as_array().into_iter().flatten() {
        println!("{:.2}  {}", topic["total"].as_f64().unwrap_or(0.0), topic["topic_id"].as_str().unwrap_or(""));
    }
    println!("{}", selection["rationale"].as_str().unwrap_or(""));
}

fn print(artifacts: &Map<String, Value>, plans: bool) -> Result<(), Box<dyn std::error::Error>> {
    let brief: ResearchBrief = serde_json::from_value(artifacts["brief"].clone())?;
    let scenes: Scenes = serde_json::from_value(artifacts["scenes"].clone())?;
    let script: Script = serde_json::from_value(artifacts["script"].clone())?;
    println!("TOPIC   {} — {} claims, {} facts", brief.topic.topic_id, brief.key_facts.len(), brief.facts.len());
    for title in &script.titles {
        println!("TITLE   {title}");
    }
    for hook in &script.hooks {
        println!("HOOK    {hook}");
    }
    let words = narration(&scenes, &script, plans);
    println!("\n{words} words; SUMMARY {}", brief.executive_summary);
    println!("SCEPTIC {}\nTAKEAWAY {}", brief.contrarian_angle, brief.viewer_takeaway);
    packaging(&script);
    if let Ok(report) = serde_json::from_value::<QaReport>(artifacts.get("qa").cloned().unwrap_or_default()) {
        verdict(&report);
    }
    Ok(())
}

fn narration(scenes: &Scenes, script: &Script, plans: bool) -> usize {
    let mut words = 0;
    for (scene, spoken) in scenes.scenes.iter().zip(&script.scenes) {
        let heading = scene
            .visual
            .texts()
            .into_iter()
            .filter(|(place, _)| *place == "heading")
            .map(|(_, text)| text.text())
            .collect::<Vec<_>>();
        let said: usize = spoken.narration.iter().map(|s| s.text.text().split_whitespace().count()).sum();
        words += said;
        println!(
            "\n[{} {:?} {:.0}s {said}/{} words] {} — {}",
            scene.scene_id,
            scene.narrative_role,
            scene.start_time,
            scene.word_budget,
            heading.join(" / "),
            scene.visual_prompt
        );
        for sentence in &spoken.narration {
            if plans {
                println!("    {:<32} {}", sentence.plan, sentence.text);
            } else {
                println!("    {}", sentence.text);
            }
        }
        for text in &spoken.on_screen_text {
            println!("    ({text})");
        }
        if matches!(
            scene.visual,
            proofreel_model::visual::Visual::Payoff { .. } | proofreel_model::visual::Visual::BigNumber { .. }
        ) {
            for (place, text) in scene.visual.texts() {
                println!("    <{place}: {text}>");
            }
        }
    }
    words
}

fn packaging(script: &Script) {
    for thumbnail in &script.thumbnails {
        println!(
            "THUMB   {:?}: {} | {} | {}",
            thumbnail.design,
            thumbnail.words,
            thumbnail.figure,
            thumbnail.earlier.as_ref().map(ToString::to_string).unwrap_or_default()
        );
    }
    for line in &script.description {
        println!("DESC    {line}");
    }
    println!(
        "TAGS    {}\nCHAPTERS {}",
        script.tags.join(", "),
        script.chapters.iter().map(|c| format!("{} {}", c.scene_id, c.title)).collect::<Vec<_>>().join(" | ")
    );
    println!("PINNED  {}", script.pinned_comment);
}

fn verdict(report: &QaReport) {
    println!("QA      {:?}", report.verdict);
    for finding in &report.findings {
        println!(
            "  QA {}{} {} {}: {}",
            if finding.fatal { "! " } else { "" },
            finding.rule,
            finding.scene_id.as_ref().map_or("", |id| id.as_str()),
            finding.place,
            finding.detail
        );
    }
}
