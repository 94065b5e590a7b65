//! The rows of an episode with the figures that their source gives now.
//!
//! A fact names rows by number. A newer file may have more rows, or others first; so each old row is looked up in the newer file by
//! what names it – its date and its member – and keeps its number. Periods that the newer file adds are not looked at: they are
//! news, and no revision.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use proofreel_model::series::SeriesRef;

use super::source::Source;
use super::{RecomputeError, Recomputer};
use crate::package::PackageBytes;

/// Packages as they were, with the figures of today.
pub struct Revised<'a> {
    /// Recomputes a fact of the episode on them.
    pub recomputer: Recomputer<'a>,
    /// Rows that the newer file no longer has, by `dataset/resource`; they keep their old figures.
    pub gone: BTreeMap<String, usize>,
}

/// The old packages with the figures that `new` gives for their rows, as far as `series` reads them. Packages that `new` does not
/// have stay as they were.
///
/// # Errors
/// A file cannot be read, or the newer one lacks a column.
pub fn revised<'a>(
    old: &'a [PackageBytes],
    new: &[PackageBytes],
    series: &BTreeSet<SeriesRef>,
) -> Result<Revised<'a>, RecomputeError> {
    let recomputer = Recomputer::new(old);
    let mut gone = BTreeMap::new();
    let mut resources: BTreeMap<(&str, &str), Vec<&SeriesRef>> = BTreeMap::new();
    for one in series {
        resources.entry((&one.dataset, &one.resource)).or_default().push(one);
    }
    for ((dataset, resource), series) in resources {
        let of = |packages: &'a [PackageBytes]| packages.iter().find(|package| package.name == dataset);
        let Some(before) = of(old) else { continue };
        let Some(now) = new.iter().find(|package| package.name == dataset) else { continue };
        let (before, now) = (Source::read(before, resource)?, Source::read(now, resource)?);
        // What names a row: its date and the columns that name a member.
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for one in &series {
            names.insert(&one.date_column);
            names.extend(one.filter.keys().map(String::as_str));
        }
        let names: Vec<&str> = names.into_iter().collect();
        let figures: BTreeSet<&str> = series.iter().map(|one| one.column.as_str()).collect();
        let (source, missing) = before.with_figures_of(&now, &names, &figures)?;
        if missing > 0 {
            gone.insert(format!("{dataset}/{resource}"), missing);
        }
        recomputer.give((dataset.to_owned(), resource.to_owned()), Arc::new(source));
    }
    Ok(Revised { recomputer, gone })
}

/// What names a row.
pub(super) fn name_of(row: &[String], places: &[usize]) -> Vec<String> {
    places.iter().map(|at| row.get(*at).map_or("", |cell| cell.trim()).to_owned()).collect()
}

/// Rows by what names them; several of one name come in the order of the file.
pub(super) fn by_name<'r>(
    rows: &'r [Vec<String>],
    places: &[usize],
) -> BTreeMap<Vec<String>, VecDeque<&'r Vec<String>>> {
    let mut found: BTreeMap<Vec<String>, VecDeque<&Vec<String>>> = BTreeMap::new();
    for row in rows {
        found.entry(name_of(row, places)).or_default().push_back(row);
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::digest::Digest;
    use proofreel_model::fact::{Fact, Formula, RowSpan};
    use proofreel_model::series::{Adjustment, Frequency};
    use proofreel_model::unit::{Unit, UnitKind};

    use super::*;

    fn package(csv: &str) -> PackageBytes {
        let descriptor = r#"{"name":"gdp","resources":[{"name":"gdp","path":"gdp.csv"}]}"#;
        let files = BTreeMap::from([
            ("datapackage.json".to_owned(), descriptor.as_bytes().to_vec()),
            ("gdp.csv".to_owned(), csv.as_bytes().to_vec()),
        ]);
        PackageBytes { name: "gdp".into(), digest: Digest::of(csv.as_bytes()), files }
    }

    fn series() -> SeriesRef {
        SeriesRef {
            dataset: "gdp".into(),
            resource: "gdp".into(),
            date_column: "year".into(),
            column: "value".into(),
            filter: BTreeMap::from([("country".to_owned(), "A".to_owned())]),
        }
    }

    fn latest() -> Fact {
        Fact {
            id: "f1".into(),
            formula: Formula::Latest { series: series(), at: date(2025, 1, 1) },
            value: 12.0,
            unit: Unit { kind: UnitKind::Percent, multiplier: 1.0, per: None },
            frequency: Frequency::Annual,
            display: "12".into(),
            adjustment: Adjustment::default(),
            missing: 0,
            rows: vec![RowSpan { resource: "gdp".into(), first: 3, last: 3 }],
        }
    }

    #[test]
    fn a_row_is_found_by_its_name_wherever_it_stands_now_and_new_periods_are_no_revision() {
        let old = [package("country,year,value\nA,2023,10\nA,2024,11\nA,2025,12\nB,2025,7\n")];
        let now = |csv: &str| {
            let new = [package(csv)];
            let revised = revised(&old, &new, &BTreeSet::from([series()])).unwrap();
            (revised.recomputer.fact(&latest()).unwrap(), revised.gone)
        };
        let same = "year,note,country,value\n2026,,A,13\n2025,,B,7\n2025,,A,12\n2024,,A,11\n2023,,A,10\n";
        assert_eq!(now(same), (12.0, BTreeMap::new()), "other order, more columns, one more year");
        assert_eq!(now(&same.replace("A,12", "A,12.5")).0, 12.5);
        let (value, gone) = now("country,year,value\nA,2025,12\nB,2025,7\n");
        assert_eq!((value, gone.values().sum::<usize>()), (12.0, 2));
        let new = [package("country,year,figure\nA,2025,12\n")];
        assert!(revised(&old, &new, &BTreeSet::from([series()])).is_err(), "the column is gone");
    }
}
