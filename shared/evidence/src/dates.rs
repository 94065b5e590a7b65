//! Date cells: one notation a column, read without guessing.

use jiff::civil::Date;

/// What a written date names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grain {
    Day,
    Month,
    Quarter,
    Year,
}

/// How a column writes its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DateStyle {
    pub grain: Grain,
    /// Reading of `06/07/2026`, when the column has such dates: day first or month first.
    pub day_first: Option<bool>,
}

/// Why a column cannot be read as dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateTrouble {
    /// Too few cells are dates.
    NotDates,
    /// Day and month cannot be told apart.
    Ambiguous,
}

/// A cell as far as it can be read alone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    Sure(Date, Grain),
    /// `a/b/year`: which is the month depends on the column.
    Slashed(i8, i8, i16),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Finds the notation of a column: at least four fifths of its non-empty cells must share it.
pub(crate) fn style<'a>(cells: impl Iterator<Item = &'a str>, format: &str) -> Result<DateStyle, DateTrouble> {
    let (mut total, mut counts) = (0usize, [0usize; 4]);
    let mut slashed = Vec::new();
    for cell in cells.filter(|cell| !cell.trim().is_empty()) {
        total += 1;
        match reading(cell) {
            Some(Reading::Sure(_, grain)) => counts[grain as usize] += 1,
            Some(Reading::Slashed(a, b, year)) => {
                counts[Grain::Day as usize] += 1;
                slashed.push((a, b, year));
            }
            None => {}
        }
    }
    let grains = [Grain::Day, Grain::Month, Grain::Quarter, Grain::Year];
    let grain = grains.into_iter().max_by_key(|grain| counts[*grain as usize]).unwrap_or(Grain::Day);
    if total == 0 || counts[grain as usize] * 5 < total * 4 {
        return Err(DateTrouble::NotDates);
    }
    let day_first =
        if slashed.is_empty() { None } else { Some(day_first(&slashed, format).ok_or(DateTrouble::Ambiguous)?) };
    Ok(DateStyle { grain, day_first })
}

/// Reads one cell in the column's notation.
pub(crate) fn read(cell: &str, style: DateStyle) -> Option<Date> {
    match reading(cell)? {
        Reading::Sure(date, grain) => (grain == style.grain).then_some(date),
        Reading::Slashed(a, b, year) => {
            let (month, day) = if style.day_first? { (b, a) } else { (a, b) };
            (style.grain == Grain::Day).then(|| Date::new(year, month, day).ok()).flatten()
        }
    }
}

/// Day first or month first, when the column leaves no doubt: by the declared format, by a number above 12,
/// or because one of the two never changes, as in a column of month starts.
fn day_first(cells: &[(i8, i8, i16)], format: &str) -> Option<bool> {
    if let (Some(day), Some(month)) = (format.find("%d"), format.find("%m")) {
        return Some(day < month);
    }
    let first_is_day = cells.iter().any(|(a, _, _)| *a > 12);
    let second_is_day = cells.iter().any(|(_, b, _)| *b > 12);
    match (first_is_day, second_is_day) {
        (true, false) => return Some(true),
        (false, true) => return Some(false),
        // Both orders occur: rows of the rarer order are bad dates.
        (true, true) => {
            let days = cells.iter().filter(|(a, _, _)| *a > 12).count();
            let months = cells.iter().filter(|(_, b, _)| *b > 12).count();
            return (days != months).then_some(days > months);
        }
        (false, false) => {}
    }
    let varies = |side: fn(&(i8, i8, i16)) -> i8| cells.iter().any(|cell| side(cell) != side(&cells[0]));
    match (varies(|cell| cell.0), varies(|cell| cell.1)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
}

/// Splits into runs of digits and of letters; `None` at a character that no date holds.
fn tokens(text: &str) -> Option<(Vec<Token<'_>>, Vec<char>)> {
    let (mut found, mut separators) = (Vec::new(), Vec::new());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        if bytes[at].is_ascii_digit() {
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            found.push(Token::Number(&text[start..at]));
        } else if bytes[at].is_ascii_alphabetic() {
            while at < bytes.len() && bytes[at].is_ascii_alphabetic() {
                at += 1;
            }
            found.push(Token::Word(&text[start..at]));
        } else if matches!(bytes[at], b'-' | b'/' | b'.' | b' ' | b',') {
            separators.push(char::from(bytes[at]));
            at += 1;
        } else {
            return None;
        }
    }
    Some((found, separators))
}

/// The cell without a time of day: `2026-06-01T00:00:00Z`, `2026-06-01 00:00`.
fn without_time(cell: &str) -> &str {
    let cell = cell.trim();
    if let Some(colon) = cell.find(':')
        && let Some(cut) = cell[..colon].rfind(['T', ' '])
        && cut >= 6
    {
        return cell[..cut].trim();
    }
    cell
}

