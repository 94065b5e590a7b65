//! Writes an episode's script from data packages and prints it as a person would read it.
//!
//! `cargo run -p proofreel-stages --example script -- PACKAGE… [--topic WORDS] [--seconds N] [--seed N]
//! [--as-of DATE] [--curious] [--topics] [--plans]`

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::{self, Tone};
use proofreel_model::digest::Digest;
use proofreel_model::film::Format;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::Policy;
use proofreel_model::qa::QaReport;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, DynStage, Outcome, planner, research, scene_builder, script, topic_scoring};
use serde_json::{Map, Value, json};

/// The writing stages never speak.
struct Mute;

#[async_trait]
impl Voice for Mute {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "mute".into(), engine: "none".into(), licence: "none".into(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(Vec::new())
    }
}

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

fn package(folder: &str) -> Result<PackageBytes, Box<dyn std::error::Error>> {
    let root = Path::new(folder);
    let descriptor = std::fs::read(root.join("datapackage.json"))?;
    let names = descriptor_files(&descriptor, folder)?;
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for name in &names.files {
        files.insert(name.clone(), std::fs::read(root.join(name))?);
    }
    let all: Vec<u8> = files.values().flatten().copied().collect();
    Ok(PackageBytes { name: names.name, digest: Digest::of(&all), files })
}

fn order(arguments: &Arguments, packages: &[PackageBytes]) -> Result<Order, Box<dyn std::error::Error>> {
    let text = "id = \"demo\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people who like evidence\"\nsources = [\"data\"]\n";
    let mut channel = channel::parse("demo.toml", text)?;
    channel.episode.target_seconds = arguments.seconds;
    channel.episode.tone = if arguments.curious { Tone::Curious } else { Tone::Calm };
    Ok(Order {
        schema_version: proofreel_model::schema_version(),
        channel,
        as_of: arguments.as_of.parse()?,
        seed: arguments.seed,
        topic: arguments.topic.clone(),
        format: Format::Landscape,
        burn_captions: false,
        draft: false,
        packages: packages
            .iter()
            .map(|package| PackageRef { name: package.name.clone(), digest: package.digest.clone(), files: Vec::new() })
            .collect(),
        previous_packages: Vec::new(),
        recent_topics: Vec::new(),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments()?;
    let packages: Vec<PackageBytes> =
        arguments.packages.iter().map(|folder| package(folder)).collect::<Result<_, _>>()?;
    let library = Library::load(&packages)?;
    let order = order(&arguments, &packages)?;
    let policy = Policy::embedded();
    let scratch = std::env::temp_dir();
    let context = Context {
        order: &order,
        library: &library,
        packages: &packages,
        policy: &policy,
        voice: &Mute,
        progress: &Silent,
        scratch: &scratch,
        visit: 1,
        reasons: &[],
    };
    let stages: Vec<Box<dyn DynStage>> = vec![
        Box::new(planner::Planner),
        Box::new(topic_scoring::TopicScoring),
        Box::new(research::Research),
        Box::new(scene_builder::SceneBuilder),
        Box::new(script::ScriptWriter),
        Box::new(proofreel_stages::qa::Qa),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut artifacts: Map<String, Value> = Map::new();
    for stage in stages {
        let input: Map<String, Value> = stage
            .reads()
            .iter()
            .filter_map(|name| Some((name.artifact().to_owned(), artifacts.get(name.artifact())?.clone())))
            .collect();
        let (output, note) = match runtime.block_on(stage.run_json(json!(input), &context))? {
            Outcome::Advance { output, .. } => (output, None),
            Outcome::Rewrite { stage, report, .. } => (report, Some(format!("REWRITE {stage}"))),
            Outcome::Reject { reasons, report } => {
                (report.unwrap_or_default(), Some(format!("REJECT {}", reasons.join("; "))))
            }
            Outcome::Hold(reason) => return Err(reason.into()),
        };
        if let Some(note) = note {
            println!("!! {note}");
        }
        artifacts.insert(stage.name().artifact().to_owned(), output);
        if arguments.topics && stage.name() == StageName::TopicScoring {
            topics(&artifacts);
            return Ok(());
        }
    }
    print(&artifacts, arguments.plans)
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
