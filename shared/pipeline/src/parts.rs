//! A visit that several workers share: divided into parts, done side by side, gathered by whoever ends the last one.
//!
//! ```text
//!  message "render"          ──► divide: ONE TRANSACTION: row · gather row (works, left = n) · n part messages · claim given back
//!  message "render, part 3"  ──► claim the part · do it · ONE TRANSACTION: row · completion · left − 1 · claim removed
//!                                                         and, when nothing is left, the message that gathers
//!  message "render, gather"  ──► the visit as ever, which finds the parts' work in the cache of parts
//! ```
//! Parts are named by what they depend on, so all of this is for speed alone: a part that was given up or forgotten is made
//! anew by the visit that gathers. What must hold is that every part is counted once, and that the last one calls the gatherer.

use proofreel_model::envelope::{Envelope, Share};
use proofreel_model::records::{PipelineRun, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_ports::{Condition, Item, Write};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commit::put_done;
use crate::course::one_line;
use crate::driver::{Driver, Route};
use crate::error::DriverError;
use crate::handle::{Attempt, Handled, put_claim, put_row, same_token};
use crate::keys::{self, Slot};
use crate::lease::Access;

/// What there is to do about a visit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Way {
    /// All of it.
    Whole,
    /// All of it, unless the stage finds it worth dividing.
    Divide,
    /// One part of it, as the stage described it.
    Part(Value),
    /// What is left once all parts are over.
    Gather,
}

impl Way {
    /// True for a visit that was not divided so far.
    pub fn is_undivided(&self) -> bool {
        matches!(self, Self::Whole | Self::Divide)
    }
}

/// The row of a divided visit; gone when the visit is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Gathering {
    /// Parts that are neither done nor given up. It only ever falls, so it also says which writing of the row this is.
    left: u32,
    /// What each part is about, in the words of the stage.
    works: Vec<Value>,
}

impl Driver {
    /// True when this worker's stage can be divided.
    pub(crate) fn divides(&self, stage: StageName) -> bool {
        self.stages.get(&stage).is_some_and(|stage| stage.divides())
    }

    /// What is to be done about a share of the awaited visit; none when there is nothing to do.
    pub(crate) async fn way(
        &self,
        awaited: &Envelope,
        share: Share,
        route: Route,
    ) -> Result<Option<(Share, Way)>, DriverError> {
        if !self.divides(awaited.stage) {
            return Ok(share.part().is_none().then_some((Share::Whole, Way::Whole)));
        }
        let gathering = self.gathering(awaited).await?;
        Ok(match (share, gathering) {
            (Share::Part(_), None) => None,
            (Share::Part(part), Some(gathering)) => {
                let done = self.is_done(&Envelope { share, ..awaited.clone() }).await?;
                let work = gathering.works.get((part as usize).wrapping_sub(1)).filter(|_| !done);
                work.map(|work| (share, Way::Part(work.clone())))
            }
            (Share::Whole | Share::Gather, Some(gathering)) if gathering.left > 0 => {
                self.call_parts(awaited, &gathering).await?;
                None
            }
            (Share::Whole | Share::Gather, Some(_)) => Some((Share::Gather, Way::Gather)),
            (Share::Whole | Share::Gather, None) => {
                let divide = self.most_parts > 1 && route == Route::Queue;
                Some((Share::Whole, if divide { Way::Divide } else { Way::Whole }))
            }
        })
    }

    /// The visit's own message came although parts are open: it came twice, or the parts' messages were lost. Those that
    /// nobody is at are sent again; too many of them change nothing.
    async fn call_parts(&self, awaited: &Envelope, gathering: &Gathering) -> Result<(), DriverError> {
        if self.flush(&awaited.run).await? > 0 {
            return Ok(());
        }
        let now = self.ports.clock.now();
        for message in parts_of(awaited, gathering.works.len()) {
            if self.is_done(&message).await? {
                continue;
            }
            let claim = self.claimed(&message).await?;
            let taken = claim.is_some_and(|claim| matches!(self.access(&message, &claim, now), Access::Taken { .. }));
            if !taken {
                self.send_directly(&message).await?;
            }
        }
        Ok(())
    }

