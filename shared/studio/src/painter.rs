//! Repaints only what changed between two frames.

use tiny_skia::Pixmap;

use crate::canvas;
use crate::geometry::Pixels;
use crate::ops::Op;

/// Rectangles that changed; they do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage(Vec<Pixels>);

/// More rectangles than this are merged: each costs a pass over the list.
const MOST: usize = 14;

impl Damage {
    /// The whole picture.
    pub fn whole(width: u32, height: u32) -> Self {
        Self(vec![Pixels::whole(width, height)])
    }

    /// The rectangles.
    pub fn parts(&self) -> &[Pixels] {
        &self.0
    }

    /// Adds a rectangle, merging it with those it meets.
    pub fn add(&mut self, part: Pixels) {
        if part.is_empty() || self.0.iter().any(|have| have.holds(part)) {
            return;
        }
        let mut part = part;
        while let Some(at) = self.0.iter().position(|have| have.meets(part)) {
            part = part.around(self.0.swap_remove(at));
        }
        self.0.push(part);
        if self.0.len() > MOST {
            self.merge_cheapest();
        }
    }

    fn merge_cheapest(&mut self) {
        let mut best = (i64::MAX, 0, 1);
        for a in 0..self.0.len() {
            for b in a + 1..self.0.len() {
                let cost = self.0[a].around(self.0[b]).count() - self.0[a].count() - self.0[b].count();
                if cost < best.0 {
                    best = (cost, a, b);
                }
            }
        }
        let second = self.0.swap_remove(best.2);
        let first = self.0.swap_remove(best.1);
        self.add(first.around(second));
    }

    /// Grows until nothing indivisible is cut by an edge.
    fn widen_for(&mut self, ops: &[Op], whole: Pixels) {
        let fixed: Vec<Pixels> =
            ops.iter().filter(|op| !op.is_divisible()).map(|op| op.bounds().common(whole)).collect();
        while let Some(cut) = fixed.iter().find(|bounds| {
            self.0.iter().any(|part| part.meets(**bounds)) && !self.0.iter().any(|part| part.holds(**bounds))
        }) {
            self.add(*cut);
        }
    }
}

/// A canvas that remembers what it shows.
pub struct Painter {
    canvas: Pixmap,
    shown: Vec<Op>,
}

impl Painter {
    /// Starts with a scene's unchanging part.
    pub fn new(base: &Pixmap) -> Self {
        Self { canvas: base.clone(), shown: Vec::new() }
    }

    /// The picture as it is now.
    pub fn canvas(&self) -> &Pixmap {
        &self.canvas
    }

    /// Starts over with another scene; everything is damaged.
    pub fn restart(&mut self, base: &Pixmap) -> Damage {
        let whole = Pixels::whole(base.width(), base.height());
        canvas::copy(base, &mut self.canvas, whole);
        self.shown.clear();
        Damage(vec![whole])
    }

    /// Shows `ops` over `base`; tells which pixels may have changed. The result is what drawing everything anew would give.
    pub fn show(&mut self, base: &Pixmap, ops: Vec<Op>) -> Damage {
        let whole = Pixels::whole(base.width(), base.height());
        let mut damage = Damage::default();
        for part in changed(&self.shown, &ops) {
            damage.add(part.common(whole));
        }
        if damage.0.is_empty() {
            self.shown = ops;
            return damage;
        }
        damage.widen_for(&ops, whole);
        for part in &damage.0 {
            canvas::copy(base, &mut self.canvas, *part);
            for op in ops.iter().filter(|op| op.bounds().meets(*part)) {
                op.draw(&mut self.canvas, *part);
            }
        }
        self.shown = ops;
        damage
    }
}

/// Pixels touched by what is in one list and not in the other. Equal runs at both ends are skipped first.
fn changed(old: &[Op], new: &[Op]) -> Vec<Pixels> {
    let same = |a: &[Op], b: &[Op]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let head = same(old, new);
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut gone: Vec<&Op> = old.iter().filter(|op| !new.contains(op)).collect();
    let mut out = Vec::new();
    for op in new.iter().filter(|op| !old.contains(op)) {
        // A layer that only shows more or less of itself changes in a strip.
        if let Some((at, strip)) = gone.iter().enumerate().find_map(|(at, before)| Some((at, strip(before, op)?))) {
            gone.swap_remove(at);
            out.push(strip);
        } else {
            out.push(op.bounds());
        }
    }
    out.extend(gone.iter().map(|op| op.bounds()));
    out
}

/// Where two views of one layer differ, when only their right edges do.
fn strip(before: &Op, after: &Op) -> Option<Pixels> {
    let (Op::Layer { sprite, x, y, clip, opacity }, Op::Layer { sprite: s, x: x2, y: y2, clip: c, opacity: o }) =
        (before, after)
    else {
        return None;
    };
    let alike = sprite == s && x == x2 && y == y2 && opacity == o;
    let only_right = clip.left == c.left && clip.top == c.top && clip.bottom == c.bottom;
    (alike && only_right).then(|| Pixels { left: clip.right.min(c.right), right: clip.right.max(c.right), ..*clip })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::Colour;
    use crate::geometry::Area;
    use crate::ops::Sprite;
    use std::sync::Arc;

    const RED: Colour = Colour { r: 220, g: 30, b: 30 };

    fn scene(t: f32) -> Vec<Op> {
        let mut sprite = Pixmap::new(100, 60).expect("sprite");
        canvas::line(&mut sprite, &[(5.0, 50.0), (95.0, 10.0)], 6.0, RED, 255);
        thread_local!(static SPRITE: std::cell::RefCell<Option<Sprite>> = const { std::cell::RefCell::new(None) });
        let sprite = SPRITE.with(|kept| kept.borrow_mut().get_or_insert_with(|| Sprite(Arc::new(sprite))).clone());
        vec![
            Op::Layer {
                sprite,
                x: 20,
                y: 20,
                clip: Pixels { left: 20, top: 20, right: 20 + (t * 100.0) as i32, bottom: 80 },
                opacity: 200,
            },
            Op::Fill { area: Area::new(10.0, 10.0, 40.5 * t, 20.25), colour: Colour::WHITE, opacity: 120 },
            Op::Disc { centre: (30.0 + 80.0 * t, 40.0), radius: 9.5, colour: RED, opacity: 180 },
            Op::Ring { centre: (70.0, 50.0), radius: 20.0, width: 3.0, colour: Colour::WHITE, opacity: 255 },
        ]
    }

    #[test]
    fn partial_repainting_equals_drawing_anew() {
        let base = canvas::blank(160, 120, Colour { r: 14, g: 20, b: 32 }).expect("canvas");
        let mut kept = Painter::new(&base);
        for step in 0..=24 {
            let ops = scene(step as f32 / 24.0);
            kept.show(&base, ops.clone());
            let mut fresh = Painter::new(&base);
            fresh.show(&base, ops);
            assert_eq!(kept.canvas().data(), fresh.canvas().data(), "step {step}");
        }
    }

    #[test]
    fn an_unchanged_frame_damages_nothing_and_a_moving_head_little() {
        let base = canvas::blank(160, 120, Colour::BLACK).expect("canvas");
        let mut painter = Painter::new(&base);
        painter.show(&base, scene(0.5));
        assert_eq!(painter.show(&base, scene(0.5)).parts(), []);
        let moved: i64 = painter.show(&base, scene(0.52)).parts().iter().map(|part| part.count()).sum();
        assert!(moved < 160 * 120 / 2, "{moved}");
    }
}
