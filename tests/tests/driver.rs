//! How the driver treats what stages do.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use proofreel_model::records::{RunState, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::DriverError;
use proofreel_tests::rehearsal::{Act, Play, order};
use proofreel_tests::stage_door::House;

#[tokio::test]
async fn a_run_without_trouble_is_one_row_a_stage() {
    let house = House::playing(Play::new());
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    assert_eq!(head.artifacts.keys().copied().collect::<Vec<_>>(), StageName::CHAIN);
    assert_eq!(head.files.keys().collect::<Vec<_>>(), ["video.mp4"]);
    let rows = house.rows(&head.run_id).await;
    assert_eq!(rows.iter().map(|row| row.stage).collect::<Vec<_>>(), StageName::CHAIN);
    assert!(
        rows.iter().all(|row| row.status == RunStatus::Success && row.attempts == 1 && row.error_summary.is_none())
    );
    let render = rows.last().unwrap();
    assert_eq!(
        render.input_refs,
        [&head.order, &head.artifacts[&StageName::Script], &head.artifacts[&StageName::Qa]].map(Clone::clone)
    );
    assert_eq!(render.output_refs, [&head.artifacts[&StageName::Render], &head.files["video.mp4"]].map(Clone::clone));
    assert!(house.artifact(&head, StageName::Script).ends_with("}\n"));
}

#[tokio::test]
async fn two_runs_of_one_order_give_the_same_bytes() {
    let house = House::playing(Play::new());
    let (one, two) = (house.produce().await, house.produce().await);
    assert_ne!(one.run_id, two.run_id);
    assert_eq!((one.artifacts, one.files), (two.artifacts, two.files));
}

#[tokio::test]
async fn runs_are_listed_newest_first() {
    let house = House::playing(Play::new());
    let mut started = Vec::new();
    for _ in 0..3 {
        started.push(house.produce().await.run_id);
        house.memory.pass(1500);
    }
    started.reverse();
    let listed: Vec<_> = house.runs().await.unwrap().into_iter().map(|head| head.run_id).collect();
    assert_eq!(listed, started);
}

#[tokio::test]
async fn a_failing_stage_is_tried_again_after_a_growing_wait() {
    let house = House::playing(Play::new().with(StageName::Research, 1, &[Act::Fail, Act::Fail, Act::Advance]));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    let log = house.log(&head.run_id).await;
    assert_eq!(log[2..5], ["research 1.1 retry error", "research 1.2 retry error", "research 1.3 success advance"]);
    let rows = house.rows(&head.run_id).await;
    assert_eq!((rows[2].error_summary.as_deref(), rows[4].metrics.retry_count), (Some("the line is down"), 2));
    let waits: Vec<i64> = rows[2..5]
        .windows(2)
        .map(|pair| pair[1].created_at.as_millisecond() - pair[0].created_at.as_millisecond())
        .collect();
    assert!((100..=200).contains(&waits[0]) && (200..=400).contains(&waits[1]), "{waits:?}");
}

#[tokio::test]
async fn running_out_of_time_is_recorded_and_is_no_failure() {
    // More often than a stage may fail; between two of them it fails once, which counts as one.
    let acts = [&[Act::OutOfTime; 4][..], &[Act::Fail], &[Act::OutOfTime; 2], &[Act::Advance]].concat();
    let house = House::playing(Play::new().with(StageName::Research, 1, &acts));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    let rows = house.rows(&head.run_id).await;
    assert_eq!(rows[2..9].iter().filter(|row| row.status == RunStatus::Retry).count(), 7);
    assert!(rows[2].error_summary.as_ref().unwrap().contains("ran out of time"), "{rows:?}");
    assert_eq!((rows[9].status, rows[9].attempts), (RunStatus::Success, 8));
}

#[tokio::test]
async fn a_stage_that_keeps_failing_fails_the_run_which_can_be_resumed() {
    let acts = [Act::Fail, Act::Panic, Act::Fail, Act::Advance];
    let house = House::playing(Play::new().with(StageName::Script, 1, &acts));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Failed { stage: StageName::Script, error: "the line is down".into() });
    house.driver.resume(&head.run_id, None).await.unwrap();
    let head = house.work(&head.run_id).await;
    assert_eq!(head.state, RunState::Done);
    let log = house.log(&head.run_id).await;
    let expected =
        ["script 1.1 retry error", "script 1.2 retry error", "script 1.3 failure error", "script 1.4 success advance"];
    assert_eq!(log[4..8], expected);
    let panic = &house.rows(&head.run_id).await[5];
    assert!(
        panic.error_summary.as_deref().unwrap().contains("panicked: the script stage was told to panic"),
        "{panic:?}"
    );
}

