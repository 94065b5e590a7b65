//! Mastering: from speech as it came to sound that plays as loud as everybody else's.

use std::path::Path;

use super::{Meter, Wav, factor, limit_into};
use crate::SAMPLE_RATE;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::media::Heard;
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

/// Masters mono samples and encodes them as AAC at `to`, such that what is heard after decoding is in range. Encodes
/// a trial and corrects loudness and ceiling by what decoding it shows; the trial that is good is the result, and what
/// was heard in it is given back.
pub fn master(tools: &Tools, samples: &[f32], to: &Path) -> Result<Heard, StudioError> {
    const TRIALS: usize = 5;
    let (wav, trial) = (to.with_extension("wav"), to.with_extension("trial.m4a"));
    let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
    let mut meter = Meter::of_loudness()?;
    meter.add(samples)?;
    let mut gain = TARGET_LUFS - meter.heard()?;
    let mut ceiling = CEILING;
    let mut last = None;
    for _ in 0..TRIALS {
        // Limiting takes some loudness away; give it back before encoding.
        for again in (0..4).rev() {
            let missing = TARGET_LUFS - limited(samples, gain, ceiling, &wav)?;
            if missing.abs() < CLOSE || again == 0 {
                break;
            }
            gain += missing * GIVEN_BACK;
        }
        tools.encode_sound(&wav, &trial, seconds)?;
        let heard = Heard::of(tools, &trial, seconds)?;
        let peaks_over = heard.sound.true_peak_dbtp - (TRUE_PEAK_LIMIT - 0.1);
        let off = heard.sound.integrated_lufs - TARGET_LUFS;
        if off.abs() <= 0.5 && peaks_over <= 0.0 {
            remove(&wav)?;
            std::fs::rename(&trial, to).map_err(|error| StudioError::io(format!("naming {}", to.display()), error))?;
            return Ok(heard);
        }
        gain -= off;
        if peaks_over > 0.0 {
            ceiling -= peaks_over + 0.1;
        }
        last = Some(heard);
    }
    let heard = last.map_or_else(String::new, |heard| {
        format!("{:.1} LUFS, {:.1} dBTP", heard.sound.integrated_lufs, heard.sound.true_peak_dbtp)
    });
    Err(StudioError::BadSound(format!(
        "it cannot be brought to {TARGET_LUFS} LUFS below {TRUE_PEAK_LIMIT} dBTP: {heard} at best"
    )))
}

/// Writes the samples, amplified and limited (decibels), as a WAV file, and measures its loudness on the way, LUFS.
fn limited(samples: &[f32], gain: f64, ceiling: f64, wav: &Path) -> Result<f64, StudioError> {
    let (mut meter, mut file) = (Meter::of_loudness()?, Wav::create(wav)?);
    limit_into(samples, factor(gain) as f32, factor(ceiling) as f32, |part| {
        meter.add(part)?;
        file.add(part)
    })?;
    file.finish()?;
    meter.heard()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::babble;

    #[test]
    fn speech_like_sound_is_in_range_after_encoding() {
        let folder = tempfile::tempdir().expect("folder");
        for (seed, level) in [(1, 0.02f32), (2, 0.2), (3, 0.9)] {
            let samples: Vec<f32> = babble(12.0, seed).into_iter().map(|s| s * level).collect();
            let to = folder.path().join("sound.m4a");
            let heard = master(&Tools::from_environment(), &samples, &to).expect("mastered");
            assert!((heard.sound.integrated_lufs - TARGET_LUFS).abs() <= 1.0, "{:?}", heard.sound);
            assert!(heard.sound.true_peak_dbtp <= TRUE_PEAK_LIMIT, "{:?}", heard.sound);
            assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1, "only the sound is left");
        }
    }

    #[test]
    fn silence_is_refused() {
        let folder = tempfile::tempdir().expect("folder");
        let error = master(&Tools::from_environment(), &vec![0.0; 48_000], &folder.path().join("sound.m4a"))
            .expect_err("silent");
        assert!(error.to_string().contains("silent"), "{error}");
    }
}
