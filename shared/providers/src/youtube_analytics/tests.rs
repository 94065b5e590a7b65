//! The client against answers shaped by the contracts; figures and ids are invented.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::date;
use proofreel_model::digest::Digest;
use proofreel_ports::{Judge, PortError, Secrets, WebAnswer};

use super::*;

/// Answers by the beginning of what follows the host; notes what was asked.
struct Desk {
    answers: Vec<(&'static str, u16, String)>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Outside for Desk {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let url = call.request.url.clone();
        if call.provider == crate::youtube::OAUTH_PROVIDER {
            return Ok(answer(200, r#"{"access_token":"token-one","expires_in":3600}"#, url));
        }
        let secret = call
            .request
            .secret_headers
            .iter()
            .any(|(name, value)| name == "authorization" && value.reveal() == "Bearer token-one");
        assert!(secret, "the token goes as a secret header");
        assert!(!url.contains("token"), "and never in the address");
        self.asked.lock().unwrap().push(format!("{:?} {url}", call.request.method));
        let method = if call.request.method == Method::Post { "POST " } else { "" };
        let path = url.split("googleapis.com").nth(1).unwrap();
        let found = self.answers.iter().find(|(begin, ..)| format!("{method}{path}").starts_with(begin));
        let (_, status, body) = found.unwrap_or_else(|| panic!("nothing is known of {method}{path}"));
        if *status >= 400 && call.kind != CallKind::Effect {
            return Err(CallError::Status { provider: call.provider.clone(), status: *status, why: body.clone() });
        }
        let answer = answer(*status, body, url);
        judge(&answer.answer).map_err(|why| CallError::Useless { provider: call.provider.clone(), why })?;
        Ok(answer)
    }
}

fn answer(status: u16, body: &str, url: String) -> Answer {
    Answer {
        answer: WebAnswer { status, headers: Vec::new(), body: body.as_bytes().to_vec(), url },
        fetched_at: Timestamp::UNIX_EPOCH,
        cached: false,
        stale: false,
        digest: Digest::of(body.as_bytes()),
    }
}

struct Keys;

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(Some(Secret::new(format!("{name}-value"))))
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }
}

fn desk(answers: Vec<(&'static str, u16, &str)>) -> Desk {
    let answers = answers.into_iter().map(|(begin, status, body)| (begin, status, body.to_owned())).collect();
    Desk { answers, asked: Mutex::default() }
}

fn with<T>(desk: &Desk, ask: impl AsyncFnOnce(Analytics<'_>) -> T) -> T {
    let tokens = Tokens::new(Arc::new(Keys));
    futures::executor::block_on(ask(Analytics::new(desk, &Noon, &tokens, "demo".into())))
}

#[test]
fn days_come_as_raw_figures_and_what_is_not_whole_is_not_there() {
    let body = r#"{"kind":"youtubeAnalytics#resultTable","columnHeaders":[{"name":"day"},{"name":"views"},{"name":"engagedViews"},
        {"name":"estimatedMinutesWatched"},{"name":"averageViewDuration"},{"name":"averageViewPercentage"},{"name":"likes"},{"name":"comments"},
        {"name":"shares"},{"name":"subscribersGained"},{"name":"subscribersLost"}],
        "rows":[["2026-11-20",100,80,240,144,41.5,5,1,0,3,1]]}"#;
    let desk = desk(vec![("/v2/reports", 200, body)]);
    let days =
        with(&desk, async |client| client.days(Some("abc"), date(2026, 11, 20), date(2026, 11, 27)).await.unwrap());
    assert_eq!(days.len(), 1, "seven days were asked for, one is whole");
    let figures = &days[0].figures;
    assert_eq!((figures.views, figures.engaged_views, figures.watch_hours), (Some(100.0), Some(80.0), Some(4.0)));
    assert_eq!((figures.avd_share, figures.other["subscribers_gained"]), (Some(0.415), 3.0));
    let asked = desk.asked.lock().unwrap()[0].clone();
    assert!(asked.contains("ids=channel%3D%3DMINE") && asked.contains("filters=video%3D%3Dabc"), "{asked}");
}

