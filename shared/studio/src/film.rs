//! The whole way: from spoken sentences to a film, its captions and its thumbnails.

use std::path::{Path, PathBuf};

use proofreel_model::channel::Look;
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::media::{MediaOrder, MediaReport};
use proofreel_model::policy::law;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;

use crate::captions;
use crate::encoder::{Encoding, Watch, encode, remove};
use crate::error::StudioError;
use crate::media::{self, Expectation};
use crate::reel::{Material, Reel};
use crate::sound;
use crate::text::{FontFiles, Typesetter};
use crate::theme::Theme;
use crate::thumbnail;
use crate::timeline::{Pacing, Take, Timeline, tokens};
use crate::tools::Tools;

/// A sentence as a voice spoke it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// Samples a second.
    pub sample_rate: u32,
    /// Mono samples.
    pub samples: Vec<i16>,
    /// Every whitespace-separated word of the sentence, in order, with milliseconds from its start.
    pub words: Vec<TimedWord>,
}

/// What to make.
#[derive(Clone, Debug)]
pub struct FilmOrder {
    /// Scenes in playing order.
    pub scenes: Scenes,
    /// Script; the same scenes in the same order.
    pub script: Script,
    /// Spoken sentences by scene, as the script has them.
    pub speech: Vec<Vec<Spoken>>,
    /// The channel's colours.
    pub look: Look,
    /// The channel's name, at the foot of the pictures.
    pub brand: String,
    /// Picture format.
    pub format: Format,
    /// Burn captions in.
    pub burn_captions: bool,
    /// Least length, milliseconds.
    pub least_ms: u32,
    /// Fonts.
    pub fonts: FontFiles,
    /// Encoder and prober.
    pub tools: Tools,
    /// Where the files go; exists.
    pub folder: PathBuf,
}

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// Name, for example `video.mp4`.
    pub name: String,
    /// MIME type.
    pub media_type: &'static str,
    /// Where it lies.
    pub path: PathBuf,
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// When everything happens.
    pub timeline: Timeline,
    /// What the media check measured. Technical faults are an error; what is left is for an earlier stage or a person.
    pub media: MediaReport,
    /// Film, captions, thumbnails.
    pub files: Vec<MadeFile>,
}

/// Told how far the work is.
pub trait Progress: Watch {
    /// A step begins, with so many units.
    fn begin(&self, what: &str, total: u64);
    /// The step is over.
    fn end(&self);
}

/// Makes a film. Refuses to give one that is out of specification.
pub fn make(order: &FilmOrder, progress: &dyn Progress) -> Result<Made, StudioError> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    // Everything that can be missing is asked for before the long work.
    let type_ = Typesetter::new(&order.fonts)?;
    order.tools.version()?;
    let (timeline, takes) = place(order)?;
    let cues = captions::cues(&order.script, &timeline);

    progress.begin("sound", 0);
    let wav = order.folder.join("sound.wav");
    sound::master(&order.tools, &sound::lay(&timeline, &takes), &wav)?;
    drop(takes);
    progress.end();

    let video = order.folder.join("video.mp4");
    let encoding = Encoding {
        width: theme.width,
        height: theme.height,
        frames: timeline.frames(),
        wav: wav.clone(),
        to: video.clone(),
    };
    progress.begin("render", u64::from(timeline.frames()));
    let material =
        Material { scenes: &order.scenes, script: &order.script, timeline: &timeline, theme: &theme, captions: &cues };
    // The typesetter above showed that fonts are there; the drawing thread makes its own.
    drop(type_);
    encode(&order.tools, &encoding, progress, |outlet| {
        let mut reel = Reel::new(material, Typesetter::new(&order.fonts)?)?;
        for frame in 0..material.timeline.frames() {
            if !outlet.give(&reel.frame_yuv(frame)?.data) {
                break;
            }
        }
        Ok(())
    })?;
    remove(&wav)?;
    progress.end();

    progress.begin("check", 0);
    let media = inspect(order, material, &video)?;
    progress.end();
    let mut files = vec![MadeFile { name: "video.mp4".into(), media_type: "video/mp4", path: video }];
    files.push(write(&order.folder, "captions.srt", "application/x-subrip", captions::srt(&cues).as_bytes())?);
    files.push(write(&order.folder, "captions.vtt", "text/vtt", captions::vtt(&cues).as_bytes())?);
    if theme.karaoke {
        let text = captions::vtt_words(&cues, &captions::spoken(&cues, &timeline));
        files.push(write(&order.folder, "captions-words.vtt", "text/vtt", text.as_bytes())?);
    }
    let mut type_ = Typesetter::new(&order.fonts)?;
    for (n, variant) in order.script.thumbnails.iter().enumerate() {
        let png = thumbnail::draw(variant, &theme.palette, &mut type_)?;
        files.push(write(&order.folder, &format!("thumbnail-{}.png", n + 1), "image/png", &png)?);
    }
    Ok(Made { timeline, media, files })
}

