//! YouTube Data API v3 (discovery revision 20261104): upload, update, read back.
//!
//! # What matters
//! - An upload session takes bytes in multiples of 256 KiB; 308 says how far it is; a session that is not known any more
//!   (404, 410) may have become a video, so nobody here opens another one by himself.
//! - A property that is left out of an updated part is deleted there: every update reads first.
//! - A left-out `privacyStatus` means public: it is always sent, and inserts are always private.
//! - Reads go as effects too: a cached answer about a video is a wrong one.

mod answers;
mod check;
mod errors;
mod host;
mod oauth;
mod owner;
mod parts;
mod plan;
mod session;

use std::sync::Arc;

use jiff::Timestamp;
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::publishing::{YoutubeLaw, law};
use proofreel_ports::{
    Call, CallKind, Clock, HostError, Method, Outside, Reach, Secret, Spend, WebAnswer, WebLimits, WebRequest,
};

pub use oauth::{Consent, PROVIDER as OAUTH_PROVIDER, Tokens, refresh_token_name};
pub use owner::Owner;

/// Name of the host in records and errors.
pub const NAME: &str = "youtube";
/// Where the API is, reads and writes of resources.
pub const ROOT: &str = "https://www.googleapis.com";
/// Seconds that a chunk may take.
const CHUNK_SECONDS: u64 = 600;

/// YouTube, for one channel.
pub struct YouTube {
    outside: Arc<dyn Outside>,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    channel: ChannelId,
    root: String,
    law: YoutubeLaw,
}

/// A request in the making.
pub(crate) struct Ask {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub secret_query: Vec<(String, Secret)>,
    pub body: Vec<u8>,
    /// Bucket that is counted by itself; the shared pool when there is none.
    pub bucket: Option<&'static str>,
    pub units: u64,
    /// What it is about, for errors.
    pub what: String,
}

impl Ask {
    fn get(url: String, units: u64, what: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            secret_query: Vec::new(),
            body: Vec::new(),
            bucket: None,
            units,
            what: what.into(),
        }
    }

    fn with_json(self, method: Method, body: &serde_json::Value) -> Self {
        let mut headers = self.headers;
        headers.push(("content-type".into(), "application/json; charset=UTF-8".into()));
        Self { method, headers, body: body.to_string().into_bytes(), ..self }
    }
}

impl YouTube {
    /// YouTube at its own address, with the consent of this channel's owner.
    pub fn new(outside: Arc<dyn Outside>, clock: Arc<dyn Clock>, tokens: Tokens, channel: ChannelId) -> Self {
        Self::at(ROOT, outside, clock, tokens, channel)
    }

    /// YouTube's contract spoken at another address, for tests.
    pub fn at(
        root: &str,
        outside: Arc<dyn Outside>,
        clock: Arc<dyn Clock>,
        tokens: Tokens,
        channel: ChannelId,
    ) -> Self {
        Self { outside, clock, tokens, channel, root: root.to_owned(), law: law().youtube }
    }

    fn resource(&self, path: &str, query: &[(&str, &str)]) -> String {
        self.address("/youtube/v3/", path, query)
    }

    fn upload(&self, path: &str, query: &[(&str, &str)]) -> String {
        self.address("/upload/youtube/v3/", path, query)
    }

    fn address(&self, base: &str, path: &str, query: &[(&str, &str)]) -> String {
        let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{}{base}{path}?{pairs}", self.root)
    }

    /// Sends a request with a token; a refused token is renewed once.
    async fn send(&self, ask: &Ask) -> Result<WebAnswer, HostError> {
        let mut renewed = false;
        loop {
            let token = self.tokens.access(self.outside.as_ref(), self.clock.as_ref(), &self.channel).await?;
            let mut secret_headers = Vec::new();
            secret_headers.push(("authorization".to_owned(), Secret::new(format!("Bearer {}", token.reveal()))));
            let request = WebRequest {
                method: ask.method,
                url: ask.url.clone(),
                headers: ask.headers.clone(),
                secret_headers,
                secret_query: ask.secret_query.clone(),
                secret_path: None,
                secret_form: Vec::new(),
                body: ask.body.clone(),
                // 308 is an answer here, and nobody is to be led elsewhere with a token.
                reach: Reach::Configured,
                limits: WebLimits {
                    seconds: if ask.body.len() > 1 << 16 { CHUNK_SECONDS } else { 60 },
                    ..WebLimits::default()
                },
            };
            let call = Call {
                provider: NAME.into(),
                model: ask.bucket.map(str::to_owned),
                kind: CallKind::Effect,
                request,
                spend: Spend { units: ask.units, ..Spend::default() },
                channel: self.channel.clone(),
                run: None,
            };
            let answer = errors::answer_of(self.outside.call(&call, &proofreel_ports::take).await)?;
            if answer.status == 401
                && !renewed
                && errors::reason(&answer.body).as_deref() != Some("youtubeSignupRequired")
            {
                renewed = true;
                self.tokens.forget();
                continue;
            }
            return Ok(answer);
        }
    }

    /// The same for a request whose good answer is a JSON document.
    async fn json(&self, ask: &Ask) -> Result<serde_json::Value, HostError> {
        let answer = self.send(ask).await?;
        if !(200..300).contains(&answer.status) {
            return Err(errors::class(&answer, &ask.what, self.now()));
        }
        if answer.body.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| HostError::Transient { host: NAME.into(), why: format!("{}: no JSON: {error}", ask.what) })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
