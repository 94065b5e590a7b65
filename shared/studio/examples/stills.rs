//! Draws the pictures of an episode, for looking at: `stills SCENES.json OUT [portrait] [KIND…]` reads the scenes
//! artifact of an episode or draft and writes two looks at each scene, while it moves and when it stands, as PNG.

use std::error::Error;
use std::path::{Path, PathBuf};

use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::scenes::Scenes;
use proofreel_studio::beats::Beats;
use proofreel_studio::painter::Painter;
use proofreel_studio::picture::{Shot, compose};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [scenes, out, options @ ..] = args.as_slice() else {
        return Err("usage: stills SCENES.json OUT [portrait] [KIND...]".into());
    };
    let upright = options.iter().any(|option| option == "portrait");
    let kinds: Vec<&String> = options.iter().filter(|option| *option != "portrait").collect();
    let format = if upright { Format::Portrait } else { Format::Landscape };
    let scenes: Scenes = serde_json::from_str(&std::fs::read_to_string(Path::new(scenes))?)?;
    let folder = PathBuf::from(out);
    std::fs::create_dir_all(&folder)?;
    let theme = Theme::new(&Look::default(), format, false, "Figures That Move")?;
    let mut type_ = Typesetter::new(&FontFiles::from_environment())?;
    for scene in &scenes.scenes {
        let kind = scene.visual.kind();
        if !kinds.is_empty() && !kinds.iter().any(|wanted| *wanted == kind) {
            continue;
        }
        let beats = Beats::silent((scene.end_time - scene.start_time) as f32);
        let shot = Shot {
            visual: &scene.visual,
            source_line: &scene.source_line,
            on_screen: &[],
            beats: &beats,
            theme: &theme,
            photo: None,
        };
        let mut picture = compose(&shot, &mut type_)?;
        for (name, share) in [("a", 0.3), ("b", 0.97)] {
            let ops = picture.ops(beats.seconds * share, &mut type_);
            let mut painter = Painter::new(picture.base());
            painter.show(picture.base(), ops);
            let view = if upright { "upright" } else { "wide" };
            painter.canvas().save_png(folder.join(format!("{}-{kind}-{view}-{name}.png", scene.scene_id)))?;
        }
    }
    Ok(())
}
