//! The fallback voice: the `espeak-ng` program. It sounds like a robot, and its word times are estimated from its
//! pauses.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use proofreel_ports::{Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_voice::align::align;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::speech::{check_words, duration_ms, excerpt, floats, samples as samples_of, spoken_words};

const ENGINE: &str = "espeak-ng";
/// Words a minute asked for; about the pace of the neural voice.
const PACE: &str = "165";
/// Samples quieter than this are silence (full scale is 32767).
const QUIET: u16 = 120;
/// Silence kept before and after the audible part, milliseconds.
const MARGIN_MS: usize = 30;
const PATIENCE: Duration = Duration::from_mins(1);

/// A formant synthesiser, one process an utterance. Word times come from the pauses of its sound.
pub struct EspeakVoice {
    program: PathBuf,
}

impl EspeakVoice {
    /// A voice that runs `program`, a path or a name to look up in `PATH`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    async fn say(&self, line: &Utterance) -> Result<Speech, VoiceError> {
        let failed =
            |detail: String| VoiceError::Failed { engine: ENGINE.to_owned(), utterance: line.id.clone(), detail };
        let mut child = Command::new(&self.program)
            .args(["-v", "en-us", "-s", PACE, "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| VoiceError::Unavailable {
                engine: ENGINE.to_owned(),
                detail: format!("{} cannot be started: {e}", self.program.display()),
                hint: "install it with `sudo apt install espeak-ng`".to_owned(),
            })?;
        let mut stdin = child.stdin.take().ok_or_else(|| failed("it has no standard input".to_owned()))?;
        let text = line.text.replace("[[", "[ ["); // `[[` would begin phonemes
        let work = async {
            // It reads all before it speaks. A broken pipe shows in its exit status.
            stdin.write_all(text.as_bytes()).await.ok();
            drop(stdin);
            child.wait_with_output().await
        };
        let output = timeout(PATIENCE, work)
            .await
            .map_err(|_| VoiceError::Timeout {
                engine: ENGINE.to_owned(),
                utterance: line.id.clone(),
                seconds: PATIENCE.as_secs(),
            })?
            .map_err(|e| failed(e.to_string()))?;
        if !output.status.success() {
            return Err(failed(format!("{}: {}", output.status, excerpt(&output.stderr))));
        }
        let (sample_rate, samples) = read_wav(&output.stdout).map_err(failed)?;
        speech(line, sample_rate, &samples).map_err(failed)
    }
}

#[async_trait]
impl Voice for EspeakVoice {
    fn info(&self) -> VoiceInfo {
        VoiceInfo {
            name: "en-us".to_owned(),
            engine: ENGINE.to_owned(),
            licence: "GPL-3.0-or-later (a separate program; its sound is not covered)".to_owned(),
            quality: VoiceQuality::Robotic,
        }
    }

    async fn speak(&self, lines: &[Utterance], _seed: u64) -> Result<Vec<Speech>, VoiceError> {
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            all.push(self.say(line).await?);
        }
        Ok(all)
    }
}

/// Sample rate and samples of a 16-bit mono WAV. Sizes in its header may be wrong: written to a pipe, it has
/// placeholders there.
fn read_wav(bytes: &[u8]) -> Result<(u32, Vec<i16>), String> {
    let broken = || format!("not 16-bit mono sound: {}", excerpt(bytes));
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(broken());
    }
    let (mut rest, mut rate) = (&bytes[12..], None);
    while let Some((head, body)) = rest.split_at_checked(8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = &body[..size.min(body.len())];
        match &head[..4] {
            b"fmt " if chunk.len() >= 16 && chunk[..4] == [1, 0, 1, 0] && chunk[14..16] == [16, 0] => {
                rate = Some(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
            }
            b"data" => {
                let rate = rate.filter(|r| (8_000..=192_000).contains(r)).ok_or_else(broken)?;
                return Ok((rate, samples_of(chunk)));
            }
            _ => {}
        }
        rest = &body[chunk.len()..];
    }
    Err(broken())
}

