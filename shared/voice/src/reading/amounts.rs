//! Numbers with what is glued to them: sign, currency, scale, unit; ranges and ratios.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::words::{MONTH_NAMES, per};

const NUMBER: &str = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+";
const SIGN: &str = "[-−–+±~≈<>≥≤]?";
const CURRENCY: &str = r"US\$|CA\$|C\$|AU\$|A\$|NZ\$|HK\$|S\$|CHF|[$€£¥₹₩]";
const UNIT: &str = "%|bps|bp|ppts|ppt|pp|x|×|trn|tn|bn|mn|k|K|mm|m|M|b|B|T|yrs|yr|y|Y";

pub(super) const SCALES: [&str; 5] = ["hundred", "thousand", "million", "billion", "trillion"];

/// Sign, unit in the singular, in the plural, and its hundredth.
const MONEY: [(&str, &str, &str, Option<&str>); 15] = [
    ("$", "dollar", "dollars", Some("cent")),
    ("US$", "dollar", "dollars", Some("cent")),
    ("C$", "Canadian dollar", "Canadian dollars", Some("cent")),
    ("CA$", "Canadian dollar", "Canadian dollars", Some("cent")),
    ("A$", "Australian dollar", "Australian dollars", Some("cent")),
    ("AU$", "Australian dollar", "Australian dollars", Some("cent")),
    ("NZ$", "New Zealand dollar", "New Zealand dollars", Some("cent")),
    ("HK$", "Hong Kong dollar", "Hong Kong dollars", Some("cent")),
    ("S$", "Singapore dollar", "Singapore dollars", Some("cent")),
    ("CHF", "Swiss franc", "Swiss francs", None),
    ("€", "euro", "euros", Some("cent")),
    ("£", "pound", "pounds", Some("pence")),
    ("¥", "yen", "yen", None),
    ("₹", "rupee", "rupees", None),
    ("₩", "won", "won", None),
];

/// A currency sign's words: one, many, hundredth.
fn names(sign: &str) -> (&'static str, &'static str, Option<&'static str>) {
    let found = MONEY.iter().find(|(known, ..)| *known == sign);
    found.map_or(("", "", None), |(_, one, many, part)| (one, many, *part))
}

/// The plural of a currency sign.
pub(super) fn plural(sign: &str) -> &'static str {
    names(sign).1
}

fn sign_of(sign: &str) -> &'static str {
    match sign {
        "-" | "−" | "–" => "minus ",
        "+" => "plus ",
        "±" => "plus or minus ",
        "~" | "≈" => "about ",
        "<" => "less than ",
        ">" => "more than ",
        "≥" => "at least ",
        "≤" => "at most ",
        _ => "",
    }
}

/// A unit's word, empty when there is none.
fn unit_of(unit: &str) -> &'static str {
    match unit {
        "%" => "percent",
        "bps" | "bp" => "basis points",
        "pp" | "ppt" | "ppts" => "percentage points",
        "x" | "×" => "times",
        "y" | "Y" | "yr" => "year",
        "yrs" => "years",
        other => scale_of(other).unwrap_or_default(),
    }
}

/// The scale that a short form stands for.
fn scale_of(short: &str) -> Option<&'static str> {
    Some(match short {
        "k" | "K" => "thousand",
        "m" | "M" | "mm" | "mn" => "million",
        "b" | "B" | "bn" => "billion",
        "T" | "tn" | "trn" => "trillion",
        _ => return None,
    })
}

/// The scale word that a token of its own begins with ("trillion", "trillion-dollar"), or stands for behind a number
/// ("bn"; one letter only behind money).
pub(super) fn scale_word(core: &str, behind_money: bool) -> Option<&'static str> {
    let word = SCALES.iter().find(|scale| {
        core.strip_prefix(**scale).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    });
    word.copied().or_else(|| scale_of(core).filter(|_| behind_money || ["tn", "trn", "bn", "mn"].contains(&core)))
}

