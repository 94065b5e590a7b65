//! Sound: speech brought to 48 kHz, laid on the timeline, accompanied, and mastered to −14 LUFS.

mod accents;
mod bed;
mod duck;
mod limiter;
mod loudness;
mod master;
mod music;
mod resample;
mod score;

pub use limiter::limit;
pub use loudness::{integrated, measure_file};
pub(crate) use loudness::{metered, true_peak};
pub use master::{TARGET_LUFS, TRUE_PEAK_LIMIT, master};
pub use music::{music, speech_over_bed};
pub use resample::resample;
pub use score::{Score, Turn};

use std::path::Path;

use crate::SAMPLE_RATE;
use crate::error::StudioError;
use crate::timeline::{Take, Timeline};

/// Lays the takes of all scenes on the timeline, mono. The result is exactly as long as the film.
pub fn lay(timeline: &Timeline, scenes: &[Vec<Take>]) -> Vec<f32> {
    let mut out = vec![0.0; timeline.samples() as usize];
    for (span, takes) in timeline.scenes.iter().zip(scenes) {
        for (placed, take) in span.sentences.iter().zip(takes) {
            let start = placed.start as usize;
            for (to, from) in out[start..].iter_mut().zip(&take.samples) {
                *to += from;
            }
        }
    }
    high_pass(&mut out, 60.0);
    out
}

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

/// Writes mono samples as a stereo WAV file of 32-bit floats, both sides alike.
pub fn write_wav(path: &Path, samples: &[f32]) -> Result<(), StudioError> {
    let doing = || format!("writing {}", path.display());
    let fault = |error: hound::Error| match error {
        hound::Error::IoError(error) => StudioError::io(doing(), error),
        other => StudioError::BadSound(format!("{}: {other}", doing())),
    };
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).map_err(fault)?;
    for sample in samples {
        writer.write_sample(*sample).map_err(fault)?;
        writer.write_sample(*sample).map_err(fault)?;
    }
    writer.finalize().map_err(fault)
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
