//! The lists of `specs/policy/number_words.toml` and how they are matched.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lists::Claims;
use super::reading::{Piece, words_of};
use crate::quantity::Excuses;

/// All lists, ready to match.
pub struct Lexicon {
    /// Words and phrases that assert a number.
    pub numbers: PhraseList,
    /// Endings that make a number word of a number word (`fold`).
    pub number_suffixes: Vec<String>,
    /// What the flat reader may pass over: the exceptions of the numbers, and words that only look Roman.
    pub excuses: Excuses,
    /// Upper-case words that only look like Roman numerals.
    pub roman_exceptions: Vec<String>,
    /// Month names that are nothing else.
    pub months: Vec<String>,
    /// Month names that are also words.
    pub ambiguous_months: Vec<String>,
    /// Distances in time: phrase, fewest and most days.
    pub periods: Vec<(PhraseList, i32, i32)>,
    /// Words that call an observation current.
    pub current: PhraseList,
    /// Words of rising.
    pub up: PhraseList,
    /// Words of falling.
    pub down: PhraseList,
    /// Words of the two lists above that name a place and not a move.
    pub positions: Vec<String>,
    /// Words that call a move usual.
    pub usual: PhraseList,
    /// Words that say that a window has holes which are left out.
    pub holes: PhraseList,
    /// Words that warn that a lead is no cause.
    pub no_cause: PhraseList,
    /// Words that begin a new clause.
    pub breaks: Vec<String>,
    /// Hedges that put the true value above the shown one.
    pub hedge_above: Vec<Vec<String>>,
    /// Hedges that put it below.
    pub hedge_below: Vec<Vec<String>>,
    /// Words before a citation that change its sign.
    pub sign: Vec<String>,
    /// Words after a citation that change its unit.
    pub unit: Vec<Vec<String>>,
    /// Superlatives of the highest kind.
    pub highest: PhraseList,
    /// Superlatives of the lowest kind.
    pub lowest: PhraseList,
    /// Superlatives over moves, places and runs.
    pub most: PhraseList,
    /// Statements about every observation.
    pub absolute: PhraseList,
    /// Statements that an old height was not reached again.
    pub unrecovered: PhraseList,
    /// Cause and effect.
    pub causal: PhraseList,
    /// Advice.
    pub advice: PhraseList,
    /// Forecasts.
    pub prediction: PhraseList,
    /// The lists of `specs/policy/claims.toml`.
    pub claims: Claims,
}

/// Where a phrase was found: indices of its first and last piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First piece.
    pub first: usize,
    /// Last piece.
    pub last: usize,
    /// The phrase as listed.
    pub phrase: String,
}

/// Phrases to look for, and phrases that excuse them.
#[derive(Debug, Default)]
pub struct PhraseList {
    wanted: Index,
    excused: Index,
}

type Index = BTreeMap<String, Vec<Vec<String>>>;

fn index<'a>(phrases: impl IntoIterator<Item = &'a String>) -> Index {
    let mut index = Index::new();
    for phrase in phrases {
        let words = words_of(phrase);
        if let Some(first) = words.first() {
            index.entry(first.clone()).or_default().push(words);
        }
    }
    // The longest phrase that fits is the one meant.
    for phrases in index.values_mut() {
        phrases.sort_by_key(|words| std::cmp::Reverse(words.len()));
    }
    index
}

