//! Digests all that decides how a film is drawn, so that kept parts of films drawn otherwise are not used again.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = vec![PathBuf::from("build.rs"), PathBuf::from("Cargo.toml")];
    // The numbers of the law decide what a picture looks like and what the media check lets pass, wherever they are read.
    for place in ["src", "../model/src", "../../specs/policy", "../../Cargo.lock"] {
        println!("cargo::rerun-if-changed={place}");
        collect(Path::new(place), &mut files)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.toml");
    files.sort();
    let mut digest = Sha256::new();
    for file in &files {
        let bytes = std::fs::read(file)?;
        digest.update(format!("{}\0{}\0", file.display(), bytes.len()));
        digest.update(&bytes);
    }
    // The same source rounds the same way only with the same compiler for the same target.
    let compiler = Command::new(std::env::var("RUSTC")?).arg("-vV").output()?;
    digest.update(&compiler.stdout);
    digest.update(std::env::var("TARGET")?);
    let mut hex = String::new();
    for byte in digest.finalize() {
        write!(hex, "{byte:02x}")?;
    }
    println!("cargo::rustc-env=PROOFREEL_STUDIO_VERSION={hex}");
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    println!("cargo::rustc-env=PROOFREEL_STUDIO_DIGESTED={}", names.join(":"));
    Ok(())
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    if place.is_dir() {
        for entry in std::fs::read_dir(place)? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}
