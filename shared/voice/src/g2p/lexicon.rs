//! How a word is pronounced: misaki's American dictionaries and rules (Apache-2.0, by hexgrad), to which the voice was
//! trained. A word that is not listed may be a listed one with an ending; see `endings`.

use unicode_normalization::UnicodeNormalization;

use super::entries::{Entries, Entry};
use super::stress::{self, PRIMARY, SECONDARY};
use crate::assets::{Assets, VoiceDataError};

/// Currency signs that stay in the text, and their unit and part.
const CURRENCIES: [(&str, [&str; 2]); 3] =
    [("$", ["dollar", "cent"]), ("£", ["pound", "pence"]), ("€", ["euro", "cent"])];
const SYMBOLS: [(&str, &str); 4] = [("%", "percent"), ("&", "and"), ("+", "plus"), ("@", "at")];

/// Unit and part of a currency sign.
pub(super) fn currency(sign: &str) -> Option<[&'static str; 2]> {
    CURRENCIES.iter().find(|(known, _)| *known == sign).map(|(_, words)| *words)
}

/// What is known of the words that follow.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    /// Whether the next sound is a vowel; none before a mark or at the end.
    pub(super) vowel: Option<bool>,
    /// Whether the next word is "to".
    pub(super) to: bool,
}

/// A word as the rules look at it.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) stress: Option<f32>,
    /// None for a word that does not stand in the text, such as one of a number.
    pub(super) ahead: Option<Ahead>,
}

impl<'a> Word<'a> {
    /// A word by itself.
    pub(super) fn alone(text: &'a str, stress: Option<f32>) -> Self {
        Self { text, tag: None, stress, ahead: None }
    }

    /// Another word in the same place.
    pub(super) fn with(self, text: &'a str) -> Self {
        Self { text, ..self }
    }
}

/// The dictionaries, loaded.
pub(super) struct Lexicon {
    checked: Entries,
    guessed: Entries,
}

