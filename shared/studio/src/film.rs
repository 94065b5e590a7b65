//! The whole way: from spoken sentences to a film, its captions and its thumbnails.

use std::path::{Path, PathBuf};

use proofreel_model::channel::Look;
use proofreel_model::digest::{Digest, Digester};
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::media::{MediaOrder, MediaReport};
use proofreel_model::policy::law;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;

use crate::captions::{self, Cue};
use crate::cut::Cut;
use crate::encoder::{Watch, remove};
use crate::error::StudioError;
use crate::media::{self, Expectation, Heard, Known};
use crate::photo::Pictures;
use crate::reel::Material;
use crate::segment::{Bench, FilmFound, Toolchain, find_all, plan, render_all};
use crate::shelf::{Shelf, note, read_note};
use crate::sound;
use crate::text::{FontFiles, Typesetter};
use crate::theme::Theme;
use crate::thumbnail;
use crate::timeline::{Pacing, Take, Timeline, tokens};
use crate::tools::Tools;
use crate::{kept, keys, mend, mp4};

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
    /// Decides the music under the voice; none for no music.
    pub music: Option<u64>,
    /// Stock pictures that scenes name.
    pub pictures: Pictures,
    /// Least length, milliseconds.
    pub least_ms: u32,
    /// Greatest length, milliseconds: a longer film is not drawn.
    pub most_ms: u32,
    /// Fonts.
    pub fonts: FontFiles,
    /// Encoder and prober.
    pub tools: Tools,
    /// Where the files go; exists.
    pub folder: PathBuf,
    /// Segments drawn and encoded at the same time.
    pub workers: usize,
}

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// Name, for example `video.mp4`.
    pub name: String,
    /// MIME type.
    pub media_type: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// When everything happens.
    pub timeline: Timeline,
    /// What the media check measured. Technical faults are an error; what is left is for an earlier stage or a person. A film
    /// that is too long has no files: it is not drawn.
    pub media: MediaReport,
    /// Film, captions, thumbnails.
    pub files: Vec<MadeFile>,
    /// Segments of the film, and how many of them were made now and not found on the shelf.
    pub segments: (usize, usize),
}

/// Told how far the work is.
pub trait Progress: Watch {
    /// A step begins, with so many units.
    fn begin(&self, what: &str, total: u64);
    /// The step is over.
    fn end(&self);
}

/// Makes a film, with parts from the shelf where it has them. Refuses to give one that is out of specification;
/// [`mend::make`] then makes it once more.
pub fn make(order: &FilmOrder, shelf: &dyn Shelf, progress: &(dyn Progress + Sync)) -> Result<Made, StudioError> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    let toolchain = Toolchain::of(&order.tools, &order.fonts, &theme)?;
    let speech = digests(&order.speech);
    let film = kept::key(order, &toolchain, &speech)?;
    if let Some(made) = kept::fetch(&film, &order.folder, shelf)? {
        return Ok(made);
    }
    // Everything that can be missing or refused is asked for before the long work.
    let thumbnails = thumbnails(order, &toolchain, &theme, shelf)?;
    let timeline = place(order)?;
    if let Some(finding) = media::too_long(timeline.frames(), timeline.words().len(), order.most_ms) {
        // Of a film that will not go out nothing is drawn, and nothing is kept.
        let media = MediaReport { findings: vec![finding], ..MediaReport::default() };
        return Ok(Made { timeline, media, files: Vec::new(), segments: (0, 0) });
    }
    let cues = captions::cues(&order.script, &timeline);

    let material = order.material(&timeline, &theme, &cues);
    let cuts = Cut::all(&material)?;
    let segments = plan(&cuts, &toolchain)?;
    progress.begin("render", u64::from(timeline.frames()));
    let bench = Bench { tools: &order.tools, fonts: &order.fonts, theme: &theme, cuts: &cuts };
    let sound = order.folder.join("sound.aac");
    // Mastering is the work of one thread: beside the drawing no processor waits for it.
    let (heard, drawn) = beside(
        || master(order, (&toolchain, &speech), &timeline, shelf, &sound),
        || render_all(&bench, &segments, &order.folder, order.workers, shelf, progress),
    );
    let (mastered, (pieces, drawn)) = (heard?, drawn?);
    progress.end();

    let video = order.folder.join("video.mp4");
    mp4::join(&pieces, &sound, &video)?;
    progress.begin("check", 0);
    let found = find_all(&bench, &segments, &pieces, order.workers, shelf)?;
    let found = FilmFound::of(found, &segments, material);
    for part in pieces.iter().chain([&sound]) {
        remove(part)?;
    }
    let mut media = inspect(order, material, &video, &found, &mastered.heard)?;
    media.voice.speech_over_bed_db = mastered.speech_over_bed;
    progress.end();
    let mut files = vec![MadeFile { name: "video.mp4".into(), media_type: "video/mp4".into(), path: video }];
    files.push(write(&order.folder, "captions.srt", "application/x-subrip", captions::srt(&cues).as_bytes())?);
    files.push(write(&order.folder, "captions.vtt", "text/vtt", captions::vtt(&cues).as_bytes())?);
    if theme.karaoke {
        let text = captions::vtt_words(&cues, &captions::spoken(&cues, &timeline));
        files.push(write(&order.folder, "captions-words.vtt", "text/vtt", text.as_bytes())?);
    }
    for (n, png) in thumbnails.iter().enumerate() {
        files.push(write(&order.folder, &format!("thumbnail-{}.png", n + 1), "image/png", png)?);
    }
    let made = Made { timeline, media, files, segments: (segments.len(), drawn) };
    kept::keep(&film, &made, &order.folder, shelf)?;
    mend::over(&film, shelf)?;
    Ok(made)
}

