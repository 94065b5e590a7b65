//! The music bed: slow chords under the voice, made from the order's seed and from nothing else.
//!
//! Additive synthesis: every note is two slightly detuned stacks of four partials, so nearly all of it lies below one
//! kilohertz, where it leaves the consonants alone. Chords follow the narrative: the hook hangs on suspended fourths,
//! proofs wander, insights lean on the dominant, the payoff comes home. No drums, no melody, nothing sampled.

use std::f64::consts::TAU;

use proofreel_model::scenes::NarrativeRole;

use super::score::{Chance, Passage, Placed};
use crate::SAMPLE_RATE;

/// How long a chord stands, about, seconds.
const CHORD_SECONDS: f64 = 8.0;
/// Chords fade into each other over this, seconds.
const BLEND_SECONDS: f64 = 2.6;
/// Partials of a note, as factors: a soft reed, with little above the third.
const PARTIALS: [f64; 4] = [1.0, 0.22, 0.08, 0.025];
/// The two stacks of a note differ by this, cents.
const DETUNE_CENTS: f64 = 5.0;
/// Steps in which slow amplitudes are computed, samples; a whole number of [`LANES`].
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

/// The chords of a scene: where each begins and ends, in the passage's time.
fn chords(placed: &Placed<'_>, chance: &mut Chance) -> Vec<(i64, i64, Chord)> {
    let mut out: Vec<(i64, i64, Chord)> = Vec::new();
    let length = placed.turn.samples;
    let count = (length as f64 / f64::from(SAMPLE_RATE) / CHORD_SECONDS).round().max(1.0) as u64;
    let way = progression(placed.turn.role, chance);
    for k in 0..count {
        let place = |k: u64| placed.start + (length * k / count) as i64;
        let mut chord = way[k as usize % way.len()];
        if placed.is_last && k + 1 == count {
            chord = Chord { degree: 0, tones: RESTING };
        }
        // A chord that stays is held, not struck again.
        match out.last_mut() {
            Some((_, until, before)) if *before == chord => *until = place(k + 1),
            _ => out.push((place(k), place(k + 1), chord)),
        }
    }
    out
}

/// Level of the bed before it is brought to another, decibels of full scale (root mean square). A note of amplitude a has
/// the power a² Σp² (1.055, partials of both stacks) times 0.734 (how it breathes); a chord's notes have Σa² = 1.69; a
/// blend of sin² takes a quarter away over 2.6 of some 8 seconds.
pub const BED_DB: f64 = 0.8;

/// The bed of a passage from `at` on at an even level. Levels and ducking come later.
pub fn bed(passage: &Passage<'_>, seed: u64, at: i64, samples: usize) -> Vec<f32> {
    let mut chance = Chance::new(seed);
    let tonic = 98.0 * 2f64.powf(chance.below(7) as f64 / 12.0);
    let mode = &MODES[chance.below(MODES.len())];
    let half = (BLEND_SECONDS / 2.0 * f64::from(SAMPLE_RATE)) as i64;
    let (begins, ends) = passage.film();
    let mut out = vec![0.0f32; samples];
    for placed in passage.turns() {
        let mut chance = Chance::of_scene(seed, placed.number);
        for (start, end, chord) in chords(&placed, &mut chance) {
            let stretch = Stretch {
                from: begins.map_or(start - half, |begins| (start - half).max(begins)),
                to: ends.map_or(end + half, |ends| (end + half).min(ends)),
                start,
            };
            for (hertz, level) in notes(chord, mode, tonic) {
                let swell = (0.07 + 0.1 * chance.share(), chance.share());
                let phases = [chance.share(), chance.share()];
                note(&mut out, at, stretch, hertz, level, swell, phases);
            }
        }
    }
    out
}

/// Where a note is heard, samples: from where it fades in to where it has faded out. Its phases are those at `start`, so that
/// they do not depend on what is before it.
#[derive(Clone, Copy)]
struct Stretch {
    from: i64,
    to: i64,
    start: i64,
}

