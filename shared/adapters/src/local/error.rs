use std::io;
use std::path::{Path, PathBuf};

use proofreel_ports::PortError;
use thiserror::Error;

/// Why a state folder could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder or a file in it cannot be made or read.
    #[error(
        "cannot use the state folder {path}: {source}\n  hint: check that it exists, that you may write to it and that the disk has room"
    )]
    Folder {
        /// What was opened.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database was written by a newer program.
    #[cfg(feature = "local")]
    #[error(
        "{path} has schema {found}; this program knows up to {known}\n  hint: use the newer proofreel that wrote it, or another state folder"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file is a database of something else, or none.
    #[cfg(feature = "local")]
    #[error("{path} is not a Proofreel database: {why}\n  hint: move it away, or name another state folder")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The database cannot be opened.
    #[cfg(feature = "local")]
    #[error("cannot open {path}: {source}\n  hint: check its permissions and the free space on its disk")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl OpenError {
    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder { path: path.to_owned(), source }
    }
}

/// An I/O error as the ports tell it. `what` is the thing written or read.
pub(crate) fn io_error(what: &str, error: &io::Error) -> PortError {
    match error.kind() {
        io::ErrorKind::NotFound => PortError::NotFound { what: what.to_owned() },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            PortError::NoSpace { what: what.to_owned() }
        }
        _ => PortError::Unavailable { what: what.to_owned(), detail: error.to_string() },
    }
}

/// A SQLite error as the ports tell it.
#[cfg(feature = "local")]
pub(super) fn sqlite_error(what: &str, error: &rusqlite::Error) -> PortError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
        return PortError::NoSpace { what: what.to_owned() };
    }
    PortError::Unavailable { what: what.to_owned(), detail: error.to_string() }
}
