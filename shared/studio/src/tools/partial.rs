//! A file that another program writes: whole under its name, or not there at all.

use std::path::{Path, PathBuf};

use crate::error::StudioError;

/// A file being written beside its place. Dropping it removes what there is.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    to: PathBuf,
    kept: bool,
}

impl Partial {
    /// A place beside `to`; what an earlier try left there is removed.
    pub fn beside(to: &Path) -> Result<Self, StudioError> {
        let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = to.with_file_name(format!(".{name}.part"));
        crate::encoder::remove(&path)?;
        Ok(Self { path, to: to.to_owned(), kept: false })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An error when the file is as long as it may be: there its writer stopped. One that is not there is short.
    pub fn within(&self, doing: &str, bytes: u64) -> Result<(), StudioError> {
        if std::fs::metadata(&self.path).is_ok_and(|about| about.len() >= bytes) {
            return Err(StudioError::TooMuch { doing: doing.to_owned(), bytes });
        }
        Ok(())
    }

    /// Gives the file its name, when it is shorter than `bytes`: at that length its writer stopped.
    pub fn keep(mut self, doing: &str, bytes: u64) -> Result<(), StudioError> {
        let fault = |error| StudioError::io(format!("{doing}: {}", self.to.display()), error);
        self.within(doing, bytes)?;
        std::fs::rename(&self.path, &self.to).map_err(fault)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // It may never have been made; what cannot be removed goes with the scratch folder.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
