//! The encoder: frames drawn on one thread, piped to ffmpeg on another.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use crate::FPS;
use crate::error::StudioError;
use crate::tools::{
    Bounds, Partial, Running, Tools, common, failed, local, read_tail, size_limit, sound_input, sound_output,
};

/// Threads of the H.264 encoder: fixed, so that the same frames give the same bytes on every machine.
const THREADS: &str = "4";
/// Frames drawn ahead of the encoder.
const AHEAD: usize = 6;

/// What to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Width, pixels; even.
    pub width: u32,
    /// Height, pixels; even.
    pub height: u32,
    /// Number of frames.
    pub frames: u32,
    /// The mastered sound, as long as the frames.
    pub wav: PathBuf,
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
    let rate = FPS.to_string();
    args.extend(
        ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &size, "-r", &rate, "-i", "pipe:0"].map(OsString::from),
    );
    args.extend(sound_input(&job.wav));
    args.extend(["-map", "0:v:0", "-map", "1:a:0", "-map_metadata", "-1"].map(OsString::from));
    args.extend(
        ["-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-pix_fmt", "yuv420p", "-threads", THREADS]
            .map(OsString::from),
    );
    args.extend(["-g", "150", "-flags:v", "+bitexact", "-color_range", "tv"].map(OsString::from));
    args.extend(["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"].map(OsString::from));
    args.extend(sound_output());
    args.extend(size_limit(bounds));
    args.extend(["-movflags", "+faststart", "-f", "mp4"].map(OsString::from));
    args.push(local(to));
    args
}

/// What the encoder is doing, for messages.
const DOING: &str = "encoding the film";

/// Encodes a film; the file is whole under its name, or not there. `draw` runs on a thread of its own and is handed a way to give away each frame (planar YUV 4:2:0 of
/// the job's size), in order.
pub fn encode<D>(tools: &Tools, job: &Encoding, watch: &dyn Watch, draw: D) -> Result<(), StudioError>
where
    D: FnOnce(&mut Outlet) -> Result<(), StudioError> + Send,
{
    let seconds = f64::from(job.frames) / f64::from(FPS);
    let (part, bounds) = (Partial::beside(&job.to)?, tools.bounds(seconds));
    let mut child = tools.start(&arguments(job, part.path(), bounds), DOING, seconds)?;
    let errors = child.stderr.take();
    let (full_out, full_in) = sync_channel::<Vec<u8>>(AHEAD);
    let (empty_out, empty_in) = channel::<Vec<u8>>();
    std::thread::scope(|scope| {
        let tail = scope.spawn(move || errors.map(read_tail).unwrap_or_default());
        let drawing = scope.spawn(move || draw(&mut Outlet { full: full_out, empty: empty_in }));
        let fed = feed(&mut child, &full_in, &empty_out, watch);
        // Dropping the receiver ends the drawing thread at its next frame.
        drop(full_in);
        if fed.is_err() {
            // It may already have ended; what it said is told below.
            child.end();
        }
        let status = child.wait();
        let printed = tail.join().unwrap_or_default();
        let drawn = drawing.join().unwrap_or_else(|_| {
            Err(StudioError::BadScene { scene: "?".into(), why: "the drawing thread failed".into() })
        });
        if matches!(fed, Err(Fed::Stopped)) {
            return Err(StudioError::Stopped);
        }
        let status = status?;
        match fed {
            Ok(count) => {
                drawn?;
                if !status.success() {
                    return Err(failed(&tools.ffmpeg, DOING, &printed, &status.to_string()));
                }
                if count != job.frames {
                    return Err(StudioError::OutOfSpec(vec![format!(
                        "{count} frames were drawn, {} expected",
                        job.frames
                    )]));
                }
                part.keep(DOING, bounds.bytes)
            }
            Err(_) => Err(failed(&tools.ffmpeg, DOING, &printed, &status.to_string())),
        }
    })
}

/// Why feeding ended early.
enum Fed {
    /// The caller wants no more.
    Stopped,
    /// ffmpeg takes no more.
    Broken,
}

fn feed(child: &mut Running, full: &Receiver<Vec<u8>>, empty: &Sender<Vec<u8>>, watch: &dyn Watch) -> Result<u32, Fed> {
    // Dropped at the end: end of input tells ffmpeg that the film is complete.
    let mut pipe = child.stdin.take().ok_or(Fed::Broken)?;
    let mut count = 0;
    for frame in full {
        pipe.write_all(&frame).map_err(|_| Fed::Broken)?;
        count += 1;
        // The drawing thread may be done; then nobody wants the buffer back.
        let _ = empty.send(frame);
        if !watch.frame(count) {
            return Err(Fed::Stopped);
        }
    }
    Ok(count)
}

/// Where the drawing thread hands its frames out.
pub struct Outlet {
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl Outlet {
    /// Hands a copy of a frame on; false when nobody takes frames any more.
    pub fn give(&mut self, frame: &[u8]) -> bool {
        let mut buffer = self.empty.try_recv().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(frame);
        self.full.send(buffer).is_ok()
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
    use super::*;
    use crate::sound::write_wav;

    fn job(folder: &Path, frames: u32) -> Encoding {
        let wav = folder.join("sound.wav");
        let samples: Vec<f32> = (0..frames * 1600).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        write_wav(&wav, &samples).expect("wav");
        Encoding { width: 64, height: 36, frames, wav, to: folder.join("film.mp4") }
    }

    fn film(folder: &Path) -> Vec<u8> {
        let job = job(folder, 45);
        let mut grey = vec![128u8; 64 * 36 * 3 / 2];
        encode(&Tools::from_environment(), &job, &Unwatched, |outlet| {
            for n in 0..45u8 {
                grey[..64 * 36].fill(40 + n * 4);
                outlet.give(&grey);
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
            outlet.give(&frame);
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
            while outlet.give(&frame) {}
            Ok(())
        });
        assert!(result.is_err_and(|error| error.to_string().contains("No such file")));
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
            while outlet.give(&frame) {}
            Ok(())
        });
        assert!(matches!(result, Err(StudioError::Stopped)), "{result:?}");
    }
}
