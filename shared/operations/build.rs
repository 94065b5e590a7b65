//! Lists the law that this program was built with: name, version and digest of every specification, policy and prompt, for dossiers.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Places below `specs/` whose files are law.
const PLACES: [(&str, &str); 3] = [("", "md"), ("policy", "toml"), ("prompts", "md")];

fn main() -> Result<(), Box<dyn Error>> {
    let specs = Path::new("../../specs");
    let mut list = String::new();
    for (place, kind) in PLACES {
        let folder = specs.join(place);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.retain(|file| file.extension().is_some_and(|end| end == kind));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file)?;
            let mut digest = String::new();
            for byte in Sha256::digest(text.as_bytes()) {
                write!(digest, "{byte:02x}")?;
            }
            writeln!(list, "{}\t{}\t{digest}", file.strip_prefix(specs)?.display(), version(&text))?;
        }
    }
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("law.tsv"), list)?;
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// The first `1.2.3` of the file's head; empty where none is said.
fn version(text: &str) -> &str {
    let head = text.lines().take(12).flat_map(|line| line.split(|c: char| !(c.is_ascii_digit() || c == '.')));
    head.map(|word| word.trim_matches('.'))
        .find(|word| word.split('.').count() == 3 && word.split('.').all(|part| !part.is_empty()))
        .unwrap_or_default()
}
