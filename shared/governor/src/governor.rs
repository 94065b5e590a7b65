//! The one way out.

mod asking;
mod sending;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proofreel_model::calls::{AllowanceLeft, CallCounts, CallKind};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{CallLimits, Provider, ProviderLaw};
use proofreel_ports::{Answer, Blobs, Call, CallError, Clock, Judge, Outside, PortError, Records, Secrets, Web};

use crate::account::Terms;
use crate::cache::Cache;
use crate::ledger::Ledger;
use crate::pause::{Pause, Sleep};
use crate::usage::{self, Added, Asker, EMBEDDED};

/// What the governor stands on.
#[derive(Clone)]
pub struct Doors {
    /// The network.
    pub web: Arc<dyn Web>,
    /// Accounts, leases, usage.
    pub records: Arc<dyn Records>,
    /// Bodies of kept answers.
    pub blobs: Arc<dyn Blobs>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Keys.
    pub secrets: Arc<dyn Secrets>,
}

/// Calls to the outside: from the cache, or within the quota.
pub struct Governor {
    doors: Doors,
    law: ProviderLaw,
    ledger: Ledger,
    cache: Cache,
    pause: Arc<dyn Pause>,
    /// Names this worker in leases.
    name: String,
    flights: Mutex<u64>,
    tallies: Mutex<HashMap<RunId, CallCounts>>,
}

/// The provider of a call and all that it is held to.
struct Held<'a> {
    provider: &'a Provider,
    /// Name of the account's row.
    row: String,
    limits: CallLimits,
    zone: TimeZone,
    of: &'a Provider,
    breaker: proofreel_model::policy::Breaker,
    retry: proofreel_model::policy::Retry,
}

/// One asking: the call, what it is held to, who judges its answer, and what it came to so far.
struct Asking<'a> {
    call: &'a Call,
    held: &'a Held<'a>,
    judge: Judge<'a>,
    /// The key that it is asked with, as the account knows it again.
    key: Option<String>,
    added: Added,
}

impl Held<'_> {
    fn terms<'t>(&'t self, key: Option<&'t str>) -> Terms<'t> {
        let Self { limits, zone, retry, breaker, of, .. } = self;
        Terms { limits, day: &of.day, zone, retry, breaker, key }
    }
}

impl Governor {
    /// A governor under `law`. `seed` feeds its jitter and its name: give every worker another one.
    pub fn new(doors: Doors, law: ProviderLaw, seed: u64) -> Self {
        Self::with_pause(doors, law, seed, Arc::new(Sleep))
    }

    /// The same, with another way to wait.
    pub fn with_pause(doors: Doors, law: ProviderLaw, seed: u64, pause: Arc<dyn Pause>) -> Self {
        let ledger = Ledger::new(Arc::clone(&doors.records), Arc::clone(&pause), seed);
        let cache = Cache::new(Arc::clone(&doors.records), Arc::clone(&doors.blobs));
        let name = format!("{seed:016x}-{}", std::process::id());
        Self { doors, law, ledger, cache, pause, name, flights: Mutex::default(), tallies: Mutex::default() }
    }

    /// The law that it keeps.
    pub const fn law(&self) -> &ProviderLaw {
        &self.law
    }

    fn now(&self) -> Timestamp {
        self.doors.clock.now()
    }

