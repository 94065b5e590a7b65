//! Numbers in words: `twenty-five`, `a hundred and six`, `one point three trillion`, `two-thirds`, `half a million`.

use super::numerals::{Fineness, Number, over_hyphen, scale, share};
use super::tokens::{Shape, Token};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const ORDINAL_TENS: [&str; 8] =
    ["twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"];

/// The value of a small number word: below twenty, or a ten.
pub fn small(word: &str) -> Option<f64> {
    let word = match word {
        "nil" | "nought" | "naught" => "zero",
        "fourty" => "forty",
        other => other,
    };
    let below_twenty = SMALL.iter().position(|small| *small == word).map(|n| n as f64);
    below_twenty.or_else(|| TENS.iter().position(|ten| *ten == word).map(|n| (n as f64 + 2.0) * 10.0))
}

/// The value of an ordinal word.
pub fn ordinal(word: &str) -> Option<f64> {
    ORDINALS
        .iter()
        .position(|ordinal| *ordinal == word)
        .map(|n| n as f64)
        .or_else(|| ORDINAL_TENS.iter().position(|ten| *ten == word).map(|n| (n as f64 + 2.0) * 10.0))
        .or(match word {
            "hundredth" => Some(100.0),
            "thousandth" => Some(1000.0),
            "millionth" => Some(1e6),
            _ => None,
        })
}

/// A number in words; a fraction in words when a denominator follows.
pub fn words(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let first = tokens.get(at)?.lower.as_str();
    if let Some(read) = halves(tokens, at) {
        return Some(read);
    }
    if matches!(first, "a" | "an" | "one")
        && let Some((value, next)) = denominator(tokens, over_hyphen(tokens, at + 1), 1.0)
    {
        return Some(share(value, next));
    }
    let read = cardinal(tokens, at)?;
    match denominator(tokens, over_hyphen(tokens, read.next), read.value) {
        Some((part, next)) if read.value < 100.0 => Some(share(read.value * part, next)),
        _ => Some(read),
    }
}

/// `half`, `half a million`, `half a dozen`, `a half`.
fn halves(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let says = |n: usize, words: &[&str]| tokens.get(n).is_some_and(|token| words.contains(&token.lower.as_str()));
    let half = if says(at, &["half"]) {
        at
    } else if says(at, &["a", "one"]) && says(over_hyphen(tokens, at + 1), &["half"]) {
        over_hyphen(tokens, at + 1)
    } else {
        return None;
    };
    if says(half + 1, &["a", "the"]) && says(half + 2, &["thousand", "million", "billion", "trillion"]) {
        let factor = tokens.get(half + 2).and_then(scale)?;
        let fineness = Fineness::Decimal(factor / 10.0);
        return Some(Number { value: factor / 2.0, fineness, fraction: false, next: half + 3, foreign: false });
    }
    if says(half + 1, &["a"]) && says(half + 2, &["dozen"]) {
        let fineness = Fineness::Whole(1.0);
        return Some(Number { value: 6.0, fineness, fraction: false, next: half + 3, foreign: false });
    }
    Some(share(0.5, half + 1))
}

