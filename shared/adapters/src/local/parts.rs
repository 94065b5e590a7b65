//! Parts of films in a folder, the least recently used ones removed when it grows too large.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use proofreel_model::digest::Digest;
use proofreel_ports::{Parts, PortError};

use super::error::{OpenError, io_error};

/// Begins the name of a file that is being written.
const UNFINISHED: char = '~';
/// Numbers the files that this process writes.
static WRITTEN: AtomicU64 = AtomicU64::new(0);
/// Bytes before the content: its digest in hexadecimal and a line feed.
const SEAL: usize = 65;

/// The `Parts` port in a folder. Each file begins with the digest of what follows, so damage is noticed.
#[derive(Clone, Debug)]
pub struct FileParts {
    root: Arc<PathBuf>,
    most_bytes: u64,
}

/// What a folder of parts holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartsSize {
    /// Parts.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl FileParts {
    /// Opens the folder, making it when it is not there, and removes what dead processes left half written. It will
    /// hold about `most_bytes` at most.
    pub fn open(root: &Path, most_bytes: u64) -> Result<Self, OpenError> {
        let fault = |error| OpenError::folder(root, error);
        std::fs::create_dir_all(root).map_err(fault)?;
        for entry in std::fs::read_dir(root).map_err(fault)?.flatten() {
            let unfinished = entry.file_name().to_str().is_some_and(|name| name.starts_with(UNFINISHED));
            // A locked file is being written by somebody.
            if unfinished && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Self { root: Arc::new(root.to_owned()), most_bytes })
    }

    /// What a folder of parts holds; nothing when it is not there.
    pub fn size(root: &Path) -> PartsSize {
        let parts = listed(root).unwrap_or_default();
        PartsSize { count: parts.len(), bytes: parts.iter().map(|part| part.bytes).sum() }
    }
}

#[async_trait]
impl Parts for FileParts {
    async fn fetch(&self, key: &Digest, to: &Path) -> Result<bool, PortError> {
        let (path, to, name) = (named(&self.root, key)?, to.to_owned(), key.to_string());
        blocking(key, move || fetch(&path, &to).map_err(|error| io_error(&name, &error))).await
    }

    async fn keep(&self, key: &Digest, from: &Path) -> Result<(), PortError> {
        let (path, from, name) = (named(&self.root, key)?, from.to_owned(), key.to_string());
        let (root, most) = (Arc::clone(&self.root), self.most_bytes);
        let nonce = WRITTEN.fetch_add(1, Ordering::Relaxed);
        blocking(key, move || {
            keep(&root, &path, &from, nonce).and_then(|()| evict(&root, most)).map_err(|error| io_error(&name, &error))
        })
        .await
    }

    async fn forget(&self, key: &Digest) -> Result<(), PortError> {
        let (path, name) = (named(&self.root, key)?, key.to_string());
        blocking(key, move || forget(&path).map_err(|error| io_error(&name, &error))).await
    }
}

async fn blocking<T, F>(key: &Digest, work: F) -> Result<T, PortError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, PortError> + Send + 'static,
{
    let what = key.to_string();
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(PortError::Unavailable { what, detail: error.to_string() }))
}

fn named(root: &Path, key: &Digest) -> Result<PathBuf, PortError> {
    if key.0.len() == 64 && key.0.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(root.join(&key.0));
    }
    Err(PortError::IllegalKey { key: key.0.clone(), why: "a part is named by a digest".into() })
}

fn fetch(path: &Path, to: &Path) -> io::Result<bool> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        read => read?,
    };
    let content = bytes
        .get(SEAL..)
        .filter(|content| bytes.get(..SEAL - 1) == Some(Digest::of(content).0.as_bytes()) && bytes[SEAL - 1] == b'\n');
    let Some(content) = content else {
        tracing::warn!(part = %path.display(), "a kept part is damaged; it is removed and made anew");
        std::fs::remove_file(path)?;
        return Ok(false);
    };
    std::fs::write(to, content)?;
    // Used now. Only the order of removal depends on it.
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    Ok(true)
}

