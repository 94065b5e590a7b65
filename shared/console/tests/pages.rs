//! What the pages show, and that strangers' text stays text.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use proofreel_ports::{Condition, Item};
use scraper::{Html, Selector};
use serde_json::json;
use support::{HOSTILE, RUN, World};

/// Elements by name and attributes by name, as a browser's parser sees them.
fn shape(html: &str) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let page = Html::parse_document(html);
    let (mut elements, mut attributes) = (BTreeMap::new(), BTreeMap::new());
    for element in page.select(&Selector::parse("*").unwrap()) {
        *elements.entry(element.value().name().to_owned()).or_default() += 1;
        for (name, _) in element.value().attrs() {
            *attributes.entry(name.to_owned()).or_default() += 1;
        }
    }
    (elements, attributes)
}

/// Text in every place where a stranger's text can come from.
async fn world_of(text: &str) -> World {
    let world = World::new();
    world.episode(RUN, "demo", text, "first").await;
    let incident = json!({"kind": "stuck_run", "cause": "c", "channel": "demo", "what": text, "owner": text, "runbook": text, "resolution": text,
        "follow_up": text, "timeline": [{"at": "2026-11-22T11:00:00Z", "who": text, "what": text}], "created_at": "2026-11-22T11:00:00Z", "runs": [RUN]});
    let video = json!({"video_id": "v1", "title": text, "published": "2026-11-01"});
    let figures = json!({"channel": "demo", "subject": "video", "video_id": "v1", "day": "2026-11-06", "span": "total", "counting": "first_frame",
        "figures": {"views": 5000.0, "impressions": 90000.0, "ctr": 0.043, "avd_share": 0.41, "retention_30s": 0.6},
        "source": {"from": "studio_export", "digest": "d", "line": 2}});
    let order = json!({"id": "2026-11-20#script", "channel": "demo", "kind": "script", "owner": "script", "metric": "avd_share", "reason": text, "baseline": 0.4,
        "basis": "prior", "videos": [], "values": [], "evidence": [], "issued": "2026-11-20", "expires": "2026-12-20", "outcome": {"outcome": "open"}});
    for (pk, sk, body) in [
        ("incidents", "2026-11-22T11:00:00Z#c", incident),
        ("kpi#demo", "video#v1", video),
        ("kpi#demo", "snapshot#2026-11-06#total#video:v1", figures),
        ("kpi#demo", "order#2026-11-20#script", order),
    ] {
        world.office.records.put(Item { pk: pk.into(), sk: sk.into(), body }, Condition::None).await.unwrap();
    }
    world.report(jiff::civil::date(2026, 11, 7)).await;
    world
}

const PAGES: [&str; 7] = [
    "/",
    "/runs",
    "/incidents",
    "/channels/demo",
    "/runs/20261122t115900-k3f9",
    "/channels/demo/reports",
    "/channels/demo/reports/week-2026-11-02",
];

/// Strings that try to become mark-up where pages put strangers' text: between tags, in quoted values, in titles, textareas,
/// addresses, and where encodings are undone twice.
fn attacks() -> Vec<String> {
    let carriers = [
        "<script>x()</script>",
        "<img src=x onerror=x()>",
        "<svg/onload=x()>",
        "<a href=javascript:x()>y</a>",
        "<iframe srcdoc=x>",
        "<math><mtext></form><form action=//e>",
    ];
    let openers = [
        "",
        "\">",
        "'>",
        "</title>",
        "</textarea>",
        "</option></select>",
        "-->",
        "</p></section></main>",
        "]]>",
        "\" autofocus onfocus=x() y=\"",
        "`>",
        "\u{0}",
        "\u{202e}",
        "\u{feff}",
        "{{ 7*7 }}",
        "{% if x %}",
        "&lt;",
        "%3C",
    ];
    let mut all: Vec<String> =
        openers.iter().flat_map(|opener| carriers.map(|carrier| format!("{opener}{carrier}"))).collect();
    all.extend([
        "&#60;script&#62;x()&#60;/script&#62;".into(),
        "\u{ff1c}script\u{ff1e}".into(),
        HOSTILE.into(),
        "𝕏 \u{1F600} ﷽ ٠١٢ ä\u{308}".into(),
    ]);
    all
}

#[tokio::test]
async fn strangers_text_adds_no_element_and_no_attribute() {
    let plain = world_of("plain").await;
    let mut before = BTreeMap::new();
    let mut anna = plain.signed_in("anna").await;
    for path in PAGES {
        before.insert(path, shape(&anna.get(path).await.text()));
    }
    // All of them in one text, and each class by itself: a text that swallows what follows must not hide the others.
    let all = attacks();
    let mut texts: Vec<String> = all.chunks(all.len().div_ceil(6)).map(|some| some.join(" ")).collect();
    texts.push(all.join("\n"));
    for text in texts {
        let world = world_of(&text).await;
        let mut anna = world.signed_in("anna").await;
        for path in PAGES {
            let page = anna.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            let html = page.text();
            assert_eq!(shape(&html), before[path], "{path} of {text}");
            assert!(!html.contains("<script>x()") && !html.contains("<img src=x"), "{path}");
        }
    }
    let shown = anna.get(PAGES[4]).await.text();
    assert!(shown.contains("&#60;img src=x onerror=y&#62;"), "a source row's cell is there to be read");
}

