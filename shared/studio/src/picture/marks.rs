//! Labels of points, placed where they hide nothing.

use proofreel_model::text::RichText;

use super::frame::Text;
use crate::geometry::Area;
use crate::motion::opacity;
use crate::ops::Op;
use crate::text::{Align, SetText, TextStyle, Typesetter, pieces, stacked};
use crate::theme::Theme;

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
const DIRECTIONS: [(f32, f32); 16] = [
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
    (2.0, -1.0),
    (-2.0, -1.0),
    (2.0, 1.0),
    (-2.0, 1.0),
];
/// Distances tried, pixels from the point to the label's nearest edge. The farthest lead out of the thick of a line that swings over
/// half the height of an upright picture.
const DISTANCES: [f32; 7] = [32.0, 60.0, 96.0, 144.0, 210.0, 290.0, 380.0];

/// What a step away from the point costs, and a step down the list of directions.
const FARTHER: f32 = 3.0;
const NEXT: f32 = 0.4;
/// What a label in two lines costs beside one that is easier read in one.
const STACKED: f32 = 2.0;
/// Small type for labels, as a share of what the others have, and what it costs: only where all else hides a line or stands far off.
const SMALL: f32 = 0.75;
const SHRUNK: f32 = 20.0;
/// What it costs to lie over a line, a pixel of it: what a viewer came to see is worth a way, which a leader bridges. A line that
/// crosses a label upright costs as much as the farthest of the places around a point.
const HIDDEN: f32 = 0.5;
/// What a place costs that is none of those around the point, and what each pixel from there to the point does: where a record
/// swings over the whole height of a picture, the free places are few, and lie anywhere.
const ELSEWHERE: f32 = 8.0;
const PIXEL: f32 = 0.06;
/// What it costs when something stands between label and point: more than the way to any place on the point's own side.
const CUT_OFF: f32 = 26.0;

/// Pixels from sample to sample of the way between a point and its label: less than the thinnest thing with its margin is wide.
const STEP: f32 = 4.0;

/// How far the middle of a label may lie beside its point, as a share of its width, before a leader ties the two.
const OFF_CENTRE: f32 = 0.2;
/// A label farther from its point than this has a leader, pixels from its edge.
const FAR: f32 = 34.0;

/// Where the leader of a label begins: the thin stroke from its edge to its point, for a label that stands far from its point
/// or not centred over or under it. None where it needs none: close over, under or beside it.
fn leader(label: Area, point: (f32, f32)) -> Option<(f32, f32)> {
    let is_level = (label.y..label.bottom()).contains(&point.1);
    let from = if is_level {
        (if point.0 < label.x { label.x - 4.0 } else { label.right() + 4.0 }, point.1)
    } else {
        let foot = point.0.clamp(label.x + 8.0, (label.right() - 8.0).max(label.x + 8.0));
        (foot, if label.bottom() < point.1 { label.bottom() + 4.0 } else { label.y - 4.0 })
    };
    let is_aside = !is_level && (label.centre_x() - point.0).abs() > label.w * OFF_CENTRE;
    let is_far = (from.0 - point.0).hypot(from.1 - point.1) > FAR;
    (is_aside || is_far).then_some(from)
}

/// The leader from the words of a point to it, of which `share` is there; none where these stand close to it.
pub(super) fn tie(label: &Text, point: (f32, f32), share: f32, theme: &Theme) -> Option<Op> {
    let from = leader(label.area(), point).filter(|_| share > 0.0)?;
    Some(stroke(from, point, share, theme))
}

/// The thin stroke of a leader, of which `share` is there.
pub(super) fn stroke(from: (f32, f32), to: (f32, f32), share: f32, theme: &Theme) -> Op {
    Op::Stroke { from, to, width: 2.0, colour: theme.palette.muted, opacity: opacity(share * 0.8) }
}

/// One of the ways in which a label can be set.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Width and height, pixels.
    pub size: (f32, f32),
    /// What it costs beside the nicest.
    pub cost: f32,
}

