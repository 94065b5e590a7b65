//! `proofreel fetch` as an operator calls it, without a network.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::process::{Command, Output};

fn fetch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_proofreel")).arg("fetch").args(arguments).output().unwrap()
}

fn check(url: &str) -> (i32, serde_json::Value) {
    let output = fetch(&[
        "--check",
        "--json",
        "--resolve",
        "example.org=93.184.216.34",
        "--resolve",
        "in.example.org=10.0.0.1",
        url,
    ]);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), document)
}

#[test]
fn check_allows_or_refuses_with_the_rule_and_the_reason() {
    let (code, verdict) = check("https://example.org/a?b=1");
    assert_eq!((code, &verdict["verdict"], &verdict["rule"]), (0, &"allow".into(), &serde_json::Value::Null));
    assert_eq!(verdict["addresses"], serde_json::json!(["93.184.216.34"]));
    for (url, rule) in [
        ("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "address"),
        ("http://0xa9fea9fe/", "address"),
        ("http://in.example.org/", "address"),
        ("file:///proc/self/environ", "scheme"),
        ("http://user:pw@example.org/", "credentials"),
        ("http://metadata.google.internal/", "name"),
        ("http://example.org:6379/", "port"),
        ("http:\\\\example.org\\", "form"),
    ] {
        let (code, verdict) = check(url);
        assert_eq!(
            (code, &verdict["verdict"], &verdict["rule"]),
            (1, &"refuse".into(), &rule.into()),
            "{url}: {verdict}"
        );
        assert!(verdict["reason"].as_str().unwrap().len() > 10 && !verdict.to_string().contains("pw@"));
    }
    let told = fetch(&["--check", "http://[::1]/"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(
        text.starts_with("refuse http://[::1]/") && text.contains("address:") && text.contains("loopback"),
        "{text}"
    );
}

#[test]
fn what_is_refused_is_not_fetched() {
    let output = fetch(&["http://169.254.169.254/latest/meta-data/"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(output.stdout.is_empty() && said.contains("is refused: address: ") && said.contains("metadata"), "{said}");
    assert_eq!(fetch(&["--check", "https://example.org/", "--resolve", "example.org"]).status.code(), Some(3));
}
