//! What people do beside deciding: incidents, variants, working a run, the dossier; and what a damaged row does to lists.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use proofreel_console::{Hosts, Work, Works};
use proofreel_model::digest::Digest;
use proofreel_model::ids::RunId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_pipeline::incidents;
use proofreel_ports::{Condition, Item};
use proofreel_publishing::audit;
use serde_json::{Value, json};
use support::{Answer, Browser, NAMED, RUN, World, channel_file};

/// Keeps what it was asked to work.
#[derive(Default)]
struct Bench {
    begun: Mutex<Vec<(String, Option<String>)>>,
    now: Mutex<Option<Work>>,
}

impl Works for Bench {
    fn begin(&self, run: &RunId, editor: Option<&str>) {
        self.begun.lock().unwrap().push((run.to_string(), editor.map(str::to_owned)));
    }

    fn withdraw(&self, run: &RunId, who: &str) {
        self.begun.lock().unwrap().push((format!("hide {run}"), Some(who.to_owned())));
    }

    fn work(&self, _: &RunId) -> Option<Work> {
        self.now.lock().unwrap().clone()
    }
}

async fn incident(world: &World, cause: &str, channel: Option<&str>) -> String {
    let incident: Incident = serde_json::from_value(json!({
        "kind": "slo_breach", "cause": cause, "channel": channel, "what": format!("{cause} <b>broke</b>"),
        "created_at": world.office.clock.now(),
    }))
    .unwrap();
    let key = incidents::incident_key(&incident);
    incidents::put_incident(world.office.records.as_ref(), &key, &incident).await.unwrap();
    key
}

async fn kept(world: &World, key: &str) -> Incident {
    incidents::incident(world.office.records.as_ref(), key).await.unwrap().unwrap().incident
}

async fn post(browser: &mut Browser, path: &str, more: &[(&str, &str)]) -> Answer {
    let csrf = browser.csrf().await;
    let mut fields = vec![("csrf", csrf.as_str())];
    fields.extend_from_slice(more);
    browser.post(path, &fields).await
}

