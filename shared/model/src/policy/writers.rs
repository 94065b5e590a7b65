//! Language models: which there are, how they are asked, and what they may take.

use std::sync::OnceLock;

use serde::Deserialize;

/// `specs/policy/writers.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterLaw {
    /// Tokens.
    pub budget: WriterBudget,
    /// What a call may cost.
    pub call: WriterCall,
    /// What a page-reading model is given and may give back.
    pub reading: ReadingLaw,
    /// What of an order's context a writer is shown.
    pub context: ContextLaw,
    /// Providers, by id.
    #[serde(rename = "provider")]
    pub providers: Vec<WriterPreset>,
}

/// Tokens of an episode and of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterBudget {
    /// Tokens of an episode where its channel sets nothing.
    pub tokens: u64,
    /// The most that a channel may set.
    pub most_tokens: u64,
    /// Most tokens of one answer, thinking included.
    pub answer_tokens: u64,
    /// Characters of a request that are reckoned as one token.
    pub characters_per_token: u64,
}

/// What one call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterCall {
    /// Seconds for an answer.
    pub seconds: u64,
    /// Most bytes of an answer.
    pub bytes: u64,
    /// Most bytes of a list of models.
    pub models_bytes: u64,
    /// Most models of a provider that are tried for one answer.
    pub models: usize,
}

/// What a page-reading model is given and may give back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingLaw {
    /// Characters of a page that are read.
    pub page_characters: usize,
    /// Characters of its title.
    pub title_characters: usize,
    /// Most quotations of a page.
    pub quotes: usize,
    /// Words with which pages speak to machines; a quotation with one is left out.
    pub refused: Vec<String>,
}

/// What of an order's context a writer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextLaw {
    /// Most passages.
    pub passages: usize,
    /// Most characters of each.
    pub characters: usize,
}

/// How a provider is asked for JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structured {
    /// `response_format` with a JSON Schema.
    JsonSchema,
    /// `response_format` that asks for some JSON object.
    JsonObject,
    /// By the prompt alone.
    Plain,
}

/// How a provider of [`super::ProviderLaw`] is asked for language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterPreset {
    /// Identifier, the same as in `providers.toml`.
    pub id: String,
    /// Ways to ask for JSON, tried in order.
    pub structured: Vec<Structured>,
    /// Models to take, the best first; `*` stands for the rest of a name.
    pub models: Vec<String>,
    /// Member of the request that bounds the answer.
    #[serde(default = "max_tokens")]
    pub answer_key: String,
}

fn max_tokens() -> String {
    "max_tokens".into()
}

impl WriterLaw {
    /// How the provider of this id is asked; one without an entry is asked in every way, for no model of its own accord.
    pub fn preset(&self, id: &str) -> WriterPreset {
        self.providers.iter().find(|preset| preset.id == id).cloned().unwrap_or_else(|| WriterPreset {
            id: id.to_owned(),
            structured: vec![Structured::JsonSchema, Structured::JsonObject, Structured::Plain],
            models: Vec::new(),
            answer_key: max_tokens(),
        })
    }
}

/// The law of language models this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn writer_law() -> &'static WriterLaw {
    static LAW: OnceLock<WriterLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/writers.toml")).expect("specs/policy/writers.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::CallKind;
    use crate::policy::ProviderLaw;

    #[test]
    fn every_provider_can_be_asked_and_none_is_there_twice() {
        let law = writer_law();
        for (n, preset) in law.providers.iter().enumerate() {
            assert!(law.providers[..n].iter().all(|other| other.id != preset.id), "{} twice", preset.id);
            assert_eq!(preset.structured.last(), Some(&Structured::Plain), "{} has no last way", preset.id);
            assert!(!preset.models.is_empty(), "{}", preset.id);
            let known = ProviderLaw::embedded().provider(&preset.id);
            assert!(known.is_some_and(|provider| provider.serves.contains(&CallKind::Writer)), "{}", preset.id);
        }
        for id in ProviderLaw::embedded().route(CallKind::Writer) {
            assert!(!law.preset(id).models.is_empty(), "{id} is on the route and has no models");
        }
        assert!(law.budget.tokens <= law.budget.most_tokens);
    }
}
