//! The pictures of every topic of the packages in `data` and in `tests/data`, and of public ones beside the checkout: what is
//! written can be read and hides no mark, no label is left out, nothing stands still for long, what is said is what is lit, and
//! thumbnails can be drawn in every theme. Films of the own packages draw every kind of scene there is. Nothing is spoken or
//! encoded: words last as long as the law's pace says.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

#[path = "pictures/light.rs"]
mod light;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::channel::{self, Look};
use proofreel_model::digest::Digest;
use proofreel_model::fact::Fact;
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::media::MediaReport;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::{Policy, law, themes};
use proofreel_model::scenes::{NarrativeRole, Scene, Scenes};
use proofreel_model::script::{Script, ScriptScene};
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, Part, RichText, Span};
use proofreel_model::visual::Visual;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, Outcome, chain};
use proofreel_studio::beats::Beats;
use proofreel_studio::layout::{broken, dropped, faint, faults, hiding, illegible, legibility};
use proofreel_studio::media::{
    self,
    drawn::{Seen, Sheet},
};
use proofreel_studio::picture::{Shot, compose};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;
use proofreel_studio::thumbnail::draw_all;
use proofreel_studio::timeline::{Pacing, SceneSpan, Take, Timeline, tokens};
use serde_json::{Map, Value, json};

use light::{dark, unlit, untold};

/// How long films are, seconds.
const USUAL: u32 = 150;
/// Films of a ranking are looked at in this length too: it has room for who passed whom.
const LONG: u32 = 240;

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

/// The packages in the folders of these roots.
fn packages(roots: &[PathBuf]) -> Vec<PackageBytes> {
    let mut folders: Vec<PathBuf> = roots
        .iter()
        .flat_map(|root| std::fs::read_dir(root).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("datapackage.json").exists())
        .collect();
    folders.sort();
    folders.iter().map(|folder| package(folder)).collect()
}

/// The tree's own packages.
fn own() -> Vec<PackageBytes> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    packages(&[here.join("../data"), here.join("data")])
}

/// The public packages where they lie beside the checkout, and how many of their topics are looked at: where the variable says
/// where they lie all of them, else as many as take about half a minute on two cores.
fn public() -> Option<(Vec<PackageBytes>, usize)> {
    const SAMPLE: usize = 16;
    let named = std::env::var_os("PROOFREEL_SHARED").map(PathBuf::from);
    let many = if named.is_some() { usize::MAX } else { SAMPLE };
    let shared = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let root = shared.join("data");
    root.is_dir().then(|| (packages(&[root]), many))
}

/// Scenes, script and facts of a topic.
type Draft = (Scenes, Script, Vec<Fact>);

/// The draft of a topic told in so many seconds; nothing when it cannot be told. Also the topics that could be chosen.
fn draft(
    packages: &[PackageBytes],
    library: &Library,
    topic: Option<&str>,
    seconds: u32,
) -> (Vec<String>, Option<Draft>) {
    let head =
        "id = \"t\"\nname = \"Figures That Move\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n";
    let text = format!("{head}[episode]\ntarget_seconds = {seconds}\n");
    let order = Order {
        schema_version: proofreel_model::schema_version(),
        channel: channel::parse("t.toml", &text).unwrap(),
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
        directives: Vec::new(),
        outlook: proofreel_model::outlook::Outlook::default(),
        pictures: Vec::new(),
    };
    let (policy, scratch) = (Policy::embedded(), tempfile::tempdir().unwrap());
    let context = Context {
        order: &order,
        library,
        packages,
        pictures: &[],
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
    let facts = serde_json::from_value(read(StageName::Research)["facts"].clone()).unwrap();
    (ids, Some((scenes, serde_json::from_value(read(StageName::Script)).unwrap(), facts)))
}

fn spoken(script: &Script) -> Timeline {
    let word = (60_000.0 / law().episode.words_per_minute) as u32;
    let take = |text: &RichText| {
        let words: Vec<TimedWord> = (0u32..)
            .zip(tokens(text))
            .map(|(n, token)| TimedWord { text: token.text, start_ms: n * word, end_ms: (n + 1) * word })
            .collect();
        Take { length: words.len() as u64 * u64::from(word) * 48, words }
    };
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .map(|scene| (scene.scene_id.clone(), scene.narration.iter().map(|s| take(&s.text)).collect()))
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    Timeline::lay(&laid, &Pacing::default()).unwrap()
}

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
        photo: None,
    };
    type_.forget();
    let mut picture = compose(&shot, type_).unwrap();
    let mut out = Vec::new();
    let mut frames = Vec::new();
    for eighth in 1..=8 {
        let t = beats.seconds * eighth as f32 / 8.0 - 0.05;
        let texts = picture.texts(t, type_);
        out.extend(faults(&texts, theme, !scene.source_line.is_empty()));
        out.extend(broken(&texts));
        frames.push(((t * 1000.0) as u32, texts));
    }
    out.extend(unproven(Seen { scene, words, frames, passing: Vec::new() }, theme));
    let (mut before, mut since, mut longest) = (picture.ops(0.0, type_), 0.0, 0.0f32);
    let (ground, mut pale) = (picture.base().ground(), BTreeSet::new());
    for n in 1..(beats.seconds / STEP) as u32 {
        let ops = picture.ops(n as f32 * STEP, type_);
        pale.extend(faint(&before, &ops, ground));
        if ops != before {
            (before, since) = (ops, n as f32 * STEP);
        }
        longest = longest.max(n as f32 * STEP - since);
    }
    out.extend(pale);
    let still = law().episode.still_seconds;
    if longest > still {
        out.push(format!("stands still for {longest:.1} of {:.1} s", beats.seconds));
    }
    let ops = picture.ops(beats.seconds - 0.05, type_);
    out.extend(hiding(&scene.visual, &ops));
    out.extend(dropped(&scene.visual, &picture.texts(beats.seconds - 0.05, type_)));
    out.extend(illegible(&legibility(picture.base(), picture.base().written(), &ops)));
    out.extend(unlit(scene, &beats, picture.as_mut(), type_, theme.palette.muted));
    out.dedup();
    out
}