/// The words of a labelled point, where they hide least: in one line, or in two or in small type where only these leave lines
/// and uprights free. None when every place is taken.
pub(super) fn words(
    label: &RichText,
    point: (f32, f32),
    style: &TextStyle,
    field: &mut Field<'_>,
    theme: &Theme,
    type_: &mut Typesetter,
) -> Option<Text> {
    let wide = field.bounds.w * if theme.is_portrait() { 0.6 } else { 0.36 };
    let whole = pieces(label);
    let centred = style.aligned(Align::Centre);
    let ways = [(0.0, Some(whole.clone()), *style), (STACKED, stacked(&whole), centred)];
    let mut set: Vec<(f32, SetText)> = Vec::new();
    for (cost, words, style) in ways.iter().filter_map(|(cost, words, style)| Some((cost, words.as_ref()?, style))) {
        set.push((*cost, type_.fit(words, style, wide, style.size * 2.5, 2, 0.7)));
        let small = style.sized(style.size * SMALL);
        if small.size >= theme.least_size() {
            let block = type_.fit_whole(words, &small, (wide, small.size * 2.5), 2, 1.0);
            set.extend(block.map(|block| (cost + SHRUNK, block)));
        }
    }
    let forms: Vec<Form> =
        set.iter().map(|(cost, block)| Form { size: (block.width, block.height), cost: *cost }).collect();
    let (form, place) = field.place(point, &forms)?;
    Some(Text::plain(set.swap_remove(form).1, place.x, place.y, theme.palette.ink))
}

impl Field<'_> {
    /// The best place for the label of a point in one of these forms, and which of them; none when every place inside the
    /// bounds is taken.
    pub fn place(&mut self, point: (f32, f32), forms: &[Form]) -> Option<(usize, Area)> {
        let best = forms
            .iter()
            .enumerate()
            .filter_map(|(n, form)| {
                let (cost, label) = self.cheapest(point, form.size)?;
                Some((cost + form.cost, n, label))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        self.take(best.2, point);
        Some((best.1, best.2))
    }

    /// Takes the place of a label, and that of the leader which ties it to its point.
    fn take(&mut self, label: Area, point: (f32, f32)) {
        self.taken.push(label);
        let Some(from) = leader(label, point) else { return };
        let (dx, dy) = (point.0 - from.0, point.1 - from.1);
        let steps = (dx.hypot(dy) / STEP).ceil().max(1.0) as u32;
        let part = |step: u32| {
            let share = step as f32 / steps as f32;
            Area::new(from.0 + dx * share - 1.0, from.1 + dy * share - 1.0, 2.0, 2.0)
        };
        self.taken.extend((0..=steps).map(part));
    }

    /// The best free place for a label of this size, and what it costs.
    fn cheapest(&self, point: (f32, f32), size: (f32, f32)) -> Option<(f32, Area)> {
        let mut best: Option<(f32, Area)> = None;
        for (way, label) in self.around(point, size).chain(self.elsewhere(point, size)) {
            // Most places are farther off than the best one costs: they need no closer look.
            if best.is_some_and(|(least, _)| way >= least)
                || self.taken.iter().any(|other| other.grown(8.0).overlaps(label))
                || label.grown(10.0).has(point.0, point.1)
            {
                continue;
            }
            let apart = if self.cut_off(point, label) { CUT_OFF } else { 0.0 };
            let cost = way + self.crossings(label) * HIDDEN + apart;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, label));
            }
        }
        best
    }

    /// Places around a point with what their ways cost.
    fn around(&self, point: (f32, f32), (width, height): (f32, f32)) -> impl Iterator<Item = (f32, Area)> {
        (0..).zip(DISTANCES).flat_map(move |(far, distance): (i32, f32)| {
            (0..).zip(DIRECTIONS).map(move |(order, direction): (i32, _)| {
                let label = self.inside(beside(point, direction, distance, width, height));
                (far as f32 * FARTHER + order as f32 * NEXT, label)
            })
        })
    }

    /// Places all over the field with what their ways cost.
    fn elsewhere(&self, point: (f32, f32), (width, height): (f32, f32)) -> impl Iterator<Item = (f32, Area)> {
        let bounds = self.bounds;
        let steps = |room: f32, step: f32| {
            let step = step.max(STEP);
            (0..=(room.max(0.0) / step) as u32).map(move |n| n as f32 * step)
        };
        steps(bounds.h - height, height / 2.0).flat_map(move |y| {
            steps(bounds.w - width, width / 4.0).map(move |x| {
                let label = Area::new(bounds.x + x, bounds.y + y, width, height);
                let near = nearest(label, point);
                (ELSEWHERE + (near.0 - point.0).hypot(near.1 - point.1) * PIXEL, label)
            })
        })
    }

    /// Whether something taken stands between a point and its label, as an upright does; what is at the point itself does
    /// not part them.
    fn cut_off(&self, point: (f32, f32), label: Area) -> bool {
        let near = nearest(label, point);
        let (dx, dy) = (near.0 - point.0, near.1 - point.1);
        let steps = (dx.hypot(dy) / STEP).ceil().max(1.0) as u32;
        let between = |other: &&Area| !other.grown(2.0).has(point.0, point.1);
        self.taken.iter().filter(between).any(|other| {
            (1..steps).any(|step| {
                let share = step as f32 / steps as f32;
                other.grown(2.0).has(point.0 + dx * share, point.1 + dy * share)
            })
        })
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
            let near = path[from.saturating_sub(1)..(to + 1).min(path.len())].windows(2);
            length += near.map(|pair| length_inside(grown, pair[0], pair[1])).sum::<f32>();
        }
        length
    }
}

