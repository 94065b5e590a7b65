//! Reports of one page: a small document, written as Markdown, HTML with charts, or plain text.
//!
//! Every figure in a table carries the keys of the records it comes from.

mod drawing;
mod html;
mod levels;
mod markdown;
mod monthly;
mod plain;
mod weekly;

pub use drawing::{Drawn, HEIGHT, WIDTH};
pub use html::html;
pub use markdown::markdown;
pub use monthly::{Monthly, Proposal, monthly, proposal};
pub use plain::plain;
pub(crate) use weekly::thousands;
pub use weekly::{Topic, Weekly, decided, weekly};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Title.
    pub title: String,
    /// What one must know, one sentence each.
    pub summary: Vec<String>,
    /// Sections in order.
    pub sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// A sentence or a point of a list.
    Line(String),
    /// A table.
    Table(Table),
    /// How a figure went.
    Chart(Chart),
}

/// A table; the first column names the row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Headings.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A row with the records it comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Cells.
    pub cells: Vec<String>,
    /// Keys of records.
    pub cites: Vec<String>,
}

/// A figure over time, with the band that is usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Values, oldest first; none where unknown.
    pub points: Vec<Option<f64>>,
    /// The usual band.
    pub band: Option<(f64, f64)>,
    /// The newest value in words.
    pub newest: String,
    /// Lowest and highest of what is drawn, in words.
    pub scale: (String, String),
    /// When the first and the last point are of.
    pub span: (String, String),
}

impl Chart {
    /// A chart of these values; `worded` says one of them.
    pub fn of(
        title: &str,
        points: Vec<Option<f64>>,
        band: Option<(f64, f64)>,
        span: (String, String),
        worded: impl Fn(f64) -> String,
    ) -> Self {
        let newest = points.iter().rev().flatten().next().map_or_else(|| "unknown".into(), |value| worded(*value));
        let (least, most) = drawing::ends(&points, band);
        Self { title: title.to_owned(), points, band, newest, scale: (worded(least), worded(most)), span }
    }
}

/// Citations of a document by number: the same set of records has one number.
#[derive(Debug, Default)]
pub struct Citations {
    sets: Vec<Vec<String>>,
}

/// Keys of one citation that are written out; the rest is counted.
const WRITTEN_OUT: usize = 1;

impl Citations {
    /// The number of these records, from 1; none of none.
    pub fn number(&mut self, cites: &[String]) -> Option<usize> {
        if cites.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let once: Vec<String> = cites.iter().filter(|cite| seen.insert(cite.as_str())).cloned().collect();
        let at = self.sets.iter().position(|set| *set == once).unwrap_or_else(|| {
            self.sets.push(once);
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
            // A scale is looked at, not read.
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
