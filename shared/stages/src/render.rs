//! Render: from a passed script to a film, its captions, thumbnails and metadata.
//!
//! The stage refuses a draft and anything that QA did not pass, in exactly the words QA judged. The heavy work runs on
//! a thread of its own; when the stage is given up, that thread stops at its next frame.

pub(crate) mod metadata;
mod speaking;
mod speech;
mod work;

use async_trait::async_trait;
use proofreel_model::brief::Source;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::film::{Film, FilmFile};
use proofreel_model::media::MediaOrder;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_ports::VoiceInfo;
use proofreel_studio::StudioError;
use proofreel_studio::film::{FilmOrder, Made, Spoken};
use proofreel_studio::mend;
use proofreel_studio::photo::Pictures;
use proofreel_studio::segment::usual_workers;
use proofreel_studio::share::{self, Share};
use proofreel_studio::text::FontFiles;
use proofreel_studio::tools::Tools;
use serde::Deserialize;
use serde_json::Value;
use speaking::{speak, speak_anew};

use crate::contract::{Context, Outcome, OutputFile, Stage, StageError};

/// The render stage, with what it needs of the machine.
#[derive(Clone, Debug)]
pub struct Render {
    /// Fonts.
    pub fonts: FontFiles,
    /// ffmpeg and ffprobe.
    pub tools: Tools,
    /// Segments drawn and encoded at the same time.
    pub workers: usize,
    /// The same where other parts of the film may be made beside this one.
    pub part_workers: usize,
}

impl Default for Render {
    /// Fonts and programs as the environment names them, else where Debian puts them.
    fn default() -> Self {
        Self {
            fonts: FontFiles::from_environment(),
            tools: Tools::from_environment(),
            workers: usual_workers(),
            part_workers: usual_workers(),
        }
    }
}

impl Render {
    /// For a process in which so many workers are at parts side by side.
    pub fn among(neighbours: usize) -> Self {
        Self { part_workers: (usual_workers() / neighbours.max(1)).max(1), ..Self::default() }
    }
}

/// What render reads of the brief.
#[derive(Debug, Deserialize)]
pub struct Cited {
    /// Sources, for the description.
    pub sources: Vec<Source>,
}

/// What render reads.
#[derive(Debug, Deserialize)]
pub struct RenderInput {
    /// Output of research.
    pub brief: Cited,
    /// Output of the scene builder.
    pub scenes: Scenes,
    /// Output of the script stage as stored: its digest must be the one QA judged.
    pub script: Value,
    /// Output of QA.
    pub qa: QaReport,
}

#[async_trait]
impl Stage for Render {
    const NAME: StageName = StageName::Render;
    const READS: &'static [StageName] =
        &[StageName::Research, StageName::SceneBuilder, StageName::Script, StageName::Qa];
    type Input = RenderInput;
    type Output = Film;

    async fn run(&self, input: Self::Input, context: &Context<'_>) -> Result<Outcome<Film>, StageError> {
        let script = publishable(&input, context)?;
        let (order, made, voice) = self.filmed(script, input.scenes, context).await?;
        let (segments, drawn) = made.segments;
        context.progress.note(&format!("{drawn} of {segments} segments made here"));
        let film = film(&order, &made, (&input.brief.sources, &voice), context)?;
        if let Some(order) = made.media.order() {
            return Ok(ordered(order, film));
        }
        let files = made.files.into_iter().map(|file| OutputFile { name: file.name, path: file.path }).collect();
        Ok(Outcome::Advance { output: film, files })
    }

    const DIVIDES: bool = true;

    async fn divide(&self, input: Self::Input, context: &Context<'_>, most: usize) -> Result<Vec<Value>, StageError> {
        let script = publishable(&input, context)?;
        let speech = speak(&script, &input.scenes, context).await?.scenes;
        let order = self.order(script, input.scenes, speech, context)?;
        let least = context.policy.pipeline.least_part_seconds;
        let divide = move |order: &FilmOrder, teller: &work::Teller| share::divide(order, most, least, teller);
        let (_, shares) = work::off_the_executor(order, context, divide).await?;
        shares
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(|error| StageError::Failed(format!("a share cannot be written as JSON: {error}")))
    }

