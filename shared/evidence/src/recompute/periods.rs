//! Calendar arithmetic of the recomputation.

use jiff::civil::Date;
use proofreel_model::series::Frequency;

/// Number of the period a date lies in; neighbours differ by one.
pub(super) fn period(date: Date, frequency: Frequency) -> i64 {
    let months = i64::from(date.year()) * 12 + i64::from(date.month());
    match frequency {
        Frequency::Daily | Frequency::Weekly => days(date),
        Frequency::Monthly => months,
        Frequency::Quarterly => (months - 1) / 3,
        Frequency::Annual => i64::from(date.year()),
    }
}

/// Days since the start of the calendar.
pub(super) fn days(date: Date) -> i64 {
    date.since(Date::ZERO).map_or(0, |span| i64::from(span.get_days()))
}

/// Whole months between two dates.
pub(super) fn months(from: Date, to: Date, frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Annual => (period(to, frequency) - period(from, frequency)) * 12,
        Frequency::Quarterly => (period(to, frequency) - period(from, frequency)) * 3,
        Frequency::Monthly => period(to, frequency) - period(from, frequency),
        Frequency::Daily | Frequency::Weekly => {
            let all = period(to, Frequency::Monthly) - period(from, Frequency::Monthly);
            let month_over = to.day() >= from.day() || to.day() == to.days_in_month();
            if month_over { all } else { all - 1 }
        }
    }
}