#[tokio::test]
async fn a_refusal_and_an_invalid_artifact_fail_at_once() {
    for (act, said) in [(Act::Refuse, "the input is wrong"), (Act::Invalid, "as_of")] {
        let house = House::playing(Play::new().with(StageName::Planner, 1, &[act]));
        let head = house.produce().await;
        let RunState::Failed { stage: StageName::Planner, error } = &head.state else { panic!("{:?}", head.state) };
        assert!(error.contains(said) && error.contains("hint:"), "{error}");
        assert_eq!(house.log(&head.run_id).await, ["planner 1.1 failure error"]);
        assert!(head.artifacts.is_empty());
    }
}

#[tokio::test]
async fn qa_sends_a_run_back_with_its_reasons() {
    let house = House::playing(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::SceneBuilder)]));
    let head = house.produce().await;
    assert_eq!((&head.state, head.rewrites), (&RunState::Done, 1));
    let expected = [
        "scene-builder 1.1 success advance",
        "script 1.1 success advance",
        "qa 1.1 success rewrite scene-builder",
        "scene-builder 2.1 success advance",
        "script 2.1 success advance",
        "qa 2.1 success advance",
        "render 1.1 success advance",
    ];
    assert_eq!(house.log(&head.run_id).await[3..], expected);
    // The rewritten script followed from its second visit; only the stage sent back to was told why.
    assert!(house.artifact(&head, StageName::Script).contains(" 2 [] 7"));
    let done = house.memory.snapshot().rows(&format!("run#{}", head.run_id), "done#");
    assert_eq!(done.len(), 10);
}

#[tokio::test]
async fn the_stage_sent_back_to_is_told_why() {
    let house = House::playing(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]));
    let head = house.produce().await;
    assert!(house.artifact(&head, StageName::Script).contains("visit 1 of qa is not good enough"));
}

#[tokio::test]
async fn rewrites_are_bounded_by_the_channel_and_then_a_person_decides() {
    let again = [Act::Rewrite(StageName::Script)];
    let play = Play::new().with(StageName::Qa, 1, &again).with(StageName::Qa, 2, &again).with(StageName::Qa, 3, &again);
    let house = House::playing(play);
    let head = house.produce().await;
    let RunState::Held { stage: StageName::Qa, reason } = &head.state else { panic!("{:?}", head.state) };
    assert!(reason.contains("rewrite 3") && reason.contains("allows 2"), "{reason}");
    assert!(reason.contains("visit 3 of qa"), "{reason}");
    assert_eq!(house.play.executions_of(StageName::Render, 1), 0);
    assert!(head.artifacts.contains_key(&StageName::Qa), "the last report is kept");
    assert_eq!(house.log(&head.run_id).await.last().unwrap(), "qa 3.1 success rewrite script");
    // Nothing moves before somebody says so; then the same rewrite goes on to its end.
    assert_eq!(house.driver.work_until_idle(&head.run_id).await.unwrap().state, head.state);
    house.driver.resume(&head.run_id, None).await.unwrap();
    let head = house.driver.work_until_idle(&head.run_id).await.unwrap();
    assert_eq!((&head.state, head.rewrites), (&RunState::Done, 3));
}

#[tokio::test]
async fn a_rewrite_of_a_later_stage_is_a_defect() {
    let house = House::playing(Play::new().with(StageName::Research, 1, &[Act::Rewrite(StageName::Script)]));
    let head = house.produce().await;
    assert!(
        matches!(&head.state, RunState::Failed { error, .. } if error.contains("does not come before")),
        "{:?}",
        head.state
    );
}

#[tokio::test]
async fn a_rejection_ends_the_run() {
    let house = House::playing(Play::new().with(StageName::Qa, 1, &[Act::Reject]));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Rejected { stage: StageName::Qa, reasons: vec!["not for us".into()] });
    assert_eq!(house.log(&head.run_id).await.last().unwrap(), "qa 1.1 success reject");
}

#[tokio::test]
async fn a_held_run_waits_until_it_is_resumed() {
    let house = House::playing(Play::new().with(StageName::Render, 1, &[Act::Hold, Act::Advance]));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Held { stage: StageName::Render, reason: "a person must look".into() });
    assert_eq!(house.log(&head.run_id).await.last().unwrap(), "render 1.1 skipped hold");
    house.driver.resume(&head.run_id, None).await.unwrap();
    assert_eq!(house.work(&head.run_id).await.state, RunState::Done);
}

