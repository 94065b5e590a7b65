//! Readings that need a look at the neighbours: times, dates, units, abbreviations, symbols. What is left (cardinals,
//! years, decimals, money) is read by the lexicon. The tables come with the voice's package.

use std::collections::BTreeMap;

use fancy_regex::Regex;
use serde::Deserialize;

use super::numbers;
use super::pattern::{Found, any_of, compiled, group, rewritten};
use crate::assets::{Assets, VoiceDataError};

const MONTH_KEYS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NUMBER: &str = r"\d+(?:,\d{3})*(?:\.\d+)?";
const BIG: &str = r"(hundred|thousand|million|billion|trillion|[kKmMbB]\b)";
/// Symbols that are read only between two things: "a = b".
const BETWEEN: [&str; 4] = ["=", "<", ">", "~"];

#[derive(Deserialize)]
struct Tables {
    months: BTreeMap<String, String>,
    abbreviations: BTreeMap<String, String>,
    titles: BTreeMap<String, String>,
    units: BTreeMap<String, [String; 2]>,
    symbols: BTreeMap<String, String>,
    currency: BTreeMap<String, [String; 2]>,
    roman_cardinal: Vec<String>,
    roman_ordinal: Vec<String>,
}

/// The rewriting of a text, loaded.
pub(super) struct Normaliser {
    tables: Tables,
    time: Regex,
    date_iso: Regex,
    date_us: Regex,
    big_money: Regex,
    cents: Regex,
    currency: Regex,
    degrees: Regex,
    unit: Regex,
    month_day: Regex,
    day_month: Regex,
    title: Regex,
    abbreviation: Regex,
    number_sign: Regex,
    hash: Regex,
    roman_cardinal: Regex,
    roman_ordinal: Regex,
    phone: Regex,
    fraction: Regex,
    range: Regex,
    plus: Regex,
    between: Vec<(Regex, String)>,
    before_mark: Regex,
}

impl Normaliser {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let tables: Tables = assets.json("normalize.json")?;
        if let Some(missing) = MONTH_KEYS.iter().find(|key| !tables.months.contains_key(**key)) {
            return Err(VoiceDataError::unusable("normalize.json", format!("it lacks the month {missing}")));
        }
        let short: Vec<String> = MONTH_KEYS.iter().map(|key| key[..1].to_uppercase() + &key[1..]).collect();
        let months =
            any_of(tables.months.values().map(String::as_str).chain(short.iter().map(String::as_str)).chain(["Sept"]));
        let keys = |table: &BTreeMap<String, String>| any_of(table.keys().map(String::as_str));
        let roman = r"((?=[IVXLC])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b(?![.'’]\w)";
        let before_roman = |words: &[String]| format!(r"\b({}) {roman}", any_of(words.iter().map(String::as_str)));
        let between = BETWEEN.iter().filter_map(|symbol| {
            let word = tables.symbols.get(*symbol)?;
            Some(compiled(&format!(r"(?<=\S) ?{symbol} ?(?=\S)")).map(|pattern| (pattern, format!(" {word} "))))
        });
        Ok(Self {
            time: compiled(r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?!\d)")?,
            date_iso: compiled(r"\b(\d{4})-(\d{2})-(\d{2})\b")?,
            date_us: compiled(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")?,
            big_money: compiled(&format!(r"([$£€])({NUMBER})\s?{BIG}"))?,
            cents: compiled(&format!(r"(?<![\w.])({NUMBER})\s?¢"))?,
            currency: compiled(&format!(r"(?<![\w])([¥₹₩]|Rs\.?|USD|EUR|GBP)\s?({NUMBER})(?:\s?{BIG})?"))?,
            degrees: compiled(&format!(r"(?<![\w.])(-?{NUMBER})\s?°\s?([CF])?(?![\w])"))?,
            unit: compiled(&format!(
                r"(?<![\w.])(-?{NUMBER})\s?({})(?![\w])",
                any_of(tables.units.keys().map(String::as_str))
            ))?,
            month_day: compiled(&format!(r"\b({months})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?![\d:%])(,? \d{{4}}\b)?"))?,
            day_month: compiled(&format!(r"\b(the )?(\d{{1,2}}) (?:of )?({months})\b\.?"))?,
            title: compiled(&format!(r"\b({})\.? (?=[A-Z])", keys(&tables.titles)))?,
            abbreviation: compiled(&format!(r"(?<![\w.])({})(?![\w])", keys(&tables.abbreviations)))?,
            number_sign: compiled(r"\b(No|Nos)\. ?(?=\d)")?,
            hash: compiled(r"(?<![\w&])#(?=\d)")?,
            roman_cardinal: compiled(&before_roman(&tables.roman_cardinal))?,
            roman_ordinal: compiled(&before_roman(&tables.roman_ordinal))?,
            phone: compiled(r"(?<![\w.\-])(?:\d{3}-)?\d{3}-\d{4}(?![\w.\-])")?,
            fraction: compiled(r"(?<![\w./])(\d{1,2})/(\d{1,2})(?![\w./])")?,
            range: compiled(r"(?<![\w.\-])(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\w.\-%])")?,
            plus: compiled(r"(?<![\w+])\+(?=\d)")?,
            between: between.collect::<Result<_, _>>()?,
            before_mark: compiled(r" +([,.;:!?])")?,
            tables,
        })
    }

