//! The door to the network: one HTTP exchange, and a call that the governor lets through.

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::calls::{AllowanceLeft, CallCounts, CallKind};
use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use thiserror::Error;

/// A key, token or password. It is never printed: not by `Debug`, not in an error, not in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where secrets are kept: the environment, a protected file, or SSM parameters.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret of this name, for example `fred_api_key`; none when the operator gave none.
    async fn get(&self, name: &str) -> Result<Option<Secret>, crate::PortError>;

    /// Keeps a secret under this name, in place of the one before. Not every place can be written to.
    async fn store(&self, name: &str, secret: &Secret) -> Result<(), crate::PortError> {
        let _ = secret;
        Err(crate::PortError::Refused {
            what: name.to_owned(),
            why: "this place of secrets cannot be written to; put the secret there by hand".into(),
        })
    }
}

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers only.
    Head,
    /// Send.
    Post,
    /// Replace.
    Put,
    /// Take away.
    Delete,
}

/// Whom a request may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only, over http(s), each redirect judged anew: for every address that a stranger could have chosen.
    Public,
    /// The very host that an operator's configuration names, which may be on this machine (a local model server).
    /// Redirects are not followed.
    Configured,
}

/// What an answer may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLimits {
    /// Bytes of the body, after decompression.
    pub bytes: u64,
    /// Seconds for the whole exchange, redirects included.
    pub seconds: u64,
    /// Media types that are taken, for example `application/json` or `text/`; all when empty.
    pub types: Vec<String>,
}

impl Default for WebLimits {
    fn default() -> Self {
        Self { bytes: 32 << 20, seconds: 30, types: Vec::new() }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct WebRequest {
    /// What is asked.
    pub method: Method,
    /// Absolute address, without secrets.
    pub url: String,
    /// Headers that may be seen and are part of the request's digest.
    pub headers: Vec<(String, String)>,
    /// Headers with secrets: never part of a digest, a log or an error.
    pub secret_headers: Vec<(String, Secret)>,
    /// Query parameters with secrets, added when the request is sent.
    pub secret_query: Vec<(String, Secret)>,
    /// Path and query that are a secret as a whole, as those of a webhook are; they take the place of the address's own when the
    /// request is sent.
    pub secret_path: Option<Secret>,
    /// Fields of a form with secrets, added to a body of `application/x-www-form-urlencoded` when the request is sent.
    pub secret_form: Vec<(String, Secret)>,
    /// Body.
    pub body: Vec<u8>,
    /// Whom it may reach.
    pub reach: Reach,
    /// What the answer may cost.
    pub limits: WebLimits,
}

impl WebRequest {
    /// A plain read of `url` on the public network.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            secret_query: Vec::new(),
            secret_path: None,
            secret_form: Vec::new(),
            body: Vec::new(),
            reach: Reach::Public,
            limits: WebLimits::default(),
        }
    }

    /// Every secret of the request, wherever it travels.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let places = [&self.secret_headers, &self.secret_query, &self.secret_form];
        places.into_iter().flatten().map(|(_, secret)| secret).chain(self.secret_path.as_ref())
    }
}

/// What came back, whatever the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, decompressed.
    pub body: Vec<u8>,
    /// Address that answered, after redirects.
    pub url: String,
}

impl WebAnswer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. No text carries a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebError {
    /// The address may not be reached.
    #[error("{url} is refused: {why}")]
    Refused {
        /// Address.
        url: String,
        /// Rule that refuses it.
        why: String,
    },
    /// The answer is more than may be taken: bytes, or bytes after decompression.
    #[error("{url} answered with more than {bytes} bytes")]
    TooLarge {
        /// Address.
        url: String,
        /// The bound.
        bytes: u64,
    },
    /// The answer is of another media type than asked for.
    #[error("{url} answered with {found}, wanted {wanted}")]
    WrongType {
        /// Address.
        url: String,
        /// What came.
        found: String,
        /// What was wanted.
        wanted: String,
    },
    /// Took longer than it may.
    #[error("{url} gave no whole answer within {seconds} s")]
    Late {
        /// Address.
        url: String,
        /// The bound.
        seconds: u64,
    },
    /// No connection, or it broke.
    #[error("{url}: {why}")]
    Failed {
        /// Address.
        url: String,
        /// What the network said.
        why: String,
    },
}

/// One HTTP exchange. Implemented once (`shared/web`); who wants the network asks [`Outside`], not this.
#[async_trait]
pub trait Web: Send + Sync {
    /// Sends a request and takes the answer, whatever its status.
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, WebError>;

    /// The same for an article or a page: every site on the way is asked for its robots.txt first, and a page that it keeps
    /// from programs is refused. What has no such rules (a fake, a line in a test) just sends.
    async fn send_page(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        self.send(request).await
    }
}

/// What a call takes from a quota, as estimated before and as told after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Tokens of a language model, prompt and answer.
    pub tokens: u64,
    /// Characters of speech.
    pub characters: u64,
    /// Units of the provider's own counting: quota units, neurons, millionths of a dollar. Where the provider limits them, 0 counts
    /// as 1.
    pub units: u64,
}

