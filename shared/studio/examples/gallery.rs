//! Draws every kind of picture over made-up material, for looking at: `gallery OUT THEME SCRIPT [portrait] [captions]
//! [KIND…]`. THEME is one of the law's, SCRIPT one of those of the stress test.

#[path = "../tests/stress/names.rs"]
mod names;
#[path = "../tests/stress/visuals.rs"]
mod visuals;

use std::error::Error;
use std::path::PathBuf;

use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::text::RichText;
use proofreel_studio::beats::Beats;
use proofreel_studio::painter::Painter;
use proofreel_studio::picture::{Shot, compose};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;

use names::NAMES;
use visuals::{KINDS, Material, Values};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, theme, script, options @ ..] = args.as_slice() else {
        return Err("usage: gallery OUT THEME SCRIPT [portrait] [captions] [KIND...]".into());
    };
    let has = |word: &str| options.iter().any(|option| option == word);
    let format = if has("portrait") { Format::Portrait } else { Format::Landscape };
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| has(kind)).collect();
    let (_, short, long) = NAMES.into_iter().find(|(name, ..)| name == script).ok_or("no such script")?;
    let theme = Theme::new(&Look::of(theme), format, has("captions"), "Figures That Move")?;
    let folder = PathBuf::from(out);
    std::fs::create_dir_all(&folder)?;
    let mut type_ = Typesetter::new(&FontFiles::from_environment())?;
    for (n, kind) in KINDS.into_iter().enumerate().filter(|(_, kind)| kinds.is_empty() || kinds.contains(kind)) {
        let values = Values::ALL[0];
        let material = Material { kind, values, points: 48, members: [2, 5, 8][n % 3], short, long, unit: n };
        let visual = material.visual();
        let source = RichText::plain("World Bank, Commodity Markets, data to July 2026");
        let beats = Beats::silent(9.0);
        let shot =
            Shot { visual: &visual, source_line: &source, on_screen: &[], beats: &beats, theme: &theme, photo: None };
        let mut picture = compose(&shot, &mut type_)?;
        let ops = picture.ops(8.6, &mut type_);
        let mut painter = Painter::new(picture.base());
        painter.show(picture.base(), ops);
        let view = if theme.is_portrait() { "upright" } else { "wide" };
        painter.canvas().save_png(folder.join(format!("{kind}-{view}.png")))?;
    }
    Ok(())
}
