//! The part of the bucket that people write (channels, data packages), copied to a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use proofreel_ports::{Blobs, PortError, Stamps};
use thiserror::Error;

/// Why a copy could not be made.
#[derive(Debug, Error)]
pub enum MirrorError {
    /// Storage failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The folder failed.
    #[error("{path}: {error}\n  hint: the function needs room below /tmp, see EphemeralStorage in the template")]
    Folder {
        /// The file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// A folder below which every file lies under its key. A file is fetched when its stamp is not the one of the copy.
pub(crate) struct Mirror {
    blobs: Arc<dyn Blobs>,
    stamps: Arc<dyn Stamps>,
    folder: PathBuf,
    /// Stamps of the copies, which this process made itself.
    copies: Mutex<BTreeMap<String, String>>,
}

impl Mirror {
    pub fn new(blobs: Arc<dyn Blobs>, stamps: Arc<dyn Stamps>, folder: PathBuf) -> Self {
        Self { blobs, stamps, folder, copies: Mutex::default() }
    }

    /// Where the copies lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Brings the copies of `prefix` up to date, as far as their keys are `wanted`; returns the keys in order.
    pub async fn refresh(&self, prefix: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, MirrorError> {
        let stored = self.stamps.stamps(prefix).await?;
        let stored: BTreeMap<String, String> =
            stored.into_iter().filter(|file| wanted(&file.key)).map(|file| (file.key, file.stamp)).collect();
        for (key, stamp) in &stored {
            if self.copies().get(key) == Some(stamp) {
                continue;
            }
            // The store's keys are relative paths without a way up; it refuses all others.
            let bytes = self.blobs.get(key).await?;
            let path = self.folder.join(key);
            let failed = |error| MirrorError::Folder { path: path.display().to_string(), error };
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(failed)?;
            }
            std::fs::write(&path, bytes).map_err(failed)?;
            self.copies().insert(key.clone(), stamp.clone());
        }
        let gone: Vec<String> =
            self.copies().keys().filter(|key| key.starts_with(prefix) && !stored.contains_key(*key)).cloned().collect();
        for key in gone {
            let path = self.folder.join(&key);
            std::fs::remove_file(&path)
                .map_err(|error| MirrorError::Folder { path: path.display().to_string(), error })?;
            self.copies().remove(&key);
        }
        Ok(stored.into_keys().collect())
    }

    fn copies(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