/// The place of a label that is nearest to a point.
fn nearest(label: Area, point: (f32, f32)) -> (f32, f32) {
    (point.0.clamp(label.x, label.right()), point.1.clamp(label.y, label.bottom()))
}

/// How much of the straight line between two points lies inside a rectangle, pixels. Exact: between yearly observations a line
/// runs farther than a label is wide, and samples of it would step over one.
fn length_inside(area: Area, from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    // The shares of its way between which it is inside both pairs of edges.
    let (mut enters, mut leaves) = (0.0f32, 1.0f32);
    for (start, way, low, high) in [(from.0, dx, area.x, area.right()), (from.1, dy, area.y, area.bottom())] {
        if way.abs() < 1e-6 {
            if start < low || start > high {
                return 0.0;
            }
            continue;
        }
        let (one, other) = ((low - start) / way, (high - start) / way);
        enters = enters.max(one.min(other));
        leaves = leaves.min(one.max(other));
    }
    dx.hypot(dy) * (leaves - enters).max(0.0)
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

    /// In one line, in two, as words are set.
    fn forms(sizes: &[(f32, f32)]) -> Vec<Form> {
        sizes.iter().zip([0.0, STACKED]).map(|(size, cost)| Form { size: *size, cost }).collect()
    }

    #[test]
    fn labels_overlap_neither_each_other_nor_their_points_and_stay_inside() {
        let path: Vec<(f32, f32)> =
            (0..200).map(|n| (n as f32 * 5.0, 300.0 + (n as f32 * 0.1).sin() * 150.0)).collect();
        let points: Vec<(f32, f32)> = path.iter().copied().step_by(24).collect();
        let paths = [path];
        let bounds = Area::new(0.0, 0.0, 1000.0, 600.0);
        let mut field = Field { bounds, paths: &paths, taken: Vec::new() };
        let mut labels: Vec<Area> = Vec::new();
        for point in &points {
            let before = field.taken.clone();
            let (_, label) = field.place(*point, &forms(&[(220.0, 44.0)])).expect("there is room");
            assert!(bounds.holds(label) && !label.has(point.0, point.1), "{label:?}");
            // Neither on a label nor on a leader.
            assert!(before.iter().all(|other| !other.overlaps(label)), "{label:?}");
            labels.push(label);
        }
        let led = points.iter().zip(&labels).filter(|(point, label)| leader(**label, **point).is_some()).count();
        assert!(field.taken.len() >= labels.len() + led, "leaders have their places: {led}");
    }

    #[test]
    fn a_label_beside_an_upright_stands_above_a_level_line_and_not_on_it() {
        let path: Vec<(f32, f32)> = (0..=200).map(|n| (n as f32 * 5.0, 300.0)).collect();
        let paths = [path];
        let (upright, floor) = (Area::new(498.5, 60.0, 3.0, 300.0), 360.0);
        let bounds = Area::new(0.0, 60.0, 1000.0, floor - 64.0);
        let point = Area::new(488.0, 288.0, 24.0, 24.0);
        let mut field = Field { bounds, paths: &paths, taken: vec![upright, point] };
        let (_, label) = field.place((500.0, 300.0), &forms(&[(264.0, 36.0)])).expect("there is room");
        assert_eq!(field.crossings(label), 0.0, "{label:?}");
        assert!(!label.overlaps(upright) && bounds.holds(label), "{label:?}");
        // It stays near its point.
        assert!((label.bottom() - 300.0).abs() < 40.0 && (label.x - 500.0).abs() < 60.0, "{label:?}");
    }

    #[test]
    fn a_line_between_two_observations_is_seen_behind_a_label() {
        let area = Area::new(100.0, 100.0, 40.0, 30.0);
        assert_eq!(length_inside(area, (0.0, 115.0), (1000.0, 115.0)), 40.0);
        assert_eq!(length_inside(area, (120.0, 228.0), (120.0, -28.0)), 30.0);
        assert_eq!(length_inside(area, (110.0, 110.0), (113.0, 114.0)), 5.0, "inside");
        assert_eq!(length_inside(area, (110.0, 110.0), (110.0, 110.0)), 0.0, "no line");
        assert_eq!(length_inside(area, (0.0, 140.0), (1000.0, 140.0)), 0.0, "below it");
        assert_eq!(length_inside(area, (0.0, 115.0), (90.0, 115.0)), 0.0, "before it");
        assert_eq!(length_inside(area, (90.0, 100.0), (130.0, 60.0)), 0.0, "past its corner");
        // A few years over the whole width: the label stands off the line.
        let paths = [vec![(0.0, 400.0), (500.0, 300.0), (1000.0, 400.0)]];
        let mut field = Field { bounds: Area::new(0.0, 0.0, 1000.0, 420.0), paths: &paths, taken: Vec::new() };
        let (_, label) = field.place((1000.0, 400.0), &forms(&[(240.0, 36.0)])).expect("there is room");
        assert_eq!(field.crossings(label), 0.0, "{label:?}");
    }

    #[test]
    fn where_a_record_swings_around_its_point_the_label_stands_in_a_gap_elsewhere() {
        // Up and down all over the picture, but for a gap that is little wider than the label.
        let low = |n: u32| if (105..154).contains(&n) { 200.0 } else { 520.0 };
        let path: Vec<(f32, f32)> =
            (0..=200).map(|n| (n as f32 * 5.0, if n % 2 == 0 { 80.0 } else { low(n) })).collect();
        let paths = [path];
        let bounds = Area::new(0.0, 60.0, 1000.0, 480.0);
        let mut field = Field { bounds, paths: &paths, taken: Vec::new() };
        let point = (200.0, 300.0);
        let (_, label) = field.place(point, &forms(&[(200.0, 40.0)])).expect("there is room");
        assert_eq!(field.crossings(label), 0.0, "{label:?}");
        assert!(bounds.holds(label) && leader(label, point).is_some(), "{label:?}");
    }

    #[test]
    fn a_leader_ties_a_label_that_stands_far_or_aside() {
        let label = |x: f32, y: f32| Area::new(x, y, 200.0, 40.0);
        let point = (500.0, 300.0);
        assert_eq!(leader(label(400.0, 228.0), point), None, "centred over it");
        assert_eq!(leader(label(532.0, 280.0), point), None, "beside it");
        assert_eq!(leader(label(400.0, 160.0), point), Some((500.0, 204.0)), "centred and far");
        assert_eq!(leader(label(475.0, 228.0), point), Some((500.0, 272.0)), "over it and aside");
        assert_eq!(leader(label(525.0, 332.0), point), Some((533.0, 328.0)), "under it and aside");
        assert_eq!(leader(label(560.0, 280.0), point), Some((556.0, 300.0)), "beside it and far");
        assert_eq!(leader(label(240.0, 280.0), point), Some((444.0, 300.0)), "on the other side");
    }

    #[test]
    fn no_room_is_told() {
        let mut field = Field {
            bounds: Area::new(0.0, 0.0, 300.0, 60.0),
            paths: &[],
            taken: vec![Area::new(0.0, 0.0, 300.0, 60.0)],
        };
        assert!(field.place((150.0, 30.0), &forms(&[(100.0, 30.0), (60.0, 60.0)])).is_none());
    }

    /// An upright picture: a point near the left edge, an upright to its right, and less room between than the label is wide.
    #[test]
    fn a_label_stays_on_its_side_of_an_upright_and_goes_into_two_lines_for_that() {
        let path: Vec<(f32, f32)> = (0..=180).map(|n| (n as f32 * 5.0, 700.0 - (n as f32 * 1.2).min(90.0))).collect();
        let paths = [path];
        let upright = Area::new(320.0, 200.0, 3.0, 600.0);
        let point = (160.0, 660.0);
        let taken = || vec![upright, Area::new(point.0 - 12.0, point.1 - 12.0, 24.0, 24.0)];
        let bounds = Area::new(0.0, 200.0, 900.0, 600.0);
        let (one, two) = ((340.0, 40.0), (190.0, 80.0));
        let mut field = Field { bounds, paths: &paths, taken: taken() };
        let (form, label) = field.place(point, &forms(&[one, two])).expect("there is room");
        assert!(form == 1 && label.right() < upright.x, "{form} {label:?}");
        assert_eq!(field.crossings(label), 0.0, "{label:?}");
        // With room on its side it stays in one line there.
        let mut field = Field { bounds, paths: &paths, taken: taken() };
        let (form, label) = field.place(point, &forms(&[(220.0, 40.0), two])).expect("there is room");
        assert!(form == 0 && label.right() < upright.x, "{form} {label:?}");
        // Where no form fits on its side it is on the other rather than nowhere.
        let mut field = Field { bounds, paths: &paths, taken: taken() };
        let (_, label) = field.place(point, &forms(&[one])).expect("there is room");
        assert!(label.x > upright.right(), "{label:?}");
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
