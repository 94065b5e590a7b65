//! Every connector over real connections: the one client between it and a site that follows its provider's contract and then breaks
//! one of its answers in every way. What comes is a whole series or an error, and soon.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

#[path = "../../shared/providers/tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::join_all;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_ports::{Answer, Call, CallError, Judge, Outside, Reach, SourceError, SourcePackage, Web};
use proofreel_providers::outlook::gather;
use proofreel_providers::source::{Desk, PROVIDERS, Statement, connector};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use support::around::{looking_channel, surroundings};
use support::contracts::{CASES, Case};
use support::{Keys, READ_AT};
use url::Url;

/// Sends every call to the site, as the governor would send it to the provider; the path begins with the provider's host.
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
        request.url = format!("{}/{}{}{query}", self.site, asked.host_str().unwrap(), asked.path());
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
        Ok(Answer { answer, fetched_at: READ_AT, cached: false, stale: false, digest })
    }
}

/// A desk whose every call goes to the site.
fn desk(site: &Site) -> Desk {
    let identity = Identity { contact: Some("mailto:ops@example.org".into()) };
    let outside = Straight { client: Client::new(&identity).unwrap(), site: site.url("") };
    Desk {
        outside: Arc::new(outside),
        secrets: Arc::new(Keys(true)),
        channel: ChannelId("demo".into()),
        today: jiff::civil::date(2026, 11, 28),
    }
}

async fn fetched(case: &Case, site: &Site) -> Result<SourcePackage, SourceError> {
    connector(case.provider, &desk(site), &Statement::default()).unwrap().fetch(case.id).await
}

/// What the provider of a case answers: media type and body.
fn honest(case: &Case, asked: &Asked) -> (u16, &'static str, Vec<u8>) {
    (case.server)(&address(asked)).unwrap_or((404, "text/plain", b"no such thing".to_vec()))
}

/// What was asked, at the host that the path begins with.
fn address(asked: &Asked) -> Url {
    Url::parse(&format!("https:/{}?{}", asked.path, asked.query)).unwrap()
}

fn whole((status, kind, body): (u16, &'static str, Vec<u8>)) -> Reply {
    Reply::bytes(kind, body).with_status(status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_follows_the_contract_gives_the_series_of_every_provider() {
    assert_eq!(CASES.len(), PROVIDERS.len());
    for case in CASES {
        let site = Site::open(move |_, asked| whole(honest(case, asked)));
        let package = fetched(case, &site).await.unwrap_or_else(|error| panic!("{}: {error}", case.provider));
        assert_eq!((package.observations, package.holes), (case.observations, case.holes), "{}", case.provider);
        let asked = site.asked();
        assert!(asked[0].header("user-agent").is_some_and(|agent| agent.contains("ops@example.org")));
    }
}

/// Breaks an answer, given its media type and body.
type Breaking = fn(&'static str, Vec<u8>) -> Reply;

const WAYS: [(&str, Breaking); 9] = [
    ("html", |kind, _| Reply::html_as(kind)),
    ("bomb", |_, _| Reply::gzip_bomb(4)),
    ("endless", |_, _| Reply::endless()),
    ("ten gigabytes", |_, _| Reply::promising(10 << 30)),
    ("drip", |_, body| Reply::drip(&String::from_utf8_lossy(&body), Duration::from_millis(50))),
    // Broken off at the end of a line, where the text alone would look whole.
    ("cut", |_, body| {
        let body = String::from_utf8(body).unwrap();
        let end = body[..body.len() / 2].rfind('\n').map_or(body.len() / 2, |at| at + 1);
        Reply::reset(&body[..end])
    }),
    ("silent", |_, _| Reply::silent(Duration::from_secs(5))),
    ("inside", |_, _| Reply::redirect(302, "http://169.254.169.254/latest/meta-data/")),
    ("latin", |kind, mut body| {
        let at = body.iter().rposition(u8::is_ascii_alphabetic).unwrap();
        body[at] = 0xf3;
        Reply::bytes(kind, body)
    }),
];

/// Every provider, every way, and every single request of a series: the first that goes wrong, or the last.
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_breaks_any_of_its_answers_gives_nothing_and_soon() {
    let mut requests = Vec::new();
    for case in CASES {
        let site = Site::open(move |_, asked| whole(honest(case, asked)));
        fetched(case, &site).await.unwrap();
        requests.push((case, site.asked().len()));
    }
    let sum: usize = requests.iter().map(|(_, count)| count).sum();
    assert!(sum > 25, "{sum} requests");
    for (way, breaking) in WAYS {
        let tried = requests.iter().flat_map(|(case, count)| (0..*count).map(move |nth| (*case, nth)));
        let tried = tried.map(|(case, nth)| async move {
            let site = Site::open(move |number, asked| {
                let answer = honest(case, asked);
                if number == nth { breaking(answer.1, answer.2) } else { whole(answer) }
            });
            let began = Instant::now();
            (case, nth, fetched(case, &site).await, began.elapsed())
        });
        for (case, nth, outcome, took) in join_all(tried).await {
            assert!(took < Duration::from_secs(8), "{}, {way}: {took:?}", case.provider);
            // A calendar beside the figures is none of them.
            let calendar = case.provider == "bea" && nth == 1;
            match outcome {
                Err(error) => assert!(!error.to_string().contains("canary"), "{}, {way}: {error}", case.provider),
                // Somebody's own table that declares no encoding is kept byte for byte; the loader reads it without loss.
                Ok(package) => {
                    let own = case.provider == "url" && way == "latin";
                    assert!(own || calendar, "{}, request {nth}: {way} was taken", case.provider);
                    assert_eq!(package.observations, case.observations, "whole all the same");
                }
            }
        }
    }
}

/// Encyclopedia, page views, feeds, page and competing channel: what breaks is missing and said, and nothing of it is taken.
#[tokio::test(flavor = "multi_thread")]
async fn what_lies_around_a_channel_is_whole_or_missing() {
    let around = |asked: &Asked| surroundings(&address(asked)).unwrap_or((404, "text/plain", b"nothing".to_vec()));
    let mut channel = looking_channel();
    channel.context.pages.push("https://pages.example/report".into());
    let site = Site::open(move |_, asked| whole(around(asked)));
    let (outlook, missing) = gather(&desk(&site), &channel).await;
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!((outlook.demand.len(), outlook.context.len(), outlook.benchmark.is_some()), (2, 4, true));
    let tried = WAYS.map(|(way, breaking)| {
        let channel = &channel;
        async move {
            let site = Site::open(move |_, asked| {
                let answer = around(asked);
                breaking(answer.1, answer.2)
            });
            (way, gather(&desk(&site), channel).await)
        }
    });
    for (way, (outlook, missing)) in join_all(tried).await {
        // A feed or a page in another encoding is read in it; everything else says what it is in.
        let read = outlook.context.iter().filter(|passage| !passage.url.contains("wikipedia")).count();
        assert!(outlook.demand.iter().all(|one| one.views_trend.is_none() && one.rivals.is_none()), "{way}");
        assert!(outlook.benchmark.is_none() && outlook.context.len() == read, "{way}: {outlook:?}");
        assert!(missing.len() >= 3 && (read == 0 || matches!(way, "latin" | "html")), "{way}: {missing:?}");
        assert!(!missing.concat().contains("canary"), "{missing:?}");
    }
}
