//! A provider in this process, behind the door that the governor holds: it answers as told and writes down what it was asked.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_ports::{Answer, Call, CallError, Judge, Outside, WebAnswer, WebError};
use serde_json::{Value, json};

type Reaction = Result<WebAnswer, WebError>;

/// Answers calls by a rule.
pub struct Fake {
    rule: Box<dyn Fn(&Call) -> Reaction + Send + Sync>,
    pub calls: Mutex<Vec<Call>>,
}

impl Fake {
    pub fn new(rule: impl Fn(&Call) -> Reaction + Send + Sync + 'static) -> Self {
        Self { rule: Box::new(rule), calls: Mutex::default() }
    }

    /// Paths and models that were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().map(|call| call.model.clone().unwrap_or_else(|| "/models".into())).collect()
    }

    /// Bodies of the calls of models.
    pub fn bodies(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter_map(|call| serde_json::from_slice(&call.request.body).ok()).collect()
    }
}

#[async_trait]
impl Outside for Fake {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        self.calls.lock().unwrap().push(call.clone());
        let provider = call.provider.clone();
        let answer = (self.rule)(call).map_err(|source| CallError::Web { provider: provider.clone(), source })?;
        if answer.status != 200 {
            let why = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
            return Err(CallError::Status { provider, status: answer.status, why });
        }
        judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
    }
}

/// An answer of this status and body.
#[allow(clippy::unnecessary_wraps)] // a reaction may be an error, too
pub fn answer(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Reaction {
    Ok(WebAnswer { status, headers: vec![("content-type".into(), kind.into())], body: body.into(), url: String::new() })
}

/// A list of models.
pub fn models(ids: &[&str]) -> Reaction {
    let data: Vec<Value> = ids.iter().map(|id| json!({"id": id, "object": "model"})).collect();
    answer(200, "application/json", json!({"object": "list", "data": data}).to_string())
}

/// A chat completion that says `text`.
pub fn chat(text: &str) -> Reaction {
    let body = json!({
        "id": "x", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    });
    answer(200, "application/json", body.to_string())
}

/// An error as most providers word it.
pub fn error(status: u16, message: &str) -> Reaction {
    answer(status, "application/json", json!({"error": {"message": message, "code": status}}).to_string())
}
