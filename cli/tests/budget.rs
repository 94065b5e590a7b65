//! `proofreel budget`: a month reckoned, and a month as the records tell it.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use proofreel_adapters::local::{SqliteStore, SystemClock};
use proofreel_ports::{Condition, Item, Records as _};
use serde_json::{Value, json};

fn proofreel(state: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--state", state.to_str().unwrap(), "budget"])
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env_remove("PROOFREEL_TABLE")
        .output()
        .unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A month that is over: what Google spoke, and what a provider with a limit of a day was asked.
fn asked(state: &Path, characters: u64) {
    let store = SqliteStore::open(state, Arc::new(SystemClock)).unwrap();
    let row = |provider: &str, counts: Value| Item {
        pk: "usage#2026-10".into(),
        sk: format!("05#{provider}#demo#speech"),
        body: json!({ "version": 3, "day": "2026-10-05", "provider": provider, "channel": "demo", "kind": "speech",
            "counts": counts }),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for item in
        [row("google-speech", json!({ "calls": 9, "characters": characters })), row("bls", json!({ "calls": 250 }))]
    {
        runtime.block_on(store.put(item, Condition::None)).unwrap();
    }
}

#[test]
fn a_month_is_held_against_what_is_free_with_how_it_is_known_and_where_to_read_the_rest() {
    let state = tempfile::tempdir().unwrap();
    asked(state.path(), 300_000);
    let (code, out, err) = proofreel(state.path(), &["--month", "2026-10"]);
    assert_eq!(code, 0, "{err}");
    let line = |name: &str| {
        let line = out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}:\n{out}"));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("Google speech"), "Google speech 0 300,000 30.0 % 700,000 300,000 30.0 % counted");
    assert!(
        line("US Bureau of Labor Statistics, requests, fullest day").ends_with("– 250 50.0 % 250 250 50.0 % counted")
    );
    assert!(line("Lambda calls").ends_with("reckoned") && line("CloudWatch alarms").ends_with("deployed"), "{out}");
    for said in [
        "2026-10: 31.0 of 31 days, 0 runs, 0 films",
        "What no record of ours knows whole, and where a person reads it:",
        "S3 storage (reckoned): CloudWatch, AWS/S3, BucketSizeBytes",
    ] {
        assert!(out.contains(said), "{said}:\n{out}");
    }

    let (code, out, _) = proofreel(state.path(), &["--month", "2026-10", "--json", "--check"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    let lines = document["month"]["lines"].as_array().unwrap();
    let google = lines.iter().find(|line| line["id"] == "google_characters").unwrap();
    assert_eq!((code, &google["actual"]["so_far"]["share"]), (0, &json!(0.3)), "{out}");
    assert_eq!(google["actual"]["known"], "counted");
    assert_eq!(google["actual"]["cites"], json!(["usage#2026-10/05#google-speech#demo#speech"]));
    assert_eq!(document["month"]["actual"]["days"], json!(31.0));
}

#[test]
fn a_month_that_went_too_far_is_refused_and_slips_are_told() {
    let state = tempfile::tempdir().unwrap();
    asked(state.path(), 900_000);
    let (code, out, _) = proofreel(state.path(), &["--month", "2026-10", "--check"]);
    assert!(code == 4 && out.contains("TOO MUCH: Google speech (900,000 of 1,000,000 characters): 90 %"), "{out}");
    let (code, out, _) = proofreel(state.path(), &["--check", "--channels", "2"]);
    assert!(code == 0 && out.contains("A month of 2 channel(s)"), "without --month nothing of it is looked at: {out}");
    let (code, out, err) = proofreel(state.path(), &["--month"]);
    assert!(code == 0 && out.contains("days,"), "this month: {out}{err}");
    let (code, _, err) = proofreel(state.path(), &["--month", "October"]);
    assert!(code == 3 && err.contains("hint: write it like 2026-11"), "{err}");
    let (code, _, err) = proofreel(state.path(), &["--month", "2026-10", "--cloud"]);
    assert!(code == 3 && err.contains("PROOFREEL_TABLE is not set"), "{err}");
    assert_eq!(proofreel(state.path(), &["--cloud"]).0, 2, "of which month");
}