/// Takes the silence off the ends and places the words.
fn speech(line: &Utterance, sample_rate: u32, samples: &[i16]) -> Result<Speech, String> {
    let audible = |sample: &i16| sample.unsigned_abs() > QUIET;
    let nothing = || format!("there is nothing to pronounce in {:?}", line.text);
    let first = samples.iter().position(audible).ok_or_else(nothing)?;
    let last = samples.iter().rposition(audible).ok_or_else(nothing)?;
    let margin = MARGIN_MS * sample_rate as usize / 1000;
    let begin = first.saturating_sub(margin);
    let samples = samples[begin..(last + 1 + margin).min(samples.len())].to_vec();
    let tokens: Vec<&str> = line.text.split_whitespace().collect();
    let words = spoken_words(align(&tokens, &floats(&samples), sample_rate).ok_or_else(nothing)?);
    check_words(&words, &line.text, duration_ms(samples.len(), sample_rate))?;
    Ok(Speech { id: line.id.clone(), sample_rate, samples, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(samples: &[i16], size: u32) -> Vec<u8> {
        let mut bytes =
            b"RIFF$\xf0\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data".to_vec();
        bytes.extend(size.to_le_bytes());
        bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_wav_from_a_pipe_is_read_despite_its_placeholder_size() {
        assert_eq!(read_wav(&wav(&[1, -2, 3], 0x7fff_f000)).unwrap(), (22_050, vec![1, -2, 3]));
        assert_eq!(read_wav(&wav(&[1, -2, 3], 4)).unwrap(), (22_050, vec![1, -2]));
    }

    #[test]
    fn other_sound_is_refused() {
        let mut stereo = wav(&[1], 2);
        stereo[22] = 2;
        for bytes in [&b""[..], b"junk", &wav(&[], 0)[..40], &stereo] {
            assert!(read_wav(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn silence_is_cut_and_words_lie_in_the_audible_span() {
        let line = Utterance { id: "s".into(), text: "Gold rose — 4%, then fell.".into(), pause_after_ms: 0 };
        let mut samples = vec![0; 22_050];
        samples[5_000..16_025].fill(4000);
        let speech = speech(&line, 22_050, &samples).unwrap();
        assert_eq!(duration_ms(speech.samples.len(), 22_050), 500 + 2 * MARGIN_MS as u32);
        assert!((29..=31).contains(&speech.words[0].start_ms), "{:?}", speech.words);
        // The sound ends at 530; the level is measured in steps, so its end is known to within one of them.
        assert!((525..=540).contains(&speech.words[5].end_ms), "{:?}", speech.words);
    }

    #[test]
    fn silence_only_is_an_error_that_names_the_text() {
        let line = Utterance { id: "s".into(), text: "—".into(), pause_after_ms: 0 };
        assert!(speech(&line, 22_050, &[0; 900]).unwrap_err().contains('—'));
    }

    #[tokio::test]
    async fn a_missing_program_says_how_to_get_it() {
        let line = Utterance { id: "s".into(), text: "Hello".into(), pause_after_ms: 0 };
        let error = EspeakVoice::new("/nonexistent/espeak-ng").speak(&[line], 1).await.unwrap_err();
        assert!(error.to_string().contains("apt install espeak-ng"), "{error}");
    }

    #[tokio::test]
    async fn the_real_program_speaks_the_same_twice() {
        if std::process::Command::new("espeak-ng").arg("--version").output().is_err() {
            eprintln!("SKIPPED: espeak-ng is not installed");
            return;
        }
        let line = |id: &str, text: &str| Utterance { id: id.into(), text: text.into(), pause_after_ms: 0 };
        let lines = [line("a", "-v --stdin $(reboot) [[x]] <b>"), line("b", "Gold hit $4,228 an ounce.")];
        let voice = EspeakVoice::new("espeak-ng");
        let once = voice.speak(&lines, 1).await.unwrap();
        assert_eq!(once, voice.speak(&lines, 1).await.unwrap());
        assert_eq!(once[1].id, "b");
        assert!(once[1].samples.len() > 30_000 && once[1].words.len() == 5);
    }
}
