//! `proofreel storyboard`: a frame of every scene on one sheet, before or after there is a film.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use proofreel_model::channel::VoiceSettings;
use proofreel_model::digest::Digest;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::stock::StockPicture;
use proofreel_pipeline::{load_pictures, run_head};
use proofreel_studio::StudioError;
use proofreel_studio::photo::Pictures;
use proofreel_studio::storyboard::{draw, timeline};
use proofreel_studio::text::FontFiles;
use proofreel_studio::theme::Theme;

use crate::args::{Global, StoryboardArgs};
use crate::exit::{Class, Failure};
use crate::printer::Printer;
use crate::state::Workshop;
use crate::threads;
use crate::{episode, export, folder};

/// Name of the sheet in an episode's folder.
pub const FILE: &str = "storyboard.png";

/// What a storyboard is drawn from.
struct Episode {
    order: Order,
    scenes: Scenes,
    script: Script,
    film: Option<Film>,
    /// Stock pictures as they are kept.
    pictures: Vec<(Digest, Vec<u8>)>,
}

pub fn storyboard(global: &Global, args: &StoryboardArgs) -> Result<ExitCode, Failure> {
    let path = Path::new(&args.target);
    let (episode, usual) = if path.is_dir() {
        (from_folder(path)?, path.join(FILE))
    } else if path.components().count() > 1 {
        return Err(Failure::input(format!(
            "{}: no such folder\n  hint: name the folder of an episode, for example out/<channel>/<run>, or a run's id",
            path.display()
        )));
    } else {
        (from_run(global, &args.target)?, PathBuf::from(FILE))
    };
    let made = (episode.film.as_ref(), episode.pictures.as_slice());
    let png = sheet(&episode.order, &episode.scenes, &episode.script, made, args.columns.unwrap_or(0))
        .map_err(|error| failure(&error))?;
    let out = args.out.clone().unwrap_or(usual);
    let named = out.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        Failure::input(format!("{}: is no file name\n  hint: name a file, for example --out sheet.png", out.display()))
    })?;
    let dir = out.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    export::make_folder(dir)?;
    export::write(dir, named, &png)?;
    let count = episode.scenes.scenes.len();
    if global.json {
        println!("{:#}", serde_json::json!({ "storyboard": out.display().to_string(), "scenes": count }));
    } else {
        println!("{count} scenes on {}", out.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The sheet of an episode as PNG.
pub fn sheet(
    order: &Order,
    scenes: &Scenes,
    script: &Script,
    (film, kept): (Option<&Film>, &[(Digest, Vec<u8>)]),
    columns: u32,
) -> Result<Vec<u8>, StudioError> {
    let format = film.map_or(order.format, |film| film.format);
    let theme = Theme::new(&order.channel.look, format, order.burn_captions, &order.channel.name)?;
    let timeline = timeline(script, film)?;
    let pictures = Pictures::unpack(kept)?;
    draw(scenes, script, &timeline, (&theme, &pictures), &FontFiles::from_environment(), columns)
}

fn failure(error: &StudioError) -> Failure {
    let class = if matches!(error, StudioError::NoFonts { .. }) { Class::Machine } else { Class::Input };
    Failure::new(class, error.to_string())
}

fn from_folder(path: &Path) -> Result<Episode, Failure> {
    let order = folder::order(path)?;
    let read = folder::read(path)?;
    let bad = |name: &str, error: &String| {
        Failure::input(format!(
            "{}: does not follow its schema: {error}\n  hint: `proofreel qa` judges a folder whatever it holds",
            path.join(name).display()
        ))
    };
    let of_row = |row: &StockPicture| {
        let bytes = std::fs::read(path.join(row.file_name())).ok()?;
        Some((row.blob.digest.clone(), bytes))
    };
    Ok(Episode {
        pictures: order.pictures.iter().filter_map(of_row).collect(),
        order,
        scenes: read.input.scenes.typed.map_err(|error| bad("scenes.json", &error))?,
        script: read.input.script.typed.map_err(|error| bad("script.json", &error))?,
        film: read.published.film.and_then(|film| film.typed.ok()),
    })
}

fn from_run(global: &Global, run: &str) -> Result<Episode, Failure> {
    threads::one()?.block_on(async {
        let printer = Arc::new(Printer::new(true));
        let workshop = Workshop::open(&global.state, &VoiceSettings::default(), printer)?;
        let head = run_head(&workshop.store, &RunId::from(run)).await?;
        let missing = |what: &str, stage: &str| {
            Failure::input(format!(
                "run {run} has no {what} yet\n  hint: go on with `proofreel produce --resume {run} --until {stage}`"
            ))
        };
        let order = episode::order_of(&workshop, &head).await?;
        Ok(Episode {
            pictures: load_pictures(workshop.blobs.as_ref(), &order.pictures).await?,
            order,
            scenes: episode::artifact(&workshop, &head, StageName::SceneBuilder)
                .await?
                .ok_or_else(|| missing("scenes", "script"))?,
            script: episode::artifact(&workshop, &head, StageName::Script)
                .await?
                .ok_or_else(|| missing("script", "script"))?,
            film: episode::artifact(&workshop, &head, StageName::Render).await?,
        })
    })
}
