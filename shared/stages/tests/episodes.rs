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
use proofreel_model::kpi::{Directive, OrderKind};
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::outlook::Outlook;
use proofreel_model::policy::{Policy, kpi_law};
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::{NarrativeRole, RiskFlag, Scenes};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::topic::TopicCandidates;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, DynStage, Outcome, StageError, chain};
use serde_json::{Map, Value, json};

#[path = "episodes/credits.rs"]
mod credits;
#[path = "episodes/leaderboard.rs"]
mod leaderboard;
#[path = "episodes/rivals.rs"]
mod rivals;
#[path = "episodes/tellings.rs"]
mod tellings;

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
    titled(named, "Tea sales of the harbour")
}

fn titled(named: bool, title: &str) -> PackageBytes {
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
        r#"{{"name": "tea", "title": "{title}", {makers}
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
    episodes: Vec<EpisodePrint>,
    reasons: Vec<String>,
    directives: Vec<Directive>,
    outlook: Outlook,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            topic: None,
            seconds: 150,
            seed: 11,
            visit: 1,
            recent: Vec::new(),
            episodes: Vec::new(),
            reasons: Vec::new(),
            directives: Vec::new(),
            outlook: Outlook::default(),
        }
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
        recent_episodes: wanted.episodes.clone(),
        directives: wanted.directives.clone(),
        outlook: wanted.outlook.clone(),
        pictures: Vec::new(),
    };
    let library = Library::load(packages).unwrap();
    let policy = Policy::embedded();
    let scratch = tempfile::tempdir().unwrap();
    let context = Context {
        order: &order,
        library: &library,
        packages,
        pictures: &[],
        policy: &policy,
        voice: &Mute,
        writer: None,
        parts: &proofreel_ports::NoParts,
        progress: &Silent,
        scratch: scratch.path(),
        visit: wanted.visit,
        reasons: &wanted.reasons,
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
        matches!(&nameless.verdict, Decision::Reject { reasons }
            if reasons.iter().any(|r| r.contains("tier-3"))
            && reasons.iter().any(|r| r.contains("licence_incompatible") && r.contains("datapackage.json"))),
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

/// Works an episode like the driver: back to where QA says, with its reasons, at most `rewrites` times.
fn worked(packages: &[PackageBytes], mut wanted: Wanted, rewrites: u32) -> (Map<String, Value>, QaReport, u32) {
    loop {
        let artifacts = write(packages, &wanted).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        match &report.verdict {
            Decision::Rewrite { reasons, .. } if wanted.visit <= rewrites => {
                wanted.reasons.clone_from(reasons);
                wanted.visit += 1;
            }
            _ => return (artifacts, report, wanted.visit - 1),
        }
    }
}

fn print_of(artifacts: &Map<String, Value>) -> EpisodePrint {
    let (scenes, script): (Scenes, Script) =
        (read(artifacts, StageName::SceneBuilder), read(artifacts, StageName::Script));
    let topic = artifacts[StageName::TopicScoring.artifact()]["selected"].as_str().unwrap().into();
    print::of(&topic, &scenes, &script)
}

#[test]
fn the_same_topic_again_is_told_otherwise_or_sent_back_until_it_is() {
    let packages = demo();
    let policy = Policy::embedded().qa.sameness;
    for topic in ["gold boom", "treasury state", "gdp leaderboard", "consumer gold versus"] {
        let first = print_of(&write(&packages, &Wanted { topic: Some(topic), ..Wanted::default() }).unwrap());
        let wanted = |episodes| Wanted { topic: Some(topic), seed: 12, episodes, ..Wanted::default() };
        let careless = print_of(&write(&packages, &wanted(Vec::new())).unwrap());
        let (artifacts, report, _) = worked(&packages, wanted(vec![first.clone()]), 3);
        assert_eq!(report.verdict, Decision::Pass, "{topic}: {:#?}", report.findings);
        let (careful, careless) = (
            policy.weights.total(&print_of(&artifacts).likeness(&first)),
            policy.weights.total(&careless.likeness(&first)),
        );
        assert!(careful <= policy.threshold && careful < careless, "{topic}: {careful:.2} after {careless:.2}");
    }
}

#[test]
fn the_next_visit_does_not_repeat_the_plan_that_a_rewrite_names() {
    let packages = demo();
    let wanted = || Wanted { topic: Some("gold boom"), ..Wanted::default() };
    let script: Script = read(&write(&packages, &wanted()).unwrap(), StageName::Script);
    // Every sentence in turn is charged with a fault of a rule that a writer can mend.
    let rules = [
        "direction_wrong",
        "date_misplaced",
        "superlative_unproven",
        "sweeping_unproven",
        "causal_wording",
        "prediction_wording",
        "advice_wording",
        "number_without_fact",
        "no_reason_to_stay",
        "sameness",
    ];
    let mut charged = 0;
    for (n, (scene, place, plan)) in script
        .scenes
        .iter()
        .flat_map(|scene| {
            let sentences = scene.narration.iter().enumerate();
            sentences.map(move |(at, sentence)| (&scene.scene_id, at + 1, &sentence.plan))
        })
        .filter(|(_, _, plan)| *plan != "title.promise")
        .enumerate()
    {
        let rule = rules[n % rules.len()];
        let reasons = vec![format!("script {scene} narration {place} (plan {plan}): {rule}: planted")];
        let artifacts = write(&packages, &Wanted { visit: 2, reasons, ..wanted() }).unwrap();
        let again: Script = read(&artifacts, StageName::Script);
        let used = again.scenes.iter().flat_map(|scene| &scene.narration).any(|sentence| sentence.plan == *plan);
        assert!(!used, "{plan} is said again after {rule}");
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{plan}: {:#?}", report.findings);
        charged += 1;
    }
    assert!(charged >= 20, "{charged}");
}

#[test]
fn the_next_visit_mends_what_a_rewrite_finds_wrong_with_the_plan_of_scenes() {
    let packages = demo();
    let wanted = |reasons: Vec<String>| Wanted {
        topic: Some("gold boom"),
        seconds: 200,
        visit: 1 + u32::from(!reasons.is_empty()),
        reasons,
        ..Wanted::default()
    };
    let scenes = |reasons: Vec<String>| -> Scenes {
        let artifacts = write(&packages, &wanted(reasons)).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
        read(&artifacts, StageName::SceneBuilder)
    };
    let before = scenes(Vec::new());
    let third = &before.scenes[2];
    let claim = third.key_claims[0].clone();
    let without = scenes(vec![format!("scene-builder s03 claims {claim}: redundant_scene: planted")]);
    let proofs = without.scenes.iter().filter(|scene| scene.narrative_role == NarrativeRole::Proof);
    assert!(proofs.into_iter().all(|scene| !scene.key_claims.contains(&claim)));
    let shorter = scenes(vec!["scene-builder s03 times: dead_air: planted".into()]);
    assert!(shorter.scenes[2].word_budget < third.word_budget);
    let order = |scenes: &Scenes| scenes.scenes.iter().map(|scene| scene.key_claims.clone()).collect::<Vec<_>>();
    let turned = scenes(vec!["scene-builder likeness: sameness: planted".into()]);
    assert_ne!(order(&turned), order(&before));
    assert_eq!(turned.scenes[1].key_claims, before.scenes[1].key_claims);
}

#[test]
fn standing_orders_change_what_they_are_about_and_the_gate_still_passes() {
    let packages = demo();
    let usual = Wanted { topic: Some("gold long"), ..Wanted::default() };
    let before: Script = read(&write(&packages, &usual).unwrap(), StageName::Script);
    let under = |kind: OrderKind| {
        let directive =
            Directive { order: format!("2026-11-20#{}", kind.as_str()), kind, nth: 1, reason: "below".into() };
        let wanted = Wanted { topic: usual.topic, directives: vec![directive], ..Wanted::default() };
        let artifacts = write(&packages, &wanted).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{kind:?}: {:#?}", report.findings);
        let script: Script = read(&artifacts, StageName::Script);
        assert_eq!(script.obeyed.iter().map(|obeyed| obeyed.kind).collect::<Vec<_>>(), [kind]);
        script
    };
    let packaging = under(OrderKind::Packaging);
    assert_eq!(packaging.titles[0], before.titles[1]);
    assert_eq!(packaging.thumbnails[0].design, before.thumbnails[1].design);
    let most = |script: &Script| {
        let sentences = script.scenes.iter().flat_map(|scene| &scene.narration);
        sentences
            .filter(|sentence| sentence.plan != "title.promise")
            .map(|sentence| sentence.text.text().split_whitespace().count())
            .max()
    };
    let script = under(OrderKind::Script);
    assert!(most(&script) <= Some(kpi_law().directives.sentence_words));
    // Another comment is to pin, and those it is tried against are kept; without the order there is one.
    assert!(!script.other_comments.is_empty() && !script.other_comments.contains(&script.pinned_comment));
    assert!(before.other_comments.is_empty() && packaging.other_comments.is_empty());
    assert_ne!(under(OrderKind::Hook).hooks[0], before.hooks[0]);
    let all: TopicCandidates = read(&write(&packages, &Wanted::default()).unwrap(), StageName::Planner);
    let hook = Directive { order: "o".into(), kind: OrderKind::Hook, nth: 1, reason: String::new() };
    let wanted = Wanted { directives: vec![hook], ..Wanted::default() };
    let strong: TopicCandidates = read(&write(&packages, &wanted).unwrap(), StageName::Planner);
    assert!(strong.topic_candidates.len() < all.topic_candidates.len());
    assert!(strong.left_out.iter().any(|line| line.contains("left out by order o")));
}

#[test]
fn a_package_that_accuses_or_advises_in_its_title_ends_the_episode() {
    for (title, rule) in
        [("How the Harbour Board stole the tea", "accusation"), ("Tea, and why you should buy it", "trade_advice")]
    {
        let package = titled(true, title);
        let descriptor = String::from_utf8(package.files["datapackage.json"].clone()).unwrap();
        let named_by_title = descriptor.replace("Harbour Tea Board", title);
        let files = package.files.into_iter().chain([("datapackage.json".to_owned(), named_by_title.into_bytes())]);
        let report: QaReport = read(
            &write(&[PackageBytes { files: files.collect(), ..package }], &Wanted::default()).unwrap(),
            StageName::Qa,
        );
        assert!(
            matches!(&report.verdict, Decision::Reject { reasons } if reasons.iter().any(|r| r.contains(rule))),
            "{:?}",
            report.verdict
        );
    }
}

#[test]
fn subjects_carry_the_risk_flags_that_the_lists_ask_for() {
    for (topic, flag) in [
        ("treasury state", Some(RiskFlag::RegulatoryRisk)),
        ("unemployment state", Some(RiskFlag::SensitiveTopic)),
        ("gold boom", None),
    ] {
        let artifacts = write(&demo(), &Wanted { topic: Some(topic), ..Wanted::default() }).unwrap();
        let scenes: Scenes = read(&artifacts, StageName::SceneBuilder);
        let telling: Vec<_> = scenes.scenes.iter().filter(|scene| !scene.key_claims.is_empty()).collect();
        for risk in [RiskFlag::RegulatoryRisk, RiskFlag::SensitiveTopic] {
            let flagged = telling.iter().filter(|scene| scene.risk_flags.contains(&risk)).count();
            assert_eq!(flagged, if flag == Some(risk) { telling.len() } else { 0 }, "{topic}: {risk:?}");
        }
    }
}

/// Two monthly prices of which the second repeats the swings of the first seven months later, over thirty years.
fn early_and_late() -> PackageBytes {
    let mut csv = String::from("Date,Leaf,Tea\n");
    let wave = |n: f64| 400.0 + 90.0 * (n / 11.0).sin() + 60.0 * (n / 4.3).sin() + 40.0 * (n / 29.0).cos();
    for n in 0..372_u32 {
        let (year, month, noise) = (1995 + n / 12, n % 12 + 1, f64::from(n * 7919 % 23) / 10.0);
        let (leaf, tea) = (wave(f64::from(n)) + noise, 2.0 * wave(f64::from(n) - 7.0) + noise);
        writeln!(csv, "{year}-{month:02}-01,{leaf:.2},{tea:.2}").unwrap();
    }
    let descriptor = r#"{"name": "leaves", "title": "Leaf and tea prices",
        "sources": [{"title": "Harbour Tea Board", "path": "https://tea.example.org/"}], "licenses": [{"name": "CC-BY-4.0"}],
        "resources": [{"name": "leaves", "path": "leaves.csv", "schema": {"fields": [{"name": "Date"},
          {"name": "Leaf", "unit": "USD", "proofreel": {"subject": "the price of leaf", "short": "Leaf", "adjustment": "adjusted"}},
          {"name": "Tea", "unit": "USD", "proofreel": {"subject": "the price of tea", "short": "Tea", "adjustment": "adjusted"}}]}}]}"#;
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), descriptor.as_bytes().to_vec()),
        ("leaves.csv".to_owned(), csv.into_bytes()),
    ]);
    let digest = Digest::of(files["leaves.csv"].as_slice());
    PackageBytes { name: "leaves".into(), digest, files }
}

#[test]
fn a_lead_is_told_with_its_warning_and_passes() {
    use proofreel_model::finding::FindingKind;
    for seed in 0..6 {
        let wanted = Wanted { topic: Some("versus"), seconds: 240, seed, ..Wanted::default() };
        let artifacts = write(&[early_and_late()], &wanted).unwrap();
        let brief: proofreel_model::brief::ResearchBrief = read(&artifacts, StageName::Research);
        let lead = brief.key_facts.iter().find(|claim| claim.finding.kind == FindingKind::LeadLag).expect("a lead");
        assert_eq!(brief.fact(&lead.finding.roles["lag"]).unwrap().display, "7 months");
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
    }
}
