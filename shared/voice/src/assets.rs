//! The voice's data files: a folder, and the digests that its files must have.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Release of the package that the files come from (`hibari-tts`, Apache-2.0).
pub const RELEASE: &str = "0.2.1";
/// The acoustic network.
pub const NETWORK: &str = "hibari.onnx";
/// Phoneme characters and their numbers.
pub const VOCABULARY: &str = "vocab.json";

/// What a folder must hold: name and SHA-256, as packed in the release. The package's British lexicon is not needed.
const PINNED: [(&str, &str); 9] = [
    (NETWORK, "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"),
    ("lexicon_us_gold.json.gz", "63ae94f8ef0e906d5b24fe9b59ffcbd1529aca5686a774610e43973cbaa86ad2"),
    ("lexicon_us_silver.json.gz", "c4c2546ebf1eb07010331e7ef785a431aa17ba8e7bfb6b4af8d654ee96a71fd3"),
    ("normalize.json", "d478ff05404bc43ac3e0468e306674e51085f1b1afc94cdef7c7ea4fb0d56bd8"),
    ("oov.json", "b462e6e5dbdf0e7346c732385d0dd844f612f1770871441c56932bff4ca75d8c"),
    ("oov.onnx", "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76"),
    ("tagger.json.gz", "d2da7502284bbbe45d49e0b7ce3ce67bdab82254150f4317f1b8559b4d38d0eb"),
    ("tokenizer_exceptions.json", "ddf3a3da07bdcf5144270ea4530191d8580fb4fd6f5ae93296e87916e795659a"),
    (VOCABULARY, "70abefbe8a1c8865e43e0a43bbdc25b91a33e4aa053479d443ccf23e20a59e5d"),
];

/// No file unpacks to more, bytes.
const UNPACKED: u64 = 64 << 20;

/// Why the voice's data cannot be used.
#[derive(Debug, Error)]
pub enum VoiceDataError {
    /// A file is not there or cannot be read.
    #[error(
        "{file} cannot be read: {detail}\n  hint: run `make setup`, or set PROOFREEL_VOICE_DIR to a folder that has it"
    )]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A file is not the one that this program was written for.
    #[error(
        "{file} is not the file of hibari-tts {RELEASE}: its SHA-256 is {found}\n  hint: remove the folder and run `make setup`"
    )]
    Foreign {
        /// The file.
        file: PathBuf,
        /// Digest found, hexadecimal.
        found: String,
    },
    /// The content is not what it should be, although the digest is right: a fault of this program.
    #[error("{name} of the voice cannot be used: {detail}\n  hint: this is a fault of the program; please report it")]
    Unusable {
        /// Name inside the folder.
        name: String,
        /// What is wrong.
        detail: String,
    },
}

impl VoiceDataError {
    /// An [`VoiceDataError::Unusable`] for the file `name`.
    pub fn unusable(name: &str, detail: impl std::fmt::Display) -> Self {
        Self::Unusable { name: name.to_owned(), detail: detail.to_string() }
    }
}

/// A folder whose files were checked.
#[derive(Clone, Debug)]
pub struct Assets {
    folder: PathBuf,
}

impl Assets {
    /// Opens `folder` and checks the digest of every file that the voice needs (14 MB, some hundredths of a second).
    pub fn open(folder: &Path) -> Result<Self, VoiceDataError> {
        let assets = Self { folder: folder.to_owned() };
        for (name, _) in PINNED {
            assets.bytes(name)?;
        }
        Ok(assets)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file's bytes; its digest is checked again, so that what is used is what was pinned.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, VoiceDataError> {
        let Some((_, pinned)) = PINNED.iter().find(|(known, _)| *known == name) else {
            return Err(VoiceDataError::unusable(name, "no file of this name is pinned"));
        };
        let file = self.folder.join(name);
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => return Err(VoiceDataError::Unreadable { file, detail: error.to_string() }),
        };
        let found = Sha256::digest(&bytes).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        if found == *pinned { Ok(bytes) } else { Err(VoiceDataError::Foreign { file, found }) }
    }

    /// A JSON file.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, VoiceDataError> {
        serde_json::from_slice(&self.bytes(name)?).map_err(|error| VoiceDataError::unusable(name, error))
    }

    /// What a file holds that is packed with gzip.
    pub fn gz(&self, name: &str) -> Result<Vec<u8>, VoiceDataError> {
        let packed = self.bytes(name)?;
        let mut text = Vec::new();
        GzDecoder::new(packed.as_slice())
            .take(UNPACKED)
            .read_to_end(&mut text)
            .map_err(|error| VoiceDataError::unusable(name, error))?;
        Ok(text)
    }

    /// A JSON file packed with gzip.
    pub fn gz_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, VoiceDataError> {
        serde_json::from_slice(&self.gz(name)?).map_err(|error| VoiceDataError::unusable(name, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_and_a_foreign_one_say_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Assets::open(folder.path()).unwrap_err().to_string();
        assert!(missing.contains(NETWORK) && missing.contains("make setup"), "{missing}");
        fs::write(folder.path().join(NETWORK), b"another model").unwrap();
        let foreign = Assets::open(folder.path()).unwrap_err().to_string();
        assert!(foreign.contains("SHA-256") && foreign.contains("make setup"), "{foreign}");
    }

    #[test]
    fn only_pinned_names_are_read() {
        let assets = Assets { folder: PathBuf::from("/etc") };
        assert!(assets.bytes("../etc/passwd").is_err());
        assert!(assets.bytes("hostname").unwrap_err().to_string().contains("pinned"));
    }
}
