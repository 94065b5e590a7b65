//! Cheap stages over the real artifact types: they write the smallest valid artifact, depend on what they read, and
//! do what a test tells them to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::order::Order;
use proofreel_model::stage::StageName;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, DynStage, Outcome, OutputFile, StageError};
use serde_json::{Value, json};

use crate::fakes::Memory;

/// What a stage does on one of its executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Gives its artifact.
    Advance,
    /// Sends the run back.
    Rewrite(StageName),
    /// Fails in a way that another attempt may mend.
    Fail,
    /// Is told that its time is over.
    OutOfTime,
    /// Refuses for good.
    Refuse,
    /// Panics.
    Panic,
    /// Waits for a person.
    Hold,
    /// Rejects the episode.
    Reject,
    /// Gives an artifact that its schema forbids.
    Invalid,
}

/// A play: what each stage does, by visit and, inside a visit, by execution.
pub struct Play {
    films: StageName,
    parts: u32,
    part_acts: BTreeMap<u32, Vec<Act>>,
    part_executions: Mutex<BTreeMap<u32, u32>>,
    acts: BTreeMap<(StageName, u32), Vec<Act>>,
    executions: Mutex<BTreeMap<(StageName, u32), u32>>,
    total: AtomicU32,
}

impl Default for Play {
    fn default() -> Self {
        Self::new()
    }
}

impl Play {
    /// All stages advance, and render gives a file.
    pub fn new() -> Self {
        Self {
            films: StageName::Render,
            parts: 0,
            part_acts: BTreeMap::new(),
            part_executions: Mutex::default(),
            acts: BTreeMap::new(),
            executions: Mutex::default(),
            total: AtomicU32::new(0),
        }
    }

    /// This stage gives the file.
    #[must_use]
    pub fn with_film_from(self, films: StageName) -> Self {
        Self { films, ..self }
    }

    /// The stage that gives the file can be divided into so many parts; less than two are not worth it.
    #[must_use]
    pub fn with_parts(self, parts: u32) -> Self {
        Self { parts, ..self }
    }

    /// Parts of the stage that gives the file.
    pub fn parts(&self) -> usize {
        self.parts as usize
    }

    /// Attempts at this part go like this, one after another; the last one for ever after.
    #[must_use]
    pub fn with_part(mut self, part: u32, acts: &[Act]) -> Self {
        self.part_acts.insert(part, acts.to_vec());
        self
    }

    /// How often each part was worked at as a part.
    pub fn parts_executed(&self) -> BTreeMap<u32, u32> {
        self.part_executions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often anything was worked at: stages and parts.
    pub fn labour(&self) -> u32 {
        self.executions() + self.parts_executed().values().sum::<u32>()
    }

    fn next_part_act(&self, part: u32) -> Act {
        let mut executions = self.part_executions.lock().unwrap_or_else(PoisonError::into_inner);
        let count = executions.entry(part).or_insert(0);
        *count += 1;
        let Some(acts) = self.part_acts.get(&part) else { return Act::Advance };
        acts.get(*count as usize - 1).or(acts.last()).copied().unwrap_or(Act::Advance)
    }

    /// In this visit the stage does these acts, one an execution; the last one for ever after.
    #[must_use]
    pub fn with(mut self, stage: StageName, visit: u32, acts: &[Act]) -> Self {
        self.acts.insert((stage, visit), acts.to_vec());
        self
    }

    /// How often any stage ran.
    pub fn executions(&self) -> u32 {
        self.total.load(Ordering::Relaxed)
    }

    /// How often a stage ran in a visit.
    pub fn executions_of(&self, stage: StageName, visit: u32) -> u32 {
        self.executions.lock().unwrap_or_else(PoisonError::into_inner).get(&(stage, visit)).copied().unwrap_or(0)
    }

    /// The stages of a driver that plays it.
    pub fn stages(self: &Arc<Self>, chain: &[StageName]) -> Vec<Box<dyn DynStage>> {
        let stage = |name: &StageName| Box::new(Player { name: *name, play: Arc::clone(self) }) as Box<dyn DynStage>;
        chain.iter().map(stage).collect()
    }

    fn next_act(&self, stage: StageName, visit: u32) -> Act {
        self.total.fetch_add(1, Ordering::Relaxed);
        let mut executions = self.executions.lock().unwrap_or_else(PoisonError::into_inner);
        let count = executions.entry((stage, visit)).or_insert(0);
        *count += 1;
        let Some(acts) = self.acts.get(&(stage, visit)) else { return Act::Advance };
        acts.get(*count as usize - 1).or(acts.last()).copied().unwrap_or(Act::Advance)
    }
}

struct Player {
    name: StageName,
    play: Arc<Play>,
}

#[async_trait]
impl DynStage for Player {
    fn name(&self) -> StageName {
        self.name
    }

