//! The protocol with a host: one video a run, whatever breaks.
//!
//! Every step is written before it is begun, and each is decided from the row alone, so that whoever comes after a crash
//! goes on. What a host cannot be asked twice (bytes that may become a video) lies inside one session, which is asked how
//! far it is and never replaced by a second one.
//!
//! Two publishers of one run do no harm: the first to write the session wins, the other sends its bytes to that one.

mod bytes;
mod reveal;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proofreel_model::policy::publishing::{PublishingLaw, law};
use proofreel_ports::{Blobs, HostError, Secret, VideoFile, VideoHost, VideoId};
use serde_json::json;

use crate::audit::Deed;
use crate::cadence::{CadenceWait, cadence};
use crate::desk::Candidate;
use crate::edition::{Edition, card_of};
use crate::error::PublishError;
use crate::governance::Governance;
use crate::ledger::{Change, Ledger};
use crate::publication::{Publication, PublishState, Step, shown_state};

/// Steps that one call may take; the protocol has some twelve.
const MOST_STEPS: u32 = 40;

/// Where a call left a publication.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing more to do.
    Rests(Box<Publication>),
    /// Come again then.
    Waits {
        /// When.
        until: Timestamp,
        /// For what.
        why: String,
    },
}

/// One step of the protocol.
enum Walk {
    On,
    Stop(Outcome),
}

/// Publishes approved films at one host.
pub struct Publisher {
    ledger: Ledger,
    host: Arc<dyn VideoHost>,
    blobs: Arc<dyn Blobs>,
    law: &'static PublishingLaw,
    chunk: u64,
}

impl Publisher {
    /// A publisher to this host, of files in these blobs.
    pub fn new(ledger: Ledger, host: Arc<dyn VideoHost>, blobs: Arc<dyn Blobs>) -> Self {
        Self { ledger, host, blobs, law: law(), chunk: law().upload.chunk_kib * 1024 }
    }

    /// The same with chunks of so many bytes: a multiple of 256 KiB, less where memory is short.
    #[must_use]
    pub fn with_chunk(self, bytes: u64) -> Self {
        Self { chunk: bytes, ..self }
    }

    /// Goes as far as it can now. To be called again after a wait, a crash or a transient error.
    pub async fn publish(&self, candidate: &Candidate, governance: &Governance) -> Result<Outcome, PublishError> {
        for _ in 0..MOST_STEPS {
            match self.step(candidate, governance).await {
                Ok(Walk::On) => {}
                Ok(Walk::Stop(outcome)) => return Ok(outcome),
                Err(PublishError::Host(HostError::Wait { until, why, .. })) => {
                    return Ok(Outcome::Waits { until, why });
                }
                Err(error) => return Err(error),
            }
        }
        Err(PublishError::Busy { run: candidate.head.run_id.clone() })
    }

    async fn step(&self, candidate: &Candidate, governance: &Governance) -> Result<Walk, PublishError> {
        let run = &candidate.head.run_id;
        let wrong = |state: &str, why: &str, hint: String| {
            Err(PublishError::WrongState { run: run.clone(), state: state.into(), why: why.into(), hint })
        };
        let Some(row) = self.ledger.of(&candidate.channel.id, run).await? else {
            return wrong(
                "awaiting approval",
                "nobody approved it",
                format!("look at it, then `proofreel approve {run}`"),
            );
        };
        if row.retraction.is_some() {
            return Ok(Walk::Stop(Outcome::Rests(Box::new(self.hide(&row).await?))));
        }
        match row.state {
            PublishState::Approved | PublishState::Publishing => {}
            PublishState::Failed if !matches!(row.step, Step::NeedsPerson { .. }) => {}
            PublishState::Published | PublishState::PublishLocked | PublishState::Failed | PublishState::Retracted => {
                return Ok(Walk::Stop(Outcome::Rests(Box::new(row))));
            }
            PublishState::AwaitingApproval | PublishState::Rejected => {
                let hint = format!("look at it, then `proofreel approve {run}`");
                return wrong(shown_state(row.state), "nobody approved it as it is", hint);
            }
        }
        if let Some(host) = row.host.as_ref().filter(|host| *host != self.host.name() && row.has_begun()) {
            return wrong(
                shown_state(row.state),
                &format!("its upload began at {host}"),
                format!("publish it --to {host}"),
            );
        }
        let edition = self.approved(candidate, &row).await?;
        match row.step.clone() {
            Step::None => self.intend(candidate, &edition, governance).await,
            Step::Intent => self.open(&edition).await,
            Step::Session { uri } => self.begin_bytes(&edition, &uri).await,
            Step::Bytes { uri } => self.send_bytes(&edition, &uri).await,
            Step::Unknown { since } => self.reconcile(&edition, since).await,
            Step::Uploaded { video, since } => self.verify(&edition, &video, since).await,
            Step::Verified { video } => self.reveal(candidate, &edition, &row, &video).await,
            Step::Public { .. } | Step::NeedsPerson { .. } => Ok(Walk::Stop(Outcome::Rests(Box::new(row)))),
        }
    }