impl PhraseList {
    pub(super) fn new<'a>(wanted: impl IntoIterator<Item = &'a String>, exceptions: &[Exception]) -> Self {
        Self { wanted: index(wanted), excused: index(exceptions.iter().map(|exception| &exception.phrase)) }
    }

    /// The exceptions themselves, to be looked for.
    pub(super) fn excuses(exceptions: &[Exception]) -> Self {
        Self { wanted: index(exceptions.iter().map(|exception| &exception.phrase)), excused: Index::new() }
    }

    /// Every occurrence that no exception overlaps.
    pub fn hits(&self, pieces: &[Piece<'_>]) -> Vec<Hit> {
        let excused = find(&self.excused, pieces);
        let mut hits = find(&self.wanted, pieces);
        hits.retain(|hit| !excused.iter().any(|excuse| excuse.first <= hit.last && hit.first <= excuse.last));
        hits
    }

    /// The last piece of the first listed phrase that begins at `first`, exceptions aside.
    pub fn begins_at(&self, pieces: &[Piece<'_>], first: usize) -> Option<usize> {
        let Some(Piece::Word { lower, .. }) = pieces.get(first) else { return None };
        self.wanted.get(lower).into_iter().flatten().find_map(|words| matches_at(words, pieces, first))
    }

    /// True when this single lower-case word is listed.
    pub fn has_word(&self, word: &str) -> bool {
        self.wanted.get(word).is_some_and(|phrases| phrases.iter().any(|words| words.len() == 1))
    }
}

fn find(index: &Index, pieces: &[Piece<'_>]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (first, piece) in pieces.iter().enumerate() {
        let Piece::Word { lower, .. } = piece else { continue };
        for words in index.get(lower).into_iter().flatten() {
            if let Some(last) = matches_at(words, pieces, first) {
                hits.push(Hit { first, last, phrase: words.join(" ") });
                break;
            }
        }
    }
    hits
}

/// Index of the last piece when `words` stand at `first`; punctuation between them is passed over.
fn matches_at(words: &[String], pieces: &[Piece<'_>], first: usize) -> Option<usize> {
    let (mut at, mut last) = (first, first);
    for (n, word) in words.iter().enumerate() {
        while n > 0 && matches!(pieces.get(at), Some(Piece::Mark(mark)) if !super::reading::ends_sentence(*mark)) {
            at += 1;
        }
        match pieces.get(at) {
            Some(Piece::Word { lower, .. }) if lower == word => last = at,
            _ => return None,
        }
        at += 1;
    }
    Some(last)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    phrase: String,
    /// Read by people; required so that no exception stands without its reason.
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    numbers: Numbers,
    roman: Roman,
    dates: Dates,
    direction: Direction,
    hedge: Hedge,
    superlative: Superlative,
    told: Told,
    tone: Tone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    holes: Vec<String>,
    no_cause: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbers {
    words: Vec<String>,
    phrases: Vec<String>,
    suffixes: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roman {
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dates {
    months: Vec<String>,
    ambiguous_months: Vec<String>,
    periods: Vec<Period>,
    current: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    phrase: String,
    days: (i32, i32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Direction {
    positions: Vec<String>,
    up: Vec<String>,
    down: Vec<String>,
    exceptions: Vec<Exception>,
    breaks: Vec<String>,
    usual: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hedge {
    above: Vec<String>,
    below: Vec<String>,
    sign: Vec<String>,
    unit: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Superlative {
    highest: Vec<String>,
    lowest: Vec<String>,
    most: Vec<String>,
    absolute: Vec<String>,
    unrecovered: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tone {
    causal: Vec<String>,
    causal_exceptions: Vec<Exception>,
    advice: Vec<String>,
    advice_exceptions: Vec<Exception>,
    prediction: Vec<String>,
    prediction_exceptions: Vec<Exception>,
}

impl Lexicon {
    /// The lists this program was built with.
    ///
    /// # Errors
    /// The message of the TOML parser; never in a program that passed its tests.
    pub fn embedded() -> Result<Self, String> {
        let file: File = toml::from_str(include_str!("../../../../specs/policy/number_words.toml"))
            .map_err(|error| format!("specs/policy/number_words.toml: {error}"))?;
        let File { numbers, roman, dates, direction, hedge, superlative, told, tone } = file;
        let phrases = |list: &[String]| list.iter().map(|phrase| words_of(phrase)).collect();
        let excused = &superlative.exceptions;
        let excuses = Excuses {
            phrases: numbers.exceptions.iter().map(|exception| words_of(&exception.phrase)).collect(),
            roman: roman.exceptions.iter().map(|exception| exception.phrase.clone()).collect(),
        };
        Ok(Self {
            excuses,
            numbers: PhraseList::new(numbers.words.iter().chain(&numbers.phrases), &numbers.exceptions),
            number_suffixes: numbers.suffixes,
            roman_exceptions: roman.exceptions.into_iter().map(|exception| exception.phrase).collect(),
            months: dates.months,
            ambiguous_months: dates.ambiguous_months,
            periods: dates
                .periods
                .iter()
                .map(|period| (PhraseList::new([&period.phrase], &[]), period.days.0, period.days.1))
                .collect(),
            current: PhraseList::new(&dates.current, &[]),
            up: PhraseList::new(&direction.up, &direction.exceptions),
            down: PhraseList::new(&direction.down, &direction.exceptions),
            positions: direction.positions,
            usual: PhraseList::new(&direction.usual, &[]),
            holes: PhraseList::new(&told.holes, &[]),
            no_cause: PhraseList::new(&told.no_cause, &[]),
            breaks: direction.breaks,
            hedge_above: phrases(&hedge.above),
            hedge_below: phrases(&hedge.below),
            sign: hedge.sign,
            unit: phrases(&hedge.unit),
            highest: PhraseList::new(&superlative.highest, excused),
            lowest: PhraseList::new(&superlative.lowest, excused),
            most: PhraseList::new(&superlative.most, excused),
            absolute: PhraseList::new(&superlative.absolute, excused),
            unrecovered: PhraseList::new(&superlative.unrecovered, &[]),
            causal: PhraseList::new(&tone.causal, &tone.causal_exceptions),
            advice: PhraseList::new(&tone.advice, &tone.advice_exceptions),
            prediction: PhraseList::new(&tone.prediction, &tone.prediction_exceptions),
            claims: Claims::embedded()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::reading::pieces;
    use proofreel_model::text::RichText;

    fn found(list: &PhraseList, text: &str) -> Vec<String> {
        list.hits(&pieces(&RichText::plain(text))).into_iter().map(|hit| hit.phrase).collect()
    }

    #[test]
    fn the_embedded_lists_load_and_match_whole_words_only() {
        let lexicon = Lexicon::embedded().unwrap();
        assert_eq!(found(&lexicon.numbers, "It doubled, then lost a third."), ["doubled", "third"]);
        assert_eq!(found(&lexicon.numbers, "Someone tenders oneself often"), Vec::<String>::new());
        assert_eq!(found(&lexicon.numbers, "A single-digit rate, nearly-all of it"), ["single digit", "nearly all"]);
    }

    #[test]
    fn an_exception_excuses_only_what_it_covers() {
        let lexicon = Lexicon::embedded().unwrap();
        assert_eq!(found(&lexicon.numbers, "No one saw it, and this one stayed."), Vec::<String>::new());
        assert_eq!(found(&lexicon.numbers, "No one saw the one hundred."), ["hundred"]);
        assert_eq!(found(&lexicon.numbers, "One in ten"), ["one", "ten"]);
    }

    #[test]
    fn a_phrase_does_not_reach_over_a_full_stop() {
        let lexicon = Lexicon::embedded().unwrap();
        assert_eq!(found(&lexicon.prediction, "That is its will. Rise was next."), Vec::<String>::new());
        assert_eq!(found(&lexicon.prediction, "It will, rise"), ["will rise"]);
    }
}
