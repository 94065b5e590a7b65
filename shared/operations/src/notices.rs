//! The one place that tells people: pages, films that wait for a decision, retractions, revisions, reports.
//!
//! What happened is written down first, once for each who is to be told, and then sent. A notice that could not be sent waits for
//! whoever looks next; nothing that is to be told ever keeps a run waiting, or fails it.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `notice` | `<event>#<scope>#<address>` | [`Told`]: the event was seen, and what became of it |
//! | `notice-due` | the same | a notice that is still to be sent; gone when it was, or was given up |

mod event;
mod send;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::{Incident, IncidentEvent, IncidentKind, IncidentState, Page};
use proofreel_model::notices::{Notices, Recipient, Way};
use proofreel_model::policy::notice_law;
use proofreel_pipeline::{incidents, run_head};
use proofreel_ports::{Condition, Item, Mailer, Outside, Pager, PortError, Records, Secrets, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reports::Made;
use crate::{Office, OperationError};

pub use event::Event;
pub use send::Trouble;

const NOTICE: &str = "notice";
const DUE: &str = "notice-due";
/// The scope of an installation's own recipients.
const ALL: &str = "all";
/// Tries in a row, before the notice is left to whoever looks next.
const AT_ONCE: u32 = 2;

/// What became of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is still to be sent.
    Due,
    /// It was sent.
    Sent,
    /// It was given up.
    Failed,
}

/// A notice: one event for one recipient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What happened.
    pub event: Event,
    /// Whose recipient it is: a channel, or `all`.
    pub scope: String,
    /// Whom it is for.
    pub recipient: Recipient,
    /// What became of it.
    pub became: Became,
    /// Tries so far.
    pub tries: u32,
    /// Why the last try failed; holds no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Not to be tried before, milliseconds of the epoch; while it is sent, the end of the sender's lease.
    pub until: i64,
    /// Counts the claims: who sends has written the newest.
    pub claim: u64,
    /// When it happened.
    pub at: Timestamp,
}

impl Told {
    fn key(&self) -> String {
        format!("{}#{}#{}", self.event.key, self.scope, self.recipient.address)
    }
}

/// What a round of telling came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Sent now.
    pub sent: usize,
    /// Left for later.
    pub later: usize,
    /// Given up now.
    pub failed: usize,
}

impl std::ops::AddAssign for Round {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.later += other.later;
        self.failed += other.failed;
    }
}

/// Tells people.
#[derive(Clone)]
pub struct Teller {
    pub(crate) office: Office,
    outside: Arc<dyn Outside>,
    secrets: Arc<dyn Secrets>,
    mailer: Option<Arc<dyn Mailer>>,
    settings: Notices,
}

impl Teller {
    /// Tells by these ways; `settings` are those of the installation, channels add their own. Without a `mailer` mail is given up
    /// with a note.
    pub fn new(
        office: Office,
        outside: Arc<dyn Outside>,
        secrets: Arc<dyn Secrets>,
        mailer: Option<Arc<dyn Mailer>>,
        settings: Notices,
    ) -> Self {
        Self { office, outside, secrets, mailer, settings }
    }

    /// The settings of the installation.
    pub const fn settings(&self) -> &Notices {
        &self.settings
    }

    /// Everybody who could be told: of the installation and of each channel, with the scope.
    ///
    /// # Errors
    /// The channel files cannot be read.
    pub async fn recipients(&self) -> Result<Vec<(String, Recipient)>, OperationError> {
        let mut all: Vec<(String, Recipient)> =
            self.settings.to.iter().map(|one| (ALL.to_owned(), one.clone())).collect();
        for profile in self.office.channels.profiles().await? {
            all.extend(profile.notices.to.iter().map(|one| (profile.id.to_string(), one.clone())));
        }
        Ok(all)
    }

    /// Tells an event to all whom it concerns, once: the same event again tells nobody.
    ///
    /// # Errors
    /// The records or the channel files; what a recipient's server does is no error.
    pub async fn tell(&self, event: &Event) -> Result<Round, OperationError> {
        let mut round = Round::default();
        for (scope, recipient) in self.recipients().await? {
            let here = scope == ALL || event.channel.as_ref().is_some_and(|channel| channel.as_str() == scope);
            if !here || !recipient.wants(event.about) {
                continue;
            }
            let at = self.office.clock.now();
            let told = Told {
                event: event.clone(),
                scope,
                recipient,
                became: Became::Due,
                tries: 0,
                last: None,
                until: 0,
                claim: 0,
                at,
            };
            if self.note(&told).await? {
                round += self.attempt(told, AT_ONCE).await?;
            }
        }
        Ok(round)
    }

