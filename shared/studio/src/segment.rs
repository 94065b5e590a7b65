//! Segments: pieces of cuts, drawn and encoded side by side, each into a video-only file that can be joined to others.

mod found;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use proofreel_model::digest::Digest;
use serde::Serialize;

use crate::cut::{Cut, GROUP, pieces};
use crate::encoder::{Encoding, Watch, encode, parameters};
use crate::error::StudioError;
use crate::keys;
use crate::media::small_size;
use crate::reel::Reel;
use crate::shelf::Shelf;
use crate::text::{FontFiles, Typesetter};
use crate::theme::Theme;
use crate::tools::Tools;

pub use found::{FilmFound, Found, find_all};

/// A piece of a cut and what it is named by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Which cut.
    pub cut: usize,
    /// Frames of the cut.
    pub frames: Range<u32>,
    /// Names the encoded file: the same key, the same bytes.
    pub key: Digest,
}

impl Segment {
    /// Its length, frames.
    pub fn length(&self) -> u32 {
        self.frames.end - self.frames.start
    }
}

/// What segments are made with.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    /// Encoder.
    pub tools: &'a Tools,
    /// Fonts.
    pub fonts: &'a FontFiles,
    /// The look.
    pub theme: &'a Theme,
    /// The film's cuts.
    pub cuts: &'a [Cut],
}

impl<'a> Bench<'a> {
    /// The cut of a segment.
    fn cut(&self, segment: &Segment) -> Result<&'a Cut, StudioError> {
        let missing = || StudioError::BadScene { scene: "film".into(), why: "a segment of no scene".into() };
        self.cuts.get(segment.cut).ok_or_else(missing)
    }

    /// Cells of a frame in small.
    fn cells(&self) -> usize {
        let (width, height) = small_size((self.theme.width, self.theme.height));
        (width * height) as usize
    }
}

/// The toolchain outside this program, and the digests that every segment's key shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Toolchain {
    /// All that `ffmpeg -version` prints.
    pub ffmpeg: String,
    /// Contents of the font files.
    pub fonts: Digest,
    /// Look, format and brand.
    pub theme: Digest,
}

impl Toolchain {
    /// Asks the machine.
    pub fn of(tools: &Tools, fonts: &FontFiles, theme: &Theme) -> Result<Self, StudioError> {
        Ok(Self {
            ffmpeg: tools.versions()?,
            fonts: keys::of_files(&fonts.files())?,
            // Debugging text holds every member that the theme has or will have.
            theme: keys::of("theme", &format!("{theme:?}"))?,
        })
    }
}

#[derive(Serialize)]
struct Essence<'a> {
    scene: Digest,
    frames: &'a Range<u32>,
    encoder: &'a [String],
    group: u32,
    ffmpeg: &'a str,
}

/// The segments of a film in playing order.
pub fn plan(cuts: &[Cut], toolchain: &Toolchain) -> Result<Vec<Segment>, StudioError> {
    let (parameters, mut out) = (parameters(), Vec::new());
    for (n, cut) in cuts.iter().enumerate() {
        let scene = cut.key(&toolchain.theme, &toolchain.fonts)?;
        for frames in pieces(cut.frames()) {
            let essence = Essence {
                scene: scene.clone(),
                frames: &frames,
                encoder: &parameters,
                group: GROUP,
                ffmpeg: &toolchain.ffmpeg,
            };
            let key = keys::of("segment", &essence)?;
            out.push(Segment { cut: n, frames, key });
        }
    }
    Ok(out)
}

/// Draws and encodes one segment into a file. A file that is there is whole: it gets its name when it is finished.
pub fn render(bench: &Bench<'_>, segment: &Segment, to: &Path, watch: &dyn Watch) -> Result<(), StudioError> {
    let job =
        Encoding { width: bench.theme.width, height: bench.theme.height, frames: segment.length(), to: to.to_owned() };
    let cut = bench.cut(segment)?;
    encode(bench.tools, &job, watch, |outlet| {
        let mut reel = Reel::of_cut(cut, bench.theme, Typesetter::new(bench.fonts)?)?;
        for frame in segment.frames.clone() {
            let frame = reel.frame_yuv(frame)?;
            if !outlet.give(&frame.data, &frame.changed) {
                break;
            }
        }
        Ok(())
    })
}

