//! Which column holds dates, which name members, which hold values; long tables and wide ones.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::dates::{self, DateStyle, DateTrouble, Grain};
use crate::descriptor::{FieldText, ResourceText};
use crate::naming::words;
use crate::numbers::{self, NumberCell, NumberStyle};
use crate::table::Table;

/// A table seen as dated numbers.
pub(crate) struct Shape {
    /// Column of the dates.
    pub date: usize,
    /// Notation of the dates.
    pub style: DateStyle,
    /// Date of each row; `None` where it cannot be read.
    pub dates: Vec<Option<Date>>,
    /// Columns that tell the rows of one date apart; empty for a wide table.
    pub members: Vec<usize>,
    /// Columns with numbers.
    pub values: Vec<(usize, NumberStyle)>,
    /// Rows of each member (one entry without condition for a wide table).
    pub groups: Vec<Group>,
    /// Columns not used, with the reason.
    pub left_out: Vec<String>,
}

/// Rows that belong to one member.
pub(crate) struct Group {
    pub filter: BTreeMap<String, String>,
    pub rows: Vec<usize>,
}

/// What is wrong with a table, and what to do.
pub(crate) struct Misfit {
    pub what: String,
    pub hint: String,
}

fn misfit(what: impl Into<String>, hint: impl Into<String>) -> Misfit {
    Misfit { what: what.into(), hint: hint.into() }
}

/// The schema's field for a column: by name, else by place when the counts agree.
pub(crate) fn field<'a>(resource: &'a ResourceText, header: &[String], column: usize) -> Option<&'a FieldText> {
    let name = header.get(column)?;
    resource.fields.iter().find(|field| field.name.trim().eq_ignore_ascii_case(name)).or_else(|| {
        resource.fields.get(column).filter(|field| resource.fields.len() == header.len() && field.name.is_empty())
    })
}

/// Finds dates, members and values.
pub(crate) fn find(table: &Table, resource: &ResourceText) -> Result<Shape, Misfit> {
    let (date, style) = date_column(table, resource)?;
    let dates: Vec<Option<Date>> = table.column(date).map(|cell| dates::read(cell, style)).collect();
    let mut left_out = Vec::new();
    let mut values = Vec::new();
    let mut texts = Vec::new();
    for column in (0..table.header.len()).filter(|column| *column != date) {
        let name = &table.header[column];
        if table.header[..column].contains(name) {
            left_out.push(format!("column `{name}`: a column before it has the same header"));
            continue;
        }
        match content(table, resource, column) {
            Content::Numbers(style) => match no_measure(table, resource, column, style) {
                Some(reason) => left_out.push(format!("column `{name}`: {reason}")),
                None => values.push((column, style)),
            },
            Content::Text => texts.push(column),
            Content::Empty => left_out.push(format!("column `{name}`: it is empty")),
        }
    }
    split_date(table, date, style)?;
    if values.is_empty() {
        return Err(misfit(
            "no column holds numbers",
            "a resource needs one date column and at least one column of numbers; check the delimiter and the decimal mark",
        ));
    }
    let members = members(table, &dates, &texts)?;
    let groups = groups(table, &members);
    Ok(Shape { date, style, dates, members, values, groups, left_out })
}

enum Content {
    Numbers(NumberStyle),
    Text,
    Empty,
}

fn content(table: &Table, resource: &ResourceText, column: usize) -> Content {
    let field = field(resource, &table.header, column);
    let style = numbers::style(table.column(column), field);
    let (mut values, mut filled) = (0usize, 0usize);
    for cell in table.column(column) {
        match numbers::read(cell, style, &resource.missing) {
            NumberCell::Missing => {}
            NumberCell::Value(_) => (values, filled) = (values + 1, filled + 1),
            NumberCell::Text => filled += 1,
        }
    }
    let declared = field.is_some_and(|field| matches!(field.kind.as_str(), "number" | "integer"));
    if filled == 0 {
        Content::Empty
    } else if values * 10 >= filled * 7 || (declared && values * 2 >= filled) {
        Content::Numbers(style)
    } else {
        Content::Text
    }
}

