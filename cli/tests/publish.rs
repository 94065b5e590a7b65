//! From a finished film to a published one and back, by the commands an operator types.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_model::digest::{BlobRef, canonical_json};
use proofreel_ports::{Blobs as _, Condition, Item, Records as _};
use serde_json::{Value, json};

const RUN: &str = "20261122t211924-k3f9";

/// A state folder with one finished run, and the channel's file.
struct House {
    folder: tempfile::TempDir,
    film: String,
    video: Vec<u8>,
}

impl House {
    fn build(publishing: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let video: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
        let film = runtime.block_on(fill(&folder.path().join("state"), &video));
        std::fs::create_dir(folder.path().join("channels")).unwrap();
        let channel = format!(
            "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n[publishing]\n{publishing}\n"
        );
        std::fs::write(folder.path().join("channels/demo.toml"), channel).unwrap();
        Self { folder, film, video }
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
            .args(args)
            .current_dir(self.folder.path())
            .env("PROOFREEL_STATE", "state")
            .env_remove("PROOFREEL_USER")
            .env("USER", "otto")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn json(&self, args: &[&str]) -> Value {
        let (code, out, err) = self.run(args);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{code} {error}: {out} {err}"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn approve(&self) {
        let (code, out, err) = self.run(&["approve", RUN, "--digest", &self.film[..8]]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(out.contains("is approved") && out.contains("audit   link 1"), "{out}");
    }
}

/// Writes what a run leaves behind.
async fn fill(state: &Path, video: &[u8]) -> String {
    let store = SqliteStore::open(state, Arc::new(SystemClock)).unwrap();
    let blobs = FileBlobs::open(&state.join("blobs")).unwrap();
    let order = json!({
        "channel": {"id": "demo", "name": "Demo", "kind": "finance", "audience": "people", "sources": ["../data"]},
        "as_of": "2026-11-22", "seed": 7, "format": "landscape", "packages": [],
    });
    let put = async |prefix: &str, bytes: &[u8]| -> BlobRef { blobs.store(prefix, bytes).await.unwrap() };
    let mut files = Vec::new();
    for (name, kind, bytes) in [
        ("video.mp4", "video/mp4", video),
        ("captions.srt", "application/x-subrip", b"1\n00:00:00,000 --> 00:00:01,000\nGold\n".as_slice()),
        ("thumbnail-1.png", "image/png", b"png"),
    ] {
        let blob = put("file", bytes).await;
        files.push(json!({"name": name, "media_type": kind, "digest": blob.digest, "bytes": blob.bytes}));
    }
    let film = json!({
        "format": "landscape", "duration_ms": 150_200, "voice": "v", "timeline": [], "words": [], "files": files,
        "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 150.2,
            "audio_seconds": 150.2, "loudness": {"integrated_lufs": -14.0, "true_peak_dbtp": -1.0}},
        "metadata": {"title": "Gold at its peak", "title_variants": [], "description": "About gold", "tags": ["gold"], "chapters": [],
            "pinned_comment": "Which figure surprised you?", "language": "en-US", "contains_synthetic_media": true},
    });
    let film: proofreel_model::film::Film = serde_json::from_value(film).unwrap();
    let film = put("artifact", &canonical_json(&film).unwrap()).await;
    let script = put("artifact", &canonical_json(&json!({
        "writer": "embedded", "scenes": [], "titles": [], "thumbnails": [], "hooks": [], "description": [], "tags": [], "chapters": [],
        "pinned_comment": [], "ai_disclosure": "made by software", "disclaimer": "no advice",
    })).unwrap()).await;
    let brief = put(
        "artifact",
        &canonical_json(&json!({"sources": [{"source_id": "src1", "licence": "CC0-1.0"}], "facts": []})).unwrap(),
    )
    .await;
    let qa = put("artifact", &canonical_json(&json!({
        "verdict": {"decision": "pass"}, "scenes": [], "checklists": [], "recomputed": [], "points_checked": 1, "texts_checked": 1,
        "citations_checked": 1, "findings": [], "script_digest": script.digest,
    })).unwrap()).await;
    let order = put("order", &canonical_json(&order).unwrap()).await;
    let head = json!({
        "run_id": RUN, "channel": "demo", "order": order, "state": "done", "files": {}, "rewrites": 0, "draft": false,
        "artifacts": {"research": brief, "script": script, "qa": qa, "render": film},
        "created_at": "2026-11-22T21:19:24Z", "updated_at": "2026-11-22T21:30:00Z", "revision": 9, "visits": {}, "message": null,
    });
    let item = Item { pk: format!("run#{RUN}"), sk: "head".into(), body: head };
    store.put(item, Condition::Absent).await.unwrap();
    film.digest.0
}

#[test]
fn a_film_is_approved_published_once_and_taken_back() {
    let house = House::build("made_for_kids = false");
    let (code, _, err) = house.run(&["publish", RUN]);
    assert!(code == 4 && err.contains("nobody approved it") && err.contains("hint:"), "{code} {err}");
    let (code, _, err) = house.run(&["approve", RUN]);
    assert!(code == 4 && err.contains("Gold at its peak") && err.contains(&house.film[..8]), "{code} {err}");
    let (code, _, err) = house.run(&["approve", RUN, "--digest", "0000000000"]);
    assert!(code == 4 && err.contains("hint:"), "{code} {err}");
    house.approve();
    let plan = house.json(&["publish", RUN, "--dry-run", "--to", "youtube", "--json"]);
    let cost: Vec<u64> = plan["cost"].as_object().unwrap().values().map(|cost| cost.as_u64().unwrap()).collect();
    assert_eq!((cost, &plan["refused"]), (vec![1, 554], &Value::Null), "{plan:#}");
    assert!(!house.path("published").exists(), "a dry run writes nothing");
    let published = house.json(&["publish", RUN, "--json"]);
    assert_eq!(published["publication"]["state"], "published", "{published:#}");
    let address = published["publication"]["address"].as_str().unwrap().to_owned();
    let again = house.json(&["publish", RUN, "--json"]);
    assert_eq!(again["publication"], published["publication"], "again is the same");
    let public: Vec<_> = std::fs::read_dir(house.path("published/public")).unwrap().flatten().collect();
    assert_eq!(public.len(), 1);
    assert_eq!(std::fs::read(public[0].path().join("video.mp4")).unwrap(), house.video);
    assert!(public[0].path().join("captions.en-US.srt").is_file() && public[0].path().join("thumbnail.png").is_file());
    let (_, shown, _) = house.run(&["runs", "show", RUN]);
    assert!(shown.contains("film      published") && shown.contains(&address), "{shown}");
    for _ in 0..2 {
        let (code, out, err) = house.run(&["retract", RUN, "--reason", "a source was revised"]);
        assert!(code == 0 && out.contains("is retracted") && out.contains("a source was revised"), "{out}{err}");
    }
    assert!(
        house.path("published/public").read_dir().unwrap().flatten().all(|entry| entry.path().is_file()),
        "only a stone is left"
    );
    let (code, out, _) = house.run(&["audit", "verify"]);
    assert!(code == 0 && out.contains("the chain holds"), "{out}");
    let dossier = house.json(&["dossier", RUN]);
    assert_eq!(
        (&dossier["licences"][0]["licence"], &dossier["gate"]["verdict"]["decision"]),
        (&json!("CC0-1.0"), &json!("pass"))
    );
    assert_eq!(dossier["publication"]["retraction"]["reason"], "a source was revised");
    assert!(dossier["decisions"].as_array().unwrap().len() > 9 && dossier["audit"]["faults"] == json!([]));
    let (_, list, _) = house.run(&["audit", "list", RUN]);
    let deeds: Vec<String> = list
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["what"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "approve",
        "publish.intent",
        "publish.session",
        "publish.bytes",
        "publish.uploaded",
        "publish.verified",
        "publish.extra",
        "publish.extra",
        "publish.turn",
        "publish.public",
        "retract",
        "retract.hidden",
    ];
    assert_eq!(deeds, expected);
}

#[test]
fn who_may_what_is_in_the_channels_file_as_it_is_now() {
    let house = House::build("operators = [\"otto\"]\napprovers = [\"anna\"]");
    let code = &house.film[..8];
    assert_eq!(house.run(&["approve", RUN, "--digest", code]).0, 4, "otto operates");
    assert_eq!(house.run(&["approve", RUN, "--digest", code, "--as", "anna"]).0, 0);
    assert_eq!(house.run(&["publish", RUN, "--as", "anna"]).0, 4, "anna approves");
    let (exit, _, err) = house.run(&["publish", RUN, "--dry-run", "--to", "youtube"]);
    assert!(exit == 4, "nobody said whether it is made for children: {err}");
    // The terms change: what was approved is not what would be published.
    let file = house.path("channels/demo.toml");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "visibility = \"unlisted\"\ncategory = 25\n")
        .unwrap();
    let (exit, _, err) = house.run(&["publish", RUN]);
    assert!(exit == 4 && err.contains("not what was approved"), "{err}");
    let (exit, _, err) = house.run(&["publish", RUN]);
    assert!(exit == 4 && err.contains("nobody approved it"), "{err}");
}

