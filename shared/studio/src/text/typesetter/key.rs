//! By what settings and fittings of texts are kept.

use crate::inscription::Role;
use crate::text::{Align, Piece, TextStyle, Weight};

/// What makes two settings of a text the same. Sizes in quarter pixels and widths in whole ones.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pieces: Vec<Piece>,
    size: u32,
    weight: Weight,
    display: bool,
    tabular: bool,
    leading: u32,
    tracking: i32,
    align: Align,
    role: Role,
    width: Option<u32>,
    max_lines: Option<u32>,
}

impl Key {
    pub(super) fn of(pieces: &[Piece], style: &TextStyle, width: Option<f32>, max_lines: Option<u32>) -> Self {
        Self {
            pieces: pieces.to_vec(),
            size: (style.size * 4.0).round() as u32,
            weight: style.weight,
            display: style.display,
            tabular: style.tabular,
            leading: (style.leading * 1000.0) as u32,
            tracking: (style.tracking * 10_000.0) as i32,
            align: style.align,
            role: style.role,
            width: width.map(|w| w.max(1.0) as u32),
            max_lines,
        }
    }
}

/// What makes two fittings the same: the setting, and to the bit the size to begin with, the room and the least share.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Fitting(Key, [u32; 4]);

impl Fitting {
    pub(super) fn of(
        pieces: &[Piece],
        style: &TextStyle,
        (width, height): (f32, f32),
        max_lines: u32,
        least: f32,
    ) -> Self {
        let exact = [style.size, width, height, least].map(f32::to_bits);
        Self(Key::of(pieces, style, Some(width), Some(max_lines)), exact)
    }
}
