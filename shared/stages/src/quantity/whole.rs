//! What the quantities of a text do to each other, and which phrases excuse a number word.

use super::numerals::Fineness;
use super::tokens::{Token, is_dash};
use super::{Kind, Quantity, Reading};

/// Words behind a number that name nothing counted.
const GLUE: [&str; 61] = [
    "a", "above", "after", "again", "against", "ago", "all", "an", "and", "as", "at", "because", "before", "below",
    "but", "by", "compared", "during", "earlier", "ever", "for", "from", "had", "has", "have", "higher", "in", "is",
    "it", "its", "last", "later", "less", "lower", "more", "now", "of", "on", "or", "over", "since", "so", "still",
    "than", "that", "the", "then", "there", "this", "to", "today", "under", "until", "up", "was", "were", "when",
    "which", "while", "with", "yet",
];

/// True for a word that names nothing counted.
pub fn is_glue(word: &str) -> bool {
    GLUE.contains(&word)
}

/// Words that assert a number and name none.
const LOOSE: [&str; 25] = [
    "dozens",
    "tens",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "trillions",
    "thousand",
    "million",
    "billion",
    "trillion",
    "umpteen",
    "myriad",
    "handful",
    "majority",
    "minority",
    "decades",
    "centuries",
    "millennia",
    "decade",
    "century",
    "fortnight",
    "percentile",
    "quartile",
    "decile",
];

/// True for a word that asserts a number without naming it.
pub fn is_loose(word: &str) -> bool {
    LOOSE.contains(&word)
}

/// Phrases whose number words assert no number, as word lists in small letters, and words that only look Roman.
#[derive(Clone, Debug, Default)]
pub struct Excuses {
    /// `no one`, `at first`.
    pub phrases: Vec<Vec<String>>,
    /// `DC`, `MIX`.
    pub roman: Vec<String>,
}

/// Where excused phrases stand, as token ranges; hyphens and commas count as spaces.
pub fn excused(tokens: &[Token<'_>], excuses: &Excuses) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for first in 0..tokens.len() {
        for phrase in &excuses.phrases {
            let mut at = first;
            let fits = phrase.iter().enumerate().all(|(n, word)| {
                while n > 0 && tokens.get(at).is_some_and(|token| is_dash(token) || token.is(',')) {
                    at += 1;
                }
                at += 1;
                tokens.get(at - 1).is_some_and(|token| token.says(word))
            });
            if fits {
                out.push((first, at));
            }
        }
    }
    out
}

/// `5 to 7 percent`, `5–7%`: the first number is of the unit of the second.
pub fn share_units(tokens: &[Token<'_>], found: &mut [(usize, usize, Quantity)]) {
    for n in 1..found.len() {
        let (left, right) = found.split_at_mut(n);
        let (Some((_, next, first)), Some((start, _, second))) = (left.last_mut(), right.first_mut()) else { continue };
        let joined = match &tokens[*next..*start] {
            [word] => is_dash(word) || matches!(word.lower.as_str(), "to" | "and" | "or"),
            _ => false,
        };
        // `$5–7 billion`: the second is of the currency of the first, the first of the scale of the second.
        if let (true, Kind::Money(code), Kind::Count(_), Fineness::Whole(scale)) =
            (joined, first.first().kind.clone(), &second.first().kind, second.first().fineness)
        {
            let kind = Kind::Money(code);
            if scale >= 1e3 && first.first().value < 1e3 {
                let (value, fineness) = (first.first().value * scale, Fineness::Whole(scale));
                first.readings = vec![Reading { kind: kind.clone(), value, fineness }];
            }
            second.readings = vec![Reading { kind, ..second.first().clone() }];
            continue;
        }
        let bare = matches!(first.first().kind, Kind::Count(None)) && first.readings.len() == 1;
        if joined && bare && !matches!(second.first().kind, Kind::Count(_) | Kind::Date(_) | Kind::Money(_)) {
            let (value, fineness) = (first.first().value, first.first().fineness);
            first.readings =
                second.readings.iter().map(|reading| Reading { kind: reading.kind.clone(), value, fineness }).collect();
        }
    }
}