    /// Tells that a report was made, once a period.
    ///
    /// # Errors
    /// As [`Teller::tell`].
    pub async fn tell_report(&self, made: &Made) -> Result<Round, OperationError> {
        self.tell(&Event::of_report(made, self.settings.console.as_deref())).await
    }

    /// Sends what could not be sent before and is due again.
    ///
    /// # Errors
    /// The records.
    pub async fn send_due(&self) -> Result<Round, OperationError> {
        let now = self.office.clock.now().as_millisecond();
        let mut round = Round::default();
        for item in self.office.records.query(DUE, "").await? {
            let told: Told = read(&item.sk, item.body)?;
            if told.until <= now {
                round += self.attempt(told, 1).await?;
            }
        }
        Ok(round)
    }

    /// Tells what waits for a person or happened lately, and was not told: films to decide about, retractions. Nothing is told twice.
    ///
    /// # Errors
    /// The records or the channel files.
    pub async fn catch_up(&self) -> Result<Round, OperationError> {
        let mut round = Round::default();
        if self.recipients().await?.is_empty() {
            return Ok(round);
        }
        let since = self.office.clock.now() - SignedDuration::from_hours(24 * notice_law().recent_days);
        for profile in self.office.channels.profiles().await? {
            for row in self.office.ledger().of_channel(&profile.id).await? {
                if row.updated_at < since {
                    continue;
                }
                let console = self.settings.console.as_deref();
                if let Some(event) = event::of_publication(&self.office, &row, console).await? {
                    round += self.tell(&event).await?;
                }
            }
        }
        Ok(round)
    }

    /// Sends a trial notice to everybody at once, with what came of each. Nothing is written down.
    ///
    /// # Errors
    /// The channel files cannot be read.
    pub async fn test(&self) -> Result<Vec<(String, Recipient, Result<(), String>)>, OperationError> {
        let event = Event::trial(self.settings.console.as_deref());
        let mut all = Vec::new();
        for (scope, recipient) in self.recipients().await? {
            let sent = self.send(&event, &recipient).await.map_err(|trouble| trouble.why().to_owned());
            all.push((scope, recipient, sent));
        }
        Ok(all)
    }

    /// The notices that are still to be sent.
    ///
    /// # Errors
    /// The records.
    pub async fn waiting(&self) -> Result<Vec<Told>, OperationError> {
        let items = self.office.records.query(DUE, "").await?;
        items.into_iter().map(|item| read(&item.sk, item.body)).collect()
    }

