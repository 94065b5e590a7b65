//! The door itself: one address a person, POST only.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use proofreel_model::digest::Digest;
use proofreel_model::policy::publishing::law;
use proofreel_ports::{Condition, Item, PortError};
use serde_json::json;

use super::decision::{Candidates, Decision, DeskDecisions, Outcome};
use super::grammar::Headers;
use super::keys::{Key, KeyRing};
use crate::error::PublishError;

/// What a message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Decided, now or when it came first.
    Decided(Outcome),
    /// No. Why is for the log.
    Refused(String),
    /// Storage failed: the sender should try again.
    Unavailable(String),
}

/// Verifies messages and takes the decisions in them.
pub struct Door<C> {
    decisions: DeskDecisions<C>,
    rings: BTreeMap<String, KeyRing>,
    /// For people who have no keys: verifying takes as long for them.
    nobody: KeyRing,
}

impl<C: Candidates> Door<C> {
    /// A door for the people who have keys.
    pub fn new(decisions: DeskDecisions<C>, rings: BTreeMap<String, KeyRing>, nobody: Key) -> Self {
        Self { decisions, rings, nobody: KeyRing { current: nobody, previous: None } }
    }

    /// Answers a message with this body for this person's address.
    pub async fn answer<'a>(
        &self,
        who: &str,
        headers: impl Fn(&'static str) -> Vec<&'a [u8]>,
        body: &[u8],
    ) -> Answered {
        let law = &law().webhook;
        let refused = |why: &str| Answered::Refused(why.to_owned());
        if body.len() > law.body_bytes {
            return refused("the body is too large");
        }
        let headers = match Headers::read(law, headers) {
            Ok(headers) => headers,
            Err(why) => return refused(why.0),
        };
        let now = self.decisions.desk.ledger().now();
        if !headers.is_fresh(now.as_second(), law) {
            return refused("the timestamp is too old or too new");
        }
        let ring = self.rings.get(who);
        let verified = ring.unwrap_or(&self.nobody).verifies(&headers, body, now);
        if !(verified && ring.is_some()) {
            return refused("no key of this person signed it");
        }
        let Some(decision) = Decision::read(body) else { return refused("it is no decision") };
        match self.decide_once(who, &headers.id, body, &decision).await {
            Ok(answered) => answered,
            Err(PublishError::Port(error)) => Answered::Unavailable(error.to_string()),
            Err(error @ PublishError::Busy { .. }) => Answered::Unavailable(error.to_string()),
            Err(error) => Answered::Refused(error.to_string()),
        }
    }

    /// An id stands for one body, for ever. It is written before the decision is taken; a decision whose outcome was not
    /// written (a crash) is taken again, which changes nothing where it was taken already.
    async fn decide_once(
        &self,
        who: &str,
        id: &str,
        body: &[u8],
        decision: &Decision,
    ) -> Result<Answered, PublishError> {
        let records = self.decisions.desk.ledger().records();
        let (pk, digest) = (format!("webhook#{who}"), Digest::of(body));
        let at = self.decisions.desk.ledger().now();
        let row = |outcome: Option<&Outcome>| Item {
            pk: pk.clone(),
            sk: id.to_owned(),
            body: json!({"body": digest, "at": at, "outcome": outcome}),
        };
        match records.put(row(None), Condition::Absent).await {
            Ok(()) => {}
            Err(PortError::ConditionFailed { .. }) => {
                let known = records.get(&pk, id).await?.unwrap_or_default();
                if known.get("body") != Some(&json!(digest)) {
                    return Ok(Answered::Refused("the id was used for another message".into()));
                }
                let outcome = known.get("outcome").filter(|outcome| !outcome.is_null()).cloned();
                if let Some(outcome) = outcome.and_then(|outcome| serde_json::from_value(outcome).ok()) {
                    return Ok(Answered::Decided(outcome));
                }
            }
            Err(error) => return Err(error.into()),
        }
        let outcome = self.decisions.decide(who, decision).await?;
        records.put(row(Some(&outcome)), Condition::None).await?;
        Ok(Answered::Decided(outcome))
    }
}

/// `POST /decide/{who}`. Every refusal is the same 401; a GET shows and decides nothing.
pub fn router<C: Candidates + 'static>(door: Arc<Door<C>>) -> Router {
    routes(door)
        .fallback(|| async { reply(StatusCode::NOT_FOUND, json!({"error": "not found"})) })
        .method_not_allowed_fallback(|| async {
            reply(StatusCode::METHOD_NOT_ALLOWED, json!({"error": "post decisions"}))
        })
}

/// The same address alone, for a router that has others and answers what it does not know itself.
pub fn routes<C: Candidates + 'static>(door: Arc<Door<C>>) -> Router {
    Router::new().route("/decide/{who}", post(decide::<C>).get(shows_nothing)).with_state(door)
}

async fn shows_nothing() -> Response {
    let mut answer = reply(StatusCode::METHOD_NOT_ALLOWED, json!({"error": "post decisions"}));
    answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
    answer
}

async fn decide<C: Candidates + 'static>(
    State(door): State<Arc<Door<C>>>,
    Path(who): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // One byte more than may come, so that the door itself says no.
    let Ok(body) = to_bytes(body, law().webhook.body_bytes + 1).await else {
        return answer_of(&Answered::Refused("the body is too large or broke off".into()));
    };
    let values = |name: &'static str| headers.get_all(name).iter().map(axum::http::HeaderValue::as_bytes).collect();
    answer_of(&door.answer(&who, values, &body).await)
}

fn answer_of(answered: &Answered) -> Response {
    match answered {
        Answered::Decided(outcome) => reply(StatusCode::OK, json!(outcome)),
        Answered::Refused(why) => {
            tracing::warn!(why, "a decision from outside was refused");
            reply(StatusCode::UNAUTHORIZED, json!({"error": "refused"}))
        }
        Answered::Unavailable(why) => {
            tracing::error!(why, "a decision from outside could not be stored");
            reply(StatusCode::SERVICE_UNAVAILABLE, json!({"error": "try again"}))
        }
    }
}

fn reply(status: StatusCode, body: serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body.to_string()).into_response()
}
