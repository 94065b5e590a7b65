//! A quantity held against a fact: kind, unit, size, sign and date must agree.

use std::fmt;

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Direction, Fact, Formula};
use proofreel_model::policy::Tolerance;
use proofreel_model::series::Frequency;
use proofreel_model::text::Part;
use proofreel_model::unit::UnitKind;

use super::dates::{Grain, When};
use super::numerals::Fineness;
use super::{Hedge, Kind, Quantity, Reading, Sign, units};

/// Why a quantity is not what a fact says.
#[derive(Clone, Debug, PartialEq)]
pub enum Mismatch {
    /// It is of another kind or unit.
    Unit,
    /// Its denominator is another, or the fact has none.
    Per,
    /// Its size is further off than its digits and rounding words allow.
    Size {
        /// The true magnitude, in the source's unit scaled to ones.
        truth: f64,
    },
    /// The rounding word is false; without it the number would do.
    Rounding {
        /// The true magnitude.
        truth: f64,
    },
    /// It points the other way, or hides a minus.
    Sign,
    /// It is another date, or a finer one than the series tells.
    Date,
    /// It is written so that no fact can carry it.
    Loose,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => f.write_str("its unit is another"),
            Self::Per => f.write_str("its denominator is another"),
            Self::Size { truth } => write!(f, "the value is {truth}, which is not what the digits say"),
            Self::Rounding { truth } => write!(f, "the value is {truth}, of which the rounding word is not true"),
            Self::Sign => f.write_str("it points the other way"),
            Self::Date => f.write_str("its date is another"),
            Self::Loose => f.write_str("no fact is written so"),
        }
    }
}

/// True when `quantity` says what `part` of `fact` says.
pub fn matches(quantity: &Quantity, fact: &Fact, part: Part, tolerance: &Tolerance) -> bool {
    compare(quantity, fact, part, tolerance).is_ok()
}

/// Holds `quantity` against a side of `fact`.
///
/// # Errors
/// The mildest disagreement among the ways to understand the quantity.
pub fn compare(quantity: &Quantity, fact: &Fact, part: Part, tolerance: &Tolerance) -> Result<(), Mismatch> {
    if quantity.foreign {
        return Err(Mismatch::Loose);
    }
    let mut worst = Mismatch::Loose;
    for reading in &quantity.readings {
        let verdict = match (part, &reading.kind) {
            (Part::Value, Kind::Date(_)) => Err(Mismatch::Unit),
            (Part::Value, _) => value(quantity, reading, fact, tolerance),
            (_, Kind::Date(when)) => date(*when, fact, part),
            (_, _) => Err(Mismatch::Unit),
        };
        match verdict {
            Ok(()) => return Ok(()),
            Err(mismatch) => {
                if nearness(&mismatch) > nearness(&worst) {
                    worst = mismatch;
                }
            }
        }
    }
    Err(worst)
}

/// How near a mismatch is to a match; the nearest is the one to tell.
pub fn nearness(mismatch: &Mismatch) -> u8 {
    match mismatch {
        Mismatch::Loose => 0,
        Mismatch::Unit => 1,
        Mismatch::Date | Mismatch::Size { .. } => 2,
        Mismatch::Per => 3,
        Mismatch::Sign | Mismatch::Rounding { .. } => 4,
    }
}

/// True for a fact that is a move, whose sign is told by a direction.
fn is_move(formula: &Formula) -> bool {
    use Formula as F;
    matches!(
        formula,
        F::Change { .. } | F::PercentChange { .. } | F::GrowthRate { .. } | F::Gap { .. } | F::Drawdown { .. }
    )
}

/// The way a move points.
fn points(fact: &Fact) -> Option<Direction> {
    let sign = if matches!(fact.formula, Formula::Drawdown { .. }) { -fact.value } else { fact.value };
    match sign {
        _ if !is_move(&fact.formula) => None,
        v if v > 0.0 => Some(Direction::Up),
        v if v < 0.0 => Some(Direction::Down),
        _ => None,
    }
}

