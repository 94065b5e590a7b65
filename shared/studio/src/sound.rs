//! Sound: speech brought to 48 kHz, laid on the timeline, accompanied, and mastered to −14 LUFS.

mod accents;
pub(crate) mod adts;
mod bed;
mod duck;
mod grid;
mod kernel;
mod limiter;
mod loudness;
mod master;
mod music;
mod piece;
mod resample;
mod score;

pub use grid::{BLOCK, off};
pub use limiter::limit_into;
pub use loudness::Meter;
pub(crate) use loudness::{GATE_LUFS, integrated, range};
pub use master::{TARGET_LUFS, TRUE_PEAK_LIMIT, Wanted, master};
pub use piece::{Piece, Told, join, speech_over_bed};
pub use resample::{resample, resampled};
pub use score::{Passage, Score, Turn};

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::SAMPLE_RATE;
use crate::error::StudioError;

/// Second-order Butterworth high-pass, in place: takes out hum and offsets that only cost headroom.
/// (Coefficients by the bilinear transform.)
fn high_pass(samples: &mut [f32], hertz: f64) {
    let k = (std::f64::consts::PI * hertz / f64::from(SAMPLE_RATE)).tan();
    let root2 = std::f64::consts::SQRT_2;
    let norm = 1.0 / (1.0 + root2 * k + k * k);
    let (a1, a2) = (2.0 * (k * k - 1.0) * norm, (1.0 - root2 * k + k * k) * norm);
    let (mut x1, mut x2, mut y1, mut y2) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for sample in samples {
        let x = f64::from(*sample);
        let y = norm * (x - 2.0 * x1 + x2) - a1 * y1 - a2 * y2;
        (x2, x1, y2, y1) = (x1, x, y1, y);
        *sample = y as f32;
    }
}

/// A WAV file of 32-bit floats in the making, mono: it is encoded on both sides.
pub struct Wav {
    path: PathBuf,
    writer: hound::WavWriter<BufWriter<File>>,
}

impl Wav {
    /// Begins the file.
    pub fn create(path: &Path) -> Result<Self, StudioError> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: SAMPLE_RATE,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let writer = hound::WavWriter::create(path, spec).map_err(|error| wav_fault(path, error))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    /// Adds samples.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), StudioError> {
        for sample in samples {
            self.writer.write_sample(*sample).map_err(|error| wav_fault(&self.path, error))?;
        }
        Ok(())
    }

    /// Ends the file: only now it is whole.
    pub fn finish(self) -> Result<(), StudioError> {
        self.writer.finalize().map_err(|error| wav_fault(&self.path, error))
    }
}

fn wav_fault(path: &Path, error: hound::Error) -> StudioError {
    let doing = format!("writing {}", path.display());
    match error {
        hound::Error::IoError(error) => StudioError::io(doing, error),
        other => StudioError::BadSound(format!("{doing}: {other}")),
    }
}

/// Decibels as a factor.
pub(crate) fn factor(decibels: f64) -> f64 {
    10f64.powf(decibels / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_pass_takes_the_offset_and_leaves_the_voice() {
        let tone = |n: usize| (n as f32 * 440.0 * std::f32::consts::TAU / 48_000.0).sin() * 0.3;
        let mut samples: Vec<f32> = (0..48_000).map(|n| 0.2 + tone(n)).collect();
        high_pass(&mut samples, 60.0);
        let late = &samples[24_000..];
        let mean = late.iter().sum::<f32>() / late.len() as f32;
        let peak = late.iter().fold(0.0f32, |peak, s| peak.max(s.abs()));
        assert!(mean.abs() < 1e-3, "{mean}");
        assert!((peak - 0.3).abs() < 0.01, "{peak}");
    }
}
