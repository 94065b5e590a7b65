//! A channel with a language model of its own machine: `proofreel produce` asks it through the governor, keeps what it said,
//! and makes the same episode without it.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use proofreel_model::script::Script;
use serde_json::{Value, json};

/// The key of the model's server; small letters, as the server reads headers.
const KEY: &str = "canary-of-a-writer-0815";

/// Files below a folder, none of which but the file of secrets holds the key.
fn written_without_key(folder: &Path) -> usize {
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read += written_without_key(&path);
        } else if path.file_name().is_some_and(|name| name != "secrets.toml") {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            assert!(!found, "{} holds the key", path.display());
            read += 1;
        }
    }
    read
}

/// A server of the shape that Ollama has; gives back its address, and the requests for words that it got.
fn server() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            serve(connection, &log);
        }
    });
    (address, asked)
}

fn serve(mut connection: impl Read + Write, log: &Mutex<Vec<Value>>) {
    let (mut line, mut length, mut key) = (String::new(), 0, String::new());
    let mut reader = BufReader::new(&mut connection);
    if reader.read_line(&mut line).is_err() {
        return;
    }
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).is_err() || header.trim().is_empty() {
            break;
        }
        if let Some(bytes) = header.to_lowercase().strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
        if let Some(value) = header.to_lowercase().strip_prefix("authorization:") {
            value.trim().clone_into(&mut key);
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let answer = if line.starts_with("GET /v1/models ") {
        json!({"object": "list", "data": [{"id": "qwen3:8b", "object": "model"}]})
    } else {
        let mut request: Value = serde_json::from_slice(&body).unwrap();
        request["key"] = key.into();
        let told = json!({"sentences": sentences(&request)});
        log.lock().unwrap().push(request);
        json!({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant",
            "content": format!("Here it is:\n```json\n{told}\n```")}}], "usage": {"total_tokens": 700}})
    };
    let answer = answer.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
    let _ = write!(connection, "{head} {}\r\n\r\n{answer}", answer.len());
}

/// Words for the facts of a request, as many as the scene wants.
fn sentences(request: &Value) -> Vec<Value> {
    let data: Value = serde_json::from_str(request["messages"][1]["content"].as_str().unwrap()).unwrap();
    let budget = data["words"].as_u64().unwrap() as usize;
    let (mut out, mut words) = (Vec::new(), 0);
    for fact in data["facts"].as_array().unwrap() {
        let text = |name: &str| fact[name].as_str().unwrap_or_default();
        let date = |n: usize| fact["dates"][n].as_str().unwrap_or_default();
        let last = fact["dates"].as_array().unwrap().len().saturating_sub(1);
        let (series, value) = (fact["series"][0].as_str().unwrap_or_default(), text("spoken"));
        let said = match text("meaning").split(' ').next().unwrap() {
            "latest" => format!("For {}, the newest entry, {series} reads {value}.", date(last)),
            "value" => format!("Seen in {}, {series} was {value}.", date(last)),
            "percent" | "change" if text("meaning").contains("change of") => {
                let way = if text("display").starts_with('−') { "fall" } else { "rise" };
                format!(
                    "From {} to {}, that makes a {way} of {}.",
                    date(0),
                    date(last),
                    value.trim_start_matches("minus ")
                )
            }
            "drawdown" => format!("Over that stretch, from {} to {}, the fall was {value}.", date(0), date(last)),
            "elapsed" => format!("All of that took {value}, counted from {}.", date(0)),
            _ => continue,
        };
        words += said.split_whitespace().count();
        if words <= budget + 8 {
            out.push(json!({"text": said, "facts": [fact["id"]]}));
        }
    }
    out
}

/// A state folder whose `ollama` is at `address`, and a channel that asks it.
fn set_up(folder: &Path, address: &str) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::create_dir_all(folder.join("state")).unwrap();
    let law = format!("[providers.ollama]\nbase_url = \"{address}\"\nsecret = \"ollama_key\"\nauth = \"bearer\"\n");
    std::fs::write(folder.join("state/providers.toml"), law).unwrap();
    let secrets = folder.join("state/secrets.toml");
    std::fs::write(&secrets, format!("ollama_key = \"{KEY}\"\n")).unwrap();
    std::fs::set_permissions(secrets, Permissions::from_mode(0o600)).unwrap();
    let channel = std::fs::read_to_string(repository.join("tests/channels/short.toml")).unwrap();
    std::fs::write(folder.join("channel.toml"), format!("{channel}\n[writer]\nproviders = [\"ollama\"]\n")).unwrap();
}

fn produce(folder: &Path) -> Script {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--quiet", "--json", "--state", "state", "produce", "--channel", "channel.toml", "--only-sources"])
        .arg("--sources")
        .arg(repository.join("data/gold"))
        .args(["--until", "qa", "--as-of", "2026-11-22", "--topic", "gold boom"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!format!("{said}{}", String::from_utf8_lossy(&output.stdout)).contains(KEY), "it tells its key");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(output.status.code(), Some(0), "{document:#} {said}");
    let script = folder.join(document["folder"].as_str().unwrap()).join("script.json");
    serde_json::from_slice(&std::fs::read(script).unwrap()).unwrap()
}

#[test]
fn a_local_model_words_scenes_and_is_not_asked_twice_for_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (address, asked) = server();
    set_up(folder.path(), &address);
    let script = produce(folder.path());
    let authors = &script.authors;
    assert!(!authors.is_empty(), "{}", script.writer);
    for scene in authors {
        assert_eq!((scene.author.provider.as_str(), scene.author.model.as_str()), ("ollama", "qwen3:8b"));
        assert_eq!((scene.author.prompt.as_str(), scene.author.prompt_version.as_str()), ("narrate", "1.2.0"));
    }
    let first = asked.lock().unwrap().len();
    assert!(first >= authors.len());
    for request in asked.lock().unwrap().iter() {
        assert_eq!(request["key"], format!("bearer {KEY}"));
        assert_eq!(request["response_format"]["type"], "json_schema");
        assert!(request.get("tools").is_none());
    }
    let again = produce(folder.path());
    assert_eq!(again.authors, script.authors);
    assert_eq!(asked.lock().unwrap().len(), first, "the second time the cache answers");
    let read = written_without_key(folder.path());
    assert!(read > 30, "records, kept answers, artifacts, the episode's folder: {read} files");
}

#[test]
fn without_an_answer_the_embedded_words_stand() {
    let folder = tempfile::tempdir().unwrap();
    // A port at which nobody listens any more.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    set_up(folder.path(), &format!("http://{free}/v1"));
    let script = produce(folder.path());
    assert!(script.authors.is_empty() && script.writer.starts_with("embedded"), "{}", script.writer);
    assert!(!script.writer.contains("narrate"));
}
