//! Dates as they are written: days, months, quarters, years, decades and spans of years.

use jiff::civil::{Date, date};

use super::numerals::{self, over_hyphen};
use super::tokens::{Shape, Token, is_dash};
use super::words::{self, small};

/// The smallest period that a written date tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A quarter, a third or half of a year.
    Quarter,
    /// A year.
    Year,
    /// A decade.
    Decade,
    /// From one year to another.
    Span,
    /// A month or quarter of a year that is not said.
    Partial,
}

/// A stretch of days that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// What it tells apart.
    pub grain: Grain,
}

/// A date read, with the index behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dated {
    /// What it may mean, the likeliest first.
    pub readings: Vec<When>,
    /// True when the same digits may be a count (`2026`).
    pub count: Option<f64>,
    /// Index behind its last token.
    pub next: usize,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn dated(reading: Option<When>, next: usize) -> Option<Dated> {
    reading.map(|reading| Dated { readings: vec![reading], count: None, next })
}

fn months(year: i16, first: i8, last: i8, grain: Grain) -> Option<When> {
    let end = Date::new(year, last, 1).ok()?.last_of_month();
    Some(When { first: Date::new(year, first, 1).ok()?, last: end, grain })
}

fn years(first: i16, last: i16, grain: Grain) -> When {
    When { first: date(first, 1, 1), last: date(last, 12, 31), grain }
}

fn partial() -> When {
    When { first: Date::MIN, last: Date::MIN, grain: Grain::Partial }
}

/// A year in four digits, 1500–2199.
fn year(token: &Token<'_>) -> Option<i16> {
    match token.shape {
        Shape::Number { value, decimals: 0, grouped: false } if (1500.0..2200.0).contains(&value) => Some(value as i16),
        _ => None,
    }
}

fn whole(token: &Token<'_>, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    match token.shape {
        Shape::Number { value, decimals: 0, grouped: false } if range.contains(&(value as u32)) => Some(value as u32),
        _ => None,
    }
}

/// The month that a word names. `May` and `March` are words too: they count when capitalised.
fn month(token: &Token<'_>) -> Option<i8> {
    let word = token.lower.as_str();
    if token.shape != Shape::Word || word.len() < 3 {
        return None;
    }
    let full = MONTHS.iter().position(|month| *month == word);
    let short = || MONTHS.iter().position(|month| word == "sept" && *month == "september" || month[..3] == *word);
    let capital = token.raw.starts_with(char::is_uppercase);
    let needs_capital = full.is_none() || matches!(word, "may" | "march");
    let at = full.or_else(short).filter(|_| capital || !needs_capital)?;
    Some(at as i8 + 1)
}

/// The date that begins at `at`.
pub fn at(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    by_month(tokens, at)
        .or_else(|| day_first(tokens, at))
        .or_else(|| by_quarter(tokens, at))
        .or_else(|| iso(tokens, at))
        .or_else(|| part_of_year(tokens, at))
        .or_else(|| decade(tokens, at))
        .or_else(|| spelled(tokens, at))
        .or_else(|| by_year(tokens, at))
}

/// `August 18, 2026`, `Aug. 18th, 2026`, `August 2026`, `August of 2026`, `August`.
fn by_month(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let named = month(tokens.get(at)?)?;
    let mut next = at + 1;
    let abbreviated = tokens[at].raw.len() <= 4 && tokens.get(next).is_some_and(|dot| dot.is('.') && !dot.spaced);
    if abbreviated && tokens.get(next + 1).is_some_and(|token| matches!(token.shape, Shape::Number { .. })) {
        next += 1;
    }
    let comma_or = |n: usize, words: &[&str]| {
        tokens.get(n).is_some_and(|token| token.is(',') || words.contains(&token.lower.as_str()))
    };
    if let Some(year) = tokens.get(next + usize::from(comma_or(next, &["of"]))).and_then(year) {
        return dated(months(year, named, named, Grain::Month), next + 1 + usize::from(comma_or(next, &["of"])));
    }
    if let Some(day) = tokens.get(next).and_then(|token| whole(token, 1..=31)) {
        let suffix = |n: usize| {
            tokens.get(n).is_some_and(|t| !t.spaced && matches!(t.lower.as_str(), "st" | "nd" | "rd" | "th"))
        };
        let mut behind = next + 1 + usize::from(suffix(next + 1));
        let Some(year) = tokens.get(behind + usize::from(comma_or(behind, &["of"]))).and_then(year) else {
            return dated(Some(partial()), behind);
        };
        behind += 1 + usize::from(comma_or(behind, &["of"]));
        return dated(on(year, named, day), behind);
    }
    let word = tokens[at].lower.as_str();
    // A sentence may begin with a May or a March that is no month.
    let opens = at == 0 || tokens[at - 1].is('.') || tokens[at - 1].is('?') || tokens[at - 1].is('!');
    let ambiguous = matches!(word, "may" | "march" | "mar" | "jan" | "dec" | "sept" | "sep" | "nov" | "oct");
    if (ambiguous && opens) || (word.len() == 3 && word != "may" && !tokens[at].raw.starts_with(char::is_uppercase)) {
        return None;
    }
    dated(Some(partial()), at + 1)
}