/// Why a column of numbers measures nothing: marks, codes, counters.
fn no_measure(table: &Table, resource: &ResourceText, column: usize, style: NumberStyle) -> Option<&'static str> {
    const MARKS: [&str; 16] = [
        "footnote",
        "footnotes",
        "note",
        "notes",
        "flag",
        "flags",
        "code",
        "codes",
        "id",
        "fips",
        "rank",
        "latitude",
        "longitude",
        "month",
        "day",
        "unnamed",
    ];
    let name = &table.header[column];
    let tokens = words::tokens(name);
    if tokens.is_empty() || tokens.iter().any(|token| MARKS.contains(&token.as_str())) {
        return Some("it holds marks, codes or counters, not a measure");
    }
    let values: Vec<f64> = table
        .column(column)
        .filter_map(|cell| match numbers::read(cell, style, &resource.missing) {
            NumberCell::Value(value) => Some(value),
            _ => None,
        })
        .collect();
    let counter = values.len() > 2
        && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
        && (values[0] == 0.0 || values[0] == 1.0);
    if counter {
        return Some("it only numbers the rows");
    }
    None
}

fn date_column(table: &Table, resource: &ResourceText) -> Result<(usize, DateStyle), Misfit> {
    let mut best: Option<(i32, usize, DateStyle)> = None;
    let mut ambiguous = None;
    for column in 0..table.header.len() {
        let field = field(resource, &table.header, column);
        let declared = field
            .is_some_and(|field| matches!(field.kind.as_str(), "date" | "datetime" | "year" | "yearmonth" | "time"));
        let named = words::tokens(&table.header[column]).iter().any(|token| {
            matches!(
                token.as_str(),
                "date"
                    | "dates"
                    | "year"
                    | "years"
                    | "month"
                    | "quarter"
                    | "time"
                    | "period"
                    | "day"
                    | "week"
                    | "timestamp"
                    | "datetime"
            )
        });
        match dates::style(table.column(column), field.map_or("", |field| field.format.as_str())) {
            Ok(style) => {
                let bare_number =
                    table.column(column).take(3).all(|cell| cell.bytes().all(|byte| byte.is_ascii_digit()));
                if bare_number && !declared && !named && column != 0 {
                    continue;
                }
                let score = i32::from(declared) * 4
                    + i32::from(named) * 3
                    + i32::from(column == 0)
                    + i32::from(!bare_number) * 2;
                if best.is_none_or(|(other, ..)| score > other) {
                    best = Some((score, column, style));
                }
            }
            Err(DateTrouble::Ambiguous) => ambiguous = ambiguous.or(Some(column)),
            Err(DateTrouble::NotDates) => {}
        }
    }
    if let Some((_, column, style)) = best {
        return Ok((column, style));
    }
    Err(no_dates(table, ambiguous))
}

/// Says why no column can be read as dates.
fn no_dates(table: &Table, ambiguous: Option<usize>) -> Misfit {
    if let Some(column) = ambiguous {
        let (row, cell) = table
            .column(column)
            .enumerate()
            .find(|(_, cell)| !cell.is_empty())
            .map_or((1, ""), |(row, cell)| (row + 1, cell));
        return misfit(
            format!(
                "column `{}`, row {row}: `{cell}` may be day first or month first, and no other row decides it",
                table.header[column]
            ),
            "write dates as 2026-06-15, or declare the field's `format` as %d/%m/%Y or %m/%d/%Y in datapackage.json",
        );
    }
    let named = (0..table.header.len()).find(|column| {
        words::tokens(&table.header[*column])
            .iter()
            .any(|token| matches!(token.as_str(), "date" | "year" | "period" | "time"))
    });
    let what = match named {
        Some(column) => {
            let wrong =
                table.column(column).enumerate().find(|(_, cell)| dates::style(std::iter::once(*cell), "").is_err());
            let (row, cell) = wrong.map_or((1, ""), |(row, cell)| (row + 1, cell));
            format!(
                "column `{}`, row {row}: `{}` is not a date, and too few rows are dates of one kind",
                table.header[column],
                cell.chars().take(40).collect::<String>()
            )
        }
        None => format!(
            "no column holds dates (columns: {})",
            table.header.iter().take(8).cloned().collect::<Vec<_>>().join(", ")
        ),
    };
    misfit(what, "one column must hold dates of one kind, for example 2026-06-15, 2026-06, 2026Q2, Jun 2026 or 2026")
}

