//! A reader of numbers in English text: every numeral and number word becomes a typed quantity.
//!
//! It shares nothing with [`proofreel_model::display`], which writes them: what the one writes wrongly the other
//! does not read as right. [`read`] finds the quantities of a text, and [`matching`] holds one against a fact.
//! Described in `specs/NUMBERS.md`.

pub mod binder;
mod context;
pub mod dates;
pub mod matching;
mod numerals;
mod reader;
mod tokens;
mod units;
mod whole;
mod words;

#[cfg(test)]
mod phrases;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod verdicts;

use std::ops::Range;

use proofreel_model::fact::Direction;
use proofreel_model::series::Frequency;

pub use context::Hedge;
pub use numerals::Fineness;
pub use reader::{read, read_all};
pub use whole::Excuses;

use dates::When;

/// What a number is of.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Money of this ISO 4217 code.
    Money(String),
    /// Percent.
    Percent,
    /// Percentage points; basis points are hundredths of one.
    PercentagePoints,
    /// Points, of an index or of a percentage.
    Points,
    /// A factor: `twice`, `2.1 times`, `doubled`.
    Multiple,
    /// A share of a whole: `two-thirds`, `one in ten`.
    Fraction,
    /// Whole or broken periods.
    Duration(Frequency),
    /// A place in an order.
    Ordinal,
    /// A number without a unit; what is counted, when a word stands right behind it.
    Count(Option<String>),
    /// A date.
    Date(When),
    /// A quantity that no fact can carry: `dozens`, a Roman numeral, minutes.
    Loose,
}

/// One way to understand a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it is of.
    pub kind: Kind,
    /// Its magnitude in that kind; 0 for a date.
    pub value: f64,
    /// How finely it is written.
    pub fineness: Fineness,
}

impl Reading {
    /// True for this year and nothing finer or wider.
    pub fn is_year(&self, year: i16) -> bool {
        matches!(self.kind, Kind::Date(When { first, grain: dates::Grain::Year, .. }) if first.year() == year)
    }
}

/// The sign written with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `minus`, `−`.
    Minus,
    /// `plus`, `+`.
    Plus,
}

/// A number found in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Ways to understand it, the likeliest first; never empty.
    pub readings: Vec<Reading>,
    /// Denominator of the unit: `ounce` in `$4,228 an ounce`.
    pub per: Option<String>,
    /// The rounding word beside it.
    pub hedge: Option<Hedge>,
    /// The sign written with it.
    pub sign: Option<Sign>,
    /// The direction of the words that touch it: `a fall of`, `12 percent lower`.
    pub direction: Option<Direction>,
    /// Bytes of the number with its sign and unit, the denominator left out.
    pub span: Range<usize>,
    /// The same with the rounding words.
    pub hedged: Range<usize>,
    /// True when it is written in numerals of another script or form, which may hide it from a reader.
    pub foreign: bool,
}

impl Quantity {
    /// The likeliest way to understand it.
    pub fn first(&self) -> &Reading {
        &self.readings[0]
    }
}
