//! Answers that real model APIs gave, recorded by others: each is read for what it says, or refused in words. They lie beside the
//! checkout (`PROOFREEL_SHARED`), not in it.

use std::fs;
use std::path::{Path, PathBuf};

use proofreel_ports::WebAnswer;
use serde_json::Value;

use super::{error_of, told_of};

/// The files below a folder; none when it is not there, which is told.
fn files(folder: &str) -> Vec<PathBuf> {
    let shared = std::env::var_os("PROOFREEL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let (mut found, mut folders) = (Vec::new(), vec![shared.join("contracts/llm").join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    if found.is_empty() {
        eprintln!("skipped: no contracts/llm/{folder} beside the checkout");
    }
    found.sort();
    found
}

fn answer(status: u16, kind: &str, body: Vec<u8>) -> WebAnswer {
    WebAnswer { status, headers: vec![("content-type".into(), kind.into())], body, url: String::new() }
}

/// Responses of a cassette: address, status, media type, body.
fn responses(path: &Path) -> Vec<(String, u16, String, Vec<u8>)> {
    let tape: Value = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let interactions = tape["interactions"].as_array().unwrap();
    let of = |one: &Value| {
        let response = &one["response"];
        let kind = response.pointer("/headers/content-type/0").and_then(Value::as_str).unwrap_or_default();
        let body = match response.get("parsed_body") {
            Some(body) => body.to_string(),
            None => response.pointer("/body/string").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
        let status = response["status"]["code"].as_u64().unwrap() as u16;
        (one["request"]["uri"].as_str().unwrap().to_owned(), status, kind.to_owned(), body.into_bytes())
    };
    interactions.iter().map(of).collect()
}

/// What stands in a completion, read here without our reader: its text, whether it was cut, its tokens.
fn expected(body: &Value) -> Option<(String, bool, Option<u64>)> {
    let choice = body["choices"].get(0)?;
    let text = match &choice["message"]["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => return None,
    };
    let usage = body["usage"]["total_tokens"].as_u64();
    (!text.trim().is_empty()).then(|| (text, choice["finish_reason"] == "length", usage))
}

#[test]
fn recorded_completions_are_read_and_recorded_errors_told() {
    let paths = files("openai-compatible");
    let (mut told, mut refused) = (0, 0);
    for path in &paths {
        for (url, status, kind, body) in responses(path) {
            let shown = format!("{} {status} {kind}", path.display());
            let document: Value = serde_json::from_slice(&body).unwrap_or_default();
            let read = told_of(&answer(status, &kind, body));
            let chat = url.split('?').next().is_some_and(|url| url.ends_with("/chat/completions"));
            if let Some((text, cut, usage)) = expected(&document).filter(|_| chat && status == 200) {
                let read = read.unwrap_or_else(|why| panic!("{shown}: {why}"));
                assert_eq!((read.text.as_str(), read.cut), (text.as_str(), cut), "{shown}");
                assert!(read.spend.map(|spend| spend.tokens) >= usage, "{shown}: {:?}", read.spend);
                told += 1;
            } else {
                // An error, a call of a tool, a stream, or an interface that is not spoken here.
                let why = read.err().unwrap_or_else(|| panic!("{shown}: read as a completion"));
                assert!(!why.is_empty() && why.chars().count() < 300 && !why.contains('\n'), "{shown}: {why}");
                if status >= 400 {
                    let message = error_of(&document).unwrap_or_else(|| panic!("{shown}: its error is not read"));
                    assert!(why.contains(&message) && message.chars().count() > 5, "{shown}: {message} {why}");
                }
                refused += 1;
            }
        }
    }
    assert!(paths.is_empty() || (told > 50 && refused > 20), "{told} told, {refused} refused of {} files", paths.len());
}

/// Gemini's own interface is not spoken: what it answers is no completion, and its errors, which it gives in both, are told.
#[test]
fn recorded_answers_of_another_interface_are_refused_in_words() {
    let paths = files("gemini");
    let mut errors = 0;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json" || kind == "html")) {
        let body = fs::read(path).unwrap();
        let document: Value = serde_json::from_slice(&body).unwrap_or_default();
        let why = told_of(&answer(200, "application/json", body)).expect_err(&path.display().to_string());
        assert!(!why.is_empty() && why.chars().count() < 300, "{}: {why}", path.display());
        if let Some(message) = document.pointer("/error/message").and_then(Value::as_str) {
            let start: String = message.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
            assert!(why.contains(start.trim()), "{}: {why}", path.display());
            errors += 1;
        }
    }
    assert!(paths.is_empty() || errors > 10, "{errors} errors of {} files", paths.len());
}
