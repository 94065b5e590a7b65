//! Tokens of one episode.

use std::sync::atomic::{AtomicU64, Ordering};

/// What an episode may take of language models, prompts and answers together. Shared by all that ask for it.
#[derive(Debug)]
pub struct Budget {
    most: u64,
    spent: AtomicU64,
}

/// Tokens set aside for a call. Dropped without word of what the call took, they count as spent: a call that was broken
/// off may have cost all of it.
#[derive(Debug)]
pub struct Hold<'a> {
    budget: &'a Budget,
    tokens: u64,
}

impl Budget {
    /// A budget of so many tokens.
    pub fn new(most: u64) -> Self {
        Self { most, spent: AtomicU64::new(0) }
    }

    /// Tokens spent or set aside.
    pub fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// Sets tokens aside for a call; none when the rest does not cover them. Counted before the call, so that two calls at
    /// once cannot both take the last ones.
    pub fn hold(&self, tokens: u64) -> Option<Hold<'_>> {
        let most = self.most;
        let taken = self.spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| {
            spent.checked_add(tokens).filter(|sum| *sum <= most)
        });
        taken.ok().map(|_| Hold { budget: self, tokens })
    }

    /// What is left.
    pub fn left(&self) -> u64 {
        self.most.saturating_sub(self.spent())
    }
}

impl Hold<'_> {
    /// The call took so many tokens; what it took beyond the estimate is spent all the same.
    pub fn settle(self, took: u64) {
        self.budget.spent.fetch_add(took, Ordering::Relaxed);
        self.budget.spent.fetch_sub(self.tokens, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_rest_does_not_cover_is_not_held() {
        let budget = Budget::new(100);
        let first = budget.hold(60).unwrap();
        assert!(budget.hold(41).is_none());
        first.settle(10);
        assert_eq!((budget.spent(), budget.left()), (10, 90));
        assert!(budget.hold(40).is_some());
        assert_eq!(budget.left(), 50, "a call that was broken off counts whole");
        assert!(budget.hold(u64::MAX).is_none());
    }
}
