//! Characters that no font draws: they would show as empty boxes, so they are told before anybody sees one.

use std::collections::BTreeSet;

use cosmic_text::LayoutGlyph;

use super::Typesetter;
use crate::error::StudioError;
use crate::text::scripts::{is_invisible, package_for};
use crate::text::{TextStyle, Weight, ink};

/// Letters that a message names.
const NAMED: usize = 8;

impl Typesetter {
    /// An error when a text that was set so far holds characters that no font draws.
    pub fn check_glyphs(&self) -> Result<(), StudioError> {
        told(&self.missing)
    }

    /// The same for a text that is not drawn now, for example a name that may be drawn later.
    pub fn check_text(&mut self, text: &str) -> Result<(), StudioError> {
        // Every text font has these.
        if text.is_ascii() {
            return Ok(());
        }
        let pieces = ink(text);
        self.fetch_scripts(&pieces);
        let buffer = self.shape(&pieces, &TextStyle::new(32.0, Weight::Regular), None, None);
        told(&buffer.layout_runs().flat_map(|run| undrawn(run.text, run.glyphs)).collect())
    }
}

/// The characters of a line that came out as the box of a missing glyph.
pub(super) fn undrawn<'t>(text: &'t str, glyphs: &'t [LayoutGlyph]) -> impl Iterator<Item = char> + use<'t> {
    let boxes = glyphs.iter().filter(|glyph| glyph.glyph_id == 0);
    boxes.flat_map(|glyph| text[glyph.start..glyph.end].chars()).filter(|letter| !is_invisible(*letter))
}

fn told(missing: &BTreeSet<char>) -> Result<(), StudioError> {
    if missing.is_empty() {
        return Ok(());
    }
    let named = |letter: &char| format!("{letter} (U+{:04X})", u32::from(*letter));
    let packages: BTreeSet<&str> = missing.iter().filter_map(|letter| package_for(*letter)).collect();
    let packages: Vec<&str> = packages.into_iter().collect();
    // No package helps with a character of no script: an emoji has no letters that could be set in a chart.
    let install = match packages.as_slice() {
        [] => String::new(),
        packages => format!("`apt-get install {}` (`make setup` does), or ", packages.join(" ")),
    };
    let letters: Vec<String> = missing.iter().take(NAMED).map(named).collect();
    Err(StudioError::NoGlyphs { letters: letters.join(", "), install })
}

#[cfg(test)]
mod tests {
    use crate::samples::typesetter;
    use crate::text::{TextStyle, Weight, ink};

    #[test]
    fn a_character_without_a_glyph_is_an_error_that_names_it_and_what_helps() {
        let mut type_ = typesetter();
        type_.set(&ink("Gold\u{200d} \u{fe0f}"), &TextStyle::new(40.0, Weight::Regular), None);
        type_.check_glyphs().expect("invisible characters need no glyph");
        for emoji in ["Gold \u{1fa99}", "Gold \u{10ff00}"] {
            let error = type_.check_text(emoji).expect_err("no glyph").to_string();
            assert!(error.contains("U+1") && error.contains("in words") && !error.contains("apt-get"), "{error}");
        }
        // A letter of a script that is known, but of no font that is there: here a package may help.
        let error = type_.check_text("\u{0e5d}").expect_err("unassigned").to_string();
        assert!(error.contains("U+0E5D") && error.contains("apt-get install fonts-noto-core"), "{error}");
        type_.check_glyphs().expect("only asked about, not drawn");
        type_.set(&ink("Gold \u{1fa99}"), &TextStyle::new(40.0, Weight::Regular), None);
        type_.check_glyphs().expect_err("drawn");
    }

    #[test]
    fn names_in_other_scripts_pass() {
        let mut type_ = typesetter();
        for name in ["Gold – €", "Україна", "भारत गणराज्य", "中华人民共和国", "المملكة العربية السعودية", "−0.4 % · ½"]
        {
            type_.check_text(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
