//! Rectangles: in layout units and in whole pixels.

use serde::{Deserialize, Serialize};

/// A rectangle in layout units (pixels, fractional).
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Area {
    /// The rectangle with this corner and size.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// Right edge.
    pub fn right(self) -> f32 {
        self.x + self.w
    }

    /// Bottom edge.
    pub fn bottom(self) -> f32 {
        self.y + self.h
    }

    /// Middle, horizontally.
    pub fn centre_x(self) -> f32 {
        self.x + self.w / 2.0
    }

    /// Middle, vertically.
    pub fn centre_y(self) -> f32 {
        self.y + self.h / 2.0
    }

    /// The rectangle without strips of these widths at its four sides; never negative.
    #[must_use]
    pub fn without(self, left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self::new(self.x + left, self.y + top, (self.w - left - right).max(0.0), (self.h - top - bottom).max(0.0))
    }

    /// The rectangle grown by `by` on every side.
    #[must_use]
    pub fn grown(self, by: f32) -> Self {
        Self::new(self.x - by, self.y - by, self.w + 2.0 * by, self.h + 2.0 * by)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// True when both share some area.
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// True when `other` lies inside, edges included.
    pub fn holds(self, other: Self) -> bool {
        const SLACK: f32 = 0.01;
        other.x >= self.x - SLACK
            && other.y >= self.y - SLACK
            && other.right() <= self.right() + SLACK
            && other.bottom() <= self.bottom() + SLACK
    }

    /// True when the point lies inside.
    pub fn has(self, x: f32, y: f32) -> bool {
        x >= self.x && x <= self.right() && y >= self.y && y <= self.bottom()
    }

    /// The smallest pixel rectangle around it, with one pixel of room for soft edges.
    pub fn pixels(self) -> Pixels {
        Pixels {
            left: self.x.floor() as i32 - 1,
            top: self.y.floor() as i32 - 1,
            right: self.right().ceil() as i32 + 1,
            bottom: self.bottom().ceil() as i32 + 1,
        }
    }
}

/// A rectangle of whole pixels, right and bottom exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pixels {
    /// First column.
    pub left: i32,
    /// First row.
    pub top: i32,
    /// Column after the last.
    pub right: i32,
    /// Row after the last.
    pub bottom: i32,
}

impl Pixels {
    /// All pixels of a picture.
    pub fn whole(width: u32, height: u32) -> Self {
        Self { left: 0, top: 0, right: width as i32, bottom: height as i32 }
    }

    /// True when there is no pixel in it.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// Number of pixels.
    pub fn count(self) -> i64 {
        if self.is_empty() { 0 } else { i64::from(self.right - self.left) * i64::from(self.bottom - self.top) }
    }

    /// What both share; may be empty.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// True when both share a pixel.
    pub fn meets(self, other: Self) -> bool {
        !self.common(other).is_empty()
    }

    /// True when `other` lies inside.
    pub fn holds(self, other: Self) -> bool {
        self.common(other) == other
    }

    /// Grown to even edges, as chroma planes of half size need, inside `whole`.
    #[must_use]
    pub fn even(self, whole: Self) -> Self {
        Self { left: self.left & !1, top: self.top & !1, right: (self.right + 1) & !1, bottom: (self.bottom + 1) & !1 }
            .common(whole)
    }
}
