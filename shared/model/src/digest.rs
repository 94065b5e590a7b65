//! Content digests: how artifacts and files are named and checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use std::fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The first twelve digits, enough for a person to compare.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a blob lies and what it must hash to. Messages carry these, never payloads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct BlobRef {
    /// Key in the `Blobs` port.
    pub key: String,
    /// Digest of the content at that key.
    pub digest: Digest,
    /// Length of the content in bytes.
    pub bytes: u64,
}

impl BlobRef {
    /// A reference to `bytes`, stored under a key made of `prefix` and its digest.
    pub fn to(prefix: &str, bytes: &[u8]) -> Self {
        let digest = Digest::of(bytes);
        Self { key: format!("{prefix}/{digest}"), digest, bytes: bytes.len() as u64 }
    }
}