#[tokio::test]
async fn a_run_stopped_on_the_way_ends_as_one_that_was_not() {
    let house = House::playing(Play::new());
    let straight = house.produce().await;
    let run = house.start(Some(StageName::Research)).await;
    assert_eq!(house.work(&run).await.state, RunState::Stopped { after: StageName::Research });
    assert_eq!(house.log(&run).await.len(), 3);
    house.driver.resume(&run, Some(StageName::Script)).await.unwrap();
    assert_eq!(house.work(&run).await.state, RunState::Stopped { after: StageName::Script });
    house.driver.resume(&run, None).await.unwrap();
    let head = house.work(&run).await;
    assert_eq!((&head.state, &head.artifacts, &head.files), (&RunState::Done, &straight.artifacts, &straight.files));
    assert_eq!(house.driver.resume(&run, None).await.unwrap().state, RunState::Done, "nothing is left to do");
}

#[tokio::test]
async fn resuming_a_run_that_is_under_way_does_not_double_it() {
    let house = House::playing(Play::new());
    let run = house.start(None).await;
    for _ in 0..3 {
        house.driver.resume(&run, None).await.unwrap();
        house.driver.step(&run).await.unwrap();
    }
    assert_eq!(house.work(&run).await.state, RunState::Done);
    assert_eq!(house.play.executions(), 7);
}

#[tokio::test]
async fn damage_in_storage_stops_the_run_before_the_stage_reads_it() {
    let house = House::playing(Play::new());
    let run = house.start(Some(StageName::SceneBuilder)).await;
    let head = house.work(&run).await;
    let scenes = head.artifacts[&StageName::SceneBuilder].key.clone();
    let good = house.memory.snapshot().blobs[scenes.as_str()].clone();
    house.memory.change(|world| _ = world.blobs.insert(scenes.as_str().into(), good[1..].into()));
    house.driver.resume(&run, None).await.unwrap();
    let RunState::Failed { stage: StageName::Script, error } = house.work(&run).await.state else {
        panic!("not noticed")
    };
    assert!(error.contains("damaged") && error.contains(&scenes) && error.contains("hint:"), "{error}");
    assert_eq!(house.play.executions_of(StageName::Script, 1), 0);
    // With the artifact back from a copy the run goes on.
    house.memory.change(|world| _ = world.blobs.insert(scenes.as_str().into(), good));
    house.driver.resume(&run, None).await.unwrap();
    assert_eq!(house.work(&run).await.state, RunState::Done);
}

#[tokio::test]
async fn a_message_that_no_worker_survives_fails_the_run() {
    let house = House::playing(Play::new());
    let run = house.start(None).await;
    let queue = house.driver.chain().queue(StageName::Planner, &run);
    for _ in 0..12 {
        let taken = house.driver.ports().queue.receive(&queue, 1, 900_000, 12).await.unwrap();
        assert_eq!(taken.len(), 1, "and the worker dies");
        house.memory.pass(900_000);
    }
    let head = house.work(&run).await;
    let RunState::Failed { error, .. } = &head.state else { panic!("{:?}", head.state) };
    assert!(error.contains("12 times") && error.contains("hint:"), "{error}");
    assert_eq!(house.log(&run).await, ["planner 1.1 failure error"]);
    house.driver.resume(&run, None).await.unwrap();
    assert_eq!(house.work(&run).await.state, RunState::Done);
}

#[tokio::test]
async fn what_cannot_be_read_is_parked_and_what_is_unknown_is_dropped() {
    let house = House::playing(Play::new());
    let run = house.start(None).await;
    let queue = house.driver.chain().queue(StageName::Planner, &run);
    house.driver.ports().queue.send(&queue, "{\"half\":", 0).await.unwrap();
    let stranger = house.memory.snapshot().queues[queue.as_str()][0].body.replace(run.as_str(), "20200101t000000-0000");
    house.driver.ports().queue.send(&queue, &stranger, 0).await.unwrap();
    assert_eq!(house.work(&run).await.state, RunState::Done);
    let parked = house.driver.ports().queue.receive(&format!("{queue}-dlq"), 9, 1000, 9).await.unwrap();
    assert_eq!(parked.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["{\"half\":"]);
    house.driver.ports().queue.delete(&format!("{queue}-dlq"), &parked[0].receipt).await.unwrap();
}

#[tokio::test]
async fn an_order_that_breaks_its_schema_is_not_started() {
    let house = House::playing(Play::new());
    let unknown = house.driver.resume(&"20200101t000000-0000".into(), None).await;
    assert!(matches!(unknown, Err(DriverError::NoSuchRun { .. })));
    let same = house.driver.start_as(&"mine".into(), &order(), Some(StageName::Planner)).await;
    assert!(same.is_ok());
    house.driver.start_as(&"mine".into(), &order(), Some(StageName::Planner)).await.unwrap();
    let other = proofreel_model::order::Order { seed: 8, ..order() };
    let refused = house.driver.start_as(&"mine".into(), &other, None).await;
    assert!(matches!(refused, Err(DriverError::BadOrder { .. })), "{refused:?}");
    house.work(&"mine".into()).await;
    assert_eq!(house.play.executions(), 1);
}