#[tokio::test]
async fn an_incident_is_taken_and_ended_by_whoever_may_with_its_link() {
    let world = World::new();
    world.demo().await;
    let (own, foreign, any) = (
        incident(&world, "own", Some("demo")).await,
        incident(&world, "far", Some("other")).await,
        incident(&world, "any", None).await,
    );
    let mut vera = world.signed_in("vera").await;
    let page = vera.get("/incidents").await.text();
    assert!(
        page.contains("own &#60;b&#62;broke") && !page.contains("far") && !page.contains("/incidents/take"),
        "{page}"
    );
    assert_eq!(post(&mut vera, "/incidents/take", &[("incident", &own)]).await.status, StatusCode::FORBIDDEN);
    let mut anna = world.signed_in("anna").await;
    assert!(
        anna.get("/incidents").await.text().contains(&own.replace('#', "&#35;"))
            || anna.get("/incidents").await.text().contains(&own)
    );
    for (key, status) in [
        (&foreign, StatusCode::NOT_FOUND),
        (&any, StatusCode::FORBIDDEN),
        (&"nothing".to_owned(), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(post(&mut anna, "/incidents/take", &[("incident", key)]).await.status, status, "{key}");
    }
    for _ in 0..2 {
        let answer = post(&mut anna, "/incidents/take", &[("incident", &own)]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, "/incidents"),
            "{}",
            answer.text()
        );
    }
    let taken = kept(&world, &own).await;
    assert_eq!(
        (taken.state, taken.owner.as_deref(), taken.timeline.len()),
        (IncidentState::Acknowledged, Some("anna"), 1)
    );
    let nothing = post(&mut anna, "/incidents/resolve", &[("incident", &own), ("resolution", "  ")]).await;
    assert!(
        nothing.status == StatusCode::CONFLICT && nothing.text().contains("the note is empty"),
        "{}",
        nothing.text()
    );
    let note = [("incident", own.as_str()), ("resolution", "mended <i>it</i>"), ("follow_up", "watch the disk")];
    let mut otto = world.signed_in("otto").await;
    assert_eq!(post(&mut otto, "/incidents/resolve", &note).await.status, StatusCode::SEE_OTHER);
    let over = kept(&world, &own).await;
    assert_eq!((over.state, over.owner.as_deref()), (IncidentState::Resolved, Some("otto")));
    assert_eq!(
        (over.resolution.as_deref(), over.follow_up.as_deref()),
        (Some("mended <i>it</i>"), Some("watch the disk"))
    );
    let again = post(&mut otto, "/incidents/resolve", &note).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "who was not told asks again: {}", again.text());
    let again = post(&mut anna, "/incidents/resolve", &note).await;
    assert!(again.status == StatusCode::CONFLICT && again.text().contains("this incident is over"), "{}", again.text());
    assert_eq!(post(&mut otto, "/incidents/take", &[("incident", &any)]).await.status, StatusCode::SEE_OTHER);
    let links = audit::links(world.office.records.as_ref(), Some(&own)).await.unwrap();
    let deeds: Vec<(&str, &str)> = links.iter().map(|link| (link.deed.who.as_str(), link.deed.what.as_str())).collect();
    assert_eq!(deeds, [("anna", "incident.take"), ("otto", "incident.resolve")]);
    assert_eq!(links[1].deed.detail["resolution"], "mended <i>it</i>");
    assert!(audit::verify(world.office.records.as_ref(), None).await.unwrap().faults.is_empty());
    assert!(anna.get("/incidents").await.text().contains("mended &#60;i&#62;it&#60;/i&#62;"));
    let without = anna.post("/incidents/take", &[("incident", any.as_str())]).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN, "no token of the session");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_hides_no_other() {
    let world = World::new();
    world.demo().await;
    for (run, channel) in [("broken", "demo"), ("foreign", "other")] {
        world.episode(run, channel, "Silver fell", "x").await;
        let body = json!({"run_id": run, "made": "by <b>another</b> version"});
        let item = Item { pk: format!("run#{run}"), sk: "head".into(), body };
        world.office.records.put(item, Condition::None).await.unwrap();
    }
    let item = Item { pk: "runs".into(), sk: "2026-11-22T12:00:00Z#odd".into(), body: json!({"no": "run"}) };
    world.office.records.put(item, Condition::None).await.unwrap();
    let mut anna = world.signed_in("anna").await;
    for path in ["/", "/runs", "/runs?channel=demo"] {
        let page = anna.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        let text = page.text();
        assert!(text.contains(RUN) && text.contains("id=\"unreadable\"") && text.contains("broken"), "{path}: {text}");
        assert!(!text.contains("foreign"), "{path}");
        assert_eq!(text.contains("#odd"), !path.contains('?'), "{path}");
    }
    assert_eq!(anna.get("/runs/broken").await.status, StatusCode::CONFLICT, "its own page says what is wrong");
    let page = anna.get("/runs").await.text();
    assert!(page.contains("5 of 7 stages done"), "the stages of a run stand on its line: {page}");
}

/// The head of the run as it is stored.
async fn head(world: &World, change: impl FnOnce(&mut Value)) {
    let mut head = world.office.records.get(&format!("run#{RUN}"), "head").await.unwrap().unwrap();
    change(&mut head);
    let item = Item { pk: format!("run#{RUN}"), sk: "head".into(), body: head };
    world.office.records.put(item, Condition::None).await.unwrap();
}

