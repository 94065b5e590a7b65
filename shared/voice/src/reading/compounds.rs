//! Words with hyphens, slashes or digits in them, Roman numerals, and addresses of the web.

use std::sync::LazyLock;

use regex::Regex;

struct Patterns {
    /// `2s10s`: the spread between two maturities.
    spread: Regex,
    /// `mid-2026`, `COVID-19`, `U-6`.
    numbered: Regex,
    /// `and/or`, `US/China`.
    slashed: Regex,
    roman: Regex,
    address: Regex,
    acronym: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        spread: Regex::new(r"^(\d{1,2})s[-/]?(\d{1,2})s$").ok()?,
        numbered: Regex::new(r"^([A-Za-z]+)-(\d+s?)((?:-[A-Za-z]+)*)$").ok()?,
        slashed: Regex::new(r"^[A-Za-z][A-Za-z&’'-]+(?:/[A-Za-z][A-Za-z&’'-]+)+$").ok()?,
        roman: Regex::new(r"^(?:X{0,2})(?:IX|IV|V?I{0,3})$").ok()?,
        address: Regex::new(r"(?i)^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(:\d+)?(/[^?#]*)?([?#].*)?$").ok()?,
        acronym: Regex::new(r"^[A-Z]{2,}-[A-Z]{1,2}$").ok()?,
    })
});

const DOMAINS: [&str; 14] =
    ["com", "org", "net", "edu", "gov", "io", "uk", "eu", "de", "int", "info", "us", "ai", "dev"];
/// Parts of addresses that are letters although they have a vowel.
const SPELT: [&str; 9] = ["bea", "eia", "iea", "imf", "ecb", "oecd", "bis", "ons", "uk"];
/// Roman numerals that are also a word, a letter or another acronym.
const NO_NUMERALS: [&str; 4] = ["", "I", "V", "X"];
/// Names whose numeral is an ordinal; the voice's own rules know them.
const RULERS: [&str; 12] = [
    "Pope",
    "King",
    "Queen",
    "Henry",
    "Louis",
    "Edward",
    "George",
    "William",
    "Charles",
    "James",
    "Elizabeth",
    "Napoleon",
];

/// The words of a compound; `before` is the word in front.
pub(super) fn said(core: &str, before: &str) -> Option<String> {
    let patterns = PATTERNS.as_ref()?;
    if let Some(found) = patterns.spread.captures(core) {
        return Some(format!("{} {}", many(&found[1]), many(&found[2])));
    }
    if let Some(found) = patterns.numbered.captures(core) {
        return Some(format!("{} {}{}", &found[1], &found[2], found[3].replace('-', " ")));
    }
    if patterns.acronym.is_match(core) {
        return Some(core.replace('-', " "));
    }
    if patterns.slashed.is_match(core) && core.chars().count() > 4 {
        return Some(core.replace('/', " "));
    }
    let capitalised = before.chars().next().is_some_and(char::is_uppercase) && before.chars().any(char::is_lowercase);
    if capitalised && !RULERS.contains(&before) && !NO_NUMERALS.contains(&core) && patterns.roman.is_match(core) {
        return Some(value(core).to_string());
    }
    if let Some(found) = patterns.address.captures(core) {
        let host = found[1].to_lowercase();
        let with_scheme = core.to_lowercase().starts_with("http");
        if with_scheme || host.rsplit('.').next().is_some_and(|domain| DOMAINS.contains(&domain)) {
            return Some(address(&host, found.get(3).map_or("", |path| path.as_str())));
        }
    }
    let parts: Vec<&str> = core.split('-').collect();
    let is_acronym = |part: &&str| part.len() > 1 && part.chars().all(char::is_uppercase);
    let is_word = |part: &&str| part.chars().any(char::is_lowercase) && !part.chars().any(char::is_uppercase);
    // "US-based" would be read as one unknown word.
    (parts.len() > 1 && parts.iter().any(is_acronym) && parts.iter().any(is_word)).then(|| parts.join(" "))
}

/// A small number in the plural: "twos", "tens".
fn many(digits: &str) -> String {
    let words = crate::g2p::cardinal(digits.parse().unwrap_or(0));
    match words.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if words.ends_with("six") => format!("{words}es"),
        None => format!("{words}s"),
    }
}

fn value(numeral: &str) -> u32 {
    let one = |c| match c {
        'I' => 1,
        'V' => 5,
        _ => 10,
    };
    let mut back = 0;
    numeral.chars().rev().map(one).fold(0, |total, value| {
        let sum = if value < back { total - value } else { total + value };
        back = value;
        sum
    })
}

/// "bls dot gov slash cpi": without `www`, and no further than the path.
fn address(host: &str, path: &str) -> String {
    let labels: Vec<String> = host.strip_prefix("www.").unwrap_or(host).split('.').map(label).collect();
    let mut out = labels.join(" dot ");
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = part.replace(['-', '_', '%', '~', '='], " ").replace('.', " dot ");
        let words: Vec<String> = part.split(' ').map(label).collect();
        out = format!("{out} slash {}", words.join(" "));
    }
    out
}

/// A part of an address: letters when no one could say it as a word.
fn label(text: &str) -> String {
    if text == "stlouisfed" {
        return "Saint Louis Fed".into();
    }
    let no_vowel = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() && !"aeiouyAEIOUY".contains(c));
    if no_vowel || SPELT.contains(&text) { text.to_uppercase() } else { text.to_owned() }
}
