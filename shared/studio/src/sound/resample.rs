//! Sample-rate conversion by a windowed-sinc polyphase filter.

use super::kernel::dot;
use crate::SAMPLE_RATE;
use crate::error::StudioError;

/// Zero crossings of the sinc on each side: the transition band is a few percent of the lower rate.
const HALF_TAPS: usize = 32;
/// Kaiser window parameter for about 90 dB of attenuation.
const BETA: f64 = 9.0;

/// Modified Bessel function of the first kind, order zero, by its power series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..60 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
        if term < sum * 1e-14 {
            break;
        }
    }
    sum
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How many samples at 48 kHz so many at `rate` become.
pub fn resampled(samples: usize, rate: u32) -> Result<u64, StudioError> {
    if !(4_000..=384_000).contains(&rate) {
        return Err(StudioError::BadSound(format!("a sample rate of {rate} Hz; expected 4,000 to 384,000")));
    }
    Ok((samples as u64 * u64::from(SAMPLE_RATE)).div_ceil(u64::from(rate)))
}

/// Converts mono 16-bit samples at `rate` to 48 kHz, −1 to 1. The result lasts as long as the input, to a sample.
pub fn resample(samples: &[i16], rate: u32) -> Result<Vec<f32>, StudioError> {
    let length = resampled(samples.len(), rate)? as usize;
    let scaled = samples.iter().map(|sample| f32::from(*sample) / 32_768.0);
    if rate == SAMPLE_RATE {
        return Ok(scaled.collect());
    }
    let common = gcd(SAMPLE_RATE, rate);
    let (up, down) = ((SAMPLE_RATE / common) as usize, (rate / common) as usize);
    let phases = filter(up, down);
    let taps = phases[0].len();
    // Silence on both sides, so that every weight has a sample.
    let before = taps / 2 - 1;
    let mut input = vec![0.0; before];
    input.extend(scaled);
    input.resize(before + samples.len() + taps, 0.0);
    let out = (0..length).map(|n| {
        let position = n * down;
        let (whole, phase) = (position / up, position % up);
        dot(&input[whole..whole + taps], &phases[phase])
    });
    Ok(out.collect())
}

/// One set of weights for each position between two input samples; each set sums to 1.
fn filter(up: usize, down: usize) -> Vec<Vec<f32>> {
    // Cut off below the lower of both Nyquist frequencies, relative to the input's.
    let cutoff = (up as f64 / down as f64).min(1.0) * 0.96;
    let half = (HALF_TAPS as f64 / cutoff.min(1.0)).ceil() as usize;
    (0..up)
        .map(|phase| {
            let offset = phase as f64 / up as f64;
            let weights: Vec<f64> = (0..2 * half)
                .map(|k| {
                    let x = k as f64 - (half as f64 - 1.0) - offset;
                    let sinc = if x.abs() < 1e-12 {
                        1.0
                    } else {
                        (std::f64::consts::PI * cutoff * x).sin() / (std::f64::consts::PI * cutoff * x)
                    };
                    let edge = (x / half as f64).clamp(-1.0, 1.0);
                    sinc * bessel(BETA * (1.0 - edge * edge).sqrt()) / bessel(BETA)
                })
                .collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| (weight / sum) as f32).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hertz: f64, seconds: f64) -> Vec<i16> {
        (0..(f64::from(rate) * seconds) as usize)
            .map(|n| ((n as f64 * hertz * std::f64::consts::TAU / f64::from(rate)).sin() * 16_000.0) as i16)
            .collect()
    }

    #[test]
    fn a_tone_keeps_its_pitch_level_and_length() {
        for rate in [16_000, 22_050, 24_000, 44_100, 96_000] {
            let out = resample(&tone(rate, 1000.0, 0.5), rate).expect("resampled");
            assert!((out.len() as i64 - 24_000).abs() <= 3, "{rate}: {}", out.len());
            for (n, sample) in out.iter().enumerate().skip(2400).take(19_000) {
                let expected = (n as f64 * 1000.0 * std::f64::consts::TAU / 48_000.0).sin() * 16_000.0 / 32_768.0;
                assert!((f64::from(*sample) - expected).abs() < 2e-3, "{rate} at {n}: {sample} for {expected}");
            }
        }
    }

    #[test]
    fn mirror_images_are_gone() {
        // 11 kHz at 24 kHz would mirror to 13 kHz at 48 kHz: compare the energy of both after conversion.
        let out = resample(&tone(24_000, 11_000.0, 0.5), 24_000).expect("resampled");
        let energy = |hertz: f64| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, sample) in out.iter().enumerate() {
                let angle = n as f64 * hertz * std::f64::consts::TAU / 48_000.0;
                re += f64::from(*sample) * angle.cos();
                im += f64::from(*sample) * angle.sin();
            }
            re.hypot(im)
        };
        assert!(energy(13_000.0) < energy(11_000.0) * 1e-3, "{} of {}", energy(13_000.0), energy(11_000.0));
    }

    #[test]
    fn an_impossible_rate_is_refused() {
        assert!(resample(&[0, 1], 0).is_err());
    }
}
