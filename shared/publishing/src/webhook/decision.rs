//! What a message asks for, and who does it.

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::stage::StageName;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::desk::{Candidate, Desk, Terms};
use crate::error::PublishError;
use crate::governance::Governance;
use crate::publication::{ApprovalWay, Publication, PublishState};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "decision", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Asked {
    /// Let it pass.
    Approve {
        /// Who is to see it; the channel's word when left out.
        #[serde(default)]
        visibility: Option<Visibility>,
        /// When it becomes public, if not at once.
        #[serde(default)]
        publish_at: Option<Timestamp>,
        /// Why it goes out although governance speaks against it.
        #[serde(default)]
        override_reason: Option<String>,
    },
    /// Send it back.
    Reject {
        /// Why.
        reason: String,
        /// The stage at fault.
        stage: StageName,
    },
}

/// A message's body.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// The whole digest of the film that was looked at.
    pub film: String,
    /// The message is void from then on, however fresh its timestamp.
    pub expires_at: Timestamp,
    /// What is asked.
    pub asked: Asked,
}

/// `flatten` and `deny_unknown_fields` do not go together, so the frame is read first and the rest is the question.
#[derive(Deserialize)]
struct Frame {
    channel: ChannelId,
    run: RunId,
    film: String,
    expires_at: Timestamp,
    #[serde(flatten)]
    asked: serde_json::Map<String, serde_json::Value>,
}

impl Decision {
    /// Reads a body; `None` when it is anything else.
    pub fn read(body: &[u8]) -> Option<Self> {
        let frame: Frame = serde_json::from_slice(body).ok()?;
        let asked = serde_json::from_value(serde_json::Value::Object(frame.asked)).ok()?;
        let name = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let digest =
            frame.film.len() == 64 && frame.film.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (name(frame.channel.as_str()) && name(frame.run.as_str()) && digest).then_some(Self {
            channel: frame.channel,
            run: frame.run,
            film: frame.film,
            expires_at: frame.expires_at,
            asked,
        })
    }
}

/// What came of it: kept for ever under the message's id, and told again to whoever sends it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Run.
    pub run: RunId,
    /// Its state after the decision.
    pub state: PublishState,
    /// The end of the audit chain then: worth keeping, to verify the chain against.
    pub audit: String,
}

/// Where runs come from.
#[async_trait]
pub trait Candidates: Send + Sync {
    /// The run as it is now; `None` when there is no such run of this channel.
    async fn candidate(&self, channel: &ChannelId, run: &RunId) -> Result<Option<Candidate>, PublishError>;

    /// The word of channel governance.
    async fn governance(&self, channel: &ChannelId) -> Result<Governance, PublishError>;

    /// Writes that somebody from outside rejects the film, and sends its run back to the stage at fault. Done again, it changes nothing.
    async fn reject(
        &self,
        candidate: &Candidate,
        who: &str,
        reason: &str,
        stage: StageName,
    ) -> Result<Publication, PublishError>;
}

/// Decisions taken at the desk.
pub struct DeskDecisions<C> {
    /// The desk.
    pub desk: Desk,
    /// The runs.
    pub candidates: C,
}

impl<C: Candidates> DeskDecisions<C> {
    /// Takes a decision; an error that is not retryable is a refusal.
    pub(super) async fn decide(&self, who: &str, decision: &Decision) -> Result<Outcome, PublishError> {
        let Decision { channel, run, .. } = decision;
        let refused = |why: &str| PublishError::Unfit { run: run.clone(), why: why.to_owned(), hint: String::new() };
        if decision.expires_at <= self.desk.ledger().now() {
            return Err(refused("the message has expired"));
        }
        let candidate =
            self.candidates.candidate(channel, run).await?.ok_or_else(|| refused("there is no such run"))?;
        if candidate.film_digest.0 != decision.film {
            // Whoever rejected that film and was not told so, because the process died, asks when the next one is there already.
            return if self.was_rejected(who, decision).await? {
                self.outcome(run, PublishState::Rejected).await
            } else {
                Err(refused("it is about another film"))
            };
        }
        let row = match &decision.asked {
            Asked::Approve { visibility, publish_at, override_reason } => {
                let terms = Terms {
                    who: who.to_owned(),
                    at_the_machine: false,
                    way: ApprovalWay::Webhook,
                    code: decision.film.clone(),
                    visibility: *visibility,
                    publish_at: *publish_at,
                    override_reason: override_reason.clone(),
                };
                let governance = self.candidates.governance(channel).await?;
                self.desk.approve(&candidate, &terms, &governance).await?
            }
            Asked::Reject { reason, stage } => self.candidates.reject(&candidate, who, reason, *stage).await?,
        };
        self.outcome(run, row.state).await
    }

    async fn outcome(&self, run: &RunId, state: PublishState) -> Result<Outcome, PublishError> {
        let audit = audit::head(self.desk.ledger().records()).await?.digest.0;
        Ok(Outcome { run: run.clone(), state, audit })
    }

    /// True when this very rejection is the last one of its run.
    async fn was_rejected(&self, who: &str, decision: &Decision) -> Result<bool, PublishError> {
        let Asked::Reject { stage, .. } = &decision.asked else { return Ok(false) };
        let row = self.desk.ledger().of(&decision.channel, &decision.run).await?;
        let last = row.and_then(|row| row.rejection);
        Ok(last.is_some_and(|last| last.by == who && last.film.0 == decision.film && last.stage == *stage))
    }
}
