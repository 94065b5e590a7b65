//! The house keeps its shape: which room may depend on which, and that ARCHITECTURE.md names them all.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::{BTreeMap, BTreeSet};
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
        ("shared/console", &["model", "evidence", "ports", "pipeline", "publishing", "insight", "operations"]),
        // Measuring asks YouTube's client, a revised source is recomputed, and live sources are fetched.
        ("shared/operations", &["model", "evidence", "ports", "pipeline", "providers", "publishing", "insight"]),
        (
            "shared/lambda",
            &[
                "model",
                "evidence",
                "ports",
                "stages",
                "pipeline",
                "publishing",
                "operations",
                "web",
                "governor",
                "providers",
                "adapters",
            ],
        ),
    ])
}

/// What a function may depend on: the room that serves it and its stage; render also has its voice.
fn allowed_of_functions(function: &str) -> &'static [&'static str] {
    match function {
        "batch" | "measure" | "publish" | "report" | "watchdog" => &["lambda"],
        "gateway" => &["lambda", "console", "publishing"],
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

/// Crates that open connections, or speak over them, to name in a manifest.
fn speaks_http(name: &str) -> bool {
    FOREIGN_CLIENTS.contains(&name)
        || ["hyper", "hyper-rustls", "hyper-util", "reqwest", "rustls", "tokio-rustls"].contains(&name)
}

/// Crates that open connections and are in no room, not even behind another crate.
const FOREIGN_CLIENTS: [&str; 17] = [
    "attohttpc",
    "awc",
    "aws-lc-rs",
    "curl",
    "curl-sys",
    "h3",
    "hickory-resolver",
    "hyper-tls",
    "isahc",
    "minreq",
    "native-tls",
    "openssl-sys",
    "surf",
    "tokio-tungstenite",
    "tungstenite",
    "ureq",
    "wreq",
];

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
                !speaks_http(&name) || *room == "shared/web",
                "{room} depends on {name}, which belongs into shared/web"
            );
        }
    }
}

