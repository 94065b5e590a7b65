//! A document as plain text, for mail.

use super::{Block, Citations, Document, Table};
use crate::sparkline::sparkline;

/// The document in lines that a mail reader does not break.
pub fn plain(document: &Document) -> String {
    let mut cited = Citations::default();
    let mut out = format!("{}\n{}\n\n", document.title, "=".repeat(document.title.chars().count().min(76)));
    for line in &document.summary {
        out += &format!("* {}\n", wrapped(line));
    }
    for section in &document.sections {
        out += &format!("\n{}\n{}\n", section.title, "-".repeat(section.title.chars().count().min(76)));
        for block in &section.blocks {
            match block {
                Block::Line(text) => out += &format!("* {}\n", wrapped(text)),
                Block::Chart(chart) => {
                    out += &format!("  {}: {} {}\n", chart.title, sparkline(&chart.points), chart.newest);
                }
                Block::Table(table) => out += &of_table(table, &mut cited),
            }
        }
    }
    let lines = cited.lines();
    if !lines.is_empty() {
        out += "\nRecords\n-------\n";
        out += &lines.join("\n");
        out.push('\n');
    }
    out
}

fn of_table(table: &Table, cited: &mut Citations) -> String {
    let mut widths: Vec<usize> = table.head.iter().map(|cell| cell.chars().count()).collect();
    for row in &table.rows {
        for (width, cell) in widths.iter_mut().zip(&row.cells) {
            *width = (*width).max(cell.chars().count());
        }
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
        let number = cited.number(&row.cites).map_or_else(String::new, |number| format!("  [{number}]"));
        out += &format!("  {}{number}\n", line(&row.cells));
    }
    out
}

/// Lines of at most 76 signs, further ones indented.
fn wrapped(text: &str) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 74 {
            out += "\n  ";
            width = 0;
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out += word;
        width += length;
    }
    out
}
