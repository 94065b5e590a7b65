//! The part of a picture that never changes, and what is written on it.

use std::ops::{Deref, DerefMut};

use tiny_skia::Pixmap;

use super::frame::Text;
use crate::colour::Colour;
use crate::inscription::Inscription;

/// Something that texts can be drawn on for good.
pub trait Paper {
    /// Its pixels.
    fn pixels(&mut self) -> &mut Pixmap;

    /// Told of each text; a plain picture keeps no record.
    fn note(&mut self, _text: &Text) {}
}

impl Paper for Pixmap {
    fn pixels(&mut self) -> &mut Pixmap {
        self
    }
}

/// The opaque ground of a scene, which remembers its texts.
#[derive(Clone, Debug)]
pub struct Base {
    pixmap: Pixmap,
    ground: Colour,
    written: Vec<Inscription>,
}

impl Base {
    /// An empty one: a picture in this colour.
    pub fn new(pixmap: Pixmap, ground: Colour) -> Self {
        Self { pixmap, ground, written: Vec::new() }
    }

    /// The texts drawn on it.
    pub fn written(&self) -> &[Inscription] {
        &self.written
    }

    /// Its colour.
    pub fn ground(&self) -> Colour {
        self.ground
    }
}

impl Paper for Base {
    fn pixels(&mut self) -> &mut Pixmap {
        &mut self.pixmap
    }

    fn note(&mut self, text: &Text) {
        if text.block.text.trim().is_empty() {
            return;
        }
        let at = (text.x.round(), text.y.round());
        self.written.push(Inscription::of(&text.block, at, [text.ink, text.accent], self.ground, 255));
    }
}

impl Deref for Base {
    type Target = Pixmap;

    fn deref(&self) -> &Pixmap {
        &self.pixmap
    }
}

impl DerefMut for Base {
    fn deref_mut(&mut self) -> &mut Pixmap {
        &mut self.pixmap
    }
}
