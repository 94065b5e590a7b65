mod divided;
mod length;
mod mending;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use jiff::civil::{Date, date};
use proofreel_evidence::Library;
use proofreel_model::channel;
use proofreel_model::film::Format;
use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::scenes::{NarrativeRole, Scene};
use proofreel_model::script::{Chapter, ScriptScene, Sentence, ThumbnailDesign, ThumbnailVariant};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::{Trace, TracePoint, Visual};
use proofreel_ports::{
    NoParts, Parts, PortError, Progress, Speech, SpokenWord, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality,
};

use super::*;

/// Speaks in tones: every word a quarter of a second.
pub(super) struct Tones;

#[async_trait]
impl Voice for Tones {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: "tones".into(),
            engine: "test 1".into(),
            licence: "none".into(),
            quality: VoiceQuality::Neural,
        }
    }

    async fn speak(&self, lines: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(lines.iter().map(speech).collect())
    }
}

fn speech(line: &Utterance) -> Speech {
    let words: Vec<SpokenWord> = line
        .text
        .split_whitespace()
        .enumerate()
        .map(|(n, word)| SpokenWord { text: word.into(), start_ms: n as u32 * 250, end_ms: n as u32 * 250 + 220 })
        .collect();
    // In the band where the media check looks for a voice.
    let samples = (0..words.len() * 6000)
        .map(|n| {
            let (t, beat) = (n as f32 / 24_000.0, (n % 6000) as f32 / 6000.0);
            ((t * 600.0 * std::f32::consts::TAU).sin() * (beat * std::f32::consts::PI).sin() * 6000.0) as i16
        })
        .collect();
    Speech { id: line.id.clone(), sample_rate: 24_000, samples, words }
}

/// Keeps what it is told.
#[derive(Default)]
pub(super) struct Told(pub(super) Mutex<Vec<String>>);

