//! How all connectors ask: one governed call, its answer read strictly, its errors in words that help.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_ports::{
    Call, CallError, CallKind, Outside, ProviderInfo, Reach, Secret, Secrets, SourceError, Spend, WebAnswer, WebRequest,
};
use serde_json::Value;
use url::Url;

/// What a connector works with.
#[derive(Clone)]
pub struct Desk {
    /// The one way out.
    pub outside: Arc<dyn Outside>,
    /// Keys.
    pub secrets: Arc<dyn Secrets>,
    /// Channel for which is asked.
    pub channel: ChannelId,
    /// Day on which is asked; only release calendars look at it.
    pub today: Date,
}

/// Where a key goes in a request.
#[derive(Clone, Copy)]
pub(crate) enum KeyPlace {
    /// A query parameter of this name.
    Query(&'static str),
}

/// A judge of the parsed answer: what is wrong with it, though its status is good.
pub(crate) type Check<'a> = &'a (dyn Fn(&Value) -> Result<(), String> + Send + Sync);

/// A judge that finds nothing wrong.
#[allow(clippy::unnecessary_wraps)] // it is a Check
pub(crate) fn good(_: &Value) -> Result<(), String> {
    Ok(())
}

/// An answer read.
pub(crate) struct Read<T> {
    pub body: T,
    pub fetched_at: Timestamp,
}

impl Desk {
    /// Asks for JSON. `check` sees it before it is cached.
    pub(crate) async fn json(
        &self,
        info: &'static ProviderInfo,
        kind: CallKind,
        url: Url,
        key: Option<KeyPlace>,
        check: Check<'_>,
    ) -> Result<Read<Value>, SourceError> {
        let judge = |answer: &WebAnswer| {
            check(&parse(&answer.body)?)?;
            Ok(Spend::default())
        };
        let (answer, fetched_at) = self.ask(info, kind, url, key, &["application/json"], &judge).await?;
        let body = parse(&answer.body).map_err(|what| drift(info, what))?;
        Ok(Read { body, fetched_at })
    }

    /// Asks for a text: CSV or a listing. A page of HTML is none.
    pub(crate) async fn text(
        &self,
        info: &'static ProviderInfo,
        kind: CallKind,
        url: Url,
        accept: &[&str],
    ) -> Result<Read<String>, SourceError> {
        let judge = |answer: &WebAnswer| readable(&answer.body).map(|_| Spend::default());
        let (answer, fetched_at) = self.ask(info, kind, url, None, accept, &judge).await?;
        let body = readable(&answer.body).map_err(|what| drift(info, what))?.to_owned();
        Ok(Read { body, fetched_at })
    }

    /// Asks for a file, whatever its encoding; a page of HTML is none.
    pub(crate) async fn bytes(
        &self,
        info: &'static ProviderInfo,
        url: Url,
    ) -> Result<(Vec<u8>, Timestamp), SourceError> {
        let judge = |answer: &WebAnswer| is_data(&answer.body).map(|()| Spend::default());
        let (answer, at) =
            self.ask(info, CallKind::Data, url, None, &["text/csv", "application/json", "*/*;q=0.1"], &judge).await?;
        Ok((answer.body, at))
    }

    /// Asks for a page or a feed of a stranger, whatever its encoding. Here HTML is what is wanted.
    pub(crate) async fn feed(
        &self,
        info: &'static ProviderInfo,
        kind: CallKind,
        url: Url,
    ) -> Result<Vec<u8>, SourceError> {
        let judge = |answer: &WebAnswer| {
            if answer.body.is_empty() { Err("an empty answer".into()) } else { Ok(Spend::default()) }
        };
        Ok(self.ask(info, kind, url, None, &["*/*"], &judge).await?.0.body)
    }

    async fn ask(
        &self,
        info: &'static ProviderInfo,
        kind: CallKind,
        url: Url,
        key: Option<KeyPlace>,
        accept: &[&str],
        judge: &(dyn Fn(&WebAnswer) -> Result<Spend, String> + Send + Sync),
    ) -> Result<(WebAnswer, Timestamp), SourceError> {
        let secret = match key {
            Some(_) => self.key(info).await?,
            None => None,
        };
        // What an operator wrote as an address is counted by its host, all others by their provider.
        let (provider, model) = match (info.name, url.host_str()) {
            ("url", Some(host)) => ("web", Some(host.to_owned())),
            (name, _) => (name, None),
        };
        let mut request = WebRequest::get(url);
        request.headers.push(("accept".into(), accept.join(", ")));
        if let (Some(KeyPlace::Query(name)), Some(secret)) = (key, &secret) {
            request.secret_query.push((name.into(), secret.clone()));
            // A key goes to the host that the contract names and is not carried on by a redirect.
            request.reach = Reach::Configured;
        }
        let mut call =
            Call::new(provider, kind, request, self.channel.clone()).spend(Spend { units: 1, ..Spend::default() });
        call.model = model;
        match self.outside.call(&call, judge).await {
            Ok(answer) if answer.answer.status == 200 => Ok((answer.answer, answer.fetched_at)),
            Ok(answer) => {
                Err(SourceError::Call(format!("{provider} answered {} in place of data", answer.answer.status)))
            }
            Err(error) => Err(explained(info, &error, secret.as_ref())),
        }
    }

