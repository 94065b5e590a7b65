//! Fonts for scripts that the text fonts do not hold: named files, loaded when a text first needs them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cosmic_text::fontdb::Database;

use super::FontFiles;

/// A script: its ranges of characters, stems of the files that hold it, and the Debian package of those.
struct Script {
    ranges: &'static [(char, char)],
    files: &'static [&'static str],
    package: &'static str,
}

const NOTO: &str = "fonts-noto-core";
const WQY: &str = "fonts-wqy-microhei";

/// Scripts in order; a character's script is the first that has it.
static SCRIPTS: [Script; 19] = [
    script(&[('\u{0530}', '\u{058f}')], &["NotoSansArmenian-Regular", "NotoSansArmenian-Bold"], NOTO),
    script(
        &[('\u{0590}', '\u{05ff}'), ('\u{fb1d}', '\u{fb4f}')],
        &["NotoSansHebrew-Regular", "NotoSansHebrew-Bold"],
        NOTO,
    ),
    script(
        &[
            ('\u{0600}', '\u{06ff}'),
            ('\u{0750}', '\u{077f}'),
            ('\u{08a0}', '\u{08ff}'),
            ('\u{fb50}', '\u{fdff}'),
            ('\u{fe70}', '\u{fefc}'),
        ],
        &["NotoSansArabic-Regular", "NotoSansArabic-Bold"],
        NOTO,
    ),
    script(&[('\u{0900}', '\u{097f}')], &["NotoSansDevanagari-Regular", "NotoSansDevanagari-Bold"], NOTO),
    script(&[('\u{0980}', '\u{09ff}')], &["NotoSansBengali-Regular", "NotoSansBengali-Bold"], NOTO),
    script(&[('\u{0a00}', '\u{0a7f}')], &["NotoSansGurmukhi-Regular", "NotoSansGurmukhi-Bold"], NOTO),
    script(&[('\u{0a80}', '\u{0aff}')], &["NotoSansGujarati-Regular", "NotoSansGujarati-Bold"], NOTO),
    script(&[('\u{0b80}', '\u{0bff}')], &["NotoSansTamil-Regular", "NotoSansTamil-Bold"], NOTO),
    script(&[('\u{0c00}', '\u{0c7f}')], &["NotoSansTelugu-Regular", "NotoSansTelugu-Bold"], NOTO),
    script(&[('\u{0c80}', '\u{0cff}')], &["NotoSansKannada-Regular", "NotoSansKannada-Bold"], NOTO),
    script(&[('\u{0d00}', '\u{0d7f}')], &["NotoSansMalayalam-Regular", "NotoSansMalayalam-Bold"], NOTO),
    script(&[('\u{0d80}', '\u{0dff}')], &["NotoSansSinhala-Regular", "NotoSansSinhala-Bold"], NOTO),
    script(&[('\u{0e00}', '\u{0e7f}')], &["NotoSansThai-Regular", "NotoSansThai-Bold"], NOTO),
    script(&[('\u{0e80}', '\u{0eff}')], &["NotoSansLao-Regular", "NotoSansLao-Bold"], NOTO),
    script(&[('\u{1000}', '\u{109f}')], &["NotoSansMyanmar-Regular", "NotoSansMyanmar-Bold"], NOTO),
    script(&[('\u{10a0}', '\u{10ff}')], &["NotoSansGeorgian-Regular", "NotoSansGeorgian-Bold"], NOTO),
    script(&[('\u{1200}', '\u{139f}')], &["NotoSansEthiopic-Regular", "NotoSansEthiopic-Bold"], NOTO),
    script(&[('\u{1780}', '\u{17ff}')], &["NotoSansKhmer-Regular", "NotoSansKhmer-Bold"], NOTO),
    // Han, kana, hangul: one file of 5 MB, where Noto's are 90 MB.
    script(
        &[
            ('\u{1100}', '\u{11ff}'),
            ('\u{2e80}', '\u{9fff}'),
            ('\u{ac00}', '\u{d7af}'),
            ('\u{f900}', '\u{faff}'),
            ('\u{ff00}', '\u{ffef}'),
        ],
        &["wqy-microhei"],
        WQY,
    ),
];

const fn script(ranges: &'static [(char, char)], files: &'static [&'static str], package: &'static str) -> Script {
    Script { ranges, files, package }
}

fn of(letter: char) -> Option<usize> {
    SCRIPTS.iter().position(|script| script.ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter)))
}

/// Debian package whose fonts hold a character of a script; none for one of no script that is drawn here: an emoji, a
/// dingbat.
pub(super) fn package_for(letter: char) -> Option<&'static str> {
    of(letter).map(|number| SCRIPTS[number].package)
}

/// Debian packages of which a file is missing in the folders of a set of fonts.
pub fn absent_scripts(fonts: &FontFiles) -> Vec<&'static str> {
    let there = |stem: &str| file_of(&fonts.scripts, stem).is_some();
    let lacking = SCRIPTS.iter().filter(|script| !script.files.iter().all(|stem| there(stem)));
    lacking.map(|script| script.package).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Files of scripts that are in these folders, in the order of the list.
pub(super) fn present(folders: &[PathBuf]) -> Vec<PathBuf> {
    let stems = SCRIPTS.iter().flat_map(|script| script.files);
    stems.filter_map(|stem| file_of(folders, stem)).collect()
}

/// The file of this stem in the first folder that has it.
fn file_of(folders: &[PathBuf], stem: &str) -> Option<PathBuf> {
    folders.iter().flat_map(|folder| candidates(folder, stem)).find(|file| file.is_file())
}

/// Files that may hold a font.
fn candidates(folder: &Path, stem: &str) -> [PathBuf; 3] {
    ["ttf", "otf", "ttc"].map(|kind| folder.join(format!("{stem}.{kind}")))
}

/// Loads the fonts of scripts once each.
#[derive(Debug)]
pub(super) struct ScriptFonts {
    folders: Vec<PathBuf>,
    loaded: BTreeSet<usize>,
}

impl ScriptFonts {
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders, loaded: BTreeSet::new() }
    }

    /// Scripts that a text needs and that were not asked for before; asked for from now on.
    pub(super) fn wanted(&mut self, text: &str) -> Vec<usize> {
        if text.is_ascii() {
            return Vec::new();
        }
        text.chars().filter_map(of).filter(|number| self.loaded.insert(*number)).collect()
    }

    /// Loads the files of these scripts from the first folder that holds them.
    pub(super) fn load(&self, scripts: &[usize], db: &mut Database) {
        for stem in scripts.iter().flat_map(|number| SCRIPTS[*number].files) {
            // A file that is not there shows as a missing glyph, which is reported.
            if let Some(file) = file_of(&self.folders, stem) {
                let _ = db.load_font_file(file);
            }
        }
    }
}

/// True for characters that are drawn as nothing: spaces, marks of direction, joiners, selectors of variants.
pub(super) fn is_invisible(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
