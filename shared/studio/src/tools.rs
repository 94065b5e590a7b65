//! The programs that encode, decode and probe: ffmpeg and ffprobe, always called with fixed formats and local files only.

mod child;
mod partial;

pub use child::{Bounds, Running};
pub(crate) use child::{read_tail, run, run_into};
pub use partial::Partial;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proofreel_model::policy::{Limits, law};

use crate::error::StudioError;

/// Where ffmpeg and ffprobe are, and what they may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The encoder.
    pub ffmpeg: PathBuf,
    /// The prober.
    pub ffprobe: PathBuf,
    /// Time and size that a call may take.
    pub limits: Limits,
}

/// Quality of the sound, at a rate that varies: some 190 kbit/s for a voice over a bed (ADR 0084).
const SOUND_QUALITY: &str = "2.5";
/// Bytes a second of decoded sound: stereo, 48 kHz, 32-bit floats.
const DECODED_RATE: u64 = 48_000 * 2 * 4;
/// Most bytes of an answer that is text.
const ANSWER_BYTES: u64 = 64 << 20;

impl Default for Tools {
    fn default() -> Self {
        Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into(), limits: law().media.limits }
    }
}

impl Tools {
    /// The programs named by `PROOFREEL_FFMPEG` and `PROOFREEL_FFPROBE`, else those on the path.
    pub fn from_environment() -> Self {
        let named = |key, usual: &str| {
            std::env::var_os(key).filter(|value| !value.is_empty()).map_or_else(|| usual.into(), PathBuf::from)
        };
        Self {
            ffmpeg: named("PROOFREEL_FFMPEG", "ffmpeg"),
            ffprobe: named("PROOFREEL_FFPROBE", "ffprobe"),
            ..Self::default()
        }
    }

    /// What a call about so much film may take; bytes are those of a file it writes.
    pub fn bounds(&self, film_seconds: f64) -> Bounds {
        let film = film_seconds.max(0.0).ceil() as u64;
        Bounds {
            seconds: self.limits.seconds + self.limits.seconds_per_film_second * film,
            bytes: self.limits.bytes + self.limits.bytes_per_film_second * film,
        }
    }

    /// First line of `ffmpeg -version`; an error when it cannot be started.
    pub fn version(&self) -> Result<String, StudioError> {
        let bounds = Bounds { bytes: ANSWER_BYTES, ..self.bounds(0.0) };
        let out = run(&self.ffmpeg, "telling its version", &["-version".into()], bounds)?;
        Ok(String::from_utf8_lossy(&out).lines().next().unwrap_or_default().to_owned())
    }

