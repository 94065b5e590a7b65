//! What an answer says about waiting: headers, and bodies that carry a delay. All of it is a stranger's word, and bounded.

mod spans;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use proofreel_ports::WebAnswer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use spans::{delay_in_text, span_ms};

/// The most of a body that is read for a delay.
const READ_BYTES: usize = 64 << 10;
const MINUTE_MS: i64 = 60_000;
/// How deep a body's objects are followed.
const DEPTH: u32 = 8;

/// What a provider says is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// How much.
    pub left: u64,
    /// Until then, milliseconds since 1970.
    pub until_ms: i64,
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A good status.
    Fine,
    /// Too many requests just now.
    Throttled,
    /// A day's or month's allowance, or credit, is used up.
    Spent {
        /// True when it is the month's.
        month: bool,
    },
    /// The key was refused.
    Key,
    /// The provider failed; it may pass.
    Failed,
    /// The request was at fault, or the thing is not there.
    Fault,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What kind it is.
    pub verdict: Verdict,
    /// Not before then, milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// Why, in few words.
    pub why: String,
    /// Requests left.
    pub requests: Option<Allowance>,
    /// Tokens left.
    pub tokens: Option<Allowance>,
}

impl Heard {
    /// Nothing was said.
    pub fn nothing(verdict: Verdict) -> Self {
        Self { verdict, until_ms: None, why: String::new(), requests: None, tokens: None }
    }
}

/// Reads an answer. `keyed` says that the request carried a key, so that a refusal is the key's.
pub fn hear(answer: &WebAnswer, keyed: bool, now: Timestamp) -> Heard {
    let good = (200..300).contains(&answer.status) || answer.status == 304;
    // A good answer's body is not looked into for delays: it may speak of anything. Nor does its Retry-After mean this
    // request; one provider sends it with every answer.
    let body = if good { Value::Null } else { json(&answer.body) };
    let text = if good { String::new() } else { said(answer, &body) };
    let verdict = if good { Verdict::Fine } else { verdict(answer.status, &text, keyed) };
    let mut heard = Heard {
        requests: left(
            answer,
            &[
                "x-ratelimit-remaining-requests",
                "anthropic-ratelimit-requests-remaining",
                "x-ratelimit-remaining",
                "ratelimit-remaining",
                "x-ratelimit-remaining-requests-day",
                "x-ratelimit-remaining-req-minute",
            ],
            now,
        ),
        tokens: left(
            answer,
            &[
                "x-ratelimit-remaining-tokens",
                "anthropic-ratelimit-tokens-remaining",
                "x-ratelimit-remaining-tokens-minute",
            ],
            now,
        ),
        ..Heard::nothing(verdict)
    };
    if matches!(verdict, Verdict::Throttled | Verdict::Spent { .. } | Verdict::Failed) {
        let told = answer.header("retry-after").and_then(|value| retry_after(value, answer.header("date"), now));
        let told = told.or_else(|| delay_in(&body, DEPTH)).or_else(|| delay_in_text(&text));
        heard.until_ms = told.map(|wait_ms| now.as_millisecond().saturating_add(wait_ms));
        heard.why = match heard.until_ms {
            Some(_) => "patience (it said how long)".into(),
            None => "patience (it refused the last request)".into(),
        };
        if verdict == Verdict::Throttled && heard.until_ms.is_none() {
            let empty = [heard.requests, heard.tokens].into_iter().flatten().filter(|allowance| allowance.left == 0);
            heard.until_ms = empty.map(|allowance| allowance.until_ms).max();
        }
    }
    heard
}

fn json(body: &[u8]) -> Value {
    if body.len() > READ_BYTES { Value::Null } else { serde_json::from_slice(body).unwrap_or_default() }
}

/// The words of an answer that are read for reasons: the error's members, or the whole short text.
fn said(answer: &WebAnswer, body: &Value) -> String {
    let text = match body {
        Value::Null => String::from_utf8_lossy(&answer.body[..answer.body.len().min(4_096)]).into_owned(),
        body => body.to_string(),
    };
    text.chars().take(8_192).collect()
}

