//! The data packages that folders are judged against: from `--sources`, else from the state folder's blobs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proofreel_adapters::local::FileBlobs;
use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::digest::Digest;
use proofreel_model::order::{Order, PackageRef};
use proofreel_pipeline::{load_packages, package_digest, read_packages};

use crate::exit::Failure;
use crate::threads;

/// Where packages come from.
pub struct Shelf {
    given: BTreeMap<String, PackageBytes>,
    blobs: Option<FileBlobs>,
    runtime: tokio::runtime::Runtime,
}

/// The packages of one order, read and screened once for all folders of that order.
pub struct Loaded {
    /// Their bytes, sorted by name.
    pub packages: Vec<PackageBytes>,
    /// The same, read.
    pub library: Library,
    /// Those whose bytes are not those of the order: name, and how they differ.
    pub foreign: Vec<(String, String)>,
    /// Those of the order that are nowhere: name, and why.
    pub missing: BTreeMap<String, String>,
}

impl Shelf {
    /// Over these folders and this state folder, which need not exist.
    pub fn open(sources: &[PathBuf], state: &Path) -> Result<Self, Failure> {
        let given = read_packages(sources)
            .map_err(Failure::input)?
            .into_iter()
            .map(|package| (package.name.clone(), package))
            .collect();
        let folder = state.join("blobs");
        let blobs = if folder.is_dir() { Some(FileBlobs::open(&folder)?) } else { None };
        let runtime = threads::one()?;
        Ok(Self { given, blobs, runtime })
    }

    /// The packages of an order. What differs or is missing is said, not failed: it may not matter to a folder.
    pub fn load(&self, order: &Order) -> Loaded {
        let (mut packages, mut foreign, mut missing) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut seen = BTreeSet::new();
        for wanted in order.packages.iter().filter(|wanted| seen.insert(wanted.name.clone())) {
            match self.find(wanted) {
                Ok(package) => {
                    if package.digest != wanted.digest {
                        foreign.push((wanted.name.clone(), differs(wanted, &package)));
                    }
                    packages.push(package);
                }
                Err(why) => {
                    missing.insert(wanted.name.clone(), why);
                }
            }
        }
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        // One package that cannot be used must not hide the others.
        packages.retain(|package| match Library::load(std::slice::from_ref(package)) {
            Ok(_) => true,
            Err(error) => {
                foreign.push((package.name.clone(), format!("cannot be used: {error}")));
                false
            }
        });
        let library = Library::load(&packages).unwrap_or_default();
        Loaded { packages, library, foreign, missing }
    }

    fn find(&self, wanted: &PackageRef) -> Result<PackageBytes, String> {
        if let Some(package) = self.given.get(&wanted.name) {
            return Ok(package.clone());
        }
        let Some(blobs) = &self.blobs else { return Err("neither in --sources nor in a state folder".into()) };
        let stored = self
            .runtime
            .block_on(load_packages(blobs, std::slice::from_ref(wanted)))
            .map_err(|error| format!("not in --sources, and the state folder says: {error}"))?;
        let package = stored.into_iter().next().ok_or("the state folder gives none")?;
        // The order says which files; that they make this package is for their bytes to say.
        let digest = package_digest(&package.files);
        Ok(PackageBytes { digest, ..package })
    }
}

fn differs(wanted: &PackageRef, package: &PackageBytes) -> String {
    let short = |digest: &Digest| digest.short().to_owned();
    let changed: Vec<&str> = wanted
        .files
        .iter()
        .filter(|file| package.files.get(&file.path).is_none_or(|bytes| Digest::of(bytes) != file.blob.digest))
        .map(|file| file.path.as_str())
        .collect();
    let files = if changed.is_empty() { String::new() } else { format!(": {} differs", changed.join(", ")) };
    format!(
        "is {}, the order was made on {}{files}: judge with the package of the order",
        short(&package.digest),
        short(&wanted.digest)
    )
}

impl Loaded {
    /// A failure when an episode names a dataset that is nowhere.
    pub fn holds(&self, datasets: &BTreeSet<String>) -> Result<(), Failure> {
        match self.missing.iter().find(|(name, _)| datasets.contains(*name)) {
            Some((name, why)) => Err(Failure::input(format!(
                "the data package `{name}` is not at hand: {why}\n  hint: name its folder with --sources, or the state folder of the run with --state"
            ))),
            None => Ok(()),
        }
    }
}
