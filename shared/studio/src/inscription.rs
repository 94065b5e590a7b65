//! What is written in a frame: every text with its place, read back from the draw list.
//!
//! Checks read this, not pixels: the layout test, the test of emphasis, and the media check that holds the numerals
//! on screen against the facts.

use serde::{Deserialize, Serialize};

use crate::colour::Colour;
use crate::geometry::Area;
use crate::ops::Op;
use crate::text::{JOINT, SetText};

/// What a text is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum Role {
    /// Names a bar, a line, a point or a side.
    #[default]
    Label,
    /// What a scene says.
    Heading,
    /// A text below a heading, or a point to take home.
    Deck,
    /// A written value: cited, or formatted from a plotted observation.
    Figure,
    /// A step of an axis: made in the studio, belongs to the scale.
    Tick,
    /// Names the unit of an axis: made in the studio.
    Unit,
    /// Where the figures of a scene come from.
    Source,
    /// The channel's name at the foot.
    Brand,
    /// A burned-in caption.
    Caption,
    /// Small print of the end card.
    Print,
}

/// A text in a frame.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Inscription {
    /// The whole text, also when not all of it could be shown, as in one line.
    pub text: String,
    /// The box of its lines, pixels. Letters are a little lower than a line of the box.
    pub area: Area,
    /// What it is for.
    pub role: Role,
    /// Size it was set in, pixels an em.
    pub size: f32,
    /// True when it was cut off to fit.
    pub cut: bool,
    /// True when a word of it is broken inside, without a hyphen.
    pub broken: bool,
    /// Colour of plain words.
    pub ink: Colour,
    /// Colour of cited words.
    pub accent: Colour,
    /// Colour of what lies behind it: a plate or bar when its middle lies on one, else the ground of the scene.
    pub background: Colour,
    /// How visible it is, 0–255: less than 255 while it comes or goes.
    pub opacity: u8,
}

/// A text as it reads in one line: no-break spaces are plain ones, and what was parted into two lines is joined again.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\u{a0}', " ").replace('\n', JOINT)
}

impl Inscription {
    /// The inscription of a block with its corner at (`x`, `y`).
    pub fn of(block: &SetText, (x, y): (f32, f32), colours: [Colour; 2], background: Colour, opacity: u8) -> Self {
        Self {
            text: one_line(&block.text),
            area: Area::new(x, y, block.width, block.height),
            role: block.role,
            size: block.size,
            cut: block.cut,
            broken: block.broken,
            ink: colours[0],
            accent: colours[1],
            background,
            opacity,
        }
    }

    /// The band in which its letters lie: the box without the air above and below them.
    pub fn letters(&self) -> Area {
        let lines = (self.area.h / (self.size * 1.2).max(1.0)).round().max(1.0);
        let air = ((self.area.h / lines - self.size * 0.96) / 2.0).max(0.0);
        self.area.without(0.0, air, 0.0, air)
    }
}

/// The texts of a draw list over a ground of this colour, bottom first. What is invisible is left out.
pub fn read(ops: &[Op], ground: Colour) -> Vec<Inscription> {
    let mut out = Vec::new();
    for (n, op) in ops.iter().enumerate() {
        let Op::Text { block, x, y, ink, accent, opacity } = op else { continue };
        if *opacity == 0 || block.text.trim().is_empty() {
            continue;
        }
        let mut text = Inscription::of(block, (*x as f32, *y), [*ink, *accent], ground, *opacity);
        let middle = (text.area.centre_x(), text.area.centre_y());
        let plate = ops[..n].iter().rev().find_map(|below| match below {
            Op::Fill { area, colour, opacity } | Op::Round { area, colour, opacity, .. }
                if *opacity > 0 && area.has(middle.0, middle.1) =>
            {
                Some(ground.towards(*colour, f32::from(*opacity) / 255.0))
            }
            _ => None,
        });
        text.background = plate.unwrap_or(ground);
        out.push(text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::typesetter;
    use crate::text::{TextStyle, Weight, ink};

    #[test]
    fn a_draw_list_gives_its_texts_back_with_what_lies_behind_them() {
        let block =
            typesetter().set(&ink("4.4\u{a0}percent"), &TextStyle::new(30.0, Weight::Bold).role(Role::Figure), None);
        let white = Colour { r: 255, g: 255, b: 255 };
        let text = |x, opacity| Op::Text { block: block.clone(), x, y: 10.0, ink: white, accent: white, opacity };
        let plate = Op::Round { area: Area::new(0.0, 0.0, 400.0, 80.0), radius: 4.0, colour: white, opacity: 255 };
        let ops = [plate, text(10, 255), text(900, 100), text(20, 0)];
        let found = read(&ops, Colour::BLACK);
        assert_eq!(found.len(), 2, "what cannot be seen is not there");
        assert_eq!((found[0].text.as_str(), found[0].role), ("4.4 percent", Role::Figure));
        assert_eq!(one_line("$1,772\nSep\u{a0}2011"), "$1,772 · Sep 2011");
        assert_eq!((found[0].background, found[1].background), (white, Colour::BLACK));
        assert!(found[0].area.holds(found[0].letters()) && found[0].letters().h < found[0].area.h);
    }
}
