//! Loudness by EBU R 128.

use std::path::Path;

use ebur128::{EbuR128, Mode};
use proofreel_model::film::Loudness;

use crate::SAMPLE_RATE;
use crate::error::StudioError;
use crate::tools::Tools;

fn fault(error: ebur128::Error) -> StudioError {
    StudioError::BadSound(format!("loudness cannot be measured: {error}"))
}

/// Loudness and true peak of stereo samples at 48 kHz, left and right in turn. Silence is an error: it has no loudness.
fn measure_stereo(chunks: impl Iterator<Item = Vec<f32>>) -> Result<Loudness, StudioError> {
    let mut meter = EbuR128::new(2, SAMPLE_RATE, Mode::I | Mode::TRUE_PEAK).map_err(fault)?;
    for chunk in chunks {
        meter.add_frames_f32(&chunk).map_err(fault)?;
    }
    let integrated_lufs = meter.loudness_global().map_err(fault)?;
    let peak = meter.true_peak(0).map_err(fault)?.max(meter.true_peak(1).map_err(fault)?);
    if !integrated_lufs.is_finite() || peak <= 0.0 {
        return Err(StudioError::BadSound("it is silent: the voice gave no sound".into()));
    }
    Ok(Loudness { integrated_lufs, true_peak_dbtp: 20.0 * peak.log10() })
}

/// Loudness and true peak of mono samples at 48 kHz, as they sound on both sides of a stereo file.
pub fn measure(samples: &[f32]) -> Result<Loudness, StudioError> {
    measure_stereo(
        samples.chunks(SAMPLE_RATE as usize).map(|chunk| chunk.iter().flat_map(|sample| [*sample, *sample]).collect()),
    )
}

/// Loudness and true peak of the sound of an encoded file, decoded again.
///
/// `seconds` is how long it should be; a file that is far longer is an error.
pub fn measure_file(tools: &Tools, path: &Path, seconds: f64) -> Result<Loudness, StudioError> {
    let decoded = tools.decode_sound(path, seconds)?;
    measure_stereo(
        decoded
            .chunks(SAMPLE_RATE as usize * 8)
            .map(|bytes| bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
    )
}