    fn reads(&self) -> &'static [StageName] {
        match self.name {
            StageName::Planner => &[],
            StageName::TopicScoring => &[StageName::Planner],
            StageName::Research => &[StageName::Planner, StageName::TopicScoring],
            StageName::SceneBuilder => &[StageName::Research],
            StageName::Script => &[StageName::SceneBuilder],
            StageName::Qa => &[StageName::Script],
            StageName::Render => &[StageName::Script, StageName::Qa],
        }
    }

    async fn run_json(&self, input: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        // Half of the work is done: a crash here leaves a used scratch folder.
        std::fs::write(context.scratch.join("half"), "x").map_err(|error| StageError::Failed(error.to_string()))?;
        Memory::give_way().await;
        match self.play.next_act(self.name, context.visit) {
            Act::Advance => self.advance(&input, context).await,
            Act::Rewrite(stage) => {
                let reasons = vec![format!("visit {} of {} is not good enough", context.visit, self.name)];
                let report = artifact(self.name, &input, context)?;
                Ok(Outcome::Rewrite { stage, reasons, report })
            }
            Act::Fail => Err(StageError::Failed("the line is down".into())),
            Act::OutOfTime => Err(StageError::OutOfTime),
            Act::Refuse => Err(StageError::refused("the input is wrong", "mend it")),
            Act::Panic => panic!("the {} stage was told to panic", self.name),
            Act::Hold => Ok(Outcome::Hold("a person must look".into())),
            Act::Reject => Ok(Outcome::Reject {
                reasons: vec!["not for us".into()],
                report: Some(artifact(self.name, &input, context)?),
            }),
            Act::Invalid => Ok(Outcome::advance(json!({"schema_version": 7}))),
        }
    }

    fn divides(&self) -> bool {
        self.name == self.play.films && self.play.parts > 0
    }

    async fn divide_json(&self, _: Value, context: &Context<'_>, most: usize) -> Result<Vec<Value>, StageError> {
        std::fs::write(context.scratch.join("half"), "x").map_err(|error| io(&error))?;
        Memory::give_way().await;
        assert!(self.play.parts as usize <= most, "a play of more parts than the policy has");
        Ok((1..=self.play.parts).map(|part| json!({ "part": part })).collect())
    }

    async fn part_json(&self, input: Value, context: &Context<'_>, work: Value) -> Result<(), StageError> {
        std::fs::write(context.scratch.join("half"), "x").map_err(|error| io(&error))?;
        Memory::give_way().await;
        let part = work["part"].as_u64().and_then(|part| u32::try_from(part).ok()).expect("a part's number");
        match self.play.next_part_act(part) {
            Act::Advance => make_part(&input, part, context).await.map(|_| ()),
            Act::Fail => Err(StageError::Failed("the line is down".into())),
            Act::OutOfTime => Err(StageError::OutOfTime),
            Act::Refuse => Err(StageError::refused("the part is wrong", "mend it")),
            Act::Panic => panic!("part {part} was told to panic"),
            other => panic!("a part cannot {other:?}"),
        }
    }
}

/// A file that cannot be written or read is a fault of the machine.
fn io(error: &std::io::Error) -> StageError {
    StageError::Failed(error.to_string())
}

/// One part of a film: what it is named by, and its bytes.
fn part_of(input: &Value, part: u32) -> (Digest, String) {
    let text = format!("part {part} of {input}\n");
    (Digest::of(text.as_bytes()), text)
}

/// Makes a part and keeps it.
async fn make_part(input: &Value, part: u32, context: &Context<'_>) -> Result<String, StageError> {
    let (key, text) = part_of(input, part);
    let path = context.scratch.join("part");
    std::fs::write(&path, &text).map_err(|error| io(&error))?;
    // As the real stage: a cache that fails costs time and nothing else.
    let _ = context.parts.keep(&key, &path).await;
    Ok(text)
}