struct Patterns {
    amount: Regex,
    range: Regex,
    ratio: Regex,
    slashed: Regex,
    mixed: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let range = format!(r"^({SIGN})({CURRENCY})?({NUMBER})({UNIT})?[-–—]({SIGN})({CURRENCY})?({NUMBER})({UNIT})?$");
    let amount = format!(r"^({SIGN})({CURRENCY})?({SIGN})({NUMBER})(?:({UNIT})|([€£]))?(\+)?([-/][A-Za-z].*)?$");
    Some(Patterns {
        amount: Regex::new(&amount).ok()?,
        range: Regex::new(&range).ok()?,
        ratio: Regex::new(r"^(\d+):(\d+)$").ok()?,
        slashed: Regex::new(r"^(\d+)/(\d+)$").ok()?,
        mixed: Regex::new(r"^(\d*)([½¼¾])$").ok()?,
    })
});

fn group<'a>(found: &Captures<'a>, number: usize) -> &'a str {
    found.get(number).map_or("", |group| group.as_str())
}

fn four_digits(number: &str) -> Option<u32> {
    if number.len() == 4 { number.parse().ok() } else { None }
}

/// A count and not a year: a bare `1347` would be read "thirteen forty-seven".
fn plain(number: &str) -> String {
    if four_digits(number).is_some() { format!("{},{}", &number[..1], &number[1..]) } else { number.to_owned() }
}

/// `3.40` dollars → `3 dollars and 40 cents`; with a scale, or a fraction of other length: `3.4 billion dollars`.
fn money(number: &str, sign: &str, scale: &str) -> String {
    let (one, many, part) = names(sign);
    if !scale.is_empty() {
        return format!("{} {scale} {many}", plain(number));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (Some(part), 2) = (part, fraction.len()) else {
        return format!("{} {}", plain(number), if number == "1" { one } else { many });
    };
    let whole_money = format!("{} {}", plain(whole), if whole == "1" { one } else { many });
    let cents = fraction.trim_start_matches('0');
    let part = format!("{cents} {part}{}", if part == "cent" && cents != "1" { "s" } else { "" });
    if cents.is_empty() {
        whole_money
    } else if whole.chars().all(|c| c == '0' || c == ',') {
        part
    } else {
        format!("{whole_money} and {part}")
    }
}

/// What is glued behind an amount: `-an-ounce` → ` an ounce`, `/oz` → ` per ounce`.
fn rest_of(rest: &str) -> String {
    match rest.strip_prefix('/') {
        Some(unit) => format!(" per {}", per(unit)),
        None => rest.replace('-', " "),
    }
}

/// A number with sign, currency and unit; the currency too, unless the next token brings the scale.
fn amount(found: &Captures<'_>, scale_follows: bool) -> String {
    let (number, rest) = (group(found, 4), group(found, 8));
    let sign = sign_of(if group(found, 1).is_empty() { group(found, 3) } else { group(found, 1) });
    let currency = if group(found, 2).is_empty() { group(found, 6) } else { group(found, 2) };
    let more = if group(found, 7).is_empty() { "" } else { " plus" };
    let word = unit_of(group(found, 5));
    if !currency.is_empty() {
        if scale_follows {
            return format!("{sign}{number}{}", rest_of(rest));
        }
        let glued = SCALES.iter().find_map(|scale| {
            let tail = rest.strip_prefix('-')?.strip_prefix(scale)?;
            (!tail.starts_with(|c: char| c.is_ascii_lowercase())).then_some((scale, tail))
        });
        if let Some((scale, tail)) = glued {
            // "$1.9-trillion plan": an adjective, so in the singular.
            return format!("{sign}{number} {scale} {}{}", names(currency).0, rest_of(tail));
        }
        let scale = if SCALES.contains(&word) { word } else { "" };
        return format!("{sign}{}{more}{}", money(number, currency, scale), rest_of(rest));
    }
    if !word.is_empty() {
        let one = number == "1" || rest.starts_with('-');
        let word = if one && word.ends_with("points") { &word[..word.len() - 1] } else { word };
        return format!("{sign}{} {word}{more}{}", plain(number), rest_of(rest));
    }
    let number = match four_digits(number) {
        Some(value) if !(1500..=2100).contains(&value) => plain(number),
        _ => number.to_owned(),
    };
    match rest {
        "-bp" | "-bps" => format!("{sign}{number} basis point{more}"),
        _ if rest.starts_with('/') => format!("{sign}{number}{more}{}", rest_of(rest)),
        _ => format!("{sign}{number}{more}{rest}"),
    }
}

/// `7.5–8.0%` → `7.5 to 8.0 percent`: the second number's unit or currency serves both.
fn range(found: &Captures<'_>, scale_follows: bool) -> String {
    let (low, high) = (group(found, 3), group(found, 7));
    let (first, second) = (group(found, 4), group(found, 8));
    let currency = if group(found, 2).is_empty() { group(found, 6) } else { group(found, 2) };
    let word = unit_of(if second.is_empty() { first } else { second });
    let mut until = high.to_owned();
    if let (true, Some(year), 2) = (currency.is_empty() && word.is_empty(), four_digits(low), high.len()) {
        let value: u32 = high.parse().unwrap_or(0);
        if (1..=12).contains(&value) && value <= year % 100 {
            // No span runs backwards: "2026-06" is a month.
            return format!("{} {low}", MONTH_NAMES[value as usize - 1]);
        }
        until = format!("{}{high}", &low[..2]);
    }
    let mut tail = if word.is_empty() { String::new() } else { format!(" {word}") };
    if !currency.is_empty() && !scale_follows {
        tail = format!("{tail} {}", plural(currency));
    }
    let same = if !first.is_empty() && !second.is_empty() && unit_of(first) != unit_of(second) {
        format!(" {}", unit_of(first))
    } else {
        String::new()
    };
    format!("{}{low}{same} to {}{until}{tail}", sign_of(group(found, 1)), sign_of(group(found, 5)))
}

/// A number as it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) words: String,
    /// The currency that a scale word in the next token must bring.
    pub(super) owed: Option<String>,
}

