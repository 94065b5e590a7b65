//! Data packages on their way into a run and out of storage again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::digest::Digest;
use proofreel_model::order::{Order, PackageFile, PackageRef};
use proofreel_model::stock::StockPicture;
use proofreel_ports::{Blobs, PortError};

use crate::keys;

/// Stores every file of `packages` under its digest and returns what an order says about them, sorted by name.
pub async fn store_packages(blobs: &dyn Blobs, packages: &[PackageBytes]) -> Result<Vec<PackageRef>, PortError> {
    let mut stored = Vec::with_capacity(packages.len());
    for package in packages {
        let mut files = Vec::with_capacity(package.files.len());
        for (path, bytes) in &package.files {
            files.push(PackageFile { path: path.clone(), blob: blobs.store(keys::DATA, bytes).await? });
        }
        stored.push(PackageRef { name: package.name.clone(), digest: package.digest.clone(), files });
    }
    stored.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(stored)
}

/// The packages an order names, every file checked against its digest.
pub async fn load_packages(blobs: &dyn Blobs, packages: &[PackageRef]) -> Result<Vec<PackageBytes>, PortError> {
    let mut loaded = Vec::with_capacity(packages.len());
    for package in packages {
        let mut files = BTreeMap::new();
        for file in &package.files {
            files.insert(file.path.clone(), blobs.fetch(&file.blob).await?);
        }
        loaded.push(PackageBytes { name: package.name.clone(), digest: package.digest.clone(), files });
    }
    Ok(loaded)
}

/// Stores the kept bytes of stock pictures under their digest, where their rows of the ledger say that they lie.
pub async fn store_pictures(blobs: &dyn Blobs, pngs: impl IntoIterator<Item = &[u8]>) -> Result<(), PortError> {
    for png in pngs {
        blobs.store(keys::PICTURES, png).await?;
    }
    Ok(())
}

/// The kept bytes of an order's stock pictures, each with its digest.
pub async fn load_pictures(blobs: &dyn Blobs, rows: &[StockPicture]) -> Result<Vec<(Digest, Vec<u8>)>, PortError> {
    let mut loaded = Vec::with_capacity(rows.len());
    for row in rows {
        loaded.push((row.blob.digest.clone(), blobs.fetch(&row.blob).await?));
    }
    Ok(loaded)
}

/// A run's packages, loaded and screened.
#[derive(Default)]
pub(crate) struct Loaded {
    pub packages: Vec<PackageBytes>,
    pub library: Library,
}

/// Why packages could not be loaded.
pub(crate) enum LoadError {
    /// Storage failed.
    Port(PortError),
    /// A package is not usable; trying again changes nothing.
    Unusable(String),
}

/// Keeps the packages of the last order, so that they are read and screened once per run, not once per stage.
#[derive(Default)]
pub(crate) struct PackageCache {
    last: Mutex<Option<(Vec<PackageRef>, Arc<Loaded>)>>,
}

impl PackageCache {
    pub async fn load(&self, blobs: &dyn Blobs, order: &Order) -> Result<Arc<Loaded>, LoadError> {
        let refs: Vec<PackageRef> = order.packages.iter().chain(&order.previous_packages).cloned().collect();
        if let Some((known, loaded)) = self.last.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && *known == refs
        {
            return Ok(Arc::clone(loaded));
        }
        let packages = load_packages(blobs, &order.packages).await.map_err(LoadError::Port)?;
        let (mut previous, mut gone) = (Vec::new(), Vec::new());
        for package in &order.previous_packages {
            // An old version is only compared with: without it the run goes on, and says so.
            match load_packages(blobs, std::slice::from_ref(package)).await {
                Ok(loaded) => previous.extend(loaded),
                Err(error) if error.is_retryable() => return Err(LoadError::Port(error)),
                Err(_) => gone.push(&package.name),
            }
        }
        let mut library =
            Library::load_revised(&packages, &previous).map_err(|error| LoadError::Unusable(error.to_string()))?;
        for name in gone {
            library.without_previous(name, "its files are no longer stored");
        }
        let loaded = Arc::new(Loaded { packages, library });
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((refs, Arc::clone(&loaded)));
        Ok(loaded)
    }
}
