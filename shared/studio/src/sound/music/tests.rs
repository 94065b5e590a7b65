use proofreel_model::policy::law;
use proofreel_model::scenes::NarrativeRole;

use super::*;
use crate::samples::babble;
use crate::sound::score::Turn;

/// Half a minute: four scenes, speech in all but the last.
fn score(seed: u64) -> Score {
    let roles = [NarrativeRole::Hook, NarrativeRole::Proof, NarrativeRole::Insight, NarrativeRole::Payoff];
    let second = 48_000;
    let turns = roles
        .iter()
        .zip(0..)
        .map(|(role, n)| Turn { start: n * 8 * second, role: *role, reveal: (n < 3).then_some((n * 8 + 3) * second) })
        .collect();
    let speech = (0..3).map(|n| (n * 8 * second + second / 5, (n * 8 + 7) * second + second / 2)).collect();
    Score { seed, turns, speech, samples: 32 * second }
}

fn voice(score: &Score) -> Vec<f32> {
    let mut out: Vec<f32> = babble(32.0, 5);
    for (n, sample) in out.iter_mut().enumerate() {
        if !score.speech.iter().any(|(start, end)| (*start..*end).contains(&(n as u64))) {
            *sample = 0.0;
        }
    }
    out
}

/// Power in a band, by a bank of sines a third of an octave apart over a second.
fn band(samples: &[f32], low: f64, high: f64) -> f64 {
    let (mut hertz, mut sum) = (low, 0.0);
    while hertz < high {
        let (mut re, mut im) = (0.0f64, 0.0f64);
        for (n, sample) in samples.iter().enumerate() {
            let angle = n as f64 * hertz * std::f64::consts::TAU / 48_000.0;
            re += f64::from(*sample) * angle.cos();
            im += f64::from(*sample) * angle.sin();
        }
        sum += re.hypot(im);
        hertz += 11.0;
    }
    sum
}

#[test]
fn the_bed_lies_below_the_speech_as_the_law_says() {
    let policy = &law().media.bed;
    for seed in [1, 2, 77] {
        let score = score(seed);
        let voice = voice(&score);
        let music = music(&voice, &score, policy);
        let over = speech_over_bed(&voice, &music, &score);
        assert!((policy.speech_over_bed_db..policy.speech_over_bed_db + 4.0).contains(&over), "seed {seed}: {over} dB");
        // After the last word it comes back, and at the very end it is gone.
        let pause = decibels(power(&music, &[(27 * 48_000, 29 * 48_000)]));
        let below = decibels(power(&voice, &score.speech)) - pause;
        assert!((policy.pause_db - 3.0..policy.pause_db + 5.0).contains(&below), "seed {seed}: {below} dB");
        assert!(music[music.len() - 48..].iter().all(|sample| sample.abs() < 1e-4));
    }
}

#[test]
fn consonants_are_left_alone() {
    let score = score(3);
    let music = music(&voice(&score), &score, &law().media.bed);
    let second = &music[10 * 48_000..10 * 48_000 + 24_000];
    let (high, low) = (band(second, 1000.0, 4000.0), band(second, 90.0, 600.0));
    assert!(high < low * 0.15, "{high} of {low}");
}

#[test]
fn nothing_clicks_where_chords_and_scenes_meet() {
    let score = score(4);
    let music = music(&voice(&score), &score, &law().media.bed);
    let peak = music.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    // The bend of the wave, which a click makes large and nothing in this music does: a step of the bed at a joint
    // would be a fifth of the peak and more.
    let bend = |n: usize| (music[n - 1] - 2.0 * music[n] + music[n + 1]).abs();
    let most = (1..music.len() - 1).map(bend).fold(0.0, f32::max);
    assert!(most < peak * 0.06, "bend {most}, peak {peak}");
    let mut broken = music.clone();
    broken[8 * 48_000..].iter_mut().for_each(|sample| *sample += peak * 0.2);
    let joint = 8 * 48_000;
    assert!((broken[joint - 1] - 2.0 * broken[joint] + broken[joint + 1]).abs() > peak * 0.1, "a step is seen");
}

#[test]
fn a_seed_gives_one_music_and_another_seed_another() {
    let voice = voice(&score(1));
    let policy = &law().media.bed;
    assert_eq!(music(&voice, &score(1), policy), music(&voice, &score(1), policy));
    assert_ne!(music(&voice, &score(1), policy), music(&voice, &score(2), policy));
}

#[test]
fn a_silent_film_has_no_music() {
    let score = Score { speech: Vec::new(), ..score(1) };
    assert!(music(&vec![0.0; 1000], &score, &law().media.bed).iter().all(|sample| *sample == 0.0));
}
