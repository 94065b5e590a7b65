//! Dates as exports and spreadsheets write them.
//!
//! Studio writes `May 8, 2020` or `2020-05-08`. A spreadsheet that opened the file may have left `5/8/2020`, `08.05.2020`,
//! `27-Jul-20`, or a mixture: where it took the day for the month it could, it swapped them and padded with zeros; the others it
//! left as text. That is seen in the column as a whole, never in one cell.

use jiff::civil::Date;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// How numbers with two signs between them are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Month first: `7/16/2020`.
    MonthFirst,
    /// Day first: `16/7/2020`.
    DayFirst,
    /// Day and month were swapped by a spreadsheet wherever both are possible, else month first.
    Swapped,
}

/// What a column's dates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    reading: Reading,
    /// What a person should know about it.
    pub note: Option<String>,
}

impl Dates {
    /// Judges a column by all its cells.
    pub fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let parts: Vec<([u32; 3], bool)> =
            cells.filter_map(|cell| numeric(cell).map(|parts| (parts, padded(cell)))).collect();
        let month_first = parts.iter().any(|([first, second, _], _)| *first <= 12 && *second > 12);
        let day_first = parts.iter().any(|([first, second, _], _)| *first > 12 && *second <= 12);
        let both: Vec<bool> = parts
            .iter()
            .filter(|([a, b, _], _)| *a <= 12 && *b <= 12 && (*a < 10 || *b < 10))
            .map(|(_, padded)| *padded)
            .collect();
        let single = parts.iter().any(|([first, second, _], padded)| *first < 10 && *second > 12 && !padded);
        if month_first && day_first {
            let note = "dates with the day first stand beside dates with the month first; where both are possible the month was read first";
            return Self { reading: Reading::MonthFirst, note: Some(note.into()) };
        }
        if month_first && single && !both.is_empty() && both.iter().all(|padded| *padded) {
            let note = "a spreadsheet swapped day and month wherever it could (those dates are padded, the others are not); they were swapped back";
            return Self { reading: Reading::Swapped, note: Some(note.into()) };
        }
        if day_first {
            return Self { reading: Reading::DayFirst, note: None };
        }
        let open = !month_first && !parts.is_empty();
        let note = open.then(|| "no date tells whether day or month comes first; the month was read first".to_owned());
        Self { reading: Reading::MonthFirst, note }
    }

    /// Reads one cell.
    pub fn read(&self, cell: &str) -> Option<Date> {
        let cell = cell.trim();
        if let Some(date) = unmistakable(cell) {
            return Some(date);
        }
        let [first, second, year] = numeric(cell)?;
        let (month, day) = match self.reading {
            Reading::DayFirst => (second, first),
            Reading::Swapped if first <= 12 && second <= 12 => (second, first),
            Reading::MonthFirst | Reading::Swapped => (first, second),
        };
        // A date that cannot be read so is read the other way: then there is no other way.
        date(year, month, day).or_else(|| date(year, day, month))
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = if year < 100 { 2000 + year } else { year };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2020-05-08`, `20200508`, `May 8, 2020`, `8 May 2020`, `27-Jul-20`.
fn unmistakable(cell: &str) -> Option<Date> {
    if cell.len() == 8 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return date(cell[..4].parse().ok()?, cell[4..6].parse().ok()?, cell[6..].parse().ok()?);
    }
    let parts: Vec<&str> = cell.split(['-', '/', '.', ',', ' ', 'T']).filter(|part| !part.is_empty()).collect();
    let [first, second, third, ..] = parts[..] else { return None };
    if first.len() == 4 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return date(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?);
    }
    let named = |part: &str| {
        let short: String = part.chars().take(3).collect::<String>().to_lowercase();
        part.chars().all(char::is_alphabetic).then(|| MONTHS.iter().position(|month| *month == short)).flatten()
    };
    let (month, day) = match (named(first), named(second)) {
        (Some(month), _) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    date(third.parse().ok()?, month as u32 + 1, day.parse().ok()?)
}

/// Three numbers of which the last is a year: `08-05-2020`, `5/8/20`, `8.5.2020`.
fn numeric(cell: &str) -> Option<[u32; 3]> {
    let parts: Vec<&str> = cell.trim().split(['-', '/', '.']).collect();
    let [first, second, year] = parts[..] else { return None };
    let small = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse::<u32>().ok()).flatten();
    let year = matches!(year.len(), 2 | 4).then(|| year.parse::<u32>().ok()).flatten()?;
    Some([small(first)?, small(second)?, year])
}

/// True when both small numbers have two digits.
fn padded(cell: &str) -> bool {
    cell.trim().split(['-', '/', '.']).take(2).all(|part| part.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Vec<String> {
        let dates = Dates::of(cells.iter().copied());
        cells.iter().map(|cell| dates.read(cell).map_or_else(|| "-".into(), |date| date.to_string())).collect()
    }

    #[test]
    fn dates_that_cannot_be_mistaken() {
        let cells = ["May 8, 2020", "2020-05-08", "20200508", "8-May-20", "Sept 8, 2020", "8 May 2020"];
        assert_eq!(read(&cells), ["2020-05-08", "2020-05-08", "2020-05-08", "2020-05-08", "2020-09-08", "2020-05-08"]);
    }

    #[test]
    fn the_column_tells_what_comes_first() {
        assert_eq!(read(&["7/16/20", "5/8/20"]), ["2020-07-16", "2020-05-08"]);
        assert_eq!(read(&["16.07.2020", "08.05.2020"]), ["2020-07-16", "2020-05-08"]);
        assert!(Dates::of(["5/8/2020"].into_iter()).note.is_some());
    }

    #[test]
    fn what_a_spreadsheet_swapped_is_swapped_back() {
        // May 8 and November 12 could be taken for August 5 and December 11; July 16 could not.
        let cells = ["08-05-2020", "12-11-2020", "7-16-2020", "12-27-2021"];
        assert_eq!(read(&cells), ["2020-05-08", "2020-11-12", "2020-07-16", "2021-12-27"]);
        assert!(Dates::of(cells.into_iter()).note.unwrap().contains("swapped"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        assert_eq!(read(&["TEXT", "", "13/13/2020", "2020-02-30"]), ["-", "-", "-", "-"]);
    }
}
