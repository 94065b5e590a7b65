//! Where a sentence may be broken, and what each break costs.

use std::ops::Range;

use super::{cue_lines, cue_ms, line_chars};

/// A word with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub glued: bool,
    /// Within the name that the word before belongs to.
    pub in_name: bool,
    pub start_ms: u32,
    pub end_ms: u32,
}

/// Words that lean on the next one: articles and other determiners, prepositions, and what else begins a phrase.
const LEANING: [&str; 80] = [
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "as", "than", "and", "or", "but",
    "about", "over", "under", "into", "per", "is", "was", "are", "were", "has", "had", "have", "its", "their", "this",
    "that", "these", "no", "not", "minus", "more", "less", "since", "between", "every", "each", "up", "either",
    "neither", "both", "another", "any", "some", "such", "those", "all", "our", "your", "his", "her", "my", "whose",
    "after", "before", "during", "against", "without", "within", "among", "through", "until", "across", "toward",
    "towards", "below", "above", "near", "beyond", "despite", "onto", "around", "versus", "upon",
];
/// Words that a new clause or phrase starts with: a break before them is natural.
const OPENING: [&str; 22] = [
    "and", "but", "or", "which", "that", "who", "while", "when", "where", "because", "after", "before", "since",
    "until", "than", "from", "in", "at", "with", "for", "to", "as",
];

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// True for a word that a line should not end with; the end of a sentence or clause leans on nothing.
pub(super) fn leans(word: &str) -> bool {
    !word.ends_with(|c: char| c.is_ascii_punctuation()) && LEANING.contains(&bare(word).as_str())
}

/// Cost of a break inside the name of a series: more than of any other but one after a word that leans. Names may be longer
/// than a line, and some have to be broken.
const IN_NAME: i64 = 160;
/// Cost of a break after a word that leans on the next.
const LEANS: i64 = 240;

/// Cost of a break between two words: 0 is best, a citation is as good as never broken.
fn cost(before: &Word, after: &Word) -> i64 {
    if after.glued {
        return 400;
    }
    let plain = cost_of_words(before, after);
    if after.in_name { plain.max(IN_NAME) } else { plain }
}

/// Cost of a break between two words by how they read.
fn cost_of_words(before: &Word, after: &Word) -> i64 {
    if before.text.ends_with(['.', '?', '!', ';', ':', '—']) {
        return 0;
    }
    if before.text.ends_with([',', ')']) {
        return 6;
    }
    let (left, right) = (bare(&before.text), bare(&after.text));
    if leans(&before.text) {
        return LEANS;
    }
    // "1990 dollars", "12 percent": a number and what it counts, even outside a citation.
    if left.bytes().any(|b| b.is_ascii_digit()) && !OPENING.contains(&right.as_str()) {
        return 80;
    }
    // Two capitals are likely one name: "United States".
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    if capital(&before.text) && capital(&after.text) {
        return 60;
    }
    if OPENING.contains(&right.as_str()) { 14 } else { 40 }
}

fn length(words: &[Word]) -> usize {
    words.iter().map(|word| word.text.chars().count()).sum::<usize>() + words.len().saturating_sub(1)
}

/// Best place to break into two lines, with its cost; `None` when no place lets both lines fit.
fn best_split(words: &[Word]) -> Option<(usize, i64)> {
    (1..words.len())
        .filter(|at| length(&words[..*at]) <= line_chars() && length(&words[*at..]) <= line_chars())
        .map(|at| {
            let uneven = length(&words[..at]).abs_diff(length(&words[at..])) as i64;
            (at, cost(&words[at - 1], &words[at]) + uneven)
        })
        .min_by_key(|(_, cost)| *cost)
}

/// True when the words can be shown as one cue.
pub(super) fn fits(words: &[Word]) -> bool {
    length(words) <= line_chars() || (length(words) <= line_chars() * cue_lines() + 1 && best_split(words).is_some())
}

/// The words in one or two lines.
pub(super) fn lines(words: &[Word]) -> Vec<String> {
    let join = |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    match best_split(words) {
        Some((at, _)) if length(words) > line_chars() => vec![join(&words[..at]), join(&words[at..])],
        _ => vec![join(words)],
    }
}

