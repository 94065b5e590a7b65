//! The date axis.

use jiff::civil::Date;
use proofreel_model::display::screen_date;
use proofreel_model::series::Frequency;

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
    /// How often what is drawn over it was observed: no tick names a shorter period.
    pub frequency: Frequency,
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
    /// A calendar that holds both dates, for what was observed so often.
    pub fn new(first: Date, last: Date, frequency: Frequency) -> Self {
        Self { first: first.min(last), last: first.max(last), frequency }
    }

    /// Share of the way from left to right, 0–1 inside the calendar.
    pub fn share(&self, date: Date) -> f32 {
        let span = (days(self.last) - days(self.first)).max(1);
        (days(date) - days(self.first)) as f32 / span as f32
    }

    /// At most `most` ticks at quarters, months or days, or half as many more at whole years, which are written shorter. None
    /// is finer than the data: a month below yearly points would be a precision that their source does not have.
    pub fn ticks(&self, most: usize) -> Vec<DateTick> {
        let most = most.max(2);
        let most_years = most + most / 2;
        let span = days(self.last) - days(self.first);
        let (day_steps, month_steps): (&[i64], &[i8]) = match self.frequency {
            Frequency::Daily => (&[1, 2, 7, 14], &[1, 2, 3, 6]),
            Frequency::Weekly => (&[7, 14], &[1, 2, 3, 6]),
            Frequency::Monthly => (&[], &[1, 2, 3, 6]),
            Frequency::Quarterly => (&[], &[3, 6]),
            Frequency::Annual => (&[], &[]),
        };
        let years = || [1, 2, 5, 10, 20, 25, 50, 100, 200].into_iter().map(|step| self.years(step));
        let months = || month_steps.iter().map(|step| self.months(*step));
        let fine = || day_steps.iter().map(|step| self.each_days(*step));
        let fits = |ticks: &Vec<DateTick>| ticks.len() <= most && ticks.len() >= 2;
        let fit_years = |ticks: &Vec<DateTick>| ticks.len() <= most_years && ticks.len() >= 2;
        let found = if span > 4 * 366 {
            None
        } else if span > 100 {
            months().find(fits)
        } else {
            fine().chain(months()).find(fits)
        };
        found
            .or_else(|| years().find(fit_years))
            .unwrap_or_else(|| vec![DateTick { date: self.first, label: self.first.year().to_string() }])
    }

    fn holds(&self, date: Date) -> bool {
        date >= self.first && date <= self.last
    }

    /// Where what was observed in the period that begins with this month stands. A source may date its periods anywhere in
    /// them, by their last day for example: the tick of a period stands at its point, not at that of the one before.
    fn within(&self, year: i16, month: i8) -> Option<Date> {
        let (later, day) = match self.frequency {
            Frequency::Daily | Frequency::Weekly => (0, 1),
            Frequency::Monthly => (0, self.first.day()),
            Frequency::Quarterly => ((self.first.month() - 1) % 3, self.first.day()),
            Frequency::Annual => (self.first.month() - 1, self.first.day()),
        };
        let begin = Date::new(year, month + later, 1).ok()?;
        Date::new(year, month + later, day.min(begin.days_in_month())).ok()
    }

    fn years(&self, step: i16) -> Vec<DateTick> {
        let start = self.first.year().div_euclid(step) * step;
        (start..=self.last.year())
            .step_by(step.unsigned_abs().into())
            .filter_map(|year| self.within(year, 1))
            .filter(|date| self.holds(*date))
            .map(|date| DateTick { date, label: date.year().to_string() })
            .collect()
    }

    /// Ticks so many months apart, named as months; those of quarterly data as quarters.
    fn months(&self, step: i8) -> Vec<DateTick> {
        let named = self.frequency.max(Frequency::Monthly);
        (self.first.year()..=self.last.year())
            .flat_map(|year| {
                (1..=12).step_by(step.unsigned_abs().into()).filter_map(move |month| self.within(year, month))
            })
            .filter(|date| self.holds(*date))
            .map(|date| DateTick { date, label: screen_date(date, named) })
            .collect()
    }

    fn each_days(&self, step: i64) -> Vec<DateTick> {
        let mut out = Vec::new();
        let mut date = self.first;
        while date <= self.last {
            if (days(date) - days(self.first)) % step == 0 {
                out.push(DateTick { date, label: date.strftime("%b %-d").to_string() });
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

    use Frequency::{Annual, Daily, Monthly, Quarterly, Weekly};

    fn labels(first: Date, last: Date, frequency: Frequency, most: usize) -> Vec<String> {
        DateAxis::new(first, last, frequency).ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn long_records_step_in_round_years() {
        assert_eq!(
            labels(date(1833, 1, 1), date(2026, 7, 1), Annual, 6),
            ["1850", "1875", "1900", "1925", "1950", "1975", "2000", "2025"]
        );
        assert_eq!(
            labels(date(1987, 5, 20), date(2026, 7, 1), Daily, 6),
            ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2025"]
        );
    }

    #[test]
    fn short_records_step_in_months_or_days() {
        assert_eq!(
            labels(date(2025, 1, 1), date(2026, 6, 1), Monthly, 7),
            ["Jan 2025", "Apr 2025", "Jul 2025", "Oct 2025", "Jan 2026", "Apr 2026"]
        );
        let may = ["May 1", "May 8", "May 15", "May 22"];
        assert_eq!(labels(date(2026, 5, 1), date(2026, 5, 22), Daily, 5), may);
        assert_eq!(labels(date(2026, 5, 1), date(2026, 5, 22), Weekly, 9), may);
    }

    #[test]
    fn few_points_have_ticks_of_their_own_periods_and_none_between() {
        assert_eq!(labels(date(1941, 1, 1), date(1943, 1, 1), Annual, 7), ["1941", "1942", "1943"]);
        assert_eq!(
            labels(date(2025, 1, 1), date(2026, 4, 1), Quarterly, 7),
            ["Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q1 2026", "Q2 2026"]
        );
        assert_eq!(labels(date(2026, 1, 1), date(2026, 3, 1), Monthly, 9), ["Jan 2026", "Feb 2026", "Mar 2026"]);
    }

    #[test]
    fn a_period_that_its_source_dates_by_its_end_has_its_tick_there() {
        let ends = |first: Date, last: Date, frequency: Frequency| -> Vec<(Date, String)> {
            DateAxis::new(first, last, frequency).ticks(7).into_iter().map(|tick| (tick.date, tick.label)).collect()
        };
        let years = ends(date(2021, 12, 31), date(2023, 12, 31), Annual);
        let wanted = [2021, 2022, 2023].map(|year| (date(year, 12, 31), year.to_string()));
        assert_eq!(years, wanted);
        let quarters = ends(date(2023, 3, 31), date(2023, 9, 30), Quarterly);
        let wanted = [(3, 31, "Q1"), (6, 30, "Q2"), (9, 30, "Q3")];
        assert_eq!(quarters, wanted.map(|(month, day, name)| (date(2023, month, day), format!("{name} 2023"))));
    }

    #[test]
    fn shares_count_days() {
        let axis = DateAxis::new(date(2000, 1, 1), date(2001, 1, 1), Daily);
        assert_eq!(axis.share(date(2000, 1, 1)), 0.0);
        assert_eq!(axis.share(date(2001, 1, 1)), 1.0);
        assert!((axis.share(date(2000, 7, 1)) - 182.0 / 366.0).abs() < 1e-6);
        assert_eq!(days(date(1970, 1, 1)), 0);
        assert_eq!(days(date(2000, 3, 1)), 11_017);
    }

    #[test]
    fn a_single_date_does_not_fail() {
        assert_eq!(labels(date(2024, 1, 1), date(2024, 1, 1), Monthly, 6).len(), 1);
    }
}
