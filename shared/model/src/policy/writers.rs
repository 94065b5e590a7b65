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

/// A provider of language models behind an OpenAI-compatible address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterPreset {
    /// Identifier, the same as in `providers.toml`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Address before `/chat/completions`; `{account}` stands for the operator's account.
    pub base_url: String,
    /// Name of the secret that holds the account, where the address has one.
    #[serde(default)]
    pub account: Option<String>,
    /// Name of the secret that holds the key; none for a server of the operator's own.
    #[serde(default)]
    pub key: Option<String>,
    /// Ways to ask for JSON, tried in order.
    pub structured: Vec<Structured>,
    /// Models to take, the best first; `*` stands for the rest of a name.
    pub models: Vec<String>,
    /// Member of the request that bounds the answer.
    #[serde(default = "max_tokens")]
    pub answer_key: String,
    /// Whether its terms allow more than trying out.
    pub production: bool,
    /// Whether what is sent may train its models.
    pub trains: bool,
    /// Day on which the entry was read, `YYYY-MM-DD`.
    pub read: jiff::civil::Date,
}

fn max_tokens() -> String {
    "max_tokens".into()
}

impl WriterPreset {
    /// True for a server of the operator's own: it has no key, and its address may be set.
    pub fn is_local(&self) -> bool {
        self.key.is_none()
    }
}

impl WriterLaw {
    /// The provider of this id.
    pub fn provider(&self, id: &str) -> Option<&WriterPreset> {
        self.providers.iter().find(|preset| preset.id == id)
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

    #[test]
    fn every_provider_can_be_asked_and_none_is_there_twice() {
        let law = writer_law();
        for (n, preset) in law.providers.iter().enumerate() {
            assert!(law.providers[..n].iter().all(|other| other.id != preset.id), "{} twice", preset.id);
            assert_eq!(preset.structured.last(), Some(&Structured::Plain), "{} has no last way", preset.id);
            assert!(!preset.models.is_empty() && !preset.base_url.ends_with('/'), "{}", preset.id);
            assert_eq!(preset.base_url.contains("{account}"), preset.account.is_some(), "{}", preset.id);
            assert!(preset.is_local() || preset.base_url.starts_with("https://"), "{} sends a key in clear", preset.id);
        }
        assert!(law.budget.tokens <= law.budget.most_tokens);
    }
}