/// Sentences at the end of a comparison that tell a figure and not whose it is.
fn ownerless(scenes: &Scenes, script: &Script) -> Vec<String> {
    let is_figure = |cite: &Cite| matches!(cite, Cite::Fact { part: Part::Value, .. });
    let is_name = |cite: &Cite| matches!(cite, Cite::Series { .. });
    let has =
        |text: &RichText, what: &dyn Fn(&Cite) -> bool| text.0.iter().filter_map(|span| span.cite.as_ref()).any(what);
    let ends =
        scenes.scenes.iter().zip(&script.scenes).filter(|(scene, _)| scene.narrative_role == NarrativeRole::Payoff);
    let texts = ends.flat_map(|(_, words)| words.narration.iter().map(|sentence| &sentence.text));
    texts.filter(|text| has(text, &is_figure) && !has(text, &is_name)).map(RichText::text).collect()
}

/// Cards of insights whose number their scene does not say.
fn unsaid(scenes: &Scenes, script: &Script) -> Vec<String> {
    let scenes = scenes.scenes.iter().zip(&script.scenes);
    let silent = scenes.filter_map(|(scene, words)| {
        let Visual::BigNumber { fact, figure, .. } = &scene.visual else { return None };
        let says = |cite: &Cite| matches!(cite, Cite::Fact { fact: told, part: Part::Value, .. } if told == fact);
        let mut spans = words.narration.iter().flat_map(|sentence| &sentence.text.0);
        let is_said = spans.any(|span| span.cite.as_ref().is_some_and(says));
        (!is_said).then(|| format!("{} shows {} and does not say it", scene.scene_id, figure.text()))
    });
    silent.collect()
}

/// Topics of which no thumbnail names what it is about: a list of films shows no title beside them.
fn nameless(script: &Script) -> Option<String> {
    let is_name = |span: &Span| matches!(span.cite, Some(Cite::Series { .. }));
    let mut words = script.thumbnails.iter().flat_map(|thumbnail| &thumbnail.words.0);
    let said = || script.thumbnails.iter().map(|thumbnail| thumbnail.words.text()).collect::<Vec<_>>().join("; ");
    (!words.any(is_name)).then(|| format!("no thumbnail names its subject: {}", said()))
}

/// What the media check of a finished film would hold against the texts of a scene.
fn unproven(seen: Seen<'_>, theme: &Theme) -> Vec<String> {
    let least = law().episode.least_text * theme.width.min(theme.height) as f32;
    let sheet = Sheet { safe: theme.safe, least, brand: &theme.brand };
    let mut report = MediaReport::default();
    media::drawn::look(&[seen], sheet, &law().media.drawing, &mut report);
    report.findings.into_iter().map(|finding| format!("{:?}: {}", finding.code, finding.detail)).collect()
}

#[test]
fn pictures_of_every_topic_can_be_read_and_live() {
    let kinds = look_at_topics(&own(), usize::MAX, 12);
    // What no film of ours draws is looked at by nobody.
    assert_eq!(kinds, kinds_of_scenes());
}

#[test]
fn pictures_of_public_packages_can_be_read_and_live() {
    match public() {
        Some((packages, many)) => drop(look_at_topics(&packages, many, 6)),
        None => println!("skipped: no public packages beside the checkout; PROOFREEL_SHARED says where they lie"),
    }
}

/// All kinds of scenes, as the schema names them.
fn kinds_of_scenes() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/schemas/scenes.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let kinds = schema["$defs"]["Visual"]["oneOf"].as_array().unwrap().iter();
    kinds.map(|kind| kind["properties"]["kind"]["const"].as_str().unwrap().to_owned()).collect()
}