impl Lexicon {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let (checked, guessed) = std::thread::scope(|scope| {
            let other = scope.spawn(|| assets.gz_json("lexicon_us_silver.json.gz"));
            (assets.gz_json("lexicon_us_gold.json.gz"), other.join())
        });
        let fault = |_| VoiceDataError::unusable("lexicon_us_silver.json.gz", "reading it stopped");
        Ok(Self { checked: checked?, guessed: guessed.map_err(fault)?? })
    }

    /// The phonemes of a word of the text, numbers included; none when it must be guessed.
    pub(super) fn said(&self, text: &str, tag: &str, ahead: Ahead, sign: Option<&str>, head: bool) -> Option<String> {
        let text: String = text.replace(['‘', '’'], "'").nfkc().collect();
        let stress = match &text {
            _ if text == text.to_lowercase() => None,
            _ if text == text.to_uppercase() => Some(2.0),
            _ => Some(0.5),
        };
        let word = Word { text: &text, tag: Some(tag), stress, ahead: Some(ahead) };
        if let Some(phonemes) = self.word(word) {
            let unit = sign.and_then(currency).and_then(|[unit, _]| self.plural(unit));
            return Some(unit.map_or(phonemes.clone(), |unit| format!("{phonemes} {unit}")));
        }
        super::figures::is_number(&text, head).then(|| self.number(&text, sign, head)).flatten()
    }

    /// A run of capitals, letter by letter, the stress on the last; none when a letter is not known.
    pub(super) fn spelt(&self, word: &str) -> Option<String> {
        let mut phonemes = String::new();
        for c in word.chars().filter(|c| c.is_alphabetic()) {
            phonemes.push_str(self.checked.get(&c.to_uppercase().to_string())?.plain()?);
        }
        let phonemes = stress::apply(&phonemes, Some(0.0));
        Some(match phonemes.rsplit_once(SECONDARY) {
            Some((head, last)) => format!("{head}{PRIMARY}{last}"),
            None => phonemes,
        })
    }

    /// Whether the rules can read it without taking it apart.
    pub(super) fn is_known(&self, word: &str) -> bool {
        if self.checked.has(word) || SYMBOLS.iter().any(|(symbol, _)| *symbol == word) || self.guessed.has(word) {
            return true;
        }
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic()) {
            return false;
        }
        let upper = |text: &str| text.chars().all(|c| c.is_ascii_uppercase());
        word.len() == 1 || (upper(word) && self.checked.has(&word.to_lowercase())) || upper(&word[1..])
    }

    /// A listed word; capitals that are not listed are a name, spelt if it has no stress of its own.
    pub(super) fn listed(&self, word: Word<'_>) -> Option<String> {
        let lowered = word.text == word.text.to_uppercase() && !self.checked.has(word.text);
        let name = lowered && word.tag == Some("NNP");
        let text = if lowered { word.text.to_lowercase() } else { word.text.to_owned() };
        let mut entry = self.checked.get(&text);
        if entry.is_none() && !name {
            entry = self.guessed.get(&text);
        }
        let phonemes = entry.and_then(|entry| by_tag(entry, word.tag, word.ahead));
        match phonemes {
            Some(phonemes) if !name || phonemes.contains(PRIMARY) => Some(stress::apply(phonemes, word.stress)),
            _ => self.spelt(&text),
        }
    }

    /// Words whose sound hangs on their use: articles, prepositions, symbols, dotted letters.
    fn special(&self, word: Word<'_>) -> Option<String> {
        let (text, tag, ahead) = (word.text, word.tag.unwrap_or_default(), word.ahead.unwrap_or_default());
        if tag == "ADD" && (text == "." || text == "/") {
            let name = if text == "." { "dot" } else { "slash" };
            return self.listed(Word { tag: None, stress: Some(-0.5), ..word.with(name) });
        }
        if let Some((_, name)) = SYMBOLS.iter().find(|(symbol, _)| *symbol == text) {
            return self.listed(Word { tag: None, stress: None, ..word.with(name) });
        }
        if is_dotted(text) {
            return self.spelt(text);
        }
        let fixed = |phonemes: &str| Some(phonemes.to_owned());
        let plain = |text: &str| self.checked.get(text).and_then(Entry::plain).map(str::to_owned);
        match text {
            "a" | "A" => fixed(if tag == "DT" { "ɐ" } else { "ˈA" }),
            "am" | "Am" | "AM" | "AN" if tag.starts_with("NN") => self.spelt(text),
            "am" if ahead.vowel.is_some() && word.stress.is_none_or(|level| level <= 0.0) => fixed("ɐm"),
            "am" | "Am" | "AM" => plain("am"),
            "an" | "An" | "AN" => fixed("ɐn"),
            "I" if tag == "PRP" => fixed("ˌI"),
            "by" | "By" | "BY" if parent(tag) == "ADV" => fixed("bˈI"),
            "to" | "To" => to_before(ahead).or_else(|| plain("to")),
            "TO" if ["TO", "IN"].contains(&tag) => to_before(ahead).or_else(|| plain("to")),
            "in" | "In" => fixed(if ahead.vowel.is_none() || tag != "IN" { "ˈɪn" } else { "ɪn" }),
            "IN" if tag != "NNP" => fixed(if ahead.vowel.is_none() || tag != "IN" { "ˈɪn" } else { "ɪn" }),
            "the" | "The" => fixed(if ahead.vowel == Some(true) { "ði" } else { "ðə" }),
            "THE" if tag == "DT" => fixed(if ahead.vowel == Some(true) { "ði" } else { "ðə" }),
            "used" | "Used" | "USED" => {
                let habit = ["VBD", "JJ"].contains(&tag) && ahead.to;
                let entry = self.checked.get("used")?;
                entry.under(if habit { "VBD" } else { "DEFAULT" }).map(str::to_owned)
            }
            _ if tag == "IN" && ["vs", "vs."].contains(&text.to_lowercase().as_str()) => {
                self.listed(Word { tag: None, stress: None, ..word.with("versus") })
            }
            _ => None,
        }
    }

    /// A word by every rule but those for numbers.
    fn word(&self, word: Word<'_>) -> Option<String> {
        if let Some(phonemes) = self.special(word) {
            return Some(phonemes);
        }
        let lower = word.text.to_lowercase();
        let word = if self.is_shouted(word, &lower) { word.with(&lower) } else { word };
        let text = word.text;
        if self.is_known(text) {
            return self.listed(word);
        }
        if let Some(stem) = text.strip_suffix("s'") {
            let owner = format!("{stem}'s");
            if self.is_known(&owner) {
                return self.listed(word.with(&owner));
            }
        }
        if let Some(stem) = text.strip_suffix('\'')
            && self.is_known(stem)
        {
            return self.listed(word.with(stem));
        }
        self.with_s(word).or_else(|| self.with_ed(word)).or_else(|| {
            let stress = word.stress.or(Some(0.5));
            self.with_ing(Word { stress, ..word })
        })
    }

    /// Whether a word in capitals, or with one in front, is the ordinary word in lower case.
    fn is_shouted(&self, word: Word<'_>, lower: &str) -> bool {
        let (text, count) = (word.text, word.text.chars().count());
        let letters = text.chars().any(|c| c != '\'') && text.chars().all(|c| c == '\'' || c.is_alphabetic());
        let tail: String = text.chars().skip(1).collect();
        count > 1
            && letters
            && text != lower
            && (word.tag != Some("NNP") || count > 7)
            && !self.checked.has(text)
            && !self.guessed.has(text)
            && (text == text.to_uppercase() || tail == tail.to_lowercase())
            && (self.checked.has(lower)
                || self.guessed.has(lower)
                || self.with_s(word.with(lower)).is_some()
                || self.with_ed(word.with(lower)).is_some()
                || self.with_ing(word.with(lower)).is_some())
    }
}

fn by_tag<'a>(entry: Entry<'a>, tag: Option<&str>, ahead: Option<Ahead>) -> Option<&'a str> {
    if let Entry::Always(phonemes) = entry {
        return Some(phonemes);
    }
    let at_end = ahead.is_some_and(|ahead| ahead.vowel.is_none()).then(|| entry.under("None")).flatten();
    let tag = tag.unwrap_or_default();
    let phonemes = at_end.or_else(|| entry.under(tag)).or_else(|| entry.under(parent(tag))).or_else(|| entry.plain());
    phonemes.filter(|phonemes| !phonemes.is_empty())
}

/// The class that a tag belongs to, as the dictionaries name it.
fn parent(tag: &str) -> &str {
    let starts = |heads: &[&str]| heads.iter().any(|head| tag.starts_with(head));
    if starts(&["VB"]) {
        "VERB"
    } else if starts(&["NN"]) {
        "NOUN"
    } else if starts(&["ADV", "RB"]) {
        "ADV"
    } else if starts(&["ADJ", "JJ"]) {
        "ADJ"
    } else {
        tag
    }
}

/// The sound of "to" by what follows; none before a pause.
fn to_before(ahead: Ahead) -> Option<String> {
    ahead.vowel.map(|is_vowel| if is_vowel { "tʊ" } else { "tə" }.to_owned())
}

/// "U.S", "a.m.": letters with dots between them, at most two in a row.
fn is_dotted(text: &str) -> bool {
    text.trim_matches('.').contains('.')
        && text.chars().all(|c| c == '.' || c.is_alphabetic())
        && text.split('.').all(|part| part.chars().count() < 3)
}
