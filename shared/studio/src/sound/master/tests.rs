use proofreel_model::scenes::NarrativeRole;

use super::*;
use crate::samples::{babble, mastered, spoken};
use crate::sound::{Score, join};

#[test]
fn speech_like_sound_is_in_range_after_encoding() {
    let folder = tempfile::tempdir().expect("folder");
    for (seed, level) in [(1, 0.02f32), (2, 0.2), (3, 0.9)] {
        let samples: Vec<f32> = babble(12.0, seed).into_iter().map(|s| s * level).collect();
        let to = folder.path().join("sound.aac");
        let heard = mastered(&Tools::from_environment(), &samples, &to);
        assert!((heard.sound.integrated_lufs - TARGET_LUFS).abs() <= 1.0, "{:?}", heard.sound);
        assert!(heard.sound.true_peak_dbtp <= TRUE_PEAK_LIMIT, "{:?}", heard.sound);
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1, "only the sound is left");
    }
}

/// A film of scenes of eight seconds and a little that speak at these levels, with music.
fn film(levels: &[f32]) -> (Score, Vec<Vec<Spoken>>) {
    let roles = [NarrativeRole::Hook, NarrativeRole::Proof, NarrativeRole::Insight, NarrativeRole::Payoff];
    let speech = |(n, level): (usize, &f32)| {
        let said = babble(7.0, n as u32 + 1).into_iter().map(|sample| sample * level).collect::<Vec<_>>();
        vec![spoken(&said)]
    };
    let turn = |n: usize| Turn {
        role: roles[n % 4],
        samples: (375 + 7 * n as u64) * BLOCK,
        reveal: Some(100_000),
        speech: vec![(9_600, 9_600 + 7 * 48_000)],
    };
    let turns = (0..levels.len()).map(turn).collect();
    (Score::new(Some(11), turns), levels.iter().enumerate().map(speech).collect())
}

fn wanted<'a>(score: &'a Score, speech: &'a [Vec<Spoken>]) -> Vec<Wanted<'a>> {
    score.passages().zip(speech).map(|(passage, spoken)| Wanted { passage, spoken }).collect()
}

/// The error of coded sound against what it was coded from, below the latter, decibels.
fn below(coded: &[f32], original: &[f32]) -> f64 {
    let error: f64 = coded.iter().zip(original).map(|(one, two)| f64::from(one - two).powi(2)).sum();
    let all: f64 = original.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (all / error.max(1e-20)).log10()
}

/// What joined pieces decode to, without the block that comes early.
fn decoded(tools: &Tools, sound: &Path) -> Vec<f32> {
    let mut out = Vec::new();
    let keep = |part: &[u8]| {
        out.extend(part.chunks_exact(8).map(|pair| f32::from_le_bytes([pair[0], pair[1], pair[2], pair[3]])));
        Ok(())
    };
    tools.decode_sound(sound, "aac", 60.0, keep).expect("decoded");
    out.split_off(BLOCK_SAMPLES)
}

#[test]
fn scenes_that_were_encoded_apart_join_without_a_seam() {
    let (tools, folder) = (Tools::from_environment(), tempfile::tempdir().expect("folder"));
    let (score, speech) = film(&[0.5, 0.1, 0.8, 0.3]);
    let pieces = master(&tools, &wanted(&score, &speech), folder.path()).expect("mastered");
    let to = folder.path().join("sound.aac");
    let heard = join(&pieces, &to).expect("joined");
    assert!((heard.sound.integrated_lufs - TARGET_LUFS).abs() <= 0.5, "{:?}", heard.sound);
    assert!(heard.sound.true_peak_dbtp <= TRUE_PEAK_LIMIT, "{:?}", heard.sound);
    let sound = decoded(&tools, &to);
    let all: u64 = score.turns.iter().map(|turn| turn.samples).sum();
    assert_eq!(sound.len() as u64, all, "every block once");
    // About a joint there is music alone, of which both sides know the same samples.
    let policy = &law().media.bed;
    let mut at = 0;
    for passage in score.passages().take(3) {
        at += passage.here.samples as usize;
        let (from, count) = (at - 4 * BLOCK_SAMPLES, 8 * BLOCK_SAMPLES);
        let start = passage.here.samples as i64 - 4 * BLOCK_SAMPLES as i64;
        let original = music(&passage, policy, start, count);
        let blocks = |n: usize| {
            (&sound[from + n * BLOCK_SAMPLES..][..BLOCK_SAMPLES], &original[n * BLOCK_SAMPLES..][..BLOCK_SAMPLES])
        };
        for n in 0..8 {
            let (coded, original) = blocks(n);
            let below = below(coded, original);
            assert!(below > 9.0, "block {n} of 8 about a joint: {below:.1} dB");
        }
    }
    // A scene of another film does not fit: its coder had heard something else before it.
    let (other, _) = film(&[0.5, 0.1, 0.8, 0.3]);
    let other = Score { seed: Some(12), ..other };
    let strange = master(&tools, &wanted(&other, &speech)[1..2], folder.path()).expect("mastered");
    let mixed = [&pieces[..1], &strange[..], &pieces[2..]].concat();
    join(&mixed, &to).expect("joined");
    let (seam, original) = (score.turns[0].samples as usize - BLOCK_SAMPLES, score.passages().next().expect("scene"));
    let original = music(&original, policy, seam as i64, BLOCK_SAMPLES);
    let below = below(&decoded(&tools, &to)[seam..][..BLOCK_SAMPLES], &original);
    assert!(below < 6.0, "a seam is found: {below:.1} dB");
}

#[test]
fn a_scene_sounds_the_same_whoever_is_mastered_with_it() {
    let (tools, folder) = (Tools::from_environment(), tempfile::tempdir().expect("folder"));
    let (score, speech) = film(&[0.5, 0.1, 0.8]);
    let together = master(&tools, &wanted(&score, &speech), folder.path()).expect("mastered");
    let alone = master(&tools, &wanted(&score, &speech)[1..2], folder.path()).expect("mastered");
    assert!(together[1] == alone[0]);
    assert_eq!(Piece::from_bytes(&alone[0].to_bytes().expect("bytes")).as_ref(), Some(&alone[0]));
    assert_eq!(Piece::from_bytes(b"{}\0"), None);
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0, "nothing is left");
    // What is heard of the whole is what a listener to the whole hears.
    let all: f64 = together.iter().map(|piece| piece.told.powers.0).sum();
    assert!(all > 0.0 && crate::sound::speech_over_bed(&together).is_some_and(|over| over >= 19.9));
}

#[test]
fn silence_is_refused() {
    let (tools, folder) = (Tools::from_environment(), tempfile::tempdir().expect("folder"));
    let (score, _) = film(&[1.0]);
    let silent = vec![vec![spoken(&[0.0; 48_000])]];
    let pieces = master(&tools, &wanted(&score, &silent), folder.path()).expect("mastered");
    let error = join(&pieces, &folder.path().join("sound.aac")).expect_err("silent");
    assert!(error.to_string().contains("silent"), "{error}");
}
