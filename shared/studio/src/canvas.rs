//! Drawing on an opaque picture: text, shapes and layers, blended in eight bits.

use tiny_skia::{FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use crate::colour::Colour;
use crate::geometry::{Area, Pixels};
use crate::text::Block;

/// An opaque picture of one colour.
///
/// # Errors
/// `None` when a side is zero or too long for memory.
pub fn blank(width: u32, height: u32, colour: Colour) -> Option<Pixmap> {
    let mut canvas = Pixmap::new(width, height)?;
    canvas.fill(tiny_skia::Color::from_rgba8(colour.r, colour.g, colour.b, 255));
    Some(canvas)
}

fn paint(colour: Colour, opacity: u8) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.r, colour.g, colour.b, opacity);
    paint.anti_alias = true;
    paint
}

fn fill_path(canvas: &mut Pixmap, path: Option<Path>, colour: Colour, opacity: u8) {
    if let Some(path) = path
        && opacity > 0
    {
        canvas.fill_path(&path, &paint(colour, opacity), FillRule::Winding, Transform::identity(), None);
    }
}

fn stroke_path(canvas: &mut Pixmap, path: Option<Path>, width: f32, colour: Colour, opacity: u8) {
    if let Some(path) = path
        && opacity > 0
    {
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        canvas.stroke_path(&path, &paint(colour, opacity), &stroke, Transform::identity(), None);
    }
}

/// A filled circle.
pub fn disc(canvas: &mut Pixmap, centre: (f32, f32), radius: f32, colour: Colour, opacity: u8) {
    if radius > 0.0 {
        fill_path(canvas, PathBuilder::from_circle(centre.0, centre.1, radius), colour, opacity);
    }
}

/// An outlined circle.
pub fn ring(canvas: &mut Pixmap, centre: (f32, f32), radius: f32, width: f32, colour: Colour, opacity: u8) {
    if radius > 0.0 {
        stroke_path(canvas, PathBuilder::from_circle(centre.0, centre.1, radius), width, colour, opacity);
    }
}

/// A line through points, with round joins and ends.
pub fn line(canvas: &mut Pixmap, points: &[(f32, f32)], width: f32, colour: Colour, opacity: u8) {
    stroke_path(canvas, open_path(points), width, colour, opacity);
}

/// A filled polygon.
pub fn polygon(canvas: &mut Pixmap, points: &[(f32, f32)], colour: Colour, opacity: u8) {
    fill_path(canvas, closed_path(points), colour, opacity);
}

/// A polygon filled with a colour that fades out downwards, from `top` to `bottom`.
pub fn fading_polygon(canvas: &mut Pixmap, points: &[(f32, f32)], colour: Colour, opacity: u8, top: f32, bottom: f32) {
    let Some(path) = closed_path(points) else { return };
    let stop =
        |at, alpha| tiny_skia::GradientStop::new(at, tiny_skia::Color::from_rgba8(colour.r, colour.g, colour.b, alpha));
    let shader = tiny_skia::LinearGradient::new(
        tiny_skia::Point::from_xy(0.0, top),
        tiny_skia::Point::from_xy(0.0, bottom.max(top + 1.0)),
        vec![stop(0.0, opacity), stop(1.0, 0)],
        tiny_skia::SpreadMode::Pad,
        Transform::identity(),
    );
    let Some(shader) = shader else { return };
    let paint = Paint { shader, anti_alias: true, ..Paint::default() };
    canvas.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
}

fn open_path(points: &[(f32, f32)]) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::with_capacity(points.len() + 1, points.len() + 1);
    path.move_to(first.0, first.1);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    path.finish()
}

fn closed_path(points: &[(f32, f32)]) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::with_capacity(points.len() + 2, points.len() + 1);
    path.move_to(first.0, first.1);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    path.close();
    path.finish()
}

/// A filled rectangle with round corners; the radius is bounded by half the shorter side.
pub fn round(canvas: &mut Pixmap, area: Area, radius: f32, colour: Colour, opacity: u8) {
    let radius = radius.min(area.w / 2.0).min(area.h / 2.0).max(0.0);
    if radius < 0.5 {
        let whole = Pixels::whole(canvas.width(), canvas.height());
        return fill(canvas, area, colour, opacity, whole);
    }
    // A quarter of a circle as one cubic curve: its handles end this far from the corner.
    let near = radius * (1.0 - 0.552_285);
    let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - near, top, right, top + near, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - near, right - near, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + near, bottom, left, bottom - near, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + near, left + near, top, left + radius, top);
    path.close();
    fill_path(canvas, path.finish(), colour, opacity);
}

