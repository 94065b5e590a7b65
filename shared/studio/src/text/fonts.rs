//! Where fonts come from: named files, not whatever the machine happens to hold.

use std::path::{Path, PathBuf};

use cosmic_text::fontdb::Database;

use crate::error::StudioError;

/// Folders and files to take fonts from, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontFiles {
    /// Files, or folders whose font files are all taken.
    pub places: Vec<PathBuf>,
    /// Folders with fonts of further scripts, of which single files are read when a text needs them.
    pub scripts: Vec<PathBuf>,
}

/// Environment variable with a folder (or several, as in `PATH`) that replaces the usual places.
pub const FONTS_VARIABLE: &str = "PROOFREEL_FONTS";

/// Upright cuts that the studio sets in; other files of the folder are left alone.
const CUTS: [&str; 5] = ["Regular", "Medium", "SemiBold", "Bold", "ExtraBold"];

impl Default for FontFiles {
    /// The folders of Debian's `fonts-inter` and `fonts-dejavu-core`; for further scripts those of `fonts-noto-core`
    /// and `fonts-wqy-microhei`.
    fn default() -> Self {
        Self {
            places: vec!["/usr/share/fonts/opentype/inter".into(), "/usr/share/fonts/truetype/dejavu".into()],
            scripts: vec!["/usr/share/fonts/truetype/noto".into(), "/usr/share/fonts/truetype/wqy".into()],
        }
    }
}

impl FontFiles {
    /// The places named by `PROOFREEL_FONTS`, else the usual ones.
    pub fn from_environment() -> Self {
        std::env::var_os(FONTS_VARIABLE).filter(|value| !value.is_empty()).map_or_else(Self::default, |value| {
            let places: Vec<PathBuf> = std::env::split_paths(&value).collect();
            Self { scripts: [places.clone(), Self::default().scripts].concat(), places }
        })
    }

    /// All font files that a text can be set in, in a fixed order: those loaded at once, then those of scripts.
    pub fn files(&self) -> Vec<PathBuf> {
        [self.text_files(), super::scripts::present(&self.scripts)].concat()
    }

    /// The font files to load at once, in a fixed order.
    fn text_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for place in &self.places {
            if place.is_file() {
                files.push(place.clone());
                continue;
            }
            let Ok(entries) = std::fs::read_dir(place) else { continue };
            let mut found: Vec<PathBuf> =
                entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_wanted(path)).collect();
            found.sort();
            files.extend(found);
        }
        files
    }

    /// Loads the fonts; at least one face, or an error that says where was looked.
    pub(super) fn load(&self) -> Result<(Database, String), StudioError> {
        let mut db = Database::new();
        for file in self.text_files() {
            // A file that is no font is skipped; having none at all is the error.
            let _ = db.load_font_file(&file);
        }
        let family = ["Inter", "DejaVu Sans", "Noto Sans"]
            .into_iter()
            .find(|name| db.faces().any(|face| face.families.iter().any(|(family, _)| family == name)))
            .map(str::to_owned)
            .or_else(|| db.faces().next().and_then(|face| face.families.first().map(|(family, _)| family.clone())));
        let Some(family) = family else {
            let searched: Vec<String> = self.places.iter().map(|place| place.display().to_string()).collect();
            return Err(StudioError::NoFonts { searched: searched.join(", ") });
        };
        db.set_sans_serif_family(family.clone());
        Ok((db, family))
    }
}

/// True for an upright sans-serif text cut. Of a large folder (Noto has hundreds of files) only these are read.
fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some((stem, kind)) = name.rsplit_once('.') else { return false };
    if !matches!(kind.to_ascii_lowercase().as_str(), "otf" | "ttf") {
        return false;
    }
    if ["Mono", "Serif", "Condensed", "Math"].iter().any(|word| stem.contains(word)) {
        return false;
    }
    match stem.split_once('-') {
        None => true, // `DejaVuSans.ttf`
        Some((_, cut)) => CUTS.contains(&cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_place_is_an_error_with_a_hint() {
        let empty = tempfile::tempdir().expect("folder");
        let fonts = FontFiles { places: vec![empty.path().to_owned()], scripts: Vec::new() };
        let error = fonts.load().map(|_| ()).expect_err("no fonts");
        assert!(error.to_string().contains("make setup"), "{error}");
    }

    #[test]
    fn only_upright_text_cuts_are_read() {
        let wanted = |name: &str| is_wanted(Path::new(name));
        assert!(wanted("Inter-SemiBold.otf") && wanted("InterDisplay-Bold.otf") && wanted("DejaVuSans.ttf"));
        assert!(!wanted("Inter-BoldItalic.otf") && !wanted("DejaVuSansMono.ttf") && !wanted("README.txt"));
    }
}