fn value(quantity: &Quantity, reading: &Reading, fact: &Fact, tolerance: &Tolerance) -> Result<(), Mismatch> {
    let (truth, read) = common_unit(reading, fact).ok_or(Mismatch::Unit)?;
    match (&quantity.per, &fact.unit.per) {
        (Some(written), Some(of_fact)) if !units::same_denominator(written, of_fact) => return Err(Mismatch::Per),
        // A growth rate is a rate a year by its formula.
        (Some(written), None) => {
            let yearly = matches!(fact.formula, Formula::GrowthRate { .. }) && written == "year";
            if !yearly {
                return Err(Mismatch::Per);
            }
        }
        _ => {}
    }
    size(quantity.hedge, reading, read, truth, is_whole_periods(fact), tolerance)?;
    signs(quantity, reading, fact)
}

fn is_whole_periods(fact: &Fact) -> bool {
    matches!(fact.unit.kind, UnitKind::Duration { .. })
}

fn signs(quantity: &Quantity, reading: &Reading, fact: &Fact) -> Result<(), Mismatch> {
    let way = points(fact);
    let negative = fact.value < 0.0;
    let agrees = match quantity.sign {
        Some(Sign::Minus) => negative || way == Some(Direction::Down),
        Some(Sign::Plus) => !negative && way != Some(Direction::Down) || is_plain_drawdown(fact),
        // A height below nothing says so itself; a move may say it by a word.
        None => !negative || reading.value == 0.0 || is_move(&fact.formula) || matches!(reading.kind, Kind::Multiple),
    };
    let said = quantity.direction.filter(|_| !matches!(fact.formula, Formula::Gap { .. }));
    let directed = match (said, way) {
        (Some(said), Some(way)) => said == way,
        _ => true,
    };
    if agrees && directed { Ok(()) } else { Err(Mismatch::Sign) }
}

/// A drawdown is kept as a positive number, which a picture may sign so.
fn is_plain_drawdown(fact: &Fact) -> bool {
    matches!(fact.formula, Formula::Drawdown { .. }) && fact.value > 0.0
}

/// Truth and reading as magnitudes in one unit; `None` when they have none in common.
fn common_unit(reading: &Reading, fact: &Fact) -> Option<(f64, f64)> {
    let truth = (fact.value * fact.unit.multiplier).abs();
    let same = Some((truth, reading.value));
    match (&reading.kind, &fact.unit.kind) {
        (Kind::Money(code), UnitKind::Currency { code: of_fact }) => same.filter(|_| code == of_fact),
        (Kind::Percent, UnitKind::Percent)
        | (Kind::PercentagePoints | Kind::Points, UnitKind::PercentagePoints)
        | (Kind::Points, UnitKind::IndexPoints)
        | (Kind::Multiple | Kind::Fraction, UnitKind::Multiple)
        | (Kind::Ordinal, UnitKind::Rank | UnitKind::Duration { .. })
        | (
            Kind::Count(_),
            UnitKind::Unspecified | UnitKind::Index { .. } | UnitKind::Coefficient | UnitKind::Count { noun: None },
        ) => same,
        (Kind::Count(said), UnitKind::Count { noun: Some(noun) }) => same.filter(|_| counts(said.as_deref(), noun)),
        // "A third of all", "it fell by a third".
        (Kind::Fraction, UnitKind::Percent) => Some((truth / 100.0, reading.value)),
        // "It doubled" is a rise of a hundred percent.
        (Kind::Multiple, UnitKind::Percent) if reading.fineness == Fineness::Word => match fact.formula {
            Formula::PercentChange { .. } => Some((1.0 + fact.value / 100.0, reading.value)),
            Formula::Drawdown { .. } => Some((1.0 - fact.value / 100.0, reading.value)),
            _ => None,
        },
        (Kind::Duration(said), UnitKind::Duration { period }) => {
            let (written, unit) = (in_common(*said), in_common(*period));
            (written.1 == unit.1).then_some((truth, reading.value * written.0 / unit.0))
        }
        _ => None,
    }
}

/// How many of what a period is: months and their multiples, weeks, days.
fn in_common(period: Frequency) -> (f64, Frequency) {
    match period {
        Frequency::Daily => (1.0, Frequency::Daily),
        Frequency::Weekly => (1.0, Frequency::Weekly),
        Frequency::Monthly => (1.0, Frequency::Monthly),
        Frequency::Quarterly => (3.0, Frequency::Monthly),
        Frequency::Annual => (12.0, Frequency::Monthly),
    }
}

