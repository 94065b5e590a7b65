//! The date axis.

use jiff::civil::Date;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A labelled step of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTick {
    /// Where.
    pub date: Date,
    /// How it is written.
    pub label: String,
}

/// A calendar from `first` to `last`.
#[derive(Clone, Debug, PartialEq)]
pub struct DateAxis {
    /// Left end.
    pub first: Date,
    /// Right end.
    pub last: Date,
}

fn days(date: Date) -> i64 {
    // Days since 1970, from the proleptic Gregorian calendar; differences are all that is used.
    let (y, m, d) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl DateAxis {
    /// A calendar that holds both dates.
    pub fn new(first: Date, last: Date) -> Self {
        Self { first: first.min(last), last: first.max(last) }
    }

    /// Share of the way from left to right, 0–1 inside the calendar.
    pub fn share(&self, date: Date) -> f32 {
        let span = (days(self.last) - days(self.first)).max(1);
        (days(date) - days(self.first)) as f32 / span as f32
    }

    /// At most `most` ticks at months or days, or half as many more at whole years, which are written shorter.
    pub fn ticks(&self, most: usize) -> Vec<DateTick> {
        let most = most.max(2);
        let most_years = most + most / 2;
        let span = days(self.last) - days(self.first);
        let years = || [1, 2, 5, 10, 20, 25, 50, 100, 200].into_iter().map(|step| self.years(step));
        let months = || [1, 2, 3, 6].into_iter().map(|step| self.months(step));
        let fine = || [1, 2, 7, 14].into_iter().map(|step| self.each_days(step));
        let fits = |ticks: &Vec<DateTick>| ticks.len() <= most && ticks.len() >= 2;
        let fit_years = |ticks: &Vec<DateTick>| ticks.len() <= most_years && ticks.len() >= 2;
        let found = if span > 4 * 366 {
            years().find(fit_years)
        } else if span > 100 {
            months().find(fits).or_else(|| years().find(fit_years))
        } else {
            fine().chain(months()).find(fits)
        };
        found.unwrap_or_else(|| vec![DateTick { date: self.first, label: self.first.year().to_string() }])
    }

    fn holds(&self, date: Date) -> bool {
        date >= self.first && date <= self.last
    }

    fn years(&self, step: i16) -> Vec<DateTick> {
        let start = self.first.year().div_euclid(step) * step;
        (start..=self.last.year())
            .step_by(step.unsigned_abs().into())
            .filter_map(|year| Date::new(year, 1, 1).ok())
            // A yearly series may date its years anywhere; its first year still deserves its tick.
            .filter(|date| self.holds(*date))
            .map(|date| DateTick { date, label: date.year().to_string() })
            .collect()
    }

    fn months(&self, step: i8) -> Vec<DateTick> {
        (self.first.year()..=self.last.year())
            .flat_map(|year| {
                (1..=12).step_by(step.unsigned_abs().into()).filter_map(move |month| Date::new(year, month, 1).ok())
            })
            .filter(|date| self.holds(*date))
            .map(|date| DateTick {
                date,
                label: format!("{} {}", MONTHS[usize::from(date.month().unsigned_abs()) - 1], date.year()),
            })
            .collect()
    }

    fn each_days(&self, step: i64) -> Vec<DateTick> {
        let mut out = Vec::new();
        let mut date = self.first;
        while date <= self.last {
            if (days(date) - days(self.first)) % step == 0 {
                out.push(DateTick {
                    date,
                    label: format!("{} {}", MONTHS[usize::from(date.month().unsigned_abs()) - 1], date.day()),
                });
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn labels(first: Date, last: Date, most: usize) -> Vec<String> {
        DateAxis::new(first, last).ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn long_records_step_in_round_years() {
        assert_eq!(
            labels(date(1833, 1, 1), date(2026, 7, 1), 6),
            ["1850", "1875", "1900", "1925", "1950", "1975", "2000", "2025"]
        );
        assert_eq!(
            labels(date(1987, 5, 20), date(2026, 7, 1), 6),
            ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2025"]
        );
    }

    #[test]
    fn short_records_step_in_months_or_days() {
        assert_eq!(
            labels(date(2025, 1, 1), date(2026, 6, 1), 7),
            ["Jan 2025", "Apr 2025", "Jul 2025", "Oct 2025", "Jan 2026", "Apr 2026"]
        );
        assert_eq!(labels(date(2026, 5, 1), date(2026, 5, 22), 5), ["May 1", "May 8", "May 15", "May 22"]);
    }

    #[test]
    fn shares_count_days() {
        let axis = DateAxis::new(date(2000, 1, 1), date(2001, 1, 1));
        assert_eq!(axis.share(date(2000, 1, 1)), 0.0);
        assert_eq!(axis.share(date(2001, 1, 1)), 1.0);
        assert!((axis.share(date(2000, 7, 1)) - 182.0 / 366.0).abs() < 1e-6);
        assert_eq!(days(date(1970, 1, 1)), 0);
        assert_eq!(days(date(2000, 3, 1)), 11_017);
    }

    #[test]
    fn a_single_date_does_not_fail() {
        assert_eq!(labels(date(2024, 1, 1), date(2024, 1, 1), 6).len(), 1);
    }
}
