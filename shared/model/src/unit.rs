//! Units travel with every value, so that an index is never read as a price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of quantity a number is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UnitKind {
    /// Money, with its ISO 4217 code.
    Currency {
        /// ISO 4217 code, for example `USD`.
        code: String,
    },
    /// A rate or share where 4.47 means 4.47 %.
    Percent,
    /// A difference between two percentages.
    PercentagePoints,
    /// An index number; its level means nothing without the base.
    Index {
        /// The base as the source words it, for example `1982-84=100`.
        base: Option<String>,
    },
    /// Points of an index (a difference between two index numbers).
    IndexPoints,
    /// A count of things, for example `people`, plural.
    Count {
        /// What is counted, plural; absent when the source does not say.
        noun: Option<String>,
    },
    /// A multiple: 2.0 means twice.
    Multiple,
    /// A place in an order, 1 is first.
    Rank,
    /// A length of time counted in whole periods of this kind.
    Duration {
        /// The period counted.
        period: crate::series::Frequency,
    },
    /// A coefficient between −1 and 1, such as a correlation.
    Coefficient,
    /// A number whose source names no unit; spoken as the source gives it.
    Unspecified,
}

/// A unit: kind, denominator and the multiplier by which the source scales its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// The kind of quantity.
    #[serde(flatten)]
    pub kind: UnitKind,
    /// Denominator, singular: `ounce`, `barrel`, `year`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// What one unit in the file stands for: 1 for dollars, 1000 for thousands of persons, 1e12 for trillions.
    #[serde(default = "one")]
    pub multiplier: f64,
}

fn one() -> f64 {
    1.0
}

impl Unit {
    /// A unit of this kind with no denominator and no scaling.
    pub fn plain(kind: UnitKind) -> Self {
        Self { kind, per: None, multiplier: 1.0 }
    }

    /// Percent.
    pub fn percent() -> Self {
        Self::plain(UnitKind::Percent)
    }

    /// True for a rate or share, whose change is told in percentage points and not in percent.
    pub fn is_percent(&self) -> bool {
        matches!(self.kind, UnitKind::Percent)
    }

    /// The unit of a difference between two values of this unit.
    #[must_use]
    pub fn difference(&self) -> Self {
        let kind = match &self.kind {
            UnitKind::Percent => UnitKind::PercentagePoints,
            UnitKind::Index { .. } => UnitKind::IndexPoints,
            other => other.clone(),
        };
        Self { kind, per: self.per.clone(), multiplier: self.multiplier }
    }
}