impl Progress for Told {
    fn begin(&self, what: &str, total: u64) {
        self.0.lock().unwrap().push(format!("{what} of {total}"));
    }
    fn at(&self, _: u64) {}
    fn end(&self) {}
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

pub(super) fn order() -> Order {
    let text =
        "id = \"demo\"\nname = \"Plain Numbers\"\nkind = \"finance\"\naudience = \"Anyone.\"\nsources = [\"data\"]\n";
    Order {
        schema_version: proofreel_model::schema_version(),
        channel: channel::parse("demo.toml", text).unwrap(),
        as_of: date(2026, 11, 22),
        seed: 1,
        topic: None,
        format: Format::Landscape,
        burn_captions: true,
        draft: false,
        packages: Vec::new(),
        previous_packages: Vec::new(),
        recent_topics: Vec::new(),
        recent_episodes: Vec::new(),
        directives: Vec::new(),
        outlook: proofreel_model::outlook::Outlook::default(),
        pictures: Vec::new(),
    }
}

fn cited(before: &str, fact: &str, text: &str) -> RichText {
    let cite = Cite::Fact { fact: FactId::from(fact), part: Part::Value, style: Style::Spoken };
    RichText(vec![
        Span { text: before.into(), cite: None },
        Span { text: text.into(), cite: Some(cite) },
        Span { text: ".".into(), cite: None },
    ])
}

fn trace() -> Trace {
    let series = SeriesRef {
        dataset: "d".into(),
        resource: "r".into(),
        date_column: "Date".into(),
        column: "Price".into(),
        filter: [].into(),
    };
    let points = (0..48u32)
        .map(|n| TracePoint {
            date: Date::new(2020 + (n / 12) as i16, (n % 12) as i8 + 1, 1).unwrap(),
            value: 100.0 + f64::from(n * n),
            row: n + 1,
        })
        .collect();
    let unit = Unit::plain(UnitKind::Currency { code: "USD".into() });
    Trace { series, label: RichText::plain("Gold"), unit, frequency: Frequency::Monthly, points }
}

fn scene(n: usize, visual: Visual) -> Scene {
    Scene {
        scene_id: SceneId(format!("s{n:02}")),
        objective: String::new(),
        narrative_role: NarrativeRole::Proof,
        key_claims: Vec::new(),
        source_refs: Vec::new(),
        evidence_sources: Vec::new(),
        visual_prompt: String::new(),
        visual,
        source_line: RichText::plain("Source: World Bank"),
        narration_prompt: String::new(),
        transition_note: String::new(),
        start_time: 0.0,
        end_time: 0.0,
        word_budget: 0,
        risk_flags: Vec::new(),
        schema_version: proofreel_model::schema_version(),
    }
}

pub(super) fn script(scenes: &Scenes) -> Script {
    let said = |text: RichText| Sentence { text, claims: Vec::new(), plan: "test".into() };
    let narration = [
        vec![said(cited("Gold stands at ", "f001", "$2,309"))],
        vec![said(cited("It rose every month and now stands at ", "f001", "$2,309"))],
    ];
    let thumbnail = |design| ThumbnailVariant {
        design,
        words: RichText::plain("Gold again"),
        figure: cited("", "f001", "$2,309"),
        earlier: Some(RichText::plain("$100")),
        trace: trace(),
    };
    Script {
        schema_version: proofreel_model::schema_version(),
        writer: "test".into(),
        authors: Vec::new(),
        scenes: scenes
            .scenes
            .iter()
            .zip(narration.into_iter().cycle())
            .map(|(scene, narration)| ScriptScene {
                scene_id: scene.scene_id.clone(),
                narration,
                on_screen_text: Vec::new(),
            })
            .collect(),
        titles: ["One", "Two", "Three"].map(RichText::plain).into(),
        thumbnails: [ThumbnailDesign::BigFigure, ThumbnailDesign::BoldLine, ThumbnailDesign::ThenAndNow]
            .map(thumbnail)
            .into(),
        hooks: Vec::new(),
        description: vec![RichText::plain("About gold.")],
        tags: vec!["gold".into()],
        chapters: vec![Chapter { scene_id: "s01".into(), title: RichText::plain("Start") }],
        pinned_comment: RichText::plain("Why?"),
        other_comments: Vec::new(),
        ai_disclosure: "A machine made this.".into(),
        disclaimer: "No advice.".into(),
        draft: false,
        obeyed: Vec::new(),
    }
}

pub(super) fn input() -> RenderInput {
    input_of(2)
}

/// A title, and the same line again and again.
fn input_of(count: usize) -> RenderInput {
    let line = Visual::Line {
        heading: RichText::plain("Gold rose"),
        traces: vec![trace()],
        marks: Vec::new(),
        log_scale: false,
        ranges: Vec::new(),
    };
    let title = Visual::Title {
        kicker: RichText::plain("Gold"),
        heading: RichText::plain("Gold again"),
        backdrop: None,
        picture: None,
    };
    let visuals = std::iter::once(title).chain(std::iter::repeat(line)).take(count);
    let scenes = (1..).zip(visuals).map(|(n, visual)| scene(n, visual)).collect();
    let scenes = Scenes { schema_version: proofreel_model::schema_version(), scenes };
    let script = serde_json::to_value(script(&scenes)).unwrap();
    let source = serde_json::json!({"sources": [{
        "source_id": "src1", "title": "World Bank", "url": "https://www.worldbank.org/", "as_of_date": "2026-07-01",
        "source_tier": "tier_1", "freshness_window_days": 30, "stale_data": false, "licence": "CC-BY-4.0",
        "dataset": "gold", "dataset_digest": Digest::of(b"gold")}]});
    let qa = QaReport {
        schema_version: proofreel_model::schema_version(),
        verdict: Decision::Pass,
        scenes: Vec::new(),
        checklists: Vec::new(),
        recomputed: Vec::new(),
        points_checked: 0,
        texts_checked: 0,
        citations_checked: 0,
        findings: Vec::new(),
        script_digest: Digest::of(&canonical_json(&script).unwrap()),
        media: None,
    };
    RenderInput { brief: serde_json::from_value(source).unwrap(), scenes, script, qa }
}

async fn run(input: RenderInput, order: &Order, folder: &Path, told: &Told) -> Result<Outcome<Film>, StageError> {
    run_with(input, order, folder, told, &NoParts).await
}

async fn run_with(
    input: RenderInput,
    order: &Order,
    folder: &Path,
    told: &Told,
    parts: &dyn Parts,
) -> Result<Outcome<Film>, StageError> {
    let (library, policy) = (Library::default(), short_policy());
    Render::default().run(input, &context(order, &library, &policy, folder, told, parts)).await
}

/// Some sentences fill no two minutes.
pub(super) fn short_policy() -> Policy {
    let mut policy = Policy::embedded();
    policy.episode.runtime_seconds.0 = 5;
    policy.pipeline.least_part_seconds = 2;
    policy
}

pub(super) fn context<'a>(
    order: &'a Order,
    library: &'a Library,
    policy: &'a Policy,
    folder: &'a Path,
    told: &'a Told,
    parts: &'a dyn Parts,
) -> Context<'a> {
    Context {
        order,
        library,
        packages: &[],
        pictures: &[],
        policy,
        voice: &Tones,
        writer: None,
        parts,
        progress: told,
        scratch: folder,
        visit: 1,
        reasons: &[],
    }
}

