//! The media check: the finished film against what it must be. Every frame of it is decoded once: with the segment it was made in where the
//! film holds that segment's packets, else with the film.
//!
//! [`check`] looks at the file; the functions in [`words`] and [`drawn`] are pure, so that captions and texts can be
//! checked wherever they are known. A film that is wrong gives a report with findings, not an error: errors are for
//! programs and disks.

mod decoded;
pub mod drawn;
mod heard;
pub(crate) mod packets;
mod picture;
mod redraw;
mod shown;
mod small;
mod sound;
mod streams;
pub mod words;

#[cfg(test)]
mod tests;

pub use decoded::{Coded, Decoded};
pub use heard::{Heard, HeardPart};
pub(crate) use packets::line as packet_line;
pub use redraw::{Redrawn, Texts, redraw, redrawn};
pub use shown::{Blank, Shown, Watcher};
pub use small::{Small, small, small_size};

use std::borrow::Cow;
use std::path::Path;

use proofreel_model::film::{SceneTiming, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::media::{MediaCode, MediaFinding, MediaOrder, MediaReport};
use proofreel_model::policy::Media;

use crate::FPS;
use crate::captions::Cue;
use crate::error::StudioError;
use crate::tools::Tools;

/// What a film must be.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// Width and height, pixels.
    pub size: (u32, u32),
    /// Frames.
    pub frames: u32,
    /// Scenes in film time.
    pub scenes: &'a [SceneTiming],
    /// Words in film time.
    pub words: &'a [TimedWord],
    /// Captions.
    pub cues: &'a [Cue],
    /// Frames as they were drawn, in small; in order. May be empty.
    pub drawn: &'a [Small],
    /// Bounds.
    pub policy: &'a Media,
}

impl Expectation<'_> {
    /// Length, seconds.
    pub fn seconds(&self) -> f64 {
        f64::from(self.frames) / f64::from(FPS)
    }

    /// The scene at a time.
    pub fn scene_at(&self, ms: u32) -> Option<SceneId> {
        let scene = self.scenes.iter().find(|scene| (scene.start_ms..scene.end_ms).contains(&ms));
        scene.or(self.scenes.last()).map(|scene| scene.scene_id.clone())
    }
}

/// A finding that another rendering may mend.
fn fault(code: MediaCode, detail: impl Into<String>, measured: impl ToString, bound: impl ToString) -> MediaFinding {
    MediaFinding {
        code,
        scene_id: None,
        at_ms: None,
        measured: measured.to_string(),
        bound: bound.to_string(),
        detail: detail.into(),
        order: MediaOrder::Rerender,
    }
}

/// The finding at a time of the film.
fn at(mut finding: MediaFinding, ms: u32, expected: &Expectation<'_>) -> MediaFinding {
    finding.at_ms = Some(ms);
    finding.scene_id = expected.scene_at(ms);
    finding
}

/// The finding of a film of so many frames and words that is longer than `most_ms` milliseconds; none of another. It needs no
/// picture: how long a film is, is known once it is spoken.
pub fn too_long(frames: u32, words: usize, most_ms: u32) -> Option<MediaFinding> {
    let (ms, most) = (u64::from(frames) * 1000 / u64::from(FPS), u64::from(most_ms));
    (ms > most).then(|| MediaFinding::too_long(f64::from(frames) / f64::from(FPS), words, most_ms / 1000))
}

/// What was found of parts of a film when they were made. It counts when the film holds their very packets.
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// Its segments, decoded.
    pub decoded: Option<&'a Decoded>,
    /// Its sound, heard.
    pub heard: Option<&'a Heard>,
    /// Told how many frames are decoded, where they are.
    pub watch: Option<&'a (dyn Fn(u32) + Sync)>,
}

/// Probes and decodes the film, and measures it. What it finds wrong stands in the report. What is `known` of the very
/// packets that the film holds is not found out once more.
///
/// # Errors
/// A program that is missing, hangs or meets a full disk. A file that cannot be decoded is a finding.
pub fn check(
    tools: &Tools,
    film: &Path,
    expected: &Expectation<'_>,
    known: Known<'_>,
) -> Result<MediaReport, StudioError> {
    let mut report = MediaReport::default();
    let seconds = expected.seconds();
    match unless_broken(tools.probe(film, seconds))? {
        Ok(probed) => streams::look(&probed, packets::times(film), expected, &mut report),
        Err(why) => {
            report.findings.push(fault(MediaCode::Unreadable, why, "an error", "readable"));
            words::captions(expected, &mut report);
            return Ok(report);
        }
    }
    if report.streams.video_codec.is_empty() || report.streams.audio_codec.is_empty() {
        words::captions(expected, &mut report);
        return Ok(report);
    }
    // Picture and sound are decoded side by side: two programs, two cores.
    let (shown, heard) = std::thread::scope(|scope| {
        let heard = scope.spawn(|| match known.heard.filter(|heard| heard.is_all_of(film)) {
            Some(heard) => Ok(Cow::Borrowed(heard)),
            None => Heard::of(tools, film, seconds).map(Cow::Owned),
        });
        let shown = match known.decoded.filter(|decoded| decoded.is_all_of(film)) {
            Some(decoded) => Ok(Cow::Borrowed(&decoded.shown)),
            None => watch(tools, film, expected, known.watch).map(Cow::Owned),
        };
        (shown, heard.join())
    });
    match unless_broken(shown)? {
        Ok(shown) => picture::look(&shown, expected, &mut report),
        Err(why) => report.findings.push(fault(MediaCode::Unreadable, why, "an error", "every frame decodes")),
    }
    let heard = heard.map_err(|_| StudioError::BadSound("the decoding thread failed".into()))?;
    match unless_broken(heard)? {
        Ok(heard) => sound::look(&heard, expected, &mut report),
        Err(why) => report.findings.push(fault(MediaCode::Unreadable, why, "an error", "every sample decodes")),
    }
    words::captions(expected, &mut report);
    Ok(report)
}

/// Decodes the picture of a film from its first frame to its last.
fn watch(
    tools: &Tools,
    film: &Path,
    expected: &Expectation<'_>,
    told: Option<&(dyn Fn(u32) + Sync)>,
) -> Result<Shown, StudioError> {
    let (size, wanted) =
        (small_size(expected.size), expected.drawn.iter().map(|drawn| drawn.frame).collect::<Vec<_>>());
    let mut watcher = Watcher::new((size.0 * size.1) as usize, &wanted, &expected.policy.frames);
    tools.decode_small(film, false, size, expected.seconds(), |part| {
        watcher.take(part);
        if let Some(told) = told {
            told(watcher.frames());
        }
    })?;
    Ok(watcher.done())
}

/// Tells a file that a program cannot read, which is a finding, from trouble with the program or the machine.
fn unless_broken<T>(result: Result<T, StudioError>) -> Result<Result<T, String>, StudioError> {
    match result {
        Ok(given) => Ok(Ok(given)),
        Err(StudioError::ToolFailed { detail, .. }) => Ok(Err(detail)),
        // What the film holds too much of is a finding; what to do about it is the finding's to say.
        Err(StudioError::TooMuch { doing, bytes }) => Ok(Err(format!("{doing} gave more than {bytes} bytes"))),
        Err(error) => Err(error),
    }
}
