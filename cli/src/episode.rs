//! The folder of an episode: what a run made, as files for people.

use std::path::{Path, PathBuf};

use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::canonical_json;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::qa::QaReport;
use proofreel_model::records::RunHead;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{load_packages, load_pictures, run_head, run_rows};
use serde::de::DeserializeOwned;

use crate::exit::{Class, Failure};
use crate::export::{self, EpisodeParts, ExportError};
use crate::state::Workshop;
use crate::storyboard;

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let class = if matches!(error, ExportError::Write { .. }) { Class::Machine } else { Class::Unexpected };
        Self::new(class, error.to_string())
    }
}

/// What is stored of runs is read without their channels' files.
const NO_FILES: &str = "channels";

/// The order of a run.
pub async fn order(workshop: &Workshop, run: &RunId) -> Result<Order, Failure> {
    let head = run_head(&workshop.store, run).await?;
    order_of(workshop, &head).await
}

/// The order of a run whose head is known.
pub async fn order_of(workshop: &Workshop, head: &RunHead) -> Result<Order, Failure> {
    Ok(workshop.office(Path::new(NO_FILES)).order(head).await?)
}

/// An artifact of a run, where it has come that far.
pub async fn artifact<T: DeserializeOwned>(
    workshop: &Workshop,
    head: &RunHead,
    stage: StageName,
) -> Result<Option<T>, Failure> {
    Ok(workshop.office(Path::new(NO_FILES)).read_made(head, stage).await?)
}

/// The verdict with the media check of the film beside it; none before there are both.
fn judged_with_media(qa: Option<&QaReport>, film: Option<&Film>) -> Result<Option<Vec<u8>>, Failure> {
    let (Some(qa), Some(media)) = (qa, film.and_then(|film| film.media.as_ref())) else { return Ok(None) };
    let whole = QaReport { media: Some(media.clone()), ..qa.clone() };
    let bytes = canonical_json(&whole).map_err(|error| anyhow::anyhow!("qa.json: {error}"))?;
    Ok(Some(bytes))
}

/// Writes `<out>/<channel>/<run>/` with all that the run has made so far, and names it.
pub async fn write(workshop: &Workshop, head: &RunHead, out: &Path) -> Result<PathBuf, Failure> {
    let folder = out.join(head.channel.as_str()).join(head.run_id.as_str());
    export::make_folder(&folder)?;
    for (stage, blob) in &head.artifacts {
        let bytes = workshop.blobs.fetch(blob).await?;
        export::write(&folder, &format!("{}.json", stage.artifact()), &bytes)?;
    }
    for (name, blob) in &head.files {
        export::write(&folder, name, &workshop.blobs.fetch(blob).await?)?;
    }
    // The order makes the folder whole: it can be judged without the state folder. It holds digests, no secrets.
    export::write(&folder, "order.json", &workshop.blobs.fetch(&head.order).await?)?;
    let order = order_of(workshop, head).await?;
    let packages = load_packages(workshop.blobs.as_ref(), &order.packages).await?;
    let rows = run_rows(&workshop.store, &head.run_id).await?;
    let brief: Option<ResearchBrief> = artifact(workshop, head, StageName::Research).await?;
    let scenes: Option<Scenes> = artifact(workshop, head, StageName::SceneBuilder).await?;
    let script: Option<Script> = artifact(workshop, head, StageName::Script).await?;
    let qa: Option<QaReport> = artifact(workshop, head, StageName::Qa).await?;
    let film: Option<Film> = artifact(workshop, head, StageName::Render).await?;
    if let Some(report) = judged_with_media(qa.as_ref(), film.as_ref())? {
        export::write(&folder, "qa.json", &report)?;
    }
    let pictures = load_pictures(workshop.blobs.as_ref(), &order.pictures).await?;
    export::pictures(&folder, &order, scenes.as_ref(), &pictures)?;
    if let (Some(scenes), Some(script)) = (&scenes, &script) {
        match storyboard::sheet(&order, scenes, script, (film.as_ref(), &pictures), 0) {
            Ok(png) => drop(export::write(&folder, storyboard::FILE, &png)?),
            // A sheet is a help, not a result: an episode without one is whole.
            Err(error) => tracing::warn!(%error, "no storyboard"),
        }
    }
    export::export(
        &folder,
        &EpisodeParts {
            run: &head.run_id,
            order: &order,
            packages: &packages,
            rows: &rows,
            brief: brief.as_ref(),
            scenes: scenes.as_ref(),
            script: script.as_ref(),
            qa: qa.as_ref(),
            film: film.as_ref(),
        },
    )?;
    Ok(folder)
}
