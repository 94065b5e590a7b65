//! What a thumbnail is drawn on: it measures every text as a phone will show it.

use palette::{IntoColor, Oklab, Srgb};
use tiny_skia::Pixmap;

use super::SIZE;
use crate::colour::Colour;
use crate::picture::{Paper, Text};

/// Width and height at which a phone lists a video, pixels.
pub const SMALL: (u32, u32) = (168, 94);
/// Height of capitals of the house's fonts, ems (Inter: 0.727).
const CAPITAL: f32 = 0.727;

/// A text of a thumbnail as it reads at [`SMALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct Legibility {
    /// The text.
    pub text: String,
    /// Height of its capitals, pixels.
    pub capitals: f32,
    /// True when it was cut off to fit.
    pub cut: bool,
    /// Contrast of the text with what lies behind it, after WCAG 2.2: nine in ten places have more.
    pub contrast: f64,
}

/// A picture that remembers how its texts read.
pub(super) struct Board {
    /// The picture.
    pub canvas: Pixmap,
    /// Texts in order of drawing.
    pub read: Vec<Legibility>,
}

impl Paper for Board {
    fn pixels(&mut self) -> &mut Pixmap {
        &mut self.canvas
    }

    /// Measures the text against what was drawn before it.
    fn note(&mut self, text: &Text) {
        let scale = SMALL.0 as f32 / SIZE.0 as f32;
        let size = text.block.size;
        let area = text.area();
        let cells = |from: f32, to: f32, most: u32| (from * scale) as u32..((to * scale).ceil() as u32).min(most);
        let mut ratios: Vec<f64> = cells(area.y, area.bottom(), SMALL.1)
            .flat_map(|y| cells(area.x, area.right(), SMALL.0).map(move |x| (x, y)))
            .map(|cell| text.ink.contrast(mean(&self.canvas, cell, SMALL)))
            .collect();
        ratios.sort_by(f64::total_cmp);
        self.read.push(Legibility {
            text: text.block.text.replace('\u{a0}', " "),
            capitals: size * CAPITAL * scale,
            cut: text.block.cut,
            contrast: ratios.get(ratios.len() / 10).copied().unwrap_or(0.0),
        });
    }
}

/// Mean colour of a cell of the picture divided into `across.0 × across.1`.
fn mean(canvas: &Pixmap, cell: (u32, u32), across: (u32, u32)) -> Colour {
    let edge = |n: u32, of: u32, whole: u32| n * whole / of;
    let (width, height) = (canvas.width(), canvas.height());
    let (mut sum, mut count) = ([0u64; 3], 0u64);
    for y in edge(cell.1, across.1, height)..edge(cell.1 + 1, across.1, height) {
        for x in edge(cell.0, across.0, width)..edge(cell.0 + 1, across.0, width) {
            if let Some(pixel) = canvas.pixel(x, y) {
                sum[0] += u64::from(pixel.red());
                sum[1] += u64::from(pixel.green());
                sum[2] += u64::from(pixel.blue());
                count += 1;
            }
        }
    }
    let part = |n: usize| (sum[n] / count.max(1)) as u8;
    Colour { r: part(0), g: part(1), b: part(2) }
}

/// How far two pictures are apart: the mean `OKLab` distance of 8 × 8 cells; 0 the same, 1 black and white.
pub fn apart(a: &Pixmap, b: &Pixmap) -> f64 {
    const GRID: (u32, u32) = (8, 8);
    let lab = |colour: Colour| -> Oklab<f64> { Srgb::new(colour.r, colour.g, colour.b).into_linear().into_color() };
    let cells = (0..GRID.1).flat_map(|y| (0..GRID.0).map(move |x| (x, y)));
    let distances = cells.map(|cell| {
        let (a, b) = (lab(mean(a, cell, GRID)), lab(mean(b, cell, GRID)));
        ((a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)).sqrt()
    });
    distances.sum::<f64>() / f64::from(GRID.0 * GRID.1)
}
