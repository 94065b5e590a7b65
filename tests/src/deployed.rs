//! What `make deploy` puts into a bucket beside what runs make.

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Keys and bytes of the gold package's files.
pub fn gold_package() -> Vec<(String, Vec<u8>)> {
    let (data, mut folders, mut files) = (root().join("data"), vec![root().join("data/gold")], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = format!("data/{}", path.strip_prefix(&data).expect("below data").display());
                files.push((key, std::fs::read(path).expect("the file")));
            }
        }
    }
    files
}
