//! When two requests are the same: their normal form and its digest. No secret is part of it.

use proofreel_model::digest::Digest;
use proofreel_ports::{Call, Method};
use url::Url;

/// Headers that do not change what is asked for.
const OF_NO_MATTER: [&str; 7] =
    ["user-agent", "accept-encoding", "connection", "date", "x-request-id", "traceparent", "idempotency-key"];
/// Headers that carry a key if a client puts one among the visible ones: they stay out, whatever they say.
const SECRET: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "ocp-apim-subscription-key",
];

/// The digest under which the answer to a call is kept: provider, model, method, address with sorted query, headers that matter,
/// and the body (JSON in its canonical form).
pub fn digest(call: &Call) -> Digest {
    let request = &call.request;
    let mut text = String::from("call 1\n");
    let mut line = |name: &str, value: &str| {
        // The length keeps one part from passing for two.
        text.push_str(&format!("{name} {} {value}\n", value.len()));
    };
    line("provider", &call.provider);
    line("model", call.model.as_deref().unwrap_or_default());
    line("method", method(request.method));
    line("url", &address(&request.url));
    let mut headers: Vec<(String, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .filter(|(name, _)| !OF_NO_MATTER.contains(&name.as_str()) && !SECRET.contains(&name.as_str()))
        .collect();
    headers.sort();
    for (name, value) in headers {
        line("header", &format!("{name}: {value}"));
    }
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(b"body ");
    bytes.extend_from_slice(&body(&request.body));
    Digest::of(&bytes)
}

/// The method's word.
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

/// Host in small letters, no usual port, no fragment, parameters in order of their names.
fn address(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return text.to_owned() };
    url.set_fragment(None);
    if let Some(query) = url.query() {
        let mut parts: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
        // Stable: of one name's values the order may matter.
        parts.sort_by_key(|part| part.split('=').next());
        let sorted = parts.join("&");
        url.set_query((!sorted.is_empty()).then_some(sorted.as_str()));
    }
    url.into()
}

fn body(bytes: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(mut value) if value.is_object() || value.is_array() => {
            value.sort_all_objects();
            value.to_string().into_bytes()
        }
        _ => bytes.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_ports::{CallKind, Secret, WebRequest};

    fn call(url: &str) -> Call {
        Call::new("fred", CallKind::Data, WebRequest::get(url), "demo".into())
    }

    #[test]
    fn what_asks_the_same_has_one_digest() {
        let plain = digest(&call("https://api.example.org/data?a=1&b=2"));
        assert_eq!(digest(&call("HTTPS://API.example.org:443/data?b=2&a=1#part")), plain);
        let mut other = call("https://api.example.org/data?a=1&b=2");
        other.request.headers =
            vec![("User-Agent".into(), "Proofreel/9".into()), ("X-Api-Key".into(), "visible".into())];
        other.request.secret_headers = vec![("authorization".into(), Secret::new("k1"))];
        other.request.secret_query = vec![("api_key".into(), Secret::new("k2"))];
        other.request.secret_form = vec![("refresh_token".into(), Secret::new("k3"))];
        other.channel = "another".into();
        other.run = Some("r".into());
        other.spend.tokens = 9;
        assert_eq!(digest(&other), plain, "neither key, channel, run nor estimate are part of a question");

        let json = |text: &str| {
            let mut call = call("https://api.example.org/chat");
            call.request.method = Method::Post;
            call.request.body = text.as_bytes().to_vec();
            digest(&call)
        };
        assert_eq!(json(r#"{"model": "m", "n": 1}"#), json(r#"{"n":1,"model":"m"}"#));
        assert_ne!(json(r#"{"n": 1}"#), json(r#"{"n": 2}"#));
        assert_ne!(json("[1,2]"), json("[2,1]"));
    }

    #[test]
    fn what_asks_something_else_has_another() {
        let plain = digest(&call("https://api.example.org/data?a=1"));
        let changed: [fn(&mut Call); 6] = [
            |call| call.provider = "bls".into(),
            |call| call.model = Some("m".into()),
            |call| call.request.method = Method::Post,
            |call| call.request.url = "https://api.example.org/data?a=1&a=1".into(),
            |call| call.request.headers = vec![("accept".into(), "text/csv".into())],
            |call| call.request.body = b"x".to_vec(),
        ];
        for (number, change) in changed.into_iter().enumerate() {
            let mut call = call("https://api.example.org/data?a=1");
            change(&mut call);
            assert_ne!(digest(&call), plain, "{number}");
        }
        assert_ne!(digest(&call("https://e.org/?q=2&q=1")), digest(&call("https://e.org/?q=1&q=2")));
    }
}
