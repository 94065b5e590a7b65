//! From provider to provider, within the budget of one episode.

use std::sync::Arc;

use proofreel_model::channel::WriterSettings;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{ProviderLaw, writer_law};
use proofreel_ports::{CallKind, KeptOnly, Outside};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::budget::Budget;
use super::client::{Asking, Model, ModelError, Reply};
use crate::prompt::Prompt;

/// The providers of a channel in its order, and what an episode may take of them.
pub struct Providers {
    outside: Arc<dyn Outside>,
    channel: ChannelId,
    run: Option<RunId>,
    models: Vec<Model>,
    /// The same behind a door that only gives kept answers.
    kept: Vec<Model>,
    budget: Budget,
}

impl Providers {
    /// The channel's providers as the law (with an operator's changes) knows them, with a budget for one episode; none when the
    /// channel names no provider.
    pub fn new(
        outside: Arc<dyn Outside>,
        law: &ProviderLaw,
        settings: &WriterSettings,
        (channel, run): (&ChannelId, Option<&RunId>),
    ) -> Option<Self> {
        let of = |id: &String| {
            let model = Model::new(Arc::clone(&outside), (law, id), settings, (channel.clone(), run.cloned()));
            if model.is_none() {
                tracing::warn!(id, "no providers.toml names this provider; it is passed over");
            }
            model
        };
        let models: Vec<Model> = settings.providers.iter().filter_map(of).collect();
        let door: Arc<dyn Outside> = Arc::new(KeptOnly(Arc::clone(&outside)));
        let kept = settings.providers.iter().filter_map(|id| {
            let model = Model::new(Arc::clone(&door), (law, id), settings, (channel.clone(), run.cloned()))?;
            Some(model.quiet())
        });
        let kept = kept.collect();
        let budget = Budget::new(settings.tokens.unwrap_or(writer_law().budget.tokens));
        (!models.is_empty()).then(|| Self {
            outside,
            channel: channel.clone(),
            run: run.cloned(),
            models,
            kept,
            budget,
        })
    }

    /// The providers' identifiers, in order.
    pub fn ids(&self) -> Vec<&str> {
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
        // A scene that some provider had answered is not asked of an earlier one; what is kept costs no tokens.
        let free = Budget::new(u64::MAX);
        for model in &self.kept {
            if let Ok(reply) = model.ask(Asking { prompt, messages: &messages, budget: &free }).await {
                return Ok(reply);
            }
        }
        let mut why = Vec::new();
        for model in &self.models {
            match model.ask(Asking { prompt, messages: &messages, budget: &self.budget }).await {
                Ok(reply) => return Ok(reply),
                // The next provider would take as much.
                Err(error @ ModelError::Budget { .. }) => {
                    why.push(error.to_string());
                    break;
                }
                Err(error) => why.push(error.to_string()),
            }
        }
        let why = why.join("\n");
        self.outside.fell_back(CallKind::Writer, &self.channel, self.run.as_ref(), &why).await;
        Err(why)
    }
}
