//! Where finished parts of films are kept, as the studio sees it.

use std::path::Path;

use proofreel_model::digest::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StudioError;

/// Keeps parts by their keys. A shelf may forget anything at any time; a part that it does not have is made anew.
pub trait Shelf: Sync {
    /// Puts a whole and undamaged copy of a part at `to`; false when the part is not there.
    fn fetch(&self, key: &Digest, to: &Path) -> bool;

    /// Keeps a copy of the file as this part. Failing to keep it costs time later, nothing else.
    fn keep(&self, key: &Digest, from: &Path);

    /// Forgets a part, so that the one made next is kept in its place.
    fn forget(&self, key: &Digest);
}

/// Keeps nothing.
pub struct Nothing;

impl Shelf for Nothing {
    fn fetch(&self, _: &Digest, _: &Path) -> bool {
        false
    }

    fn keep(&self, _: &Digest, _: &Path) {}

    fn forget(&self, _: &Digest) {}
}

/// A part that has something to tell: what it tells as JSON, a zero, and its bytes, some behind others.
pub(crate) fn note(told: &impl Serialize, bytes: &[&[u8]]) -> Result<Vec<u8>, StudioError> {
    let mut note = serde_json::to_vec(told)
        .map_err(|error| StudioError::OutOfSpec(vec![format!("what is kept of a part has no JSON: {error}")]))?;
    note.push(0);
    for bytes in bytes {
        note.extend_from_slice(bytes);
    }
    Ok(note)
}

/// From [`note`]; `None` when it is not that.
pub(crate) fn read_note<T: DeserializeOwned>(note: &[u8]) -> Option<(T, &[u8])> {
    // JSON holds no zero.
    let end = note.iter().position(|byte| *byte == 0)?;
    Some((serde_json::from_slice(&note[..end]).ok()?, &note[end + 1..]))
}
