//! How much of a picture's marks lies under its labels: measured on the draw list.

use proofreel_model::policy::law;
use proofreel_model::visual::Visual;

use crate::geometry::Pixels;
use crate::inscription::{Role, one_line};
use crate::ops::Op;
use crate::text::Block;

/// From this opacity on a mark is one that a label keeps off. Shades, hair lines, strings and fading areas are fainter.
const SOLID: u8 = 170;
/// Width of the stroke that leads from a label to its point, pixels; what counts is wider.
const LEADER: f32 = 2.0;
/// From this coverage on a pixel of a letter is ink and not its soft edge.
const INKED: u8 = 64;

/// A label or figure, and what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The text.
    pub text: String,
    /// Pixels of lines, bars, columns and dots under its letters: of the pixel columns and of the rows in which some lie
    /// between the first and the last letter of a line, the more. A line that runs through a label from end to end counts as
    /// many as the label is wide; one that crosses it upright as many as its letters are high.
    pub pixels: u32,
    /// How many there may be, by the law's `episode.label_over`. A line that crosses a label upright is hidden for as much as
    /// its letters are high, and seen above and below; one that runs along it is hidden for the whole of its length. The plate
    /// behind a label makes what lies under it faint but does not give the line back.
    pub most: u32,
}

/// What every label and figure of a frame covers that is wholly there; of nothing, 0.
pub fn covered(ops: &[Op]) -> Vec<Covered> {
    let marks: Vec<(&Op, Pixels)> = ops.iter().filter(|op| is_mark(op)).map(|op| (op, op.bounds())).collect();
    ops.iter()
        .filter_map(|op| {
            let Op::Text { block, x, y, opacity: 255, .. } = op else { return None };
            if !matches!(block.role, Role::Label | Role::Figure) || block.text.trim().is_empty() {
                return None;
            }
            let pad = block.pad as i32;
            let corner = (x - pad, y.round() as i32 - pad);
            let most = (lettered_rows(block) as f32 * law().episode.label_over) as u32;
            Some(Covered { text: one_line(&block.text), pixels: under(block, corner, &marks), most })
        })
        .collect()
}

/// Labels of a chart's frame that cover more than the law allows. Rows of a ranking, parts of a whole and the badge of a
/// comparison are made to carry texts, and cards lie over a faint line: they hide nothing.
pub fn hiding(visual: &Visual, ops: &[Op]) -> Vec<String> {
    let carries = matches!(visual, Visual::Ranking { .. } | Visual::Share { .. } | Visual::Comparison { .. });
    if carries || !visual.is_chart() {
        return Vec::new();
    }
    covered(ops)
        .into_iter()
        .filter(|label| label.pixels > label.most)
        .map(|label| format!("`{}` lies over {} pixels of a mark, not {}", label.text, label.pixels, label.most))
        .collect()
}

/// Lines, bars, columns. Points are not: they are drawn over everything; nor are leaders, which tell nothing where they pass below
/// another label's plate.
fn is_mark(op: &Op) -> bool {
    match op {
        Op::Layer { opacity, .. } | Op::Fill { opacity, .. } => *opacity >= SOLID,
        Op::Stroke { opacity, width, .. } => *opacity >= SOLID && *width > LEADER,
        // What is round and lets through is the plate behind a label.
        Op::Round { opacity, .. } => *opacity == 255,
        _ => false,
    }
}

fn under(block: &Block, (left, top): (i32, i32), marks: &[(&Op, Pixels)]) -> u32 {
    let Some(size) = block.masks.iter().flatten().next() else { return 0 };
    let whole = Pixels { left, top, right: left + size.width as i32, bottom: top + size.height as i32 };
    let near: Vec<&Op> =
        marks.iter().filter(|(_, bounds)| !bounds.common(whole).is_empty()).map(|(op, _)| *op).collect();
    if near.is_empty() {
        return 0;
    }
    let (mut columns, mut rows) = (vec![false; size.width as usize], 0u32);
    for row in 0..size.height {
        let Some((from, to)) = letters(block, row as usize) else { continue };
        let mut is_hit = false;
        for (column, seen) in columns.iter_mut().enumerate().take(to + 1).skip(from) {
            if near.iter().any(|mark| shows(mark, (left + column as i32, top + row as i32))) {
                (*seen, is_hit) = (true, true);
            }
        }
        rows += u32::from(is_hit);
    }
    rows.max(columns.iter().filter(|hit| **hit).count() as u32)
}

