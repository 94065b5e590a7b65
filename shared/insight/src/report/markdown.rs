//! A document as Markdown.

use super::{Block, Citations, Document};
use crate::sparkline::sparkline;

/// The document. Text of strangers can make neither a table nor a link.
pub fn markdown(document: &Document) -> String {
    let mut cited = Citations::default();
    let mut out = format!("# {}\n\n", escaped(&document.title));
    for line in &document.summary {
        out += &format!("- **{}**\n", escaped(line));
    }
    for section in &document.sections {
        out += &format!("\n## {}\n\n", escaped(&section.title));
        for block in &section.blocks {
            match block {
                Block::Line(text) => out += &format!("- {}\n", escaped(text)),
                Block::Chart(chart) => {
                    out += &format!(
                        "- {}: `{}` {}\n",
                        escaped(&chart.title),
                        sparkline(&chart.points),
                        escaped(&chart.newest)
                    );
                }
                Block::Table(table) => {
                    out += &format!("| {} |\n", joined(&table.head));
                    out += &format!("|{}\n", "---|".repeat(table.head.len()));
                    for row in &table.rows {
                        let number = cited.number(&row.cites).map_or_else(String::new, |number| format!(" [{number}]"));
                        out += &format!("| {}{number} |\n", joined(&row.cells));
                    }
                    out.push('\n');
                }
            }
        }
    }
    let lines = cited.lines();
    if !lines.is_empty() {
        out += "\n## Records\n\n";
        for line in lines {
            out += &format!("- {}\n", escaped(&line));
        }
    }
    out
}

fn joined(cells: &[String]) -> String {
    cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" | ")
}

fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' | '\r' => plain.push(' '),
            '|' | '[' | ']' | '<' | '`' | '*' | '\\' => {
                plain.push('\\');
                plain.push(sign);
            }
            _ => plain.push(sign),
        }
    }
    plain
}