/// Writes beside the name and then takes it, so that a reader sees all or nothing.
fn keep(root: &Path, path: &Path, from: &Path, nonce: u64) -> io::Result<()> {
    let content = std::fs::read(from)?;
    let unfinished = root.join(format!("{UNFINISHED}{}-{nonce}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&unfinished)?;
        // Held while writing: a locked file is not left over.
        file.lock()?;
        file.write_all(format!("{}\n", Digest::of(&content)).as_bytes())?;
        file.write_all(&content)?;
        std::fs::rename(&unfinished, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

fn forget(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

struct Listed {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

fn listed(root: &Path) -> io::Result<Vec<Listed>> {
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut parts = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_none_or(|name| name.starts_with(UNFINISHED)) {
            continue;
        }
        // Another process may have removed it since.
        if let Ok(about) = entry.metadata() {
            parts.push(Listed { path: entry.path(), bytes: about.len(), used: about.modified()? });
        }
    }
    Ok(parts)
}

/// Removes the parts that were used longest ago until a tenth of the room is free.
fn evict(root: &Path, most: u64) -> io::Result<()> {
    let mut parts = listed(root)?;
    let mut bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    if bytes <= most {
        return Ok(());
    }
    parts.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
    for part in parts {
        if bytes <= most / 10 * 9 {
            break;
        }
        match std::fs::remove_file(&part.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => bytes -= part.bytes,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> Digest {
        Digest::of(&n.to_le_bytes())
    }

    #[tokio::test]
    async fn what_is_kept_comes_back_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let root = folder.path().join("parts");
        let parts = FileParts::open(&root, 1 << 20).unwrap();
        assert!(!parts.fetch(&key(1), &to).await.unwrap());
        std::fs::write(&from, b"segment").unwrap();
        parts.keep(&key(1), &from).await.unwrap();
        parts.keep(&key(1), &from).await.unwrap();
        assert!(parts.fetch(&key(1), &to).await.unwrap());
        assert_eq!(std::fs::read(&to).unwrap(), b"segment");
        for damage in [&b"short"[..], &[b'0'; 80], b""] {
            std::fs::write(root.join(&key(1).0), damage).unwrap();
            assert!(!parts.fetch(&key(1), &to).await.unwrap());
            assert!(!root.join(&key(1).0).exists());
        }
        assert_eq!(std::fs::read(&to).unwrap(), b"segment", "nothing was written over it");
    }

    #[tokio::test]
    async fn the_least_recently_used_parts_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let root = folder.path().join("parts");
        let parts = FileParts::open(&root, 3500).unwrap();
        std::fs::write(&from, vec![7; 1000 - SEAL]).unwrap();
        for n in 0..3 {
            parts.keep(&key(n), &from).await.unwrap();
            let file = File::open(root.join(&key(n).0)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(n))).unwrap();
        }
        assert_eq!(FileParts::size(&root), PartsSize { count: 3, bytes: 3000 });
        assert!(parts.fetch(&key(0), &to).await.unwrap(), "used: no longer the oldest");
        parts.keep(&key(3), &from).await.unwrap();
        let mut there = Vec::new();
        for n in 0..4 {
            there.push(parts.fetch(&key(n), &to).await.unwrap());
        }
        assert_eq!(there, [true, false, true, true]);
    }

    #[tokio::test]
    async fn half_written_parts_are_swept_and_names_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let (dead, alive) = (folder.path().join("~1-0"), folder.path().join("~2-0"));
        std::fs::write(&dead, "half").unwrap();
        let writing = File::create(&alive).unwrap();
        writing.lock().unwrap();
        let parts = FileParts::open(folder.path(), 1000).unwrap();
        assert!(!dead.exists() && alive.exists());
        let bad = Digest("../../etc/passwd".into());
        assert!(matches!(parts.fetch(&bad, &dead).await, Err(PortError::IllegalKey { .. })));
    }
}
