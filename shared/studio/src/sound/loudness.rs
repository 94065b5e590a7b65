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

    /// For mono samples that sound on both sides. Measures momentary and short-term loudness and true peaks, from which
    /// [`integrated`] and [`range`] are found for several pieces together.
    pub(crate) fn of_moments() -> Result<Self, StudioError> {
        Self::new(true, Mode::M | Mode::S | Mode::TRUE_PEAK)
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

    /// Loudness of the last 400 ms, LUFS.
    pub(crate) fn momentary(&self) -> Result<f64, StudioError> {
        self.0.loudness_momentary().map_err(fault)
    }

    /// Loudness of the last three seconds, LUFS.
    pub(crate) fn short_term(&self) -> Result<f64, StudioError> {
        self.0.loudness_shortterm().map_err(fault)
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

/// Below this nothing counts, LUFS (ITU-R BS.1770-5, annex 1).
pub const GATE_LUFS: f64 = -70.0;

/// Mean power of loudness values, back as loudness; minus infinity for none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), lufs| (sum + 10f64.powf(lufs / 10.0), count + 1));
    10.0 * (sum / f64::from(count)).log10()
}

/// Integrated loudness of momentary values a tenth of a second apart, LUFS: what is ten below the mean is left out
/// (ITU-R BS.1770-5, annex 1). Minus infinity when all is silent.
pub fn integrated(momentary: &[f64]) -> f64 {
    let heard = || momentary.iter().copied().filter(|lufs| *lufs > GATE_LUFS);
    if heard().next().is_none() {
        return f64::NEG_INFINITY;
    }
    let gate = mean(heard()) - 10.0;
    mean(heard().filter(|lufs| *lufs > gate))
}

/// Loudness range of short-term values a second apart, LU: from the tenth to the ninety-fifth of a hundred, without what is
/// twenty below the mean (EBU Tech 3342). Zero for less than two values.
pub fn range(short_term: &[f64]) -> f64 {
    let heard = || short_term.iter().copied().filter(|lufs| *lufs > GATE_LUFS);
    let gate = mean(heard()) - 20.0;
    let mut values: Vec<f64> = heard().filter(|lufs| *lufs > gate).collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((values.len().saturating_sub(1) as f64 * share).round() as usize).copied();
    at(0.95).zip(at(0.1)).map_or(0.0, |(high, low)| high - low)
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

    #[test]
    fn moments_add_up_to_what_the_library_measures() {
        let samples: Vec<f32> = [0.5, 0.02, 0.2]
            .iter()
            .zip(1..)
            .flat_map(|(level, seed)| babble(21.0, seed).into_iter().map(move |sample| sample * level))
            .collect();
        let (mut whole, mut meter) = (Meter::of_all(true).expect("whole"), Meter::of_moments().expect("moments"));
        let (mut moments, mut seconds) = (Vec::new(), Vec::new());
        for (n, part) in (1..).zip(samples.chunks(4_800)) {
            whole.add(part).expect("heard");
            meter.add(part).expect("heard");
            if n >= 4 {
                moments.push(meter.momentary().expect("moment"));
            }
            if n >= 30 && n % 10 == 0 {
                seconds.push(meter.short_term().expect("second"));
            }
        }
        let (loudness, lu) = (whole.heard().expect("measured"), whole.range().expect("measured"));
        assert!((integrated(&moments) - loudness).abs() < 0.01, "{} and {loudness}", integrated(&moments));
        assert!((range(&seconds) - lu).abs() < 0.2, "{} and {lu}", range(&seconds));
        assert!(lu > 5.0 && integrated(&[-80.0, -75.0]) == f64::NEG_INFINITY && range(&[]) == 0.0);
    }
}
