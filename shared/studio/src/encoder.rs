//! The encoder: frames piped to ffmpeg, which makes one video-only file with closed groups of pictures.

mod slots;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ChildStdin;

use proofreel_model::policy::{Encoder, law};

use crate::FPS;
use crate::cut::GROUP;
use crate::encoder::slots::{Rest, Slots};
use crate::error::StudioError;
use crate::tools::{Bounds, Partial, Running, Tools, common, failed, local, read_tail, size_limit};
use crate::yuv::Rows;

/// How every piece of every film is encoded: one set of parameters, so that pieces can be joined without encoding them
/// again. One thread each: the bytes do not depend on the machine, and a thread of one's own costs least. One quantiser
/// for all pictures: libx264 then needs no look at them in small, which costs more than half of the rest (ADR 0023).
pub fn parameters() -> Vec<String> {
    let Encoder { preset, quantiser } = law().media.encoder;
    ["-c:v", "libx264", "-preset", preset.name(), "-qp", &quantiser.to_string(), "-pix_fmt", "yuv420p"]
        .into_iter()
        .chain(["-threads", "1", "-flags:v", "+bitexact+cgop", "-fflags", "+bitexact", "-color_range", "tv"])
        .map(str::to_owned)
        .collect()
}
/// Ticks of a second in the files: a frame is a whole number of them.
const TIMESCALE: u32 = 512 * FPS;

/// What to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Width, pixels; even.
    pub width: u32,
    /// Height, pixels; even.
    pub height: u32,
    /// Number of frames.
    pub frames: u32,
    /// The MP4 file to write.
    pub to: PathBuf,
}

/// Told as frames go by; answers whether to go on.
pub trait Watch {
    /// `done` frames are encoded. False stops the work.
    fn frame(&self, done: u32) -> bool;
}

fn arguments(job: &Encoding, to: &Path, bounds: Bounds) -> Vec<OsString> {
    let mut args = common();
    let size = format!("{}x{}", job.width, job.height);
    let (rate, group, scale) = (FPS.to_string(), GROUP.to_string(), TIMESCALE.to_string());
    args.extend(
        ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &size, "-r", &rate, "-i", "pipe:0"].map(OsString::from),
    );
    args.extend(["-map", "0:v:0", "-map_metadata", "-1"].map(OsString::from));
    args.extend(parameters().into_iter().map(OsString::from));
    // The frames themselves say what they are: ffmpeg 8 goes by them and no longer by the encoder's options.
    args.extend(
        ["-vf", "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"].map(OsString::from),
    );
    args.extend(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"].map(OsString::from));
    args.extend(["-g", &group, "-video_track_timescale", &scale].map(OsString::from));
    args.extend(size_limit(bounds));
    args.extend(["-f", "mp4"].map(OsString::from));
    args.push(local(to));
    args
}

/// What the encoder is doing, for messages.
const DOING: &str = "encoding the film";

/// Encodes a piece of film; the file is whole under its name, or not there. `draw` is handed a way to give away each
/// frame (planar YUV 4:2:0 of the job's size), in order.
pub fn encode<D>(tools: &Tools, job: &Encoding, watch: &dyn Watch, draw: D) -> Result<(), StudioError>
where
    D: FnOnce(&mut Outlet<'_>) -> Result<(), StudioError>,
{
    let seconds = f64::from(job.frames) / f64::from(FPS);
    let (part, bounds) = (Partial::beside(&job.to)?, tools.bounds(seconds));
    let mut child = tools.start(&arguments(job, part.path(), bounds), DOING, seconds)?;
    let errors = child.stderr.take();
    std::thread::scope(|scope| {
        let tail = scope.spawn(move || errors.map(read_tail).unwrap_or_default());
        let pipe = pipe(&mut child);
        let slots = pipe.as_ref().and_then(|pipe| Slots::new(pipe, job.width, job.height));
        let mut outlet = Outlet { pipe, slots, watch, count: 0, end: None };
        let drawn = draw(&mut outlet);
        let Outlet { pipe, count, end, .. } = outlet;
        // The end of its input tells ffmpeg that the piece is complete; a piece that is not wanted is broken off.
        if drawn.is_err() || end.is_some() {
            // It may already have ended; what it said is told below.
            child.end();
        }
        drop(pipe);
        let status = child.wait();
        let printed = tail.join().unwrap_or_default();
        drawn?;
        if matches!(end, Some(End::Stopped)) {
            return Err(StudioError::Stopped);
        }
        let status = status?;
        // At the bound of size ffmpeg stops reading and calls that a success: the size tells first.
        part.within(DOING, bounds.bytes)?;
        if end.is_some() || !status.success() {
            return Err(failed(&tools.ffmpeg, DOING, &printed, &status.to_string()));
        }
        if count != job.frames {
            return Err(StudioError::OutOfSpec(vec![format!("{count} frames were drawn, {} expected", job.frames)]));
        }
        part.keep(DOING, bounds.bytes)
    })
}

/// The way into the encoder; as wide as an ordinary user may make it, so that a frame goes through in few turns.
fn pipe(child: &mut Running) -> Option<ChildStdin> {
    const WIDTH: usize = 1 << 20;
    let pipe = child.stdin.take()?;
    // Only speed depends on it.
    let _ = rustix::pipe::fcntl_setpipe_size(&pipe, WIDTH);
    Some(pipe)
}

/// Why frames are no longer taken.
enum End {
    /// The caller wants no more.
    Stopped,
    /// ffmpeg takes no more.
    Broken,
}

/// Where frames are handed to the encoder.
pub struct Outlet<'a> {
    pipe: Option<ChildStdin>,
    /// Where the machine can hand on pages.
    slots: Option<Slots>,
    watch: &'a dyn Watch,
    count: u32,
    end: Option<End>,
}

