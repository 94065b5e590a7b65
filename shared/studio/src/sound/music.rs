//! Music under the voice: bed and accents at their levels, measured against the speech they accompany.
//!
//! All of it is computed here from a seed; nothing is sampled, so the sound needs no one's licence.

use proofreel_model::policy::MusicBed;

use super::accents::accents;
use super::bed::bed;
use super::duck::{lower, spoken};
use super::factor;
use super::kernel::dot;
use super::score::Score;

/// Room above the bound on speech over bed, decibels: accents add a little to the bed.
const ROOM_DB: f64 = 1.0;
/// A pluck lies this much lower than the air at a turn, decibels.
const PLUCK_DB: f64 = 6.0;

/// Mean power over stretches.
fn power(samples: &[f32], stretches: &[(u64, u64)]) -> f64 {
    let (mut sum, mut count) = (0.0, 0u64);
    for (start, end) in stretches {
        let stretch = samples.get(*start as usize..(*end as usize).min(samples.len())).unwrap_or_default();
        // Part by part in single precision, all of them in double: neither slow nor lost in rounding.
        sum += stretch.chunks(1 << 10).map(|part| f64::from(dot(part, part))).sum::<f64>();
        count += stretch.len() as u64;
    }
    sum / count.max(1) as f64
}

fn decibels(power: f64) -> f64 {
    10.0 * power.max(1e-12).log10()
}

/// Speech over what lies beneath it while somebody speaks, decibels (root mean squares).
pub fn speech_over_bed(voice: &[f32], beneath: &[f32], score: &Score) -> f64 {
    decibels(power(voice, &score.speech)) - decibels(power(beneath, &score.speech))
}

/// The music of a film whose voice is `voice`, as long as the film. Silence when nobody speaks in it: then there is
/// nothing to set its level by.
pub fn music(voice: &[f32], score: &Score, policy: &MusicBed) -> Vec<f32> {
    if power(voice, &score.speech) <= 0.0 {
        return vec![0.0; voice.len()];
    }
    let speech = decibels(power(voice, &score.speech));
    let mut out = bed(score);
    let all = [(0, score.samples)];
    let level = decibels(power(&out, &all));
    let under = speech - policy.speech_over_bed_db - ROOM_DB - level;
    let alone = speech - policy.pause_db - level;
    lower(&mut out, score, under, alone, policy);
    let (turn, reveal) = (factor(speech - policy.turn_db) as f32, factor(speech - policy.turn_db - PLUCK_DB) as f32);
    accents(score, turn, reveal, &mut out);
    // A swell of the bed may fall on the words: the bound holds for each stretch of speech by itself.
    for (start, end) in spoken(score, policy) {
        let over = speech - decibels(power(&out, &[(start, end)]));
        let missing = policy.speech_over_bed_db - over;
        if missing > 0.0 {
            soften(&mut out, (start, end), missing, policy);
        }
    }
    out
}

/// Lowers a stretch by so many decibels, with ramps on both sides.
fn soften(out: &mut [f32], (start, end): (u64, u64), by: f64, policy: &MusicBed) {
    let ramp = u64::from(policy.attack_ms) * u64::from(crate::SAMPLE_RATE) / 1000;
    let (from, to) = (start.saturating_sub(ramp), (end + ramp).min(out.len() as u64));
    let lowest = factor(-by) as f32;
    for n in from..to {
        let outside = start.saturating_sub(n).max(n.saturating_sub(end));
        let share = 1.0 - outside as f64 / ramp.max(1) as f64;
        out[n as usize] *= if outside == 0 { lowest } else { factor(-by * share.clamp(0.0, 1.0)) as f32 };
    }
}

#[cfg(test)]
mod tests;
