//! Stock pictures: what may be taken from whom, and how it is shown.

use std::sync::OnceLock;

use serde::Deserialize;

/// `specs/policy/pictures.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureLaw {
    /// Version of the file.
    pub version: String,
    /// What is looked for.
    pub search: PictureSearch,
    /// What a file may be.
    pub file: PictureFile,
    /// What of a work's texts is taken.
    pub texts: PictureTexts,
    /// How a picture is shown.
    pub shown: PictureShown,
    /// What leaves a work out.
    pub refused: PictureRefused,
    /// Licences that a film which earns money may use.
    pub licences: Vec<PictureLicence>,
    /// Providers.
    pub providers: Vec<PictureProvider>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureSearch {
    /// Works of one search.
    pub results: usize,
    /// Files fetched for a subject at most.
    pub fetched: usize,
    /// Subjects of a channel at most.
    pub subjects: usize,
}

/// What a file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureFile {
    /// Bytes.
    pub bytes: u64,
    /// Longest side, pixels.
    pub side_px: u32,
    /// Most pixels.
    pub pixels: u64,
    /// Most memory for unpacking, bytes.
    pub memory_bytes: u64,
    /// Seconds that fetching may take.
    pub seconds: u64,
    /// The shorter and the longer side at least, pixels.
    pub least_px: (u32, u32),
    /// Longest side of what is kept, pixels.
    pub kept_px: u32,
}

/// Most characters of a work's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the texts are described at `StockPicture`
pub struct PictureTexts {
    pub title: usize,
    pub author: usize,
    pub page: usize,
}

/// How a picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureShown {
    /// Share of the picture behind texts at most.
    pub behind_texts: f32,
    /// Share of the picture elsewhere.
    pub elsewhere: f32,
    /// Contrast that every text keeps whatever the picture, WCAG 2.
    pub contrast: f64,
    /// Share of its width by which it drifts.
    pub drift: f32,
    /// Width of the edge between the two, pixels.
    pub soft_px: f32,
}

/// What leaves a work out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureRefused {
    /// Words of titles, tags and categories, in small letters.
    pub words: Vec<String>,
}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureLicence {
    /// Identifier, as in the ledger and in `[pictures] licences`.
    pub id: String,
    /// Name for viewers.
    pub name: String,
    /// Where it stands.
    pub url: String,
    /// It asks for the author's name.
    pub author_owed: bool,
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureProvider {
    /// Identifier, as in `specs/policy/providers.toml`.
    pub id: String,
    /// Name for viewers.
    pub name: String,
    /// Hosts of its files, besides that of its `base_url`.
    pub hosts: Vec<String>,
}

impl PictureLaw {
    /// The licence with this identifier.
    pub fn licence(&self, id: &str) -> Option<&PictureLicence> {
        self.licences.iter().find(|licence| licence.id == id)
    }

    /// The provider with this identifier.
    pub fn provider(&self, id: &str) -> Option<&PictureProvider> {
        self.providers.iter().find(|provider| provider.id == id)
    }
}

/// The law of stock pictures.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn picture_law() -> &'static PictureLaw {
    static LAW: OnceLock<PictureLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/pictures.toml")).expect("specs/policy/pictures.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::CallKind;
    use crate::policy::ProviderLaw;

    #[test]
    fn every_provider_can_be_asked_and_no_licence_forbids_what_a_film_does() {
        let law = picture_law();
        for provider in &law.providers {
            let known = ProviderLaw::embedded().provider(&provider.id).expect("in providers.toml");
            assert!(known.serves.contains(&CallKind::Media) && known.terms.commercial, "{}", provider.id);
        }
        for licence in &law.licences {
            let words: Vec<&str> = licence.id.split('-').collect();
            assert!(!words.iter().any(|word| ["NC", "ND", "SA"].contains(word)), "{}", licence.id);
            assert!(licence.url.starts_with("https://"), "{}", licence.id);
        }
        assert!(law.refused.words.is_sorted() && law.shown.behind_texts < law.shown.elsewhere);
    }
}
