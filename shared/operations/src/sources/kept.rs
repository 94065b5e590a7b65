//! Fetched packages in the state folder: every version under its digest, and a card that names the newest.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::digest::Digest;
use proofreel_pipeline::package_digest;
use proofreel_ports::{PortError, SourcePackage};
use serde::{Deserialize, Serialize};

use crate::OperationError;

/// The newest good copy of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Provider.
    pub provider: String,
    /// Series, as the provider writes it.
    pub series: String,
    /// Digest of the package.
    pub digest: Digest,
    /// When the provider gave it.
    pub fetched_at: Timestamp,
    /// Observations in it.
    pub observations: usize,
}

impl Copy {
    /// Whole days since the provider gave it.
    pub fn age_days(&self, now: Timestamp) -> i64 {
        now.duration_since(self.fetched_at).as_hours().div_euclid(24)
    }
}

/// Where fetched packages are kept.
pub struct Kept {
    root: PathBuf,
}

impl Kept {
    /// The kept packages of a state folder, which need not exist.
    pub fn of(state: &Path) -> Self {
        Self { root: state.join("sources") }
    }

    /// The newest good copy of a series, when there is one.
    pub fn copy(&self, name: &str) -> Option<Copy> {
        let copy: Copy = serde_json::from_slice(&std::fs::read(self.card(name)).ok()?).ok()?;
        self.folder(name, &copy).is_dir().then_some(copy)
    }

    /// Folder of a copy.
    pub fn folder(&self, name: &str, copy: &Copy) -> PathBuf {
        self.root.join(name).join(copy.digest.short())
    }

    /// Keeps a fetched package, once evidence has taken it. Older versions stay.
    ///
    /// # Errors
    /// A package that evidence does not load, or a folder that cannot be written.
    pub fn keep(&self, series: (&str, &str), name: &str, package: &SourcePackage) -> Result<Copy, OperationError> {
        let (provider, id) = series;
        checked(package)?;
        let digest = package_digest(&package.files);
        let copy = Copy {
            provider: provider.into(),
            series: id.into(),
            digest,
            fetched_at: package.fetched_at,
            observations: package.observations,
        };
        let folder = self.folder(name, &copy);
        if !folder.is_dir() {
            write(&folder, &package.files).map_err(|error| unwritten(&folder, &error))?;
        }
        let card = self.card(name);
        replace(&card, &text(&copy)?).map_err(|error| unwritten(&card, &error))?;
        Ok(copy)
    }

    /// Puts a copy back that was kept elsewhere, if it is the one that its card names.
    ///
    /// # Errors
    /// Files that are not the copy's, or a folder that cannot be written.
    pub fn restore(&self, name: &str, copy: &Copy, files: &BTreeMap<String, Vec<u8>>) -> Result<(), OperationError> {
        let safe = |path: &String| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if package_digest(files) != copy.digest || !files.keys().all(safe) {
            return Err(OperationError::Input(format!(
                "the kept copy of {name} is damaged\n  hint: remove its row of source-copy, and it is fetched again"
            )));
        }
        let folder = self.folder(name, copy);
        if !folder.is_dir() {
            write(&folder, files).map_err(|error| unwritten(&folder, &error))?;
        }
        let card = self.card(name);
        replace(&card, &text(copy)?).map_err(|error| unwritten(&card, &error))
    }

    /// The files of a copy by their paths, to be kept elsewhere.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn files(&self, name: &str, copy: &Copy) -> Result<BTreeMap<String, Vec<u8>>, OperationError> {
        let root = self.folder(name, copy);
        let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            let failed = |error| unwritten(&folder, &error);
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
                    files.insert(name, std::fs::read(&path).map_err(failed)?);
                }
            }
        }
        Ok(files)
    }

    fn card(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.json"))
    }
}

fn text(copy: &Copy) -> Result<Vec<u8>, OperationError> {
    serde_json::to_vec_pretty(copy)
        .map_err(|error| OperationError::Unreadable { what: "the card of a copy".into(), why: error.to_string() })
}

/// Evidence takes the package, and its files stay inside it.
fn checked(package: &SourcePackage) -> Result<(), OperationError> {
    let descriptor = package.files.get("datapackage.json").map(Vec::as_slice).unwrap_or_default();
    let listed =
        descriptor_files(descriptor, &package.name).map_err(|error| OperationError::Input(error.to_string()))?;
    let files: BTreeMap<String, Vec<u8>> = package.files.clone();
    if let Some(lost) = listed.files.iter().find(|path| !files.contains_key(*path)) {
        return Err(OperationError::Input(format!("{}: it names {lost}, which did not come with it", package.name)));
    }
    let bytes = PackageBytes { name: listed.name, digest: package_digest(&files), files };
    Library::load(&[bytes]).map_err(|error| OperationError::Input(error.to_string())).map(drop)
}

