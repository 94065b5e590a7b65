//! Files that are whole or absent.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::ExportError;

fn error(path: &Path, source: io::Error) -> ExportError {
    let hint = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space and resume the run; nothing that was finished is lost"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to with --out"
        }
        _ => "check the folder and resume the run; nothing that was finished is lost",
    };
    ExportError::Write { path: path.to_owned(), source, hint }
}

/// Makes a folder and those above it.
pub fn make_folder(dir: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(dir).map_err(|source| error(dir, source))
}

/// Writes beside the place, flushes to the device, then renames: a crash leaves the old file or the new one.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, ExportError> {
    let path = dir.join(name);
    let beside = dir.join(format!(".{name}.part"));
    let whole = || -> io::Result<()> {
        let mut file = fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    whole().map_err(|source| {
        // The half-written part is of no use to anyone; failing to remove it changes nothing.
        let _ = fs::remove_file(&beside);
        error(&path, source)
    })?;
    Ok(path)
}