fn reading(cell: &str) -> Option<Reading> {
    use Token::{Number, Word};
    let text = without_time(cell);
    if text.len() > 24 {
        return None;
    }
    let (found, separators) = tokens(text)?;
    let year = |text: &str| {
        if text.len() == 4 { text.parse::<i16>().ok().filter(|year| (1000..3000).contains(year)) } else { None }
    };
    let small = |text: &str| if text.len() <= 2 { text.parse::<i8>().ok() } else { None };
    let day = |y: i16, m: i8, d: i8| Date::new(y, m, d).ok().map(|date| Reading::Sure(date, Grain::Day));
    let month = |y: i16, m: i8| Date::new(y, m, 1).ok().map(|date| Reading::Sure(date, Grain::Month));
    let quarter = |y: i16, q: i8| {
        if (1..=4).contains(&q) {
            Date::new(y, q * 3 - 2, 1).ok().map(|date| Reading::Sure(date, Grain::Quarter))
        } else {
            None
        }
    };
    let annual = |y: i16| Date::new(y, 1, 1).ok().map(|date| Reading::Sure(date, Grain::Year));
    let is = |word: &str, letter: &str| word.eq_ignore_ascii_case(letter);
    match found.as_slice() {
        [Number(y)] if y.len() == 4 => annual(year(y)?),
        // A year that passed through a spreadsheet: `2020.0`.
        [Number(y), Number("0")] if separators == ['.'] => annual(year(y)?),
        [Number(all)] if all.len() == 8 => day(year(&all[..4])?, small(&all[4..6])?, small(&all[6..])?),
        [Number(all)] if all.len() == 6 => month(year(&all[..4])?, small(&all[4..])?),
        [Number(y), Number(m), Number(d)] if y.len() == 4 => day(year(y)?, small(m)?, small(d)?),
        [Number(a), Number(b), Number(y)] if separators.len() == 2 => {
            Some(Reading::Slashed(small(a)?, small(b)?, year(y)?))
        }
        [Number(y), Number(m)] if y.len() == 4 && separators != ['.'] => month(year(y)?, small(m)?),
        [Number(m), Number(y)] if separators != ['.'] => month(year(y)?, small(m)?),
        [Number(y), Word(q), Number(n)] if is(q, "q") => quarter(year(y)?, small(n)?),
        [Word(q), Number(n), Number(y)] if is(q, "q") => quarter(year(y)?, small(n)?),
        [Number(n), Word(q), Number(y)] if is(q, "q") => quarter(year(y)?, small(n)?),
        [Number(y), Word(m), Number(n)] if is(m, "m") => month(year(y)?, small(n)?),
        [Number(y), Word(w), Number(n)] if is(w, "w") => week(year(y)?, small(n)?),
        [Word(name), Number(y)] | [Number(y), Word(name)] => month(year(y)?, month_number(name)?),
        [Word(name), Number(d), Number(y)] | [Number(d), Word(name), Number(y)] => {
            day(year(y)?, month_number(name)?, small(d)?)
        }
        _ => None,
    }
}

/// The Monday of an ISO week.
fn week(year: i16, week: i8) -> Option<Reading> {
    let date = jiff::civil::ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).ok()?.date();
    Some(Reading::Sure(date, Grain::Day))
}

fn month_number(name: &str) -> Option<i8> {
    let name = name.to_ascii_lowercase();
    let at = MONTHS
        .iter()
        .position(|month| *month == name || (*month == "sep" && name == "sept"))
        .or_else(|| LONG_MONTHS.iter().position(|month| *month == name))?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn one(cell: &str) -> Option<(Date, Grain)> {
        let style = style([cell].into_iter(), "").ok()?;
        Some((read(cell, style)?, style.grain))
    }

    #[test]
    fn notations() {
        for (cell, expected, grain) in [
            ("2026-06-15", date(2026, 6, 15), Grain::Day),
            ("2026-06-15T00:00:00Z", date(2026, 6, 15), Grain::Day),
            ("2026/6/5", date(2026, 6, 5), Grain::Day),
            ("20260615", date(2026, 6, 15), Grain::Day),
            ("15 Jun 2026", date(2026, 6, 15), Grain::Day),
            ("June 15, 2026", date(2026, 6, 15), Grain::Day),
            ("06/15/2026", date(2026, 6, 15), Grain::Day),
            ("15.06.2026", date(2026, 6, 15), Grain::Day),
            ("2026W02", date(2026, 1, 5), Grain::Day),
            ("2026-06", date(2026, 6, 1), Grain::Month),
            ("2026M06", date(2026, 6, 1), Grain::Month),
            ("06/2026", date(2026, 6, 1), Grain::Month),
            ("Jun 2026", date(2026, 6, 1), Grain::Month),
            ("Sept-2026", date(2026, 9, 1), Grain::Month),
            ("2026Q2", date(2026, 4, 1), Grain::Quarter),
            ("2026-Q2", date(2026, 4, 1), Grain::Quarter),
            ("Q2 2026", date(2026, 4, 1), Grain::Quarter),
            ("2026", date(2026, 1, 1), Grain::Year),
            ("2026.0", date(2026, 1, 1), Grain::Year),
        ] {
            assert_eq!(one(cell), Some((expected, grain)), "{cell}");
        }
        for cell in ["", "abc", "2026-13", "2026-02-30", "12.5", "3.14", "99", "2026Q5", "Foo 2026", "1.5.2026x"] {
            assert_eq!(one(cell), None, "{cell}");
        }
    }

    #[test]
    fn slashed_dates_need_a_column_that_leaves_no_doubt() {
        let month_starts = ["01/01/2020", "02/01/2020", "03/01/2020"];
        assert_eq!(style(month_starts.into_iter(), "").map(|s| s.day_first), Ok(Some(false)));
        assert_eq!(style(["05/06/2020", "06/07/2020"].into_iter(), ""), Err(DateTrouble::Ambiguous));
        assert_eq!(style(["05/06/2020", "06/07/2020"].into_iter(), "%d/%m/%Y").map(|s| s.day_first), Ok(Some(true)));
        assert_eq!(style(["05/06/2020", "25/07/2020"].into_iter(), "").map(|s| s.day_first), Ok(Some(true)));
    }

    #[test]
    fn another_grain_in_the_column_is_not_read() {
        let style = style(["2020", "2021", "2022", "2023", "2024-05"].into_iter(), "").unwrap();
        assert_eq!(read("2024-05", style), None);
        assert_eq!(style.grain, Grain::Year);
    }
}
