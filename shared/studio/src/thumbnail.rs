//! Thumbnails: three truly different designs, each read at a glance on a phone.

mod board;

pub use board::{Legibility, SMALL, apart};

use proofreel_model::policy::themes;
use proofreel_model::script::{ThumbnailDesign, ThumbnailVariant};
use proofreel_model::text::RichText;
use tiny_skia::Pixmap;

use crate::canvas;
use crate::colour::{Colour, cut_off};
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::picture::{Paper, Text};
use crate::text::{TextStyle, Typesetter, Weight, plain_pieces};
use crate::theme::Palette;
use board::Board;

/// Width and height, pixels.
pub const SIZE: (u32, u32) = (1280, 720);
/// Most bytes of the PNG.
pub const MOST_BYTES: usize = 2_000_000;

/// Clear of the corner where players write the length of the video.
const SAFE: Area = Area::new(64.0, 52.0, 1152.0, 616.0);

/// Draws the thumbnails of a film as PNG, each legible and no two alike: one that is too like another before it is
/// drawn on another ground.
///
/// # Errors
/// A text that cannot be read when small, or designs that are too alike on every ground: the law's bounds are
/// `thumbnail` in `specs/policy/themes.toml`.
pub fn draw_all(
    variants: &[ThumbnailVariant],
    palette: &Palette,
    type_: &mut Typesetter,
) -> Result<Vec<Vec<u8>>, StudioError> {
    boards(variants, palette, type_)?.iter().map(png).collect()
}

/// The thumbnails of a film, each on the first of its grounds on which it can be read and is unlike those before it.
fn boards(variants: &[ThumbnailVariant], palette: &Palette, type_: &mut Typesetter) -> Result<Vec<Board>, StudioError> {
    let law = &themes().thumbnail;
    let mut boards: Vec<Board> = Vec::new();
    for (n, variant) in variants.iter().enumerate() {
        let (mut found, mut chosen, mut illegible) = (0.0f64, None, None);
        for ground in Ground::ALL {
            let board = match legible(variant, palette, ground, type_) {
                Ok(board) => board,
                Err(error) => {
                    illegible.get_or_insert(error);
                    continue;
                }
            };
            let nearest = boards.iter().map(|other| apart(&other.canvas, &board.canvas)).fold(f64::INFINITY, f64::min);
            if nearest >= law.distance {
                chosen = Some(board);
                break;
            }
            found = found.max(nearest);
        }
        let alike = || {
            fault(format!(
                "the {}. design is too like another one: they are {} apart, not {}\n  hint: give each thumbnail \
                 a design of its own, or the channel's look colours that are further apart",
                n + 1,
                cut_off(found),
                law.distance
            ))
        };
        boards.push(chosen.ok_or_else(|| illegible.unwrap_or_else(alike))?);
    }
    Ok(boards)
}

/// A thumbnail on a ground, when all of it can be read.
fn legible(
    variant: &ThumbnailVariant,
    palette: &Palette,
    ground: Ground,
    type_: &mut Typesetter,
) -> Result<Board, StudioError> {
    let law = &themes().thumbnail;
    let board = compose(variant, palette, ground, type_)?;
    type_.check_glyphs()?;
    if let Some(text) = board.read.iter().find(|text| text.cut || f64::from(text.capitals) < law.capitals) {
        return Err(fault(format!(
            "`{}` does not fit a thumbnail in letters of {} pixels at {} × {}: use fewer or shorter words",
            text.text, law.capitals, SMALL.0, SMALL.1
        )));
    }
    if let Some(text) = board.read.iter().find(|text| text.contrast < law.contrast) {
        return Err(fault(format!(
            "`{}` cannot be told from what lies behind it on a thumbnail: its contrast is {}, not {}\n  hint: give the \
             channel's look an ink and an accent that stand out from its background",
            text.text,
            cut_off(text.contrast),
            law.contrast
        )));
    }
    Ok(board)
}

fn png(board: &Board) -> Result<Vec<u8>, StudioError> {
    let png = board.canvas.encode_png().map_err(|error| fault(error.to_string()))?;
    if png.len() > MOST_BYTES {
        return Err(fault(format!("{} bytes as PNG, more than {MOST_BYTES}", png.len())));
    }
    Ok(png)
}

/// Draws a thumbnail as PNG.
pub fn draw(variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) -> Result<Vec<u8>, StudioError> {
    png(&legible(variant, palette, Ground::Usual, type_)?)
}