    async fn part(&self, input: Self::Input, context: &Context<'_>, work: Value) -> Result<(), StageError> {
        let script = admitted(&input, context)?;
        let own: Share = serde_json::from_value(work).map_err(|error| {
            StageError::refused(
                format!("the share cannot be read: {error}"),
                "it is from another version; the film is made without it",
            )
        })?;
        let order = FilmOrder { workers: self.part_workers, ..self.order(script, input.scenes, Vec::new(), context)? };
        let (found, wanted) = (own.clone(), order.folder.clone());
        let find = move |_: &FilmOrder, teller: &work::Teller| share::timeline(&found, &wanted, teller);
        let (mut order, timeline) = work::off_the_executor(order, context, find).await?;
        if timeline.is_none() {
            order.speech = speak(&order.script, &order.scenes, context).await?.scenes;
        }
        let make = move |order: &FilmOrder, teller: &work::Teller| share::make(order, &own, timeline, teller, teller);
        work::off_the_executor(order, context, make).await.map(|_| ())
    }
}

impl Render {
    /// The film with its order and voice. One that comes out faulty is made once more, of nothing that was kept.
    async fn filmed(
        &self,
        script: Script,
        scenes: Scenes,
        context: &Context<'_>,
    ) -> Result<(FilmOrder, Made, VoiceInfo), StageError> {
        let mut told = speak(&script, &scenes, context).await?;
        let order = self.order(script, scenes, std::mem::take(&mut told.scenes), context)?;
        let first = |order: &FilmOrder, teller: &work::Teller| mend::make(order, false, teller, teller);
        let (mut order, made) = work::off_the_executor(order, context, first).await?;
        let fault = match made {
            Ok(made) => return Ok((order, made, told.voice)),
            Err(fault) => fault,
        };
        let why = fault.to_string();
        context.progress.note(&format!("made once more, of nothing kept: {}", why.lines().next().unwrap_or_default()));
        if fault.is_heard() {
            told = speak_anew(&order.script, &order.scenes, context).await?;
            order.speech = std::mem::take(&mut told.scenes);
        }
        let again = |order: &FilmOrder, teller: &work::Teller| mend::make(order, true, teller, teller);
        let (order, made) = work::off_the_executor(order, context, again).await?;
        made.map(|made| (order, made, told.voice)).map_err(|fault| studio_error(&fault))
    }

    fn order(
        &self,
        script: Script,
        scenes: Scenes,
        speech: Vec<Vec<Spoken>>,
        context: &Context<'_>,
    ) -> Result<FilmOrder, StageError> {
        let pictures = Pictures::unpack(context.pictures).map_err(|error| studio_error(&error))?;
        Ok(FilmOrder {
            scenes,
            script,
            speech,
            look: context.order.channel.look.clone(),
            brand: context.order.channel.name.clone(),
            format: context.order.format,
            burn_captions: context.order.burn_captions,
            music: context.order.channel.episode.music.then_some(context.order.seed),
            least_ms: context.policy.episode.runtime_seconds.0 * 1000,
            most_ms: context.policy.episode.runtime_seconds.1 * 1000,
            fonts: self.fonts.clone(),
            tools: self.tools.clone(),
            folder: context.scratch.to_owned(),
            workers: self.workers,
            pictures,
        })
    }
}

/// The script, when it may be rendered and published: what cannot be is found before the long work, not after it.
fn publishable(input: &RenderInput, context: &Context<'_>) -> Result<Script, StageError> {
    let script = admitted(input, context)?;
    let credits = metadata::credits(&input.scenes, context.order);
    let most = context.policy.episode.description_bytes;
    let sources = metadata::shown(&input.brief.sources, &input.scenes);
    metadata::description(&script, &sources, (&[], &credits), most)?;
    Ok(script)
}

