//! From provider to provider, within the budget of one episode.

use std::sync::Arc;

use proofreel_model::channel::WriterSettings;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::writer_law;
use proofreel_ports::{Outside, Secrets};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::budget::Budget;
use super::client::{Asking, Model, ModelError, Reply};
use crate::prompt::Prompt;

/// The providers of a channel in its order, and what an episode may take of them.
pub struct Route {
    models: Vec<Model>,
    budget: Budget,
}

impl Route {
    /// The channel's providers, with a budget for one episode; none when the channel names no provider.
    pub fn new(
        (outside, secrets): (Arc<dyn Outside>, Arc<dyn Secrets>),
        settings: &WriterSettings,
        (channel, run): (&ChannelId, Option<&RunId>),
    ) -> Option<Self> {
        let law = writer_law();
        let of = |id: &String| {
            let who = (channel.clone(), run.cloned());
            Some(Model::new((Arc::clone(&outside), Arc::clone(&secrets)), law.provider(id)?, settings, who))
        };
        let models: Vec<Model> = settings.providers.iter().filter_map(of).collect();
        let tokens = settings.tokens.unwrap_or(law.budget.tokens);
        (!models.is_empty()).then(|| Self { models, budget: Budget::new(tokens) })
    }

    /// The providers' identifiers, in order.
    pub fn providers(&self) -> Vec<&str> {
        self.models.iter().map(Model::id).collect()
    }

    /// Tokens spent so far.
    pub fn spent(&self) -> u64 {
        self.budget.spent()
    }

    /// What an operator should know of the calls so far.
    pub fn notes(&self) -> Vec<String> {
        self.models.iter().flat_map(Model::notes).collect()
    }

    /// The first answer of the wanted shape that a provider gives.
    ///
    /// # Errors
    /// Says why none gave one.
    pub async fn ask<T: DeserializeOwned + Send>(
        &self,
        prompt: &Prompt,
        data: &(impl Serialize + Sync),
    ) -> Result<Reply<T>, String> {
        let messages = prompt.ask(data);
        let mut why = Vec::new();
        for model in &self.models {
            match model.ask(Asking { prompt, messages: &messages, budget: &self.budget }).await {
                Ok(reply) => return Ok(reply),
                // The next provider would take as much.
                Err(error @ ModelError::Budget { .. }) => return Err(error.to_string()),
                Err(error) => why.push(error.to_string()),
            }
        }
        Err(why.join("\n"))
    }
}
