//! Bad input gives one clear error, the right exit code, and nothing half-made.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Case {
    folder: tempfile::TempDir,
}

struct Told {
    code: i32,
    text: String,
}

impl Case {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// A package with one monthly series.
    fn package(&self, name: &str, csv: impl AsRef<[u8]>) -> PathBuf {
        self.write(&format!("{name}/data.csv"), csv);
        self.write(
            &format!("{name}/datapackage.json"),
            format!(
                r#"{{"name":"{name}","title":"Test prices","licenses":[{{"name":"CC0"}}],"sources":[{{"title":"Federal Reserve"}}],
                "resources":[{{"name":"data","path":"data.csv","schema":{{"fields":[{{"name":"date","type":"date"}},{{"name":"price","type":"number","description":"US dollars"}}]}}}}]}}"#
            ),
        );
        self.path(name)
    }

    fn run(&self, arguments: &[&str]) -> Told {
        let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
            .args(["--quiet", "--state"])
            .arg(self.path("state"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Told { code: output.status.code().unwrap_or(-1), text }
    }

    fn produce(&self, sources: &Path) -> Told {
        let channel = repository().join("tests/channels/short.toml");
        let (channel, sources) = (channel.to_str().unwrap(), sources.to_str().unwrap());
        self.run(&[
            "produce",
            "--channel",
            channel,
            "--only-sources",
            "--sources",
            sources,
            "--until",
            "qa",
            "--as-of",
            "2026-11-22",
        ])
    }
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

/// Two hundred months of a walk that never repeats.
fn months(mut line: impl FnMut(usize, &str, f64) -> String) -> String {
    let mut csv = String::from("date,price\n");
    for n in 0..200 {
        let value = 50.0 + 20.0 * (n as f64 / 9.0).sin() + n as f64 * 0.31 + (n * 7 % 13) as f64 * 0.17;
        let date = format!("{:04}-{:02}-01", 2010 + n / 12, n % 12 + 1);
        csv.push_str(&line(n, &date, value));
        csv.push('\n');
    }
    csv
}

fn good() -> String {
    months(|_, date, value| format!("{date},{value:.2}"))
}

#[test]
fn a_channel_file_with_a_typo_names_line_and_key() {
    let case = Case::new();
    let channel =
        case.write("c.toml", "id = \"x\"\nname = \"X\"\nkind = \"finance\"\naudiense = \"all\"\nsources = [\".\"]\n");
    case.run(&["produce", "--channel", channel.to_str().unwrap()]).expect(3, &["c.toml:4", "did you mean `audience`?"]);
}

#[test]
fn names_that_no_font_draws_are_refused_before_there_is_a_run() {
    let case = Case::new();
    let head = "kind = \"finance\"\naudience = \"all\"\nsources = [\"good\"]\n";
    case.package("good", good());
    let channel = case.write("coin.toml", format!("id = \"coin\"\nname = \"Coins \u{1fa99}\"\n{head}"));
    let told = case.run(&["produce", "--channel", channel.to_str().unwrap()]);
    told.expect(3, &["coin.toml: name", "\u{1fa99} (U+1FA99)", "hint: write it in words"]);
    assert!(!told.text.contains("apt-get"), "no package draws an emoji: {}", told.text);
    let package = case.package("emoji", good());
    let json = fs::read_to_string(package.join("datapackage.json")).unwrap();
    case.write("emoji/datapackage.json", json.replace("Federal Reserve", "Federal \u{1f3e6} Reserve"));
    case.produce(&package).expect(3, &["data package emoji", "U+1F3E6", "hint:"]);
    assert!(!case.path("state/blobs").exists(), "nothing was begun");
    // Other scripts are drawn.
    case.write("emoji/datapackage.json", json.replace("Federal Reserve", "中国人民银行"));
    let told = case.produce(&package);
    assert!(!told.text.contains("no font draws"), "{}", told.text);
}

#[test]
fn a_missing_channel_file_is_told() {
    Case::new().run(&["produce", "--channel", "nowhere.toml"]).expect(3, &["nowhere.toml", "hint:"]);
}

#[test]
fn no_channel_at_all_is_wrong_use() {
    Case::new().run(&["produce"]).expect(2, &["--channel"]);
}

#[test]
fn a_broken_descriptor_names_file_and_line() {
    let case = Case::new();
    let package = case.package("broken", good());
    case.write("broken/datapackage.json", "{\n  \"name\": \"broken\",\n  \"resources\": [\n");
    case.produce(&package).expect(3, &["datapackage.json", "line", "hint:"]);
}

#[test]
fn a_path_that_climbs_out_is_refused() {
    let case = Case::new();
    let package = case.package("climber", good());
    case.write("secret.csv", good());
    for path in ["../secret.csv", "/etc/passwd", "http://example.org/x.csv"] {
        case.write(
            "climber/datapackage.json",
            format!(r#"{{"name":"climber","resources":[{{"name":"d","path":"{path}"}}]}}"#),
        );
        case.produce(&package).expect(3, &["climber", path, "hint:"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_refused() {
    let case = Case::new();
    let package = case.package("linked", good());
    let secret = case.write("secret.csv", good());
    fs::remove_file(package.join("data.csv")).unwrap();
    std::os::unix::fs::symlink(secret, package.join("data.csv")).unwrap();
    case.produce(&package).expect(3, &["leads out of the package"]);
}

#[test]
fn a_missing_data_file_is_told() {
    let case = Case::new();
    let package = case.package("lost", good());
    fs::remove_file(package.join("data.csv")).unwrap();
    case.produce(&package).expect(3, &["data.csv", "hint:"]);
}

#[test]
fn a_folder_without_packages_is_told() {
    let case = Case::new();
    fs::create_dir(case.path("empty")).unwrap();
    case.produce(&case.path("empty")).expect(3, &["no data package here", "hint:"]);
}

#[test]
fn two_packages_of_one_name_are_told() {
    let case = Case::new();
    case.package("all/one", good());
    case.package("all/two", good().replace("2010", "2011"));
    for part in ["one", "two"] {
        let text = fs::read_to_string(case.path(&format!("all/{part}/datapackage.json"))).unwrap();
        case.write(&format!("all/{part}/datapackage.json"), text.replace(&format!("all/{part}"), "same"));
    }
    case.produce(&case.path("all")).expect(3, &["two data packages are named `same`", "hint:"]);
}

#[test]
fn an_empty_csv_and_one_without_numbers_are_told() {
    let case = Case::new();
    case.produce(&case.package("empty", "date,price\n")).expect(3, &["empty", "hint:"]);
    let words = months(|_, date, _| format!("{date},n/a"));
    case.produce(&case.package("words", words)).expect(3, &["words", "hint:"]);
}

#[test]
fn dirty_cells_are_screened_and_the_episode_passes() {
    let dirty = [
        ("holes", months(|n, date, value| if n % 17 == 5 { format!("{date},") } else { format!("{date},{value:.2}") })),
        (
            "text",
            months(|n, date, value| if n == 50 { format!("{date},see note") } else { format!("{date},{value:.2}") }),
        ),
        (
            "repeated",
            months(|n, date, value| {
                if n == 80 { format!("{date},{value:.2}\n{date},{value:.2}") } else { format!("{date},{value:.2}") }
            }),
        ),
        ("zeros", months(|n, date, value| if n > 195 { format!("{date},0") } else { format!("{date},{value:.2}") })),
    ];
    for (name, csv) in dirty {
        let case = Case::new();
        case.produce(&case.package(name, csv)).expect(0, &[]);
        let brief = newest(&case.path("out")).join("brief.json");
        let brief: serde_json::Value = serde_json::from_str(&fs::read_to_string(brief).unwrap()).unwrap();
        assert!(!brief["screening"].as_array().unwrap().is_empty(), "{name}: nothing was screened");
    }
}

/// The folder of the only episode below `out`.
fn newest(out: &Path) -> PathBuf {
    let channel = fs::read_dir(out).unwrap().next().unwrap().unwrap().path();
    fs::read_dir(channel).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn a_wrong_encoding_gives_a_clear_error_or_is_read_rightly() {
    let case = Case::new();
    let mut latin = b"date,price,note\n".to_vec();
    for line in good().lines().skip(1) {
        latin.extend_from_slice(line.as_bytes());
        latin.extend_from_slice(b",caf\xe9\n");
    }
    let told = case.produce(&case.package("latin", latin));
    assert!(told.code == 0 || (told.code == 3 && told.text.contains("hint:")), "{}: {}", told.code, told.text);
}

#[test]
fn an_unknown_topic_lists_the_ones_there_are() {
    let case = Case::new();
    let package = case.package("prices", good());
    let channel = repository().join("tests/channels/short.toml");
    case.run(&[
        "produce",
        "--channel",
        channel.to_str().unwrap(),
        "--only-sources",
        "--sources",
        package.to_str().unwrap(),
        "--topic",
        "zebra crossings",
        "--until",
        "qa",
    ])
    .expect(3, &["zebra crossings", "hint:"]);
}

#[test]
fn an_unknown_run_is_told() {
    Case::new().run(&["produce", "--resume", "nobody"]).expect(3, &["no run `nobody`", "proofreel runs"]);
}

#[test]
fn a_stopped_run_goes_on_and_a_draft_is_marked() {
    let case = Case::new();
    let package = case.package("prices", good());
    let (channel, package) = (repository().join("tests/channels/short.toml"), package.to_str().unwrap());
    let channel = channel.to_str().unwrap();
    let told = case.run(&[
        "--json",
        "produce",
        "--channel",
        channel,
        "--only-sources",
        "--sources",
        package,
        "--until",
        "research",
    ]);
    told.expect(0, &["\"after\": \"research\""]);
    let run: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    let run = run["run"].as_str().unwrap();
    case.run(&["--json", "produce", "--resume", run, "--until", "qa"]).expect(0, &["\"after\": \"qa\""]);
    // Asked for what is there already, it stays where it is.
    case.run(&["--json", "produce", "--resume", run, "--until", "script"]).expect(0, &["\"after\": \"qa\""]);
    case.run(&["runs", "show", run]).expect(0, &["research", "scene-builder", "script", "qa", "stopped after qa"]);
    let told = case.run(&["--json", "draft", "--channel", channel, "--only-sources", "--sources", package]);
    told.expect(0, &["\"draft\": true", "\"video\": null"]);
    let draft: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    case.run(&["produce", "--resume", draft["run"].as_str().unwrap()]);
    assert!(!Path::new(draft["folder"].as_str().unwrap()).join("video.mp4").exists());
}

/// A dry run of a channel with this voice, on a machine without the embedded voice's data, whose programs are those of `bin` and
/// which holds nothing of Amazon's.
#[cfg(unix)]
fn dry_run(case: &Case, engine: &str) -> Told {
    let channel = case.write(
        "voice.toml",
        format!(
            "id = \"v\"\nname = \"V\"\nkind = \"finance\"\naudience = \"all\"\nsources = [\"prices\"]\n[voice]\nengine = \"{engine}\"\n"
        ),
    );
    let amazon = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofreel"));
    for name in amazon.iter().chain(&container) {
        command.env_remove(name);
    }
    let output = command
        .args(["--quiet", "--state"])
        .arg(case.path("state"))
        .args(["produce", "--dry-run", "--channel"])
        .arg(channel)
        .current_dir(case.folder.path())
        .env("PATH", case.path("bin"))
        .env("HOME", case.path("home"))
        .env("PROOFREEL_VOICE_DIR", "/nonexistent/voice")
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!case.path("state").exists(), "a dry run writes nothing");
    Told { code: output.status.code().unwrap_or(-1), text }
}

#[cfg(unix)]
#[test]
fn a_dry_run_judges_the_voice_too() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new();
    case.package("prices", good());
    // Nobody can speak: the machine lacks something.
    dry_run(&case, "embedded").expect(5, &["/nonexistent/voice", "make setup"]);
    dry_run(&case, "espeak").expect(5, &["espeak-ng", "apt-get install"]);
    dry_run(&case, "polly").expect(5, &["make setup"]);
    // Somebody can, and who is not here is told.
    let robot = case.write("bin/espeak-ng", "#!/bin/sh\nexit 0\n");
    fs::set_permissions(robot, fs::Permissions::from_mode(0o755)).unwrap();
    dry_run(&case, "embedded").expect(0, &["spoken by en-us (espeak-ng)", "neural voice is not here", "make setup"]);
    dry_run(&case, "polly").expect(0, &["spoken by polly, or by en-us (espeak-ng)", "hint:"]);
    let asked_for = dry_run(&case, "espeak");
    asked_for.expect(0, &["spoken by en-us (espeak-ng)"]);
    assert!(!asked_for.text.contains("hint:"), "{}", asked_for.text);
}

#[cfg(unix)]
#[test]
fn without_ffmpeg_the_run_waits_to_be_resumed() {
    let case = Case::new();
    let package = case.package("prices", good());
    let channel = repository().join("tests/channels/short.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--quiet", "--state"])
        .arg(case.path("state"))
        .args(["produce", "--only-sources", "--channel"])
        .arg(channel)
        .arg("--sources")
        .arg(package)
        .current_dir(case.folder.path())
        .env("PATH", case.path("nothing-here"))
        .env("PROOFREEL_VOICE_DIR", "/nonexistent/voice")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("make setup") && text.contains("--resume"), "{text}");
}
