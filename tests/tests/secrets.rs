//! Keys never leave the request that needs them: canaries are planted in every place a key can be given, everything goes
//! wrong that can, and everything that was said, kept or logged is searched.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_governor::{Doors, Governor};
use proofreel_model::calls::CallKind;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Call, Method, Outside as _, PortError, Reach, Secret, Secrets, Spend, Web as _, WebRequest};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use tracing_subscriber::fmt::MakeWriter;

/// With signs that change when they are escaped for an address or for JSON.
const QUERY: &str = "canary/Query+key=\"1\"";
const HEADER: &str = "canary-Header-key-2";
/// What would give them away, in small letters: some say again what they heard in those.
const TRACES: [&str; 3] = ["anary/query", "anary%2fquery", "anary-header"];

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
        "/heard" => Reply::bytes("application/json", serde_json::json!({ "heard": heard }).to_string()),
        // As token endpoints name what they did not like.
        "/token" => Reply::text(&String::from_utf8_lossy(&asked.body)).with_status(400),
        "/token-json" => Reply::json(&serde_json::json!({ "heard": decoded_form(&asked.body) })),
        "/token-slashes" => {
            let said = serde_json::json!({ "heard": decoded_form(&asked.body) }).to_string().replace('/', "\\/");
            Reply::bytes("application/json", said)
        }
        "/heard-refusal" => Reply::text(&heard).with_status(401),
        "/refusal" => Reply::text(&format!("Incorrect key {HEADER} or {QUERY}")).with_status(401),
        "/redirect" => Reply::redirect(302, &format!("http://127.0.0.1:1/?{}", asked.query)),
        "/type" => Reply::bytes(&format!("text/{HEADER}"), "x"),
        "/encoding" => Reply::text("x").header("content-encoding", HEADER),
        "/endless" => Reply::endless(),
        "/reset" => Reply::reset(&heard),
        "/silent" => Reply::silent(Duration::from_mins(1)),
        "/drip" => Reply::drip(&heard.repeat(9), Duration::from_millis(50)),
        _ => Reply::status(500),
    }
}

/// A form's fields, in clear.
fn decoded_form(body: &[u8]) -> Vec<String> {
    url::form_urlencoded::parse(body).map(|(name, value)| format!("{name}={value}")).collect()
}

/// Everything that this process logs, at the finest level.
fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let start = || {
        let log = Log::default();
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).init();
        log
    };
    LOG.get_or_init(start).clone()
}

#[test]
fn no_secret_is_said_kept_or_logged() {
    let log = log();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = Site::open(|_, asked| unkind(asked));
    let said = runtime.block_on(everything(&site));

    // The site did get them, in both places: otherwise nothing was tested.
    let asked = format!("{:?}", site.asked()).to_lowercase();
    assert!(TRACES[1..].iter().all(|trace| asked.contains(trace)), "{asked}");
    let mut log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("starting new connection") && log.contains("web answer"), "the log is silent: {log}");
    log.push_str(&said);
    log.make_ascii_lowercase();
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

/// What a grant's body holds stays between us and the endpoint, whatever it answers.
#[test]
fn an_oauth_forms_secrets_are_taken_out_of_what_comes_back() {
    let fields =
        [("client_secret", "GOCSPX-kanarie_1"), ("refresh_token", "1//0kanarie-2"), ("code", "4/0kanarie+3&x")];
    let site = Site::open(|_, asked| unkind(asked));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::new(&Identity::default()).unwrap();
    for path in ["/token", "/token-json", "/token-slashes"] {
        let mut request =
            WebRequest { method: Method::Post, reach: Reach::Configured, ..WebRequest::get(site.url(path)) };
        request.headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
        request.body = b"grant_type=refresh_token".to_vec();
        request.secret_form = fields.map(|(name, secret)| (name.to_owned(), Secret::new(secret))).to_vec();
        assert!(!format!("{request:?}").contains("kanarie"), "{request:?}");
        let answer = runtime.block_on(client.send(&request)).unwrap();
        let said = format!("{answer:?} {}", String::from_utf8_lossy(&answer.body));
        assert!(said.contains("grant_type=refresh_token") && !said.contains("kanarie"), "{said}");
        let heard = decoded_form(&site.asked().pop().unwrap().body);
        assert_eq!(heard[1..], fields.map(|(name, secret)| format!("{name}={secret}")), "the site got them");
    }
    let mut json = WebRequest { method: Method::Post, reach: Reach::Configured, ..WebRequest::get(site.url("/token")) };
    json.secret_form = vec![("code".into(), Secret::new("4/0kanarie"))];
    let error = runtime.block_on(client.send(&json)).unwrap_err().to_string();
    assert!(error.contains("form") && !error.contains("kanarie"), "{error}");
}

