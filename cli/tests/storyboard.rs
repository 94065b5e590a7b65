//! `proofreel storyboard` over a draft's folder, a run, and what is neither.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel")).current_dir(folder).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Width and height of a PNG.
fn size(file: &Path) -> (u32, u32) {
    let bytes = fs::read(file).unwrap();
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn an_episode_is_seen_in_one_look_before_it_is_rendered() {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (channel, package) = (repository.join("tests/channels/short.toml"), repository.join("data/treasury-yield"));
    let (code, out, errors) = run(
        folder.path(),
        &[
            "produce",
            "--json",
            "--channel",
            channel.to_str().unwrap(),
            "--only-sources",
            "--sources",
            package.to_str().unwrap(),
            "--until",
            "script",
            "--as-of",
            "2026-11-22",
        ],
    );
    assert_eq!(code, 0, "{errors}");
    let document: Value = serde_json::from_str(&out).unwrap();
    let episode = folder.path().join(document["folder"].as_str().unwrap());
    let scenes: Value = serde_json::from_slice(&fs::read(episode.join("scenes.json")).unwrap()).unwrap();
    let count = scenes["scenes"].as_array().unwrap().len() as u32;
    // Made by `produce`, and shown on its page.
    let made = fs::read(episode.join("storyboard.png")).unwrap();
    assert!(fs::read_to_string(episode.join("review.html")).unwrap().contains("src=\"storyboard.png\""));

    let (code, out, errors) =
        run(folder.path(), &["storyboard", episode.to_str().unwrap(), "--columns", "1", "--out", "one.png"]);
    assert!(code == 0 && out.contains(&format!("{count} scenes on one.png")), "{out}{errors}");
    let (width, height) = size(&folder.path().join("one.png"));
    assert!(width < 600 && height > count * 300, "{width} × {height}");

    let run_id = document["run"].as_str().unwrap();
    let (code, out, errors) = run(folder.path(), &["--json", "storyboard", run_id]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["scenes"], count);
    assert_eq!(fs::read(folder.path().join("storyboard.png")).unwrap(), made, "the same episode, the same sheet");

    fs::write(episode.join("scenes.json"), "{}").unwrap();
    let (code, _, errors) = run(folder.path(), &["storyboard", episode.to_str().unwrap()]);
    assert!(code == 3 && errors.contains("scenes.json") && errors.contains("hint:"), "{code} {errors}");
}

#[test]
fn what_is_no_episode_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    for (target, says) in [("no/such/folder", "no such folder"), (".", "order.json")] {
        let (code, _, errors) = run(folder.path(), &["storyboard", target]);
        assert!(code == 3 && errors.contains(says) && errors.contains("hint:"), "{code} {errors}");
    }
    let (code, _, errors) = run(folder.path(), &["storyboard", "NOSUCHRUN"]);
    assert!(code != 0 && errors.contains("NOSUCHRUN"), "{code} {errors}");
    let (code, _, errors) = run(folder.path(), &["storyboard", ".", "--columns", "0"]);
    assert!(code != 0 && errors.contains("--columns"), "{code} {errors}");
}
