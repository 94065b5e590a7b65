//! From the network's parameters to samples.
//!
//! The sound of a frame is the sum of three spectra: a train of pulses at the pitch, filtered; noise, shaped; and a part
//! whose phase is free. One inverse short-time Fourier transform turns them into samples. The model is that of
//! hibari-tts 0.2.1 (`dsp.py`, Apache-2.0), whose parameters the network was trained to predict; the numbers below are
//! its numbers.

use std::f32::consts::{PI, TAU};
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::network::{BINS, Frames};

/// Samples a second.
pub const SAMPLE_RATE: u32 = 24_000;
/// Samples of a frame: 12.5 ms.
pub const HOP: usize = 300;
/// Samples of a window: four frames.
const WINDOW: usize = 4 * HOP;
/// Below this pitch a frame has no pulses, Hz.
const VOICED: f32 = 40.0;
/// No harmonic above this, Hz.
const HIGHEST: f32 = 11_000.0;
/// No log-magnitude above this.
const LOUDEST: f32 = 7.0;

/// Noise that a seed fixes: `SplitMix64` (Steele, Lea and Flood, 2014) gives uniform numbers, Box and Muller's transform
/// makes them normal with mean 0 and variance 1.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number whose real and imaginary part are independent and normal, each with variance 1.
    pub fn normal(&mut self) -> Complex32 {
        const UNIT: f32 = 1.0 / 4_294_967_296.0;
        let bits = self.next();
        let (high, low) = ((bits >> 32) as u32, bits as u32);
        let radius = (-2.0 * ((high as f32 + 1.0) * UNIT).min(1.0).ln()).sqrt();
        let (sin, cos) = (TAU * (low as f32 * UNIT)).sin_cos();
        Complex32::new(radius * cos, radius * sin)
    }
}

/// Makes sound; holds the plans of its Fourier transforms.
pub struct Synthesizer {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    /// Periodic Hann window.
    window: Vec<f32>,
}

impl Default for Synthesizer {
    fn default() -> Self {
        let mut planner = RealFftPlanner::new();
        let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f32 / WINDOW as f32).cos();
        Self {
            forward: planner.plan_fft_forward(WINDOW),
            inverse: planner.plan_fft_inverse(WINDOW),
            window: (0..WINDOW).map(hann).collect(),
        }
    }
}

impl Synthesizer {
    /// Samples of a piece, [`HOP`] for each frame, mostly within ±1. Without `noise` the noise part is left out, which
    /// is for measuring only. The error is a sentence for people.
    pub fn sound(&self, frames: &Frames, mut noise: Option<&mut Noise>) -> Result<Vec<f32>, String> {
        let count = frames.count;
        let pulses = pulses(&frames.pitch);
        let (mut input, mut spectrum) = (self.forward.make_input_vec(), self.forward.make_output_vec());
        let mut scratch = self.forward.make_scratch_vec();
        let (mut output, mut back) = (self.inverse.make_output_vec(), self.inverse.make_scratch_vec());
        let mut sum = vec![0.0_f32; (count + 3) * HOP];
        let mut weight = vec![0.0_f32; (count + 3) * HOP];
        // A cosine of amplitude 1 has the magnitude 1 in the transform of the pulses.
        let scale = 1.0 / HOP as f32;
        for frame in 0..count {
            for (n, value) in input.iter_mut().enumerate() {
                *value = mirrored(&pulses, (frame * HOP + n) as isize - (WINDOW / 2) as isize) * self.window[n] * scale;
            }
            self.forward
                .process_with_scratch(&mut input, &mut spectrum, &mut scratch)
                .map_err(|e| format!("the transform of the pulses failed: {e}"))?;
            for (bin, value) in spectrum.iter_mut().enumerate() {
                let at = bin * count + frame;
                let turned = Complex32::from_polar(magnitude(frames.harmonic[at]), PI * frames.turn[at].tanh());
                let free = Complex32::from_polar(magnitude(frames.free[at]), frames.phase[at]);
                *value = *value * turned + free;
                if let Some(noise) = noise.as_deref_mut() {
                    *value += noise.normal() * magnitude(frames.noise[at]);
                }
            }
            // A real signal has real values at 0 Hz and at the highest bin.
            spectrum[0].im = 0.0;
            spectrum[BINS - 1].im = 0.0;
            self.inverse
                .process_with_scratch(&mut spectrum, &mut output, &mut back)
                .map_err(|e| format!("the transform into sound failed: {e}"))?;
            for (n, value) in output.iter().enumerate() {
                sum[frame * HOP + n] += value * self.window[n] / WINDOW as f32;
                weight[frame * HOP + n] += self.window[n] * self.window[n];
            }
        }
        let (from, to) = (WINDOW / 2, WINDOW / 2 + count * HOP);
        Ok(sum[from..to].iter().zip(&weight[from..to]).map(|(value, weight)| value / weight.max(1e-11)).collect())
    }
}

fn magnitude(logarithm: f32) -> f32 {
    logarithm.min(LOUDEST).exp()
}

