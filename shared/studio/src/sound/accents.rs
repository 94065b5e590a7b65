//! Small sounds: a breath of air at a scene turn, and a soft pluck where a scene's first fact is said.

use std::f64::consts::{PI, TAU};

use super::bed::pluck_hertz;
use super::score::{Chance, Passage};
use crate::SAMPLE_RATE;

/// Length of the air at a turn, seconds: as long as the pause between scenes.
const AIR_SECONDS: f64 = 0.62;
/// Where in it the turn lies.
const AIR_TURN: f64 = 0.55;
/// How fast a pluck dies away, seconds.
const PLUCK_SECONDS: f64 = 0.09;
/// Length of a pluck, seconds.
const PLUCK_LENGTH: f64 = 0.6;

/// Adds the sounds of a passage to what lies from `at` on: air at each turn and a pluck at each first fact, with these
/// root mean squares over their lengths.
pub fn accents(passage: &Passage<'_>, seed: u64, turn_level: f32, reveal_level: f32, at: i64, out: &mut [f32]) {
    let mut add = |start: i64, seconds: f64, level: f32, sound: &dyn Fn() -> Vec<f32>| {
        let from = start - at;
        // Made only where it is heard.
        if from < out.len() as i64 && from + (seconds * f64::from(SAMPLE_RATE)) as i64 > 0 {
            let (skipped, first) = ((-from).max(0) as usize, from.max(0) as usize);
            for (sample, more) in out.iter_mut().skip(first).zip(sound().iter().skip(skipped)) {
                *sample += more * level;
            }
        }
    };
    for placed in passage.turns() {
        if placed.number > 0 {
            let start = placed.start - (AIR_SECONDS * AIR_TURN * f64::from(SAMPLE_RATE)) as i64;
            add(start, AIR_SECONDS, turn_level, &|| air(seed ^ placed.number as u64));
        }
        if let Some(reveal) = placed.turn.reveal {
            add(placed.start + reveal as i64, PLUCK_LENGTH, reveal_level, &|| pluck(pluck_hertz(seed)));
        }
    }
}

/// Brings a sound to a root mean square of 1.
fn even(sound: Vec<f64>) -> Vec<f32> {
    let power = sound.iter().map(|sample| sample * sample).sum::<f64>() / sound.len().max(1) as f64;
    sound.into_iter().map(|sample| (sample / power.sqrt().max(1e-9)) as f32).collect()
}

/// Noise through a band that opens and closes, faded at both ends, without hiss.
fn air(seed: u64) -> Vec<f32> {
    let rate = f64::from(SAMPLE_RATE);
    let (count, mut chance) = ((AIR_SECONDS * rate) as usize, Chance::new(seed));
    let (mut low, mut band, mut soft, mut softer) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
    // Two gentle low-passes above the band.
    let gentle = 1.0 - (-TAU * 1100.0 / rate).exp();
    let step = |n: usize| {
        let shape = (n as f64 / count as f64 * PI).sin().powi(2);
        // State-variable filter (Chamberlin): the band moves from 350 to 900 hertz and back.
        let f = 2.0 * (PI * (350.0 + 550.0 * shape) / rate).sin();
        let high = chance.share() * 2.0 - 1.0 - low - 1.2 * band;
        band += f * high;
        low += f * band;
        soft += gentle * (band - soft);
        softer += gentle * (soft - softer);
        softer * shape
    };
    even((0..count).map(step).collect())
}

/// A sine with a soft start that dies away, its octave faintly above it.
fn pluck(hertz: f64) -> Vec<f32> {
    let rate = f64::from(SAMPLE_RATE);
    let sample = |n: usize| {
        let t = n as f64 / rate;
        let edge = (t / 0.012).min(1.0) * (1.0 - t / PLUCK_LENGTH);
        ((TAU * hertz * t).sin() + 0.15 * (TAU * 2.0 * hertz * t).sin()) * edge * (-t / PLUCK_SECONDS).exp()
    };
    even((0..(PLUCK_LENGTH * rate) as usize).map(sample).collect())
}
