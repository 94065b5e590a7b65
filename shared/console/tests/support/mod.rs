//! An installation in a temporary folder, a finished episode in it, and a browser that keeps its cookie.

#![allow(dead_code, unused_imports, clippy::unwrap_used)] // every test uses some of it

mod episode;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proofreel_adapters::local::{FileBlobs, SqliteStore};
use proofreel_console::{Console, Hosts, Works, router, sessions};
use proofreel_evidence::PackageBytes;
use proofreel_model::digest::{BlobRef, Digest, canonical_json};
use proofreel_model::policy::Policy;
use proofreel_operations::reports::{self, Period};
use proofreel_operations::{ChannelFile, Channels, Office};
use proofreel_pipeline::{Driver, Ports, store_packages};
use proofreel_ports::{Clock, Condition, Item, PortError, Speech, Utterance, Voice, VoiceError, VoiceInfo};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub use episode::{CSV, HOSTILE};

/// 2026-11-22T12:00:00Z.
pub const NOON: i64 = 1_795_348_800;
/// Name of the run that every world begins with.
pub const RUN: &str = "20261122t115900-k3f9";
/// Where the browser believes to be.
pub const HOST: &str = "127.0.0.1:8787";

/// A clock that is set.
#[derive(Default)]
pub struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Channel files that a test writes.
#[derive(Default)]
struct Shelf(Mutex<Vec<ChannelFile>>);

