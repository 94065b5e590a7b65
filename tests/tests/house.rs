//! The house keeps its shape: which room may depend on which, and that ARCHITECTURE.md names them all.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Rooms and what each may depend on, as drawn in ARCHITECTURE.md.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("shared/model", &[][..]),
        ("shared/ports", &["model"]),
        ("shared/evidence", &["model"]),
        ("shared/studio", &["model"]),
        ("shared/stages", &["model", "evidence", "ports", "studio"]),
        ("shared/pipeline", &["model", "evidence", "ports", "stages"]),
        ("shared/voice", &[]),
        ("shared/adapters", &["model", "ports", "voice"]),
    ])
}

/// Names under `[dependencies]` (not the ones for tests) of a crate.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_room_depends_upwards() {
    for (room, may) in allowed() {
        for name in dependencies(&root().join(room).join("Cargo.toml")) {
            if let Some(other) = name.strip_prefix("proofreel-") {
                assert!(may.contains(&other), "{room} depends on {other}; ARCHITECTURE.md has no such arrow");
            }
        }
    }
}

#[test]
fn only_adapters_know_the_outside_world() {
    for room in allowed().keys().filter(|room| **room != "shared/adapters") {
        for name in dependencies(&root().join(room).join("Cargo.toml")) {
            assert!(
                !name.starts_with("aws-") && !["rusqlite", "reqwest"].contains(&name.as_str()),
                "{room} depends on {name}, which belongs into shared/adapters"
            );
        }
    }
}

#[test]
fn every_room_is_known_and_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(root().join("shared")).unwrap().flatten() {
        let room = format!("shared/{}", entry.file_name().to_string_lossy());
        assert!(
            allowed().contains_key(room.as_str()),
            "{room} is a new room: give it its arrows here and in ARCHITECTURE.md"
        );
        assert!(map.contains(&room), "ARCHITECTURE.md does not name {room}");
    }
}

#[test]
fn no_file_outgrows_its_outline() {
    let mut long = Vec::new();
    let mut folders = vec![root().join("shared"), root().join("cli"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                if lines > 500 {
                    long.push(format!("{} has {lines} lines", path.display()));
                }
            }
        }
    }
    assert!(long.is_empty(), "split into modules: {}", long.join(", "));
}
