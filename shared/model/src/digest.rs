//! Content digests: how artifacts and files are named and checked.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

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
        let mut digester = Digester::default();
        digester.take(bytes);
        digester.finish()
    }

    /// The digest of a file's content, of which little is in memory at once.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut digester = Digester::default();
        io::copy(&mut BufReader::with_capacity(1 << 17, File::open(path)?), &mut digester)?;
        Ok(digester.finish())
    }

    /// The first twelve digits, enough for a person to compare.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// The digest of content that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Digester(Sha256);

impl Digester {
    /// Takes the next piece.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        // By hand: formatting each byte took longer than digesting a short text.
        let digit = |four: u8| char::from(b"0123456789abcdef"[usize::from(four)]);
        Digest(self.0.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }
}

impl io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

/// The one byte form of an artifact: keys sorted at every depth, two-space indent, a final line feed.
///
/// A struct, the [`serde_json::Value`] made of it and the stored bytes read back all give the same bytes,
/// whatever order their members had, so a digest over them can be compared.
pub fn canonical_json<T: Serialize + ?Sized>(artifact: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut value = serde_json::to_value(artifact)?;
    // `preserve_order` is on in this workspace (schemars asks for it), so the order must be made.
    value.sort_all_objects();
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Sample {
        zulu: f64,
        alpha: Inner,
        list: Vec<Inner>,
    }

    #[derive(Serialize, Deserialize)]
    struct Inner {
        second: u32,
        first: String,
    }

    fn sample() -> Sample {
        let inner = || Inner { second: 2, first: "é \" <".into() };
        Sample { zulu: 0.1 + 0.2, alpha: inner(), list: vec![inner(), inner()] }
    }

    #[test]
    fn a_file_has_the_digest_of_its_bytes() {
        let file = std::env::temp_dir().join(format!("proofreel-digest-{}", std::process::id()));
        let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(&file, &bytes).unwrap();
        let digest = Digest::of_file(&file);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(digest.unwrap(), Digest::of(&bytes));
        assert!(Digest::of_file(&file).is_err());
    }

    #[test]
    fn struct_value_and_stored_bytes_have_one_form() {
        let from_struct = canonical_json(&sample()).unwrap();
        let value: serde_json::Value = serde_json::from_str(
            r#"{"list":[{"second":2,"first":"é \" <"},{"first":"é \" <","second":2}],"zulu":0.30000000000000004,"alpha":{"second":2,"first":"é \" <"}}"#,
        )
        .unwrap();
        assert_eq!(from_struct, canonical_json(&value).unwrap());
        let again: Sample = serde_json::from_slice(&from_struct).unwrap();
        assert_eq!(from_struct, canonical_json(&again).unwrap());
        assert!(from_struct.ends_with(b"}\n"));
    }

    #[test]
    fn a_number_survives_reading_back_to_the_last_bit() {
        // Needs serde_json's `float_roundtrip`: its quick parser is one unit off on some of these.
        for bits in (0..2000u64).map(|n| 0x4020_0000_0000_0000 + n * 0x0000_0a3d_70a3_d70b) {
            let value = f64::from_bits(bits);
            let bytes = canonical_json(&value).unwrap();
            assert_eq!(serde_json::from_slice::<f64>(&bytes).unwrap().to_bits(), bits);
        }
    }
}