#[tokio::test]
async fn a_person_with_a_hostile_name_and_a_hostile_reason_are_text_too() {
    let world = World::new();
    world.demo().await;
    let mut odd = world.signed_in(HOSTILE).await;
    let mut plain = world.signed_in("nobody").await;
    assert_eq!(shape(&odd.get("/").await.text()), shape(&plain.get("/").await.text()));
    let hostile =
        format!("/runs?channel={}", url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>());
    assert_eq!(shape(&odd.get(&hostile).await.text()), shape(&plain.get("/runs?channel=x").await.text()));
}

#[tokio::test]
async fn every_number_of_the_script_opens_its_rows_and_formula() {
    let world = World::new();
    world.demo().await;
    let html = world.signed_in("vera").await.get(PAGES[4]).await.text();
    let page = Html::parse_document(&html);
    let select =
        |css: &str| page.select(&Selector::parse(css).unwrap()).map(|element| element.html()).collect::<Vec<_>>();
    let numbers = select("#script button.num[popovertarget='pop-f001']");
    assert!(numbers.len() >= 2, "{numbers:?}");
    let proof = select("#pop-f002").concat();
    for shown in ["v(to) − v(from)", "2026-01-01", "2.25", "differs", "metal / monthly, rows 1 to 3", "<td>12.5</td>"]
    {
        assert!(proof.contains(shown), "{shown}: {proof}");
    }
    // No id twice, and every target and anchor is there.
    let ids: Vec<String> =
        page.select(&Selector::parse("[id]").unwrap()).map(|element| element.attr("id").unwrap().to_owned()).collect();
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    for (css, attribute) in [
        ("[popovertarget]", "popovertarget"),
        ("a[href^='#']", "href"),
        ("label", "for"),
        ("[aria-labelledby]", "aria-labelledby"),
        ("[aria-describedby]", "aria-describedby"),
    ] {
        for element in page.select(&Selector::parse(css).unwrap()) {
            let target = element.attr(attribute).unwrap().trim_start_matches('#').to_owned();
            assert!(unique.contains(&target), "{css}: {target}");
        }
    }
    assert!(
        select("#diff ins mark").concat().is_empty() && select("#diff del mark").concat().contains("before"),
        "{:?}",
        select("#diff")
    );
    assert!(select("#timeline tbody tr").len() == 3 && select("img[width='168'][height='94']").len() == 1);
    assert!(html.contains("of 100 characters") && html.contains("of 5000 bytes"));
}

#[tokio::test]
async fn a_film_comes_in_the_parts_that_a_player_asks_for() {
    let world = World::new();
    world.episode(RUN, "demo", "Gold", "long").await;
    let mut anna = world.signed_in("anna").await;
    let path = format!("/runs/{RUN}/files/video.mp4");
    let whole = anna.get(&path).await;
    assert_eq!((whole.status, whole.body.len()), (StatusCode::OK, 9_000_000));
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("video/mp4", "bytes"));
    assert_eq!(whole.header("content-length"), "9000000");
    assert!(whole.header("content-security-policy").contains("sandbox"));
    let tag = whole.header("etag").to_owned();
    let ask = async |pairs: &[(&str, &str)]| {
        let request = pairs.iter().fold(Request::get(&path), |request, (name, value)| request.header(*name, *value));
        anna.clone().send(request, Body::empty()).await
    };
    for (range, first, last) in [
        ("bytes=0-", 0, 4_194_303),
        ("bytes=8999990-", 8_999_990, 8_999_999),
        ("bytes=100-199", 100, 199),
        ("bytes=262143-262145", 262_143, 262_145),
        ("bytes=-7", 8_999_993, 8_999_999),
        ("bytes=0-99999999", 0, 8_999_999),
    ] {
        let part = ask(&[("range", range)]).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {first}-{last}/9000000"));
        assert!(part.body == whole.body[first..=last], "{range}: other bytes");
        assert_eq!(part.header("content-length"), (last - first + 1).to_string());
    }
    let none = ask(&[("range", "bytes=9000000-")]).await;
    assert_eq!((none.status, none.header("content-range")), (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */9000000"));
    assert_eq!(ask(&[("range", "bytes=5-4")]).await.status, StatusCode::OK);
    assert_eq!(ask(&[("range", "bytes=0-9"), ("if-range", &tag)]).await.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(ask(&[("range", "bytes=0-9"), ("if-range", "\"other\"")]).await.status, StatusCode::OK);
    assert_eq!(ask(&[("if-none-match", &tag)]).await.status, StatusCode::NOT_MODIFIED);
    let mut vera = world.browser();
    assert_eq!(vera.get(&path).await.status, StatusCode::UNAUTHORIZED);
    let head = anna.send(Request::head(&path), Body::empty()).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (StatusCode::OK, "9000000", 0));
}

#[tokio::test]
async fn hostile_addresses_are_not_there() {
    let world = World::new();
    world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let names = [
        "nothing",
        "..",
        "%2e%2e",
        "..%2f..%2fstate.db",
        "%00",
        "%ff%fe",
        "%0d%0aset-cookie:x=y",
        "A",
        "run%23x",
        "head",
        "video.mp4%00.html",
        "%F0%9F%98%80",
        "secret.html",
        "'%20or%201=1--",
        "{{7*7}}".replace('{', "%7B").replace('}', "%7D").leak(),
        &"a".repeat(5000),
    ];
    for name in names {
        for path in [
            format!("/runs/{name}"),
            format!("/runs/{name}/files/video.mp4"),
            format!("/runs/{RUN}/files/{name}"),
            format!("/channels/{name}"),
            format!("/assets/{name}"),
            format!("/{name}/x"),
        ] {
            let answer = anna.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!answer.text().contains(name) || name.len() < 3 || ["nothing", "head"].contains(&name), "{path}");
        }
        let csrf = anna.csrf().await;
        let fields =
            [("csrf", csrf.as_str()), ("film", name), ("visibility", "public"), ("stage", "script"), ("reason", name)];
        for verb in ["approve", "reject"] {
            assert_eq!(anna.post(&format!("/runs/{name}/{verb}"), &fields).await.status, StatusCode::NOT_FOUND);
            assert_eq!(anna.post(&format!("/runs/{RUN}/{verb}"), &fields).await.status, StatusCode::CONFLICT);
        }
    }
    for query in ["?channel=a&channel=b", &format!("?{}", "a=&".repeat(100))] {
        assert_eq!(anna.get(&format!("/runs{query}")).await.status, StatusCode::BAD_REQUEST);
    }
    for cookie in
        ["proofreel=", "proofreel=x", "proofreel=A; proofreel=B", &format!("proofreel={}", "A".repeat(43)), "x", "=;;="]
    {
        let mut odd = support::Browser { cookie: cookie.into(), ..world.browser() };
        assert_eq!(odd.get("/").await.status, StatusCode::UNAUTHORIZED, "{cookie}");
    }
}