    /// The text with everything written out that the lexicon cannot read; one space between words.
    pub(super) fn normal(&self, text: &str) -> String {
        let text = spaced(text).replace('’', "'").replace('‒', "-").replace('―', "—");
        let text = self.dates(&self.quantities(&self.clock(&text)));
        let text = self.names(&text);
        let text = rewritten(&self.phone, &text, |found| {
            let said: Vec<String> = group(found, 0).replace('-', ", ").chars().map(String::from).collect();
            Some(said.join(" "))
        });
        let text = rewritten(&self.fraction, &text, |found| self.fraction(found));
        let text = rewritten(&self.range, &text, |found| Some(format!("{} to {}", group(found, 1), group(found, 2))));
        let text = rewritten(&self.plus, &text, |_| Some("plus ".into()));
        let text = spaced(&self.symbols(text));
        rewritten(&self.before_mark, &text, |found| Some(group(found, 1).into())).trim().to_owned()
    }

    /// Times of day and numeric dates.
    fn clock(&self, text: &str) -> String {
        let text = rewritten(&self.time, text, |found| time(found, text));
        let text = rewritten(&self.date_iso, &text, |found| {
            self.date(Some(group(found, 1)), small(group(found, 2)), small(group(found, 3)))
        });
        rewritten(&self.date_us, &text, |found| {
            let (first, second, year) = (small(group(found, 1)), small(group(found, 2)), group(found, 3));
            let (month, day) = if first <= 12 { (first, second) } else { (second, first) };
            let century = if small(year) > 30 { "19" } else { "20" };
            let year = if year.len() == 2 { format!("{century}{year}") } else { year.to_owned() };
            self.date(Some(&year), month, day)
        })
    }

    /// Money with a scale, cents, other currencies, degrees and units.
    fn quantities(&self, text: &str) -> String {
        let text = rewritten(&self.big_money, text, |found| {
            let [_, many] = self.tables.currency.get(group(found, 1))?;
            Some(format!("{} {} {many}", group(found, 2), big(group(found, 3))))
        });
        let text = rewritten(&self.cents, &text, |found| {
            let number = group(found, 1);
            Some(format!("{number} {}", counted(number, self.tables.currency.get("¢")?)))
        });
        let text = rewritten(&self.currency, &text, |found| {
            let words = self.tables.currency.get(group(found, 1).trim_end_matches('.'))?;
            let (number, scale) = (group(found, 2), group(found, 3));
            Some(match scale {
                "" => format!("{number} {}", counted(number, words)),
                _ => format!("{number} {} {}", big(scale), words[1]),
            })
        });
        let text = rewritten(&self.degrees, &text, |found| {
            let (number, scale) = (group(found, 1), group(found, 2));
            let words = counted(number, &["degree".into(), "degrees".into()]).to_owned();
            let scale = match scale {
                "C" => " Celsius",
                "F" => " Fahrenheit",
                _ => "",
            };
            Some(format!("{number} {words}{scale}"))
        });
        rewritten(&self.unit, &text, |found| {
            let (number, unit) = (group(found, 1), group(found, 2));
            Some(format!("{number} {}", counted(number, self.tables.units.get(unit)?)))
        })
    }

    /// Dates with a month in words.
    fn dates(&self, text: &str) -> String {
        let text = rewritten(&self.month_day, text, |found| {
            let day = ordinal_day(group(found, 2))?;
            Some(format!("{} {day}{}", self.month(group(found, 1))?, group(found, 3)))
        });
        rewritten(&self.day_month, &text, |found| {
            Some(format!("the {} of {}", ordinal_day(group(found, 2))?, self.month(group(found, 3))?))
        })
    }

