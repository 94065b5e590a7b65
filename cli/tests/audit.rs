//! `proofreel qa` and `proofreel verify` over folders that are good, altered, garbled or judged with the wrong data.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

struct Told {
    code: i32,
    text: String,
    out: String,
}

impl Told {
    fn expect(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{}", self.text);
        for part in says {
            assert!(self.text.contains(part), "does not say `{part}`: {}", self.text);
        }
        assert!(!self.text.contains("panicked"), "{}", self.text);
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// One episode up to QA, its data package and places for altered copies.
struct Case {
    folder: tempfile::TempDir,
    episode: PathBuf,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&repository().join("data/treasury-yield"), &folder.path().join("package"));
        let mut case = Self { episode: folder.path().join("none"), folder };
        let channel = repository().join("tests/channels/short.toml");
        let package = case.path("package");
        let state = case.path("state");
        let told = case.run(
            &state,
            &[
                "produce",
                "--json",
                "--channel",
                channel.to_str().unwrap(),
                "--only-sources",
                "--sources",
                package.to_str().unwrap(),
                "--until",
                "qa",
                "--as-of",
                "2026-11-22",
            ],
        );
        told.expect(0, &[]);
        let document: Value = serde_json::from_str(&told.out).unwrap();
        case.episode = case.folder.path().join(document["folder"].as_str().unwrap());
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, state: &Path, arguments: &[&str]) -> Told {
        let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
            .args(["--quiet", "--state"])
            .arg(state)
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let text = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        Told { code: output.status.code().unwrap_or(-1), text, out }
    }

    /// Judges folders with the package alone, as an outsider would: there is no state folder.
    fn ask(&self, command: &str, folders: &[&Path], more: &[&str]) -> Told {
        let package = self.path("package");
        let mut arguments = vec![command, "--sources", package.to_str().unwrap()];
        arguments.extend(more);
        arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
        self.run(&self.path("no-state"), &arguments)
    }

    /// A copy of the episode with one of its files changed.
    fn altered(&self, name: &str, file: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
        let to = self.path(name);
        copy(&self.episode, &to);
        let mut value: Value = serde_json::from_slice(&fs::read(to.join(file)).unwrap()).unwrap();
        change(&mut value);
        fs::write(to.join(file), serde_json::to_vec(&value).unwrap()).unwrap();
        to
    }

    /// Captions of one cue a sentence.
    fn captions(&self) -> String {
        let script: Value = serde_json::from_slice(&fs::read(self.episode.join("script.json")).unwrap()).unwrap();
        let sentences =
            script["scenes"].as_array().unwrap().iter().flat_map(|scene| scene["narration"].as_array().unwrap());
        let text = |sentence: &Value| {
            sentence["text"].as_array().unwrap().iter().map(|span| span["text"].as_str().unwrap()).collect::<String>()
        };
        sentences
            .enumerate()
            .map(|(n, sentence)| {
                let (from, to) = (n * 5, n * 5 + 4);
                format!(
                    "{}\n00:{:02}:{:02},000 --> 00:{:02}:{:02},000\n{}\n\n",
                    n + 1,
                    from / 60,
                    from % 60,
                    to / 60,
                    to % 60,
                    text(sentence)
                )
            })
            .collect::<Vec<_>>()
            .concat()
    }
}

