//! The writing stages end to end, in one process: every episode is within its length, passes the gate, and is the
//! same when made again.

#![allow(clippy::unwrap_used)] // a test may

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::channel;
use proofreel_model::digest::Digest;
use proofreel_model::film::Format;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::Policy;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::{NarrativeRole, Scenes};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, DynStage, Outcome, StageError, chain};
use serde_json::{Map, Value, json};

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

fn demo() -> Vec<PackageBytes> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("datapackage.json").exists())
        .collect();
    folders.sort();
    folders.iter().map(|folder| package(folder)).collect()
}

fn package(folder: &Path) -> PackageBytes {
    let descriptor = std::fs::read(folder.join("datapackage.json")).unwrap();
    let names = descriptor_files(&descriptor, &folder.display().to_string()).unwrap();
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for name in &names.files {
        files.insert(name.clone(), std::fs::read(folder.join(name)).unwrap());
    }
    let all: Vec<u8> = files.values().flatten().copied().collect();
    PackageBytes { name: names.name, digest: Digest::of(&all), files }
}

/// A small annual package as an operator might bring it, with or without the names of its makers.
fn brought(named: bool) -> PackageBytes {
    let mut csv = String::from("Year;Tea sold\n");
    for year in 1990..2026 {
        let tonnes = 900 + (year - 1990) * 23 + (year * 7919 % 13) * 31;
        writeln!(csv, "{year};{tonnes}").unwrap();
    }
    let makers = if named {
        r#""sources": [{"title": "Harbour Tea Board", "path": "https://tea.example.org/"}], "licenses": [{"name": "CC-BY-4.0"}],"#
    } else {
        ""
    };
    let descriptor = format!(
        r#"{{"name": "tea", "title": "Tea sales of the harbour", {makers}
            "resources": [{{"name": "tea", "path": "tea.csv", "dialect": {{"delimiter": ";"}}}}]}}"#
    );
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), descriptor.into_bytes()),
        ("tea.csv".to_owned(), csv.into_bytes()),
    ]);
    let digest = Digest::of(files["tea.csv"].as_slice());
    PackageBytes { name: "tea".into(), digest, files }
}

struct Wanted {
    topic: Option<&'static str>,
    seconds: u32,
    seed: u64,
    visit: u32,
    recent: Vec<&'static str>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { topic: None, seconds: 150, seed: 11, visit: 1, recent: Vec::new() }
    }
}

