//! Captions: the words of the script in cues that can be read in time.

mod breaks;
mod files;
mod measure;

pub use files::{srt, vtt, vtt_words};
pub use measure::{Figures, measure};

use proofreel_model::film::TimedWord;
use proofreel_model::policy::caption_law;
use proofreel_model::script::Script;

use crate::timeline::{Timeline, Token, tokens};
use breaks::{Word, lines, partition};

/// Most characters of a line, of `specs/policy/captions.toml`.
fn line_chars() -> usize {
    caption_law().line_chars
}

/// Most lines of a cue.
fn cue_lines() -> usize {
    caption_law().lines
}

/// Shortest and longest cue, milliseconds.
fn cue_ms() -> (u32, u32) {
    let (shortest, longest) = caption_law().seconds;
    ((shortest * 1000.0) as u32, (longest * 1000.0) as u32)
}

/// A cue stays this long after its last word where there is room, milliseconds.
const LINGER_MS: u32 = 400;
/// Pauses between cues shorter than this are closed, so that the text does not flicker.
const CLOSE_MS: u32 = 250;

/// A caption: one or two lines and when they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Start, milliseconds.
    pub start_ms: u32,
    /// End, milliseconds.
    pub end_ms: u32,
    /// One or two lines.
    pub lines: Vec<String>,
}

impl Cue {
    /// The lines joined by a space: the words as the script has them.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// The cue in a time that begins `by` milliseconds later and lasts `length`; what lies outside is cut off.
    pub(crate) fn moved(&self, by: u32, length: u32) -> Self {
        let at = |ms: u32| ms.saturating_sub(by).min(length);
        Self { start_ms: at(self.start_ms), end_ms: at(self.end_ms), lines: self.lines.clone() }
    }
}

/// A cue while it is being made.
struct Draft {
    words: Vec<Word>,
    start_ms: u32,
    end_ms: u32,
}

impl Draft {
    fn of(words: &[Word]) -> Self {
        let (start_ms, end_ms) = (words.first().map_or(0, |w| w.start_ms), words.last().map_or(0, |w| w.end_ms));
        Self { words: words.to_vec(), start_ms, end_ms }
    }
}

/// The captions of a film: every word of the script once, in order.
pub fn cues(script: &Script, timeline: &Timeline) -> Vec<Cue> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (span, scene) in timeline.scenes.iter().zip(&script.scenes) {
        for (placed, sentence) in span.sentences.iter().zip(&scene.narration) {
            let words = words(&tokens(&sentence.text), &placed.words);
            drafts.extend(partition(&words).into_iter().map(|range| Draft::of(&words[range])));
        }
    }
    time(&mut drafts, timeline.duration_ms());
    merge_short(&mut drafts);
    drafts
        .into_iter()
        .map(|draft| Cue { start_ms: draft.start_ms, end_ms: draft.end_ms, lines: lines(&draft.words) })
        .collect()
}

/// The timed words of each cue: captions show every word of the film once, in order.
pub fn spoken(cues: &[Cue], timeline: &Timeline) -> Vec<Vec<TimedWord>> {
    let mut words =
        timeline.scenes.iter().flat_map(|scene| &scene.sentences).flat_map(|sentence| &sentence.words).cloned();
    let count = |cue: &Cue| cue.lines.iter().map(|line| line.split_whitespace().count()).sum::<usize>();
    cues.iter().map(|cue| words.by_ref().take(count(cue)).collect()).collect()
}

fn words(tokens: &[Token], timed: &[TimedWord]) -> Vec<Word> {
    tokens
        .iter()
        .zip(timed)
        .map(|(token, word)| Word {
            text: token.text.clone(),
            glued: token.glued,
            in_name: token.in_name,
            start_ms: word.start_ms,
            end_ms: word.end_ms,
        })
        .collect()
}

