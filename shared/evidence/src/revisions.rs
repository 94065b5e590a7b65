//! What a source changed between two versions of a package.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::SeriesRef;
use proofreel_model::visual::TracePoint;

use crate::library::{Dataset, Series};
use crate::package::PackageBytes;
use crate::screening;

/// Relative difference below which two figures are one: floating point only.
const EQUAL: f64 = 1e-12;

/// Notes how the series of a package differ from those of its previous version. Nothing is taken out: the newer
/// figure is the source's word.
pub(crate) fn note(dataset: &mut Dataset, previous: &PackageBytes) {
    let before = match crate::load::dataset(previous) {
        Ok(before) => before,
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().next().unwrap_or_default();
            dataset.left_out.push(format!("revisions: the previous version cannot be read ({reason})"));
            return;
        }
    };
    let places: BTreeMap<&SeriesRef, &Series> =
        before.series.iter().map(|series| (&series.info.series, series)).collect();
    let mut findings = Vec::new();
    for series in &dataset.series {
        if let Some(former) = places.get(&series.info.series) {
            findings.extend(compared(series, former));
        }
    }
    dataset.screening.append(&mut findings);
}

/// A note on a package whose previous version is known but no longer stored.
pub(crate) fn unavailable(dataset: &mut Dataset, why: &str) {
    let note = format!("revisions since the previous version were not looked for: {why}");
    if let Some(series) = dataset.series.first() {
        let rows =
            (series.points.first().map_or(1, |point| point.row), series.points.last().map_or(1, |point| point.row));
        dataset.screening.push(ScreeningFinding {
            series: series.info.series.clone(),
            kind: ScreeningKind::Revision,
            rows: (rows.0.min(rows.1), rows.0.max(rows.1)),
            note: note.clone(),
            excluded: false,
        });
    }
    dataset.left_out.push(note);
}

fn compared(series: &Series, former: &Series) -> Option<ScreeningFinding> {
    let old: BTreeMap<Date, f64> = former.points.iter().map(|point| (point.date, point.value)).collect();
    let common: Vec<(TracePoint, f64)> =
        series.points.iter().filter_map(|point| Some((*point, *old.get(&point.date)?))).collect();
    let size = |(now, then): &(TracePoint, f64)| (now.value - then).abs() / then.abs().max(now.value.abs());
    let revised: Vec<&(TracePoint, f64)> =
        common.iter().filter(|pair| pair.0.value != pair.1 && size(pair) > EQUAL).collect();
    let largest = revised.iter().copied().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let rows =
        revised.iter().fold((u32::MAX, 0), |(first, last), (point, _)| (first.min(point.row), last.max(point.row)));
    let file = &series.info.series.resource;
    let note = match wholesale(&common, revised.len()) {
        Some(ratio) => format!(
            "resource `{file}`, column `{}`: all {} figures in common with the previous version are {ratio} times what they were, such as {} for {} of {}: it looks like another scale or base",
            series.info.series.column,
            common.len(),
            largest.0.value,
            largest.1,
            largest.0.date
        ),
        None => format!(
            "resource `{file}`, column `{}`: {} of {} figures in common with the previous version were revised, most that of {}: {} before, {} now",
            series.info.series.column,
            revised.len(),
            common.len(),
            largest.0.date,
            largest.1,
            largest.0.value
        ),
    };
    Some(ScreeningFinding {
        series: series.info.series.clone(),
        kind: ScreeningKind::Revision,
        rows,
        note,
        excluded: false,
    })
}

/// The one ratio of nearly all new figures to the old ones, rounded for reading.
fn wholesale(common: &[(TracePoint, f64)], revised: usize) -> Option<f64> {
    let policy = screening::policy();
    if (revised as f64) < policy.wholesale_share * common.len() as f64 || common.len() < policy.sibling_dates {
        return None;
    }
    let mut ratios: Vec<f64> = common.iter().filter(|pair| pair.1 != 0.0).map(|pair| pair.0.value / pair.1).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = *ratios.get(ratios.len() / 2)?;
    let alike = ratios.iter().filter(|ratio| (*ratio / middle - 1.0).abs() < 0.01).count();
    let moved = middle > 0.0 && middle.ln().abs() > 0.1;
    let digits = 10f64.powi(3 - middle.abs().log10().floor() as i32);
    (moved && alike as f64 >= policy.wholesale_share * common.len() as f64).then(|| (middle * digits).round() / digits)
}
