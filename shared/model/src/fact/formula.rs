//! What can be said of a series in a number: the closed set of operations.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::series::{Frequency, SeriesRef};

/// Highest or lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extreme {
    /// The largest value.
    Highest,
    /// The smallest value.
    Lowest,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Rising.
    Up,
    /// Falling.
    Down,
}

/// How the move of a series over a year is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Moves {
    /// In percent of the value a year before: prices, counts, indices.
    Percent,
    /// As a difference: rates, and series that are not positive throughout.
    Difference,
}

/// Operation and arguments of a fact: a closed set, each recomputable from the source rows alone.
///
/// Windows include both ends. Dates name observations of the series as the source dates them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", content = "args", rename_all = "snake_case")]
pub enum Formula {
    /// The newest usable observation. `value` = v(at).
    Latest {
        /// Series read.
        series: SeriesRef,
        /// Date of the observation.
        at: Date,
    },
    /// One observation. `value` = v(at).
    Value {
        /// Series read.
        series: SeriesRef,
        /// Date of the observation.
        at: Date,
    },
    /// `value` = v(to) − v(from).
    Change {
        /// Series read.
        series: SeriesRef,
        /// Base.
        from: Date,
        /// End.
        to: Date,
    },
    /// `value` = (v(to) / v(from) − 1) × 100; the base is positive.
    PercentChange {
        /// Series read.
        series: SeriesRef,
        /// Base.
        from: Date,
        /// End.
        to: Date,
    },
    /// `value` = v(to) / v(from); the base is positive.
    Multiple {
        /// Series read.
        series: SeriesRef,
        /// Base.
        from: Date,
        /// End.
        to: Date,
    },
    /// Compound annual growth, percent: `((v(to)/v(from))^(1/years) − 1) × 100`, years = days / 365.25
    /// (for annual and monthly series whole months / 12).
    GrowthRate {
        /// Series read.
        series: SeriesRef,
        /// Base.
        from: Date,
        /// End.
        to: Date,
    },
    /// The extreme value inside the window; `at` is its first date.
    Extreme {
        /// Series read.
        series: SeriesRef,
        /// Which extreme.
        which: Extreme,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
        /// Where it lies.
        at: Date,
    },
    /// Arithmetic mean of the usable observations in the window; `observations` of them.
    Average {
        /// Series read.
        series: SeriesRef,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
        /// How many values were averaged.
        observations: u32,
    },
    /// Place of the observation at `at` among all in the window (1 = highest or lowest, ties share the better place).
    Rank {
        /// Series read.
        series: SeriesRef,
        /// 1 is the highest or the lowest.
        which: Extreme,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
        /// The observation ranked.
        at: Date,
    },
    /// Place of `series` among the members at one date (1 = highest or lowest).
    PanelRank {
        /// Member ranked.
        series: SeriesRef,
        /// All members compared, the ranked one included.
        members: Vec<SeriesRef>,
        /// 1 is the highest or the lowest.
        which: Extreme,
        /// Date of comparison.
        at: Date,
    },
    /// Number of consecutive moves in one direction that end at `to`; `from` is the observation before the first.
    Streak {
        /// Series read.
        series: SeriesRef,
        /// Direction of every move.
        direction: Direction,
        /// Start value of the streak.
        from: Date,
        /// End.
        to: Date,
        /// Period counted.
        period: Frequency,
    },
    /// Whole periods between two dates: `to` − `from`.
    Elapsed {
        /// Series whose calendar it is.
        series: SeriesRef,
        /// Start.
        from: Date,
        /// End.
        to: Date,
        /// Period counted.
        period: Frequency,
    },
    /// Fall from the peak at `from` to the trough at `to`, percent, positive: (1 − v(to)/v(from)) × 100.
    Drawdown {
        /// Series read.
        series: SeriesRef,
        /// Date of the peak.
        from: Date,
        /// Date of the trough.
        to: Date,
    },
    /// Years since a value at least as high (low) as the one at `to`: `from` is the last such date before it.
    /// `value` = whole years between them.
    RecordSince {
        /// Series read.
        series: SeriesRef,
        /// High or low.
        which: Extreme,
        /// The last date with such a value.
        from: Date,
        /// The observation spoken of.
        to: Date,
    },
    /// Ratio of two series at one date: v(series) / v(other).
    Ratio {
        /// Numerator.
        series: SeriesRef,
        /// Denominator.
        other: SeriesRef,
        /// Date.
        at: Date,
    },
    /// Difference of two series at one date: v(series) − v(other).
    Gap {
        /// Minuend.
        series: SeriesRef,
        /// Subtrahend.
        other: SeriesRef,
        /// Date.
        at: Date,
    },
    /// Share of `series` in the sum of the members at one date, percent.
    Share {
        /// Member.
        series: SeriesRef,
        /// All members summed, the one included.
        members: Vec<SeriesRef>,
        /// Date.
        at: Date,
    },
    /// First date at which `series` is above `other` after having been at or below; `value` = v(series) at it.
    Crossing {
        /// The one that rises above.
        series: SeriesRef,
        /// The one that is passed.
        other: SeriesRef,
        /// Last common date on the other side.
        from: Date,
        /// First common date above.
        at: Date,
    },
    /// Median absolute move over `step` periods inside the window, percent (points for a percent series). Periods are
    /// calendar periods, so that a missing month pairs with nothing; observations for daily and weekly series.
    TypicalMove {
        /// Series read.
        series: SeriesRef,
        /// Periods between the compared observations.
        step: u32,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
    },
    /// Change of `series` with the rise of prices taken out, percent:
    /// `((v(to) / v(from)) / (p(to) / p(from)) − 1) × 100`, where p is the mean of the price index `deflator` over the
    /// whole calendar period `over` (month, quarter or year) that holds the date. Both bases are positive.
    RealChange {
        /// Series read.
        series: SeriesRef,
        /// Index of consumer prices in the currency of the series.
        deflator: SeriesRef,
        /// Base.
        from: Date,
        /// End.
        to: Date,
        /// Period over which the index is averaged.
        over: Frequency,
        /// Observations of the index in such a period: one where that is its own period.
        observations: u32,
    },
    /// Percent change between the means of two whole calendar periods: `(m(to) / m(from) − 1) × 100`. The dates are those
    /// of the first observation in each period.
    MeanChange {
        /// Series read.
        series: SeriesRef,
        /// First observation of the base period.
        from: Date,
        /// First observation of the end period.
        to: Date,
        /// Period averaged.
        over: Frequency,
        /// Observations in such a period.
        observations: u32,
    },
    /// Pearson correlation of year-on-year moves: those of `series` at t − `lag` with those of `other` at t, over every
    /// period t of the window for which both moves lie inside it. Months, quarters and years only.
    Correlation {
        /// The one that is looked at earlier.
        series: SeriesRef,
        /// The one that is looked at `lag` periods later.
        other: SeriesRef,
        /// Periods between the two.
        lag: u32,
        /// How a year's move of `series` is counted.
        moves: Moves,
        /// How a year's move of `other` is counted.
        other_moves: Moves,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
    },
    /// The lag from 1 to `longest` periods at which the correlation has the largest size; the shortest of equals.
    LeadTime {
        /// The one that is looked at earlier.
        series: SeriesRef,
        /// The one that is looked at later.
        other: SeriesRef,
        /// Longest lag tried.
        longest: u32,
        /// How a year's move of `series` is counted.
        moves: Moves,
        /// How a year's move of `other` is counted.
        other_moves: Moves,
        /// Window start.
        from: Date,
        /// Window end.
        to: Date,
        /// Period counted.
        period: Frequency,
    },
}

/// The series that a formula reads, the subject first, then the other or the members.
pub fn series_of(formula: &Formula) -> Vec<&SeriesRef> {
    use Formula as F;
    match formula {
        F::Latest { series, .. }
        | F::Value { series, .. }
        | F::Change { series, .. }
        | F::PercentChange { series, .. }
        | F::Multiple { series, .. }
        | F::GrowthRate { series, .. }
        | F::Extreme { series, .. }
        | F::Average { series, .. }
        | F::Rank { series, .. }
        | F::Streak { series, .. }
        | F::Elapsed { series, .. }
        | F::Drawdown { series, .. }
        | F::RecordSince { series, .. }
        | F::MeanChange { series, .. }
        | F::TypicalMove { series, .. } => vec![series],
        F::Ratio { series, other, .. }
        | F::Gap { series, other, .. }
        | F::Crossing { series, other, .. }
        | F::Correlation { series, other, .. }
        | F::LeadTime { series, other, .. } => vec![series, other],
        F::RealChange { series, deflator, .. } => vec![series, deflator],
        F::PanelRank { series, members, .. } | F::Share { series, members, .. } => {
            std::iter::once(series).chain(members.iter().filter(|member| *member != series)).collect()
        }
    }
}
