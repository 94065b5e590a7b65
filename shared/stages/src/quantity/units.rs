//! What a number is of: signs and words before and behind it.

use proofreel_model::series::Frequency;

use super::numerals::over_hyphen;
use super::tokens::{Shape, Token};

/// The unit that words or signs give a number.
#[derive(Clone, Debug, PartialEq)]
pub enum Unit {
    /// Money of this ISO 4217 code.
    Money(String),
    /// Percent.
    Percent,
    /// Percentage points.
    PercentagePoints,
    /// Points, of an index or of a percentage: the words leave it open.
    Points,
    /// A factor: `2.1 times`.
    Times,
    /// Periods of this kind.
    Duration(Frequency),
    /// A length of time that no series counts: hours, minutes, seconds.
    Clock,
    /// A place in an order: `12th`, `#3`.
    Ordinal,
}

/// A unit with the factor that brings the number to it (basis points, cents, decades).
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The unit.
    pub unit: Unit,
    /// One of what was written, in that unit.
    pub factor: f64,
    /// Index behind its last token.
    pub next: usize,
}

const CODES: [&str; 24] = [
    "USD", "EUR", "GBP", "JPY", "INR", "CHF", "CNY", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
    "KRW", "BRL", "MXN", "ZAR", "TRY", "RUB", "SGD", "HKD",
];

/// The ISO 4217 code that a word in capitals is.
pub fn code(token: &Token<'_>) -> Option<&'static str> {
    CODES.into_iter().find(|code| *code == token.raw)
}

/// The currency that a sign stands for.
pub fn currency_sign(sign: char) -> Option<&'static str> {
    Some(match sign {
        '$' | '＄' | '﹩' => "USD",
        '€' => "EUR",
        '£' => "GBP",
        '¥' => "JPY",
        '₹' => "INR",
        '₽' => "RUB",
        '₩' => "KRW",
        _ => return None,
    })
}

/// The dollar that letters before the sign name: `US$`, `A$`.
pub fn dollar(letters: &str) -> Option<&'static str> {
    Some(match letters {
        "us" => "USD",
        "a" | "au" => "AUD",
        "c" | "ca" => "CAD",
        "nz" => "NZD",
        "s" => "SGD",
        "hk" => "HKD",
        _ => return None,
    })
}

fn found(unit: Unit, factor: f64, next: usize) -> Found {
    Found { unit, factor, next }
}

/// The unit that stands behind a number, at `at`.
pub fn behind(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let hyphen = over_hyphen(tokens, at);
    let token = tokens.get(hyphen)?;
    let glued = !token.spaced;
    let says = |n: usize, words: &[&str]| tokens.get(n).is_some_and(|token| words.contains(&token.lower.as_str()));
    let point = ["point", "points"];
    match token.shape {
        Shape::Sign('%' | '％' | '﹪') => {
            let next = over_hyphen(tokens, hyphen + 1);
            // `0.4 % points`, `0.4%-points`
            return Some(if says(next, &point) || says(next, &["pts", "pt"]) {
                found(Unit::PercentagePoints, 1.0, next + 1)
            } else {
                found(Unit::Percent, 1.0, hyphen + 1)
            });
        }
        Shape::Sign('‰') => return Some(found(Unit::Percent, 0.1, hyphen + 1)),
        Shape::Sign('×') => return Some(found(Unit::Times, 1.0, hyphen + 1)),
        Shape::Sign('¢') => return Some(found(Unit::Money("USD".into()), 0.01, hyphen + 1)),
        Shape::Sign(sign) if glued => {
            return currency_sign(sign).map(|code| found(Unit::Money(code.into()), 1.0, hyphen + 1));
        }
        Shape::Word => {}
        _ => return None,
    }
    let second = over_hyphen(tokens, hyphen + 1);
    match token.lower.as_str() {
        "percent" | "pct" | "percentage" if says(second, &point) => {
            Some(found(Unit::PercentagePoints, 1.0, second + 1))
        }
        "percent" | "pct" => Some(found(Unit::Percent, 1.0, hyphen + 1)),
        "per" if says(hyphen + 1, &["cent"]) => Some(found(Unit::Percent, 1.0, hyphen + 2)),
        "per" if says(hyphen + 1, &["mille", "mil"]) => Some(found(Unit::Percent, 0.1, hyphen + 2)),
        "pp" | "ppt" | "ppts" | "pps" => Some(found(Unit::PercentagePoints, 1.0, hyphen + 1)),
        "basis" if says(second, &point) => Some(found(Unit::PercentagePoints, 0.01, second + 1)),
        "bp" | "bps" => Some(found(Unit::PercentagePoints, 0.01, hyphen + 1)),
        "point" | "points" | "pt" | "pts" => Some(found(Unit::Points, 1.0, hyphen + 1)),
        "index" if says(second, &point) => Some(found(Unit::Points, 1.0, second + 1)),
        "times" | "fold" => Some(found(Unit::Times, 1.0, hyphen + 1)),
        "x" if glued => Some(found(Unit::Times, 1.0, hyphen + 1)),
        "st" | "nd" | "rd" | "th" if glued => Some(found(Unit::Ordinal, 1.0, hyphen + 1)),
        _ => money(tokens, hyphen).or_else(|| period(tokens, hyphen)),
    }
}