impl Player {
    /// The film: of its parts where it has any, each fetched or made.
    async fn film(&self, input: &Value, context: &Context<'_>) -> Result<String, StageError> {
        if self.play.parts == 0 {
            return Ok(format!("a film of {input}"));
        }
        let (mut film, mut made) = (String::new(), 0);
        for part in 1..=self.play.parts {
            let path = context.scratch.join("fetched");
            if context.parts.fetch(&part_of(input, part).0, &path).await.unwrap_or(false) {
                film.push_str(&std::fs::read_to_string(&path).map_err(|error| io(&error))?);
            } else {
                film.push_str(&make_part(input, part, context).await?);
                made += 1;
            }
        }
        context.progress.note(&format!("{made} of {} parts made here", self.play.parts));
        Ok(film)
    }

    async fn advance(&self, input: &Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        let output = artifact(self.name, input, context)?;
        let mut files = Vec::new();
        if self.name == self.play.films {
            let path = context.scratch.join("raw-video");
            std::fs::write(&path, self.film(input, context).await?).map_err(|error| io(&error))?;
            files.push(OutputFile { name: "video.mp4".into(), path });
        }
        Ok(Outcome::Advance { output, files })
    }
}

/// The smallest valid artifact, which depends on input, visit, reasons and seed.
fn artifact(stage: StageName, input: &Value, context: &Context<'_>) -> Result<Value, StageError> {
    let digest = |value: &Value| -> Result<Digest, StageError> {
        canonical_json(value).map(|bytes| Digest::of(&bytes)).map_err(|error| StageError::Failed(error.to_string()))
    };
    let trace = format!("{} {} {:?} {}", digest(input)?.short(), context.visit, context.reasons, context.order.seed);
    let topic = json!({
        "topic_id": "gold/price/long_view", "title": trace, "angle": "long_view", "series": [], "evidence_preview": [],
        "findings": 1, "strength": 0.1, "notes": [],
    });
    Ok(match stage {
        StageName::Planner => json!({
            "schema_version": "1.0.0", "as_of": context.order.as_of, "topic_candidates": [topic], "left_out": [],
        }),
        StageName::TopicScoring => json!({
            "schema_version": "1.0.0", "scored": [], "shortlist": [], "selected": "gold/price/long_view", "rationale": trace,
        }),
        StageName::Research => json!({
            "schema_version": "1.0.0", "as_of": context.order.as_of, "topic": topic, "topic_candidates": [],
            "executive_summary": [], "key_facts": [], "key_fact_sources": [], "data_points": [], "sources": [], "facts": [],
            "series": [], "screening": [], "contrarian_angle": [], "viewer_takeaway": [],
        }),
        StageName::SceneBuilder => json!({"schema_version": "1.0.0", "scenes": []}),
        StageName::Script => json!({
            "schema_version": "1.0.0", "writer": trace, "scenes": [], "titles": [], "thumbnails": [], "hooks": [],
            "description": [], "tags": [], "chapters": [], "pinned_comment": [], "ai_disclosure": "", "disclaimer": "",
            "draft": context.order.draft,
        }),
        StageName::Qa => json!({
            "schema_version": "1.0.0", "verdict": {"decision": "pass"}, "scenes": [], "checklists": [], "recomputed": [],
            "points_checked": 0, "texts_checked": 0, "citations_checked": 0, "findings": [],
            "script_digest": digest(&input["script"])?,
        }),
        StageName::Render => json!({
                "schema_version": "1.0.0", "format": "landscape", "duration_ms": 1, "voice": trace, "timeline": [], "words": [],
                "files": [],
                "check": {
                    "video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 1.0,
                    "audio_seconds": 1.0, "loudness": {"integrated_lufs": -14.0, "true_peak_dbtp": -1.0},
                },
                "metadata": {
                    "title": "", "title_variants": [], "description": "", "tags": [], "chapters": [], "pinned_comment": "",
                    "language": "en-US", "contains_synthetic_media": true,
                },
        }),
    })
}

/// A small order: no data packages, one rewrite allowed beyond what a test needs.
pub fn order() -> Order {
    serde_json::from_value(json!({
        "channel": {
            "id": "rehearsal", "name": "Rehearsal", "kind": "finance", "audience": "testers", "sources": [],
            "governance": {"max_rewrites": 2},
        },
        "as_of": "2026-11-22", "seed": 7, "format": "landscape", "packages": [],
    }))
    .expect("the order of the rehearsal is valid")
}

/// A voice that says nothing.
pub struct Mute;

#[async_trait]
impl Voice for Mute {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "mute".into(), engine: "none".into(), licence: "none".into(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(Vec::new())
    }
}
