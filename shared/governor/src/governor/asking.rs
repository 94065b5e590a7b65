//! From the cache, from another worker's call, or by an own one.

use std::time::Duration;

use jiff::Timestamp;
use proofreel_model::calls::CallKind;
use proofreel_model::digest::Digest;
use proofreel_model::policy::Freshness;
use proofreel_ports::{Answer, Call, CallError};

use super::{Asking, Governor, logged, short};
use crate::cache::{Flight, Kept};
use crate::likeness::digest;

/// The longest pause between two looks for another worker's answer, milliseconds.
const SELDOM_MS: u64 = 4_000;

impl Governor {
    /// The answer to a call, and in `asking.added` what it took.
    pub(super) async fn answer(&self, asking: &mut Asking<'_>) -> Result<Answer, CallError> {
        let call = asking.call;
        let fresh = self.law.freshness(call.kind, asking.held.provider);
        if call.kind == CallKind::Effect {
            return self.send_once(asking).await;
        }
        if fresh.seconds == 0 {
            return self.send(asking, None).await;
        }

        let question = digest(call);
        let until_ms = self.now().as_millisecond() + self.law.flight.wait_seconds as i64 * 1_000;
        let holder = self.flight_name();
        let mut looks = 0;
        loop {
            if let Some(answer) = self.cached(asking, fresh, &question, false).await? {
                return Ok(answer);
            }
            let lapses_ms = self.lapses_ms(call);
            match self.cache.take_flight(&question, &holder, self.now(), lapses_ms).await? {
                Flight::Mine => break,
                Flight::Theirs if self.now().as_millisecond() >= until_ms => {
                    let why = format!(
                        "another worker has been asking it the same for {} s\n  hint: try again later",
                        self.law.flight.wait_seconds
                    );
                    let error = CallError::Unusable { provider: call.provider.clone(), why };
                    return self.stood_in_for(asking, fresh, &question, error).await;
                }
                Flight::Theirs => {
                    let most = (self.law.flight.look_ms << looks.min(5)).min(SELDOM_MS);
                    let spread = (most as f64 * (0.5 + 0.5 * self.ledger.luck())) as u64;
                    self.pause.pause(Duration::from_millis(spread)).await;
                    looks += 1;
                }
            }
        }
        self.fetch(asking, fresh, (&question, &holder)).await
    }

    /// The kept answer to a call.
    pub(super) async fn look(&self, asking: &mut Asking<'_>) -> Result<Option<Answer>, CallError> {
        let fresh = self.law.freshness(asking.call.kind, asking.held.provider);
        if asking.call.kind == CallKind::Effect || fresh.seconds == 0 {
            return Ok(None);
        }
        self.cached(asking, fresh, &digest(asking.call), false).await
    }

    /// When this worker counts as dead if it is not heard of any more.
    pub(super) fn lapses_ms(&self, call: &Call) -> i64 {
        let seconds = call.request.limits.seconds.saturating_add(self.law.flight.grace_seconds);
        self.now().as_millisecond().saturating_add(seconds as i64 * 1_000)
    }

    /// Fetches under the lease.
    async fn fetch(
        &self,
        asking: &mut Asking<'_>,
        fresh: Freshness,
        (question, holder): (&Digest, &str),
    ) -> Result<Answer, CallError> {
        // Another worker's answer may have come between the look and the lease.
        match self.cached(asking, fresh, question, false).await {
            Ok(None) => {}
            Ok(Some(answer)) => {
                self.cache.release_flight(question, holder).await;
                return Ok(answer);
            }
            Err(error) => {
                self.cache.release_flight(question, holder).await;
                return Err(error);
            }
        }
        let error = match self.send(asking, Some((question, holder))).await {
            Ok(answer) => {
                let kept = self.cache.keep(question, asking.call, &answer.answer, answer.fetched_at, holder).await;
                logged("an answer was not kept", kept);
                return Ok(answer);
            }
            Err(error) => error,
        };
        self.cache.release_flight(question, holder).await;
        if may_pass(&error) { self.stood_in_for(asking, fresh, question, error).await } else { Err(error) }
    }

    /// An old answer in place of this failure, where there is one that may stand in; else the failure.
    async fn stood_in_for(
        &self,
        asking: &mut Asking<'_>,
        fresh: Freshness,
        question: &Digest,
        error: CallError,
    ) -> Result<Answer, CallError> {
        let Some(answer) = self.cached(asking, fresh, question, true).await? else { return Err(error) };
        if let Some(short) = short(&error) {
            asking.added.counts.refused += 1;
            asking.added.refusal = Some((short, format!("{error}; an older answer was served")));
        }
        Ok(answer)
    }

    /// A kept answer, if it is fresh, or old enough only to stand in (`stale`), and passes the judge of today.
    async fn cached(
        &self,
        asking: &mut Asking<'_>,
        fresh: Freshness,
        question: &Digest,
        stale: bool,
    ) -> Result<Option<Answer>, CallError> {
        let Some(kept) = self.cache.look(question).await? else { return Ok(None) };
        let seconds = if stale { fresh.seconds + fresh.stale_seconds } else { fresh.seconds };
        if (stale && fresh.stale_seconds == 0) || !is_young(&kept, seconds, self.now()) {
            return Ok(None);
        }
        let Some(answer) = self.cache.open(&kept).await? else { return Ok(None) };
        if (asking.judge)(&answer).is_err() {
            return Ok(None);
        }
        let added = &mut asking.added;
        added.counts.hits += 1;
        added.counts.stale += u64::from(stale);
        added.counts.hits_of_others += u64::from(kept.paid_by != asking.call.channel);
        added.paid_by = Some(kept.paid_by);
        let fetched_at = Timestamp::from_millisecond(kept.fetched_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Some(Answer { answer, fetched_at, cached: true, stale, digest: kept.body.digest }))
    }
}

/// An answer from the future was kept by a clock that is wrong: it is not young.
fn is_young(kept: &Kept, seconds: u64, now: Timestamp) -> bool {
    const AHEAD_MS: i64 = 300_000;
    let age_ms = now.as_millisecond() - kept.fetched_ms;
    (-AHEAD_MS..(seconds as i64).saturating_mul(1_000)).contains(&age_ms)
}

/// True for a failure in which an old answer may stand in: the provider could not, now. A thing that is gone is gone.
fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Quota { .. } | CallError::Open { .. } | CallError::Useless { .. } => true,
        CallError::Status { status, .. } => *status == 429 || *status >= 500 || *status == 408,
        CallError::Web { source, .. } => !matches!(source, proofreel_ports::WebError::Refused { .. }),
        CallError::Unusable { .. } | CallError::Port(_) => false,
    }
}