fn write(packages: &[PackageBytes], wanted: &Wanted) -> Result<Map<String, Value>, StageError> {
    let text =
        "id = \"t\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n";
    let mut channel = channel::parse("t.toml", text).unwrap();
    channel.episode.target_seconds = wanted.seconds;
    let order = Order {
        schema_version: proofreel_model::schema_version(),
        channel,
        as_of: jiff::civil::date(2026, 11, 22),
        seed: wanted.seed,
        topic: wanted.topic.map(str::to_owned),
        format: Format::Landscape,
        burn_captions: false,
        draft: false,
        packages: packages
            .iter()
            .map(|package| PackageRef { name: package.name.clone(), digest: package.digest.clone(), files: Vec::new() })
            .collect(),
        previous_packages: Vec::new(),
        recent_topics: wanted.recent.iter().map(|topic| (*topic).into()).collect(),
    };
    let library = Library::load(packages).unwrap();
    let policy = Policy::embedded();
    let scratch = tempfile::tempdir().unwrap();
    let context = Context {
        order: &order,
        library: &library,
        packages,
        policy: &policy,
        voice: &Mute,
        progress: &Silent,
        scratch: scratch.path(),
        visit: wanted.visit,
        reasons: &[],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut artifacts = Map::new();
    for stage in chain().iter().filter(|stage| stage.name() <= StageName::Qa) {
        let output = runtime.block_on(step(stage.as_ref(), &artifacts, &context))?;
        artifacts.insert(stage.name().artifact().to_owned(), output);
    }
    Ok(artifacts)
}

async fn step(stage: &dyn DynStage, done: &Map<String, Value>, context: &Context<'_>) -> Result<Value, StageError> {
    let read = |name: &StageName| Some((name.artifact().to_owned(), done.get(name.artifact())?.clone()));
    let input: Map<String, Value> = stage.reads().iter().filter_map(read).collect();
    Ok(match stage.run_json(json!(input), context).await? {
        Outcome::Advance { output, .. } => output,
        Outcome::Rewrite { report, .. } => report,
        Outcome::Reject { report, .. } => report.unwrap_or_default(),
        Outcome::Hold(reason) => panic!("{} holds: {reason}", stage.name()),
    })
}

fn read<T: serde::de::DeserializeOwned>(artifacts: &Map<String, Value>, stage: StageName) -> T {
    serde_json::from_value(artifacts[stage.artifact()].clone()).unwrap()
}

fn words(script: &Script) -> f64 {
    let sentences = script.scenes.iter().flat_map(|scene| &scene.narration);
    sentences.map(|sentence| sentence.text.text().split_whitespace().count()).sum::<usize>() as f64
}

#[test]
fn episodes_of_every_length_pass_the_gate_within_their_length() {
    let packages = demo();
    let pace = Policy::embedded().episode.words_per_minute;
    let topics =
        ["gold boom", "treasury state", "gdp leaderboard", "consumer long", "house boom", "consumer gold versus"];
    for (n, topic) in topics.into_iter().enumerate() {
        for seconds in [120, 180, 300] {
            let wanted = Wanted { topic: Some(topic), seconds, seed: n as u64, ..Wanted::default() };
            let artifacts = write(&packages, &wanted).unwrap();
            let script: Script = read(&artifacts, StageName::Script);
            let spoken = words(&script) / pace * 60.0;
            let off = spoken / f64::from(seconds) - 1.0;
            assert!(off.abs() <= 0.12, "{topic} at {seconds} s takes {spoken:.0} s");
            let report: QaReport = read(&artifacts, StageName::Qa);
            assert_eq!(report.verdict, Decision::Pass, "{topic} at {seconds} s: {:#?}", report.findings);
        }
    }
}

#[test]
fn scenes_have_all_roles_a_hook_in_time_and_ten_scenes_over_five_minutes() {
    let wanted = Wanted { topic: Some("gold long"), seconds: 360, ..Wanted::default() };
    let scenes: Scenes = read(&write(&demo(), &wanted).unwrap(), StageName::SceneBuilder);
    let roles: Vec<NarrativeRole> = scenes.scenes.iter().map(|scene| scene.narrative_role).collect();
    assert_eq!(roles[0], NarrativeRole::Hook);
    for role in [NarrativeRole::Proof, NarrativeRole::Insight, NarrativeRole::Payoff] {
        assert!(roles.contains(&role), "{roles:?}");
    }
    assert!(roles.len() >= 10, "{} scenes", roles.len());
}

#[test]
fn the_same_order_gives_the_same_bytes_and_another_visit_or_seed_other_words() {
    let packages = demo();
    let made = |seed, visit| {
        let artifacts =
            write(&packages, &Wanted { topic: Some("gold boom"), seed, visit, ..Wanted::default() }).unwrap();
        serde_json::to_string(&artifacts[StageName::Script.artifact()]["scenes"]).unwrap()
    };
    let text = made(3, 1);
    assert_eq!(text, made(3, 1));
    assert_ne!(text, made(4, 1));
    assert_ne!(text, made(3, 2));
}

#[test]
fn a_package_that_an_operator_brings_makes_an_episode_when_it_names_its_makers() {
    let named = write(&[brought(true)], &Wanted::default()).unwrap();
    let report: QaReport = read(&named, StageName::Qa);
    assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
    let nameless: QaReport = read(&write(&[brought(false)], &Wanted::default()).unwrap(), StageName::Qa);
    assert!(
        matches!(&nameless.verdict, Decision::Reject { reasons } if reasons.iter().any(|r| r.contains("tier-3"))),
        "{:?}",
        nameless.verdict
    );
}

#[test]
fn recent_topics_are_refused_and_an_unknown_wish_lists_the_candidates() {
    let packages = [brought(true)];
    let selection = write(&packages, &Wanted::default()).unwrap()[StageName::TopicScoring.artifact()].clone();
    let chosen: &'static str = Box::leak(selection["selected"].as_str().unwrap().to_owned().into_boxed_str());
    let again = write(&packages, &Wanted { recent: vec![chosen], ..Wanted::default() });
    if let Ok(artifacts) = again {
        assert_ne!(artifacts[StageName::TopicScoring.artifact()]["selected"].as_str(), Some(chosen));
    }
    let wished = Wanted { topic: Some(chosen), recent: vec![chosen], ..Wanted::default() };
    let error = write(&packages, &wished).unwrap_err().to_string();
    assert!(error.contains("covered"), "{error}");
    let error = write(&packages, &Wanted { topic: Some("bananas"), ..Wanted::default() }).unwrap_err().to_string();
    assert!(error.contains("bananas") && error.contains(chosen) && error.contains("hint"), "{error}");
}