/// Looks at the pictures of so many topics of these packages, taken evenly from all; at least so many there must be. Gives the
/// kinds of scenes that were drawn.
fn look_at_topics(packages: &[PackageBytes], many: usize, least: usize) -> BTreeSet<String> {
    let library = Library::load(packages).unwrap();
    let (all, _) = draft(packages, &library, None, USUAL);
    let found = all.len();
    let step = found.div_ceil(many).max(1);
    let mut topics: Vec<(String, u32)> = all.into_iter().step_by(step).map(|topic| (topic, USUAL)).collect();
    assert!(topics.len() >= least, "{} topics", topics.len());
    let rankings: Vec<String> =
        topics.iter().filter(|(topic, _)| topic.ends_with("/leaderboard")).map(|(topic, _)| topic.clone()).collect();
    topics.extend(rankings.into_iter().map(|topic| (topic, LONG)));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let seen = Mutex::new((0, BTreeMap::<&str, usize>::new(), Vec::new()));
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (library, topics, seen) = (&library, &topics, &seen);
            scope.spawn(move || {
                let mut type_ = Typesetter::new(&FontFiles::from_environment()).unwrap();
                for (n, (topic, seconds)) in topics.iter().enumerate().skip(worker).step_by(workers) {
                    let Some((scenes, script, facts)) = draft(packages, library, Some(topic), *seconds).1 else {
                        continue;
                    };
                    let timeline = spoken(&script);
                    let silent = unsaid(&scenes, &script).into_iter().chain(dark(&scenes, &script, &facts));
                    let silent = silent.chain(untold(&scenes, &script)).chain(nameless(&script));
                    seen.lock().unwrap().2.extend(silent.map(|text| format!("{topic}: {text}")));
                    if topic.ends_with("/versus") {
                        let unnamed = ownerless(&scenes, &script);
                        seen.lock()
                            .unwrap()
                            .2
                            .extend(unnamed.into_iter().map(|text| format!("{topic}: whose? {text}")));
                    }
                    let looks = looks(n);
                    if let Err(error) = draw_all(&script.thumbnails, &looks[0].palette, &mut type_) {
                        seen.lock().unwrap().2.push(format!("{topic}: {error}"));
                    }
                    for theme in looks {
                        for ((scene, words), span) in scenes.scenes.iter().zip(&script.scenes).zip(&timeline.scenes) {
                            let found = look_at(scene, words, span, &theme, &mut type_);
                            let (kind, format) = (scene.visual.kind(), theme.format);
                            let captions = theme.caption_band.is_some();
                            let mut seen = seen.lock().unwrap();
                            seen.0 += 1;
                            *seen.1.entry(kind).or_default() += 1;
                            seen.2.extend(found.into_iter().map(|fault| {
                                format!("{topic} {} {kind} {format:?} captions {captions}: {fault}", scene.scene_id)
                            }));
                        }
                    }
                }
            });
        }
    });
    let (scenes_seen, kinds, found_faults) = seen.into_inner().unwrap();
    // A line of the payoff for which no sentence fits rests unlit: seldom.
    let (resting, faults): (Vec<String>, Vec<String>) =
        found_faults.into_iter().partition(|fault| fault.contains(light::UNTOLD));
    assert!(resting.len() <= 1 + topics.len() / 20, "lines of payoffs that nobody tells:\n{}", resting.join("\n"));
    println!("{scenes_seen} scenes of {} films, {found} topics there are: {kinds:?}", topics.len());
    assert!(scenes_seen > 17 * least, "{scenes_seen} scenes");
    assert!(faults.is_empty(), "{} faults in {scenes_seen} scenes:\n{}", faults.len(), faults.join("\n"));
    kinds.into_keys().map(str::to_owned).collect()
}

/// Both formats for every topic; captions and the four themes in turn, so that each package meets all of them.
fn looks(n: usize) -> [Theme; 2] {
    let names: Vec<&String> = themes().themes.keys().collect();
    [Format::Landscape, Format::Portrait].map(|format| {
        let upright = usize::from(format == Format::Portrait);
        let (theme, captions) = (names[(n + 2 * upright) % names.len()], (n / 4 + upright) % 2 == 1);
        Theme::new(&Look::of(theme), format, captions, "Figures That Move").unwrap()
    })
}

#[test]
fn only_what_is_said_is_lit() {
    let packages = own();
    let library = Library::load(&packages).unwrap();
    let (_, Some((mut scenes, script, facts))) = draft(&packages, &library, Some("gold boom"), USUAL) else {
        panic!("no draft")
    };
    // Without its points and brackets there would be numbers with nothing to light.
    assert_eq!(dark(&scenes, &script, &facts), Vec::<String>::new());
    for scene in &mut scenes.scenes {
        if let Visual::Line { marks, ranges, .. }
        | Visual::Area { marks, ranges, .. }
        | Visual::Columns { marks, ranges, .. }
        | Visual::Quote { marks, ranges, .. }
        | Visual::Timeline { marks, ranges, .. } = &mut scene.visual
        {
            (*marks, *ranges) = (Vec::new(), Vec::new());
        }
    }
    assert!(!dark(&scenes, &script, &facts).is_empty());
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
