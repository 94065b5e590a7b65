//! Two hundred real SIGKILLs of the real binary over SQLite and files: every run ends with the artifacts of an
//! undisturbed one.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const KILLS: u32 = 200;
const ARTIFACTS: [&str; 6] = ["topic_candidates", "topic_selection", "brief", "scenes", "script", "qa"];

/// A small deterministic generator (`SplitMix64`), so that a failing sequence can be run again.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn proofreel(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofreel"));
    command
        .args(["--quiet", "--json", "--state"])
        .arg(folder.join("state"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn produce(folder: &Path) -> Command {
    let mut command = proofreel(folder);
    command.args(["produce", "--until", "qa", "--as-of", "2026-11-22", "--only-sources", "--channel"]);
    command.arg(repository().join("tests/channels/short.toml"));
    command.arg("--sources").arg(repository().join("data/treasury-yield"));
    command.arg("--out").arg(folder.join("out"));
    command
}

fn resume(folder: &Path, run: &str) -> Command {
    let mut command = proofreel(folder);
    command.args(["produce", "--until", "qa", "--resume", run, "--out"]).arg(folder.join("out"));
    command
}

fn answer(mut command: Command) -> Value {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn artifacts(folder: &Path) -> BTreeMap<&'static str, String> {
    ARTIFACTS.into_iter().map(|name| (name, fs::read_to_string(folder.join(format!("{name}.json"))).unwrap())).collect()
}

/// Runs still going on in the state folder.
fn unfinished(folder: &Path) -> Vec<String> {
    let mut command = proofreel(folder);
    command.args(["runs", "list"]);
    let listed = answer(command);
    let runs = listed["runs"].as_array().unwrap();
    runs.iter().filter(|run| run["state"] != "stopped").map(|run| run["run_id"].as_str().unwrap().to_owned()).collect()
}

/// Starts a command and kills it after `delay`, unless it ended before. True when it was killed.
fn kill_after(mut command: Command, delay: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    let killed = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    killed
}

#[test]
fn every_run_survives_being_killed_at_random_moments() {
    let undisturbed = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let reference = artifacts(Path::new(answer(produce(undisturbed.path()))["folder"].as_str().unwrap()));
    // Most of the time goes into the folder and its storyboard, when the run itself is over already.
    let span = begun.elapsed().as_micros() as u64 / 3;

    let disturbed = tempfile::tempdir().unwrap();
    let folder = disturbed.path();
    let mut moments = Moments(2026);
    let (mut kills, mut finished) = (0, 0);
    while kills < KILLS {
        // Start one, then kill it and its resumptions a few times before letting it end.
        let delay = Duration::from_micros(moments.next(span));
        kills += u32::from(kill_after(produce(folder), delay));
        for _ in 0..moments.next(4) {
            let Some(run) = unfinished(folder).pop() else { break };
            let delay = Duration::from_micros(moments.next(span));
            kills += u32::from(kill_after(resume(folder, &run), delay));
        }
        for run in unfinished(folder) {
            let result = answer(resume(folder, &run));
            assert_eq!(artifacts(Path::new(result["folder"].as_str().unwrap())), reference, "run {run}");
            finished += 1;
        }
        assert_eq!(unfinished(folder), Vec::<String>::new());
    }
    println!("{kills} kills over {finished} resumed runs, the moments lie within {} ms", span / 1000);
    assert!(finished >= 8, "only {finished} runs were resumed: the moments fall outside the run");
}
