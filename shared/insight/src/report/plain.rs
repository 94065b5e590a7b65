//! A document as plain text, for mail.

use super::{Block, Citations, Document, Row, Table};
use crate::sparkline::sparkline;

/// The document in lines that a mail reader does not break.
pub fn plain(document: &Document) -> String {
    let mut cited = Citations::default();
    let mut out =
        format!("{}\n{}\n\n", wrapped(&document.title, 0), "=".repeat(document.title.chars().count().min(WIDTH)));
    for line in &document.summary {
        out += &format!("* {}\n", wrapped(line, 2));
    }
    for section in &document.sections {
        out += &format!("\n{}\n{}\n", section.title, "-".repeat(section.title.chars().count().min(WIDTH)));
        for block in &section.blocks {
            match block {
                Block::Line(text) => out += &format!("* {}\n", wrapped(text, 2)),
                Block::Chart(chart) => {
                    out += &format!(
                        "  {:<15} {} {}, from {} to {}\n",
                        chart.title,
                        sparkline(&chart.points),
                        chart.newest,
                        chart.scale.0,
                        chart.scale.1
                    );
                }
                Block::Table(table) => out += &of_table(table, &mut cited),
            }
        }
    }
    let lines = cited.lines();
    if !lines.is_empty() {
        out += "\nRecords\n-------\n";
        for line in lines {
            out += &wrapped(&line, 4);
            out.push('\n');
        }
    }
    out
}

/// Columns side by side where they fit; else each row as a little list, so that no mail reader breaks it.
fn of_table(table: &Table, cited: &mut Citations) -> String {
    let mut widths: Vec<usize> = table.head.iter().map(|cell| cell.chars().count()).collect();
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // Two before each column, and a mark of six signs at the end.
    if widths.iter().map(|width| width + 2).sum::<usize>() + 6 > WIDTH {
        return listed(table, cited);
    }
    let line = |cells: &[String]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = format!("  {}\n", line(&table.head));
    for row in &table.rows {
        out += &format!("  {}{}\n", line(&row.cells), mark(row, cited));
    }
    out
}

fn mark(row: &Row, cited: &mut Citations) -> String {
    cited.number(&row.cites).map_or_else(String::new, |number| format!("  [{number}]"))
}

/// A table that is too wide: the first column, then the others with their headings.
fn listed(table: &Table, cited: &mut Citations) -> String {
    let mut out = String::new();
    for row in &table.rows {
        let named = table.head.iter().zip(&row.cells).skip(1).filter(|(_, cell)| !cell.is_empty());
        let rest: Vec<String> = named.map(|(head, cell)| format!("{head} {cell}")).collect();
        let first = row.cells.first().map_or("", String::as_str);
        let head = table.head.first().map_or("", String::as_str);
        // A first cell that says little by itself is named too.
        let first = if first.chars().count() <= 2 { format!("{head} {first}") } else { first.to_owned() };
        out += &format!("* {}\n", wrapped(&format!("{first}: {}{}", rest.join("; "), mark(row, cited)), 2));
    }
    out
}

/// Signs of a line of mail.
const WIDTH: usize = 76;

/// Lines of at most [`WIDTH`] signs; further ones are indented by so many. A word longer than a line is cut.
fn wrapped(text: &str, indent: usize) -> String {
    let most = WIDTH - indent;
    let (mut out, mut width) = (String::new(), 0);
    let words = text.split_whitespace().flat_map(|word| {
        let signs: Vec<char> = word.chars().collect();
        signs.chunks(most).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>()
    });
    for word in words {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > most {
            out.push('\n');
            out += &" ".repeat(indent);
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out += &word;
        width += length;
    }
    out
}
