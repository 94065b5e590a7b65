//! From the tokens of a text to phonemes of the embedded voice.
//!
//! The rules and the data are those of the `hibari-tts` package (Apache-2.0), which carries misaki's American
//! dictionaries (Apache-2.0, hexgrad) and spaCy's rules for words (MIT); the written forms of finance are ours, see
//! [`reading`](crate::reading).

mod endings;
mod entries;
mod figures;
mod lexicon;
mod listing;
mod normalise;
mod numbers;
mod owners;
mod pattern;
mod pipeline;
mod sounds;
mod stress;
mod tagger;
mod tokenise;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use self::pipeline::Pipeline;
use crate::assets::{Assets, VOCABULARY, VoiceDataError};
use crate::reading::Table;

/// The network was not trained on longer pieces.
const LONGEST: usize = 400;

/// What the voice speaks in one breath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Phoneme characters of the voice's vocabulary, each with the index of the token that it belongs to.
    pub chars: Vec<(char, usize)>,
    /// The pause behind it.
    pub gap_after: Gap,
}

/// A pause between pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A sentence that was too long goes on.
    Clause,
    /// A sentence ends.
    Sentence,
}

/// Reads English text aloud, as phonemes. The same text gives the same phonemes.
pub struct Reader {
    pipeline: Pipeline,
    table: Table,
    vocabulary: BTreeSet<char>,
}

impl Reader {
    /// Loads the dictionaries. `pronounce` says how to speak what the voice gets wrong: written form → a respelling,
    /// `/phonemes/`, or letters with spaces between them ("W T I").
    pub fn new(assets: &Assets, pronounce: &BTreeMap<String, String>) -> Result<Self, VoiceDataError> {
        let vocabulary: BTreeMap<char, u16> = assets.json(VOCABULARY)?;
        let pipeline = Pipeline::load(assets)?;
        let table = Table::new(pronounce, |letters| pipeline.lexicon.spelt(letters));
        Ok(Self { pipeline, table, vocabulary: vocabulary.into_keys().collect() })
    }

    /// What is said for each token: words, or phonemes in `[word](/phonemes/)`.
    pub fn spoken(&self, tokens: &[&str]) -> Vec<String> {
        self.table.spoken(tokens)
    }

    /// The pieces in which `tokens` (a text cut at its white space) are spoken.
    pub fn pieces(&self, tokens: &[&str]) -> Vec<Piece> {
        let (spoken, ends) = (self.table.spoken(tokens), crate::reading::sentence_ends(tokens));
        let (mut out, mut words, mut owners) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (said, end)) in spoken.iter().zip(ends).enumerate() {
            words.extend(said.split_whitespace());
            owners.resize(words.len(), at);
            if end && !words.is_empty() {
                let chars = self.pipeline.phonemes(&words, &owners, |c| self.vocabulary.contains(&c));
                out.extend(cut(chars).into_iter().filter(|piece| piece.chars.iter().any(|(c, _)| is_sound(*c))));
                words.clear();
                owners.clear();
            }
        }
        out
    }
}

/// A whole number in words.
pub(crate) fn cardinal(n: u32) -> String {
    numbers::cardinal(u128::from(n))
}

/// Whether a phoneme character is heard, unlike a space or a mark.
fn is_sound(c: char) -> bool {
    !" ;:,.!?—…\"“”()".contains(c)
}

/// Pieces of at most [`LONGEST`] characters: cut behind a clause, else between words.
fn cut(mut chars: Vec<(char, usize)>) -> Vec<Piece> {
    let mut out = Vec::new();
    while chars.len() > LONGEST {
        let spaces = || (1..LONGEST).rev().filter(|at| chars[*at].0 == ' ');
        let clause = spaces().find(|at| ",;:—".contains(chars[at - 1].0) && *at > LONGEST / 4);
        let at = clause.or_else(|| spaces().next()).unwrap_or(LONGEST);
        let rest = chars.split_off(at);
        out.push(Piece { chars, gap_after: Gap::Clause });
        chars = rest.into_iter().enumerate().filter(|(at, (c, _))| *at > 0 || *c != ' ').map(|(_, c)| c).collect();
    }
    if !chars.is_empty() {
        out.push(Piece { chars, gap_after: Gap::Sentence });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_are_cut_behind_a_clause() {
        let chars: Vec<(char, usize)> = "abcd, efgh ".repeat(60).chars().map(|c| (c, 0)).collect();
        let pieces = cut(chars.clone());
        assert!(pieces.len() == 2 && pieces.iter().all(|piece| piece.chars.len() <= LONGEST));
        assert_eq!(pieces[0].chars.last(), Some(&(',', 0)));
        assert_eq!((pieces[0].gap_after, pieces[1].gap_after), (Gap::Clause, Gap::Sentence));
        assert_eq!(pieces[0].chars.len() + 1 + pieces[1].chars.len(), chars.len());
    }
}
