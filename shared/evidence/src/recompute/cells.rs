//! Numbers and dates in cells, read for recomputation.

use jiff::civil::Date;

/// Decimal mark of a column: the declared one, else the one its cells need.
pub(super) fn decimal_mark<'a>(cells: impl Iterator<Item = &'a str>, declared: Option<char>) -> char {
    if let Some(declared) = declared {
        return declared;
    }
    let (mut point, mut comma) = (0u32, 0u32);
    for cell in cells {
        let text: String = cell.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
        let (dot, com) = (text.rfind('.'), text.rfind(','));
        match (dot, com) {
            (Some(dot), Some(com)) if dot > com => point += 1,
            (Some(_), Some(_)) => comma += 1,
            (None, Some(com)) if text.matches(',').count() == 1 && (text.len() - com != 4 || com == 0 || com > 3) => {
                comma += 1;
            }
            (Some(dot), None) if text.matches('.').count() == 1 && (text.len() - dot != 4 || dot == 0 || dot > 3) => {
                point += 1;
            }
            (None, Some(_)) if text.matches(',').count() > 1 => point += 1,
            (Some(_), None) if text.matches('.').count() > 1 => comma += 1,
            _ => {}
        }
    }
    if comma > point { ',' } else { '.' }
}

/// The number in a cell; `None` for anything that is not one number with its usual marks.
pub(super) fn number(cell: &str, decimal: char) -> Option<f64> {
    let mut plain = String::new();
    let mut negative = cell.starts_with('(') && cell.ends_with(')');
    let body = cell.trim_start_matches('(').trim_end_matches(')');
    let mut body = body.trim();
    for mark in ["US$", "USD", "EUR", "GBP", "$", "€", "£", "¥", "₹", "%"] {
        body = body.trim_end_matches(mark).trim();
        let (sign, rest) = match body.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
            Some(rest) => (true, rest.trim()),
            None => (false, body),
        };
        if sign || rest.starts_with(mark) {
            negative ^= sign;
            body = rest.trim_start_matches(mark).trim();
        }
    }
    let body = body.trim_start_matches('+');
    let mut digits_after_group = None;
    for c in body.chars() {
        match c {
            '0'..='9' => {
                plain.push(c);
                digits_after_group = digits_after_group.map(|n: u32| n + 1);
            }
            c if c == decimal => {
                if digits_after_group.is_some_and(|n| n != 3) || plain.contains('.') {
                    return None;
                }
                digits_after_group = None;
                plain.push('.');
            }
            ',' | '.' | ' ' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}' => {
                if digits_after_group.is_some_and(|n| n != 3) || plain.is_empty() || plain.contains('.') {
                    return None;
                }
                digits_after_group = Some(0);
            }
            'e' | 'E' | '-' | '+' => {
                plain.push(c);
                digits_after_group = None;
            }
            _ => return None,
        }
    }
    if digits_after_group.is_some_and(|n| n != 3) || !plain.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(if negative { -value } else { value })
}

/// What a written date names: `d`ay, `m`onth, `q`uarter or `y`ear; `?` for day and month in unknown order.
pub(super) type Notation = char;

/// A date as far as the cell alone tells: `(year, first, second)` with its notation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    pub notation: Notation,
    year: i16,
    first: i8,
    second: i8,
}

impl Written {
    /// The date, with day and month in the order of the column.
    pub fn date(self, day_first: bool) -> Option<Date> {
        let (month, day) = match self.notation {
            '?' if day_first => (self.second, self.first),
            _ => (self.first, self.second),
        };
        Date::new(self.year, month, day).ok()
    }
}