/// There is a function for every stage of the chain, publishing, the console, the batch and what the clock calls; each is some lines of wiring.
#[test]
fn functions_are_thin_and_one_a_stage() {
    let mut expected: Vec<String> = StageName::CHAIN.iter().map(ToString::to_string).collect();
    expected.extend(["batch", "gateway", "measure", "publish", "report", "watchdog"].map(str::to_owned));
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

/// `cargo tree` with these arguments: the packages' names.
fn tree(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--offline", "--locked", "--prefix", "none", "--format", "{p}"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// There is no way to the network around the one client: its library is linked by one room, Amazon's SDKs by another
/// (ADR 0033), and no other client is linked at all.
#[test]
fn one_room_owns_the_http_client() {
    let dependents = |library: &str, edges: &str| -> BTreeSet<String> {
        let all = tree(&["--workspace", "--all-features", "--edges", edges, "--invert", library, "--depth", "1"]);
        all.into_iter().filter(|name| name.starts_with("proofreel-")).collect()
    };
    let only = |names: &[&str]| -> BTreeSet<String> { names.iter().map(ToString::to_string).collect() };
    assert_eq!(dependents("reqwest", "normal,build,dev"), only(&["proofreel-web"]));
    assert_eq!(dependents("rustls", "normal,build,dev"), only(&["proofreel-web"]));
    assert_eq!(dependents("aws-smithy-http-client", "normal,build"), only(&["proofreel-adapters", "proofreel-tests"]));
    // Sites that misbehave speak hyper's server.
    assert_eq!(dependents("hyper", "normal,build,dev"), only(&["proofreel-tests"]));
    let linked = tree(&["--workspace", "--all-features", "--edges", "normal,build,dev"]);
    assert!(linked.iter().any(|name| name == "reqwest"), "the tree is not the one that is meant");
    let found: BTreeSet<&String> = linked.iter().filter(|name| FOREIGN_CLIENTS.contains(&name.as_str())).collect();
    assert!(found.is_empty(), "{found:?} open connections around shared/web");
    let configured = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let ours = configured.lines().find(|line| line.starts_with("reqwest = ")).unwrap();
    assert!(ours.contains("default-features = false"), "reqwest's defaults bring system proxies and another TLS");
}

/// What clippy forbids (`clippy.toml`) is allowed in these files alone, each for the reason it gives.
#[test]
fn the_network_is_named_in_few_places() {
    let allowed = [
        "shared/web/src/client.rs",
        "shared/web/src/resolve.rs",
        "shared/adapters/src/aws/polly_tests.rs",
        "tests/src/names.rs",
        "tests/src/wire.rs",
        "tests/tests/house.rs",
    ];
    let law = fs::read_to_string(root().join("clippy.toml")).unwrap();
    for path in ["std::net::TcpStream", "std::net::UdpSocket", "tokio::net::TcpStream", "tokio::net::lookup_host"] {
        assert!(law.contains(&format!("path = \"{path}\"")), "clippy.toml lets {path} pass");
    }
    let (mut seen, mut strange) = (BTreeSet::new(), Vec::new());
    for path in sources() {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let lifted = text.contains("clippy::disallowed") || text.contains("clippy::all)");
        // Programs that would fetch for us.
        let borrowed =
            ["curl", "wget", "nc", "openssl"].iter().any(|tool| text.contains(&format!("Command::new(\"{tool}\")")));
        // Clients of the raw door: only who governs it, and who builds the program.
        let raw = name.starts_with("shared/")
            && text.contains("dyn Web>")
            && !RAW_DOOR.iter().any(|room| name.starts_with(room));
        if lifted && allowed.contains(&name.as_str()) {
            seen.insert(name);
        } else if name != "tests/tests/house.rs" && (lifted || borrowed || raw) {
            strange.push(name);
        }
    }
    assert!(strange.is_empty(), "these reach the network around shared/governor and shared/web: {strange:?}");
    assert_eq!(seen.len(), allowed.len(), "only {seen:?} are left of {allowed:?}");
}

/// Rooms that may hold the raw client.
const RAW_DOOR: [&str; 3] = ["shared/ports", "shared/governor", "shared/web"];

/// All Rust sources of the repository.
fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["shared", "functions", "cli", "tests"].iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources
}

/// What is really linked, as cargo resolves it: features could bring in what no manifest names.
#[test]
fn cargo_links_no_store_into_stages_and_no_sqlite_into_functions() {
    let none = |package: &str, forbidden: &dyn Fn(&str) -> bool| {
        let linked = tree(&["--edges", "normal", "--package", package]);
        assert!(linked.len() > 10, "{package}: {linked:?}");
        let found: Vec<&String> = linked.iter().filter(|name| forbidden(name)).collect();
        assert!(found.is_empty(), "{package} links {found:?}");
    };
    let is_store = |name: &str| name.starts_with("aws-") || name.contains("sqlite");
    for room in ["proofreel-stages", "proofreel-pipeline"] {
        none(room, &is_store);
    }
    // What reaches the outside has the one client; what does not must not pay for it at every cold start.
    for function in functions() {
        let reaches =
            ["batch", "measure", "publish", "render", "report", "script", "watchdog"].contains(&function.as_str());
        let linked = tree(&["--edges", "normal", "--package", &format!("proofreel-fn-{function}")]);
        assert_eq!(linked.iter().any(|name| name == "reqwest"), reaches, "{function} and the HTTP client");
    }
    for function in functions() {
        let speaks = function == "render";
        none(&format!("proofreel-fn-{function}"), &|name| {
            name.contains("sqlite") || (!speaks && ["aws-sdk-polly", "proofreel-voice"].contains(&name))
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
    let lines = |path: &Path| fs::read_to_string(path).unwrap().lines().count();
    let long: Vec<String> = sources()
        .iter()
        .map(|path| (path, lines(path)))
        .filter(|(_, lines)| *lines > 500)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split into modules: {}", long.join(", "));
}

/// Texts of all files below `folder` that end so.
fn texts(folder: &str, end: &str) -> String {
    let entries = fs::read_dir(root().join(folder)).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().ends_with(end)).map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// A target that is defined twice runs the later recipe alone, with a warning that nobody reads.
#[test]
fn every_target_of_the_makefile_is_defined_once() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let names = makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name);
    let plain = |name: &&str| !name.is_empty() && name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-');
    let mut names: Vec<&str> = names.filter(plain).collect();
    names.sort_unstable();
    assert!(names.len() > 20, "{names:?}");
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// What `specs/SECURITY.md` names as shown by a test is there: a control whose test was renamed or removed is found here.
#[test]
fn every_control_names_a_test_that_is_there() {
    let law = fs::read_to_string(root().join("specs/SECURITY.md")).unwrap();
    let table = law.split("## Threats and controls").nth(1).unwrap().split("\n## ").next().unwrap();
    let sources = sources();
    let code: String = sources.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let checks = texts("infra/checks", ".py");
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let is_there = |name: &str| match name.strip_prefix("make ") {
        Some(target) => makefile.contains(&format!("\n{target}:")),
        None if name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "rs") => {
            root().join(name).exists()
                || sources.iter().any(|path| path.to_string_lossy().ends_with(&format!("/{name}")))
        }
        // A rule of the template, a planted bug, or a test, whose long name may end in dots.
        None if name.contains('-') => checks.contains(name),
        None if name.starts_with(char::is_uppercase) => code.contains(&format!("    {name},")),
        None => code.contains(&format!("fn {}", name.trim_end_matches('…'))),
    };
    let mut named = 0;
    for line in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let shown = line.trim_end_matches('|').rsplit('|').next().unwrap();
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named: {line}");
        for name in names {
            assert!(is_there(name), "SECURITY.md names `{name}`, which is not there: {line}");
            named += 1;
        }
    }
    assert!(named > 40, "{named} names were read");
    assert!(!is_there("a_test_that_nobody_wrote") && !is_there("tests/tests/nowhere.rs") && !is_there("make nothing"));
}
