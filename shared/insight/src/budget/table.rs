//! The one table: a line for each allowance, as reckoned, as used, and as it will be when the month is over.

use proofreel_model::policy::Allowance;
use serde::Serialize;

/// So much of an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Amount {
    /// Units.
    pub used: f64,
    /// Used of free; none where nothing is free.
    pub share: Option<f64>,
    /// Free and not used.
    pub left: f64,
    /// US dollars for what is not free.
    pub usd: f64,
}

impl Amount {
    /// So many units of an allowance.
    pub fn of(allowance: &Allowance, used: f64) -> Self {
        Self { usd: allowance.cost(used), ..Self::free_of(allowance.free, used) }
    }

    /// So many of so many units that are free; what is beyond is refused and costs nothing.
    pub(super) fn free_of(free: f64, used: f64) -> Self {
        // An empty sum of floats is minus zero.
        let used = used + 0.0;
        Self { used, share: (free > 0.0).then(|| used / free), left: (free - used).max(0.0), usd: 0.0 }
    }
}

/// How it is known what was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Each unit stands in a record.
    Counted,
    /// The records say how often something was done, the measured run what that takes: the true figure stands elsewhere.
    Reckoned,
    /// It is taken by what is deployed, whatever is used of it.
    Deployed,
    /// No record tells it.
    Unknown,
}

impl Known {
    /// In one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Reckoned => "reckoned",
            Self::Deployed => "deployed",
            Self::Unknown => "unknown",
        }
    }
}

/// What was used in a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Actual {
    /// How it is known.
    pub known: Known,
    /// Up to now; none where it is unknown.
    pub so_far: Option<Amount>,
    /// When the month is over, if it goes on like this; none on a month's first day, and where it is unknown.
    pub projected: Option<Amount>,
    /// The records it is of.
    pub cites: Vec<String>,
}

/// One allowance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Name in the law; of a provider's own allowance `groq:tokens:day`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Free a month; 0 where nothing is.
    pub free: f64,
    /// What is counted.
    pub unit: String,
    /// True for places that a deploy takes and use does not fill.
    pub slots: bool,
    /// A whole month as reckoned before it comes; none where nobody reckons it.
    pub computed: Option<Amount>,
    /// The month as it went, where one was asked about.
    pub actual: Option<Actual>,
    /// Where a person reads what was really used, where no record knows it.
    pub read_at: Option<String>,
    /// Where and when the allowance was read.
    pub source: String,
}

impl Line {
    /// A line as reckoned.
    pub(super) fn computed(allowance: &Allowance, used: f64) -> Self {
        Self {
            id: allowance.id.clone(),
            name: allowance.name.clone(),
            free: allowance.free,
            unit: allowance.unit.clone(),
            slots: allowance.slots,
            computed: Some(Amount::of(allowance, used)),
            actual: None,
            read_at: allowance.read_at.clone(),
            source: format!("{}, {}", allowance.source, allowance.seen),
        }
    }

    /// What the line is judged by: the month's end where the month is known, else what was used, else what was reckoned.
    pub fn judged(&self) -> Option<Amount> {
        match &self.actual {
            Some(actual) => actual.projected.or(actual.so_far),
            None => self.computed,
        }
    }

    /// Share of what is free that the line is judged by. A place is taken or not, and all of them may be: it counts beyond them only.
    pub fn share(&self) -> Option<f64> {
        let share = self.judged()?.share?;
        Some(if self.slots && share <= 1.0 { 0.0 } else { share })
    }
}