/// Reads a date cell.
pub(super) fn written(cell: &str) -> Option<Written> {
    let cell =
        cell.split_once('T').filter(|(day, time)| day.len() >= 8 && time.contains(':')).map_or(cell, |(day, _)| day);
    let cell = cell
        .rsplit_once(' ')
        .filter(|(day, time)| day.len() >= 6 && time.contains(':'))
        .map_or(cell, |(day, _)| day)
        .trim();
    let groups: Vec<String> = groups(cell)?;
    let parts: Vec<&str> = groups.iter().map(String::as_str).collect();
    let whole = |text: &str| text.parse::<i16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let year = |text: &str| whole(text).filter(|year| text.len() == 4 && (1000..3000).contains(year));
    let part = |text: &str| whole(text).filter(|_| text.len() <= 2).and_then(|n| i8::try_from(n).ok());
    let make = |notation, y: &str, first: i8, second: i8| Some(Written { notation, year: year(y)?, first, second });
    let quarter = |y: &str, n: &str| part(n).filter(|n| (1..=4).contains(n)).and_then(|n| make('q', y, n * 3 - 2, 1));
    match parts.as_slice() {
        [all] if all.len() == 8 => make('d', &all[..4], part(&all[4..6])?, part(&all[6..])?),
        [all] if all.len() == 6 => make('m', &all[..4], part(&all[4..])?, 1),
        [y] => make('y', y, 1, 1),
        [y, "0"] if cell.contains('.') => make('y', y, 1, 1),
        [a, "q", b] => quarter(a, b).or_else(|| quarter(b, a)),
        ["q", n, y] => quarter(y, n),
        [y, "w", n] => {
            let monday = jiff::civil::ISOWeekDate::new(year(y)?, part(n)?, jiff::civil::Weekday::Monday).ok()?.date();
            Some(Written { notation: 'd', year: monday.year(), first: monday.month(), second: monday.day() })
        }
        [y, "m", n] if year(y).is_some() => make('m', y, part(n)?, 1),
        [y, m, d] if year(y).is_some() && part(m).is_some() => make('d', y, part(m)?, part(d)?),
        [name, d, y] if month(name).is_some() => make('d', y, month(name)?, part(d)?),
        [d, name, y] if month(name).is_some() => make('d', y, month(name)?, part(d)?),
        [a, b, y] => make('?', y, part(a)?, part(b)?),
        [name, y] if month(name).is_some() => make('m', y, month(name)?, 1),
        [y, name] if month(name).is_some() => make('m', y, month(name)?, 1),
        [_, _] if cell.contains('.') => None,
        [y, m] if year(y).is_some() => make('m', y, part(m)?, 1),
        [m, y] => make('m', y, part(m)?, 1),
        _ => None,
    }
}

/// Runs of digits and runs of letters, lower-case.
fn groups(cell: &str) -> Option<Vec<String>> {
    let mut groups: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in cell.chars() {
        let kind = if c.is_ascii_digit() {
            'n'
        } else if c.is_ascii_alphabetic() {
            'a'
        } else {
            ' '
        };
        if kind == ' ' && !matches!(c, '-' | '/' | '.' | ',' | ' ') {
            return None;
        }
        if kind != ' ' {
            if kind != last {
                groups.push(String::new());
            }
            groups.last_mut()?.push(c.to_ascii_lowercase());
        }
        last = kind;
    }
    Some(groups)
}

fn month(name: &str) -> Option<i8> {
    let full = [
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
    let at = full
        .iter()
        .position(|month| *month == name || month[..3] == *name || (*month == "september" && name == "sept"))?;
    i8::try_from(at + 1).ok()
}

/// Day before month in `03/04/2026`: by the declared format, by a number above twelve, by the part that never changes.
pub(super) fn day_first(cells: &[Written], format: &str) -> bool {
    if let (Some(day), Some(month)) = (format.find("%d"), format.find("%m")) {
        return day < month;
    }
    let open: Vec<&Written> = cells.iter().filter(|written| written.notation == '?').collect();
    let above = |side: fn(&Written) -> i8| open.iter().filter(|written| side(written) > 12).count();
    let (first, second) = (above(|w| w.first), above(|w| w.second));
    if first != second {
        return first > second;
    }
    open.windows(2).all(|pair| pair[0].first == pair[1].first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (cell, value) in [
            ("1,234.5", 1234.5),
            ("$-3", -3.0),
            ("-$3", -3.0),
            ("(4)", -4.0),
            ("5.2%", 5.2),
            ("\u{2212}7", -7.0),
            ("1e3", 1000.0),
            ("$4,228.00", 4228.0),
        ] {
            assert_eq!(number(cell, '.'), Some(value), "{cell}");
        }
        for cell in ["", "n/a", "4.5p", "1.2.3", "1,23,4", "-", "..", "12-3"] {
            assert_eq!(number(cell, '.'), None, "{cell}");
        }
        assert_eq!(number("1.234,5", ','), Some(1234.5));
        assert_eq!(decimal_mark(["1,5", "2,25"].into_iter(), None), ',');
        assert_eq!(decimal_mark(["1,500", "12,250"].into_iter(), None), '.');
    }

    #[test]
    fn dates() {
        for (cell, notation, text) in [
            ("2026-06-15", 'd', "2026-06-15"),
            ("2026-06-15T00:00:00Z", 'd', "2026-06-15"),
            ("2026M06", 'm', "2026-06-01"),
            ("Jun 2026", 'm', "2026-06-01"),
            ("2026Q2", 'q', "2026-04-01"),
            ("Q2 2026", 'q', "2026-04-01"),
            ("2026", 'y', "2026-01-01"),
            ("15 Jun 2026", 'd', "2026-06-15"),
            ("06/15/2026", '?', "2026-06-15"),
        ] {
            let read = written(cell).unwrap_or_else(|| panic!("{cell}"));
            assert_eq!((read.notation, read.date(false).unwrap().to_string().as_str()), (notation, text), "{cell}");
        }
        assert!(written("12.5").is_none() && written("abc").is_none() && written("").is_none());
    }
}
