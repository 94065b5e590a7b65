//! How a number in digits is pronounced: years, ordinals, money, decimals, and runs of digits inside a word.

use super::endings;
use super::lexicon::{Lexicon, Word, currency};
use super::numbers;

const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word is a number, perhaps with an ending ("1980s", "3rd"); only the head of a word may have a minus.
pub(super) fn is_number(word: &str, head: bool) -> bool {
    if !word.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let endings = ["ing", "'d", "ed", "'s", "st", "nd", "rd", "th", "s"];
    let stem = endings.iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    let stem = if head { stem.strip_prefix('-').unwrap_or(stem) } else { stem };
    stem.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.')
}

/// Collects the phonemes of a number's words.
struct Words<'a> {
    lexicon: &'a Lexicon,
    out: Vec<String>,
}

impl Words<'_> {
    fn one(&mut self, word: &str, stress: Option<f32>) {
        self.out.extend(self.lexicon.listed(Word::alone(word, stress)));
    }

    /// Words of a number: "and" is not said.
    fn all(&mut self, words: &str) {
        for word in words.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty() && *word != "and") {
            self.one(word, if word == "point" { Some(-2.0) } else { None });
        }
    }

    fn cardinal(&mut self, digits: &str) {
        match numbers::value_of(digits) {
            Some(value) => self.all(&numbers::cardinal(value)),
            None => self.each(digits),
        }
    }

    fn each(&mut self, digits: &str) {
        for name in digits.chars().filter_map(numbers::digit) {
            self.all(name);
        }
    }

    /// Digits inside a word ("A320"): hundreds whole, "three twenty", long ones digit by digit.
    fn inside(&mut self, digits: &str) {
        if digits.starts_with('0') || digits.len() > 3 {
            self.each(digits);
        } else if digits.len() == 3 && !digits.ends_with("00") {
            self.cardinal(&digits[..1]);
            if digits[1..].starts_with('0') {
                self.one("O", Some(-2.0));
                self.cardinal(&digits[2..]);
            } else {
                self.cardinal(&digits[1..]);
            }
        } else {
            self.cardinal(digits);
        }
    }

    /// Digits with several points, as in "2.10.3".
    fn dotted(&mut self, digits: &str) {
        for part in digits.split('.').filter(|part| !part.is_empty()) {
            if part.starts_with('0') || (part.len() != 2 && part[1..].bytes().any(|b| b != b'0')) {
                self.each(part);
            } else {
                self.cardinal(part);
            }
        }
    }

    /// Units and parts of a currency: "three dollars and forty cents".
    fn money(&mut self, digits: &str, names: [&str; 2]) {
        let mut parts: Vec<(&str, &str)> = digits.split('.').zip(names).collect();
        let is_zero = |digits: &str| digits.bytes().all(|b| b == b'0');
        if parts.len() > 1 {
            if is_zero(parts[1].0) {
                parts.truncate(1);
            } else if is_zero(parts[0].0) {
                parts.remove(0);
            }
        }
        for (at, (digits, unit)) in parts.into_iter().enumerate() {
            if at > 0 {
                self.one("and", None);
            }
            self.cardinal(if digits.is_empty() { "0" } else { digits });
            if digits.trim_start_matches('0') == "1" || unit == "pence" {
                self.one(unit, None);
            } else {
                self.out.extend(self.lexicon.plural(unit));
            }
        }
    }
}

impl Lexicon {
    /// The phonemes of a number, behind a currency `sign` if there is one; `head` says that it begins a word.
    pub(super) fn number(&self, word: &str, sign: Option<&str>, head: bool) -> Option<String> {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_lowercase() || c == '\'');
        let suffix = &word[bare.len()..];
        let mut words = Words { lexicon: self, out: Vec::new() };
        let (minus, bare) = bare.strip_prefix('-').map_or((false, bare), |bare| (true, bare));
        if minus {
            words.one("minus", None);
        }
        let digits = bare.replace(',', "");
        let ordinal = ORDINALS.contains(&suffix);
        let names = sign.and_then(currency);
        let value = numbers::value_of(&digits);
        if let (true, true, Some(value)) = (all_digits(bare), ordinal, value) {
            words.all(&numbers::ordinal(value));
        } else if let (false, 4, None, true, Some(year)) = (minus, bare.len(), names, all_digits(bare), value) {
            words.all(&numbers::year(year));
        } else if !head && !bare.contains('.') {
            words.inside(&digits);
        } else if !head || bare.matches('.').count() > 1 {
            words.dotted(&digits);
        } else if let (Some(names), true) = (names, bare.split_once('.').is_none_or(|(_, cents)| cents.len() < 3)) {
            words.money(&digits, names);
        } else if let (true, Some(value)) = (ordinal && !bare.contains('.'), value) {
            words.all(&numbers::ordinal(value));
        } else if let Some(fraction) = digits.strip_prefix('.') {
            words.all("point");
            words.each(fraction);
        } else if let Some(decimal) = numbers::decimal(&digits) {
            words.all(&decimal);
        } else {
            words.each(&digits);
        }
        if words.out.is_empty() {
            return None;
        }
        let said = words.out.join(" ");
        match suffix {
            "s" | "'s" => endings::add_s(&said),
            "ed" | "'d" => endings::add_ed(&said),
            "ing" => endings::add_ing(&said),
            _ => Some(said),
        }
    }
}
