//! An episode that must be unlike another: `--compare-with`.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::path::{Path, PathBuf};
use std::process::Command;

use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use serde_json::Value;

fn produce(folder: &Path, more: &[&str]) -> (i32, String) {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--quiet", "--json", "--state"])
        .arg(folder.join("state"))
        .args(["produce", "--channel"])
        .arg(repository.join("tests/channels/short.toml"))
        .args(["--only-sources", "--sources"])
        .arg(repository.join("data/gold"))
        .args(["--until", "qa", "--as-of", "2026-11-22", "--topic", "gold boom"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.code().unwrap_or(-1), String::from_utf8(text).unwrap())
}

fn made(folder: &Path, more: &[&str]) -> (String, Vec<u8>, EpisodePrint) {
    let (code, text) = produce(folder, more);
    assert_eq!(code, 0, "{text}");
    let document: Value = serde_json::from_str(&text).unwrap();
    let out = folder.join(document["folder"].as_str().unwrap());
    let bytes = std::fs::read(out.join("script.json")).unwrap();
    let script: Script = serde_json::from_slice(&bytes).unwrap();
    let scenes: Scenes = serde_json::from_slice(&std::fs::read(out.join("scenes.json")).unwrap()).unwrap();
    (document["run"].as_str().unwrap().to_owned(), bytes, print::of(&"gold".into(), &scenes, &script))
}

#[test]
fn a_repeated_command_says_the_same_and_one_that_compares_says_it_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let (run, first, print) = made(folder.path(), &[]);
    let (_, again, _) = made(folder.path(), &[]);
    assert_eq!(first, again, "what is not published is no reason to change a word");
    // Only finished films count as `all`; these runs stopped at QA.
    assert_eq!(made(folder.path(), &["--compare-with", "all"]).1, first);
    let (_, other, unlike) = made(folder.path(), &["--compare-with", &run]);
    assert_ne!(first, other);
    assert!(unlike.likeness(&print).sentences < 0.5, "{:?}", unlike.likeness(&print));
}

#[test]
fn a_run_that_is_not_there_cannot_be_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = produce(folder.path(), &["--compare-with", "r-nowhere"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("r-nowhere") && text.contains("proofreel runs"), "{text}");
}
