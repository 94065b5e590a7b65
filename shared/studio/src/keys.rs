//! What parts of a film are named by: digests of everything that they depend on.

use std::path::PathBuf;

use proofreel_model::digest::{Digest, canonical_json};
use serde::Serialize;

use crate::error::StudioError;

/// Digest of the sources of this room and of the model's, of the numbers of the law, of the versions of all dependencies, of
/// the compiler and of the target: made by `build.rs`, so that no change of how things are drawn can be forgotten.
pub const VERSION: &str = env!("PROOFREEL_STUDIO_VERSION");

#[derive(Serialize)]
struct Named<'a, T> {
    kind: &'a str,
    studio: &'a str,
    of: &'a T,
}

/// The key of a part of some kind that depends on `of` and on nothing else but this program.
pub fn of<T: Serialize>(kind: &str, of: &T) -> Result<Digest, StudioError> {
    canonical_json(&Named { kind, studio: VERSION, of })
        .map(|bytes| Digest::of(&bytes))
        .map_err(|error| StudioError::BadScene { scene: kind.to_owned(), why: format!("it has no JSON: {error}") })
}

/// One digest over the contents of some files, in their order.
pub fn of_files(files: &[PathBuf]) -> Result<Digest, StudioError> {
    let mut all = Vec::new();
    for file in files {
        let bytes =
            std::fs::read(file).map_err(|error| StudioError::io(format!("reading {}", file.display()), error))?;
        all.push(Digest::of(&bytes));
    }
    of("files", &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_kind_and_content() {
        let key = |kind: &str, value: &str| of(kind, &value).expect("key");
        assert_eq!(key("a", "x"), key("a", "x"));
        assert_ne!(key("a", "x"), key("b", "x"));
        assert_ne!(key("a", "x"), key("a", "y"));
        assert_eq!(VERSION.len(), 64);
    }

    #[test]
    fn a_change_of_the_law_or_of_a_source_changes_every_key() {
        let digested: Vec<&str> = env!("PROOFREEL_STUDIO_DIGESTED").split(':').collect();
        for place in ["../../specs/policy", "src", "../model/src"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
            for entry in std::fs::read_dir(folder).expect("folder") {
                let entry = entry.expect("entry");
                let name = format!("{place}/{}", entry.file_name().to_string_lossy());
                // A folder counts by its files.
                let whole = digested.iter().any(|file| *file == name || file.starts_with(&format!("{name}/")));
                assert!(whole, "{name} is not digested by build.rs");
            }
        }
    }
}
