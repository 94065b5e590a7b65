//! Numbers in digits: `1.3 trillion`, `4½`, `10^6`, `1/2`; and what goes on behind a number of either kind.

use super::tokens::{Shape, Token, is_dash};
use super::words::{cardinal, words};

/// How finely a number is written, which is how far the truth may lie from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fineness {
    /// With decimals; one unit of the last place.
    Decimal(f64),
    /// Without decimals; one unit of the last place, scale words counted in.
    Whole(f64),
    /// In words that round by nature: `two-thirds`, `doubled`.
    Word,
}

/// A number read, before its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// How finely it is written.
    pub fineness: Fineness,
    /// True when it is a share of a whole by its own words (`two-thirds`, `one in ten`, `¾`).
    pub fraction: bool,
    /// Index behind its last token.
    pub next: usize,
    /// True for numerals of another script.
    pub foreign: bool,
}

/// A scale word or letter; letters count only where they touch the digits.
pub fn scale(token: &Token<'_>) -> Option<f64> {
    if token.shape != Shape::Word {
        return None;
    }
    let glued = !token.spaced;
    match token.lower.as_str() {
        "hundred" => Some(100.0),
        "thousand" | "grand" => Some(1e3),
        "million" | "mn" | "mln" | "mm" => Some(1e6),
        "billion" | "bn" | "bln" => Some(1e9),
        "trillion" | "tn" | "trn" | "tln" => Some(1e12),
        "quadrillion" => Some(1e15),
        "k" if glued => Some(1e3),
        "m" if glued => Some(1e6),
        "b" if glued => Some(1e9),
        "t" if glued => Some(1e12),
        _ => None,
    }
}