#[tokio::test]
async fn a_passed_script_becomes_a_film_with_all_its_files() {
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let outcome = run(input(), &order(), folder.path(), &told).await.expect("ffmpeg and fonts: run `make setup`");
    let Outcome::Advance { output: film, files } = outcome else { panic!("{outcome:?}") };
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        ["video.mp4", "captions.srt", "captions.vtt", "thumbnail-1.png", "thumbnail-2.png", "thumbnail-3.png"]
    );
    for (file, kept) in files.iter().zip(&film.files) {
        assert_eq!(Digest::of(&std::fs::read(&file.path).unwrap()), kept.digest, "{}", file.name);
    }
    assert!((film.check.video_seconds - film.check.audio_seconds).abs() <= 0.05, "{:?}", film.check);
    assert_eq!(film.timeline.last().map(|scene| scene.end_ms), Some(film.duration_ms));
    let srt = std::fs::read_to_string(&files[1].path).unwrap();
    assert!(srt.contains("Gold stands at $2,309."), "{srt}");
    let about = &film.metadata.description;
    for part in ["About gold.", "World Bank – https://www.worldbank.org/", "A machine made this.", "No advice."] {
        assert!(about.contains(part), "{part}: {about}");
    }
    assert!(film.metadata.chapters.is_empty(), "too short for chapters");
    let told = told.0.into_inner().unwrap();
    assert_eq!(told[0], "speak of 2");
    assert!(told.contains(&format!("render of {}", (film.duration_ms * 30).div_ceil(1000))), "{told:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 6, "nothing but the files is left: {left:?}");
}