    /// The provider's key; an error where it needs one and there is none.
    async fn key(&self, info: &'static ProviderInfo) -> Result<Option<Secret>, SourceError> {
        let Some(need) = info.secret else { return Ok(None) };
        let found = self.secrets.get(need.secret).await?;
        if found.is_none() && need.required {
            return Err(key_error(info, "it needs a key, and there is none".into()));
        }
        Ok(found)
    }
}

fn key_error(info: &ProviderInfo, why: String) -> SourceError {
    let (secret, url) = info.secret.map_or(("", info.home), |need| (need.secret, need.url));
    SourceError::Key { provider: info.name.into(), why, secret: secret.into(), url: url.into() }
}

/// A failed call: a refused key and an unknown series are said as such.
pub(crate) fn explained(info: &ProviderInfo, error: &CallError, secret: Option<&Secret>) -> SourceError {
    let mut text = error.to_string();
    if let Some(secret) = secret.map(Secret::reveal).filter(|secret| !secret.is_empty()) {
        // Some providers repeat the key in their complaint about it.
        text = text.replace(secret, "…");
    }
    let said = match error {
        CallError::Status { status, why, .. } => Some((*status, why.as_str())),
        CallError::Useless { why, .. } => Some((200, why.as_str())),
        // The governor's word for a key that is missing or was refused.
        CallError::Unusable { why, .. } if why.contains(" key ") || why.starts_with("the key") => {
            Some((401, why.as_str()))
        }
        _ => None,
    };
    if let (Some((status, why)), Some(_)) = (said, info.secret) {
        let lower = why.to_lowercase();
        let of_keys = ["api_key", "api key", "userid", "registration key", "the key:", "api_key_"];
        if matches!(status, 401 | 403) || of_keys.iter().any(|word| lower.contains(word)) {
            let what = text.lines().next().unwrap_or_default();
            return key_error(info, format!("its key is of no use ({what})"));
        }
    }
    SourceError::Call(text)
}

/// The answer is not of the published shape.
pub(crate) fn drift(info: &ProviderInfo, what: impl Into<String>) -> SourceError {
    SourceError::Drift { provider: info.name.into(), what: what.into(), contract: info.contract.into() }
}

/// Not an id of this provider, or it knows no such series.
pub(crate) fn unknown(info: &ProviderInfo, id: &str, why: impl Into<String>) -> SourceError {
    SourceError::Unknown {
        provider: info.name.into(),
        id: id.into(),
        why: why.into(),
        hint: format!("write it as {}, for example `{}`", info.id_form, info.example),
    }
}

/// Bytes as JSON. JSON between systems is UTF-8 (RFC 8259).
pub(crate) fn parse(body: &[u8]) -> Result<Value, String> {
    let text = readable(body)?;
    serde_json::from_str(text).map_err(|error| format!("no JSON ({error})"))
}

/// Bytes as UTF-8 text that is no HTML page.
fn readable(body: &[u8]) -> Result<&str, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    is_data(body)?;
    std::str::from_utf8(body).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))
}

/// An answer that is neither empty nor a page of HTML.
fn is_data(body: &[u8]) -> Result<(), String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let start = body[..body.len().min(14)].to_ascii_lowercase();
    if [&b"<!doctype html"[..], b"<html", b"<head"].iter().any(|sign| start.starts_with(sign)) {
        return Err("a page of HTML in place of data".into());
    }
    if body.is_empty() { Err("an empty answer".into()) } else { Ok(()) }
}

/// A member by JSON pointer, or the drift that names it.
pub(crate) fn at<'a>(info: &ProviderInfo, json: &'a Value, pointer: &str) -> Result<&'a Value, SourceError> {
    json.pointer(pointer).ok_or_else(|| drift(info, format!("`{}` is missing", named(pointer))))
}

/// A list.
pub(crate) fn list<'a>(info: &ProviderInfo, json: &'a Value, pointer: &str) -> Result<&'a [Value], SourceError> {
    at(info, json, pointer)?
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| drift(info, format!("`{}` is no list", named(pointer))))
}

/// A text; a number counts as its text.
pub(crate) fn text(info: &ProviderInfo, json: &Value, pointer: &str) -> Result<String, SourceError> {
    match at(info, json, pointer)? {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(drift(info, format!("`{}` is no text", named(pointer)))),
    }
}

/// A count, written as a number or as a text.
pub(crate) fn count(info: &ProviderInfo, json: &Value, pointer: &str) -> Result<usize, SourceError> {
    let value = at(info, json, pointer)?;
    let found = value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    found
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| drift(info, format!("`{}` is no count", named(pointer))))
}

/// A text that may be absent.
pub(crate) fn maybe(json: &Value, pointer: &str) -> String {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

fn named(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// An address from parts that connectors fix and parameters that they fill.
pub(crate) fn address(base: &str, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, SourceError> {
    let bad = |why: String| SourceError::Call(format!("{base}: {why}"));
    let mut url = Url::parse(base).map_err(|error| bad(error.to_string()))?;
    if !segments.is_empty() {
        let mut path = url.path_segments_mut().map_err(|()| bad("no path".into()))?;
        path.pop_if_empty();
        path.extend(segments);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_data_is_said_to_be_none() {
        assert!(parse(b"\xef\xbb\xbf{}").is_ok());
        for (body, said) in [
            (&b"<!DOCTYPE html><title>Down</title>"[..], "HTML"),
            (b"  \n<html lang=en>", "HTML"),
            (b"{\"a\": \"M\xfcnchen\"}", "UTF-8"),
            (b"", "empty"),
            (b"{\"a\": [1, 2", "JSON"),
        ] {
            assert!(parse(body).unwrap_err().contains(said), "{said}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_address() {
        let url = address("https://x.org/api", &["a/../b?c#d"], &[("q", "1&k=2")]).unwrap();
        assert_eq!(url.as_str(), "https://x.org/api/a%2F..%2Fb%3Fc%23d?q=1%26k%3D2");
    }
}
