//! What a frame is made of: a short list of things to draw, compared from frame to frame.

use std::sync::Arc;

use tiny_skia::Pixmap;

use crate::canvas;
use crate::colour::Colour;
use crate::geometry::{Area, Pixels};
use crate::photo::Cover;
use crate::text::SetText;

/// A picture with alpha, drawn once and shown in parts.
#[derive(Clone, Debug)]
pub struct Sprite(pub Arc<Pixmap>);

impl PartialEq for Sprite {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One thing to draw. Coordinates are pixels; opacity is 0–255.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A block of text with the top left corner of its box at (`x`, `y`).
    Text {
        /// The block.
        block: SetText,
        /// Left edge of the box.
        x: i32,
        /// Top edge of the box; fractions are kept, for text that moves.
        y: f32,
        /// Colour of plain text.
        ink: Colour,
        /// Colour of cited text.
        accent: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A part of a block of text in other colours: words that are being said, over the block itself.
    Words {
        /// The block, which is also drawn whole below.
        block: SetText,
        /// Left edge of the block's box.
        x: i32,
        /// Top edge of the block's box.
        y: f32,
        /// Colour of plain text.
        ink: Colour,
        /// Colour of cited text.
        accent: Colour,
        /// Opacity.
        opacity: u8,
        /// What is shown of it, in pixels of the picture.
        clip: Pixels,
    },
    /// A filled rectangle with soft edges.
    Fill {
        /// The rectangle.
        area: Area,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A filled rectangle with round corners.
    Round {
        /// The rectangle.
        area: Area,
        /// Corner radius.
        radius: f32,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A filled circle.
    Disc {
        /// Centre.
        centre: (f32, f32),
        /// Radius.
        radius: f32,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// An outlined circle.
    Ring {
        /// Centre.
        centre: (f32, f32),
        /// Radius to the middle of the line.
        radius: f32,
        /// Line width.
        width: f32,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A straight line with round ends.
    Stroke {
        /// Start.
        from: (f32, f32),
        /// End.
        to: (f32, f32),
        /// Line width.
        width: f32,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A filled polygon.
    Polygon {
        /// Corners.
        points: Vec<(f32, f32)>,
        /// Colour.
        colour: Colour,
        /// Opacity.
        opacity: u8,
    },
    /// A photo over the whole frame.
    Photo {
        /// The photo.
        cover: Cover,
        /// How far it has drifted, pixels.
        shift: f32,
    },
    /// The part of a sprite inside `clip`, with the sprite's corner at (`x`, `y`).
    Layer {
        /// The sprite.
        sprite: Sprite,
        /// Left edge.
        x: i32,
        /// Top edge.
        y: i32,
        /// What is shown of it, in pixels of the picture.
        clip: Pixels,
        /// Opacity.
        opacity: u8,
    },
}

impl Op {
    /// Pixels it may touch.
    pub fn bounds(&self) -> Pixels {
        match self {
            Self::Text { block, x, y, .. } => {
                let pad = block.pad as f32;
                Area::new(*x as f32 - pad, *y - pad, block.width.ceil() + 2.0 * pad, block.height.ceil() + 2.0 * pad)
                    .pixels()
            }
            Self::Words { block, x, y, clip, .. } => {
                let pad = block.pad as f32;
                Area::new(*x as f32 - pad, *y - pad, block.width.ceil() + 2.0 * pad, block.height.ceil() + 2.0 * pad)
                    .pixels()
                    .common(*clip)
            }
            Self::Fill { area, .. } | Self::Round { area, .. } => area.pixels(),
            Self::Disc { centre, radius, .. } => around(&[*centre], *radius),
            Self::Ring { centre, radius, width, .. } => around(&[*centre], radius + width),
            Self::Stroke { from, to, width, .. } => around(&[*from, *to], *width),
            Self::Polygon { points, .. } => around(points, 0.0),
            Self::Photo { cover, .. } => cover.bounds(),
            Self::Layer { sprite, x, y, clip, .. } => {
                let whole = Pixels {
                    left: *x,
                    top: *y,
                    right: x + sprite.0.width() as i32,
                    bottom: y + sprite.0.height() as i32,
                };
                whole.common(*clip)
            }
        }
    }

    /// True when any part of it can be drawn alone with the same result as the whole.
    pub fn is_divisible(&self) -> bool {
        matches!(
            self,
            Self::Text { .. } | Self::Words { .. } | Self::Fill { .. } | Self::Layer { .. } | Self::Photo { .. }
        )
    }

    /// Draws the part of it inside `clip`. What is not divisible is drawn whole.
    pub fn draw(&self, canvas: &mut Pixmap, clip: Pixels) {
        match self {
            Self::Text { block, x, y, ink, accent, opacity } => {
                canvas::text(canvas, block, *x, *y, [*ink, *accent], *opacity, clip);
            }
            Self::Words { block, x, y, ink, accent, opacity, clip: shown } => {
                canvas::text(canvas, block, *x, *y, [*ink, *accent], *opacity, shown.common(clip));
            }
            Self::Fill { area, colour, opacity } => canvas::fill(canvas, *area, *colour, *opacity, clip),
            Self::Round { area, radius, colour, opacity } => canvas::round(canvas, *area, *radius, *colour, *opacity),
            Self::Disc { centre, radius, colour, opacity } => canvas::disc(canvas, *centre, *radius, *colour, *opacity),
            Self::Ring { centre, radius, width, colour, opacity } => {
                canvas::ring(canvas, *centre, *radius, *width, *colour, *opacity);
            }
            Self::Stroke { from, to, width, colour, opacity } => {
                canvas::line(canvas, &[*from, *to], *width, *colour, *opacity);
            }
            Self::Polygon { points, colour, opacity } => canvas::polygon(canvas, points, *colour, *opacity),
            Self::Photo { cover, shift } => cover.draw(canvas, *shift, clip),
            Self::Layer { sprite, x, y, clip: shown, opacity } => {
                canvas::layer(canvas, &sprite.0, *x, *y, *opacity, shown.common(clip));
            }
        }
    }
}

fn around(points: &[(f32, f32)], by: f32) -> Pixels {
    let first = points.first().copied().unwrap_or_default();
    let (mut left, mut top, mut right, mut bottom) = (first.0, first.1, first.0, first.1);
    for (x, y) in points {
        left = left.min(*x);
        right = right.max(*x);
        top = top.min(*y);
        bottom = bottom.max(*y);
    }
    Area::new(left, top, right - left, bottom - top).grown(by).pixels()
}