    /// The provider of a call, if it may be asked at all.
    fn held(&self, call: &Call) -> Result<Held<'_>, CallError> {
        let unusable = |why: String| CallError::Unusable { provider: call.provider.clone(), why };
        let provider = self.law.provider(&call.provider).ok_or_else(|| {
            unusable("no providers.toml names it; add it to providers.toml of the state folder".into())
        })?;
        if !provider.enabled {
            let note = provider.note.as_deref().unwrap_or("it is switched off");
            return Err(unusable(format!(
                "{note}\n  hint: to use it all the same, set providers.{}.enabled = true in providers.toml of the state folder",
                call.provider
            )));
        }
        let model = call.model.as_deref();
        let (row, limits, of) =
            self.law.counted(&call.provider, model).ok_or_else(|| unusable("its pool is no provider".into()))?;
        let zone = TimeZone::get(of.day.zone()).map_err(|error| unusable(error.to_string()))?;
        let mut breaker = self.law.breaker;
        if !provider.breaker {
            breaker.failures = u32::MAX;
        }
        Ok(Held { provider, row, limits, zone, of, breaker, retry: self.law.retry })
    }

    /// A name for one lease: of this worker, and of no other flight of it.
    fn flight_name(&self) -> String {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        *flights += 1;
        format!("{}-{flights}", self.name)
    }

    /// Writes down what a call came to. A failure to do so is no failure of the call, which may have changed the world.
    async fn note(&self, asker: Asker<'_>, added: &Added) {
        if let Some(run) = asker.run {
            let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
            let tally = tallies.entry(run.clone()).or_default();
            *tally = tally.plus(&added.counts);
        }
        if let Err(error) = usage::add(&self.ledger, asker, added, self.now()).await {
            tracing::warn!(provider = asker.provider, %error, "the usage of a call was not written down");
        }
    }
}

fn asker(call: &Call) -> Asker<'_> {
    Asker { provider: &call.provider, kind: call.kind, channel: &call.channel, run: call.run.as_ref() }
}

/// Few words for the reason of an error, by which usage rows count; none for a failure of the provider or of storage.
fn short(error: &CallError) -> Option<String> {
    match error {
        CallError::Quota { what, .. } => Some(format!("no {what}")),
        CallError::Open { .. } => Some("left alone after failures".into()),
        CallError::Unusable { why, .. } => {
            let first = why.lines().next().unwrap_or_default();
            Some(first.chars().take(60).collect())
        }
        _ => None,
    }
}

#[async_trait]
impl Outside for Governor {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let (answered, mut added) = match self.held(call) {
            Ok(held) => {
                let account = usage::is_long(&held.limits).then(|| held.row.clone());
                let added = Added { account, ..Added::default() };
                let mut asking = Asking { call, held: &held, judge, key: None, added };
                (self.answer(&mut asking).await, asking.added)
            }
            Err(error) => (Err(error), Added::default()),
        };
        // A stale answer stands for a call that was not made, too: `answer` has noted why.
        if let Err(error) = &answered
            && let Some(short) = short(error)
        {
            added.counts.refused += 1;
            added.refusal = Some((short, error.to_string()));
        }
        self.note(asker(call), &added).await;
        answered
    }

    async fn kept(&self, call: &Call, judge: Judge<'_>) -> Result<Option<Answer>, CallError> {
        let held = self.held(call)?;
        let mut asking = Asking { call, held: &held, judge, key: None, added: Added::default() };
        let found = self.look(&mut asking).await?;
        if found.is_some() {
            self.note(asker(call), &asking.added).await;
        }
        Ok(found)
    }

    async fn fell_back(&self, kind: CallKind, channel: &ChannelId, run: Option<&RunId>, why: &str) {
        let counts = CallCounts { fallbacks: 1, ..CallCounts::default() };
        let refusal = Some(("no provider answered".into(), why.to_owned()));
        let added = Added { counts, refusal, ..Added::default() };
        self.note(Asker { provider: EMBEDDED, kind, channel, run }, &added).await;
    }

    fn address(&self, provider: &str) -> Option<String> {
        let address = self.law.provider(provider)?.base_url.trim_end_matches('/');
        (!address.is_empty()).then(|| address.to_owned())
    }

    async fn left(&self) -> Result<Vec<AllowanceLeft>, PortError> {
        usage::left(self.doors.records.as_ref(), &self.law, self.now()).await
    }

    fn take_counts(&self, run: &RunId) -> CallCounts {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).remove(run).unwrap_or_default()
    }
}

/// Errors of storage are the caller's to see before a call, and ours to log after it.
fn logged(what: &str, result: Result<(), PortError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "{what}");
    }
}