    /// The edition that was approved, if it is still there to the byte and the approval still holds. Otherwise the
    /// approval is void, and the row says so.
    async fn approved(&self, candidate: &Candidate, row: &Publication) -> Result<Edition, PublishError> {
        let run = &candidate.head.run_id;
        candidate.must_be_fit()?;
        let Some(approval) = &row.approval else {
            return Err(PublishError::WrongState {
                run: run.clone(),
                state: shown_state(row.state).into(),
                why: "there is no approval".into(),
                hint: format!("look at it, then `proofreel approve {run}`"),
            });
        };
        let expired = !row.has_begun() && approval.expires_at <= self.ledger.now();
        let why = match candidate.approved(approval) {
            Ok(edition) if !expired => return Ok(edition),
            Ok(_) => format!("the approval of {} is older than {} days", approval.at, self.law.approval.valid_days),
            Err(why) => why,
        };
        let (told, begun) = (why.clone(), row.has_begun());
        self.change(&candidate.channel.id, run, |row| {
            let mut row = row?;
            row.approval.as_ref()?;
            if begun && !row.step.is_without_bytes() {
                row.state = PublishState::Failed;
                row.problem = Some(format!("the approval is void: {told}"));
                let where_it_is = row.step.video().map_or_else(
                    || "bytes of it may lie at the host".to_owned(),
                    |video| format!("video {video} lies there"),
                );
                row.step = Step::NeedsPerson { why: format!("{where_it_is}; {told}") };
            } else {
                // No byte left the house: whoever approves it anew begins anew.
                row.state = PublishState::AwaitingApproval;
                row.problem = None;
                row.step = Step::None;
            }
            row.approval = None;
            let deed = Deed::new("publisher", "approval.void", &row.run).with(json!({ "why": told }));
            Some((row, deed))
        })
        .await?;
        Err(PublishError::NotThat {
            run: run.clone(),
            why,
            hint: format!("look at it again, then `proofreel approve {run}`"),
        })
    }

    /// Checks everything that can be checked without the host, makes the video file this run's for ever, and writes the
    /// intent.
    async fn intend(
        &self,
        candidate: &Candidate,
        edition: &Edition,
        governance: &Governance,
    ) -> Result<Walk, PublishError> {
        let (channel, run) = (&edition.channel, &edition.run);
        self.ledger.must_be_on().await?;
        let rows = self.ledger.of_channel(channel).await?;
        let overridden = rows.iter().any(|row| {
            row.run == *run && row.approval.as_ref().is_some_and(|approval| approval.override_reason.is_some())
        });
        if let Some(why) = governance.objection().filter(|_| !overridden) {
            let hint = "mend it, or approve again with --override REASON, which is recorded".into();
            return Err(PublishError::HeldBack { run: run.clone(), why, hint });
        }
        self.keep_pace(candidate, edition, true).await?;
        if let Err(error) = self.host.check(&card_of(edition), &file_of(edition)) {
            return Err(self.failed(edition, error).await);
        }
        self.must_be_the_bytes(edition).await?;
        let holder = self.ledger.holder_of(channel, &edition.video.digest).await?;
        if let Some(other) = holder.as_ref().filter(|holder| *holder != run) {
            return Err(PublishError::Unfit {
                run: run.clone(),
                why: format!("the same video is {other}'s, to the byte"),
                hint: "a film is published once; make another episode".into(),
            });
        }
        let claim: Vec<_> =
            holder.is_none().then(|| Ledger::claim_of(channel, run, &edition.video.digest)).into_iter().collect();
        let host = self.host.name().to_owned();
        self.ledger
            .change(channel, run, &claim, |row| {
                let open = |row: &Publication| matches!(row.state, PublishState::Approved | PublishState::Failed);
                let Some(mut row) = row.filter(|row| row.step == Step::None && open(row)) else {
                    return Ok(None);
                };
                row.state = PublishState::Publishing;
                row.problem = None;
                row.host = Some(host.clone());
                row.step = Step::Intent;
                let deed = Deed::new("publisher", "publish.intent", run)
                    .with(json!({"host": host, "edition": row.approval.as_ref().map(|approval| &approval.edition)}));
                Ok(Some((row, deed)))
            })
            .await?;
        Ok(Walk::On)
    }

