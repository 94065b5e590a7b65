//! The verbs of people: offer, approve, reject, settle, retract.

use jiff::{SignedDuration, Timestamp};
use proofreel_model::channel::{ChannelProfile, Visibility};
use proofreel_model::digest::Digest;
use proofreel_model::film::Film;
use proofreel_model::policy::publishing::law;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_ports::{VideoId, Write};
use serde_json::json;

use crate::audit::Deed;
use crate::auto::{AutoEvidence, auto_faults};
use crate::edition::Edition;
use crate::error::PublishError;
use crate::governance::Governance;
use crate::ledger::Ledger;
use crate::publication::{Approval, ApprovalWay, Publication, PublishState, Rejection, Retraction, Step, shown_state};
use crate::roles::{Role, demand};

/// Longest reason that a person may give, characters.
const LONGEST_REASON: usize = 2000;

/// A run as it is now, with its channel's file as it is now.
pub struct Candidate {
    /// The channel.
    pub channel: ChannelProfile,
    /// Where the run is.
    pub head: RunHead,
    /// Digest of the film artifact.
    pub film_digest: Digest,
    /// The film.
    pub film: Film,
    /// The verdict of QA.
    pub qa: QaReport,
}

/// On which terms a film is approved.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Who.
    pub who: String,
    /// True for somebody who runs the command where the state folder lies.
    pub at_the_machine: bool,
    /// How.
    pub way: ApprovalWay,
    /// First digits of the film's digest, as the person saw them.
    pub code: String,
    /// Who is to see it; the channel's word when left out.
    pub visibility: Option<Visibility>,
    /// When it becomes public, if not at once.
    pub publish_at: Option<Timestamp>,
    /// Why it goes out although governance speaks against it.
    pub override_reason: Option<String>,
}

impl Candidate {
    /// Refuses what may never be published, whoever approves: drafts, unfinished films, what QA did not pass.
    pub fn must_be_fit(&self) -> Result<(), PublishError> {
        let unfit = |why: String, hint: &str| {
            Err(PublishError::Unfit { run: self.head.run_id.clone(), why, hint: hint.to_owned() })
        };
        if self.head.draft {
            return unfit("it is a draft".into(), "drafts are for reading; order the episode with `proofreel produce`");
        }
        if self.head.state != RunState::Done {
            return unfit("it is not finished".into(), "go on with `proofreel produce --resume RUN`");
        }
        if self.qa.verdict != Decision::Pass {
            return unfit("QA did not pass it".into(), "read qa.json, mend the cause, and produce it again");
        }
        let script = self.head.artifacts.get(&StageName::Script).map(|blob| &blob.digest);
        if script != Some(&self.qa.script_digest) {
            return unfit("QA judged another script".into(), "the script was changed after its check; start a new run");
        }
        Ok(())
    }

    /// The edition on these terms.
    pub fn edition(&self, visibility: Visibility, publish_at: Option<Timestamp>) -> Result<Edition, PublishError> {
        Edition::of(&self.head.run_id, &self.channel, &self.film_digest, &self.film, visibility, publish_at)
    }

    /// The edition that this approval is about, if it still is.
    pub(crate) fn approved(&self, approval: &Approval) -> Result<Edition, String> {
        let edition = self.edition(approval.visibility, approval.publish_at).map_err(|error| error.to_string())?;
        if self.film_digest != approval.film {
            return Err(format!("the film is {}, approved was {}", self.film_digest.short(), approval.film.short()));
        }
        if edition.digest() != approval.edition {
            return Err("the channel's terms of publishing were changed after the approval".into());
        }
        Ok(edition)
    }
}

/// Where people decide.
#[derive(Clone)]
pub struct Desk {
    ledger: Ledger,
}

