//! The pictures of every topic of the packages in `data`: what is written can be read, nothing stands still for long,
//! and what is said is what is lit. Nothing is spoken or encoded: words last as long as the law's pace says.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::channel::{self, Look};
use proofreel_model::digest::Digest;
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::{Policy, law};
use proofreel_model::scenes::{Scene, Scenes};
use proofreel_model::script::{Script, ScriptScene};
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, Outcome, chain};
use proofreel_studio::beats::Beats;
use proofreel_studio::inscription::{Inscription, Role};
use proofreel_studio::picture::{Shot, compose};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;
use proofreel_studio::timeline::{Pacing, SceneSpan, Take, Timeline, tokens};
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

fn packages() -> Vec<PackageBytes> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("datapackage.json").exists())
        .collect();
    folders.sort();
    folders.iter().map(|folder| package(folder)).collect()
}

/// Scenes and script of a topic; nothing when its topic cannot be told. Also the topics that could be chosen.
fn draft(packages: &[PackageBytes], library: &Library, topic: Option<&str>) -> (Vec<String>, Option<(Scenes, Script)>) {
    let text =
        "id = \"t\"\nname = \"Figures That Move\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n";
    let order = Order {
        schema_version: proofreel_model::schema_version(),
        channel: channel::parse("t.toml", text).unwrap(),
        as_of: jiff::civil::date(2026, 11, 22),
        seed: 5,
        topic: topic.map(str::to_owned),
        format: Format::Landscape,
        burn_captions: false,
        draft: false,
        packages: packages
            .iter()
            .map(|package| PackageRef { name: package.name.clone(), digest: package.digest.clone(), files: Vec::new() })
            .collect(),
        previous_packages: Vec::new(),
        recent_topics: Vec::new(),
        recent_episodes: Vec::new(),
    };
    let (policy, scratch) = (Policy::embedded(), tempfile::tempdir().unwrap());
    let context = Context {
        order: &order,
        library,
        packages,
        policy: &policy,
        voice: &Mute,
        writer: None,
        parts: &proofreel_ports::NoParts,
        progress: &Silent,
        scratch: scratch.path(),
        visit: 1,
        reasons: &[],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut done: Map<String, Value> = Map::new();
    for stage in chain().iter().filter(|stage| stage.name() <= StageName::Script) {
        let input: Map<String, Value> = stage
            .reads()
            .iter()
            .filter_map(|name| Some((name.artifact().to_owned(), done.get(name.artifact())?.clone())))
            .collect();
        let Ok(Outcome::Advance { output, .. }) = runtime.block_on(stage.run_json(json!(input), &context)) else {
            return (Vec::new(), None);
        };
        done.insert(stage.name().artifact().to_owned(), output);
    }
    let ids = done[StageName::Planner.artifact()]["topic_candidates"].as_array().cloned().unwrap_or_default();
    let ids = ids.iter().filter_map(|topic| topic["topic_id"].as_str().map(str::to_owned)).collect();
    let read = |stage: StageName| done[stage.artifact()].clone();
    let scenes = serde_json::from_value(read(StageName::SceneBuilder)).unwrap();
    (ids, Some((scenes, serde_json::from_value(read(StageName::Script)).unwrap())))
}

fn spoken(script: &Script) -> Timeline {
    let word = (60_000.0 / law().episode.words_per_minute) as u32;
    let take = |text: &RichText| {
        let words: Vec<TimedWord> = (0u32..)
            .zip(tokens(text))
            .map(|(n, token)| TimedWord { text: token.text, start_ms: n * word, end_ms: (n + 1) * word })
            .collect();
        Take { samples: vec![0.0; words.len() * word as usize * 48], words }
    };
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .map(|scene| (scene.scene_id.clone(), scene.narration.iter().map(|s| take(&s.text)).collect()))
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    Timeline::lay(&laid, &Pacing::default()).unwrap()
}

/// Faults in what is written at one time.
fn layout(texts: &[Inscription], theme: &Theme, sourced: bool) -> Vec<String> {
    let mut out = Vec::new();
    let least = law().episode.least_text * theme.width.min(theme.height) as f32;
    let seen: Vec<&Inscription> = texts.iter().filter(|text| text.opacity > 110).collect();
    for (n, text) in seen.iter().enumerate() {
        let own = text.letters();
        if !theme.safe.grown(3.0).holds(own) {
            out.push(format!("{:?} `{}` leaves the safe area: {own:?}", text.role, text.text));
        }
        if theme.caption_band.is_some_and(|band| text.role != Role::Caption && band.overlaps(own)) {
            out.push(format!("{:?} `{}` lies on the captions: {own:?}", text.role, text.text));
        }
        if text.cut {
            out.push(format!("{:?} `{}` is cut", text.role, text.text));
        }
        if text.size < least {
            out.push(format!("{:?} `{}` is {} pixels large", text.role, text.text, text.size));
        }
        for other in &seen[n + 1..] {
            if own.without(1.0, 1.0, 1.0, 1.0).overlaps(other.letters().without(1.0, 1.0, 1.0, 1.0)) {
                out.push(format!("{:?} `{}` lies on {:?} `{}`", text.role, text.text, other.role, other.text));
            }
        }
    }
    if sourced && !texts.iter().any(|text| text.role == Role::Source && text.opacity == 255) {
        out.push("names no source".into());
    }
    out
}

/// Kinds that still stand longer than the law's `still_seconds`, with the most that is measured, seconds. Bars wait for
/// the word that brings the next one; the dots of a distribution have no reader yet.
const STILL_LONGER: [(&str, f32); 2] = [("bars", 4.0), ("distribution", 6.6)];

/// Faults of one scene in one look.
fn look_at(scene: &Scene, words: &ScriptScene, span: &SceneSpan, theme: &Theme, type_: &mut Typesetter) -> Vec<String> {
    const STEP: f32 = 0.1;
    let beats = Beats::of(span, &words.narration);
    let shot = Shot {
        visual: &scene.visual,
        source_line: &scene.source_line,
        on_screen: &words.on_screen_text,
        beats: &beats,
        theme,
    };
    type_.forget();
    let mut picture = compose(&shot, type_).unwrap();
    let mut out = Vec::new();
    for eighth in 1..=8 {
        let texts = picture.texts(beats.seconds * eighth as f32 / 8.0 - 0.05, type_);
        out.extend(layout(&texts, theme, !scene.source_line.is_empty()));
    }
    let (mut before, mut since, mut longest) = (picture.ops(0.0, type_), 0.0, 0.0f32);
    for n in 1..(beats.seconds / STEP) as u32 {
        let ops = picture.ops(n as f32 * STEP, type_);
        if ops != before {
            (before, since) = (ops, n as f32 * STEP);
        }
        longest = longest.max(n as f32 * STEP - since);
    }
    let bound = STILL_LONGER.iter().find(|(kind, _)| *kind == scene.visual.kind()).map(|(_, seconds)| *seconds);
    if longest > bound.unwrap_or(law().episode.still_seconds) {
        out.push(format!("stands still for {longest:.1} of {:.1} s", beats.seconds));
    }
    if let Visual::Line { marks, .. } = &scene.visual {
        for mark in marks {
            // In the first moments the line is still on its way.
            let Some((from, to)) = beats.moments(&mark.fact).iter().copied().find(|moment| moment.0 > 2.5) else {
                continue;
            };
            let texts = picture.texts(f32::midpoint(from, to), type_);
            let label = texts.iter().find(|text| text.text == mark.label.text());
            if !label.is_some_and(|text| text.opacity > 200 && text.ink != theme.palette.ink) {
                out.push(format!("`{}` is not lit while it is said at {from:.1} s", mark.label));
            }
        }
    }
    out.dedup();
    out
}

#[test]
fn pictures_of_every_topic_can_be_read_and_live() {
    let packages = packages();
    let library = Library::load(&packages).unwrap();
    let (topics, _) = draft(&packages, &library, None);
    assert!(topics.len() >= 12, "{} topics", topics.len());
    let mut type_ = Typesetter::new(&FontFiles::from_environment()).unwrap();
    let (mut scenes_seen, mut faults) = (0, Vec::new());
    // Every topic in one of the four looks, in turn: each look meets every package.
    for (n, topic) in topics.iter().enumerate() {
        let Some((scenes, script)) = draft(&packages, &library, Some(topic)).1 else { continue };
        let (format, captions) = ([Format::Landscape, Format::Portrait][n % 2], n / 2 % 2 == 1);
        let theme = Theme::new(&Look::default(), format, captions, "Figures That Move").unwrap();
        let timeline = spoken(&script);
        for ((scene, words), span) in scenes.scenes.iter().zip(&script.scenes).zip(&timeline.scenes) {
            scenes_seen += 1;
            let kind = scene.visual.kind();
            faults.extend(
                look_at(scene, words, span, &theme, &mut type_)
                    .into_iter()
                    .map(|fault| format!("{topic} {} {kind} {format:?} captions {captions}: {fault}", scene.scene_id)),
            );
        }
    }
    assert!(scenes_seen > 100, "{scenes_seen} scenes");
    assert!(faults.is_empty(), "{} faults in {scenes_seen} scenes:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn only_what_is_said_is_lit() {
    let packages = packages();
    let library = Library::load(&packages).unwrap();
    let (_, Some((_, script))) = draft(&packages, &library, Some("gold boom")) else { panic!("no draft") };
    let timeline = spoken(&script);
    let mut said = 0;
    for (words, span) in script.scenes.iter().zip(&timeline.scenes) {
        let beats = Beats::of(span, &words.narration);
        let facts: Vec<_> = beats.cited().cloned().collect();
        for fact in &facts {
            for (from, to) in beats.moments(fact) {
                let middle = f32::midpoint(*from, *to);
                said += 1;
                assert!(beats.emphasis(fact, middle) > 0.8, "{fact} at {middle}: {}", beats.emphasis(fact, middle));
                for other in facts.iter().filter(|other| *other != fact) {
                    let sounds = beats.moments(other).iter().any(|(a, b)| *a - 0.3 < middle && middle < *b + 0.1);
                    assert!(sounds || beats.emphasis(other, middle) < 0.2, "{other} at {middle}, while {fact} is said");
                }
            }
        }
    }
    assert!(said > 20, "{said} citations");
}