/// How each text of a thumbnail reads at [`SMALL`]; the law's bounds are `thumbnail` in `specs/policy/themes.toml`.
pub fn legibility(
    variant: &ThumbnailVariant,
    palette: &Palette,
    type_: &mut Typesetter,
) -> Result<Vec<Legibility>, StudioError> {
    Ok(compose(variant, palette, Ground::Usual, type_)?.read)
}

/// How far the thumbnails of one film are apart as they are drawn, each from each; see [`apart`].
pub fn differences(
    variants: &[ThumbnailVariant],
    palette: &Palette,
    type_: &mut Typesetter,
) -> Result<Vec<f64>, StudioError> {
    let boards = boards(variants, palette, type_)?;
    let pairs = boards.iter().enumerate().flat_map(|(n, a)| boards[n + 1..].iter().map(move |b| (a, b)));
    Ok(pairs.map(|(a, b)| apart(&a.canvas, &b.canvas)).collect())
}

fn fault(why: String) -> StudioError {
    StudioError::BadScene { scene: "thumbnail".into(), why }
}

/// What a design is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// The design's own ground.
    Usual,
    /// Another one, where it would be too like a design before it.
    Other,
    /// The channel's ink, written on in the colour of its background. Two grounds of a light look differ by little.
    Reversed,
}

impl Ground {
    const ALL: [Self; 3] = [Self::Usual, Self::Other, Self::Reversed];

    /// The colours of a design on this ground: dark and light change places on the reversed one.
    fn palette(self, palette: &Palette) -> Palette {
        if self != Self::Reversed {
            return palette.clone();
        }
        let (ground, law) = (palette.ink, &themes().thumbnail);
        Palette {
            background: ground,
            surface: ground.towards(palette.background, 0.08),
            ink: palette.background,
            muted: palette.muted.readable_on(ground, law.contrast),
            accent: palette.accent.readable_on(ground, law.contrast),
            contrast: palette.contrast.readable_on(ground, law.contrast),
            ..palette.clone()
        }
    }

    fn colour(self, design: ThumbnailDesign, palette: &Palette) -> Colour {
        match (design, self) {
            (ThumbnailDesign::BigFigure, Self::Usual | Self::Reversed) | (ThumbnailDesign::BoldLine, Self::Other) => {
                palette.background
            }
            (ThumbnailDesign::BoldLine, Self::Usual | Self::Reversed) | (ThumbnailDesign::BigFigure, Self::Other) => {
                palette.surface
            }
            (ThumbnailDesign::ThenAndNow, Self::Usual | Self::Reversed) => palette.accent,
            (ThumbnailDesign::ThenAndNow, Self::Other) => palette.contrast,
        }
    }
}

fn compose(
    variant: &ThumbnailVariant,
    palette: &Palette,
    ground: Ground,
    type_: &mut Typesetter,
) -> Result<Board, StudioError> {
    let palette = &ground.palette(palette);
    let ground = ground.colour(variant.design, palette);
    let canvas = canvas::blank(SIZE.0, SIZE.1, ground).ok_or_else(|| fault("no picture".into()))?;
    let mut board = Board { canvas, read: Vec::new() };
    match variant.design {
        ThumbnailDesign::BigFigure => big_figure(&mut board, variant, (palette, ground), type_),
        ThumbnailDesign::BoldLine => bold_line(&mut board, variant, palette, type_),
        ThumbnailDesign::ThenAndNow => then_and_now(&mut board, variant, (palette, ground), type_),
    }
    Ok(board)
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
    board: &mut Board,
    text: &RichText,
    style: &TextStyle,
    area: Area,
    lines: u32,
    colour: Colour,
    type_: &mut Typesetter,
) -> Area {
    let block = type_.fit(&plain_pieces(text), style, area.w, area.h, lines, 0.25);
    let text = Text::plain(block, area.x, area.y, colour);
    text.stamp(board);
    text.area()
}

fn heavy(size: f32) -> TextStyle {
    TextStyle { leading: 1.02, tracking: -0.025, ..TextStyle::display(size, Weight::ExtraBold) }
}

