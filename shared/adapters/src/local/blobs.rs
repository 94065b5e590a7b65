//! Content by key in a directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use proofreel_ports::{Blobs, PortError};

use super::error::{OpenError, io_error};
use crate::keys::{check, check_prefix};

/// Begins the name of a file that is being written. No key can hold this sign.
const UNFINISHED: char = '~';
/// Numbers the files that this process writes, whichever [`FileBlobs`] it writes them through.
static WRITTEN: AtomicU64 = AtomicU64::new(0);
/// Tries of a write whose file was swept away under it.
const TRIES: u32 = 3;

/// The `Blobs` port in a directory: the key is the path below it. A key and a key below it (`a`, `a/b`) cannot both
/// exist here, as they could in S3.
#[derive(Clone, Debug)]
pub struct FileBlobs {
    root: Arc<PathBuf>,
}

impl FileBlobs {
    /// Opens the directory, making it when it is not there, and removes what dead processes left half written.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(root).map_err(|error| OpenError::folder(root, error))?;
        let root = root.canonicalize().map_err(|error| OpenError::folder(root, error))?;
        sweep(&root).map_err(|error| OpenError::folder(&root, error))?;
        Ok(Self { root: Arc::new(root) })
    }

    /// Where the content of a key lies, for programs that want a file.
    pub fn path(&self, key: &str) -> Result<PathBuf, PortError> {
        check(key)?;
        Ok(self.root.join(key))
    }

    async fn blocking<T, F>(&self, key: &str, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, PortError> + Send + 'static,
    {
        let what = key.to_owned();
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(PortError::Unavailable { what, detail: error.to_string() }))
    }
}

#[async_trait]
impl Blobs for FileBlobs {
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError> {
        let (path, name, bytes) = (self.path(key)?, key.to_owned(), bytes.to_owned());
        let (root, nonce) = (Arc::clone(&self.root), WRITTEN.fetch_add(1, Ordering::Relaxed));
        self.blocking(key, move || put(&root, &path, &bytes, nonce).map_err(|error| io_error(&name, &error))).await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError> {
        let (path, name) = (self.path(key)?, key.to_owned());
        self.blocking(key, move || match std::fs::read(path) {
            Err(error) if is_absence(&error) => Err(PortError::NotFound { what: name }),
            read => read.map_err(|error| io_error(&name, &error)),
        })
        .await
    }

    async fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Vec<u8>, PortError> {
        let (path, name) = (self.path(key)?, key.to_owned());
        self.blocking(key, move || match range(&path, offset, length) {
            Err(error) if is_absence(&error) => Err(PortError::NotFound { what: name }),
            read => read.map_err(|error| io_error(&name, &error)),
        })
        .await
    }

    async fn exists(&self, key: &str) -> Result<bool, PortError> {
        let (path, name) = (self.path(key)?, key.to_owned());
        self.blocking(key, move || match std::fs::metadata(path) {
            Ok(found) => Ok(found.is_file()),
            Err(error) if is_absence(&error) => Ok(false),
            Err(error) => Err(io_error(&name, &error)),
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        check_prefix(prefix)?;
        let (root, prefix) = (Arc::clone(&self.root), prefix.to_owned());
        self.blocking("list", move || {
            // Only the folder that the prefix names needs to be walked.
            let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
            let mut keys = Vec::new();
            walk(&root.join(folder), &mut |path| {
                if let Some(key) = key_of(&root, path).filter(|key| key.starts_with(&prefix)) {
                    keys.push(key);
                }
                Ok(())
            })
            .map_err(|error| io_error("list", &error))?;
            keys.sort();
            Ok(keys)
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        let (path, name) = (self.path(key)?, key.to_owned());
        self.blocking(key, move || match std::fs::remove_file(&path).and_then(|()| sync_folder(path.parent())) {
            Err(error) if !is_absence(&error) => Err(io_error(&name, &error)),
            _ => Ok(()),
        })
        .await
    }
}

fn range(path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    use std::io::{Read as _, Seek as _};
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_absence(error: &io::Error) -> bool {
    // A directory of that name, or a file where a directory would be, is no blob either.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory)
}

/// Writes beside the target, makes it durable, and links it to its name, which fails when the name is taken: a
/// reader sees all or nothing, and of many writers one wins.
fn put(root: &Path, path: &Path, bytes: &[u8], nonce: u64) -> io::Result<bool> {
    let folder = path.parent().ok_or_else(|| io::Error::other("a key without a folder"))?;
    make_folder(root, folder)?;
    if path.try_exists()? {
        // Whoever wrote it may have died before the folder was durable.
        sync_folder(Some(folder))?;
        return Ok(false);
    }
    let unfinished = folder.join(format!("{UNFINISHED}{}-{nonce}", std::process::id()));
    for attempt in 1.. {
        let written = write_and_link(&unfinished, path, bytes);
        // Gone whether it was linked or not; a sweep takes it otherwise.
        let _ = std::fs::remove_file(&unfinished);
        match written {
            Ok(()) => {
                sync_folder(Some(folder))?;
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                sync_folder(Some(folder))?;
                return Ok(false);
            }
            // Swept by another process between its creation and its lock.
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < TRIES => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn write_and_link(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Left by a dead process of the same number; this process has written no file with this nonce.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(unfinished)?;
    // Held while writing: a locked file is not left over.
    file.lock()?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::hard_link(unfinished, path)
}

/// Makes `folder` and the ones above it up to `root`, each durable in its parent.
fn make_folder(root: &Path, folder: &Path) -> io::Result<()> {
    if folder == root || folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(root, parent)?;
    }
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(folder.parent()),
    }
}

/// Makes names in a folder durable.
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The key of a file, unless it is unfinished or its name could not be a key's.
fn key_of(root: &Path, path: &Path) -> Option<String> {
    let key = path.strip_prefix(root).ok()?.to_str()?;
    check(key).ok()?;
    Some(key.to_owned())
}

/// Every file below `folder`.
fn walk(folder: &Path, seen: &mut impl FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if is_absence(&error) => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), seen)?;
        } else {
            seen(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes files that nobody is writing any more.
fn sweep(root: &Path) -> io::Result<()> {
    walk(root, &mut |path| {
        let unfinished =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(UNFINISHED));
        if unfinished && File::open(path).is_ok_and(|file| file.try_lock().is_ok()) {
            // Another process may have swept it first.
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_written_files_are_not_listed_and_are_swept_unless_somebody_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(folder.path()).unwrap();
        blobs.put_if_absent("a/b", b"x").await.unwrap();
        let (dead, alive) = (folder.path().join("a/~1-0"), folder.path().join("a/~2-0"));
        std::fs::write(&dead, "half").unwrap();
        let writing = File::create(&alive).unwrap();
        writing.lock().unwrap();
        assert_eq!(blobs.list("").await.unwrap(), ["a/b"]);
        FileBlobs::open(folder.path()).unwrap();
        assert!(!dead.try_exists().unwrap() && alive.try_exists().unwrap());
    }

    #[tokio::test]
    async fn nothing_is_left_beside_a_finished_blob() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(folder.path()).unwrap();
        assert!(blobs.put_if_absent("k", b"1").await.unwrap());
        assert!(!blobs.put_if_absent("k", b"2").await.unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(blobs.get("k").await.unwrap(), b"1");
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(io_error("k", &full), PortError::NoSpace { .. }));
    }
}
