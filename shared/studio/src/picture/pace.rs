//! The pace of a line: where its head is when.

use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::plot::Plot;
use crate::beats::Beats;
use crate::motion::{between, ease_both, progress};

/// The marks of a line.
pub(super) fn own(n: usize, marks: &[Mark]) -> Vec<&Mark> {
    marks.iter().filter(|mark| mark.trace as usize == n).collect()
}

/// The times at which a line's head must be where: it has begun in the first frame, reaches a marked point before that
/// point is spoken of, and the end of the line well before the end of the scene. `marks` are those of the line, and those of
/// others at which it is met.
pub(super) fn keys(
    n: usize,
    trace: &Trace,
    marks: &[&Mark],
    ranges: &[RangeMark],
    plot: &Plot,
    beats: &Beats,
) -> Vec<(f32, f32)> {
    const START: f32 = 0.35;
    const FASTEST: f32 = 1.1;
    /// How much of a line is there in the first frame: no scene begins with an empty plot.
    const AHEAD: f32 = 0.05;
    let span = (beats.seconds - START).max(0.5);
    // A line that joins later starts when it is named, if the scene does name it.
    let joins = if n == 0 { None } else { beats.named(&trace.series) };
    // It is there sooner where another one meets it that is spoken of.
    let meets = marks.iter().filter(|mark| mark.trace as usize != n).filter_map(|mark| beats.first(&mark.fact));
    let joins = joins.map(|at| meets.map(|at| at - 2.0 * FASTEST).fold(at - 0.4, f32::min));
    let (start, ahead) = joins.map_or((0.0, AHEAD), |at| (at.clamp(START, START + span * 0.6), 0.0));
    let end = start.max(START) + (span * 0.6).clamp(FASTEST, 11.0);
    let end = end.min(beats.seconds - 0.3).max(start + 0.2);
    let share = |date| plot.dates.share(date);
    let (first, last) =
        (trace.points.first().map_or(0.0, |p| share(p.date)), trace.points.last().map_or(1.0, |p| share(p.date)));
    let along = |x: f32| ((x - first) / (last - first).max(1e-6)).clamp(0.0, 1.0);
    let mut wanted: Vec<(f32, f32)> =
        marks.iter().filter_map(|mark| Some((beats.first(&mark.fact)? - 0.15, along(share(mark.date))))).collect();
    // A bracket closes at its later end, which must be there by then.
    wanted.extend(
        ranges
            .iter()
            .filter(|range| range.trace as usize == n)
            .filter_map(|range| Some((beats.first(&range.fact)? - 0.15, along(share(range.to))))),
    );
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut keys = vec![(start, ahead)];
    for (at, x) in wanted {
        let (before, reached) = keys[keys.len() - 1];
        if x > reached {
            keys.push((at.max(before + FASTEST * (x - reached).max(0.25)), x));
        }
    }
    let (before, reached) = keys[keys.len() - 1];
    if reached < 1.0 {
        keys.push((end.max(before + FASTEST * (1.0 - reached).max(0.4)), 1.0));
    }
    keys
}

/// Share of the way of a head at time `t`.
pub(super) fn along(keys: &[(f32, f32)], t: f32) -> f32 {
    let after = keys.partition_point(|key| key.0 <= t);
    match (after.checked_sub(1).and_then(|n| keys.get(n)), keys.get(after)) {
        (Some(a), Some(b)) => between(a.1, b.1, ease_both(progress(t, a.0, b.0 - a.0))),
        (Some(a), None) => a.1,
        _ => 0.0,
    }
}

/// When a head reaches a share of its way.
pub(super) fn reached(keys: &[(f32, f32)], share: f32) -> f32 {
    let end = keys.last().map_or(0.0, |key| key.0);
    let steps = (end * 30.0).ceil() as u32;
    (0..=steps).map(|n| n as f32 / 30.0).find(|t| along(keys, *t) >= share - 1e-3).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_only_moves_forward_and_arrives() {
        let keys = [(0.4, 0.0), (2.0, 0.3), (5.0, 1.0)];
        let way: Vec<f32> = (0..180).map(|n| along(&keys, n as f32 / 30.0)).collect();
        assert!(way.windows(2).all(|pair| pair[1] >= pair[0]));
        assert_eq!((way[0], way[179]), (0.0, 1.0));
        assert!((reached(&keys, 0.3) - 2.0).abs() < 0.05);
    }
}
