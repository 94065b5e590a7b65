//! Text: set in real type, measured before it is drawn, wrapped and shrunk to fit.

mod fonts;
mod scripts;
mod typesetter;

pub use fonts::FontFiles;
pub use scripts::absent_scripts;
pub use typesetter::Typesetter;

use std::sync::Arc;

use proofreel_model::text::{Cite, RichText};

use crate::geometry::Area;
use crate::inscription::Role;

/// How heavy the letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    /// 400.
    Regular,
    /// 500.
    Medium,
    /// 600.
    SemiBold,
    /// 700.
    Bold,
    /// 800.
    ExtraBold,
}

/// On which side lines of a block begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// Left.
    #[default]
    Left,
    /// Centre.
    Centre,
    /// Right.
    Right,
}

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Size, pixels an em.
    pub size: f32,
    /// Weight.
    pub weight: Weight,
    /// The display cut, drawn for large sizes.
    pub display: bool,
    /// Figures of equal width, for numbers that change in place.
    pub tabular: bool,
    /// Distance of lines, in ems.
    pub leading: f32,
    /// Space between letters, in ems.
    pub tracking: f32,
    /// Alignment of the lines.
    pub align: Align,
    /// What the text is for; changes nothing of how it is set.
    pub role: Role,
}

impl TextStyle {
    /// Running text.
    pub const fn new(size: f32, weight: Weight) -> Self {
        Self {
            size,
            weight,
            display: false,
            tabular: false,
            leading: 1.28,
            tracking: 0.0,
            align: Align::Left,
            role: Role::Label,
        }
    }

    /// Large type: the display cut, set closer.
    pub const fn display(size: f32, weight: Weight) -> Self {
        Self { display: true, leading: 1.12, tracking: -0.012, ..Self::new(size, weight) }
    }

    /// With figures of equal width.
    #[must_use]
    pub const fn tabular(self) -> Self {
        Self { tabular: true, ..self }
    }

    /// With this alignment.
    #[must_use]
    pub const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// For this purpose.
    #[must_use]
    pub const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// In this size.
    #[must_use]
    pub const fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }
}

/// Which of a block's two colours a piece takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// The colour of the text.
    Ink,
    /// The colour of what matters in it.
    Accent,
}

/// Text in one tone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Its tone.
    pub tone: Tone,
}

/// What joins the halves of a label: a figure and its date.
pub(crate) const JOINT: &str = " · ";

/// The pieces of a rich text: citations of facts in the accent, never broken inside.
pub fn pieces(text: &RichText) -> Vec<Piece> {
    toned(text, Tone::Accent)
}

/// The pieces of a rich text in one tone, citations never broken inside.
pub fn plain_pieces(text: &RichText) -> Vec<Piece> {
    toned(text, Tone::Ink)
}

fn toned(text: &RichText, cited: Tone) -> Vec<Piece> {
    text.0
        .iter()
        .map(|span| match &span.cite {
            // A number and its unit stay together: spaces inside a citation do not break.
            Some(Cite::Fact { .. }) => Piece { text: span.text.replace(' ', "\u{a0}"), tone: cited },
            _ => Piece { text: span.text.clone(), tone: Tone::Ink },
        })
        .collect()
}

/// The same in two lines, parted where its halves are joined: `1,772 · Sep 2011`. None for any other text.
pub fn stacked(pieces: &[Piece]) -> Option<Vec<Piece>> {
    let mut joints = pieces.iter().enumerate().filter(|(_, piece)| piece.text == JOINT);
    let ((at, _), None) = (joints.next()?, joints.next()) else { return None };
    let mut two = pieces.to_vec();
    "\n".clone_into(&mut two[at].text);
    Some(two)
}

/// One piece in ink.
pub fn ink(text: impl Into<String>) -> Vec<Piece> {
    vec![Piece { text: text.into(), tone: Tone::Ink }]
}

/// Coverage of pixels, 0–255, row by row.
#[derive(Debug, PartialEq, Eq)]
pub struct Mask {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width × height` bytes.
    pub data: Vec<u8>,
}

/// A block of text, set and rasterised. Its masks reach `pad` pixels beyond its box on every side.
#[derive(Debug)]
pub struct Block {
    /// The whole text.
    pub text: String,
    /// What it is for.
    pub role: Role,
    /// Width of the widest line, pixels.
    pub width: f32,
    /// Height of all lines, pixels.
    pub height: f32,
    /// Number of lines.
    pub lines: u32,
    /// Size it was set in, pixels an em.
    pub size: f32,
    /// From the top of the box to the first baseline, pixels.
    pub baseline: f32,
    /// True when text had to be cut off to fit.
    pub cut: bool,
    /// True when a word was wider than its line and had to be broken inside.
    pub broken: bool,
    /// Room around the box for letters that overhang it.
    pub pad: u32,
    /// Boxes of its words in reading order, from the corner of the block: words are parted by white space, a no-break
    /// space parts none. Words that were cut off have none.
    pub words: Vec<Area>,
    /// Coverage by tone (ink, accent); absent when a tone is not used.
    pub masks: [Option<Mask>; 2],
}

/// A shared block; equal when it is the same one.
#[derive(Clone, Debug)]
pub struct SetText(pub Arc<Block>);

impl PartialEq for SetText {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for SetText {
    type Target = Block;

    fn deref(&self) -> &Block {
        &self.0
    }
}
