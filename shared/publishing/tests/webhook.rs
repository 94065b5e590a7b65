//! The door against everything that a stranger, a scanner or a clumsy sender may bring.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::Timestamp;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::publishing::law;
use proofreel_publishing::webhook::{Answered, DeskDecisions, Door, Key, KeyRing, router, sign};
use proofreel_publishing::{Desk, PublishState, audit};
use serde_json::{Value, json};
use support::{NOON, Runs, Store, block, candidate};
use tower::ServiceExt as _;

const OPEN: &str =
    "operators = [\"otto\"]\napprovers = [\"anna\", \"otto\"]\nviewers = [\"vera\"]\nmade_for_kids = false";

fn key(byte: u8) -> Key {
    Key::of(vec![byte; 32], &law().webhook).unwrap()
}

fn door(store: &Store) -> Door<Runs> {
    door_of(store, OPEN, "")
}

fn door_of(store: &Store, publishing: &'static str, mark: &'static str) -> Door<Runs> {
    let desk = Desk::new(store.ledger());
    let decisions = DeskDecisions { desk: desk.clone(), candidates: Runs { publishing, mark, desk } };
    let until = Timestamp::from_second(NOON + 3600).unwrap();
    let rings = BTreeMap::from([
        ("anna".to_owned(), KeyRing { current: key(1), previous: Some((key(2), until)) }),
        ("otto".to_owned(), KeyRing { current: key(3), previous: None }),
        ("vera".to_owned(), KeyRing { current: key(4), previous: None }),
    ]);
    Door::new(decisions, rings, key(9))
}

fn film_of(run: &str) -> String {
    candidate(run, run, OPEN).film_digest.0
}

fn approve(run: &str) -> Value {
    json!({"channel": "demo", "run": run, "film": film_of(run), "expires_at": "2026-11-23T00:00:00Z", "decision": "approve"})
}

/// A message as it comes over the wire.
#[derive(Clone)]
struct Message {
    who: &'static str,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Message {
    fn signed(who: &'static str, key: &Key, id: &str, at: i64, body: &Value) -> Self {
        Self::raw(who, key, id, at, body.to_string().into_bytes())
    }

    fn raw(who: &'static str, key: &Key, id: &str, at: i64, body: Vec<u8>) -> Self {
        let signature = sign(key, id, u64::try_from(at).unwrap(), &body);
        let headers = vec![
            ("webhook-id", id.as_bytes().to_vec()),
            ("webhook-timestamp", at.to_string().into_bytes()),
            ("webhook-signature", signature.into_bytes()),
        ];
        Self { who, headers, body }
    }

    fn good() -> Self {
        Self::signed("anna", &key(1), "msg_1", NOON, &approve("run-a"))
    }

