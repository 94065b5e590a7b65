//! Facts: the only door through which a number reaches a viewer.

mod formula;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use formula::{Direction, Extreme, Formula, Moves, series_of};

use crate::ids::FactId;
use crate::series::{Adjustment, Frequency};
use crate::unit::Unit;

/// Which source row a fact read: 1-based data row in the resource (the header is row 0).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RowSpan {
    /// `name` of the resource.
    pub resource: String,
    /// First row.
    pub first: u32,
    /// Last row, inclusive.
    pub last: u32,
}

/// A number with its proof. See `recompute` in the evidence room for the check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// Identifier inside the brief.
    pub id: FactId,
    /// Operation and arguments (`op`, `args`).
    #[serde(flatten)]
    pub formula: Formula,
    /// The number, in the unit below, before any rounding.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Calendar of the series, which says how its dates are spoken.
    pub frequency: Frequency,
    /// The value as written on screen, made by [`crate::display`].
    pub display: String,
    /// Whether the source took the season out of the series; an unadjusted month compares with the same month only.
    #[serde(default)]
    pub adjustment: Adjustment,
    /// Holes: periods inside the window of an operation that reads a whole window ([`reads_window`]) which have no
    /// usable observation. Calendar periods for months, quarters and years; for days and weeks, which have holidays,
    /// dates of rows that hold no usable value.
    #[serde(default, skip_serializing_if = "is_none")]
    pub missing: u32,
    /// Source rows read, merged into spans.
    pub rows: Vec<RowSpan>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_none(missing: &u32) -> bool {
    *missing == 0
}

/// True for an operation that reads every observation of a window, so that a hole in the window must be told.
pub fn reads_window(formula: &Formula) -> bool {
    use Formula as F;
    matches!(
        formula,
        F::Average { .. }
            | F::Extreme { .. }
            | F::Rank { .. }
            | F::RecordSince { .. }
            | F::TypicalMove { .. }
            | F::Correlation { .. }
            | F::LeadTime { .. }
    )
}

/// True for an operation that compares the two ends of its window, or counts what lies between them: a picture of a line
/// brackets the stretch while it is told.
pub fn tells_stretch(formula: &Formula) -> bool {
    use Formula as F;
    matches!(
        formula,
        F::Change { .. }
            | F::PercentChange { .. }
            | F::Multiple { .. }
            | F::GrowthRate { .. }
            | F::Drawdown { .. }
            | F::Streak { .. }
            | F::Elapsed { .. }
            | F::RecordSince { .. }
    )
}