/// True when the word behind a count does not name other things than the fact counts.
fn counts(said: Option<&str>, noun: &str) -> bool {
    let Some(said) = said else { return true };
    let stem = |word: &str| word.strip_suffix('s').unwrap_or(word).to_lowercase();
    noun.split_whitespace().any(|word| stem(word) == stem(said))
}

/// How far the truth may lie from what the digits alone say.
fn half_width(reading: &Reading, read: f64, tolerance: &Tolerance) -> f64 {
    let scale = if reading.value == 0.0 { 1.0 } else { (read / reading.value).abs() };
    match reading.fineness {
        Fineness::Decimal(step) => step * scale / 2.0,
        Fineness::Whole(_) if read == 0.0 => tolerance.zero,
        Fineness::Whole(step) => (step * scale / 2.0).min(tolerance.whole * read),
        Fineness::Word => tolerance.word * read,
    }
}

fn size(
    hedge: Option<Hedge>,
    reading: &Reading,
    read: f64,
    truth: f64,
    whole_periods: bool,
    tolerance: &Tolerance,
) -> Result<(), Mismatch> {
    if !read.is_finite() {
        return Err(Mismatch::Loose);
    }
    // Halves are rounded away from zero with a nudge of this size; see the display of numbers.
    let hair = read.abs().max(truth) * 1e-9 + f64::EPSILON;
    let half = half_width(reading, read, tolerance) + hair;
    let off = (truth - read).abs();
    let exact = off <= half;
    // Between a factor and its half there is a scale: "more than halved" means less than a half is left.
    let shrinking = matches!(reading.kind, Kind::Multiple) && read < 1.0;
    let (above, below) = if shrinking { (truth < read, truth > read) } else { (truth > read, truth < read) };
    let within = |share: f64| off <= share * read + hair;
    let equal = off <= hair;
    let says = match hedge {
        None => exact,
        // Not as far as its digits go, but to the last bit: a rounded value is never "exactly".
        Some(Hedge::Exactly) => equal,
        Some(Hedge::About) => exact || within(tolerance.about),
        Some(Hedge::Nearly) => below && !equal && within(tolerance.nearly),
        Some(Hedge::Under) => below && !equal && within(tolerance.below),
        // A duration counts whole periods: the true length may well be more.
        Some(Hedge::Over) => ((above && !equal) || (whole_periods && equal)) && within(tolerance.above),
        Some(Hedge::AtLeast) => (above || equal) && within(tolerance.above),
        Some(Hedge::AtMost) => (below || equal) && within(tolerance.below),
    };
    match (says, exact) {
        (true, _) => Ok(()),
        (false, true) => Err(Mismatch::Rounding { truth }),
        (false, false) => Err(Mismatch::Size { truth }),
    }
}

fn date(when: When, fact: &Fact, part: Part) -> Result<(), Mismatch> {
    let (at, from, to) = display::dates(&fact.formula);
    let day = match part {
        Part::Value => None,
        Part::At => at,
        Part::From => from,
        Part::To => to,
    };
    let holds = |day: Date| when.first <= day && day <= when.last;
    let fits = match when.grain {
        Grain::Partial => false,
        // A span is told of a fact that leads from its one year to its other.
        Grain::Span => match (from, to) {
            (Some(from), Some(to)) => from.year() == when.first.year() && to.year() == when.last.year(),
            _ => false,
        },
        grain => tells(fact.frequency, grain) && day.is_some_and(holds),
    };
    if fits { Ok(()) } else { Err(Mismatch::Date) }
}

/// True when a series of this calendar tells such periods apart.
fn tells(frequency: Frequency, grain: Grain) -> bool {
    match grain {
        Grain::Day => matches!(frequency, Frequency::Daily | Frequency::Weekly),
        Grain::Month => matches!(frequency, Frequency::Daily | Frequency::Weekly | Frequency::Monthly),
        Grain::Quarter => frequency != Frequency::Annual,
        Grain::Year | Grain::Decade | Grain::Span => true,
        Grain::Partial => false,
    }
}

/// The two years of a span such as `2008–2012`, which two citations may share.
pub fn ends_of_span(quantity: &Quantity) -> Option<(i16, i16)> {
    quantity.readings.iter().find_map(|reading| match reading.kind {
        Kind::Date(When { first, last, grain: Grain::Span }) => Some((first.year(), last.year())),
        _ => None,
    })
}
