//! How loud the bed is: down before somebody speaks, up again when a pause is long enough, silent at both ends of the
//! film.

use proofreel_model::policy::MusicBed;

use super::factor;
use super::score::Passage;
use crate::SAMPLE_RATE;

fn samples(ms: u32) -> i64 {
    i64::from(ms) * i64::from(SAMPLE_RATE) / 1000
}

/// Stretches of speech with the pauses between them that are too short to bring the bed back.
pub fn spoken(speech: impl Iterator<Item = (i64, i64)>, policy: &MusicBed) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for (start, end) in speech.filter(|(start, end)| start < end) {
        match out.last_mut() {
            Some((_, until)) if start <= *until + samples(policy.bridge_ms) => *until = (*until).max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// From 0 to 1 and level at both ends.
fn ease(share: f64) -> f64 {
    0.5 - 0.5 * (share.clamp(0.0, 1.0) * std::f64::consts::PI).cos()
}

/// Gains are computed so many samples apart and go straight in between: a millisecond, far less than any ramp.
const STEP: usize = SAMPLE_RATE as usize / 1000;

/// Brings the bed of a passage, from `at` on, to its level: `under` decibels while somebody speaks, `alone` in pauses.
/// It is down when the first word begins, and starts to come back when the last has ended.
pub fn lower(bed: &mut [f32], at: i64, passage: &Passage<'_>, under: f64, alone: f64, policy: &MusicBed) {
    let mut gain = gains(passage, under, alone, policy);
    let mut from = gain(at);
    for (k, block) in bed.chunks_mut(STEP).enumerate() {
        let to = gain(at + ((k + 1) * STEP) as i64);
        let slope = (to - from) / STEP as f32;
        for (n, sample) in block.iter_mut().enumerate() {
            *sample *= from + slope * n as f32;
        }
        from = to;
    }
}

/// What tells the gain of a sample, as a factor; asked in ascending order.
fn gains<'a>(passage: &Passage<'a>, under: f64, alone: f64, policy: &'a MusicBed) -> impl FnMut(i64) -> f32 + use<'a> {
    let (attack, release) = (samples(policy.attack_ms).max(1), samples(policy.release_ms).max(1));
    let (fade_in, fade_out) = (samples(policy.fade_in_ms).max(1), samples(policy.fade_out_ms).max(1));
    let stretches = spoken(passage.speech(), policy);
    let (low, high) = (factor(under), factor(alone));
    let (begins, ends) = passage.film();
    let mut next = 0;
    move |n| {
        while stretches.get(next).is_some_and(|(_, end)| *end <= n) {
            next += 1;
        }
        // How far down it is, 0–1: coming back after the stretch before, going down before the next.
        let after = next.checked_sub(1).map_or(0.0, |before| {
            let gone = n - stretches[before].1;
            if gone < release { ease(1.0 - gone as f64 / release as f64) } else { 0.0 }
        });
        let before = stretches.get(next).map_or(0.0, |(start, _)| {
            let left = (start - n).max(0);
            if left < attack { ease(1.0 - left as f64 / attack as f64) } else { 0.0 }
        });
        let level = match after.max(before) {
            down if down <= 0.0 => high,
            down if down >= 1.0 => low,
            down => factor(alone + (under - alone) * down),
        };
        let from = begins.map_or(1.0, |begins| (n - begins).max(0) as f64 / fade_in as f64);
        let to = ends.map_or(1.0, |ends| (ends - 1 - n).max(0) as f64 / fade_out as f64);
        let edges = if from < 1.0 || to < 1.0 { ease(from) * ease(to) } else { 1.0 };
        (level * edges) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::score::{Score, Turn};
    use proofreel_model::policy::law;
    use proofreel_model::scenes::NarrativeRole;

    #[test]
    fn the_bed_is_down_while_somebody_speaks_and_never_steps() {
        let policy = &law().media.bed;
        let turn = Turn {
            role: NarrativeRole::Proof,
            samples: 480_000,
            reveal: None,
            speech: vec![(96_000, 144_000), (150_000, 240_000)],
        };
        let score = Score::new(Some(1), vec![turn]);
        let mut gains = vec![1.0f32; 480_000];
        lower(&mut gains, 0, &score.passages().next().expect("a scene"), -20.0, 0.0, policy);
        assert!(gains[0] == 0.0 && gains[479_999].abs() < 1e-6, "{} {}", gains[0], gains[479_999]);
        for n in [96_000, 120_000, 147_000, 239_999] {
            assert!((gains[n] - 0.1).abs() < 1e-4, "{n}: {}", gains[n]);
        }
        assert!(gains[85_000] > 0.9 && gains[300_000] > 0.9, "{} {}", gains[85_000], gains[300_000]);
        let step = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 1e-3, "{step}");
    }
}
