//! Captions: what can be read in time.

use std::sync::OnceLock;

use serde::Deserialize;

/// `specs/policy/captions.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptionLaw {
    /// Most characters of a line.
    pub line_chars: usize,
    /// Most lines of a caption.
    pub lines: usize,
    /// Shortest and longest caption, seconds.
    pub seconds: (f64, f64),
    /// Reading speed, characters a second.
    pub chars_per_second: f64,
    /// Shares of an episode's captions that may be outside.
    pub outside: CaptionShares,
}

/// Shares of an episode's captions, 0–1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptionShares {
    /// Above the reading speed.
    pub fast: f64,
    /// Shorter than the shortest.
    pub short: f64,
    /// A single short word on a line, or as a caption.
    pub orphans: f64,
    /// A line that ends on an article, a preposition or another word that leans on the next.
    pub leaning: f64,
    /// A break inside a series' name that would fit a line.
    pub names: f64,
}

/// The law of captions this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn caption_law() -> &'static CaptionLaw {
    static LAW: OnceLock<CaptionLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/captions.toml")).expect("specs/policy/captions.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::caption_law;

    #[test]
    fn the_law_of_captions_loads() {
        let law = caption_law();
        assert!(law.seconds.0 < law.seconds.1 && law.lines >= 1 && law.line_chars > 20);
    }
}