    fn with(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    fn also(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    fn header(&self, name: &str) -> String {
        String::from_utf8(self.headers.iter().find(|(other, _)| *other == name).unwrap().1.clone()).unwrap()
    }

    fn to(&self, door: &Door<Runs>) -> Answered {
        let values = |name: &'static str| {
            self.headers.iter().filter(|(other, _)| *other == name).map(|(_, value)| value.as_slice()).collect()
        };
        block(door.answer(self.who, values, &self.body))
    }
}

fn state(store: &Store, run: &str) -> Option<PublishState> {
    block(store.ledger().of(&ChannelId::from("demo"), &RunId::from(run))).unwrap().map(|row| row.state)
}

#[allow(clippy::too_many_lines)] // a list
/// Messages whose headers, age or signature are wrong, by name.
fn bad_envelopes() -> Vec<(String, Message)> {
    let good = Message::good();
    let mut cases: Vec<(String, Message)> = Vec::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        cases.push((format!("without {name}"), good.clone().without(name)));
        cases.push((format!("{name} twice"), good.clone().also(name, good.header(name))));
        cases.push((
            format!("{name} joined by a comma"),
            good.clone().with(name, format!("{0}, {0}", good.header(name))),
        ));
        cases.push((format!("{name} empty"), good.clone().with(name, "")));
        cases.push((format!("{name} not UTF-8"), good.clone().with(name, vec![0xff, 0xfe])));
        cases.push((format!("{name} of 10 kB"), good.clone().with(name, "1".repeat(10_000))));
        cases.push((format!("{name} with a space before"), good.clone().with(name, format!(" {}", good.header(name)))));
        cases.push((format!("{name} with a space behind"), good.clone().with(name, format!("{} ", good.header(name)))));
    }
    // Timestamps, each signed as it stands, so that only the grammar can refuse them.
    let stamps = [
        "+1795348800",
        "01795348800",
        "-1795348800",
        "1795348800.0",
        "1.7953488e9",
        "1795348800e0",
        "0x6b02dc40",
        "1_795_348_800",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "１７９５３４８８００",
        "0",
        "00",
        "-0",
        "",
        "NaN",
        "inf",
        "2026-11-22T12:00:00Z",
        "1795348800\u{0}",
        "1795348800,1795348800",
        "1795348800000",
    ];
    for stamp in stamps {
        let body = approve("run-a").to_string().into_bytes();
        let signed = forged(1, "msg_1", stamp, &body);
        let message = good.clone().with("webhook-timestamp", stamp).with("webhook-signature", signed);
        cases.push((format!("timestamp {stamp:?}"), message));
    }
    for id in
        ["a.b", "", "a b", "a\r\nb", "é", "msg/1", "msg:1", "..", "msg\u{200b}", &"x".repeat(65), &"x".repeat(10_000)]
    {
        let body = approve("run-a").to_string().into_bytes();
        let signed = forged(1, id, &NOON.to_string(), &body);
        cases.push((format!("id {id:.20?}"), good.clone().with("webhook-id", id).with("webhook-signature", signed)));
    }
    for (offset, name) in [(301, "too new"), (-301, "too old"), (86_400, "of tomorrow"), (-86_400, "of yesterday")] {
        cases.push((name.into(), Message::signed("anna", &key(1), "msg_1", NOON + offset, &approve("run-a"))));
    }
    let tag = good.header("webhook-signature")[3..].to_owned();
    let signatures = [
        "v1".to_owned(),
        "v1,".into(),
        format!("v1a,{tag}"),
        format!("v2,{tag}"),
        format!("V1,{tag}"),
        format!("v1;{tag}"),
        tag.clone(),
        format!("1,{tag}"),
        format!("v1,{}", tag.trim_end_matches('=')),
        format!("v1,{tag}="),
        format!("v1,{}", tag.replace(['+', '/'], "_").replace('=', "-")),
        format!("v1,{}", &tag[..40]),
        format!("v1,{tag}{tag}"),
        format!("v1,{tag},"),
        format!("v1, {tag}"),
        format!("v1,{tag}  v1,{tag}"),
        format!("v1,{tag}\tv1,{tag}"),
        vec![format!("v1,{tag}"); 1000].join(" "),
        format!("v1,{}", "A".repeat(43) + "="),
        "v1,====".into(),
        format!("v1,{}", tag.to_lowercase()),
    ];
    for signature in signatures {
        cases.push((format!("signature {signature:.40}"), good.clone().with("webhook-signature", signature)));
    }
    for n in 0..256 {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::STANDARD;
        let mut bytes = engine.decode(&tag).unwrap();
        bytes[n / 8] ^= 1 << (n % 8);
        cases.push((
            format!("bit {n} of the tag"),
            good.clone().with("webhook-signature", format!("v1,{}", engine.encode(bytes))),
        ));
    }
    let text = String::from_utf8(good.body.clone()).unwrap();
    let bodies: [(&str, Vec<u8>); 9] = [
        ("re-serialised", serde_json::to_vec_pretty(&approve("run-a")).unwrap()),
        ("with a mark of byte order", [b"\xef\xbb\xbf".as_slice(), &good.body].concat()),
        ("with a line feed", format!("{text}\n").into_bytes()),
        ("with a space before", format!(" {text}").into_bytes()),
        ("empty", Vec::new()),
        ("of another run", approve("run-b").to_string().into_bytes()),
        ("in base64", b"eyJjaGFubmVsIjoiZGVtbyJ9".to_vec()),
        ("compressed", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
        ("cut by a byte", good.body[..good.body.len() - 1].to_vec()),
    ];
    for (name, body) in bodies {
        cases.push((format!("body {name}"), Message { body, ..good.clone() }));
    }
    for who in ["otto", "vera", "nobody", "", "anna ", "Anna", "../anna", "anna/../otto"] {
        cases.push((format!("anna's message at {who:?}"), Message { who, ..good.clone() }));
    }
    cases.push((
        "signed by nobody's key".into(),
        Message::signed("stranger", &key(9), "msg_1", NOON, &approve("run-a")),
    ));
    cases.push(("signed by another key".into(), Message::signed("anna", &key(7), "msg_1", NOON, &approve("run-a"))));
    cases
}

/// A true signature over texts that a sender of the scheme would never sign, so that only the grammar can refuse them.
fn forged(byte: u8, id: &str, stamp: &str, body: &[u8]) -> String {
    use base64::Engine as _;
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&[byte; 32]).unwrap();
    mac.update(format!("{id}.{stamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn every_bad_envelope_has_the_one_answer_and_leaves_nothing() {
    let store = Store::at_noon();
    let door = door(&store);
    let cases = bad_envelopes();
    assert!(cases.len() >= 330, "{} cases", cases.len());
    let before = store.print();
    for (name, message) in &cases {
        assert!(matches!(message.to(&door), Answered::Refused(_)), "{name} was not refused");
        assert_eq!(store.print(), before, "{name} left something");
    }
    assert!(matches!(Message::good().to(&door), Answered::Decided(_)), "and the good one is taken");
}

#[test]
fn what_is_signed_and_still_no_decision_is_refused() {
    let with = |member: &str, value: Value| {
        let mut body = approve("run-a");
        body[member] = value;
        body
    };
    let film = film_of("run-a");
    let mut cases = vec![
        ("no object", json!([])),
        ("null", json!(null)),
        ("a text", json!("approve")),
        ("an unknown member", with("also", json!(1))),
        ("no run of that name", with("run", json!("run-z"))),
        ("another channel", with("channel", json!("other"))),
        ("a path as a run", with("run", json!("../run-a"))),
        ("a number as a run", with("run", json!(1))),
        ("B's film", with("film", json!(film_of("run-b")))),
        ("half a film", with("film", json!(&film[..32]))),
        ("the film in capitals", with("film", json!(film.to_uppercase()))),
        ("no film", with("film", json!(null))),
        ("another decision", with("decision", json!("publish"))),
        ("no decision", with("decision", json!(null))),
        ("expired", with("expires_at", json!("2026-11-22T12:00:00Z"))),
        ("never expires", with("expires_at", json!(null))),
        ("a time that passed", with("publish_at", json!("2026-11-20T00:00:00Z"))),
        ("visible to all", with("visibility", json!("all"))),
        ("an empty override", with("override_reason", json!(""))),
    ];
    let reject = |reason: &str, stage: &str| json!({"channel": "demo", "run": "run-a", "film": film, "expires_at": "2026-11-23T00:00:00Z", "decision": "reject", "reason": reason, "stage": stage});
    cases.push(("a rejection of no stage", reject("bad", "publish")));
    cases.push(("a rejection without a reason", reject("  ", "script")));
    cases.push(("a rejection with a novel", reject(&"word ".repeat(1000), "script")));
    for (n, (name, body)) in cases.into_iter().enumerate() {
        let store = Store::at_noon();
        let message = Message::signed("anna", &key(1), &format!("msg_{n}"), NOON, &body);
        assert!(matches!(message.to(&door(&store)), Answered::Refused(_)), "{name} was taken");
        assert_eq!(state(&store, "run-a"), None, "{name} changed something");
    }
    let store = Store::at_noon();
    let looks = Message::signed("vera", &key(4), "msg_1", NOON, &approve("run-a"));
    assert!(matches!(looks.to(&door(&store)), Answered::Refused(_)), "vera only looks");
    let nobody = "visibility = \"public\"";
    let store = Store::at_noon();
    assert!(
        matches!(Message::good().to(&door_of(&store, nobody, "")), Answered::Refused(_)),
        "a channel that names nobody trusts nobody from outside"
    );
}

#[test]
fn raw_bodies_that_are_signed_do_no_harm() {
    let deep = "[".repeat(4000) + &"]".repeat(4000);
    let bodies: [Vec<u8>; 8] = [
        Vec::new(),
        vec![0; 100],
        b"\xff\xfe".to_vec(),
        deep.into_bytes(),
        b"{".to_vec(),
        b"{}{}".to_vec(),
        b"{\"run\":1e999}".to_vec(),
        vec![b' '; law().webhook.body_bytes + 1],
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        let store = Store::at_noon();
        let message = Message::raw("anna", &key(1), &format!("msg_{n}"), NOON, body);
        assert!(matches!(message.to(&door(&store)), Answered::Refused(_)), "{n}");
    }
}

#[test]
fn the_edges_of_the_tolerance_are_inside() {
    for offset in [-300, -299, 0, 299, 300] {
        let store = Store::at_noon();
        let message = Message::signed("anna", &key(1), "msg_1", NOON + offset, &approve("run-a"));
        assert!(matches!(message.to(&door(&store)), Answered::Decided(_)), "{offset}");
    }
}

#[test]
fn the_old_key_holds_until_its_end_and_one_good_signature_among_several_is_enough() {
    let store = Store::at_noon();
    let door = door(&store);
    assert!(matches!(
        Message::signed("anna", &key(2), "old_1", NOON, &approve("run-a")).to(&door),
        Answered::Decided(_)
    ));
    store.set(NOON + 3600);
    let late = Message::signed("anna", &key(2), "old_2", NOON + 3600, &approve("run-b"));
    assert!(matches!(late.to(&door), Answered::Refused(_)), "its end has come");
    let both = format!(
        "{} {}",
        sign(&key(7), "new_1", (NOON + 3600) as u64, &late.body),
        sign(&key(1), "new_1", (NOON + 3600) as u64, &late.body)
    );
    let rotated = late.clone().with("webhook-id", "new_1").with("webhook-signature", format!("v1a,AAAA {both}"));
    assert!(matches!(rotated.to(&door), Answered::Decided(_)));
}

#[test]
fn an_id_is_used_once_for_ever() {
    let store = Store::at_noon();
    let door = door(&store);
    let Answered::Decided(first) = Message::good().to(&door) else { panic!() };
    assert_eq!(Message::good().to(&door), Answered::Decided(first), "the same message has the same answer");
    let other = Message::signed("anna", &key(1), "msg_1", NOON, &approve("run-b"));
    assert!(matches!(other.to(&door), Answered::Refused(_)), "the same id with another body");
    assert_eq!(state(&store, "run-b"), None);
    // A week later, its rows are still there.
    store.set(NOON + 7 * 86_400);
    let late = Message::signed("anna", &key(1), "msg_1", NOON + 7 * 86_400, &approve("run-b"));
    assert!(matches!(late.to(&door), Answered::Refused(_)));
}

fn rejection() -> Value {
    json!({"channel": "demo", "run": "run-a", "film": film_of("run-a"), "expires_at": "2026-11-23T00:00:00Z",
        "decision": "reject", "reason": "the hook is weak", "stage": "script"})
}

#[test]
fn who_rejected_and_was_not_told_so_is_told_when_the_next_film_is_there_already() {
    let store = Store::at_noon();
    let no = Message::signed("otto", &key(3), "no_1", NOON, &rejection());
    let first = no.to(&door(&store));
    assert!(matches!(&first, Answered::Decided(outcome) if outcome.state == PublishState::Rejected), "{first:?}");
    // The process died before it kept its answer, and the film was made again meanwhile.
    store.rows.lock().unwrap().get_mut(&("webhook#otto".into(), "no_1".into())).unwrap()["outcome"] = Value::Null;
    let door = door_of(&store, OPEN, "again ");
    assert_eq!(no.to(&door), first);
    let foreign = Message::signed("anna", &key(1), "no_2", NOON, &rejection()).to(&door);
    assert!(matches!(foreign, Answered::Refused(_)), "she did not: {foreign:?}");
}

#[test]
fn a_rejection_beats_an_approval_whatever_their_order() {
    for approved_first in [true, false] {
        let store = Store::at_noon();
        let door = door(&store);
        let no = Message::signed("otto", &key(3), "no_1", NOON, &rejection());
        let yes = Message::good();
        if approved_first {
            assert!(matches!(yes.to(&door), Answered::Decided(_)));
            assert!(matches!(no.to(&door), Answered::Decided(_)));
            assert!(
                matches!(yes.to(&door), Answered::Decided(outcome) if outcome.state == PublishState::Approved),
                "what was said then"
            );
        } else {
            assert!(matches!(no.to(&door), Answered::Decided(_)));
            assert!(matches!(yes.to(&door), Answered::Refused(_)));
        }
        let again = Message::signed("anna", &key(1), "yes_2", NOON, &approve("run-a"));
        assert!(matches!(again.to(&door), Answered::Refused(_)));
        assert_eq!(state(&store, "run-a"), Some(PublishState::Rejected));
    }
}

#[test]
fn of_fifty_at_once_one_decides() {
    let store = Store::at_noon();
    let door = Arc::new(door(&store));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let door = Arc::clone(&door);
                tokio::spawn(async move {
                    let message = Message::signed("anna", &key(1), &format!("msg_{n}"), NOON, &approve("run-a"));
                    let values = |name: &'static str| {
                        message
                            .headers
                            .iter()
                            .filter(|(other, _)| *other == name)
                            .map(|(_, value)| value.as_slice())
                            .collect()
                    };
                    door.answer("anna", values, &message.body).await
                })
            })
            .collect();
        for task in tasks {
            assert!(!matches!(task.await.unwrap(), Answered::Refused(_)));
        }
        let links = audit::links(&store, Some("run-a")).await.unwrap();
        assert_eq!(links.iter().filter(|link| link.deed.what == "approve").count(), 1);
        assert_eq!(audit::verify(&store, None).await.unwrap().faults, Vec::<String>::new());
    });
}

