//! When each word is heard, from the lengths that the network gave its phonemes.

use std::ops::Range;

/// Grain of the search for silence, milliseconds.
const GRAIN_MS: usize = 5;
/// A sound below this is silence, dB of full scale.
pub(crate) const SILENCE_DB: f32 = -62.0;
/// A word's end is taken back to where the sound has this level, dB of full scale.
const WORD_DB: f32 = -48.0;
/// Silence is not taken off words that are shorter, grains.
const SHORTEST: usize = 8;
/// Given to a token that has no sound of its own, milliseconds.
const SILENT_WORD_MS: u32 = 20;

/// A word as it is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The whitespace-separated token of the text, verbatim.
    pub text: String,
    /// Start, milliseconds from the start of the samples.
    pub start_ms: u32,
    /// End, milliseconds; after the start, and not after the next word's start.
    pub end_ms: u32,
}

/// Root-mean-square level of each 5 ms, dB of full scale.
#[derive(Clone, Debug)]
pub struct Levels {
    db: Vec<f32>,
    /// Samples of a grain.
    pub(crate) grain: usize,
}

impl Levels {
    /// Measures samples between −1 and 1; a last grain that is not whole is left out.
    pub fn of(samples: &[f32], sample_rate: u32) -> Self {
        let grain = (sample_rate as usize * GRAIN_MS / 1000).max(1);
        let level = |block: &[f32]| {
            let power = block.iter().map(|x| x * x).sum::<f32>() / block.len() as f32;
            20.0 * (power.sqrt() + 1e-9).log10()
        };
        Self { db: samples.chunks_exact(grain).map(level).collect(), grain }
    }

    /// The levels.
    pub fn db(&self) -> &[f32] {
        &self.db
    }

    /// First and last-but-one sample of what is louder than `threshold` dB.
    pub fn audible(&self, threshold: f32) -> Option<Range<usize>> {
        let first = self.db.iter().position(|db| *db > threshold)?;
        let last = self.db.iter().rposition(|db| *db > threshold)?;
        Some(first * self.grain..(last + 1) * self.grain)
    }
}

/// Word times from the samples that each token's phonemes take (none for a token without sound): silence is taken off
/// both ends of a word, silent tokens are squeezed in, and times ascend. Every token is timed once and in order, within
/// the sound.
pub fn words(tokens: &[&str], spans: &[Option<Range<usize>>], levels: &Levels, length_ms: u32) -> Vec<Word> {
    let grain = levels.grain;
    let placed = tokens.iter().zip(spans).map(|(token, span)| {
        let span = span.as_ref().map(|span| {
            let (mut start, mut end) = (span.start / grain, span.end / grain);
            while end.saturating_sub(start) > SHORTEST && levels.db.get(end - 1).is_some_and(|db| *db < WORD_DB) {
                end -= 1;
            }
            while end.saturating_sub(start) > SHORTEST && levels.db.get(start).is_some_and(|db| *db < SILENCE_DB) {
                start += 1;
            }
            ((start * GRAIN_MS) as u32, (end * GRAIN_MS) as u32)
        });
        ((*token).to_owned(), span)
    });
    ascending(placed, length_ms)
}

/// Words in order, each at least a millisecond long and inside the sound, with a place for those that have none.
pub(crate) fn ascending(words: impl Iterator<Item = (String, Option<(u32, u32)>)>, length_ms: u32) -> Vec<Word> {
    let mut at = 0;
    let mut out: Vec<Word> = words
        .map(|(text, span)| {
            let (start, end) = span.unwrap_or((at, at + SILENT_WORD_MS));
            let start_ms = start.max(at);
            let end_ms = end.max(start_ms + 1);
            at = end_ms;
            Word { text, start_ms, end_ms }
        })
        .collect();
    // Pushed past the end, or past the next word: move back.
    let mut top = length_ms;
    for word in out.iter_mut().rev() {
        word.end_ms = word.end_ms.min(top);
        word.start_ms = word.start_ms.min(word.end_ms.saturating_sub(1));
        top = word.start_ms;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(words: &[Word]) -> Vec<(u32, u32)> {
        words.iter().map(|word| (word.start_ms, word.end_ms)).collect()
    }

    #[test]
    fn silence_is_taken_off_a_word() {
        let mut samples = vec![0.0; 24_000];
        samples[6_000..12_000].fill(0.3);
        let levels = Levels::of(&samples, 24_000);
        assert_eq!(levels.audible(SILENCE_DB), Some(6_000..12_000));
        let heard = words(&["Gold"], &[Some(0..24_000)], &levels, 1_000);
        assert_eq!(times(&heard), [(250, 500)]);
    }

    #[test]
    fn a_dash_gets_a_place_in_the_pause() {
        let levels = Levels::of(&vec![0.3; 24_000], 24_000);
        let spans = [Some(0..9_600), None, Some(14_400..24_000)];
        assert_eq!(times(&words(&["up", "—", "down"], &spans, &levels, 1_000)), [(0, 400), (400, 420), (600, 1_000)]);
    }

    #[test]
    fn silent_tokens_at_the_end_stay_inside_the_sound() {
        let levels = Levels::of(&vec![0.3; 24_000], 24_000);
        let spans = [Some(0..24_000), None, None];
        let heard = words(&["up", "—", "—"], &spans, &levels, 1_000);
        assert_eq!(heard[2].end_ms, 1_000);
        assert!(heard.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms));
        assert!(heard.iter().all(|word| word.start_ms < word.end_ms));
    }
}
