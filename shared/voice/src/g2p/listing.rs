//! Words and what is known of them, as a file lists them: a hundred thousand rows that are read at every start and of
//! which a film asks for some hundred. So there is no allocation and no hash a row: the words stand one after another in
//! one text, in order, and are found by halving.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// Words, each with a value.
pub(super) struct Listing<V> {
    text: String,
    rows: Vec<Row<V>>,
}

struct Row<V> {
    start: u32,
    end: u32,
    value: V,
}

impl<V> Listing<V> {
    /// Lists words; of a word that comes twice, any of its values is found.
    pub(super) fn of<'a>(words: impl Iterator<Item = (Text<'a>, V)>) -> Self {
        let (mut text, mut rows) = (String::new(), Vec::with_capacity(words.size_hint().0));
        for (word, value) in words {
            let start = text.len() as u32;
            text.push_str(&word.0);
            rows.push(Row { start, end: text.len() as u32, value });
        }
        // The files are in order already, so that this looks at every row once.
        rows.sort_by(|one: &Row<V>, other| word(&text, one).cmp(word(&text, other)));
        Self { text, rows }
    }

    /// A word's value.
    pub(super) fn get(&self, wanted: &str) -> Option<&V> {
        let at = self.rows.binary_search_by(|row| word(&self.text, row).cmp(wanted)).ok()?;
        Some(&self.rows[at].value)
    }
}

fn word<'a, V>(text: &'a str, row: &Row<V>) -> &'a str {
    &text[row.start as usize..row.end as usize]
}

/// A text of a file that is being read, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A JSON object as it stands in a file: keys and values in its order.
pub(super) struct Pairs<'a, V>(pub(super) Vec<(Text<'a>, V)>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seen<'a, V>(PhantomData<(&'a (), V)>);
        impl<'de: 'a, 'a, V: Deserialize<'de>> Visitor<'de> for Seen<'a, V> {
            type Value = Pairs<'a, V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'a, V>, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(4));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Seen(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_order_they_came_in() {
        let file = r#"{"zinc": 1, "a": 2, "\"": 3, "naïve": 4, "": 5}"#;
        let listing = Listing::of(serde_json::from_str::<Pairs<'_, u32>>(file).unwrap().0.into_iter());
        let found = ["a", "\"", "naïve", "", "zinc", "zin", "b"].map(|word| listing.get(word).copied());
        assert_eq!(found, [Some(2), Some(3), Some(4), Some(5), Some(1), None, None]);
    }
}
