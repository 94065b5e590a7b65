//! The web client against a site that misbehaves: every answer ends in time, within its bounds, with an error that says why.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::time::Duration;

use proofreel_model::policy::law;
use proofreel_ports::{Method, Reach, Secret, Web as _, WebAnswer, WebError, WebLimits, WebRequest};
use proofreel_tests::site::{Reply, Site, drifted};
use proofreel_web::{Client, Identity, text};
use serde_json::json;

fn client() -> Client {
    Client::new(&Identity { contact: Some("mailto:ops@example.org".into()) }).unwrap()
}

/// A request to a site on this machine.
fn ask(site: &Site, path: &str) -> WebRequest {
    WebRequest { reach: Reach::Configured, ..WebRequest::get(site.url(path)) }
}

fn json_of(mut request: WebRequest, bytes: u64) -> WebRequest {
    request.limits = WebLimits { bytes, seconds: 20, types: vec!["application/json".into()] };
    request
}

async fn outcome(reply: Reply, bytes: u64) -> Result<WebAnswer, WebError> {
    let site = Site::open(move |_, _| reply.clone());
    client().send(&json_of(ask(&site, "/"), bytes)).await
}

#[tokio::test]
async fn bodies_end_at_their_bound_packed_or_not() {
    for reply in [Reply::endless(), Reply::promising(10 << 30), Reply::gzip_bomb(64)] {
        let told = format!("{reply:?}").chars().take(80).collect::<String>();
        let error = outcome(reply, 1 << 20).await.unwrap_err();
        assert!(matches!(error, WebError::TooLarge { bytes: 1_048_576, .. }), "{told}: {error}");
    }
    let never_packed = Reply::endless().header("content-encoding", "gzip");
    assert!(matches!(outcome(never_packed, 1 << 20).await, Err(WebError::Failed { .. })));
}

#[tokio::test]
async fn what_fits_comes_whole_and_unpacked() {
    let document = json!({"rows": vec![7; 5000]});
    let packed = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, bytes).unwrap();
        packed.finish().unwrap()
    };
    let whole = packed(document.to_string().as_bytes());
    let gzip = |bytes: &[u8]| Reply::bytes("application/json", bytes).header("content-encoding", "gzip");
    let answer = outcome(gzip(&whole), 1 << 20).await.unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap(), document);
    assert_eq!(answer.header("content-encoding"), None);
    for broken in [
        gzip(&whole[..whole.len() - 9]),
        gzip(b"never packed"),
        Reply::json(&document).header("content-encoding", "br"),
    ] {
        assert!(matches!(outcome(broken, 1 << 20).await, Err(WebError::Failed { .. })));
    }
    assert!(outcome(gzip(&packed(document.to_string().as_bytes())), document.to_string().len() as u64).await.is_ok());
    assert!(outcome(gzip(&whole), document.to_string().len() as u64 - 1).await.is_err());
}

#[tokio::test]
async fn slow_and_broken_sites_are_given_up() {
    let site = Site::open(|_, asked| match asked.path.as_str() {
        "/drip" => Reply::drip(&"7".repeat(10_000), Duration::from_millis(20)),
        "/silent" => Reply::silent(Duration::from_mins(1)),
        _ => Reply::reset("[1, 2"),
    });
    let client = client();
    let briefly = |path: &str| {
        let mut request = ask(&site, path);
        request.limits.seconds = 1;
        request
    };
    let (dripping, silent, broken) = (briefly("/drip"), briefly("/silent"), ask(&site, "/reset"));
    let (dripping, silent, broken) = tokio::join!(client.send(&dripping), client.send(&silent), client.send(&broken));
    assert!(matches!(dripping, Err(WebError::Late { seconds: 1, .. })), "{dripping:?}");
    assert!(matches!(silent, Err(WebError::Late { seconds: 1, .. })), "{silent:?}");
    assert!(matches!(broken, Err(WebError::Failed { .. })), "{broken:?}");
}

#[tokio::test]
async fn a_page_of_html_is_not_data() {
    for reply in [Reply::html("<p>Please sign in</p>"), Reply::html_as("application/json"), Reply::text("1,2")] {
        let error = outcome(reply, 1 << 20).await.unwrap_err();
        assert!(matches!(error, WebError::WrongType { .. }), "{error}");
    }
    let dialect = Reply::bytes("application/vnd.sdmx.data+json; charset=utf-8", "{}");
    assert!(outcome(dialect, 1 << 20).await.is_ok());
    let site = Site::open(|_, _| Reply::html("<p>hello</p>"));
    let mut page = ask(&site, "/");
    page.limits.types = vec!["text/".into()];
    assert_eq!(client().send(&page).await.unwrap().body, b"<p>hello</p>");
}

