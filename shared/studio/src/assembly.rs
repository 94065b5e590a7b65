//! Assembly: encoded segments and encoded sound joined into a film, neither encoded again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::FPS;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::tools::{Tools, common, local};

/// Writes a list that ffmpeg's concat demuxer reads. The segments lie beside it.
pub(crate) fn list<'a>(segments: impl Iterator<Item = &'a Path>, to: &Path) -> Result<(), StudioError> {
    let mut text = String::from("ffconcat version 1.0\n");
    for segment in segments {
        // Names alone, beside the list: the list cannot name anything elsewhere.
        let name = segment.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        text.push_str(&format!("file {name}\n"));
    }
    std::fs::write(to, text).map_err(|error| StudioError::io(format!("writing {}", to.display()), error))
}

/// What the coder gives before the first sample of a sound, seconds: one block. A player leaves it out, told by the film's
/// list of edits.
const EARLY: &str = "-0.021333";

/// Joins video-only files, in order, and a sound (see [`crate::sound::join`]) into an MP4 file that plays from its start.
/// The segments lie in one folder.
pub fn join(tools: &Tools, segments: &[PathBuf], sound: &Path, to: &Path, frames: u32) -> Result<(), StudioError> {
    let names = to.with_extension("list");
    list(segments.iter().map(PathBuf::as_path), &names)?;
    let mut args = common();
    // Packets as they are: segments share one head, so none needs to be repeated inside the film.
    args.extend(["-f", "concat", "-auto_convert", "0", "-i"].map(OsString::from));
    args.push(local(&names));
    args.extend(["-itsoffset", EARLY, "-f", "aac", "-i"].map(OsString::from));
    args.push(local(sound));
    args.extend(["-map", "0:v:0", "-map", "1:a:0", "-map_metadata", "-1", "-c", "copy"].map(OsString::from));
    args.extend(["-fflags", "+bitexact", "-movflags", "+faststart"].map(OsString::from));
    let joined = tools.write("joining the film", args, to, f64::from(frames) / f64::from(FPS));
    remove(&names)?;
    joined
}
