//! The outside writer: a scene's narration asked of language models. Nothing it gives is trusted.

use std::collections::BTreeMap;

use async_trait::async_trait;
use proofreel_model::outlook::Passage;
use proofreel_model::policy::law;
use proofreel_ports::{ScenePlan, Writer, WriterError, Written, WrittenSentence};
use serde::Deserialize;
use serde_json::{Value, json};

use super::providers::Providers;
use crate::prompt::{Prompt, PromptError};

/// Writes narration by way of language models.
pub struct Narrator {
    providers: Providers,
    prompt: Prompt,
}

#[derive(Deserialize)]
struct Answer {
    sentences: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    text: String,
    facts: Vec<String>,
}

impl Narrator {
    /// A writer over the channel's providers.
    ///
    /// # Errors
    /// Never in a program that passed its tests: the prompt is compiled in.
    pub fn new(providers: Providers) -> Result<Self, PromptError> {
        let rules = &law().numbers.writer;
        let numbers = BTreeMap::from([
            ("sentences", rules.sentences as u64),
            ("characters", rules.characters as u64),
            ("loose", rules.loose_words as u64),
        ]);
        let prompt = Prompt::parse(
            include_str!("../../../../specs/prompts/narrate.md"),
            include_str!("../../../../specs/prompts/narrate.schema.json"),
            &numbers,
        )?;
        Ok(Self { providers, prompt })
    }

    /// The providers it asks, and what it took.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }
}

/// What the model is told of a scene: all of it data.
fn material(plan: &ScenePlan) -> Value {
    let fact = |fact: &proofreel_ports::OfferedFact| {
        json!({
            "id": fact.id, "spoken": fact.spoken, "display": fact.display, "meaning": fact.meaning,
            "series": fact.series, "dates": fact.dates, "unit": fact.unit,
        })
    };
    let passage = |passage: &Passage| {
        // A text like all the others, also where nothing is known.
        let day = passage.day.map(|day| day.to_string()).unwrap_or_default();
        json!({ "title": passage.title, "publisher": passage.publisher, "day": day, "text": passage.text })
    };
    let mut told = json!({
        "asking": plan.asking,
        "avoid": plan.avoid,
        "claims": plan.claims,
        "directions": plan.directions,
        "facts": plan.facts.iter().map(fact).collect::<Vec<_>>(),
        "objective": plan.objective,
        "reasons": plan.reasons,
        "role": plan.role,
        "said": plan.said,
        "words": plan.words,
    });
    if !plan.context.is_empty() {
        told["context"] = plan.context.iter().map(passage).collect();
    }
    told
}

#[async_trait]
impl Writer for Narrator {
    fn name(&self) -> String {
        format!("{} {}", self.prompt.name, self.prompt.version)
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        let reply = self
            .providers
            .ask::<Answer>(&self.prompt, &material(plan))
            .await
            .map_err(|why| WriterError::Failed { why })?;
        let mut told = reply.value.sentences;
        // What ends in the middle of a word is not what was meant.
        if reply.cut {
            told.pop();
        }
        let sentence = |told: Told| WrittenSentence {
            text: told.text.trim().to_owned(),
            facts: told.facts.into_iter().map(Into::into).collect(),
        };
        Ok(Written {
            sentences: told.into_iter().map(sentence).collect(),
            author: Some(self.prompt.author(&reply.provider, &reply.model)),
        })
    }
}
