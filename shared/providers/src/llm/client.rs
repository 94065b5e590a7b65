//! One provider: which of its models is asked, how it is asked for JSON, and what its refusals mean.

use std::sync::{Arc, Mutex};

use proofreel_model::channel::WriterSettings;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{Structured, WriterPreset, writer_law};
use proofreel_ports::{
    Call, CallError, CallKind, Method, Outside, PortError, Reach, Secret, Secrets, Spend, WebAnswer, WebLimits,
    WebRequest, take,
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
    /// There is no key.
    #[error("{provider} has no key\n  hint: {hint}")]
    NoKey {
        /// Provider.
        provider: String,
        /// What to do.
        hint: String,
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
    /// Cache, counters or secrets could not be read.
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
    secrets: Arc<dyn Secrets>,
    preset: WriterPreset,
    preferences: Vec<String>,
    base: String,
    channel: ChannelId,
    run: Option<RunId>,
    notes: Mutex<Vec<String>>,
}

impl Model {
    /// The provider `preset` with what the channel sets for it.
    pub fn new(
        (outside, secrets): (Arc<dyn Outside>, Arc<dyn Secrets>),
        preset: &WriterPreset,
        settings: &WriterSettings,
        (channel, run): (ChannelId, Option<RunId>),
    ) -> Self {
        let preferences = settings.models.get(&preset.id).unwrap_or(&preset.models).clone();
        let own = settings.urls.get(&preset.id).filter(|_| preset.is_local());
        let base = own.unwrap_or(&preset.base_url).clone();
        Self { outside, secrets, preset: preset.clone(), preferences, base, channel, run, notes: Mutex::default() }
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
        let request = self.request(Method::Get, "/models", Vec::new(), writer_law().call.models_bytes).await?;
        let call = self.call(CallKind::Models, None, request, Spend::default());
        let judge = |answer: &WebAnswer| {
            models_of(answer).and_then(|list| match list.len() {
                0 => Err("an empty list of models".to_owned()),
                _ => take(answer),
            })
        };
        match self.outside.call(&call, &judge).await {
            Ok(answer) => models_of(&answer.answer).map_err(|why| self.failed(why)),
            Err(CallError::Port(error)) => Err(error.into()),
            Err(error) => Err(self.failed(self.told(&error))),
        }
    }

    /// Asks for an answer of type `T`.
    ///
    /// # Errors
    /// Says why no model of the provider gave one. Nothing was asked when the budget does not cover it.
    pub async fn ask<T: DeserializeOwned + Send>(&self, asking: Asking<'_>) -> Result<Reply<T>, ModelError> {
        let there = match self.models().await {
            Ok(list) => Some(list),
            Err(error @ (ModelError::NoKey { .. } | ModelError::Port(_))) => return Err(error),
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
        let request = self.request(Method::Post, "/chat/completions", body, law.call.bytes).await?;
        let Some(hold) = asking.budget.hold(wanted) else {
            return Err(ModelError::Budget { left: asking.budget.left(), wanted });
        };
        let call =
            self.call(CallKind::Writer, Some(model.to_owned()), request, Spend { tokens: wanted, ..Spend::default() });
        // What the provider says that the call took, of use or not: the judge sees every answer.
        let took = Mutex::new(0_u64);
        let judge = |answer: &WebAnswer| {
            let usage = serde_json::from_slice(&answer.body).ok().and_then(|document: Value| spend_of(&document));
            let spend = usage.unwrap_or(Spend { tokens: wanted, ..Spend::default() });
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

    async fn request(&self, method: Method, path: &str, body: Vec<u8>, bytes: u64) -> Result<WebRequest, ModelError> {
        let mut base = self.base.clone();
        if let Some(name) = &self.preset.account {
            let account = self.secret(name).await?;
            if !account.reveal().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                let hint = format!("set the secret {name} to the account's identifier: letters, digits and hyphens");
                return Err(ModelError::NoKey { provider: self.id().to_owned(), hint });
            }
            base = base.replace("{account}", account.reveal());
        }
        let mut request = WebRequest { method, body, ..WebRequest::get(format!("{base}{path}")) };
        request.headers.push(("accept".into(), "application/json".into()));
        if method == Method::Post {
            request.headers.push(("content-type".into(), "application/json".into()));
        }
        if let Some(name) = &self.preset.key {
            let key = self.secret(name).await?;
            request.secret_headers.push(("authorization".into(), Secret::new(format!("Bearer {}", key.reveal()))));
        }
        request.reach = if self.preset.is_local() { Reach::Configured } else { Reach::Public };
        request.limits = WebLimits { bytes, seconds: writer_law().call.seconds, types: Vec::new() };
        Ok(request)
    }

    async fn secret(&self, name: &str) -> Result<Secret, ModelError> {
        let hint = || format!("give the secret `{name}`, or take \"{}\" out of `providers` under [writer]", self.id());
        let found = self.secrets.get(name).await?;
        found.ok_or_else(|| ModelError::NoKey { provider: self.preset.name.clone(), hint: hint() })
    }

    fn call(&self, kind: CallKind, model: Option<String>, request: WebRequest, spend: Spend) -> Call {
        Call {
            provider: self.id().to_owned(),
            model,
            kind,
            request,
            spend,
            channel: self.channel.clone(),
            run: self.run.clone(),
        }
    }

    /// What a failed call means.
    fn verdict(&self, error: &CallError) -> Verdict {
        let said = self.told(error);
        let CallError::Status { status, why, .. } = error else {
            return match error {
                CallError::Useless { .. } => Verdict::NextModel(said),
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
            404 | 410 => Verdict::NextModel(said),
            400 | 403 | 422 if speaks_of(&["model", "context", "too long", "token"]) => Verdict::NextModel(said),
            413 => Verdict::NextModel(said),
            _ => Verdict::Stop(said),
        }
    }

    /// The error with what to do about it.
    fn told(&self, error: &CallError) -> String {
        let said = excerpt(&error.to_string());
        match error {
            CallError::Status { status: 401 | 403, .. } => {
                let key = self.preset.key.as_deref().unwrap_or("of the server");
                format!("{said}\n  hint: the key is wrong or lacks a right: renew the secret `{key}`")
            }
            CallError::Status { status: 402, .. } => format!("{said}\n  hint: the account is out of credit"),
            CallError::Web { .. } if self.preset.is_local() => {
                format!(
                    "{said}\n  hint: is the server at {} running? its address is set under [writer.urls]",
                    self.base
                )
            }
            _ => said,
        }
    }

    fn no_model(&self) -> ModelError {
        ModelError::NoModel {
            provider: self.preset.name.clone(),
            wanted: self.preferences.join(", "),
            hint: format!("name models that it has: [writer.models] {} = [\"…\"]", self.id()),
        }
    }

    fn failed(&self, why: String) -> ModelError {
        ModelError::Failed { provider: self.preset.name.clone(), why }
    }

    fn note(&self, note: String) {
        tracing::warn!(note, "language model");
        if let Ok(mut notes) = self.notes.lock()
            && !notes.contains(&note)
        {
            notes.push(note);
        }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