    /// Records the division of a visit and sends its parts off.
    pub(crate) async fn commit_divided(&self, attempt: Attempt<'_>, works: Vec<Value>) -> Result<Handled, DriverError> {
        let Attempt { message, claim, course, .. } = &attempt;
        let row = self.row(&attempt, RunStatus::Success, format!("divide {}", works.len()), None, Vec::new());
        let parts: Vec<Envelope> = parts_of(message, works.len()).collect();
        let gathering = Gathering { left: u32::try_from(works.len()).unwrap_or(u32::MAX), works };
        let mut writes = vec![
            put_row(&row)?,
            put_claim(message, &claim.released(0), same_token(&claim.token))?,
            put_gathering(message, &gathering, Condition::Absent)?,
        ];
        for part in &parts {
            writes.push(self.put_outbox(part)?);
        }
        if !self.write(writes).await? {
            return Ok(Handled::Stale);
        }
        self.observer.ended(&row);
        for part in &parts {
            self.send_decided(part).await?;
        }
        Ok(Handled::Recorded { row: Box::new(row), state: course.head.state.clone() })
    }

    /// Records the end of a part, done or (with an error) given up. The visit goes on either way.
    pub(crate) async fn commit_part(&self, attempt: Attempt<'_>, error: Option<&str>) -> Result<Handled, DriverError> {
        let (status, outcome) =
            if error.is_some() { (RunStatus::Failure, GIVEN_UP) } else { (RunStatus::Success, "part") };
        let row = self.row(&attempt, status, outcome.into(), error.map(one_line), Vec::new());
        if !self.close_part(&attempt.message, &row, &same_token(&attempt.claim.token)).await? {
            return Ok(Handled::Stale);
        }
        Ok(Handled::Recorded { row: Box::new(row), state: attempt.course.head.state })
    }

    /// Closes a part once; whoever closes the last one sends the message that gathers. `held` is the condition under which
    /// the part's claim is ours. False when another worker closed it or has it now.
    pub(crate) async fn close_part(
        &self,
        message: &Envelope,
        row: &PipelineRun,
        held: &Condition,
    ) -> Result<bool, DriverError> {
        let Some(mut before) = self.gathering(message).await? else { return Ok(false) };
        loop {
            let after = Gathering { left: before.left.saturating_sub(1), ..before.clone() };
            let gather = (after.left == 0).then(|| Envelope { share: Share::Gather, ..message.clone() });
            let (pk, sk) = (keys::run(&message.run), keys::claim(Slot::of(message)));
            let count = Condition::Equals { field: "left".into(), value: before.left.into() };
            let mut writes = vec![
                put_row(row)?,
                put_done(message, row),
                Write::Delete { pk, sk, condition: held.clone() },
                put_gathering(message, &after, count)?,
            ];
            if let Some(gather) = &gather {
                writes.push(self.put_outbox(gather)?);
            }
            if self.write(writes).await? {
                self.observer.ended(row);
                if let Some(gather) = &gather {
                    self.send_decided(gather).await?;
                }
                return Ok(true);
            }
            // Another part was closed in between: count again. If none was, it is this part that is no longer ours.
            match self.gathering(message).await? {
                Some(now) if now.left < before.left => before = now,
                _ => return Ok(false),
            }
        }
    }

    /// True when a part is done or given up.
    pub(crate) async fn is_done(&self, message: &Envelope) -> Result<bool, DriverError> {
        let (pk, sk) = (keys::run(&message.run), keys::done(Slot::of(message)));
        Ok(self.ports.records.get(&pk, &sk).await?.is_some())
    }

    async fn gathering(&self, message: &Envelope) -> Result<Option<Gathering>, DriverError> {
        let (pk, sk) = (keys::run(&message.run), keys::gathering(Slot::of(message)));
        let Some(row) = self.ports.records.get(&pk, &sk).await? else { return Ok(None) };
        serde_json::from_value(row).map(Some).map_err(|error| DriverError::Unreadable {
            what: format!("{sk} of run {}", message.run),
            why: error.to_string(),
        })
    }
}

/// How a part ends that no attempt could do.
pub(crate) const GIVEN_UP: &str = "given up";

/// The messages of a divided visit's parts.
fn parts_of(message: &Envelope, count: usize) -> impl Iterator<Item = Envelope> {
    (1..).take(count).map(|part| Envelope { share: Share::Part(part), ..message.clone() })
}

fn put_gathering(message: &Envelope, gathering: &Gathering, condition: Condition) -> Result<Write, DriverError> {
    let body = serde_json::to_value(gathering)
        .map_err(|error| DriverError::Unwritable { what: "a gather row".into(), why: error.to_string() })?;
    let item = Item { pk: keys::run(&message.run), sk: keys::gathering(Slot::of(message)), body };
    Ok(Write::Put { item, condition })
}
