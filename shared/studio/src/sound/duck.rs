//! How loud the bed is: down before somebody speaks, up again when a pause is long enough, silent at both ends.

use proofreel_model::policy::MusicBed;

use super::factor;
use super::score::Score;
use crate::SAMPLE_RATE;

fn samples(ms: u32) -> u64 {
    u64::from(ms) * u64::from(SAMPLE_RATE) / 1000
}

/// Stretches of speech with the pauses between them that are too short to bring the bed back.
pub fn spoken(score: &Score, policy: &MusicBed) -> Vec<(u64, u64)> {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for (start, end) in score.speech.iter().filter(|(start, end)| start < end) {
        match out.last_mut() {
            Some((_, until)) if *start <= *until + samples(policy.bridge_ms) => *until = (*until).max(*end),
            _ => out.push((*start, *end)),
        }
    }
    out
}

/// From 0 to 1 and level at both ends.
fn ease(share: f64) -> f64 {
    0.5 - 0.5 * (share.clamp(0.0, 1.0) * std::f64::consts::PI).cos()
}

/// The gain of each sample, as a factor: `under` decibels while somebody speaks, `alone` in pauses. It is down when
/// the first word begins, and starts to come back when the last has ended.
pub fn gains(score: &Score, under: f64, alone: f64, policy: &MusicBed) -> Vec<f32> {
    let (attack, release) = (samples(policy.attack_ms).max(1), samples(policy.release_ms).max(1));
    // How far down each sample is, 0–1.
    let mut down = vec![0.0f32; score.samples as usize];
    let mut lower = |n: u64, share: f64| {
        if let Some(at) = down.get_mut(n as usize) {
            *at = at.max(share as f32);
        }
    };
    for (start, end) in spoken(score, policy) {
        for n in start.saturating_sub(attack)..start {
            lower(n, ease(1.0 - (start - n) as f64 / attack as f64));
        }
        for n in start..end {
            lower(n, 1.0);
        }
        for n in end..end + release {
            lower(n, ease(1.0 - (n - end) as f64 / release as f64));
        }
    }
    let (fade_in, fade_out) = (samples(policy.fade_in_ms).max(1), samples(policy.fade_out_ms).max(1));
    down.iter()
        .enumerate()
        .map(|(n, down)| {
            let n = n as u64;
            let ends = ease(n as f64 / fade_in as f64) * ease((score.samples - 1 - n) as f64 / fade_out as f64);
            (factor(alone + (under - alone) * f64::from(*down)) * ends) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::policy::law;

    #[test]
    fn the_bed_is_down_while_somebody_speaks_and_never_steps() {
        let policy = &law().media.bed;
        let score =
            Score { seed: 1, turns: Vec::new(), speech: vec![(96_000, 144_000), (150_000, 240_000)], samples: 480_000 };
        let gains = gains(&score, -20.0, 0.0, policy);
        assert_eq!((gains[0], gains[479_999]), (0.0, 0.0));
        for n in [96_000, 120_000, 147_000, 239_999] {
            assert!((gains[n] - 0.1).abs() < 1e-4, "{n}: {}", gains[n]);
        }
        assert!(gains[85_000] > 0.9 && gains[300_000] > 0.9, "{} {}", gains[85_000], gains[300_000]);
        let step = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 1e-3, "{step}");
    }
}
