//! Periods as statistical offices write them, brought into the notations that evidence reads.

use jiff::civil::Date;

/// Length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grain {
    /// A year.
    Year,
    /// Half a year; written as its first day.
    Half,
    /// A quarter.
    Quarter,
    /// A month.
    Month,
    /// A week; written as its Monday.
    Week,
    /// A day.
    Day,
}

impl Grain {
    /// Name of the resource that holds periods of this length.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Year => "annual",
            Self::Half => "half-yearly",
            Self::Quarter => "quarterly",
            Self::Month => "monthly",
            Self::Week => "weekly",
            Self::Day => "daily",
        }
    }

    /// Frictionless type of the period's column.
    pub(crate) fn field_type(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "string",
            Self::Month => "yearmonth",
            Self::Half | Self::Week | Self::Day => "date",
        }
    }
}

/// A period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period {
    /// First day.
    pub first: Date,
    /// Length.
    pub grain: Grain,
}

impl Period {
    /// The period that starts on `first`.
    pub(crate) fn new(first: Date, grain: Grain) -> Self {
        Self { first, grain }
    }

    /// Reads `2024`, `2024-A1`, `2024-S1`, `2024-Q2`, `2024Q2`, `2024-05`, `2024M05`, `2024-W05`, `2024-05-31`, `20240531`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (year, rest) = text.split_at_checked(4)?;
        let year: i16 = year.bytes().all(|byte| byte.is_ascii_digit()).then(|| year.parse().ok()).flatten()?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let number = |digits: &str| -> Option<i8> {
            (!digits.is_empty() && digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| digits.parse().ok())
                .flatten()
        };
        let month_of = |month: i8, grain| Some(Self::new(Date::new(year, month, 1).ok()?, grain));
        match rest.as_bytes() {
            [] => month_of(1, Grain::Year),
            [b'A', digits @ ..] if digits.is_empty() || digits == b"1" || digits == b"01" => month_of(1, Grain::Year),
            [b'S' | b'B', ..] => match number(&rest[1..])? {
                half @ 1..=2 => month_of((half - 1) * 6 + 1, Grain::Half),
                _ => None,
            },
            [b'Q', ..] => match number(&rest[1..])? {
                quarter @ 1..=4 => month_of((quarter - 1) * 3 + 1, Grain::Quarter),
                _ => None,
            },
            [b'M', ..] => month_of(number(&rest[1..])?, Grain::Month),
            [b'W', ..] => {
                let week =
                    jiff::civil::ISOWeekDate::new(year, number(&rest[1..])?, jiff::civil::Weekday::Monday).ok()?;
                Some(Self::new(week.date(), Grain::Week))
            }
            [_, _] => month_of(number(rest)?, Grain::Month),
            [_, _, b'-', _, _] => {
                Some(Self::new(Date::new(year, number(&rest[..2])?, number(&rest[3..])?).ok()?, Grain::Day))
            }
            [_, _, _, _] => {
                Some(Self::new(Date::new(year, number(&rest[..2])?, number(&rest[2..])?).ok()?, Grain::Day))
            }
            // A day with a time of day, as some interfaces write it.
            _ => match rest.split_once('T') {
                Some((day, _)) if day.len() == 5 => Self::read(&text[..10]),
                _ => None,
            },
        }
    }

    /// Reads a day that stands for a period of `grain`, as FRED writes months and quarters.
    pub(crate) fn of_day(text: &str, grain: Grain) -> Option<Self> {
        let day = Self::read(text).filter(|period| period.grain == Grain::Day)?.first;
        let first = match grain {
            Grain::Year => Date::new(day.year(), 1, 1).ok()?,
            Grain::Half => Date::new(day.year(), if day.month() > 6 { 7 } else { 1 }, 1).ok()?,
            Grain::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok()?,
            Grain::Month => day.first_of_month(),
            Grain::Week | Grain::Day => day,
        };
        Some(Self::new(first, grain))
    }

    /// The notation in which it stands in a package.
    pub(crate) fn text(self) -> String {
        let (year, month) = (self.first.year(), self.first.month());
        match self.grain {
            Grain::Year => format!("{year:04}"),
            Grain::Quarter => format!("{year:04}-Q{}", (month - 1) / 3 + 1),
            Grain::Month => format!("{year:04}-{month:02}"),
            Grain::Half | Grain::Week | Grain::Day => self.first.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_the_offices() {
        for (text, written, grain) in [
            ("2024", "2024", Grain::Year),
            ("2024-A1", "2024", Grain::Year),
            ("2024A01", "2024", Grain::Year),
            ("2024-S2", "2024-07-01", Grain::Half),
            ("2024-Q2", "2024-Q2", Grain::Quarter),
            ("2024Q4", "2024-Q4", Grain::Quarter),
            ("2024-05", "2024-05", Grain::Month),
            ("2024M05", "2024-05", Grain::Month),
            ("2024-W01", "2024-01-01", Grain::Week),
            ("2024-05-31", "2024-05-31", Grain::Day),
            ("20240531", "2024-05-31", Grain::Day),
            ("2024-05-31T00:00:00", "2024-05-31", Grain::Day),
        ] {
            let read = Period::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.text().as_str(), read.grain), (written, grain), "{text}");
        }
        for text in
            ["", "24", "2024-Q5", "2024-13", "2024M13", "2024-02-30", "2024-W54", "2024-05-31x", "abcd", "２０２４"]
        {
            assert_eq!(Period::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_stands_for_its_quarter() {
        assert_eq!(Period::of_day("2026-04-01", Grain::Quarter).unwrap().text(), "2026-Q2");
        assert_eq!(Period::of_day("2026-04-01", Grain::Month).unwrap().text(), "2026-04");
        assert_eq!(Period::of_day("2026-04", Grain::Month), None);
    }
}
