//! Which numbers: references to series inside data packages, and the calendar they follow.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a series is observed, and what one of its dates stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Calendar or trading days.
    Daily,
    /// Weeks, named by the day the source gives.
    Weekly,
    /// Calendar months; the day of the date carries no meaning.
    Monthly,
    /// Calendar quarters; the date lies anywhere inside the quarter.
    Quarterly,
    /// Calendar years.
    Annual,
}

impl Frequency {
    /// Singular English noun of one period.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Daily => "day",
            Self::Weekly => "week",
            Self::Monthly => "month",
            Self::Quarterly => "quarter",
            Self::Annual => "year",
        }
    }

    /// Observations in one year, nominally (a daily series is taken as trading days).
    pub fn per_year(self) -> u32 {
        match self {
            Self::Daily => 252,
            Self::Weekly => 52,
            Self::Monthly => 12,
            Self::Quarterly => 4,
            Self::Annual => 1,
        }
    }
}

/// Whether a source removed the season from a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Seasonally adjusted.
    Adjusted,
    /// Not seasonally adjusted: a month compares with the same month only.
    Unadjusted,
    /// The source does not say.
    #[default]
    Unknown,
}

/// One column of one resource of one data package, for one member of a panel when it is long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SeriesRef {
    /// `name` of the data package.
    pub dataset: String,
    /// `name` of the resource.
    pub resource: String,
    /// Header of the column that holds the dates.
    pub date_column: String,
    /// Header of the column that holds the values.
    pub column: String,
    /// Column = value conditions that select one member of a long table; empty for a wide one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, String>,
}

impl SeriesRef {
    /// A stable, readable key: `dataset/resource/column[/member…]`.
    pub fn key(&self) -> String {
        let mut key = format!("{}/{}/{}", self.dataset, self.resource, self.column);
        for value in self.filter.values() {
            key.push('/');
            key.push_str(value);
        }
        key
    }
}

/// How a series is spoken of. Every name comes from the package's descriptor, never from a writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesName {
    /// Noun phrase with its article as inside a sentence: `the price of gold`, `US unemployment`.
    pub subject: String,
    /// Short label for charts and thumbnails, capitalised: `Gold`, `Unemployment rate`.
    pub short: String,
    /// True when the subject takes a plural verb.
    #[serde(default)]
    pub plural: bool,
}

/// What a stage needs to know of a series without its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesInfo {
    /// Where its numbers are.
    pub series: SeriesRef,
    /// How it is called.
    pub name: SeriesName,
    /// Unit of its values.
    pub unit: crate::unit::Unit,
    /// Its calendar.
    pub frequency: Frequency,
    /// Seasonal adjustment.
    pub adjustment: Adjustment,
    /// Date of the first usable observation.
    pub first: Date,
    /// Date of the last usable observation.
    pub last: Date,
    /// Number of usable observations.
    pub observations: u32,
}
