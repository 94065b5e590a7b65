//! The header: which column means what.

use std::collections::BTreeMap;

use proofreel_model::policy::kpi_law;

use super::{ImportError, Missing};

/// A column that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it means, a key of `columns` in the policy.
    pub meaning: &'static str,
    /// As the file calls it.
    pub name: String,
    /// Where it stands.
    pub at: usize,
}

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    columns: Vec<Column>,
    /// Columns that are not understood.
    pub unknown: Vec<String>,
    /// Columns whose meaning stood before: the first one counts.
    pub repeated: Vec<String>,
}

impl Header {
    /// Reads the first line.
    pub fn read<'a>(cells: impl Iterator<Item = &'a str>, file: &str) -> Result<Self, ImportError> {
        let names: BTreeMap<&str, &'static str> = kpi_law()
            .columns
            .iter()
            .flat_map(|(meaning, names)| names.iter().map(move |name| (name.as_str(), meaning.as_str())))
            .collect();
        let mut header = Self { columns: Vec::new(), unknown: Vec::new(), repeated: Vec::new() };
        let mut all = Vec::new();
        for (at, cell) in cells.enumerate() {
            let name = cell.trim().trim_matches('"').to_owned();
            all.push(name.clone());
            match names.get(name.to_lowercase().as_str()) {
                Some(meaning) if header.at(meaning).is_none() => {
                    header.columns.push(Column { meaning, name, at });
                }
                Some(_) => header.repeated.push(name),
                None if name.is_empty() => {}
                None => header.unknown.push(name),
            }
        }
        if header.subject().is_none() {
            let found = if all.is_empty() { "nothing".into() } else { shortened(&all.join(", ")) };
            return Err(ImportError::NoSubject { file: file.into(), found });
        }
        Ok(header)
    }

    /// The column of this meaning.
    pub fn at(&self, meaning: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.meaning == meaning)
    }

    /// The column that says what a row is about, besides its day.
    pub fn subject(&self) -> Option<&Column> {
        ["video", "geography", "traffic_source", "subscription_status", "date"]
            .into_iter()
            .find_map(|meaning| self.at(meaning))
    }

    /// Meanings in the file's order.
    pub fn meanings(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.meaning).collect()
    }

    /// Columns with figures: all but those that say what a row is about.
    pub fn figures(&self) -> impl Iterator<Item = &Column> {
        const WORDS: [&str; 8] =
            ["video", "title", "published", "date", "geography", "traffic_source", "subscription_status", "length"];
        self.columns.iter().filter(|column| !WORDS.contains(&column.meaning))
    }

    /// What is missing, and what that disables.
    pub fn missing(&self) -> Vec<Missing> {
        let law = kpi_law();
        let lacks = |(column, disables): (&String, &String)| {
            // With the length, the share follows from the duration.
            let made_up = column == "avd_share" && self.at("length").is_some() && self.at("avd").is_some();
            (self.at(column).is_none() && !made_up).then(|| Missing {
                column: law.columns.get(column).and_then(|names| names.first()).unwrap_or(column).clone(),
                disables: disables.clone(),
            })
        };
        law.disables.iter().filter_map(lacks).collect()
    }
}

/// At most a line of a stranger's text, without control signs.
pub fn shortened(text: &str) -> String {
    let clean: String = text.chars().filter(|sign| !sign.is_control()).collect();
    if clean.chars().count() <= 120 { clean } else { clean.chars().take(117).collect::<String>() + "…" }
}