/// Blends an opaque colour over a pixel with `alpha` of 255.
#[inline]
fn blend(pixel: &mut [u8], colour: Colour, alpha: u32) {
    let mix = |under: u8, over: u8| {
        let sum = u32::from(under) * (255 - alpha) + u32::from(over) * alpha + 127;
        // Exact division by 255 for this range.
        ((sum + (sum >> 8) + 1) >> 8) as u8
    };
    pixel[0] = mix(pixel[0], colour.r);
    pixel[1] = mix(pixel[1], colour.g);
    pixel[2] = mix(pixel[2], colour.b);
}

/// A filled rectangle; edges between pixels are soft.
pub fn fill(canvas: &mut Pixmap, area: Area, colour: Colour, opacity: u8, clip: Pixels) {
    if area.w <= 0.0 || area.h <= 0.0 || opacity == 0 {
        return;
    }
    let part = area.pixels().common(clip).common(Pixels::whole(canvas.width(), canvas.height()));
    if part.is_empty() {
        return;
    }
    // How much of pixel `n` lies between `low` and `high`.
    let cover = |n: i32, low: f32, high: f32| ((n as f32 + 1.0).min(high) - (n as f32).max(low)).clamp(0.0, 1.0);
    let columns: Vec<f32> = (part.left..part.right).map(|x| cover(x, area.x, area.right())).collect();
    let width = canvas.width() as usize;
    let data = canvas.data_mut();
    // Nearly all rows are covered alike: their opacities are found once.
    let (mut known, mut alphas) = (0.0f32.to_bits(), vec![0; columns.len()]);
    for y in part.top..part.bottom {
        let row = cover(y, area.y, area.bottom()) * f32::from(opacity);
        if row.to_bits() != known {
            known = row.to_bits();
            for (alpha, column) in alphas.iter_mut().zip(&columns) {
                *alpha = (row * column).round() as u32;
            }
        }
        let start = (y as usize * width + part.left as usize) * 4;
        for (pixel, alpha) in data[start..].chunks_exact_mut(4).zip(&alphas) {
            if *alpha > 0 {
                blend(pixel, colour, *alpha);
            }
        }
    }
}

/// A block of text. The two colours are those of plain and of cited text.
pub fn text(canvas: &mut Pixmap, block: &Block, x: i32, y: f32, colours: [Colour; 2], opacity: u8, clip: Pixels) {
    if opacity == 0 {
        return;
    }
    let pad = block.pad as i32;
    let top = y.floor();
    // Below a sixteenth of a pixel nobody sees the difference, and sharp rows are cheaper.
    let down = if (y - top) * 16.0 < 1.0 { 0 } else { ((y - top) * 256.0) as u32 };
    let (left, top) = (x - pad, top as i32 - pad);
    let whole = Pixels::whole(canvas.width(), canvas.height()).common(clip);
    let width = canvas.width() as usize;
    let data = canvas.data_mut();
    for (mask, colour) in block.masks.iter().zip(colours) {
        let Some(mask) = mask else { continue };
        let (columns, rows) = (mask.width as i32, mask.height as i32);
        let part = Pixels { left, top, right: left + columns, bottom: top + rows + 1 }.common(whole);
        if part.is_empty() {
            continue;
        }
        let (from, to) = ((part.left - left) as usize, (part.right - left) as usize);
        let row_of = |n: i32| {
            let row = (0..rows).contains(&n).then(|| &mask.data[(n * columns) as usize..((n + 1) * columns) as usize]);
            row.map(|row| &row[from..to])
        };
        let ink = |pixel: &mut [u8], coverage: u32| {
            if coverage > 0 {
                blend(pixel, colour, (coverage * u32::from(opacity) + 127) / 255);
            }
        };
        for row in part.top..part.bottom {
            let (here, above) = (row_of(row - top), row_of(row - top - 1));
            let start = (row as usize * width + part.left as usize) * 4;
            let pixels = data[start..].chunks_exact_mut(4);
            match (here, above) {
                (Some(here), Some(above)) if down > 0 => {
                    for ((pixel, here), above) in pixels.zip(here).zip(above) {
                        ink(pixel, (u32::from(*here) * (256 - down) + u32::from(*above) * down) >> 8);
                    }
                }
                (Some(cells), _) | (None, Some(cells)) => {
                    let share = if here.is_some() { 256 - down } else { down };
                    for (pixel, cell) in pixels.zip(cells) {
                        ink(pixel, (u32::from(*cell) * share) >> 8);
                    }
                }
                (None, None) => {}
            }
        }
    }
}

