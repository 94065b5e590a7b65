//! What is looked at before any page: where the request came to, and where it came from. And what every answer says.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answer::Fault;
use crate::{Console, Shared};

/// Which names the console answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// `127.0.0.1`, `[::1]` and `localhost`, with any port: a page elsewhere whose name was bent to this machine is refused.
    Loopback,
    /// These, as a browser writes them: with the port where it is not the usual one.
    Named(Vec<String>),
    /// Any: whoever routes requests here has looked at the name already, as the front of a Function URL does.
    Any,
}

impl Hosts {
    fn take(&self, host: &str) -> bool {
        match self {
            Self::Any => !host.is_empty(),
            Self::Named(names) => names.iter().any(|name| name.eq_ignore_ascii_case(host)),
            Self::Loopback => {
                let (name, port) = match host.rsplit_once(':') {
                    Some((name, port)) if !port.ends_with(']') => (name, port),
                    _ => (host, ""),
                };
                ["127.0.0.1", "[::1]", "localhost"].iter().any(|known| known.eq_ignore_ascii_case(name))
                    && port.bytes().all(|byte| byte.is_ascii_digit())
            }
        }
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// One value of a header, or none; a header that comes twice or is not ASCII counts as one that says nothing good.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { Some("") } else { Some(first.to_str().unwrap_or("")) }
}

/// The name that the request was sent to.
fn host(request: &Request) -> Option<&str> {
    // HTTP/2 has no Host header; its authority stands in the address.
    one(request.headers(), &header::HOST).or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str))
}

/// True when a request that changes something was made by a page of ours, or by no page at all. Browsers say where a request
/// comes from; what says nothing is no browser, and still needs the session's cookie and token.
fn is_own(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = one(headers, &FETCH_SITE) {
        return site == "same-origin";
    }
    match one(headers, &header::ORIGIN) {
        None => true,
        Some(origin) => origin.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(host)),
    }
}

/// The address that a browser was led to from another site, when it should ask for it again by itself.
pub(crate) fn asked_from_elsewhere(parts: &Parts) -> Option<String> {
    let elsewhere = matches!(one(&parts.headers, &FETCH_SITE), Some("cross-site" | "same-site"));
    let page = one(&parts.headers, &FETCH_MODE) == Some("navigate") && parts.method == Method::GET;
    (elsewhere && page).then(|| parts.uri.path().to_owned()).filter(|path| crate::form::own_path(path).is_some())
}

/// Lets a request pass to its page, and says on every answer what a browser may do with it.
pub(crate) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let mut answer =
        if let Err(fault) = judged(&shared, &request) { fault.into_response() } else { next.run(request).await };
    mark(answer.headers_mut(), &shared);
    answer
}

fn judged(console: &Console, request: &Request) -> Result<(), Fault> {
    let host = host(request).filter(|host| console.hosts.take(host));
    let host = host.ok_or(Fault::Foreign("The console does not answer to this name."))?;
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // A signed message comes from a program and carries its own proof.
    let signed = request.uri().path().starts_with("/decide/");
    if !reads && !signed && !is_own(request.headers(), host) {
        return Err(Fault::Foreign("The request was made by another site."));
    }
    Ok(())
}

/// A page takes styles, scripts, pictures and films from here and nothing from anywhere else, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn mark(headers: &mut HeaderMap, console: &Console) {
    let mut always = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    always(header::CONTENT_SECURITY_POLICY, POLICY);
    always(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    always(header::REFERRER_POLICY, "no-referrer");
    always(header::X_FRAME_OPTIONS, "DENY");
    always(header::CACHE_CONTROL, "no-store");
    always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    always(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    always(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    if console.is_secure() {
        always(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_name_is_not_ours() {
        for (host, ours) in [
            ("127.0.0.1:8787", true),
            ("localhost", true),
            ("LocalHost:1", true),
            ("[::1]:8787", true),
            ("[::1]", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost:80@evil.example", false),
            ("127.0.0.1:80a", false),
            ("", false),
        ] {
            assert_eq!(Hosts::Loopback.take(host), ours, "{host}");
        }
        let named = Hosts::Named(vec!["console.example.org".into()]);
        assert!(named.take("Console.example.org") && !named.take("console.example.org:8787"));
    }

    #[test]
    fn a_form_of_another_site_is_told_by_what_the_browser_says() {
        let headers = |pairs: &[(&str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in pairs {
                map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
            }
            map
        };
        let host = "127.0.0.1:8787";
        for (pairs, own) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8787")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "http://127.0.0.1:8787")], true),
            (&[("origin", "http://127.0.0.1:9999")], false),
            (&[("origin", "null")], false),
            (&[("origin", "http://127.0.0.1:8787"), ("origin", "http://evil.example")], false),
        ] {
            assert_eq!(is_own(&headers(pairs), host), own, "{pairs:?}");
        }
    }
}