/// What follows from a media check that found something which no other rendering mends.
fn ordered(order: MediaOrder, film: Film) -> Outcome<Film> {
    let findings = film.media.iter().flat_map(|media| &media.findings);
    let reasons: Vec<String> =
        findings.filter(|finding| finding.order == order).map(|finding| format!("media check: {finding}")).collect();
    match order {
        MediaOrder::Rewrite { stage } => Outcome::Rewrite { stage, reasons, report: film },
        MediaOrder::Rerender | MediaOrder::Hold => Outcome::Hold(reasons.join("; ")),
    }
}

/// The script, when it may be rendered.
fn admitted(input: &RenderInput, context: &Context<'_>) -> Result<Script, StageError> {
    let script: Script = serde_json::from_value(input.script.clone()).map_err(|error| {
        StageError::refused(
            format!("the script cannot be read: {error}"),
            "the artifact is from another version: start a new run",
        )
    })?;
    if context.order.draft || script.draft {
        return Err(StageError::refused(
            "the episode is a draft, which is never rendered",
            "run `proofreel produce` for an episode that goes through all stages",
        ));
    }
    if input.qa.verdict != Decision::Pass {
        return Err(StageError::refused(
            "QA did not pass the episode",
            "read qa.json: it names the scene, the stage at fault and what to change",
        ));
    }
    let bytes = canonical_json(&input.script)
        .map_err(|error| StageError::Failed(format!("the script cannot be written as JSON: {error}")))?;
    if Digest::of(&bytes) != input.qa.script_digest {
        return Err(StageError::refused(
            "the script is not the one that QA judged",
            "run QA again: `proofreel produce --resume RUN`",
        ));
    }
    let same =
        script.scenes.iter().map(|scene| &scene.scene_id).eq(input.scenes.scenes.iter().map(|scene| &scene.scene_id));
    if !same {
        return Err(StageError::refused(
            "script and scenes do not have the same scenes in the same order",
            "the artifacts belong to different visits: start a new run",
        ));
    }
    Ok(script)
}

/// What the studio says, as what the driver understands.
fn studio_error(error: &StudioError) -> StageError {
    if error.is_retryable() { StageError::Failed(error.to_string()) } else { refusal(&error.to_string()) }
}

/// A refusal from a message that ends in its own hint.
fn refusal(message: &str) -> StageError {
    let (what, hint) =
        message.split_once("\n  hint: ").unwrap_or((message, "correct what is named and resume the run"));
    StageError::refused(what, hint)
}

/// The artifact.
fn film(
    order: &FilmOrder,
    made: &Made,
    (sources, voice): (&[Source], &VoiceInfo),
    context: &Context<'_>,
) -> Result<Film, StageError> {
    let mut files = Vec::new();
    for file in &made.files {
        let read = Digest::of_file(&file.path).and_then(|digest| Ok((digest, file.path.metadata()?.len())));
        let (digest, bytes) =
            read.map_err(|error| StageError::Failed(format!("{} cannot be read again: {error}", file.path.display())))?;
        files.push(FilmFile { name: file.name.clone(), media_type: file.media_type.clone(), digest, bytes });
    }
    let timeline = made.timeline.timings();
    Ok(Film {
        schema_version: proofreel_model::schema_version(),
        format: order.format,
        duration_ms: made.timeline.duration_ms(),
        voice: format!("{} ({})", voice.name, voice.engine),
        words: made.timeline.words(),
        metadata: metadata::write(&order.script, &order.scenes, (sources, &timeline), voice.quality, context)?,
        timeline,
        files,
        check: (&made.media).into(),
        media: Some(made.media.clone()),
    })
}

#[cfg(test)]
mod tests;
