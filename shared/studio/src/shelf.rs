//! Where finished parts of films are kept, as the studio sees it.

use std::path::Path;

use proofreel_model::digest::Digest;

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
