//! A look-ahead limiter that works on true peaks.

use std::collections::VecDeque;

use super::kernel::{Kernel, dot};
use crate::SAMPLE_RATE;

/// Look-ahead, samples (5 ms).
const AHEAD: usize = SAMPLE_RATE as usize / 200;
/// Time in which the gain comes back, seconds.
const RELEASE: f32 = 0.08;
/// Taps on each side of the interpolation that finds peaks between samples.
const TAPS: usize = 12;
/// Samples that are worked on together: a film is never copied as a whole.
const BLOCK: usize = 1 << 15;

/// Weights that give the points a quarter, a half and three quarters of the way to the next sample.
fn quarters() -> [Kernel<{ 2 * TAPS }>; 3] {
    [1, 2, 3].map(|quarter| {
        let offset = f64::from(quarter) / 4.0;
        std::array::from_fn(|k| {
            let x = k as f64 - (TAPS - 1) as f64 - offset;
            let sinc = (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x);
            let hann = 0.5 + 0.5 * (std::f64::consts::PI * x / (TAPS + 1) as f64).cos();
            (sinc * hann) as f32
        })
    })
}

/// The level at each sample: the highest of its own and of three points between it and the next (four-fold
/// oversampling, as ITU-R BS.1770 measures true peaks). `around` has `TAPS` samples more on both sides.
fn levels(around: &[f32], weights: &[Kernel<{ 2 * TAPS }>; 3]) -> Vec<f32> {
    let count = around.len().saturating_sub(2 * TAPS);
    (TAPS..TAPS + count)
        .map(|n| {
            let near = around[n].abs().max(around[n + 1].abs());
            // Where both neighbours are quiet, no peak worth the work lies between.
            if near < 0.4 {
                return near;
            }
            let part = &around[n + 1 - TAPS..=n + TAPS];
            weights.iter().fold(around[n].abs(), |peak, weights| peak.max(dot(part, weights).abs()))
        })
        .collect()
}

/// What the limiter carries from one sample to the next.
struct Hold {
    /// The gain now, before its mean is taken.
    now: f32,
    /// How fast it comes back, a sample.
    back: f32,
    /// Gains of the last samples, and their sum.
    last: VecDeque<f32>,
    sum: f64,
}

impl Hold {
    fn new(first: f32) -> Self {
        let back = 1.0 - (-1.0 / (RELEASE * SAMPLE_RATE as f32)).exp();
        let now = first.min(1.0);
        let last = VecDeque::from(vec![now; AHEAD + 1]);
        Self { now, back, last, sum: f64::from(now) * (AHEAD + 1) as f64 }
    }

    /// The gain for the next sample, of which `lowest` is wanted from it to the end of the look-ahead. The mean over
    /// the look-ahead turns steps into ramps; every value in it is low enough for this sample.
    fn next(&mut self, lowest: f32) -> f32 {
        self.now = lowest.min(self.now + (1.0 - self.now) * self.back);
        self.sum += f64::from(self.now) - f64::from(self.last.pop_front().unwrap_or(1.0));
        self.last.push_back(self.now);
        (self.sum / (AHEAD + 1) as f64) as f32
    }
}

/// Amplifies by `gain` and holds true peaks at `ceiling` (both as factors), and hands the result on piece by piece.
/// The gain falls before a peak and comes back after it, both without a step.
pub fn limit_into<E>(
    samples: &[f32],
    gain: f32,
    ceiling: f32,
    mut take: impl FnMut(&[f32]) -> Result<(), E>,
) -> Result<(), E> {
    let weights = quarters();
    let mut hold: Option<Hold> = None;
    for start in (0..samples.len()).step_by(BLOCK) {
        let end = (start + BLOCK).min(samples.len());
        let loud = amplified(samples, start, (end + AHEAD).min(samples.len()), gain);
        let wanted: Vec<f32> = levels(&loud, &weights)
            .into_iter()
            .map(|level| if level > ceiling { ceiling / level } else { 1.0 })
            .collect();
        let lowest = lowest_ahead(&wanted);
        let hold = hold.get_or_insert_with(|| Hold::new(lowest[0]));
        let mut out = loud[TAPS..TAPS + end - start].to_vec();
        for (sample, lowest) in out.iter_mut().zip(&lowest) {
            *sample *= hold.next(*lowest);
        }
        take(&out)?;
    }
    Ok(())
}

/// Samples from `start` to `end`, amplified, with `TAPS` more on both sides; beyond the ends it is silent.
fn amplified(samples: &[f32], start: usize, end: usize, gain: f32) -> Vec<f32> {
    let (from, to) = (start.saturating_sub(TAPS), (end + TAPS).min(samples.len()));
    let mut out = vec![0.0; from + TAPS - start];
    out.extend(samples[from..to].iter().map(|sample| sample * gain));
    out.resize(end - start + 2 * TAPS, 0.0);
    out
}

/// At each place the lowest of the values from it to `AHEAD` samples later.
fn lowest_ahead(values: &[f32]) -> Vec<f32> {
    let mut queue: VecDeque<usize> = VecDeque::new();
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

    fn limit(samples: &[f32], gain: f32, ceiling: f32) -> Vec<f32> {
        let mut out = Vec::new();
        limit_into(samples, gain, ceiling, |part| {
            out.extend_from_slice(part);
            Ok::<(), ()>(())
        })
        .expect("limited");
        out
    }

    fn peak(samples: &[f32]) -> f32 {
        levels(&amplified(samples, 0, samples.len(), 1.0), &quarters()).into_iter().fold(0.0, f32::max)
    }

    #[test]
    fn peaks_stay_below_the_ceiling_and_quiet_parts_are_left_alone() {
        let samples: Vec<f32> = (0..48_000)
            .map(|n| {
                let loud = if (20_000..21_000).contains(&n) { 0.9 } else { 0.1 };
                (n as f32 * 0.21).sin() * loud
            })
            .collect();
        let out = limit(&samples, 1.0, 0.5);
        assert!(peak(&out) <= 0.51);
        for n in (1000..15_000).chain(45_000..47_000) {
            assert!((out[n] - samples[n]).abs() < 1e-3, "at {n}");
        }
    }

    #[test]
    fn a_peak_between_samples_is_seen() {
        // A tone at a quarter of the rate, sampled 45° off its peaks: samples reach 0.707 of what lies between.
        let samples: Vec<f32> =
            (0..4800).map(|n| (n as f32 * std::f32::consts::FRAC_PI_2 + std::f32::consts::FRAC_PI_4).sin()).collect();
        assert!(peak(&samples) > 0.97);
    }

    #[test]
    fn the_gain_never_jumps_not_even_between_blocks() {
        for at in [4800, BLOCK - 100, BLOCK - 1, BLOCK, BLOCK + 3] {
            let mut samples = vec![0.2f32; BLOCK + 9600];
            samples[at] = 4.0;
            let out = limit(&samples, 1.0, 0.5);
            assert_eq!(out.len(), samples.len());
            let steps = out
                .windows(2)
                .enumerate()
                .filter(|(n, _)| !(at - 2..at + 2).contains(n))
                .map(|(_, pair)| (pair[1] - pair[0]).abs());
            assert!(steps.fold(0.0, f32::max) < 0.002, "a peak at {at}");
            assert!(peak(&out) <= 0.51, "a peak at {at}");
        }
    }
}
