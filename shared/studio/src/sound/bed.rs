//! The music bed: slow chords under the voice, made from the order's seed and from nothing else.
//!
//! Additive synthesis: every note is two slightly detuned stacks of four partials, so nearly all of it lies below one
//! kilohertz, where it leaves the consonants alone. Chords follow the narrative: the hook hangs on suspended fourths,
//! proofs wander, insights lean on the dominant, the payoff comes home. No drums, no melody, nothing sampled.

use std::f64::consts::TAU;

use proofreel_model::scenes::NarrativeRole;

use super::score::{Chance, Score};
use crate::SAMPLE_RATE;

/// How long a chord stands, about, seconds.
const CHORD_SECONDS: f64 = 8.0;
/// Chords fade into each other over this, seconds.
const BLEND_SECONDS: f64 = 2.6;
/// Partials of a note, as factors: a soft reed, with little above the third.
const PARTIALS: [f64; 4] = [1.0, 0.22, 0.08, 0.025];
/// The two stacks of a note differ by this, cents.
const DETUNE_CENTS: f64 = 5.0;
/// Steps in which slow amplitudes are computed, samples.
const STEP: usize = 96;

/// Semitones of the seven degrees: Ionian, Lydian, Mixolydian.
const MODES: [[i32; 7]; 3] = [[0, 2, 4, 5, 7, 9, 11], [0, 2, 4, 6, 7, 9, 11], [0, 2, 4, 5, 7, 9, 10]];

/// A chord: the degree it stands on, and the degrees above it that sound (0 is the root).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chord {
    degree: i32,
    tones: [i32; 4],
}

/// Root, third, fifth and ninth.
const OPEN: [i32; 4] = [0, 2, 4, 8];
/// Root, fourth, fifth and ninth: wants to move on.
const SUSPENDED: [i32; 4] = [0, 3, 4, 8];
/// Root, third, fifth and the root again: at rest.
const RESTING: [i32; 4] = [0, 2, 4, 7];

/// Chords that a role has, the first of them where it begins.
fn progression(role: NarrativeRole, chance: &mut Chance) -> Vec<Chord> {
    let chord = |(degree, tones)| Chord { degree, tones };
    let ways: &[&[(i32, [i32; 4])]] = match role {
        NarrativeRole::Hook => &[&[(5, SUSPENDED), (1, SUSPENDED)], &[(1, SUSPENDED), (5, OPEN)]],
        NarrativeRole::Proof => &[
            &[(3, OPEN), (0, OPEN), (5, OPEN)],
            &[(0, OPEN), (5, OPEN), (3, OPEN)],
            &[(5, OPEN), (3, OPEN), (0, OPEN), (4, SUSPENDED)],
        ],
        NarrativeRole::Insight => &[&[(1, OPEN), (4, SUSPENDED)], &[(3, OPEN), (4, SUSPENDED)]],
        NarrativeRole::Payoff => &[&[(3, OPEN), (0, RESTING)], &[(4, OPEN), (0, RESTING)]],
    };
    ways[chance.below(ways.len())].iter().copied().map(chord).collect()
}

/// Frequencies of a chord, hertz: root and fifth low, the others close together above, so that every chord moves
/// into the next by small steps.
fn notes(chord: Chord, mode: &[i32; 7], tonic: f64) -> Vec<(f64, f64)> {
    let pitch = |degree: i32| {
        let semitones = mode[degree.rem_euclid(7) as usize] + 12 * degree.div_euclid(7);
        tonic * 2f64.powf(f64::from(semitones) / 12.0)
    };
    let into = |mut hertz: f64, low: f64| {
        while hertz >= low * 2.0 {
            hertz /= 2.0;
        }
        while hertz < low {
            hertz *= 2.0;
        }
        hertz
    };
    let mut out = vec![(into(pitch(chord.degree), 98.0), 0.8), (into(pitch(chord.degree + 4), 147.0), 0.55)];
    out.extend(chord.tones.iter().skip(1).map(|tone| (into(pitch(chord.degree + tone), 220.0), 0.5)));
    out
}

