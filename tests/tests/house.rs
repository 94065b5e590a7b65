//! The house keeps its shape: which room may depend on which, and that ARCHITECTURE.md names them all.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proofreel_model::stage::StageName;

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
        ("shared/web", &["model", "ports"]),
        ("shared/governor", &["model", "ports"]),
        ("shared/providers", &["model", "ports"]),
        ("shared/insight", &["model"]),
        ("shared/publishing", &["model", "ports"]),
        ("shared/lambda", &["model", "evidence", "ports", "stages", "pipeline", "adapters"]),
    ])
}

/// What a function may depend on: the room that serves it and its stage; render also has its voice.
fn allowed_of_functions(function: &str) -> &'static [&'static str] {
    match function {
        "batch" => &["lambda"],
        "render" => &["lambda", "stages", "adapters"],
        _ => &["lambda", "stages"],
    }
}

/// The functions' folders.
fn functions() -> Vec<String> {
    let entries = fs::read_dir(root().join("functions")).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
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
    for room in allowed().keys() {
        for name in dependencies(&root().join(room).join("Cargo.toml")) {
            let store = name.starts_with("aws-") || name == "rusqlite";
            assert!(
                !store || *room == "shared/adapters",
                "{room} depends on {name}, which belongs into shared/adapters"
            );
            assert!(
                name != "reqwest" || *room == "shared/web",
                "{room} depends on {name}, which belongs into shared/web"
            );
        }
    }
}

/// There is a function for every stage of the chain and the batch; each is some lines of wiring.
#[test]
fn functions_are_thin_and_one_a_stage() {
    let mut expected: Vec<String> = StageName::CHAIN.iter().map(ToString::to_string).collect();
    expected.push("batch".into());
    expected.sort();
    assert_eq!(functions(), expected);
    for function in functions() {
        let folder = root().join("functions").join(&function);
        for name in dependencies(&folder.join("Cargo.toml")) {
            let other = name.strip_prefix("proofreel-").unwrap_or(&name).to_owned();
            assert!(allowed_of_functions(&function).contains(&other.as_str()), "{function} depends on {name}");
        }
        let sources: Vec<PathBuf> =
            fs::read_dir(folder.join("src")).unwrap().flatten().map(|entry| entry.path()).collect();
        assert_eq!(sources, [folder.join("src/main.rs")], "{function}: code belongs into shared/lambda or a stage");
        let lines = fs::read_to_string(&sources[0]).unwrap().lines().count();
        assert!(lines <= 45, "functions/{function}/src/main.rs has {lines} lines");
    }
}

/// What is really linked, as cargo resolves it: features could bring in what no manifest names.
#[test]
fn cargo_links_no_store_into_stages_and_no_sqlite_into_functions() {
    let tree = |package: &str| -> Vec<String> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "tree",
                "--offline",
                "--locked",
                "--edges",
                "normal",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "--package",
            ])
            .arg(package)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let none = |package: &str, forbidden: &dyn Fn(&str) -> bool| {
        let linked = tree(package);
        assert!(linked.len() > 10, "{package}: {linked:?}");
        let found: Vec<&String> = linked.iter().filter(|name| forbidden(name)).collect();
        assert!(found.is_empty(), "{package} links {found:?}");
    };
    let is_store = |name: &str| name.starts_with("aws-") || name.contains("sqlite");
    for room in ["proofreel-stages", "proofreel-pipeline"] {
        none(room, &is_store);
    }
    for function in functions() {
        let voice_is_foreign = function != "render";
        none(&format!("proofreel-fn-{function}"), &|name| {
            name.contains("sqlite") || name == "aws-sdk-polly" || (voice_is_foreign && name == "proofreel-voice")
        });
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
    let mut folders = vec![root().join("shared"), root().join("functions"), root().join("cli"), root().join("tests")];
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