async fn refused(change: impl FnOnce(&mut RenderInput, &mut Order)) -> String {
    let (folder, mut input, mut order) = (tempfile::tempdir().unwrap(), input(), order());
    change(&mut input, &mut order);
    match run(input, &order, folder.path(), &Told::default()).await {
        Err(StageError::Refused { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn drafts_are_refused() {
    assert!(refused(|_, order| order.draft = true).await.contains("draft"));
    assert!(refused(|input, _| input.script["draft"] = true.into()).await.contains("draft"));
}

#[tokio::test]
async fn what_qa_did_not_pass_is_refused() {
    let rejected = Decision::Reject { reasons: vec!["wrong".into()] };
    assert!(refused(|input, _| input.qa.verdict = rejected).await.contains("QA did not pass"));
    let rewrite = Decision::Rewrite { stage: StageName::Script, reasons: Vec::new() };
    assert!(refused(|input, _| input.qa.verdict = rewrite).await.contains("QA did not pass"));
}

#[tokio::test]
async fn a_script_changed_after_qa_is_refused() {
    assert!(
        refused(|input, _| input.script["disclaimer"] = "Buy now.".into()).await.contains("not the one that QA judged")
    );
}

#[tokio::test]
async fn scenes_of_another_visit_are_refused() {
    assert!(refused(|input, _| input.scenes.scenes.reverse()).await.contains("same scenes"));
}

#[tokio::test]
async fn a_missing_encoder_is_a_refusal_with_a_hint() {
    let (folder, order, told) = (tempfile::tempdir().unwrap(), order(), Told::default());
    let (library, policy) = (Library::default(), Policy::embedded());
    let context = context(&order, &library, &policy, folder.path(), &told, &NoParts);
    let render =
        Render { tools: Tools { ffmpeg: "/nonexistent/ffmpeg".into(), ..Tools::default() }, ..Render::default() };
    let error = render.run(input(), &context).await.expect_err("no encoder");
    assert!(matches!(&error, StageError::Refused { hint, .. } if hint.contains("make setup")), "{error}");
}

/// Keeps parts in memory, or fails.
#[derive(Default)]
struct Cupboard {
    parts: Mutex<BTreeMap<Digest, Vec<u8>>>,
    broken: bool,
    /// What lies there stays there, whatever is forgotten or kept.
    stubborn: bool,
}

#[async_trait]
impl Parts for Cupboard {
    async fn fetch(&self, key: &Digest, to: &Path) -> Result<bool, PortError> {
        if self.broken {
            return Err(PortError::Unavailable { what: "fetch".into(), detail: "broken".into() });
        }
        Ok(self.parts.lock().unwrap().get(key).is_some_and(|bytes| std::fs::write(to, bytes).is_ok()))
    }

    async fn keep(&self, key: &Digest, from: &Path) -> Result<(), PortError> {
        if self.broken {
            return Err(PortError::NoSpace { what: "keep".into() });
        }
        let (mut parts, bytes) = (self.parts.lock().unwrap(), std::fs::read(from).unwrap());
        if self.stubborn {
            parts.entry(key.clone()).or_insert(bytes);
        } else {
            parts.insert(key.clone(), bytes);
        }
        Ok(())
    }

    async fn forget(&self, key: &Digest) -> Result<(), PortError> {
        if !self.stubborn {
            self.parts.lock().unwrap().remove(key);
        }
        Ok(())
    }
}

/// Has time for so many frames only.
struct Hurried {
    frames: u64,
    done: Mutex<u64>,
}

impl Progress for Hurried {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, done: u64) {
        *self.done.lock().unwrap() = done;
    }
    fn end(&self) {}
    fn out_of_time(&self) -> bool {
        *self.done.lock().unwrap() >= self.frames
    }
}

#[tokio::test]
async fn a_film_whose_time_is_over_stops_at_a_frame_and_the_next_attempt_has_what_was_finished() {
    let (parts, order, library, policy) = (Cupboard::default(), order(), Library::default(), short_policy());
    let (whole, told) = filmed(input(), &Cupboard::default()).await;
    let frames: u64 = told.iter().find_map(|what| what.strip_prefix("render of ")?.parse().ok()).unwrap();
    let hurried = async |frames: u64| {
        let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
        let progress = Hurried { frames, done: Mutex::default() };
        let context =
            Context { progress: &progress, ..context(&order, &library, &policy, folder.path(), &told, &parts) };
        let one_worker = Render { workers: 1, ..Render::default() };
        let end = one_worker.run(input(), &context).await;
        assert!(matches!(end, Err(StageError::OutOfTime)), "{frames}: {end:?}");
    };
    // No time at all, then a little more each time: the longer of two segments gets done, the film never.
    for share in [0, 10, 60, 75, 90] {
        hurried(frames * share / 100).await;
    }
    let (after, told) = filmed(input(), &parts).await;
    assert_eq!(after, whole, "the same film");
    assert!(told.contains(&"1 of 2 segments made here".to_owned()), "{told:?}");
}

async fn filmed(input: RenderInput, parts: &Cupboard) -> (Film, Vec<String>) {
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let outcome = run_with(input, &order(), folder.path(), &told, parts).await.expect("rendered");
    let Outcome::Advance { output, files } = outcome else { panic!("{outcome:?}") };
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), files.len(), "nothing but the files is left");
    (output, told.0.into_inner().unwrap())
}

#[tokio::test]
async fn kept_parts_give_the_same_film_without_the_work() {
    let parts = Cupboard::default();
    let (first, told) = filmed(input(), &parts).await;
    assert!(told.iter().any(|what| what.starts_with("render")), "{told:?}");
    let (second, told) = filmed(input(), &parts).await;
    assert_eq!(first, second);
    assert_eq!(told, ["speak of 2", "0 of 2 segments made here"], "nothing was drawn, mastered or checked again");

    let (third, _) = filmed(input(), &Cupboard { broken: true, ..Cupboard::default() }).await;
    assert_eq!(first, third, "a cache that fails costs time and nothing else");
}
