//! A web site on loopback that answers as its script says, in every way in which sites fail, and remembers what it was
//! asked.
//!
//! ```
//! use proofreel_tests::site::{Reply, Site};
//!
//! let site = Site::open(|number, asked| match (number, asked.path.as_str()) {
//!     (0, _) => Reply::too_many("2"),
//!     (_, "/data") => Reply::json(&serde_json::json!({"value": 1})),
//!     _ => Reply::status(404),
//! });
//! assert!(site.url("/data").starts_with("http://127.0.0.1:"));
//! assert_eq!(site.asked().len(), 0);
//! ```

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream::{self, Stream, StreamExt as _};
use http_body_util::{BodyExt as _, StreamBody, combinators::BoxBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET` and so on.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// Query, without the question mark; empty when there is none.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of this name, as it was written.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// How a body comes.
#[derive(Clone, Debug)]
enum Manner {
    /// All of it.
    Whole(Bytes),
    /// Again and again, for ever.
    Endless(Bytes),
    /// A byte at a time, with this pause before each.
    Drip(Bytes, Duration),
    /// All of it, and then the connection breaks where more was promised.
    Broken(Bytes),
    /// Nothing, not even a status, for this long.
    Silence(Duration),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    manner: Manner,
}

impl Reply {
    fn new(status: u16, manner: Manner) -> Self {
        Self { status, headers: Vec::new(), manner }
    }

    /// Bytes of a type.
    pub fn bytes(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, Manner::Whole(body.into().into())).header("content-type", content_type)
    }

    /// A JSON document.
    pub fn json(document: &Value) -> Self {
        Self::bytes("application/json", document.to_string())
    }

    /// Plain text in UTF-8.
    pub fn text(text: &str) -> Self {
        Self::bytes("text/plain; charset=utf-8", text)
    }

    /// A page of HTML; with status 200, what a service in trouble gives in place of data.
    pub fn html(page: &str) -> Self {
        Self::bytes("text/html; charset=utf-8", page)
    }

    /// A page of HTML that says it were of another type.
    pub fn html_as(content_type: &str) -> Self {
        Self::bytes(content_type, "<!DOCTYPE html><html><body>We will be right back</body></html>")
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::new(status, Manner::Whole(Bytes::new()))
    }

    /// Points to another address.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("location", to)
    }

    /// Status 429 with this `Retry-After`: seconds, or a date as in `Sat, 28 Nov 2026 20:00:00 GMT`.
    pub fn too_many(retry_after: &str) -> Self {
        Self::json(&serde_json::json!({"error": "too many requests"}))
            .with_status(429)
            .header("retry-after", retry_after)
    }

    /// So many megabytes of zeros, packed a thousandfold.
    pub fn gzip_bomb(megabytes: usize) -> Self {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..megabytes {
            io::Write::write_all(&mut packed, &vec![b'0'; 1 << 20]).expect("memory takes all");
        }
        Self::bytes("application/json", packed.finish().expect("memory takes all")).header("content-encoding", "gzip")
    }

    /// A body without an end, as fast as it is taken.
    pub fn endless() -> Self {
        Self::new(200, Manner::Endless(Bytes::from(vec![b'7'; 1 << 16]))).header("content-type", "application/json")
    }

    /// Says that it were so long, and sends as endless does.
    pub fn promising(length: u64) -> Self {
        Self::endless().header("content-length", &length.to_string())
    }

    /// A byte at a time, with this pause before each.
    pub fn drip(body: &str, pause: Duration) -> Self {
        Self::new(200, Manner::Drip(Bytes::from(body.to_owned()), pause)).header("content-type", "application/json")
    }

    /// The connection breaks after this much of the body.
    pub fn reset(body: &str) -> Self {
        Self::new(200, Manner::Broken(Bytes::from(body.to_owned()))).header("content-type", "application/json")
    }

    /// No answer for this long.
    pub fn silent(time: Duration) -> Self {
        Self::new(200, Manner::Silence(time))
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with a further header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A document whose fields of this name, at any depth, are called otherwise: what a new version of a service does.
pub fn drifted(document: &Value, field: &str, now: &str) -> Value {
    match document {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                (if name == field { now.to_owned() } else { name.clone() }, drifted(value, field, now))
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| drifted(item, field, now)).collect(),
        other => other.clone(),
    }
}

type Script = dyn Fn(usize, &Asked) -> Reply + Send + Sync;

/// The site. It lives as long as the test's process.
pub struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    /// A site on which `script` answers by a request's number (from 0) and content.
    pub fn open(script: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address"), script).expect("loopback has room")
    }

    /// The same at an address of one's own choice.
    pub fn at(
        address: SocketAddr,
        script: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&asked);
        let script: Arc<Script> = Arc::new(script);
        // A runtime of its own: the client under test may block its own.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || runtime.block_on(serve(listener, script, memory)));
        Ok(Self { address, asked })
    }

    /// Address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no script panicked").clone()
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.asked().iter().filter(|asked| asked.path == path).count()
    }
}

async fn serve(listener: TcpListener, script: Arc<Script>, memory: Arc<Mutex<Vec<Asked>>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    while let Ok((connection, _)) = listener.accept().await {
        let (script, memory) = (Arc::clone(&script), Arc::clone(&memory));
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(request, Arc::clone(&script), Arc::clone(&memory)));
            // A client that leaves is what half of the tests are about.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), answer).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    script: Arc<Script>,
    memory: Arc<Mutex<Vec<Asked>>>,
) -> Result<Response<BoxBody<Bytes, io::Error>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let headers = head.headers.iter();
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body,
    };
    let number = {
        let mut memory = memory.lock().expect("no script panicked");
        memory.push(asked.clone());
        memory.len() - 1
    };
    let reply = script(number, &asked);
    if let Manner::Silence(time) = reply.manner {
        tokio::time::sleep(time).await;
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(body_of(reply.manner)).expect("a script gives legal headers"))
}

fn body_of(manner: Manner) -> BoxBody<Bytes, io::Error> {
    match manner {
        Manner::Whole(bytes) => http_body_util::Full::new(bytes).map_err(|never| match never {}).boxed(),
        Manner::Silence(_) => http_body_util::Empty::new().map_err(|never| match never {}).boxed(),
        Manner::Endless(bytes) => streamed(stream::repeat(bytes).map(Ok)),
        Manner::Drip(bytes, pause) => streamed(stream::unfold(bytes, move |mut bytes| async move {
            if bytes.is_empty() {
                return None;
            }
            tokio::time::sleep(pause).await;
            Some((Ok(bytes.split_to(1)), bytes))
        })),
        Manner::Broken(bytes) => streamed(stream::once(async move { Ok(bytes) }).chain(stream::once(async {
            // So that what came before is on its way.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(io::Error::other("the site breaks off"))
        }))),
    }
}

fn streamed(pieces: impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static) -> BoxBody<Bytes, io::Error> {
    BoxBody::new(StreamBody::new(pieces.map(|piece| piece.map(Frame::data))))
}