/// The first cited value of the first scene that has one.
fn cited(script: &mut Value) -> &mut Value {
    script["scenes"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .flat_map(|scene| scene["narration"].as_array_mut().unwrap())
        .flat_map(|sentence| sentence["text"].as_array_mut().unwrap())
        .find(|span| span["part"] == "value")
        .unwrap()
}

#[test]
fn a_folder_is_judged_alone_and_from_its_state() {
    let case = Case::new();
    let episode = case.episode.clone();
    assert!(episode.join("order.json").is_file());
    case.ask("qa", &[&episode], &[]).expect(0, &["pass", "facts recomputed"]);
    case.ask("verify", &[&episode], &[]).expect(0, &["0 disagree, 0 unproven", "treasury-yield / monthly, row"]);
    case.run(&case.path("state"), &["qa", episode.to_str().unwrap()]).expect(0, &["pass"]);
    case.run(&case.path("no-state"), &["qa", episode.to_str().unwrap()]).expect(3, &["treasury-yield", "--sources"]);
    assert!(!case.path("no-state").exists(), "looking leaves no trace");
}

#[test]
fn an_altered_digit_is_found_by_both() {
    let case = Case::new();
    let altered = case.altered("altered", "script.json", |script| {
        let span = cited(script);
        let text = span["text"].as_str().unwrap().to_owned();
        let digit = text.chars().find(char::is_ascii_digit).unwrap();
        let other = if digit == '7' { "8" } else { "7" };
        span["text"] = text.replacen(digit, other, 1).into();
    });
    case.ask("qa", &[&altered], &[]).expect(4, &["citation_wording"]);
    case.ask("verify", &[&altered], &[]).expect(4, &["DISAGREES: the source gives"]);
}

#[test]
fn another_package_of_the_same_name_is_a_finding_not_a_crash() {
    let case = Case::new();
    let csv = fs::read_dir(case.path("package")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = csv.filter(|path| path.extension().is_some_and(|kind| kind == "csv")).collect();
    if files.is_empty() {
        files = fs::read_dir(case.path("package/data")).unwrap().map(|entry| entry.unwrap().path()).collect();
    }
    let file = files.first().unwrap();
    let text = fs::read_to_string(file).unwrap();
    let cut: Vec<&str> = text.lines().take(text.lines().count() / 2).collect();
    fs::write(file, cut.join("\n")).unwrap();
    case.ask("qa", &[&case.episode], &[]).expect(4, &["source_record", "the order was made on", "differs"]);
    case.ask("verify", &[&case.episode], &[]).expect(4, &["DISAGREES: the data package treasury-yield"]);
    fs::write(file, "date,yield\nnothing,here\n").unwrap();
    case.ask("qa", &[&case.episode], &[]).expect(4, &["source_record", "cannot be used"]);
}

#[test]
fn garbled_folders_are_told_and_stop_none_of_the_others() {
    let case = Case::new();
    let garble = |name: &str, file: &str, bytes: &[u8]| {
        let to = case.path(name);
        copy(&case.episode, &to);
        fs::write(to.join(file), bytes).unwrap();
        to
    };
    let page = garble("page", "brief.json", b"<!doctype html><h1>504</h1>");
    let torn = garble("torn", "scenes.json", b"{\"scenes\": [");
    let order = garble("order", "order.json", b"[1, 2]");
    let deep = garble("deep", "script.json", "[".repeat(200_000).as_bytes());
    let lost = case.path("lost");
    copy(&case.episode, &lost);
    fs::remove_file(lost.join("script.json")).unwrap();
    let typed = case.altered("typed", "script.json", |script| script["titles"] = "none".into());
    let nowhere = case.path("nowhere");
    let folders = [&page, &torn, &case.episode, &order, &deep, &lost, &typed, &nowhere].map(PathBuf::as_path);
    let told = case.ask("qa", &folders, &["--json"]);
    told.expect(3, &["is a web page, not JSON", "script.json", "no such folder", "schema_failure"]);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    let verdicts: Vec<Option<&str>> = document.as_array().unwrap().iter().map(|one| one["verdict"].as_str()).collect();
    assert_eq!(verdicts, [None, None, Some("pass"), None, None, None, Some("reject"), None]);
    case.ask("verify", &folders, &[]).expect(3, &["0 disagree, 0 unproven", "not verified", "hint:"]);
}

#[test]
fn absurd_rows_are_refused_at_once() {
    let case = Case::new();
    let absurd = case.altered("absurd", "brief.json", |brief| {
        brief["facts"][0]["rows"][0]["last"] = u32::MAX.into();
        brief["facts"][1]["rows"][0]["first"] = 0.into();
        brief["facts"][1]["rows"][0]["last"] = u32::MAX.into();
    });
    let begun = std::time::Instant::now();
    case.ask("qa", &[&absurd], &[]).expect(4, &["fact_rows"]);
    case.ask("verify", &[&absurd], &[]).expect(4, &["no file has so many"]);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn captions_must_say_the_narration() {
    let case = Case::new();
    let captions = case.captions();
    fs::write(case.episode.join("captions.srt"), &captions).unwrap();
    case.ask("qa", &[&case.episode], &[]).expect(0, &["pass"]);
    case.ask("verify", &[&case.episode], &[]).expect(0, &["captions.srt cue"]);
    let at = captions.rfind(" percent").unwrap();
    let digit = &captions[at - 1..at];
    let other = if digit == "7" { "8" } else { "7" };
    let altered = format!("{}{other}{}", &captions[..at - 1], &captions[at..]);
    fs::write(case.episode.join("captions.srt"), altered).unwrap();
    case.ask("qa", &[&case.episode], &[]).expect(4, &["caption_differs", "render"]);
    case.ask("verify", &[&case.episode], &[]).expect(4, &["UNPROVEN", "captions.srt cue"]);
    fs::write(case.episode.join("captions.srt"), [0xff, 0xfe, 0x00]).unwrap();
    case.ask("qa", &[&case.episode], &[]).expect(3, &["is not UTF-8"]);
}

/// A record of a film of these words, two seconds a scene, as render would leave it.
fn film_record(script: &Value, seconds: u64) -> Value {
    let scenes = script["scenes"].as_array().unwrap();
    let timeline: Vec<Value> = scenes
        .iter()
        .enumerate()
        .map(|(n, scene)| {
            let (start, end) =
                (n as u64 * 2000, if n + 1 == scenes.len() { seconds * 1000 } else { n as u64 * 2000 + 2000 });
            serde_json::json!({"scene_id": scene["scene_id"], "start_ms": start, "end_ms": end})
        })
        .collect();
    serde_json::json!({"schema_version": script["schema_version"], "format": "landscape", "duration_ms": seconds * 1000, "voice": "v",
        "timeline": timeline, "words": [], "files": [],
        "check": {"video_codec": "", "width": 0, "height": 0, "fps": 0.0, "audio_codec": "", "video_seconds": 0.0,
            "audio_seconds": 0.0, "loudness": {"integrated_lufs": 0.0, "true_peak_dbtp": 0.0}},
        "metadata": {"title": "", "title_variants": [], "description": "", "tags": [], "chapters": [],
            "pinned_comment": "", "language": "en", "contains_synthetic_media": true}})
}

#[test]
fn a_film_in_the_folder_is_decoded_and_measured() {
    let case = Case::new();
    let script: Value = serde_json::from_slice(&fs::read(case.episode.join("script.json")).unwrap()).unwrap();
    let seconds = 2 * script["scenes"].as_array().unwrap().len() as u64;
    let to = case.path("filmed");
    copy(&case.episode, &to);
    // A film that render would never let out: frozen, silent, of the wrong size.
    let source = format!("color=c=gray:s=320x180:r=30:d={seconds}");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", &source, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"])
        .args([
            "-t",
            &seconds.to_string(),
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ])
        .arg(to.join("video.mp4"))
        .status()
        .unwrap();
    assert!(made.success());
    case.ask("qa", &[&to], &[]).expect(4, &["video.mp4  not checked", "film.json"]);
    fs::write(to.join("film.json"), film_record(&script, seconds).to_string()).unwrap();
    let told = case.ask("qa", &[&to], &[]);
    told.expect(4, &["320 × 180 h264", "every frame and sample decoded", "blank_picture", "loudness", "stream_format"]);
    let told = case.ask("qa", &[&to], &["--json"]);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&document[0]["film"]["checked"], &document[0]["film"]["good"]), (&true.into(), &false.into()));
    // Bytes that are no film are told as such.
    fs::write(to.join("video.mp4"), "no film").unwrap();
    case.ask("qa", &[&to], &[]).expect(4, &["unreadable"]);
    // Without a film the words alone are judged, and that is said.
    case.ask("qa", &[&case.episode], &[]).expect(0, &["no video.mp4"]);
}