/// The part that a denominator names, as `1/3` for `third` and `thirds`; `count` of them are spoken of.
/// A quarter is a season too: it counts as a part where the words around it leave no doubt.
fn denominator(tokens: &[Token<'_>], at: usize, count: f64) -> Option<(f64, usize)> {
    let token = tokens.get(at).filter(|token| token.shape == Shape::Word)?;
    let word = token.lower.as_str();
    let next_says = |words: &[&str]| tokens.get(at + 1).is_some_and(|token| words.contains(&token.lower.as_str()));
    let whole = match word {
        "half" | "halves" => 2.0,
        "quarter" | "quarters" => {
            let of = next_says(&[
                "of",
                "lower",
                "higher",
                "more",
                "less",
                "cheaper",
                "dearer",
                "below",
                "above",
                "point",
                "percentage",
            ]);
            let fell_by = tokens.get(at.wrapping_sub(2)).is_some_and(|token| token.says("by")) && count == 1.0;
            let hyphened = !token.spaced && count > 1.0;
            if !(of || fell_by || hyphened) {
                return None;
            }
            4.0
        }
        _ => {
            let singular = word.strip_suffix('s').unwrap_or(word);
            let plural = singular != word;
            if plural != (count != 1.0) {
                return None;
            }
            // A second is no half, and "a first" is no whole.
            ordinal(singular).filter(|n| *n >= 3.0)?
        }
    };
    // `a third quarter`, `the third time`: a place in an order.
    if count == 1.0 && next_says(&["quarter", "time", "year", "month", "week", "day", "half", "straight"]) {
        return None;
    }
    Some((1.0 / whole, at + 1))
}

/// A cardinal in words: `twenty-five`, `a hundred and six`, `one point three trillion`, `two dozen`.
pub fn cardinal(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let mut words = Cardinal::default();
    let mut next = at;
    let article = tokens.get(at).is_some_and(|token| matches!(token.lower.as_str(), "a" | "an"));
    if article {
        next += 1;
        let big = |word: &str| {
            matches!(word, "hundred" | "thousand" | "million" | "billion" | "trillion" | "dozen" | "couple")
        };
        tokens.get(next).filter(|token| big(&token.lower))?;
    }
    loop {
        let here = if words.seen { over_hyphen(tokens, next) } else { next };
        let Some(token) = tokens.get(here).filter(|token| token.shape == Shape::Word) else { break };
        if words.seen && token.lower == "and" {
            let more = tokens.get(here + 1).and_then(|token| small(&token.lower));
            if !(words.after_hundred && more.is_some()) {
                break;
            }
            next = here + 1;
            continue;
        }
        if words.seen && token.lower == "point" {
            let decimals: Vec<f64> =
                tokens[here + 1..].iter().map_while(|token| small(&token.lower).filter(|n| *n < 10.0)).collect();
            if decimals.is_empty() {
                break;
            }
            words.decimals(&decimals);
            next = here + 1 + decimals.len();
            continue;
        }
        if !words.take(token) {
            break;
        }
        next = here + 1;
    }
    words.seen.then(|| words.finish(next))
}

/// A cardinal under way.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each says what word may come next
struct Cardinal {
    seen: bool,
    total: f64,
    group: f64,
    step: f64,
    decimal: bool,
    /// After `hundred` or a scale word, where `and` may go on.
    after_hundred: bool,
    dozen: bool,
}

impl Cardinal {
    /// Takes a word that goes on with the number; false when it does not.
    fn take(&mut self, token: &Token<'_>) -> bool {
        let word = token.lower.as_str();
        if self.dozen {
            return false;
        }
        if let Some(value) = small(word) {
            let room = self.group % 100.0;
            // After `twenty` comes a digit; after `two` comes nothing.
            let fits = room == 0.0 || (room >= 20.0 && room % 10.0 == 0.0 && value < 10.0 && value > 0.0);
            if self.decimal || !fits || (self.seen && self.group == 0.0 && self.total == 0.0) {
                return false;
            }
            self.group += value;
            self.step = 1.0;
            self.after_hundred = false;
        } else if matches!(word, "dozen" | "couple") {
            let each = if word == "dozen" { 12.0 } else { 2.0 };
            if self.total > 0.0 || self.decimal {
                return false;
            }
            self.group = if self.group == 0.0 { each } else { self.group * each };
            self.step = 1.0;
            self.dozen = true;
        } else if word == "hundred" {
            if self.group >= 100.0 || (self.decimal && self.group == 0.0) {
                return false;
            }
            self.group = if self.seen && self.group > 0.0 { self.group * 100.0 } else { 100.0 };
            self.step = if self.decimal { self.step * 100.0 } else { 1.0 };
            self.after_hundred = true;
        } else if let Some(factor) = scale(token).filter(|_| word.len() > 3 || (self.seen && token.spaced)) {
            let count = if self.group > 0.0 { self.group } else { 1.0 };
            if self.seen && self.group == 0.0 && self.total > 0.0 {
                return false;
            }
            self.total += count * factor;
            self.step = if self.decimal { self.step * factor } else { factor };
            self.group = 0.0;
            self.after_hundred = true;
        } else {
            return false;
        }
        self.seen = true;
        true
    }

    fn decimals(&mut self, digits: &[f64]) {
        let mut place = 1.0;
        for digit in digits {
            place /= 10.0;
            self.group += digit * place;
        }
        self.step = place;
        self.decimal = true;
        self.after_hundred = false;
    }

    fn finish(&self, next: usize) -> Number {
        let fineness = if self.decimal { Fineness::Decimal(self.step) } else { Fineness::Whole(self.step) };
        Number { value: self.total + self.group, fineness, fraction: false, next, foreign: false }
    }
}