fn on(year: i16, month: i8, day: u32) -> Option<When> {
    let day = Date::new(year, month, day as i8).ok()?;
    Some(When { first: day, last: day, grain: Grain::Day })
}

/// `18 August 2026`, `18th of August, 2026`.
fn day_first(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let day = whole(tokens.get(at)?, 1..=31)?;
    let says = |n: usize, words: &[&str]| tokens.get(n).is_some_and(|token| words.contains(&token.lower.as_str()));
    let mut next = at + 1;
    next += usize::from(says(next, &["st", "nd", "rd", "th"]));
    next += usize::from(says(next, &["of"]));
    let named = month(tokens.get(next)?)?;
    next += 1;
    let comma = usize::from(says(next, &[","]));
    match tokens.get(next + comma).and_then(year) {
        Some(year) => dated(on(year, named, day), next + comma + 1),
        None => dated(Some(partial()), next),
    }
}

/// `Q2 2026`, `2026 Q2`, `Q2`, `H1 2026`.
fn by_quarter(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let part = |at: usize| {
        let letter = tokens.get(at).filter(|token| matches!(token.raw, "Q" | "q" | "H"))?;
        let most = if letter.lower == "q" { 4 } else { 2 };
        let n = tokens.get(at + 1).filter(|token| !token.spaced).and_then(|token| whole(token, 1..=most))?;
        let length = 12 / most;
        Some((((n - 1) * length + 1) as i8, (n * length) as i8))
    };
    if let Some((first, last)) = part(at) {
        let of = usize::from(tokens.get(at + 2).is_some_and(|t| t.says("of") || is_dash(t) || t.is(',')));
        return match tokens.get(at + 2 + of).and_then(year) {
            Some(year) => dated(months(year, first, last, Grain::Quarter), at + 3 + of),
            None => dated(Some(partial()), at + 2),
        };
    }
    let year = year(tokens.get(at)?)?;
    let (first, last) = part(over_hyphen(tokens, at + 1))?;
    dated(months(year, first, last, Grain::Quarter), over_hyphen(tokens, at + 1) + 2)
}

/// `2026-08-18`.
fn iso(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let year = year(tokens.get(at)?)?;
    let glued = |n: usize| tokens.get(n).filter(|token| !token.spaced);
    let dash = |n: usize| glued(n).is_some_and(is_dash);
    let two = |n: usize, most: u32| glued(n).filter(|token| token.raw.len() == 2).and_then(|t| whole(t, 1..=most));
    let (month, day) = (two(at + 2, 12)?, two(at + 4, 31)?);
    if !(dash(at + 1) && dash(at + 3)) {
        return None;
    }
    dated(on(year, month as i8, day), at + 5)
}

/// `the second quarter of 2026`, `the first half of 2026`, `early 2026`, `mid-2026`, `late 2026`.
fn part_of_year(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let word = tokens.get(at)?.lower.as_str();
    if matches!(word, "early" | "late" | "mid" | "middle") {
        let of = usize::from(tokens.get(at + 1).is_some_and(|token| token.says("of")));
        let next = over_hyphen(tokens, at + 1 + of);
        let year = tokens.get(next).and_then(year)?;
        if is_decade(tokens, next) {
            let (first, last) = match word {
                "early" => (0, 3),
                "late" => (6, 9),
                _ => (3, 7),
            };
            return dated(Some(years(year + first, year + last, Grain::Decade)), next + 2);
        }
        let (first, last) = match word {
            "early" => (1, 4),
            "late" => (9, 12),
            _ => (5, 8),
        };
        return dated(months(year, first, last, Grain::Quarter), next + 1);
    }
    let n = match (words::ordinal(word), word) {
        (Some(n), _) => n,
        (None, "final" | "last") => 4.0,
        _ => whole(tokens.get(at)?, 1..=4)
            .filter(|_| tokens.get(at + 1).is_some_and(|t| !t.spaced && t.lower.ends_with(['t', 'd', 'h'])))?
            .into(),
    };
    let next = if matches!(tokens[at].shape, Shape::Number { .. }) { at + 2 } else { at + 1 };
    let length = match tokens.get(over_hyphen(tokens, next))?.lower.as_str() {
        "quarter" if n <= 4.0 => 3.0,
        "half" if n <= 2.0 => 6.0,
        _ => return None,
    };
    let n = if word == "last" || (word == "final" && length == 6.0) { 12.0 / length } else { n };
    let behind = over_hyphen(tokens, next) + 1;
    let of = usize::from(tokens.get(behind).is_some_and(|token| token.says("of") || token.says("in")));
    let (first, last) = (((n - 1.0) * length) as i8 + 1, (n * length) as i8);
    match tokens.get(behind + of).and_then(year) {
        Some(year) => dated(months(year, first, last, Grain::Quarter), behind + of + 1),
        // `the last quarter` alone points, it does not count.
        None if matches!(word, "last" | "final") => None,
        None => dated(Some(partial()), behind),
    }
}

