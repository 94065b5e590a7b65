//! Who gets in, for how long, and what a browser is told.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use proofreel_console::{Hosts, sessions};
use proofreel_model::policy::console_law;
use proofreel_publishing::audit;
use support::{Browser, RUN, World, encoded};

#[tokio::test]
async fn a_link_opens_once_and_only_by_its_button() {
    let world = World::new();
    let link = sessions::make_link(&world.office, "anna", false).await.unwrap();
    let mut anna = world.browser();
    for _ in 0..3 {
        // Whatever looks into a mail opens the link; nothing is used up.
        let page = anna.get(&format!("/sign-in?link={}&next=/runs", link.reveal())).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(link.reveal()) && page.headers.get("set-cookie").is_none());
    }
    let answer = anna.post("/sign-in", &[("link", link.reveal()), ("next", "/runs")]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/runs"));
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["proofreel=", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(anna.get("/").await.status, StatusCode::OK);
    let mut second = world.browser();
    assert_eq!(second.post("/sign-in", &[("link", link.reveal())]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(second.get("/").await.status, StatusCode::UNAUTHORIZED);
    // No row holds what opens the door, and the chain knows who came in.
    for pk in ["console-link", "console-session"] {
        for item in world.office.records.query(pk, "").await.unwrap() {
            let text = format!("{item:?}");
            assert!(!text.contains(link.reveal()) && !text.contains(anna.cookie.split('=').nth(1).unwrap()), "{text}");
        }
    }
    let deeds: Vec<String> = audit::links(world.office.records.as_ref(), Some("anna"))
        .await
        .unwrap()
        .into_iter()
        .map(|link| link.deed.what)
        .collect();
    assert_eq!(deeds, ["console.link", "console.sign-in"]);
    assert!(audit::verify(world.office.records.as_ref(), None).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn of_many_who_race_for_a_link_one_gets_in() {
    let world = World::new();
    let link = sessions::make_link(&world.office, "anna", false).await.unwrap();
    let tries: Vec<_> = (0..12)
        .map(|_| {
            let (mut browser, link) = (world.browser(), link.clone());
            tokio::spawn(async move { browser.post("/sign-in", &[("link", link.reveal())]).await.status })
        })
        .collect();
    let mut inside = 0;
    for one in tries {
        let status = one.await.unwrap();
        assert!([StatusCode::SEE_OTHER, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS].contains(&status));
        inside += usize::from(status == StatusCode::SEE_OTHER);
    }
    assert_eq!(inside, 1);
    assert_eq!(world.office.records.query("console-session", "").await.unwrap().len(), 1);
}

#[tokio::test]
async fn links_and_sessions_end_by_the_clock() {
    let (world, law) = (World::new(), console_law());
    let late = sessions::make_link(&world.office, "anna", false).await.unwrap();
    world.forward(law.link.valid_minutes * 60);
    let mut browser = world.browser();
    assert_eq!(browser.post("/sign-in", &[("link", late.reveal())]).await.status, StatusCode::FORBIDDEN);

    let mut idle = world.signed_in("anna").await;
    world.forward(law.session.idle_minutes * 60 - 1);
    assert_eq!(idle.get("/").await.status, StatusCode::OK);
    world.forward(law.session.idle_minutes * 60 - 1);
    assert_eq!(idle.get("/").await.status, StatusCode::OK, "a page counts as being there");
    world.forward(law.session.idle_minutes * 60);
    assert_eq!(idle.get("/").await.status, StatusCode::UNAUTHORIZED);

    let mut busy = world.signed_in("anna").await;
    let step = law.session.idle_minutes * 30;
    for _ in 1..law.session.absolute_hours * 3600 / step {
        world.forward(step);
        assert_eq!(busy.get("/").await.status, StatusCode::OK);
    }
    world.forward(step);
    assert_eq!(busy.get("/").await.status, StatusCode::UNAUTHORIZED);
    // What is over is cleared away when the next link is made.
    sessions::make_link(&world.office, "anna", false).await.unwrap();
    assert_eq!(world.office.records.query("console-session", "").await.unwrap().len(), 0);
    assert_eq!(world.office.records.query("console-link", "").await.unwrap().len(), 1);
}

#[tokio::test]
async fn signing_out_and_taking_rights_away_end_it_at_once() {
    let world = World::new();
    let mut anna = world.signed_in("anna").await;
    let csrf = anna.csrf().await;
    let kept = anna.clone();
    assert_eq!(anna.post("/sign-out", &[("csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);
    assert!(anna.cookie.is_empty());
    assert_eq!(kept.clone().get("/").await.status, StatusCode::UNAUTHORIZED, "a copied cookie is of no use either");

    let mut vera = world.signed_in("vera").await;
    world.demo().await;
    assert_eq!(vera.get(&format!("/runs/{RUN}")).await.status, StatusCode::OK);
    world.channels(vec![support::channel_file("demo", "Demo", "approvers = [\"anna\"]")]);
    assert_eq!(vera.get(&format!("/runs/{RUN}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sessions::revoke(&world.office, "vera").await.unwrap(), 1);
    assert_eq!(vera.get("/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn links_tried_in_vain_are_counted_by_address_and_then_not_looked_up() {
    let world = World::new();
    let link = sessions::make_link(&world.office, "anna", false).await.unwrap();
    let wrong = "A".repeat(43);
    let send = async |address: &'static str, token: &str| {
        let mut browser = world.browser();
        let request = Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(proofreel_operations::ClientAddress(address.into()));
        browser.send(request, encoded(&[("link", token)])).await.status
    };
    for n in 0..console_law().link.failed {
        let token = if n % 2 == 0 { wrong.as_str() } else { "no token at all" };
        assert_eq!(send("192.0.2.1", token).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(send("192.0.2.1", link.reveal()).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send("192.0.2.2", link.reveal()).await, StatusCode::SEE_OTHER, "another address is not locked out");
    let again = sessions::make_link(&world.office, "anna", false).await.unwrap();
    world.forward(console_law().link.window_minutes * 60);
    let last = sessions::make_link(&world.office, "anna", false).await.unwrap();
    assert_eq!(send("192.0.2.1", again.reveal()).await, StatusCode::FORBIDDEN, "it is too old now");
    assert_eq!(send("192.0.2.1", last.reveal()).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_needs_the_sessions_own_token_and_its_own_site() {
    let world = World::new();
    let digest = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let mut abel = world.signed_in("abel").await;
    let (own, foreign) = (anna.csrf().await, abel.csrf().await);
    assert_ne!(own, foreign);
    let path = format!("/runs/{RUN}/approve");
    let fields = |csrf: &str| encoded(&[("csrf", csrf), ("film", &digest.0), ("visibility", "public")]);
    let form = || Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
    for csrf in ["", &foreign, &own[1..], &format!("{own}x")] {
        let answer = anna.send(form().header("sec-fetch-site", "same-origin"), fields(csrf)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:9999"),
    ] {
        let answer = anna.send(form().header(name, value), fields(&own)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let nobody = world.browser().send(form(), fields(&own)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(world.office.ledger().of(&"demo".into(), &RUN.into()).await.unwrap().is_none(), "nothing was decided");
    let answer = anna.send(form().header("origin", "http://127.0.0.1:8787"), fields(&own)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_get_decides_nothing_and_a_body_has_bounds() {
    let world = World::new();
    let digest = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let csrf = anna.csrf().await;
    let path = format!("/runs/{RUN}/approve");
    let query = encoded(&[("csrf", &csrf), ("film", &digest.0), ("visibility", "public")]);
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
        let request = Request::builder().method(method).uri(format!("{path}?{query}"));
        let answer = anna.send(request.header("sec-fetch-site", "same-origin"), Body::empty()).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    }
    let post = |kind: &'static str| Request::post(&path).header("content-type", kind);
    let large = format!("{query}&override_reason={}", "x".repeat(console_law().form.body_bytes));
    let form = "application/x-www-form-urlencoded";
    for (request, body, status) in [
        (post(form), large, StatusCode::PAYLOAD_TOO_LARGE),
        (post("application/json"), query.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (post("multipart/form-data"), query.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (post(form), format!("{query}&film=x"), StatusCode::BAD_REQUEST),
        (post(form), query.replace("public", "everybody"), StatusCode::BAD_REQUEST),
        (post(form), format!("{query}&publish_at=soon"), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(anna.send(request, body).await.status, status);
    }
    assert!(world.office.ledger().of(&"demo".into(), &RUN.into()).await.unwrap().is_none());
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let world = World::new();
    world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let paths = [
        "/",
        "/runs",
        &format!("/runs/{RUN}"),
        "/incidents",
        "/channels/demo",
        "/sign-in",
        "/nothing",
        "/assets/console.css",
    ];
    for path in paths {
        let answer = anna.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains("data:") && !policy.contains("http"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), if path.starts_with("/assets") { "no-cache" } else { "no-store" });
        let text = answer.text();
        assert!(!text.contains(" style=\"") && !text.contains("<style") && !text.contains("onclick"), "{path}");
    }
}

#[tokio::test]
async fn a_bent_name_is_refused_before_anything_else() {
    let world = World::new();
    let mut anna = world.signed_in("anna").await;
    for host in ["evil.example", "127.0.0.1.evil.example:8787", ""] {
        let answer = anna.send(Request::get("/").header("host", host), Body::empty()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host}");
    }
    anna.host = "localhost:8787".into();
    assert_eq!(anna.get("/").await.status, StatusCode::OK);
    let mut public = Browser {
        router: world.console(Hosts::Named(vec!["console.example.org".into()]), false),
        cookie: String::new(),
        host: "console.example.org".into(),
    };
    let link = sessions::make_link(&world.office, "anna", false).await.unwrap();
    let answer = public.post("/sign-in", &[("link", link.reveal())]).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-proofreel=") && cookie.contains("; Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );
    let page = public.get("/").await;
    assert_eq!((page.status, page.header("strict-transport-security")), (StatusCode::OK, "max-age=31536000"));
}

#[tokio::test]
async fn before_a_function_an_address_of_ones_own_is_the_browsers_alone() {
    let world = World::new();
    let digest = world.demo().await;
    // A Function URL lets no other name through, so what stands in front of it asks by that name; the browser speaks of its own.
    let mut anna = Browser {
        router: world.console(Hosts::Any, false),
        cookie: String::new(),
        host: "abc123.lambda-url.us-east-1.on.aws".into(),
    };
    let link = sessions::make_link(&world.office, "anna", false).await.unwrap();
    let answer = anna.post("/sign-in", &[("link", link.reveal())]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let own = anna.csrf().await;
    let fields = encoded(&[("csrf", &own), ("film", &digest.0), ("visibility", "public")]);
    let path = format!("/runs/{RUN}/approve");
    let form = |origin: &str, site: &str| {
        Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", origin)
            .header("sec-fetch-site", site)
    };
    for site in ["cross-site", "same-site", "none"] {
        let answer = anna.send(form("https://evil.example", site), fields.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site}");
    }
    assert!(world.office.ledger().of(&"demo".into(), &RUN.into()).await.unwrap().is_none(), "nothing was decided");
    let answer = anna.send(form("https://console.example.org", "same-origin"), fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

#[tokio::test]
async fn a_link_in_a_mail_leads_on_although_the_cookie_came_too_late() {
    let world = World::new();
    world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let path = format!("/runs/{RUN}");
    // A browser that comes from a mail page keeps a strict cookie back; the page asks again by itself, and then it is there.
    let from_mail = || Request::get(&path).header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate");
    let mut without = Browser { cookie: String::new(), ..anna.clone() };
    let page = without.send(from_mail(), Body::empty()).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.text().contains(&format!("content=\"0;url={path}\"")));
    let again = anna.get(&path).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(!without.get(&path).await.text().contains("http-equiv"), "it does not turn in a circle");
    let odd = without
        .send(
            Request::get("/runs/%22%3E?x=1")
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-mode", "navigate"),
            Body::empty(),
        )
        .await;
    assert!(!odd.text().contains("http-equiv"));
}

#[tokio::test]
async fn whoever_is_at_the_machine_is_everybody_where_nobody_is_named() {
    let world = World::new();
    world.channels(vec![support::channel_file("demo", "Demo", "")]);
    world.demo().await;
    let path = format!("/runs/{RUN}");
    let here = sessions::make_link(&world.office, "me", true).await.unwrap();
    let mut me = world.browser();
    me.post("/sign-in", &[("link", here.reveal())]).await;
    assert!(me.get(&path).await.text().contains("approve-form"));
    // The same session, carried to a console that others reach, is nobody.
    let token = me.cookie.split('=').nth(1).unwrap().to_owned();
    let mut outside = Browser {
        router: world.console(Hosts::Any, false),
        cookie: format!("__Host-proofreel={token}"),
        host: "x.lambda-url.example".into(),
    };
    assert_eq!(outside.get("/").await.status, StatusCode::OK);
    assert_eq!(outside.get(&path).await.status, StatusCode::NOT_FOUND);
    let mut other = world.signed_in("me").await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "a link made elsewhere opens nothing here");
}
