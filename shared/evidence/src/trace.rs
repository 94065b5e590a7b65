//! Series for drawing: source observations, thinned but never averaged.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_model::series::SeriesRef;
use proofreel_model::visual::TracePoint;

use crate::library::Library;

/// Points of a series inside a window (both ends included), at most `max_points`: the first, the last, every
/// point at a date in `keep`, and the highest and lowest of equal stretches between. Only when the points that
/// must be kept are more than `max_points` are there more. `None` when the series or window has no point.
pub fn trace(
    library: &Library,
    series: &SeriesRef,
    from: Option<Date>,
    to: Option<Date>,
    max_points: usize,
    keep: &[Date],
) -> Option<Vec<TracePoint>> {
    let points = &library.series(series)?.points;
    let start = from.map_or(0, |from| points.partition_point(|point| point.date < from));
    let end = to.map_or(points.len(), |to| points.partition_point(|point| point.date <= to));
    let window = points.get(start..end).filter(|window| !window.is_empty())?;
    if window.len() <= max_points {
        return Some(window.to_vec());
    }
    let mut chosen: BTreeSet<usize> = [0, window.len() - 1].into();
    chosen.extend(keep.iter().filter_map(|date| window.binary_search_by_key(date, |point| point.date).ok()));
    let buckets = max_points.saturating_sub(chosen.len()) / 2;
    for bucket in 0..buckets {
        let range = bucket * window.len() / buckets..(bucket + 1) * window.len() / buckets;
        let by_value = |a: &usize, b: &usize| window[*a].value.total_cmp(&window[*b].value).then(b.cmp(a));
        chosen.extend(range.clone().max_by(by_value));
        chosen.extend(range.min_by(|a, b| window[*a].value.total_cmp(&window[*b].value).then(a.cmp(b))));
    }
    Some(chosen.into_iter().map(|at| window[at]).collect())
}
