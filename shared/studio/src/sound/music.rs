//! Music under the voice: bed and accents at their levels, measured against the speech they accompany.
//!
//! All of it is computed here from a seed; nothing is sampled, so the sound needs no one's licence. Every scene's speech is
//! mastered to one loudness, so the levels are the same in all scenes, and music is heard on across their joints.

use proofreel_model::policy::MusicBed;

use super::accents::accents;
use super::bed::{BED_DB, bed};
use super::duck::{lower, spoken};
use super::factor;
use super::kernel::dot;
use super::score::{Passage, Turn};

/// Room above the bound on speech over bed, decibels: accents add a little to the bed.
const ROOM_DB: f64 = 1.0;
/// A pluck lies this much lower than the air at a turn, decibels.
const PLUCK_DB: f64 = 6.0;
/// Level of mastered speech while it is said, decibels of full scale (root mean square); voices differ by one or two.
const SPEECH_DB: f64 = -17.5;

/// Mean power over stretches.
pub fn power(samples: &[f32], stretches: &[(i64, i64)]) -> f64 {
    let (mut sum, mut count) = (0.0, 0u64);
    for (start, end) in stretches {
        let place = |at: i64| (at.max(0) as usize).min(samples.len());
        let stretch = samples.get(place(*start)..place(*end)).unwrap_or_default();
        // Part by part in single precision, all of them in double: neither slow nor lost in rounding.
        sum += stretch.chunks(1 << 10).map(|part| f64::from(dot(part, part))).sum::<f64>();
        count += stretch.len() as u64;
    }
    sum / count.max(1) as f64
}

pub fn decibels(power: f64) -> f64 {
    10.0 * power.max(1e-12).log10()
}

/// The music of a passage from `at` on, so many samples of it; silence when the film has none.
pub fn music(passage: &Passage<'_>, policy: &MusicBed, at: i64, samples: usize) -> Vec<f32> {
    let Some(seed) = passage.seed else { return vec![0.0; samples] };
    let mut out = bed(passage, seed, at, samples);
    let under = SPEECH_DB - policy.speech_over_bed_db - ROOM_DB - BED_DB;
    let alone = SPEECH_DB - policy.pause_db - BED_DB;
    lower(&mut out, at, passage, under, alone, policy);
    let turn = SPEECH_DB - policy.turn_db;
    accents(passage, seed, factor(turn) as f32, factor(turn - PLUCK_DB) as f32, at, &mut out);
    out
}

/// A swell of the bed may fall on the words, and a voice be fainter than others: the bound on speech over bed is made to hold
/// for each stretch of a scene's speech by itself. `speech` is its level, decibels; `out` begins with the scene.
pub fn settle(out: &mut [f32], turn: &Turn, speech: f64, policy: &MusicBed) {
    let said = turn.speech.iter().map(|(start, end)| (*start as i64, *end as i64));
    for (start, end) in spoken(said, policy) {
        let over = speech - decibels(power(out, &[(start, end)]));
        let missing = policy.speech_over_bed_db - over;
        if missing > 0.0 {
            soften(out, (start, end), missing, policy);
        }
    }
}

/// Lowers a stretch by so many decibels, with ramps on both sides.
fn soften(out: &mut [f32], (start, end): (i64, i64), by: f64, policy: &MusicBed) {
    let ramp = i64::from(policy.attack_ms) * i64::from(crate::SAMPLE_RATE) / 1000;
    let (from, to) = ((start - ramp).max(0), (end + ramp).min(out.len() as i64));
    let lowest = factor(-by) as f32;
    for n in from..to {
        let outside = (start - n).max(n - end).max(0);
        let share = 1.0 - outside as f64 / ramp.max(1) as f64;
        out[n as usize] *= if outside == 0 { lowest } else { factor(-by * share.clamp(0.0, 1.0)) as f32 };
    }
}

#[cfg(test)]
mod tests;