    /// Titles, abbreviations, "No. 5", and Roman numerals behind a name.
    fn names(&self, text: &str) -> String {
        let text = rewritten(&self.title, text, |found| Some(format!("{} ", self.tables.titles.get(group(found, 1))?)));
        let text = rewritten(&self.abbreviation, &text, |found| {
            let short = group(found, 1);
            let at_end = found.get(0)?.end() == text.len() && short.ends_with('.');
            Some(format!("{}{}", self.tables.abbreviations.get(short)?, if at_end { "." } else { "" }))
        });
        let text = rewritten(&self.number_sign, &text, |found| {
            Some(if group(found, 1) == "No" { "Number ".into() } else { "Numbers ".into() })
        });
        let text = rewritten(&self.hash, &text, |_| Some("number ".into()));
        let text = rewritten(&self.roman_cardinal, &text, |found| {
            Some(format!("{} {}", group(found, 1), roman(group(found, 2))))
        });
        rewritten(&self.roman_ordinal, &text, |found| {
            Some(format!("{} the {}", group(found, 1), numbers::ordinal(roman(group(found, 2)))))
        })
    }

    fn symbols(&self, text: String) -> String {
        let text =
            self.between.iter().fold(text, |text, (pattern, word)| rewritten(pattern, &text, |_| Some(word.clone())));
        let others = self.tables.symbols.iter().filter(|(symbol, _)| !BETWEEN.contains(&symbol.as_str()));
        others.fold(text, |text, (symbol, word)| {
            if text.contains(symbol.as_str()) { text.replace(symbol.as_str(), &format!(" {word} ")) } else { text }
        })
    }

    fn fraction(&self, found: &Found<'_>) -> Option<String> {
        const PARTS: [&str; 9] = ["half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
        let (above, below) = (small(group(found, 1)), small(group(found, 2)));
        if 0 < above && above < below && below <= 10 {
            return Some(match (above, PARTS[below as usize - 2]) {
                (1, "half") => "one half".into(),
                (_, "half") => format!("{above} halves"),
                (1, part) => format!("1 {part}"),
                (_, part) => format!("{above} {part}s"),
            });
        }
        self.date(None, above, below).or_else(|| Some(format!("{above} slash {below}")))
    }

    fn date(&self, year: Option<&str>, month: u32, day: u32) -> Option<String> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let year = year.map_or(String::new(), |year| format!(", {year}"));
        let month = self.month(MONTH_KEYS[month as usize - 1])?;
        Some(format!("{month} {}{year}", numbers::ordinal(u128::from(day))))
    }

    /// The full name of a month from a name or its beginning.
    fn month(&self, name: &str) -> Option<&str> {
        self.tables.months.get(&name.get(..3)?.to_lowercase()).map(String::as_str)
    }
}

/// One space for every run of white space, none at the ends.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn small(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}

fn ordinal_day(digits: &str) -> Option<String> {
    let day = small(digits);
    (1..=31).contains(&day).then(|| numbers::ordinal(u128::from(day)))
}

fn counted<'a>(number: &str, words: &'a [String; 2]) -> &'a str {
    let one = ["1", "1.0", "-1"].contains(&number.replace(',', "").as_str());
    if one { &words[0] } else { &words[1] }
}

fn big(scale: &str) -> &str {
    match scale {
        "k" | "K" => "thousand",
        "m" | "M" => "million",
        "b" | "B" => "billion",
        word => word,
    }
}

fn roman(numeral: &str) -> u128 {
    let value = |c: char| match c {
        'I' => 1,
        'V' => 5,
        'X' => 10,
        'L' => 50,
        'C' => 100,
        'D' => 500,
        _ => 1000,
    };
    let (mut total, mut largest) = (0, 0);
    for value in numeral.chars().rev().map(value) {
        if value < largest {
            total -= value;
        } else {
            total += value;
            largest = value;
        }
    }
    total
}

/// A time of day: "eight thirty A.M."; `text` is looked at behind it, so that a full stop is not doubled.
fn time(found: &Found<'_>, text: &str) -> Option<String> {
    let (hour, minute, seconds, half) = (group(found, 1), group(found, 2), group(found, 3), group(found, 4));
    if small(hour) > 24 || small(minute) > 59 || (!seconds.is_empty() && small(seconds) > 59) {
        return None;
    }
    let said = |digits: &str| numbers::value_of(digits).map(numbers::cardinal);
    let mut words = said(hour)?;
    match small(minute) {
        0 if half.is_empty() && seconds.is_empty() => words.push_str(" o'clock"),
        0 => {}
        1..10 => words = format!("{words} oh {}", said(minute)?),
        _ => words = format!("{words} {}", said(minute)?),
    }
    if !seconds.is_empty() {
        let unit = if small(seconds) == 1 { "second" } else { "seconds" };
        words = format!("{words} and {} {unit}", said(seconds)?);
    }
    if !half.is_empty() {
        let stop = if text[found.get(0)?.end()..].starts_with('.') { "" } else { "." };
        words = format!("{words} {}.M{stop}", half.to_uppercase());
    }
    Some(words)
}
