//! Durations and curves of movements.

use proofreel_model::channel::{CurveName, MotionKeys};
use proofreel_model::policy::themes;

/// A cubic Bézier curve from (0, 0) to (1, 1), as CSS's `cubic-bezier` has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    x1: f32,
    y1: f32,
    x2: f32,
    y2: f32,
}

impl Curve {
    /// The curve with these control points; x is held to 0–1, so that time never runs backwards.
    pub fn new(points: [f64; 4]) -> Self {
        let [x1, y1, x2, y2] = points.map(|part| part as f32);
        Self { x1: x1.clamp(0.0, 1.0), y1, x2: x2.clamp(0.0, 1.0), y2 }
    }

    /// Share of the movement that is done after a share of its time (0–1).
    pub fn at(self, share: f32) -> f32 {
        let share = share.clamp(0.0, 1.0);
        if share == 0.0 || share == 1.0 {
            return share;
        }
        // The parameter whose x is the share: x grows with it, so halving finds it.
        let (mut low, mut high) = (0.0f32, 1.0f32);
        for _ in 0..20 {
            let middle = f32::midpoint(low, high);
            if bezier(middle, self.x1, self.x2) < share { low = middle } else { high = middle }
        }
        bezier(f32::midpoint(low, high), self.y1, self.y2)
    }
}

/// One coordinate of the curve with end points 0 and 1.
fn bezier(t: f32, first: f32, second: f32) -> f32 {
    let rest = 1.0 - t;
    3.0 * rest * rest * t * first + 3.0 * rest * t * t * second + t * t * t
}

/// How things move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// Speed against the law's; lengths below have it already.
    pub pace: f32,
    /// A part of a picture comes in, seconds.
    pub enter: f32,
    /// A picture goes, seconds.
    pub leave: f32,
    /// Attention is drawn to something that is there, seconds.
    pub emphasis: f32,
    /// From one part of a group to the next, seconds.
    pub stagger: f32,
    /// How things arrive.
    pub arrive: Curve,
    /// How things go.
    pub depart: Curve,
    /// How things move between two places.
    pub between: Curve,
}

impl Motion {
    /// The motion that keys say; what they leave out is even and takes no time.
    pub(super) fn of(keys: &MotionKeys) -> Self {
        let pace = keys.pace.unwrap_or(1.0).max(0.1);
        let seconds = |length: Option<f64>| (length.unwrap_or(0.0) / pace) as f32;
        let even = [0.0, 0.0, 1.0, 1.0];
        let curves = themes().curves.get(&keys.curve.unwrap_or(CurveName::Calm));
        Self {
            pace: pace as f32,
            enter: seconds(keys.enter),
            leave: seconds(keys.leave),
            emphasis: seconds(keys.emphasis),
            stagger: seconds(keys.stagger),
            arrive: Curve::new(curves.map_or(even, |curves| curves.arrive)),
            depart: Curve::new(curves.map_or(even, |curves| curves.depart)),
            between: Curve::new(curves.map_or(even, |curves| curves.between)),
        }
    }
}
