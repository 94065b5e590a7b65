//! Loudness by EBU R 128.

use ebur128::{Channel, EbuR128, Mode};

use crate::SAMPLE_RATE;
use crate::error::StudioError;

fn fault(error: ebur128::Error) -> StudioError {
    StudioError::BadSound(format!("loudness cannot be measured: {error}"))
}

/// Measures sound at 48 kHz that comes piece by piece.
pub struct Meter(EbuR128);

impl Meter {
    /// For mono samples that sound on both sides: half the work of two channels that are alike, with the same result.
    /// Measures loudness alone.
    pub fn of_loudness() -> Result<Self, StudioError> {
        Self::new(true, Mode::I)
    }

    /// For mono samples that sound on both sides, or for two channels by turns. Measures loudness, its range and true
    /// peaks.
    pub(crate) fn of_all(alike: bool) -> Result<Self, StudioError> {
        Self::new(alike, Mode::I | Mode::LRA | Mode::TRUE_PEAK)
    }

    fn new(alike: bool, mode: Mode) -> Result<Self, StudioError> {
        let mut meter = EbuR128::new(if alike { 1 } else { 2 }, SAMPLE_RATE, mode).map_err(fault)?;
        if alike {
            meter.set_channel(0, Channel::DualMono).map_err(fault)?;
        }
        Ok(Self(meter))
    }

    /// Hears samples.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), StudioError> {
        self.0.add_frames_f32(samples).map_err(fault)
    }

    /// Integrated loudness so far, LUFS; minus infinity for silence.
    pub fn loudness(&self) -> Result<f64, StudioError> {
        self.0.loudness_global().map_err(fault)
    }

    /// Integrated loudness so far, LUFS.
    ///
    /// # Errors
    /// Silence, which has none.
    pub fn heard(&self) -> Result<f64, StudioError> {
        Some(self.loudness()?)
            .filter(|lufs| lufs.is_finite())
            .ok_or_else(|| StudioError::BadSound("it is silent: the voice gave no sound".into()))
    }

    /// Loudness range so far, LU.
    pub(crate) fn range(&self) -> Result<f64, StudioError> {
        self.0.loudness_range().map_err(fault)
    }

    /// The highest true peak of all channels, as a factor of full scale.
    pub(crate) fn true_peak(&self) -> Result<f64, StudioError> {
        (0..self.0.channels()).try_fold(0.0, |peak: f64, n| Ok(peak.max(self.0.true_peak(n).map_err(fault)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::babble;

    #[test]
    fn one_channel_for_both_sides_measures_as_two_do() {
        let samples = babble(6.0, 3);
        let two: Vec<f32> = samples.iter().flat_map(|sample| [*sample, *sample]).collect();
        let (mut alike, mut apart) = (Meter::of_all(true).expect("one"), Meter::of_all(false).expect("two"));
        for (one, two) in samples.chunks(7_000).zip(two.chunks(14_000)) {
            alike.add(one).expect("heard");
            apart.add(two).expect("heard");
        }
        let of =
            |meter: &Meter| [meter.heard(), meter.range(), meter.true_peak()].map(|value| value.expect("measured"));
        for (one, two) in of(&alike).into_iter().zip(of(&apart)) {
            assert!((one - two).abs() < 1e-6, "{one} and {two}");
        }
    }
}