/// The sample at `at`, reflected at both ends.
fn mirrored(samples: &[f32], at: isize) -> f32 {
    let last = samples.len() as isize - 1;
    let at = if at < 0 { -at } else { at };
    let at = if at > last { 2 * last - at } else { at };
    samples.get(at.max(0) as usize).copied().unwrap_or(0.0)
}

/// A train of pulses at the pitch: every harmonic up to [`HIGHEST`] with amplitude 1, by the sum
/// Σ cos(h t) = sin((H + ½) t) / (2 sin(t / 2)) − ½ (Dirichlet's kernel); nothing where the pitch is unvoiced.
fn pulses(pitch: &[f32]) -> Vec<f32> {
    let last = pitch.len().saturating_sub(1);
    let mut out = Vec::with_capacity(pitch.len() * HOP);
    let mut phase = 0.0_f64; // turns
    for frame in 0..pitch.len() {
        for n in 0..HOP {
            // A frame's value holds at its middle; between middles it is interpolated.
            let offset = (n as f32 + 0.5) / HOP as f32 - 0.5;
            let (before, part) = if offset < 0.0 { (frame.saturating_sub(1), offset + 1.0) } else { (frame, offset) };
            let after = if offset < 0.0 { frame } else { (frame + 1).min(last) };
            let hertz = pitch[before] * (1.0 - part) + pitch[after] * part;
            let held = hertz.max(VOICED);
            phase += f64::from(held) / f64::from(SAMPLE_RATE);
            phase -= phase.floor();
            if hertz <= VOICED {
                out.push(0.0);
                continue;
            }
            let angle = (phase * std::f64::consts::TAU) as f32;
            let order = (HIGHEST / held).floor() + 0.5;
            let below = 2.0 * (angle * 0.5).sin();
            out.push(if below.abs() <= 2e-3 { order } else { (order * angle).sin() / below } - 0.5);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(count: usize, pitch: f32) -> Frames {
        let quiet = || vec![-30.0; BINS * count];
        Frames {
            count,
            harmonic: quiet(),
            turn: vec![0.0; BINS * count],
            noise: quiet(),
            free: quiet(),
            phase: vec![0.0; BINS * count],
            pitch: vec![pitch; count],
            steps: vec![count as u32 / 2],
        }
    }

    fn level(samples: &[f32]) -> f32 {
        (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt()
    }

    #[test]
    fn a_filter_of_one_gives_back_the_pulses() {
        let mut given = frames(40, 120.0);
        given.harmonic.fill((HOP as f32).ln()); // undoes the scale that makes a magnitude of the pulses
        let heard = Synthesizer::default().sound(&given, None).unwrap();
        let pulses = pulses(&given.pitch);
        assert_eq!(heard.len(), 40 * HOP);
        let middle = 4 * HOP..36 * HOP;
        let error: Vec<f32> = middle.clone().map(|n| heard[n] - pulses[n]).collect();
        assert!(level(&error) < 1e-3 * level(&pulses[middle]), "{}", level(&error));
    }

    #[test]
    fn pulses_come_at_the_pitch_and_unvoiced_frames_have_none() {
        let train = pulses(&[100.0; 80]); // a second
        let peaks = train.windows(3).filter(|w| w[1] > 50.0 && w[1] >= w[0] && w[1] > w[2]).count();
        assert!((99..=101).contains(&peaks), "{peaks}");
        assert!(pulses(&[30.0; 8]).iter().all(|x| *x == 0.0));
    }

    #[test]
    fn noise_is_normal_and_fixed_by_its_seed() {
        let mut noise = Noise::new(7);
        let drawn: Vec<Complex32> = (0..100_000).map(|_| noise.normal()).collect();
        let count = drawn.len() as f32;
        for part in [|z: &Complex32| z.re, |z: &Complex32| z.im] {
            let mean = drawn.iter().map(part).sum::<f32>() / count;
            let variance = drawn.iter().map(|z| part(z).powi(2)).sum::<f32>() / count;
            let beyond = drawn.iter().filter(|z| part(z).abs() > 1.96).count() as f32 / count;
            assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
            assert!((beyond - 0.05).abs() < 0.004, "{beyond}");
        }
        let product = drawn.iter().map(|z| z.re * z.im).sum::<f32>() / count;
        assert!(product.abs() < 0.015, "{product}");
        assert_eq!(Noise::new(7).normal(), drawn[0]);
        assert_ne!(Noise::new(8).normal(), drawn[0]);
    }

    #[test]
    fn shaped_noise_has_the_level_of_its_spectrum() {
        let mut given = frames(80, 0.0);
        given.noise.fill(0.0);
        let synthesizer = Synthesizer::default();
        let heard = synthesizer.sound(&given, Some(&mut Noise::new(1))).unwrap();
        assert!(synthesizer.sound(&given, None).unwrap().iter().all(|x| x.abs() < 1e-6));
        given.noise.fill(2.0_f32.ln());
        let louder = synthesizer.sound(&given, Some(&mut Noise::new(1))).unwrap();
        assert!((level(&louder) / level(&heard) - 2.0).abs() < 1e-3);
    }
}
