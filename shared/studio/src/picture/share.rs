//! A part of a whole: a square of a hundred cells, of which the part is filled to the fraction of a cell.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::Bar;
use tiny_skia::Pixmap;

use super::frame::{Frame, Text, label};
use super::{Base, Picture, Shot, shared, sprite};
use crate::beats::{Beats, Moment, measured};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, ease_both, opacity, progress};
use crate::ops::{Op, Sprite};
use crate::text::{TextStyle, Typesetter, Weight, ink, plain_pieces};
use crate::theme::Theme;

/// Cells a side.
const SIDE: u32 = 10;

struct Part {
    square: Area,
    filled: (Sprite, i32, i32),
    /// Share of the square's height up to which cells are filled.
    height: f32,
    figure: Text,
    label: Text,
    fact: FactId,
    at: f32,
}

/// Parts of a whole.
pub struct Share {
    frame: Frame,
    parts: Vec<Part>,
    /// When none of the parts is spoken of and all are there.
    quiet: Vec<Moment>,
    beats: Beats,
    theme: Theme,
}

/// The cells of a square, from the lowest row up, left to right, each with the share of it that is filled.
fn cells(square: Area, percent: f32) -> Vec<(Area, f32)> {
    let pitch = square.w / SIDE as f32;
    let gap = (pitch * 0.12).max(2.0);
    (0..SIDE * SIDE)
        .map(|n| {
            let (row, column) = (n / SIDE, n % SIDE);
            let (x, y) = (square.x + column as f32 * pitch, square.bottom() - (row + 1) as f32 * pitch);
            (Area::new(x + gap / 2.0, y + gap / 2.0, pitch - gap, pitch - gap), (percent - n as f32).clamp(0.0, 1.0))
        })
        .collect()
}

impl Share {
    /// Lays the squares out: beside each other, or below each other in an upright picture.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        parts: &[Bar],
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let count = parts.len().max(1) as f32;
        let scale = theme.scale;
        let note = type_.set(
            &ink("One square is the whole, one cell a hundredth of it"),
            &TextStyle::new(scale.small, Weight::Medium).role(Role::Unit),
            Some(frame.body.w),
        );
        let (x, y) = (frame.body.x, frame.body.bottom() - note.height);
        let body = frame.body.without(0.0, 0.0, 0.0, note.height + 22.0);
        Text::plain(note, x, y, theme.palette.muted).stamp(&mut frame.base);
        let slot = |n: usize| {
            if theme.is_portrait() {
                let h = body.h / count;
                Area::new(body.x, body.y + h * n as f32, body.w, h - 30.0)
            } else {
                let w = body.w / count;
                Area::new(body.x + w * n as f32, body.y, w - 40.0, body.h)
            }
        };
        let mut out = Vec::new();
        for (n, part) in parts.iter().enumerate() {
            let slot = slot(n);
            let side = slot.h.min(slot.w * 0.58);
            let square = Area::new(slot.x, slot.centre_y() - side / 2.0, side, side);
            let colour = if part.emphasis { theme.palette.accent } else { theme.palette.contrast };
            let percent = if part.value.is_finite() { part.value as f32 } else { 0.0 };
            let filled = draw(&mut frame.base, square, percent, colour, theme)?;
            let x = square.right() + 36.0;
            let room = (slot.right() - x).max(60.0);
            let figure_style = TextStyle::display(scale.figure * 0.5, Weight::ExtraBold).role(Role::Figure);
            let figure = type_.fit(&plain_pieces(&part.figure), &figure_style, room, figure_style.size * 1.2, 1, 0.4);
            let label_style = TextStyle::new(scale.deck, Weight::SemiBold);
            let label = label(&part.label, &label_style, (room, slot.h * 0.5), theme, type_);
            let top = square.centre_y() - (figure.height + 8.0 + label.height) / 2.0;
            let label_y = top + figure.height + 8.0;
            let figure = Text::plain(figure, x, top, colour.readable_on(theme.palette.background, 4.5));
            let label = Text::plain(label, x, label_y, theme.palette.muted);
            let at = shot.beats.entrance(&part.fact, 0.8, n, parts.len());
            let height = (percent / SIDE as f32).ceil() / SIDE as f32;
            out.push(Part { square, filled, height, figure, label, fact: part.fact.clone(), at });
        }
        let facts: Vec<FactId> = out.iter().map(|part| part.fact.clone()).collect();
        let all = out.iter().map(|part| part.at + 1.6).fold(0.0, f32::max);
        let quiet = shot.beats.quiet(&facts, all, 1.2);
        Ok(Self { frame, parts: out, quiet, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

/// Draws the whole on the base, and gives the part as a layer.
fn draw(
    base: &mut Pixmap,
    square: Area,
    percent: f32,
    colour: Colour,
    theme: &Theme,
) -> Result<(Sprite, i32, i32), StudioError> {
    let (left, top) = (square.x.floor(), square.y.floor());
    let mut layer = sprite(square.w + 2.0, square.h + 2.0)?;
    for (cell, share) in cells(square, percent) {
        canvas::round(base, cell, 4.0, theme.palette.grid, 255);
        if share > 0.0 {
            let part = Area { x: cell.x - left, y: cell.y - top, w: (cell.w * share).max(1.5), ..cell };
            canvas::round(&mut layer, part, 4.0_f32.min(part.w / 2.0), colour, 255);
        }
    }
    Ok((shared(layer), left as i32, top as i32))
}

impl Picture for Share {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let looked = measured(&self.quiet, |_| self.parts.len(), t);
        for (n, part) in self.parts.iter().enumerate() {
            let share = ease_both(progress(t, part.at, 1.4));
            if share > 0.0 {
                let (sprite, x, y) = &part.filled;
                let bottom = y + sprite.0.height() as i32;
                // The part being said, or looked at in the quiet, is filled once more from the lowest row up.
                let (drawn, told) = match looked {
                    Some((at, shown, told)) if at == n => (shown, told),
                    _ => (self.beats.emphasis(&part.fact, t), self.beats.told(&part.fact, t)),
                };
                let mut fill = |to: f32, opacity: u8| {
                    let top = part.square.bottom() - part.square.h * part.height * to;
                    let clip = Pixels { left: *x, top: (top - 1.0) as i32, right: x + sprite.0.width() as i32, bottom };
                    out.push(Op::Layer { sprite: sprite.clone(), x: *x, y: *y, clip, opacity });
                };
                fill(share, opacity(1.0 - 0.5 * drawn));
                if drawn > 0.0 {
                    fill(share * told, opacity(drawn));
                }
            }
            let shown = arrive(t, part.at + 0.5, 0.5);
            if shown > 0.0 {
                let lit = self.beats.emphasis(&part.fact, t);
                let colour = part.figure.ink.towards(palette.ink, lit * 0.35);
                let figure = Text { ink: colour, accent: colour, ..part.figure.clone() };
                out.push(figure.op(opacity(shown), (1.0 - shown) * 18.0));
                out.push(part.label.op(opacity(shown), 0.0));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_cells_are_filled_as_the_part_is_large() {
        let square = Area::new(0.0, 0.0, 500.0, 500.0);
        for percent in [0.0, 0.4, 13.7, 99.9, 100.0] {
            let filled: f32 = cells(square, percent).iter().map(|(_, share)| share).sum();
            assert!((filled - percent).abs() < 1e-3, "{percent}: {filled}");
        }
        assert!(cells(square, 50.0).iter().all(|(cell, _)| square.holds(*cell)));
    }
}
