//! Who is at work: leases on visits.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How soon to ask again about a worker that lives: it may end, well or not, at any moment. Milliseconds.
const ASK_AGAIN_MS: u64 = 1_000;

type Probe = Arc<dyn Fn(&str) -> Option<bool> + Send + Sync>;

/// The name under which a worker claims, and what it knows of other workers.
#[derive(Clone)]
pub struct Owner {
    id: String,
    probe: Probe,
}

impl Owner {
    /// A worker that knows nothing of others: their leases count until they expire. `id` is unique among
    /// all workers ever, for example a Lambda sandbox's log stream.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), probe: Arc::new(|_| None) }
    }

    /// A worker that can tell whether another one lives (`None`: unknown), as processes of one machine can.
    /// A dead worker's lease is void at once; a living worker's lease holds however old it is.
    pub fn with_probe(id: impl Into<String>, is_alive: impl Fn(&str) -> Option<bool> + Send + Sync + 'static) -> Self {
        Self { id: id.into(), probe: Arc::new(is_alive) }
    }

    /// The worker's name.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// A row that says who is at work on a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// Worker.
    pub owner: String,
    /// Changes whenever the claim changes hands. Writes under a claim name the token, so that a worker
    /// that lost its claim while it slept can write nothing.
    pub token: String,
    /// Attempts so far in this visit, this one included.
    pub attempt: u32,
    /// Attempts that ended in an error, since the run was last resumed.
    pub failures: u32,
    /// When the lease ends, milliseconds since 1970, UTC.
    pub lease_until_ms: i64,
    /// Nobody is at work: the last attempt ended.
    pub released: bool,
}

/// What a worker may do about a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nobody is at work.
    Free,
    /// Somebody was at work and never finished.
    Abandoned,
    /// Somebody is at work; ask again after this many milliseconds.
    Taken {
        /// Milliseconds.
        after_ms: u64,
    },
}

impl Claim {
    /// The claim of the next attempt, or the first.
    pub fn next(previous: Option<&Self>, owner: &Owner, now_ms: i64, lease_ms: i64) -> Self {
        let attempt = previous.map_or(0, |claim| claim.attempt) + 1;
        Self {
            owner: owner.id.clone(),
            token: format!("{}/{attempt}", owner.id),
            attempt,
            failures: previous.map_or(0, |claim| claim.failures),
            lease_until_ms: now_ms.saturating_add(lease_ms),
            released: false,
        }
    }

    /// The same claim after its attempt ended; `failures` counts on or starts anew.
    pub fn released(&self, failures: u32) -> Self {
        Self {
            token: format!("released/{}/{failures}", self.token),
            failures,
            lease_until_ms: 0,
            released: true,
            ..self.clone()
        }
    }

    /// What `owner` may do about it. `at_work` tells whether this very process is at work under the token.
    pub fn access(&self, owner: &Owner, at_work: bool, now_ms: i64) -> Access {
        if self.released {
            return Access::Free;
        }
        let left_ms = self.lease_until_ms.saturating_sub(now_ms);
        let alive = if self.owner == owner.id { Some(at_work) } else { (owner.probe)(&self.owner) };
        match alive {
            Some(false) => Access::Abandoned,
            Some(true) => Access::Taken { after_ms: ASK_AGAIN_MS },
            None if left_ms <= 0 => Access::Abandoned,
            None => Access::Taken { after_ms: left_ms.unsigned_abs() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(alive: Option<bool>, now_ms: i64) -> Access {
        let other = Claim::next(None, &Owner::new("other"), 0, 1000);
        other.access(&Owner::with_probe("me", move |_| alive), false, now_ms)
    }

    #[test]
    fn without_knowledge_of_the_owner_a_lease_counts_until_it_ends() {
        assert_eq!(access(None, 400), Access::Taken { after_ms: 600 });
        assert_eq!(access(None, 1000), Access::Abandoned);
    }

    #[test]
    fn a_dead_owners_lease_is_void_at_once_and_a_living_owners_holds_beyond_its_end() {
        assert_eq!(access(Some(false), 1), Access::Abandoned);
        assert_eq!(access(Some(true), 5000), Access::Taken { after_ms: ASK_AGAIN_MS });
    }

    #[test]
    fn my_own_lease_is_void_unless_i_am_at_work_under_it() {
        let me = Owner::new("me");
        let mine = Claim::next(None, &me, 0, 1000);
        assert_eq!(mine.access(&me, true, 1), Access::Taken { after_ms: ASK_AGAIN_MS });
        assert_eq!(mine.access(&me, false, 1), Access::Abandoned);
    }

    #[test]
    fn no_two_holders_share_a_token() {
        let me = Owner::new("me");
        let first = Claim::next(None, &me, 0, 1000);
        let released = first.released(1);
        let second = Claim::next(Some(&released), &me, 0, 1000);
        assert_eq!(released.access(&Owner::new("you"), false, 0), Access::Free);
        assert_eq!((second.attempt, second.failures), (2, 1));
        let tokens = [&first.token, &released.token, &second.token];
        assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2]);
    }
}