#[tokio::test]
async fn what_is_sent_back_is_worked_behind_the_page_which_says_so() {
    let world = World::new();
    let film = world.demo().await;
    let bench = Arc::new(Bench::default());
    let router = world.console_with(Hosts::Loopback, true, Some(Arc::clone(&bench) as _));
    let mut anna = Browser { router, ..world.signed_in("anna").await };
    let page = format!("/runs/{RUN}");
    let fields = [("film", film.0.as_str()), ("stage", "script"), ("reason", "weak")];
    assert_eq!(post(&mut anna, &format!("{page}/reject"), &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(*bench.begun.lock().unwrap(), [(RUN.to_owned(), None)]);
    let look = async |now: Option<Work>, browser: &mut Browser| {
        *bench.now.lock().unwrap() = now;
        browser.get(&page).await.text()
    };
    let text = look(Some(Work::Runs), &mut anna).await;
    assert!(text.contains("It is being made here: at script now.") && text.contains("data-look-again"), "{text}");
    assert!(!text.contains("work-form"));
    assert!(look(Some(Work::Waits), &mut anna).await.contains("waits at script until another run is made"));
    let text = look(Some(Work::Failed("no <b>room</b>".into())), &mut anna).await;
    assert!(text.contains("no &#60;b&#62;room") && text.contains("work-form") && !text.contains("data-look-again"));
    let text = look(None, &mut anna).await;
    assert!(text.contains("nobody works it here") && text.contains(&format!("proofreel produce --resume {RUN}")));
    assert_eq!(post(&mut anna, &format!("{page}/work"), &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bench.begun.lock().unwrap().len(), 2);
    // In the cloud nobody works behind the page, and nothing is to be typed.
    let mut cloud = world.signed_in("anna").await;
    let text = cloud.get(&page).await.text();
    assert!(text.contains("The functions go on by themselves") && !text.contains("--resume"), "{text}");
    assert_eq!(post(&mut cloud, &format!("{page}/work"), &[]).await.status, StatusCode::CONFLICT);
    head(&world, |head| head["state"] = "done".into()).await;
    assert!(!anna.get(&page).await.text().contains("id=\"work\""), "nothing is said of a run at rest");
    assert_eq!(post(&mut anna, &format!("{page}/work"), &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_operator_takes_a_published_film_back_and_gets_the_correction_to_post() {
    let world = World::new();
    let film = world.demo().await;
    let bench = Arc::new(Bench::default());
    let router = world.console_with(Hosts::Loopback, true, Some(Arc::clone(&bench) as _));
    let page = format!("/runs/{RUN}");
    let mut anna = Browser { router: router.clone(), ..world.signed_in("anna").await };
    let fields = [("film", film.0.as_str()), ("visibility", "public")];
    assert_eq!(post(&mut anna, &format!("{page}/approve"), &fields).await.status, StatusCode::SEE_OTHER);
    let text = anna.get(&page).await.text();
    assert!(text.contains(&format!("proofreel publish {RUN}")) && !text.contains("retract-form"), "{text}");
    let publication = async |change: &dyn Fn(&mut Value)| {
        let mut row = world.office.records.get("publication#demo", RUN).await.unwrap().unwrap();
        change(&mut row);
        let item = Item { pk: "publication#demo".into(), sk: RUN.into(), body: row };
        world.office.records.put(item, Condition::None).await.unwrap();
    };
    // As a publisher leaves it.
    publication(&|row| {
        for (name, value) in [("state", "published"), ("step", "public"), ("video", "v1"), ("host", "folder")] {
            row[name] = value.into();
        }
    })
    .await;
    let back = format!("{page}/retract");
    let reason = [("reason", "the year is <b>wrong</b>")];
    for who in ["vera", "anna"] {
        let mut browser = Browser { router: router.clone(), ..world.signed_in(who).await };
        assert!(!browser.get(&page).await.text().contains("retract-form"), "{who}");
        assert_eq!(post(&mut browser, &back, &reason).await.status, StatusCode::FORBIDDEN, "{who}");
    }
    let mut otto = Browser { router: router.clone(), ..world.signed_in("otto").await };
    assert!(otto.get(&page).await.text().contains("retract-form"));
    assert_eq!(post(&mut otto, &back, &[("reason", " ")]).await.status, StatusCode::CONFLICT);
    assert!(bench.begun.lock().unwrap().is_empty(), "nothing came of all that");
    assert_eq!(post(&mut otto, &back, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(*bench.begun.lock().unwrap(), [(format!("hide {RUN}"), Some("otto".to_owned()))]);
    let text = otto.get(&page).await.text();
    assert!(text.contains("It is being hidden") && !text.contains("retract-form"), "{text}");
    assert!(
        text.contains("Correction, 2026-11-22") && text.contains("the year is &#60;b&#62;wrong&#60;/b&#62;"),
        "{text}"
    );
    let links = audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap();
    let link = &links.last().unwrap().deed;
    assert_eq!((link.who.as_str(), link.what.as_str()), ("otto", "retract"));
    assert_eq!(link.detail["reason"], "the year is <b>wrong</b>");
    // Pressed again, it is hidden again and written once; once it is hidden, nobody works.
    assert_eq!(post(&mut otto, &back, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bench.begun.lock().unwrap().len(), 2);
    publication(&|row| row["retraction"]["done"] = true.into()).await;
    assert_eq!(post(&mut otto, &back, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bench.begun.lock().unwrap().len(), 2);
    assert_eq!(audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap().len(), links.len());
    assert!(otto.get(&page).await.text().contains("It is private now."));
}

#[tokio::test]
async fn a_viewer_neither_works_a_run_nor_picks_what_leads() {
    let world = World::new();
    world.demo().await;
    let page = format!("/runs/{RUN}");
    let bench = Arc::new(Bench::default());
    let router = world.console_with(Hosts::Loopback, true, Some(Arc::clone(&bench) as _));
    let mut otto = Browser { router: router.clone(), ..world.signed_in("otto").await };
    let text = otto.get(&page).await.text();
    assert!(
        text.contains("id=\"pick-form\"") && text.contains("name=\"title_variant\"") && text.contains("leads now"),
        "{text}"
    );
    head(&world, |head| {
        head["state"] = "running".into();
        head["stage"] = "script".into();
    })
    .await;
    for who in ["vera", "anna"] {
        let mut browser = Browser { router: router.clone(), ..world.signed_in(who).await };
        let text = browser.get(&page).await.text();
        assert!(!text.contains("pick-form") && text.contains("work-form") == (who == "anna"), "{who}");
        let picked = post(&mut browser, &format!("{page}/edit"), &[("thumbnail", "number")]).await;
        assert_ne!(picked.status, StatusCode::SEE_OTHER, "{who}");
        let worked = post(&mut browser, &format!("{page}/work"), &[]).await.status;
        assert_eq!(worked, if who == "anna" { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN }, "{who}");
    }
    assert_eq!(bench.begun.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_changed_channel_file_is_a_link_before_anybody_decides_under_it() {
    let world = World::new();
    let film = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let approve = async |browser: &mut Browser, film: &Digest| {
        let fields = [("film", film.0.as_str()), ("visibility", "unlisted")];
        post(browser, &format!("/runs/{RUN}/approve"), &fields).await.status
    };
    assert_eq!(approve(&mut anna, &film).await, StatusCode::SEE_OTHER);
    let changes = async || {
        let links = audit::links(world.office.records.as_ref(), Some("demo")).await.unwrap();
        links.into_iter().filter(|link| link.deed.what == "config.changed").collect::<Vec<_>>()
    };
    assert!(changes().await.is_empty(), "the first sight is no change");
    world.channels(vec![channel_file(
        "demo",
        "Demo",
        &format!("{}\ntwo_persons = true", NAMED.replace("\"abel\"", "\"eve\"")),
    )]);
    let mut eve = world.signed_in("eve").await;
    eve.get("/").await;
    assert!(changes().await.is_empty(), "looking writes nothing");
    let fields = [("film", film.0.as_str()), ("stage", "script"), ("reason", "weak")];
    assert_eq!(post(&mut eve, &format!("/runs/{RUN}/reject"), &fields).await.status, StatusCode::SEE_OTHER);
    let told = changes().await;
    assert_eq!(told.len(), 1);
    let changed = &told[0].deed.detail["changed"];
    assert_eq!(changed["publishing.two_persons"], json!([null, true]));
    assert_eq!(changed["publishing.approvers"], json!([["anna", "abel"], ["anna", "eve"]]));
    let rejected = audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap().pop().unwrap();
    assert!(
        rejected.deed.what == "reject" && rejected.number > told[0].number,
        "first what changed, then the decision"
    );
    assert!(audit::verify(world.office.records.as_ref(), None).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn the_dossier_is_a_file_with_everything_that_an_appeal_needs() {
    let world = World::new();
    world.demo().await;
    let mut vera = world.signed_in("vera").await;
    let answer = vera.get(&format!("/runs/{RUN}/dossier")).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "application/json"),
        "{}",
        answer.text()
    );
    assert!(answer.header("content-disposition").contains(&format!("dossier-{RUN}.json")));
    let dossier: Value = serde_json::from_slice(&answer.body).unwrap();
    for member in
        ["sources", "licences", "facts", "gate", "sameness", "law", "decisions", "packages", "authors", "bundled"]
    {
        assert!(!dossier[member].is_null() || member == "authors", "{member}");
    }
    assert!(
        dossier["packages"][0]["digest"].as_str().is_some_and(|digest| digest.len() == 64),
        "{}",
        dossier["packages"]
    );
    assert!(vera.get(&format!("/runs/{RUN}")).await.text().contains("dossier-link"));
    let mut olga = world.signed_in("olga").await;
    assert_eq!(olga.get(&format!("/runs/{RUN}/dossier")).await.status, StatusCode::NOT_FOUND);
}