fn verdict(status: u16, text: &str, keyed: bool) -> Verdict {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let month = has(&["PerMonth", "per month", "monthly", "Monthly"]);
    let day = has(&["PerDay", "per day", "per-day", "perDay", "daily", "(RPD)", "(TPD)", "dailyLimitExceeded"]);
    let quota = has(&["quotaExceeded", "dailyLimitExceeded", "uploadLimitExceeded"]);
    match status {
        429 if has(&["insufficient_quota"]) => Verdict::Spent { month: true },
        429 if day || month => Verdict::Spent { month },
        429 => Verdict::Throttled,
        402 => Verdict::Spent { month },
        400 | 403 if quota => Verdict::Spent { month: false },
        403 if has(&["rateLimitExceeded", "RateLimitExceeded"]) => Verdict::Throttled,
        401 => Verdict::Key,
        403 if keyed => Verdict::Key,
        400 if has(&["API_KEY_INVALID", "API key not valid", "api_key is not"]) => Verdict::Key,
        408 | 425 | 500..=599 => Verdict::Failed,
        _ => Verdict::Fault,
    }
}

/// `Retry-After`: seconds, or a date. A date is read against the answer's own clock, so that ours may be wrong. Milliseconds.
fn retry_after(value: &str, date: Option<&str>, now: Timestamp) -> Option<i64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then_some((seconds * 1_000.0) as i64);
    }
    let parse = |text: &str| DateTimeParser::new().parse_timestamp(text.trim()).ok();
    let (until, here) = (parse(value)?, date.and_then(parse).unwrap_or(now));
    Some((until.as_millisecond() - here.as_millisecond()).max(0))
}

/// A member that says how long to wait, wherever it lies: Google's `retryDelay` ("38s" or seconds and nanos), `retry_after`.
fn delay_in(value: &Value, depth: u32) -> Option<i64> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(members) => {
            for name in ["retryDelay", "retry_delay", "retry_after", "retryAfter", "retry_after_seconds"] {
                let told = match members.get(name) {
                    Some(Value::String(text)) => {
                        text.parse::<f64>().ok().map(|s| (s * 1_000.0) as i64).or_else(|| span_ms(text))
                    }
                    Some(Value::Number(seconds)) => seconds.as_f64().map(|s| (s * 1_000.0) as i64),
                    Some(Value::Object(parts)) => parts.get("seconds").and_then(seconds),
                    _ => None,
                };
                if let Some(told) = told.filter(|told| *told >= 0) {
                    return Some(told);
                }
            }
            members.values().find_map(|member| delay_in(member, depth - 1))
        }
        Value::Array(items) => items.iter().find_map(|item| delay_in(item, depth - 1)),
        _ => None,
    }
}

fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(|seconds| seconds.saturating_mul(1_000))
}

/// What is left by the first header of `names` that is there, and whose reset is told too or which names a minute: that is over in a
/// minute.
fn left(answer: &WebAnswer, names: &[&str], now: Timestamp) -> Option<Allowance> {
    names.iter().find_map(|name| {
        let left: f64 = answer.header(name)?.trim().parse().ok()?;
        let until_ms = match answer.header(&name.replace("remaining", "reset")) {
            Some(reset) => reset_ms(reset.trim(), now)?,
            None if name.ends_with("-minute") => now.as_millisecond() + MINUTE_MS,
            None => return None,
        };
        (left >= 0.0).then_some(Allowance { left: left as u64, until_ms })
    })
}

/// A reset as providers write it: a span ("2m59.56s"), seconds from now, seconds or milliseconds since 1970, or a time.
fn reset_ms(text: &str, now: Timestamp) -> Option<i64> {
    /// Numbers from here are no span of seconds but a time: September 2001.
    const EPOCH_SECONDS: f64 = 1e9;
    const EPOCH_MILLISECONDS: f64 = 1e12;
    let now_ms = now.as_millisecond();
    if let Ok(number) = text.parse::<f64>() {
        let plain = number.is_finite() && number >= 0.0;
        return plain.then(|| match number {
            n if n >= EPOCH_MILLISECONDS => n as i64,
            n if n >= EPOCH_SECONDS => (n * 1_000.0) as i64,
            n => now_ms.saturating_add((n * 1_000.0) as i64),
        });
    }
    if let Some(span) = span_ms(text) {
        return Some(now_ms.saturating_add(span));
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests;
