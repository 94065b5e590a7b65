use proofreel_model::policy::law;
use proofreel_model::scenes::NarrativeRole;

use super::*;
use crate::sound::grid::BLOCK;
use crate::sound::score::{AHEAD, Score};

/// 375 blocks: eight seconds.
const SCENE: usize = 375 * BLOCK as usize;
/// What of its neighbours a scene hears, samples.
const AROUND: usize = 10_000;

/// Half a minute: four scenes, speech in all but the last.
fn score(seed: u64) -> Score {
    of_length(seed, SCENE)
}

/// The same with scenes of so many samples.
fn of_length(seed: u64, samples: usize) -> Score {
    let roles = [NarrativeRole::Hook, NarrativeRole::Proof, NarrativeRole::Insight, NarrativeRole::Payoff];
    let turn = |(n, role): (usize, &NarrativeRole)| Turn {
        role: *role,
        samples: samples as u64,
        reveal: (n < 3).then_some(3 * 48_000),
        speech: if n < 3 { vec![(9_600, 7 * 48_000 + 24_000)] } else { Vec::new() },
    };
    Score::new(Some(seed), roles.iter().enumerate().map(turn).collect())
}

/// The music of a film, scene by scene.
fn all(score: &Score) -> Vec<f32> {
    score.passages().flat_map(|passage| music(&passage, &law().media.bed, 0, passage.here.samples as usize)).collect()
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
fn the_bed_is_as_loud_as_its_level_says() {
    for seed in 0..12 {
        let score = score(seed);
        let passage = score.passages().nth(1).expect("scene");
        let level = decibels(power(&bed(&passage, seed, 0, SCENE), &[(0, SCENE as i64)]));
        assert!((level - BED_DB).abs() < 1.5, "seed {seed}: {level}");
    }
}

#[test]
fn the_bed_lies_below_the_speech_as_the_law_says() {
    let policy = &law().media.bed;
    for seed in [1, 2, 77] {
        let score = score(seed);
        // As mastered speech is, and as a voice that is fainter by itself.
        for speech in [SPEECH_DB, SPEECH_DB - 4.0] {
            for passage in score.passages().take(3) {
                let mut music = music(&passage, policy, 0, SCENE);
                settle(&mut music, passage.here, speech, policy);
                let over = speech - decibels(power(&music, &[(9_600, 7 * 48_000 + 24_000)]));
                assert!(
                    (policy.speech_over_bed_db - 0.01..policy.speech_over_bed_db + 4.0).contains(&over),
                    "{over} dB"
                );
            }
        }
        // After the last word it comes back, and at the very end it is gone.
        let music = all(&score);
        let pause = SPEECH_DB - decibels(power(&music, &[(27 * 48_000, 29 * 48_000)]));
        assert!((policy.pause_db - 3.0..policy.pause_db + 5.0).contains(&pause), "seed {seed}: {pause} dB");
        assert!(music[music.len() - 48..].iter().all(|sample| sample.abs() < 1e-4));
    }
}

#[test]
fn consonants_are_left_alone() {
    let music = all(&score(3));
    let second = &music[10 * 48_000..10 * 48_000 + 24_000];
    let (high, low) = (band(second, 1000.0, 4000.0), band(second, 90.0, 600.0));
    assert!(high < low * 0.15, "{high} of {low}");
}

#[test]
fn nothing_clicks_where_chords_and_scenes_meet() {
    let music = all(&score(4));
    let peak = music.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    // The bend of the wave, which a click makes large and nothing in this music does: a step of the bed at a joint
    // would be a fifth of the peak and more.
    let bend = |music: &[f32], n: usize| (music[n - 1] - 2.0 * music[n] + music[n + 1]).abs();
    let most = (1..music.len() - 1).map(|n| bend(&music, n)).fold(0.0, f32::max);
    assert!(most < peak * 0.06, "bend {most}, peak {peak}");
    let mut broken = music.clone();
    broken[SCENE..].iter_mut().for_each(|sample| *sample += peak * 0.2);
    assert!(bend(&broken, SCENE) > peak * 0.1, "a step is seen");
}

#[test]
fn a_scene_hears_of_its_neighbours_what_they_hear_themselves() {
    let policy = &law().media.bed;
    // Scenes of one chord, and of three.
    for (seed, length) in [(5, SCENE), (6, SCENE), (5, 3 * SCENE + 1024)] {
        let (score, whole) = (of_length(seed, length), all(&of_length(seed, length)));
        for (n, passage) in score.passages().enumerate() {
            let window = music(&passage, policy, -(AROUND as i64), length + 2 * AROUND);
            for (k, sample) in window.iter().enumerate() {
                let expected =
                    (n * length + k).checked_sub(AROUND).and_then(|at| whole.get(at)).copied().unwrap_or(0.0);
                assert!((sample - expected).abs() < 1e-4, "scene {n} at {k}: {sample} and {expected}");
            }
        }
    }
}

#[test]
fn a_scene_changes_the_music_of_its_neighbours_and_of_no_other() {
    let told = |score: &Score| score.passages().map(|passage| format!("{passage:?}")).collect::<Vec<_>>();
    let turns: Vec<Turn> = [score(1).turns, score(1).turns].concat();
    let before = Score::new(Some(1), turns);
    let changed = |change: fn(&mut Turn)| {
        let mut turns = before.turns.clone();
        change(&mut turns[3]);
        let (one, two) = (told(&before), told(&Score::new(Some(1), turns)));
        (0..one.len()).filter(|n| one[*n] != two[*n]).collect::<Vec<_>>()
    };
    assert_eq!(changed(|turn| turn.reveal = Some(1)), [2, 3, 4]);
    // The scene before hears how it begins, and nothing of what is said later or how long it lasts.
    let later = |turn: &mut Turn| {
        turn.samples += 3 * BLOCK;
        turn.speech = vec![(100_000, 200_000)];
    };
    assert_eq!(changed(later), [3, 4]);
}

#[test]
fn a_scene_looks_as_far_ahead_as_the_bed_does() {
    let policy = &law().media.bed;
    let ms = u64::from(policy.bridge_ms + policy.attack_ms) + 1000 * AROUND as u64 / u64::from(crate::SAMPLE_RATE);
    assert!(ms * 48 < AHEAD, "a word {ms} ms into the next scene may bring the bed down at the end of this one");
}

#[test]
fn a_seed_gives_one_music_and_another_seed_another() {
    assert_eq!(all(&score(1)), all(&score(1)));
    assert_ne!(all(&score(1)), all(&score(2)));
    let none = Score { seed: None, ..score(1) };
    assert!(all(&none).iter().all(|sample| *sample == 0.0));
}
