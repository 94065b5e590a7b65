//! The Lambda runtime API as a function sees it: `next`, `response`, `error`, `init/error`, over loopback.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// Where the API begins.
const ROOT: &str = "/2018-06-01/runtime/";

/// How an invocation ended: what the function answered, or the error it told.
pub type Answer = Result<Value, Value>;

/// One function's runtime API. It ends when it is dropped.
pub struct RuntimeApi {
    address: String,
    desk: Arc<Desk>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Desk {
    waiting: Mutex<VecDeque<(String, Value, u64)>>,
    asked: Mutex<BTreeMap<String, oneshot::Sender<Answer>>>,
    came: Notify,
    /// Times that the function asked for an event.
    nexts: AtomicU64,
    init_errors: Mutex<Vec<Value>>,
    invocations: AtomicU64,
}

impl RuntimeApi {
    /// On a free port of this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let desk = Arc::new(Desk::default());
        let served = Arc::clone(&desk);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = Arc::clone(&served);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&desk), request));
                    // A function that dies breaks its connection off: nothing to do about it.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, desk, serving }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` must say.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Times that the function asked for an event: one more than it answered.
    pub fn nexts(&self) -> u64 {
        self.desk.nexts.load(Ordering::SeqCst)
    }

    /// Errors that functions told before their first event.
    pub fn init_errors(&self) -> Vec<Value> {
        self.desk.init_errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the function an event that must be answered within `limit`, as its deadline says. `None` when it is not.
    pub async fn invoke(&self, event: Value, limit: Duration, patience: Duration) -> Option<Answer> {
        let number = self.desk.invocations.fetch_add(1, Ordering::SeqCst);
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = u64::try_from((now + limit).as_millis()).unwrap_or(u64::MAX);
        let (sender, receiver) = oneshot::channel();
        self.desk.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), sender);
        self.desk.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back((id, event, deadline));
        self.desk.came.notify_one();
        tokio::time::timeout(patience, receiver).await.ok()?.ok()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let value = read(&body);
    let parts: Vec<&str> = path.strip_prefix(ROOT).unwrap_or_default().split('/').collect();
    Ok(match (&method, parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(&desk).await,
        (&Method::POST, ["invocation", id, "response"]) => end(&desk, id, Ok(value)),
        (&Method::POST, ["invocation", id, "error"]) => end(&desk, id, Err(value)),
        (&Method::POST, ["init", "error"]) => {
            desk.init_errors.lock().unwrap_or_else(PoisonError::into_inner).push(value);
            status(StatusCode::ACCEPTED)
        }
        _ => status(StatusCode::NOT_FOUND),
    })
}

/// What a function sent: JSON, or of one behind a Function URL its streamed answer as `{"head": …, "page": "…"}`.
fn read(body: &[u8]) -> Value {
    // Between the two stand eight zero bytes, which no JSON has in it.
    const BORDER: [u8; 8] = [0; 8];
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    match body.windows(BORDER.len()).position(|window| window == BORDER) {
        Some(at) => {
            json!({"head": parsed(&body[..at]), "page": String::from_utf8_lossy(&body[at + BORDER.len()..])})
        }
        None => parsed(body),
    }
}

async fn next(desk: &Desk) -> Response<Full<Bytes>> {
    desk.nexts.fetch_add(1, Ordering::SeqCst);
    loop {
        let came = desk.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if let Some((id, event, deadline)) = came {
            return Response::builder()
                .header("content-type", "application/json")
                .header("lambda-runtime-aws-request-id", &id)
                .header("lambda-runtime-deadline-ms", deadline)
                .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:f")
                .header("lambda-runtime-trace-id", format!("Root=1-{id}"))
                .body(Full::from(event.to_string()))
                .expect("a response");
        }
        desk.came.notified().await;
    }
}

fn end(desk: &Desk, id: &str, answer: Answer) -> Response<Full<Bytes>> {
    let Some(asked) = desk.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(id) else {
        return status(StatusCode::BAD_REQUEST);
    };
    // Who asked may have lost patience.
    let _ = asked.send(answer);
    status(StatusCode::ACCEPTED)
}

fn status(code: StatusCode) -> Response<Full<Bytes>> {
    Response::builder().status(code).body(Full::default()).expect("a response")
}
