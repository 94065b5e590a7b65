//! Two runs of one channel over two versions of a package: the second brief says what was revised.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const CHANNEL: &str = r#"id = "revised"
name = "Plain Figures"
kind = "finance"
audience = "people who like evidence"
sources = ["data"]
"#;

fn csv(revised: bool) -> String {
    let mut csv = String::from("date,price\n");
    for n in 0..240u32 {
        let wave = f64::from(n * 37 % 90) / 10.0;
        let value = 50.0 + f64::from(n) * 0.8 + wave + if revised && n >= 236 { 1.5 } else { 0.0 };
        let _ = writeln!(csv, "{}-{:02}-01,{value:.1}", 2006 + n / 12, n % 12 + 1);
    }
    csv
}

fn produce(folder: &Path, revised: bool) -> serde_json::Value {
    fs::create_dir_all(folder.join("data")).unwrap();
    fs::write(folder.join("data/data.csv"), csv(revised)).unwrap();
    fs::write(
        folder.join("data/datapackage.json"),
        r#"{"name":"tea","title":"Tea prices","licenses":[{"name":"CC0-1.0"}],"sources":[{"title":"Federal Reserve","path":"https://www.federalreserve.gov/"}],
        "resources":[{"name":"data","path":"data.csv","schema":{"fields":[{"name":"date","type":"date"},
        {"name":"price","type":"number","unit":{"unit":"USD","per":"pound"},"proofreel":{"subject":"the price of tea","short":"Tea"}}]}}]}"#,
    )
    .unwrap();
    fs::write(folder.join("channel.toml"), CHANNEL).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--quiet", "--json", "--state", "state", "produce", "--channel", "channel.toml", "--out", "out"])
        .args(["--until", "research", "--as-of", "2026-02-01"])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap()
}

fn revisions(folder: &Path, told: &serde_json::Value) -> Vec<serde_json::Value> {
    let out = folder.join(told["folder"].as_str().unwrap());
    let name = fs::read_dir(&out)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name().is_some_and(|name| {
                name.to_string_lossy().contains("brief") && name.to_string_lossy().ends_with("json")
            })
        })
        .unwrap_or_else(|| panic!("no brief in {}", out.display()));
    let brief: serde_json::Value = serde_json::from_slice(&fs::read(name).unwrap()).unwrap();
    let all = brief["screening"].as_array().unwrap();
    all.iter().filter(|finding| finding["kind"] == "revision").cloned().collect()
}

#[test]
fn a_second_run_notes_what_the_source_revised_and_survives_lost_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = produce(folder, false);
    assert_eq!(revisions(folder, &first).len(), 0);
    // The same bytes again are no revision.
    let again = produce(folder, false);
    assert_eq!(revisions(folder, &again).len(), 0);

    let second = produce(folder, true);
    let found = revisions(folder, &second);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["rows"], &found[0]["excluded"]), (&serde_json::json!([237, 240]), &serde_json::json!(false)));
    let note = found[0]["note"].as_str().unwrap();
    assert!(note.contains("4 of 240") && note.contains("before"), "{note}");

    // Without the old file the run goes on and says that it could not compare.
    let old = csv(false).into_bytes();
    let mut lost = 0;
    let mut folders = vec![folder.join("state/blobs")];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path).unwrap() == old {
                fs::remove_file(path).unwrap();
                lost += 1;
            }
        }
    }
    assert_eq!(lost, 1);
    let third = produce(folder, true);
    let found = revisions(folder, &third);
    assert!(found.len() == 1 && found[0]["note"].as_str().unwrap().contains("no longer stored"), "{found:?}");
}