fn is_decade(tokens: &[Token<'_>], at: usize) -> bool {
    let plural = tokens.get(at + 1).is_some_and(|token| !token.spaced && matches!(token.lower.as_str(), "s" | "'s"));
    plural && matches!(tokens[at].shape, Shape::Number { value, .. } if value % 10.0 == 0.0)
}

/// `the 1990s`, `the '90s`, `the nineties`, `the mid-1990s`.
fn decade(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    const WORDS: [(&str, i16); 9] = [
        ("twenties", 20),
        ("thirties", 30),
        ("forties", 40),
        ("fifties", 50),
        ("sixties", 60),
        ("seventies", 70),
        ("eighties", 80),
        ("nineties", 90),
        ("noughties", 0),
    ];
    let token = tokens.get(at)?;
    let of_century = |tens: i16| -> Vec<When> {
        // The nearest first: the twenties are those of this century before those of the last.
        let nearest = if tens <= 20 { [2000, 1900] } else { [1900, 2000] };
        let last = if tens <= 20 { 2 } else { 1 };
        nearest[..last].iter().map(|century| years(century + tens, century + tens + 9, Grain::Decade)).collect()
    };
    if token.shape == Shape::Word {
        let (_, tens) = WORDS.iter().find(|(word, _)| *word == token.lower)?;
        return Some(Dated { readings: of_century(*tens), count: None, next: at + 1 });
    }
    let short = token.is('\'') || token.is('’');
    let digits = at + usize::from(short);
    let two = tokens.get(digits).filter(|token| token.raw.len() == 2).and_then(|token| whole(token, 0..=90));
    if !tokens.get(digits).is_some_and(|token| matches!(token.shape, Shape::Number { .. }))
        || !is_decade(tokens, digits)
    {
        return None;
    }
    if let Some(tens) = two {
        return Some(Dated { readings: of_century(tens as i16), count: None, next: digits + 2 });
    }
    let first = year(tokens.get(digits).filter(|_| !short)?)?;
    dated(Some(years(first, first + 9, Grain::Decade)), digits + 2)
}

/// `nineteen ninety-five`, `twenty twenty-six`, `two thousand and eight`.
fn spelled(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let word = |n: usize| tokens.get(n).filter(|token| token.shape == Shape::Word).map(|token| token.lower.as_str());
    let century = small(word(at)?)?;
    if (16.0..=21.0).contains(&century) {
        let tens = over_hyphen(tokens, at + 1);
        let value = word(tens).and_then(small).filter(|value| *value >= 10.0)?;
        let unit = over_hyphen(tokens, tens + 1);
        let digit = word(unit).and_then(small).filter(|digit| value >= 20.0 && *digit > 0.0 && *digit < 10.0);
        let year = (century * 100.0 + value + digit.unwrap_or(0.0)) as i16;
        return dated(Some(years(year, year, Grain::Year)), if digit.is_some() { unit + 1 } else { tens + 1 });
    }
    if century == 2.0 && word(at + 1) == Some("thousand") {
        let read = numerals::at(tokens, at).filter(|read| (2001.0..2100.0).contains(&read.value))?;
        let year = read.value as i16;
        let readings = vec![years(year, year, Grain::Year)];
        return Some(Dated { readings, count: Some(read.value), next: read.next });
    }
    None
}

/// `2008`, `2008–2012`, `2008-12`.
fn by_year(tokens: &[Token<'_>], at: usize) -> Option<Dated> {
    let token = tokens.get(at)?;
    let first = year(token)?;
    let dash = tokens.get(at + 1).filter(|token| is_dash(token));
    if let (Some(dash), Some(end)) = (dash, tokens.get(at + 2).filter(|end| end.spaced == tokens[at + 1].spaced)) {
        if let Some(last) = year(end).filter(|last| *last > first) {
            return dated(Some(years(first, last, Grain::Span)), at + 3);
        }
        if let Some(two) = whole(end, 1..=99).filter(|_| end.raw.len() == 2 && !dash.spaced) {
            let last = first / 100 * 100 + two as i16;
            let mut readings: Vec<When> = (last > first).then(|| years(first, last, Grain::Span)).into_iter().collect();
            readings.extend((two <= 12).then(|| months(first, two as i8, two as i8, Grain::Month)).flatten());
            if !readings.is_empty() {
                return Some(Dated { readings, count: None, next: at + 3 });
            }
        }
    }
    // `2000 dollars`, `2026.5` and `2026th` are no years.
    let glued_word = tokens.get(at + 1).is_some_and(|next| !next.spaced && next.shape == Shape::Word);
    if glued_word || super::units::behind(tokens, at + 1).is_some() {
        return None;
    }
    let readings = vec![years(first, first, Grain::Year)];
    Some(Dated { readings, count: Some(f64::from(first)), next: at + 1 })
}
