//! One exchange.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use proofreel_model::policy::law;
use proofreel_ports::{Method, Reach, Web, WebAnswer, WebError, WebRequest};
use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use thiserror::Error;
use url::{Host, Url};

use crate::body::{self, BodyError};
use crate::redirect::Journey;
use crate::refusal::{Refusal, Rule};
use crate::resolve::{self, Door, Resolver, System};
use crate::robots::Robots;
use crate::scrub::Scrub;
use crate::{media_type, target, tls};

/// Headers that the client sets itself.
const OWN: [&str; 10] = [
    "host",
    "user-agent",
    "accept-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
];

/// Headers that another origin may see.
const HARMLESS: [&str; 2] = ["accept", "accept-language"];

/// How we introduce ourselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Where an operator of a site can complain: a mail address or a page.
    pub contact: Option<String>,
}

impl Identity {
    /// The contact that the operator gave in `PROOFREEL_CONTACT`.
    pub fn from_environment() -> Self {
        Self { contact: std::env::var("PROOFREEL_CONTACT").ok().filter(|contact| !contact.trim().is_empty()) }
    }

    /// `User-Agent`, for example `proofreel/0.2.0 (+mailto:ops@example.org)`.
    pub fn user_agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        self.contact.as_deref().map_or_else(
            || format!("proofreel/{version}"),
            |contact| format!("proofreel/{version} (+{})", contact.trim()),
        )
    }
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The contact cannot be sent.
    #[error("the contact {0:?} cannot stand in a header: give a mail address or a page, in plain letters")]
    Contact(String),
    /// TLS cannot be had.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused.
    #[error("the web client cannot be built: {0}")]
    Library(#[from] reqwest::Error),
}

/// The one HTTP client.
#[allow(clippy::disallowed_types)] // the one place that owns the library's
pub struct Client {
    public: reqwest::Client,
    configured: reqwest::Client,
    resolver: Arc<dyn Resolver>,
    robots: Robots,
    trusts_somebody: bool,
}

impl Client {
    /// A client that asks the system for addresses.
    pub fn new(identity: &Identity) -> Result<Self, ClientError> {
        Self::with_resolver(identity, Arc::new(System))
    }

    /// A client that asks `resolver` for addresses.
    pub fn with_resolver(identity: &Identity, resolver: Arc<dyn Resolver>) -> Result<Self, ClientError> {
        Self::trusting(identity, resolver, tls::roots())
    }

    /// A client that trusts these certificates and no others.
    #[allow(clippy::disallowed_types)] // the one place that makes the library's
    pub(crate) fn trusting(
        identity: &Identity,
        resolver: Arc<dyn Resolver>,
        roots: &rustls::RootCertStore,
    ) -> Result<Self, ClientError> {
        let agent = HeaderValue::from_str(&identity.user_agent())
            .map_err(|_| ClientError::Contact(identity.contact.clone().unwrap_or_default()))?;
        let tls = tls::config(roots)?;
        let build = |public: bool| {
            reqwest::Client::builder()
                .user_agent(agent.clone())
                .tls_backend_preconfigured(tls.clone())
                .no_proxy()
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .http1_only()
                .http1_max_headers(law().web.most_headers)
                .connect_timeout(Duration::from_secs(law().web.connect_seconds))
                .dns_resolver(Door { resolver: Arc::clone(&resolver), public })
                .build()
        };
        Ok(Self {
            public: build(true)?,
            configured: build(false)?,
            resolver,
            robots: Robots::default(),
            trusts_somebody: !roots.is_empty(),
        })
    }

    /// Judges an address as [`Reach::Public`] would, name included, and connects to nobody. Gives what it would connect to.
    pub async fn check(&self, address: &str) -> Result<Vec<std::net::IpAddr>, Refusal> {
        let url = target::read(address, Reach::Public)?;
        match url.host() {
            Some(Host::Domain(name)) => resolve::public(self.resolver.as_ref(), name).await,
            Some(Host::Ipv4(address)) => Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => Ok(vec![address.into()]),
            None => Err(Refusal::new(Rule::Form, "it has no host")),
        }
    }

    async fn timed(&self, request: &WebRequest, page: bool) -> Result<WebAnswer, WebError> {
        let scrub = Scrub::of(request);
        let shown = scrub.text(&target::shown(&request.url));
        let seconds = request.limits.seconds;
        let exchange = self.exchange(request, page, &scrub, &shown);
        let outcome = tokio::time::timeout(Duration::from_secs(seconds), exchange).await;
        outcome.unwrap_or(Err(WebError::Late { url: shown, seconds }))
    }

    async fn exchange(
        &self,
        request: &WebRequest,
        page: bool,
        scrub: &Scrub,
        shown: &str,
    ) -> Result<WebAnswer, WebError> {
        let refused = |url: &str, refusal: Refusal| WebError::Refused {
            url: scrub.text(&target::shown(url)),
            why: scrub.text(&refusal.to_string()),
        };
        if scrub.finds(&request.url) {
            let why = Refusal::new(Rule::Secret, "the address holds a secret; give it as a secret parameter");
            return Err(refused(shown, why));
        }
        let first = target::read(&request.url, request.reach).map_err(|why| refused(shown, why))?;
        if !request.secret_form.is_empty() && !is_form(request) {
            return Err(refused(shown, Refusal::new(Rule::Secret, "secret fields go with a form's content-type only")));
        }
        let mut journey = Journey::new(request, first);
        loop {
            let here = journey.url.clone();
            if page {
                self.robots.permit(self, &here).await.map_err(|why| refused(here.as_str(), why))?;
            }
            let headers = headers(request, journey.at_home).map_err(|why| refused(here.as_str(), why))?;
            let response = self.once(request, &journey, headers, scrub).await?;
            let location = response.headers().get("location").map(|value| String::from_utf8_lossy(value.as_bytes()));
            match location {
                Some(location) if request.reach == Reach::Public && is_redirect(response.status().as_u16()) => {
                    journey.on(&location, scrub).map_err(|mut why| {
                        why.reason = format!("{} (redirected to {})", why.reason, target::shown(&location));
                        refused(here.as_str(), why)
                    })?;
                }
                _ => return self.answer(request, response, &here, scrub).await,
            }
        }
    }

