//! Servers in this process: each follows a provider's published contract, until it is told to misbehave.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // shared by several test programs; a test that cannot go on may stop

pub mod around;
pub mod contracts;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_ports::{Answer, Call, CallError, Judge, Outside, PortError, Secret, Secrets, WebAnswer, WebError};
use proofreel_providers::source::Desk;
use url::Url;

/// When everything here is read: the morning of the desk's day.
pub const READ_AT: Timestamp = Timestamp::constant(1_795_824_000, 0);

/// What a server answers: status, media type, body.
pub type Reply = (u16, &'static str, Vec<u8>);

/// Good JSON.
pub fn json(body: serde_json::Value) -> Reply {
    (200, "application/json", body.to_string().into_bytes())
}

/// Good CSV.
pub fn csv(body: impl Into<String>) -> Reply {
    (200, "text/csv", body.into().into_bytes())
}

/// How a server misbehaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// It does not.
    None,
    /// A page of HTML with status 200.
    Html,
    /// Bytes that are no UTF-8, in a text that says it is.
    Latin1,
    /// Nothing, with status 200.
    Empty,
    /// The first half of the body, with status 200.
    Half,
    /// A member or column renamed, as when a schema drifts.
    Renamed(&'static str),
    /// A status.
    Status(u16),
    /// More bytes than may be taken: an endless body, or a gzip bomb.
    TooLarge,
    /// Drip by drip, beyond the time it may take.
    Late,
    /// A redirect to an internal address.
    Inside,
}

/// Everything but `Renamed`.
pub fn troubles() -> Vec<Trouble> {
    vec![
        Trouble::Html,
        Trouble::Latin1,
        Trouble::Empty,
        Trouble::Half,
        Trouble::Status(404),
        Trouble::Status(429),
        Trouble::Status(503),
        Trouble::TooLarge,
        Trouble::Late,
        Trouble::Inside,
    ]
}

type Server = Box<dyn Fn(&Url) -> Option<Reply> + Send + Sync>;

/// The way out, to a server in this process.
pub struct Scripted {
    server: Server,
    trouble: Trouble,
    /// Addresses asked for, secrets included: a test looks whether they went where they belong.
    pub asked: Mutex<Vec<String>>,
}

impl Scripted {
    /// A server and its trouble.
    pub fn new(server: impl Fn(&Url) -> Option<Reply> + Send + Sync + 'static, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self { server: Box::new(server), trouble, asked: Mutex::new(Vec::new()) })
    }

    fn exchange(&self, url: &Url) -> Result<WebAnswer, WebError> {
        let text = url.to_string();
        match &self.trouble {
            Trouble::TooLarge => return Err(WebError::TooLarge { url: text, bytes: 1 << 25 }),
            Trouble::Late => return Err(WebError::Late { url: text, seconds: 30 }),
            Trouble::Inside => return Err(WebError::Refused { url: text, why: "it leads to 169.254.169.254".into() }),
            _ => {}
        }
        let (mut status, kind, mut body) = (self.server)(url).unwrap_or((404, "text/plain", b"no such thing".to_vec()));
        match &self.trouble {
            Trouble::Html => body = b"<!DOCTYPE html><html><title>We'll be back</title></html>".to_vec(),
            Trouble::Latin1 => {
                let at = body.iter().rposition(u8::is_ascii_alphabetic).unwrap_or(0);
                body[at] = 0xe9;
            }
            Trouble::Empty => body.clear(),
            Trouble::Half => {
                // In the middle of a row: that a table without a total ends early is seen by the client, from the frame.
                let middle = body.len() / 2;
                let comma = body[middle..].iter().position(|byte| *byte == b',').unwrap_or(0);
                body.truncate(middle + comma);
            }
            Trouble::Renamed(name) => {
                let other = name.strip_suffix('"').map_or_else(|| format!("{name}x"), |name| format!("{name}x\""));
                body = String::from_utf8(body).unwrap().replace(name, &other).into_bytes();
            }
            Trouble::Status(other) => status = *other,
            _ => {}
        }
        Ok(WebAnswer { status, headers: vec![("content-type".into(), kind.into())], body, url: text })
    }
}

#[async_trait]
impl Outside for Scripted {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let provider = call.provider.clone();
        let mut url = Url::parse(&call.request.url).unwrap();
        for (name, secret) in &call.request.secret_query {
            url.query_pairs_mut().append_pair(name, secret.reveal());
        }
        self.asked.lock().unwrap().push(url.to_string());
        let answer = self.exchange(&url).map_err(|source| CallError::Web { provider: provider.clone(), source })?;
        if answer.status >= 400 {
            let why = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(CallError::Status { provider, status: answer.status, why });
        }
        judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: READ_AT, cached: false, stale: false, digest })
    }
}

/// Every key but those that are taken away.
pub struct Keys(pub bool);

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(self.0.then(|| Secret::new(format!("canary-{name}"))))
    }
}

/// A desk before a server.
pub fn desk(outside: Arc<Scripted>, keys: bool) -> Desk {
    Desk {
        outside,
        secrets: Arc::new(Keys(keys)),
        channel: ChannelId("demo".into()),
        today: jiff::civil::date(2026, 11, 28),
    }
}

/// A parameter of an address.
pub fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