#[test]
fn a_channel_that_earns_nothing_yet_is_a_state_and_another_refusal_an_error() {
    let closed = desk(vec![("/v2/reports", 403, "Forbidden")]);
    let days = (date(2026, 11, 1), date(2026, 11, 2));
    let revenue = with(&closed, async |client| client.revenue(None, days.0, days.1).await.unwrap());
    assert_eq!(revenue, Revenue::NotMonetised);
    let wrong = desk(vec![("/v2/reports", 400, "The query is not supported.")]);
    assert!(with(&wrong, async |client| client.revenue(None, days.0, days.1).await.is_err()));
    let open = desk(vec![(
        "/v2/reports",
        200,
        r#"{"columnHeaders":[{"name":"day"},{"name":"estimatedRevenue"}],"rows":[["2026-11-01",1.25]]}"#,
    )]);
    let revenue = with(&open, async |client| client.revenue(None, days.0, days.1).await.unwrap());
    assert_eq!(revenue, Revenue::ByDay(vec![(date(2026, 11, 1), 1.25)]));
    let nothing = desk(vec![("/v2/reports", 200, r#"{"columnHeaders":[]}"#)]);
    assert_eq!(
        with(&nothing, async |client| client.revenue(None, days.0, days.1).await.unwrap()),
        Revenue::ByDay(Vec::new())
    );
}

#[test]
fn retention_after_thirty_seconds_is_read_off_the_curve() {
    let curve = Curve { points: vec![(0.01, 1.1), (0.1, 0.8), (0.2, 0.6), (1.0, 0.2)] };
    assert!((curve.after_hook(200.0).unwrap() - 0.7).abs() < 1e-12, "thirty of two hundred seconds");
    assert_eq!(curve.after_hook(20.0), None);
    assert_eq!(Curve { points: Vec::new() }.after_hook(200.0), None);
}

#[test]
fn the_reach_job_is_made_once_and_its_newest_files_are_read() {
    let none = desk(vec![
        ("/v1/jobs", 200, "{}"),
        ("POST /v1/jobs", 200, r#"{"id":"job1","reportTypeId":"channel_reach_basic_a1"}"#),
    ]);
    assert_eq!(with(&none, async |client| client.reach_job().await.unwrap()), "job1");
    let there = desk(vec![(
        "/v1/jobs",
        200,
        r#"{"jobs":[{"id":"other","reportTypeId":"x"},{"id":"job1","reportTypeId":"channel_reach_basic_a1"}]}"#,
    )]);
    assert_eq!(with(&there, async |client| client.reach_job().await.unwrap()), "job1");
    assert_eq!(there.asked.lock().unwrap().len(), 1, "no second job");

    let report = |id: &str, start: &str, made: &str| {
        format!(
            r#"{{"id":"{id}","startTime":"{start}T08:00:00Z","createTime":"{made}T08:00:00Z","downloadUrl":"https://youtubereporting.googleapis.com/v1/media/{id}"}}"#
        )
    };
    let (first, again) = (report("a", "2026-11-20", "2026-11-22"), report("b", "2026-11-20", "2026-11-25"));
    let pages = [format!(r#"{{"reports":[{first}],"nextPageToken":"next"}}"#), format!(r#"{{"reports":[{again}]}}"#)];
    let csv = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n20261120,c,abc,2000,0.05\n2026-11-20,c,def,100,4.0\n20261120,c,,7,0.1\n";
    let desk = desk(vec![
        ("/v1/jobs/job1/reports?createdAfter=2026-11-01T00%3A00%3A00Z&pageT", 200, &pages[1]),
        ("/v1/jobs/job1/reports", 200, &pages[0]),
        ("/v1/media/b", 200, csv),
    ]);
    let after: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let rows = with(&desk, async |client| {
        let reports = client.reach_reports("job1", after).await.unwrap();
        assert_eq!(
            reports.iter().map(|report| report.id.as_str()).collect::<Vec<_>>(),
            ["b"],
            "the newest file of the day"
        );
        let elsewhere = Report { download_url: "https://elsewhere.example/v1/media/b".into(), ..reports[0].clone() };
        assert!(client.reach_file(&elsewhere).await.is_err(), "the token does not go there");
        client.read_reach(&client.reach_file(&reports[0]).await.unwrap()).unwrap()
    });
    let told: Vec<_> = rows.iter().map(|row| (row.subject.key(), row.day, row.figures.ctr)).collect();
    let day = date(2026, 11, 20);
    assert_eq!(told, [("video:abc".into(), day, Some(0.05)), ("video:def".into(), day, Some(0.04))]);
}

#[test]
fn a_file_of_another_form_is_told() {
    let error = parse_reach(b"date,video_id\n", &"demo".into()).unwrap_err().to_string();
    assert!(error.contains("no column video_thumbnail_impressions") && error.contains("hint:"), "{error}");
}

#[test]
fn rows_of_one_day_and_video_are_one_weighted_by_impressions() {
    let csv = "date,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n20261120,abc,900,0.02\n20261120,abc,100,0.12\n20261120,def,50,\n";
    let rows = parse_reach(csv.as_bytes(), &"demo".into()).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].figures.impressions, Some(1000.0));
    assert!((rows[0].figures.ctr.unwrap() - 0.03).abs() < 1e-12);
    assert_eq!((rows[1].figures.impressions, rows[1].figures.ctr), (Some(50.0), None), "unknown is not zero");
    let bad = csv.replace("900", "many");
    assert!(parse_reach(bad.as_bytes(), &"demo".into()).unwrap_err().to_string().contains("line 2 holds `many`"));
}

#[test]
fn what_is_no_whole_table_is_refused_so_that_it_is_asked_for_again() {
    let whole = "date,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n20261120,abc,900,0.02\n";
    let report = Report {
        id: "r".into(),
        start_time: Timestamp::UNIX_EPOCH,
        create_time: Timestamp::UNIX_EPOCH,
        download_url: "https://youtubereporting.googleapis.com/v1/media/r".into(),
    };
    let come = |body: &str| {
        let desk = desk(vec![("/v1/media/r", 200, body)]);
        with(&desk, async |client| client.reach_file(&report).await)
    };
    assert!(come(whole).is_ok());
    for bad in [&whole[..whole.len() - 1], &whole[..whole.len() - 4], "<!doctype html><p>later</p>\n", "a,b\n1\n"] {
        assert!(come(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_failure_inside_a_good_answer_is_a_failure() {
    let days = (date(2026, 11, 1), date(2026, 11, 2));
    for body in [r#"{"errors":{"code":"INTERNAL"}}"#, "<html>later</html>", "[]"] {
        let desk = desk(vec![("/v2/reports", 200, body)]);
        assert!(with(&desk, async |client| client.days(None, days.0, days.1).await.is_err()), "{body}");
    }
}

/// A way out whose law leads elsewhere; notes where it was asked.
#[derive(Default)]
struct Elsewhere(Mutex<Vec<String>>);

#[async_trait]
impl Outside for Elsewhere {
    async fn call(&self, call: &Call, _: Judge<'_>) -> Result<Answer, CallError> {
        let url = call.request.url.clone();
        self.0.lock().unwrap().push(url.split('?').next().unwrap_or_default().to_owned());
        let token = call.provider == crate::youtube::OAUTH_PROVIDER;
        let body = if token { r#"{"access_token":"token-one","expires_in":3600}"# } else { r#"{"jobs":[]}"# };
        Ok(answer(200, body, url))
    }

    fn address(&self, provider: &str) -> Option<String> {
        Some(format!("http://127.0.0.1:1/{provider}"))
    }
}

#[tokio::test]
async fn an_operators_law_leads_token_and_figures_elsewhere() {
    let (outside, tokens) = (Elsewhere::default(), Tokens::new(Arc::new(Keys)));
    let client = Analytics::new(&outside, &Noon, &tokens, "demo".into());
    // What it says is of no use here; where it was asked is.
    let _ = client.days(None, date(2026, 11, 1), date(2026, 11, 2)).await;
    let _ = client.reach_reports("job-1", Timestamp::UNIX_EPOCH).await;
    let asked = outside.0.lock().unwrap().clone();
    assert_eq!(asked[0], "http://127.0.0.1:1/google-oauth/token");
    assert_eq!(asked[1], "http://127.0.0.1:1/youtube-analytics/reports");
    assert_eq!(asked[2], "http://127.0.0.1:1/youtube-reporting/jobs/job-1/reports");
}