/// Index of the next token after an optional hyphen that touches both sides.
pub fn over_hyphen(tokens: &[Token<'_>], at: usize) -> usize {
    match tokens.get(at) {
        Some(dash) if is_dash(dash) && !dash.spaced && tokens.get(at + 1).is_some_and(|next| !next.spaced) => at + 1,
        _ => at,
    }
}

/// The number that begins at `at`.
pub fn at(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let token = tokens.get(at)?;
    let read = match token.shape {
        Shape::Number { .. } => digits(tokens, at),
        Shape::Fraction(value) => Some(share(value, at + 1)),
        Shape::Foreign(value) => Some(Number {
            value: value.unwrap_or(f64::NAN),
            fineness: Fineness::Whole(1.0),
            fraction: false,
            next: at + 1,
            foreign: true,
        }),
        Shape::Word => words(tokens, at),
        Shape::Raised(_) | Shape::Sign(_) => None,
    }?;
    Some(out_of(tokens, and_a_half(tokens, read)))
}

pub fn share(value: f64, next: usize) -> Number {
    Number { value, fineness: Fineness::Word, fraction: true, next, foreign: false }
}

fn digits(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let Shape::Number { mut value, decimals, .. } = tokens.get(at)?.shape else { return None };
    let mut next = at + 1;
    let mut step = 0.1_f64.powi(decimals as i32);
    let mut whole = decimals == 0;
    let follows = |n: usize| tokens.get(n).filter(|token| !token.spaced);
    let number = |n: usize| follows(n).and_then(|token| whole_number(token));
    // 4½, 4 ½
    if let Some(Shape::Fraction(part)) = tokens.get(next).map(|token| token.shape).filter(|_| whole) {
        let (fineness, next) = (Fineness::Decimal(part.min(0.5)), next + 1);
        return Some(scaled(tokens, Number { value: value + part, fineness, fraction: false, next, foreign: false }));
    }
    // 1/2 and 4 1/2
    if whole && let Some(read) = slashed(tokens, at) {
        return Some(scaled(tokens, read));
    }
    // 10^6, 10⁶
    let power = match follows(next).map(|token| token.shape) {
        Some(Shape::Raised(power)) => Some((power, next + 1)),
        Some(Shape::Sign('^')) => number(next + 1).map(|power| (power as i32, next + 2)),
        _ => None,
    };
    if let Some((power, behind)) = power {
        (value, step, next) = (value.powi(power), step * value.powi((power - 1).max(0)), behind);
    }
    // 1e6, 1e-3
    if follows(next).is_some_and(|token| token.lower == "e") {
        let negative = follows(next + 1).is_some_and(|token| token.is('-') || token.is('−'));
        let signed = negative || follows(next + 1).is_some_and(|token| token.is('+'));
        if let Some(power) = number(next + 1 + usize::from(signed)) {
            let factor = 10_f64.powi(if negative { -(power as i32) } else { power as i32 });
            (value, step, next, whole) =
                (value * factor, step * factor, next + 2 + usize::from(signed), whole && !negative);
        }
    }
    let fineness = if whole { Fineness::Whole(step) } else { Fineness::Decimal(step) };
    Some(scaled(tokens, Number { value, fineness, fraction: false, next, foreign: false }))
}

fn whole_number(token: &Token<'_>) -> Option<f64> {
    match token.shape {
        Shape::Number { value, decimals: 0, .. } => Some(value),
        _ => None,
    }
}

/// `1/2`, and `4 1/2` with the whole before it.
fn slashed(tokens: &[Token<'_>], at: usize) -> Option<Number> {
    let part = |at: usize| {
        let top = whole_number(tokens.get(at)?)?;
        let slash = tokens.get(at + 1).filter(|token| (token.is('/') || token.is('⁄')) && !token.spaced)?;
        let bottom = tokens.get(at + 2).filter(|token| !token.spaced && !slash.spaced).and_then(whole_number)?;
        let ends = tokens.get(at + 3).is_none_or(|token| !token.is('/') || token.spaced);
        ((1.0..=100.0).contains(&bottom) && top < 100.0 && ends).then_some(top / bottom)
    };
    if let Some(value) = part(at) {
        return Some(share(value, at + 3));
    }
    let whole = whole_number(tokens.get(at)?)?;
    let value =
        tokens.get(at + 1).filter(|token| token.spaced).and_then(|_| part(at + 1)).filter(|part| *part < 1.0)?;
    let fineness = Fineness::Decimal(value.min(0.5));
    Some(Number { value: whole + value, fineness, fraction: false, next: at + 4, foreign: false })
}

/// Scale words behind a number: `1.3 trillion`, `5k`, `two hundred thousand`.
fn scaled(tokens: &[Token<'_>], mut read: Number) -> Number {
    while let Some((factor, next)) = {
        let at = over_hyphen(tokens, read.next);
        tokens.get(at).and_then(scale).map(|factor| (factor, at + 1))
    } {
        read.value *= factor;
        read.fineness = match read.fineness {
            Fineness::Decimal(step) => Fineness::Decimal(step * factor),
            Fineness::Whole(step) => Fineness::Whole(step * factor),
            Fineness::Word => Fineness::Word,
        };
        read.fraction = false;
        read.next = next;
    }
    read
}

/// `two and a half`, `one and three quarters`.
fn and_a_half(tokens: &[Token<'_>], read: Number) -> Number {
    let says = |n: usize, word: &str| tokens.get(n).is_some_and(|token| token.says(word));
    let dash = tokens.get(read.next).is_some_and(|token| is_dash(token) && !token.spaced);
    let and = read.next + usize::from(dash);
    if read.fraction || read.value.fract() != 0.0 || !says(and, "and") {
        return read;
    }
    let mut part = and + 1;
    let mut count = 1.0;
    if dash && tokens.get(part).is_some_and(is_dash) {
        part += 1;
    }
    if says(part, "a") || says(part, "one") {
        part += 1;
    } else if says(part, "three") {
        (part, count) = (part + 1, 3.0);
    } else {
        return read;
    }
    part = over_hyphen(tokens, part);
    let share = match tokens.get(part).map(|token| token.lower.as_str()) {
        Some("half") => 0.5,
        Some("quarter" | "quarters") => 0.25,
        Some("third") => 1.0 / 3.0,
        _ => return read,
    };
    let unit = match read.fineness {
        Fineness::Whole(step) | Fineness::Decimal(step) => step,
        Fineness::Word => 1.0,
    };
    let read = Number {
        value: read.value + count * share * unit,
        fineness: Fineness::Decimal(unit * share),
        next: part + 1,
        ..read
    };
    scaled(tokens, read)
}

/// `one in ten`, `nine out of ten`.
fn out_of(tokens: &[Token<'_>], read: Number) -> Number {
    let says = |n: usize, word: &str| tokens.get(n).is_some_and(|token| token.says(word));
    let behind = if says(read.next, "in") {
        read.next + 1
    } else if says(read.next, "out") && says(read.next + 1, "of") {
        read.next + 2
    } else {
        return read;
    };
    if read.fraction || read.value.fract() != 0.0 || read.value < 1.0 {
        return read;
    }
    let every = usize::from(says(behind, "every"));
    let whole = match tokens.get(behind + every).map(|token| token.shape) {
        Some(Shape::Word) => cardinal(tokens, behind + every),
        // `three in 2020` dates, it does not divide.
        Some(Shape::Number { value, .. }) if value <= 1000.0 => digits(tokens, behind + every),
        _ => None,
    };
    match whole {
        Some(whole) if whole.value > read.value && whole.value.fract() == 0.0 && whole.value <= 1000.0 => {
            share(read.value / whole.value, whole.next)
        }
        _ => read,
    }
}

/// The value of a well-formed upper-case Roman numeral of two letters or more.
pub fn roman(word: &str) -> Option<f64> {
    const STEPS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut rest, mut value, mut again) = (word, 0, String::new());
    for (step, letters) in STEPS {
        while let Some(tail) = rest.strip_prefix(letters) {
            rest = tail;
            value += step;
        }
    }
    let mut left = value;
    for (step, letters) in STEPS {
        while left >= step {
            again.push_str(letters);
            left -= step;
        }
    }
    (word.len() >= 2 && rest.is_empty() && again == word).then_some(f64::from(value))
}
