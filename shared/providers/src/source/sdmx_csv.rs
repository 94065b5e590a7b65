//! SDMX-CSV as central banks and the OECD send it: one column a dimension, `TIME_PERIOD`, `OBS_VALUE`, and attributes.
//!
//! Contract: <https://github.com/sdmx-twg/sdmx-csv>. Columns are found by name; where labels are sent, each code column is followed by
//! one with its labels. `NaN` or nothing stands for a missing observation.

use jiff::Timestamp;
use proofreel_ports::{CallKind, ProviderInfo, SourceError};

use super::desk::{Desk, Read, address, drift, unknown};
use super::package::{Row, clip, figure};
use super::period::Period;

/// A column that tells series apart and holds more than one value.
pub(crate) struct Several {
    /// Name of the column.
    pub column: String,
    /// Some of its values.
    pub values: Vec<String>,
}

/// A table of observations.
pub(crate) struct SdmxTable {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    period: usize,
    value: usize,
}

impl SdmxTable {
    /// Asks a service of SDMX for a series at `address_of`; a catalogue wants its newest observation only.
    pub(crate) async fn fetch(
        desk: &Desk,
        info: &'static ProviderInfo,
        kind: CallKind,
        address_of: &str,
        query: &[(&str, &str)],
    ) -> Result<(Self, Timestamp), SourceError> {
        let mut query = query.to_vec();
        if kind == CallKind::Catalogue {
            query.push(("lastNObservations", "1"));
        }
        let url = address(address_of, &[], &query)?;
        let Read { body, fetched_at } = desk.text(info, kind, url, &["text/csv"]).await?;
        Ok((Self::read(info, &body)?, fetched_at))
    }

    /// Reads the table; the columns of time and value must be there.
    pub(crate) fn read(info: &ProviderInfo, text: &str) -> Result<Self, SourceError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
        let header: Vec<String> = reader
            .headers()
            .map_err(|error| drift(info, format!("no CSV ({error})")))?
            .iter()
            .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
            .collect();
        let place = |name: &str| {
            header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| drift(info, format!("the column `{name}` is missing")))
        };
        let (period, value) = (place("TIME_PERIOD")?, place("OBS_VALUE")?);
        // A line of another length is a table cut in the middle.
        let rows = reader
            .records()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| drift(info, format!("its lines do not agree ({error})")))?;
        Ok(Self { header, rows, period, value })
    }

    /// The first value of a column that holds one; empty when there is no such column.
    pub(crate) fn first(&self, column: &str) -> String {
        self.at(column)
            .and_then(|at| self.rows.iter().map(|row| clip(&row[at])).find(|cell| !cell.is_empty()))
            .unwrap_or_default()
    }

    /// The label of a code column, sent in the column after it.
    pub(crate) fn label(&self, column: &str) -> String {
        let next = self.at(column).map(|at| at + 1).filter(|at| *at < self.header.len());
        next.and_then(|at| self.rows.first().map(|row| clip(&row[at]))).unwrap_or_default()
    }

    /// Of the dimensions (all columns before the time but `skip`), the first that holds more than one value.
    pub(crate) fn several(&self, skip: &[&str]) -> Option<Several> {
        (0..self.period).filter(|at| !skip.contains(&self.header[*at].as_str())).find_map(|at| {
            let mut values: Vec<String> = self.rows.iter().map(|row| row[at].to_owned()).collect();
            values.sort();
            values.dedup();
            (values.len() > 1)
                .then(|| Several { column: self.header[at].clone(), values: values.into_iter().take(6).collect() })
        })
    }

    /// The observations; `keys` names the columns that tell the rows of one period apart.
    pub(crate) fn observations(&self, info: &ProviderInfo, keys: &[usize]) -> Result<Vec<Row>, SourceError> {
        self.rows
            .iter()
            .map(|row| {
                let (text, cell) = (&row[self.period], row[self.value].trim());
                let period =
                    Period::read(text).ok_or_else(|| drift(info, format!("`TIME_PERIOD` is `{}`", clip(text))))?;
                let value = figure(info, cell, &["", "NaN"])?;
                Ok(Row { keys: keys.iter().map(|at| clip(&row[*at])).collect(), period, values: vec![value] })
            })
            .collect()
    }

    /// Place of a column.
    pub(crate) fn at(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// Name of the column at a place; empty beyond the last.
    pub(crate) fn name(&self, at: usize) -> String {
        self.header.get(at).cloned().unwrap_or_default()
    }

    /// The factor of `UNIT_MULT`, a power of ten.
    pub(crate) fn multiplier(&self, info: &ProviderInfo) -> Result<f64, SourceError> {
        match self.first("UNIT_MULT").as_str() {
            "" => Ok(1.0),
            text => text
                .parse::<i32>()
                .ok()
                .filter(|power| (-12..=15).contains(power))
                .map(|power| 10f64.powi(power))
                .ok_or_else(|| drift(info, format!("`UNIT_MULT` is `{text}`"))),
        }
    }
}

/// The complaint that a key fits more than one series.
pub(crate) fn too_wide(info: &ProviderInfo, id: &str, several: &Several) -> SourceError {
    unknown(
        info,
        id,
        format!("it names several series: `{}` is {} and more; choose one", several.column, several.values.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ecb::INFO;

    const TABLE: &str =
        "KEY,FREQ,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nX,M,2024-01,1.5,6\nX,M,2024-02,NaN,6\nX,M,2024-03,,6\n";

    #[test]
    fn holes_stay_holes() {
        let rows = SdmxTable::read(&INFO, TABLE).unwrap().observations(&INFO, &[]).unwrap();
        assert_eq!(rows.iter().map(|row| row.values[0].as_deref()).collect::<Vec<_>>(), [Some("1.5"), None, None]);
        assert_eq!(SdmxTable::read(&INFO, TABLE).unwrap().multiplier(&INFO).unwrap(), 1e6);
    }

    #[test]
    fn a_cut_line_and_a_lost_column_are_errors() {
        assert!(SdmxTable::read(&INFO, &TABLE[..TABLE.len() - 4]).is_err());
        let lost = SdmxTable::read(&INFO, &TABLE.replace("OBS_VALUE", "VALUE")).err().unwrap().to_string();
        assert!(lost.contains("`OBS_VALUE` is missing"), "{lost}");
    }
}