/// Adds what is heard of a note from `at` on. `swell` is how fast and from where it breathes.
///
/// Two stacks that differ by some cents are one between them that beats, sin a + sin b = 2 sin((a + b)/2) cos((a − b)/2):
/// a slow amplitude takes the place of the second.
fn note(out: &mut [f32], at: i64, stretch: Stretch, hertz: f64, level: f64, swell: (f64, f64), phases: [f64; 2]) {
    let rate = f64::from(SAMPLE_RATE);
    let Stretch { from, to, start } = stretch;
    let (first, last) = (from.max(at), to.min(at + out.len() as i64));
    if first >= last {
        return;
    }
    let blend = (BLEND_SECONDS * rate).min((to - from) as f64 / 2.0).max(1.0);
    // Steps are counted from where the note begins, wherever one listens from.
    let (first, last) = ((first - from) as usize / STEP, ((last - from) as usize).div_ceil(STEP));
    let amplitude = |k: usize| {
        let n = from + (k * STEP) as i64;
        let near = ((n - from) as f64).min((to - n).max(0) as f64).min(blend) / blend;
        let edge = (near * std::f64::consts::FRAC_PI_2).sin().powi(2);
        let breath = 0.85 + 0.15 * (((n - start) as f64 / rate * swell.0 + swell.1) * TAU).sin();
        level * edge * breath
    };
    let [below, above] = [-0.5, 0.5].map(|side: f64| hertz * (side * DETUNE_CENTS / 1200.0).exp2());
    let gone = (from + (first * STEP) as i64 - start) as f64;
    let mut partials = [1.0, 2.0, 3.0, 4.0].map(|n| {
        let (carrier, beats) = (n * TAU * (below + above) / 2.0 / rate, n * TAU * (above - below) / 2.0 / rate);
        Partial {
            carrier: Turning::new(carrier, carrier * gone + n * TAU * f64::midpoint(phases[0], phases[1])),
            beat: Circle::at(beats * gone + n * TAU * (phases[1] - phases[0]) / 2.0),
            beats: Circle::at(beats * STEP as f64),
        }
    });
    let mut before = amplitude(first);
    for k in first..last {
        let after = amplitude(k + 1);
        let mut sum = [0.0f32; STEP];
        for (partial, level) in partials.iter_mut().zip(&PARTIALS) {
            partial.add(&mut sum, 2.0 * level * before, 2.0 * level * after);
        }
        before = after;
        let place = from + (k * STEP) as i64 - at;
        let (skipped, place) = ((-place).max(0) as usize, place.max(0) as usize);
        for (sample, more) in out.iter_mut().skip(place).zip(sum.iter().skip(skipped)) {
            *sample += more;
        }
    }
}

/// A point on the unit circle, of which the second coordinate is heard: turning it on is far cheaper than a sine.
#[derive(Clone, Copy)]
struct Circle(f64, f64);

impl Circle {
    fn at(angle: f64) -> Self {
        Self(angle.cos(), angle.sin())
    }

    fn turned(self, by: Self) -> Self {
        Self(self.0 * by.0 - self.1 * by.1, self.0 * by.1 + self.1 * by.0)
    }
}

/// A partial of both stacks of a note.
struct Partial {
    carrier: Turning,
    /// Where the beat is at the next sample, and how far it turns over a step.
    beat: Circle,
    beats: Circle,
}

impl Partial {
    /// Adds the next step, while the note's amplitude goes from one to another.
    fn add(&mut self, sum: &mut [f32; STEP], from: f64, to: f64) {
        let next = self.beat.turned(self.beats);
        self.carrier.add(sum, (from * self.beat.0) as f32, (to * next.0) as f32);
        self.beat = next;
    }
}

/// Samples of a sine that are made side by side, so that one instruction makes several.
const LANES: usize = 8;