#[test]
fn a_rejected_film_goes_back_to_its_stage_and_the_switch_stops_everything() {
    let house = House::build("made_for_kids = false");
    house.approve();
    assert_eq!(house.run(&["publish", "--stop", "--reason", "a strike"]).0, 0);
    let (code, _, err) = house.run(&["publish", RUN]);
    assert!(code == 4 && err.contains("a strike"), "{err}");
    assert_eq!(house.run(&["publish", "--go"]).0, 0);
    let (code, out, err) = house.run(&["reject", RUN, "--reason", "the hook is weak", "--stage", "script"]);
    assert!(code == 0 && out.contains("is rejected") && out.contains("--resume"), "{out}{err}");
    let shown = house.json(&["runs", "show", RUN, "--json"]);
    assert_eq!((&shown["run"]["state"], &shown["run"]["stage"]), (&json!("running"), &json!("script")), "{shown:#}");
    assert_eq!(shown["publication"]["rejection"]["reason"], "the hook is weak");
    let (code, _, err) = house.run(&["approve", RUN, "--digest", &house.film[..8]]);
    assert!(code == 4 && err.contains("hint:"), "{err}");
    assert_eq!(house.run(&["audit", "verify"]).0, 0);
}

/// The watchdog holds published films against their sources once a day, and what is written of the channel's file stays in the chain.
#[test]
fn the_watchdog_looks_for_revisions_when_they_are_due_and_notes_changed_files() {
    let house = House::build("made_for_kids = false");
    house.approve();
    assert_eq!(house.run(&["publish", RUN]).0, 0);
    let rows = |pk: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let store = SqliteStore::open(&house.path("state"), Arc::new(SystemClock)).unwrap();
        runtime.block_on(store.query(pk, "")).unwrap()
    };
    // The channel's folder of data is not there: that is told, and nothing is taken for looked at.
    let (_, _, err) = house.run(&["watchdog"]);
    assert!(err.contains("published films were not held against their sources"), "{err}");
    assert!(rows("revisions-looked").is_empty() && rows("watchdog").len() == 1, "its beat is there all the same");
    std::fs::create_dir_all(house.path("data/tea")).unwrap();
    std::fs::write(house.path("data/tea/prices.csv"), "date,price\n2026-01-01,1\n2026-02-01,2\n").unwrap();
    let package = r#"{"name":"tea","resources":[{"name":"prices","path":"prices.csv","schema":{"fields":[{"name":"date","type":"date"},{"name":"price","type":"number"}]}}]}"#;
    std::fs::write(house.path("data/tea/datapackage.json"), package).unwrap();
    let (_, _, err) = house.run(&["watchdog"]);
    assert!(!err.contains("not held"), "{err}");
    let looked = rows("revisions-looked");
    assert_eq!(looked.len(), 1);
    std::fs::remove_dir_all(house.path("data")).unwrap();
    let (_, _, err) = house.run(&["watchdog"]);
    assert!(!err.contains("not held"), "not due again: {err}");
    assert_eq!(rows("revisions-looked"), looked);

    let file = house.path("channels/demo.toml");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "two_persons = true\n").unwrap();
    house.run(&["watchdog"]);
    house.run(&["watchdog"]);
    let (_, list, _) = house.run(&["audit", "list", "demo"]);
    let changed: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|link| link["what"] == "config.changed")
        .collect();
    assert_eq!(changed.len(), 1, "{list}");
    assert_eq!(changed[0]["detail"]["changed"], json!({"publishing.two_persons": [null, true]}));
    assert_eq!(house.run(&["audit", "verify"]).0, 0);
}
