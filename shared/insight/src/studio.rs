//! YouTube Studio's own CSV exports, as people have them: several column sets, dates of several locales, with or without a
//! byte-order mark, durations in clock or seconds, a row of totals.
//!
//! The law of names is `specs/policy/kpi.toml`, what is done with them `specs/REPORTING.md`.

mod cells;
mod check;
mod dates;
mod header;
mod rows;

use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{KpiSnapshot, VideoCard};
use serde::Serialize;
use thiserror::Error;

pub use header::{Column, Header};

/// What an import gives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// Columns that were understood, in the file's order.
    pub columns: Vec<&'static str>,
    /// Columns that were not, as they are called.
    pub unknown: Vec<String>,
    /// Missing columns and what that disables.
    pub missing: Vec<Missing>,
    /// What is stored.
    pub snapshots: Vec<KpiSnapshot>,
    /// Videos it names.
    pub videos: Vec<VideoCard>,
    /// What does not agree, or could not be read, for a person.
    pub notes: Vec<String>,
}

/// A column that the file does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name in Studio.
    pub column: String,
    /// What cannot be told without it.
    pub disables: String,
}

/// Why a file gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// Not a table.
    #[error(
        "{file} is not a CSV table: {why}\n  hint: export it anew from YouTube Studio, Advanced mode, as .csv, and unpack the .zip"
    )]
    NotATable {
        /// File.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// No column by which a row could be kept.
    #[error(
        "{file}: neither `Content` nor `Date` nor another column says what a row is about; there is: {found}\n  hint: export \"Table data.csv\" from YouTube Studio, Advanced mode, by content or by date"
    )]
    NoSubject {
        /// File.
        file: String,
        /// Columns found.
        found: String,
    },
    /// A cell that cannot be what its column says.
    #[error(
        "{file}, line {line}, column `{column}`: `{cell}` is no {wanted}\n  hint: export it anew; a spreadsheet may have changed it"
    )]
    BadCell {
        /// File.
        file: String,
        /// Line, the header is line 1.
        line: usize,
        /// Column as the file calls it.
        column: String,
        /// What stands there, shortened.
        cell: String,
        /// What should.
        wanted: &'static str,
    },
}

/// What the caller knows and the file does not say.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// File name, for messages.
    pub file: &'a str,
    /// Channel.
    pub channel: &'a ChannelId,
    /// Last day (Pacific time) of a table without dates.
    pub day: Date,
}

/// Reads an export. Nothing is stored; the same bytes and words give the same import.
pub fn read(bytes: &[u8], told: &Told<'_>) -> Result<Import, ImportError> {
    let text = cells::text(bytes).map_err(|why| ImportError::NotATable { file: told.file.into(), why })?;
    let delimiter = cells::delimiter(&text);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|error| ImportError::NotATable { file: told.file.into(), why: error.to_string() })?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            lines.push((line, record));
        }
    }
    let Some((_, first)) = lines.first() else {
        return Err(ImportError::NotATable { file: told.file.into(), why: "it is empty".into() });
    };
    let header = Header::read(first.iter(), told.file)?;
    let mut import = rows::read(&header, &lines[1..], bytes, told, delimiter == b';')?;
    check::agree(&mut import);
    Ok(import)
}

#[cfg(test)]
mod tests;
