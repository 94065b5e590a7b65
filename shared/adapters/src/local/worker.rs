//! Which processes live: each holds a locked file for as long as it does.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::OpenError;

/// Suffix of a living or dead worker's file.
const LOCK: &str = "lock";

/// A process's sign of life in a state folder. The operating system takes the lock away when the process ends,
/// however it ends, so nothing has to be cleaned up for others to know.
#[derive(Debug)]
pub struct WorkerLock {
    folder: PathBuf,
    id: String,
    /// Held, never read.
    _file: File,
}

impl WorkerLock {
    /// Signs in to `<state>/workers` and removes the files of dead workers.
    pub fn sign_in(state: &Path) -> Result<Self, OpenError> {
        let folder = state.join("workers");
        std::fs::create_dir_all(&folder).map_err(|error| OpenError::folder(&folder, error))?;
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        for nonce in 0_u32.. {
            let id = format!("{}-{since_1970:x}-{nonce}", std::process::id());
            match create(&folder, &id) {
                Ok(file) => {
                    let lock = Self { folder, id, _file: file };
                    lock.remove_the_dead();
                    return Ok(lock);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(OpenError::folder(&folder, error)),
            }
        }
        Err(OpenError::folder(&folder, io::Error::other("no free name for a worker")))
    }

    /// The worker's name, unique in its state folder for ever.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the worker of this name lives; `None` when that cannot be found out.
    pub fn is_alive(&self, id: &str) -> Option<bool> {
        if id == self.id {
            return Some(true);
        }
        // A name that is not one of ours says nothing, and must not lead out of the folder.
        if id.is_empty() || !id.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-') {
            return None;
        }
        is_locked(&self.folder.join(id).with_extension(LOCK))
    }

    fn remove_the_dead(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let own = path.file_stem().is_some_and(|stem| stem == self.id.as_str());
            if !own && path.extension().is_some_and(|extension| extension == LOCK) && is_locked(&path) == Some(false) {
                // What cannot be removed stays; it says "dead" all the same.
                let _ = std::fs::remove_file(&path);
            }
        }
    }
}

impl Drop for WorkerLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.folder.join(&self.id).with_extension(LOCK));
    }
}

/// Makes the file under another name, locks it and only then gives it the name that others look at: nobody can
/// see it unlocked while its worker lives.
fn create(folder: &Path, id: &str) -> io::Result<File> {
    let (unborn, path) = (folder.join(format!("{id}.new")), folder.join(format!("{id}.{LOCK}")));
    let file = OpenOptions::new().write(true).create_new(true).open(&unborn)?;
    file.lock()?;
    std::fs::rename(unborn, path)?;
    Ok(file)
}

/// A missing file is a dead worker's.
fn is_locked(path: &Path) -> Option<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(false),
        Err(_) => return None,
    };
    // Shared, so that two who look at the same time do not take each other for the worker.
    match file.try_lock_shared() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_lives_until_its_lock_goes() {
        let state = tempfile::tempdir().unwrap();
        let one = WorkerLock::sign_in(state.path()).unwrap();
        let two = WorkerLock::sign_in(state.path()).unwrap();
        let id = two.id().to_owned();
        assert_ne!(one.id(), id);
        assert_eq!(
            (one.is_alive(&id), two.is_alive(one.id()), one.is_alive(one.id())),
            (Some(true), Some(true), Some(true))
        );
        drop(two);
        assert_eq!(one.is_alive(&id), Some(false));
    }

    #[test]
    fn a_killed_workers_file_says_dead_and_is_cleared_by_the_next() {
        let state = tempfile::tempdir().unwrap();
        let one = WorkerLock::sign_in(state.path()).unwrap();
        let left = state.path().join("workers/99-abc-0.lock");
        std::fs::write(&left, "").unwrap();
        assert_eq!(one.is_alive("99-abc-0"), Some(false));
        let _two = WorkerLock::sign_in(state.path()).unwrap();
        assert!(!left.try_exists().unwrap());
    }

    #[test]
    fn a_foreign_name_is_unknown() {
        let state = tempfile::tempdir().unwrap();
        let one = WorkerLock::sign_in(state.path()).unwrap();
        assert_eq!(one.is_alive("../../etc/passwd"), None);
        assert_eq!(one.is_alive("2026/07/30/[$LATEST]abc"), None);
    }
}
