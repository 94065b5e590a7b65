//! The CSV cells behind a fact, as they stand in the file.

use std::collections::BTreeMap;

use proofreel_evidence::PackageBytes;
use proofreel_model::fact::RowSpan;
use serde_json::Value;

/// Rows shown of one span; longer ones show their ends.
const SHOWN: u32 = 12;
/// Columns shown at most: the date's and the value's, then the others in order.
const COLUMNS: usize = 7;

/// A table excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// `dataset/resource`, rows first–last.
    pub caption: String,
    /// Headers, the row number first.
    pub header: Vec<String>,
    /// Row number and cells; an empty list of cells stands for rows left out.
    pub rows: Vec<(String, Vec<String>)>,
    /// Why nothing can be shown.
    pub note: String,
}

struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All tables of the packages, each read once.
pub struct Tables<'a> {
    packages: &'a [PackageBytes],
    read: BTreeMap<(String, String), Option<Table>>,
}

impl<'a> Tables<'a> {
    /// Over these packages.
    pub fn new(packages: &'a [PackageBytes]) -> Self {
        Self { packages, read: BTreeMap::new() }
    }

    /// The rows of a span, the named columns first.
    pub fn excerpt(&mut self, dataset: &str, span: &RowSpan, columns: &[&str]) -> Excerpt {
        let key = (dataset.to_owned(), span.resource.clone());
        let rows = if span.first == span.last {
            format!("row {}", span.first)
        } else {
            format!("rows {} to {}", span.first, span.last)
        };
        let caption = format!("{dataset} / {}, {rows}", span.resource);
        if !self.read.contains_key(&key) {
            let table = self
                .packages
                .iter()
                .find(|package| package.name == dataset)
                .and_then(|package| read(package, &span.resource));
            self.read.insert(key.clone(), table);
        }
        let Some(Some(table)) = self.read.get(&key) else {
            return Excerpt {
                caption,
                header: Vec::new(),
                rows: Vec::new(),
                note: "the file is not among this run's packages".into(),
            };
        };
        let mut order: Vec<usize> = columns
            .iter()
            .filter_map(|column| table.header.iter().position(|header| header.trim() == column.trim()))
            .collect();
        order.extend((0..table.header.len()).filter(|n| !order.contains(n)).collect::<Vec<_>>());
        order.truncate(COLUMNS);
        let cells =
            |row: &Vec<String>| order.iter().map(|n| row.get(*n).cloned().unwrap_or_default()).collect::<Vec<_>>();
        let mut header = vec!["row".to_owned()];
        header.extend(cells(&table.header));
        let mut rows = Vec::new();
        for n in shown(span) {
            match n {
                Some(n) => {
                    let row = table.rows.get((n as usize).wrapping_sub(1));
                    rows.push((n.to_string(), row.map_or_else(|| vec!["no such row".into()], &cells)));
                }
                None => rows
                    .push((format!("{} rows between", (span.last - span.first).saturating_add(1) - SHOWN), Vec::new())),
            }
        }
        Excerpt { caption, header, rows, note: String::new() }
    }
}

fn shown(span: &RowSpan) -> Vec<Option<u32>> {
    if span.last < span.first {
        return Vec::new();
    }
    if span.last - span.first < SHOWN {
        return (span.first..=span.last).map(Some).collect();
    }
    let half = SHOWN / 2;
    (span.first..span.first + half)
        .map(Some)
        .chain([None])
        .chain((span.last - (half - 1)..=span.last).map(Some))
        .collect()
}

fn read(package: &PackageBytes, resource: &str) -> Option<Table> {
    let descriptor: Value = serde_json::from_str(&text_of(package.files.get("datapackage.json")?)).ok()?;
    let resources = descriptor.get("resources")?.as_array()?;
    let path_of = |entry: &Value| match entry.get("path") {
        Some(Value::String(path)) => Some(path.trim_start_matches("./").to_owned()),
        Some(Value::Array(parts)) => {
            parts.first().and_then(Value::as_str).map(|path| path.trim_start_matches("./").to_owned())
        }
        _ => None,
    };
    let stem = |path: &str| path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default().to_owned();
    let entry = resources.iter().find(|entry| match entry.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => name == resource,
        _ => path_of(entry).is_some_and(|path| stem(&path) == resource),
    })?;
    let text = text_of(package.files.get(&path_of(entry)?)?);
    let dialect = entry.get("dialect");
    let declared = dialect
        .and_then(|dialect| dialect.get("delimiter"))
        .and_then(Value::as_str)
        .and_then(|text| text.bytes().next());
    let has_header = dialect.and_then(|dialect| dialect.get("header")).and_then(Value::as_bool).unwrap_or(true);
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let delimiter = declared.filter(|byte| first.as_bytes().contains(byte)).unwrap_or_else(|| {
        let count = |byte: u8| first.bytes().filter(|other| *other == byte).count();
        [b'|', b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',')
    });
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> =
        reader.records().filter_map(Result::ok).map(|record| record.iter().map(str::to_owned).collect()).collect();
    // Blank lines are no rows, as in the evidence room.
    rows.retain(|cells: &Vec<String>| cells.iter().any(|cell| !cell.trim().is_empty()));
    if rows.is_empty() {
        return None;
    }
    let header = if has_header { rows.remove(0) } else { (1..=rows[0].len()).map(|n| format!("column {n}")).collect() };
    Some(Table { header, rows })
}

/// UTF-8, else every byte as the Latin-1 character of its number: cells are shown, not computed with.
fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::digest::Digest;

    fn package(csv: &str) -> PackageBytes {
        let descriptor = r#"{"name": "p", "resources": [{"name": "r", "path": "data/r.csv"}]}"#;
        let files = [("datapackage.json", descriptor), ("data/r.csv", csv)]
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        PackageBytes { name: "p".into(), digest: Digest::of(b""), files: files.into() }
    }

    #[test]
    fn rows_are_counted_as_facts_count_them_and_long_spans_show_their_ends() {
        let csv = "note,date,value\n".to_owned()
            + &(1..=40).map(|n| format!("x{n},2000-{n:02},{n}.5\n\n")).collect::<Vec<_>>().concat();
        let packages = [package(&csv)];
        let mut tables = Tables::new(&packages);
        let span = |first, last| RowSpan { resource: "r".into(), first, last };
        let one = tables.excerpt("p", &span(3, 3), &["date", "value"]);
        assert_eq!(one.header, ["row", "date", "value", "note"]);
        assert_eq!(one.rows, [("3".to_owned(), vec!["2000-03".to_owned(), "3.5".into(), "x3".into()])]);
        let many = tables.excerpt("p", &span(1, 40), &["date", "value"]);
        assert_eq!(many.rows.len(), 13);
        assert_eq!(many.rows[6].0, "28 rows between");
        assert_eq!(many.rows[12].0, "40");
        assert!(!tables.excerpt("other", &span(1, 1), &[]).note.is_empty());
    }
}
