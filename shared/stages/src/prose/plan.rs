//! Sentence plans: one line of a table each.

use proofreel_model::channel::Tone;

use super::bound::Bound;

/// What a sentence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// States a claim, complete in itself.
    Lead,
    /// Follows a lead of the same claim and may say "it".
    Detail,
    /// What the episode promises, at most some twelve words.
    Promise,
    /// The surprising fact after the promise.
    Surprise,
    /// Sets claims against each other.
    Insight,
    /// Gives back what was promised.
    Takeaway,
    /// What a later release should be held against; never a prediction.
    Watch,
    /// A line on the payoff card.
    Card,
    /// Heading of a chart.
    Heading,
    /// Title of the episode.
    Title,
    /// Words on a thumbnail beside its figures; with them at most five.
    Thumb,
    /// What a sceptic would say.
    Sceptic,
    /// Explains a measure; asserts nothing about the data.
    Primer,
    /// Points at the line chart that is on screen; asserts nothing beyond it.
    Look,
    /// Leads from one scene to the next; asserts nothing about the data.
    Bridge,
    /// Says honestly how far the figures run, or in what money they are.
    Scope,
    /// Closes the episode.
    SignOff,
    /// Invites an answer under the video.
    Comment,
}

impl Slot {
    /// True for sentences that an episode can do without, or say otherwise.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Detail | Self::Primer | Self::Look | Self::Bridge | Self::Takeaway)
    }

    /// True where the order of a table says which plan is preferred; elsewhere all are equal.
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Surprise | Self::Insight | Self::Takeaway | Self::Watch | Self::Title | Self::Sceptic)
    }
}

/// A way to say something. The template language is described at [`super::template`].
#[derive(Clone, Copy)]
pub struct Plan {
    /// Unique name, quoted in the script so that a rewrite can avoid it.
    pub name: &'static str,
    /// What it is for.
    pub slot: Slot,
    /// The sentence.
    pub text: &'static str,
    /// Whether it fits the data, beyond the roles that the sentence names.
    pub when: fn(&Bound<'_>) -> bool,
    /// The manner it belongs to; `None` suits every channel.
    pub tone: Option<Tone>,
}

/// A plan for `slot` that fits wherever its roles exist.
pub const fn plan(slot: Slot, name: &'static str, text: &'static str) -> Plan {
    Plan { name, slot, text, when: |_| true, tone: None }
}

impl Plan {
    /// Only where `when` holds.
    #[must_use]
    pub const fn when(mut self, when: fn(&Bound<'_>) -> bool) -> Self {
        self.when = when;
        self
    }

    /// Only on channels that ask questions.
    #[must_use]
    pub const fn curious(mut self) -> Self {
        self.tone = Some(Tone::Curious);
        self
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?})", self.name, self.slot)
    }
}
