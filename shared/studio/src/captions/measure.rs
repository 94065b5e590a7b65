//! How well captions can be read, counted.

use proofreel_model::policy::caption_law;
use proofreel_model::script::Script;

use super::Cue;
use super::breaks::leans;
use crate::timeline::{Token, tokens};

/// Longest word that counts as an orphan when it stands alone, characters.
const SHORT_WORD: usize = 8;

/// Captions of a film by what is wrong with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// All captions.
    pub cues: usize,
    /// With a line of too many characters.
    pub long_lines: usize,
    /// With too many lines.
    pub many_lines: usize,
    /// Shown for less than the shortest time.
    pub short: usize,
    /// Shown for more than the longest time.
    pub long: usize,
    /// To be read faster than the reading speed.
    pub fast: usize,
    /// With a single short word on a line of two, or as a caption that is only part of a sentence.
    pub orphans: usize,
    /// Lines that end on a word which leans on the next: an article, a preposition, a minus.
    pub leaning: usize,
    /// Breaks inside a citation: a number apart from its unit.
    pub broken_citations: usize,
    /// Breaks inside a series' name that would fit a line.
    pub broken_names: usize,
}

/// Counts the captions of a script.
pub fn measure(script: &Script, cues: &[Cue]) -> Figures {
    let law = caption_law();
    let mut out = Figures { cues: cues.len(), ..Figures::default() };
    // For each word of the film: is it glued to the one before, does it go on a name that fits a line, and does it begin a
    // sentence.
    let mut words = script
        .scenes
        .iter()
        .flat_map(|scene| &scene.narration)
        .flat_map(|sentence| {
            let tokens = tokens(&sentence.text);
            let whole = names_that_fit(&tokens, law.line_chars);
            let words = tokens.into_iter().zip(whole).enumerate();
            words.map(|(n, (token, fits))| (token.glued, fits, n == 0)).collect::<Vec<_>>()
        })
        .peekable();
    for cue in cues {
        let seconds = f64::from(cue.end_ms - cue.start_ms) / 1000.0;
        out.long_lines += usize::from(cue.lines.iter().any(|line| line.chars().count() > law.line_chars));
        out.many_lines += usize::from(cue.lines.len() > law.lines);
        // A frame's rounding is no fault.
        out.short += usize::from(seconds < law.seconds.0 - 0.001);
        out.long += usize::from(seconds > law.seconds.1 + 0.001);
        out.fast += usize::from(cue.text().chars().count() as f64 / seconds.max(0.001) > law.chars_per_second + 0.05);
        let starts = words.peek().is_none_or(|word| word.2);
        let mut orphan = false;
        for line in &cue.lines {
            let count = line.split_whitespace().count();
            for n in 0..count {
                let (glued, in_name, _) = words.next().unwrap_or_default();
                out.broken_citations += usize::from(n == 0 && glued);
                out.broken_names += usize::from(n == 0 && in_name);
            }
            out.leaning += usize::from(line.split_whitespace().next_back().is_some_and(leans));
            orphan |= count == 1 && line.chars().count() <= SHORT_WORD && cue.lines.len() > 1;
        }
        let ends = words.peek().is_none_or(|word| word.2);
        let alone = cue.text().split_whitespace().count() == 1 && cue.text().chars().count() <= SHORT_WORD;
        out.orphans += usize::from(orphan || (alone && !(starts && ends)));
    }
    out
}

/// For each word, whether it goes on a name of a series that is short enough for a line.
fn names_that_fit(tokens: &[Token], most: usize) -> Vec<bool> {
    let mut out = vec![false; tokens.len()];
    let mut from = 0;
    while from < tokens.len() {
        let more = tokens[from + 1..].iter().take_while(|token| token.in_name).count();
        let name = &tokens[from..=from + more];
        let long = name.iter().map(|token| token.text.chars().count()).sum::<usize>() + more;
        out[from + 1..=from + more].fill(long <= most);
        from += more + 1;
    }
    out
}
