use super::*;

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> WebAnswer {
    WebAnswer {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
        url: "https://api.example.org/".into(),
    }
}

fn wait(status: u16, headers: &[(&str, &str)], body: &str) -> Option<i64> {
    hear(&answer(status, headers, body), true, now()).until_ms.map(|until| until - now().as_millisecond())
}

#[test]
fn retry_after_is_seconds_or_a_date_by_the_answers_own_clock() {
    assert_eq!(wait(429, &[("retry-after", "7")], ""), Some(7_000));
    assert_eq!(wait(503, &[("retry-after", " 0.5 ")], ""), Some(500));
    let date = "Sat, 28 Nov 2026 12:01:30 GMT";
    assert_eq!(wait(429, &[("retry-after", date)], ""), Some(90_000));
    // The provider's clock is an hour behind ours: it means half a minute.
    let its = [("retry-after", "Sat, 28 Nov 2026 11:00:30 GMT"), ("date", "Sat, 28 Nov 2026 11:00:00 GMT")];
    assert_eq!(wait(429, &its, ""), Some(30_000));
    for nonsense in ["-5", "soon", "", "NaN", "Sat, 99 Nov 2026"] {
        assert_eq!(wait(429, &[("retry-after", nonsense)], ""), None, "{nonsense}");
    }
}

#[test]
fn a_good_answers_retry_after_and_words_are_not_for_us() {
    let heard = hear(&answer(200, &[("retry-after", "30")], r#"{"text": "Please try again in 5s"}"#), true, now());
    assert_eq!((heard.verdict, heard.until_ms), (Verdict::Fine, None));
}

#[test]
fn bodies_that_carry_a_delay() {
    let gemini = r#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "38.5s"}]}}"#;
    assert_eq!(wait(429, &[], gemini), Some(38_500));
    assert_eq!(wait(429, &[], r#"[{"error": {"details": [{"retryDelay": {"seconds": "4"}}]}}]"#), Some(4_000));
    let groq = r#"{"error":{"message":"Rate limit reached for model `m` on tokens per minute (TPM): Limit 8000. Please try again in 5.289s. Visit","code":"rate_limit_exceeded"}}"#;
    assert_eq!(wait(429, &[], groq), Some(5_289));
    assert_eq!(wait(429, &[], "Too many. Please wait 2 minutes 3 seconds."), Some(123_000));
    assert_eq!(wait(429, &[], r#"{"retry_after": 1.5}"#), Some(1_500));
    assert_eq!(wait(429, &[], "no word how long"), None);
}

#[test]
fn a_day_that_is_spent_is_not_a_minute_that_is_full() {
    let verdict = |status, body: &str| hear(&answer(status, &[], body), true, now()).verdict;
    let day = r#"{"error":{"code":429,"details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"38s"}]}}"#;
    assert_eq!(verdict(429, day), Verdict::Spent { month: false });
    let minute = r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Generate Content API requests per minute'","details":[{"metadata":{"quota_limit":"GenerateContentRequestsPerMinutePerProjectPerRegion"}}]}}"#;
    assert_eq!(verdict(429, minute), Verdict::Throttled);
    assert_eq!(verdict(429, r#"{"error":{"code":"insufficient_quota"}}"#), Verdict::Spent { month: true });
    assert_eq!(verdict(402, ""), Verdict::Spent { month: false });
    // A free model is full for everybody: its provider says so without a time.
    let upstream = r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"m:free is rate-limited upstream. Please retry shortly"}}}"#;
    assert_eq!(verdict(429, upstream), Verdict::Throttled);
    assert_eq!(wait(429, &[], upstream), None);
    assert_eq!(verdict(403, r#"{"error":{"errors":[{"reason":"quotaExceeded"}]}}"#), Verdict::Spent { month: false });
    assert_eq!(verdict(403, r#"{"error":{"errors":[{"reason":"rateLimitExceeded"}]}}"#), Verdict::Throttled);
    assert_eq!(verdict(429, "limit 'Video Uploads per day'"), Verdict::Spent { month: false });
    assert_eq!(
        verdict(429, r#"{"error":{"message":"Rate limit exceeded: free-models-per-day"}}"#),
        Verdict::Spent { month: false }
    );
    assert_eq!(verdict(429, r#"{"error":{"message":"Rate limit exceeded: free-models-per-min"}}"#), Verdict::Throttled);
}

#[test]
fn a_refused_key_is_told_from_a_page_that_is_closed() {
    let verdict = |status, keyed, body: &str| hear(&answer(status, &[], body), keyed, now()).verdict;
    assert_eq!(verdict(401, false, ""), Verdict::Key);
    assert_eq!(verdict(403, true, ""), Verdict::Key);
    assert_eq!(verdict(403, false, ""), Verdict::Fault);
    assert_eq!(verdict(400, true, r#"{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}"#), Verdict::Key);
    assert_eq!(verdict(404, true, ""), Verdict::Fault);
    assert_eq!(verdict(503, true, "<html>"), Verdict::Failed);
}

#[test]
fn what_is_left_is_read_in_every_spelling_of_its_reset() {
    let after = |reset: &str| {
        let headers = [("x-ratelimit-remaining-requests", "3"), ("x-ratelimit-reset-requests", reset)];
        hear(&answer(200, &headers, ""), true, now())
            .requests
            .map(|told| (told.left, told.until_ms - now().as_millisecond()))
    };
    assert_eq!(after("2m59.56s"), Some((3, 179_560)));
    assert_eq!(after("120ms"), Some((3, 120)));
    assert_eq!(after("17"), Some((3, 17_000)));
    assert_eq!(after(&now().as_second().saturating_add(60).to_string()), Some((3, 60_000)));
    assert_eq!(after(&(now().as_millisecond() + 60_000).to_string()), Some((3, 60_000)));
    assert_eq!(after("2026-11-28T12:00:05Z"), Some((3, 5_000)));
    assert_eq!(after("whenever"), None);
    // One provider names the minute and no reset.
    let mistral = [("x-ratelimit-remaining-req-minute", "0"), ("x-ratelimit-remaining-tokens-minute", "47196")];
    let heard = hear(&answer(200, &mistral, ""), true, now());
    let minute = now().as_millisecond() + 60_000;
    assert_eq!(heard.requests, Some(Allowance { left: 0, until_ms: minute }));
    assert_eq!(heard.tokens, Some(Allowance { left: 47_196, until_ms: minute }));
    assert_eq!(hear(&answer(200, &[("x-ratelimit-remaining", "3")], ""), true, now()).requests, None);
    let tokens = [("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "7.66s")];
    assert_eq!(wait(429, &tokens, ""), Some(7_660), "an empty allowance says how long when nothing else does");
}

#[test]
fn hostile_words_are_survived() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(wait(429, &[], &deep), None);
    for body in ["try again in 99999999999999999999999s", "try again in .s", "try again in é", "retry after "] {
        assert_eq!(wait(429, &[], body), None, "{body}");
    }
    assert_eq!(
        wait(429, &[("retry-after", "1e300")], ""),
        Some(i64::MAX - now().as_millisecond()),
        "bounded where it is used"
    );
}
