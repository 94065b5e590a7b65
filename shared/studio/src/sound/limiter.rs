//! A look-ahead limiter that works on true peaks.

use crate::SAMPLE_RATE;

/// Look-ahead, samples (5 ms).
const AHEAD: usize = SAMPLE_RATE as usize / 200;
/// Time in which the gain comes back, seconds.
const RELEASE: f32 = 0.08;
/// Taps on each side of the interpolation that finds peaks between samples.
const TAPS: i32 = 12;

/// The level at each sample: the highest of its own and of three points between it and the next (four-fold
/// oversampling, as ITU-R BS.1770 measures true peaks).
fn levels(samples: &[f32]) -> Vec<f32> {
    let weights: Vec<Vec<f32>> = (1..4)
        .map(|quarter| {
            let offset = f64::from(quarter) / 4.0;
            ((1 - TAPS)..=TAPS)
                .map(|k| {
                    let x = f64::from(k) - offset;
                    let sinc = (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x);
                    let hann = 0.5 + 0.5 * (std::f64::consts::PI * x / f64::from(TAPS + 1)).cos();
                    (sinc * hann) as f32
                })
                .collect()
        })
        .collect();
    (0..samples.len())
        .map(|n| {
            let near = samples[n].abs().max(samples.get(n + 1).map_or(0.0, |next| next.abs()));
            // Where both neighbours are quiet, no peak worth the work lies between.
            if near < 0.4 {
                return near;
            }
            weights.iter().fold(samples[n].abs(), |peak, weights| {
                let first = n as i32 + 1 - TAPS;
                let sum: f32 = weights
                    .iter()
                    .enumerate()
                    .filter_map(|(k, weight)| Some(weight * samples.get(usize::try_from(first + k as i32).ok()?)?))
                    .sum();
                peak.max(sum.abs())
            })
        })
        .collect()
}

/// Amplifies by `gain` and holds true peaks at `ceiling` (both as factors). The gain falls before a peak and comes back
/// after it, both without a step.
pub fn limit(samples: &[f32], gain: f32, ceiling: f32) -> Vec<f32> {
    let mut loud: Vec<f32> = samples.iter().map(|sample| sample * gain).collect();
    let wanted: Vec<f32> =
        levels(&loud).into_iter().map(|level| if level > ceiling { ceiling / level } else { 1.0 }).collect();
    let mut held = lowest_ahead(&wanted);
    // As long as the film each: a long one has no room for more than are needed.
    drop(wanted);
    let back = 1.0 - (-1.0 / (RELEASE * SAMPLE_RATE as f32)).exp();
    let mut now = 1.0f32;
    for gain in &mut held {
        now = gain.min(now + (1.0 - now) * back);
        *gain = now;
    }
    // The mean over the look-ahead turns steps into ramps; every value in it is low enough for this sample.
    let mut sum = f64::from(held.first().copied().unwrap_or(1.0)) * (AHEAD + 1) as f64;
    let first = f64::from(held.first().copied().unwrap_or(1.0));
    for (n, sample) in loud.iter_mut().enumerate() {
        let leaving = if n > AHEAD { f64::from(held[n - AHEAD - 1]) } else { first };
        sum += f64::from(held[n]) - leaving;
        *sample *= (sum / (AHEAD + 1) as f64) as f32;
    }
    loud
}

/// At each place the lowest of the values from it to `AHEAD` samples later.
fn lowest_ahead(values: &[f32]) -> Vec<f32> {
    let mut queue: std::collections::VecDeque<usize> = std::collections::VecDeque::new();
    let mut out = vec![1.0; values.len()];
    for n in (0..values.len()).rev() {
        while queue.back().is_some_and(|at| values[*at] >= values[n]) {
            queue.pop_back();
        }
        queue.push_back(n);
        while queue.front().is_some_and(|at| *at > n + AHEAD) {
            queue.pop_front();
        }
        out[n] = queue.front().map_or(1.0, |at| values[*at]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_stay_below_the_ceiling_and_quiet_parts_are_left_alone() {
        let samples: Vec<f32> = (0..48_000)
            .map(|n| {
                let loud = if (20_000..21_000).contains(&n) { 0.9 } else { 0.1 };
                (n as f32 * 0.21).sin() * loud
            })
            .collect();
        let out = limit(&samples, 1.0, 0.5);
        assert!(levels(&out).into_iter().fold(0.0, f32::max) <= 0.51);
        for n in (1000..15_000).chain(45_000..47_000) {
            assert!((out[n] - samples[n]).abs() < 1e-3, "at {n}");
        }
    }

    #[test]
    fn a_peak_between_samples_is_seen() {
        // A tone at a quarter of the rate, sampled 45° off its peaks: samples reach 0.707 of what lies between.
        let samples: Vec<f32> =
            (0..4800).map(|n| (n as f32 * std::f32::consts::FRAC_PI_2 + std::f32::consts::FRAC_PI_4).sin()).collect();
        let level = levels(&samples)[2400];
        assert!(level > 0.97, "{level}");
    }

    #[test]
    fn the_gain_never_jumps() {
        let mut samples = vec![0.2f32; 9600];
        samples[4800] = 4.0;
        let out = limit(&samples, 1.0, 0.5);
        let steps = out
            .windows(2)
            .enumerate()
            .filter(|(n, _)| !(4798..4802).contains(n))
            .map(|(_, pair)| (pair[1] - pair[0]).abs());
        assert!(steps.fold(0.0, f32::max) < 0.002);
    }
}