/// A call to be governed.
#[derive(Clone, Debug)]
pub struct Call {
    /// Provider, as named in `specs/policy/providers.toml`.
    pub provider: String,
    /// Model, where the provider counts by model.
    pub model: Option<String>,
    /// What it is for.
    pub kind: CallKind,
    /// The request.
    pub request: WebRequest,
    /// Upper estimate of what it takes.
    pub spend: Spend,
    /// Channel that asks.
    pub channel: ChannelId,
    /// Run that asks, if one does.
    pub run: Option<RunId>,
}

impl Call {
    /// A call without model, spend and run.
    pub fn new(provider: impl Into<String>, kind: CallKind, request: WebRequest, channel: ChannelId) -> Self {
        Self { provider: provider.into(), model: None, kind, request, spend: Spend::default(), channel, run: None }
    }

    /// With the model (bucket, host) that the provider counts by.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// With an upper estimate of what it takes.
    #[must_use]
    pub fn spend(mut self, spend: Spend) -> Self {
        self.spend = spend;
        self
    }

    /// With the run that asks.
    #[must_use]
    pub fn run(mut self, run: impl Into<Option<RunId>>) -> Self {
        self.run = run.into();
        self
    }
}

/// Judges an answer with a good status: what it really took (a member that is 0: as estimated), or why it is of no use (a page of
/// HTML with status 200).
pub type Judge<'a> = &'a (dyn Fn(&WebAnswer) -> Result<Spend, String> + Send + Sync);

/// A judge that takes everything as it was estimated.
pub fn take(_: &WebAnswer) -> Result<Spend, String> {
    Ok(Spend::default())
}

/// An answer that passed its judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer.
    pub answer: WebAnswer,
    /// When it came from the provider.
    pub fetched_at: Timestamp,
    /// True when it comes from the cache.
    pub cached: bool,
    /// True when it is past its freshness, and was served because the provider failed.
    pub stale: bool,
    /// Digest of the body.
    pub digest: Digest,
}

/// Why a call was not made, or gave nothing of use.
#[derive(Debug, Error)]
pub enum CallError {
    /// The quota is spent; the call was not made.
    #[error(
        "{provider} has no {what} left until {until}\n  hint: it is asked again then; if your plan has more, say so in providers.toml of the state folder"
    )]
    Quota {
        /// Provider.
        provider: String,
        /// Which allowance.
        what: String,
        /// When there is some again.
        until: Timestamp,
    },
    /// The provider failed too often lately; the call was not made.
    #[error(
        "{provider} is left alone until {until}, it failed {failures} times in a row\n  hint: it is tried again then; `proofreel doctor --online` says what answers"
    )]
    Open {
        /// Provider.
        provider: String,
        /// When it is tried again.
        until: Timestamp,
        /// Failures in a row.
        failures: u32,
    },
    /// The provider is unknown, switched off, or its key is missing.
    #[error("{provider} cannot be asked: {why}")]
    Unusable {
        /// Provider.
        provider: String,
        /// Why, and what to do.
        why: String,
    },
    /// The provider refused or failed, after as many tries as the policy allows.
    #[error("{provider} answered {status}: {why}")]
    Status {
        /// Provider.
        provider: String,
        /// HTTP status.
        status: u16,
        /// What it said, shortened; data of a stranger.
        why: String,
    },
    /// The answer was of no use.
    #[error("{provider} answered what cannot be used: {why}")]
    Useless {
        /// Provider.
        provider: String,
        /// What the judge found.
        why: String,
    },
    /// The network.
    #[error("{provider}: {source}")]
    Web {
        /// Provider.
        provider: String,
        /// What failed.
        source: WebError,
    },
    /// Counters or cache could not be read or written.
    #[error(transparent)]
    Port(#[from] crate::PortError),
}

/// The one way out: cache, quota, call, retry (`shared/governor`).
#[async_trait]
pub trait Outside: Send + Sync {
    /// The answer to a call, from the cache or from the provider. `judge` decides before anything is cached.
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError>;

    /// A kept answer to a call, fresh and good enough for the judge; none when a call would have to go out.
    async fn kept(&self, _call: &Call, _judge: Judge<'_>) -> Result<Option<Answer>, CallError> {
        Ok(None)
    }

    /// Takes note that nobody could answer and that the embedded fallback did, with why. See [`crate::Route`].
    async fn fell_back(&self, _kind: CallKind, _channel: &ChannelId, _run: Option<&RunId>, _why: &str) {}

    /// Where a provider is asked by the law that holds here, without a `/` at its end; none when the law names no address. Clients
    /// of one fixed service have its usual address and let this one go first, so that an operator can lead them elsewhere.
    fn address(&self, _provider: &str) -> Option<String> {
        None
    }

    /// What is left of the allowances of a day or a month that were drawn on this month, the emptiest first. Who keeps no accounts
    /// knows of none.
    async fn left(&self) -> Result<Vec<AllowanceLeft>, crate::PortError> {
        Ok(Vec::new())
    }

    /// What calls for `run` came to in this process since this was last asked; for the run log.
    fn take_counts(&self, _run: &RunId) -> CallCounts {
        CallCounts::default()
    }
}
