//! How fast evidence is made and checked, over the demo's packages. Ratios within one run, no thresholds.
//! Run with `make bench`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use proofreel_evidence::{Library, PackageBytes, Recomputer, descriptor_files, discover, mine};
use proofreel_model::digest::Digest;

fn package(folder: &Path) -> PackageBytes {
    let descriptor = fs::read(folder.join("datapackage.json")).expect("descriptor");
    let listed = descriptor_files(&descriptor, &folder.display().to_string()).expect("files");
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for path in listed.files {
        let bytes = fs::read(folder.join(&path)).expect("data file");
        files.insert(path, bytes);
    }
    PackageBytes { name: listed.name, digest: Digest::of(folder.display().to_string().as_bytes()), files }
}

fn main() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data");
    let mut folders: Vec<PathBuf> = fs::read_dir(data).expect("data").flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.join("datapackage.json").is_file());
    folders.sort();
    let packages: Vec<PackageBytes> = folders.iter().map(|folder| package(folder)).collect();
    let bytes: usize = packages.iter().flat_map(|package| package.files.values()).map(Vec::len).sum();

    let begun = Instant::now();
    let library = Library::load(&packages).expect("load");
    let load = begun.elapsed();
    let as_of = jiff::civil::date(2026, 11, 22);

    let begun = Instant::now();
    let seeds = discover(&library);
    let mined: Vec<_> = seeds.iter().map(|seed| mine(&library, &seed.series, seed.angle, as_of)).collect();
    let mining = begun.elapsed();
    let facts: usize = mined.iter().map(|mined| mined.facts.len()).sum();

    let begun = Instant::now();
    let recomputer = Recomputer::new(&packages);
    let agreed = mined
        .iter()
        .flat_map(|mined| &mined.facts)
        .filter(|fact| {
            recomputer.fact(fact).is_ok_and(|value| (value - fact.value).abs() <= 1e-9 * fact.value.abs().max(1e-12))
        })
        .count();
    let checking = begun.elapsed();

    let ms = |duration: std::time::Duration| duration.as_secs_f64() * 1000.0;
    println!("load and screen   {:>9.1} ms   {:.1} MB/s", ms(load), bytes as f64 / 1e6 / load.as_secs_f64());
    println!("mine              {:>9.1} ms   {} topics, {facts} facts", ms(mining), seeds.len());
    println!("recompute         {:>9.1} ms   {agreed} of {facts} agree", ms(checking));
    println!("checking costs {:.2} times what mining costs", checking.as_secs_f64() / mining.as_secs_f64());
}
