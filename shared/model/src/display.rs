//! How a number or date is written. The only place where a fact's value becomes text.
//!
//! [`cite`] is used by the writer to make a citation and by QA to make it again and compare.

mod date;
mod number;

pub use date::{screen_date, spoken_date, year};
use number::{in_whole, screen_in_hundredths, spoken_in_hundredths};
pub use number::{screen, signed, spoken};

use jiff::civil::Date;

use crate::fact::{Fact, Formula};
use crate::text::{Part, Style};
use crate::unit::{Unit, UnitKind};

/// Dates a fact's citation parts refer to: `(at, from, to)`.
pub fn dates(formula: &Formula) -> (Option<Date>, Option<Date>, Option<Date>) {
    use Formula as F;
    match formula {
        F::Latest { at, .. }
        | F::Value { at, .. }
        | F::PanelRank { at, .. }
        | F::Ratio { at, .. }
        | F::Gap { at, .. }
        | F::Share { at, .. } => (Some(*at), None, Some(*at)),
        F::Change { from, to, .. }
        | F::PercentChange { from, to, .. }
        | F::Multiple { from, to, .. }
        | F::GrowthRate { from, to, .. }
        | F::Average { from, to, .. }
        | F::Streak { from, to, .. }
        | F::Elapsed { from, to, .. }
        | F::Drawdown { from, to, .. }
        | F::RecordSince { from, to, .. }
        | F::RealChange { from, to, .. }
        | F::MeanChange { from, to, .. }
        | F::Correlation { from, to, .. }
        | F::LeadTime { from, to, .. }
        | F::TypicalMove { from, to, .. } => (Some(*to), Some(*from), Some(*to)),
        F::Extreme { at, from, to, .. } | F::Rank { at, from, to, .. } => (Some(*at), Some(*from), Some(*to)),
        F::Crossing { from, at, .. } => (Some(*at), Some(*from), Some(*at)),
    }
}

/// True when the value is an observation copied from the source, which keeps the source's precision.
fn is_observation(formula: &Formula) -> bool {
    matches!(
        formula,
        Formula::Latest { .. } | Formula::Value { .. } | Formula::Extreme { .. } | Formula::Crossing { .. }
    )
}

/// True when the value is a height of its series, observed or the mean of observed ones.
fn is_level(formula: &Formula) -> bool {
    is_observation(formula) || matches!(formula, Formula::Average { .. })
}

/// True for a height in money of a thousand or more, up to where scale words begin: it is told without cents.
pub fn has_no_cents(fact: &Fact) -> bool {
    let magnitude = (fact.value * fact.unit.multiplier).abs();
    let money = matches!(fact.unit.kind, UnitKind::Currency { .. });
    money && is_level(&fact.formula) && (number::THOUSAND..number::THOUSAND * 1e3).contains(&magnitude)
}

/// The text of one side of a fact in one style; `None` when the fact has no such side
/// (a value has no start) or the style does not fit it (an ordinal of a price).
pub fn cite(fact: &Fact, part: Part, style: Style) -> Option<String> {
    let (at, from, to) = dates(&fact.formula);
    let date = match part {
        Part::Value => return value(fact, style),
        Part::At => at?,
        Part::From => from?,
        Part::To => to?,
    };
    match style {
        Style::Spoken => Some(spoken_date(date, fact.frequency)),
        Style::Screen => Some(screen_date(date, fact.frequency)),
        Style::Year => Some(year(date)),
        _ => None,
    }
}

fn value(fact: &Fact, style: Style) -> Option<String> {
    let (value, unit) = (fact.value, &fact.unit);
    let precision = number::Precision::of(is_observation(&fact.formula));
    match style {
        Style::Spoken => Some(spoken(value, unit, precision)),
        Style::Magnitude => Some(spoken(value.abs(), unit, precision)),
        Style::Rounded => Some(spoken(number::two_digits(value.abs()), unit, number::Precision::Rounded)),
        Style::Screen => Some(screen(value, unit, precision)),
        Style::Signed => Some(signed(value, unit, precision)),
        // A move keeps its own precision: it is computed, and stands beside no source's digits.
        Style::Hundredths | Style::ScreenHundredths | Style::Whole if !is_level(&fact.formula) => None,
        Style::Hundredths => spoken_in_hundredths(value, unit),
        Style::ScreenHundredths => screen_in_hundredths(value, unit),
        Style::Whole => in_whole(value, unit),
        Style::Times => matches!(unit.kind, UnitKind::Multiple).then(|| spoken(value, unit, precision)),
        Style::Ordinal => {
            let whole = matches!(unit.kind, UnitKind::Rank | UnitKind::Duration { .. }) && value >= 1.0;
            whole.then(|| number::ordinal(value as u64))
        }
        // A writer's own words are not made here.
        Style::Year | Style::Written => None,
    }
}

/// The `display` field of a fact: its value on screen.
pub fn display(value: f64, unit: &Unit, formula: &Formula) -> String {
    screen(value, unit, number::Precision::of(is_observation(formula)))
}

/// ` an ounce`, ` a barrel`: the denominator as spoken after a price; empty when there is none
/// or when the unit is a rate, where "a year" goes without saying.
pub fn per_phrase(unit: &Unit) -> String {
    match (&unit.kind, &unit.per) {
        (UnitKind::Percent | UnitKind::PercentagePoints, _) | (_, None) => String::new(),
        (_, Some(per)) => {
            let article = if per.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!(" {article} {per}")
        }
    }
}

pub use number::Precision;