    async fn keep_pace(&self, candidate: &Candidate, edition: &Edition, under_way: bool) -> Result<(), PublishError> {
        let rows = self.ledger.of_channel(&edition.channel).await?;
        let now = self.ledger.now();
        let when = edition.publish_at.map_or(now, |at| at.max(now));
        let most = candidate.channel.publishing.uploads_per_week;
        // A film that only its owner sees floods nobody.
        if edition.visibility == proofreel_model::channel::Visibility::Private && edition.publish_at.is_none() {
            return Ok(());
        }
        let wait = cadence(&rows, &edition.run, when, &self.law.cadence, most, under_way);
        wait.map_or(Ok(()), |wait| late(edition, wait, !under_way))
    }

    /// Takes the channel's turn to go public. Of two films that were found in time at the same moment one takes it, and the
    /// other waits; false when somebody was faster and all is to be looked at again.
    async fn take_turn(&self, edition: &Edition) -> Result<bool, PublishError> {
        if edition.visibility == proofreel_model::channel::Visibility::Private && edition.publish_at.is_none() {
            return Ok(true);
        }
        let when = edition.publish_at.map_or(self.ledger.now(), |at| at.max(self.ledger.now()));
        let gap = SignedDuration::from_hours(i64::from(self.law.cadence.least_hours_between));
        let turn = self.ledger.turn_of(&edition.channel).await?;
        if let Some(turn) = &turn {
            let apart = turn.at.duration_since(when).abs();
            if turn.run != edition.run && apart < gap {
                let why = format!("{} is being made public within {gap:#}", turn.run);
                return late(edition, CadenceWait { until: turn.at + gap, why }, true).map(|()| true);
            }
            // Long before it ends it is taken anew: whoever comes meanwhile must see that it is still used.
            if turn.run == edition.run && apart < gap / 2 {
                return Ok(true);
            }
        }
        let write = Ledger::turn_write(&edition.channel, &edition.run, when, turn.as_ref());
        let mut taken = |row: Option<Publication>| {
            let row = row.filter(|row| matches!(row.step, Step::Verified { .. }));
            Ok(row.map(|row| {
                let deed = Deed::new("publisher", "publish.turn", &row.run).with(json!({ "at": when }));
                (row, deed)
            }))
        };
        let row = self.ledger.try_change(&edition.channel, &edition.run, &[write], &mut taken).await?;
        Ok(row.is_some_and(|row| matches!(row.step, Step::Verified { .. })))
    }

