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
        let path = route
            .path
            .replace("{run}", RUN)
            .replace("{name}", if route.id == "asset" { "console.css" } else { "video.mp4" });
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