#[tokio::test]
async fn a_run_that_has_not_come_far_shows_what_there_is() {
    let world = World::new();
    world.demo().await;
    let records = &world.office.records;
    let mut head = records.get(&format!("run#{RUN}"), "head").await.unwrap().unwrap();
    head["artifacts"] = json!({});
    head["files"] = json!({});
    head["state"] = json!("failed");
    head["stage"] = json!("research");
    head["error"] = json!(HOSTILE);
    records
        .put(Item { pk: format!("run#{RUN}"), sk: "head".into(), body: head.clone() }, Condition::None)
        .await
        .unwrap();
    let mut anna = world.signed_in("anna").await;
    let page = anna.get(PAGES[4]).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(
        text.contains("failed at research") && text.contains("There is no film yet") && !text.contains("approve-form")
    );
    for path in ["/", "/runs"] {
        assert_eq!(anna.get(path).await.status, StatusCode::OK);
    }
    // Artifacts of another version are a refusal in words, not a fault of the console.
    head["artifacts"] = json!({"render": world.office.blobs.store("artifact", b"{}").await.unwrap()});
    records.put(Item { pk: format!("run#{RUN}"), sk: "head".into(), body: head }, Condition::None).await.unwrap();
    let page = anna.get(PAGES[4]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text().contains("was written by another version"));
}

#[tokio::test]
async fn a_report_is_for_whoever_may_see_its_channel() {
    let world = world_of("plain").await;
    let path = "/channels/demo/reports/week-2026-11-02";
    for who in ["otto", "anna", "vera"] {
        let mut person = world.signed_in(who).await;
        assert_eq!(person.get("/channels/demo/reports").await.status, StatusCode::OK, "{who}");
        let page = person.get(path).await;
        let html = page.text();
        assert!(page.status == StatusCode::OK && html.contains("<svg") && html.contains("Decisions needed"), "{who}");
        assert!(html.contains("href=\"/channels/demo/reports/week-2026-11-02/files/week-2026-11-02.txt\""));
        assert!(page.header("content-security-policy").contains("style-src 'self'") && !html.contains("style="));
        let file = person.get(&format!("{path}/files/week-2026-11-02.html")).await;
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
        assert!(file.header("content-disposition").starts_with("attachment;"), "no browser shows it as a page");
        assert!(file.text().contains("<!doctype html>"));
    }
    let mut olga = world.signed_in("olga").await;
    for path in ["/channels/demo/reports".to_owned(), path.to_owned(), format!("{path}/files/week-2026-11-02.txt")] {
        assert_eq!(olga.get(&path).await.status, StatusCode::NOT_FOUND, "{path} is another channel's");
        assert_eq!(world.browser().get(&path).await.status, StatusCode::UNAUTHORIZED);
    }
    let mut anna = world.signed_in("anna").await;
    for missing in ["week-2026-01-05", "Week", "..", "week-2026-11-02/files/other.txt"] {
        let answer = anna.get(&format!("/channels/demo/reports/{missing}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
    }
}
