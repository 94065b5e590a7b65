//! `specs/policy/crises.toml`: windows in which series are compared, and what they are called.

use jiff::civil::Date;
use serde::Deserialize;

use crate::display;
use crate::fact::Formula;
use crate::series::Frequency;

/// Crisis windows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crises {
    /// Who dated them.
    pub source: String,
    /// Least difference of two moves told in percent.
    pub least_apart_percent: f64,
    /// Least difference of two moves told otherwise, in standard deviations of the series.
    pub least_apart_spread: f64,
    /// How many times as long as the other one of two windows may be at most where bars compare them, and where words do
    /// without saying how long each was.
    pub most_longer: f64,
    /// Contractions that have no usual name, the earliest first: shaded beside the windows, never named and never compared.
    pub unnamed: Vec<Contraction>,
    /// The windows, the earliest first.
    pub crises: Vec<Crisis>,
}

/// A contraction without a usual name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contraction {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// One window.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crisis {
    /// How it is called, with its article.
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Crisis {
    /// True when a date, as a series of this calendar dates its periods, lies in a period that touches the window.
    pub fn holds(&self, date: Date, frequency: Frequency) -> bool {
        let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        let inside = |length: i32| {
            let number = |date: Date| months(date).div_euclid(length);
            (number(self.from)..=number(self.to)).contains(&number(date))
        };
        match frequency {
            Frequency::Daily | Frequency::Weekly => (self.from..=self.to).contains(&date),
            Frequency::Monthly => inside(1),
            Frequency::Quarterly => inside(3),
            Frequency::Annual => inside(12),
        }
    }

    /// True when every date of a formula lies in the window.
    pub fn covers(&self, formula: &Formula, frequency: Frequency) -> bool {
        let (at, from, to) = display::dates(formula);
        [at, from, to].into_iter().flatten().all(|date| self.holds(date, frequency))
    }
}

impl Crises {
    /// True when two stretches, each from its first to its last date, are about as long: what happened in them compares like
    /// with like.
    pub fn as_long(&self, first: (Date, Date), second: (Date, Date)) -> bool {
        let days = |(from, to): (Date, Date)| to.since(from).map_or(0, |span| span.get_days());
        let (a, b) = (days(first), days(second));
        f64::from(a.max(b)) <= self.most_longer * f64::from(a.min(b))
    }

    /// The window that holds all dates of a formula.
    pub fn of(&self, formula: &Formula, frequency: Frequency) -> Option<&Crisis> {
        self.crises.iter().find(|crisis| crisis.covers(formula, frequency))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::policy::law;

    #[test]
    fn every_contraction_since_the_list_begins_is_dated_once() {
        let crises = &law().crises;
        let named = crises.crises.iter().map(|crisis| (crisis.from, crisis.to));
        let mut all: Vec<_> = named.chain(crises.unnamed.iter().map(|other| (other.from, other.to))).collect();
        assert!(crises.unnamed.is_sorted_by(|a, b| a.from < b.from));
        all.sort();
        assert_eq!(all.len(), 34, "1857 to 2020");
        assert!(all.iter().all(|(from, to)| from < to && from.day() == 1 && *to == to.last_of_month()), "{all:?}");
        assert!(all.windows(2).all(|pair| pair[0].1 < pair[1].0), "{all:?}");
        assert!(all.contains(&(date(1980, 1, 1), date(1980, 7, 31))), "half a year after the peak of gold");
    }

    #[test]
    fn stretches_are_as_long_within_the_factor_of_the_law() {
        let crises = &law().crises;
        let (dot_com, gulf) = ((date(2001, 3, 1), date(2001, 11, 1)), (date(1990, 7, 1), date(1991, 3, 1)));
        let great = (date(2007, 12, 1), date(2009, 6, 1));
        assert!(crises.as_long(dot_com, gulf) && crises.as_long(gulf, dot_com), "eight months beside eight");
        assert!(!crises.as_long(dot_com, great) && !crises.as_long(great, dot_com), "eight months beside eighteen");
        assert!(!crises.as_long(dot_com, (great.1, great.1)), "nothing is as long as a day");
    }
}
