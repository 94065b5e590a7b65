//! Drafts, and who may enter the stages that act on the outside world.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use proofreel_model::ids::RunId;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_tests::rehearsal::{Act, Play, order};
use proofreel_tests::stage_door::House;
use serde_json::{Value, json};

#[tokio::test]
async fn a_draft_is_written_in_one_pass_and_logged_stage_by_stage() {
    let play = Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]).with(
        StageName::Research,
        1,
        &[Act::Fail, Act::Advance],
    );
    let house = House::playing(play);
    let head = house.driver.draft(&order()).await.unwrap();
    assert!(head.draft && head.state == RunState::Done, "{head:?}");
    assert_eq!(house.memory.snapshot().sent, 0, "no message is sent");
    assert_eq!(head.artifacts.len(), 6);
    assert!(house.artifact(&head, StageName::Script).contains("\"draft\": true"));
    let rows = house.rows(&head.run_id).await;
    assert!(rows.iter().all(|row| row.draft));
    assert_eq!(rows.len(), 9, "six stages, a retry, and script and qa again");
    assert_eq!(house.play.executions_of(StageName::Render, 1), 0);
    let resumed = house.driver.resume(&head.run_id, None).await.unwrap();
    assert_eq!(resumed.state, RunState::Done, "there is nothing to go on to");
}

#[tokio::test]
async fn a_draft_that_was_killed_is_finished_from_the_queue() {
    let house = House::playing(Play::new());
    let order = order();
    // Long enough for some stages, not for all.
    let mut draft = Box::pin(house.driver.draft(&order));
    for _ in 0..80 {
        assert!(futures::poll!(&mut draft).is_pending());
    }
    drop(draft);
    let run = house.runs().await.unwrap()[0].run_id.clone();
    house.driver.resume(&run, None).await.unwrap();
    let head = house.work(&run).await;
    assert!(head.draft && head.state == RunState::Done, "{head:?}");
    assert_eq!(house.play.executions_of(StageName::Render, 1), 0);
}

/// Changes what the run waits for, as somebody with write access to the table could.
fn forge(house: &House, run: &RunId, forge: impl Fn(&mut Value)) {
    house.memory.change(|world| {
        let key = (format!("run#{run}").into(), "head".into());
        let mut head = Value::clone(&world.records[&key]);
        forge(&mut head);
        world.records.insert(key, std::sync::Arc::new(head));
    });
}

async fn refused(house: &House, run: &RunId, said: &str) {
    let RunState::Failed { stage: StageName::Render, error } = house.work(run).await.state else { panic!("let in") };
    assert!(error.contains(said) && error.contains("hint:"), "{error}");
    assert_eq!(house.play.executions_of(StageName::Render, 1), 0, "the stage never ran");
}

#[tokio::test]
async fn ops_refuse_a_draft_even_when_its_head_is_forged() {
    let house = House::playing(Play::new());
    let head = house.driver.draft(&order()).await.unwrap();
    let message = json!({
        "run": head.run_id, "channel": head.channel, "stage": "render", "visit": 1, "order": head.order,
        "artifacts": head.artifacts,
    });
    forge(&house, &head.run_id, |row| {
        row["state"] = "running".into();
        row["stage"] = "render".into();
        row["draft"] = false.into();
        row["message"] = message.clone();
    });
    refused(&house, &head.run_id, "refuses a draft").await;
}

#[tokio::test]
async fn ops_refuse_a_script_that_qa_did_not_judge() {
    let house = House::playing(Play::new());
    let run = house.start(Some(StageName::Qa)).await;
    house.work(&run).await;
    // Another script, valid in itself and stored under its own digest.
    let other = house
        .driver
        .start(&proofreel_model::order::Order { seed: 8, ..order() }, Some(StageName::Script))
        .await
        .unwrap();
    let script = house.work(&other).await.artifacts[&StageName::Script].clone();
    forge(&house, &run, |row| row["message"]["artifacts"]["script"] = json!(script));
    house.driver.resume(&run, None).await.unwrap();
    refused(&house, &run, "QA judged the script").await;
}

#[tokio::test]
async fn ops_refuse_an_episode_without_a_passing_verdict() {
    for verdict in [
        json!({"decision": "reject", "reasons": ["no"]}),
        json!({"decision": "rewrite", "stage": "script", "reasons": []}),
    ] {
        let house = House::playing(Play::new());
        let run = house.start(Some(StageName::Qa)).await;
        let head = house.work(&run).await;
        let mut report: Value = serde_json::from_str(&house.artifact(&head, StageName::Qa)).unwrap();
        report["verdict"] = verdict;
        let bytes = proofreel_model::digest::canonical_json(&report).unwrap();
        let blob = house.driver.ports().blobs.store("artifact", &bytes).await.unwrap();
        forge(&house, &run, |row| row["message"]["artifacts"]["qa"] = json!(blob));
        house.driver.resume(&run, None).await.unwrap();
        refused(&house, &run, "QA did not pass").await;
    }
    let house = House::playing(Play::new());
    let run = house.start(Some(StageName::Qa)).await;
    house.work(&run).await;
    forge(&house, &run, |row| _ = row["message"]["artifacts"].as_object_mut().unwrap().remove("qa"));
    house.driver.resume(&run, None).await.unwrap();
    refused(&house, &run, "without a verdict").await;
}

#[tokio::test]
async fn a_forged_message_changes_nothing_about_what_the_stage_reads() {
    let house = House::playing(Play::new());
    let run = house.start(Some(StageName::Qa)).await;
    house.work(&run).await;
    let forged = json!({
        "run": run, "channel": "other", "stage": "render", "visit": 1, "order": {"key": "x", "digest": "x", "bytes": 1}, "artifacts": {},
    });
    let queue = house.driver.chain().queue(StageName::Render, &run);
    house.driver.ports().queue.send(&queue, &forged.to_string(), 0).await.unwrap();
    assert_eq!(
        house.driver.handle(&forged.to_string()).await.unwrap(),
        proofreel_pipeline::Handled::Stale,
        "the run is stopped"
    );
    house.driver.resume(&run, None).await.unwrap();
    let head = house.work(&run).await;
    assert_eq!((head.state, head.channel.as_str()), (RunState::Done, "rehearsal"));
}
