//! Answers that are kept, and the lease by which one worker fetches for all.

use std::sync::Arc;

use jiff::Timestamp;
use proofreel_model::calls::CallKind;
use proofreel_model::digest::{BlobRef, Digest};
use proofreel_model::ids::ChannelId;
use proofreel_ports::{Blobs, Call, Condition, Item, PortError, Records, WebAnswer, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ledger::read;

pub(crate) const ANSWER: &str = "answer";
const FLIGHT: &str = "flight";
/// Where bodies lie.
const PREFIX: &str = "answers";
/// Headers that are not kept: they speak of one exchange, or of a person.
const NOT_KEPT: [&str; 4] = ["set-cookie", "retry-after", "date", "age"];

/// A kept answer, without its body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Who gave it.
    pub provider: String,
    /// What it was asked for.
    pub kind: CallKind,
    /// The channel whose call paid for it.
    pub paid_by: ChannelId,
    /// When it came, milliseconds since 1970.
    pub fetched_ms: i64,
    status: u16,
    url: String,
    headers: Vec<(String, String)>,
    /// Its body.
    pub body: BlobRef,
}

/// What a month's list tells of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) question: Digest,
    pub(crate) provider: String,
    pub(crate) kind: CallKind,
    /// When it came, milliseconds since 1970.
    pub(crate) fetched_ms: i64,
    pub(crate) body: BlobRef,
}

/// The cache.
#[derive(Clone)]
pub struct Cache {
    records: Arc<dyn Records>,
    blobs: Arc<dyn Blobs>,
}

/// What became of asking for the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    /// This worker fetches.
    Mine,
    /// Another one does.
    Theirs,
}

impl Cache {
    /// A cache whose rows lie in `records` and whose bodies in `blobs`.
    pub fn new(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>) -> Self {
        Self { records, blobs }
    }

    pub(crate) fn pk(question: &Digest) -> String {
        format!("answer#{question}")
    }

    /// The kept answer to a question.
    pub async fn look(&self, question: &Digest) -> Result<Option<Kept>, PortError> {
        let pk = Self::pk(question);
        match self.records.get(&pk, ANSWER).await? {
            // What an older version kept in another shape is no answer.
            Some(body) => Ok(read(&pk, ANSWER, &body).ok()),
            None => Ok(None),
        }
    }

    /// A kept answer with its body; none when the body is gone or damaged.
    pub async fn open(&self, kept: &Kept) -> Result<Option<WebAnswer>, PortError> {
        match self.blobs.fetch(&kept.body).await {
            Ok(body) => {
                Ok(Some(WebAnswer { status: kept.status, headers: kept.headers.clone(), body, url: kept.url.clone() }))
            }
            Err(PortError::NotFound { .. }) => Ok(None),
            Err(PortError::Damaged { .. }) => {
                // Content is only ever written where there is none: what is damaged must go first.
                self.blobs.delete(&kept.body.key).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps an answer, and lets go of the lease in the same transaction.
    pub async fn keep(
        &self,
        question: &Digest,
        call: &Call,
        answer: &WebAnswer,
        fetched_at: Timestamp,
        holder: &str,
    ) -> Result<(), PortError> {
        let body = self.blobs.store(PREFIX, &answer.body).await?;
        let headers = answer.headers.iter().filter(|(name, _)| {
            let limits = name.contains("ratelimit") || name.contains("rate-limit");
            !limits && !NOT_KEPT.contains(&name.as_str())
        });
        let kept = Kept {
            provider: call.provider.clone(),
            kind: call.kind,
            paid_by: call.channel.clone(),
            fetched_ms: fetched_at.as_millisecond(),
            status: answer.status,
            url: answer.url.clone(),
            headers: headers.cloned().collect(),
            body,
        };
        let pk = Self::pk(question);
        let body = serde_json::to_value(&kept)
            .map_err(|error| PortError::Refused { what: format!("{pk}/{ANSWER}"), why: error.to_string() })?;
        let put = Write::Put { item: Item { pk: pk.clone(), sk: ANSWER.into(), body }, condition: Condition::None };
        let list = Write::Put { item: listed(question, &kept)?, condition: Condition::None };
        let release = Write::Delete { pk, sk: FLIGHT.into(), condition: held(holder) };
        match self.records.transact(vec![put.clone(), list.clone(), release]).await {
            // The lease lapsed and another worker has it: the answer is good all the same.
            Err(PortError::ConditionFailed { .. }) => self.records.transact(vec![put, list]).await,
            other => other,
        }
    }

    /// Asks for the lease on a question: it is had when nobody has it, or when its holder counts as dead.
    pub async fn take_flight(
        &self,
        question: &Digest,
        holder: &str,
        now: Timestamp,
        until_ms: i64,
    ) -> Result<Flight, PortError> {
        let condition = Condition::AbsentOrLess { field: "until_ms".into(), value: now.as_millisecond() };
        match self.records.put(Self::flight(question, holder, until_ms), condition).await {
            Ok(()) => Ok(Flight::Mine),
            Err(PortError::ConditionFailed { .. }) => Ok(Flight::Theirs),
            Err(error) => Err(error),
        }
    }

    /// Holds the lease longer. Losing it is no failure: the call is on its way.
    pub async fn hold_flight(&self, question: &Digest, holder: &str, until_ms: i64) {
        let renewed = self.records.put(Self::flight(question, holder, until_ms), held(holder)).await;
        if let Err(error) = renewed {
            tracing::debug!(%question, %error, "the lease on a question was not renewed");
        }
    }

    /// Lets go of the lease.
    pub async fn release_flight(&self, question: &Digest, holder: &str) {
        let write = Write::Delete { pk: Self::pk(question), sk: FLIGHT.into(), condition: held(holder) };
        if let Err(error) = self.records.transact(vec![write]).await {
            tracing::debug!(%question, %error, "the lease on a question was not let go");
        }
    }

    fn flight(question: &Digest, holder: &str, until_ms: i64) -> Item {
        Item { pk: Self::pk(question), sk: FLIGHT.into(), body: json!({ "holder": holder, "until_ms": until_ms }) }
    }
}

/// Where a month's answers are listed, so that they can be found again without their question.
pub(crate) fn list_of(fetched_ms: i64) -> String {
    let at = Timestamp::from_millisecond(fetched_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("answers#{}", at.to_zoned(jiff::tz::TimeZone::UTC).date().strftime("%Y-%m"))
}

/// An answer's line in the list of its month.
fn listed(question: &Digest, kept: &Kept) -> Result<Item, PortError> {
    let line = Line {
        question: question.clone(),
        provider: kept.provider.clone(),
        kind: kept.kind,
        fetched_ms: kept.fetched_ms,
        body: kept.body.clone(),
    };
    let pk = list_of(kept.fetched_ms);
    let body = serde_json::to_value(&line)
        .map_err(|error| PortError::Refused { what: format!("{pk}/{question}"), why: error.to_string() })?;
    // Each fetching of an answer has its line: bodies that were replaced are found too.
    Ok(Item { pk, sk: format!("{question}#{}", kept.fetched_ms), body })
}

fn held(holder: &str) -> Condition {
    Condition::Equals { field: "holder".into(), value: holder.into() }
}
