//! The programs that encode, decode and probe: ffmpeg and ffprobe, always called with fixed formats and local files only.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::StudioError;

/// Where ffmpeg and ffprobe are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// The encoder.
    pub ffmpeg: PathBuf,
    /// The prober.
    pub ffprobe: PathBuf,
}

/// Bit rate of the sound.
const SOUND_RATE: &str = "192k";

impl Default for Tools {
    fn default() -> Self {
        Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into() }
    }
}

impl Tools {
    /// The programs named by `PROOFREEL_FFMPEG` and `PROOFREEL_FFPROBE`, else those on the path.
    pub fn from_environment() -> Self {
        let named = |key, usual: &str| {
            std::env::var_os(key).filter(|value| !value.is_empty()).map_or_else(|| usual.into(), PathBuf::from)
        };
        Self { ffmpeg: named("PROOFREEL_FFMPEG", "ffmpeg"), ffprobe: named("PROOFREEL_FFPROBE", "ffprobe") }
    }

    /// First line of `ffmpeg -version`; an error when it cannot be started.
    pub fn version(&self) -> Result<String, StudioError> {
        let out = run(&self.ffmpeg, "telling its version", &["-version".into()])?;
        Ok(String::from_utf8_lossy(&out).lines().next().unwrap_or_default().to_owned())
    }

    /// All that `ffmpeg -version` prints: the versions of its libraries too.
    pub fn versions(&self) -> Result<String, StudioError> {
        let out = run(&self.ffmpeg, "telling its version", &["-version".into()])?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Runs ffmpeg to its end.
    pub(crate) fn run_ffmpeg(&self, doing: &str, args: &[OsString]) -> Result<(), StudioError> {
        run(&self.ffmpeg, doing, args).map(|_| ())
    }

    /// Starts ffmpeg with frames on its input.
    pub(crate) fn start(&self, args: &[OsString]) -> Result<Child, StudioError> {
        Command::new(&self.ffmpeg)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| no_tool(&self.ffmpeg, &error))
    }

    /// Encodes a WAV file as AAC, alone, exactly as it will be encoded beside the picture.
    pub(crate) fn encode_sound(&self, wav: &Path, to: &Path) -> Result<(), StudioError> {
        let mut args = common();
        args.extend(sound_input(wav));
        args.extend(sound_output());
        args.extend(["-map_metadata", "-1", "-f", "ipod"].map(OsString::from));
        args.push(local(to));
        run(&self.ffmpeg, "encoding the sound", &args).map(|_| ())
    }

    /// Decodes the sound of an MP4 file: 32-bit floats, stereo, 48 kHz.
    pub(crate) fn decode_sound(&self, from: &Path) -> Result<Vec<u8>, StudioError> {
        let mut args = common();
        args.extend(["-f", "mov", "-i"].map(OsString::from));
        args.push(local(from));
        args.extend(["-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "pipe:1"].map(OsString::from));
        run(&self.ffmpeg, "decoding the sound", &args)
    }

    /// What ffprobe says about an MP4 file's streams, as JSON.
    pub(crate) fn probe(&self, file: &Path) -> Result<Vec<u8>, StudioError> {
        let entries = "stream=codec_type,codec_name,width,height,avg_frame_rate,duration,pix_fmt,nb_frames";
        let mut args: Vec<OsString> =
            ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", "mov", "-show_entries", entries, "-of", "json"]
                .map(OsString::from)
                .to_vec();
        args.push(local(file));
        run(&self.ffprobe, "probing the film", &args)
    }
}

fn run(program: &Path, doing: &str, args: &[OsString]) -> Result<Vec<u8>, StudioError> {
    let output =
        Command::new(program).args(args).stdin(Stdio::null()).output().map_err(|error| no_tool(program, &error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(program, doing, &String::from_utf8_lossy(&output.stderr), &output.status.to_string()))
}

fn no_tool(program: &Path, error: &std::io::Error) -> StudioError {
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

/// Reads what a child prints to its error stream until it ends; only the last 64 KiB are kept.
pub(crate) fn read_tail(mut from: impl Read) -> String {
    const MOST: usize = 1 << 16;
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(count) = from.read(&mut chunk) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&chunk[..count]);
        if kept.len() > 2 * MOST {
            kept.drain(..kept.len() - MOST);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
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

/// The mastered sound as an input.
pub(crate) fn sound_input(wav: &Path) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-f", "wav", "-i"].map(OsString::from).to_vec();
    args.push(local(wav));
    args
}

/// How sound is encoded.
pub(crate) fn sound_output() -> Vec<OsString> {
    ["-c:a", "aac", "-b:a", SOUND_RATE, "-ar", "48000", "-ac", "2", "-flags:a", "+bitexact", "-fflags", "+bitexact"]
        .map(OsString::from)
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_comes_with_a_hint() {
        let tools = Tools { ffmpeg: "/nonexistent/ffmpeg".into(), ..Tools::default() };
        let error = tools.version().expect_err("missing");
        assert!(
            error.to_string().contains("make setup") && error.to_string().contains("apt-get install ffmpeg"),
            "{error}"
        );
    }

    #[test]
    fn a_full_device_is_recognised() {
        let error = failed(
            Path::new("ffmpeg"),
            "encoding",
            "av_interleaved_write_frame(): No space left on device",
            "exit status: 1",
        );
        assert!(matches!(error, StudioError::NoSpace { .. }), "{error}");
    }

    #[test]
    fn the_installed_encoder_answers() {
        let version = Tools::from_environment().version().expect("ffmpeg is installed by `make setup`");
        assert!(version.starts_with("ffmpeg version"), "{version}");
    }
}
