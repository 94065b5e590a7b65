//! What an episode's folder gets besides the film: scripts and sources to read, facts and metadata to load,
//! the run log, and one page to approve from.

mod atomic;
pub mod cells;
pub mod facts;
mod markdown;
mod player;
mod record;
mod review;
pub mod words;

#[cfg(test)]
mod tests;

pub use atomic::{make_folder, write};

use std::io;
use std::path::{Path, PathBuf};

use proofreel_evidence::PackageBytes;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::qa::QaReport;
use proofreel_model::records::PipelineRun;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use thiserror::Error;

/// What there is of an episode; a run that was stopped early has fewer parts.
pub struct ExportParts<'a> {
    /// The run.
    pub run: &'a RunId,
    /// Its order: channel, day, seed, format.
    pub order: &'a Order,
    /// Its data packages, from which the source rows are listed.
    pub packages: &'a [PackageBytes],
    /// Rows of the run log, oldest first.
    pub rows: &'a [PipelineRun],
    /// Output of research.
    pub brief: Option<&'a ResearchBrief>,
    /// Output of the scene builder.
    pub scenes: Option<&'a Scenes>,
    /// Output of the script stage.
    pub script: Option<&'a Script>,
    /// Output of QA.
    pub qa: Option<&'a QaReport>,
    /// Output of render.
    pub film: Option<&'a Film>,
}

impl ExportParts<'_> {
    /// True when the ops stages must refuse the episode.
    pub fn is_draft(&self) -> bool {
        self.order.draft || self.script.is_some_and(|script| script.draft)
    }

    /// The digest that an approval names: over the film artifact, which holds the digest of every file and the
    /// metadata, so that it stands for exactly what would be uploaded. None before rendering and for a draft.
    pub fn digest_to_approve(&self) -> Option<Digest> {
        let film = self.film.filter(|_| !self.is_draft())?;
        canonical_json(film).ok().map(|bytes| Digest::of(&bytes))
    }
}

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
pub fn export(dir: &Path, parts: &ExportParts<'_>) -> Result<Vec<PathBuf>, ExportError> {
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
    let sheet = dir.join(crate::storyboard::FILE).exists();
    files.push(("review.html", review::page(parts, captions.as_deref(), sheet)?.into_bytes()));
    atomic::make_folder(dir)?;
    let mut written = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        written.push(atomic::write(dir, name, &bytes)?);
    }
    Ok(written)
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
