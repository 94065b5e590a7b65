//! Connectors over real connections: the one client between them and a site that breaks its answers in every way. What comes is a
//! whole series or an error.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_ports::{
    Answer, Call, CallError, Judge, Outside, PortError, Reach, Secret, Secrets, SourceError, SourcePackage, Web,
};
use proofreel_providers::source::{Desk, Statement, connector};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use serde_json::json;
use url::Url;

/// Sends every call to the site, as the governor would send it to the provider.
struct Straight {
    client: Client,
    site: String,
}

#[async_trait]
impl Outside for Straight {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let provider = call.provider.clone();
        let mut request = call.request.clone();
        let asked = Url::parse(&request.url).unwrap();
        let query = asked.query().map(|query| format!("?{query}")).unwrap_or_default();
        request.url = format!("{}{}{query}", self.site, asked.path());
        request.reach = Reach::Configured;
        (request.limits.bytes, request.limits.seconds) = (1 << 20, 1);
        let sent = self.client.send(&request).await;
        let answer = sent.map_err(|source| CallError::Web { provider: provider.clone(), source })?;
        if answer.status >= 400 {
            let why = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(CallError::Status { provider, status: answer.status, why });
        }
        judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
    }
}

struct Key;

#[async_trait]
impl Secrets for Key {
    async fn get(&self, _: &str) -> Result<Option<Secret>, PortError> {
        Ok(Some(Secret::new("canary-of-a-key")))
    }
}

async fn fetched(provider: &str, id: &str, site: &Site) -> Result<SourcePackage, SourceError> {
    let identity = Identity { contact: Some("mailto:ops@example.org".into()) };
    let outside = Straight { client: Client::new(&identity).unwrap(), site: site.url("") };
    let desk = Desk {
        outside: Arc::new(outside),
        secrets: Arc::new(Key),
        channel: ChannelId("demo".into()),
        today: jiff::civil::date(2026, 11, 28),
    };
    connector(provider, &desk, &Statement::default()).unwrap().fetch(id).await
}

const SERIES: [(&str, &str); 2] = [("ecb", "EXR/M.USD.EUR.SP00.A"), ("eia", "PET.RWTC.M")];

/// What both providers answer, in the shape of their contracts; the figures are made up.
fn body(asked: &Asked) -> String {
    let month = |n: u32| format!("{}-{:02}", 2024 + n / 12, n % 12 + 1);
    if asked.path.starts_with("/v2/seriesid/") {
        let rows: Vec<_> = (0..12)
            .map(|n| json!({"period": month(n), "series-description": "WTI", "value": 70 + n, "units": "$/BBL"}))
            .collect();
        return json!({"response": {"total": "12", "frequency": "monthly", "data": rows}}).to_string();
    }
    let row = |n: u32| format!("EXR.M.USD.EUR.SP00.A,M,USD,EUR,{},1.{:02},US dollar/Euro,USD,0\n", month(n), 10 + n);
    let rows: String = (0..12).map(row).collect();
    format!("KEY,FREQ,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE,TITLE,UNIT,UNIT_MULT\n{rows}")
}

fn kind(asked: &Asked) -> &'static str {
    if asked.path.starts_with("/v2/") { "application/json" } else { "text/csv" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_follows_the_contract_gives_the_series() {
    for (provider, id) in SERIES {
        let site = Site::open(|_, asked| Reply::bytes(kind(asked), body(asked)));
        let package = fetched(provider, id, &site).await.unwrap();
        assert_eq!((package.observations, package.holes), (12, 0), "{provider}");
        let asked = site.asked();
        assert!(asked[0].header("user-agent").is_some_and(|agent| agent.contains("ops@example.org")));
        assert_eq!(asked[0].query.contains("canary"), provider == "eia", "{provider}");
    }
}

type Answering = fn(&Asked) -> Reply;

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_breaks_its_answer_gives_nothing_and_soon() {
    let ways: [(&str, Answering); 9] = [
        ("html", |asked| Reply::html_as(kind(asked))),
        ("bomb", |_| Reply::gzip_bomb(64)),
        ("endless", |_| Reply::endless()),
        ("ten gigabytes", |_| Reply::promising(10 << 30)),
        ("drip", |asked| Reply::drip(&body(asked), Duration::from_millis(50))),
        // Broken off at the end of a line, where the text alone would look whole.
        ("cut", |asked| {
            let body = body(asked);
            let end = body[..body.len() / 2].rfind('\n').map_or(body.len() / 2, |at| at + 1);
            Reply::reset(&body[..end])
        }),
        ("silent", |_| Reply::silent(Duration::from_secs(5))),
        ("inside", |_| Reply::redirect(302, "http://169.254.169.254/latest/meta-data/")),
        ("latin", |asked| {
            Reply::bytes(
                kind(asked),
                body(asked)
                    .replace("US dollar", "US d\u{f3}llar")
                    .replace("WTI", "W\u{f3}TI")
                    .chars()
                    .map(|c| c as u8)
                    .collect::<Vec<u8>>(),
            )
        }),
    ];
    for (way, answer) in ways {
        for (provider, id) in SERIES {
            let site = Site::open(move |_, asked| answer(asked));
            let started = Instant::now();
            let error = fetched(provider, id, &site).await.expect_err(way).to_string();
            assert!(started.elapsed() < Duration::from_secs(4), "{provider}, {way}: {:?}", started.elapsed());
            assert!(!error.contains("canary"), "{provider}, {way}: {error}");
        }
    }
}