    async fn once(
        &self,
        request: &WebRequest,
        journey: &Journey<'_>,
        headers: HeaderMap,
        scrub: &Scrub,
    ) -> Result<Response, WebError> {
        let here = &journey.url;
        let client = if request.reach == Reach::Public { &self.public } else { &self.configured };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        tracing::debug!(%method, host = here.host_str(), "web request");
        let mut builder = client.request(method, journey.to_send()).headers(headers);
        let body = sent_body(request, journey.at_home);
        if !body.is_empty() {
            builder = builder.body(body);
        } else if matches!(request.method, Method::Post | Method::Put) {
            // The library names no length of a body that is empty, and servers ask for one (411).
            builder = builder.header(reqwest::header::CONTENT_LENGTH, HeaderValue::from(0_u64));
        }
        builder.send().await.map_err(|error| self.failed(here.as_str(), error, scrub))
    }

    async fn answer(
        &self,
        request: &WebRequest,
        response: Response,
        here: &Url,
        scrub: &Scrub,
    ) -> Result<WebAnswer, WebError> {
        let status = response.status().as_u16();
        let good = response.status().is_success();
        let url = scrub.text(here.as_str());
        let wrong = |(found, wanted): media_type::Mismatch| WebError::WrongType {
            url: target::shown(&url),
            found: scrub.text(&found),
            wanted,
        };
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            // The body is unpacked, and nobody here keeps cookies.
            .filter(|(name, _)| !["content-encoding", "content-length", "set-cookie"].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str().to_owned(), scrub.text(&String::from_utf8_lossy(value.as_bytes()))))
            .collect();
        let body = if good {
            let declared = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
            media_type::declared(declared, &request.limits.types).map_err(wrong)?;
            let bytes = request.limits.bytes;
            body::whole(response, bytes).await.map_err(|error| match error {
                BodyError::TooLarge => WebError::TooLarge { url: target::shown(&url), bytes },
                BodyError::Packed(why) => WebError::Failed { url: target::shown(&url), why: scrub.text(&why) },
                BodyError::Broken(error) => self.failed(here.as_str(), error, scrub),
            })?
        } else {
            body::beginning(response, law().web.error_bytes.min(request.limits.bytes)).await
        };
        if good {
            media_type::seen(&body, &request.limits.types).map_err(wrong)?;
        }
        tracing::debug!(host = here.host_str(), status, bytes = body.len(), "web answer");
        Ok(WebAnswer { status, headers, body: scrub.bytes(body), url })
    }

    /// What the library says, without the address it said it of: that one carries the secrets.
    fn failed(&self, url: &str, error: reqwest::Error, scrub: &Scrub) -> WebError {
        let error = error.without_url();
        let url = scrub.text(&target::shown(url));
        let mut texts = Vec::new();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(this) = cause {
            if let Some(refusal) = this.downcast_ref::<Refusal>() {
                return WebError::Refused { url, why: scrub.text(&refusal.to_string()) };
            }
            texts.push(this.to_string());
            cause = this.source();
        }
        texts.dedup();
        let mut why = texts.join(": ");
        if !self.trusts_somebody && why.contains("certificate") {
            why.push_str("; this machine trusts no certificates, install ca-certificates");
        }
        WebError::Failed { url, why: scrub.text(&why) }
    }
}

#[async_trait]
impl Web for Client {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        self.timed(request, false).await
    }

    async fn send_page(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        self.timed(request, true).await
    }
}

fn is_form(request: &WebRequest) -> bool {
    let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    kind.is_some_and(|(_, kind)| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The body of one hop: the form's secret fields go home only.
fn sent_body(request: &WebRequest, at_home: bool) -> Vec<u8> {
    let mut body = request.body.clone();
    if at_home && !request.secret_form.is_empty() {
        let pairs = request.secret_form.iter().map(|(name, secret)| (name.as_str(), secret.reveal()));
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        if !body.is_empty() {
            body.push(b'&');
        }
        body.extend_from_slice(form.as_bytes());
    }
    body
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The headers of one hop. Away from home only what anybody may see.
fn headers(request: &WebRequest, at_home: bool) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
    let illegal = |name: &str| Refusal::new(Rule::Header, format!("{name:?} is not a header with a legal value"));
    let mut add = |name: &str, value: &str, secret: bool| {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| illegal(name))?;
        if OWN.contains(&key.as_str()) || key.as_str().starts_with("proxy-") {
            return Err(Refusal::new(Rule::Header, format!("{key} is set by the client itself")));
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| illegal(name))?;
        value.set_sensitive(secret);
        headers.append(key, value);
        Ok(())
    };
    for (name, value) in &request.headers {
        if at_home || HARMLESS.contains(&name.to_ascii_lowercase().as_str()) {
            add(name, value, false)?;
        }
    }
    for (name, secret) in request.secret_headers.iter().filter(|_| at_home) {
        add(name, secret.reveal(), true)?;
    }
    Ok(headers)
}
