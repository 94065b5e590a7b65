//! Dates in words.

use jiff::civil::Date;

use crate::series::Frequency;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const QUARTERS: [&str; 4] = ["first", "second", "third", "fourth"];

fn month(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()) - 1]
}

fn quarter(date: Date) -> usize {
    (usize::from(date.month().unsigned_abs()) - 1) / 3
}

/// `August 18, 2026`, `the week of August 18, 2026`, `June 2026`, `the second quarter of 2026`, `2024`.
pub fn spoken_date(date: Date, frequency: Frequency) -> String {
    match frequency {
        Frequency::Daily => format!("{} {}, {}", month(date), date.day(), date.year()),
        Frequency::Weekly => format!("the week of {} {}, {}", month(date), date.day(), date.year()),
        Frequency::Monthly => format!("{} {}", month(date), date.year()),
        Frequency::Quarterly => format!("the {} quarter of {}", QUARTERS[quarter(date)], date.year()),
        Frequency::Annual => year(date),
    }
}

/// `Aug 18, 2026`, `Jun 2026`, `Q2 2026`, `2024`.
pub fn screen_date(date: Date, frequency: Frequency) -> String {
    let short = &month(date)[..3];
    match frequency {
        Frequency::Daily | Frequency::Weekly => format!("{short} {}, {}", date.day(), date.year()),
        Frequency::Monthly => format!("{short} {}", date.year()),
        Frequency::Quarterly => format!("Q{} {}", quarter(date) + 1, date.year()),
        Frequency::Annual => year(date),
    }
}

/// `2026`.
pub fn year(date: Date) -> String {
    date.year().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn each_frequency_names_its_own_period() {
        let day = date(2026, 8, 18);
        assert_eq!(spoken_date(day, Frequency::Daily), "August 18, 2026");
        assert_eq!(spoken_date(day, Frequency::Monthly), "August 2026");
        assert_eq!(spoken_date(day, Frequency::Quarterly), "the third quarter of 2026");
        assert_eq!(screen_date(day, Frequency::Quarterly), "Q3 2026");
        assert_eq!(spoken_date(day, Frequency::Annual), "2026");
    }
}
