//! Screening: what must not be mined is taken out and listed, never silently used.
//!
//! Rules, in order: cells that are missing or not numbers; dates that cannot be read; rows out of order;
//! dates that occur twice (equal values: the first is kept; different values: neither can be trusted);
//! placeholders ([`placeholders`]); values repeated over a stretch ([`stuck`]); jumps of a whole scale
//! ([`scale`]); gaps, which are noted only.

mod cells;
mod gaps;
mod placeholders;
mod scale;
mod stuck;

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::unit::Unit;
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
}

/// What the rules need to know besides the rows.
pub(crate) struct Context<'a> {
    pub series: &'a SeriesRef,
    pub file: &'a str,
    pub grain: Grain,
    pub unit: &'a Unit,
}

impl Context<'_> {
    fn finding(&self, kind: ScreeningKind, rows: (u32, u32), note: String, excluded: bool) -> ScreeningFinding {
        ScreeningFinding { series: self.series.clone(), kind, rows, note, excluded }
    }
}

/// Applies every rule.
pub(crate) fn screen(raw: &[RawRow<'_>], context: &Context<'_>) -> Screened {
    let mut findings = Vec::new();
    let points = cells::readable(raw, context, &mut findings);
    let dates: Vec<Date> = points.iter().map(|point| point.date).collect();
    let frequency = crate::calendar::infer(&dates, context.grain);
    let points = cells::one_a_period(points, frequency, context, &mut findings);
    let points = placeholders::remove(points, context, &mut findings);
    let points = stuck::remove(points, frequency, context, &mut findings);
    let points = scale::remove(points, context, &mut findings);
    gaps::note(&points, frequency, context, &mut findings);
    Screened { points, frequency, findings }
}

/// Takes the marked points out and returns their first and last row.
fn take_out(points: Vec<TracePoint>, marked: &[bool]) -> (Vec<TracePoint>, Option<(u32, u32)>) {
    let mut rows: Option<(u32, u32)> = None;
    let kept = points
        .into_iter()
        .zip(marked)
        .filter_map(|(point, out)| {
            if *out {
                rows = Some(
                    rows.map_or((point.row, point.row), |(first, last)| (first.min(point.row), last.max(point.row))),
                );
            }
            (!out).then_some(point)
        })
        .collect();
    (kept, rows)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests;
