//! A model that reads pages. It has no tools and knows no secrets; of what it says, only sentences that stand in the page
//! word for word are taken, with a label of a closed list.

use std::collections::BTreeMap;

use proofreel_model::policy::{law, writer_law};
use proofreel_model::script::Authorship;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::providers::Providers;
use crate::prompt::{Prompt, PromptError};

/// What a quotation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Says how much or how many.
    Measurement,
    /// Says what happened.
    Event,
    /// Says why somebody thinks so.
    Explanation,
    /// Says what may come.
    Forecast,
    /// Says what somebody holds of it.
    Opinion,
}

/// A part of a page, word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The words as they stand in the page.
    pub text: String,
    /// Bytes of the page at which they stand.
    pub place: std::ops::Range<usize>,
    /// What they do.
    pub label: Label,
}

/// Marks what a page says about a subject.
pub struct PageReader {
    providers: Providers,
    prompt: Prompt,
}

#[derive(Deserialize)]
struct Answer {
    quotes: Vec<Marked>,
}

#[derive(Deserialize)]
struct Marked {
    text: String,
    label: String,
}

impl PageReader {
    /// A reader over a channel's providers.
    ///
    /// # Errors
    /// Never in a program that passed its tests: the prompt is compiled in.
    pub fn new(providers: Providers) -> Result<Self, PromptError> {
        let (least, most) = law().episode.quote_words;
        let numbers = BTreeMap::from([
            ("least", least as u64),
            ("most", most as u64),
            ("quotes", writer_law().reading.quotes as u64),
        ]);
        let prompt = Prompt::parse(
            include_str!("../../../../specs/prompts/read-page.md"),
            include_str!("../../../../specs/prompts/read-page.schema.json"),
            &numbers,
        )?;
        Ok(Self { providers, prompt })
    }

    /// Quotations of a page's text about `subject`, and which model marked them.
    ///
    /// # Errors
    /// Says why no provider answered.
    pub async fn read(&self, subject: &str, title: &str, page: &str) -> Result<(Vec<Quote>, Authorship), String> {
        let rules = &writer_law().reading;
        let data = json!({
            "subject": shortened(subject, rules.title_characters),
            "title": shortened(title, rules.title_characters),
            "page": shortened(page, rules.page_characters),
        });
        let reply = self.providers.ask::<Answer>(&self.prompt, &data).await?;
        Ok((accepted(&reply.value, page), self.prompt.author(&reply.provider, &reply.model)))
    }
}

fn shortened(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// The quotations that stand in the page, are prose of the right length, and have a label of the list.
fn accepted(answer: &Answer, page: &str) -> Vec<Quote> {
    let mut out: Vec<Quote> = Vec::new();
    for marked in &answer.quotes {
        let Ok(label) = serde_json::from_value(json!(marked.label)) else { continue };
        let Some(place) = found(page, &marked.text) else { continue };
        let text = page[place.clone()].to_owned();
        if is_prose(&text) && out.iter().all(|other| other.place.end <= place.start || place.end <= other.place.start) {
            out.push(Quote { text, place, label });
        }
        if out.len() == writer_law().reading.quotes {
            break;
        }
    }
    out
}

/// Where the words of `quote` stand in the page, each after the other with nothing but space between.
fn found(page: &str, quote: &str) -> Option<std::ops::Range<usize>> {
    let words: Vec<&str> = quote.split_whitespace().collect();
    let first = *words.first()?;
    page.match_indices(first).find_map(|(start, _)| {
        let before = page[..start].chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        let mut rest = &page[start + first.len()..];
        for word in &words[1..] {
            let behind = rest.trim_start();
            if behind.len() == rest.len() {
                return None;
            }
            rest = behind.strip_prefix(word)?;
        }
        (!rest.starts_with(char::is_alphanumeric)).then(|| start..page.len() - rest.len())
    })
}

/// Prose of as many words as a quotation may have: no address, no markup, nothing hidden, nothing that speaks to a machine.
fn is_prose(text: &str) -> bool {
    let (least, most) = law().episode.quote_words;
    let lower = text.to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || ".,;:?!'’‘\"“”()-–—%$€£¥₹−+&/×°".contains(c);
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let spaced = format!(" {} ", words.join(" "));
    (least..=most).contains(&text.split_whitespace().count())
        && text.chars().all(plain)
        && !lower.contains("://")
        && !lower.contains("www.")
        && !writer_law().reading.refused.iter().any(|phrase| spaced.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