#[async_trait]
impl Channels for Shelf {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

struct Mute;

#[async_trait]
impl Voice for Mute {
    fn info(&self) -> VoiceInfo {
        unreachable!("the console never speaks")
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        unreachable!("the console never speaks")
    }
}

/// An installation.
pub struct World {
    pub office: Office,
    pub clock: Arc<Hand>,
    shelf: Arc<Shelf>,
    store: Arc<SqliteStore>,
    folder: tempfile::TempDir,
}

/// A channel's file with this `[publishing]` section.
pub fn channel_file(id: &str, name: &str, publishing: &str) -> ChannelFile {
    let text = format!(
        "id = \"{id}\"\nname = \"{name}\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n[publishing]\n{publishing}\n"
    );
    ChannelFile { name: format!("channels/{id}.toml"), text }
}

/// Otto orders, Anna approves, Vera looks.
pub const NAMED: &str = "operators = [\"otto\"]\napprovers = [\"anna\", \"abel\"]\nviewers = [\"vera\"]";

impl World {
    /// A channel `demo` and a channel `other`, which is somebody else's.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand::default());
        clock.0.store(NOON, Ordering::SeqCst);
        let store = Arc::new(SqliteStore::open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>).unwrap());
        let shelf = Arc::new(Shelf::default());
        let world = Self {
            office: Office {
                records: Arc::clone(&store) as _,
                blobs: Arc::new(FileBlobs::open(&folder.path().join("blobs")).unwrap()),
                clock: Arc::clone(&clock) as _,
                channels: Arc::clone(&shelf) as _,
            },
            clock,
            shelf,
            store,
            folder,
        };
        world.channels(vec![
            channel_file("demo", "Demo", NAMED),
            channel_file("other", "Other", "operators = [\"olga\"]\napprovers = [\"olga\"]"),
        ]);
        world
    }

    pub fn channels(&self, files: Vec<ChannelFile>) {
        *self.shelf.0.lock().unwrap() = files;
    }

    pub fn forward(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The console over it.
    pub fn console(&self, hosts: Hosts, at_the_machine: bool) -> Router {
        self.console_with(hosts, at_the_machine, None)
    }

    /// The console over it, with somebody who works runs behind it.
    pub fn console_with(&self, hosts: Hosts, at_the_machine: bool, works: Option<Arc<dyn Works>>) -> Router {
        let ports = Ports {
            blobs: Arc::clone(&self.office.blobs),
            records: Arc::clone(&self.office.records),
            queue: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.office.clock),
        };
        let driver =
            Driver::new(ports, Vec::new(), Policy::embedded(), Arc::new(Mute), self.folder.path().join("scratch"));
        router(Console {
            office: self.office.clone(),
            driver: Arc::new(driver),
            webhook: Router::new(),
            hosts,
            at_the_machine,
            works,
        })
    }

    /// A browser on this machine with nobody signed in.
    pub fn browser(&self) -> Browser {
        Browser { router: self.console(Hosts::Loopback, true), cookie: String::new(), host: HOST.into() }
    }

    /// A browser with a person signed in by a link that was made elsewhere.
    pub async fn signed_in(&self, who: &str) -> Browser {
        let mut browser = self.browser();
        let link = sessions::make_link(&self.office, who, false).await.unwrap();
        let answer = browser.post("/sign-in", &[("link", link.reveal())]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }

    async fn artifact(&self, value: &Value) -> BlobRef {
        self.office.blobs.store("artifact", &canonical_json(value).unwrap()).await.unwrap()
    }

    /// Puts the finished episode `run` of `channel` there; every free text is `text`, and another `mark` makes another film.
    /// Gives the film's digest.
    pub async fn episode(&self, run: &str, channel: &str, text: &str, mark: &str) -> Digest {
        let made = episode::episode(run, channel, text, mark);
        let blobs = self.office.blobs.as_ref();
        let files = [
            ("datapackage.json".to_owned(), episode::DESCRIPTOR.as_bytes().to_vec()),
            ("monthly.csv".to_owned(), CSV.as_bytes().to_vec()),
        ];
        let package = PackageBytes { name: "metal".into(), digest: Digest::of(b"metal"), files: files.into() };
        let mut order = made.order;
        order["packages"] = json!(store_packages(blobs, &[package]).await.unwrap());
        let order = blobs.store("order", &canonical_json(&order).unwrap()).await.unwrap();
        let mut film = made.film;
        let mut files: BTreeMap<String, BlobRef> = BTreeMap::new();
        for (name, bytes) in &made.files {
            files.insert(name.clone(), blobs.store("file", bytes).await.unwrap());
        }
        for file in film["files"].as_array_mut().unwrap() {
            let blob = &files[file["name"].as_str().unwrap()];
            file["digest"] = json!(blob.digest);
            file["bytes"] = json!(blob.bytes);
        }
        let script = self.artifact(&made.script).await;
        let before = self.artifact(&made.script_before).await;
        let mut qa = made.qa;
        qa["script_digest"] = json!(script.digest);
        let film = self.artifact(&film).await;
        let artifacts = json!({
            "research": self.artifact(&made.brief).await, "scene-builder": self.artifact(&made.scenes).await,
            "script": script, "qa": self.artifact(&qa).await, "render": film,
        });
        let now = self.clock.now();
        let head = json!({
            "run_id": run, "channel": channel, "order": order, "state": "done", "artifacts": artifacts, "files": files,
            "created_at": now, "updated_at": now, "revision": 7, "visits": {"script": 2, "render": 1}, "message": null,
        });
        let put = async |pk: &str, sk: &str, body: Value| {
            let item = Item { pk: pk.into(), sk: sk.into(), body };
            self.office.records.put(item, Condition::None).await.unwrap();
        };
        put(&format!("run#{run}"), "head", head).await;
        put("runs", &format!("{now}#{run}"), json!({"run_id": run, "channel": channel})).await;
        for (visit, blob) in [(1, &before), (2, &script)] {
            let row = episode::log_row(run, channel, "script", visit, &json!([blob]), text);
            put(&format!("run#{run}"), &format!("log#script#00{visit}#1"), row).await;
        }
        let row = episode::log_row(run, channel, "render", 1, &json!([film]), text);
        put(&format!("run#{run}"), "log#render#001#1", row).await;
        film.digest
    }

    /// Makes and keeps the demo channel's report of the week that holds a day; returns its name.
    pub async fn report(&self, day: Date) -> String {
        let profiles = self.office.channels.profiles().await.unwrap();
        let demo = profiles.iter().find(|profile| profile.id.as_str() == "demo").unwrap();
        let made = reports::make(&self.office, demo, &profiles, Period::Weekly, Some(day)).await.unwrap();
        reports::keep(&self.office, &made).await.unwrap().name
    }

    /// The demo channel's finished episode, and a report.
    pub async fn demo(&self) -> Digest {
        self.report(date(2026, 11, 18)).await;
        self.episode(RUN, "demo", "Gold rose", "first").await
    }
}

/// A browser: it keeps its cookie, and says what browsers say.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookie: String,
    pub host: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    /// Sends a request as it is, with the cookie.
    pub async fn send(&mut self, request: axum::http::request::Builder, body: impl Into<Body>) -> Answer {
        let mut request = request;
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if request.headers_ref().is_some_and(|headers| !headers.contains_key("host")) {
            request = request.header("host", &self.host);
        }
        let answer = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        if let Some(cookie) = parts.headers.get("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = if pair.ends_with('=') { String::new() } else { pair };
        }
        Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, 64 << 20).await.unwrap().to_vec() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(
            Request::get(path).header("sec-fetch-site", "none").header("sec-fetch-mode", "navigate"),
            Body::empty(),
        )
        .await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("origin", "null");
        self.send(request, encoded(fields)).await
    }

    /// The token in a page's forms.
    pub async fn csrf(&mut self) -> String {
        let page = self.get("/").await.text();
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

/// Fields as a form sends them.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