/// The chords of a film: where each begins and ends, samples.
fn chords(score: &Score, chance: &mut Chance) -> Vec<(u64, u64, Chord)> {
    let mut out: Vec<(u64, u64, Chord)> = Vec::new();
    for (n, turn) in score.turns.iter().enumerate() {
        let end = score.turns.get(n + 1).map_or(score.samples, |next| next.start);
        let seconds = end.saturating_sub(turn.start) as f64 / f64::from(SAMPLE_RATE);
        let count = (seconds / CHORD_SECONDS).round().max(1.0) as u64;
        let way = progression(turn.role, chance);
        for k in 0..count {
            let place = |k: u64| turn.start + (end - turn.start) * k / count;
            let mut chord = way[k as usize % way.len()];
            if n + 1 == score.turns.len() && k + 1 == count {
                chord = Chord { degree: 0, tones: RESTING };
            }
            // A chord that stays is held, not struck again.
            match out.last_mut() {
                Some((_, until, before)) if *before == chord => *until = place(k + 1),
                _ => out.push((place(k), place(k + 1), chord)),
            }
        }
    }
    out
}

/// The bed of a film at an even level, as many samples as the film has. Levels and ducking come later.
pub fn bed(score: &Score) -> Vec<f32> {
    let mut chance = Chance::new(score.seed);
    let tonic = 98.0 * 2f64.powf(chance.below(7) as f64 / 12.0);
    let mode = &MODES[chance.below(MODES.len())];
    let mut out = vec![0.0f32; score.samples as usize];
    for (start, end, chord) in chords(score, &mut chance) {
        let half = (BLEND_SECONDS / 2.0 * f64::from(SAMPLE_RATE)) as u64;
        let (from, to) = (start.saturating_sub(half), (end + half).min(score.samples));
        for (hertz, level) in notes(chord, mode, tonic) {
            let swell = (0.07 + 0.1 * chance.share(), chance.share());
            for side in [-0.5, 0.5] {
                let hertz = hertz * 2f64.powf(side * DETUNE_CENTS / 1200.0);
                note(&mut out[from as usize..to as usize], hertz, level, swell, chance.share());
            }
        }
    }
    out
}

/// Adds a note that fades in and out at the ends of its stretch. `swell` is how fast and from where it breathes.
fn note(out: &mut [f32], hertz: f64, level: f64, swell: (f64, f64), phase: f64) {
    let rate = f64::from(SAMPLE_RATE);
    let blend = (BLEND_SECONDS * rate).min(out.len() as f64 / 2.0).max(1.0);
    let amplitude = |n: usize| {
        let near = (n as f64).min((out.len() - n.min(out.len())) as f64).min(blend) / blend;
        let edge = (near * std::f64::consts::FRAC_PI_2).sin().powi(2);
        let breath = 0.85 + 0.15 * ((n as f64 / rate * swell.0 + swell.1) * TAU).sin();
        level * edge * breath
    };
    // Each partial is a point that turns on a circle: exact enough over a chord, and far cheaper than a sine a sample.
    // The same member of all partials lies side by side, so that one instruction turns several.
    let each = |of: fn(f64) -> f64, angle: f64| std::array::from_fn::<f64, 4, _>(|n| of(angle * (n + 1) as f64));
    let (step, at) = (TAU * hertz / rate, TAU * phase);
    let (mut x, mut y) = (each(f64::cos, at), each(f64::sin, at));
    let (cos, sin) = (each(f64::cos, step), each(f64::sin, step));
    let steps: Vec<f64> = (0..=out.len().div_ceil(STEP)).map(|k| amplitude(k * STEP)).collect();
    for (block, pair) in out.chunks_mut(STEP).zip(steps.windows(2)) {
        let slope = (pair[1] - pair[0]) / STEP as f64;
        for (n, sample) in block.iter_mut().enumerate() {
            let mut sum = 0.0;
            for (((x, y), (cos, sin)), partial) in x.iter_mut().zip(&mut y).zip(cos.iter().zip(&sin)).zip(&PARTIALS) {
                (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
                sum += *y * partial;
            }
            *sample += (sum * (pair[0] + slope * n as f64)) as f32;
        }
    }
}

/// The frequency of a soft pluck that fits every chord of the bed: the tonic, high up.
pub fn pluck_hertz(score: &Score) -> f64 {
    98.0 * 2f64.powf(Chance::new(score.seed).below(7) as f64 / 12.0) * 8.0
}
