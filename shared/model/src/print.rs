//! Prints of episodes: what one looks and sounds like, small enough to be carried in an order and compared.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::TopicId;
use crate::scenes::Scenes;
use crate::script::Script;
use crate::text::{Cite, Part, RichText};
use crate::visual::Visual;

/// Words in a shingle.
const SHINGLE: usize = 4;
/// Words of a sentence that a listener hears as its opening.
const OPENING: usize = 3;

/// The print of an episode. Citations are replaced by their kind, so that a sentence about gold and the same sentence
/// about oil are one sentence. Sources and thanks on an end card are the same by law and are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpisodePrint {
    /// Its topic.
    pub topic_id: TopicId,
    /// Titles, the preferred one first.
    pub titles: Vec<String>,
    /// How sentences begin, in order.
    pub openings: Vec<String>,
    /// Hash of each sentence, in order.
    pub sentences: Vec<u32>,
    /// Hashes of every four words in a row, sorted.
    pub shingles: Vec<u32>,
    /// Sentence plans, in order.
    pub plans: Vec<String>,
    /// Role and kind of picture of each scene, in order.
    pub structure: Vec<String>,
    /// Design and words of each thumbnail.
    pub thumbnails: Vec<String>,
}

/// How much an episode is like another, by part, each 0–1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// Share of its sentences that the other says too.
    pub sentences: f64,
    /// Share of its four-word phrases that the other has too.
    pub phrases: f64,
    /// Share of its openings that the other has too.
    pub openings: f64,
    /// Share of its titles that the other has too.
    pub titles: f64,
    /// Longest common order of scenes: twice its length over the sum of both.
    pub structure: f64,
    /// Share of its thumbnails that the other has too.
    pub visuals: f64,
}

/// The print of an episode.
pub fn of(topic_id: &TopicId, scenes: &Scenes, script: &Script) -> EpisodePrint {
    let is_end = |id| scenes.scenes.iter().any(|s| s.scene_id == id && matches!(s.visual, Visual::End { .. }));
    let told = script.scenes.iter().filter(|scene| !is_end(scene.scene_id.clone()));
    let sentences: Vec<_> = told.flat_map(|scene| &scene.narration).collect();
    let words: Vec<Vec<String>> = sentences.iter().map(|sentence| words(&sentence.text)).collect();
    let shingles: BTreeSet<u32> =
        words.iter().flat_map(|words| words.windows(SHINGLE)).map(|shingle| hash(&shingle.join(" "))).collect();
    EpisodePrint {
        topic_id: topic_id.clone(),
        titles: script.titles.iter().map(normal).collect(),
        openings: words.iter().map(|words| words.iter().take(OPENING).cloned().collect::<Vec<_>>().join(" ")).collect(),
        sentences: words.iter().map(|words| hash(&words.join(" "))).collect(),
        shingles: shingles.into_iter().collect(),
        plans: sentences.iter().map(|sentence| sentence.plan.clone()).collect(),
        structure: scenes.scenes.iter().map(|s| format!("{:?} {}", s.narrative_role, s.visual.kind())).collect(),
        thumbnails: script.thumbnails.iter().map(|t| format!("{:?} {}", t.design, normal(&t.words))).collect(),
    }
}

/// Lower-case words; a citation is a word for its kind.
fn words(text: &RichText) -> Vec<String> {
    let mut out = Vec::new();
    for span in &text.0 {
        let kind = match &span.cite {
            None => {
                let split = span.text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
                out.extend(split.filter(|word| !word.is_empty()).map(str::to_lowercase));
                continue;
            }
            Some(Cite::Fact { part: Part::Value, .. }) => "<value>",
            Some(Cite::Fact { .. }) => "<date>",
            Some(Cite::Series { .. }) => "<name>",
            Some(Cite::Source { .. }) => "<source>",
            Some(Cite::Channel) => "<channel>",
        };
        out.push(kind.to_owned());
    }
    out
}

/// A text with its citations replaced by their kinds.
pub fn normal(text: &RichText) -> String {
    words(text).join(" ")
}

/// FNV-1a, 32 bits.
pub fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |state, byte| (state ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl EpisodePrint {
    /// How much this episode is like another.
    pub fn likeness(&self, other: &Self) -> Likeness {
        Likeness {
            sentences: share(&self.sentences, &other.sentences),
            phrases: share(&self.shingles, &other.shingles),
            openings: share(&self.openings, &other.openings),
            titles: share(&self.titles, &other.titles),
            structure: common_order(&self.structure, &other.structure),
            visuals: share(&self.thumbnails, &other.thumbnails),
        }
    }
}

fn share<T: Ord>(own: &[T], other: &[T]) -> f64 {
    let known: BTreeSet<&T> = other.iter().collect();
    own.iter().filter(|item| known.contains(item)).count() as f64 / own.len().max(1) as f64
}

/// Twice the length of the longest common subsequence over the sum of both lengths.
fn common_order(a: &[String], b: &[String]) -> f64 {
    let mut row = vec![0_usize; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (n, y) in b.iter().enumerate() {
            let above = row[n + 1];
            row[n + 1] = if x == y { diagonal + 1 } else { above.max(row[n]) };
            diagonal = above;
        }
    }
    2.0 * row[b.len()] as f64 / (a.len() + b.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Span, Style};

    fn print(sentences: &[u32], structure: &[&str]) -> EpisodePrint {
        EpisodePrint {
            sentences: sentences.to_vec(),
            structure: structure.iter().map(|scene| (*scene).to_owned()).collect(),
            ..EpisodePrint::default()
        }
    }

    #[test]
    fn a_sentence_about_another_thing_is_the_same_sentence() {
        let cite = |value: &str| Span {
            text: value.into(),
            cite: Some(Cite::Fact { fact: "f001".into(), part: Part::Value, style: Style::Spoken }),
        };
        let said = |value| RichText(vec![Span { text: "It fell by ".into(), cite: None }, cite(value)]);
        assert_eq!(normal(&said("three percent")), normal(&said("$9")));
        assert_eq!(normal(&said("$9")), "it fell by <value>");
    }

    #[test]
    fn likeness_is_whole_with_itself_and_nothing_with_a_stranger() {
        let a = print(&[1, 2, 3, 4], &["hook", "line", "bars", "end"]);
        assert!((a.likeness(&a).sentences - 1.0).abs() < 1e-12 && (a.likeness(&a).structure - 1.0).abs() < 1e-12);
        let b = print(&[4, 5], &["hook", "bars", "line"]);
        assert!((a.likeness(&b).sentences - 0.25).abs() < 1e-12);
        assert!((a.likeness(&b).structure - 4.0 / 7.0).abs() < 1e-12);
        assert_eq!(a.likeness(&EpisodePrint::default()), Likeness::default());
    }
}
