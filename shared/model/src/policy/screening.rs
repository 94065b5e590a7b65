//! Data screening.

use serde::Deserialize;

/// Data screening. Ratios are compared as natural logarithms unless a field says otherwise.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// Findings of one kind and series that are listed one by one.
    pub listed: usize,
    /// Members that are listed one by one when they enter a panel, and when they leave.
    pub listed_members: usize,
    /// Equal values in a row that may be stuck, daily series.
    pub stuck_run_days: usize,
    /// The same, weekly.
    pub stuck_run_weeks: usize,
    /// The same, monthly.
    pub stuck_run_months: usize,
    /// The same, quarterly.
    pub stuck_run_quarters: usize,
    /// The same, annual, for values of at least `stuck_digits` digits.
    pub stuck_run_years: usize,
    /// Odds against a run by chance, from how often the series repeats itself nearby.
    pub stuck_odds: f64,
    /// Significant digits of a measured annual figure, which no peg has.
    pub stuck_digits: usize,
    /// Months from which a constant value is a peg and stays.
    pub peg_months: i64,
    /// Periods up to which it is none, however long they are.
    pub peg_periods: usize,
    /// A code lies this many times the largest move around it away from its neighbours.
    pub placeholder_moves: f64,
    /// The same for a zero among percentages or small figures.
    pub zero_moves: f64,
    /// The same for a zero at an end of the series.
    pub zero_moves_at_end: f64,
    /// A whole scale's jump against the largest other move of the series.
    pub break_over_moves: f64,
    /// The same for a jump that is no whole scale.
    pub rebase_over_moves: f64,
    /// A jump against the largest other move nearby.
    pub break_over_near_moves: f64,
    /// Observations on either side that are nearby.
    pub near_observations: usize,
    /// Share of itself that a jump must keep to count as staying.
    pub stays_share: f64,
    /// Observations after a jump over which it must stay.
    pub stays_observations: usize,
    /// Smallest ratio of an index put on another base.
    pub index_rebase_ratio: f64,
    /// Smallest ratio of a change of unit that is no whole scale.
    pub unit_change_ratio: f64,
    /// Fewest observations on each side of a change of base.
    pub rebase_observations: usize,
    /// Most jumps that are still told from a series that moves wildly.
    pub max_breaks: usize,
    /// Shortest run of fractions in a percent series that changes sign.
    pub fraction_run: usize,
    /// Fewest rows that make a file begin again.
    pub restart_rows: usize,
    /// Share of its value below which a counter that begins again falls.
    pub restart_share: f64,
    /// Steps of another calendar in a row that make a stretch.
    pub mixed_steps: usize,
    /// The same for yearly steps, and for years in which an extra row recurs.
    pub mixed_years: usize,
    /// Share of the period before, below which a last period may be unfinished.
    pub partial_share: f64,
    /// Its fall against the deepest other fall.
    pub partial_moves: f64,
    /// Fewest common dates on which siblings are compared.
    pub sibling_dates: usize,
    /// Share of the common dates that must agree.
    pub sibling_share: f64,
    /// Share by which a sum of siblings may be off.
    pub sibling_tolerance: f64,
    /// Distance of a typical magnitude from its nearest sibling, powers of ten.
    pub sibling_distance: f64,
    /// Spread of the other siblings' typical magnitudes, powers of ten.
    pub sibling_spread: f64,
    /// Periods by which a member may be late without having left.
    pub member_lag: i64,
    /// Share of the common dates that makes a change of scale between two versions wholesale.
    pub wholesale_share: f64,
}

impl Screening {
    /// The policy this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed its tests: a test loads the file.
    #[allow(clippy::expect_used)] // the file is compiled in and a test loads it
    pub fn embedded() -> Self {
        toml::from_str(include_str!("../../../../specs/policy/screening.toml")).expect("specs/policy/screening.toml")
    }
}
