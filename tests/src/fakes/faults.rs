/// Where in an effect the fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The effect does not happen, and says so.
    Before,
    /// The effect happens, but says that it did not: an answer lost on the way.
    After,
    /// The disk is full from this effect on: nothing that writes succeeds any more.
    Full,
}

/// A fault at the n-th effect of a process, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which effect.
    pub effect: u64,
    /// Where in it.
    pub moment: Moment,
}

/// Faults by chance: each effect is lost before or after it happens with these probabilities.
#[derive(Clone, Debug)]
pub struct Dice {
    /// Decides.
    pub rng: fastrand::Rng,
    /// Share of effects that do not happen and say so.
    pub before: f64,
    /// Share of effects that happen and say that they did not.
    pub after: f64,
}

impl Dice {
    pub(super) fn roll(&mut self) -> Option<Moment> {
        let drawn = self.rng.f64();
        if drawn < self.before {
            Some(Moment::Before)
        } else {
            (drawn < self.before + self.after).then_some(Moment::After)
        }
    }
}

/// A defect planted into storage. A checker that is worth its name finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A process can die between two writes of a transaction.
    TornTransactions,
    /// What must be absent may exist: everything can be written a second time.
    NoLedger,
    /// What must be as it was read may have changed: who comes last wins.
    NoCompareAndSwap,
    /// Messages that were decided are not kept until they are sent.
    ForgottenOutbox,
    /// One blob of a hundred is said to be stored and is not.
    LostBlobs,
}