/// Counts the frames of all workers and stops them all when one fails or the caller has had enough.
struct Shared<'a> {
    watch: &'a (dyn Watch + Sync),
    /// One at a time, so that the caller hears numbers that grow.
    done: Mutex<u32>,
    stop: AtomicBool,
}

struct Counted<'a, 'b> {
    shared: &'a Shared<'b>,
    before: AtomicU32,
}

impl Watch for Counted<'_, '_> {
    fn frame(&self, done: u32) -> bool {
        let new = done - self.before.swap(done, Ordering::Relaxed);
        let mut all = self.shared.done.lock().unwrap_or_else(PoisonError::into_inner);
        *all += new;
        if !self.shared.watch.frame(*all) {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
        !self.shared.stop.load(Ordering::Relaxed)
    }
}

/// The files of all segments in their order: fetched from the shelf where it has them, else made by `workers` threads
/// and kept there. Returns how many were made.
pub fn render_all(
    bench: &Bench<'_>,
    segments: &[Segment],
    folder: &Path,
    workers: usize,
    shelf: &dyn Shelf,
    watch: &(dyn Watch + Sync),
) -> Result<(Vec<PathBuf>, usize), StudioError> {
    let files: Vec<PathBuf> = (0..segments.len()).map(|n| folder.join(format!("segment-{n:04}.mp4"))).collect();
    let mut missing: Vec<usize> = (0..segments.len()).filter(|n| !shelf.fetch(&segments[*n].key, &files[*n])).collect();
    // The longest first: the last ones to be taken are then short, and no worker is left alone for long.
    missing.sort_by_key(|n| (std::cmp::Reverse(segments[*n].length()), *n));
    let there: u32 = (0..segments.len()).filter(|n| !missing.contains(n)).map(|n| segments[n].length()).sum();
    let shared = Shared { watch, done: Mutex::new(there), stop: AtomicBool::new(false) };
    if there > 0 && !watch.frame(there) {
        return Err(StudioError::Stopped);
    }
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), StudioError> {
        while !shared.stop.load(Ordering::Relaxed)
            && let Some(n) = missing.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let counted = Counted { shared: &shared, before: AtomicU32::new(0) };
            render(bench, &segments[*n], &files[*n], &counted)?;
            shelf.keep(&segments[*n].key, &files[*n]);
        }
        Ok(())
    };
    let ends: Vec<Result<(), StudioError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.clamp(1, missing.len().max(1)))
            .map(|_| {
                scope.spawn(|| {
                    let end = work();
                    if end.is_err() {
                        shared.stop.store(true, Ordering::Relaxed);
                    }
                    end
                })
            })
            .collect();
        let failed = || StudioError::BadScene { scene: "?".into(), why: "the drawing thread failed".into() };
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(failed()))).collect()
    });
    // One worker's fault stops the others; the fault is what is told, not the stopping.
    let (stopped, faults): (Vec<_>, Vec<_>) =
        ends.into_iter().filter_map(Result::err).partition(|error| matches!(error, StudioError::Stopped));
    if let Some(error) = faults.into_iter().chain(stopped).next() {
        return Err(error);
    }
    if shared.stop.load(Ordering::Relaxed) {
        return Err(StudioError::Stopped);
    }
    Ok((files, missing.len()))
}

/// Most workers by default: an encoder of full HD takes about 210 MB, whatever it encodes.
const USUAL_WORKERS: usize = 4;

/// Workers for this machine: one for each processor, within bounds of memory.
pub fn usual_workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(USUAL_WORKERS)
}

#[cfg(test)]
mod tests;