/// The part of a premultiplied sprite inside `clip`.
pub fn layer(canvas: &mut Pixmap, sprite: &Pixmap, x: i32, y: i32, opacity: u8, clip: Pixels) {
    let reach = Pixels { left: x, top: y, right: x + sprite.width() as i32, bottom: y + sprite.height() as i32 };
    let part = reach.common(clip).common(Pixels::whole(canvas.width(), canvas.height()));
    if part.is_empty() || opacity == 0 {
        return;
    }
    let (width, sprite_width, opacity) = (canvas.width() as usize, sprite.width() as usize, u32::from(opacity));
    let count = (part.right - part.left) as usize * 4;
    let data = canvas.data_mut();
    for row in part.top..part.bottom {
        let to = (row as usize * width + part.left as usize) * 4;
        let from = ((row - y) as usize * sprite_width + (part.left - x) as usize) * 4;
        let over = &sprite.data()[from..from + count];
        for (under, over) in data[to..to + count].chunks_exact_mut(4).zip(over.chunks_exact(4)) {
            if over[3] == 0 {
                continue;
            }
            // What hides all beneath it is what the sum below would give.
            if u32::from(over[3]) * opacity == 255 * 255 {
                under[..3].copy_from_slice(&over[..3]);
                continue;
            }
            let rest = 255 * 255 - u32::from(over[3]) * opacity;
            for channel in 0..3 {
                let sum = u32::from(over[channel]) * opacity * 255 + u32::from(under[channel]) * rest;
                under[channel] = ((sum + 32_512) / 65_025) as u8;
            }
        }
    }
}

/// Blends `from` towards one colour: `share` of `from` moved `shift` pixels sideways, the rest `ground`. Writes `to`.
pub fn dissolve(from: &Pixmap, to: &mut Pixmap, ground: Colour, share: f32, shift: i32) {
    let (width, height) = (from.width() as i32, from.height() as i32);
    let keep = (share.clamp(0.0, 1.0) * 256.0).round() as u32;
    // Sums of a pixel's byte and the ground's are at most 255 × 256: sixteen bits hold them, and vectors twice as many.
    let keep = keep as u16;
    let bytes = [ground.r, ground.g, ground.b, 255].map(|byte| u16::from(byte) * (256 - keep));
    let four: [u16; 16] = std::array::from_fn(|n| bytes[n % 4]);
    let plain = [ground.r, ground.g, ground.b, 255];
    for row in 0..height {
        let start = (row * width) as usize * 4;
        let source = &from.data()[start..start + width as usize * 4];
        let target = &mut to.data_mut()[start..start + width as usize * 4];
        let (skip, take) = (shift.clamp(0, width) as usize * 4, (-shift).clamp(0, width) as usize * 4);
        let length = source.len() - skip - take;
        for pixel in target[..skip].chunks_exact_mut(4) {
            pixel.copy_from_slice(&plain);
        }
        for (out, read) in target[skip..skip + length].chunks_mut(16).zip(source[take..take + length].chunks(16)) {
            for ((out, read), ground) in out.iter_mut().zip(read).zip(&four) {
                *out = ((u16::from(*read) * keep + ground) >> 8) as u8;
            }
        }
        for pixel in target[skip + length..].chunks_exact_mut(4) {
            pixel.copy_from_slice(&plain);
        }
    }
}

/// Copies the pixels of a rectangle from one picture to another of the same size.
pub fn copy(from: &Pixmap, to: &mut Pixmap, part: Pixels) {
    let part = part.common(Pixels::whole(from.width(), from.height()));
    if part.is_empty() {
        return;
    }
    let width = from.width() as usize;
    for row in part.top..part.bottom {
        let (start, end) =
            ((row as usize * width + part.left as usize) * 4, (row as usize * width + part.right as usize) * 4);
        to.data_mut()[start..end].copy_from_slice(&from.data()[start..end]);
    }
}
