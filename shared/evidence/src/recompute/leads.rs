//! Whether a lead is more than chance: strong, stronger than at the same time, and there in each half.

use proofreel_model::fact::{Fact, Formula};
use proofreel_model::policy::law;

use super::formulas::Check;
use super::pairs::Pair;

/// Two computations of one correlation differ by no more than this.
const ROUNDING: f64 = 1e-9;

/// Why a lead must not be told; `None` when it may.
pub(super) fn refuted(check: Check<'_, '_>, correlation: &Fact, unlagged: &Fact, lag: &Fact) -> Option<String> {
    let (
        Formula::Correlation { series, other, lag: at, moves, other_moves, from, to },
        Formula::Correlation { series: series_0, other: other_0, lag: 0, from: from_0, to: to_0, .. },
        Formula::LeadTime { series: series_l, other: other_l, from: from_l, to: to_l, .. },
    ) = (&correlation.formula, &unlagged.formula, &lag.formula)
    else {
        return Some("its facts are no correlation, none at the same time and no lead time".into());
    };
    let one_pair = (series, other) == (series_0, other_0) && (series, other) == (series_l, other_l);
    if !one_pair || (from, to) != (from_0, to_0) || (from, to) != (from_l, to_l) {
        return Some("its facts are not of one pair and one window".into());
    }
    if lag.value.to_bits() != f64::from(*at).to_bits() {
        return Some(format!("the strongest lag is {}, the correlation is of {at}", lag.value));
    }
    let policy = &law().mining.lead;
    let strength = correlation.value;
    if strength.abs() < policy.least - ROUNDING {
        return Some(format!("a correlation of {strength} is below {}", policy.least));
    }
    if strength.abs() - unlagged.value.abs() < policy.above_unlagged - ROUNDING {
        return Some(format!("{strength} is hardly more than the {} at the same time", unlagged.value));
    }
    let mut check = check;
    match check.pair((series, *moves), (other, *other_moves), (*from, *to)) {
        Ok(pair) => halves(&pair, *at, strength, check.fact),
        Err(error) => Some(error.to_string()),
    }
}

fn halves(pair: &Pair, lag: u32, strength: f64, fact: &Fact) -> Option<String> {
    let policy = &law().mining.lead;
    let Formula::Correlation { from, to, .. } = &fact.formula else { return None };
    let number = |date| super::periods::period(date, fact.frequency);
    let years = number(*to) - number(*from);
    if years < policy.least_years * i64::from(fact.frequency.per_year()) {
        return Some("the two share too few years".into());
    }
    let (first, last) = (number(*from) + i64::from(fact.frequency.per_year()), number(*to));
    let middle = (first + last).div_euclid(2);
    [(first, middle), (middle + 1, last)].into_iter().find_map(|(from, to)| {
        let half = pair.part(lag, from, to)?;
        let there = half * strength.signum() >= policy.least_in_half - ROUNDING;
        (!there).then(|| format!("in one half of the window the correlation is {half} only"))
    })
}