/// The film's thumbnails as PNG: from the shelf when it has them.
fn thumbnails(
    order: &FilmOrder,
    toolchain: &Toolchain,
    theme: &Theme,
    shelf: &dyn Shelf,
) -> Result<Vec<Vec<u8>>, StudioError> {
    let variants = &order.script.thumbnails;
    // As debugging text: whatever a palette comes to hold is in it.
    let key = keys::of("thumbnails", &(variants, format!("{:?}", theme.palette), &toolchain.fonts))?;
    let file = order.folder.join("thumbnails.note");
    let kept = shelf.fetch(&key, &file).then(|| std::fs::read(&file).ok()).flatten();
    if let Some(drawn) = kept.and_then(|bytes| parted(&bytes)).filter(|drawn| drawn.len() == variants.len()) {
        remove(&file)?;
        return Ok(drawn);
    }
    let drawn = thumbnail::draw_all(variants, &theme.palette, &mut Typesetter::new(&order.fonts)?)?;
    let lengths: Vec<usize> = drawn.iter().map(Vec::len).collect();
    let bytes = note(&lengths, &drawn.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    std::fs::write(&file, bytes).map_err(|error| StudioError::io(format!("writing {}", file.display()), error))?;
    shelf.keep(&key, &file);
    remove(&file)?;
    Ok(drawn)
}

/// Some files that were kept as one; `None` when they are not all there.
fn parted(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (lengths, mut rest) = read_note::<Vec<usize>>(bytes)?;
    let mut take = |length| {
        let (own, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(own.to_vec())
    };
    lengths.into_iter().map(&mut take).collect()
}

/// Does one thing on a thread of its own while another is done, and waits for both.
fn beside<A: Send, B>(
    aside: impl FnOnce() -> Result<A, StudioError> + Send,
    here: impl FnOnce() -> Result<B, StudioError>,
) -> (Result<A, StudioError>, Result<B, StudioError>) {
    std::thread::scope(|scope| {
        let aside = scope.spawn(aside);
        let here = here();
        let failed =
            || StudioError::BadScene { scene: "film".into(), why: "a thread beside the drawing failed".into() };
        (aside.join().unwrap_or_else(|_| Err(failed())), here)
    })
}

/// A film's sound as it was made.
struct Mastered {
    /// What is heard in it.
    heard: Heard,
    /// How far the voice lies above the music, decibels.
    speech_over_bed: Option<f64>,
}

/// Puts the film's sound, mastered and encoded, at `to`: scene by scene, from the shelf where it has them.
fn master(
    order: &FilmOrder,
    (toolchain, speech): (&Toolchain, &[Digest]),
    timeline: &Timeline,
    shelf: &dyn Shelf,
    to: &Path,
) -> Result<Mastered, StudioError> {
    let score = sound::Score::of(timeline, &order.scenes, &order.script, order.music);
    let (mut keys, mut pieces, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let note = to.with_extension("piece");
    for (n, ((passage, spoken), digest)) in score.passages().zip(&order.speech).zip(speech).enumerate() {
        // As debugging text: whatever a passage comes to hold is in it.
        let essence = (&toolchain.ffmpeg, digest, format!("{passage:?}"), format!("{:?}", law().media));
        let key = keys::of("sound", &essence)?;
        let kept = shelf.fetch(&key, &note).then(|| std::fs::read(&note).ok()).flatten();
        let piece = kept.and_then(|bytes| sound::Piece::from_bytes(&bytes));
        if piece.is_none() {
            missing.push((n, sound::Wanted { passage, spoken }));
        }
        keys.push(key);
        pieces.push(piece);
    }
    let wanted: Vec<sound::Wanted<'_>> = missing.iter().map(|(_, wanted)| *wanted).collect();
    for ((n, _), piece) in missing.iter().zip(sound::master(&order.tools, &wanted, &order.folder)?) {
        let bytes = piece.to_bytes()?;
        std::fs::write(&note, bytes).map_err(|error| StudioError::io(format!("writing {}", note.display()), error))?;
        shelf.keep(&keys[*n], &note);
        pieces[*n] = Some(piece);
    }
    remove(&note)?;
    let pieces: Vec<sound::Piece> = pieces.into_iter().flatten().collect();
    Ok(Mastered { heard: sound::join(&pieces, to)?, speech_over_bed: sound::speech_over_bed(&pieces) })
}

/// The media check of a film that was just made.
fn inspect(
    order: &FilmOrder,
    material: Material<'_>,
    video: &Path,
    found: &FilmFound<'_>,
    heard: &Heard,
) -> Result<MediaReport, StudioError> {
    let policy = &law().media;
    let (scenes, words) = (material.timeline.timings(), material.timeline.words());
    let expected = Expectation {
        size: order.format.size(),
        frames: material.timeline.frames(),
        scenes: &scenes,
        words: &words,
        cues: material.captions,
        drawn: &found.small,
        policy,
    };
    let known = Known { decoded: Some(&found.decoded), heard: Some(heard), watch: None };
    let mut report = media::check(&order.tools, video, &expected, known)?;
    let theme = material.theme;
    let least = law().episode.least_text * theme.width.min(theme.height) as f32;
    let sheet = media::drawn::Sheet { safe: theme.safe, least, brand: &theme.brand };
    media::drawn::look(&found.seen, sheet, &policy.drawing, &mut report);
    if report.order() == Some(MediaOrder::Rerender) {
        return Err(StudioError::Faulty(report.findings));
    }
    Ok(report)
}

impl FilmOrder {
    /// What its frames are drawn from.
    pub(crate) fn material<'a>(
        &'a self,
        timeline: &'a Timeline,
        theme: &'a Theme,
        captions: &'a [Cue],
    ) -> Material<'a> {
        Material { scenes: &self.scenes, script: &self.script, timeline, theme, captions, pictures: &self.pictures }
    }

    pub(crate) fn pacing(&self) -> Pacing {
        Pacing { least_ms: self.least_ms, ..Pacing::default() }
    }
}

/// The digest of all that was spoken in each scene, samples and words.
pub(crate) fn digests(speech: &[Vec<Spoken>]) -> Vec<Digest> {
    speech.iter().map(|scene| digest_of(scene)).collect()
}

fn digest_of(scene: &[Spoken]) -> Digest {
    let (mut digester, mut bytes) = (Digester::default(), Vec::new());
    for spoken in scene {
        let Spoken { sample_rate, samples, words } = spoken;
        // The count of samples parts them from what follows.
        digester.take(format!("{sample_rate} {} {words:?}\n", samples.len()).as_bytes());
        for samples in samples.chunks(1 << 15) {
            bytes.resize(samples.len() * 2, 0);
            for (to, sample) in bytes.chunks_exact_mut(2).zip(samples) {
                to.copy_from_slice(&sample.to_le_bytes());
            }
            digester.take(&bytes);
        }
    }
    digester.finish()
}

fn write(folder: &Path, name: &str, media_type: &str, bytes: &[u8]) -> Result<MadeFile, StudioError> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|error| StudioError::io(format!("writing {}", path.display()), error))?;
    Ok(MadeFile { name: name.to_owned(), media_type: media_type.to_owned(), path })
}

/// Checks the speech against the script and lays it out in time.
pub(crate) fn place(order: &FilmOrder) -> Result<Timeline, StudioError> {
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
                length: sound::resampled(spoken.samples.len(), spoken.sample_rate)?,
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
    let pacing = order.pacing();
    let behind = pacing.behind(order.scenes.scenes.iter().map(|scene| scene.narrative_role));
    Timeline::lay_turning(&laid, &behind, &pacing)
}