/// The words of a token that is a number, range, ratio or fraction; `scale` says whether the next token is a scale.
pub(super) fn said(core: &str, scale: impl Fn(bool) -> bool) -> Option<Said> {
    let patterns = PATTERNS.as_ref()?;
    let only = |words: String| Some(Said { words, owed: None });
    if let Some(found) = patterns.range.captures(core) {
        let currency = if group(&found, 2).is_empty() { group(&found, 6) } else { group(&found, 2) };
        let follows = scale(!currency.is_empty());
        let owed = (follows && !currency.is_empty()).then(|| currency.to_owned());
        return Some(Said { words: range(&found, follows), owed });
    }
    if let Some(found) = patterns.amount.captures(core) {
        let currency = group(&found, 2);
        let follows = scale(!currency.is_empty());
        let owed = (follows && !currency.is_empty()).then(|| currency.to_owned());
        return Some(Said { words: amount(&found, follows), owed });
    }
    if let Some(found) = patterns.ratio.captures(core).filter(|found| group(found, 2).len() != 2) {
        return only(format!("{} to {}", group(&found, 1), group(&found, 2)));
    }
    if let Some(found) = patterns.slashed.captures(core) {
        let (a, b) = (group(&found, 1), group(&found, 2));
        let value = |digits: &str| digits.parse::<u32>().unwrap_or(u32::MAX);
        let (above, below) = (value(a), value(b));
        let as_written = (above < below && below <= 10) || (above <= 12 && below <= 31);
        return only(if as_written { core.to_owned() } else { format!("{a} {b}") });
    }
    let found = patterns.mixed.captures(core)?;
    let part = match group(&found, 2) {
        "½" => "half",
        "¼" => "quarter",
        _ => "three quarters",
    };
    only(match (group(&found, 1), part) {
        ("", "three quarters") => part.to_owned(),
        ("", part) => format!("one {part}"),
        (whole, "three quarters") => format!("{whole} and three quarters"),
        (whole, part) => format!("{whole} and a {part}"),
    })
}