/// Gives each cue the time it needs, out of the pause that follows it.
fn time(drafts: &mut [Draft], film_ms: u32) {
    for n in 0..drafts.len() {
        let limit = drafts.get(n + 1).map_or(film_ms, |next| next.start_ms);
        let draft = &mut drafts[n];
        let spoken = draft.end_ms;
        let reading = (chars(&draft.words) as f32 / caption_law().chars_per_second as f32 * 1000.0).ceil() as u32;
        let wanted = (spoken + LINGER_MS).max(draft.start_ms + cue_ms().0).max(draft.start_ms + reading);
        let latest = limit.min(draft.start_ms + cue_ms().1).max(spoken.min(limit));
        draft.end_ms = wanted.min(latest);
        if limit.saturating_sub(draft.end_ms) < CLOSE_MS {
            draft.end_ms = limit.min(draft.start_ms + cue_ms().1).max(draft.end_ms);
        }
    }
}

fn chars(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.chars().count() + 1).sum::<usize>().saturating_sub(1)
}

/// A cue that is too short to read joins a neighbour when both fit into one.
fn merge_short(drafts: &mut Vec<Draft>) {
    let mut n = 0;
    while n < drafts.len() {
        if drafts[n].end_ms - drafts[n].start_ms >= cue_ms().0 {
            n += 1;
            continue;
        }
        let fits = |a: &Draft, b: &Draft| {
            let words = [a.words.as_slice(), b.words.as_slice()].concat();
            breaks::fits(&words) && b.end_ms - a.start_ms <= cue_ms().1 && b.start_ms - a.end_ms < 800
        };
        let before = n > 0 && fits(&drafts[n - 1], &drafts[n]);
        let after = n + 1 < drafts.len() && fits(&drafts[n], &drafts[n + 1]);
        let into = if after {
            n
        } else if before {
            n - 1
        } else {
            n += 1;
            continue;
        };
        let second = drafts.remove(into + 1);
        drafts[into].words.extend(second.words);
        drafts[into].end_ms = second.end_ms;
        n = into;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{episode, sentence};

    fn sample() -> (Script, Timeline) {
        let narration = vec![
            sentence(
                "The price of gold now stands at ",
                &[("f001", "$4,228 an ounce")],
                ", which is more than at any other time in the whole record.",
            ),
            sentence("Why?", &[], ""),
            sentence(
                "American output reached ",
                &[("f002", "$27.4 trillion")],
                " in the latest year, and nobody else came anywhere near that figure, not even China.",
            ),
        ];
        episode(vec![narration], 0.34)
    }

    #[test]
    fn captions_say_exactly_what_the_script_says() {
        let (script, timeline) = sample();
        let said: Vec<String> =
            script.scenes.iter().flat_map(|scene| &scene.narration).map(|s| s.text.text()).collect();
        let shown: Vec<String> = cues(&script, &timeline).iter().map(Cue::text).collect();
        assert_eq!(shown.join(" "), said.join(" "));
    }

    #[test]
    fn every_cue_knows_when_its_words_are_said() {
        let (script, timeline) = sample();
        let cues = cues(&script, &timeline);
        for (cue, words) in cues.iter().zip(spoken(&cues, &timeline)) {
            let said: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(said.join(" "), cue.text());
            assert!(words.iter().all(|word| (cue.start_ms..=cue.end_ms).contains(&word.start_ms)), "{cue:?}");
        }
        let file = vtt_words(&cues, &spoken(&cues, &timeline));
        assert!(file.starts_with("WEBVTT\n\n") && file.contains("<00:00:0"), "{file}");
    }

    #[test]
    fn cues_keep_their_bounds() {
        let (script, timeline) = sample();
        let cues = cues(&script, &timeline);
        for cue in &cues {
            assert!(
                cue.lines.len() <= cue_lines() && cue.lines.iter().all(|line| line.chars().count() <= line_chars()),
                "{cue:?}"
            );
            assert!((cue_ms().0..=cue_ms().1).contains(&(cue.end_ms - cue.start_ms)), "{cue:?}");
        }
        assert!(cues.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms));
    }

    #[test]
    fn numbers_keep_their_units() {
        let (script, timeline) = sample();
        for cue in cues(&script, &timeline) {
            for line in &cue.lines {
                assert!(!line.ends_with("$27.4") && !line.ends_with("$4,228") && !line.ends_with(" the"), "{cue:?}");
            }
        }
    }
}
