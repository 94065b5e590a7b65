//! What music has to know of a film: its turns, when somebody speaks, and the seed.

use proofreel_model::scenes::{NarrativeRole, Scenes};
use proofreel_model::script::Script;

use crate::timeline::{Timeline, tokens};
use crate::{SAMPLE_RATE, SAMPLES_PER_FRAME};

/// A scene as music sees it. Times are samples of the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Where it begins.
    pub start: u64,
    /// What it does for the story.
    pub role: NarrativeRole,
    /// Where its first fact is said.
    pub reveal: Option<u64>,
}

/// A film as music sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Decides key, mode and chords.
    pub seed: u64,
    /// Scenes in order, the first at zero.
    pub turns: Vec<Turn>,
    /// When somebody speaks, in order: first sample, and the one after the last.
    pub speech: Vec<(u64, u64)>,
    /// Length.
    pub samples: u64,
}

fn sample(ms: u32) -> u64 {
    u64::from(ms) * u64::from(SAMPLE_RATE) / 1000
}

impl Score {
    /// The score of a film.
    pub fn of(timeline: &Timeline, scenes: &Scenes, script: &Script, seed: u64) -> Self {
        let all = timeline.scenes.iter().zip(&scenes.scenes).zip(&script.scenes);
        let turns = all
            .map(|((span, scene), words)| {
                let said = span.sentences.iter().zip(&words.narration);
                let reveal = said
                    .flat_map(|(placed, sentence)| tokens(&sentence.text).into_iter().zip(&placed.words))
                    .find(|(token, _)| !token.facts.is_empty())
                    .map(|(_, word)| sample(word.start_ms));
                let start = u64::from(span.frames.start) * u64::from(SAMPLES_PER_FRAME);
                Turn { start, role: scene.narrative_role, reveal }
            })
            .collect();
        let speech =
            timeline.scenes.iter().flat_map(|span| &span.sentences).map(|placed| (placed.start, placed.end)).collect();
        Self { seed, turns, speech, samples: timeline.samples() }
    }
}

/// Choices that a seed decides (`SplitMix64`, by Steele, Lea and Flood).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is not zero.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