impl Desk {
    /// A desk over these rows.
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }

    /// Puts a finished film before the approvers. A film that differs from the one approved voids that approval. With a
    /// channel that opted in, and everything for it, it is approved at once.
    pub async fn offer(
        &self,
        candidate: &Candidate,
        editor: &str,
        governance: &Governance,
    ) -> Result<Publication, PublishError> {
        candidate.must_be_fit()?;
        let (channel, run) = (&candidate.channel.id, &candidate.head.run_id);
        let row = self
            .ledger
            .change(channel, run, &[], |row| {
                let now = self.ledger.now();
                let known = row.is_some();
                let mut row = row.unwrap_or_else(|| Publication::awaiting(channel, run, &candidate.film_digest, now));
                let news = row.film != candidate.film_digest || !known;
                if row.has_begun() || !news && row.editors.contains(editor) {
                    return Ok(None);
                }
                row.editors.insert(editor.to_owned());
                if news {
                    row.film = candidate.film_digest.clone();
                    row.state = PublishState::AwaitingApproval;
                    row.problem = None;
                    row.approval = None;
                }
                let deed = Deed::new(editor, "offer", run).with(json!({"film": row.film, "channel": channel}));
                Ok(Some((row, deed)))
            })
            .await?;
        if row.state != PublishState::AwaitingApproval || !candidate.channel.publishing.auto_approve {
            return Ok(row);
        }
        let history = self.ledger.of_channel(channel).await?;
        let two_persons = candidate.channel.publishing.two_persons;
        let edited_by = row.edited.as_ref().map(|edited| edited.by.as_str());
        let evidence =
            AutoEvidence { opted_in: true, two_persons, edited_by, qa: &candidate.qa, governance, history: &history };
        let faults = auto_faults(&evidence, &law().auto);
        if !faults.is_empty() {
            tracing::info!(%run, faults = faults.join("; "), "a person decides");
            return Ok(row);
        }
        let approval = self.approval(candidate, "auto", ApprovalWay::Auto, None, None, None)?;
        self.write_approval(candidate, approval, false).await
    }

    /// Lets a film pass, exactly as it is.
    pub async fn approve(
        &self,
        candidate: &Candidate,
        terms: &Terms,
        governance: &Governance,
    ) -> Result<Publication, PublishError> {
        let run = &candidate.head.run_id;
        demand(&candidate.channel, &terms.who, terms.at_the_machine, Role::Approver, "approve")?;
        candidate.must_be_fit()?;
        let digits = law().approval.code_digits;
        if terms.code.len() < digits || !candidate.film_digest.0.starts_with(&terms.code) {
            return Err(PublishError::NotThat {
                run: run.clone(),
                why: format!("its film begins with {}, not with `{}`", &candidate.film_digest.0[..digits], terms.code),
                hint: "look at the film again: what you saw is not what would be published".into(),
            });
        }
        if let Some(objection) = governance.objection().filter(|_| terms.override_reason.is_none()) {
            return Err(PublishError::HeldBack {
                run: run.clone(),
                why: objection,
                hint: "mend it, or approve with --override REASON, which is recorded".into(),
            });
        }
        if terms.publish_at.is_some_and(|at| at <= self.ledger.now()) {
            return Err(PublishError::Unfit {
                run: run.clone(),
                why: "its time of publishing has passed".into(),
                hint: "give a later --publish-at, or none".into(),
            });
        }
        let reason = terms.override_reason.as_deref().map(|reason| Self::reason(candidate, reason)).transpose()?;
        let approval = self.approval(candidate, &terms.who, terms.way, terms.visibility, terms.publish_at, reason)?;
        self.write_approval(candidate, approval, candidate.channel.publishing.two_persons).await
    }

    fn approval(
        &self,
        candidate: &Candidate,
        by: &str,
        way: ApprovalWay,
        visibility: Option<Visibility>,
        publish_at: Option<Timestamp>,
        override_reason: Option<String>,
    ) -> Result<Approval, PublishError> {
        let visibility = visibility.unwrap_or(candidate.channel.publishing.visibility);
        let now = self.ledger.now();
        Ok(Approval {
            edition: candidate.edition(visibility, publish_at)?.digest(),
            film: candidate.film_digest.clone(),
            by: by.to_owned(),
            way,
            at: now,
            expires_at: now + SignedDuration::from_hours(24 * i64::from(law().approval.valid_days)),
            visibility,
            publish_at,
            override_reason,
        })
    }

    async fn write_approval(
        &self,
        candidate: &Candidate,
        approval: Approval,
        two_persons: bool,
    ) -> Result<Publication, PublishError> {
        let (channel, run) = (&candidate.channel.id, &candidate.head.run_id);
        self.ledger
            .change(channel, run, &[], |row| {
                let now = self.ledger.now();
                let mut row = row.unwrap_or_else(|| Publication::awaiting(channel, run, &candidate.film_digest, now));
                let changed = row.film != candidate.film_digest;
                let of_these = |held: &Approval| held.edition == approval.edition && held.by == approval.by;
                let mine = row.approval.as_ref().is_some_and(of_these);
                let wrong = |why: &str, hint: &str| {
                    let (state, run) = (shown_state(row.state).to_owned(), run.clone());
                    Err(PublishError::WrongState { run, state, why: why.to_owned(), hint: hint.to_owned() })
                };
                match row.state {
                    PublishState::AwaitingApproval => {}
                    PublishState::Approved => {
                        let same = row.approval.as_ref().is_some_and(|held| held.edition == approval.edition);
                        let holds = row.approval.as_ref().is_some_and(|held| held.expires_at > now);
                        if same && holds {
                            return Ok(None);
                        }
                    }
                    PublishState::Rejected if changed => {}
                    PublishState::Rejected => {
                        return wrong("this very film was rejected", "produce it again; a rejection stands");
                    }
                    // Nothing is at any host: whoever mended the cause approves it anew.
                    PublishState::Failed if !row.has_begun() => {}
                    // Whoever approved it and was not told so, because the process died, asks again.
                    PublishState::Publishing | PublishState::Published if mine => return Ok(None),
                    _ => return wrong("its upload has begun", "look at `proofreel runs show RUN`"),
                }
                if two_persons && row.editors.contains(&approval.by) {
                    return Err(PublishError::NotAllowed {
                        who: approval.by.clone(),
                        what: "approve what they ordered or edited",
                        channel: channel.clone(),
                        hint: "the channel demands two persons; ask another approver".into(),
                    });
                }
                row.film = candidate.film_digest.clone();
                row.state = PublishState::Approved;
                row.approval = Some(approval.clone());
                row.problem = None;
                let deed =
                    Deed::new(&approval.by, "approve", run).with(json!({"channel": channel, "approval": approval}));
                Ok(Some((row, deed)))
            })
            .await
    }

    /// Writes that a film is not to go out, together with `back`, which are the run's rows on its way back to the stage at fault: all
    /// of it or nothing. A film that was rejected already stays so, and `back` is not written.
    ///
    /// # Errors
    /// The person may not; the upload has begun; the reason is empty; [`PublishError::Busy`] when the run moved meanwhile; storage.
    pub async fn reject(
        &self,
        candidate: &Candidate,
        (who, at_the_machine): (&str, bool),
        reason: &str,
        stage: StageName,
        back: &[Write],
    ) -> Result<Publication, PublishError> {
        let (channel, run) = (&candidate.channel.id, &candidate.head.run_id);
        demand(&candidate.channel, who, at_the_machine, Role::Approver, "reject")?;
        let reason = Self::reason(candidate, reason)?;
        self.ledger
            .change(channel, run, back, |row| {
                let now = self.ledger.now();
                let mut row = row.unwrap_or_else(|| Publication::awaiting(channel, run, &candidate.film_digest, now));
                if row.has_begun() {
                    return Err(PublishError::WrongState {
                        run: run.clone(),
                        state: shown_state(row.state).into(),
                        why: "its upload has begun".into(),
                        hint: format!("take it back with `proofreel retract {run} --reason …`"),
                    });
                }
                if row.state == PublishState::Rejected && row.film == candidate.film_digest {
                    return Ok(None);
                }
                row.film = candidate.film_digest.clone();
                row.state = PublishState::Rejected;
                row.problem = None;
                row.approval = None;
                let film = candidate.film_digest.clone();
                let rejection = Rejection { by: who.to_owned(), at: now, reason: reason.clone(), stage, film };
                row.rejection = Some(rejection.clone());
                let deed = Deed::new(who, "reject", run).with(json!({"channel": channel, "rejection": rejection}));
                Ok(Some((row, deed)))
            })
            .await
    }

    /// Writes that a video is to be taken back. Whoever publishes hides it, and whoever is just showing it hides it again.
    ///
    /// # Errors
    /// The person may not; there is no video; the reason is empty; storage.
    pub async fn retract(
        &self,
        candidate: &Candidate,
        who: &str,
        at_the_machine: bool,
        reason: &str,
    ) -> Result<Publication, PublishError> {
        let (channel, run) = (&candidate.channel.id, &candidate.head.run_id);
        demand(&candidate.channel, who, at_the_machine, Role::Operator, "retract")?;
        let reason = Self::reason(candidate, reason)?;
        self.ledger
            .change(channel, run, &[], |row| {
                let Some(mut row) = row.filter(|row| row.step.video().is_some()) else {
                    return Err(PublishError::WrongState {
                        run: run.clone(),
                        state: "not at any host".into(),
                        why: "there is no video to take back".into(),
                        hint: format!("`proofreel reject {run}` keeps it from being published"),
                    });
                };
                if row.retraction.is_some() {
                    return Ok(None);
                }
                let deed = Deed::new(who, "retract", run).with(json!({"reason": reason, "video": row.step.video()}));
                let (by, at, reason) = (who.to_owned(), self.ledger.now(), reason.clone());
                row.retraction = Some(Retraction { by, at, reason, done: false });
                Ok(Some((row, deed)))
            })
            .await
    }

    /// A person says what became of an upload that nobody knows: it is this video, or there is none.
    pub async fn settle(
        &self,
        candidate: &Candidate,
        who: &str,
        at_the_machine: bool,
        video: Option<VideoId>,
        reason: &str,
    ) -> Result<Publication, PublishError> {
        let (channel, run) = (&candidate.channel.id, &candidate.head.run_id);
        demand(&candidate.channel, who, at_the_machine, Role::Operator, "settle an upload")?;
        let reason = Self::reason(candidate, reason)?;
        self.ledger
            .change(channel, run, &[], |row| {
                let Some(mut row) =
                    row.filter(|row| matches!(row.step, Step::NeedsPerson { .. } | Step::Unknown { .. }))
                else {
                    return Err(PublishError::WrongState {
                        run: run.clone(),
                        state: "not waiting for a person".into(),
                        why: "its upload is not in doubt".into(),
                        hint: format!("look at `proofreel runs show {run}`"),
                    });
                };
                let now = self.ledger.now();
                if video.is_some() && row.approval.is_none() {
                    return Err(PublishError::WrongState {
                        run: run.clone(),
                        state: shown_state(row.state).into(),
                        why: "its approval is void, so that video may not be shown".into(),
                        hint: "delete it at the host, say so with --settle-none, and approve the film anew".into(),
                    });
                }
                row.problem = None;
                // What another video had got, this one has not.
                row.extras.clear();
                if let Some(video) = &video {
                    row.state = PublishState::Publishing;
                    row.step = Step::Uploaded { video: video.clone(), since: now };
                } else {
                    row.state = match &row.approval {
                        Some(_) => PublishState::Approved,
                        None => PublishState::AwaitingApproval,
                    };
                    row.step = Step::None;
                }
                let deed = Deed::new(who, "settle", run).with(json!({"video": video, "reason": reason}));
                Ok(Some((row, deed)))
            })
            .await
    }

    fn reason(candidate: &Candidate, reason: &str) -> Result<String, PublishError> {
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(PublishError::Unfit {
                run: candidate.head.run_id.clone(),
                why: "its reason is empty or very long".into(),
                hint: format!("say in a sentence why, in up to {LONGEST_REASON} characters"),
            });
        }
        Ok(reason)
    }

    /// The rows.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
