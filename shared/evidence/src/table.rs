//! A CSV file as header and data rows.

use crate::descriptor::ResourceText;

/// Header and data rows. Data row n (1-based) is `rows[n - 1]`; blank lines are not rows.
pub(crate) struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub notes: Vec<String>,
}

impl Table {
    /// The cell of a column in a row; empty when the row is short.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|cells| cells.get(column)).map_or("", String::as_str)
    }

    /// All cells of a column, top to bottom.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        (0..self.rows.len()).map(move |row| self.cell(row, column))
    }
}

/// Reads delimited text. The delimiter is the declared one when the header holds it, else the commonest of
/// comma, semicolon, tab and bar in the first lines.
///
/// # Errors
/// A sentence on what is wrong: nothing there, or a quote that never closes.
pub(crate) fn read(text: &str, resource: &ResourceText) -> Result<Table, String> {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else {
        return Err("the file is empty; a header line and data rows were expected".into());
    };
    let delimiter = match resource.delimiter {
        Some(delimiter) if first.as_bytes().contains(&delimiter) => delimiter,
        _ => sniff(text),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quote(resource.quote)
        .comment(resource.comment)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut long = None;
    for record in reader.records() {
        let record = record.map_err(|error| format!("row {}: {error}", rows.len()))?;
        if let Some(cell) = record.iter().find(|cell| cell.matches('\n').count() > 4) {
            let start: String = cell.chars().take(20).collect();
            return Err(format!("row {}: a quote opens before `{start}` and does not close on its line", rows.len()));
        }
        rows.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    rows.retain(|cells| cells.iter().any(|cell| !cell.is_empty()));
    if rows.is_empty() {
        return Err("the file is empty; a header line and data rows were expected".into());
    }
    let header = if resource.header {
        rows.remove(0)
    } else {
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        (0..width)
            .map(|n| resource.fields.get(n).map_or_else(|| format!("column {}", n + 1), |field| field.name.clone()))
            .collect()
    };
    if rows.is_empty() {
        return Err("there are no data rows below the header".into());
    }
    let mut short = 0usize;
    for (n, cells) in rows.iter().enumerate() {
        if cells.len() > header.len() {
            long.get_or_insert(n + 1);
        } else if cells.len() < header.len() {
            short += 1;
        }
    }
    let mut notes = Vec::new();
    if let Some(row) = long {
        notes.push(format!("row {row} has more cells than the header; the extra cells are not read"));
    }
    if short > 0 {
        notes.push(format!("{short} rows have fewer cells than the header; the missing cells count as empty"));
    }
    Ok(Table { header, rows, notes })
}

/// The delimiter that gives the most columns in the same number on the first lines.
fn sniff(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(20).collect();
    let score = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| count(line, delimiter)).collect();
        let first = counts.first().copied().unwrap_or(0);
        let same = counts.iter().filter(|count| **count == first).count();
        if first == 0 { (0, 0) } else { (same, first) }
    };
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|delimiter| score(*delimiter)).unwrap_or(b',')
}

fn count(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            _ if byte == delimiter && !quoted => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> ResourceText {
        ResourceText { quote: b'"', header: true, ..ResourceText::default() }
    }

    #[test]
    fn delimiters_are_sniffed_and_rows_counted() {
        for text in ["a,b\n1,2\n\n3,4\n", "a;b\r\n1;2\r\n\r\n3;4", "a\tb\n1\t2\n3\t4\n"] {
            let table = read(text, &plain()).unwrap();
            assert_eq!((table.header.len(), table.rows.len(), table.cell(1, 1)), (2, 2, "4"), "{text:?}");
        }
        assert_eq!(read("date;x\n2020;1,5\n2021;1,7\n", &plain()).unwrap().cell(0, 1), "1,5");
    }

    #[test]
    fn ragged_rows_are_noted_and_empty_files_refused() {
        let table = read("a,b\n1\n1,2,3\n", &plain()).unwrap();
        assert_eq!((table.cell(0, 1), table.notes.len()), ("", 2));
        assert!(read("", &plain()).is_err());
        assert!(read("a,b\n", &plain()).is_err());
        assert!(read("a,b\n\"x,1\n2,3\n4,5\n6,7\n8,9\n1,2\n", &plain()).is_err());
    }
}
