//! Approving and rejecting by the page's forms.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use axum::http::StatusCode;
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::digest::Digest;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_pipeline::run_head;
use proofreel_publishing::{ApprovalWay, Publication, PublishState, audit};
use support::{Answer, Browser, RUN, World, channel_file};

async fn approve(browser: &mut Browser, run: &str, film: &Digest, more: &[(&str, &str)]) -> Answer {
    let csrf = browser.csrf().await;
    let mut fields = vec![("csrf", csrf.as_str()), ("film", film.0.as_str()), ("visibility", "unlisted")];
    fields.extend_from_slice(more);
    browser.post(&format!("/runs/{run}/approve"), &fields).await
}

async fn reject(browser: &mut Browser, film: &Digest, stage: &str, reason: &str) -> Answer {
    let csrf = browser.csrf().await;
    let fields = [("csrf", csrf.as_str()), ("film", &film.0), ("stage", stage), ("reason", reason)];
    browser.post(&format!("/runs/{RUN}/reject"), &fields).await
}

async fn row(world: &World) -> Option<Publication> {
    world.office.ledger().of(&"demo".into(), &RUN.into()).await.unwrap()
}

#[tokio::test]
async fn an_approval_names_the_film_and_leaves_its_link() {
    let world = World::new();
    let film = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    let page = anna.get(&format!("/runs/{RUN}")).await.text();
    assert!(page.contains(&film.0) && page.contains("awaiting approval") && page.contains("id=\"reject-form\""));
    assert!(anna.get("/").await.text().contains("1 film waits"));
    let answer = approve(&mut anna, RUN, &film, &[("publish_at", "2026-12-01T16:00")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.header("location"), format!("/runs/{RUN}#decision"));
    let row = row(&world).await.unwrap();
    let approval = row.approval.as_ref().unwrap();
    assert_eq!((row.state, approval.by.as_str(), approval.way), (PublishState::Approved, "anna", ApprovalWay::Console));
    assert_eq!((approval.visibility, &approval.film), (Visibility::Unlisted, &film));
    assert_eq!(approval.publish_at, Some("2026-12-01T16:00:00Z".parse::<Timestamp>().unwrap()));
    let links = audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap();
    assert_eq!((links.len(), links[0].deed.what.as_str(), links[0].deed.who.as_str()), (1, "approve", "anna"));
    assert!(audit::verify(world.office.records.as_ref(), None).await.unwrap().faults.is_empty());
    let page = anna.get(&format!("/runs/{RUN}")).await.text();
    assert!(page.contains("anna approved film") && page.contains(links[0].digest.short()));
    assert!(anna.get("/").await.text().contains("Nothing waits for a decision"));
    // The same form once more changes nothing.
    approve(&mut anna, RUN, &film, &[("publish_at", "2026-12-01T16:00")]).await;
    assert_eq!(audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_film_that_changed_behind_the_page_is_not_decided_about_and_voids_what_was() {
    let world = World::new();
    let seen = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    assert_eq!(approve(&mut anna, RUN, &seen, &[]).await.status, StatusCode::SEE_OTHER);
    let now = world.episode(RUN, "demo", "Gold rose", "second").await;
    assert_ne!(seen, now);
    let page = anna.get(&format!("/runs/{RUN}")).await.text();
    assert!(page.contains("this approval is void") && page.contains("awaiting approval") && page.contains(&now.0));
    for answer in [approve(&mut anna, RUN, &seen, &[]).await, reject(&mut anna, &seen, "script", "no").await] {
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text().contains("the film is another one than that of your page"));
    }
    assert_eq!(row(&world).await.unwrap().approval.unwrap().film, seen);
    assert_eq!(approve(&mut anna, RUN, &now, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(row(&world).await.unwrap().approval.unwrap().film, now);
    // The first digits are enough for the command, never for a form.
    let short = Digest(now.0[..8].to_owned());
    assert_eq!(approve(&mut anna, RUN, &short, &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_rejection_carries_its_reason_to_the_stage_at_fault() {
    let world = World::new();
    let film = world.demo().await;
    let mut anna = world.signed_in("anna").await;
    assert_eq!(reject(&mut anna, &film, "script", " ").await.status, StatusCode::CONFLICT, "no reason");
    assert_eq!(reject(&mut anna, &film, "editor", "weak").await.status, StatusCode::BAD_REQUEST, "no such stage");
    let answer = reject(&mut anna, &film, "script", "the hook <b>is</b> weak").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let row = row(&world).await.unwrap();
    let rejection = row.rejection.unwrap();
    assert_eq!((row.state, rejection.stage), (PublishState::Rejected, StageName::Script));
    assert_eq!(rejection.reason, "the hook <b>is</b> weak");
    let head = run_head(world.office.records.as_ref(), &RUN.into()).await.unwrap();
    assert_eq!(head.state, RunState::Running { stage: StageName::Script });
    let stored = world.office.records.get(&format!("run#{RUN}"), "head").await.unwrap().unwrap();
    let kept = stored["message"]["artifacts"].as_object().unwrap();
    assert!(kept.contains_key("research") && !kept.contains_key("render"), "the film is to be made anew");
    let reasons = stored["message"]["reasons"].to_string();
    assert!(reasons.contains("anna rejected the film: the hook <b>is</b> weak"), "{reasons}");
    let page = anna.get(&format!("/runs/{RUN}")).await.text();
    assert!(page.contains("sent film") && page.contains("&#60;b&#62;is&#60;/b&#62;") && !page.contains("<b>"));
    assert!(!page.contains("approve-form"), "nothing is finished now");
    // Whoever was not told so sends the same form again.
    let again = reject(&mut anna, &film, "script", "the hook <b>is</b> weak").await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text());
    assert_eq!(audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap().len(), 1);
    assert_eq!(run_head(world.office.records.as_ref(), &RUN.into()).await.unwrap().rewrites, head.rewrites);
}

#[tokio::test]
async fn a_rejected_film_whose_run_is_finished_all_the_same_is_sent_back_by_the_form() {
    let world = World::new();
    let film = world.demo().await;
    let candidate = world.office.candidate(&RUN.into()).await.unwrap();
    let desk = world.office.desk();
    desk.reject(&candidate, ("anna", false), "the hook is weak", StageName::Script, &[]).await.unwrap();
    let mut anna = world.signed_in("anna").await;
    let page = anna.get(&format!("/runs/{RUN}")).await.text();
    assert!(page.contains("id=\"reject-form\"") && !page.contains("id=\"approve-form\""));
    let answer = reject(&mut anna, &film, "script", "the hook is weak").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let head = run_head(world.office.records.as_ref(), &RUN.into()).await.unwrap();
    assert_eq!(head.state, RunState::Running { stage: StageName::Script });
    assert_eq!(audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_may_not_sees_no_form_and_is_refused_all_the_same() {
    let world = World::new();
    let film = world.demo().await;
    let foreign = world.episode("other-run", "other", "Silver fell", "x").await;
    for (who, status) in [("vera", StatusCode::FORBIDDEN), ("otto", StatusCode::FORBIDDEN)] {
        let mut browser = world.signed_in(who).await;
        let page = browser.get(&format!("/runs/{RUN}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text().contains("approve-form") && page.text().contains("Who may approve: anna, abel"));
        let answer = approve(&mut browser, RUN, &film, &[]).await;
        assert_eq!(answer.status, status);
        assert!(answer.text().contains("may not approve on channel demo"), "{}", answer.text());
        assert_eq!(reject(&mut browser, &film, "script", "no").await.status, StatusCode::FORBIDDEN);
    }
    // Another channel's run is not there at all.
    let mut anna = world.signed_in("anna").await;
    assert_eq!(anna.get("/runs/other-run").await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.get("/channels/other").await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.get("/runs/other-run/files/video.mp4").await.status, StatusCode::NOT_FOUND);
    assert_eq!(approve(&mut anna, "other-run", &foreign, &[]).await.status, StatusCode::NOT_FOUND);
    let list = anna.get("/runs").await.text();
    assert!(list.contains(RUN) && !list.contains("other-run"));
    assert!(row(&world).await.is_none());
}

#[tokio::test]
async fn two_persons_means_two_on_the_page_too() {
    let world = World::new();
    world.channels(vec![channel_file(
        "demo",
        "Demo",
        "operators = [\"otto\"]\napprovers = [\"anna\", \"otto\"]\ntwo_persons = true",
    )]);
    let film = world.demo().await;
    let candidate = world.office.candidate(&RUN.into()).await.unwrap();
    world.office.desk().offer(&candidate, "otto", &proofreel_publishing::Governance::Unmeasured).await.unwrap();
    let mut otto = world.signed_in("otto").await;
    let answer = approve(&mut otto, RUN, &film, &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("the channel demands two persons"));
    let mut anna = world.signed_in("anna").await;
    assert_eq!(approve(&mut anna, RUN, &film, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn of_decisions_at_the_same_moment_the_chain_keeps_one() {
    let world = World::new();
    let film = world.demo().await;
    let (anna, abel) = (world.signed_in("anna").await, world.signed_in("abel").await);
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (mut browser, film) = (if n % 2 == 0 { anna.clone() } else { abel.clone() }, film.clone());
            tokio::spawn(async move { approve(&mut browser, RUN, &film, &[]).await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::SEE_OTHER);
    }
    let links = audit::links(world.office.records.as_ref(), Some(RUN)).await.unwrap();
    assert_eq!(links.len(), 1, "{links:?}");
    assert_eq!(row(&world).await.unwrap().approval.unwrap().by, links[0].deed.who);

    // An approval and a rejection at once: the rejection has the last word, whichever came first.
    let world = World::new();
    let film = world.demo().await;
    let (mut anna, mut abel) = (world.signed_in("anna").await, world.signed_in("abel").await);
    let (yes, no) = tokio::join!(approve(&mut anna, RUN, &film, &[]), reject(&mut abel, &film, "script", "wrong year"));
    assert_eq!(no.status, StatusCode::SEE_OTHER);
    assert!([StatusCode::SEE_OTHER, StatusCode::CONFLICT].contains(&yes.status), "{}", yes.status);
    assert_eq!(row(&world).await.unwrap().state, PublishState::Rejected);
    assert!(audit::verify(world.office.records.as_ref(), None).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn the_words_are_an_operators_and_what_the_gate_refuses_stays_in_the_form() {
    let world = World::new();
    world.demo().await;
    let path = format!("/runs/{RUN}/edit");
    for who in ["anna", "vera"] {
        let mut browser = world.signed_in(who).await;
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text().contains("edit-form") && page.text().contains("Only an operator"), "{who}");
        let csrf = browser.csrf().await;
        let answer = browser.post(&path, &[("csrf", &csrf), ("title", "Mine")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who}: {}", answer.text());
    }
    let mut otto = world.signed_in("otto").await;
    let page = otto.get(&path).await.text();
    assert!(page.contains("edit-form") && page.contains("scene-s01"), "{page}");
    assert!(otto.get(&format!("/runs/{RUN}")).await.text().contains("edit-link"));
    let csrf = otto.csrf().await;
    let variant = otto.post(&path, &[("csrf", csrf.as_str()), ("thumbnail", "x")]).await;
    assert_eq!(variant.status, StatusCode::BAD_REQUEST);
    let fields = [("csrf", csrf.as_str()), ("title", "Gold rose by 99 percent <b>now</b>")];
    let answer = otto.post(&path, &fields).await;
    assert!(!answer.status.is_success() && !answer.status.is_server_error(), "{}", answer.status);
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        let text = answer.text();
        assert!(text.contains("id=\"reasons\"") && text.contains("99 percent &#60;b&#62;now&#60;/b&#62;"), "{text}");
    }
    assert!(row(&world).await.is_none(), "nothing was changed");
    let stranger = world.browser().get(&path).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
