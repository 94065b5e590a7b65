//! Whole films from the shelf: the files, and what was found out about them when they were made.

use std::path::Path;

use proofreel_model::digest::Digest;
use proofreel_model::media::MediaReport;
use proofreel_model::policy::law;
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::script::ThumbnailVariant;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use serde::{Deserialize, Serialize};

use crate::encoder::{parameters, remove};
use crate::error::StudioError;
use crate::film::{FilmOrder, Made, MadeFile};
use crate::keys;
use crate::segment::Toolchain;
use crate::shelf::Shelf;
use crate::timeline::Timeline;

/// What a film depends on, without drawing or resampling anything.
#[derive(Serialize)]
struct Essence<'a> {
    toolchain: &'a Toolchain,
    encoder: Vec<String>,
    music: Option<u64>,
    pacing: String,
    speech: &'a [Digest],
    scenes: Vec<Told<'a>>,
    thumbnails: &'a [ThumbnailVariant],
    /// Bounds of the media check, as debugging text.
    bounds: String,
}

#[derive(Serialize)]
struct Told<'a> {
    scene: &'a str,
    role: NarrativeRole,
    visual: &'a Visual,
    source_line: &'a RichText,
    on_screen: &'a [RichText],
    narration: Vec<&'a RichText>,
}

/// What is written down about a film.
#[derive(Deserialize, Serialize)]
struct Record {
    timeline: Timeline,
    media: MediaReport,
    segments: usize,
    /// Name, MIME type and length of each file: that it is undamaged is the shelf's to see to.
    files: Vec<(String, String, u64)>,
}

/// Names a film: the same key, the same files. `speech` are the digests of what is spoken, scene by scene.
pub(crate) fn key(order: &FilmOrder, toolchain: &Toolchain, speech: &[Digest]) -> Result<Digest, StudioError> {
    let told = order.scenes.scenes.iter().zip(&order.script.scenes).map(|(scene, words)| Told {
        scene: scene.scene_id.as_str(),
        role: scene.narrative_role,
        visual: &scene.visual,
        source_line: &scene.source_line,
        on_screen: &words.on_screen_text,
        narration: words.narration.iter().map(|sentence| &sentence.text).collect(),
    });
    keys::of(
        "film",
        &Essence {
            toolchain,
            encoder: parameters(),
            music: order.music,
            pacing: format!("{:?}", order.pacing()),
            speech,
            scenes: told.collect(),
            thumbnails: &order.script.thumbnails,
            bounds: format!("{:?}", law().media),
        },
    )
}

fn file_key(film: &Digest, name: &str) -> Result<Digest, StudioError> {
    keys::of("file", &(film, name))
}

/// The film of this key, its files laid into the folder; none when any part of it is not there.
pub(crate) fn fetch(key: &Digest, folder: &Path, shelf: &dyn Shelf) -> Result<Option<Made>, StudioError> {
    let note = folder.join("film.record");
    if !shelf.fetch(key, &note) {
        return Ok(None);
    }
    let read = std::fs::read(&note).ok().and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
    remove(&note)?;
    let Some(record) = read else { return Ok(None) };
    let mut files = Vec::new();
    for (name, media_type, bytes) in record.files {
        let path = folder.join(&name);
        let there = shelf.fetch(&file_key(key, &name)?, &path);
        if !there || !path.metadata().is_ok_and(|found| found.len() == bytes) {
            return Ok(None);
        }
        files.push(MadeFile { name, media_type, path });
    }
    Ok(Some(Made { timeline: record.timeline, media: record.media, files, segments: (record.segments, 0) }))
}

/// Keeps a film. The record goes last: where it is, the files were.
pub(crate) fn keep(key: &Digest, made: &Made, folder: &Path, shelf: &dyn Shelf) -> Result<(), StudioError> {
    let mut files = Vec::new();
    for file in &made.files {
        let found = file.path.metadata();
        let found = found.map_err(|error| StudioError::io(format!("reading {}", file.path.display()), error))?;
        shelf.keep(&file_key(key, &file.name)?, &file.path);
        files.push((file.name.clone(), file.media_type.clone(), found.len()));
    }
    let record =
        Record { timeline: made.timeline.clone(), media: made.media.clone(), segments: made.segments.0, files };
    let note = folder.join("film.record");
    let bytes = serde_json::to_vec(&record)
        .map_err(|error| StudioError::OutOfSpec(vec![format!("the film's record has no JSON: {error}")]))?;
    std::fs::write(&note, bytes).map_err(|error| StudioError::io(format!("writing {}", note.display()), error))?;
    shelf.keep(key, &note);
    remove(&note)
}
