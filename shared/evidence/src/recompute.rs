//! Recomputation: a fact computed again from the raw bytes of its package.
//!
//! Architecture invariant: nothing in this module tree uses the loader, the screening or the miner. It reads the
//! descriptor, the CSV, the numbers and the dates with code of its own, so that one mistake cannot prove itself.
//!
//! Besides the value it checks that the rows a fact names are exactly the rows its formula reads, and that a row
//! inside a window which is not named is visibly unusable (see [`doubt`]): nothing can be left out at will.

mod cells;
mod claims;
mod doubt;
mod formulas;
mod leads;
mod pairs;
mod periods;
mod prices;
mod revised;
mod source;
mod table;
mod turns;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use proofreel_model::fact::Fact;
use proofreel_model::finding::Finding;
use proofreel_model::series::SeriesRef;
use thiserror::Error;

use crate::package::PackageBytes;
pub use revised::{Revised, revised};
use source::{Column, Source};

/// Why a number could not be computed again, or why its source does not bear it out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecomputeError {
    /// The package or resource is not there.
    #[error("{what} is not among the data packages")]
    NoSource {
        /// What was looked for.
        what: String,
    },
    /// The file cannot be read.
    #[error("{file}: {detail}")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// The source has no such observation.
    #[error("{series}: {detail}")]
    NoObservation {
        /// Key of the series.
        series: String,
        /// What is missing.
        detail: String,
    },
    /// The rows named are not the rows that the formula reads.
    #[error("{series}: {detail}")]
    Rows {
        /// Key of the series.
        series: String,
        /// Which row, and why.
        detail: String,
    },
    /// The source contradicts what the fact says.
    #[error("{series}: {detail}")]
    Untrue {
        /// Key of the series.
        series: String,
        /// What the source says.
        detail: String,
    },
}

/// Recomputes many facts and points, reading each file once.
pub struct Recomputer<'a> {
    packages: &'a [PackageBytes],
    sources: Mutex<BTreeMap<(String, String), Arc<Source>>>,
    columns: Mutex<BTreeMap<SeriesRef, Arc<Column>>>,
}

impl<'a> Recomputer<'a> {
    /// A recomputer over these packages.
    pub fn new(packages: &'a [PackageBytes]) -> Self {
        Self { packages, sources: Mutex::default(), columns: Mutex::default() }
    }

    /// The value of a fact, from its source rows.
    ///
    /// # Errors
    /// The source is missing or unreadable, the rows named are not those the formula reads, or what the formula
    /// says (an extreme, a streak, a rank …) does not hold.
    pub fn fact(&self, fact: &Fact) -> Result<f64, RecomputeError> {
        let named = self.named(fact)?;
        formulas::Check::new(self, fact, &named).value()
    }

    /// Rows that a fact names, by resource.
    fn named<'f>(&self, fact: &'f Fact) -> Result<BTreeMap<&'f str, BTreeSet<u32>>, RecomputeError> {
        // A row takes at least a byte: a list that no file could fill is refused before it is spread out.
        let most = self.packages.iter().flat_map(|package| package.files.values()).map(Vec::len).max().unwrap_or(0);
        let mut named: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for span in &fact.rows {
            if span.last as usize > most {
                return Err(RecomputeError::Rows {
                    series: span.resource.clone(),
                    detail: format!("rows {} to {} are named, no file has so many", span.first, span.last),
                });
            }
            named.entry(span.resource.as_str()).or_default().extend(span.first..=span.last);
        }
        Ok(named)
    }

    /// Date and value of a series in one data row (1-based), for plotted points.
    ///
    /// # Errors
    /// The source is missing or unreadable, or the row is not one of the series or holds no date or number.
    pub fn point(&self, series: &SeriesRef, row: u32) -> Result<(Date, f64), RecomputeError> {
        let column = self.column(series)?;
        let found =
            column.rows.binary_search_by_key(&row, |observation| observation.row).ok().map(|at| column.rows[at]);
        let missing = |detail: &str| RecomputeError::NoObservation {
            series: series.key(),
            detail: format!("row {row} {detail}"),
        };
        let observation = found.ok_or_else(|| missing("is not a row of this series"))?;
        Ok((
            observation.date.ok_or_else(|| missing("has no date"))?,
            observation.value.ok_or_else(|| missing("has no number"))?,
        ))
    }

    /// Checks the superlative of a finding against the whole record up to the day of the run: that the worst fall,
    /// the biggest rise or drop, the record and the longest or current streak really are such.
    ///
    /// # Errors
    /// A role's fact is missing, or the record holds a counter-example.
    pub fn claim(&self, finding: &Finding, facts: &[Fact], as_of: Date) -> Result<(), RecomputeError> {
        claims::check(self, finding, facts, as_of)
    }

    pub(crate) fn column(&self, series: &SeriesRef) -> Result<Arc<Column>, RecomputeError> {
        // A poisoned lock means that another check panicked; the cache itself is only ever added to.
        if let Some(column) = self.columns.lock().unwrap_or_else(PoisonError::into_inner).get(series) {
            return Ok(Arc::clone(column));
        }
        let column = Arc::new(self.source(series)?.column(series)?);
        self.columns.lock().unwrap_or_else(PoisonError::into_inner).insert(series.clone(), Arc::clone(&column));
        Ok(column)
    }

    /// Takes this source in place of the one that the packages hold.
    fn give(&self, key: (String, String), source: Arc<Source>) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).insert(key, source);
    }

    fn source(&self, series: &SeriesRef) -> Result<Arc<Source>, RecomputeError> {
        let key = (series.dataset.clone(), series.resource.clone());
        if let Some(source) = self.sources.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(source));
        }
        let package = self.packages.iter().find(|package| package.name == series.dataset);
        let package =
            package.ok_or_else(|| RecomputeError::NoSource { what: format!("data package `{}`", series.dataset) })?;
        let source = Arc::new(Source::read(package, &series.resource)?);
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&source));
        Ok(source)
    }
}

/// One fact recomputed; see [`Recomputer`] for many.
///
/// # Errors
/// As [`Recomputer::fact`].
pub fn recompute(fact: &Fact, packages: &[PackageBytes]) -> Result<f64, RecomputeError> {
    Recomputer::new(packages).fact(fact)
}

/// One plotted point read again; see [`Recomputer`] for many.
///
/// # Errors
/// As [`Recomputer::point`].
pub fn read_point(series: &SeriesRef, row: u32, packages: &[PackageBytes]) -> Result<(Date, f64), RecomputeError> {
    Recomputer::new(packages).point(series, row)
}
