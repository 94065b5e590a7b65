//! Part of speech of each word: an averaged perceptron with the package's weights (Penn Treebank tags).

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;

use super::listing::{Listing, Pairs, Text};
use crate::assets::{Assets, VoiceDataError};

const FILE: &str = "tagger.json.gz";
const BEFORE: [&str; 2] = ["-START2-", "-START-"];
const AFTER: [&str; 2] = ["-END-", "-END2-"];

/// The file as packed.
#[derive(Deserialize)]
struct Packed<'a> {
    tags: Vec<String>,
    #[serde(borrow)]
    tagdict: Pairs<'a, Text<'a>>,
    #[serde(borrow)]
    vocab: Vec<Text<'a>>,
    #[serde(borrow)]
    weights: Pairs<'a, Pairs<'a, f64>>,
}

/// The tagger, loaded.
pub(super) struct Tagger {
    /// Ascending, so that a tie goes to the last.
    tags: Vec<String>,
    /// Words that nearly always have the same tag.
    fixed: Listing<usize>,
    known: Listing<()>,
    /// Feature → where its leanings lie.
    features: Listing<Range<u32>>,
    /// Of each feature, the weight, in tenths, of each tag that it speaks for or against.
    leanings: Vec<(u8, i16)>,
}

impl Tagger {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let text = assets.gz(FILE)?;
        let Packed { mut tags, tagdict, vocab, weights } =
            serde_json::from_slice(&text).map_err(|error| VoiceDataError::unusable(FILE, error))?;
        tags.sort_unstable();
        let number: HashMap<&str, usize> = tags.iter().enumerate().map(|(at, tag)| (tag.as_str(), at)).collect();
        let of = |tag: &str| {
            number.get(tag).copied().ok_or_else(|| VoiceDataError::unusable(FILE, format!("no such tag: {tag}")))
        };
        let fixed = tagdict.0.into_iter().map(|(word, tag)| Ok((word, of(&tag.0)?))).collect::<Result<Vec<_>, _>>()?;
        let (mut leanings, mut features) = (Vec::new(), Vec::with_capacity(weights.0.len()));
        for (feature, by_tag) in weights.0 {
            let start = leanings.len() as u32;
            for (tag, weight) in by_tag.0 {
                leanings.push((of(&tag.0)? as u8, (weight * 10.0).round() as i16));
            }
            features.push((feature, start..leanings.len() as u32));
        }
        let (fixed, features) = (Listing::of(fixed.into_iter()), Listing::of(features.into_iter()));
        let known = Listing::of(vocab.into_iter().map(|word| (word, ())));
        drop(number);
        Ok(Self { tags, fixed, known, features, leanings })
    }

    /// The leanings of a feature; none of one that the tagger never saw.
    fn leanings(&self, feature: &str) -> Option<&[(u8, i16)]> {
        let at = self.features.get(feature)?;
        Some(&self.leanings[at.start as usize..at.end as usize])
    }

    /// One tag for each word; no word is empty.
    pub(super) fn tags(&self, words: &[String]) -> Vec<&str> {
        let middle = words.iter().map(|word| self.seen_as(word));
        let context: Vec<String> =
            BEFORE.map(str::to_owned).into_iter().chain(middle).chain(AFTER.map(str::to_owned)).collect();
        let (mut previous, mut before) = (BEFORE[1], BEFORE[0]);
        let mut out = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let tag = match self.fixed.get(word) {
                Some(tag) => &self.tags[*tag],
                None => self.predicted(&features(at, word, &context, previous, before)),
            };
            out.push(tag);
            (before, previous) = (previous, tag);
        }
        out
    }

    /// How the tagger sees a word: its lower case, its class, or its shape when it is rare.
    fn seen_as(&self, word: &str) -> String {
        let class = class_of(word);
        if self.known.get(&class).is_some() { class } else { format!("<{}>", shape(word)) }
    }

    fn predicted(&self, features: &[String]) -> &str {
        // Added as the package adds them, in double precision and in this order, so that near ties fall alike.
        let mut scores = vec![0.0_f64; self.tags.len()];
        let mut any = false;
        for row in features.iter().filter_map(|feature| self.leanings(feature)) {
            for (tag, weight) in row {
                any = true;
                scores[usize::from(*tag)] += f64::from(*weight) / 10.0;
            }
        }
        if !any {
            return "NN";
        }
        let mut best = 0;
        for (tag, score) in scores.iter().enumerate() {
            if *score >= scores[best] {
                best = tag;
            }
        }
        &self.tags[best]
    }
}

fn is_number(word: &str) -> bool {
    word.chars().all(char::is_numeric)
}

fn class_of(word: &str) -> String {
    if !word.starts_with('-') && word.contains('-') {
        "!HYPHEN".into()
    } else if is_number(word) && word.chars().count() == 4 {
        "!YEAR".into()
    } else if word.starts_with(char::is_numeric) {
        "!DIGITS".into()
    } else {
        word.to_lowercase()
    }
}

fn shape(word: &str) -> String {
    let upper = |c: char| c.is_uppercase();
    if word.chars().all(char::is_alphabetic) {
        let mut rest = word.chars();
        let first = rest.next().is_some_and(upper);
        let shape = if word.chars().all(char::is_lowercase) {
            "x"
        } else if word.chars().all(upper) {
            if word.chars().count() > 1 { "XX" } else { "X1" }
        } else if first && rest.all(char::is_lowercase) {
            "Xx"
        } else {
            "xX"
        };
        return shape.into();
    }
    if is_number(word) {
        return "d".into();
    }
    let class = |c: char| match c {
        c if c.is_numeric() => 'd',
        c if c.is_alphabetic() => 'x',
        c => c,
    };
    word.chars().take(4).map(class).collect()
}

fn last_three(word: &str) -> &str {
    let at = word.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    &word[at..]
}

/// Names of what is true of a word in its surroundings; `context` has two words before the first.
fn features(at: usize, word: &str, context: &[String], previous: &str, before: &str) -> Vec<String> {
    let seen = |offset: usize| &context[at + offset];
    let first: String = word.chars().take(1).collect();
    vec![
        "b".into(),
        format!("s3={}", last_three(word)),
        format!("p1={first}"),
        format!("w={}", seen(2)),
        format!("sh={}", shape(word)),
        if at == 0 { "i0".into() } else { "i+".into() },
        format!("t-1={previous}"),
        format!("t-2={before}"),
        format!("t-12={previous},{before}"),
        format!("w-1={}", seen(1)),
        format!("s3-1={}", last_three(seen(1))),
        format!("w-2={}", seen(0)),
        format!("w+1={}", seen(3)),
        format!("s3+1={}", last_three(seen(3))),
        format!("w+2={}", seen(4)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_classes() {
        let shapes: Vec<String> = ["gold", "Gold", "GOLD", "A", "eBay", "2026", "U.S", "5th"].map(shape).into();
        assert_eq!(shapes, ["x", "Xx", "XX", "X1", "xX", "d", "x.x", "dxx"]);
        let classes: Vec<String> = ["10-year", "-", "2026", "5th", "Gold"].map(class_of).into();
        assert_eq!(classes, ["!HYPHEN", "-", "!YEAR", "!DIGITS", "gold"]);
        assert_eq!(last_three("naïve"), "ïve");
    }
}
