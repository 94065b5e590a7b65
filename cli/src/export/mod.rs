//! What an episode's folder gets besides the film: scripts and sources to read, facts and metadata to load,
//! the run log, and one page to approve from.

mod atomic;
mod markdown;

#[cfg(test)]
mod tests;

pub use atomic::{make_folder, write};
pub use proofreel_console::review::{EpisodeParts, cells, facts, words};

use std::io;
use std::path::{Path, PathBuf};

use proofreel_console::review;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::order::Order;
use proofreel_model::records::PipelineRun;
use proofreel_model::scenes::Scenes;
use proofreel_model::stock::StockPicture;
use thiserror::Error;

/// Why an export failed.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file could not be written.
    #[error("cannot write {path}: {source}\n  hint: {hint}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// An artifact could not be turned into text.
    #[error(
        "cannot lay out {name}: {detail}\n  hint: this is a fault of the program; please report it with the run's id"
    )]
    Layout {
        /// The file being made.
        name: &'static str,
        /// What the formatter said.
        detail: String,
    },
}

/// Writes the files that the parts allow into `dir`, each whole or not at all, and names them. The film's own
/// files and the storyboard are expected in `dir` already: the page embeds the captions and shows the others from
/// there.
///
/// # Errors
/// The folder cannot be made, or a file in it cannot be written; files written before stay.
pub fn export(dir: &Path, parts: &EpisodeParts<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let mut files: Vec<(&'static str, Vec<u8>)> = Vec::new();
    if let Some(script) = parts.script {
        files.push(("script.md", markdown::script(parts, script).into_bytes()));
    }
    if let Some(brief) = parts.brief {
        files.push(("sources.md", markdown::sources(parts, brief).into_bytes()));
        files.push(("facts.json", json("facts.json", &brief.facts)?));
    }
    if let Some(film) = parts.film {
        files.push(("metadata.json", json("metadata.json", &film.metadata)?));
    }
    files.push(("run-log.jsonl", run_log(parts.rows)?));
    // Absent before rendering; then the page names no captions.
    let captions = std::fs::read(dir.join("captions.vtt")).ok();
    let sheet = Some(crate::storyboard::FILE).filter(|sheet| dir.join(sheet).exists());
    let page = review::page(parts, captions.as_deref(), sheet)
        .map_err(|error| ExportError::Layout { name: "review.html", detail: error.to_string() })?;
    files.push(("review.html", page.into_bytes()));
    atomic::make_folder(dir)?;
    let mut written = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        written.push(atomic::write(dir, name, &bytes)?);
    }
    Ok(written)
}

/// Writes the stock pictures that scenes show, and their licence ledger `pictures.json`; nothing where there are none.
///
/// # Errors
/// As [`export`].
pub fn pictures(
    dir: &Path,
    order: &Order,
    scenes: Option<&Scenes>,
    kept: &[(Digest, Vec<u8>)],
) -> Result<(), ExportError> {
    let shown: Vec<&Digest> = scenes
        .iter()
        .flat_map(|scenes| &scenes.scenes)
        .filter_map(|scene| scene.visual.backing().map(|backing| &backing.picture))
        .collect();
    let rows: Vec<&StockPicture> = order.pictures.iter().filter(|row| shown.contains(&&row.blob.digest)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    for row in &rows {
        if let Some((_, png)) = kept.iter().find(|(digest, _)| *digest == row.blob.digest) {
            atomic::write(dir, &row.file_name(), png)?;
        }
    }
    atomic::write(dir, "pictures.json", &json("pictures.json", &rows)?).map(drop)
}

fn json<T: serde::Serialize>(name: &'static str, artifact: &T) -> Result<Vec<u8>, ExportError> {
    canonical_json(artifact).map_err(|error| ExportError::Layout { name, detail: error.to_string() })
}

/// One row a line, in the order given.
fn run_log(rows: &[PipelineRun]) -> Result<Vec<u8>, ExportError> {
    let mut out = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut out, row)
            .map_err(|error| ExportError::Layout { name: "run-log.jsonl", detail: error.to_string() })?;
        out.push(b'\n');
    }
    Ok(out)
}
