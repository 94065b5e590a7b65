//! Throwing kept answers away: those that no call can be given any more, and the oldest of those that are too much.
//!
//! Nothing that is thrown away is ever missed but by a call: a question whose answer is gone is asked again.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Blobs, Condition, PortError, Records, Write};
use serde::Serialize;

use crate::cache::{ANSWER, Cache, Kept, Line, list_of};
use crate::ledger::read;

/// What was thrown away, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Answers that nothing may be answered with any more.
    pub expired: u64,
    /// Answers that were good, and the oldest of too many.
    pub surplus: u64,
    /// Lines of answers that were fetched again since.
    pub superseded: u64,
    /// Bytes of bodies that went, or would go.
    pub bytes: u64,
    /// Answers that stay.
    pub kept: u64,
    /// Their bytes; a body of two answers counts once.
    pub kept_bytes: u64,
    /// Bodies that stay because a run refers to them, though their answer went.
    pub held: u64,
}

/// An answer as it is listed.
struct Listed {
    pk: String,
    sk: String,
    line: Line,
}

/// Throws away what the law says, as of `now`. `held` are keys of bodies that runs refer to: they stay whatever becomes of their answer.
/// A dry run only counts.
///
/// # Errors
/// Storage failed; what was thrown away until then is whole.
pub async fn prune(
    (records, blobs): (&dyn Records, &dyn Blobs),
    law: &ProviderLaw,
    now: Timestamp,
    held: &BTreeSet<String>,
    dry: bool,
) -> Result<Pruned, PortError> {
    let (mut stay, mut go, mut pruned) = (Vec::new(), Vec::new(), Pruned::default());
    for one in listed(records, now, law.keep.look_back_months).await? {
        let pk = Cache::pk(&one.line.question);
        let current = records.get(&pk, ANSWER).await?.and_then(|body| read::<Kept>(&pk, ANSWER, &body).ok());
        if current.is_none_or(|kept| kept.fetched_ms != one.line.fetched_ms || kept.body != one.line.body) {
            pruned.superseded += 1;
            go.push(one);
        } else if is_over(&one.line, law, now) {
            pruned.expired += 1;
            go.push(one);
        } else {
            stay.push(one);
        }
    }
    stay.sort_by(|one, other| {
        // The newest first, so that the oldest are too much.
        other.line.fetched_ms.cmp(&one.line.fetched_ms).then_with(|| one.line.question.cmp(&other.line.question))
    });
    let (mut bodies, mut sum) = (BTreeSet::new(), 0_u64);
    let most = law.keep.megabytes.saturating_mul(1_000_000);
    let mut within = Vec::new();
    for one in stay {
        let more = if bodies.contains(&one.line.body.key) { 0 } else { one.line.body.bytes };
        if sum.saturating_add(more) > most {
            pruned.surplus += 1;
            go.push(one);
        } else {
            sum += more;
            bodies.insert(one.line.body.key.clone());
            within.push(one);
        }
    }
    (pruned.kept, pruned.kept_bytes) = (within.len() as u64, sum);

    let mut gone = BTreeSet::new();
    for one in &go {
        if !dry {
            forget(records, one).await?;
        }
        let key = &one.line.body.key;
        if bodies.contains(key) || !gone.insert(key.clone()) {
            continue;
        }
        if held.contains(key) {
            pruned.held += 1;
            continue;
        }
        pruned.bytes += one.line.body.bytes;
        if !dry {
            blobs.delete(key).await?;
        }
    }
    Ok(pruned)
}

/// All that is listed in the months that answers may be from, and the one to come, for clocks that are ahead.
async fn listed(records: &dyn Records, now: Timestamp, months: u32) -> Result<Vec<Listed>, PortError> {
    let this: Date = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let mut all = Vec::new();
    for back in -1..=i64::from(months) {
        let month = this.saturating_sub(back.months());
        let start = month.to_zoned(TimeZone::UTC).map_or(0, |start| start.timestamp().as_millisecond());
        let pk = list_of(start);
        for item in records.query(&pk, "").await? {
            // A line of another version is left alone.
            if let Ok(line) = read(&pk, &item.sk, &item.body) {
                all.push(Listed { pk: pk.clone(), sk: item.sk, line });
            }
        }
    }
    Ok(all)
}

/// True when no call may be given it, not even in place of a failure.
fn is_over(line: &Line, law: &ProviderLaw, now: Timestamp) -> bool {
    let Some(provider) = law.provider(&line.provider) else { return true };
    let fresh = law.freshness(line.kind, provider);
    let seconds = i64::try_from(fresh.seconds.saturating_add(fresh.stale_seconds)).unwrap_or(i64::MAX);
    now.as_millisecond().saturating_sub(line.fetched_ms) >= seconds.saturating_mul(1_000)
}

/// Takes the answer's rows away, unless it was fetched again in the meantime: then only its old line goes.
async fn forget(records: &dyn Records, one: &Listed) -> Result<(), PortError> {
    let line = Write::Delete { pk: one.pk.clone(), sk: one.sk.clone(), condition: Condition::None };
    let same = Condition::Equals { field: "fetched_ms".into(), value: one.line.fetched_ms.into() };
    let answer = Write::Delete { pk: Cache::pk(&one.line.question), sk: ANSWER.into(), condition: same };
    match records.transact(vec![line.clone(), answer]).await {
        Err(PortError::ConditionFailed { .. }) => records.transact(vec![line]).await,
        other => other,
    }
}