#[tokio::test]
async fn an_error_is_an_answer_and_says_what_it_says() {
    for retry in ["7", "Sat, 28 Nov 2026 20:00:00 GMT"] {
        let answer = outcome(Reply::too_many(retry), 1 << 20).await.unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some(retry)));
    }
    let page = outcome(Reply::html("<h1>Bad gateway</h1>").with_status(502), 1 << 20).await.unwrap();
    assert_eq!((page.status, page.body.as_slice()), (502, &b"<h1>Bad gateway</h1>"[..]));
    let endless = outcome(Reply::endless().with_status(500), 1 << 20).await.unwrap();
    assert_eq!(endless.body.len() as u64, law().web.error_bytes);
    let bomb = outcome(Reply::gzip_bomb(64).with_status(503), 1 << 20).await.unwrap();
    assert_eq!(bomb.body.len() as u64, law().web.error_bytes);
    let cut = outcome(Reply::reset("the beginning").with_status(500), 1 << 20).await.unwrap();
    assert_eq!(cut.body, b"the beginning");
}

#[tokio::test]
async fn a_configured_host_leads_nowhere_else() {
    let inside = Site::open(|_, _| Reply::text("inside"));
    let to = inside.url("/");
    let site = Site::open(move |_, _| Reply::redirect(302, &to));
    let answer = client().send(&ask(&site, "/")).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some(inside.url("/").as_str())));
    assert_eq!(inside.asked().len(), 0);
}

#[tokio::test]
async fn this_machine_is_not_public() {
    let site = Site::open(|_, _| Reply::text("inside"));
    let port = site.address().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let request = WebRequest::get(format!("http://{host}:{port}/"));
        assert!(matches!(client().send(&request).await, Err(WebError::Refused { .. })), "{host}");
    }
    assert_eq!(site.asked().len(), 0);
}

#[tokio::test]
async fn it_says_who_asks_and_sends_what_it_was_given() {
    let site = Site::open(|_, _| Reply::json(&json!({})));
    let mut request = ask(&site, "/v1?a=1");
    request.method = Method::Post;
    request.body = b"{}".to_vec();
    request.headers.push(("content-type".into(), "application/json".into()));
    request.secret_query.push(("key".into(), Secret::new("k&y 1=2")));
    request.secret_headers.push(("authorization".into(), Secret::new("Bearer abcdefgh")));
    client().send(&request).await.unwrap();
    let asked = &site.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.body.as_slice()), ("POST", "/v1", &b"{}"[..]));
    assert_eq!((asked.parameter("a"), asked.parameter("key")), (Some("1"), Some("k%26y+1%3D2")));
    assert_eq!(asked.header("authorization"), Some("Bearer abcdefgh"));
    let agent = asked.header("user-agent").unwrap();
    assert!(agent.starts_with("proofreel/") && agent.ends_with("(+mailto:ops@example.org)"), "{agent}");
    assert_eq!(asked.header("referer"), None);

    for own in ["Host", "User-Agent", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Proxy-Authorization"] {
        let mut request = ask(&site, "/");
        request.headers.push((own.into(), "x".into()));
        assert!(matches!(client().send(&request).await, Err(WebError::Refused { .. })), "{own}");
    }
    let mut split = ask(&site, "/");
    split.headers.push(("x-a".into(), "1\r\nhost: elsewhere".into()));
    assert!(matches!(client().send(&split).await, Err(WebError::Refused { .. })));
    assert_eq!(site.asked().len(), 1);
    assert!(Client::new(&Identity { contact: Some("line\nbreak".into()) }).is_err());
}

#[tokio::test]
async fn text_is_read_in_its_own_encoding() {
    let cases: [(&str, &[u8], &str); 8] = [
        ("text/plain; charset=ISO-8859-1", b"caf\xe9", "caf\u{e9}"),
        ("text/plain; charset=\"shift_jis\"", b"\x83\x65", "\u{30c6}"),
        ("text/plain", "caf\u{e9}".as_bytes(), "caf\u{e9}"),
        ("text/plain", b"caf\xe9 \x80", "caf\u{e9} \u{20ac}"),
        ("text/plain; charset=iso-8859-1", b"\xef\xbb\xbfcaf\xc3\xa9", "caf\u{e9}"),
        (
            "text/html",
            b"<html><meta charset=windows-1251><p>\xc4\xe0",
            "<html><meta charset=windows-1251><p>\u{414}\u{430}",
        ),
        (
            "text/html",
            b"<meta http-equiv='content-type' content='text/html; charset=gbk'>\xc4\xe3",
            "<meta http-equiv='content-type' content='text/html; charset=gbk'>\u{4f60}",
        ),
        (
            "application/xml",
            b"<?xml version='1.0' encoding='iso-8859-2'?>\xb1",
            "<?xml version='1.0' encoding='iso-8859-2'?>\u{105}",
        ),
    ];
    let site = Site::open(move |_, asked| {
        let (kind, body, _) = cases[asked.path[1..].parse::<usize>().unwrap()];
        Reply::bytes(kind, body)
    });
    for (number, (kind, _, expected)) in cases.iter().enumerate() {
        let answer = client().send(&ask(&site, &format!("/{number}"))).await.unwrap();
        assert_eq!(text(&answer), *expected, "{kind}");
    }
    assert_eq!(site.count("/3"), 1);
}

#[test]
fn a_drifted_document_has_the_field_under_another_name() {
    let document = json!({"rows": [{"value": 1, "date": "2026"}], "value": {"value": 2}});
    assert_eq!(drifted(&document, "value", "obs"), json!({"rows": [{"obs": 1, "date": "2026"}], "obs": {"obs": 2}}));
}