/// A huge figure over a faint line.
fn big_figure(
    board: &mut Board,
    variant: &ThumbnailVariant,
    (palette, ground): (&Palette, Colour),
    type_: &mut Typesetter,
) {
    let behind = path(variant, Area::new(0.0, 190.0, SIZE.0 as f32, 490.0));
    let faint = ground.towards(palette.accent, 0.26);
    shade(board.pixels(), &behind, palette.accent, 40);
    canvas::line(board.pixels(), &behind, 12.0, faint, 255);
    let words = write(board, &variant.words, &heavy(118.0), Area { h: 250.0, ..SAFE }, 2, palette.ink, type_);
    let rest = Area::new(SAFE.x, words.bottom() + 14.0, SAFE.w, SAFE.bottom() - words.bottom() - 14.0);
    let block = type_.fit(&plain_pieces(&variant.figure), &heavy(390.0), rest.w, rest.h, 1, 0.2);
    let y = rest.y + (rest.h - block.height) * 0.6;
    // A dark edge keeps the figure clear of the line behind it.
    for (dx, dy) in
        [(-7.0, 0.0), (7.0, 0.0), (0.0, -7.0), (0.0, 7.0), (5.0, 5.0), (-5.0, 5.0), (5.0, -5.0), (-5.0, -5.0)]
    {
        Text::plain(block.clone(), rest.x + dx, y + dy, ground).stamp(board.pixels());
    }
    let shaded = ground.towards(palette.accent, 0.16);
    let ink = palette.accent.readable_on_all(&[ground, shaded], themes().thumbnail.contrast);
    Text::plain(block, rest.x, y, ink).stamp(board);
}

/// The line itself, bold, with words on the left where the line leaves room, and the figure at its end.
fn bold_line(board: &mut Board, variant: &ThumbnailVariant, palette: &Palette, type_: &mut Typesetter) {
    let area = Area::new(70.0, 330.0, 1070.0, 300.0);
    let path = path(variant, area);
    shade(board.pixels(), &path, palette.contrast, 110);
    canvas::line(board.pixels(), &path, 22.0, palette.contrast, 255);
    if let Some(end) = path.last() {
        canvas::disc(board.pixels(), *end, 34.0, palette.ink, 255);
        canvas::disc(board.pixels(), *end, 20.0, palette.contrast, 255);
    }
    let words = Area { h: 190.0, ..SAFE };
    let used = write(board, &variant.words, &heavy(130.0), words, 2, palette.ink, type_);
    let block = type_.fit(&plain_pieces(&variant.figure), &heavy(150.0), 560.0, 150.0, 1, 0.4);
    let plate = Area::new(SAFE.x, used.bottom() + 22.0, block.width + 56.0, block.height + 16.0);
    canvas::round(board.pixels(), plate, 18.0, palette.accent, 255);
    Text::plain(block, plate.x + 28.0, plate.y + 8.0, palette.text_on(palette.accent)).stamp(board);
}

/// Two figures against each other on two grounds.
fn then_and_now(
    board: &mut Board,
    variant: &ThumbnailVariant,
    (palette, ground): (&Palette, Colour),
    type_: &mut Typesetter,
) {
    let whole = Pixels::whole(SIZE.0, SIZE.1);
    // Long words take two lines, and the figures give them the room.
    let top = if variant.words.text().chars().count() > 22 { 268.0 } else { 214.0 };
    // On its other ground the words stand on it too, so that it is another picture as a whole.
    let head = if ground == palette.accent { palette.background } else { ground };
    canvas::fill(board.pixels(), Area::new(0.0, 0.0, SIZE.0 as f32, top), head, 255, whole);
    let middle = SIZE.0 as f32 * 0.45;
    let left = palette.background.towards(palette.muted, 0.28);
    canvas::polygon(
        board.pixels(),
        &[(0.0, top), (middle + 60.0, top), (middle - 60.0, SIZE.1 as f32), (0.0, SIZE.1 as f32)],
        left,
        255,
    );
    let ink = if head == palette.background { palette.ink } else { palette.text_on(head) };
    write(board, &variant.words, &heavy(124.0), Area { h: top - 74.0, ..SAFE }, 2, ink, type_);
    let mut side = |text: &RichText, x: f32, wide: f32, size: f32, colour: Colour| {
        let block = type_.fit(&plain_pieces(text), &heavy(size), wide, 330.0, 1, 0.2);
        let y = top + (SIZE.1 as f32 - top - block.height) / 2.0;
        Text::plain(block.clone(), x + (wide - block.width) / 2.0, y, colour).stamp(board);
    };
    if let Some(earlier) = &variant.earlier {
        side(earlier, 40.0, middle - 110.0, 190.0, palette.text_on(left));
    }
    side(&variant.figure, middle + 76.0, SIZE.0 as f32 - middle - 116.0, 260.0, palette.text_on(ground));
    let (x, y) = (middle + 4.0, f32::midpoint(top, SIZE.1 as f32));
    canvas::disc(board.pixels(), (x, y), 46.0, palette.background, 255);
    canvas::polygon(board.pixels(), &[(x - 15.0, y - 24.0), (x + 25.0, y), (x - 15.0, y + 24.0)], palette.ink, 255);
}

#[cfg(test)]
mod tests;