/// The media check of a film that was just made.
fn inspect(order: &FilmOrder, material: Material<'_>, video: &Path) -> Result<MediaReport, StudioError> {
    let policy = &law().media;
    let type_ = Typesetter::new(&order.fonts)?;
    let redrawn = media::redraw(material, type_, policy.frames.compare_every_ms, policy.drawing.looked_at)?;
    let (scenes, words) = (material.timeline.timings(), material.timeline.words());
    let expected = Expectation {
        size: order.format.size(),
        frames: material.timeline.frames(),
        scenes: &scenes,
        words: &words,
        cues: material.captions,
        drawn: &redrawn.small,
        policy,
    };
    let mut report = media::check(&order.tools, video, &expected)?;
    let theme = material.theme;
    media::drawn::look(&redrawn.seen, theme.safe, &theme.brand, &policy.drawing, &mut report);
    if report.order() == Some(MediaOrder::Rerender) {
        return Err(StudioError::OutOfSpec(report.findings.iter().map(ToString::to_string).collect()));
    }
    Ok(report)
}

fn write(folder: &Path, name: &str, media_type: &'static str, bytes: &[u8]) -> Result<MadeFile, StudioError> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|error| StudioError::io(format!("writing {}", path.display()), error))?;
    Ok(MadeFile { name: name.to_owned(), media_type, path })
}

/// Checks the speech against the script, brings it to 48 kHz, and lays it out in time.
fn place(order: &FilmOrder) -> Result<(Timeline, Vec<Vec<Take>>), StudioError> {
    let bad = |what: String| Err(StudioError::BadSound(what));
    if order.speech.len() != order.script.scenes.len() {
        return bad(format!("{} scenes were spoken, the script has {}", order.speech.len(), order.script.scenes.len()));
    }
    let mut takes = Vec::new();
    for (scene, speech) in order.script.scenes.iter().zip(&order.speech) {
        if speech.len() != scene.narration.len() {
            return bad(format!(
                "scene {}: {} sentences were spoken, the script has {}",
                scene.scene_id,
                speech.len(),
                scene.narration.len()
            ));
        }
        let mut scene_takes = Vec::new();
        for (n, (sentence, spoken)) in scene.narration.iter().zip(speech).enumerate() {
            let said: Vec<String> = tokens(&sentence.text).into_iter().map(|token| token.text).collect();
            let heard: Vec<&String> = spoken.words.iter().map(|word| &word.text).collect();
            if said.iter().collect::<Vec<_>>() != heard {
                return bad(format!(
                    "scene {} sentence {}: the voice's words are not the script's",
                    scene.scene_id,
                    n + 1
                ));
            }
            if spoken.words.windows(2).any(|pair| pair[1].start_ms < pair[0].start_ms) {
                return bad(format!(
                    "scene {} sentence {}: the voice's words are not in order of time",
                    scene.scene_id,
                    n + 1
                ));
            }
            scene_takes.push(Take {
                samples: sound::resample(&spoken.samples, spoken.sample_rate)?,
                words: spoken.words.clone(),
            });
        }
        takes.push(scene_takes);
    }
    let laid: Vec<(SceneId, &[Take])> = order
        .script
        .scenes
        .iter()
        .zip(&takes)
        .map(|(scene, takes)| (scene.scene_id.clone(), takes.as_slice()))
        .collect();
    let timeline = Timeline::lay(&laid, &Pacing { least_ms: order.least_ms, ..Pacing::default() })?;
    Ok((timeline, takes))
}
