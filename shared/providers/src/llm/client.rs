//! One provider: which of its models is asked, how it is asked for JSON, and what its refusals mean.

use std::sync::{Arc, Mutex};

use proofreel_model::channel::WriterSettings;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{Provider, ProviderLaw, Structured, WriterPreset, writer_law};
use proofreel_ports::{
    Call, CallError, CallKind, Method, Outside, PortError, Reach, Spend, WebAnswer, WebLimits, WebRequest, take,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;

use super::answer::{excerpt, models_of, spend_of, told_of};
use super::budget::Budget;
use super::choice::ranked;
use super::repair;
use crate::prompt::{Messages, Prompt};

/// A question to a model.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// Its messages, made by [`Prompt::ask`].
    pub messages: &'a Messages,
    /// What it may take.
    pub budget: &'a Budget,
}

/// An answer of the wanted shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply<T> {
    /// The answer.
    pub value: T,
    /// True when its end is missing.
    pub cut: bool,
    /// Provider that gave it.
    pub provider: String,
    /// Model that gave it.
    pub model: String,
    /// True when it was in the cache.
    pub cached: bool,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The episode's budget does not cover the call; it was not made.
    #[error("the episode has {left} tokens left and the next call may take {wanted}: raise `tokens` under [writer]")]
    Budget {
        /// What is left.
        left: u64,
        /// What the call may take.
        wanted: u64,
    },
    /// It cannot be asked as it is set up: switched off, without a key, or its address is not whole.
    #[error("{provider} cannot be asked: {why}")]
    Unusable {
        /// Provider.
        provider: String,
        /// Why, and what to do.
        why: String,
    },
    /// None of the models that are wanted is there.
    #[error("{provider} has none of the models {wanted}\n  hint: {hint}")]
    NoModel {
        /// Provider.
        provider: String,
        /// What was looked for.
        wanted: String,
        /// What to do.
        hint: String,
    },
    /// Every model that was tried failed.
    #[error("{provider}: {why}")]
    Failed {
        /// Provider.
        provider: String,
        /// What each said.
        why: String,
    },
    /// Cache or counters could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// What a failed call means for the next one.
enum Verdict {
    /// The model is not there any more, or gives nothing of use: the next model.
    NextModel(String),
    /// The provider does not know this way to ask for JSON.
    NextWay(String),
    /// The provider has nothing more to give now.
    Stop(String),
}

/// A provider of language models.
pub struct Model {
    outside: Arc<dyn Outside>,
    provider: Provider,
    preset: WriterPreset,
    preferences: Vec<String>,
    channel: ChannelId,
    run: Option<RunId>,
    notes: Mutex<Vec<String>>,
    quiet: bool,
}

impl Model {
    /// The provider of this id as the law (with an operator's changes) and the channel have it; none when the law does not
    /// know it.
    pub fn new(
        outside: Arc<dyn Outside>,
        (law, id): (&ProviderLaw, &str),
        settings: &WriterSettings,
        (channel, run): (ChannelId, Option<RunId>),
    ) -> Option<Self> {
        let provider = law.provider(id)?.clone();
        let preset = writer_law().preset(id);
        let preferences = settings.models.get(id).unwrap_or(&preset.models).clone();
        Some(Self { outside, provider, preset, preferences, channel, run, notes: Mutex::default(), quiet: false })
    }

