use std::collections::BTreeMap;

use proofreel_model::digest::Digest;

/// A data package as bytes: `datapackage.json` and the files it names.
#[derive(Clone, Debug)]
pub struct PackageBytes {
    /// `name` in the descriptor.
    pub name: String,
    /// Digest over all files.
    pub digest: Digest,
    /// Content by path inside the package.
    pub files: BTreeMap<String, Vec<u8>>,
}
