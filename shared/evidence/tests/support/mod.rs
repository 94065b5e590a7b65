//! Packages made in memory or read from the shared data beside the checkout.
#![allow(dead_code)] // each test binary uses a part

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proofreel_evidence::{PackageBytes, descriptor_files};
use proofreel_model::digest::Digest;

/// The seven public packages.
pub const PACKAGES: [&str; 7] =
    ["bond-yields-us-10y", "cpi-us", "employment-us", "gdp", "gold-prices", "house-prices-us", "oil-prices"];

/// A package with one table.
pub fn one_table(title: &str, unit: &str, csv: &str) -> PackageBytes {
    let json = serde_json::json!({
        "name": "p", "title": title,
        "resources": [{"name": "r", "path": "r.csv", "schema": {"fields": [{"name": "Date"}, {"name": "Price", "unit": unit}]}}],
    });
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), json.to_string().into_bytes()),
        ("r.csv".to_owned(), csv.as_bytes().to_vec()),
    ]);
    PackageBytes { name: "p".into(), digest: Digest::of(csv.as_bytes()), files }
}

fn shared() -> PathBuf {
    std::env::var_os("PROOFREEL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from)
}

/// A public package, or `None` with a word on standard error when the shared data is not there.
pub fn public(name: &str) -> Option<PackageBytes> {
    let folder = shared().join("data").join(name);
    let Ok(descriptor) = std::fs::read(folder.join("datapackage.json")) else {
        eprintln!(
            "skipped: {} is not there; set PROOFREEL_SHARED to the folder that holds data/{name}",
            folder.display()
        );
        return None;
    };
    let named = descriptor_files(&descriptor, name).expect("descriptor");
    let mut files: BTreeMap<String, Vec<u8>> =
        named.files.iter().map(|path| (path.clone(), std::fs::read(folder.join(path)).expect("csv"))).collect();
    files.insert("datapackage.json".into(), descriptor);
    Some(PackageBytes { name: named.name, digest: Digest::of(name.as_bytes()), files })
}