/// `dollars`, `US dollars`, `cents`, `euros`, `USD`.
fn money(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let token = tokens.get(at)?;
    let of = |code: &str, factor: f64, next: usize| Some(found(Unit::Money(code.into()), factor, next));
    if let Some(code) = code(token) {
        return of(code, 1.0, at + 1);
    }
    match token.lower.as_str() {
        "dollar" | "dollars" | "bucks" => of("USD", 1.0, at + 1),
        "cent" | "cents" => of("USD", 0.01, at + 1),
        "euro" | "euros" => of("EUR", 1.0, at + 1),
        "sterling" | "quid" => of("GBP", 1.0, at + 1),
        // Pounds of weight are no unit of a value here; a weight divides (`a pound`), it is not counted.
        "pound" | "pounds" => {
            let sterling = tokens.get(at + 1).is_some_and(|next| next.says("sterling"));
            of("GBP", 1.0, at + 1 + usize::from(sterling))
        }
        "pence" => of("GBP", 0.01, at + 1),
        "yen" => of("JPY", 1.0, at + 1),
        "rupee" | "rupees" => of("INR", 1.0, at + 1),
        "yuan" | "renminbi" => of("CNY", 1.0, at + 1),
        "franc" | "francs" => of("CHF", 1.0, at + 1),
        "us" | "american" | "canadian" | "australian" | "u" => {
            let skipped = tokens[at..].iter().take(5).position(|t| matches!(t.lower.as_str(), "dollar" | "dollars"))?;
            let between = tokens[at + 1..at + skipped].iter().all(|t| t.is('.') || t.lower == "s");
            let code = match token.lower.as_str() {
                "canadian" => "CAD",
                "australian" => "AUD",
                _ => "USD",
            };
            if between { of(code, 1.0, at + skipped + 1) } else { None }
        }
        _ => None,
    }
}

/// `years`, `a decade`, `fortnights`: how many of which period one of them is.
pub fn period(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let token = tokens.get(at)?;
    let (unit, factor) = period_word(&token.lower)?;
    Some(found(unit, factor, at + 1))
}

/// What one of this word for a length of time is.
pub fn period_word(word: &str) -> Option<(Unit, f64)> {
    use Frequency as F;
    Some(match word {
        "day" | "days" => (Unit::Duration(F::Daily), 1.0),
        "fortnight" | "fortnights" => (Unit::Duration(F::Weekly), 2.0),
        "week" | "weeks" => (Unit::Duration(F::Weekly), 1.0),
        "month" | "months" | "mo" | "mos" => (Unit::Duration(F::Monthly), 1.0),
        "quarter" | "quarters" => (Unit::Duration(F::Quarterly), 1.0),
        "year" | "years" | "yr" | "yrs" => (Unit::Duration(F::Annual), 1.0),
        "decade" | "decades" => (Unit::Duration(F::Annual), 10.0),
        "century" | "centuries" => (Unit::Duration(F::Annual), 100.0),
        "millennium" | "millennia" => (Unit::Duration(F::Annual), 1000.0),
        "hour" | "hours" | "minute" | "minutes" | "seconds" => (Unit::Clock, 1.0),
        _ => return None,
    })
}

/// Denominators in one wording each.
fn denominator(word: &str) -> Option<&str> {
    Some(match word {
        "ounce" | "oz" => "ounce",
        "barrel" | "bbl" => "barrel",
        "gallon" => "gallon",
        "pound" | "lb" => "pound",
        "tonne" | "mt" => "tonne",
        "ton" => "ton",
        "bushel" => "bushel",
        "kilogram" | "kilo" | "kg" => "kilogram",
        "gram" => "gram",
        "litre" | "liter" => "litre",
        "hour" => "hour",
        "day" => "day",
        "week" => "week",
        "month" => "month",
        "quarter" => "quarter",
        "year" => "year",
        "share" => "share",
        "coin" => "coin",
        "token" => "token",
        "person" | "head" | "capita" => "person",
        "household" => "household",
        "home" => "home",
        "unit" => "unit",
        "mmbtu" => "mmbtu",
        _ => return None,
    })
}

/// The denominator behind a unit: `a barrel`, `per troy ounce`, `/oz`, with the index behind it.
pub fn per(tokens: &[Token<'_>], at: usize) -> Option<(String, usize)> {
    let token = tokens.get(at)?;
    let per = token.is('/') || matches!(token.lower.as_str(), "a" | "an" | "per" | "each" | "every");
    let mut noun = at + 1;
    while tokens.get(noun).is_some_and(|token| matches!(token.lower.as_str(), "troy" | "metric" | "fine")) {
        noun += 1;
    }
    let word = tokens.get(noun).filter(|token| per && token.shape == Shape::Word)?;
    // `12 percent a year ago`: a date, no denominator.
    let dated = tokens.get(noun + 1).is_some_and(|next| {
        matches!(next.lower.as_str(), "ago" | "earlier" | "before" | "later" | "after" | "back" | "in")
    });
    let time = matches!(word.lower.as_str(), "day" | "week" | "month" | "quarter" | "year" | "hour");
    let name = denominator(&word.lower).filter(|_| !(dated && time))?;
    Some((name.to_owned(), noun + 1))
}

/// True when both name the same denominator: `troy ounce` is an ounce.
pub fn same_denominator(written: &str, of_fact: &str) -> bool {
    let last = of_fact.to_lowercase();
    let last = last.split_whitespace().next_back().unwrap_or_default();
    denominator(last).unwrap_or(last) == written
}
