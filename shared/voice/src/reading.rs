//! How written finance English is said: one spoken form for every token of a text.
//!
//! The voice's own reader copes with plain numbers, years, dates and many abbreviations. Here is rewritten only what it
//! misreads: ranges, minus signs, unit suffixes, money with a scale word in the next token, quarters, acronyms glued to
//! words. A token never moves: its spoken form may be several words, and their time is the token's time.

mod amounts;
mod compounds;
mod periods;
mod sentences;
mod words;

use std::collections::BTreeMap;

use self::sentences::{Parts, is_dotted, parts};

pub use self::sentences::sentence_ends;

/// Written forms and how they are said: the house's own, and a channel's.
#[derive(Clone, Debug)]
pub struct Table(BTreeMap<String, String>);

/// What the token in front left to do.
#[derive(Default)]
struct Left {
    /// A scale word is due: the token in front is a number that counts on it.
    scale: bool,
    /// The currency that the scale word must bring.
    owed: Option<String>,
    /// The token in front is this number.
    number: Option<String>,
}

impl Table {
    /// The house's table with `pronounce` over it. `spell` gives the phonemes of an acronym ("WTI"): spaced letters get
    /// the stress of one word by it.
    pub fn new(pronounce: &BTreeMap<String, String>, spell: impl Fn(&str) -> Option<String>) -> Self {
        let house = words::WORDS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let channel = pronounce.iter().map(|(key, value)| (parts(key).core.to_owned(), value.clone()));
        let mut table: BTreeMap<String, String> = house.chain(channel).collect();
        for value in table.values_mut().filter(|value| is_letters(value)) {
            if let Some(phonemes) = spell(&value.replace(' ', "")) {
                *value = format!("/{phonemes}/");
            }
        }
        Self(table)
    }

    /// One spoken string for each token: words, or phonemes in `[word](/phonemes/)`.
    pub fn spoken(&self, tokens: &[&str]) -> Vec<String> {
        let clean: Vec<String> = tokens.iter().map(|token| token.replace(|c: char| c < ' ', "")).collect();
        let edges: Vec<Parts<'_>> = clean.iter().map(|token| parts(token)).collect();
        let ends = sentence_ends(tokens);
        let (mut out, mut left) = (Vec::with_capacity(tokens.len()), Left::default());
        for (at, edge) in edges.iter().enumerate() {
            let next = edges.get(at + 1).filter(|next| edge.trail.is_empty() && next.lead.is_empty());
            let before = at.checked_sub(1).map(|at| edges[at]).filter(|before| before.trail.is_empty());
            let Parts { mut lead, core, mut trail } = *edge;
            let mut now = Left::default();
            let mut value = None;
            if let Some(short) = core.strip_prefix('’').and_then(short_year) {
                value = Some(short);
            } else if let (Some(before), Some(short)) = (lead.strip_suffix(['\'', '‘']), short_year(core)) {
                value = Some(short);
                lead = before;
            } else if core == "−" && left.number.is_none() && next.is_some_and(|next| is_amount(next.core)) {
                value = Some("minus".into());
            }
            let value = value
                .or_else(|| behind_number(core, &left, edges.get(at + 1).map_or("", |next| next.core)))
                .or_else(|| self.respelled(core))
                .or_else(|| self.read(core, before, next, &mut now))
                // Brackets of the text are not the reader's links.
                .unwrap_or_else(|| unbracketed(core));
            if trail.starts_with('.') && !ends[at] && (is_dotted(core) || self.0.contains_key(core)) {
                // The dot belongs to the abbreviation.
                trail = &trail[1..];
            }
            out.push(format!("{}{value}{}", unbracketed(lead), unbracketed(trail)));
            left = if edge.trail.is_empty() { now } else { Left::default() };
        }
        out
    }

    /// The rules for what no table lists.
    fn read(&self, core: &str, before: Option<Parts<'_>>, next: Option<&Parts<'_>>, now: &mut Left) -> Option<String> {
        let next = next.map_or("", |next| next.core);
        let before = before.map_or("", |before| before.core);
        let scale = |money: bool| amounts::scale_word(next, money).is_some();
        if let Some(said) = amounts::said(core, scale) {
            now.scale = scale(said.owed.is_some());
            now.owed = said.owed;
            now.number = core.ends_with(|c: char| c.is_ascii_digit()).then(|| core.to_owned());
            if before.ends_with(|c: char| c.is_ascii_digit()) && ["one half", "1/2"].contains(&said.words.as_str()) {
                return Some("and a half".into());
            }
            return Some(said.words);
        }
        periods::said(core, &before.to_lowercase(), next).or_else(|| {
            compounds::said(core, before).map(|words| {
                let words: Vec<String> =
                    words.split(' ').map(|word| self.respelled(word).unwrap_or_else(|| word.to_owned())).collect();
                words.join(" ")
            })
        })
    }

