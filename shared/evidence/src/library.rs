//! What a run knows: data packages, their series, and what screening took out of them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::brief::ScreeningFinding;
use proofreel_model::digest::Digest;
use proofreel_model::series::{Frequency, SeriesInfo, SeriesRef};
use proofreel_model::unit::Unit;
use proofreel_model::visual::TracePoint;

use crate::error::EvidenceError;
use crate::origin::Publisher;
use crate::package::PackageBytes;

/// All data packages of a run, loaded and screened.
#[derive(Debug, Default)]
pub struct Library {
    datasets: Vec<Dataset>,
    /// Place of each series: dataset, then series inside it.
    places: BTreeMap<SeriesRef, (usize, usize)>,
}

/// One data package.
#[derive(Debug)]
pub struct Dataset {
    /// `name` of the package.
    pub name: String,
    /// Its title; the name when it has none.
    pub title: String,
    /// Digest over its files, from intake.
    pub digest: Digest,
    /// Who publishes the figures; never empty.
    pub publishers: Vec<Publisher>,
    /// Licence as the descriptor names it, or `not stated`.
    pub licence: String,
    /// The tables that were read.
    pub resources: Vec<ResourceInfo>,
    /// Series with at least [`MIN_OBSERVATIONS`] usable observations.
    pub series: Vec<Series>,
    /// Long tables whose members measure the same thing.
    pub panels: Vec<Panel>,
    /// Faults found in the series, and what was done about them.
    pub screening: Vec<ScreeningFinding>,
    /// Resources, columns and members that are not used, with the reason.
    pub left_out: Vec<String>,
}

/// A series with fewer usable observations proves too little to be spoken of.
pub const MIN_OBSERVATIONS: usize = 8;

/// A table that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceInfo {
    /// `name` of the resource.
    pub name: String,
    /// Path inside the package.
    pub path: String,
    /// Title, may be empty.
    pub title: String,
    /// Description, may be empty.
    pub description: String,
    /// Number of data rows.
    pub rows: u32,
}

/// A long table with one row per member and date, seen as one value column.
#[derive(Clone, Debug)]
pub struct Panel {
    /// `name` of the resource.
    pub resource: String,
    /// Header of the value column.
    pub column: String,
    /// Header of the date column.
    pub date_column: String,
    /// Header of the column that names the members.
    pub member_column: String,
    /// The members, without aggregates such as "World" or "Euro area".
    pub members: Vec<SeriesRef>,
    /// Members that sum up others: never ranked, never part of a sum.
    pub aggregates: Vec<SeriesRef>,
    /// Unit of all values.
    pub unit: Unit,
    /// Calendar.
    pub frequency: Frequency,
    /// What is measured, without article or member: `GDP`.
    pub subject: String,
    /// True when the members together make a whole, so that a share of their sum means something:
    /// an aggregate of the file equals their sum within a tenth, or the file has no aggregate and a hundred members
    /// or more. A share is always one of the sum of the members listed.
    pub whole: bool,
}

/// A screened series.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name, unit, calendar and span.
    pub info: SeriesInfo,
    /// Usable observations in date order, one a period.
    pub points: Vec<TracePoint>,
    /// Dates of rows that screening took out, in date order: holes that a window must not pass over in silence.
    pub taken_out: Vec<Date>,
    /// Index of its panel in [`Dataset::panels`].
    pub panel: Option<usize>,
    /// True for a panel member that sums up others.
    pub aggregate: bool,
    /// Set when the column only repeats the change of another column.
    pub derived_from: Option<SeriesRef>,
    /// True when a last, unfinished period was taken out, so that the source has a newer row.
    pub cut: bool,
    /// Series of one dataset with equal keys show the same quantity at different frequencies.
    pub quantity: String,
}

impl Library {
    /// Reads, screens and names everything in the packages. Same bytes, same library.
    ///
    /// # Errors
    /// A package without any usable series; one bad resource beside good ones goes to [`Dataset::left_out`].
    pub fn load(packages: &[PackageBytes]) -> Result<Self, EvidenceError> {
        let mut library = Self::default();
        for package in packages {
            if library.dataset(&package.name).is_some() {
                return Err(EvidenceError::DuplicateName { package: package.name.clone() });
            }
            let dataset = crate::load::dataset(package)?;
            let place = library.datasets.len();
            for (n, series) in dataset.series.iter().enumerate() {
                library.places.insert(series.info.series.clone(), (place, n));
            }
            library.datasets.push(dataset);
        }
        Ok(library)
    }

    /// As [`Library::load`], and notes what differs from the `previous` versions of these packages, found by name.
    ///
    /// # Errors
    /// As [`Library::load`]; a previous version that cannot be read is noted and does no harm.
    pub fn load_revised(packages: &[PackageBytes], previous: &[PackageBytes]) -> Result<Self, EvidenceError> {
        let mut library = Self::load(packages)?;
        for old in previous {
            let now =
                library.datasets.iter_mut().find(|dataset| dataset.name == old.name && dataset.digest != old.digest);
            if let Some(dataset) = now {
                crate::revisions::note(dataset, old);
            }
        }
        Ok(library)
    }

    /// Notes that the previous version of a package could not be had, so that no revision was looked for.
    pub fn without_previous(&mut self, package: &str, why: &str) {
        if let Some(dataset) = self.datasets.iter_mut().find(|dataset| dataset.name == package) {
            crate::revisions::unavailable(dataset, why);
        }
    }

    /// The packages, in the order they were given.
    pub fn datasets(&self) -> &[Dataset] {
        &self.datasets
    }

    /// The package with this name.
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// The series at this reference.
    pub fn series(&self, series: &SeriesRef) -> Option<&Series> {
        let (dataset, n) = self.places.get(series)?;
        self.datasets.get(*dataset)?.series.get(*n)
    }

    /// The panel a series belongs to.
    pub fn panel(&self, series: &SeriesRef) -> Option<&Panel> {
        let (dataset, n) = self.places.get(series)?;
        let dataset = self.datasets.get(*dataset)?;
        dataset.panels.get(dataset.series.get(*n)?.panel?)
    }
}

impl Dataset {
    /// Screening findings of one series.
    pub fn screening_of<'a>(&'a self, series: &'a SeriesRef) -> impl Iterator<Item = &'a ScreeningFinding> {
        self.screening.iter().filter(move |finding| &finding.series == series)
    }
}
