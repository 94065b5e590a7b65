//! Screening: what must not be mined is taken out and listed, never silently used.
//!
//! Rules, in order: cells that are missing or not numbers; dates that cannot be read; rows out of order, and files
//! that begin again ([`order`]); rows of another calendar ([`mixed`]); dates that occur twice (equal values: the
//! first is kept; different values: neither can be trusted); placeholders ([`placeholders`]); values repeated over
//! a stretch ([`stuck`]); counters that begin again ([`counter`]); figures of another scale ([`scale`]) and jumps of
//! scale, unit or base that stay ([`breaks`]); a last period that is not over ([`partial`]); gaps,
//! which are noted only. What each kind means is in `specs/SCREENING.md`, its thresholds in
//! `specs/policy/screening.toml`.

mod breaks;
mod cells;
mod counter;
mod gaps;
mod mixed;
mod order;
mod partial;
mod placeholders;
mod scale;
mod stuck;

use std::sync::OnceLock;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::policy;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::TracePoint;

use crate::dates::Grain;
use crate::numbers::NumberCell;

/// A row of a series before screening.
pub(crate) struct RawRow<'a> {
    /// 1-based data row.
    pub row: u32,
    pub date: Option<Date>,
    pub date_text: &'a str,
    pub value: NumberCell,
    pub value_text: &'a str,
}

/// A series after screening.
pub(crate) struct Screened {
    pub points: Vec<TracePoint>,
    pub frequency: Frequency,
    pub findings: Vec<ScreeningFinding>,
    /// True when a last, unfinished period was taken out.
    pub cut: bool,
}

/// What the rules need to know besides the rows.
pub(crate) struct Context<'a> {
    pub series: &'a SeriesRef,
    pub file: &'a str,
    pub grain: Grain,
    pub unit: &'a Unit,
    /// Decimal mark of the column.
    pub decimal: char,
    pub policy: &'a policy::Screening,
}

impl Context<'_> {
    fn finding(&self, kind: ScreeningKind, rows: (u32, u32), note: String, excluded: bool) -> ScreeningFinding {
        ScreeningFinding { series: self.series.clone(), kind, rows, note, excluded }
    }

    fn percent(&self) -> bool {
        matches!(self.unit.kind, UnitKind::Percent | UnitKind::PercentagePoints)
    }

    /// Takes the marked points out, with one finding for each stretch of neighbours and one for what is left.
    fn take_out(
        &self,
        points: Vec<TracePoint>,
        marked: &[bool],
        kind: ScreeningKind,
        why: &str,
        findings: &mut Vec<ScreeningFinding>,
    ) -> Vec<TracePoint> {
        let places: Vec<usize> = (0..points.len()).filter(|n| marked[*n]).collect();
        if places.is_empty() {
            return points;
        }
        let stretches: Vec<&[usize]> = places.chunk_by(|a, b| a + 1 == *b).collect();
        let rows = |places: &[usize]| {
            places.iter().fold((u32::MAX, 0), |(first, last), n| {
                let row = points[*n].row;
                (row.min(first), row.max(last))
            })
        };
        for stretch in stretches.iter().take(self.policy.listed) {
            let (first, last) = (points[stretch[0]].date, points[stretch[stretch.len() - 1]].date);
            let what = if stretch.len() == 1 {
                format!("the value of {first}")
            } else {
                format!("{} values from {first} to {last}", stretch.len())
            };
            findings.push(self.finding(kind, rows(stretch), format!("{}: {what} {why}; left out", self.file), true));
        }
        let rest: Vec<usize> =
            stretches.iter().skip(self.policy.listed).flat_map(|places| places.iter().copied()).collect();
        if !rest.is_empty() {
            let note = format!("{}: {} more values, which {why}; left out", self.file, rest.len());
            findings.push(self.finding(kind, rows(&rest), note, true));
        }
        kept(points, marked)
    }
}

/// The thresholds, read once.
pub(crate) fn policy() -> &'static policy::Screening {
    static POLICY: OnceLock<policy::Screening> = OnceLock::new();
    POLICY.get_or_init(policy::Screening::embedded)
}

/// Applies every rule.
pub(crate) fn screen(raw: &[RawRow<'_>], context: &Context<'_>) -> Screened {
    let mut findings = Vec::new();
    let points = cells::readable(raw, context, &mut findings);
    let points = order::sorted(points, context, &mut findings);
    let dates: Vec<Date> = points.iter().map(|point| point.date).collect();
    let frequency = crate::calendar::infer(&dates, context.grain);
    let (points, strays) = mixed::remove(points, frequency, context, &mut findings);
    let points = cells::one_a_period(points, frequency, context, &mut findings);
    let points = placeholders::remove(points, context, &mut findings);
    let points = stuck::remove(points, frequency, context, &mut findings);
    let points = counter::remove(points, context, &mut findings);
    let points = scale::remove(points, raw, context, &mut findings);
    let points = breaks::remove(points, raw, context, &mut findings);
    let (points, cut) = partial::remove(points, frequency, context, &mut findings);
    gaps::note(raw, &strays, frequency, context, &mut findings);
    Screened { points, frequency, findings, cut }
}

/// The points that are not marked.
fn kept(points: Vec<TracePoint>, marked: &[bool]) -> Vec<TracePoint> {
    points.into_iter().zip(marked).filter(|(_, out)| !**out).map(|(point, _)| point).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests;
