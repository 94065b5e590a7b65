//! The ground truth: source rows read and facts computed by the evidence room's separate recomputation.

use jiff::civil::Date;
use proofreel_evidence::{PackageBytes, RecomputeError, Recomputer};
use proofreel_model::brief::ResearchBrief;
use proofreel_model::fact::Fact;
use proofreel_model::finding::Finding;
use proofreel_model::series::SeriesRef;

/// Answers from the package bytes alone.
pub struct Ground<'a> {
    recomputer: Recomputer<'a>,
    packages: &'a [PackageBytes],
}

/// Why a fact has no value.
pub struct Doubt {
    /// True when the rows it lists are not those that its formula reads.
    pub rows: bool,
    /// What is wrong, in one line.
    pub detail: String,
}

impl<'a> Ground<'a> {
    /// Over these packages.
    pub fn new(packages: &'a [PackageBytes]) -> Self {
        Self { recomputer: Recomputer::new(packages), packages }
    }

    /// The value of a fact, computed from its source rows.
    pub fn value(&self, fact: &Fact) -> Result<f64, Doubt> {
        self.recomputer
            .fact(fact)
            .map_err(|error| Doubt { rows: matches!(error, RecomputeError::Rows { .. }), detail: one_line(&error) })
    }

    /// Date and value in a 1-based data row of a series' resource.
    pub fn point(&self, series: &SeriesRef, row: u32) -> Result<(Date, f64), String> {
        self.recomputer.point(series, row).map_err(|error| one_line(&error))
    }

    /// What a package's own descriptor says of one of its resources.
    pub fn description(&self, dataset: &str, resource: &str) -> Option<String> {
        let package = self.packages.iter().find(|package| package.name == dataset)?;
        let bytes = package.files.get("datapackage.json")?;
        let descriptor: serde_json::Value =
            serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?;
        let resources = descriptor.get("resources")?.as_array()?;
        let text =
            |value: &serde_json::Value, key: &str| value.get(key).and_then(|text| text.as_str().map(str::to_owned));
        let found = resources.iter().find(|entry| text(entry, "name").as_deref() == Some(resource))?;
        text(found, "description")
    }

    /// Whether a finding makes the point of its kind over the whole record.
    pub fn claim(&self, finding: &Finding, brief: &ResearchBrief) -> Result<(), String> {
        self.recomputer.claim(finding, &brief.facts, brief.as_of).map_err(|error| one_line(&error))
    }
}

fn one_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
