//! Mastering: from speech as it came to sound that plays as loud as everybody else's, scene by scene.
//!
//! Every scene is brought to the loudness that the film must have; then the film has it too, and no scene's sound depends on
//! another's. A scene is encoded with some of what is heard before and behind it, which is music alone; the frames of these
//! are left out, and what is left joins its neighbours: where two frames overlap, both have coded the same samples.

use std::path::{Path, PathBuf};

use proofreel_model::policy::law;

use super::grid::BLOCK;
use super::music::{decibels, music, power, settle};
use super::piece::{Piece, Told};
use super::score::{Passage, Turn};
use super::{Meter, Wav, adts, factor, high_pass, limit_into, resample};
use crate::SAMPLE_RATE;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::film::Spoken;
use crate::media::HeardPart;
use crate::tools::Tools;

/// Integrated loudness aimed at, LUFS; a film may differ by 1.
pub const TARGET_LUFS: f64 = -14.0;
/// Highest true peak a film may have, dBTP.
pub const TRUE_PEAK_LIMIT: f64 = -1.0;
/// Where the limiter starts: room for what encoding adds.
const CEILING: f64 = -1.5;
/// Loudness differences smaller than this are left, LU.
const CLOSE: f64 = 0.2;
/// How much more gain than loudness is missing: the limiter takes about a quarter of what is added.
const GIVEN_BACK: f64 = 1.3;
/// Blocks before a scene that are encoded with it, so that its coder has heard what came before; nobody speaks in them.
const BEFORE: usize = 8;
/// Blocks behind a scene that are encoded with it: a coder looks a block ahead.
const AFTER: usize = 3;
/// Sound that is in memory at once, seconds. Starting a coder costs as much as ten seconds of sound, so many scenes share
/// one.
const AT_ONCE: u64 = 200;
/// How often a scene is encoded before it is given up.
const TRIALS: usize = 5;

const BLOCK_SAMPLES: usize = BLOCK as usize;

/// A scene whose sound is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The scene between its neighbours.
    pub passage: Passage<'a>,
    /// What is said in it: as many sentences as the passage has stretches of speech.
    pub spoken: &'a [Spoken],
}