    /// Opens a session and writes it down before any byte. Of two publishers the first one's session counts; the other's
    /// never gets a byte, and so never becomes a video.
    async fn open(&self, edition: &Edition) -> Result<Walk, PublishError> {
        self.ledger.must_be_on().await?;
        let session = match self.host.open(&card_of(edition), &file_of(edition)).await {
            Ok(session) => session,
            Err(error) => return Err(self.failed(edition, error).await),
        };
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| row.step == Step::Intent)?;
            row.state = PublishState::Publishing;
            row.problem = None;
            row.step = Step::Session { uri: session.reveal().to_owned() };
            let deed = Deed::new("publisher", "publish.session", &row.run).with(json!({"host": row.host}));
            Some((row, deed))
        })
        .await?;
        Ok(Walk::On)
    }

    /// The listing is asked for the marker until it must show what is there; then a person is.
    async fn reconcile(&self, edition: &Edition, since: Timestamp) -> Result<Walk, PublishError> {
        let marker = card_of(edition).marker;
        let found = self.host.find(&marker).await?;
        let now = self.ledger.now();
        let settled = since + SignedDuration::from_mins(i64::from(self.law.upload.listing_lag_minutes));
        match found.as_slice() {
            [video] => {
                self.found(edition, video.clone(), "publish.reconciled").await?;
                Ok(Walk::On)
            }
            [] if now < settled => {
                let until = settled.min(now + SignedDuration::from_secs(60 + i64::from(self.law.upload.poll_seconds)));
                Ok(Walk::Stop(Outcome::Waits { until, why: format!("the listing of {} may lag", self.host.name()) }))
            }
            [] => {
                self.park(edition, format!("the upload session is lost and no video carries `{marker}`")).await?;
                Ok(Walk::On)
            }
            many => {
                let ids: Vec<_> = many.iter().map(|id| id.0.as_str()).collect();
                self.park(edition, format!("{} videos carry `{marker}`: {}", ids.len(), ids.join(", "))).await?;
                Ok(Walk::On)
            }
        }
    }

    /// The video is known: the session has done its work and is forgotten.
    async fn found(&self, edition: &Edition, video: VideoId, how: &str) -> Result<(), PublishError> {
        let address = self.host.address(&video);
        let now = self.ledger.now();
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| row.step.uri().is_some() || matches!(row.step, Step::Unknown { .. }))?;
            row.state = PublishState::Publishing;
            row.problem = None;
            row.step = Step::Uploaded { video: video.clone(), since: now };
            row.address = Some(address.clone());
            let deed = Deed::new("publisher", how, &row.run).with(json!({ "video": video }));
            Some((row, deed))
        })
        .await?;
        Ok(())
    }

    /// Leaves it to a person.
    async fn park(&self, edition: &Edition, why: String) -> Result<(), PublishError> {
        self.change(&edition.channel, &edition.run, |row| {
            let mut row = row.filter(|row| !matches!(row.step, Step::Public { .. } | Step::NeedsPerson { .. }))?;
            row.state = PublishState::Failed;
            row.problem = Some(why.clone());
            row.step = Step::NeedsPerson { why: why.clone() };
            let deed = Deed::new("publisher", "publish.parked", &row.run).with(json!({ "why": why }));
            Some((row, deed))
        })
        .await?;
        Ok(())
    }

    /// A refusal that no repetition mends goes into the row, so that everybody sees it; the step stays, and whoever mended
    /// the cause publishes again from there. Where no session was opened nothing is at the host and nothing ever will be: then
    /// the row is as before, and the film may also be edited, rejected or approved on other terms.
    async fn failed(&self, edition: &Edition, error: HostError) -> PublishError {
        if !matches!(error, HostError::Refused { .. } | HostError::Consent { .. }) {
            return error.into();
        }
        let (why, what) = match &error {
            HostError::Consent { .. } => (error.to_string(), "token.refused"),
            _ => (error.to_string(), "publish.refused"),
        };
        let written = self
            .change(&edition.channel, &edition.run, |row| {
                let mut row = row.filter(|row| row.step == Step::Intent || row.problem.as_ref() != Some(&why))?;
                row.state = PublishState::Failed;
                row.problem = Some(why.clone());
                if row.step == Step::Intent {
                    row.step = Step::None;
                }
                let deed = Deed::new("publisher", what, &row.run).with(json!({ "why": why }));
                Some((row, deed))
            })
            .await;
        written.err().unwrap_or_else(|| error.into())
    }

    async fn change(
        &self,
        channel: &proofreel_model::ids::ChannelId,
        run: &proofreel_model::ids::RunId,
        mut change: impl FnMut(Option<Publication>) -> Change,
    ) -> Result<Publication, PublishError> {
        self.ledger.change(channel, run, &[], |row| Ok(change(row))).await
    }
}

/// A film whose channel has had its share: one without an hour waits, one with an hour needs another, or goes later.
fn late(edition: &Edition, wait: CadenceWait, begun: bool) -> Result<(), PublishError> {
    if edition.publish_at.is_some() {
        return Err(PublishError::HeldBack {
            run: edition.run.clone(),
            why: format!("at its time {}", wait.why),
            hint: if begun {
                format!(
                    "it lies private at the host; `proofreel publish {}` after {} shows it",
                    edition.run, wait.until
                )
            } else {
                format!("approve it for {} or later", wait.until)
            },
        });
    }
    Err(HostError::Wait { host: edition.channel.to_string(), until: wait.until, why: wait.why }.into())
}

/// The video file of an edition.
fn file_of(edition: &Edition) -> VideoFile {
    VideoFile { bytes: edition.video.bytes, media_type: edition.video.media_type.clone() }
}

/// A session as the host takes it.
fn session(uri: &str) -> Secret {
    Secret::new(uri)
}
