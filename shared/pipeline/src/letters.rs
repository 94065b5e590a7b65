//! Dead letters: what they say, and what a person may do about them. What is in a letter is data; only run, stage, visit
//! and share of a readable message are looked at, and the run's head decides what is sent.

use proofreel_model::envelope::Envelope;
use proofreel_model::ids::RunId;
use proofreel_model::records::RunState;
use proofreel_ports::{Condition, Item, Letter, PortError, Queue, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::chain::dead_letters;
use crate::course::one_line;
use crate::driver::{Driver, Route};
use crate::error::DriverError;
use crate::keys;
use crate::lease::Access;

/// Characters kept of a body: a letter stays far below the megabyte that a queue takes.
const LONGEST_BODY: usize = 64_000;
/// Characters of a dropped letter that its incident keeps.
const LONGEST_KEPT: usize = 4_000;

/// A message that no attempt can do anything with, as it is put with the dead letters, with its reason. A message that was
/// only delivered too often lies among the dead letters as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedLetter {
    /// Why it was parked, with what to do.
    pub parked: String,
    /// Queue it came from.
    pub queue: String,
    /// The queue's name for the message.
    pub message_id: String,
    /// The message, at most its first 64,000 characters.
    pub body: String,
}

impl ParkedLetter {
    /// A letter about this message.
    pub fn new(parked: impl Into<String>, queue: &str, message_id: &str, body: &str) -> Self {
        Self {
            parked: parked.into(),
            queue: queue.to_owned(),
            message_id: message_id.to_owned(),
            body: body.chars().take(LONGEST_BODY).collect(),
        }
    }

    /// Puts it with the dead letters of its queue.
    pub async fn post(&self, messages: &dyn Queue) -> Result<(), PortError> {
        let body = serde_json::to_string(self).map_err(|error| PortError::Unavailable {
            what: "writing a dead letter".into(),
            detail: error.to_string(),
        })?;
        messages.send(&dead_letters(&self.queue), &body, 0).await
    }
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The message of the chain in it, when there is one.
    pub message: Option<Envelope>,
    /// Why a function parked it.
    pub parked: Option<String>,
}

impl Opened {
    /// Reads a letter's body.
    pub fn read(body: &str) -> Self {
        match serde_json::from_str::<ParkedLetter>(body) {
            Ok(letter) => Self { message: serde_json::from_str(&letter.body).ok(), parked: Some(letter.parked) },
            Err(_) => Self { message: serde_json::from_str(body).ok(), parked: None },
        }
    }
}

/// What became of a letter that a person sent home, or would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redriven {
    /// Its run goes on: the message that it waits for is sent. The letter can go.
    Sent,
    /// What it asks for was decided meanwhile, or its run is over. The letter can go.
    Overtaken,
    /// A worker has the visit in hand right now. The letter stays.
    AtWork,
    /// The run waits for a person or was stopped, as its state says. The letter stays.
    Resting,
    /// There is no such run. The letter stays.
    NoRun,
    /// It is no message of the chain. The letter stays.
    Unreadable,
}

impl Redriven {
    /// True when the letter is of no use any more.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Sent | Self::Overtaken)
    }
}

impl Driver {
    /// Lets the run of a dead letter go on, the way a sweep or [`Driver::resume`] does: what is sent is the message that
    /// the run's head waits for, so nothing is done twice. Remove the letter afterwards when the answer
    /// [is settled](Redriven::is_settled). With `dry`, nothing is written or sent.
    pub async fn redrive(&self, body: &str, dry: bool) -> Result<Redriven, DriverError> {
        let Some(letter) = Opened::read(body).message else { return Ok(Redriven::Unreadable) };
        let course = match self.course(&letter.run).await {
            Err(DriverError::NoSuchRun { .. }) => return Ok(Redriven::NoRun),
            course => course?,
        };
        let is_its_own = |message: &Envelope| message.stage == letter.stage && message.visit == letter.visit;
        let Some(message) = course.message.as_ref().filter(|message| is_its_own(message)) else {
            return Ok(Redriven::Overtaken);
        };
        match course.head.state {
            RunState::Running { .. } => self.send_home(message, &letter, dry).await,
            RunState::Failed { .. } => {
                if !dry {
                    match self.resume(&letter.run, message.until).await {
                        Err(DriverError::Occupied { .. }) => return Ok(Redriven::AtWork),
                        resumed => resumed?,
                    };
                }
                Ok(Redriven::Sent)
            }
            RunState::Stopped { .. } | RunState::Held { .. } => Ok(Redriven::Resting),
            RunState::Done | RunState::Rejected { .. } => Ok(Redriven::Overtaken),
        }
    }

    /// The same for a run without a letter: a sweep may have failed the run and taken its letter away.
    pub async fn redrive_run(&self, run: &RunId, dry: bool) -> Result<Redriven, DriverError> {
        let course = self.course(run).await?;
        match (&course.head.state, &course.message) {
            (RunState::Running { .. } | RunState::Failed { .. }, Some(message)) => {
                let body = serde_json::to_string(message)
                    .map_err(|error| DriverError::Unwritable { what: "a message".into(), why: error.to_string() })?;
                self.redrive(&body, dry).await
            }
            (RunState::Stopped { .. } | RunState::Held { .. }, _) => Ok(Redriven::Resting),
            _ => Ok(Redriven::Overtaken),
        }
    }

    async fn send_home(&self, awaited: &Envelope, letter: &Envelope, dry: bool) -> Result<Redriven, DriverError> {
        let is_part = letter.share.part().is_some();
        let message = Envelope { share: if is_part { letter.share } else { awaited.share }, ..awaited.clone() };
        if is_part && self.way(awaited, letter.share, Route::Queue).await?.is_none() {
            return Ok(Redriven::Overtaken);
        }
        let (claim, now) = (self.claimed(&message).await?, self.ports.clock.now());
        if claim.is_some_and(|claim| matches!(self.access(&message, &claim, now), Access::Taken { .. })) {
            return Ok(Redriven::AtWork);
        }
        if dry {
            return Ok(Redriven::Sent);
        }
        if is_part {
            // A part's message is sent as often as anybody likes: a part that is done is done.
            self.send_directly(&message).await?;
        } else if !self.revive(&letter.run).await? {
            return Ok(Redriven::AtWork); // Somebody was faster.
        }
        Ok(Redriven::Sent)
    }

    /// Gives a letter up for good, and says so: an incident keeps the reason and the letter's beginning, and a run that
    /// waits for this very message fails, with the reason. Remove the letter afterwards.
    pub async fn give_up(&self, letter: &Letter, reason: &str) -> Result<(), DriverError> {
        let (reason, opened, now) = (one_line(reason), Opened::read(&letter.body), self.ports.clock.now());
        let body = json!({
            "kind": "dead_letter", "cause": format!("dropped#{}", letter.id), "since": letter.since, "state": "resolved",
            "what": format!("a person dropped a letter of {}", letter.queue), "resolution": reason,
            "run_id": opened.message.as_ref().map(|message| &message.run),
            "stage": opened.message.as_ref().map(|message| message.stage),
            "letter": letter.body.chars().take(LONGEST_KEPT).collect::<String>(), "created_at": now,
        });
        let item = Item { pk: keys::INCIDENTS.into(), sk: keys::dropped(now, &letter.id), body };
        self.ports.records.transact(vec![Write::Put { item, condition: Condition::None }]).await?;
        if let Some(message) = opened.message {
            let error = format!(
                "a person dropped its message from the dead letters: {reason}\n  hint: mend the cause, then resume the run"
            );
            self.fail_dead(&message, &error).await?;
        }
        Ok(())
    }
}