/// Masters scenes and encodes them as AAC, such that what is heard after decoding is in range. Encodes trials and corrects
/// loudness and ceiling by what decoding them shows. Works in `folder` and leaves nothing there.
pub fn master(tools: &Tools, wanted: &[Wanted<'_>], folder: &Path) -> Result<Vec<Piece>, StudioError> {
    let mut out = Vec::new();
    let mut rest = wanted;
    while !rest.is_empty() {
        let mut samples = 0;
        let count = rest.iter().take_while(|wanted| {
            samples += wanted.passage.here.samples;
            samples <= AT_ONCE * u64::from(SAMPLE_RATE)
        });
        let (now, later) = rest.split_at(count.count().max(1));
        out.extend(batch(tools, now, folder)?);
        rest = later;
    }
    Ok(out)
}

fn batch(tools: &Tools, wanted: &[Wanted<'_>], folder: &Path) -> Result<Vec<Piece>, StudioError> {
    let mut mixes = Vec::new();
    for (n, wanted) in wanted.iter().enumerate() {
        mixes.push(Mix::of(wanted, folder.join(format!("sound-{n:04}.wav")))?);
    }
    for trial in (0..TRIALS).rev() {
        let mut open: Vec<&mut Mix> = mixes.iter_mut().filter(|mix| mix.piece.is_none()).collect();
        for mix in &mut open {
            mix.write()?;
        }
        let files: Vec<(PathBuf, PathBuf)> = open.iter().map(|mix| (mix.wav.clone(), mix.coded())).collect();
        let seconds = open.iter().map(|mix| mix.encoded_samples()).sum::<usize>() as f64 / f64::from(SAMPLE_RATE);
        tools.encode_sounds(&files, seconds)?;
        let decoded = decode(tools, &files, folder, seconds)?;
        let mut rest = decoded.as_slice();
        for mix in open {
            // The coder begins a block early.
            let Some((own, after)) = rest.split_at_checked(mix.encoded_samples() + BLOCK_SAMPLES) else {
                return Err(StudioError::BadSound("less came out of the coder than went in".into()));
            };
            rest = after;
            mix.judge(&own[(BEFORE + 1) * BLOCK_SAMPLES..][..mix.voice.len()], trial == 0)?;
        }
        for file in files.iter().flat_map(|(wav, coded)| [wav, coded]) {
            remove(file)?;
        }
        if mixes.iter().all(|mix| mix.piece.is_some()) {
            break;
        }
    }
    Ok(mixes.into_iter().filter_map(|mix| mix.piece).collect())
}

/// Decodes encoded files, one after another, in one go. Both sides are alike, and one of them is given.
fn decode(tools: &Tools, files: &[(PathBuf, PathBuf)], folder: &Path, seconds: f64) -> Result<Vec<f32>, StudioError> {
    let all = folder.join("sound.trial.aac");
    let mut bytes = Vec::new();
    for (_, coded) in files {
        let read = std::fs::read(coded);
        bytes.extend(read.map_err(|error| StudioError::io(format!("reading {}", coded.display()), error))?);
    }
    std::fs::write(&all, bytes).map_err(|error| StudioError::io(format!("writing {}", all.display()), error))?;
    let mut out = Vec::with_capacity((seconds * f64::from(SAMPLE_RATE)) as usize + BLOCK_SAMPLES);
    let decoded = tools.decode_sound(&all, "aac", seconds, |part| {
        out.extend(part.chunks_exact(8).map(|pair| f32::from_le_bytes([pair[0], pair[1], pair[2], pair[3]])));
        Ok(())
    });
    remove(&all)?;
    decoded.map(|()| out)
}

/// A scene in the making.
struct Mix {
    /// The voice, as long as the scene.
    voice: Vec<f32>,
    /// Music of the scene, and of the blocks before and behind it.
    music: Vec<f32>,
    /// When somebody speaks.
    speech: Vec<(i64, i64)>,
    /// It is the film's last scene: it has the frame that ends the film.
    is_last: bool,
    /// The voice is loud enough to be measured.
    speaks: bool,
    /// Of the voice, and where the limiter holds both, decibels.
    gain: f64,
    ceiling: f64,
    wav: PathBuf,
    piece: Option<Piece>,
}

impl Mix {
    fn of(wanted: &Wanted<'_>, wav: PathBuf) -> Result<Self, StudioError> {
        let turn = wanted.passage.here;
        let voice = voice(turn, wanted.spoken)?;
        let policy = &law().media.bed;
        let (before, around) = (BEFORE * BLOCK_SAMPLES, (BEFORE + AFTER) * BLOCK_SAMPLES);
        let mut music = music(&wanted.passage, policy, -(before as i64), voice.len() + around);
        let mut meter = Meter::of_loudness()?;
        meter.add(&voice)?;
        let loudness = meter.loudness()?;
        let speaks = loudness.is_finite();
        let gain = if speaks { TARGET_LUFS - loudness } else { 0.0 };
        let speech: Vec<(i64, i64)> = turn.speech.iter().map(|(start, end)| (*start as i64, *end as i64)).collect();
        if speaks {
            let level = decibels(power(&voice, &speech)) + gain;
            settle(&mut music[before..before + voice.len()], turn, level, policy);
        }
        let is_last = wanted.passage.ends && wanted.passage.after.is_none();
        Ok(Self { voice, music, speech, is_last, speaks, gain, ceiling: CEILING, wav, piece: None })
    }

    fn coded(&self) -> PathBuf {
        self.wav.with_extension("aac")
    }

    /// Samples that are encoded.
    fn encoded_samples(&self) -> usize {
        self.music.len()
    }

    /// Writes what is to be encoded, as loud as it should be. Limiting takes some loudness away, which is given back.
    fn write(&mut self) -> Result<(), StudioError> {
        for again in (0..4).rev() {
            let missing = TARGET_LUFS - self.limited()?;
            if !self.speaks || missing.abs() < CLOSE || again == 0 {
                break;
            }
            self.gain += missing * GIVEN_BACK;
        }
        Ok(())
    }

    /// Writes the scene, amplified and limited, between what is before and behind it, and measures its loudness, LUFS.
    fn limited(&self) -> Result<f64, StudioError> {
        let (mut meter, mut file) = (Meter::of_loudness()?, Wav::create(&self.wav)?);
        let (before, music) = self.music.split_at(BEFORE * BLOCK_SAMPLES);
        let (music, behind) = music.split_at(self.voice.len());
        let gain = factor(self.gain) as f32;
        let mixed: Vec<f32> = self.voice.iter().zip(music).map(|(voice, music)| voice * gain + music).collect();
        file.add(before)?;
        limit_into(&mixed, 1.0, factor(self.ceiling) as f32, |part| {
            meter.add(part)?;
            file.add(part)
        })?;
        file.add(behind)?;
        file.finish()?;
        meter.loudness()
    }

    /// Takes what was encoded when what is heard of the scene is in range; else corrects gain and ceiling.
    fn judge(&mut self, heard: &[f32], is_last_trial: bool) -> Result<(), StudioError> {
        let heard = HeardPart::of(heard)?;
        let peaks_over = heard.true_peak_dbtp() - (TRUE_PEAK_LIMIT - 0.1);
        let off = if self.speaks { heard.loudness() - TARGET_LUFS } else { 0.0 };
        // How loud the film is, is for its check to say; a peak is none that a neighbour could make good.
        if peaks_over <= 0.0 && (off.abs() <= 0.5 || is_last_trial) {
            self.piece = Some(self.cut(heard)?);
            return Ok(());
        }
        if is_last_trial {
            return Err(StudioError::BadSound(format!(
                "it cannot be brought to {TARGET_LUFS} LUFS below {TRUE_PEAK_LIMIT} dBTP: {:.1} LUFS, {:.1} dBTP at best",
                heard.loudness(),
                heard.true_peak_dbtp()
            )));
        }
        self.gain -= off;
        if peaks_over > 0.0 {
            self.ceiling -= peaks_over + 0.1;
        }
        Ok(())
    }

    /// The scene's own frames of what was encoded.
    fn cut(&self, heard: HeardPart) -> Result<Piece, StudioError> {
        let (file, blocks) = (self.coded(), self.voice.len() / BLOCK_SAMPLES);
        let bytes =
            std::fs::read(&file).map_err(|error| StudioError::io(format!("reading {}", file.display()), error))?;
        let frames = adts::frames(&bytes).filter(|frames| frames.len() == blocks + BEFORE + AFTER + 1);
        let Some(frames) = frames else {
            return Err(StudioError::BadSound("what the coder wrote is no stream of so many frames".into()));
        };
        // A frame holds a block and the one before it; the film's last block needs one more.
        let own = &frames[BEFORE..BEFORE + blocks + usize::from(self.is_last)];
        let music = &self.music[BEFORE * BLOCK_SAMPLES..][..self.voice.len()];
        let voice = power(&self.voice, &self.speech) * factor(self.gain).powi(2);
        Ok(Piece {
            coded: own.concat(),
            told: Told {
                blocks: blocks as u64,
                heard,
                powers: (voice, power(music, &self.speech)),
                spoken: self.speech.iter().map(|(start, end)| (end - start) as u64).sum(),
            },
        })
    }
}

/// Lays what is spoken in a scene at its places, mono at 48 kHz, as long as the scene.
fn voice(turn: &Turn, spoken: &[Spoken]) -> Result<Vec<f32>, StudioError> {
    let mut out = vec![0.0; turn.samples as usize];
    for ((start, _), spoken) in turn.speech.iter().zip(spoken) {
        let samples = resample(&spoken.samples, spoken.sample_rate)?;
        for (to, from) in out.iter_mut().skip(*start as usize).zip(samples) {
            *to += from;
        }
    }
    high_pass(&mut out, 60.0);
    Ok(out)
}

#[cfg(test)]
mod tests;
