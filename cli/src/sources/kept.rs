//! Fetched packages in the state folder: every version under its digest, and a card that names the newest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::digest::Digest;
use proofreel_pipeline::package_digest;
use proofreel_ports::SourcePackage;
use serde::{Deserialize, Serialize};

use crate::exit::{Class, Failure};

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
    pub fn keep(&self, series: (&str, &str), name: &str, package: &SourcePackage) -> Result<Copy, Failure> {
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
        let text = serde_json::to_vec_pretty(&copy).map_err(anyhow::Error::from)?;
        replace(&card, &text).map_err(|error| unwritten(&card, &error))?;
        Ok(copy)
    }

    fn card(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.json"))
    }
}

/// Evidence takes the package, and its files stay inside it.
fn checked(package: &SourcePackage) -> Result<(), Failure> {
    let descriptor = package.files.get("datapackage.json").map(Vec::as_slice).unwrap_or_default();
    let listed = descriptor_files(descriptor, &package.name).map_err(Failure::input)?;
    let files: BTreeMap<String, Vec<u8>> = package.files.clone();
    if let Some(lost) = listed.files.iter().find(|path| !files.contains_key(*path)) {
        return Err(Failure::input(format!("{}: it names {lost}, which did not come with it", package.name)));
    }
    let bytes = PackageBytes { name: listed.name, digest: package_digest(&files), files };
    Library::load(&[bytes]).map_err(Failure::input).map(drop)
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

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Class::Machine, format!("{}: {error}", path.display()))
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