/// Cost of showing these words as one cue, without its end break.
fn cue_cost(words: &[Word]) -> i64 {
    let spoken = i64::from(words.last().map_or(0, |w| w.end_ms)) - i64::from(words.first().map_or(0, |w| w.start_ms));
    let (shortest, longest) = (i64::from(cue_ms().0), i64::from(cue_ms().1));
    let hasty = (shortest - spoken).max(0) / 4;
    let slow = (spoken - longest).max(0);
    let inner = if length(words) > line_chars() { best_split(words).map_or(600, |(_, cost)| cost) } else { 0 };
    // Few words in a cue make a restless screen.
    let meagre = 30i64.saturating_sub(length(words) as i64).max(0) * 2;
    45 + hasty + slow + inner + meagre
}

/// Cuts a sentence into cues at the least total cost.
pub(super) fn partition(words: &[Word]) -> Vec<Range<usize>> {
    let count = words.len();
    // best[n]: least cost of the first n words, and where its last cue begins.
    let mut best: Vec<(i64, usize)> = vec![(0, 0); count + 1];
    for end in 1..=count {
        best[end] = (i64::MAX, end - 1);
        for start in (0..end).rev() {
            let cue = &words[start..end];
            // A single word longer than a line still has to be shown.
            if cue.len() > 1 && !fits(cue) {
                if length(cue) > line_chars() * cue_lines() + 1 {
                    break;
                }
                continue;
            }
            let end_break = if end < count { cost(&words[end - 1], &words[end]) } else { 0 };
            let total = best[start].0.saturating_add(cue_cost(cue) + end_break);
            if total < best[end].0 {
                best[end] = (total, start);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut end = count;
    while end > 0 {
        cuts.push(best[end].1..end);
        end = best[end].1;
    }
    cuts.reverse();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .enumerate()
            .map(|(n, text)| Word {
                text: text.into(),
                glued: false,
                in_name: false,
                start_ms: n as u32 * 300,
                end_ms: n as u32 * 300 + 280,
            })
            .collect()
    }

    fn shown(text: &str) -> Vec<String> {
        let words = words(text);
        partition(&words).into_iter().map(|range| lines(&words[range]).join(" / ")).collect()
    }

    #[test]
    fn breaks_fall_at_commas_and_clauses() {
        let shown = shown(
            "When prices fell in 1998, hardly anyone believed that a barrel would ever cost a hundred dollars again.",
        );
        assert!(shown[0].starts_with("When prices fell in 1998,"), "{shown:?}");
        for line in shown.iter().flat_map(|cue| cue.split(" / ")) {
            assert!(!line.ends_with(" a") && !line.ends_with(" in") && !line.ends_with(" that"), "{shown:?}");
        }
    }

    #[test]
    fn no_line_ends_on_a_determiner_or_a_preposition_where_another_break_is_free() {
        for text in [
            "The usual move over a year, in either direction, is 0.7 percentage points.",
            "Patience shows another side of the same line.",
            "Keep the distance from the top: 10.9 percentage points below the peak of September 1981.",
        ] {
            let cues = shown(text);
            assert_eq!(cues.join(" ").replace(" / ", " "), text);
            for line in cues.iter().flat_map(|cue| cue.split(" / ")) {
                assert!(!line.split(' ').next_back().is_some_and(leans), "{cues:?}");
            }
        }
        // What ends a clause leans on nothing.
        assert!(leans("either") && leans("these") && leans("during") && !leans("before,") && !leans("direction"));
    }

    #[test]
    fn a_number_keeps_what_it_counts() {
        for cue in shown(
            "The economy of the United States produced goods and services worth 27 trillion dollars during the last year on record.",
        ) {
            assert!(!cue.ends_with("27") && !cue.contains("27 / "), "{cue}");
            assert!(!cue.contains("United / States"), "{cue}");
        }
    }

    #[test]
    fn a_name_stays_whole_where_another_break_is_free_and_is_broken_where_it_must_be() {
        let shown = |text: &str, name: std::ops::Range<usize>| -> Vec<String> {
            let mut words = words(text);
            for word in &mut words[name.start + 1..name.end] {
                word.in_name = true;
            }
            partition(&words).into_iter().map(|range| lines(&words[range]).join(" / ")).collect()
        };
        let text = "Over the latest year on record the seasonally adjusted US house prices rose by four percent";
        let cues = shown(text, 6..12);
        let whole = "the seasonally adjusted US house prices";
        assert!(cues.iter().flat_map(|cue| cue.split(" / ")).any(|line| line.contains(whole)), "{cues:?}");
        let long = "the harmonised index of consumer prices of all items without energy and unprocessed food";
        let cues = shown(long, 0..14);
        assert_eq!(cues.join(" ").replace(" / ", " "), long);
    }

    #[test]
    fn an_endless_word_is_shown_all_the_same() {
        let long = "x".repeat(60);
        assert_eq!(shown(&long), [long]);
    }
}
