//! Loudness by EBU R 128.

use std::path::Path;

use ebur128::{Channel, EbuR128, Mode};
use proofreel_model::film::Loudness;

use crate::SAMPLE_RATE;
use crate::error::StudioError;
use crate::tools::Tools;

fn fault(error: ebur128::Error) -> StudioError {
    StudioError::BadSound(format!("loudness cannot be measured: {error}"))
}

/// A meter of one channel that sounds on both sides: half the work of two channels that are alike, with the same result.
fn both_sides(mode: Mode) -> Result<EbuR128, StudioError> {
    let mut meter = EbuR128::new(1, SAMPLE_RATE, mode).map_err(fault)?;
    meter.set_channel(0, Channel::DualMono).map_err(fault)?;
    Ok(meter)
}

/// Integrated loudness of mono samples at 48 kHz as they sound on both sides of a stereo file, LUFS.
pub fn integrated(samples: &[f32]) -> Result<f64, StudioError> {
    let mut meter = both_sides(Mode::I)?;
    meter.add_frames_f32(samples).map_err(fault)?;
    let lufs = meter.loudness_global().map_err(fault)?;
    if lufs.is_finite() { Ok(lufs) } else { Err(silent()) }
}

fn silent() -> StudioError {
    StudioError::BadSound("it is silent: the voice gave no sound".into())
}

/// Decoded sound: 32-bit floats, stereo, 48 kHz.
pub(crate) fn metered(stereo: &[u8], mode: Mode) -> Result<EbuR128, StudioError> {
    let alike = stereo.chunks_exact(8).all(|pair| pair[..4] == pair[4..]);
    let mut meter = if alike { both_sides(mode)? } else { EbuR128::new(2, SAMPLE_RATE, mode).map_err(fault)? };
    let step = if alike { 8 } else { 4 };
    let mut samples = Vec::with_capacity(SAMPLE_RATE as usize * 2);
    for second in stereo.chunks(SAMPLE_RATE as usize * 8) {
        samples.clear();
        samples.extend(second.chunks_exact(step).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])));
        meter.add_frames_f32(&samples).map_err(fault)?;
    }
    Ok(meter)
}

/// The highest true peak of all channels, as a factor of full scale.
pub(crate) fn true_peak(meter: &EbuR128) -> Result<f64, StudioError> {
    (0..meter.channels()).try_fold(0.0, |peak: f64, n| Ok(peak.max(meter.true_peak(n).map_err(fault)?)))
}

/// Loudness and true peak of the sound of an encoded file, decoded again. Silence is an error: it has no loudness.
///
/// `seconds` is how long it should be; a file that is far longer is an error.
pub fn measure_file(tools: &Tools, path: &Path, seconds: f64) -> Result<Loudness, StudioError> {
    let meter = metered(&tools.decode_sound(path, seconds)?, Mode::I | Mode::TRUE_PEAK)?;
    let (integrated_lufs, peak) = (meter.loudness_global().map_err(fault)?, true_peak(&meter)?);
    if !integrated_lufs.is_finite() || peak <= 0.0 {
        return Err(silent());
    }
    Ok(Loudness { integrated_lufs, true_peak_dbtp: 20.0 * peak.log10() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::babble;

    #[test]
    fn one_channel_for_both_sides_measures_as_two_do() {
        let samples = babble(6.0, 3);
        let bytes = |right: f32| -> Vec<u8> {
            samples.iter().flat_map(|s| [*s, s * right]).flat_map(f32::to_le_bytes).collect()
        };
        let mode = Mode::I | Mode::TRUE_PEAK;
        let (alike, nearly) =
            (metered(&bytes(1.0), mode).expect("one"), metered(&bytes(1.000_001), mode).expect("two"));
        assert_eq!((alike.channels(), nearly.channels()), (1, 2));
        let loudness = |meter: &EbuR128| meter.loudness_global().expect("loudness");
        assert!((loudness(&alike) - loudness(&nearly)).abs() < 1e-3);
        assert!((true_peak(&alike).expect("peak") - true_peak(&nearly).expect("peak")).abs() < 1e-4);
        assert!((integrated(&samples).expect("mono") - loudness(&alike)).abs() < 1e-9);
    }
}
