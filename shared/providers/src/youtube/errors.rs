//! What an answer that is no success means: wait, ask again, or never.

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz};
use proofreel_ports::{Answer, CallError, HostError, WebAnswer, WebError};

use super::NAME;

/// Longest part of a stranger's words that is told on.
const MOST_WORDS: usize = 300;

/// The answer of a call, or why there is none.
pub(super) fn answer_of(called: Result<Answer, CallError>) -> Result<WebAnswer, HostError> {
    let transient = |why: String| HostError::Transient { host: NAME.into(), why };
    match called {
        Ok(answer) => Ok(answer.answer),
        Err(CallError::Status { status, why, .. }) => {
            Ok(WebAnswer { status, headers: Vec::new(), body: why.into_bytes(), url: String::new() })
        }
        Err(CallError::Quota { until, what, .. }) => Err(HostError::Wait { host: NAME.into(), until, why: what }),
        Err(CallError::Open { until, failures, .. }) => {
            Err(HostError::Wait { host: NAME.into(), until, why: format!("it failed {failures} times in a row") })
        }
        Err(CallError::Unusable { why, .. }) => Err(refused("the call", &why, "see what `proofreel doctor` says")),
        Err(CallError::Web { source: WebError::Refused { url, why }, .. }) => {
            Err(refused(&url, &why, "the address of YouTube is refused by the rules of the network"))
        }
        Err(error) => Err(transient(error.to_string())),
    }
}

fn refused(what: &str, why: &str, hint: &str) -> HostError {
    HostError::Refused { host: NAME.into(), what: what.into(), why: why.into(), hint: hint.into() }
}

/// The reason in an error's body.
pub(super) fn reason(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let first = value.pointer("/error/errors/0/reason").or_else(|| value.pointer("/error/status"));
    first.and_then(|reason| reason.as_str()).map(str::to_owned)
}

fn message(body: &[u8]) -> String {
    let value: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let said = value.as_ref().and_then(|value| value.pointer("/error/message")).and_then(|said| said.as_str());
    let text = said.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    text.chars().filter(|sign| !sign.is_control()).take(MOST_WORDS).collect()
}

/// The next midnight in California, where YouTube's day begins.
pub(super) fn pacific_midnight(now: Timestamp) -> Timestamp {
    // Without a table of time zones: standard time, whose midnight is never the earlier one.
    let zone = tz::TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| tz::TimeZone::fixed(tz::offset(-8)));
    let today = now.to_zoned(zone);
    let midnight = today.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    midnight.map_or_else(|_| now + SignedDuration::from_hours(24), |midnight| midnight.timestamp())
}

/// What an answer without success means.
pub(super) fn class(answer: &WebAnswer, what: &str, now: Timestamp) -> HostError {
    let reason = reason(&answer.body).unwrap_or_default();
    let said = message(&answer.body);
    let why = if reason.is_empty() { format!("{}: {said}", answer.status) } else { format!("{reason}: {said}") };
    let wait = |until: Timestamp| HostError::Wait { host: NAME.into(), until, why: why.clone() };
    let no = |hint: &str| refused(what, &why, hint);
    let retry_after =
        answer.header("retry-after").and_then(|value| value.parse::<i64>().ok()).filter(|n| (0..=86_400).contains(n));
    let soon = now + SignedDuration::from_secs(retry_after.unwrap_or(60));
    match (answer.status, reason.as_str()) {
        (_, "quotaExceeded" | "dailyLimitExceeded") => wait(pacific_midnight(now)),
        (429, "rateLimitExceeded") if said.contains("per day") => wait(pacific_midnight(now)),
        (_, "uploadLimitExceeded") => wait(now + SignedDuration::from_hours(24)),
        (_, "uploadRateLimitExceeded") => wait(now + SignedDuration::from_hours(1)),
        (429, _) | (_, "rateLimitExceeded" | "userRateLimitExceeded") => wait(soon),
        (401, "youtubeSignupRequired") => {
            no("the account has no channel: make one on YouTube, then `proofreel auth youtube` again")
        }
        (401, _) => HostError::Consent { host: NAME.into(), why },
        (_, "videoNotFound") => HostError::NoSuchVideo { host: NAME.into(), id: what.into() },
        (_, "insufficientPermissions") => {
            no("the consent is narrower than needed: run `proofreel auth youtube` again and allow all of it")
        }
        (_, "authenticatedUserAccountSuspended" | "authenticatedUserAccountClosed") => {
            no("the account is suspended or closed: settle it with YouTube")
        }
        (403, _) => no("YouTube does not allow it to this account; a custom thumbnail needs a verified phone number"),
        (500..=599 | 408, _) => HostError::Transient { host: NAME.into(), why },
        _ => no("what was offered is at fault: mend it, approve anew, and publish again"),
    }
}
