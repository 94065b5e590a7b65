//! Thumbnails: three truly different designs, each read at a glance on a phone.

use proofreel_model::script::{ThumbnailDesign, ThumbnailVariant};
use proofreel_model::text::RichText;
use tiny_skia::Pixmap;

use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::picture::Text;
use crate::text::{TextStyle, Typesetter, Weight, plain_pieces};
use crate::theme::Palette;

/// Width and height, pixels.
pub const SIZE: (u32, u32) = (1280, 720);
/// Most bytes of the PNG.
pub const MOST_BYTES: usize = 2_000_000;

/// Clear of the corner where players write the length of the video.
const SAFE: Area = Area::new(64.0, 52.0, 1152.0, 616.0);

/// Draws a thumbnail as PNG.
pub fn draw(variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) -> Result<Vec<u8>, StudioError> {
    let fault = |why: String| StudioError::BadScene { scene: "thumbnail".into(), why };
    let ground = match variant.design {
        ThumbnailDesign::BigFigure => palette.background,
        ThumbnailDesign::BoldLine => palette.background.towards(Colour::BLACK, 0.25),
        ThumbnailDesign::ThenAndNow => palette.accent,
    };
    let mut canvas = canvas::blank(SIZE.0, SIZE.1, ground).ok_or_else(|| fault("no picture".into()))?;
    match variant.design {
        ThumbnailDesign::BigFigure => big_figure(&mut canvas, variant, palette, type_),
        ThumbnailDesign::BoldLine => bold_line(&mut canvas, variant, palette, type_),
        ThumbnailDesign::ThenAndNow => then_and_now(&mut canvas, variant, palette, type_),
    }
    let png = canvas.encode_png().map_err(|error| fault(error.to_string()))?;
    if png.len() > MOST_BYTES {
        return Err(fault(format!("{} bytes as PNG, more than {MOST_BYTES}", png.len())));
    }
    Ok(png)
}

/// The trace across an area, each value at its share of the height.
fn path(variant: &ThumbnailVariant, area: Area) -> Vec<(f32, f32)> {
    let points = &variant.trace.points;
    let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
    let span = if high > low { high - low } else { 1.0 };
    let last = points.len().max(2) as f32 - 1.0;
    points
        .iter()
        .enumerate()
        .map(|(n, p)| (area.x + n as f32 / last * area.w, area.bottom() - ((p.value - low) / span) as f32 * area.h))
        .collect()
}

fn shade(canvas: &mut Pixmap, path: &[(f32, f32)], colour: Colour, opacity: u8) {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return };
    let mut polygon = path.to_vec();
    polygon.extend([(last.0, SIZE.1 as f32), (first.0, SIZE.1 as f32)]);
    let top = path.iter().map(|point| point.1).fold(SIZE.1 as f32, f32::min);
    canvas::fading_polygon(canvas, &polygon, colour, opacity, top, SIZE.1 as f32);
}

/// Words and figures as large as fits; returns the box used.
fn write(
    canvas: &mut Pixmap,
    text: &RichText,
    style: &TextStyle,
    area: Area,
    lines: u32,
    colour: Colour,
    type_: &mut Typesetter,
) -> Area {
    let block = type_.fit(&plain_pieces(text), style, area.w, area.h, lines, 0.25);
    let text = Text::plain(block, area.x, area.y, colour);
    text.stamp(canvas);
    text.area()
}

fn heavy(size: f32) -> TextStyle {
    TextStyle { leading: 1.02, tracking: -0.025, ..TextStyle::display(size, Weight::ExtraBold) }
}

/// A huge figure over a faint line.
fn big_figure(canvas: &mut Pixmap, variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) {
    let behind = path(variant, Area::new(0.0, 190.0, SIZE.0 as f32, 490.0));
    let faint = palette.background.towards(palette.accent, 0.42);
    shade(canvas, &behind, palette.accent, 60);
    canvas::line(canvas, &behind, 12.0, faint, 255);
    let words = write(canvas, &variant.words, &heavy(118.0), Area { h: 250.0, ..SAFE }, 2, palette.ink, type_);
    let rest = Area::new(SAFE.x, words.bottom() + 14.0, SAFE.w, SAFE.bottom() - words.bottom() - 14.0);
    let block = type_.fit(&plain_pieces(&variant.figure), &heavy(390.0), rest.w, rest.h, 1, 0.2);
    let y = rest.y + (rest.h - block.height) * 0.6;
    // A dark edge keeps the figure clear of the line behind it.
    for (dx, dy) in
        [(-7.0, 0.0), (7.0, 0.0), (0.0, -7.0), (0.0, 7.0), (5.0, 5.0), (-5.0, 5.0), (5.0, -5.0), (-5.0, -5.0)]
    {
        Text::plain(block.clone(), rest.x + dx, y + dy, palette.background).stamp(canvas);
    }
    Text::plain(block, rest.x, y, palette.accent).stamp(canvas);
}