#[test]
fn over_http_refusals_are_one_answer_and_get_decides_nothing() {
    let store = Store::at_noon();
    let router = router(Arc::new(door(&store)));
    let ask = |method: &str, path: &str, message: &Message| {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &message.headers {
            request = request.header(*name, value.as_slice());
        }
        let answer = block(router.clone().oneshot(request.body(Body::from(message.body.clone())).unwrap())).unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, block(axum::body::to_bytes(answer.into_body(), 1 << 20)).unwrap())
    };
    let good = Message::good();
    let before = store.print();
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let (status, ..) = ask(method, "/decide/anna", &good);
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    for path in ["/", "/decide", "/decide/", "/decide/anna/more", "/approve/run-a", "/decide/anna/../otto"] {
        assert_eq!(ask("POST", path, &good).0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(store.print(), before);
    let large = Message { body: vec![b'x'; 1 << 20], ..good.clone() };
    let unknown = Message::signed(
        "anna",
        &key(1),
        "u_1",
        NOON,
        &approve("run-z").as_object().map_or(json!({}), |body| json!(body)),
    );
    let refusals = [good.clone().without("webhook-id"), good.clone().with("webhook-signature", "v1,"), large, unknown];
    let answers: Vec<_> = refusals.iter().map(|message| ask("POST", "/decide/anna", message)).collect();
    let stranger = ask("POST", "/decide/stranger", &good);
    for (status, headers, body) in &answers {
        assert_eq!((*status, headers, body), (StatusCode::UNAUTHORIZED, &stranger.1, &stranger.2));
    }
    let (status, headers, body) = ask("POST", "/decide/anna", &good);
    assert_eq!((status, headers["cache-control"].to_str().unwrap()), (StatusCode::OK, "no-store"));
    let outcome: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((outcome["run"].as_str(), outcome["state"].as_str()), (Some("run-a"), Some("approved")));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, failure_persistence: None, ..proptest::prelude::ProptestConfig::default() })]
    #[test]
    fn no_bytes_break_the_door(id in ".{0,80}", stamp in ".{0,24}", signature in ".{0,120}", body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let store = Store::at_noon();
        let message = Message { who: "anna", headers: vec![("webhook-id", id.into_bytes()), ("webhook-timestamp", stamp.into_bytes()), ("webhook-signature", signature.into_bytes())], body };
        let refused = matches!(message.to(&door(&store)), Answered::Refused(_));
        proptest::prop_assert!(refused);
    }
}
