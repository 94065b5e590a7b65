//! Reports of one page: a small document, written as Markdown, HTML with charts, or plain text.
//!
//! Every figure in a table carries the keys of the records it comes from.

mod html;
mod markdown;
mod monthly;
mod plain;
mod weekly;

pub use html::html;
pub use markdown::markdown;
pub use monthly::{Monthly, Proposal, monthly, proposal};
pub use plain::plain;
pub use weekly::{Topic, Weekly, weekly};

use serde::Serialize;

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Document {
    /// Title.
    pub title: String,
    /// What one must know, one sentence each.
    pub summary: Vec<String>,
    /// Sections in order.
    pub sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Block {
    /// A sentence or a point of a list.
    Line(String),
    /// A table.
    Table(Table),
    /// How a figure went.
    Chart(Chart),
}

/// A table; the first column names the row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// Headings.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A row with the records it comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Cells.
    pub cells: Vec<String>,
    /// Keys of records.
    pub cites: Vec<String>,
}

/// A figure over time, with the band that is usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Values, oldest first; none where unknown.
    pub points: Vec<Option<f64>>,
    /// The usual band.
    pub band: Option<(f64, f64)>,
    /// The newest value in words.
    pub newest: String,
}

/// Citations of a document by number: the same set of records has one number.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    sets: Vec<Vec<String>>,
}

/// Keys of one citation that are written out; the rest is counted.
const WRITTEN_OUT: usize = 2;

impl Citations {
    /// The number of these records, from 1; none of none.
    pub fn number(&mut self, cites: &[String]) -> Option<usize> {
        if cites.is_empty() {
            return None;
        }
        let at = self.sets.iter().position(|set| set == cites).unwrap_or_else(|| {
            self.sets.push(cites.to_vec());
            self.sets.len() - 1
        });
        Some(at + 1)
    }

    /// One line a number: `[3] kpi#demo/… and 12 more`.
    pub fn lines(&self) -> Vec<String> {
        let line = |(at, set): (usize, &Vec<String>)| {
            let named: Vec<&str> = set.iter().take(WRITTEN_OUT).map(String::as_str).collect();
            let more = set.len().saturating_sub(WRITTEN_OUT);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("[{}] {}{rest}", at + 1, named.join(", "))
        };
        self.sets.iter().enumerate().map(line).collect()
    }
}

impl Document {
    /// Words a reader reads, without the list of records.
    pub fn words(&self) -> usize {
        let of_block = |block: &Block| match block {
            Block::Line(text) => count(text),
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells).chain(&table.head);
                cells.map(|cell| count(cell)).sum()
            }
            Block::Chart(chart) => count(&chart.title) + count(&chart.newest),
        };
        let of_section = |section: &Section| count(&section.title) + section.blocks.iter().map(of_block).sum::<usize>();
        count(&self.title)
            + self.summary.iter().map(|line| count(line)).sum::<usize>()
            + self.sections.iter().map(of_section).sum::<usize>()
    }
}

fn count(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

#[cfg(test)]
mod tests;
