//! Labels of points, placed where they hide nothing.

use crate::geometry::Area;

/// What a label must not cover, and where it may lie.
pub struct Field<'a> {
    /// Where labels may lie.
    pub bounds: Area,
    /// Lines that are better left free.
    pub paths: &'a [Vec<(f32, f32)>],
    /// Places already taken.
    pub taken: Vec<Area>,
}

/// Directions tried around a point (x, y), nicest first. The last stand aside of it altogether: an upright through the
/// point stays free, and so does a line that runs level there.
const DIRECTIONS: [(f32, f32); 12] = [
    (0.0, -1.0),
    (-0.75, -1.0),
    (0.75, -1.0),
    (0.0, 1.0),
    (-0.75, 1.0),
    (0.75, 1.0),
    (-1.0, 0.0),
    (1.0, 0.0),
    (1.25, -1.0),
    (-1.25, -1.0),
    (1.25, 1.0),
    (-1.25, 1.0),
];
/// Distances tried, pixels from the point to the label's nearest edge.
const DISTANCES: [f32; 5] = [32.0, 60.0, 96.0, 144.0, 210.0];

impl Field<'_> {
    /// The best place for a label of this size near `point`; none when every place inside the bounds is taken.
    pub fn place(&mut self, point: (f32, f32), width: f32, height: f32) -> Option<Area> {
        let mut best: Option<(f32, Area)> = None;
        for (far, distance) in DISTANCES.into_iter().enumerate() {
            for (order, direction) in DIRECTIONS.into_iter().enumerate() {
                let label = self.inside(beside(point, direction, distance, width, height));
                if self.taken.iter().any(|other| other.grown(8.0).overlaps(label))
                    || label.grown(10.0).has(point.0, point.1)
                {
                    continue;
                }
                let cost = far as f32 * 3.0 + order as f32 * 0.4 + self.crossings(label) / 8.0;
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    best = Some((cost, label));
                }
            }
        }
        let (_, label) = best?;
        self.taken.push(label);
        Some(label)
    }

    /// Moved inside the bounds, as far as it fits.
    fn inside(&self, label: Area) -> Area {
        let fit = |at: f32, length: f32, low: f32, high: f32| at.min(high - length).max(low);
        Area {
            x: fit(label.x, label.w, self.bounds.x, self.bounds.right()),
            y: fit(label.y, label.h, self.bounds.y, self.bounds.bottom()),
            ..label
        }
    }

    /// How much line lies behind a label, pixels.
    fn crossings(&self, label: Area) -> f32 {
        let grown = label.grown(6.0);
        let mut length = 0.0;
        for path in self.paths {
            let from = path.partition_point(|point| point.0 < grown.x);
            let to = path.partition_point(|point| point.0 <= grown.right());
            for pair in path[from.saturating_sub(1)..(to + 1).min(path.len())].windows(2) {
                // Four samples a segment are enough for segments of a few pixels.
                for quarter in 0..4 {
                    let share = quarter as f32 / 4.0;
                    let (x, y) =
                        (pair[0].0 + (pair[1].0 - pair[0].0) * share, pair[0].1 + (pair[1].1 - pair[0].1) * share);
                    if grown.has(x, y) {
                        length += (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1) / 4.0;
                    }
                }
            }
        }
        length
    }
}

fn beside(point: (f32, f32), direction: (f32, f32), distance: f32, width: f32, height: f32) -> Area {
    let x = point.0 - width / 2.0 + direction.0 * (width / 2.0 + if direction.1 == 0.0 { distance } else { 0.0 });
    let y = point.1 - height / 2.0 + direction.1 * (height / 2.0 + distance);
    Area::new(x, y, width, height)
}

/// Moves labels of one column apart: each as near as can be to where it wants to be (its centre), none closer than its
/// height, all inside `low`–`high`. Gives the centres in the order of the input.
pub fn spread(wanted: &[f32], height: f32, low: f32, high: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut at: Vec<f32> =
        order.iter().map(|n| wanted[*n].clamp(low + height / 2.0, (high - height / 2.0).max(low))).collect();
    for _ in 0..60 {
        for n in 1..at.len() {
            let overlap = at[n - 1] + height - at[n];
            if overlap > 0.0 {
                at[n - 1] -= overlap / 2.0;
                at[n] += overlap / 2.0;
            }
        }
        let count = at.len();
        for (n, y) in at.iter_mut().enumerate() {
            *y = y.max(low + height * (n as f32 + 0.5)).min(high - height * ((count - n) as f32 - 0.5));
        }
    }
    let mut out = vec![0.0; wanted.len()];
    for (place, n) in order.into_iter().enumerate() {
        out[n] = at[place];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_overlap_neither_each_other_nor_their_points_and_stay_inside() {
        let path: Vec<(f32, f32)> =
            (0..200).map(|n| (n as f32 * 5.0, 300.0 + (n as f32 * 0.1).sin() * 150.0)).collect();
        let points: Vec<(f32, f32)> = path.iter().copied().step_by(24).collect();
        let paths = [path];
        let bounds = Area::new(0.0, 0.0, 1000.0, 600.0);
        let mut field = Field { bounds, paths: &paths, taken: Vec::new() };
        for point in &points {
            let label = field.place(*point, 220.0, 44.0).expect("there is room");
            assert!(bounds.holds(label) && !label.has(point.0, point.1), "{label:?}");
        }
        for (n, a) in field.taken.iter().enumerate() {
            assert!(field.taken[n + 1..].iter().all(|b| !a.overlaps(*b)));
        }
    }

    #[test]
    fn a_label_beside_an_upright_stands_above_a_level_line_and_not_on_it() {
        let path: Vec<(f32, f32)> = (0..=200).map(|n| (n as f32 * 5.0, 300.0)).collect();
        let paths = [path];
        let (upright, floor) = (Area::new(498.5, 60.0, 3.0, 300.0), 360.0);
        let bounds = Area::new(0.0, 60.0, 1000.0, floor - 64.0);
        let point = Area::new(488.0, 288.0, 24.0, 24.0);
        let mut field = Field { bounds, paths: &paths, taken: vec![upright, point] };
        let label = field.place((500.0, 300.0), 264.0, 36.0).expect("there is room");
        assert_eq!(field.crossings(label), 0.0, "{label:?}");
        assert!(!label.overlaps(upright) && bounds.holds(label), "{label:?}");
        // It stays near its point.
        assert!((label.bottom() - 300.0).abs() < 40.0 && (label.x - 500.0).abs() < 60.0, "{label:?}");
    }

    #[test]
    fn no_room_is_told() {
        let mut field = Field {
            bounds: Area::new(0.0, 0.0, 300.0, 60.0),
            paths: &[],
            taken: vec![Area::new(0.0, 0.0, 300.0, 60.0)],
        };
        assert!(field.place((150.0, 30.0), 100.0, 30.0).is_none());
    }

    #[test]
    fn labels_of_a_column_are_spread() {
        let at = spread(&[100.0, 104.0, 101.0, 400.0], 40.0, 0.0, 420.0);
        let mut sorted = at.clone();
        sorted.sort_by(f32::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] > 39.5), "{at:?}");
        assert!(at[0] < at[2] && at[2] < at[1], "order is kept: {at:?}");
        assert!(sorted[3] <= 400.5 && sorted[0] >= 19.5);
    }
}
