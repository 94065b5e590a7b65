//! A sheet of every theme: its colours as each kind of eye sees them, its sizes of type, and names in many scripts.
//!
//! `cargo run -p proofreel-studio --example themes -- OUT`

use std::path::PathBuf;

use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::policy::themes;
use proofreel_studio::canvas;
use proofreel_studio::colour::vision::{Vision, distance};
use proofreel_studio::geometry::Area;
use proofreel_studio::picture::Text;
use proofreel_studio::text::{FontFiles, TextStyle, Typesetter, Weight, ink};
use proofreel_studio::theme::{Theme, faults};

const NAMES: [&str; 14] = [
    "Česko, Łódź, Việt Nam",
    "Ελλάδα",
    "Україна",
    "Հայաստան",
    "საქართველო",
    "المملكة العربية السعودية",
    "ישראל",
    "भारत गणराज्य",
    "বাংলাদেশ",
    "இந்தியா",
    "ประเทศไทย",
    "中华人民共和国",
    "日本国",
    "대한민국",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("usage: themes OUT")?);
    std::fs::create_dir_all(&out)?;
    let mut type_ = Typesetter::new(&FontFiles::from_environment())?;
    for name in themes().themes.keys() {
        let theme = Theme::new(&Look::of(name), Format::Landscape, false, "")?;
        let palette = &theme.palette;
        let series = &palette.series;
        let least = (0..series.len())
            .flat_map(|n| (0..n).map(move |m| (n, m)))
            .map(|(n, m)| distance(series[n], series[m]))
            .fold(f64::MAX, f64::min);
        println!(
            "{name}: ink {:.1}, muted {:.1}, accent {:.1}, accent from contrast {:.3}, positive from negative {:.3}, series {least:.3}, {} faults",
            palette.ink.contrast(palette.background),
            palette.muted.contrast(palette.background),
            palette.accent.contrast(palette.background),
            distance(palette.accent, palette.contrast),
            distance(palette.positive, palette.negative),
            faults(palette).len()
        );
        let mut sheet = canvas::blank(theme.width, theme.height, palette.background).ok_or("no picture")?;
        let heading = TextStyle::display(theme.scale.heading, Weight::Bold);
        let block = type_.set(&ink(format!("{name}: a heading states the finding")), &heading, None);
        Text::plain(block, theme.safe.x, theme.safe.y, palette.ink).stamp(&mut sheet);
        let label = TextStyle::new(theme.scale.label, Weight::SemiBold);
        for (row, vision) in Vision::ALL.into_iter().enumerate() {
            let y = theme.safe.y + 120.0 + row as f32 * 96.0;
            let block = type_.set(&ink(format!("{vision:?}")), &label, None);
            Text::plain(block, theme.safe.x, y, palette.muted).stamp(&mut sheet);
            let colours = series.iter().chain([&palette.positive, &palette.negative, &palette.surface, &palette.grid]);
            for (n, colour) in colours.enumerate() {
                let area = Area::new(theme.safe.x + 240.0 + n as f32 * 118.0, y - 10.0, 106.0, 72.0);
                canvas::round(&mut sheet, area, theme.radius, vision.simulate(*colour), 255);
            }
        }
        for (n, name) in NAMES.iter().enumerate() {
            let (x, y) = (theme.safe.x + (n % 3) as f32 * 560.0, theme.safe.y + 540.0 + (n / 3) as f32 * 80.0);
            let block = type_.set(&ink(*name), &label.sized(theme.scale.label * 1.3), None);
            Text::plain(block, x, y, if n % 2 == 0 { palette.ink } else { palette.accent }).stamp(&mut sheet);
        }
        type_.check_glyphs()?;
        sheet.save_png(out.join(format!("theme-{name}.png")))?;
    }
    Ok(())
}
