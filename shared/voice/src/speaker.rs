//! The whole voice: text in, samples and word times out.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::assets::{Assets, VOCABULARY, VoiceDataError};
use crate::dsp::{HOP, Noise, SAMPLE_RATE, Synthesizer};
use crate::g2p::{Gap, Piece, Reader};
use crate::network::{FRAMES_PER_STEP, Network};
use crate::timing::{self, Levels, SILENCE_DB, Word};

/// Samples of one step of the network's lengths: 25 ms.
const STEP: usize = FRAMES_PER_STEP * HOP;
/// The sound runs ahead of those steps by this many samples: 35 ms, the median of 98 onsets behind pauses.
const EARLY: usize = 840;
/// Samples kept before and after the audible part of a piece: 20 and 40 ms.
const HEAD: usize = 480;
const TAIL: usize = 960;
/// Samples faded at both ends of a piece: 5 ms.
const FADE: usize = 120;
/// Silence between two pieces of a sentence and between two sentences, samples: 120 and 360 ms.
const CLAUSE_GAP: usize = 2_880;
const SENTENCE_GAP: usize = 8_640;
/// Phoneme characters that are no sound.
const PUNCTUATION: &str = " ;:,.!?—…\"“”()";

/// Why a text was not spoken.
#[derive(Debug, Error)]
pub enum SpeakError {
    /// The text has no word that can be said.
    #[error("there is nothing to pronounce in {text:?}")]
    Nothing {
        /// The text.
        text: String,
    },
    /// The network or the transform failed.
    #[error("{0}")]
    Engine(String),
}

/// A spoken text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Samples a second.
    pub sample_rate: u32,
    /// Samples, mono.
    pub samples: Vec<i16>,
    /// One for every whitespace-separated token of the text, in order.
    pub words: Vec<Word>,
}

/// From phonemes to sound: the network, its alphabet and the pace.
pub struct Throat {
    network: Network,
    synthesizer: Synthesizer,
    vocabulary: HashMap<char, i32>,
    speed: f32,
}

impl Throat {
    /// Loads the network. `speed` 1 is the voice's own pace, 1.25 a quarter faster.
    pub fn new(assets: &Assets, speed: f32) -> Result<Self, VoiceDataError> {
        Ok(Self {
            network: Network::load(assets)?,
            synthesizer: Synthesizer::default(),
            vocabulary: assets.json(VOCABULARY)?,
            speed,
        })
    }

    /// The network's numbers of some phoneme characters; characters that it does not know are left out.
    pub fn numbers(&self, phonemes: impl Iterator<Item = char>) -> Vec<i32> {
        phonemes.filter_map(|c| self.vocabulary.get(&c).copied()).collect()
    }

    /// The network, for measuring.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Speaks pieces whose characters belong to `tokens`. Noise depends on `seed` alone.
    pub fn say(&self, tokens: &[&str], pieces: &[Piece], seed: u64) -> Result<Spoken, SpeakError> {
        let mut noise = Noise::new(seed);
        let mut sound: Vec<f32> = Vec::new();
        let mut spans: Vec<Option<Range<usize>>> = vec![None; tokens.len()];
        let mut gap = 0;
        let audible = |piece: &&Piece| piece.chars.iter().any(|(c, _)| !PUNCTUATION.contains(*c));
        for piece in pieces.iter().filter(audible) {
            sound.resize(sound.len() + gap, 0.0);
            let at = sound.len();
            self.piece(piece, &mut noise, &mut sound, |owner, span: Range<usize>| {
                if let Some(slot) = spans.get_mut(owner) {
                    let known = slot.get_or_insert_with(|| span.start + at..span.end + at);
                    known.end = known.end.max(span.end + at);
                }
            })?;
            gap = match piece.gap_after {
                Gap::Clause => CLAUSE_GAP,
                Gap::Sentence => SENTENCE_GAP,
            };
        }
        if sound.is_empty() {
            return Err(SpeakError::Nothing { text: tokens.join(" ") });
        }
        let length_ms = (sound.len() as u64 * 1000 / u64::from(SAMPLE_RATE)) as u32;
        let words = timing::words(tokens, &spans, &Levels::of(&sound, SAMPLE_RATE), length_ms);
        let samples = sound.iter().map(|x| (x.clamp(-1.0, 1.0) * 32_767.0).round() as i16).collect();
        Ok(Spoken { sample_rate: SAMPLE_RATE, samples, words })
    }

    /// Appends the sound of a piece without the silence around it, and reports the samples of each letter.
    fn piece(
        &self,
        piece: &Piece,
        noise: &mut Noise,
        sound: &mut Vec<f32>,
        mut heard: impl FnMut(usize, Range<usize>),
    ) -> Result<(), SpeakError> {
        let known: Vec<(char, usize)> =
            piece.chars.iter().copied().filter(|(c, _)| self.vocabulary.contains_key(c)).collect();
        let numbers = self.numbers(known.iter().map(|(c, _)| *c));
        let frames = self.network.run(&numbers, self.speed).map_err(SpeakError::Engine)?;
        let audio = self.synthesizer.sound(&frames, Some(noise)).map_err(SpeakError::Engine)?;
        let audible = Levels::of(&audio, SAMPLE_RATE).audible(SILENCE_DB).unwrap_or(0..audio.len());
        let begin = audible.start.saturating_sub(HEAD);
        let end = (audible.end + TAIL).min(audio.len());
        let length = end - begin;
        let fade = FADE.min(length);
        sound.extend(audio[begin..end].iter().enumerate().map(|(n, x)| {
            let near = n.min(length - 1 - n);
            if near < fade { x * near as f32 / (fade.max(2) - 1) as f32 } else { *x }
        }));
        // The first step is the silence before the first phoneme.
        let mut edge = frames.steps.first().map_or(0, |steps| *steps as usize * STEP);
        for ((c, owner), steps) in known.iter().zip(frames.steps.iter().skip(1)) {
            let next = edge + *steps as usize * STEP;
            if !PUNCTUATION.contains(*c) {
                let place = |edge: usize| edge.saturating_sub(EARLY + begin).min(length);
                heard(*owner, place(edge)..place(next));
            }
            edge = next;
        }
        Ok(())
    }
}

/// The embedded voice.
pub struct Speaker {
    reader: Reader,
    throat: Throat,
}

impl Speaker {
    /// Loads the voice (some tenths of a second). `pronounce` says how words are spoken, by the word as written: a
    /// respelling, spaced capitals for an acronym, or phonemes between slashes. `speed` 1 is the voice's own pace.
    pub fn new(assets: &Assets, pronounce: &BTreeMap<String, String>, speed: f32) -> Result<Self, VoiceDataError> {
        Ok(Self { reader: Reader::new(assets, pronounce)?, throat: Throat::new(assets, speed)? })
    }

    /// Speaks a text. The same text and seed give the same samples, whatever is spoken before or after.
    pub fn speak(&self, text: &str, seed: u64) -> Result<Spoken, SpeakError> {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        self.throat.say(&tokens, &self.reader.pieces(&tokens), seed_of(text, seed))
    }
}

/// A seed that depends on the words, so that two sentences do not share their noise.
pub fn seed_of(text: &str, seed: u64) -> u64 {
    let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(text).finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_differ_by_text_and_by_number() {
        assert_eq!(seed_of("Gold rose.", 7), seed_of("Gold rose.", 7));
        assert_ne!(seed_of("Gold rose.", 7), seed_of("Gold rose.", 8));
        assert_ne!(seed_of("Gold rose.", 7), seed_of("Gold fell.", 7));
    }
}