/// The line itself, bold, with words on the left where the line leaves room, and the figure at its end.
fn bold_line(canvas: &mut Pixmap, variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) {
    let area = Area::new(70.0, 330.0, 1070.0, 300.0);
    let path = path(variant, area);
    shade(canvas, &path, palette.contrast, 110);
    canvas::line(canvas, &path, 22.0, palette.contrast, 255);
    if let Some(end) = path.last() {
        canvas::disc(canvas, *end, 34.0, palette.ink, 255);
        canvas::disc(canvas, *end, 20.0, palette.contrast, 255);
    }
    let words = Area { h: 190.0, ..SAFE };
    let used = write(canvas, &variant.words, &heavy(130.0), words, 2, palette.ink, type_);
    let block = type_.fit(&plain_pieces(&variant.figure), &heavy(150.0), 560.0, 150.0, 1, 0.4);
    let plate = Area::new(SAFE.x, used.bottom() + 22.0, block.width + 56.0, block.height + 16.0);
    canvas::round(canvas, plate, 18.0, palette.accent, 255);
    Text::plain(block, plate.x + 28.0, plate.y + 8.0, palette.accent.opposite()).stamp(canvas);
}

/// Two figures against each other on two grounds.
fn then_and_now(canvas: &mut Pixmap, variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) {
    let whole = Pixels::whole(SIZE.0, SIZE.1);
    let top = 214.0;
    canvas::fill(canvas, Area::new(0.0, 0.0, SIZE.0 as f32, top), palette.background, 255, whole);
    let middle = SIZE.0 as f32 * 0.45;
    let left = palette.background.towards(palette.muted, 0.28);
    canvas::polygon(
        canvas,
        &[(0.0, top), (middle + 60.0, top), (middle - 60.0, SIZE.1 as f32), (0.0, SIZE.1 as f32)],
        left,
        255,
    );
    write(canvas, &variant.words, &heavy(124.0), Area { h: 140.0, ..SAFE }, 1, palette.ink, type_);
    let mut side = |text: &RichText, x: f32, wide: f32, size: f32, colour: Colour| {
        let block = type_.fit(&plain_pieces(text), &heavy(size), wide, 330.0, 1, 0.2);
        let y = top + (SIZE.1 as f32 - top - block.height) / 2.0;
        Text::plain(block.clone(), x + (wide - block.width) / 2.0, y, colour).stamp(canvas);
    };
    if let Some(earlier) = &variant.earlier {
        side(earlier, 40.0, middle - 110.0, 190.0, left.opposite());
    }
    side(&variant.figure, middle + 76.0, SIZE.0 as f32 - middle - 116.0, 260.0, palette.accent.opposite());
    let (x, y) = (middle + 4.0, f32::midpoint(top, SIZE.1 as f32));
    canvas::disc(canvas, (x, y), 46.0, palette.background, 255);
    canvas::polygon(canvas, &[(x - 15.0, y - 24.0), (x + 25.0, y), (x - 15.0, y + 24.0)], palette.ink, 255);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{trace, typesetter};
    use proofreel_model::channel::Look;

    fn variant(design: ThumbnailDesign) -> ThumbnailVariant {
        ThumbnailVariant {
            design,
            words: RichText::plain("Gold broke every record"),
            figure: RichText::plain("$4,228"),
            earlier: Some(RichText::plain("$271")),
            trace: trace("Gold", 300, |n| (n as f64 * 0.02).exp()),
        }
    }

    fn grey(png: &[u8]) -> Vec<f64> {
        // Averaged down to the size at which a phone shows it.
        let picture = Pixmap::decode_png(png).expect("png");
        let (w, h) = (168, 94);
        (0..w * h)
            .map(|n| {
                let (x0, y0) = ((n % w) * 1280 / w, (n / w) * 720 / h);
                let cells = (0..7).flat_map(|dy| (0..7).map(move |dx| (x0 + dx, y0 + dy)));
                cells
                    .map(|(x, y)| picture.pixel(x.min(1279), y.min(719)).map_or(0.0, |p| f64::from(p.green())))
                    .sum::<f64>()
                    / 49.0
            })
            .collect()
    }

    #[test]
    fn designs_differ_also_when_small_and_are_small_files() {
        let palette = Palette::of(&Look::default()).expect("palette");
        let mut type_ = typesetter();
        let designs = [ThumbnailDesign::BigFigure, ThumbnailDesign::BoldLine, ThumbnailDesign::ThenAndNow];
        let drawn: Vec<Vec<u8>> =
            designs.iter().map(|design| draw(&variant(*design), &palette, &mut type_).expect("drawn")).collect();
        assert!(drawn.iter().all(|png| png.len() < MOST_BYTES));
        let small: Vec<Vec<f64>> = drawn.iter().map(|png| grey(png)).collect();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let apart: f64 =
                small[a].iter().zip(&small[b]).map(|(x, y)| (x - y).abs()).sum::<f64>() / small[a].len() as f64;
            assert!(apart > 20.0, "{a} and {b}: {apart}");
        }
    }
}