impl Outlet<'_> {
    /// Hands a frame on, which differs from the one before in these rows (all of them, when that is not known). False
    /// when nobody takes frames any more.
    pub fn give(&mut self, frame: &[u8], changed: &Rows) -> bool {
        if self.end.is_some() {
            return false;
        }
        if self.hand(frame, changed).is_err() {
            self.end = Some(End::Broken);
            return false;
        }
        self.count += 1;
        if !self.watch.frame(self.count) {
            self.end = Some(End::Stopped);
            return false;
        }
        true
    }

    fn hand(&mut self, frame: &[u8], changed: &Rows) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let from = match self.slots.as_mut().map(|slots| slots.give(&*pipe, frame, changed)) {
            Some(Ok(())) => return Ok(()),
            Some(Err(Rest { error, .. })) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            // Not every kernel hands on pages: what is left of the frame, and all that come, are written.
            Some(Err(Rest { from, .. })) => from,
            None => 0,
        };
        self.slots = None;
        pipe.write_all(&frame[from..])
    }
}

/// Watches nothing and never stops.
pub struct Unwatched;

impl Watch for Unwatched {
    fn frame(&self, _: u32) -> bool {
        true
    }
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> Result<(), StudioError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StudioError::io(format!("removing {}", path.display()), error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::policy::Limits;

    use super::*;

    fn job(folder: &Path, frames: u32) -> Encoding {
        Encoding { width: 64, height: 36, frames, to: folder.join("film.mp4") }
    }

    fn film(folder: &Path) -> Vec<u8> {
        let job = job(folder, 45);
        let mut grey = vec![128u8; 64 * 36 * 3 / 2];
        encode(&Tools::from_environment(), &job, &Unwatched, |outlet| {
            for n in 0..45u8 {
                grey[..64 * 36].fill(40 + n * 4);
                outlet.give(&grey, &Rows::whole(36));
            }
            Ok(())
        })
        .expect("encoded");
        std::fs::read(&job.to).expect("film")
    }

    #[test]
    fn the_same_frames_give_the_same_bytes() {
        let folders = [tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder")];
        let [first, second] = folders.each_ref().map(|folder| film(folder.path()));
        assert!(!first.is_empty() && first == second);
    }

    #[test]
    fn a_frame_too_few_is_an_error() {
        let folder = tempfile::tempdir().expect("folder");
        let frame = vec![128u8; 64 * 36 * 3 / 2];
        let result = encode(&Tools::from_environment(), &job(folder.path(), 3), &Unwatched, |outlet| {
            outlet.give(&frame, &Rows::whole(36));
            Ok(())
        });
        assert!(matches!(result, Err(StudioError::OutOfSpec(_))), "{result:?}");
    }

    #[test]
    fn what_ffmpeg_says_is_told() {
        let folder = tempfile::tempdir().expect("folder");
        let mut job = job(folder.path(), 30);
        job.to = folder.path().join("no/such/folder/film.mp4");
        let frame = vec![128u8; 64 * 36 * 3 / 2];
        let result = encode(&Tools::from_environment(), &job, &Unwatched, |outlet| {
            while outlet.give(&frame, &Rows::whole(36)) {}
            Ok(())
        });
        assert!(result.as_ref().is_err_and(|error| error.to_string().contains("No such file")), "{result:?}");
    }

    #[test]
    fn pictures_that_are_all_grain_come_to_the_bound_and_are_told_as_such() {
        let folder = tempfile::tempdir().expect("folder");
        let job = Encoding { width: 640, height: 360, frames: 90, to: folder.path().join("film.mp4") };
        let usual = Tools::from_environment();
        let limits = Limits { bytes: 300_000, bytes_per_film_second: 0, ..usual.limits };
        // Noise from a generator of congruences: every frame another.
        let (mut frame, mut seed) = (vec![0u8; 640 * 360 * 3 / 2], 1u32);
        let result = encode(&Tools { limits, ..usual }, &job, &Unwatched, |outlet| {
            for _ in 0..job.frames {
                for grey in &mut frame {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *grey = (seed >> 24) as u8;
                }
                if !outlet.give(&frame, &Rows::whole(job.height)) {
                    break;
                }
            }
            Ok(())
        });
        let error = result.expect_err("too much");
        assert!(matches!(error, StudioError::TooMuch { bytes: 300_000, .. }) && !error.is_retryable(), "{error}");
        assert!(error.to_string().contains("hint: choose another photograph"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    }

    #[test]
    fn a_watcher_can_stop_the_work() {
        struct Three;
        impl Watch for Three {
            fn frame(&self, done: u32) -> bool {
                done < 3
            }
        }
        let folder = tempfile::tempdir().expect("folder");
        let frame = vec![128u8; 64 * 36 * 3 / 2];
        let result = encode(&Tools::from_environment(), &job(folder.path(), 3000), &Three, |outlet| {
            while outlet.give(&frame, &Rows::whole(36)) {}
            Ok(())
        });
        assert!(matches!(result, Err(StudioError::Stopped)), "{result:?}");
    }
}