    /// All that `ffmpeg -version` prints: the versions of its libraries too.
    pub fn versions(&self) -> Result<String, StudioError> {
        let bounds = Bounds { bytes: ANSWER_BYTES, ..self.bounds(0.0) };
        let out = run(&self.ffmpeg, "telling its version", &["-version".into()], bounds)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Starts ffmpeg with frames on its input; it is ended when the time for so much film is over.
    pub fn start(&self, args: &[OsString], doing: &str, film_seconds: f64) -> Result<Running, StudioError> {
        let mut command = Command::new(&self.ffmpeg);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        Running::start(&mut command, &self.ffmpeg, doing, self.bounds(film_seconds).seconds)
    }

    /// Encodes WAV files as AAC, each by itself and into a file of its own, in one go: starting a coder costs as much as
    /// encoding ten seconds. All together last so many seconds.
    pub(crate) fn encode_sounds(&self, files: &[(PathBuf, PathBuf)], film_seconds: f64) -> Result<(), StudioError> {
        const DOING: &str = "encoding the sound";
        let bounds = self.bounds(film_seconds);
        let parts = files.iter().map(|(_, to)| Partial::beside(to)).collect::<Result<Vec<_>, _>>()?;
        let mut args = common();
        for (wav, _) in files {
            args.extend(["-f", "wav", "-i"].map(OsString::from));
            args.push(local(wav));
        }
        for (n, part) in parts.iter().enumerate() {
            args.extend(["-map".into(), format!("{n}:a").into()]);
            args.extend(sound_output());
            args.extend(["-map_metadata", "-1"].map(OsString::from));
            args.extend(size_limit(bounds));
            args.extend(["-f", "adts"].map(OsString::from));
            args.push(local(part.path()));
        }
        run(&self.ffmpeg, DOING, &args, bounds)?;
        parts.into_iter().try_for_each(|part| part.keep(DOING, bounds.bytes))
    }

    /// Decodes the sound of a file of this format (as ffmpeg names it) and hands it on piece by piece: 32-bit floats, stereo, 48 kHz, in whole pairs
    /// but for the end. Twice the length named is an error.
    pub(crate) fn decode_sound(
        &self,
        from: &Path,
        format: &str,
        film_seconds: f64,
        take: impl FnMut(&[u8]) -> Result<(), StudioError>,
    ) -> Result<(), StudioError> {
        let mut args = common();
        args.extend(["-f", format, "-i"].map(OsString::from));
        args.push(local(from));
        args.extend(["-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "pipe:1"].map(OsString::from));
        let bytes = (film_seconds.max(0.0).ceil() as u64 * 2 + 10) * DECODED_RATE;
        let bounds = Bounds { bytes, ..self.bounds(film_seconds) };
        run_into(&self.ffmpeg, "decoding the sound", &args, bounds, take)
    }

    /// Decodes the picture of an MP4 file, or of all that a list names (for its concat demuxer), and hands it on piece by piece:
    /// every frame in grey, in small, one after another. Twice the length named is an error.
    pub(crate) fn decode_small(
        &self,
        from: &Path,
        is_list: bool,
        (width, height): (u32, u32),
        film_seconds: f64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), StudioError> {
        let mut args = common();
        // One thread: segments are decoded side by side, and a thread of one's own costs least.
        args.extend(
            ["-filter_threads", "1", "-threads", "1", "-f", if is_list { "concat" } else { "mov" }, "-i"]
                .map(OsString::from),
        );
        args.push(local(from));
        let filter = format!("scale={width}:{height}:flags=area,format=gray");
        args.extend(
            ["-an", "-vf", &filter, "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"].map(OsString::from),
        );
        let frames = film_seconds.max(0.0).ceil() as u64 * 2 * u64::from(crate::FPS) + 300;
        let bounds = Bounds { bytes: frames * u64::from(width * height), ..self.bounds(film_seconds) };
        run_into(&self.ffmpeg, "decoding the picture", &args, bounds, |part| {
            take(part);
            Ok(())
        })
    }

    /// What ffprobe says about the streams of an MP4 file, as JSON, and how many packets of each it can read. Of one packet after
    /// another it says nothing: listing them takes longer than all the rest.
    pub(crate) fn probe(&self, file: &Path, film_seconds: f64) -> Result<Vec<u8>, StudioError> {
        const STREAMS: &str = "stream=codec_type,codec_name,width,height,avg_frame_rate,duration,pix_fmt,nb_read_packets,\
sample_rate,channels,color_range,color_space,color_primaries,color_transfer";
        let args = ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", "mov", "-count_packets", "-show_entries"];
        let args = args.into_iter().chain([STREAMS, "-of", "json=compact=1"]).map(OsString::from);
        let args: Vec<OsString> = args.chain([local(file)]).collect();
        run(&self.ffprobe, "probing the film", &args, Bounds { bytes: ANSWER_BYTES, ..self.bounds(film_seconds) })
    }
}

/// Makes ffmpeg stop writing at the bound.
pub(crate) fn size_limit(bounds: Bounds) -> [OsString; 2] {
    ["-fs".into(), bounds.bytes.to_string().into()]
}

pub(crate) fn no_tool(program: &Path, error: &std::io::Error) -> StudioError {
    StudioError::NoTool { program: program.display().to_string(), detail: error.to_string() }
}

/// An error from what a program printed; a full device is told apart.
pub(crate) fn failed(program: &Path, doing: &str, printed: &str, status: &str) -> StudioError {
    if printed.contains("No space left on device") || printed.contains("Disk quota exceeded") {
        return StudioError::NoSpace { doing: doing.to_owned() };
    }
    let mut tail: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).rev().take(6).collect();
    tail.reverse();
    let detail = if tail.is_empty() { status.to_owned() } else { format!("{status}: {}", tail.join(" | ")) };
    StudioError::ToolFailed { program: program.display().to_string(), doing: doing.to_owned(), detail }
}

/// A path that ffmpeg takes as a local file, whatever characters it holds.
pub(crate) fn local(path: &Path) -> OsString {
    let mut out = OsString::from("file:");
    out.push(path);
    out
}

/// Options that come first: no questions, no network, no marks of time and version in the output.
pub(crate) fn common() -> Vec<OsString> {
    ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-protocol_whitelist", "file,pipe"]
        .map(OsString::from)
        .to_vec()
}

/// How sound is encoded, one side on both. They are alike, so what differs between them is nothing and need not be
/// looked for; no other tool of the coder pays for its search (ADRs 0022, 0023 and 0084).
pub(crate) fn sound_output() -> Vec<OsString> {
    let mut args = ["-af", "pan=stereo|c0=c0|c1=c0", "-c:a", "aac", "-aac_coder", "fast"].to_vec();
    args.extend(["-q:a", SOUND_QUALITY, "-ar", "48000", "-ac", "2"]);
    args.extend(["-aac_ms", "1", "-aac_is", "0", "-aac_pns", "0", "-aac_tns", "0"]);
    args.extend(["-flags:a", "+bitexact", "-fflags", "+bitexact"]);
    args.into_iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests;