    /// The same, which tells nobody what it passes over.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.preset.id
    }

    /// What an operator should know: models that are gone, ways to ask that are not known.
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().map(|notes| notes.clone()).unwrap_or_default()
    }

    /// The models that the provider has now, as it names them.
    ///
    /// # Errors
    /// Without a key, or when the list cannot be had.
    pub async fn models(&self) -> Result<Vec<String>, ModelError> {
        let request = self.request(Method::Get, "/models", Vec::new(), writer_law().call.models_bytes)?;
        let call = self.call(CallKind::Models, request);
        let judge = |answer: &WebAnswer| {
            models_of(answer).and_then(|list| match list.len() {
                0 => Err("an empty list of models".to_owned()),
                _ => take(answer),
            })
        };
        match self.outside.call(&call, &judge).await {
            Ok(answer) => models_of(&answer.answer).map_err(|why| self.failed(why)),
            Err(CallError::Port(error)) => Err(error.into()),
            Err(CallError::Unusable { why, .. }) => {
                Err(ModelError::Unusable { provider: self.provider.name.clone(), why })
            }
            Err(error) => Err(self.failed(self.told(&error))),
        }
    }

    /// The model that would be asked first, and how many the provider has. No token is spent.
    ///
    /// # Errors
    /// When the list cannot be had, or holds none of the models that are wanted.
    pub async fn choice(&self) -> Result<(String, usize), ModelError> {
        let there = self.models().await?;
        let first = ranked(&self.preferences, Some(&there)).into_iter().next().ok_or_else(|| self.no_model())?;
        Ok((first, there.len()))
    }

    /// Asks for an answer of type `T`.
    ///
    /// # Errors
    /// Says why no model of the provider gave one. Nothing was asked when the budget does not cover it.
    pub async fn ask<T: DeserializeOwned + Send>(&self, asking: Asking<'_>) -> Result<Reply<T>, ModelError> {
        let there = match self.models().await {
            Ok(list) => Some(list),
            Err(error @ (ModelError::Unusable { .. } | ModelError::Port(_))) => return Err(error),
            Err(error) => {
                self.note(format!(
                    "{}: its list of models could not be had ({error}); the preferred ones are taken on trust",
                    self.id()
                ));
                None
            }
        };
        let models = ranked(&self.preferences, there.as_deref());
        let (Some(first), Some(wanted)) = (models.first(), self.preferences.first()) else {
            return Err(self.no_model());
        };
        if there.is_some() && !wanted.contains('*') && first != wanted {
            self.note(format!("{}: the model {wanted} is not there any more, {first} is taken", self.id()));
        }
        let mut why = Vec::new();
        for model in models.iter().take(writer_law().call.models) {
            for way in &self.preset.structured {
                match self.once(model, *way, asking).await? {
                    Ok(reply) => return Ok(reply),
                    Err(Verdict::NextWay(said)) => {
                        self.note(format!("{}: {model} is not asked by {way:?}: {said}", self.id()));
                        why.push(format!("{model}: {said}"));
                    }
                    Err(Verdict::NextModel(said)) => {
                        self.note(format!("{}: {model} gave nothing: {said}", self.id()));
                        why.push(format!("{model}: {said}"));
                        break;
                    }
                    Err(Verdict::Stop(said)) => return Err(self.failed(said)),
                }
            }
        }
        Err(self.failed(why.join("; ")))
    }

    /// One call of one model in one way.
    async fn once<T: DeserializeOwned + Send>(
        &self,
        model: &str,
        way: Structured,
        asking: Asking<'_>,
    ) -> Result<Result<Reply<T>, Verdict>, ModelError> {
        let law = writer_law();
        let body = serde_json::to_vec(&self.body(model, way, asking)).unwrap_or_default();
        let prompt_tokens = (body.len() as u64).div_ceil(law.budget.characters_per_token);
        let wanted = prompt_tokens + law.budget.answer_tokens;
        let request = self.request(Method::Post, "/chat/completions", body, law.call.bytes)?;
        let Some(hold) = asking.budget.hold(wanted) else {
            return Err(ModelError::Budget { left: asking.budget.left(), wanted });
        };
        let spend = Spend { tokens: wanted, ..Spend::default() };
        let call = self.call(CallKind::Writer, request).model(model).spend(spend);
        // What the provider says that the call took, of use or not: the judge sees every answer.
        let took = Mutex::new(0_u64);
        let judge = |answer: &WebAnswer| {
            let usage = serde_json::from_slice(&answer.body).ok().and_then(|document: Value| spend_of(&document));
            let spend = usage.unwrap_or(spend);
            if let Ok(mut took) = took.lock() {
                *took = took.saturating_add(spend.tokens);
            }
            repair::read::<T>(&told_of(answer)?.text)?;
            Ok(spend)
        };
        let outcome = self.outside.call(&call, &judge).await;
        let took = took.into_inner().unwrap_or(wanted);
        Ok(match outcome {
            Ok(answer) => {
                hold.settle(if answer.cached { 0 } else { took });
                let told = told_of(&answer.answer).map_err(|why| self.failed(why))?;
                let read = repair::read::<T>(&told.text).map_err(|why| self.failed(why))?;
                Ok(Reply {
                    value: read.value,
                    cut: read.cut || told.cut,
                    provider: self.id().to_owned(),
                    model: model.to_owned(),
                    cached: answer.cached,
                })
            }
            Err(CallError::Port(error)) => return Err(error.into()),
            Err(error) => {
                // Refused before or without an answer: nothing was taken. An answer that broke off keeps its hold.
                if !matches!(error, CallError::Web { .. }) {
                    hold.settle(took);
                }
                Err(self.verdict(&error))
            }
        })
    }

    /// The request's body. Neither tools nor anything about the operator are in it.
    fn body(&self, model: &str, way: Structured, asking: Asking<'_>) -> Value {
        let mut body = json!({
            "model": model,
            "messages": [
                {"role": "system", "content": asking.messages.instructions},
                {"role": "user", "content": asking.messages.data},
            ],
            "stream": false,
        });
        body[self.preset.answer_key.as_str()] = writer_law().budget.answer_tokens.into();
        match way {
            Structured::JsonSchema => {
                body["response_format"] = json!({"type": "json_schema", "json_schema": {
                    "name": asking.prompt.name.replace('-', "_"), "strict": true, "schema": asking.prompt.schema,
                }});
            }
            Structured::JsonObject => body["response_format"] = json!({"type": "json_object"}),
            Structured::Plain => {}
        }
        body
    }

    /// A request without its key, which the governor adds.
    fn request(&self, method: Method, path: &str, body: Vec<u8>, bytes: u64) -> Result<WebRequest, ModelError> {
        let base = &self.provider.base_url;
        if base.contains(['{', '}']) {
            let why = format!(
                "its address {base} is not whole\n  hint: set providers.{}.base_url in providers.toml of the state folder",
                self.id()
            );
            return Err(ModelError::Unusable { provider: self.provider.name.clone(), why });
        }
        let mut request = WebRequest { method, body, ..WebRequest::get(format!("{base}{path}")) };
        request.headers.push(("accept".into(), "application/json".into()));
        if method == Method::Post {
            request.headers.push(("content-type".into(), "application/json".into()));
        }
        request.reach = if self.provider.local { Reach::Configured } else { Reach::Public };
        request.limits = WebLimits { bytes, seconds: writer_law().call.seconds, types: Vec::new() };
        Ok(request)
    }

    fn call(&self, kind: CallKind, request: WebRequest) -> Call {
        Call::new(self.id(), kind, request, self.channel.clone()).run(self.run.clone())
    }

    /// What a failed call means.
    fn verdict(&self, error: &CallError) -> Verdict {
        let said = self.told(error);
        let CallError::Status { status, why, .. } = error else {
            return match error {
                CallError::Useless { .. } => Verdict::NextModel(said),
                // Nothing is kept of this way; a provider that cannot be asked at all said so to the list of models.
                CallError::Unusable { .. } => Verdict::NextWay(said),
                _ => Verdict::Stop(said),
            };
        };
        let why = why.to_lowercase();
        let speaks_of = |words: &[&str]| words.iter().any(|word| why.contains(word));
        match status {
            400 | 422 | 501
                if speaks_of(&["response_format", "json_schema", "json_object", "json mode", "structured output"]) =>
            {
                Verdict::NextWay(said)
            }
            404 | 410 | 413 => Verdict::NextModel(said),
            400 if speaks_of(&KEY_WORDS) => Verdict::Stop(said),
            400 | 403 | 422 if speaks_of(&["model", "context", "too long", "too large"]) => Verdict::NextModel(said),
            _ => Verdict::Stop(said),
        }
    }

    /// The error with what to do about it.
    fn told(&self, error: &CallError) -> String {
        let said = excerpt(&error.to_string());
        match error {
            CallError::Status { status, why, .. } if speaks_of_the_key(*status, why) => {
                let key = self.provider.secret.as_deref().unwrap_or("of the server");
                format!("{said}\n  hint: the key is wrong or lacks a right: renew the secret `{key}`")
            }
            CallError::Status { status: 402, .. } => format!("{said}\n  hint: the account is out of credit"),
            CallError::Web { .. } if self.provider.local => {
                let (base, id) = (&self.provider.base_url, self.id());
                format!(
                    "{said}\n  hint: is the server at {base} running? Another address: providers.{id}.base_url in providers.toml of the state folder"
                )
            }
            _ => said,
        }
    }

    fn no_model(&self) -> ModelError {
        ModelError::NoModel {
            provider: self.provider.name.clone(),
            wanted: self.preferences.join(", "),
            hint: format!("name models that it has: [writer.models] {} = [\"…\"]", self.id()),
        }
    }

    fn failed(&self, why: String) -> ModelError {
        ModelError::Failed { provider: self.provider.name.clone(), why }
    }

    fn note(&self, note: String) {
        if self.quiet {
            return;
        }
        tracing::warn!(note, "language model");
        if let Ok(mut notes) = self.notes.lock()
            && !notes.contains(&note)
        {
            notes.push(note);
        }
    }
}

/// Words of providers that answer a wrong key with 400.
const KEY_WORDS: [&str; 2] = ["api key", "api_key"];

/// Whether a refusal is about the key.
fn speaks_of_the_key(status: u16, why: &str) -> bool {
    let why = why.to_lowercase();
    matches!(status, 401 | 403) || (status == 400 && KEY_WORDS.iter().any(|word| why.contains(word)))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
