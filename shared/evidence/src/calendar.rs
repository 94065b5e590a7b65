//! Periods: which one a date lies in, when it ends, how many lie between.

use jiff::ToSpan;
use jiff::civil::Date;
use proofreel_model::series::Frequency;

use crate::dates::Grain;

/// Number of the period a date lies in; consecutive periods differ by one.
pub(crate) fn period(date: Date, frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Daily => day_number(date),
        // Weeks start on the weekday of day number 0, a Thursday; only differences are used.
        Frequency::Weekly => day_number(date).div_euclid(7),
        Frequency::Monthly => month_number(date),
        Frequency::Quarterly => month_number(date).div_euclid(3),
        Frequency::Annual => i64::from(date.year()),
    }
}

/// Days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i64 {
    Date::constant(1970, 1, 1).until(date).map_or(0, |span| i64::from(span.get_days()))
}

/// Months since the start of year 0.
pub(crate) fn month_number(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// True when both dates lie one period apart; days and weeks allow for holidays.
pub(crate) fn consecutive(earlier: Date, later: Date, frequency: Frequency) -> bool {
    let days = day_number(later) - day_number(earlier);
    match frequency {
        Frequency::Daily => (1..=10).contains(&days),
        Frequency::Weekly => (5..=10).contains(&days),
        _ => period(later, frequency) - period(earlier, frequency) == 1,
    }
}

/// Last day of the period a date lies in.
pub(crate) fn period_end(date: Date, frequency: Frequency) -> Date {
    match frequency {
        Frequency::Daily | Frequency::Weekly => date,
        Frequency::Monthly => date.last_of_month(),
        Frequency::Quarterly => {
            let month = (date.month() - 1) / 3 * 3 + 3;
            Date::new(date.year(), month, 1).map_or(date, Date::last_of_month)
        }
        Frequency::Annual => date.last_of_year(),
    }
}

/// Whole months from one date to a later one. The day counts only where the calendar has days.
pub(crate) fn whole_months(from: Date, to: Date, frequency: Frequency) -> i64 {
    let months = month_number(to) - month_number(from);
    match frequency {
        Frequency::Daily | Frequency::Weekly if to.day() < from.day() && to != to.last_of_month() => months - 1,
        Frequency::Quarterly => (period(to, frequency) - period(from, frequency)) * 3,
        Frequency::Annual => (period(to, frequency) - period(from, frequency)) * 12,
        _ => months,
    }
}

/// The same day some years earlier (28 February for a leap day).
pub(crate) fn years_before(date: Date, years: i64) -> Option<Date> {
    date.checked_sub(years.years()).ok()
}

/// Years between two dates, with fraction: whole months / 12, or days / 365.25 for daily and weekly series.
pub(crate) fn years_between(from: Date, to: Date, frequency: Frequency) -> f64 {
    match frequency {
        Frequency::Daily | Frequency::Weekly => (day_number(to) - day_number(from)) as f64 / 365.25,
        _ => whole_months(from, to, frequency) as f64 / 12.0,
    }
}

/// The calendar of sorted dates written at some grain, from the usual distance between neighbours.
pub(crate) fn infer(dates: &[Date], grain: Grain) -> Frequency {
    let unit = |date: Date| match grain {
        Grain::Day => day_number(date),
        Grain::Month => month_number(date),
        Grain::Quarter => month_number(date).div_euclid(3),
        Grain::Year => i64::from(date.year()),
    };
    let mut steps: Vec<i64> =
        dates.windows(2).map(|pair| unit(pair[1]) - unit(pair[0])).filter(|step| *step > 0).collect();
    steps.sort_unstable();
    let step = steps.get(steps.len() / 2).copied().unwrap_or(1);
    match (grain, step) {
        (Grain::Day, ..=4) => Frequency::Daily,
        (Grain::Day, 5..=10) => Frequency::Weekly,
        (Grain::Day, 11..=45) | (Grain::Month, ..=1) => Frequency::Monthly,
        (Grain::Day, 46..=135) | (Grain::Month, 2..=4) | (Grain::Quarter, ..=2) => Frequency::Quarterly,
        _ => Frequency::Annual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn frequencies_from_dates() {
        let daily: Vec<Date> = (1..=9).map(|d| date(2026, 6, d)).collect();
        assert_eq!(infer(&daily, Grain::Day), Frequency::Daily);
        let mid_month: Vec<Date> = (1..=9).map(|m| date(2026, m, 15)).collect();
        assert_eq!(infer(&mid_month, Grain::Day), Frequency::Monthly);
        let quarters: Vec<Date> = [1, 4, 7, 10].map(|m| date(2026, m, 1)).to_vec();
        assert_eq!(infer(&quarters, Grain::Month), Frequency::Quarterly);
        assert_eq!(infer(&[date(2001, 1, 1), date(2002, 1, 1)], Grain::Day), Frequency::Annual);
    }

    #[test]
    fn whole_months_follow_the_calendar() {
        assert_eq!(whole_months(date(2025, 6, 15), date(2026, 6, 1), Frequency::Monthly), 12);
        assert_eq!(whole_months(date(2025, 6, 15), date(2026, 6, 14), Frequency::Daily), 11);
        assert_eq!(whole_months(date(2025, 1, 31), date(2025, 2, 28), Frequency::Daily), 1);
        assert_eq!(whole_months(date(2001, 1, 1), date(2003, 1, 1), Frequency::Annual), 24);
        assert_eq!(period_end(date(2026, 5, 1), Frequency::Quarterly), date(2026, 6, 30));
    }
}
