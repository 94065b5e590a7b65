//! What the music of a scene has to know: the scene, its neighbours, and the seed.

use proofreel_model::scenes::{NarrativeRole, Scenes};
use proofreel_model::script::Script;

use super::grid::{BLOCK, blocks};
use crate::timeline::{Timeline, tokens};
use crate::{SAMPLE_RATE, SAMPLES_PER_FRAME};

/// A scene as music hears it. Times are samples from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What it does for the story.
    pub role: NarrativeRole,
    /// Length: whole blocks.
    pub samples: u64,
    /// Where its first fact is said.
    pub reveal: Option<u64>,
    /// When somebody speaks, in order: first sample, and the one after the last.
    pub speech: Vec<(u64, u64)>,
}

/// A film as music hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Decides key, mode and chords; none for no music.
    pub seed: Option<u64>,
    /// Scenes in order.
    pub turns: Vec<Turn>,
    /// What the scene before each of them hears of it.
    pub(super) openings: Vec<Turn>,
}

/// How far into the scene after it a scene's music looks, samples: two seconds. It is encoded with some blocks of that scene, in
/// which the bed may be on its way down before a word that is still to come.
pub(super) const AHEAD: u64 = 2 * SAMPLE_RATE as u64;
/// A scene of this length or more begins alike however long it is, samples: eight seconds, the length of a chord.
const LONG: u64 = 375 * BLOCK;

impl Turn {
    /// The scene as the one before it hears it: nothing of it that comes later changes that one's sound. Where the film ends with
    /// this scene its length counts, since all fades out towards it.
    fn opening(&self, is_last: bool) -> Self {
        let near = self.speech.iter().filter(|(start, _)| *start < AHEAD);
        Self {
            role: self.role,
            samples: if is_last { self.samples } else { self.samples.min(LONG) },
            reveal: self.reveal.filter(|at| *at < AHEAD),
            speech: near.map(|(start, end)| (*start, (*end).min(AHEAD))).collect(),
        }
    }
}

/// A scene between its neighbours: all that its sound depends on but the voice. Its debugging text is part of its key,
/// so it holds nothing that changes with scenes farther away.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// The film's seed.
    pub seed: Option<u64>,
    /// Number of the scene in the film.
    pub number: usize,
    /// The scene.
    pub here: &'a Turn,
    /// The scene before it.
    pub before: Option<&'a Turn>,
    /// How the scene after it begins.
    pub after: Option<&'a Turn>,
    /// The film ends with `after`, or here when there is none.
    pub ends: bool,
}

/// A scene of a passage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    pub turn: &'a Turn,
    /// Its number in the film.
    pub number: usize,
    /// Where it begins, in the passage's time.
    pub start: i64,
    /// It is the film's last.
    pub is_last: bool,
}

impl Placed<'_> {
    /// Where it ends, in the passage's time; of the scene after, where what is heard of it does.
    pub fn end(&self) -> i64 {
        self.start + self.turn.samples as i64
    }
}

fn sample(ms: u32) -> u64 {
    u64::from(ms) * u64::from(SAMPLE_RATE) / 1000
}

impl Score {
    /// The score of a film.
    pub fn of(timeline: &Timeline, scenes: &Scenes, script: &Script, seed: Option<u64>) -> Self {
        let frame = u64::from(SAMPLES_PER_FRAME);
        let lengths = timeline.scenes.iter().map(|span| u64::from(span.frames.end - span.frames.start) * frame);
        let all = timeline.scenes.iter().zip(blocks(lengths)).zip(&scenes.scenes).zip(&script.scenes);
        let turns = all
            .map(|(((span, blocks), scene), words)| {
                let start = u64::from(span.frames.start) * frame;
                let said = span.sentences.iter().zip(&words.narration);
                let reveal = said
                    .flat_map(|(placed, sentence)| tokens(&sentence.text).into_iter().zip(&placed.words))
                    .find(|(token, _)| !token.facts.is_empty())
                    .map(|(_, word)| sample(word.start_ms).saturating_sub(start));
                let speech = span.sentences.iter().map(|placed| (placed.start - start, placed.end - start)).collect();
                let samples = (blocks.end - blocks.start) * BLOCK;
                Turn { role: scene.narrative_role, samples, reveal, speech }
            })
            .collect();
        Self::new(seed, turns)
    }

    /// The score of these scenes.
    pub fn new(seed: Option<u64>, turns: Vec<Turn>) -> Self {
        let openings = turns.iter().enumerate().map(|(n, turn)| turn.opening(n + 1 == turns.len())).collect();
        Self { seed, turns, openings }
    }

    /// The scenes, each between its neighbours.
    pub fn passages(&self) -> impl Iterator<Item = Passage<'_>> {
        self.turns.iter().enumerate().map(|(number, here)| Passage {
            seed: self.seed,
            number,
            here,
            before: number.checked_sub(1).and_then(|n| self.turns.get(n)),
            after: self.openings.get(number + 1),
            ends: number + 2 >= self.turns.len(),
        })
    }
}

impl<'a> Passage<'a> {
    /// The scene and its neighbours, in order.
    pub(super) fn turns(&self) -> impl Iterator<Item = Placed<'a>> + use<'a> {
        let Self { number, here, before, after, ends, .. } = *self;
        let before = before.map(|turn| Placed {
            turn,
            number: number.saturating_sub(1),
            start: -(turn.samples as i64),
            is_last: false,
        });
        let is_last = ends && after.is_none();
        let after = after.map(|turn| Placed { turn, number: number + 1, start: here.samples as i64, is_last: ends });
        before.into_iter().chain([Placed { turn: here, number, start: 0, is_last }]).chain(after)
    }

    /// When somebody speaks, in order, in the passage's time.
    pub(super) fn speech(&self) -> impl Iterator<Item = (i64, i64)> + use<'a> {
        self.turns().flat_map(|placed| {
            placed
                .turn
                .speech
                .iter()
                .map(move |(start, end)| (placed.start + *start as i64, placed.start + *end as i64))
        })
    }

    /// Where the film begins and where it ends, in the passage's time, when it is as near as that.
    pub(super) fn film(&self) -> (Option<i64>, Option<i64>) {
        let begins = self.turns().next().filter(|placed| placed.number == 0).map(|placed| placed.start);
        let ends = self.turns().last().filter(|placed| placed.is_last).map(|placed| placed.end());
        (begins, ends)
    }
}

/// Choices that a seed decides (`SplitMix64`, by Steele, Lea and Flood).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Choices of one scene: those of other scenes do not move them.
    pub fn of_scene(seed: u64, number: usize) -> Self {
        // An odd factor that is not the generator's own step: with that, scenes would share one row of choices.
        Self(seed ^ (number as u64 + 1).wrapping_mul(0xd1b5_4a32_d192_ed03))
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