/// A sine in the making. Its place at each step is exact, in double precision; within a step, single will do.
struct Turning {
    at: Circle,
    /// How far it turns over a step.
    step: Circle,
    /// Cosines and sines of how far it turns up to each lane, and over all of them.
    lanes: ([f32; LANES], [f32; LANES]),
    all: (f32, f32),
}

impl Turning {
    /// Turns by so much a sample, from an angle on (radians).
    fn new(sample: f64, from: f64) -> Self {
        let far = |n: usize| Circle::at(sample * n as f64);
        Self {
            at: Circle::at(from),
            step: far(STEP),
            lanes: (std::array::from_fn(|n| far(n).0 as f32), std::array::from_fn(|n| far(n).1 as f32)),
            all: (far(LANES).0 as f32, far(LANES).1 as f32),
        }
    }

    /// Adds the next step with an amplitude that goes straight from one to another.
    fn add(&mut self, sum: &mut [f32; STEP], from: f32, to: f32) {
        let slope = (to - from) / STEP as f32;
        let (at_x, at_y, (cos, sin)) = (self.at.0 as f32, self.at.1 as f32, &self.lanes);
        let mut x: [f32; LANES] = std::array::from_fn(|n| at_x * cos[n] - at_y * sin[n]);
        let mut y: [f32; LANES] = std::array::from_fn(|n| at_x * sin[n] + at_y * cos[n]);
        let mut level: [f32; LANES] = std::array::from_fn(|n| from + slope * n as f32);
        let (cos, sin) = self.all;
        for part in sum.chunks_exact_mut(LANES) {
            for ((sample, level), (x, y)) in part.iter_mut().zip(&mut level).zip(x.iter_mut().zip(&mut y)) {
                *sample += *y * *level;
                *level += slope * LANES as f32;
                (*x, *y) = (*x * cos - *y * sin, *x * sin + *y * cos);
            }
        }
        self.at = self.at.turned(self.step);
    }
}

/// The frequency of a soft pluck that fits every chord of the bed: the tonic, high up.
pub fn pluck_hertz(seed: u64) -> f64 {
    98.0 * 2f64.powf(Chance::new(seed).below(7) as f64 / 12.0) * 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_two_stacks_of_sines() {
        let (hertz, level, swell, phases) = (311.0, 0.7, (0.1, 0.3), [0.15, 0.8]);
        let stretch = Stretch { from: -1_000, to: 10 * i64::from(SAMPLE_RATE) + 37, start: 500 };
        let mut out = vec![0.0f32; 10 * SAMPLE_RATE as usize];
        note(&mut out, 0, stretch, hertz, level, swell, phases);
        // In the middle, where it has come in.
        for n in (200_000..300_000).step_by(7) {
            let t = (n as f64 - 500.0) / f64::from(SAMPLE_RATE);
            let stacks = [(-0.5, phases[0]), (0.5, phases[1])].map(|(side, phase)| {
                let hertz = hertz * 2f64.powf(side * DETUNE_CENTS / 1200.0);
                let partial = |(k, share): (usize, &f64)| share * ((k + 1) as f64 * (hertz * t + phase) * TAU).sin();
                PARTIALS.iter().enumerate().map(partial).sum::<f64>()
            });
            let breath = 0.85 + 0.15 * ((t * swell.0 + swell.1) * TAU).sin();
            let expected = (stacks[0] + stacks[1]) * level * breath;
            assert!((f64::from(out[n]) - expected).abs() < 1e-3, "sample {n}: {} and {expected}", out[n]);
        }
        // Whoever listens from later on hears the same.
        let mut late = vec![0.0f32; 50_000];
        note(&mut late, 123_457, stretch, hertz, level, swell, phases);
        let apart = late.iter().zip(&out[123_457..]).map(|(one, two)| (one - two).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-4, "{apart}");
    }
}
