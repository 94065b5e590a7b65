//! `proofreel sources` and live sources of a channel, as far as they go without a network.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::path::Path;
use std::process::Command;

struct Told {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Told {
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .arg("--state")
        .arg(folder.join("state"))
        .args(arguments)
        .env_remove("PROOFREEL_FRED_API_KEY")
        .env("PROOFREEL_EIA_API_KEY", "canary-of-a-key")
        .current_dir(folder)
        .output()
        .unwrap();
    Told {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A channel with a package of its own and whatever `rest` says of live sources.
fn channel(folder: &Path, rest: &str) {
    let rows =
        (0..40).map(|n| format!("{}-{:02}-01,{}\n", 2022 + n / 12, n % 12 + 1, 100 + n)).collect::<Vec<_>>().concat();
    fs::create_dir_all(folder.join("data/tea")).unwrap();
    fs::write(folder.join("data/tea/data.csv"), format!("date,price\n{rows}")).unwrap();
    let descriptor = r#"{"name":"tea","title":"Tea price","licenses":[{"name":"CC0-1.0"}],"sources":[{"title":"Federal Reserve","path":"https://www.federalreserve.gov/"}],
        "resources":[{"name":"data","path":"data.csv","schema":{"fields":[{"name":"date","type":"date"},{"name":"price","type":"number","description":"US dollars"}]}}]}"#;
    fs::write(folder.join("data/tea/datapackage.json"), descriptor).unwrap();
    let head =
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\n[[sources]]\nfolder = \"data\"\n";
    fs::write(folder.join("channel.toml"), format!("{head}{rest}")).unwrap();
}

const ECB: &str = "[[sources]]\nprovider = \"ecb\"\nseries = [\"EXR/M.USD.EUR.SP00.A\"]\n";

#[test]
fn providers_are_listed_with_their_keys_and_no_key_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(folder.path(), &["sources"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("fred_api_key is missing: get one at https://"), "{}", told.out);
    assert!(told.out.contains("eia_api_key is set") && !told.out.contains("canary"), "{}", told.out);
    let json: serde_json::Value = serde_json::from_str(&run(folder.path(), &["--json", "sources"]).out).unwrap();
    let providers = json["providers"].as_array().unwrap();
    assert!(providers.len() >= 12);
    let tier = |name: &str| providers.iter().find(|row| row["provider"] == name).unwrap()["tier"].clone();
    assert_eq!(
        (tier("world-bank"), tier("ecb"), tier("owid"), tier("url")),
        ("tier_1".into(), "tier_1".into(), "tier_2".into(), "as stated".into())
    );
}

#[test]
fn a_dry_run_says_what_would_be_fetched_and_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    channel(folder.path(), ECB);
    let told = run(folder.path(), &["sources", "fetch", "--channel", "channel.toml", "--dry-run"]);
    assert_eq!((told.code, told.out.trim()), (0, "ecb EXR/M.USD.EUR.SP00.A: would be fetched"), "{}", told.err);
    let told = run(folder.path(), &["produce", "--channel", "channel.toml", "--dry-run"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains("would be fetched") && told.out.contains("1 data packages"), "{}{}", told.out, told.err);
    assert!(!folder.path().join("state").exists(), "a dry run writes nothing");
}

#[test]
fn offline_goes_on_without_what_was_never_fetched_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    channel(folder.path(), ECB);
    let told = run(folder.path(), &["produce", "--channel", "channel.toml", "--offline", "--until", "planner"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains("left out, there is no copy yet"), "{}", told.err);
}

#[test]
fn wrong_sources_are_refused_with_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (rest, said) in [
        ("[[sources]]\nprovider = \"euro\"\nseries = [\"x\"]\n", "did you mean `eurostat`?"),
        ("[[sources]]\nprovider = \"fred\"\nseries = [\"UNRATE\"]\n", "terms_read = true"),
        ("[[sources]]\nprovider = \"ecb\"\nserie = [\"x\"]\n", "did you mean `series`?"),
    ] {
        channel(folder.path(), rest);
        let told = run(folder.path(), &["produce", "--channel", "channel.toml", "--dry-run"]);
        assert!(told.code == 3 && told.err.contains(said), "{}: {}", told.code, told.err);
    }
    let told = run(folder.path(), &["sources", "search", "fed", "jobs"]);
    assert!(
        told.code == 3 && told.err.contains("known providers") || told.err.contains("did you mean"),
        "{}",
        told.err
    );
}

/// What needs a key or has no search is told before anything is asked.
#[test]
fn a_missing_key_is_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(folder.path(), &["sources", "preview", "fred", "UNRATE"]);
    assert!(told.code == 3 && told.err.contains("fred_api_key") && told.err.contains("apikeys"), "{}", told.err);
    let told = run(folder.path(), &["sources", "search", "ecb", "dollar"]);
    assert!(told.code == 3 && told.err.contains("no search"), "{}", told.err);
    let told = run(folder.path(), &["sources", "preview", "eia", "../../x"]);
    assert!(told.code == 3 && told.err.contains("PET.RWTC.M") && !told.err.contains("canary"), "{}", told.err);
}

/// The real client below the real governor: an address on this machine is judged before anyone connects.
#[test]
fn an_address_inside_is_refused_and_never_reached() {
    let folder = tempfile::tempdir().unwrap();
    let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let url = format!("http://127.0.0.1:{}/prices.csv", inside.local_addr().unwrap().port());
    let told = run(folder.path(), &["sources", "preview", "url", &url]);
    assert!(told.code != 0 && told.err.contains("refused"), "{}: {}", told.code, told.err);
    assert!(inside.accept().is_err(), "somebody connected");
}