/// How many rows of a block have ink: the height of its letters, line by line.
fn lettered_rows(block: &Block) -> usize {
    let rows = block.masks.iter().flatten().next().map_or(0, |mask| mask.height as usize);
    (0..rows).filter(|row| letters(block, *row).is_some()).count()
}

/// First and last pixel with ink in a row of a block.
fn letters(block: &Block, row: usize) -> Option<(usize, usize)> {
    let ends = block.masks.iter().flatten().filter_map(|mask| {
        let wide = mask.width as usize;
        let cells = mask.data.get(row * wide..(row + 1) * wide)?;
        let is_ink = |cell: &u8| *cell >= INKED;
        Some((cells.iter().position(is_ink)?, cells.iter().rposition(is_ink)?))
    });
    ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// True when a mark shows at a pixel.
fn shows(mark: &Op, (column, row): (i32, i32)) -> bool {
    let (px, py) = (column as f32 + 0.5, row as f32 + 0.5);
    match mark {
        Op::Fill { area, .. } | Op::Round { area, .. } => area.has(px, py),
        Op::Stroke { from, to, width, .. } => away(*from, *to, (px, py)) <= width / 2.0,
        Op::Layer { sprite, x, y, clip, .. } => {
            let pixmap = &sprite.0;
            let place = Pixels { left: column, top: row, right: column + 1, bottom: row + 1 };
            let (Ok(across), Ok(down)) = (u32::try_from(column - x), u32::try_from(row - y)) else { return false };
            clip.holds(place)
                && across < pixmap.width()
                && pixmap.pixel(across, down).is_some_and(|pixel| pixel.alpha() >= SOLID)
        }
        _ => false,
    }
}

/// Distance of a point from a straight line between two others, pixels.
fn away(from: (f32, f32), to: (f32, f32), point: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = ((point.0 - from.0) * dx + (point.1 - from.1) * dy) / (dx * dx + dy * dy).max(1e-6);
    let share = along.clamp(0.0, 1.0);
    (from.0 + dx * share - point.0).hypot(from.1 + dy * share - point.1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proofreel_model::text::RichText;
    use tiny_skia::Pixmap;

    use super::*;
    use crate::canvas;
    use crate::colour::Colour;
    use crate::geometry::Area;
    use crate::ops::Sprite;
    use crate::samples::typesetter;
    use crate::text::{SetText, TextStyle, Weight, ink};

    fn chart() -> Visual {
        Visual::Area { heading: RichText::plain("Gold"), traces: Vec::new(), marks: Vec::new(), ranges: Vec::new() }
    }

    fn block(text: &str, role: Role) -> SetText {
        typesetter().set(&ink(text), &TextStyle::new(30.0, Weight::SemiBold).role(role), None)
    }

    fn text(block: &SetText, x: i32, y: f32) -> Op {
        Op::Text { block: block.clone(), x, y, ink: Colour::WHITE, accent: Colour::WHITE, opacity: 255 }
    }

    /// A line through these points in a layer of its own, as charts draw theirs, with a faint area below it.
    fn path(points: &[(f32, f32)], shown: i32) -> Op {
        let mut layer = Pixmap::new(600, 300).expect("layer");
        let floor = [points, &[(600.0, 300.0), (0.0, 300.0)][..]].concat();
        canvas::fading_polygon(&mut layer, &floor, Colour::WHITE, 150, 0.0, 300.0);
        canvas::line(&mut layer, points, 6.0, Colour::WHITE, 255);
        let clip = Pixels { left: 0, top: 0, right: shown, bottom: 300 };
        Op::Layer { sprite: Sprite(Arc::new(layer)), x: 0, y: 0, clip, opacity: 255 }
    }

    #[test]
    fn a_label_over_its_line_counts_as_many_pixels_as_it_hides() {
        let label = block("$178.00", Role::Figure);
        let middle = 100.0 + label.height / 2.0;
        let along = [(0.0, middle), (600.0, middle)];
        let found = |ops: &[Op]| covered(ops).iter().map(|label| label.pixels).max().unwrap_or(0);
        let over = found(&[path(&along, 600), text(&label, 200, 100.0)]);
        assert!(over as f32 > label.width * 0.8 && over as f32 <= label.width + 2.0, "{over} of {}", label.width);
        let ops = [path(&along, 600), text(&label, 200, 100.0)];
        assert_eq!(hiding(&chart(), &ops).len(), 1);
        let card = Visual::Payoff { heading: RichText::plain("Gold"), points: Vec::new() };
        assert!(hiding(&card, &ops).is_empty(), "cards lie over a faint line");
        // Drawn only as far as the label, above it, or crossing it upright.
        assert_eq!(found(&[path(&along, 190), text(&label, 200, 100.0)]), 0);
        assert_eq!(found(&[path(&along, 600), text(&label, 200, 200.0)]), 0);
        let upright = &covered(&[path(&[(230.0, 0.0), (231.0, 300.0)], 600), text(&label, 200, 100.0)])[0];
        assert!(upright.pixels > 10 && upright.pixels <= upright.most, "{upright:?}");
        // A slope is hidden for as long as it runs through the letters.
        let slope = &covered(&[path(&[(150.0, 80.0), (350.0, 160.0)], 600), text(&label, 200, 100.0)])[0];
        assert!(slope.pixels > slope.most, "{slope:?}");
    }

    #[test]
    fn columns_bars_and_strokes_count_and_plates_shades_and_leaders_do_not() {
        let label = block("$227.00", Role::Label);
        let area = Area::new(180.0, 90.0, 200.0, 60.0);
        let (colour, under) = (Colour::WHITE, text(&label, 200, 100.0));
        let hides = |mark: Op| !hiding(&chart(), &[mark, under.clone()]).is_empty();
        assert!(hides(Op::Fill { area, colour, opacity: 255 }));
        assert!(hides(Op::Round { area, radius: 6.0, colour, opacity: 255 }));
        let stroke = |width| Op::Stroke { from: (180.0, 90.0), to: (380.0, 150.0), width, colour, opacity: 204 };
        assert!(hides(stroke(4.0)));
        assert!(!hides(stroke(LEADER)), "a leader");
        assert!(!hides(Op::Round { area, radius: 6.0, colour, opacity: 184 }), "a plate");
        assert!(!hides(Op::Fill { area, colour, opacity: 66 }), "a shade");
        assert!(!hides(Op::Fill { area: Area { y: 300.0, ..area }, colour, opacity: 255 }), "elsewhere");
    }

    #[test]
    fn what_lies_beside_a_short_line_of_a_label_is_not_under_it() {
        let two = typesetter().set(
            &ink("$1\nin September 2011"),
            &TextStyle::new(30.0, Weight::SemiBold).role(Role::Figure),
            None,
        );
        // Right of the first line, above the second.
        let (x, y) = (two.width - 20.0, two.height * 0.15);
        let mark = Op::Fill { area: Area::new(200.0 + x, 100.0 + y, 10.0, 8.0), colour: Colour::WHITE, opacity: 255 };
        assert_eq!(covered(&[mark, text(&two, 200, 100.0)])[0].pixels, 0);
    }

    #[test]
    fn only_labels_and_figures_are_held_to_it() {
        let area = Area::new(0.0, 0.0, 600.0, 300.0);
        let bar = Op::Fill { area, colour: Colour::WHITE, opacity: 255 };
        assert!(covered(&[bar, text(&block("2010", Role::Tick), 200, 100.0)]).is_empty());
    }
}
