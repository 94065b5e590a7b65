//! The package's dictionaries: written word → phonemes, for some words by part of speech.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// Phonemes of one word.
#[derive(Debug)]
pub(super) enum Entry {
    /// However it is used.
    Always(Box<str>),
    /// By tag, with one named `DEFAULT`; empty phonemes mean that it is spelt.
    ByTag(Box<[(String, String)]>),
}

impl Entry {
    /// The phonemes under exactly this tag, empty when it is spelt; none when the tag is not listed.
    pub(super) fn under(&self, tag: &str) -> Option<&str> {
        match self {
            Self::Always(_) => None,
            Self::ByTag(rows) => rows.iter().find(|(known, _)| known == tag).map(|(_, phonemes)| phonemes.as_str()),
        }
    }

    /// The phonemes when they do not depend on the tag, else those of the default.
    pub(super) fn plain(&self) -> Option<&str> {
        match self {
            Self::Always(phonemes) => Some(phonemes),
            Self::ByTag(_) => self.under("DEFAULT"),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("phonemes, or phonemes by tag")
            }
            fn visit_str<E>(self, phonemes: &str) -> Result<Entry, E> {
                Ok(Entry::Always(phonemes.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut rows = Vec::with_capacity(map.size_hint().unwrap_or(2));
                while let Some((tag, phonemes)) = map.next_entry::<String, Option<String>>()? {
                    rows.push((tag, phonemes.unwrap_or_default()));
                }
                Ok(Entry::ByTag(rows.into()))
            }
        }
        from.deserialize_any(Seen)
    }
}

/// One dictionary. A word listed only in lower case answers to its capitalised form too, and the other way round.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Entries(HashMap<Box<str>, Entry>);

impl Entries {
    pub(super) fn get(&self, word: &str) -> Option<&Entry> {
        if let Some(found) = self.0.get(word) {
            return Some(found);
        }
        word.chars().nth(1)?;
        let lower = word.to_lowercase();
        let capitalised = capitalised(&lower);
        if word == lower {
            self.0.get(capitalised.as_str())
        } else if word == capitalised {
            self.0.get(lower.as_str())
        } else {
            None
        }
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.get(word).is_some()
    }
}

fn capitalised(lower: &str) -> String {
    let mut rest = lower.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
