//! The table of addresses, the router and `specs/openapi.json` are one.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use proofreel_console::routes::{Access, ROUTES, openapi};
use proofreel_model::digest::canonical_json;
use support::{RUN, World};

#[test]
fn the_document_in_specs_is_the_table() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/openapi.json");
    let written = canonical_json(&openapi()).unwrap();
    let told = "run: cargo run -p proofreel-console --example openapi > specs/openapi.json";
    assert!(std::fs::read(kept).unwrap_or_default() == written, "specs/openapi.json is not the table's; {told}");
}

#[tokio::test]
async fn every_address_answers_by_its_method_alone_and_only_to_whom_it_says() {
    let world = World::new();
    world.demo().await;
    let mut anna = world.signed_in("anna").await;
    for route in ROUTES.iter().filter(|route| route.access != Access::Signature) {
        let path = route.path.replace("{run}", RUN).replace("{report}", "week-2026-11-16").replace(
            "{name}",
            match route.id {
                "asset" => "console.css",
                "report-file" => "week-2026-11-16.md",
                _ => "video.mp4",
            },
        );
        let path = path.replace("{channel}", "demo");
        let ask = |method: &str| Request::builder().method(method.to_uppercase().as_str()).uri(&path);
        let documented = |status: StatusCode| {
            openapi()["paths"][route.path][route.method]["responses"].get(status.as_str()).is_some()
        };
        // Without a form's body a post is refused, but it is this address that refuses it.
        let answer = anna.send(ask(route.method), Body::empty()).await;
        assert!(
            answer.status != StatusCode::NOT_FOUND && answer.status != StatusCode::METHOD_NOT_ALLOWED,
            "{}",
            route.id
        );
        assert!(documented(answer.status), "{}: {} is not in the document", route.id, answer.status);
        let nobody = world.browser().send(ask(route.method), Body::empty()).await.status;
        assert_eq!(nobody == StatusCode::UNAUTHORIZED, route.access == Access::Session, "{}: {nobody}", route.id);
        assert!(documented(nobody), "{}: {nobody}", route.id);
        for method in ["put", "delete", "patch", "options"] {
            let answer = anna.send(ask(method), Body::empty()).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(!answer.header("allow").is_empty());
        }
    }
    let document = anna.get("/openapi.json").await;
    assert_eq!(document.header("content-type"), "application/json");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&document.body).unwrap(), openapi());
}

/// Words that no form of ours asks for, and some that one does.
fn odd(known: &[&str]) -> Vec<String> {
    let words = [
        "",
        "0",
        "-1",
        "null",
        "true",
        "%",
        "%zz",
        "%00",
        "\u{1F600}",
        "'\"><",
        "\u{202e}x",
        "2026-13-45T99:99",
        "18446744073709551616",
        "../../x",
        "a\r\nb: c",
        "{\"a\":[",
        "NaN",
    ];
    let known = known.iter().copied().chain([RUN, "public", "script"]);
    words.into_iter().chain(known).map(str::to_owned).chain(["9".repeat(400), "é".repeat(3000)]).collect()
}

/// Requests that no page of ours makes: whatever comes, the console stands and says no.
#[tokio::test]
async fn nothing_that_is_sent_brings_a_fault_of_ours() {
    const SEED: u64 = 20_261_128;
    let world = World::new();
    let film = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let csrf = anna.csrf().await;
    let mut dice = fastrand::Rng::with_seed(SEED);
    let odd = odd(&[film.0.as_str(), csrf.as_str()]);
    // Whoever signs out by chance would see nothing more.
    let routes: Vec<_> = ROUTES.iter().filter(|route| route.id != "sign-out").collect();
    let mut seen = std::collections::BTreeMap::new();
    for n in 0..1500 {
        let route = routes[dice.usize(..routes.len())];
        let mut word =
            |known: &str| if dice.u8(..3) > 0 { known.to_owned() } else { odd[dice.usize(..odd.len())].clone() };
        let escaped = |text: String| {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
        };
        let path = route.path.split('/').map(|part| match part {
            "{run}" => escaped(word(RUN)),
            "{name}" => escaped(word("video.mp4")),
            "{channel}" => escaped(word("demo")),
            "{who}" => escaped(word("anna")),
            part => part.to_owned(),
        });
        let path = path.collect::<Vec<_>>().join("/");
        let pairs: Vec<(String, String)> = route
            .form
            .iter()
            .chain(route.query)
            .map(|field| (field.name.to_owned(), word(if field.name == "csrf" { &csrf } else { "" })))
            .collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let method = if dice.u8(..5) > 0 {
            route.method.to_uppercase()
        } else {
            ["GET", "POST", "HEAD", "OPTIONS", "BREW"][dice.usize(..5)].into()
        };
        let mut request = Request::builder().method(method.as_str()).uri(format!("{path}?{body}"));
        for (name, values) in [
            ("content-type", ["application/x-www-form-urlencoded", "application/json", ";"]),
            ("range", ["bytes=0-", "bytes=18446744073709551615-", "bytes=-99999999999999999999"]),
            ("if-none-match", ["*", "\"", "W/\"x\""]),
            ("sec-fetch-site", ["same-origin", "none", "?1"]),
            ("origin", ["http://127.0.0.1:8787", "null", "://"]),
            ("cookie", ["proofreel=", "a=b; ;=", "proofreel=x"]),
            ("webhook-timestamp", ["1795348800", "99999999999999999999", "-1"]),
        ] {
            if dice.bool() {
                request = request.header(name, values[dice.usize(..3)]);
            }
        }
        let bytes: Vec<u8> =
            if dice.bool() { body.into_bytes() } else { (0..dice.usize(..200)).map(|_| dice.u8(..)).collect() };
        let answer = anna.clone().send(request, bytes).await;
        assert!(!answer.status.is_server_error(), "{n} of seed {SEED}: {} for {method} {path}", answer.status);
        *seen.entry(answer.status.as_u16()).or_insert(0_usize) += 1;
    }
    assert!(seen.len() >= 8, "the dice have one face: {seen:?}");
}