    /// Writes down that an event is to be told to somebody; false when it was known.
    async fn note(&self, told: &Told) -> Result<bool, OperationError> {
        let writes = vec![put(NOTICE, told, Condition::Absent)?, put(DUE, told, Condition::None)?];
        match self.office.records.transact(writes).await {
            Ok(()) => Ok(true),
            Err(PortError::ConditionFailed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Claims a notice and tries to send it. Somebody else's claim is left alone.
    async fn attempt(&self, told: Told, at_once: u32) -> Result<Round, OperationError> {
        let law = notice_law();
        let now = self.office.clock.now().as_millisecond();
        let held = Condition::Equals { field: "claim".into(), value: told.claim.into() };
        let mut told = Told { claim: told.claim + 1, until: now + law.lease_seconds * 1000, ..told };
        match self.office.records.transact(vec![put(DUE, &told, held)?]).await {
            Ok(()) => {}
            Err(PortError::ConditionFailed { .. }) => return Ok(Round::default()),
            Err(error) => return Err(error.into()),
        }
        let mut again = 0;
        let trouble = loop {
            told.tries += 1;
            again += 1;
            match self.send(&told.event, &told.recipient).await {
                Ok(()) => break None,
                Err(Trouble::Passing { .. }) if again < at_once && told.tries < law.tries => {}
                Err(trouble) => break Some(trouble),
            }
        };
        let Some(trouble) = trouble else {
            (told.became, told.last) = (Became::Sent, None);
            self.end(&told).await?;
            return Ok(Round { sent: 1, ..Round::default() });
        };
        told.last = Some(trouble.why().to_owned());
        tracing::warn!(event = %told.event.key, to = %told.recipient.address, why = %trouble.why(), "a notice was not sent");
        let wait = match &trouble {
            Trouble::Lasting { .. } => None,
            Trouble::Wait { seconds, .. } => Some(seconds.saturating_mul(1000)),
            Trouble::Passing { .. } => {
                let minutes = law.wait_minutes.saturating_mul(1 << told.tries.min(16)).min(law.longest_wait_minutes);
                Some(minutes * 60_000)
            }
        };
        if let Some(wait) = wait.filter(|_| told.tries < law.tries) {
            told.until = self.office.clock.now().as_millisecond() + wait;
            let writes = vec![put(DUE, &told, Condition::None)?, put(NOTICE, &told, Condition::None)?];
            self.office.records.transact(writes).await?;
            return Ok(Round { later: 1, ..Round::default() });
        }
        told.became = Became::Failed;
        self.end(&told).await?;
        self.note_failure(&told).await?;
        Ok(Round { failed: 1, ..Round::default() })
    }

    /// The notice is sent or given up.
    async fn end(&self, told: &Told) -> Result<(), OperationError> {
        let gone = Write::Delete { pk: DUE.into(), sk: told.key(), condition: Condition::None };
        Ok(self.office.records.transact(vec![put(NOTICE, told, Condition::None)?, gone]).await?)
    }

    /// An incident for a recipient who cannot be reached, which calls nobody: it is about calling. Its story grows while it is open.
    async fn note_failure(&self, told: &Told) -> Result<(), OperationError> {
        let (records, now) = (self.office.records.as_ref(), self.office.clock.now());
        let cause = format!("notice_failed#{}#{}", told.scope, told.recipient.address);
        let why = told.last.clone().unwrap_or_default();
        let line = IncidentEvent {
            at: now,
            who: proofreel_insight::watchdog::WATCHDOG.into(),
            what: format!("not told: {}; {why}", told.event.title),
        };
        let open =
            |(_, incident): &(String, Incident)| incident.cause == cause && incident.state != IncidentState::Resolved;
        if let Some((sk, mut incident)) = incidents::incidents(records).await?.into_iter().find(open) {
            incident.timeline.push(line);
            return Ok(incidents::put_incident(records, &sk, &incident).await?);
        }
        let incident = Incident {
            kind: IncidentKind::NoticeFailed,
            cause,
            channel: (told.scope != ALL).then(|| ChannelId::from(told.scope.as_str())),
            stage: None,
            run_id: None,
            runs: Vec::new(),
            what: format!("`{}` was not told of “{}”: {why}", told.recipient.address, told.event.title),
            since: Some(told.at),
            runbook: Some("notices".into()),
            state: IncidentState::Open,
            owner: None,
            resolution: None,
            follow_up: None,
            timeline: vec![line],
            pages: 0,
            tail: 1,
            paged_at: None,
            created_at: now,
        };
        Ok(incidents::put_incident(records, &incidents::incident_key(&incident), &incident).await?)
    }
}

#[async_trait]
impl Pager for Teller {
    async fn page(&self, page: &Page) -> Result<(), PortError> {
        let mut event = Event::of_page(page, self.settings.console.as_deref());
        // A cause names a channel, or a run of one.
        if let Some(name) = event.channel.take() {
            let profiles = self.office.channels.profiles().await?;
            event.channel = if profiles.iter().any(|profile| profile.id == name) {
                Some(name)
            } else {
                let run = RunId::from(name.as_str());
                run_head(self.office.records.as_ref(), &run).await.ok().map(|head| head.channel)
            };
        }
        match self.tell(&event).await {
            Ok(_) => Ok(()),
            Err(OperationError::Port(error)) => Err(error),
            Err(error) => Err(PortError::Unavailable { what: "a page".into(), detail: error.to_string() }),
        }
    }
}

/// Notices that were sent by mail, of what happened from `from` until before `until`.
///
/// # Errors
/// The records.
pub async fn mailed(records: &dyn Records, from: Timestamp, until: Timestamp) -> Result<usize, OperationError> {
    let mut mails = 0;
    for item in records.query(NOTICE, "").await? {
        let told = read(&item.sk, item.body)?;
        let by_mail = told.recipient.way == Way::Email && told.became == Became::Sent;
        mails += usize::from(by_mail && (from..until).contains(&told.at));
    }
    Ok(mails)
}

fn put(pk: &str, told: &Told, condition: Condition) -> Result<Write, OperationError> {
    let body = serde_json::to_value(told)
        .map_err(|error| OperationError::Unreadable { what: "a notice".into(), why: error.to_string() })?;
    Ok(Write::Put { item: Item { pk: pk.to_owned(), sk: told.key(), body }, condition })
}

fn read(sk: &str, body: Value) -> Result<Told, OperationError> {
    serde_json::from_value(body)
        .map_err(|error| OperationError::Unreadable { what: format!("notice {sk}"), why: error.to_string() })
}
