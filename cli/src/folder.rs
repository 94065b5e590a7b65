//! Reading an episode's folder back: whatever lies there is material to judge, never trusted.

use std::path::{Path, PathBuf};

use proofreel_model::order::Order;
use proofreel_stages::qa::QaInput;
use proofreel_stages::qa::intake::Judged;
use proofreel_stages::qa::published::Published;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::exit::Failure;

/// A file of an episode above this is refused; the largest real one seen is under a megabyte.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The artifacts of an episode as they lie in its folder.
pub struct Folder {
    /// The three artifacts under judgement.
    pub input: QaInput,
    /// What reaches the viewer beside them.
    pub published: Published,
}

/// The order in a folder.
pub fn order(folder: &Path) -> Result<Order, Failure> {
    if !folder.is_dir() {
        return Err(Failure::input(format!(
            "{}: no such folder\n  hint: name the folder of an episode, for example out/<channel>/<run>",
            folder.display()
        )));
    }
    let path = folder.join("order.json");
    let value = json(&path)?;
    serde_json::from_value(value).map_err(|error| {
        Failure::input(format!("{}: is no order: {error}\n  hint: {}", path.display(), hint_of("order.json")))
    })
}

/// The artifacts in a folder. One that follows no schema is read all the same: the gate judges it.
pub fn read(folder: &Path) -> Result<Folder, Failure> {
    let input = QaInput {
        brief: artifact(folder, "brief")?,
        scenes: artifact(folder, "scenes")?,
        script: artifact(folder, "script")?,
    };
    let film = optional(folder, "film.json")?.map(|path| json(&path)).transpose()?.map(judged);
    let metadata = optional(folder, "metadata.json")?.map(|path| json(&path)).transpose()?;
    let srt = optional(folder, "captions.srt")?.map(|path| text(&path)).transpose()?;
    let vtt = optional(folder, "captions.vtt")?.map(|path| text(&path)).transpose()?;
    Ok(Folder { input, published: Published { film, srt, vtt, metadata, foreign: Vec::new() } })
}

fn artifact<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Judged<T>, Failure> {
    json(&folder.join(format!("{name}.json"))).map(judged)
}

fn judged<T: DeserializeOwned>(raw: Value) -> Judged<T> {
    let typed = T::deserialize(&raw).map_err(|error| error.to_string());
    Judged { raw, typed }
}

fn optional(folder: &Path, name: &str) -> Result<Option<PathBuf>, Failure> {
    let path = folder.join(name);
    match path.try_exists() {
        Ok(exists) => Ok(exists.then_some(path)),
        Err(error) => Err(Failure::input(format!("{}: {error}", path.display()))),
    }
}

fn json(path: &Path) -> Result<Value, Failure> {
    let bytes = bytes(path)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let start = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        let what = if start == Some(b'<') { "is a web page, not JSON".into() } else { format!("is not JSON: {error}") };
        Failure::input(format!("{}: {what}\n  hint: {}", path.display(), hint(path)))
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        Failure::input(format!("{}: is not UTF-8 text: {}\n  hint: {}", path.display(), error.utf8_error(), hint(path)))
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| Failure::input(format!("{}: {error}\n  hint: {}", path.display(), hint(path)));
    let meta = std::fs::metadata(path).map_err(fail)?;
    if !meta.is_file() {
        return Err(Failure::input(format!("{}: is not a file\n  hint: {}", path.display(), hint(path))));
    }
    if meta.len() > MAX_BYTES {
        return Err(Failure::input(format!(
            "{}: {} bytes is more than the {MAX_BYTES} a file of an episode may have\n  hint: {}",
            path.display(),
            meta.len(),
            hint(path)
        )));
    }
    std::fs::read(path).map_err(fail)
}

fn hint(path: &Path) -> &'static str {
    hint_of(path.file_name().and_then(|name| name.to_str()).unwrap_or_default())
}

fn hint_of(name: &str) -> &'static str {
    match name {
        "order.json" => {
            "write the folder again with `proofreel produce --resume RUN`, which puts the run's order into it"
        }
        _ => {
            "write the folder again with `proofreel produce --resume RUN`, or fetch the file from where the episode came"
        }
    }
}
