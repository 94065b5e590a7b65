//! Reading data packages from folders, before a run is ordered: on one machine and in the cloud alike.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proofreel_evidence::{PackageBytes, descriptor_files};
use proofreel_model::digest::Digest;
use thiserror::Error;

const DESCRIPTOR: &str = "datapackage.json";
/// A data file above this is refused: the largest real one seen is half a megabyte.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a folder's data packages cannot be used; says what to do.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct IntakeError(String);

impl IntakeError {
    fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// Packages found in `folders` (each a package, or a folder of packages), sorted by name.
/// Two packages of one name are refused: a fact names its dataset.
pub fn read_packages(folders: &[PathBuf]) -> Result<Vec<PackageBytes>, IntakeError> {
    let mut found: BTreeMap<String, (PathBuf, PackageBytes)> = BTreeMap::new();
    for folder in folders {
        for package in package_folders(folder)? {
            let bytes = read_package(&package)?;
            if let Some((earlier, other)) = found.get(&bytes.name) {
                if other.digest == bytes.digest {
                    continue;
                }
                return Err(IntakeError::new(format!(
                    "two data packages are named `{}`: {} and {}\n  hint: give one of them another `name` in its {DESCRIPTOR}",
                    bytes.name,
                    earlier.display(),
                    package.display()
                )));
            }
            found.insert(bytes.name.clone(), (package, bytes));
        }
    }
    Ok(found.into_values().map(|(_, bytes)| bytes).collect())
}

fn package_folders(folder: &Path) -> Result<Vec<PathBuf>, IntakeError> {
    if folder.join(DESCRIPTOR).is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = std::fs::read_dir(folder).map_err(|error| {
        IntakeError::new(format!(
            "{}: {error}\n  hint: name a folder with a {DESCRIPTOR}, or a folder of such folders",
            folder.display()
        ))
    })?;
    let mut packages: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join(DESCRIPTOR).is_file()).collect();
    packages.sort();
    if packages.is_empty() {
        return Err(IntakeError::new(format!(
            "{}: no data package here\n  hint: a data package is a folder with a {DESCRIPTOR} and the CSV files it names",
            folder.display()
        )));
    }
    Ok(packages)
}

fn read_package(folder: &Path) -> Result<PackageBytes, IntakeError> {
    let origin = folder.join(DESCRIPTOR);
    let descriptor = read_file(&origin)?;
    let listed = descriptor_files(&descriptor, &origin.display().to_string()).map_err(IntakeError::new)?;
    let root = folder.canonicalize().map_err(|error| IntakeError::new(format!("{}: {error}", folder.display())))?;
    let mut files = BTreeMap::from([(DESCRIPTOR.to_owned(), descriptor)]);
    for path in listed.files {
        let full = folder.join(&path);
        // A link inside the package may climb out of it even when its path does not.
        if let Ok(real) = full.canonicalize()
            && !real.starts_with(&root)
        {
            return Err(IntakeError::new(format!(
                "{}: `{path}` leads out of the package, to {}\n  hint: put the file into the package's folder",
                origin.display(),
                real.display()
            )));
        }
        files.insert(path, read_file(&full)?);
    }
    Ok(PackageBytes { name: listed.name, digest: package_digest(&files), files })
}

/// The digest of a package: over the paths and digests of its files.
pub fn package_digest(files: &BTreeMap<String, Vec<u8>>) -> Digest {
    let mut all = Vec::new();
    for (path, bytes) in files {
        all.extend_from_slice(path.as_bytes());
        all.push(0);
        all.extend_from_slice(Digest::of(bytes).0.as_bytes());
    }
    Digest::of(&all)
}

fn read_file(path: &Path) -> Result<Vec<u8>, IntakeError> {
    let fail = |error: std::io::Error| {
        IntakeError::new(format!(
            "{}: {error}\n  hint: the data package names this file; put it there or correct the descriptor",
            path.display()
        ))
    };
    let bytes = std::fs::metadata(path).map_err(fail)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(IntakeError::new(format!(
            "{}: {bytes} bytes is more than the {MAX_FILE_BYTES} a data file may have\n  hint: cut it to the columns and years you need",
            path.display()
        )));
    }
    std::fs::read(path).map_err(fail)
}