/// Writes a folder beside its place and moves it there: a broken-off write leaves nothing that looks whole.
fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent)?;
    let fresh = tempfile::Builder::new().prefix(".fetching-").tempdir_in(parent)?;
    for (path, bytes) in files {
        let file = fresh.path().join(path);
        if let Some(inner) = file.parent() {
            std::fs::create_dir_all(inner)?;
        }
        std::fs::write(file, bytes)?;
    }
    match std::fs::rename(fresh.path(), folder) {
        // Another process kept the same version meanwhile.
        Err(_) if folder.is_dir() => Ok(()),
        outcome => outcome.map(|()| drop(fresh.keep())),
    }
}

fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let parent = file.parent().unwrap_or(file);
    std::fs::create_dir_all(parent)?;
    let fresh = tempfile::NamedTempFile::new_in(parent)?;
    std::fs::write(fresh.path(), bytes)?;
    fresh.persist(file).map_err(|error| error.error).map(drop)
}

fn unwritten(path: &Path, error: &std::io::Error) -> OperationError {
    PortError::Unavailable { what: path.display().to_string(), detail: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn package(last: &str) -> SourcePackage {
        let rows =
            (1..=11).map(|month| format!("2025-{month:02},{}\n", 40 + month * month)).collect::<Vec<_>>().concat();
        let descriptor = br#"{"name":"oil","title":"Oil price","licenses":[{"name":"CC0-1.0"}],"sources":[{"title":"EIA","path":"https://eia.gov"}],
            "resources":[{"name":"monthly","path":"data/monthly.csv"}]}"#;
        SourcePackage {
            name: "oil".into(),
            files: BTreeMap::from([
                ("datapackage.json".to_owned(), descriptor.to_vec()),
                ("data/monthly.csv".to_owned(), format!("month,price\n{rows}2025-12,{last}\n").into_bytes()),
            ]),
            fetched_at: Timestamp::UNIX_EPOCH,
            observations: 12,
            holes: 0,
        }
    }

    #[test]
    fn a_new_version_stands_beside_the_old_one() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::of(state.path());
        assert_eq!(kept.copy("oil"), None);
        let first = kept.keep(("eia", "OIL"), "oil", &package("12")).unwrap();
        let second = kept.keep(("eia", "OIL"), "oil", &package("13")).unwrap();
        assert!(first.digest != second.digest && kept.copy("oil") == Some(second.clone()));
        assert!(kept.folder("oil", &first).join("data/monthly.csv").is_file());
        assert!(kept.folder("oil", &second).join("datapackage.json").is_file());
        assert_eq!(kept.keep(("eia", "OIL"), "oil", &package("13")).unwrap(), second);
        assert_eq!(second.age_days("1970-01-09T00:30:00Z".parse().unwrap()), 8);
    }

    #[test]
    fn a_copy_goes_elsewhere_and_comes_back_whole_or_not_at_all() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (first, second) = (Kept::of(here.path()), Kept::of(there.path()));
        let copy = first.keep(("eia", "OIL"), "oil", &package("12")).unwrap();
        let mut files = first.files("oil", &copy).unwrap();
        assert_eq!(files, package("12").files);
        second.restore("oil", &copy, &files).unwrap();
        assert_eq!(second.copy("oil"), Some(copy.clone()));
        assert_eq!(second.files("oil", &copy).unwrap(), files);
        files.insert("../elsewhere".into(), Vec::new());
        assert!(second.restore("oil", &copy, &files).unwrap_err().to_string().contains("damaged"));
    }

    #[test]
    fn what_evidence_does_not_take_is_not_kept() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::of(state.path());
        kept.keep(("eia", "OIL"), "oil", &package("12")).unwrap();
        let good = kept.copy("oil");
        let mut broken = package("13");
        broken.files.insert("data/monthly.csv".into(), b"no,dates\nhere,at all\n".to_vec());
        assert!(kept.keep(("eia", "OIL"), "oil", &broken).is_err());
        broken.files.remove("data/monthly.csv");
        assert!(kept.keep(("eia", "OIL"), "oil", &broken).is_err());
        assert_eq!(kept.copy("oil"), good);
    }
}