/// Refuses dates that are split over a year and a month column.
fn split_date(table: &Table, date: usize, style: DateStyle) -> Result<(), Misfit> {
    let month = (0..table.header.len()).find(|column| {
        *column != date
            && matches!(table.header[*column].to_lowercase().as_str(), "month" | "quarter" | "mon" | "mth" | "qtr")
    });
    let distinct: BTreeSet<&str> = table.column(date).collect();
    match month {
        Some(month) if style.grain == Grain::Year && distinct.len() * 2 < table.rows.len() => Err(misfit(
            format!("dates are split over the columns `{}` and `{}`", table.header[date], table.header[month]),
            "join them into one column, for example 2026-06",
        )),
        _ => Ok(()),
    }
}

/// The text columns that tell the rows of one date apart. A few repeated dates are duplicates, not members.
fn members(table: &Table, dates: &[Option<Date>], texts: &[usize]) -> Result<Vec<usize>, Misfit> {
    let dated = dates.iter().flatten().count();
    let distinct: BTreeSet<Date> = dates.iter().flatten().copied().collect();
    if distinct.len() * 10 >= dated * 7 {
        return Ok(Vec::new());
    }
    let unique = |columns: &[usize]| {
        let keys: BTreeSet<(Date, Vec<&str>)> = dates
            .iter()
            .enumerate()
            .filter_map(|(row, date)| Some(((*date)?, columns.iter().map(|column| table.cell(row, *column)).collect())))
            .collect();
        keys.len() * 100 >= dated * 97
    };
    let mut singles: Vec<usize> = texts.iter().copied().filter(|column| unique(&[*column])).collect();
    singles.sort_by_key(|column| (std::cmp::Reverse(member_score(table, *column)), *column));
    if let Some(best) = singles.first() {
        return Ok(vec![*best]);
    }
    for (n, first) in texts.iter().enumerate() {
        for second in &texts[n + 1..] {
            if unique(&[*first, *second]) {
                return Ok(vec![*first, *second]);
            }
        }
    }
    if begins_again(dates) {
        return Ok(Vec::new());
    }
    Err(misfit(
        format!(
            "the same date occurs in many rows ({} dates in {dated} rows), and no text column tells these rows apart",
            distinct.len()
        ),
        "a long table needs one row per member and date, and a column that names the member",
    ))
}

/// True for a table that holds one series more than once: a few runs of dates in order. Screening sorts it out.
fn begins_again(dates: &[Option<Date>]) -> bool {
    const MOST: usize = 3;
    let known: Vec<Date> = dates.iter().flatten().copied().collect();
    let back = known.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let forward = known.windows(2).filter(|pair| pair[1] > pair[0]).count();
    back.min(forward) <= MOST && back.max(forward) + 1 + MOST >= known.len()
}

/// How much a column reads like a name rather than a code.
fn member_score(table: &Table, column: usize) -> i32 {
    let tokens = words::tokens(&table.header[column]);
    let has = |list: &[&str]| tokens.iter().any(|token| list.contains(&token.as_str()));
    let mut score = 0;
    if has(&[
        "name",
        "country",
        "region",
        "state",
        "city",
        "entity",
        "area",
        "location",
        "member",
        "company",
        "sector",
        "commodity",
        "currency",
    ]) {
        score += 2;
    }
    if has(&["code", "id", "iso", "iso3", "iso2", "key", "abbreviation", "fips"]) {
        score -= 4;
    }
    let length = table.column(column).take(50).map(str::len).sum::<usize>();
    score + i32::from(length > 250)
}

fn groups(table: &Table, members: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for row in 0..table.rows.len() {
        let key: Vec<&str> = members.iter().map(|column| table.cell(row, *column)).collect();
        if !members.is_empty() && key.iter().any(|cell| cell.is_empty()) {
            continue;
        }
        let place = *places.entry(key.clone()).or_insert_with(|| {
            let filter = members
                .iter()
                .zip(&key)
                .map(|(column, cell)| (table.header[*column].clone(), (*cell).to_owned()))
                .collect();
            groups.push(Group { filter, rows: Vec::new() });
            groups.len() - 1
        });
        groups[place].rows.push(row);
    }
    groups
}
