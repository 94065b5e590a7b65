//! Keys never leave the request that needs them: canaries are planted in every place a key can be given, everything goes
//! wrong that can, and everything that was said, kept or logged is searched.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofreel_ports::{Method, Reach, Secret, Web as _, WebRequest};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use tracing_subscriber::fmt::MakeWriter;

/// With signs that change when they are escaped for an address or for JSON.
const QUERY: &str = "canary/Query+key=\"1\"";
const HEADER: &str = "canary-Header-key-2";
/// What would give them away.
const TRACES: [&str; 3] = ["anary/Query", "anary%2FQuery", "anary-Header"];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// All ways in which a site can fail or repeat what it was told.
fn unkind(asked: &Asked) -> Reply {
    let heard = format!("{} {:?}", asked.query, asked.headers);
    let decoded = format!("{{\"params\": {}}}", serde_json::json!([QUERY, HEADER]));
    match asked.path.as_str() {
        "/echo" => Reply::text(&heard),
        "/echo-json" => Reply::bytes("application/json", decoded),
        "/echo-header" => Reply::text("").header("x-you-said", &asked.query).header("link", HEADER),
        "/refusal" => Reply::text(&format!("Incorrect key {HEADER} or {QUERY}")).with_status(401),
        "/redirect" => Reply::redirect(302, &format!("http://127.0.0.1:1/?{}", asked.query)),
        "/type" => Reply::bytes(&format!("text/{HEADER}"), "x"),
        "/encoding" => Reply::text("x").header("content-encoding", HEADER),
        "/endless" => Reply::endless(),
        "/reset" => Reply::reset(&heard),
        "/silent" => Reply::silent(Duration::from_secs(60)),
        "/drip" => Reply::drip(&heard.repeat(9), Duration::from_millis(50)),
        _ => Reply::status(500),
    }
}

#[test]
fn no_secret_is_said_kept_or_logged() {
    let log = Log::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = Site::open(|_, asked| unkind(asked));
    let said = runtime.block_on(everything(&site));

    // The site did get them, in both places: otherwise nothing was tested.
    let asked = format!("{:?}", site.asked());
    assert!(TRACES[1..].iter().all(|trace| asked.contains(trace)), "{asked}");
    let mut log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("starting new connection") && log.contains("web request"), "the log is silent: {log}");
    log.push_str(&said);
    for trace in TRACES {
        let at = log.find(trace).map(|at| log[..at].chars().rev().take(300).collect::<Vec<_>>());
        let before: Option<String> = at.map(|before| before.into_iter().rev().collect());
        assert!(before.is_none(), "{trace} stands after: {}", before.unwrap_or_default());
    }
    assert!(log.contains("[secret]"), "nothing was ever taken out");
}

/// Asks for everything, and gives all that comes of it as text: answers, errors, and what `Debug` makes of them.
async fn everything(site: &Site) -> String {
    let client = Client::new(&Identity::default()).unwrap();
    let mut said = String::new();
    let paths = [
        "/echo",
        "/echo-json",
        "/echo-header",
        "/refusal",
        "/redirect",
        "/type",
        "/encoding",
        "/endless",
        "/reset",
        "/silent",
        "/drip",
        "/none",
    ];
    let mut requests: Vec<WebRequest> = paths.iter().map(|path| request(&site.url(path))).collect();
    requests[5].limits.types = vec!["application/json".into()];
    // Nobody there, no such host, no such address, and addresses that are refused.
    for url in ["http://127.0.0.1:1/", "http://nowhere.invalid/", "not an address", "http://u:p@127.0.0.1/"] {
        requests.push(request(url));
    }
    for url in ["http://127.0.0.1/", "https://[::1]/", "file:///etc/passwd"] {
        requests.push(WebRequest { reach: Reach::Public, ..request(url) });
    }
    // Keys where they do not belong, and keys that cannot be sent.
    requests.push(request(&format!("{}?key={HEADER}", site.url("/"))));
    let mut split = request(&site.url("/"));
    split.secret_headers.push(("x-key".into(), Secret::new(format!("{HEADER}\r\nhost: a"))));
    requests.push(split);
    for request in requests {
        // A key in the address stands there because this test put it there.
        if !request.url.contains(HEADER) {
            said.push_str(&format!("{request:?}\n"));
        }
        match client.send(&request).await {
            Ok(answer) => {
                said.push_str(&format!("{answer:?}\n{}\n", String::from_utf8_lossy(&answer.body)));
            }
            Err(error) => said.push_str(&format!("{error}\n{error:?}\n")),
        }
    }
    said
}

fn request(url: &str) -> WebRequest {
    let mut request = WebRequest { method: Method::Post, reach: Reach::Configured, ..WebRequest::get(url) };
    request.secret_query.push(("key".into(), Secret::new(QUERY)));
    request.secret_headers.push(("authorization".into(), Secret::new(format!("Bearer {HEADER}"))));
    request.limits.seconds = 1;
    request.limits.bytes = 1 << 20;
    request
}
