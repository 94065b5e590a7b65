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
