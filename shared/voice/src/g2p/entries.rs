//! The package's dictionaries: written word → phonemes, for some words by part of speech.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::listing::{Listing, Pairs, Text};

/// Phonemes of one word.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'a> {
    /// However it is used.
    Always(&'a str),
    /// By tag, with one named `DEFAULT`; empty phonemes mean that it is spelt.
    ByTag(&'a [(String, String)]),
}

impl<'a> Entry<'a> {
    /// The phonemes under exactly this tag, empty when it is spelt; none when the tag is not listed.
    pub(super) fn under(self, tag: &str) -> Option<&'a str> {
        match self {
            Self::Always(_) => None,
            Self::ByTag(rows) => rows.iter().find(|(known, _)| known == tag).map(|(_, phonemes)| phonemes.as_str()),
        }
    }

    /// The phonemes when they do not depend on the tag, else those of the default.
    pub(super) fn plain(self) -> Option<&'a str> {
        match self {
            Self::Always(phonemes) => Some(phonemes),
            Self::ByTag(_) => self.under("DEFAULT"),
        }
    }
}

/// Phonemes as a file has them.
enum Packed<'a> {
    Always(Text<'a>),
    ByTag(Box<[(String, String)]>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Packed<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Packed<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("phonemes, or phonemes by tag")
            }
            fn visit_borrowed_str<E>(self, phonemes: &'de str) -> Result<Packed<'de>, E> {
                Ok(Packed::Always(Text(phonemes.into())))
            }
            fn visit_str<E>(self, phonemes: &str) -> Result<Packed<'de>, E> {
                Ok(Packed::Always(Text(phonemes.to_owned().into())))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Packed<'de>, A::Error> {
                let mut rows = Vec::with_capacity(map.size_hint().unwrap_or(2));
                while let Some((tag, phonemes)) = map.next_entry::<String, Option<String>>()? {
                    rows.push((tag, phonemes.unwrap_or_default()));
                }
                Ok(Packed::ByTag(rows.into()))
            }
        }
        from.deserialize_any(Seen)
    }
}

/// What is known of a word: where its phonemes lie in the text of all, or phonemes by tag.
enum Said {
    Always(Range<u32>),
    ByTag(Box<[(String, String)]>),
}

/// One dictionary. A word listed only in lower case answers to its capitalised form too, and the other way round.
pub(super) struct Entries {
    words: Listing<Said>,
    phonemes: String,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (Pairs(rows), mut phonemes) = (Pairs::<'de, Packed<'de>>::deserialize(from)?, String::new());
        let words = Listing::of(rows.into_iter().map(|(word, packed)| {
            let said = match packed {
                Packed::ByTag(rows) => Said::ByTag(rows),
                Packed::Always(text) => {
                    let start = phonemes.len() as u32;
                    phonemes.push_str(&text.0);
                    Said::Always(start..phonemes.len() as u32)
                }
            };
            (word, said)
        }));
        Ok(Self { words, phonemes })
    }
}

impl Entries {
    pub(super) fn get(&self, word: &str) -> Option<Entry<'_>> {
        if let Some(found) = self.exactly(word) {
            return Some(found);
        }
        word.chars().nth(1)?;
        let lower = word.to_lowercase();
        let capitalised = capitalised(&lower);
        if word == lower {
            self.exactly(&capitalised)
        } else if word == capitalised {
            self.exactly(&lower)
        } else {
            None
        }
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.get(word).is_some()
    }

    fn exactly(&self, word: &str) -> Option<Entry<'_>> {
        Some(match self.words.get(word)? {
            Said::Always(at) => Entry::Always(&self.phonemes[at.start as usize..at.end as usize]),
            Said::ByTag(rows) => Entry::ByTag(rows),
        })
    }
}

fn capitalised(lower: &str) -> String {
    let mut rest = lower.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