    /// A token, its possessive or its hyphenated parts from the table.
    fn respelled(&self, core: &str) -> Option<String> {
        if let Some(value) = self.0.get(core) {
            return Some(entry(core, value));
        }
        if let Some(stem) = core.strip_suffix("'s").or_else(|| core.strip_suffix("’s"))
            && let Some(value) = self.0.get(stem)
        {
            return Some(entry(stem, &possessive(value)));
        }
        let parts: Vec<&str> = core.split('-').collect();
        let known = |part: &&str| !part.is_empty() && self.0.contains_key(*part);
        if parts.len() < 2 || !parts.iter().any(known) {
            return None;
        }
        let said = parts.iter().map(|part| self.0.get(*part).map_or((*part).to_owned(), |value| entry(part, value)));
        Some(said.collect::<Vec<_>>().join(" "))
    }
}

/// A scale, unit or sign that stands by itself behind a number: "1.3 tn", "−0.4 %", "25 bp".
fn behind_number(core: &str, left: &Left, next: &str) -> Option<String> {
    if left.scale {
        let word = amounts::scale_word(core, true)?;
        let rest = core.strip_prefix(word).unwrap_or_default();
        let currency = ["dollar", "euro", "pound", "yen"].iter().any(|name| next.starts_with(name));
        return Some(match &left.owed {
            Some(sign) if rest.is_empty() && !currency => format!("{word} {}", amounts::plural(sign)),
            _ => format!("{word}{rest}"),
        });
    }
    let number = left.number.as_deref()?;
    let one = number.trim_start_matches(['+', '-', '−', '–']) == "1";
    Some(match core {
        "%" => "percent".into(),
        "bp" | "bps" => format!("basis point{}", if one { "" } else { "s" }),
        "pp" | "ppt" | "ppts" => format!("percentage point{}", if one { "" } else { "s" }),
        _ => return None,
    })
}

fn is_amount(core: &str) -> bool {
    core.trim_start_matches(['$', '€', '£', '¥']).starts_with(|c: char| c.is_ascii_digit())
}

/// A year behind an apostrophe: `08` → `oh 8`, `90s` → `90s`.
fn short_year(core: &str) -> Option<String> {
    let plural = if core.ends_with('s') { "s" } else { "" };
    let digits = core.strip_suffix('s').unwrap_or(core);
    if digits.len() != 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match digits.strip_prefix('0') {
        Some(digit) => format!("oh {digit}{plural}"),
        None => format!("{digits}{plural}"),
    })
}

fn unbracketed(text: &str) -> String {
    text.replace(['[', '{'], "(").replace([']', '}'], ")")
}

/// "W T I".
fn is_letters(value: &str) -> bool {
    value.len() > 2
        && value.split(' ').all(|letter| letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_uppercase()))
}

fn is_phonemes(value: &str) -> bool {
    value.chars().count() > 2 && value.starts_with('/') && value.ends_with('/')
}

/// A table's value as spoken text; phonemes become the reader's `[word](/phonemes/)`.
fn entry(key: &str, value: &str) -> String {
    if !is_phonemes(value) {
        return value.to_owned();
    }
    let word: String = key.chars().filter(char::is_ascii_alphabetic).collect();
    format!("[{}]({})", if word.is_empty() { "word" } else { &word }, value.replace(' ', ""))
}

/// The 's of a table's value; phonemes take the sound that their last one asks for.
fn possessive(value: &str) -> String {
    if !is_phonemes(value) {
        return format!("{value}'s");
    }
    let stem = &value[..value.len() - 1];
    let end = match stem.chars().next_back() {
        Some('s' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ') => "ᵻz",
        Some('p' | 't' | 'k' | 'f' | 'θ') => "s",
        _ => "z",
    };
    format!("{stem}{end}/")
}
