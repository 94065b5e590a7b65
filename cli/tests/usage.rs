//! `proofreel usage`: the table, the document, and what is said when something is wrong.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use proofreel_adapters::local::{SqliteStore, SystemClock};
use proofreel_ports::{Condition, Item, Records as _};
use serde_json::{Value, json};

fn proofreel(state: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_proofreel"))
        .args(["--state", state.to_str().unwrap(), "usage"])
        .args(args)
        .output()
        .unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Rows as the governor writes them.
fn rows(state: &Path) {
    let store = SqliteStore::open(state, Arc::new(SystemClock)).unwrap();
    let row = |sk: &str, provider: &str, channel: &str, counts: Value, last: Value| Item {
        pk: "usage#2026-10".into(),
        sk: sk.into(),
        body: json!({ "version": 3, "day": "2026-10-05", "provider": provider, "channel": channel, "kind": "writer",
            "counts": counts, "paid_by": { "alpha": 4, "gamma": 2 }, "last_refusal": last }),
    };
    let counts = json!({ "hits": 6, "hits_of_others": 2, "misses": 4, "calls": 50, "throttled": 1, "tokens": 9000, "cost_micro_usd": 12_500 });
    let fell = json!({ "at": "2026-10-05T06:00:00Z", "why": "2 of 2 could not; the last: groq has no requests a day left", "run": "r1" });
    let items = [
        row("05#groq#alpha#writer", "groq", "alpha", counts, Value::Null),
        row("05#embedded#beta#writer", "embedded", "beta", json!({ "fallbacks": 1 }), fell),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for item in items {
        runtime.block_on(store.put(item, Condition::None)).unwrap();
    }
}

#[test]
fn the_month_is_summed_up_with_its_rates_and_reasons() {
    let state = tempfile::tempdir().unwrap();
    rows(state.path());
    let (code, out, _) = proofreel(state.path(), &["--month", "2026-10"]);
    assert_eq!(code, 0);
    for said in [
        "groq",
        "alpha used 2 that gamma had paid for",
        "beta used 4 that alpha had paid for",
        "60.0 %",
        "2.0 %",
        "0.0125",
        "calls that were not made",
        "groq has no requests a day left",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let (_, out, _) = proofreel(state.path(), &["--month", "2026-10", "--json", "--channel", "alpha"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["total"]["hits"], &document["hit_rate"]), (&json!(6), &json!(0.6)));
    assert_eq!(document["rows"].as_array().unwrap().len(), 1);
    let (code, out, _) = proofreel(state.path(), &["--month", "2026-09"]);
    assert_eq!((code, out.contains("no calls to the outside in 2026-09")), (0, true), "{out}");
}

#[test]
fn providers_are_listed_with_the_operators_changes_and_slips_are_refused() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("providers.toml");
    std::fs::write(&file, "[providers.groq.limits.requests]\nday = 17\n").unwrap();
    let (code, out, _) = proofreel(state.path(), &["--providers"]);
    assert!(code == 0 && out.contains("17 requests/day") && out.contains("groq_api_key"), "{out}");
    std::fs::write(&file, "[providers.grok]\nenabled = false\n").unwrap();
    let (code, _, err) = proofreel(state.path(), &["--providers"]);
    assert!(code == 3 && err.contains("did you mean `groq`?") && err.contains("providers.toml"), "{err}");
    let (code, _, err) = proofreel(state.path(), &["--month", "October"]);
    assert!(code == 3 && err.contains("hint: write it like 2026-11"), "{err}");
}

/// What is left is told of who was asked this month, from the accounts as they stand.
#[test]
fn what_is_left_is_told_by_account() {
    let state = tempfile::tempdir().unwrap();
    let (code, out, _) = proofreel(state.path(), &["--left"]);
    assert!(code == 0 && out.contains("nobody with an allowance of a day or a month was asked"), "{out}");
    let store = SqliteStore::open(state.path(), Arc::new(SystemClock)).unwrap();
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let usage = json!({ "version": 1, "day": today, "provider": "azure-speech", "channel": "demo", "kind": "speech",
        "counts": { "calls": 3 }, "accounts": ["azure-speech"] });
    let page = i64::from(today.year()) * 12 + i64::from(today.month());
    let account = json!({ "version": 6, "characters": { "month": { "page": page, "used": 470_000 } } });
    let month = format!("usage#{}", today.strftime("%Y-%m"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (pk, sk, body) in
        [(month.as_str(), "01#azure-speech#demo#speech", usage), ("quota#azure-speech", "account", account)]
    {
        runtime.block_on(store.put(Item { pk: pk.into(), sk: sk.into(), body }, Condition::None)).unwrap();
    }
    let (code, out, _) = proofreel(state.path(), &["--left"]);
    let line = out.lines().find(|line| line.starts_with("azure-speech")).unwrap_or_else(|| panic!("{out}"));
    assert!(
        code == 0 && line.contains("characters a month") && line.contains("30000") && line.contains("6.0 %"),
        "{out}"
    );
    let (_, out, _) = proofreel(state.path(), &["--left", "--json", "--provider", "azure-speech"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["accounts"][0]["percent"], json!(6.0));
    let (_, out, _) = proofreel(state.path(), &["--left", "--json", "--provider", "groq"]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["accounts"], json!([]));
    let (code, _, err) = proofreel(state.path(), &["--cloud", "prune"]);
    assert!(code == 2 && err.contains("cannot be used with '--cloud'"), "a stack's bucket expires them itself: {err}");
}