/// A key for every name.
struct Keys;

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(Some(Secret::new(format!("kanarie-{name}"))))
    }
}

/// Every provider of the law that takes a key gets one, repeats it in an error, in something useless and in a good
/// answer; the errors, the log, the cache and the run log's database must not have it.
#[test]
fn no_providers_key_is_kept_said_or_logged() {
    let log = log();
    let state = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = Site::open(|_, asked| unkind(asked));
    let said = runtime.block_on(ask_every_provider(&site, state.path()));

    let asked: Vec<String> = site.asked().iter().map(|asked| format!("{asked:?}")).collect();
    let providers = ProviderLaw::embedded().providers.iter().filter(|(_, provider)| provider.enabled);
    let keys: Vec<&str> = providers.filter_map(|(_, provider)| provider.secret.as_deref()).collect();
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys {
        let told = asked.iter().filter(|asked| asked.contains(&format!("kanarie-{key}"))).count();
        assert!(told >= 2, "{key} reached the site {told} times");
    }
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(!said.contains("kanarie") && said.contains("[secret]"), "{said}");
    assert!(!log.contains("kanarie") && log.contains("web answer"), "the log has a key, or nothing");
    let (files, kept) = searched(state.path());
    assert!(files > 20 && kept.is_empty(), "of {files} files, {kept:?} have a key");
}

async fn ask_every_provider(site: &Site, state: &Path) -> String {
    let store = Arc::new(SqliteStore::open(state, Arc::new(SystemClock)).unwrap());
    let doors = Doors {
        web: Arc::new(Client::new(&Identity::default()).unwrap()),
        records: store,
        blobs: Arc::new(FileBlobs::open(&state.join("blobs")).unwrap()),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Keys),
    };
    let law = ProviderLaw::embedded().clone();
    let keyed: Vec<(String, CallKind)> = law
        .providers
        .iter()
        .filter(|(_, provider)| provider.enabled && provider.secret.is_some())
        .map(|(id, provider)| (id.clone(), provider.serves[0]))
        .collect();
    let governor = Governor::new(doors, law, 1);
    let mut said = String::new();
    for (number, (provider, serves)) in keyed.iter().enumerate() {
        let request = |path: &str| {
            let url = site.url(&format!("{path}?n={number}"));
            WebRequest { reach: Reach::Configured, ..WebRequest::get(url) }
        };
        let call = |kind: CallKind, path: &str| Call::new(provider.clone(), kind, request(path), "canary".into());
        let kept = governor.call(&call(*serves, "/heard"), &|_| Ok(Spend::default())).await;
        let useless = governor
            .call(&call(CallKind::Effect, "/heard"), &|answer| Err(String::from_utf8_lossy(&answer.body).into_owned()))
            .await;
        let refused = governor.call(&call(CallKind::Effect, "/heard-refusal"), &|_| Ok(Spend::default())).await;
        for outcome in [kept, useless, refused] {
            match outcome {
                Ok(answer) => said.push_str(&format!("{answer:?}{}\n", String::from_utf8_lossy(&answer.answer.body))),
                Err(error) => said.push_str(&format!("{error} {error:?}\n")),
            }
        }
    }
    said
}

/// How many files lie in a folder, and which of them hold a canary.
fn searched(folder: &Path) -> (usize, Vec<String>) {
    let (mut files, mut kept, mut folders) = (0, Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            if String::from_utf8_lossy(&bytes).contains("kanarie") {
                kept.push(path.display().to_string());
            }
        }
    }
    (files, kept)
}
