//! Words around a number that round it, sign it or send it up and down.

use std::sync::LazyLock;

use proofreel_model::fact::Direction;
use serde::Deserialize;

use super::tokens::{Shape, Token};

/// What a rounding word says of the true value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hedge {
    /// Near it on either side.
    About,
    /// Below it, and near.
    Nearly,
    /// Below it.
    Under,
    /// Above it.
    Over,
    /// It or above.
    AtLeast,
    /// It or below.
    AtMost,
    /// It, to the digits written.
    Exactly,
}

/// The words of `specs/policy/numbers.toml`.
#[derive(Debug, Deserialize)]
struct File {
    hedge: Hedges,
    direction: Directions,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hedges {
    before: Vec<Phrase>,
    behind: Vec<Phrase>,
    place: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    phrase: String,
    says: Hedge,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Directions {
    up: Vec<String>,
    down: Vec<String>,
}

struct Words {
    before: Vec<(Vec<String>, Hedge)>,
    behind: Vec<(Vec<String>, Hedge)>,
    place: Vec<String>,
    up: Vec<String>,
    down: Vec<String>,
}

#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../../../specs/policy/numbers.toml")).expect("numbers.toml");
    let split = |list: Vec<Phrase>| {
        let mut list: Vec<(Vec<String>, Hedge)> =
            list.into_iter().map(|entry| (entry.phrase.split(' ').map(str::to_owned).collect(), entry.says)).collect();
        // The longest phrase that fits is the one meant: "no less than" ends with "less than".
        list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        list
    };
    Words {
        before: split(file.hedge.before),
        behind: split(file.hedge.behind),
        place: file.hedge.place,
        up: file.direction.up,
        down: file.direction.down,
    }
});

/// The hedge that ends right before `at`, with the index of its first token.
pub fn hedge_before(tokens: &[Token<'_>], at: usize) -> Option<(Hedge, usize)> {
    let sign = tokens.get(at.checked_sub(1)?)?;
    let by_sign = match sign.shape {
        Shape::Sign('~' | '≈' | '∼') => Some(Hedge::About),
        Shape::Sign('>') => Some(Hedge::Over),
        Shape::Sign('<') => Some(Hedge::Under),
        Shape::Sign('≥') => Some(Hedge::AtLeast),
        Shape::Sign('≤') => Some(Hedge::AtMost),
        _ => None,
    };
    if let Some(hedge) = by_sign {
        return Some((hedge, at - 1));
    }
    // `almost exactly a third`, `nearly the 12 percent`
    let skip = usize::from(tokens[at - 1].says("a") || tokens[at - 1].says("the"));
    for end in [at, at - skip] {
        for (words, hedge) in &WORDS.before {
            let Some(first) = end.checked_sub(words.len()) else { continue };
            if tokens[first..end].iter().zip(words).all(|(token, word)| token.says(word)) {
                let bare = words.len() == 1 && matches!(hedge, Hedge::Over | Hedge::Under);
                let place = first.checked_sub(1).is_some_and(|n| WORDS.place.contains(&tokens[n].lower));
                // To fall under a mark is to pass it; to fall over ten percent is to fall by more.
                let passed = *hedge == Hedge::Under
                    && first.checked_sub(1).and_then(|n| direction_of(&tokens[n].lower)) == Some(Direction::Down);
                return (!(bare && (place || passed))).then_some((*hedge, first));
            }
        }
    }
    None
}

/// The hedge that begins right behind a number, with the index behind it: `or so`, `or more`, `+`.
pub fn hedge_behind(tokens: &[Token<'_>], at: usize) -> Option<(Hedge, usize)> {
    if tokens.get(at).is_some_and(|token| token.is('+') && !token.spaced) {
        return Some((Hedge::AtLeast, at + 1));
    }
    WORDS.behind.iter().find_map(|(words, hedge)| {
        let run = tokens.get(at..at + words.len())?;
        run.iter().zip(words).all(|(token, word)| token.says(word)).then_some((*hedge, at + words.len()))
    })
}

fn direction_of(word: &str) -> Option<Direction> {
    let words = &*WORDS;
    if words.up.iter().any(|up| up == word) {
        Some(Direction::Up)
    } else if words.down.iter().any(|down| down == word) {
        Some(Direction::Down)
    } else {
        None
    }
}

/// The direction that the words right before `at` give: `fell by`, `a drop of`, `up`.
pub fn direction_before(tokens: &[Token<'_>], at: usize) -> Option<Direction> {
    let mut at = at;
    for _ in 0..3 {
        let word = tokens.get(at.checked_sub(1)?)?;
        if let Some(direction) = direction_of(&word.lower) {
            return Some(direction);
        }
        if !matches!(word.lower.as_str(), "by" | "of" | "another" | "further" | "a" | "some") {
            return None;
        }
        at -= 1;
    }
    None
}

/// The direction that the words right behind `at` give: `higher`, `-point rise`, `lower`.
pub fn direction_behind(tokens: &[Token<'_>], at: usize) -> Option<Direction> {
    let at = super::numerals::over_hyphen(tokens, at);
    tokens.get(at).and_then(|token| direction_of(&token.lower))
}
