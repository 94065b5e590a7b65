//! Draws frames of a made episode without speaking or encoding it, for looking at.
//!
//! `frames EPISODE OUT [landscape|portrait] [captions] [SECONDS]` reads `scenes.json` and `script.json` of an episode's
//! folder, gives every word the same time at 150 words a minute, and writes a frame each so many seconds, with the
//! mean time of drawing a frame. `nodraw` writes no pictures and only measures.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use proofreel_model::channel::Look;
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_studio::FPS;
use proofreel_studio::captions::cues;
use proofreel_studio::photo::Pictures;
use proofreel_studio::reel::{Material, Reel};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;
use proofreel_studio::timeline::{Pacing, Take, Timeline, tokens};

const WORD_MS: u32 = 400;

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Box<dyn Error>> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [episode, out, rest @ ..] = args.as_slice() else {
        return Err("usage: frames EPISODE OUT [landscape|portrait] [captions] [nodraw] [SECONDS]".into());
    };
    let has = |word: &str| rest.iter().any(|arg| arg == word);
    let every: f32 = rest.iter().find_map(|arg| arg.parse().ok()).unwrap_or(2.0);
    let format = if has("portrait") { Format::Portrait } else { Format::Landscape };
    let scenes: Scenes = read(&Path::new(episode).join("scenes.json"))?;
    let script: Script = read(&Path::new(episode).join("script.json"))?;
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .map(|scene| {
            let take = |words: Vec<String>| Take {
                length: words.len() as u64 * u64::from(WORD_MS) * 48,
                words: (0u32..)
                    .zip(words)
                    .map(|(n, text)| TimedWord { text, start_ms: n * WORD_MS, end_ms: (n + 1) * WORD_MS })
                    .collect(),
            };
            let spoken = |text| take(tokens(text).into_iter().map(|token| token.text).collect());
            (scene.scene_id.clone(), scene.narration.iter().map(|sentence| spoken(&sentence.text)).collect())
        })
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    let timeline = Timeline::lay(&laid, &Pacing::default())?;
    let theme = Theme::new(&Look::default(), format, has("captions"), "Figures That Move")?;
    let captions = cues(&script, &timeline);
    let material = Material {
        scenes: &scenes,
        script: &script,
        timeline: &timeline,
        theme: &theme,
        captions: &captions,
        pictures: Pictures::none(),
    };
    let mut reel = Reel::new(material, Typesetter::new(&FontFiles::from_environment())?)?;
    std::fs::create_dir_all(out)?;
    let step = (every * FPS as f32).max(1.0) as u32;
    let start = Instant::now();
    for frame in 0..reel.frames() {
        if has("nodraw") {
            reel.frame_yuv(frame)?;
        } else if frame % step == step / 2 {
            reel.frame_rgb(frame)?.save_png(Path::new(out).join(format!("{frame:05}.png")))?;
        }
    }
    if has("nodraw") {
        let each = start.elapsed().as_secs_f64() * 1000.0 / f64::from(reel.frames());
        println!("{} frames, {each:.2} ms each", reel.frames());
    }
    Ok(())
}
