//! Small sounds: a breath of air at a scene turn, and a soft pluck where a scene's first fact is said.

use std::f64::consts::{PI, TAU};

use super::bed::pluck_hertz;
use super::score::{Chance, Score};
use crate::SAMPLE_RATE;

/// Length of the air at a turn, seconds: as long as the pause between scenes.
const AIR_SECONDS: f64 = 0.62;
/// Where in it the turn lies.
const AIR_TURN: f64 = 0.55;
/// How fast a pluck dies away, seconds.
const PLUCK_SECONDS: f64 = 0.09;
/// Length of a pluck, seconds.
const PLUCK_LENGTH: f64 = 0.6;

/// The sounds of a film, turns and reveals apart, each with a root mean square of 1 over its loud half.
pub fn accents(score: &Score) -> (Vec<f32>, Vec<f32>) {
    let (mut turns, mut reveals) = (vec![0.0f32; score.samples as usize], vec![0.0f32; score.samples as usize]);
    let rate = f64::from(SAMPLE_RATE);
    let hertz = pluck_hertz(score);
    for (n, turn) in score.turns.iter().enumerate() {
        if n > 0 {
            let start = turn.start.saturating_sub((AIR_SECONDS * AIR_TURN * rate) as u64);
            air(&mut turns, start as usize, score.seed ^ n as u64);
        }
        if let Some(at) = turn.reveal {
            pluck(&mut reveals, at as usize, hertz);
        }
    }
    (turns, reveals)
}

/// Noise through a band that opens and closes, faded at both ends.
fn air(out: &mut [f32], start: usize, seed: u64) {
    let rate = f64::from(SAMPLE_RATE);
    let (count, mut chance) = ((AIR_SECONDS * rate) as usize, Chance::new(seed));
    let (mut low, mut band) = (0.0f64, 0.0f64);
    for n in 0..count {
        let share = n as f64 / count as f64;
        let shape = (share * PI).sin().powi(2);
        // State-variable filter (Chamberlin): the band moves from 350 to 1,000 hertz and back.
        let f = 2.0 * (PI * (350.0 + 650.0 * shape) / rate).sin();
        let noise = chance.share() * 2.0 - 1.0;
        let high = noise - low - 1.2 * band;
        band += f * high;
        low += f * band;
        if let Some(sample) = out.get_mut(start + n) {
            *sample += (band * shape * 8.0) as f32;
        }
    }
}

/// A sine with a soft start that dies away, its octave faintly above it.
fn pluck(out: &mut [f32], start: usize, hertz: f64) {
    let rate = f64::from(SAMPLE_RATE);
    for n in 0..(PLUCK_LENGTH * rate) as usize {
        let t = n as f64 / rate;
        let edge = (t / 0.012).min(1.0) * (1.0 - t / PLUCK_LENGTH);
        let tone = (TAU * hertz * t).sin() + 0.15 * (TAU * 2.0 * hertz * t).sin();
        if let Some(sample) = out.get_mut(start + n) {
            *sample += (tone * edge * (-t / PLUCK_SECONDS).exp() * 3.0) as f32;
        }
    }
}
